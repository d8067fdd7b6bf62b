"""Read JSON (RFC 8259) with places; duplicate keys, NaN, lone surrogates and deep nesting are refused with theirs."""

from __future__ import annotations

from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]

from ..base.errors import SyntaxInput
from ..base.nodes import Json, Marks, PlacedList, PlacedMap
from ..base.patterns import pattern
from ..base.places import Place, Source
from ..base.shown import shown_key

MAX_DEPTH = 64
_SPACE = pattern(r"[ \t\r\n]*")
_NUMBER = pattern(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS: dict[str, Json] = {"true": True, "false": False, "null": None}
_SURROGATE = pattern("[\ud800-\udfff]")


def read_json(source: Source, *, line: int = 0) -> Json:
    """Return the value of a JSON text.

    Args:
        source: The text.
        line: How many lines of the file come before it (a record of a JSON Lines file).

    Raises:
        SyntaxInput: with the place of what is wrong.
    """
    return _Reader(source, line).read()


class _Reader:
    def __init__(self, source: Source, line: int) -> None:
        self.source, self.text, self.offset, self.pos = source, source.text, line, 0

    def read(self) -> Json:
        value = self._value(0)
        self._skip()
        if self.pos < len(self.text):
            raise self._error("unexpected text after the end of the value")
        return value

    def _place(self, at: int) -> Place:
        place = self.source.place(at)
        return place._replace(line=place.line + self.offset)

    def _error(self, message: str, hint: str | None = None, at: int | None = None) -> SyntaxInput:
        return SyntaxInput(f"is not valid JSON: {message}", place=self._place(self.pos if at is None else at), hint=hint)

    def _skip(self) -> None:
        match = _SPACE.match(self.text, self.pos)
        if match:
            self.pos = match.end()

    def _value(self, depth: int) -> Json:
        self._skip()
        char = self.text[self.pos : self.pos + 1]
        if depth > MAX_DEPTH:
            raise self._error(f"nested deeper than {MAX_DEPTH} levels")
        if char == "{":
            return self._object(depth)
        if char == "[":
            return self._array(depth)
        if char == '"':
            return self._string()
        for word, value in _WORDS.items():
            if self.text.startswith(word, self.pos):
                self.pos += len(word)
                return value
        match = _NUMBER.match(self.text, self.pos)
        if not match:
            raise self._error("expected a value", "strings and keys must be in double quotes")
        if len(match.group()) > 30:
            raise self._error("the number is too long")
        self.pos = match.end()
        whole, fraction, exponent = match.groups()
        return float(match.group()) if fraction or exponent else int(whole)

    def _string(self) -> str:
        start = self.pos
        try:
            value, self.pos = scanstring(self.text, start + 1, True)
        except JSONDecodeError as error:
            raise self._error(
                "a string that does not end, or contains a control character or an unknown escape", at=error.pos
            ) from None
        if _SURROGATE.search(value):
            raise self._error("an escape that is half a character (a lone surrogate)", at=start)
        return str(value)

    def _object(self, depth: int) -> PlacedMap:
        place, marks = self._place(self.pos), Marks()
        items: dict[str, Json] = {}
        self.pos += 1
        self._skip()
        while not self.text.startswith("}", self.pos):
            at = self.pos
            if not self.text.startswith('"', at):
                raise self._error("expected a key in double quotes")
            key = self._string()
            if key in items:
                raise self._error(f"the key {shown_key(key)} is defined twice in one object", at=at)
            self._expect(":")
            self._skip()
            marks.keys[key], marks.values[key] = self._place(at), self._place(self.pos)
            items[key] = self._value(depth + 1)
            self._skip()
            if not self.text.startswith("}", self.pos):
                self._expect(",")
                self._skip()
                if self.text.startswith("}", self.pos):
                    raise self._error("a comma before `}`")
        self.pos += 1
        return PlacedMap(items, place=place, origin=marks)

    def _array(self, depth: int) -> PlacedList:
        place, items, places = self._place(self.pos), [], []
        self.pos += 1
        self._skip()
        while not self.text.startswith("]", self.pos):
            places.append(self._place(self.pos))
            items.append(self._value(depth + 1))
            self._skip()
            if not self.text.startswith("]", self.pos):
                self._expect(",")
                self._skip()
                if self.text.startswith("]", self.pos):
                    raise self._error("a comma before `]`")
        self.pos += 1
        return PlacedList(items, place=place, places=places)

    def _expect(self, char: str) -> None:
        self._skip()
        if not self.text.startswith(char, self.pos):
            raise self._error(f"expected `{char}`")
        self.pos += 1
