"""What differs between two releases, in words: their traits, as releases.schema.json names them, and the adapter's keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from .releases import Release


class Change(NamedTuple):
    """What is otherwise in a newer release.

    Attributes:
        title: What it is about. *before*, *after*: what it is in either.
        source: Where the product's documents say so.
    """

    title: str
    before: str
    after: str
    source: str


def changes(before: Release, after: Release) -> Iterator[Change]:
    """Yield what differs: the traits in the order of the schema, then the keys that come and go."""
    product = after.product
    traits: dict[str, Any] = product.schemas.document("releases")["$defs"]["release"]["properties"]
    for name, node in traits.items():
        if name not in ("version", "preview") and (values := (before.ask(name), after.ask(name)))[0] != values[1]:
            yield Change(node["title"], trait_words(values[0]), trait_words(values[1]), node["x-source"])
    for key in product.adapter.values():
        if key.known_to(before) != key.known_to(after):
            there, words = key.known_to(after), ("ignored", "read")
            yield Change(f"Key {key.name}", words[not there], words[there], key.source.partition(";")[0])


def trait_words(value: Any) -> str:
    """Return the value of a trait for people."""
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "not known"}[value]
    if isinstance(value, dict):
        return ", ".join(f"{name} {trait_words(item)}" for name, item in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)
