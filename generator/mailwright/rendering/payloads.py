"""The REST payload of a tenant's sender: what goes where in v1 and v2, secrets apart.

product/api.md#fields, product/api.md#validation.

A payload is made without secrets: what is secret is listed beside it, field to reference, so that nobody posts a reference as a password.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ..base.errors import SpecError
from ..base.nodes import PlacedMap
from ..base.shown import shown_text
from ..deployment.java import java_text
from ..product.adapter import Adapter, PayloadPlace, load_adapter, payload_place
from ..product.auth_types import HTTP, SMTP, is_http, load_catalogue
from ..product.releases import Release
from ..product.schemas import inlined
from ..spec import Tenant
from ..spec.references import whole_reference

SENDER_NAME = "EmailPublisher"
"""The only name that a stock server takes (product/api.md#publisher-name)."""

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


@cache
def http_parts() -> tuple[Part, ...]:
    """Return what the ``http`` part of a sender can hold, as the spec's schema annotates it.

    product/adapter.md#http-provider, product/api.md#fields.
    """
    return tuple(_parts(inlined("spec", "/$defs/http-provider"), ()))


def _parts(node: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Part]:
    place = payload_place(node.get("x-v2"))
    if place is not None:
        marks = (bool(node.get(mark)) for mark in ("writeOnly", "x-destination", "x-opaque", "x-any-case"))
        yield Part(path, place, *marks)
    for name, child in node.get("properties", {}).items():
        yield from _parts(child, (*path, name))


@dataclass(frozen=True, slots=True)
class Names:
    """The names that fields and properties of payloads have, in any version.

    Attributes:
        known: Those whose meaning is known; the values of others are not shown.
        secret: Those that hold secrets.
        opaque: Those whose values can hold credentials of the user's own, and are not shown either.
        destination: Those that say where credentials go, and how.
        numeric: Those for numbers and truth values.
    """

    known: frozenset[str]
    secret: frozenset[str]
    opaque: frozenset[str]
    destination: frozenset[str]
    numeric: frozenset[str]

    def shown(self, name: str, value: object, *, longest: int | None = None) -> str:
        """Return the value of a field or property as JSON, or the mark that stands in its place."""
        reference = whole_reference(value) if isinstance(value, str) else None
        return shown_text(
            value,
            json.dumps(value, ensure_ascii=False),
            known=name in self.known and name not in self.opaque,
            secret=name in self.secret,
            reference=reference is not None and reference.is_plain,
            numeric=name in self.numeric,
            longest=longest,
        )


def payload_names(adapter: Adapter | None = None) -> Names:
    """Return the names of payloads' fields and properties, by what they are."""
    keys = (adapter or load_adapter()).scalars
    places = [(place.name, key.secret, key.destination, False) for key in keys for place in (key.v1, key.v2) if place]
    places += [(part.place.name, part.secret, part.destination, part.opaque) for part in http_parts()]
    return Names(
        known=frozenset({name for name, *_ in places} | {PROVIDER, OWNER, SECRET_VERSION}),
        secret=frozenset(name for name, secret, _, _ in places if secret),
        opaque=frozenset(name for name, _, _, opaque in places if opaque),
        destination=frozenset(name for name, _, destination, _ in places if destination),
        numeric=frozenset(place.name for key in keys if key.is_numeric for place in (key.v1, key.v2) if place),
    )


@dataclass(frozen=True, slots=True)
class Payload:
    """A tenant's payload.

    Attributes:
        domain: The tenant.
        version: ``v1`` or ``v2``.
        body: The JSON object, without secrets.
        secrets: Field or property to the reference in the spec; a literal secret stands here too, so it is not printed.
    """

    domain: str
    version: str
    body: dict[str, Any]
    secrets: dict[PayloadPlace, str] = field(repr=False)

    def complete(self, values: Mapping[PayloadPlace, str]) -> dict[str, Any]:
        """Return the body with the resolved secrets in their places."""
        body = {**self.body, "properties": list(self.body["properties"])}
        for place, value in values.items():
            if place.is_property:
                body["properties"].append({"key": place.name, "value": value})
            else:
                body[place.name] = value
        return body


def api_version(sender: Mapping[str, Any], release: Release) -> str:
    """Return the API version for a sender: the newest, but v1 for BASIC where v2 writes credentials into the log.

    product/api.md#leak-log.
    """
    asked = sender.get("api_version")
    if asked in ("v1", "v2"):
        return str(asked)
    newest_only = load_adapter().uses_oauth(sender) or is_http(sender.get(PROVIDER))
    return "v1" if release.logs_dropped_values and not newest_only else release.best_api


def tenant_payload(tenant: Tenant, release: Release, *, owner: str | None = None, adapter: Adapter | None = None) -> Payload:
    """Return the payload of a tenant's sender.

    Args:
        tenant: A tenant of a spec that validates.
        release: The product release.
        owner: The spec's ``owner`` mark.
        adapter: The adapter's keys; None takes the packaged schema.

    Raises:
        SpecError: the release has no API for tenants.
    """
    if not release.tenant_api:
        raise SpecError(f"{release.version} has no API for tenants' senders", place=tenant.place)
    sender = tenant.sender
    version = api_version(sender, release)
    fields: dict[str, Any] = {"name": SENDER_NAME}
    if version == "v2" and len(release.providers) > 1:
        fields[PROVIDER] = str(sender.get(PROVIDER, SMTP)).upper()
    entries: dict[str, str] = {}
    secrets: dict[PayloadPlace, str] = {}
    http = sender.get("http")
    if is_http(sender.get(PROVIDER)) and isinstance(http, PlacedMap):
        _http(sender, http, fields, entries, secrets)
    else:
        _smtp(sender, version, adapter or load_adapter(), fields, entries, secrets)
    if owner:
        entries[OWNER] = owner
    if sender.get("secret_version") is not None:
        entries[SECRET_VERSION] = java_text(sender["secret_version"])
    # A property without a value is dropped by v2 and means nothing to v1: it is not sent (product/api.md#properties).
    fields["properties"] = [{"key": key, "value": value} for key, value in entries.items() if value.strip()]
    return Payload(tenant.domain, version, fields, secrets)


def _smtp(
    sender: PlacedMap,
    version: str,
    adapter: Adapter,
    fields: dict[str, Any],
    entries: dict[str, str],
    secrets: dict[PayloadPlace, str],
) -> None:
    for key in adapter.scalars:
        place = key.place(version)
        if place is None or (key.name not in sender and place.implied is None):
            continue
        value = sender.get(key.name, place.implied)
        if key.secret:
            secrets[place] = java_text(value)
        elif place.is_property:
            entries[place.name] = java_text(value)
        else:
            number = isinstance(value, str) and value.isdecimal() and "integer" in key.types
            fields[place.name] = int(value) if number and isinstance(value, str) else value


def _http(
    sender: PlacedMap, http: PlacedMap, fields: dict[str, Any], entries: dict[str, str], secrets: dict[PayloadPlace, str]
) -> None:
    fields["fromAddress"] = sender.get("from_address")
    plain = {"auth": {"type": load_catalogue().assumed[HTTP]}, **http}
    for part in http_parts():
        value: Any = plain
        for name in part.path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if value is None:
            continue
        if part.secret:
            secrets[part.place] = java_text(value)
            continue
        if part.any_case:
            value = java_text(value).upper()
        if part.place.is_property:
            entries[part.place.name] = java_text(value)
        else:
            fields[part.place.name] = value
