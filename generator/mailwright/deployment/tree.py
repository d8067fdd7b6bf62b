"""From statements to keys: what the server's TOML parser and config-mapper make of tables, redefinitions and key names.

The rules are those of CAVA 0.5.0 (MutableTomlTable) and of config-mapper's TomlParser (1.0.2 to 1.0.22);
product/xml.md#dotted-names, product/xml.md#section. Each value ends up under a *flat key*, its dotted path with quotation marks
around the parts that need them; config-mapper then cuts the flat key at the dots outside the quotation marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from ..base.patterns import pattern
from ..base.places import Span
from ..base.values import dataclass, field
from .syntax import Header, KeyValue, Problem, Refusal, StatementKind, Value

_SIMPLE = pattern(r"[A-Za-z0-9_-]+\Z")
_FLAT_PART = pattern(r"'([^'\x00-\x08\x0a-\x1f\x7f]*)'|([A-Za-z0-9_-]+)")
_SHORT = {"\t": "\\t", "\b": "\\b", "\n": "\\n", "\r": "\\r", "\f": "\\f", "'": "\\'"}


class Leaf(NamedTuple):
    """A key that holds a value.

    Attributes:
        path: The parts of its path as the file means them.
        flat: The key under which config-mapper keeps it.
        data: str, int, float, bool; a list or dict for arrays; None where config-mapper loses the value
            (product/xml.md#non-ascii-name, product/xml.md#why-dots).
        key_span, value_span: Where they stand.
        header: The table header it stands under, if any.
    """

    path: tuple[str, ...]
    flat: str
    data: object
    key_span: Span
    value_span: Span
    header: Header | None

    def __repr__(self) -> str:  # the data may be a secret
        return f"Leaf({self.flat!r}, {self.key_span})"


@dataclass(slots=True)
class _Table:
    items: dict[str, _Table | _Array | _Entry] = field(default_factory=dict)
    implicit: bool = False


@dataclass(slots=True)
class _Array:
    """``[[an.array.of.tables]]``."""

    tables: list[_Table]
    span: Span
    header: Header


@dataclass(slots=True)
class _Entry:
    value: Value
    key_span: Span
    header: Header | None


_NOTHING: dict[str, _Table | _Array | _Entry] = {}


class _Clash(Exception):
    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def flat_key(path: Sequence[str]) -> str:
    """Return the flat key of a path: CAVA's joinKeyPath, with config-mapper's single quotes."""
    return ".".join(map(_flat_part, path))


@lru_cache(maxsize=4096)  # files have most of their names in common
def _flat_part(part: str) -> str:
    return part if _SIMPLE.match(part) else _quoted(part)


def _quoted(part: str) -> str:
    out = []
    for char in part:
        if char in _SHORT:
            out.append(_SHORT[char])
        elif " " <= char <= "~":
            out.append("'" if char == '"' else char)
        else:
            out.append(f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}")
    return "'" + "".join(out) + "'"


@lru_cache(maxsize=4096)
def split_flat(flat: str) -> tuple[str, ...]:
    """Cut a flat key into parts as config-mapper's JinjaParser does: at the dots outside ``'…'``."""
    parts: list[str] = []
    for index, piece in enumerate(flat.split("'")):
        parts.extend([piece] if index % 2 else filter(None, piece.split(".")))
    return tuple(parts)


def first_flat(flat: str) -> str:
    """Return the first part of a flat key, as it is written there."""
    end = flat.find("'", 1) + 1 if flat.startswith("'") else flat.find(".")
    return flat[:end] if end > 0 else flat


@lru_cache(maxsize=4096)  # as those of _flat_part
def _looked_up(flat: str) -> tuple[str, ...] | None:
    """Return the path that CAVA reads out of a flat key, or None where that is a syntax error (the server does not start)."""
    path: list[str] = []
    position = 0
    while True:
        match = _FLAT_PART.match(flat, position)
        if not match:
            return None
        path.append(match.group(1) if match.group(2) is None else match.group(2))
        position = match.end()
        if position == len(flat):
            return tuple(path)
        if flat[position] != ".":
            return None
        position += 1


class _Builder:
    def __init__(self) -> None:
        self.root = _Table()
        self.problems: list[Problem] = []

    def build(self, items: Iterable[Header | KeyValue]) -> None:
        table: _Table = self.root
        header: Header | None = None
        for item in items:
            try:
                if isinstance(item, Header):
                    header = item
                    table = self._array_table(item) if item.array else self._standard_table(item)
                else:
                    self._set(table, item, header)
            except _Clash as clash:
                span = item.span if isinstance(item, Header) else item.key_span
                self._problem(Refusal.DUPLICATE, span, clash.message)
                if isinstance(item, Header):
                    table = _Table()  # what follows is still read, so that its own mistakes show

    def _problem(self, refusal: Refusal, span: Span, message: str, hint: str | None = None) -> None:
        self.problems.append(Problem(refusal, span, message, hint))

    def _standard_table(self, header: Header) -> _Table:
        parent = self._ensure(self.root, header.path[:-1], follow_arrays=True)
        name = header.path[-1]
        found = parent.items.get(name)
        if found is None:
            parent.items[name] = made = _Table()
            return made
        if isinstance(found, _Table) and found.implicit:
            # MutableTomlTable.createTable puts the table into itself here; listing the keys then never ends.
            found.implicit = False
            self._problem(
                Refusal.OVERFLOW,
                header.span,
                "this table comes after one of its own sub-tables or dotted keys: the server's parser overflows its stack",
                "move this table, with its keys, above its sub-tables",
            )
            return found
        raise _Clash("this table is defined twice")

    def _array_table(self, header: Header) -> _Table:
        parent = self._ensure(self.root, header.path[:-1], follow_arrays=True)
        found = parent.items.get(header.path[-1])
        table = _Table()
        if found is None:
            parent.items[header.path[-1]] = _Array([table], header.span, header)
        elif isinstance(found, _Array):
            found.tables.append(table)
        else:
            raise _Clash("something else has the name of this array of tables")
        return table

    def _ensure(self, table: _Table, path: Sequence[str], *, follow_arrays: bool) -> _Table:
        for part in path:
            found = table.items.get(part)
            if found is None:
                table.items[part] = found = _Table(implicit=True)
            if isinstance(found, _Array) and follow_arrays:
                found = found.tables[-1]
            if not isinstance(found, _Table):
                raise _Clash("a part of this name is not a table")
            table = found
        return table

    def _set(self, table: _Table, pair: KeyValue, header: Header | None) -> None:
        owner = self._ensure(table, pair.path[:-1], follow_arrays=False)
        if pair.path[-1] in owner.items:
            raise _Clash("this key is defined twice")
        owner.items[pair.path[-1]] = self._held(pair, header)

    def _held(self, pair: KeyValue, header: Header | None) -> _Table | _Entry:
        if pair.value.kind is not StatementKind.TABLE:
            return _Entry(pair.value, pair.key_span, header)
        inner = _Table(implicit=not pair.value.pairs)  # CAVA's empty inline table counts as implicit
        for nested in pair.value.pairs:
            try:
                self._set(inner, nested, header)
            except _Clash as clash:
                self._problem(Refusal.DUPLICATE, nested.key_span, clash.message)
        return inner


def build_leaves(
    statements: Iterable[Header | KeyValue], known: Iterable[Problem] = ()
) -> tuple[tuple[Leaf, ...], tuple[Problem, ...]]:
    """Return the keys of a file in its order, and every problem: those that are *known* and those of its tables and key names."""
    builder = _Builder()
    builder.build(statements)
    problems = [*known, *builder.problems]
    leaves: list[Leaf] = []
    lookable = not any(problem.refusal is Refusal.OVERFLOW for problem in problems)
    for path, flat, entry in _walk(builder.root, emptied=True):
        if lookable and ("'" in flat or isinstance(entry, _Array)):
            _check_names(path, flat, entry, problems)
        if isinstance(entry, _Array):
            data: object = [_map(table) for table in entry.tables]
            key_span = value_span = entry.span
            header: Header | None = entry.header
        else:
            data, key_span, value_span, header = _plain(entry.value), entry.key_span, entry.value.span, entry.header
        if "'" in flat and _looked_up(flat) != path:
            data = None
        leaves.append(Leaf(path, flat, data, key_span, value_span, header))
    leaves.sort(key=lambda leaf: leaf.key_span)
    problems.sort(key=lambda problem: problem.span)
    return tuple(leaves), tuple(problems)


def simple_leaves(items: Iterable[Header | KeyValue]) -> tuple[Leaf, ...] | None:
    """Return the keys of tables that are known to go together; None where they must be built to know what their keys are called."""
    leaves: list[Leaf] = []
    header: Header | None = None
    path: tuple[str, ...] = ()
    flat = ""
    for item in items:
        if isinstance(item, Header):
            header, path = item, item.path
            flat = flat_key(path) + "."
            continue
        name, value = item.path[-1], item.value
        own = flat + _flat_part(name)
        if len(item.path) > 1 or value.kind is StatementKind.TABLE or "'" in own:
            return None
        data = _plain(value) if value.kind is StatementKind.ARRAY else value.data
        leaves.append(Leaf((*path, name), own, data, item.key_span, value.span, header))
    return tuple(leaves)


def _walk(root: _Table, *, emptied: bool = False) -> Iterator[tuple[tuple[str, ...], str, _Entry | _Array]]:
    """Yield every value and every array of tables with its path and its flat key; *emptied* gives the tables' memory back on the way."""
    # A stack of iterators, not of tables: a file of many tables has them all in one.
    stack: list[tuple[Iterator[tuple[str, _Table | _Array | _Entry]], tuple[str, ...], str]]
    stack = [(iter(root.items.items()), (), "")]
    while stack:
        items, path, flat = stack[-1]
        for name, item in items:
            own, own_flat = (*path, name), f"{flat}.{_flat_part(name)}" if path else _flat_part(name)
            if isinstance(item, _Table):
                stack.append((iter(item.items.items()), own, own_flat))
                if emptied:
                    item.items = _NOTHING
                break
            yield own, own_flat, item
        else:
            stack.pop()


def _check_names(path: tuple[str, ...], flat: str, entry: _Entry | _Array, problems: list[Problem]) -> None:
    """Report the key names that config-mapper cannot look up again: those with a quotation mark."""
    span = entry.span if isinstance(entry, _Array) else entry.key_span
    if any("'" in part or '"' in part for part in path) and _looked_up(flat) is None:
        problems.append(Problem(Refusal.KEY, span, "a quotation mark in a key breaks the server's start", "rename the key"))
    for table in entry.tables if isinstance(entry, _Array) else ():
        for inner in _walk(table):
            _check_names(*inner, problems)


def _plain(value: Value) -> object:
    if value.kind is StatementKind.ARRAY:
        return [_plain(element) for element in value.elements]
    if value.kind is StatementKind.TABLE:
        builder = _Builder()
        builder.build(value.pairs)
        return _map(builder.root)
    return value.data


def _map(table: _Table) -> dict[str, object]:
    """A table inside an array, as nested maps."""
    return {
        name: _map(item)
        if isinstance(item, _Table)
        else [_map(inner) for inner in item.tables]
        if isinstance(item, _Array)
        else _plain(item.value)
        for name, item in table.items.items()
    }
