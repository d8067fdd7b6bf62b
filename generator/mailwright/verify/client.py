"""The model of the server's mail client: JavaMail's properties in, the handshake's settings out.

Property names of the client stand here and nowhere else. What they do is measured: JavaMail 1.6 (``reference/javamail-behaviour.md``)
and the sections 2.2 to 2.5 of the facts about the product.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Mapping

from ..handshake import Settings
from ..secret import Secret

SecretResolver = Callable[[str], Secret | None]
"""Takes a whole reference, e.g. ``$secret{smtp_password}``; None where it cannot be resolved."""

PHASES_IN_TIME = 4
"""How many phases may take their whole time-out before the deadline ends the handshake."""

_REFERENCE = re.compile(r"\$(?:secret|env|sys|ref)\{[^{}]*\}")
_INTEGER = re.compile(r"[+-]?[0-9]{1,10}")


def client_settings(
    properties: Mapping[str, str],
    *,
    ca_pem: str | None = None,
    timeout: float = 10.0,
    allow_cleartext: bool = False,
    allow_unverified: bool = False,
    resolve_secret: SecretResolver | None = None,
) -> Settings:
    """Read the properties as JavaMail does; the arguments are those of ``verify_sender``."""
    host = properties.get("mail.smtp.host") or "localhost"
    username, password = properties.get("mail.smtp.user", ""), properties.get("mail.smtp.password", "")
    mechanisms = tuple(properties.get("mail.smtp.auth.mechanisms", "").upper().split())
    trusted = properties.get("mail.smtp.ssl.trust", "")
    trusts_host = trusted == "*" or host in trusted.split()
    fetches_token = properties.get("mail.smtp.authType", "").upper() == "CLIENT_CREDENTIAL"
    if fetches_token:
        username, password = properties.get("mail.smtp.from", ""), ""
        mechanisms, trusts_host = ("XOAUTH2",), True
    username, password, unresolved = _resolved(username, password, resolve_secret)
    if fetches_token:
        unresolved = "the client fetches an access token first, which is not done here yet"
    return Settings(
        host=host,
        port=_port(properties.get("mail.smtp.port", "")),
        implicit_tls=_true(properties, "mail.smtp.ssl.enable"),
        starttls_enable=_true(properties, "mail.smtp.starttls.enable"),
        starttls_required=_true(properties, "mail.smtp.starttls.required"),
        authenticate=_true(properties, "mail.smtp.auth"),
        username=username,
        password=password or None,
        token=password or None,
        unresolved=unresolved,
        mechanisms=mechanisms,
        ca_pem=ca_pem,
        client_checks_identity=_true(properties, "mail.smtp.ssl.checkserveridentity"),
        client_trusts_host=trusts_host,
        timeout=timeout,
        deadline=PHASES_IN_TIME * timeout,
        allow_cleartext=allow_cleartext,
        allow_unverified=allow_unverified,
        local_hostname=properties.get("mail.smtp.localhost") or socket.gethostname(),
    )


def _true(properties: Mapping[str, str], name: str) -> bool:
    return properties.get(name, "").lower() == "true"


def _port(text: str) -> int:
    return int(text) if _INTEGER.fullmatch(text) else 25


def _resolved(username: str, password: str, resolve: SecretResolver | None) -> tuple[str, str, str]:
    """Resolve the references in both; the third text says which one is left, if one is."""
    missing: list[str] = []

    def replaced(match: re.Match[str]) -> str:
        secret = resolve(match.group()) if resolve else None
        if secret is None:
            missing.append(match.group())
        return secret.reveal() if secret else ""

    texts = [_REFERENCE.sub(replaced, text) for text in (username, password)]
    return texts[0], texts[1], f"{missing[0]} is not resolved here" if missing else ""
