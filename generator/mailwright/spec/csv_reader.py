"""Tenants in a CSV file of any length, a record at a time.

A record's places are worked out only when somebody asks for them: a million tenants that are fine cost no bookkeeping.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from ..base.errors import SyntaxInput
from ..base.nodes import Json, PlacedMap
from ..base.patterns import pattern
from ..base.places import Place, Source, Span
from ..base.shown import shown_key
from ..product.adapter import Adapter
from ..product.product import Product
from .lines import MAX_RECORD, Lines
from .rows import Row, Shape, Shapes, is_text, picker

Convert = Callable[[str], Json]


def read_csv(path: Path, product: Product, content: bytes | None = None) -> Iterator[Row]:
    """Yield the tenants of a CSV file: a header of spec keys plus ``domain``, dots for nesting, an empty cell for "not set".

    Args:
        content: What is taken instead of what stands in the file.

    Raises:
        SyntaxInput, UnreadableInput: with the place of what is wrong.
    """
    import csv  # few specs have any

    lines = Lines(path, content)
    csv.field_size_limit(max(csv.field_size_limit(), MAX_RECORD))
    csv.field_size_limit(MAX_RECORD)
    with closing(iter(lines)) as text:
        try:
            yield from _rows(path, csv.reader(text, strict=True), lines, product)
        except csv.Error:
            raise SyntaxInput(
                "is not valid CSV", place=Place(str(path), lines.number, 1), hint='a quote inside a quoted cell is written ""'
            ) from None


def _rows(path: Path, reader: Iterator[list[str]], lines: Lines, product: Product) -> Iterator[Row]:
    header = next(reader, None)
    first, named = lines.next_record()
    if header is None:
        raise SyntaxInput("is empty", place=Place(str(path), 1, 1), hint="the first line names the columns")
    table = _Table(str(path), header, named, product)
    domain_at, width, shaped = table.domain_at, len(header), table.shaped
    for cells in reader:
        first, text = lines.next_record()
        if not cells:
            continue
        if len(cells) != width:
            message = f"{len(cells)} cells where the header names {width} columns"
            hint = "put a cell that contains a comma in double quotes"
            raise SyntaxInput(message, place=Place(str(path), first, 1), hint=hint)
        yield _CsvRow(cells[domain_at], *shaped(cells), table, cells, first, text)


class _Table:
    """A CSV file's header, and what its rows have in common."""

    def __init__(self, file: str, header: list[str], named: str, product: Product) -> None:
        self.file, self.header, self.named = file, header, named
        self.columns = _columns(header, Place(file, 1, 1), product.adapter)
        self.domain_at = header.index("domain")
        self.texts_at = [at for at, (path, _) in enumerate(self.columns) if is_text(path, product)]
        kept = (at for at in range(len(header)) if at != self.domain_at and at not in self.texts_at)
        self._kept, self._texts = picker(list(kept)), picker(self.texts_at)
        self._name, self._shapes = "\0".join(header), Shapes()

    def shaped(self, cells: list[str]) -> tuple[Shape, tuple[str, ...]]:
        """Return the shape of a row and its texts: the cells of columns for texts that have any."""
        texts: tuple[str, ...] = self._texts(cells)
        filled: tuple[bool, ...] = ()
        if not all(texts):
            filled = tuple(map(bool, texts))
            texts = tuple(filter(None, texts))
        key = (self._name, filled, self._kept(cells))
        shape = self._shapes.get(key)
        if shape is None:
            paths = tuple(self.columns[at][0] for at in self.texts_at if cells[at])
            shape = self._shapes.new(key, paths)
        return shape, texts


class _CsvRow(Row):
    """A record of a CSV file."""

    __slots__ = ("_cells", "_first", "_table", "_text")

    def __init__(
        self, domain: str, shape: Shape, texts: tuple[str, ...], table: _Table, cells: list[str], first: int, text: str
    ) -> None:
        self.domain, self.shape, self.texts = domain, shape, texts
        self._table, self._cells, self._first, self._text = table, cells, first, text

    @property
    def place(self) -> Place:
        return Place(self._table.file, self._first, 1)

    def own(self) -> PlacedMap:
        table = self._table
        origin = _Cells(table.file, self._first, self._text, table.header, table.named)
        return _row(self._cells, table.columns, self.place, origin)

    def with_texts(self, domain: str, texts: Sequence[str]) -> _CsvRow:
        cells, filled = self._cells.copy(), iter(texts)
        cells[self._table.domain_at] = domain
        for at in self._table.texts_at:
            if cells[at]:
                cells[at] = next(filled)
        assert self.shape is not None
        return _CsvRow(domain, self.shape, tuple(texts), self._table, cells, self._first, self._text)


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
