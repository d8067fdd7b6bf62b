"""The folder that `render -o` writes: who may read its files, what of them is told, and what stands in the way."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands import Run
from mailwright.base import atomic
from mailwright.base.errors import UnsafeToWrite
from mailwright.product.product import load_product
from mailwright.rendering import writing
from mailwright.rendering.folder import Rendered, drift, holds_literal, shown_lines
from mailwright.rendering.writing import FolderWriter

Write = Callable[[str, str], Path]
PRODUCT = load_product()
TENANT = {
    "provider": "SMTP",
    "from_address": "no-reply@a.example",
    "hostname": "smtp.example.com",
    "port": 587,
    "username": "a",
    "password": "$env{MAILWRIGHT_A}",
    "signature": "A",
    "reply_to": "help@a.example",
}
"""A tenant that is complete."""


@pytest.mark.parametrize(
    ("sender", "literal"),
    [
        (None, False),
        ({}, False),
        ({"signature": "Example"}, False),
        ({"signature": "see https://example.com/"}, False),
        ({"signature": "https://user:word@example.com/"}, True),
        ({"password": "$secret{smtp_password}"}, False),
        ({"password": "$env{SMTP_PASSWORD}"}, False),
        ({"password": "a word"}, True),
        ({"password": "$env{A}$env{B}"}, True),
        ({"custom_properties": {"mail.smtp.timeout": "10000"}}, False),
        ({"custom_properties": {"mail.smtp.timeout": 10000, "x.limit": 5}}, False),
        ({"custom_properties": {"x.token": "a word"}}, True),
        ({"custom_properties": {"x.token": "$env{TOKEN}"}}, False),
    ],
)
def test_what_is_never_printed(sender: dict[str, Any] | None, literal: bool) -> None:
    assert holds_literal(sender, PRODUCT.adapter) is literal


@pytest.mark.parametrize(
    ("part", "mode"),
    [
        ({"global": {"signature": "S"}}, 0o644),
        ({"global": {"password": "a word"}}, 0o600),
        ({"global": {"signature": "S"}, "secrets": {"smtp_password": "QmFzZTY0"}}, 0o600),
    ],
)
def test_who_may_read_the_fragment(part: dict[str, Any], mode: int, run: Run, write: Write, tmp_path: Path) -> None:
    whole = {
        "from_address": "a@example.com",
        "hostname": "h",
        "port": 25,
        "username": "u",
        "password": "$env{P}",
        "reply_to": "r@b.c",
    }
    document = {"mailwright": 1, "product": {"version": "7.2.0"}, **part, "global": {"signature": "S", **whole, **part["global"]}}
    assert run("render", write("s.json", json.dumps(document)), "-o", tmp_path / "out").code == 0
    assert stat.S_IMODE((tmp_path / "out" / "deployment.fragment.toml").stat().st_mode) == mode


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        (
            "deployment.fragment.toml",
            '[output_adapter.email]\nhostname = "h"\npassword = "a word"\nx = "canary"\n',
            ['output_adapter.email.hostname = "h"', "output_adapter.email.password = <secret>", "output_adapter.email.x = ‹…>"],
        ),
        ("tenants/a.v2.secrets.json", '{"password": "$env{A}", "other": "canary"}', ["password: $env{A}", "other: <secret>"]),
        (
            "tenants/a.v2.json",
            '{"smtpPort": 25, "properties": [{"key": "password", "value": "canary"}]}',
            ["smtpPort: 25", "password: <secret>"],
        ),
        ("tenants/a.v2.json", "[1]", []),
        ("tenants/a.v2.json", "{", []),
    ],
)
def test_what_is_told_of_a_file(name: str, text: str, lines: list[str]) -> None:
    assert shown_lines(name, text, PRODUCT) == lines


def test_what_drifts(tmp_path: Path) -> None:
    (tmp_path / "tenants").mkdir()
    wanted = [
        Rendered("a.toml", "[output_adapter.email]\nport = 25\n"),
        Rendered("tenants/b.v2.json", "{}\n"),
        Rendered("c.toml", "\n"),
    ]
    for file in wanted[:2]:
        (tmp_path / file.name).write_text(file.text.replace("25", "26"), encoding="utf-8")
    for name in ("tenants/old.v2.json", "tenants/README"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    assert list(drift(tmp_path, iter(wanted), PRODUCT)) == [
        (
            "a.toml",
            ["--- committed", "+++ spec", "@@ -1 +1 @@", "-output_adapter.email.port = 26", "+output_adapter.email.port = 25"],
        ),
        ("c.toml", []),
        ("tenants/old.v2.json", ["surplus: the spec has no such tenant; remove the file"]),
    ]
    (tmp_path / "a.toml").write_text(f"# a comment\n{wanted[0].text}", encoding="utf-8")
    assert next(drift(tmp_path, iter(wanted), PRODUCT)) == ("a.toml", ["in what is not shown: secrets, comments, blanks"])


def test_a_rendered_file_that_cannot_be_read(run: Run, write: Write, tmp_path: Path) -> None:
    spec = write("s.json", json.dumps({"mailwright": 1, "product": {"version": "7.3.0"}, "tenants": {"a.example": TENANT}}))
    assert run("render", spec, "-o", tmp_path / "out").code == 0
    file = tmp_path / "out" / "tenants" / "a.example.v2.json"
    file.write_bytes(b"\xff")
    said = run("render", spec, "-o", tmp_path / "out", "--check")
    assert (said.code, said.stderr) == (2, f"mailwright: {file}: cannot be read as UTF-8 text\n")
    file.unlink()
    file.mkdir()
    said = run("render", spec, "-o", tmp_path / "out", "--check")
    assert (said.code, said.stderr.splitlines()[0]) == (2, f"mailwright: {file}: cannot be read: it is a folder, not a file")


def test_what_a_killed_run_left_goes(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "tenants"):
        folder.mkdir(exist_ok=True)
        (folder / f".mailwright-{'0' * 32}.tmp").write_text("")
    with FolderWriter(tmp_path) as writer:
        assert writer.write(Rendered("tenants/a.json", "{}"))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.json", "tenants"]


def test_somebody_else_writes_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def changed(*_: object, **__: object) -> None:
        raise atomic.FileChanged("x")

    (tmp_path / "a.toml").write_text("old")
    monkeypatch.setattr(writing, "replace_file", changed)
    with FolderWriter(tmp_path) as writer, pytest.raises(UnsafeToWrite) as caught:
        writer.write(Rendered("a.toml", "new"))
    error = caught.value
    assert (error.message, str(error.place), error.hint) == (
        "was changed while it was being written",
        str(tmp_path / "a.toml"),
        "run it again",
    )


@pytest.mark.parametrize(("before", "private", "after"), [(0o644, True, 0o600), (0o600, True, 0o600), (0o640, False, 0o640)])
def test_a_file_that_becomes_private(before: int, private: bool, after: int, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")
    os.chmod(path, before)
    with FolderWriter(tmp_path) as writer:
        assert writer.write(Rendered("a.json", "new", private=private))
        assert not writer.write(Rendered("a.json", "new", private=private))
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", after)
