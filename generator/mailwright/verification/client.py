"""The model of the server's mail client: JavaMail's properties in, the handshake's settings out.

What the client's properties make it do stands here and nowhere else. It was read in JavaMail 1.6's source and is held by measurement:
``tests/integration/test_javamail_parity.py`` puts the same properties to JavaMail itself. The adapter's part:
product/adapter.md#authenticator, product/adapter.md#oauth. What the wire decides (replies, capabilities, AUTH) is the
handshake's; a property that matters and is not modelled is named in ``unmodelled``.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from typing import Any

from ..base.patterns import pattern
from ..base.secret import Secret
from ..product.auth_types import AUTH_TYPE
from ..product.releases import Release
from ..spec.references import replace_references
from .address import is_address, is_address_list
from .handshake import CLIENT_PREFERENCE, Settings
from .suites import tls_settings

SecretResolver = Callable[[str], Secret | None]
"""Takes a whole reference, e.g. ``$secret{smtp_password}``; None where it cannot be resolved."""

PHASES_IN_TIME = 4
"""How many phases may take their whole time-out before the deadline ends the handshake."""

MECHANISMS = (*CLIENT_PREFERENCE, "XOAUTH2")
"""All that the client speaks, best first; without a list of its own it leaves XOAUTH2 out unless told otherwise."""

TLS_FACTORIES = ("javax.net.ssl.SSLSocketFactory", "com.sun.mail.util.MailSSLSocketFactory")
PLAIN_FACTORIES = ("javax.net.SocketFactory",)
NO_FACTORY = "Using socket factory class {}"
NOT_TRUSTED = "could not convert socket to TLS: Server is not trusted: {}"
NO_TLS_FACTORY = "could not convert socket to TLS: Exception in startTLS using unknown socket factory"

_PROTOCOL = "mail.transport.protocol.rfc822"
_INTEGER = pattern(r"[+-]?\d+")
_HEXADECIMAL = pattern(r"0x([+-]?[0-9A-Fa-f]+)")
_BLANKS = pattern(r"[ \t\n\x0b\f\r]+")


def client_settings(
    properties: Mapping[str, str],
    release: Release,
    *,
    ca_pem: str | None = None,
    timeout: float = 10.0,
    allow_cleartext: bool = False,
    allow_unverified: bool = False,
    resolve_secret: SecretResolver | None = None,
) -> Settings:
    """Read a sender's effective properties as JavaMail does.

    Args:
        properties: XML property to text, as the server loads them.
        release: The server's.
        ca_pem: The server's trust store as PEM; None for this machine's, which makes verdicts on TLS predictions.
        timeout: Seconds for each phase.
        allow_cleartext: Authenticate without TLS.
        allow_unverified: Authenticate though chain or name do not verify.
        resolve_secret: Resolves the references in user name and password; without it AUTH is skipped for them.
    """
    known = release.product.mail_properties.read
    read = _Properties(properties, known)
    with_token = release.fetches_token(properties.get(AUTH_TYPE))
    if with_token:  # both after the custom properties: product/adapter.md#oauth-mechanism, product/adapter.md#oauth-trust
        forced = {"auth.mechanisms": "XOAUTH2", "ssl.trust": read.text("host")}
        read = _Properties({**properties, **{_Properties.PREFIX + name: text for name, text in forced.items()}}, known)
    username, password = (read.text("from"), "") if with_token else (read.text("user"), read.text("password"))
    username, password, unresolved = _resolved(username, password, resolve_secret)
    if with_token:
        unresolved = "the client fetches an access token first"  # which ``check`` does, and puts in the token
    host = read.text("host") or "localhost"
    common = Settings(
        host=host,
        port=0,
        ehlo=read.true("ehlo"),
        starttls_enable=read.true("starttls.enable"),
        starttls_required=read.true("starttls.required"),
        authenticate=read.true("auth"),
        username=username,
        password=password or None,
        token=password or None,
        authzid=read.get("sasl.authorizationid"),
        unresolved=unresolved,
        mechanisms=_mechanisms(read),
        sasl=_sasl(read),
        ca_pem=ca_pem,
        client_checks_identity=read.true("ssl.checkserveridentity"),
        client_error=_refused_before(read, host),
        client_connect_timeout=read.seconds("connectiontimeout"),
        client_read_timeout=read.seconds("timeout"),
        timeout=timeout,
        deadline=PHASES_IN_TIME * timeout,
        allow_cleartext=allow_cleartext,
        allow_unverified=allow_unverified,
        sender=_envelope_sender(read.text("from")),
        utf8=read.all.get("mail.mime.allowutf8", "").lower() == "true",
        local_hostname=read.text("localhost") or read.text("localaddress") or socket.gethostname(),
        unmodelled=_unmodelled(read),
    )
    return _attempts(read, common)


class _Properties:
    """Read properties as JavaMail does; names are without their prefix."""

    PREFIX = "mail.smtp."

    def __init__(self, properties: Mapping[str, str], known: Mapping[str, Mapping[str, Any]]) -> None:
        self.all, self.known = properties, known

    def get(self, name: str) -> str | None:
        return self.all.get(self.PREFIX + name)

    def text(self, name: str) -> str:
        return self.get(name) or ""

    def true(self, name: str) -> bool:
        """Read a boolean: where the default is true, only ``false`` turns it off; else only ``true`` turns it on."""
        text, default = self.text(name).lower(), self._default(name) is True
        return text != "false" if default else text == "true"

    def _default(self, name: str) -> object:
        return self.known.get(self.PREFIX + name, {}).get("default")

    def integer(self, name: str) -> int:
        """Read an ``int`` of Java; whatever is none counts as the default."""
        given = self._default(name)
        default = given if isinstance(given, int) else -1
        text = self.text(name)
        hexadecimal = _HEXADECIMAL.fullmatch(text)
        if not (hexadecimal or _INTEGER.fullmatch(text)) or len(text) > 40:
            return default
        number = int(hexadecimal.group(1), 16) if hexadecimal else int(text)
        return number if -(2**31) <= number < 2**31 else default

    def seconds(self, name: str) -> float | None:
        """Read a time-out, in milliseconds; None for none at all."""
        number = self.integer(name)
        return number / 1000 if number > 0 else None


def _mechanisms(read: _Properties) -> tuple[str, ...]:
    """Return what the client considers, in order; the switches count only where no list is given."""
    named = read.get("auth.mechanisms")
    if named is not None:
        return tuple(name for name in named.upper().split() if name in MECHANISMS)
    disabled = {name: read.true(f"auth.{name.lower()}.disable") for name in MECHANISMS}
    return tuple(name for name in MECHANISMS if not disabled[name])


def _sasl(read: _Properties) -> tuple[str, ...] | None:
    names = read.text("sasl.mechanisms").replace(",", " ").split(" ")
    return tuple(filter(None, names)) if read.true("sasl.enable") else None


def _refused_before(read: _Properties, host: str) -> str:
    """Return why the adapter or the client fails before it opens a connection."""
    sender, reply_to = read.get("from"), read.get("replyTo")
    if (sender is not None and is_address(sender) is False) or (reply_to is not None and is_address_list(reply_to) is False):
        return "connection unavailable: Illegal address"
    return "" if host.isascii() else f"Unknown SMTP host: {host}"


def _envelope_sender(text: str) -> str:
    """Return what the client writes behind ``MAIL FROM:``; a display name stays in it (product/adapter.md#from-display-name)."""
    return f"<{text}>" if text and not text.startswith("<") and not text.endswith(">") else text


def _unmodelled(read: _Properties) -> tuple[str, ...]:
    names = [name for name, text in read.all.items() if text and read.known.get(name, {}).get("handshake") == "unmodelled"]
    factories = ("socketFactory.class", "ssl.socketFactory.class")
    names += [_Properties.PREFIX + name for name in factories if _factory(read, name) == "unknown"]
    if read.all.get(_PROTOCOL) == "smtp":
        names.remove(_PROTOCOL)
    addresses = (("from", is_address), ("replyTo", is_address_list))
    names += [_Properties.PREFIX + name for name, judge in addresses if read.text(name) and judge(read.text(name)) is None]
    return tuple(names)


def _factory(read: _Properties, name: str) -> str:
    """Return the kind of a socket factory: ``tls``, ``plain``, ``unknown``, or an empty text."""
    text = read.text(name)
    return "tls" if text in TLS_FACTORIES else "plain" if text in PLAIN_FACTORIES else "unknown" if text else ""


def _attempts(read: _Properties, common: Settings) -> Settings:
    """Add where the client connects to and how: with a socket factory it may try twice, the second time without it."""
    tls = read.true("ssl.enable")
    port = read.integer("port")
    if port == -1:
        port = 465 if tls else 25
    plainly = _with_tls(read, common._replace(port=port, implicit_tls=tls))
    name = "ssl.socketFactory" if tls and read.text("ssl.socketFactory.class") else "socketFactory"
    kind, falls_back = _factory(read, name + ".class"), read.true("socketFactory.fallback")
    if not kind or (kind == "unknown" and falls_back):
        return plainly
    if kind == "unknown":
        return plainly._replace(client_error=common.client_error or NO_FACTORY.format(read.text(name + ".class")))
    own_port = read.integer(name + ".port")
    first = common._replace(port=port if own_port == -1 else own_port, implicit_tls=tls or kind == "tls")
    second = {name: getattr(plainly, name) for name in ("port", "implicit_tls", "client_trusts_host", "client_tls_error")}
    return _with_tls(read, first)._replace(fallback=second if falls_back else None)


def _with_tls(read: _Properties, settings: Settings) -> Settings:
    """Add what the client does in a TLS handshake; STARTTLS asks the socket factories first, and for them nothing is trusted blindly."""
    offered = tls_settings(read.get("ssl.protocols"), read.get("ssl.ciphersuites"))
    kinds = [] if settings.implicit_tls else [_factory(read, name + ".class") for name in ("ssl.socketFactory", "socketFactory")]
    kind = next(filter(None, kinds), "")
    trusted = None if kind == "tls" else read.get("ssl.trust")
    trusts_host = trusted is not None and (trusted == "*" or settings.host in _BLANKS.split(trusted))
    error = NO_TLS_FACTORY if kind == "unknown" else offered.error
    if trusted is not None and not trusts_host:
        error = error or NOT_TRUSTED.format(settings.host)
    return settings._replace(
        client_trusts_host=trusts_host,
        client_tls_error=error,
        tls_minimum=offered.minimum,
        tls_maximum=offered.maximum,
        ciphers=offered.ciphers,
    )


def _resolved(username: str, password: str, resolve: SecretResolver | None) -> tuple[str, str, str]:
    """Resolve the references in both; the third text says which one is left, if one is."""
    missing: list[str] = []

    def replaced(reference: str) -> str:
        secret = resolve(reference) if resolve else None
        if secret is None:
            missing.append(reference)
        return secret.reveal() if secret else ""

    texts = [replace_references(text, replaced) for text in (username, password)]
    return texts[0], texts[1], f"{missing[0]} is not resolved here" if missing else ""
