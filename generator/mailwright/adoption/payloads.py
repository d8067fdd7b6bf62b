"""Turn tenants' senders as the REST API shows them, or as the vendor's CLI exports them, into the tenants of a spec.

The way back of ``rendering.payloads``, along the same annotations of the schemas. No secret comes through: v1's password is dropped,
v2 shows none, an export has masks (product/api.md#secrets, product/vendor-cli.md#masked-secrets); each becomes a reference to
fill in. What a spec cannot say is named, not taken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..base.patterns import pattern
from ..base.places import Place, Source
from ..base.shown import shown_key
from ..base.urls import has_login, holds_credentials, is_url, secret_parameters, without_login
from ..base.values import dataclass, field
from ..product.adapter import Adapter, Key, PayloadPlace
from ..product.auth_types import HTTP, Catalogue, is_http
from ..product.payloads import OWNER, PROVIDER, SECRET_VERSION, Part
from ..product.product import Product, load_product
from ..rendering.payloads import SENDER_NAME
from ..spec.documents import parse_document
from ..spec.references import Reference
from ..tenants.unsafe import unsafe_secret
from .deployments import CannotImport

_AUTH_TYPE = PayloadPlace("authType", is_property=False)
_RESERVED = frozenset({"streamName", "version", "type"})
_KEYWORD = pattern(r"\{\{[^{}]+\}\}")


class Variables:
    """Name an environment variable for each secret, each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def name(self, domain: str, key: str) -> str:
        """Return a name like ``MAILWRIGHT_ACME_EXAMPLE_PASSWORD``; with a number where two domains would share one."""
        base = "MAILWRIGHT_" + re.sub(r"[^A-Z0-9]", "_", f"{domain}_{key}".upper())
        name, number = base, 1
        while name in self._taken:
            number += 1
            name = f"{base}_{number}"
        self._taken.add(name)
        return name


@dataclass(frozen=True, slots=True)
class ImportedTenant:
    """A tenant of a spec made of what a server has.

    Attributes:
        sender: What the spec says of it, secrets as references.
        owner: The mark that the sender carries, or None.
        variables: The environment variables that are to be set.
        ignored: Fields and properties that a spec cannot say: applying the spec removes them.
        notes: What else somebody should know.
        opaque: It has values that no output shows, since they can hold credentials of the user's own.
    """

    domain: str
    sender: dict[str, Any] = field(repr=False)
    owner: str | None = None
    variables: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    opaque: bool = False


def import_sender(
    domain: str, document: Mapping[str, Any], version: str, variables: Variables, product: Product | None = None
) -> ImportedTenant:
    """Return the tenant that a sender's JSON object stands for.

    Args:
        domain: The tenant's domain, or ``domain/o/ID``.
        document: What GET shows, or what a file of the vendor's CLI holds.
        version: The API version that shows it: ``v1`` or ``v2``.
        variables: Names the secrets' references.
        product: The product; None for the one that ships.

    Raises:
        CannotImport: it is no email sender, or has another name than the product's email publisher.
    """
    product = product or load_product()
    left = _values(document)
    if left.pop(PayloadPlace("name", is_property=False), SENDER_NAME) != SENDER_NAME:
        raise CannotImport(
            f"the sender of {shown_key(domain)} is not called {SENDER_NAME}", hint="the spec has no name for others"
        )
    kept = {name: left.pop(PayloadPlace(name, is_property=True), None) for name in (OWNER, SECRET_VERSION)}
    http = is_http(left.pop(PayloadPlace(PROVIDER, is_property=False), None))
    notes = list(_notes(left, version, product.auth_types))
    ways = _http_ways(product) if http else _smtp_ways(product.adapter, version)
    sender: dict[str, Any] = {PROVIDER: HTTP} if http else {}
    used: list[str] = []
    _add_secrets(left, version, product.auth_types)
    for place, way in ways:
        if place in left:
            value = left.pop(place)
            if way.secret:
                used.append(variables.name(domain, way.path[-1]))
                value = str(Reference("env", used[-1]))
            _set(sender, way.path, way.typed(value))
    used += _move_credentials(domain, sender, variables, notes, product)
    number = kept[SECRET_VERSION]
    if number is not None and re.fullmatch(r"[0-9]{1,9}", number):
        sender["secret_version"] = int(number)
    opaque = any(_get(sender, ("http", *part.path)) is not None for part in product.http_parts if part.opaque)
    ignored = tuple(sorted(place.name for place in left if place.name not in _RESERVED))
    return ImportedTenant(
        domain, _without_implied(sender, product.adapter), kept[OWNER], tuple(used), ignored, tuple(notes), opaque
    )


def _move_credentials(domain: str, sender: dict[str, Any], variables: Variables, notes: list[str], product: Product) -> list[str]:
    """Take user names and passwords out of a sender's URLs, into ``http.auth`` where that says nothing yet; return the variables.

    Raises:
        CannotImport: a URL holds a secret that has no other place in a spec.
    """
    used: list[str] = []
    kinds = product.auth_types
    none, login = kinds.assumed[HTTP], [kinds.credentials[name] for name in kinds.types[kinds.default].needs]
    http = sender.get("http", {})
    auth = http.get("auth", {}) if isinstance(http, dict) else {}
    opaque = {part.path[-1] for part in product.http_parts if part.opaque}
    for owner, name, url in [(each, *item) for each in (sender, http, auth) for item in each.items()]:
        if name in opaque or not isinstance(url, str) or not (is_url(url) and holds_credentials(url)):
            continue
        bare = without_login(url) if has_login(url) else (url, "", "")
        if bare is None or secret_parameters(url):
            raise CannotImport(
                f"the URL of {shown_key(domain)} (`{name}`) holds a secret that has no place in a spec",
                hint="change the sender on the server so that the secret goes as a header, then import again",
            )
        owner[name], user, _ = bare
        notes.append(f"`{name}` held a user name or a password: it was taken out of the URL")
        if owner is http and str(auth.get("type", none)).upper() == none and user:
            used += [variables.name(domain, credential.spec) for credential in login if credential.secret]
            parts = {one.spec: str(Reference("env", used[-1])) if one.secret else user for one in login}
            http["auth"] = {"type": kinds.default, **parts}
            notes.append(
                f"`http.auth` logs in with them as {kinds.default} now; what the server did with them in the URL is not known"
            )
    return used


@dataclass(frozen=True, slots=True)
class _Way:
    """Where a value goes in a tenant's part of a spec."""

    path: tuple[str, ...]
    secret: bool
    types: tuple[str, ...] = ()

    def typed(self, value: Any) -> Any:
        """Return a text as the number or boolean that it is sent for."""
        if "integer" in self.types and isinstance(value, str) and re.fullmatch(r"[0-9]{1,5}", value):
            return int(value)
        if "boolean" in self.types and value in ("true", "false"):
            return value == "true"
        return value


def _values(document: Mapping[str, Any]) -> dict[PayloadPlace, Any]:
    entries = document.get("properties") or []
    if not isinstance(entries, list) or not all(
        isinstance(entry, Mapping) and isinstance(entry.get("key"), str) for entry in entries
    ):
        raise CannotImport("the sender's properties are not a list of key and value")
    try:
        json.dumps(document, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        raise CannotImport("the sender holds characters that no file can hold") from None
    values = {PayloadPlace(str(name), is_property=False): value for name, value in document.items() if name != "properties"}
    for entry in entries:
        value = entry.get("value")
        text = value if isinstance(value, str) or value is None else json.dumps(value)
        values[PayloadPlace(entry["key"], is_property=True)] = text
    if isinstance(kind := values.get(_AUTH_TYPE), str):
        values[_AUTH_TYPE] = kind.upper()  # the server ignores case (product/api.md#auth-type)
    return {place: value for place, value in values.items() if value not in (None, "")}


def _add_secrets(left: dict[PayloadPlace, Any], version: str, kinds: Catalogue) -> None:
    """Put in what v2 does not show: the secrets that the type needs (product/api.md#validation, product/api.md#secrets)."""
    kind = str(left.get(_AUTH_TYPE, kinds.default))
    for name in kinds.secrets_of(kind) if version == "v2" else ():
        left[PayloadPlace(name, is_property=True)] = "withheld"


def _notes(values: Mapping[PayloadPlace, Any], version: str, kinds: Catalogue) -> Iterator[str]:
    if version == "v1":
        held = (values.get(PayloadPlace(name, is_property=False)) for name in kinds.secrets_of(kinds.default))
        yield from (f"the password that the server holds {why}" for text in held if text and (why := unsafe_secret(str(text))))


def _bare(place: PayloadPlace) -> PayloadPlace:
    return PayloadPlace(place.name, place.is_property)


def _smtp_ways(adapter: Adapter, version: str) -> list[tuple[PayloadPlace, _Way]]:
    places = ((key, key.place(version)) for key in adapter.scalars)
    return [(_bare(place), _adapter_way(key)) for key, place in places if place]


def _http_ways(product: Product) -> list[tuple[PayloadPlace, _Way]]:
    """Return where an HTTP provider's values go: the ``http`` part's own, and the address, a field that SMTP has too."""
    parts = [(_bare(part.place), _http_way(part)) for part in product.http_parts]
    return [(_bare(place), _adapter_way(key)) for key, place in product.shared_fields] + parts


def _adapter_way(key: Key) -> _Way:
    return _Way((key.name,), key.secret, key.types)


def _http_way(part: Part) -> _Way:
    return _Way(("http", *part.path), part.secret)


def _set(sender: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        sender = sender.setdefault(name, {})
    sender[path[-1]] = value


def _without_implied(sender: dict[str, Any], adapter: Adapter) -> dict[str, Any]:
    implied = {key.name: key.v2.implied for key in adapter.scalars if key.v2 and key.v2.implied is not None}
    return {name: value for name, value in sender.items() if str(value).upper() != implied.get(name)}


def _get(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def read_provider(source: Source) -> Mapping[str, Any]:
    """Return the sender in a YAML or JSON file that the vendor's CLI exported.

    Raises:
        SyntaxInput: it is neither.
        CannotImport: it is no sender.
    """
    document = parse_document(source)
    if not isinstance(document, Mapping) or not isinstance(document.get("properties"), list):
        raise CannotImport("is not an email provider as the vendor's CLI exports them", place=Place(source.name, 1, 1))
    return document


def holds_keywords(document: Mapping[str, Any]) -> bool:
    """Say whether an exported sender has what can be a keyword of the vendor's CLI; an HTTP provider's body has such of its own."""
    return any(
        isinstance(value, str) and _KEYWORD.search(value) and place.name != "body" for place, value in _values(document).items()
    )
