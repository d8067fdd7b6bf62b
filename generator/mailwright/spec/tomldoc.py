"""Read a spec written in TOML 1.0, with places.

``tomllib`` decides what is valid and what the values are; the places come from this project's own reader of deployment.toml, which
reads on where the server's dialect is narrower.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable

from ..deployment import Header, KeyValue, Value, read_statements
from ..errors import SyntaxInput
from ..source import Place, Source, Span
from .nodes import Json, PlacedList, PlacedMap

_AT = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)$")
_DETAIL = re.compile(r"'[^']*'|\"[^\"]*\"|\([^)]*\)")
_Path = tuple[str | int, ...]


def read_toml(source: Source) -> Json:
    """Return the table of a TOML text.

    Raises:
        SyntaxInput: with the place of what is wrong.
    """
    try:
        data = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        at = _AT.search(str(error))
        place = source.place(len(source.text))
        if at and at.group(1):
            place = Place(source.name, int(at.group(1)), int(at.group(2)))
        message = _DETAIL.sub("", _AT.sub("", str(error))).strip()
        raise SyntaxInput(f"is not valid TOML: {message}", place=place) from None
    except RecursionError:
        raise SyntaxInput("is nested too deeply", place=Place(source.name)) from None
    places = _Places(source)
    places.statements(read_statements(source.text).items)
    return places.tree(data, ())


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
                table = self._through(item.path)
                self._mark((), item.path, item.key_spans, item.span)
                if item.array:
                    index = self.counts.get(table, -1) + 1
                    self.counts[table] = index
                    table = (*table, index)
                    self.values[table] = self.source.place(item.span.start)
            else:
                self._pair(table, item)

    def _through(self, path: tuple[str, ...]) -> _Path:
        """Return a header's path with the indexes of the arrays of tables on its way."""
        out: _Path = ()
        for position, part in enumerate(path):
            out = (*out, part)
            if out in self.counts and position + 1 < len(path):
                out = (*out, self.counts[out])
        return out

    def _pair(self, table: _Path, pair: KeyValue) -> None:
        self._mark(table, pair.path, pair.key_spans, pair.value.span)
        self._value((*table, *pair.path), pair.value)

    def _mark(self, table: _Path, path: tuple[str, ...], spans: tuple[Span, ...], value: Span) -> None:
        for index, span in enumerate(spans):
            at = (*table, *path[: index + 1])
            self.keys.setdefault(at, self.source.place(span.start))
            self.values.setdefault(at, self.source.place(value.start))

    def _value(self, path: _Path, value: Value) -> None:
        for pair in value.pairs:
            self._pair(path, pair)
        for index, element in enumerate(value.elements):
            self.values[(*path, index)] = self.source.place(element.span.start)
            self._value((*path, index), element)

    def tree(self, data: object, path: _Path) -> Json:
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
