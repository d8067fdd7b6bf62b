"""The keys of ``[output_adapter.email]``, as schema/adapter.schema.json describes them.

The schema is the only place that knows the keys; this module makes its annotations easy to ask for. It reads the JSON file with
the standard library alone, since ``validate`` and ``effective`` start with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..base.patterns import ecma
from ..base.values import dataclass
from .auth_types import Catalogue

if TYPE_CHECKING:
    from .releases import Release

_LONGEST_TYPING_ERROR = 40


@dataclass(frozen=True, slots=True)
class PayloadPlace:
    """Where a value goes in a tenant's payload: a field of its own, or an entry of ``properties``.

    ``implied`` is what is sent where the spec says nothing, None for nothing.
    """

    name: str
    is_property: bool
    implied: str | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the adapter, or one listed entry of its table of mail-client properties.

    Attributes mirror the schema's annotations; ``vocabulary.schema.json`` describes them. ``flat`` is its full dotted name.
    """

    name: str
    flat: str
    title: str
    description: str
    types: tuple[str, ...]
    default: object
    secret: bool
    since: str
    xml: str | None
    axis2: bool
    javamail: str | None
    v1: PayloadPlace | None
    v2: PayloadPlace | None
    aliases: tuple[str, ...]
    destination: bool
    source: str
    examples: tuple[object, ...]
    pattern: str | None = None

    @property
    def is_table(self) -> bool:
        """Whether the key is a table whose entries are properties of their own."""
        return self.types == ("object",)

    @property
    def is_numeric(self) -> bool:
        """Whether the key is for numbers or truth values."""
        return not {"integer", "boolean"}.isdisjoint(self.types)

    def accepts(self, text: str) -> bool:
        """Say whether the schema takes a text as the key's value."""
        return "string" in self.types and (self.pattern is None or re.search(ecma(self.pattern), text) is not None)

    def place(self, version: str) -> PayloadPlace | None:
        """Return where the value goes in the payload of an API version; None: a tenant cannot set it."""
        return self.v1 if version == "v1" else self.v2

    def known_to(self, release: Release) -> bool:
        """Say whether the release renders the key; an older one ignores it."""
        return release.has(self.since)


class Adapter(Mapping[str, Key]):
    """The keys in the order in which the server's template renders them.

    Args:
        schema: The parsed adapter.schema.json.
        path: The adapter's table in deployment.toml.
        auth_types: How its senders authenticate.

    Attributes:
        scalars: The keys that are no table; *table* is the one of the mail client's properties, and *listed* are those that it describes.
        by_xml: The scalars by the mail client's names.
        secret_names: Under which names something stands whose value is secret.
    """

    def __init__(self, schema: Mapping[str, Any], path: tuple[str, ...], auth_types: Catalogue) -> None:
        self.schema, self.path, self._auth_types = schema, path, auth_types
        self.flat = ".".join(path)
        self._keys = {name: _key(name, node, self.flat) for name, node in schema["properties"].items()}
        self.scalars = tuple(key for key in self._keys.values() if not key.is_table)
        self.table = next(key for key in self._keys.values() if key.is_table)
        since = self.table.since
        self.listed = {
            name: _key(name, {"x-since": since, "x-xml": name, "x-javamail": name, **node}, self.table.flat)
            for name, node in schema["properties"][self.table.name]["properties"].items()
        }

        self.by_xml = {key.xml: key for key in self.scalars if key.xml}
        known = (*self._keys.values(), *self.listed.values())
        self.secret_names = frozenset(name for key in known if key.secret for name in (key.name, key.xml) if name)
        self._spellings = {_folded(alias): key.name for key in self._keys.values() for alias in (*key.aliases, key.name)}
        self._guesses: dict[str, str | None] = {}

    def __getitem__(self, name: str) -> Key:
        return self._keys[name]

    def get(self, name: str, default: None = None) -> Key | None:  # type: ignore[override]  # the mixin's goes through an exception
        return self._keys.get(name, default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def holds(self, path: tuple[str, ...]) -> bool:
        """Say whether a path of deployment.toml is the adapter's table, or lies in it."""
        return path[: len(self.path)] == self.path

    def below(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """Return what a path names in the adapter's table."""
        return path[len(self.path) :]

    @property
    def secrets(self) -> tuple[Key, ...]:
        """The keys whose values are secret."""
        return tuple(key for key in self._keys.values() if key.secret)

    def ignored(self, names: Iterable[str], release: Release) -> frozenset[str]:
        """Return those of some names that are keys which a release does not have: it ignores them (product/keys.md#key-too-new)."""
        return frozenset(name for name in names if name in self._keys and not self._keys[name].known_to(release))

    def uses_oauth(self, sender: Mapping[str, object]) -> bool:
        """Say whether the mail client logs in with a token (product/adapter.md#oauth)."""
        kinds = (sender.get(key.name) for key in self.scalars if key.v2 and key.v2.implied is not None)
        return any(map(self._auth_types.fetches_token, kinds))

    def meant(self, name: str) -> str | None:
        """Return the key that somebody probably meant who wrote *name*, or None."""
        if name in self._keys:
            return name
        wanted = _folded(name)
        if wanted in self._spellings or len(wanted) > _LONGEST_TYPING_ERROR:
            return self._spellings.get(wanted)
        if wanted not in self._guesses:
            from difflib import get_close_matches  # few names are misspelt

            close = get_close_matches(wanted, self._spellings, n=1, cutoff=0.8)
            close = close or [each for each in self._spellings if _swapped(wanted, each)]
            self._guesses[wanted] = self._spellings[close[0]] if close else None
        return self._guesses[wanted]


def _folded(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def _swapped(name: str, other: str) -> bool:
    """Say whether two neighbours changed places, which is much in a short word."""
    differ = [at for at, (mine, its) in enumerate(zip(name, other, strict=False)) if mine != its]
    if len(name) != len(other) or len(differ) != 2 or differ[1] != differ[0] + 1:
        return False
    first, second = differ
    return name[first] == other[second] and name[second] == other[first]


def _key(name: str, node: Mapping[str, Any], table: str) -> Key:
    types = node.get("type", ())
    return Key(
        name=name,
        flat=f"{table}.{name}",
        title=node["title"],
        description=node["description"],
        types=(types,) if isinstance(types, str) else tuple(types),
        default=node.get("default"),
        secret=bool(node.get("writeOnly")),
        since=node["x-since"],
        xml=node["x-xml"],
        axis2=bool(node.get("x-axis2")),
        javamail=node["x-javamail"],
        v1=payload_place(node.get("x-v1")),
        v2=payload_place(node.get("x-v2")),
        aliases=tuple(node.get("x-aliases", ())),
        destination=bool(node.get("x-destination")),
        source=node["x-source"],
        examples=tuple(node.get("examples", ())),
        pattern=node.get("pattern"),
    )


def payload_place(node: Mapping[str, str] | None) -> PayloadPlace | None:
    """Return the place that an annotation ``x-v1`` or ``x-v2`` describes, None for none."""
    if node is None:
        return None
    return PayloadPlace(node.get("field") or node["property"], "property" in node, node.get("implied"))
