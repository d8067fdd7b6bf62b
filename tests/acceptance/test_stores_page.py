"""docs/stores.md: its specs and its policy are taken, and the store of one's own that it shows is read. test_pages.py runs its commands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from documents import ROOT, blocks

from mailwright.cli import run
from mailwright.spec import load_spec
from mailwright.stores import Secrets, reading
from mailwright.tenants.policy import load_policy

BLOCKS = blocks((ROOT / "docs" / "stores.md").read_text(encoding="utf-8"))


def test_the_specs_and_the_policy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "block.yaml"
    shown = [block.text for block in BLOCKS if block.language == "yaml"]
    assert len(shown) > 2
    for text in shown:
        path.write_text(text if text.startswith("mailwright") else f"mailwright: 1\n{text}", encoding="utf-8")
        if text.startswith("mailwright_policy"):
            load_policy(str(path))
        else:
            assert run(["validate", str(path)]) == 0, capsys.readouterr()


def test_the_store_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = [block.text for block in BLOCKS if block.language == "python"]
    names: dict[str, Any] = {}
    exec(code, names)
    (tmp_path / "block.yaml").write_text('mailwright: 1\nstores: {mine: {kind: "acme.shelf"}}\n', encoding="utf-8")
    monkeypatch.setattr(reading, "load_kind", {"acme.shelf": names["open_shelf"]}.__getitem__)
    secret = Secrets(environment={}).of(load_spec(tmp_path / "block.yaml"))("$store{mine/mail/acme#password}")
    assert secret is not None
    assert secret.reveal() == "correct horse"
