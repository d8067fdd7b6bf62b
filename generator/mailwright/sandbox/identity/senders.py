"""An email sender as the server stores it, and what v1 and v2 make of requests and show of it.

product/api.md#fields, product/api.md#validation, product/api.md#malformed-json, product/api.md#put-replaces,
product/api.md#secrets.

Pure functions. Both versions see one stored sender: user name, password and client are properties like all others, only v1
gives two of them fields of their own. What the facts leave open, and how it stands here: authType comes back in capitals; fields
without a value are left out; properties come back sorted by key, so that nobody relies on their order; smtpServerHost and
smtpPort of an HTTP sender, providerURL of an SMTP sender, and reserved properties are not kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any

from ...base.values import dataclass, field
from ...product.auth_types import HTTP, SMTP, Smtp
from ...product.releases import Release
from .refusals import Refused

DEFAULT_NAME = "EmailPublisher"
RESERVED = frozenset({"streamName", "version", "type"})
USER, PASSWORD = "userName", "password"


class JsonKind(Enum):
    """What a field of a body holds."""

    TEXT = "text"
    INTEGER = "integer"
    ENTRIES = "entries"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class StoredSender:
    """What the configuration store holds of a sender; ``auth_type`` is None for one that came through v1."""

    name: str
    fromAddress: str | None = None  # noqa: N815
    smtpServerHost: str | None = None  # noqa: N815
    smtpPort: int | None = None  # noqa: N815
    provider: str = SMTP
    providerURL: str | None = None  # noqa: N815
    authType: str | None = None  # noqa: N815
    properties: Mapping[str, str] = field(default_factory=dict, repr=False)


_COMMON = {
    "fromAddress": JsonKind.TEXT,
    "smtpServerHost": JsonKind.TEXT,
    "smtpPort": JsonKind.INTEGER,
    "properties": JsonKind.ENTRIES,
}


def _fields(version: str, release: Release, *, put: bool) -> dict[str, JsonKind]:
    fields = dict(_COMMON)
    if not put:
        fields["name"] = JsonKind.TEXT
    if version == "v1":
        return {**fields, USER: JsonKind.TEXT, PASSWORD: JsonKind.TEXT}
    fields["authType"] = JsonKind.TEXT
    if len(release.providers) > 1:
        fields |= {"provider": JsonKind.TEXT, "providerURL": JsonKind.TEXT}
    return fields


def read_sender(raw: bytes, version: str, release: Release, *, name: str | None, ignore_unknown: bool) -> StoredSender:
    """Return the sender of a POST, or of a PUT to *name*, as it will be stored.

    Raises:
        Refused: UE-10000, SE-50000 or NSM-65022, in the order in which the layers of the server look.
    """
    body = parse_object(raw, _fields(version, release, put=name is not None), ignore_unknown=ignore_unknown)
    entries = body.get("properties")
    if version == "v1":
        _check_beans(body)
        if entries is None:
            raise Refused(500, "SE-50000")
        properties = {entry["key"]: entry["value"] for entry in entries}
        properties |= {key: body[key] for key in (USER, PASSWORD) if body.get(key) is not None}
    else:
        if "provider" in body and body["provider"] is None:
            raise Refused(500, "SE-50000")
        pairs = [(entry.get("key"), entry.get("value")) for entry in entries or ()]
        properties = {key: value for key, value in pairs if key and value and not (blank(key) or blank(value))}
    asked = body.get("name") if name is None else name
    provider = str(body.get("provider", SMTP)).upper()
    http = provider == HTTP
    sender = StoredSender(
        name=DEFAULT_NAME if asked is None else asked,
        fromAddress=body.get("fromAddress"),
        smtpServerHost=None if http else body.get("smtpServerHost"),
        smtpPort=None if http else body.get("smtpPort"),
        provider=provider,
        providerURL=body.get("providerURL") if http else None,
        authType=body["authType"].upper() if body.get("authType") is not None else None,
        properties={key: value for key, value in properties.items() if key not in RESERVED},
    )
    if version in release.validated and not _valid(sender, body, version, release):
        raise Refused(400, "NSM-65022")
    return sender


def _check_beans(body: Mapping[str, Any]) -> None:
    entries = body.get("properties") or ()
    if body.get("fromAddress") is None or any(entry.get("key") is None or entry.get("value") is None for entry in entries):
        raise Refused(400, "UE-10000")


_WORDS = {"http.client.method": ("POST", "PUT"), "contentType": ("JSON", "FORM")}
"""What may be given, the default first; compared ignoring case, and blanks are given (13)."""


def _valid(sender: StoredSender, body: Mapping[str, Any], version: str, release: Release) -> bool:
    """Say whether the service's own rules hold (product/api.md#validation; the numbers are its)."""
    given = sender.properties
    if sender.provider == HTTP:  # 13
        values: list[str | None] = [sender.providerURL, given.get("body")]
        sent = {entry.get("key"): entry.get("value") for entry in body.get("properties") or ()}
        if not all(str(sent.get(name) or words[0]).upper() in words for name, words in _WORDS.items()):
            return False
    else:  # 1 to 5
        values = [sender.smtpServerHost, sender.fromAddress, given.get("mail.smtp.signature"), given.get("mail.smtp.replyTo")]
        if sender.smtpPort is None:
            return False
    kind = sender.authType
    if version == "v1":  # 6
        return not any(map(blank, [*values, body.get(USER), body.get(PASSWORD)]))
    if kind is None or kind not in release.auth_types:  # 6, 11, 12
        return False
    known = release.product.auth_types.types[kind]
    if known.smtp is Smtp.REFUSED and sender.provider != HTTP:
        return False
    values += [given.get(key) for key in (*known.needs, *release.auth_needs.get(kind, ()))]  # 8 to 11
    return not any(map(blank, values))


def represent(sender: StoredSender, version: str, release: Release) -> dict[str, Any]:
    """Return what GET, POST and PUT answer with: v1 with the password, v2 without any secret (product/api.md#password-shown)."""
    shown: dict[str, Any] = {"name": sender.name}
    if version == "v2" and len(release.providers) > 1:
        shown |= {"provider": sender.provider, "providerURL": sender.providerURL}
    shown |= {name: getattr(sender, name) for name in ("smtpServerHost", "smtpPort", "fromAddress")}
    if version == "v1":
        shown |= {USER: sender.properties.get(USER), PASSWORD: sender.properties.get(PASSWORD)}
        hidden = {USER, PASSWORD} | _withheld(release)
    else:
        shown["authType"] = sender.authType or release.product.auth_types.default
        hidden = _withheld(release)
    shown["properties"] = [{"key": key, "value": value} for key, value in sorted(sender.properties.items()) if key not in hidden]
    return {name: value for name, value in shown.items() if value is not None}


def _withheld(release: Release) -> set[str]:
    if not release.secret_store:
        return set()
    return {name for kind in release.auth_types for name in release.product.auth_types.secrets_of(kind)}


def blank(text: str | None) -> bool:
    """Say whether a text is missing, empty or white space only."""
    return text is None or not text.strip()


def parse_object(raw: bytes, fields: Mapping[str, JsonKind], *, ignore_unknown: bool) -> dict[str, Any]:
    """Return a JSON object as Jackson reads it into a class with *fields*; scalars become texts, digits numbers.

    Raises:
        Refused: UE-10000, where it is not JSON, no object, of another type, or has a field that is not known.
    """
    try:
        document = json.loads(raw)
    except ValueError:
        raise Refused(400, "UE-10000") from None
    if not isinstance(document, dict) or not (ignore_unknown or document.keys() <= fields.keys()):
        raise Refused(400, "UE-10000")
    body = {name: _converted(document[name], kind) for name, kind in fields.items() if name in document}
    if body.get("provider") is not None and str(body["provider"]).upper() not in (SMTP, HTTP):
        raise Refused(400, "UE-10000")
    for entry in body.get("properties") or ():
        if not isinstance(entry, dict) or not (ignore_unknown or entry.keys() <= {"key", "value"}):
            raise Refused(400, "UE-10000")
        entry.update({name: _converted(entry[name], JsonKind.TEXT) for name in ("key", "value") if name in entry})
    return body


def _converted(value: Any, kind: JsonKind) -> Any:
    if value is None:
        return None
    if kind is JsonKind.ENTRIES and isinstance(value, list):
        return value
    if kind is JsonKind.FLAG and isinstance(value, bool):
        return value
    if kind is JsonKind.TEXT and isinstance(value, str | int | float):
        return value if isinstance(value, str) else json.dumps(value)
    if kind is JsonKind.INTEGER and not isinstance(value, bool):
        try:
            return int(value)
        except (TypeError, ValueError):
            pass
    raise Refused(400, "UE-10000")
