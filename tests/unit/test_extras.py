"""Hints name the packages that are missing, never this one: whether the name is this project's on an index is not certain."""

from __future__ import annotations

import importlib.metadata
import tomllib
from pathlib import Path

import pytest

from mailwright.base.extras import installing

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]


@pytest.mark.parametrize("extra", ["tenants", "verify", "sandbox", "lsp"])
def test_what_an_extra_brings(extra: str) -> None:
    assert installing(extra) == "pip install " + " ".join(f"'{name}'" for name in sorted(EXTRAS[extra], key=str.lower))


def test_an_extra_of_extras() -> None:
    said = installing("demo")
    assert all(f"'{name}'" in said for extra in ("sandbox", "tenants", "verify") for name in EXTRAS[extra])
    assert "'ansible-core>=" in said
    assert "mailwright" not in said


def test_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> list[str]:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", absent)
    assert installing("tenants") == "install what pyproject.toml lists for the extra `tenants`"
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: None)
    assert installing("tenants") == "install what pyproject.toml lists for the extra `tenants`"
