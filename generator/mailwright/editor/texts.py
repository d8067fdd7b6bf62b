"""A text as an editor has it: lines, and characters that are counted in UTF-16 code units."""

from __future__ import annotations

from ..base.patterns import pattern
from ..base.places import Place
from ..base.values import dataclass

_WORD = pattern(r"\$[a-z]+\{[^{}\s]*\}?|[A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Position:
    """A place as the protocol has it: line and character from 0, in UTF-16 code units."""

    line: int
    character: int


class Text:
    """A document.

    Args:
        name: Its path.
        content: Its text.
    """

    def __init__(self, name: str, content: str) -> None:
        self.name, self.content = name, content
        self.lines = content.split("\n")

    def line(self, number: int) -> str:
        """Return a line, from 0; empty beyond the end."""
        return self.lines[number].rstrip("\r") if 0 <= number < len(self.lines) else ""

    def position(self, place: Place) -> Position:
        """Return a place of ours, whose line and column count from 1 in characters, as the editor has it."""
        line = max(place.line - 1, 0)
        return Position(line, _units(self.line(line)[: max(place.column - 1, 0)]))

    def before(self, position: Position) -> str:
        """Return the text of a line up to a position."""
        line = self.line(position.line)
        return line[: _characters(line, position.character)]

    def word(self, position: Position) -> tuple[str, Position, Position] | None:
        """Return the word at a position, and where it begins and ends: a name with its dots, or a reference."""
        line, at = self.line(position.line), len(self.before(position))
        for found in _WORD.finditer(line):
            if found.start() <= at <= found.end():
                start, end = _units(line[: found.start()]), _units(line[: found.end()])
                return found[0], Position(position.line, start), Position(position.line, end)
        return None


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _characters(line: str, units: int) -> int:
    """Return how many characters of a line stand before a code unit."""
    count = 0
    for number, char in enumerate(line):
        if count >= units:
            return number
        count += 1 + (ord(char) > 0xFFFF)
    return len(line)
