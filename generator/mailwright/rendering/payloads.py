"""The REST payload of a tenant's sender: what goes where in v1 and v2, secrets apart.

product/api.md#fields, product/api.md#validation.

A payload is made without secrets: what is secret is listed beside it, field to reference, so that nobody posts a reference as a password.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..base.errors import SpecError
from ..base.nodes import PlacedMap
from ..base.shown import shown_text
from ..base.values import dataclass, field
from ..deployment.java import java_text
from ..product.adapter import Key, PayloadPlace
from ..product.auth_types import HTTP, SMTP, is_http
from ..product.payloads import OWNER, PROVIDER, SECRET_VERSION, Names
from ..product.product import Product
from ..product.releases import Release
from ..spec import Tenant
from ..spec.references import whole_reference

SENDER_NAME = "EmailPublisher"
"""The only name that a stock server takes (product/api.md#publisher-name)."""


def shown_entry(names: Names, name: str, value: object, *, longest: int | None = None) -> str:
    """Return the value of a field or property of a payload as JSON, or the mark that stands in its place."""
    reference = whole_reference(value) if isinstance(value, str) else None
    return shown_text(
        value,
        json.dumps(value, ensure_ascii=False),
        known=name in names.known and name not in names.opaque,
        secret=name in names.secret,
        reference=reference is not None and reference.is_plain,
        numeric=name in names.numeric,
        longest=longest,
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

    def value(self, key: Key | None) -> Any:
        """Return what the payload says for a key of the adapter; None where it says nothing, and for a secret."""
        place = None if key is None else key.v1 if self.version == "v1" else key.v2
        if place is None:
            return None
        if not place.is_property:
            return self.body.get(place.name)
        return next((entry["value"] for entry in self.body["properties"] if entry["key"] == place.name), None)

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
    newest_only = release.product.adapter.uses_oauth(sender) or is_http(sender.get(PROVIDER))
    return "v1" if release.logs_dropped_values and not newest_only else release.best_api


def tenant_payload(tenant: Tenant, release: Release, *, owner: str | None = None) -> Payload:
    """Return the payload of a tenant's sender.

    Args:
        tenant: A tenant of a spec that validates.
        release: The product release.
        owner: The spec's ``owner`` mark.

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
        _http(sender, http, release.product, fields, entries, secrets)
    else:
        _smtp(sender, version, release.product, fields, entries, secrets)
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
    product: Product,
    fields: dict[str, Any],
    entries: dict[str, str],
    secrets: dict[PayloadPlace, str],
) -> None:
    for key in product.adapter.scalars:
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
    sender: PlacedMap,
    http: PlacedMap,
    product: Product,
    fields: dict[str, Any],
    entries: dict[str, str],
    secrets: dict[PayloadPlace, str],
) -> None:
    for key, place in product.shared_fields:
        fields[place.name] = sender.get(key.name)
    plain = {"auth": {"type": product.auth_types.assumed[HTTP]}, **http}
    for part in product.http_parts:
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
