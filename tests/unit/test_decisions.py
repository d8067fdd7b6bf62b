"""The pages of docs/decisions have one form, and the index names each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "decisions"
PAGES = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_the_form_and_is_in_the_index(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Why not otherwise", "Consequences"]
    title = text.partition("\n")[0].removeprefix("# ")
    assert f"| [{title}]({page.name}) |" in (FOLDER / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_tests_that_a_page_names_exist(page: Path) -> None:
    named = re.findall(r"`(tests/[^`]+\.py)`", page.read_text(encoding="utf-8"))
    assert [name for name in named if not (FOLDER.parents[1] / name).is_file()] == []
