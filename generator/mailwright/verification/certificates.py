"""What a peer's certificates say, and why the server's client takes them or not; parsed with ``cryptography``.

The engine judges the chain as Java does; this explains the judgement: who issued what, for whom, until when, with which strength, and what
to import. Names come from the peer: they are printable, and hold nothing that was sent to it.
"""

from __future__ import annotations

import re
import shlex
import ssl
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..base.once import Once
from ..base.values import dataclass, field
from .chains import RSA_BITS
from .handshake import Echoes, mask, printable
from .truststores import StoreKind, TrustStore

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, Name

_WEAK_HASHES = ("md2", "md5", "sha1")
_EC_BITS = 224
_MAX_NAME, _MAX_CHAIN = 200, 10


@dataclass(frozen=True, slots=True)
class Facts:
    """What one certificate says.

    Attributes:
        title: Its common name, or the whole subject where it has none; *issuer_title* the issuer's.
        key, signature: For people, e.g. ``RSA 2048`` and ``sha256WithRSAEncryption``.
    """

    subject: str
    issuer: str
    title: str
    issuer_title: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    key: str
    signature: str
    weak_key: bool
    weak_signature: bool
    self_signed: bool
    fingerprint: str

    def days_left(self, now: datetime) -> int:
        """Return the whole days until its end; negative after it."""
        return (self.not_after - now).days

    def to_json(self, now: datetime) -> dict[str, Any]:
        """Return what the report says of it."""
        return {
            "subject": self.subject,
            "issuer": self.issuer,
            "names": list(self.names),
            "not_before": self.not_before.isoformat(),
            "not_after": self.not_after.isoformat(),
            "days_left": self.days_left(now),
            "key": self.key,
            "signature": self.signature,
            "self_signed": self.self_signed,
            "sha256": self.fingerprint,
        }


@dataclass(frozen=True, slots=True)
class Import:
    """What to put into the trust store, and the line that does it; *pem* is None where the peer did not send it."""

    alias: str
    title: str
    command: str
    pem: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Chain:
    """What the peer sent, and what it means.

    Attributes:
        sent: The facts of what it sent, its own certificate first.
        anchor: The alias of the store's certificate that the chain ends at, None if there is none.
        code, reason: Why it does not verify, a finding's code and words; empty if nothing speaks against it.
        to_import: What to import, if that is what helps.
    """

    sent: tuple[Facts, ...]
    anchor: str | None
    code: str = ""
    reason: str = ""
    to_import: Import | None = None


_OF_ANOTHER = (2, 9, 10, 18, 19, 20, 21)
"""OpenSSL's numbers (issuer not found, dates, self-signed): what cannot be wrong with a chain that is in date and ends in the store, so
it was not about this one."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A chain as its library reads it, nothing masked; the same for all who are shown it.

    Attributes:
        sent: The facts of what the peer sent.
        path: From its own certificate to who issued what, with their facts.
        anchor: The store's certificate that it ends at, with its alias and facts.
    """

    sent: tuple[Facts, ...]
    path: tuple[tuple[Certificate, Facts], ...]
    anchor: tuple[str, Facts] | None


class Explainer:
    """Explain chains against one trust store.

    Args:
        store: The server's; None for this machine's, whose certificates are not known here.
        keystore: What the server's store is called in the keytool line where *store* is none that keytool writes.
    """

    def __init__(self, store: TrustStore | None, *, keystore: str = "client-truststore.p12") -> None:
        self._store = store
        writable = store is not None and store.kind in (StoreKind.PKCS12, StoreKind.JKS)
        self._keystore = store.name if store and writable else keystore
        self.store_name = store.name if store else "this machine's trust store"
        self._known: Once[tuple[bytes, ...], _Read | None] = Once()

    def explain(
        self,
        chain: Sequence[bytes],
        chain_error: str,
        secrets: Sequence[str] = (),
        *,
        chain_code: int = 0,
        now: datetime | None = None,
    ) -> Chain | None:
        """Return what a chain says, or None where nothing can be said: no certificate that parses, or no ``cryptography``.

        Args:
            chain: DER bytes, the peer's own certificate first.
            chain_error: Why the engine says that it does not verify, empty if it does.
            secrets: What was sent to the peer: its names do not repeat it.
            chain_code: The same as OpenSSL's number.
            now: The time to judge by.
        """
        read = self._known.get(tuple(chain[:_MAX_CHAIN]), lambda: self._read(chain[:_MAX_CHAIN]))
        if read is None:
            return None
        known: dict[tuple[str, ...], Echoes] = {}

        def shown(text: str) -> str:
            return mask(printable(text), secrets, known)[:_MAX_NAME]

        moment, sent = now or datetime.now(UTC), tuple(_masked(facts, shown) for facts in read.sent)
        alias = read.anchor[0] if read.anchor else None
        if not chain_error:
            return Chain(sent, alias)
        dated = [_masked(facts, shown) for _, facts in [*read.path, *filter(None, [read.anchor])]]
        code, reason = _dated(dated, moment)
        if code:
            return Chain(sent, alias, code, reason)
        if alias and chain_code in _OF_ANOTHER:
            reason = f"{chain_error}; asked again, the relay showed another certificate, which is in order: its machines differ"
            return Chain(sent, alias, "certificates-differ", reason)
        if alias:
            return Chain(sent, alias, "chain-unverified", chain_error)
        return self._unknown(sent, read.path[-1][0], dated, lambda: _pem(read.path[-1][0], secrets, known))

    def _read(self, chain: Sequence[bytes]) -> _Read | None:
        certificates = [found for der in chain if (found := _parse(der)) is not None]
        if not certificates:
            return None
        path = _path(certificates)
        anchor = self._anchor(path)
        sent = tuple(map(_facts, certificates))
        return _Read(sent, tuple((each, _facts(each)) for each in path), (anchor[0], _facts(anchor[1])) if anchor else None)

    def _unknown(self, sent: tuple[Facts, ...], top: Certificate, path: list[Facts], pem: Callable[[], str | None]) -> Chain:
        last = path[-1]
        missing = f'"{last.issuer_title}" is not in {self.store_name}'
        if last.self_signed and len(path) == 1:
            code, reason = "self-signed", f"self-signed, and not in {self.store_name}"
        elif last.self_signed or len(path) > 1:
            code, reason = "unknown-ca", f"issuer {missing}"
        elif self._related(top):
            reason = f"the peer sends its own certificate alone, and its issuer {missing}; a root of the same organization is"
            return Chain(sent, None, "incomplete-chain", reason)
        else:
            alone = self._import(last.issuer_title, None)
            return Chain(sent, None, "unknown-ca", f"issuer {missing}, and the peer does not send its certificate", alone)
        return Chain(sent, None, code, reason, self._import(last.title, pem()))

    @cached_property
    def _anchors(self) -> list[tuple[str, Certificate]]:
        anchors = self._store.anchors if self._store else ()
        return [(anchor.alias, found) for anchor in anchors if (found := _parse(anchor.der)) is not None]

    def _anchor(self, path: list[Certificate]) -> tuple[str, Certificate] | None:
        """Return the first certificate of the store that is in the path, or issued one of it."""
        for certificate in path:
            for alias, anchor in self._anchors:
                if anchor == certificate or (anchor.subject == certificate.issuer and _issued(certificate, anchor)):
                    return alias, anchor
        return None

    def _related(self, certificate: Certificate) -> bool:
        owner = _organization(certificate.issuer)
        return bool(owner) and any(_organization(anchor.subject) == owner for _, anchor in self._anchors)

    def _import(self, title: str, pem: str | None) -> Import | None:
        if self._store is None:  # the server's store may have it
            return None
        taken = {alias.casefold() for alias, _ in self._anchors}
        stem = alias = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40] or "mail-ca"
        number = 2
        while alias in taken:
            alias, number = f"{stem}-{number}", number + 1
        command = shlex.join(["keytool", "-importcert", "-alias", alias, "-file", "ca.pem", "-keystore", self._keystore])
        return Import(alias, title, command, pem)


def _masked(facts: Facts, shown: Callable[[str], str]) -> Facts:
    """Return facts as they may be shown to one whose secrets were sent."""
    return replace(
        facts,
        subject=shown(facts.subject),
        issuer=shown(facts.issuer),
        title=shown(facts.title),
        issuer_title=shown(facts.issuer_title),
        names=tuple(map(shown, facts.names)),
    )


def _pem(certificate: Certificate, secrets: Sequence[str], known: dict[tuple[str, ...], Echoes]) -> str | None:
    """Return a certificate as PEM, unless it repeats what was sent."""
    from cryptography.hazmat.primitives.serialization import Encoding

    der = certificate.public_bytes(Encoding.DER)
    text = der.decode("latin-1")
    echoed = any(mask(text, [secret], known) != text for secret in secrets if len(secret) > 3)
    return None if echoed else ssl.DER_cert_to_PEM_cert(der)


def _dated(path: Sequence[Facts], now: datetime) -> tuple[str, str]:
    for facts in path:
        whose = "the certificate" if facts is path[0] else f'the certificate of "{facts.title}"'
        if facts.not_after < now:
            days = (now - facts.not_after).days
            ago = f"{days} day{'s' if days != 1 else ''} ago" if days else "today"
            return "certificate-expired", f"{whose} expired on {facts.not_after:%Y-%m-%d}, {ago}"
        if facts.not_before > now:
            return "certificate-not-yet-valid", f"{whose} is not valid before {facts.not_before:%Y-%m-%d %H:%M} UTC"
    return "", ""


def _parse(der: bytes) -> Certificate | None:
    try:
        from cryptography.x509 import load_der_x509_certificate

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a serial number that is not positive, say
            found = load_der_x509_certificate(der)
            if found.subject is None or found.issuer is None or found.not_valid_after_utc < found.not_valid_before_utc:
                return None  # reading is what matters here: names are parsed when they are asked for
            return found
    except Exception:  # no library, or what it refuses: it has more kinds of errors for that than one
        return None


def _path(certificates: Sequence[Certificate]) -> list[Certificate]:
    """Return the peer's certificate and, as far as it sent them, who issued it; peers may send more, in any order."""
    path = [certificates[0]]
    left = list(certificates[1:])
    while path[-1].issuer != path[-1].subject:
        above = next((found for found in left if found.subject == path[-1].issuer), None)
        if above is None:
            break
        left.remove(above)
        path.append(above)
    return path


def _issued(certificate: Certificate, issuer: Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except Exception:  # a wrong signature, a wrong name, or an algorithm that the library does not know
        return False
    return True


def _facts(certificate: Certificate) -> Facts:
    """Return what a certificate says, in its own words: nothing is masked."""
    from cryptography.hazmat.primitives.hashes import SHA256

    key, weak_key = _key(certificate)
    hash_name = _tolerant(lambda: getattr(certificate.signature_hash_algorithm, "name", "")) or ""
    self_signed = certificate.issuer == certificate.subject
    return Facts(
        subject=_name(certificate.subject),
        issuer=_name(certificate.issuer),
        title=_title(certificate.subject),
        issuer_title=_title(certificate.issuer),
        names=tuple(_names(certificate)),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        key=key,
        signature=str(getattr(certificate.signature_algorithm_oid, "_name", "")) or "unknown",
        weak_key=weak_key,
        weak_signature=hash_name in _WEAK_HASHES and not self_signed,
        self_signed=self_signed,
        fingerprint=certificate.fingerprint(SHA256()).hex().upper(),
    )


def _key(certificate: Certificate) -> tuple[str, bool]:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    key = _tolerant(certificate.public_key)
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}", key.key_size < RSA_BITS
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}", key.curve.key_size < _EC_BITS
    kind = type(key).__name__.removeprefix("_").removesuffix("PublicKey") if key is not None else "unknown"
    return kind, kind == "DSA"


def _names(certificate: Certificate) -> list[str]:
    from cryptography.x509 import DNSName, IPAddress, SubjectAlternativeName

    found = _tolerant(lambda: certificate.extensions.get_extension_for_class(SubjectAlternativeName).value)
    return [str(name.value) for name in found or () if isinstance(name, (DNSName, IPAddress))]


def _title(name: Name) -> str:
    from cryptography.x509.oid import NameOID

    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.ORGANIZATION_NAME):
        found = name.get_attributes_for_oid(oid)
        if found:
            return str(found[0].value)
    return _name(name) or "nobody"


def _organization(name: Name) -> str:
    from cryptography.x509.oid import NameOID

    found = name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(found[0].value).casefold() if found else ""


def _name(name: Name) -> str:
    return str(_tolerant(name.rfc4514_string) or "")


def _tolerant(read: Any) -> Any:
    """Return what *read* reads, or None: a certificate may hold what its library refuses, and is no reason to stop."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return read()
    except Exception:
        return None
