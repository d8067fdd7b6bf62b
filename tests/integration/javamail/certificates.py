"""The certificates that scenarios name: each a server's chain and key, from authorities that the trust store holds or does not."""

from __future__ import annotations

import ipaddress
import ssl
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)


class Issuer:
    """A CA certificate with its key."""

    def __init__(self, name: str, parent: Issuer | None = None) -> None:
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        issuer = parent or self
        now = datetime.now(UTC)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(issuer.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - DAY)
            .not_valid_after(now + 30 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
            .sign(issuer.key, hashes.SHA256())
        )

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


class Certificates:
    """Make the certificates of all scenarios, once, below *folder*.

    ``trusted`` is the trust store as PEM: a root, and an intermediate whose own root is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        root, foreign, far = Issuer("Trusted Root"), Issuer("Unknown Root"), Issuer("Far Root")
        below, anchored = Issuer("Trusted Intermediate", root), Issuer("Anchored Intermediate", far)
        self.trusted = (root.pem + anchored.pem).decode("ascii")
        self.anchors = {"root": root.pem, "anchored": anchored.pem}
        names = ["localhost", "127.0.0.1", "relay.localhost"]
        chains = {
            "good": [self._leaf(root, names)],
            "intermediate": [self._leaf(below, names), below.pem],
            "incomplete": [self._leaf(below, names)],
            "anchored": [self._leaf(anchored, names)],
            "anchored-full": [self._leaf(anchored, names), anchored.pem, far.pem],
            "unknown-ca": [self._leaf(foreign, names)],
            "unknown-ca-full": [self._leaf(foreign, names), foreign.pem],
            "self-signed": [self._leaf(None, names)],
            "other-name": [self._leaf(root, ["relay.example.com"])],
            "wildcard": [self._leaf(root, ["*.localhost"])],
            "wildcard-example": [self._leaf(root, ["*.example.com"])],
            "wildcard-top": [self._leaf(root, ["*"])],
            "upper-case": [self._leaf(root, ["LOCALHOST", "RELAY.Localhost"])],
            "ip-only": [self._leaf(root, ["127.0.0.1"], common_name="relay")],
            "ip-only-cn": [self._leaf(root, ["127.0.0.1"], common_name="127.0.0.1")],
            "cn-only": [self._leaf(root, [], common_name="localhost")],
            "cn-other": [self._leaf(root, ["relay.example.com"], common_name="localhost")],
            "cn-wildcard": [self._leaf(root, [], common_name="*.localhost")],
            "cn-comma": [self._leaf(root, [], common_name="localhost", organization="Mail, CN=other")],
            "expired": [self._leaf(root, names, shift=-10 * DAY)],
            "future": [self._leaf(root, names, shift=10 * DAY)],
            "expired-unknown": [self._leaf(foreign, names, shift=-10 * DAY)],
            "client-use": [self._leaf(root, names, usage=ExtendedKeyUsageOID.CLIENT_AUTH)],
        }
        key = self._key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        for name, chain in chains.items():
            (folder / f"{name}.pem").write_bytes(key + b"".join(chain))
        self.kinds = tuple(chains)

    def context(self, kind: str, lowest: str, highest: str, ciphers: str = "", *, demands: bool = False) -> ssl.SSLContext:
        """Return a server's context; versions are names of ``ssl.TLSVersion``; *demands* a certificate of the client."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion[lowest]
            context.maximum_version = ssl.TLSVersion[highest]
        if ciphers or lowest in ("TLSv1", "TLSv1_1"):
            context.set_ciphers(ciphers or "DEFAULT:@SECLEVEL=0")
        context.load_cert_chain(self._folder / f"{kind}.pem")
        if demands:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=self.trusted)
        return context

    def key_store(self, kind: str, password: str) -> Path:
        """Return a PKCS#12 file with a certificate and its key, as a JVM takes it for its own."""
        pem = (self._folder / f"{kind}.pem").read_bytes()
        certificate, *others = x509.load_pem_x509_certificates(pem)
        path = self._folder / f"{kind}.p12"
        encryption = serialization.BestAvailableEncryption(password.encode())
        path.write_bytes(pkcs12.serialize_key_and_certificates(b"own", self._key, certificate, others, encryption))
        return path

    def _leaf(
        self,
        issuer: Issuer | None,
        names: Sequence[str],
        *,
        common_name: str = "relay",
        organization: str = "",
        shift: timedelta = timedelta(),
        usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
    ) -> bytes:
        attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)] if organization else []
        subject = x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        now = datetime.now(UTC) + shift
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.name if issuer else subject)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - DAY)
            .not_valid_after(now + DAY)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        )
        if issuer:
            identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
            builder = builder.add_extension(identifier, critical=False)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        signed = builder.sign(issuer.key if issuer else self._key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
