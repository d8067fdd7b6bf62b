"""What stands where in the payloads of tenants' senders, by the annotations of the adapter's schema and of the spec's.

product/adapter.md#http-provider, product/api.md#fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..base.values import dataclass
from .adapter import PayloadPlace, payload_place

if TYPE_CHECKING:
    from .product import Product

OWNER, SECRET_VERSION = "mailwright.owner", "mailwright.secretVersion"
"""Properties of this project's own: stored and returned by the server, without effect (product/api.md#other-keys)."""

PROVIDER = "provider"
"""The field that says SMTP or HTTP, where the release has both."""


@dataclass(frozen=True, slots=True)
class Part:
    """A value of a spec's ``http`` part: the path of its key, and its annotations in schema/spec.schema.json."""

    path: tuple[str, ...]
    place: PayloadPlace
    secret: bool
    destination: bool
    opaque: bool
    any_case: bool


def iter_parts(node: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[Part]:
    """Yield what the ``http`` part of a sender can hold; *node* is its schema."""
    place = payload_place(node.get("x-v2"))
    if place is not None:
        marks = (bool(node.get(mark)) for mark in ("writeOnly", "x-destination", "x-opaque", "x-any-case"))
        yield Part(path, place, *marks)
    for name, child in node.get("properties", {}).items():
        yield from iter_parts(child, (*path, name))


@dataclass(frozen=True, slots=True)
class Names:
    """The names that fields and properties of payloads have, in any version.

    Attributes:
        product: Whose payloads they are.
        known: Those whose meaning is known; the values of others are not shown.
        secret: Those that hold secrets.
        opaque: Those whose values can hold credentials of the user's own, and are not shown either.
        destination: Those that say where credentials go, and how.
        smtp_only: The fields that only an SMTP sender has: where it connects to.
        integers: The fields that hold a number.
        numeric: Those for numbers and truth values.
    """

    product: Product
    known: frozenset[str]
    secret: frozenset[str]
    opaque: frozenset[str]
    destination: frozenset[str]
    smtp_only: frozenset[str]
    integers: frozenset[str]
    numeric: frozenset[str]


def payload_names(product: Product) -> Names:
    """Return the names of a product's payloads, by what they are."""
    keys = product.adapter.scalars
    placed = [(key, place) for key in keys for place in (key.v1, key.v2) if place]
    places = [(place.name, key.secret, key.destination, False) for key, place in placed]
    places += [(part.place.name, part.secret, part.destination, part.opaque) for part in product.http_parts]
    fields = [(key, place.name) for key, place in placed if not place.is_property]
    return Names(
        product,
        known=frozenset({name for name, *_ in places} | {PROVIDER, OWNER, SECRET_VERSION}),
        secret=frozenset(name for name, secret, _, _ in places if secret),
        opaque=frozenset(name for name, _, _, opaque in places if opaque),
        destination=frozenset(name for name, _, destination, _ in places if destination),
        smtp_only=frozenset(name for key, name in fields if key.destination),
        integers=frozenset(name for key, name in fields if "integer" in key.types),
        numeric=frozenset(place.name for key, place in placed if key.is_numeric),
    )
