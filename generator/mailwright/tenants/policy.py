"""A policy: which relays, token endpoints, providers and sender domains tenants may have, and how they connect.

It is checked against the payloads, before any request, so that no spec gets around it by way of inheritance or environments.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from ..base.errors import SpecError, UnsafeToWrite
from ..base.nodes import Json, place_of
from ..base.places import Place
from ..base.shown import shown_dotted, shown_key
from ..base.values import dataclass
from ..product.auth_types import is_http
from ..product.payloads import PROVIDER
from ..product.product import Product, load_product
from ..rendering.payloads import Payload
from ..spec import Tenant, read_document
from ..spec.references import Reference, store_path
from ..validation.schemas import errors_in

FORMAT_KEY = "mailwright_policy"


@dataclass(frozen=True, slots=True)
class Policy:
    """What senders must keep to; None allows everything.

    Attributes:
        relay_hosts, token_hosts, provider_hosts: Host names, or ``*.example.com`` for every name below one.
        sender_domains: The same for the domains of addresses; ``{domain}`` stands for the tenant's own.
        starttls: Whether STARTTLS must not be switched off, and URLs must be https.
        stores, store_kinds: The stores that secrets may come from, by the spec's names, and by their kinds.
    """

    relay_hosts: tuple[str, ...] | None = None
    token_hosts: tuple[str, ...] | None = None
    provider_hosts: tuple[str, ...] | None = None
    sender_domains: tuple[str, ...] | None = None
    starttls: bool = False
    stores: tuple[str, ...] | None = None
    store_kinds: tuple[str, ...] | None = None

    def check(self, tenant: Tenant, payload: Payload, product: Product) -> None:
        """Make sure that a tenant's sender keeps to the policy.

        Raises:
            UnsafeToWrite: it does not; every reason is told.
        """
        problems = list(self._problems(tenant.domain, payload, product))
        if problems:
            hint = "the policy file says what is allowed"
            raise UnsafeToWrite(
                f"the policy forbids the sender of {tenant.domain}: {'; '.join(problems)}", place=tenant.place, hint=hint
            )

    def check_store(self, reference: Reference, stores: Json, place: Place) -> None:
        """Make sure that a secret may come from where it comes from, before anything is asked there.

        Args:
            reference, stores: As for ``forbids``.
            place: Where it stands.

        Raises:
            UnsafeToWrite: it may not.
        """
        if said := self.forbids(reference, stores):
            raise UnsafeToWrite(said, place=place, hint="the policy file says what is allowed")

    def forbids(self, reference: Reference, stores: Json) -> str | None:
        """Say why a secret may not come from where it comes from; None where it may.

        Args:
            reference: A ``$store{}``.
            stores: The spec's.
        """
        path = store_path(reference.name)
        name = path.store if path else ""
        store = stores.get(name) if isinstance(stores, dict) else None
        kind = store.get("kind") if isinstance(store, dict) else None
        if self.stores is not None and name not in self.stores:
            return f"the policy forbids the store {shown_key(name)}"
        if self.store_kinds is not None and kind not in self.store_kinds:
            return f"the policy forbids the store {shown_key(name)}: its kind is none of those allowed"
        return None

    def _problems(self, domain: str, payload: Payload, product: Product) -> Iterator[str]:
        body, by_xml = payload.body, product.adapter.by_xml
        values = {entry["key"]: entry["value"] for entry in body["properties"]}
        credentials = product.auth_types.credentials
        own = domain.partition("/o/")[0]
        for what, name in (("sender address", "mail.smtp.from"), ("reply-to", "mail.smtp.replyTo")):
            address = payload.value(by_xml.get(name))
            if address is not None and not _allowed(_mail_domain(str(address)), self.sender_domains, own):
                yield f"the {what}'s domain"
        if is_http(body.get(PROVIDER)):
            for part in product.http_parts:
                if part.destination and part.place.name not in credentials:
                    yield from self._url("HTTP provider", str(body.get(part.place.name)), self.provider_hosts)
        else:
            if not _allowed(str(payload.value(by_xml.get("mail.smtp.host")) or ""), self.relay_hosts, own):
                yield "the relay"
            # Without the property the global value holds, which a tenant's sender cannot show (product/adapter.md#inherited).
            starttls = by_xml.get("mail.smtp.starttls.enable")
            if self.starttls and starttls and str(payload.value(starttls)).lower() != "true":
                yield f"STARTTLS is not switched on (`{starttls.name}: true`)"
        for credential in credentials.values():
            if credential.destination and credential.name in values:
                yield from self._url(credential.title.lower(), values[credential.name], self.token_hosts)

    def _url(self, what: str, url: str, hosts: Sequence[str] | None) -> Iterator[str]:
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            yield f"the {what} is not a URL"
            return
        if not _allowed(host, hosts, ""):
            yield f"the {what}'s host"
        if self.starttls and parts.scheme != "https":
            yield f"the {what} is not https"


def load_policy(path: str, product: Product | None = None) -> Policy:
    """Read a policy: YAML, TOML or JSON, as schema/policy.schema.json describes it.

    Raises:
        InputError: it cannot be read, or is no policy.
    """
    product, document = product or load_product(), read_document(path)
    for error in errors_in(product, "policy", document):
        place = place_of(document, error.path, key=error.at_key)
        where = shown_dotted(*error.path)
        raise SpecError(f"is not a policy: {error.sentence}" + (f" ({where})" if where else ""), place=place, hint=error.hint)
    assert isinstance(document, dict)

    def listed(name: str) -> tuple[str, ...] | None:
        value = document.get(name)
        return tuple(map(str, value)) if isinstance(value, list) else None

    def hosts(name: str) -> tuple[str, ...] | None:
        found = listed(name)
        return None if found is None else tuple(item.lower() for item in found)

    return Policy(
        hosts("relay_hosts"),
        hosts("token_hosts"),
        hosts("provider_hosts"),
        hosts("sender_domains"),
        document.get("minimum_tls") == "starttls",
        listed("stores"),
        listed("store_kinds"),
    )


def _mail_domain(address: str) -> str:
    """Return the domain of an address; the text itself where there is none, which no pattern allows."""
    return address.rstrip("> ").rpartition("@")[2]


def _allowed(name: str, patterns: Sequence[str] | None, own: str) -> bool:
    """Say whether a host or domain matches one of the patterns; an address matches only itself."""
    if patterns is None:
        return True
    wanted = name.strip().rstrip(".").lower().removeprefix("[").removesuffix("]")
    return bool(wanted) and any(_matches(wanted, own.lower() if pattern == "{domain}" else pattern) for pattern in patterns)


def _matches(name: str, pattern: str) -> bool:
    if not pattern.startswith("*."):
        return name == pattern
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name.endswith(pattern[1:])
    return False
