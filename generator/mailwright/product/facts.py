"""What the product does, as docs/product/ says it: the facts that code, schemas, rules and messages cite.

A citation reads ``product/xml.md#ampersand``: a page of docs/product and an anchor on it. A fact is what an anchor stands at: a
paragraph, an item of a list, or a row of a table. It ends with its evidence, in brackets or in the column of that name; what it leaves
out there it has from the line "Unless a fact says otherwise" of its section, or else of its page. docs/product/index.md explains the marks.

Only ``explain``, the makers of pages and tests read them: ``validate`` never opens these files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from ..base import resources
from ..base.patterns import pattern
from ..base.values import dataclass

CITATION = pattern(r"product/[a-z-]+\.md#[a-z0-9-]+")
"""Finds every citation in a text."""

FOLDER = ("docs", "product")
INDEX = "index.md"
"""How to read the pages; its anchors are the short names of files, and no facts."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the product does.

    Attributes:
        citation: ``product/PAGE.md#ANCHOR``.
        text: What the page says there, without its markup.
        evidence: Marks of docs/product/index.md: ``C``, ``R``, ``T``, ``D``, ``?``, and words about a part of the fact.
        releases: The releases that it holds for, in words.
        source: Where it was read or measured.
    """

    citation: str
    text: str
    evidence: str
    releases: str
    source: str


def pages() -> list[str]:
    """Return the names of the pages, the index first."""
    names = sorted(path.name for path in resources.path(*FOLDER).glob("*.md"))
    return sorted(names, key=lambda name: (name != INDEX, name))


def page_text(name: str) -> str:
    """Return a page as it stands.

    Raises:
        KeyError: there is no such page.
    """
    if name not in pages():
        raise KeyError(name)
    return resources.read_text(*FOLDER, name)


@cache
def facts_of(page: str) -> dict[str, Fact]:
    """Return the facts of a page by their citations, in their order.

    Raises:
        KeyError: there is no such page.
        ValueError: an anchor stands twice.
    """
    found: dict[str, Fact] = {}
    for fact in parse(page, page_text(page)) if page != INDEX else ():
        if fact.citation in found:
            raise ValueError(f"{fact.citation} stands twice")
        found[fact.citation] = fact
    return found


def fact(citation: str) -> Fact:
    """Return the fact that a citation names.

    Raises:
        KeyError: the page or the anchor does not exist.
    """
    page = citation.removeprefix("product/").partition("#")[0]
    return facts_of(page)[citation]


def cited(*texts: str) -> list[Fact]:
    """Return the facts that texts cite, each once, in the order of the first citation."""
    return [fact(citation) for citation in dict.fromkeys(match for text in texts for match in CITATION.findall(text))]


def numbered(text: str, facts: Iterable[Fact]) -> str:
    """Return a text with the number of each fact, ``[1]``, in the place of its citation."""
    numbers = {fact.citation: str(number) for number, fact in enumerate(facts, 1)}
    several = re.compile(rf"\(?{CITATION.pattern}(?:, {CITATION.pattern})*\)?")

    def number(match: re.Match[str]) -> str:
        whole = match[0]
        brackets = "[" + ", ".join(numbers[each] for each in CITATION.findall(whole)) + "]"
        alone = whole.startswith("(") and whole.endswith(")")
        return brackets if alone else ("(" if whole[0] == "(" else "") + brackets + (")" if whole[-1] == ")" else "")

    return several.sub(number, text)


def linked(text: str, up: str) -> str:
    """Return Markdown with a link in the place of each citation; *up* leads from the text's folder to docs, as ``..``."""
    return CITATION.sub(lambda match: f"[{match[0].removeprefix('product/')}]({up}/{match[0]})", text)


_ANCHOR = pattern(r'<a id="([a-z0-9-]+)"></a>')
_TAIL = pattern(r"\s*\*\(([^*]*(?:\\\*[^*]*)*)\)\*\Z")
_DEFAULT = pattern(r"\*Unless a fact says otherwise: \((.*)\)\.\*\Z")
_EVIDENCE = "Evidence"


def parse(page: str, text: str) -> Iterator[Fact]:
    """Yield the facts of a page's Markdown."""
    defaults: list[str] = []
    of_page: list[str] = []
    header: list[str] = []
    sections = 0
    for block in _blocks(text):
        if block.startswith("## "):
            defaults, sections = of_page, sections + 1
        elif match := _DEFAULT.match(block):
            defaults = match[1].split(" · ")
            of_page = of_page if sections else defaults
        elif block.startswith("|"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", block)[1:-1]]
            if anchors := _ANCHOR.findall(block):
                yield _fact(page, anchors, *_row(header, cells), defaults)
            elif not re.fullmatch(r"[-:|]+", block):
                header = cells
        elif anchors := _ANCHOR.findall(block):
            tail = _TAIL.search(block)
            yield _fact(page, anchors, block[: tail.start()] if tail else block, tail[1] if tail else "", defaults)


def _blocks(text: str) -> Iterator[str]:
    """Yield headings, paragraphs, items and rows, each on one line."""
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        begins = line.startswith(("- ", "|", "#"))
        if lines and (begins or not line.strip()):
            yield " ".join(lines)
            lines = []
        if line.strip():
            lines.append(line.strip())


def _row(header: list[str], cells: list[str]) -> tuple[str, str]:
    """Return a row's text and its evidence; with more than two columns the cells behind the first are named."""
    columns = [(title, cell) for title, cell in zip(header, cells, strict=True) if title != _EVIDENCE]
    evidence = next((cell for title, cell in zip(header, cells, strict=True) if title == _EVIDENCE), "")
    first, *others = columns
    if len(others) == 1:
        joint = " " if first[1].endswith("?") else ": "
        return joint.join(filter(None, (first[1], others[0][1]))), evidence
    named = [f"{title}: {cell}" for title, cell in others if cell]
    if first[0] == "#":  # a number, and what it counts
        named[0] = others[0][1]
    return ". ".join([first[1], *named]), evidence


def _fact(page: str, anchors: list[str], text: str, tail: str, defaults: list[str]) -> Fact:
    if len(anchors) > 1:
        raise ValueError(f"{page}: more than one anchor at {anchors[0]}")
    own = tail.split(" · ") if tail else []
    evidence, releases, source = (own[at] if at < len(own) else defaults[at] if at < len(defaults) else "" for at in range(3))
    return Fact(f"product/{page}#{anchors[0]}", _plain(text), evidence, _plain(releases), _plain(source))


def _plain(text: str) -> str:
    """Return Markdown as the words that a reader sees; code keeps its ticks."""
    text = _ANCHOR.sub("", text).removeprefix("- ")
    text = re.sub(r"\[((?:`[^`]*`|[^\[\]`])+)\](?:\([^()\s]*\)|\[[a-z0-9-]+\])", r"\1", text)
    pieces = re.split(r"(`[^`]*`)", text)
    text = "".join(piece if piece.startswith("`") else piece.replace("**", "") for piece in pieces)
    return re.sub(r"\\([*|_])", r"\1", text).strip()
