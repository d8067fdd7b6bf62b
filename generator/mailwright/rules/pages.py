"""The pages of the rules: docs/rules/MWnnn.md. What they all have in common is what ``parse`` asks for.

A page begins with a few lines between two ``---``: how severe it is, what it is about (``Subject``), whether ``--fix`` mends it, the
options of ``validate`` that the examples need, the releases in which it can hold (``5.10.0+``, ``6.0.0 to 7.1.0, 7.3.0``) where that is
not every one; where security is at stake how badly (``security: 7.5``, from 0.1 to 10 as CVSS has it), and how sure a finding is where
it is not as good as certain (``precision: high``). Then come the title, what is wrong and why, ``## What to do``, and an example for each
of ``## Wrong`` and ``## Right``. A fact on the product is cited by a link to it.

``explain``, the outputs that carry rules, the makers of pages and tests read them: ``validate`` takes what it needs from ``catalogue``.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..base import resources
from ..base.findings import Severity
from ..base.patterns import pattern
from ..base.values import dataclass
from ..product.facts import CITATION
from .model import Subject

FOLDER = ("docs", "rules")


@dataclass(frozen=True, slots=True)
class Page:
    """What a rule's page says; texts have one line a paragraph, and citations in the place of links.

    Attributes:
        title: What is wrong, in a few words.
        why: What the product does, with the facts of docs/product that say so.
        remedy: What to do.
        bad, good: A file that the rule finds something in, and one that is right.
        language: What the examples are written in, as a file name ends.
        options: The options of ``validate`` that the examples need.
        releases: Those in which it can hold, in the words of the page; empty for every one.
        security: How badly security is at stake, from 0.1 to 10; None where it is not.
        precision: How sure a finding is, as code scanning has it: ``very-high``, ``high``, ``medium`` or ``low``.
        markdown: The page without its first lines, with citations for links.
    """

    id: str
    severity: Severity
    subject: Subject
    fixable: bool
    options: tuple[str, ...]
    releases: str
    security: float | None
    precision: str
    title: str
    why: str
    remedy: str
    bad: str
    good: str
    language: str
    markdown: str


_PAGE = pattern(
    r"---\n(?P<head>.*?)---\n\n"
    r"(?P<markdown># (?P<id>MW[0-9]{3}): (?P<title>[^\n]+)\n\n"
    r"(?P<why>.+?)\n\n## What to do\n\n(?P<remedy>.+?)\n\n"
    r"## Wrong\n\n```(?P<language>toml|yaml|json)\n(?P<bad>.+?\n)```\n\n"
    r"## Right\n\n```(?P=language)\n(?P<good>.+?\n)```\n)\Z",
    re.DOTALL,
)
_PARTS = ("---", "# MW", "## What to do", "## Wrong", "## Right")
_HEAD = ("severity", "about", "fixable", "options", "releases", "security", "precision")
_PRECISIONS = ("very-high", "high", "medium", "low")
_LINK = pattern(rf"\[([^\]]+)\]\(\.\./({CITATION.pattern})\)")


def parse(name: str, text: str) -> Page:
    """Return the page that a text is.

    Raises:
        ValueError: it is none; the message says what is missing.
    """
    match = _PAGE.match(text)
    if match is None:
        missing = [f"`{part}`" for part in _PARTS if f"\n{part}" not in f"\n{text}"]
        what = (
            f"it has no {' and no '.join(missing)}" if missing else "its parts are not those of the other pages, in their order"
        )
        raise ValueError(f"{name}: not a rule's page: {what}")
    if match["id"] != Path(name).stem:
        raise ValueError(f"{name}: the title names another rule, {match['id']}")
    head = dict(_head(name, match["head"]))
    try:
        severity, subject = Severity(head.get("severity")), Subject(head.get("about"))
        security = float(head["security"]) if "security" in head else None
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    if security is not None and not 0.1 <= security <= 10:
        raise ValueError(f"{name}: `security` is from 0.1 to 10")
    precision = head.get("precision", _PRECISIONS[0])
    if precision not in _PRECISIONS:
        raise ValueError(f"{name}: `precision` is one of {', '.join(_PRECISIONS)}")
    return Page(
        match["id"],
        severity,
        subject,
        "fixable" in head,
        tuple(shlex.split(head.get("options", ""))),
        head.get("releases", ""),
        security,
        precision,
        match["title"],
        _text(match["why"]),
        _text(match["remedy"]),
        match["bad"],
        match["good"],
        match["language"],
        _cited(match["markdown"]),
    )


def _head(name: str, head: str) -> Iterator[tuple[str, str]]:
    for line in head.splitlines():
        key, colon, value = line.partition(": ")
        if not colon or key not in _HEAD:
            raise ValueError(f"{name}: `{key}` is not one of {', '.join(_HEAD)}")
        if key == "fixable" and value != "yes":
            raise ValueError(f"{name}: `fixable` is `yes`, or is left out")
        yield key, value


def _text(markdown: str) -> str:
    """Return Markdown with one line a paragraph, and with citations."""
    return _cited(re.sub(r"(?<!\n)\n(?!\n|- ) *", " ", markdown))


def _cited(text: str) -> str:
    """Return a text with a citation in the place of each link to a fact, or behind the link's words."""
    return _LINK.sub(lambda link: link[2] if link[2].endswith(f"/{link[1]}") else f"{link[1]} ({link[2]})", text)


def load_page(id_: str) -> Page:
    """Return the page of a rule.

    Raises:
        FileNotFoundError: there is no such rule.
    """
    return parse(f"{id_}.md", resources.read_text(*FOLDER, f"{id_}.md"))


def read_pages(root: Path) -> Mapping[str, Page]:
    """Return every page below a folder that has docs, by the rule's id, in the order of the ids.

    Raises:
        ValueError: one is not complete.
    """
    paths = sorted(root.joinpath(*FOLDER).glob("*.md"))
    return {path.stem: parse(path.name, path.read_text(encoding="utf-8")) for path in paths}
