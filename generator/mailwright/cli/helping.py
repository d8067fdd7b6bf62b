"""How --help is set: words stay whole at every width, and an example that is too long goes on in the next line, as a shell takes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import click

_NO_BREAK = "\u2011"
"""A hyphen at which no line ends: options, names and versions are read as they are typed."""

_TEXT_WIDTH = 42
"""What the longest word takes, `MAILWRIGHT_TRUST_STORE_PASSWORD_FILE]`: the names of options give way to it."""

_PARTS = re.compile(r" (?=--|\||>)")


class Help(click.HelpFormatter):
    """The help of a command."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write how the command is called."""
        super().write_usage(prog, _whole(args), prefix)

    def write_text(self, text: str) -> None:
        """Write paragraphs; one that begins with ``\\b`` keeps its lines."""
        super().write_text(_whole("\n".join(_lines(text, self.width - self.current_indent))))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write names beside what they mean."""
        room = self.width - self.current_indent - col_spacing - _TEXT_WIDTH
        super().write_dl([(_whole(name), _whole(text)) for name, text in rows], min(col_max, max(room, 8)), col_spacing)

    def getvalue(self) -> str:
        """Return all of it."""
        return super().getvalue().replace(_NO_BREAK, "-")


def _whole(text: str) -> str:
    return text.replace("-", _NO_BREAK)


def _lines(text: str, width: int) -> Iterator[str]:
    kept = False
    for line in text.splitlines():
        kept = line.strip() == "\b" or (kept and bool(line.strip()))
        yield from _folded(line, width) if kept and len(line) > width and "#" not in line else [line]


def _folded(line: str, width: int) -> Iterator[str]:
    margin = " " * (len(line) - len(line.lstrip()) + 2)
    made = ""
    for part in _PARTS.split(line):
        if made and len(made) + len(part) + 3 > width:
            yield f"{made} \\"
            made = f"{margin}{part}"
        else:
            made = f"{made} {part}" if made else part
    yield made
