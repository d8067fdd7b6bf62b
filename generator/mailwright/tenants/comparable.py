"""A tenant's sender as it can be compared: what the server shows of it, and what it would show of a payload.

product/api.md#fields, product/api.md#malformed-json, product/api.md#secrets.

Both sides pass the same normalisation, so that what the server makes of a request is no difference. A secret is never kept: v1's
password is dropped here, and all that stays is that there is one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from ..base.errors import PeerRefused
from ..base.values import dataclass
from ..product.auth_types import SMTP, is_http
from ..product.payloads import PROVIDER, Names
from ..rendering.payloads import Payload

Value = str | int | bool

ABSENT = "absent"
"""The state digest of a tenant without a sender."""

_RESERVED = frozenset({"streamName", "version", "type"})
"""Properties that the server overwrites (product/api.md#reserved-keys)."""

_HTTP_DEFAULTS = {"http.client.method": "POST", "contentType": "JSON"}
"""What an HTTP provider has where nothing is said (product/api.md#rule-13); whether the server then shows it is not known."""

_AUTH_TYPE = "authType"


@dataclass(frozen=True, slots=True)
class Comparable:
    """A sender without its secrets.

    Attributes:
        version: The API version that it was read with, or will be written with.
        fields, properties: Name to value.
        secrets: The names of the secrets that it has; None where the version does not show that.
    """

    version: str
    fields: Mapping[str, Value]
    properties: Mapping[str, Value]
    secrets: frozenset[str] | None

    @property
    def auth_type(self) -> str | None:
        """The authentication type; None in v1, which has none."""
        kind = self.fields.get(_AUTH_TYPE)
        return kind if isinstance(kind, str) else None

    @property
    def digest(self) -> str:
        """A digest of everything that is compared."""
        parts = [self.version, sorted(self.fields.items()), sorted(self.properties.items()), sorted(self.secrets or ())]
        return blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()


def state_of(sender: Comparable | None) -> str:
    """Return the digest of a tenant's state."""
    return sender.digest if sender else ABSENT


def expected(payload: Payload, names: Names) -> Comparable:
    """Return what the server will show once it has taken a payload."""
    sender = _normal(payload.version, payload.body, names)
    held = frozenset(place.name for place in payload.secrets) if payload.version == "v1" else None
    return Comparable(sender.version, sender.fields, sender.properties, held)


def observed(document: object, version: str, names: Names) -> Comparable:
    """Return the sender that an answer shows.

    Raises:
        PeerRefused: the answer is not what the API's definition says.
    """
    if not isinstance(document, dict) or not isinstance(document.get("properties") or [], list):
        raise PeerRefused("the server's answer is not a sender", hint="is this URL the Identity Server's own?")
    return _normal(version, document, names)


def _normal(version: str, document: Mapping[str, Any], names: Names) -> Comparable:
    fields = {
        name: value
        for name, value in document.items()
        if name in names.known and isinstance(value, (str, int, bool)) and not _blank(value)  # others mean nothing to us
    }
    properties = dict(_entries(document.get("properties") or ()))
    for name in names.integers:
        if isinstance(number := fields.get(name), str) and number.strip().isdecimal():
            fields[name] = int(number)
    if version == "v2":
        fields[_AUTH_TYPE] = str(fields.get(_AUTH_TYPE, names.product.auth_types.default)).upper()
        fields[PROVIDER] = str(fields.get(PROVIDER, SMTP)).upper()
        if is_http(fields[PROVIDER]):
            given = {name: text.upper() if name in _HTTP_DEFAULTS else text for name, text in properties.items()}
            properties = {**_HTTP_DEFAULTS, **given}
            fields = {name: value for name, value in fields.items() if name not in names.smtp_only}
    # v1 shows the password (product/api.md#password-shown): it ends here.
    held = frozenset(name for name in names.secret if name in fields or name in properties) if version == "v1" else None
    return Comparable(
        version,
        {name: value for name, value in fields.items() if name not in names.secret},
        {name: value for name, value in properties.items() if name not in names.secret},
        held,
    )


def _entries(entries: Iterable[object]) -> Iterable[tuple[str, str]]:
    for entry in entries:
        if isinstance(entry, dict) and isinstance(key := entry.get("key"), str) and key not in _RESERVED:
            value = entry.get("value")
            if value is not None and not _blank(value):
                yield key, value if isinstance(value, str) else json.dumps(value)


def _blank(value: object) -> bool:
    return isinstance(value, str) and not value.strip()
