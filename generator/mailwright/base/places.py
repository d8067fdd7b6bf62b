"""Where things stand: the text of a file, and places in it.

Offsets count characters (code points) of ``Source.text`` from 0; lines and columns count from 1, columns in characters. A place
never holds a piece of the file's text, so that it can be printed anywhere.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from .values import dataclass, field

_LARGE = 1 << 16

BYTE_ORDER_MARK = "\ufeff"


class Place(NamedTuple):
    """A file, a line and a column (both from 1). Line 0 means the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Span(NamedTuple):
    """A half-open range of character offsets."""

    start: int
    end: int


@dataclass(frozen=True)
class Source:
    """A file's name and its decoded text."""

    name: str
    text: str = field(repr=False)

    @property
    def title(self) -> str:
        """What the text is called."""
        return self.name

    @cached_property
    def _line_starts(self) -> list[int] | array[int]:
        if len(self.text) > _LARGE:  # a copy of each line, and an object for each number, would be several times the text
            found, at = array("I", (0,)), self.text.find("\n")
            while at >= 0:
                found.append(at + 1)
                at = self.text.find("\n", at + 1)
            return found
        lines = self.text.split("\n")
        lines.pop()
        return [0, *accumulate([len(line) + 1 for line in lines])]

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return len(self._line_starts)

    def place(self, offset: int) -> Place:
        """Return the place of a character offset."""
        line = bisect_right(self._line_starts, offset)
        return Place(self.name, line, offset - self._line_starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """Return the text of a line (from 1) without its line ending; it may hold secrets."""
        starts = self._line_starts
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def find(self, place: Place) -> int | None:
        """Return the character offset of a place, None where the text has no such line."""
        return self.offset(place.line, place.column) if 0 < place.line <= self.lines else None

    def offset(self, line: int, column: int = 1) -> int:
        """Return the character offset of a line and column (both from 1)."""
        return self._line_starts[line - 1] + column - 1
