"""Pages for who works on this: decisions have one form and are in the index, and every file that a page names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "decisions"
DECISIONS = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
PAGES = [*DECISIONS, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_the_form_and_is_in_the_index(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Alternatives considered", "Consequences"]
    title = text.partition("\n")[0].removeprefix("# ")
    assert f"| [{title}]({page.name}) |" in (FOLDER / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_files_that_a_page_names_are_there(page: Path) -> None:
    """A path is the checkout's, or one below the package: ``operations/plan.py``."""
    named = re.findall(r"(?<![\w./-])((?:[a-z_]+/)+[a-z0-9_-]+\.(?:py|txt|schema\.json))\b", page.read_text(encoding="utf-8"))
    bases = (ROOT, ROOT / "generator" / "mailwright", ROOT / "ansible" / "plugins")
    assert [name for name in named if not any((base / name).is_file() for base in bases)] == []
    if page.name == "architecture.md":
        assert len(named) > 15
