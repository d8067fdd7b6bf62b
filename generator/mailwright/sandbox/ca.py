"""A certificate authority to throw away: its key lives in memory, and ends with it.

Nothing here is good for more than a server on the loopback interface.
"""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = timedelta(days=90)
CLOCK_SKEW = timedelta(minutes=5)


class Validity(Enum):
    """When a certificate is good; the value is how far that lies from now."""

    NOW = timedelta()
    EXPIRED = -LIFETIME - timedelta(days=1)
    FUTURE = timedelta(days=1)


@dataclass(frozen=True)
class ServerCertificate:
    """Hold a server's certificate and its key, both as PEM."""

    certificate_pem: bytes
    key_pem: bytes = field(repr=False)


class Authority:
    """Issue certificates that only those trust who are handed ``ca_pem``.

    Args:
        name: The common name, to tell one authority from another in messages.
        issuer: Who vouches for it, of the same organization; None for a root, which is an organization of its own.

    Attributes:
        ca_pem: What a client must trust: the root's certificate.
        chain_pem: What a server sends behind its own certificate; empty for a root.
    """

    def __init__(self, name: str = "mailwright sandbox CA", *, issuer: Authority | None = None) -> None:
        self.organization: str = issuer.organization if issuer else name
        attributes = {NameOID.ORGANIZATION_NAME: self.organization, NameOID.COMMON_NAME: name}
        self._name = x509.Name([x509.NameAttribute(oid, text) for oid, text in attributes.items()])
        self._key = ec.generate_private_key(ec.SECP256R1())
        signer = issuer or self
        usage = {name: name in ("key_cert_sign", "crl_sign") for name in _KEY_USAGES}
        certificate = (
            _builder(self._name, signer._name, self._key.public_key(), signer._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=None if issuer is None else 0), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .sign(signer._key, hashes.SHA256())
        )
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        self.ca_pem: str = pem.decode("ascii") if issuer is None else issuer.ca_pem
        self.chain_pem: bytes = b"" if issuer is None else pem + issuer.chain_pem

    def issue(self, names: Sequence[str], validity: Validity = Validity.NOW) -> ServerCertificate:
        """Issue a certificate for host names and IP addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        builder = _builder(subject, self._name, key.public_key(), self._key.public_key(), validity.value)
        usage = {name: name == "digital_signature" for name in _KEY_USAGES}
        certificate = (
            builder.add_extension(x509.SubjectAlternativeName([_general_name(n) for n in names]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return ServerCertificate(
            certificate.public_bytes(serialization.Encoding.PEM),
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        )

    def server_context(
        self, names: Sequence[str], *, validity: Validity = Validity.NOW, whole_chain: bool = True
    ) -> ssl.SSLContext:
        """Return a server's TLS context with a new certificate for *names*.

        ``ssl`` reads keys from files only: one in a folder of its own, gone before this returns.
        """
        issued = self.issue(names, validity)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        with tempfile.TemporaryDirectory(prefix="mailwright-") as folder:
            file = Path(folder, "server.pem")
            file.touch(mode=0o600)
            file.write_bytes(issued.key_pem + issued.certificate_pem + (self.chain_pem if whole_chain else b""))
            context.load_cert_chain(file)
        return context


_KEY_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePublicKey,
    shift: timedelta = timedelta(),
) -> x509.CertificateBuilder:
    now = datetime.now(UTC) + shift
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
