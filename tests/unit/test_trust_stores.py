"""Trust stores: every kind by its content, wrong passwords, a bad certificate among good ones, the stores that the product ships."""

from __future__ import annotations

import hashlib
import ssl
import struct
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import which

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509 import load_pem_x509_certificate
from cryptography.x509.oid import NameOID

from mailwright.base.errors import InputError, UsageError
from mailwright.base.secret import Secret
from mailwright.sandbox.ca import Authority
from mailwright.verification import truststores
from mailwright.verification.truststores import StoreKind, TrustStore, load_trust_store, store_kind
from product_files import VENDOR

Write = Callable[[str, str | bytes], Path]
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


def p12(names: Sequence[str], password: str = PASSWORD.reveal()) -> bytes:
    certificates = [
        pkcs12.PKCS12Certificate(load_pem_x509_certificate(ssl.DER_cert_to_PEM_cert(DER[name]).encode()), name.encode())
        for name in names
    ]
    return pkcs12.serialize_key_and_certificates(None, None, None, certificates, BestAvailableEncryption(password.encode()))


STORES = {
    "PEM": (ONE.ca_pem + "a comment\n" + TWO.ca_pem).encode(),
    "PKCS#12": p12(["one", "two"]),
    "JKS": jks(list(DER.items())),
    "JKS, version 1": jks(list(DER.items()), version=1),
    "JKS, a key": jks(list(DER.items()), key=True),
}


@pytest.mark.parametrize("kind", STORES)
def test_the_content_tells_what_it_is(kind: str, write: Write) -> None:
    store = load_trust_store(str(write("store.bin", STORES[kind])), PASSWORD)
    assert store.kind.value == kind.partition(",")[0]
    assert [anchor.der for anchor in store.anchors] == list(DER.values())
    assert store.unusable == ()
    assert store.name == "store.bin"
    if kind != "PEM":
        assert [anchor.alias for anchor in store.anchors] == list(DER)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=store.pem())
    assert len(context.get_ca_certs()) == 2


def test_one_der_certificate(write: Write) -> None:
    store = load_trust_store(str(write("ca.crt", DER["one"])))
    assert (store.kind, len(store.anchors)) == (StoreKind.DER, 1)


def test_aliases_of_keytools_list(write: Write) -> None:
    text = f"Alias name: first\nCreation date: x\n\n{ONE.ca_pem}\n*****\nAlias name: second, o=x\n{TWO.ca_pem}"
    store = load_trust_store(str(write("list.pem", text)))
    assert [anchor.alias for anchor in store.anchors] == ["first", "second, o=x"]


@pytest.mark.parametrize("kind", ["PKCS#12", "JKS"])
@pytest.mark.parametrize("password", [Secret("canary-wrong"), None])
def test_a_wrong_password(kind: str, password: Secret | None, write: Write) -> None:
    with pytest.raises(InputError) as caught:
        load_trust_store(str(write("store", STORES[kind])), password)
    assert "password is wrong" in caught.value.message
    assert "canary" not in str(caught.value)


def test_without_keytool_all_that_may_be_wrong_is_said(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(InputError, match="password is wrong, the file is damaged, or it holds what the library"):
        load_trust_store(str(write("store", STORES["PKCS#12"])), Secret("canary-wrong"))


def test_the_products_default_password(write: Write) -> None:
    assert len(load_trust_store(str(write("store", jks(list(DER.items()), "wso2carbon")))).anchors) == 2


BAD = b"\x30\x82\x01\x00" + bytes(256)


def test_a_bad_certificate_does_not_spoil_a_jks(write: Write) -> None:
    many = [("one", DER["one"]), *((f"n{number}", DER["two"]) for number in range(142)), ("bad \x1b[31m", BAD)]
    store = load_trust_store(str(write("store.jks", jks(many))), PASSWORD)
    assert len(store.anchors) == 143
    assert store.unusable == (("bad [31m", "OpenSSL cannot read it"),)


def test_a_bad_certificate_does_not_spoil_pem(write: Write) -> None:
    bad = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    store = load_trust_store(str(write("ca.pem", bad + ONE.ca_pem + bad.replace("MIIB", "!!!"))))
    assert [anchor.alias for anchor in store.anchors] == ["certificate 2"]
    assert [alias for alias, _ in store.unusable] == ["certificate 1", "certificate 3"]


@pytest.mark.skipif(which("keytool") is None, reason="not installed: keytool")
@pytest.mark.parametrize("words", ["a certificate of it is refused", "Invalid password or PKCS12 data", None])
def test_keytool_reads_what_the_library_does_not(words: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, authority in (("one", ONE), ("two", TWO)):
        (tmp_path / f"{name}.pem").write_text(authority.ca_pem, encoding="ascii")
        command = ["keytool", "-importcert", "-noprompt", "-alias", name, "-file", f"{name}.pem", "-keystore", "store.p12"]
        subprocess.run([*command, "-storepass", PASSWORD.reveal()], cwd=tmp_path, check=True, capture_output=True, timeout=60)
    path = str(tmp_path / "store.p12")
    assert {anchor.alias for anchor in load_trust_store(path, PASSWORD).anchors} == {"one", "two"}

    def refuse(*_: object) -> object:
        raise ImportError if words is None else ValueError(words)

    monkeypatch.setattr(pkcs12, "load_pkcs12", refuse)
    if words is None:
        monkeypatch.setitem(__import__("sys").modules, "cryptography.hazmat.primitives.serialization", None)
    store = load_trust_store(path, PASSWORD)
    assert {anchor.alias: anchor.der for anchor in store.anchors} == DER
    with pytest.raises(InputError, match="password is wrong"):
        load_trust_store(path, Secret("another"))


def test_pkcs12_without_anything_that_reads_it(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "cryptography.hazmat.primitives.serialization", None)
    monkeypatch.setattr(truststores, "which", lambda _: None)
    with pytest.raises(UsageError) as caught:
        load_trust_store(str(write("store", STORES["PKCS#12"])), PASSWORD)
    assert "mailwright[verify]" in str(caught.value.hint)
    assert len(load_trust_store(str(write("ca.pem", STORES["PEM"]))).anchors) == 2


@pytest.mark.parametrize(
    "data", [b"", b"no store", b"\x30", b"\x30\x80", b"\xce\xce\xce\xce" + bytes(30), b"\xfe\xed\xfe\xed", BAD]
)
def test_no_store(data: bytes, write: Write) -> None:
    with pytest.raises(InputError):
        load_trust_store(str(write("store", data)), PASSWORD)


@pytest.mark.parametrize("cut", range(4, 200, 17))
def test_a_damaged_jks(cut: int, write: Write) -> None:
    whole = jks([("one", DER["one"])])
    with pytest.raises(InputError):
        load_trust_store(str(write("store", whole[:cut])), PASSWORD)
    body = whole[:cut]
    signed = body + hashlib.sha1(PASSWORD.reveal().encode("utf-16-be") + b"Mighty Aphrodite" + body).digest()
    with pytest.raises(InputError):
        load_trust_store(str(write("store", signed)), PASSWORD)


def test_kinds_of_nothing() -> None:
    assert store_kind(b"") is None
    assert store_kind(b"\x30\x03\x02\x01\x03") is StoreKind.PKCS12
    assert store_kind(DER["one"]) is StoreKind.DER


# -- stores as the product ships them: many certificates, one with a serial number that is no positive number


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


def test_a_jks_like_the_products(write: Write) -> None:
    store = load_trust_store(str(write("store.jks", jks(list(shipped().items()), "wso2carbon"))))
    assert store.kind is StoreKind.JKS
    assert_is_whole(store, shipped())


def test_a_pkcs12_like_the_products(write: Write) -> None:
    plain = {alias: der for alias, der in shipped().items() if alias.startswith("authority")}
    items = [pkcs12.PKCS12Certificate(x509.load_der_x509_certificate(der), alias.encode()) for alias, der in plain.items()]
    data = pkcs12.serialize_key_and_certificates(None, None, None, items, BestAvailableEncryption(b"wso2carbon"))
    assert_is_whole(load_trust_store(str(write("store.p12", data))), plain)


@pytest.mark.skipif(which("keytool") is None, reason="keytool is not installed")
@pytest.mark.parametrize("kind", ["JKS", "PKCS12"])
def test_keytools_own_store_with_an_odd_serial_number(kind: str, tmp_path: Path, write: Write) -> None:
    """keytool turns our JKS into its own store of either kind."""
    chosen = dict(list(shipped().items())[-6:])
    write("ours.jks", jks(list(chosen.items()), "wso2carbon"))
    command = [
        "keytool",
        "-importkeystore",
        "-noprompt",
        "-srckeystore",
        "ours.jks",
        "-srcstoretype",
        "JKS",
        "-destkeystore",
        "its",
    ]
    passwords = ["-srcstorepass", "wso2carbon", "-deststorepass", "wso2carbon"]
    subprocess.run([*command, "-deststoretype", kind, *passwords], cwd=tmp_path, check=True, capture_output=True, timeout=60)
    store = load_trust_store(str(tmp_path / "its"))
    assert store.kind is (StoreKind.JKS if kind == "JKS" else StoreKind.PKCS12)
    assert_is_whole(store, chosen)


if VENDOR.is_dir():

    @pytest.mark.parametrize(
        ("name", "count"), [("wso2is-7.0.0-client-truststore.jks", 144), ("wso2is-7.2.0-client-truststore.p12", 143)]
    )
    def test_the_stores_that_the_product_ships(name: str, count: int) -> None:
        store = load_trust_store(str(VENDOR / "truststore" / name))
        assert len(store.anchors) == count
        assert store.unusable == ()
        assert len({anchor.alias for anchor in store.anchors}) == count
        assert not any(anchor.alias.startswith("certificate ") for anchor in store.anchors)
