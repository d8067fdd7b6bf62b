"""Resolving references to secrets, in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailwright.base.errors import UnreadableInput
from mailwright.spec.resolving import Resolver


def test_where_secrets_come_from(tmp_path: Path) -> None:
    (tmp_path / "smtp").write_text("from-file\n", encoding="utf-8")
    store = Resolver(tmp_path, {"SMTP": "from-env", "MAILWRIGHT_SECRET_OTHER": "from-variable", "EMPTY": ""})
    found = {reference: store(reference) for reference in ("$secret{smtp}", "$env{SMTP}", "$secret{other}")}
    assert {reference: secret and secret.reveal() for reference, secret in found.items()} == {
        "$secret{smtp}": "from-file",
        "$env{SMTP}": "from-env",
        "$secret{other}": "from-variable",
    }
    assert "from-" not in repr(found)


@pytest.mark.parametrize(
    "reference", ["plain", "$env{EMPTY}", "$env{MISSING}", "$secret{missing}", "$secret{../x}", "$ref{a}", "x$env{SMTP}"]
)
def test_what_is_not_resolved(tmp_path: Path, reference: str) -> None:
    (tmp_path.parent / "x").write_text("outside", encoding="utf-8")
    assert Resolver(tmp_path, {"EMPTY": "", "SMTP": "y"})(reference) is None


def test_a_link_out_of_the_folder_a_large_and_a_binary_file(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (tmp_path / "outside").write_text("x", encoding="utf-8")
    (folder / "link").symlink_to(tmp_path / "outside")
    (folder / "large").write_bytes(b"x" * (64 * 1024 + 1))
    (folder / "binary").write_bytes(b"\xff\xfe")
    for alias in ("link", "large", "binary"):
        with pytest.raises(UnreadableInput):
            Resolver(folder, {})(f"$secret{{{alias}}}")
