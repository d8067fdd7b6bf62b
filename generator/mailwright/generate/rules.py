"""The rules' pages, and what is made from them: the catalogue, the reference page, the examples that tests validate."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from ..rules.model import Subject
from ..rules.pages import Page, read_pages

CATALOGUE_FILE = "generator/mailwright/rules/catalogue.py"
_FUNCTION = re.compile(r"^def (mw[0-9]{3})\(", re.MULTILINE)
_HEAD = '''\
"""Every rule by its id, in the order of the ids. Made by `make generate` from docs/rules and the functions of this package."""

from __future__ import annotations

from ..base.findings import Severity
from .model import Rule, Subject

# fmt: off
_RULES = (
{}
)
# fmt: on

CATALOGUE: dict[str, Rule] = {{rule.id: rule for rule in _RULES}}
'''


def catalogue(root: Path) -> str:
    """Return the text of the catalogue.

    Raises:
        ValueError: a page is not complete, or page and function do not fit.
    """
    pages, functions = read_pages(root), dict(_functions(root))
    if strays := functions.keys() - pages.keys():
        raise ValueError(f"{min(strays)} has a function and no page: write docs/rules/{min(strays)}.md")
    return _HEAD.format("\n".join(_row(page, functions.get(page.id, "")) for page in pages.values()))


def page_problems(root: Path) -> Iterator[str]:
    """Say what is wrong with the pages, if anything is."""
    try:
        catalogue(root)
    except ValueError as error:
        yield f"docs/rules: {error}"


def _row(page: Page, module: str) -> str:
    if (page.subject is Subject.READING) == bool(module):
        said = f"has a function, in {module}" if module else "has no function"
        raise ValueError(f"{page.id} {said}, but its page says that it is about {page.subject.value}")
    values = [json.dumps(page.id), str(page.severity), json.dumps(page.title, ensure_ascii=False), str(page.subject)]
    values += ["fixable=True"] * page.fixable
    values += [f'module="{module}"'] * bool(module)
    return f"    Rule({', '.join(values)}),"


def _functions(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the id of each rule that has a function, with the module that it stands in."""
    seen: set[str] = set()
    for path in sorted((root / CATALOGUE_FILE).parent.glob("*.py")):
        for name in _FUNCTION.findall(path.read_text(encoding="utf-8")):
            if name in seen:
                raise ValueError(f"{name} stands twice: the second is in rules/{path.name}")
            seen.add(name)
            yield name.upper(), path.stem


def examples(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the examples of the pages, as files that the tests validate: the path below the checkout, and the text."""
    for page in read_pages(root).values():
        for folder, text in (("invalid", page.bad), ("valid", page.good)):
            yield f"tests/data/{folder}/{page.id}.{page.language}", text
