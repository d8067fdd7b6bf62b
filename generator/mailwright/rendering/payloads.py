"""The REST payload of a tenant's sender: what goes where in v1 and v2, secrets apart (facts 4.3, 4.4).

A payload is made without secrets: what is secret is listed beside it, field to reference, so that nobody posts a reference as a password.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..adapter import Adapter, PayloadPlace, load_adapter
from ..deployment.java import java_text
from ..errors import SpecError
from ..releases import Release
from ..spec import PlacedMap, Tenant

SENDER_NAME = "EmailPublisher"
"""The only name that a stock server takes (facts 4.7)."""

OWNER, SECRET_VERSION = "mailwright.owner", "mailwright.secretVersion"
"""Properties of this project's own: stored and returned by the server, without effect (facts 4.3)."""

_HTTP = {"body": "body", "method": "http.client.method", "content_type": "contentType", "headers": "http.headers"}
_HTTP_AUTH = {
    "username": "userName",
    "password": "password",
    "access_token": "accessToken",
    "api_key_header": "apiKeyHeader",
    "api_key_value": "apiKeyValue",
    "client_id": "clientId",
    "client_secret": "clientSecret",
    "token_endpoint": "tokenEndpoint",
    "scopes": "scopes",
}
_HTTP_SECRETS = frozenset({"password", "access_token", "api_key_value", "client_secret"})


def secret_names(adapter: Adapter | None = None) -> frozenset[str]:
    """Return the fields and properties of a payload that hold secrets, in any version."""
    keys = (adapter or load_adapter()).secrets
    places = {place.name for key in keys for place in (key.v1, key.v2) if place}
    return frozenset(places | {_HTTP_AUTH[name] for name in _HTTP_SECRETS})


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
    """Return the API version for a sender: v1 before 7.2.0 and for BASIC on 7.2.0, whose v2 logs credentials (facts 4.8); else v2."""
    asked = sender.get("api_version")
    if asked in ("v1", "v2"):
        return str(asked)
    if not release.has("7.2.0"):
        return "v1"
    return "v2" if release.has("7.3.0") or load_adapter().uses_oauth(sender) or sender.get("provider") == "HTTP" else "v1"


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
    if version == "v2" and release.has("7.3.0"):
        fields["provider"] = str(sender.get("provider", "SMTP"))
    entries: dict[str, str] = {}
    secrets: dict[PayloadPlace, str] = {}
    http = sender.get("http")
    if sender.get("provider") == "HTTP" and isinstance(http, PlacedMap):
        _http(sender, http, fields, entries, secrets)
    else:
        _smtp(sender, version, adapter or load_adapter(), fields, entries, secrets)
    if owner:
        entries[OWNER] = owner
    if sender.get("secret_version") is not None:
        entries[SECRET_VERSION] = java_text(sender["secret_version"])
    fields["properties"] = [{"key": key, "value": value} for key, value in entries.items()]
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
        place = key.v1 if version == "v1" else key.v2
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
    auth = http.get("auth")
    options = auth if isinstance(auth, PlacedMap) else {"type": "NONE"}
    fields["fromAddress"] = sender.get("from_address")
    fields["providerURL"] = http.get("url")
    fields["authType"] = options.get("type")
    for name, key in _HTTP.items():
        if name in http:
            entries[key] = java_text(http[name])
    for name, key in _HTTP_AUTH.items():
        if name not in options:
            continue
        if name in _HTTP_SECRETS:
            secrets[PayloadPlace(key, is_property=True)] = java_text(options[name])
        else:
            entries[key] = java_text(options[name])
