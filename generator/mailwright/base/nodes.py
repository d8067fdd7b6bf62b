"""Data that knows where it stands: mappings and lists whose keys and values have places, overlays included.

They are dicts and lists, so that JSON Schema and ordinary code take them as they are. A mapping made by merging keeps, for each key,
the origin that the key came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeAlias

from .places import Place

Json: TypeAlias = "bool | int | float | str | PlacedMap | PlacedList | list[Json] | dict[str, Json] | None"


class Origin(Protocol):
    """Where a mapping was read: tells the place of a key and of its value. May work lazily."""

    def key(self, name: str) -> Place: ...

    def value(self, name: str) -> Place: ...


class Marks:
    """The origin of a mapping whose places are all known."""

    __slots__ = ("keys", "values")

    def __init__(self) -> None:
        self.keys: dict[str, Place] = {}
        self.values: dict[str, Place] = {}

    def key(self, name: str) -> Place:
        return self.keys[name]

    def value(self, name: str) -> Place:
        return self.values[name]


class PlacedMap(dict[str, Json]):
    """A mapping with places.

    Args:
        items: Its content.
        place: Where it begins.
        origin: Tells the places of its keys and values.
        patched: The origins of the keys that came from somewhere else.
    """

    __slots__ = ("origin", "patched", "place")

    def __init__(
        self,
        items: Mapping[str, Json] | Iterable[tuple[str, Json]] = (),
        *,
        place: Place,
        origin: Origin | None = None,
        patched: dict[str, Origin] | None = None,
    ) -> None:
        super().__init__(items)
        self.place = place
        self.origin = origin
        self.patched = patched

    def __repr__(self) -> str:
        return f"<mapping of {len(self)} keys at {self.place}>"  # the values may be secrets

    def origin_of(self, name: str) -> Origin | None:
        """Return the origin of one key."""
        return self.patched[name] if self.patched and name in self.patched else self.origin

    def key_place(self, name: str) -> Place:
        """Return where a key stands; the mapping's own place if that is not known."""
        origin = self.origin_of(name)
        return origin.key(name) if origin is not None and name in self else self.place

    def value_place(self, name: str) -> Place:
        """Return where a key's value stands; the mapping's own place if that is not known."""
        origin = self.origin_of(name)
        return origin.value(name) if origin is not None and name in self else self.place

    def changed(self, values: Mapping[str, Json]) -> PlacedMap:
        """Return the mapping with other values for some of its keys, which stand where those stood."""
        return PlacedMap({**self, **values}, place=self.place, origin=self.origin, patched=self.patched)

    def renamed(self, names: Mapping[str, str]) -> PlacedMap:
        """Return the mapping with other names for some keys, which stand where they stood."""
        marks = Marks()
        marks.keys = {names.get(name, name): self.key_place(name) for name in self}
        marks.values = {names.get(name, name): self.value_place(name) for name in self}
        return PlacedMap({names.get(name, name): value for name, value in self.items()}, place=self.place, origin=marks)


class PlacedList(list[Json]):
    """A list whose elements have places."""

    __slots__ = ("place", "places")

    def __init__(self, items: Iterable[Json], *, place: Place, places: list[Place]) -> None:
        super().__init__(items)
        self.place = place
        self.places = places

    def __repr__(self) -> str:
        return f"<list of {len(self)} at {self.place}>"


def merge_patch(base: Json, patch: Json) -> Json:
    """Return *base* with a JSON Merge Patch (RFC 7396) applied; neither is changed. null removes, lists are replaced."""
    if not isinstance(patch, PlacedMap):
        return patch
    if not isinstance(base, PlacedMap):
        base = PlacedMap(place=patch.place)
    merged = PlacedMap(base, place=base.place, origin=base.origin, patched=dict(base.patched) if base.patched else {})
    origins = merged.patched
    assert origins is not None
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
            origins.pop(name, None)
            continue
        merged[name] = merge_patch(merged.get(name), value) if isinstance(value, PlacedMap) else value
        origin = patch.origin_of(name)
        if origin is not None:
            origins[name] = origin
    return merged


def place_of_text(root: Json, text: str) -> Place | None:
    """Return the place of the first value below a node that is a text, None where none is."""
    if not isinstance(root, PlacedMap):
        return None
    for name, value in root.items():
        if isinstance(value, str) and value == text:
            return root.value_place(name)
        if (found := place_of_text(value, text)) is not None:
            return found
    return None


def place_of(root: Json, path: Iterable[str | int], *, key: bool = False) -> Place | None:
    """Return the place of the value (or, with *key*, of the key) at a path below *root*; the nearest known one above it otherwise."""
    node = root
    place = node.place if isinstance(node, (PlacedMap, PlacedList)) else None
    for part in path:
        if isinstance(node, PlacedMap) and isinstance(part, str) and part in node:
            place = node.key_place(part) if key else node.value_place(part)
            node = node[part]
        elif isinstance(node, PlacedList) and isinstance(part, int) and part < len(node):
            place = node.places[part]
            node = node[part]
        else:
            break
    return place
