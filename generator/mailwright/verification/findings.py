"""Findings on security and operations, beside the verdict of the server's client: what works today and will hurt one day.

A finding has a stable code, a severity, a message, and the remedy: where there is one, a line of deployment.toml. Those that the engine has
already are not repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..base.findings import Severity
from ..base.values import dataclass
from ..product.auth_types import AUTH_TYPE
from ..product.product import Product
from ..product.releases import Release
from .chains import SOON_DAYS
from .handshake import Cause, Finding, Report, Settings

if TYPE_CHECKING:
    from .certificates import Chain, Facts

TIMEOUTS = ("mail.smtp.connectiontimeout", "mail.smtp.timeout", "mail.smtp.writetimeout")
_SECURE_PORT = 465
_OBSOLETE = ("SSLv3", "TLSv1", "TLSv1.1")


@dataclass(frozen=True, slots=True)
class Observation:
    """One finding about a sender; *remedy* is a line of deployment.toml or of a shell, or None."""

    code: str
    severity: Severity
    message: str
    remedy: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as the report has it."""
        return {"code": self.code, "severity": self.severity.value, "message": self.message, "remedy": self.remedy}


def custom(product: Product, name: str, value: str = "true") -> str:
    """Return the line that sets a property of the mail client."""
    return f"[{product.adapter.table.flat}] '{name}' = {value}"


def sender_findings(properties: Mapping[str, str], settings: Settings, release: Release) -> Iterator[Observation]:
    """Yield what the settings alone show."""
    product = release.product
    starttls = product.adapter.by_xml.get("mail.smtp.starttls.enable")
    if settings.implicit_tls:
        pass
    elif not settings.starttls:
        yield Observation(
            "no-tls",
            Severity.ERROR,
            "TLS is switched off: mail and credentials cross the wire in clear text",
            f"{starttls.name} = true" if starttls else None,
        )
    elif not settings.starttls_required:
        yield Observation(
            "starttls-opportunistic",
            Severity.WARNING,
            "STARTTLS is opportunistic: if the relay ever stops offering it, mail and credentials go out in clear text",
            custom(product, "mail.smtp.starttls.required"),
        )
    if not settings.client_checks_identity and (settings.implicit_tls or settings.starttls):
        yield Observation(
            "identity-unchecked",
            Severity.WARNING,
            "the client does not compare the certificate with the host name: any certificate of a trusted CA will do",
            custom(product, "mail.smtp.ssl.checkserveridentity"),
        )
    if settings.port == _SECURE_PORT and not settings.implicit_tls:
        yield Observation(
            "tls-first-port",
            Severity.WARNING,
            "port 465 speaks TLS from the first byte, and the client begins in clear text: it waits, without limit by default",
            custom(product, "mail.smtp.ssl.enable"),
        )
    yield from _trust(properties, settings, release)
    missing = [name for name in TIMEOUTS if not _positive(properties.get(name, ""))]
    if missing:
        yield Observation(
            "no-timeout",
            Severity.WARNING,
            f"without {_words(missing)} the client waits without limit for a relay that hangs",
            "; ".join(custom(product, name, "10000") for name in missing[:1])
            + "".join(f", '{name}' = 10000" for name in missing[1:]),
        )
    if properties.get("mail.debug", "").lower() == "true":
        yield Observation(
            "debug-trace",
            Severity.WARNING,
            "the client writes the whole SMTP dialogue to the server's output",
            custom(product, "mail.debug", "false"),
        )
    yield from _defaults(properties, product)


def _words(names: list[str]) -> str:
    short = [name.removeprefix("mail.smtp.") for name in names]
    return " and ".join(filter(None, [", ".join(short[:-1]), short[-1]]))


def _trust(properties: Mapping[str, str], settings: Settings, release: Release) -> Iterator[Observation]:
    if not settings.client_trusts_host:
        return
    word = properties.get(AUTH_TYPE)
    if release.fetches_token(word) and (kind := release.product.auth_types.named(word)):
        yield Observation(
            "trust-any",
            Severity.WARNING,
            f"with {kind.name} the server takes any certificate chain of this host, and nothing turns that off",
            None if settings.client_checks_identity else custom(release.product, "mail.smtp.ssl.checkserveridentity"),
        )
    else:
        yield Observation(
            "trust-any",
            Severity.ERROR,
            "the client is told to take any certificate chain of this host",
            "remove 'mail.smtp.ssl.trust', and import the relay's CA into the server's trust store",
        )


def _positive(text: str) -> bool:
    return text.isascii() and text.isdecimal() and int(text) > 0


def _defaults(properties: Mapping[str, str], product: Product) -> Iterator[Observation]:
    keys = (product.adapter.by_xml.get(f"mail.smtp.{name}") for name in ("from", "host", "user"))
    same = [key.name for key in keys if key and properties.get(str(key.xml)) == str(key.default)]
    if same:
        names = " and ".join(f"`{name}`" for name in same)
        verb = "is" if len(same) == 1 else "are"
        yield Observation(
            "product-default", Severity.WARNING, f"{names} {verb} the product's own default: nobody set it", f"{same[0]} = …"
        )


def handshake_findings(report: Report, settings: Settings, product: Product) -> Iterator[Observation]:
    """Yield what the handshake showed."""
    tls = report.tls or {}
    if str(tls.get("version", "")) in _OBSOLETE:
        yield Observation(
            "tls-obsolete",
            Severity.ERROR,
            f"the relay speaks {tls['version']}, which is obsolete",
            custom(product, "mail.smtp.ssl.protocols", '"TLSv1.2 TLSv1.3"'),
        )
    failed = report.phase("TLS").cause
    if failed == Cause.TLS_VERSION:
        yield Observation(
            "tls-obsolete",
            Severity.ERROR,
            f"no TLS version in common: the client takes {settings.tls_minimum} to {settings.tls_maximum}, and the relay does not",
            "let the relay speak TLS 1.2 or 1.3",
        )
    elif failed == Cause.TLS_GARBLED:
        yield Observation("tls-not-spoken", Severity.ERROR, "what answers on this port does not speak TLS", "check the port")
    if settings.unresolved and report.phase("AUTH").status == "skipped":
        yield Observation(
            "auth-skipped",
            Severity.WARNING,
            f"AUTH was not tried: {settings.unresolved}",
            "give an alias a file in --secrets-dir or the variable MAILWRIGHT_SECRET_<ALIAS>; for $keep{}, verify the file that has the secret",
        )


def chain_findings(chain: Chain, now: datetime) -> Iterator[Observation]:
    """Yield what the certificates show."""
    if chain.code:
        remedy = chain.to_import.command if chain.to_import else _RENEW.get(chain.code)
        yield Observation(chain.code, Severity.ERROR, chain.reason, remedy)
    for index, facts in enumerate(chain.sent):
        whose = "the certificate" if index == 0 else f'the certificate of "{facts.title}"'
        yield from _strength(facts, whose)
    soonest = min(chain.sent, key=lambda facts: facts.not_after)
    left = soonest.days_left(now)
    if 0 <= left < SOON_DAYS and not chain.code:
        whose = "the certificate" if soonest is chain.sent[0] else f'the certificate of "{soonest.title}"'
        days = f"{left} day{'s' if left != 1 else ''}" if left else "less than a day"
        message = f"{whose} ends in {days}, on {soonest.not_after:%Y-%m-%d}"
        yield Observation("certificate-expires-soon", Severity.WARNING, message, _RENEW["certificate-expired"])


_RENEW = {
    "certificate-expired": "let the relay's operator renew it",
    "certificate-not-yet-valid": "check the clocks of this machine, the server and the relay's CA",
    "certificates-differ": "let the relay's operator put the same certificate on every machine",
    "incomplete-chain": "let the relay send its intermediate certificates, or import them",
}


def _strength(facts: Facts, whose: str) -> Iterator[Observation]:
    if facts.weak_key:
        message = f"{whose} has a weak key: {facts.key}"
        yield Observation("weak-key", Severity.WARNING, message, "let its owner renew it with RSA 2048, EC P-256 or better")
    if facts.weak_signature:
        message = f"{whose} has a weak signature: {facts.signature}"
        yield Observation("weak-signature", Severity.WARNING, message, "let its owner renew it with SHA-256")


def united(engine: Iterable[Finding | Observation], own: Iterable[Observation]) -> tuple[Observation, ...]:
    """Return the engine's findings and those of this package, a code once, the worst first."""
    first = [_of_engine(item) for item in engine]
    known = {item.code for item in first}
    found = dict.fromkeys([*first, *(item for item in own if item.code not in known)])
    order = list(Severity)
    return tuple(sorted(found, key=lambda item: order.index(item.severity)))


def _of_engine(item: Finding | Observation) -> Observation:
    return item if isinstance(item, Observation) else Observation(item.code, Severity(item.severity), item.message, item.remedy)
