"""Rows: tenants as their files have them, before inheritance; and shapes: what many rows have in common.

Rows of one shape differ in their domains and in texts that decide nothing. What is worked out for one of them holds for all, texts apart:
that is why a table of a hundred thousand tenants costs little more than reading it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, TypeVar

from ..base.nodes import PlacedMap
from ..base.places import Place
from ..product.product import Product

Path = tuple[str, ...]
R = TypeVar("R", bound="Row")

MOST_SHAPES = 500
"""How many shapes of a file are kept: one whose rows all differ in more than texts has none that repeats."""

_WHOLE_NUMBER = (1 << 64) - 1


@cache
def _texts(product: Product) -> frozenset[Path]:
    keys = product.adapter.scalars
    plain = {
        (key.name,)
        for key in keys
        if key.types == ("string",) and not any(place is not None and place.implied for place in (key.v1, key.v2))
    }
    return frozenset(plain | {("http", *part.path) for part in product.http_parts if not part.any_case})


def is_text(path: Path, product: Product) -> bool:
    """Say whether the value at a path of a sender is a text that decides nothing: neither what goes into the payload, nor where to.

    Left out are numbers, truth values, kinds and versions. What is for the API, and not for the sender, is in no payload.
    """
    return path in _texts(product) or (len(path) > 1 and path[0] in ("api", "create"))


class Shape:
    """What rows of one file have in common.

    Attributes:
        mark: Stands for it, in this process.
        paths: Where the texts go that each row has of its own.
        made: What somebody who walks over the rows makes of the shape and keeps; each walk has shapes of its own.
        rows: How many rows of it were looked at, for those who make something of what repeats only.
    """

    __slots__ = ("made", "mark", "paths", "rows")

    def __init__(self, key: Hashable, paths: tuple[Path, ...]) -> None:
        self.mark, self.paths, self.rows = hash(key), paths, 0
        self.made: Any = None


class Row:
    """A tenant as it stands in its file.

    Attributes:
        domain: The tenant's domain.
        shape: What it has in common with others, None where nothing is known to be.
        texts: What goes to the shape's paths.
    """

    __slots__ = ("domain", "shape", "texts")

    def __init__(self, domain: str, shape: Shape | None = None, texts: tuple[str, ...] = ()) -> None:
        self.domain, self.shape, self.texts = domain, shape, texts

    def __repr__(self) -> str:
        return f"<row {self.domain}>"  # the texts may be secrets

    @property
    def place(self) -> Place:
        """Where it begins."""
        raise NotImplementedError

    def own(self) -> PlacedMap:
        """Return its keys, with places."""
        raise NotImplementedError

    def with_texts(self: R, domain: str, texts: Sequence[str]) -> R:
        """Return a row of the same shape with another domain and other texts."""
        raise NotImplementedError

    def digest(self) -> int:
        """Return a number of 64 bits that stands for its content, in this process."""
        content = (self.shape.mark, self.texts) if self.shape is not None else json.dumps(self.own(), sort_keys=True)
        return hash((self.domain, content)) & _WHOLE_NUMBER


class PlainRow(Row):
    """A tenant of a document, which is read as a whole."""

    __slots__ = ("_own", "_place")

    def __init__(self, domain: str, place: Place, own: PlacedMap) -> None:
        super().__init__(domain)
        self._place, self._own = place, own

    @property
    def place(self) -> Place:
        return self._place

    def own(self) -> PlacedMap:
        return self._own


class Shapes:
    """The shapes of one file, by what stands for them."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Shape] = {}
        self.get = self._known.get

    def new(self, key: Hashable, paths: tuple[Path, ...]) -> Shape:
        """Return a shape that was not there yet."""
        if len(self._known) >= MOST_SHAPES:
            self._known.clear()
        made = self._known[key] = Shape(key, paths)
        return made


def picker(indexes: Sequence[int]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """Return what takes the items at some indexes from a sequence."""
    if len(indexes) > 1:
        return itemgetter(*indexes)
    if not indexes:
        return lambda items: ()
    only = indexes[0]
    return lambda items: (items[only],)
