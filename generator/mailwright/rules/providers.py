"""Well-known relays: what their public documentation says about host, port, user name and password (schema/providers.json)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..base.patterns import ecma
from .model import Said, needs
from .sender import Sender


def _has_host(sender: Sender) -> bool:
    """Whether somebody chose the relay: the product's own default has a rule of its own."""
    return sender.setter("mail.smtp.host") is not None or (sender.base is not None and _has_host(sender.base))


def _provider(sender: Sender) -> Mapping[str, Any] | None:
    if not _has_host(sender):
        return None
    host = (sender.mail("mail.smtp.host") or "").lower().rstrip(".")
    return sender.release.product.providers.of(host)


@needs("mail.smtp.host")
def mw601(sender: Sender) -> Iterator[Said]:
    """Find hosts that are mistaken for a relay."""
    host = (sender.mail("mail.smtp.host") or "").lower().rstrip(".")
    provider, at = sender.release.product.providers.meant(host), sender.setter("mail.smtp.host")
    if provider and at:
        yield Said(
            f"this is not a relay of {provider['name']}, according to its public documentation",
            at,
            hint=f"did you mean `{provider['hosts'][0]}`?",
            value=True,
        )


@needs("mail.smtp.host")
def mw602(sender: Sender) -> Iterator[Said]:
    """Compare port and TLS with what the provider has."""
    provider, port = _provider(sender), sender.mail("mail.smtp.port")
    if provider is None or not port or not port.isdigit():
        return
    tls = sender.is_true("mail.smtp.ssl.enable")
    wanted = provider["tls"] if tls else provider["starttls"]
    if int(port) in wanted or (not tls and int(port) == 465):  # 465 without TLS has a rule of its own
        return
    at = sender.setter("mail.smtp.port") or sender.setter("mail.smtp.host")
    if at is None:  # said of the server's own sender
        return
    how = "TLS from the first byte" if tls else "STARTTLS"
    ports = f"port {', '.join(map(str, wanted))}, not on this one" if wanted else "no port"
    yield Said(
        f"according to its public documentation, {provider['name']} offers {how} on {ports}",
        at,
        hint=f"use port {wanted[0]}" if wanted else "use STARTTLS",
    )


@needs("mail.smtp.user")
def mw603(sender: Sender) -> Iterator[Said]:
    """Compare the user name with what the provider takes."""
    provider, name = _provider(sender), sender.setter("mail.smtp.user")
    user = sender.mail("mail.smtp.user")
    if provider is None or name is None or not user or sender.uses_token or not provider.get("username"):
        return
    form = provider["username"]
    if form == "address":
        if "@" not in user:
            yield Said(
                f"{provider['name']} expects the full address as the user name", name, hint="write name@domain", value=True
            )
    elif not re.search(ecma(form), user):
        yield Said(f"{provider['name']} expects {provider['username_words']} as the user name", name, value=True)


@needs("mail.smtp.password")
def mw604(sender: Sender) -> Iterator[Said]:
    """Compare a password in clear text with what the provider takes."""
    provider, name = _provider(sender), sender.setter("mail.smtp.password")
    password = sender.mail("mail.smtp.password") if name else None
    if provider and password and provider.get("password") and not re.search(ecma(provider["password"]), password):
        yield Said(
            f"{provider['name']} expects {provider['password_words']}",
            name,
            hint="create one in the provider's console",
            value=True,
        )


@needs("mail.smtp.authType")
def mw605(sender: Sender) -> Iterator[Said]:
    """Compare the token request with what Microsoft 365 takes."""
    provider = _provider(sender)
    if provider is None or not sender.uses_token or "scope" not in provider:
        return
    scopes, endpoint = sender.mail("mail.smtp.scopes"), sender.mail("mail.smtp.tokenEndpoint")
    if scopes and scopes.split() != [provider["scope"]]:
        yield Said(
            f"{provider['name']} accepts only tokens with the scope {provider['scope']}",
            sender.setter("mail.smtp.scopes"),
            hint="write that scope, and no other",
            value=True,
        )
    if endpoint and not re.match(ecma(provider["endpoint"]), endpoint):
        hint = "write https://login.microsoftonline.com/TENANT/oauth2/v2.0/token"
        yield Said(
            f"{provider['name']} accepts only tokens from login.microsoftonline.com, version 2.0",
            sender.setter("mail.smtp.tokenEndpoint"),
            hint=hint,
            value=True,
        )


@needs("mail.smtp.authType")
def mw606(sender: Sender) -> Iterator[Said]:
    """Find tokens for other relays."""
    provider = _provider(sender)
    if sender.uses_token and sender.mail("mail.smtp.host") and (provider is None or "scope" not in provider):
        yield Said(
            "it is unsure whether this relay accepts a CLIENT_CREDENTIAL token: Microsoft 365 does",
            sender.setter("mail.smtp.authType"),
            hint="try it with `mailwright verify`",
        )


@needs("mail.smtp.password")
def mw607(sender: Sender) -> Iterator[Said]:
    """Find BASIC with Microsoft 365."""
    provider, at = _provider(sender), sender.setter("mail.smtp.password")
    if provider and at and "scope" in provider and sender.logs_in and not sender.uses_token:
        yield Said(
            "Microsoft is retiring the login with user name and password",
            at,
            hint="use CLIENT_CREDENTIAL (7.2.0 and later)",
        )


@needs("mail.smtp.host")
def mw608(sender: Sender) -> Iterator[Said]:
    """Find test relays."""
    provider, at = _provider(sender), sender.setter("mail.smtp.host")
    if provider and at and provider.get("delivers") is False:
        yield Said(f"{provider['name']} delivers no mail", at, hint="use the live relay", value=True)
