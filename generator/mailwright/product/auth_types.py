"""How a tenant's sender authenticates: schema/auth-types.json, typed. Every decision about a kind of authentication is made here.

The server compares the words of ``authType`` and ``provider`` ignoring case (product/adapter.md#oauth,
product/api.md#validation), and so does this module.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum
from typing import Any

from ..base.values import dataclass

HTTP, SMTP = "HTTP", "SMTP"
"""The providers."""

AUTH_TYPE = "mail.smtp.authType"
"""The property of the adapter's file that names an SMTP sender's kind."""


class Smtp(Enum):
    """What becomes of an SMTP sender with a kind of authentication."""

    LOGIN = "login"
    TOKEN = "token"
    AS_BASIC = "as BASIC"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Credential:
    """A property of a v2 payload that carries a credential.

    Attributes:
        name: The property.
        spec: Its name in a spec's ``http.auth``.
        destination: Whether it says where credentials are sent.
        example: One for a payload; *reference*: one for a spec.
    """

    name: str
    spec: str
    title: str
    secret: bool
    destination: bool
    example: str
    reference: str
    source: str


@dataclass(frozen=True, slots=True)
class AuthType:
    """A kind of authentication.

    Attributes:
        needs: The credentials that the API of every release asks for; *optional*: those that may be left out.
        smtp_needs: What the SMTP adapter needs beyond that.
    """

    name: str
    title: str
    needs: tuple[str, ...]
    optional: tuple[str, ...]
    smtp: Smtp
    smtp_needs: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every credential and every kind, by name; ``assumed`` is the kind of a sender that names none, by its provider."""

    credentials: Mapping[str, Credential]
    types: Mapping[str, AuthType]
    assumed: Mapping[str, str]

    @property
    def default(self) -> str:
        """What an SMTP sender has that names no kind."""
        return self.assumed[SMTP]

    def token_type(self, properties: Collection[str]) -> str | None:
        """Return the kind that properties shown by v1, which has no ``authType``, tell of: one with a token, or None.

        product/api.md#put-replaces.
        """
        tokens = (kind for kind in self.types.values() if kind.smtp is Smtp.TOKEN)
        return next((kind.name for kind in tokens if any(name in properties for name in kind.needs)), None)

    def named(self, word: object) -> AuthType | None:
        """Return the kind that a word names, None for none that is known."""
        return self.types.get(word.upper()) if isinstance(word, str) else None

    def fetches_token(self, word: object) -> bool:
        """Say whether the SMTP adapter logs in with a token; with anything else, a misspelt word too, it takes user name and password."""
        kind = self.named(word)
        return kind is not None and kind.smtp is Smtp.TOKEN

    def http_kind(self, sender: Mapping[str, Any]) -> str | None:
        """Return the kind of authentication of a spec's HTTP sender; None where it cannot be told."""
        http = sender.get("http")
        auth = http.get("auth") if isinstance(http, Mapping) else None
        kind = self.named(auth.get("type")) if isinstance(auth, Mapping) else None
        return kind.name if kind else None

    def secrets_of(self, kind: str) -> tuple[str, ...]:
        """Return the secret credentials that a kind needs; none for one that is not known."""
        known = self.types.get(kind.upper())
        return tuple(name for name in (known.needs if known else ()) if self.credentials[name].secret)


def read_catalogue(document: Mapping[str, Any]) -> Catalogue:
    """Return what a parsed auth-types.json says."""
    credentials = {
        name: Credential(
            name,
            node["spec"],
            node["title"],
            node.get("secret", False),
            node.get("destination", False),
            node["example"],
            node.get("reference", node["example"]),
            node["source"],
        )
        for name, node in document["credentials"].items()
    }
    types = {
        name: AuthType(
            name,
            node["title"],
            tuple(node["needs"]),
            tuple(node.get("optional", ())),
            Smtp(node["smtp"]),
            tuple(node.get("smtp_needs", ())),
            node["source"],
        )
        for name, node in document["types"].items()
    }
    return Catalogue(credentials, types, document["assumed"])


def is_http(provider: object) -> bool:
    """Say whether a ``provider`` is HTTP; without one it is SMTP (product/api.md#fields)."""
    return isinstance(provider, str) and provider.upper() == HTTP
