"""The TLS settings of the server's client: what Java 17 makes of the names in ``ssl.protocols`` and ``ssl.ciphersuites``.

Java refuses a name that it does not know, and passes over one that its security settings disable. Measured: OpenJDK 17.
"""

from __future__ import annotations

from itertools import product

from ..base.patterns import pattern
from ..base.values import dataclass

REFUSED = "could not convert socket to TLS: {} {}"
NOTHING_LEFT = (
    "could not convert socket to TLS: No appropriate protocol (protocol is disabled or cipher suites are inappropriate)"
)

_VERSIONS = {"TLSv1.2": "TLSv1.2", "TLSv1.3": "TLSv1.3", "TLSv1.1": "", "TLSv1": "", "SSLv3": "", "SSLv2Hello": ""}
_NEWEST = ("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256")
_EXCHANGES = ("ECDHE_ECDSA", "ECDHE_RSA", "DHE_RSA", "DHE_DSS", "RSA")
_CIPHERS = (
    "AES_256_GCM_SHA384",
    "AES_128_GCM_SHA256",
    "CHACHA20_POLY1305_SHA256",
    "AES_256_CBC_SHA384",
    "AES_256_CBC_SHA256",
    "AES_128_CBC_SHA256",
    "AES_256_CBC_SHA",
    "AES_128_CBC_SHA",
)
_DISABLED = pattern(
    r"(?:TLS|SSL)_(?:\w+_anon|ECDH_(?:ECDSA|RSA))_\w*WITH_\w+|(?:TLS|SSL)_\w+_WITH_(?:NULL|RC4|DES|DES40|3DES|RC2)_\w+"
)


def _enabled(exchange: str, cipher: str) -> bool:
    if "CHACHA20" in cipher:
        return exchange in ("ECDHE_ECDSA", "ECDHE_RSA", "DHE_RSA")
    if "CBC_SHA384" in cipher:
        return exchange.startswith("ECDHE")
    return not (cipher == "AES_256_CBC_SHA256" and exchange.startswith("ECDHE"))


def _openssl(exchange: str, cipher: str) -> str:
    """Return OpenSSL's name, e.g. ``ECDHE-RSA-AES256-SHA384`` for ``TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384``."""
    short = "CHACHA20_POLY1305" if "CHACHA20" in cipher else cipher.replace("AES_", "AES").replace("_CBC", "")
    return ("" if exchange == "RSA" else exchange.replace("_", "-") + "-") + short.replace("_", "-")


SUITES = {f"TLS_{e}_WITH_{c}": _openssl(e, c) for e, c in product(_EXCHANGES, _CIPHERS) if _enabled(e, c)}
"""What the client offers below TLS 1.3 by default: Java's names to OpenSSL's."""


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """What the client offers; *error* says why no handshake of it can succeed, and then nothing else counts."""

    minimum: str
    maximum: str
    ciphers: str
    error: str = ""


def tls_settings(protocols: str | None, suites: str | None) -> TlsSettings:
    """Read the two properties; None for one that is not set."""
    named = ["TLSv1.2", "TLSv1.3"] if protocols is None else protocols.split()
    chosen = [*_NEWEST, *SUITES] if suites is None else suites.split()
    error = next((REFUSED.format("Unsupported protocol", name) for name in named if name not in _VERSIONS), "")
    for name in chosen:
        known = name in _NEWEST or name in SUITES or name == "TLS_EMPTY_RENEGOTIATION_INFO_SCSV" or _DISABLED.fullmatch(name)
        error = error or ("" if known else REFUSED.format("Unsupported CipherSuite:", name))
    older = [SUITES[name] for name in chosen if name in SUITES]
    versions = {_VERSIONS.get(name, "") for name in named}
    if not older:
        versions.discard("TLSv1.2")
    if not any(name in _NEWEST for name in chosen):
        versions.discard("TLSv1.3")
    usable = sorted(versions - {""})
    if error or not usable:
        return TlsSettings("TLSv1.2", "TLSv1.3", ":".join(SUITES.values()), error or NOTHING_LEFT)
    return TlsSettings(usable[0], usable[-1], ":".join(older or SUITES.values()))
