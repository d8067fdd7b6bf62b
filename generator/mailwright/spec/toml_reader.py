"""Read a spec written in TOML 1.0, with places.

``tomllib`` decides what is valid and what the values are; the places come from this project's own reader of deployment.toml, which
reads on where the server's dialect is narrower.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..base.errors import SyntaxInput
from ..base.nodes import Json, PlacedList, PlacedMap
from ..base.patterns import pattern
from ..base.places import Place, Source, Span
from ..deployment import Header, KeyValue, Refusal, Value, read_statements
from ..deployment.syntax import MAX_DEPTH

_AT = pattern(r"\(at (?:line (\d+), column (\d+)|end of document)\)\Z")
# What tomllib says, by how it begins, in words without any text of the file; what another version may say is not repeated.
_WORDS = (
    ("Invalid statement", "a line is `key = value`, `[table]` or a comment"),
    ("Expected newline or end of document", "unexpected text after the end of the statement"),
    ("Expected '=' after a key", "expected `=` after a key"),
    ("Expected ']]'", "expected `]]` after the table's name"),
    ("Expected ']'", "expected `]` after the table's name"),
    ("Expected", "a quotation mark or a bracket is not closed"),
    ("Invalid initial character for a key part", "a key is made of letters, digits, `_` and `-`, or is in quotes"),
    ("Invalid value", "this is not a TOML value: put strings in quotes"),
    ("Invalid date or datetime", "this is not a date or time"),
    ("Invalid hex value", "an escape in a string is not complete"),
    ("Escaped character is not", "an escape in a string is half a character (a lone surrogate)"),
    ("Unescaped '\\' in a string", "an escape that TOML does not have: write `\\\\`, or use single quotes"),
    ("Unterminated string", "a string is not closed"),
    ("Unclosed array", "an array is not closed"),
    ("Unclosed inline table", "an inline table is not closed"),
    ("Cannot declare", "a table is declared twice"),
    ("Cannot redefine", "a table is declared twice"),
    ("Cannot mutate", "an inline table, or an array, cannot be added to"),
    ("Cannot overwrite", "a key is defined twice"),
    ("Duplicate", "a key is defined twice in one inline table"),
    ("Illegal character", "a character that is not allowed here"),
    ("Found invalid character", "a character that is not allowed here"),
)
_Path = tuple[str | int, ...]


def read_toml(source: Source) -> Json:
    """Return the table of a TOML text.

    Raises:
        SyntaxInput: with the place of what is wrong.
    """
    import tomllib  # most specs are no TOML

    statements = read_statements(source.text)
    for problem in statements.problems:
        if problem.refusal is Refusal.DEPTH:  # tomllib would take its time, or all of the stack
            raise SyntaxInput(problem.message, place=source.place(problem.span.start))
    try:
        data = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise _refused(source, str(error)) from None
    except (RecursionError, ValueError):
        place = source.place(statements.problems[0].span.start) if statements.problems else Place(source.name)
        raise SyntaxInput("is not valid TOML: nested too deeply, or a number is too long", place=place) from None
    places = _Places(source)
    places.statements(statements.items)
    return places.tree(data, ())


def key_spans(text: str, at: int) -> list[Span]:
    """Return every place where the key is named that is named at an offset: a table's name may stand in headers and dotted keys."""
    named: list[tuple[tuple[str, ...], Span]] = []

    def name(table: tuple[str, ...], pair: Header | KeyValue) -> None:
        named.extend(((*table, *pair.path[: index + 1]), span) for index, span in enumerate(pair.key_spans))
        for inner in pair.value.pairs if isinstance(pair, KeyValue) else ():
            name((*table, *pair.path), inner)

    table: tuple[str, ...] = ()
    for item in read_statements(text).items:
        name(() if isinstance(item, Header) else table, item)
        table = item.path if isinstance(item, Header) else table
    paths = {path for path, span in named if span.start == at}
    return [span for path, span in named if path in paths]


def _refused(source: Source, error: str) -> SyntaxInput:
    at = _AT.search(error)
    place = source.place(len(source.text))
    if at and at.group(1):
        place = Place(source.name, int(at.group(1)), int(at.group(2)))
    message = next((words for begin, words in _WORDS if error.startswith(begin)), None)
    return SyntaxInput("is not valid TOML" + (f": {message}" if message else ""), place=place)


class _Places:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.keys: dict[_Path, Place] = {}
        self.values: dict[_Path, Place] = {}
        self.counts: dict[_Path, int] = {}

    def statements(self, items: Iterable[Header | KeyValue]) -> None:
        table: _Path = ()
        for item in items:
            if isinstance(item, Header):
                table = self._header(item)
                if item.array:
                    index = self.counts.get(table, -1) + 1
                    self.counts[table] = index
                    table = (*table, index)
                    self.values[table] = self.source.place(item.span.start)
            else:
                self._pair(table, item)

    def _header(self, header: Header) -> _Path:
        """Mark a header's names; return its path with the indexes of the arrays of tables on its way."""
        out: _Path = ()
        for position, (part, span) in enumerate(zip(header.path, header.key_spans, strict=True)):
            out = (*out, part)
            self.keys.setdefault(out, self.source.place(span.start))
            self.values.setdefault(out, self.source.place(header.span.start))
            if out in self.counts and position + 1 < len(header.path):
                out = (*out, self.counts[out])
        return out

    def _pair(self, table: _Path, pair: KeyValue) -> None:
        at = table
        for part, span in zip(pair.path, pair.key_spans, strict=True):
            at = (*at, part)
            self.keys.setdefault(at, self.source.place(span.start))
            self.values.setdefault(at, self.source.place(pair.value.span.start))
        self._value(at, pair.value)

    def _value(self, path: _Path, value: Value) -> None:
        for pair in value.pairs:
            self._pair(path, pair)
        for index, element in enumerate(value.elements):
            self.values[(*path, index)] = self.source.place(element.span.start)
            self._value((*path, index), element)

    def tree(self, data: object, path: _Path) -> Json:
        if len(path) > 2 * MAX_DEPTH:
            raise SyntaxInput("is nested too deeply", place=self.tree_place(path))
        place = self.values.get(path) or (self.source.place(0) if not path else self.tree_place(path[:-1]))
        if isinstance(data, dict):
            items = {key: self.tree(value, (*path, key)) for key, value in data.items()}
            return PlacedMap(items, place=place, origin=_PathOrigin(self, path))
        if isinstance(data, list):
            values = [self.tree(value, (*path, index)) for index, value in enumerate(data)]
            places = [self.values.get((*path, index), place) for index in range(len(values))]
            return PlacedList(values, place=place, places=places)
        return data  # type: ignore[return-value]  # a date stays one: the schema refuses it

    def tree_place(self, path: _Path) -> Place:
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, self.source.place(0))


class _PathOrigin:
    __slots__ = ("path", "places")

    def __init__(self, places: _Places, path: _Path) -> None:
        self.places, self.path = places, path

    def key(self, name: str) -> Place:
        return self.places.keys.get((*self.path, name)) or self.places.tree_place(self.path)

    def value(self, name: str) -> Place:
        return self.places.values.get((*self.path, name)) or self.places.tree_place(self.path)
