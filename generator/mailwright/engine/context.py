"""The engine's context: flat keys with their values, file first, then the adapter's defaults (phases 1 to 4).

Every cell remembers which keys its text came from, so that a secret stays hidden wherever a reference carries it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..deployment import Leaf, split_flat
from ..product.adapter import Adapter


@dataclass(slots=True)
class Cell:
    """A value on its way through the phases.

    Attributes:
        data: str, int, float, bool, list, dict or None.
        key: Its own flat key.
        is_default: Whether it is a default of the product.
        referenced: Whether it held a placeholder.
        inserted: The flat keys whose texts references brought into it.
    """

    data: object = field(repr=False)
    key: str
    is_default: bool = False
    referenced: bool = False
    inserted: frozenset[str] = frozenset()

    @property
    def sources(self) -> frozenset[str]:
        """The flat keys that its text came from, its own included."""
        return self.inserted | {self.key}


Context = dict[str, Cell]


def build_context(leaves: Iterable[Leaf], adapter: Adapter) -> Context:
    """Return the context after the defaults are filled in. Keys of the product that are not the adapter's are not known here."""
    context = {leaf.flat: Cell(leaf.data, leaf.flat) for leaf in leaves}
    for key in adapter.scalars:
        # An empty default in the schema means that the product's default.json has none: the template prints nothing.
        if key.flat not in context and key.default not in (None, ""):
            context[key.flat] = Cell(key.default, key.flat, is_default=True)
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


def sources_of(value: object) -> frozenset[str]:
    """Return the flat keys that a cell, or a nested map of cells, came from."""
    if isinstance(value, Cell):
        return value.sources
    if isinstance(value, dict):
        return frozenset().union(*map(sources_of, value.values()))
    return frozenset()
