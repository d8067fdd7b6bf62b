"""Tenants in a JSON Lines file of any length, a record at a time; see ``csv_reader``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from ..base.errors import SyntaxInput
from ..base.nodes import PlacedMap
from ..base.places import Place, Source
from ..product.product import Product
from .json_reader import read_json
from .lines import Lines
from .rows import PlainRow, Row, Shape, Shapes, is_text


def read_json_lines(path: Path, product: Product, content: bytes | None = None) -> Iterator[Row]:
    """Yield the tenants of a JSON Lines file: an object a line with its ``domain``.

    Args:
        content: What is taken instead of what stands in the file.

    Raises:
        SyntaxInput, UnreadableInput: with the place of what is wrong.
    """
    lines, shapes = Lines(path, content), Shapes()
    texts = {key.name for key in product.adapter.scalars if is_text((key.name,), product)}
    with closing(iter(lines)) as each:
        for line in each:
            first, text = lines.next_record()
            if not line.strip():
                continue
            items = _fast_object(text)
            if items is not None and isinstance(items.get("domain"), str):
                yield _JsonRow(items, str(path), first, text, *_shaped(items, texts, shapes))
                continue
            place = Place(str(path), first, 1)
            row = read_json(Source(str(path), text), line=first - 1)
            if not isinstance(row, PlacedMap):
                raise SyntaxInput("each line must be a JSON object", place=place)
            domain = row.pop("domain", None)
            if not isinstance(domain, str):
                raise SyntaxInput("the object has no `domain`", place=place, hint="each object needs its tenant's domain")
            yield PlainRow(domain, place, row)


def _shaped(items: dict[str, Any], texts: set[str], shapes: Shapes) -> tuple[Shape, tuple[str, ...]]:
    """Return the shape of a flat object and its texts; whatever else it holds is a part of the shape, with its type."""
    own: list[str] = []
    key: list[Any] = []
    for name, value in items.items():
        key.append(name)
        if name in texts and value and isinstance(value, str):
            own.append(name)
        elif name != "domain":
            key += (value.__class__, value)
    wanted = tuple(key)
    shape = shapes.get(wanted) or shapes.new(wanted, tuple((name,) for name in own))
    return shape, tuple([items[name] for name in own])


class _JsonRow(Row):
    """A flat object of a JSON Lines file."""

    __slots__ = ("_file", "_first", "_items", "_text")

    def __init__(
        self, items: dict[str, Any], file: str, first: int, text: str, shape: Shape | None, texts: tuple[str, ...]
    ) -> None:
        self.domain, self.shape, self.texts = items["domain"], shape, texts
        self._items, self._file, self._first, self._text = items, file, first, text

    @property
    def place(self) -> Place:
        return Place(self._file, self._first, 1)

    def own(self) -> PlacedMap:
        items = {name: value for name, value in self._items.items() if name != "domain"}
        return PlacedMap(items, place=self.place, origin=_JsonLine(self._file, self._first, self._text))

    def with_texts(self, domain: str, texts: Sequence[str]) -> _JsonRow:
        assert self.shape is not None
        items = {**self._items, "domain": domain, **{path[0]: text for path, text in zip(self.shape.paths, texts, strict=True)}}
        return _JsonRow(items, self._file, self._first, self._text, self.shape, tuple(texts))


class _Repeated(Exception):
    """Not a flat object of short values with different keys."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    items = dict(pairs)
    if len(items) != len(pairs):
        raise _Repeated
    for value in items.values():
        if isinstance(value, (dict, list, float)) or (isinstance(value, int) and abs(value) >= 10**18):
            raise _Repeated
    return items


def _fast_object(text: str) -> dict[str, Any] | None:
    """Read a flat object with the C parser; None where the careful reader has to look."""
    try:
        items = json.loads(text, object_pairs_hook=_pairs)
    except (ValueError, _Repeated, RecursionError):
        return None
    if not isinstance(items, dict) or ("\\" in text and "\\ud" in text.lower()):
        return None
    return items


class _JsonLine:
    __slots__ = ("file", "line", "text")

    def __init__(self, file: str, line: int, text: str) -> None:
        self.file, self.line, self.text = file, line, text

    def _read(self) -> PlacedMap:
        value = read_json(Source(self.file, self.text), line=self.line - 1)
        assert isinstance(value, PlacedMap)
        return value

    def key(self, name: str) -> Place:
        return self._read().key_place(name)

    def value(self, name: str) -> Place:
        return self._read().value_place(name)
