"""What a store is opened with: texts, paths, and the secrets of its login, from a file or a variable that the spec names."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from mailwright.stores.interface import Settings, StoreError, missing, quiet

CANARY = "canary-1f2e3d"


def settings(folder: Path, values: dict[str, Any], environment: dict[str, str], hidden: list[str]) -> Settings:
    return Settings("team", values, folder, environment, 1.0, hidden.append)


def test_texts_and_paths(tmp_path: Path) -> None:
    found = settings(tmp_path, {"a": "b", "n": 5, "folder": "held"}, {}, [])
    assert (found.text("a"), found.text("a", "c"), found.text("n"), found.text("x"), found.text("x", "c")) == (
        "b",
        "b",
        "",
        "",
        "c",
    )
    assert (found.path("folder"), found.path("none"), found.path("n")) == (tmp_path / "held", None, None)


def test_where_a_secret_of_the_login_comes_from(tmp_path: Path) -> None:
    (tmp_path / "file").write_text(f" {CANARY}-file\n", encoding="utf-8")
    given = {"OWN": f"{CANARY}-own ", "USUAL": f"{CANARY}-usual"}
    default = str(tmp_path / "file")
    for values, environment, words, wanted in (
        ({"token_file": "file"}, given, {"variable": "USUAL"}, "file"),
        ({"token_file": "file", "token_env": "OWN"}, given, {}, "file"),
        ({"token_env": "OWN"}, given, {"variable": "USUAL", "file": default}, "own"),
        ({}, given, {"variable": "USUAL", "file": default}, "usual"),
        ({}, {}, {"variable": "USUAL", "file": default}, "file"),
        ({}, given, {"file": default}, "file"),
    ):
        hidden: list[str] = []
        assert settings(tmp_path, values, environment, hidden).secret("token", **words) == f"{CANARY}-{wanted}"
        assert hidden == [f"{CANARY}-{wanted}"]


def test_a_secret_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    (tmp_path / "binary").write_bytes(b"\xff")
    none = "needs `token` for the login, and there is none"
    for values, words, why, hint in (
        ({}, {}, none, "set `token_env` or `token_file`"),
        ({}, {"variable": "USUAL"}, none, "set the variable USUAL"),
        ({"token_env": "OWN"}, {"variable": "USUAL"}, none, "set the variable OWN"),
        ({"token_file": "empty"}, {}, none, "the file is empty"),
        ({"token_file": "nowhere"}, {}, "needs a file that cannot be read: `token_file`", None),
        ({"token_file": "binary"}, {}, "needs a file that cannot be read: `token_file`", None),
    ):
        hidden: list[str] = []
        with pytest.raises(StoreError) as caught:
            settings(tmp_path, values, {}, hidden).secret("token", **words)
        assert (caught.value.why, caught.value.hint, caught.value.said, caught.value.temporary) == (why, hint, "", False)
        assert hidden == []


def test_a_library_that_is_not_there() -> None:
    error = missing("hvac", "vault")
    assert (error.why, error.temporary) == ("needs hvac, which is not installed", False)
    assert error.hint is not None
    assert "hvac" in error.hint


def test_libraries_that_log_nothing(caplog: pytest.LogCaptureFixture) -> None:
    quiet("mailwright.of.the.moon", "mailwright.of.mars")
    for name in ("mailwright.of.the.moon", "mailwright.of.mars", "mailwright.of.venus"):
        logging.getLogger(name).critical(name)
    assert caplog.messages == ["mailwright.of.venus"]
