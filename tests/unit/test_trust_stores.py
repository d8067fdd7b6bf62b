"""Trust stores: every kind by its content, wrong passwords, a bad certificate among good ones, the stores that the product ships."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509 import load_pem_x509_certificate

from keystores import DER, ONE, PASSWORD, TWO, assert_is_whole, jks, shipped
from mailwright.base.errors import InputError, UsageError
from mailwright.base.secret import Secret
from mailwright.verification.truststores import StoreKind, load_trust_store, store_kind
from product_files import VENDOR

Write = Callable[[str, str | bytes], Path]


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


def test_pkcs12_without_anything_that_reads_it(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "cryptography.hazmat.primitives.serialization", None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(UsageError) as caught:
        load_trust_store(str(write("store", STORES["PKCS#12"])), PASSWORD)
    assert "'cryptography>=42'" in str(caught.value.hint)
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


def test_a_jks_like_the_products(write: Write) -> None:
    store = load_trust_store(str(write("store.jks", jks(list(shipped().items()), "wso2carbon"))))
    assert store.kind is StoreKind.JKS
    assert_is_whole(store, shipped())


def test_a_pkcs12_like_the_products(write: Write) -> None:
    plain = {alias: der for alias, der in shipped().items() if alias.startswith("authority")}
    items = [pkcs12.PKCS12Certificate(x509.load_der_x509_certificate(der), alias.encode()) for alias, der in plain.items()]
    data = pkcs12.serialize_key_and_certificates(None, None, None, items, BestAvailableEncryption(b"wso2carbon"))
    assert_is_whole(load_trust_store(str(write("store.p12", data))), plain)


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
