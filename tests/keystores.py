"""Trust stores of the JDK's kinds, as tests write them: their bytes, and what is in them."""

from __future__ import annotations

import hashlib
import ssl
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from mailwright.base.secret import Secret
from mailwright.sandbox.ca import Authority
from mailwright.verification.truststores import TrustStore

PASSWORD = Secret("canary-trust-store")

ONE, TWO = Authority("One"), Authority("Two")
DER = {"one": ssl.PEM_cert_to_DER_cert(ONE.ca_pem), "two": ssl.PEM_cert_to_DER_cert(TWO.ca_pem)}


def jks(entries: Sequence[tuple[str, bytes]], password: str = PASSWORD.reveal(), *, version: int = 2, key: bool = False) -> bytes:
    """Write a store as the JDK does; with *key*, the first entry is a private key with its chain."""
    body = struct.pack(">III", 0xFEEDFEED, version, len(entries))
    for index, (alias, der) in enumerate(entries):
        name = alias.encode()
        certificate = (struct.pack(">H", 5) + b"X.509" if version > 1 else b"") + struct.pack(">I", len(der)) + der
        is_key = key and index == 0
        body += struct.pack(">IH", 1 if is_key else 2, len(name)) + name + bytes(8)
        body += struct.pack(">I", 3) + b"key" + struct.pack(">I", 1) + certificate if is_key else certificate
    return body + hashlib.sha1(password.encode("utf-16-be") + b"Mighty Aphrodite" + body).digest()


# -- as the product ships them: many certificates, one with a serial number that is no positive number

COUNT = 140
SEALED = b"\xa0\x03\x02\x01\x02\x02\x01"
"""Version 3, then a serial number of one byte, as DER."""


def certificate(name: str, serial: int = 1) -> bytes:
    """Return a self-signed certificate of an authority as DER; cryptography makes none whose serial number is not positive."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    moment = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 1, moment, moment + timedelta(days=9))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    whole, signed = builder.public_bytes(Encoding.DER), builder.tbs_certificate_bytes
    assert signed.count(SEALED) == 1
    altered = signed.replace(SEALED + b"\x01", SEALED + serial.to_bytes(1, "big", signed=True))
    signature = key.sign(altered, ec.ECDSA(hashes.SHA256()))
    at = whole.index(signed) + len(signed)
    algorithm = whole[at : at + 2 + whole[at + 1]]
    return sequence(altered + algorithm + b"\x03" + length(len(signature) + 1) + b"\0" + signature)


def sequence(content: bytes) -> bytes:
    return b"\x30" + length(len(content)) + content


def length(number: int) -> bytes:
    return bytes([number]) if number < 128 else b"\x82" + number.to_bytes(2, "big")


@cache
def shipped() -> dict[str, bytes]:
    """Return the certificates of a store by their aliases."""
    odd = {"serial zero": certificate("Zero", 0), "serial below zero": certificate("Below", -1)}
    return {f"authority {number}": certificate(f"Authority {number}") for number in range(COUNT)} | odd


def assert_is_whole(store: TrustStore, certificates: dict[str, bytes]) -> None:
    assert {anchor.alias: anchor.der for anchor in store.anchors} == certificates
    assert store.unusable == ()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=store.pem())
    assert len(context.get_ca_certs(binary_form=True)) == len(certificates)
