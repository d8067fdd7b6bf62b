"""The engine's context: flat keys with their values, file first, then the adapter's defaults (phases 1 to 4).

Every cell remembers whether its text may be printed, so that a secret stays hidden wherever a reference carries it.
"""

from __future__ import annotations

from itertools import chain

from ..base.values import dataclass, field
from ..deployment import Keys, Leaf, split_flat
from ..product.adapter import Adapter
from .shown import known_key

ALIAS_TABLES = ("secrets", "runtime_secrets")
"""Where aliases of ``$secret{}`` stand (product/placeholders.md#secrets-table)."""


@dataclass(slots=True)
class Cell:
    """A value on its way through the phases.

    Attributes:
        data: str, int, float, bool, list, dict or None.
        key: Its own flat key.
        is_default: Whether it is a default of the product.
        referenced: Whether it held a placeholder.
        public: Whether its text may be printed: the schema knows every key that it came from, and none is secret.
    """

    data: object = field(repr=False)
    key: str
    is_default: bool = False
    referenced: bool = False
    public: bool = False


class Context(dict[str, Cell]):
    """Cells by their flat keys.

    Those that no phase alters, and that nothing refers to, are not in it until they are looked up.
    """

    __slots__ = ("_adapter", "_keys")

    def __init__(self, keys: Keys, adapter: Adapter) -> None:
        self._keys, self._adapter = keys, adapter

    def add(self, leaf: Leaf) -> Cell:
        """Put a key of the file into the context."""
        key = known_key(split_flat(leaf.flat), self._adapter)
        cell = self[leaf.flat] = Cell(leaf.data, leaf.flat, public=key is not None and not key.secret)
        return cell

    def __missing__(self, flat: str) -> Cell:
        leaf = self._keys.get(flat)
        if leaf is None:
            raise KeyError(flat)
        return self.add(leaf)

    def find(self, flat: str) -> Cell | None:
        """Return the cell of a flat key, None where there is no such key."""
        try:
            return self[flat]
        except KeyError:
            return None

    def complete(self) -> Context:
        """Put every key into the context, in the order of the file."""
        there = dict(self)
        self.clear()
        for leaf in self._keys:
            if leaf.flat in there:
                self[leaf.flat] = there[leaf.flat]
            else:
                self.add(leaf)
        self.update(there)
        return self


def build_context(keys: Keys, adapter: Adapter) -> Context:
    """Return the context after the defaults are filled in. Keys of the product that are not the adapter's are not known here."""
    context = Context(keys, adapter)
    for leaf in chain(*map(keys.below, (adapter.path[0], *ALIAS_TABLES)), keys.marked):
        if leaf.flat not in context:
            context.add(leaf)
    for key in adapter.scalars:
        # An empty default in the schema means that the product's default.json has none: the template prints nothing.
        if key.flat not in context and key.default not in (None, ""):
            context[key.flat] = Cell(key.default, key.flat, is_default=True, public=True)
    return context


def email_table(context: Context, adapter: Adapter) -> dict[str, object] | None:
    """Rebuild the adapter's table as the nested map that the template sees; a leaf of it is a ``Cell``.

    Returns None where the table is no table (an array of tables, or a value): the template then finds no key in it.
    """
    if adapter.flat in context or adapter.path[0] in context:
        return None
    table: dict[str, object] = {}
    for flat, cell in context.items():
        if not flat.startswith(adapter.flat + "."):
            continue
        *parents, last = adapter.below(split_flat(flat))
        owner = table
        for part in parents:
            inner = owner.get(part)
            if not isinstance(inner, dict):
                inner = owner[part] = {}
            owner = inner
        if not (isinstance(owner.get(last), dict) and cell.is_default):
            owner[last] = cell
    return table


def plain(value: object) -> object:
    """Return a nested map of cells as plain data."""
    if isinstance(value, Cell):
        return value.data
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def is_public(value: object) -> bool:
    """Say whether the text of a cell, or of a nested map of cells, may be printed."""
    if isinstance(value, Cell):
        return value.public
    return all(map(is_public, value.values())) if isinstance(value, dict) else True
