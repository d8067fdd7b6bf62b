"""Tenants as streams: CSV and JSON Lines files of any length, a record at a time.

A record's places are worked out only when somebody asks for them: a million tenants that are fine cost no bookkeeping.
"""

from __future__ import annotations

import csv
import json
import os
import stat
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from ..base.errors import SyntaxInput, UnreadableInput
from ..base.nodes import Json, PlacedMap
from ..base.patterns import pattern
from ..base.places import BYTE_ORDER_MARK, Place, Source, Span
from ..base.reading import not_read
from ..base.shown import shown_key
from ..product.adapter import Adapter
from .json_reader import read_json

STREAMS = (".csv", ".jsonl", ".ndjson")
"""How the names of files of records end."""

MAX_RECORD = 1 << 20
"""Bytes in one record."""

Record = tuple[str, Place, PlacedMap]
"""A tenant's domain, its place and its own keys."""

Convert = Callable[[str], Json]


def leading_mark(name: str, data: bytes) -> bytes:
    """Return the byte order mark that a file of records begins with, as spreadsheets write it: no place counts it."""
    mark = BYTE_ORDER_MARK.encode()
    return mark if name.lower().endswith(STREAMS) and data.startswith(mark) else b""


class _Lines:
    """The lines of a file, remembering those of the record that is being read."""

    def __init__(self, path: Path, content: bytes | None) -> None:
        self.path, self.content = path, content
        self.number = 0
        self.record: list[str] = []
        self.size = 0

    def __iter__(self) -> Iterator[str]:
        try:
            if self.content is None and not stat.S_ISREG(os.stat(self.path).st_mode):
                raise not_read(self.path)
            with open(self.path, "rb") if self.content is None else BytesIO(self.content) as file:
                while raw := file.readline(MAX_RECORD + 1):
                    self.number += 1
                    yield self._line(raw)
        except OSError as error:
            raise not_read(self.path, error) from None

    def _line(self, raw: bytes) -> str:
        self.size += len(raw)
        if self.size > MAX_RECORD:
            raise SyntaxInput(
                "a record is larger than 1 MiB", place=Place(str(self.path), self.number, 1), hint="is a quote open?"
            )
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            column = len(raw[: error.start].decode("utf-8")) + 1
            raise UnreadableInput("is not valid UTF-8", place=Place(str(self.path), self.number, column)) from None
        if "\0" in text:
            raise UnreadableInput("contains a NUL character", place=Place(str(self.path), self.number, text.index("\0") + 1))
        if self.number == 1:
            text = text.removeprefix(BYTE_ORDER_MARK)
        self.record.append(text)
        return text

    def next_record(self) -> tuple[int, str]:
        """Return the first line's number and the text of the record just read, and begin a new one."""
        text = "".join(self.record)
        first = self.number - len(self.record) + 1
        self.record, self.size = [], 0
        return first, text


# -- CSV


def read_csv(path: Path, adapter: Adapter, content: bytes | None = None) -> Iterator[Record]:
    """Yield the tenants of a CSV file: a header of spec keys plus ``domain``, dots for nesting, an empty cell for "not set".

    Args:
        content: What is taken instead of what stands in the file.

    Raises:
        SyntaxInput, UnreadableInput: with the place of what is wrong.
    """
    lines = _Lines(path, content)
    csv.field_size_limit(max(csv.field_size_limit(), MAX_RECORD))
    csv.field_size_limit(MAX_RECORD)
    reader = csv.reader(lines, strict=True)
    try:
        header = next(reader, None)
        first, named = lines.next_record()
        if header is None:
            raise SyntaxInput("is empty", place=Place(str(path), 1, 1), hint="the first line names the columns")
        columns = _columns(header, Place(str(path), 1, 1), adapter)
        domain_at = header.index("domain")
        for cells in reader:
            first, text = lines.next_record()
            if not cells:
                continue
            origin = _Cells(str(path), first, text, header, named)
            if len(cells) != len(header):
                message = f"{len(cells)} cells where the header names {len(header)} columns"
                raise SyntaxInput(
                    message, place=Place(str(path), first, 1), hint="put a cell that contains a comma in double quotes"
                )
            place = Place(str(path), first, 1)
            yield cells[domain_at], place, _row(cells, columns, place, origin)
    except csv.Error:
        raise SyntaxInput(
            "is not valid CSV", place=Place(str(path), lines.number, 1), hint='a quote inside a quoted cell is written ""'
        ) from None


def _columns(header: list[str], place: Place, adapter: Adapter) -> list[tuple[tuple[str, ...], Convert]]:
    seen: set[str] = set()
    for name in header:
        if not name or any(not part for part in name.split(".")):
            raise SyntaxInput("a column has no name", place=place)
        if name in seen:
            raise SyntaxInput(f"the column {shown_key(name)} appears twice", place=place)
        seen.add(name)
    for name in header:
        parts = name.split(".")
        above = next((".".join(parts[:end]) for end in range(1, len(parts)) if ".".join(parts[:end]) in seen), None)
        if above:
            raise SyntaxInput(
                f"the columns {shown_key(above)} and {shown_key(name)} exclude each other: one is a part of the other",
                place=place,
            )
    if "domain" not in seen:
        raise SyntaxInput("there is no column `domain`", place=place, hint="each row needs its tenant's domain")
    return [(tuple(name.split(".")), _converter(name, adapter)) for name in header]


def _converter(name: str, adapter: Adapter) -> Convert:
    types = adapter[name].types if name in adapter else ("integer",) if name == "secret_version" else ()
    boolean = "boolean" in types or name == "allow_logged_secrets"
    integer = "integer" in types

    def convert(cell: str) -> Json:
        if integer and cell.isascii() and cell.isdecimal() and len(cell) < 19:
            return int(cell)
        if boolean and cell.lower() in ("true", "false"):
            return cell.lower() == "true"
        return cell

    return convert


def _row(cells: list[str], columns: list[tuple[tuple[str, ...], Convert]], place: Place, origin: _Cells) -> PlacedMap:
    row = PlacedMap(place=place, origin=origin)
    for cell, (path, convert) in zip(cells, columns, strict=True):
        if not cell or path == ("domain",):
            continue
        owner = row
        for depth, part in enumerate(path[:-1]):
            inner = owner.get(part)
            if not isinstance(inner, PlacedMap):
                inner = owner[part] = PlacedMap(place=place, origin=origin.below(path[: depth + 1]))
            owner = inner
        owner[path[-1]] = convert(cell)
    return row


class _Cells:
    """The places of a CSV record: a key's in the header, a value's in its cell, found by reading the texts again."""

    __slots__ = ("above", "columns", "file", "first", "header", "text")

    def __init__(self, file: str, first: int, text: str, header: list[str], columns: str, above: str = "") -> None:
        self.file, self.first, self.text, self.header, self.columns, self.above = file, first, text, header, columns, above

    def below(self, path: tuple[str, ...]) -> _Cells:
        """Return the places of what is nested at a path."""
        return _Cells(self.file, self.first, self.text, self.header, self.columns, "".join(f"{part}." for part in path))

    def key(self, name: str) -> Place:
        return Source(self.file, self.columns).place(_cell_offset(self.columns, self._index(name)))

    def value(self, name: str) -> Place:
        place = Source(self.file, self.text).place(_cell_offset(self.text, self._index(name)))
        return place._replace(line=place.line + self.first - 1)

    def _index(self, name: str) -> int:
        name = self.above + name
        return next((at for at, column in enumerate(self.header) if column == name or column.startswith(f"{name}.")), 0)


_CELL = pattern(r'"(?:[^"]|"")*"[^,]*|[^,]*')


def _cell_offset(text: str, index: int) -> int:
    """Return where a cell begins: a quote opens a quoted cell only at the cell's beginning."""
    at = 0
    for _ in range(index):
        match = _CELL.match(text, at)
        at = match.end() + 1 if match else at
    return min(at, len(text))


def header_words(text: str, at: int, part: str) -> Iterator[Span]:
    """Yield where one part of the names of columns stands in a CSV file's header.

    Args:
        at: Where the first column begins that has the part; those that have the same parts up to there follow.
        part: The part; nothing is yielded where the first column has it twice.
    """
    end = text.find("\n") if "\n" in text else len(text)
    first: list[str] | None = None
    while at < end:
        match = _CELL.match(text, at, end)
        assert match is not None
        quote = len(match.group()) - len(match.group().lstrip('"'))
        parts = match.group().rstrip("\r")[quote:].removesuffix('"' * quote).split(".")
        if first is None:
            if parts.count(part) != 1:
                return
            first = parts[: parts.index(part) + 1]
        if parts[: len(first)] == first:
            start = at + quote + sum(len(name) + 1 for name in first[:-1])
            yield Span(start, start + len(part))
        at = match.end() + 1


# -- JSON Lines


def read_json_lines(path: Path, content: bytes | None = None) -> Iterator[Record]:
    """Yield the tenants of a JSON Lines file: an object a line with its ``domain``.

    Args:
        content: What is taken instead of what stands in the file.

    Raises:
        SyntaxInput, UnreadableInput: with the place of what is wrong.
    """
    lines = _Lines(path, content)
    for line in lines:
        first, text = lines.next_record()
        if not line.strip():
            continue
        place = Place(str(path), first, 1)
        row = _fast_object(text, place, str(path)) or read_json(Source(str(path), text), line=first - 1)
        if not isinstance(row, PlacedMap):
            raise SyntaxInput("each line must be a JSON object", place=place)
        domain = row.pop("domain", None)
        if not isinstance(domain, str):
            raise SyntaxInput("the object has no `domain`", place=place, hint="each object needs its tenant's domain")
        yield domain, place, row


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


def _fast_object(text: str, place: Place, file: str) -> PlacedMap | None:
    """Read a flat object with the C parser; None where the careful reader has to look."""
    try:
        items = json.loads(text, object_pairs_hook=_pairs)
    except (ValueError, _Repeated, RecursionError):
        return None
    if not isinstance(items, dict) or "\\ud" in text.lower():
        return None
    return PlacedMap(items, place=place, origin=_JsonLine(file, place.line, text))


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
