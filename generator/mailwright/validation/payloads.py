"""Findings about a tenant's payload for the REST API, as the server's code accepts it.

product/api.md#fields, product/api.md#validation, product/api.md#malformed-json.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from ..base.errors import SpecError
from ..base.findings import Finding, unite
from ..base.nodes import Json, PlacedList, PlacedMap, place_of
from ..base.places import Place
from ..base.shown import shown_dotted, shown_key
from ..base.urls import is_url
from ..product.product import Product
from ..product.releases import Release, for_each
from ..rules.reading import SCHEMA, TENANT_RELEASE
from ..rules.sender import SenderKind
from .addresses import check_url
from .excerpts import entry_excerpt, payload_excerpt
from .findings import misspelling
from .schemas import SchemaError, errors_in
from .settings import payload_settings, said_of


def line_of(version: str, release: Release) -> str | None:
    """Return the ``$defs`` entry of a payload schema that covers a release, or None if the release lacks that API version."""
    return release.payload_lines.get(version)


def check_payload(path: str, document: Json, version: str, releases: Sequence[Release]) -> list[Finding]:
    """Return the findings about a payload of API version ``v1`` or ``v2``.

    Raises:
        SpecError: the document is no JSON object.
    """
    if not isinstance(document, PlacedMap):
        raise SpecError("is not a payload: it must be a JSON object", place=Place(path, 1, 1))
    product = releases[0].product
    settings = payload_settings(document, version, product)

    def check(release: Release) -> list[Finding]:
        """Of a release without this version of the API only that is said."""
        found = _shape(document, version, release)
        if release.includes("payloads", version):
            found += said_of(settings, SenderKind.TENANT, release, payload=version)
            found += _urls(document, product)
        return found

    return unite(for_each(releases, check))


def _urls(document: PlacedMap, product: Product) -> Iterator[Finding]:
    """Check the URLs of a payload, but for those in its secrets and in templates of the user's own."""
    apart = product.payload_names.secret | product.payload_names.opaque
    for name, value in document.items():
        if isinstance(value, str) and is_url(value) and name not in apart:
            line = payload_excerpt(product, document, (name,))
            yield from check_url(value, document.value_place(name), shown_dotted(name), line)
    entries = document.get("properties")
    for entry in entries if isinstance(entries, PlacedList) else ():
        if isinstance(entry, PlacedMap):
            key, text = entry.get("key"), entry.get("value")
            if isinstance(key, str) and isinstance(text, str) and is_url(text) and key not in apart:
                place = entry.value_place("value")
                line = entry_excerpt(product, entry, place, value=True)
                yield from check_url(text, place, shown_dotted("properties", key), line)


def _shape(document: PlacedMap, version: str, release: Release) -> list[Finding]:
    line = line_of(version, release)
    if line is None:
        return [TENANT_RELEASE.at(document.place, f"this release has no {version} of the notification-sender API")]
    product = release.product
    errors = errors_in(product, f"tenant-sender.{version}", document, f"/$defs/{line}")
    return [_property_finding(product, document, error) or _finding(product, document, error) for error in errors]


def _finding(product: Product, document: PlacedMap, error: SchemaError) -> Finding:
    place = place_of(document, error.path, key=error.at_key) or document.place
    line = payload_excerpt(product, document, error.path, value=not error.at_key)
    path, fix = shown_dotted(*error.path) or None, misspelling(document, error, place)
    return SCHEMA.at(place, error.sentence, hint=error.hint, path=path, excerpt=line, fix=fix)


def _property_finding(product: Product, document: PlacedMap, error: SchemaError) -> Finding | None:
    """Say what is wrong with one of the properties by its name, with its value where that may be shown; None for everything else."""
    entries = document.get("properties")
    if not isinstance(entries, PlacedList) or error.path[:1] != ("properties",):
        return None
    if error.lacks is not None:
        blank = [entry for entry in entries if isinstance(entry, PlacedMap) and entry.get("key") == error.lacks]
        if not blank:
            return None
        at, message, name = blank[-1], "must not be blank", error.lacks
    else:
        index = error.path[1] if len(error.path) == 3 and error.path[2] == "value" else None
        entry = entries[index] if isinstance(index, int) else None
        key = entry.get("key") if isinstance(entry, PlacedMap) else None
        if not isinstance(entry, PlacedMap) or not isinstance(key, str):
            return None
        at, name, message = entry, key, error.message + _shown(product, key, entry.get("value"))
    place = at.value_place("value") if "value" in at else at.place
    said, path = f"the property {shown_key(name)} {message}", shown_dotted("properties", name)
    line, fix = entry_excerpt(product, at, place, value=True), misspelling(document, error, place)
    return SCHEMA.at(place, said, hint=error.hint, path=path, excerpt=line, fix=fix)


def _shown(product: Product, name: str, value: Json) -> str:
    """Return what a property holds, for the end of a message, where its name is known and its value neither secret nor the user's own."""
    names = product.payload_names
    if not isinstance(value, str) or name not in names.known - names.secret - names.opaque - names.destination:
        return ""
    if not value.strip():
        return ", and is blank"
    return f", not {json.dumps(value)}" if len(value) <= _LONGEST_SHOWN and value.isprintable() else ""


_LONGEST_SHOWN = 40
