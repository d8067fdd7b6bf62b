"""Markdown for pull requests and tickets: texts of others stand in code spans, where nothing of them is markup, a link or a mention."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from .text import PLAIN, one_line

BAR = r"\|"
"""A bar in a cell, in code spans too (GFM, 4.10)."""


def code(text: str) -> str:
    """Return a text as a code span, on one line and in ASCII; nothing for an empty one."""
    shown = PLAIN.plain(text)
    if not shown.strip():
        return ""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    edge = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{edge}{shown}{edge}{fence}"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a table; a cell is Markdown, and a bar in it is no end of the cell."""
    for cells in (columns, ["---"] * len(columns), *rows):
        yield f"| {' | '.join(cell.replace('|', BAR) for cell in cells)} |"


def block(text: str) -> Iterator[str]:
    """Yield a text as a code block, whatever stands in it."""
    lines = [PLAIN.plain(line) for line in text.split("\n")]
    fence = "`" * max(3, 1 + max((len(run) for line in lines for run in re.findall("`+", line)), default=0))
    yield from (f"{fence}text", *lines, fence)


def markdown(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line: no markup, no HTML, no end of a cell."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>()#+-!|~&" else char for char in one_line(text))
