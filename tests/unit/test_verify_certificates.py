"""Certificates in words: why a chain does not verify, what to import, what is weak or ends soon; and what a peer may write into them."""

from __future__ import annotations

import shlex
import ssl
import sys
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from mailwright.verification import certificates
from mailwright.verification.certificates import Chain, Explainer
from mailwright.verification.chains import is_unremarkable
from mailwright.verification.findings import chain_findings
from mailwright.verification.truststores import Anchor, StoreKind, TrustStore

NOW = datetime(2030, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)
UNKNOWN = "unable to get local issuer certificate"


class Made:
    """A certificate with its key."""

    def __init__(
        self,
        name: str,
        issuer: Made | None = None,
        *,
        key: CertificateIssuerPrivateKeyTypes | None = None,
        begins: datetime = NOW - 100 * DAY,
        ends: datetime = NOW + 100 * DAY,
        organization: str | None = None,
        digest: hashes.HashAlgorithm | None = None,
    ) -> None:
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        parts = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
        if organization:
            parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
        self.name = x509.Name(parts)
        signer = issuer.key if issuer else self.key
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(issuer.name if issuer else self.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("smtp.example.com")]), critical=False)
        )
        plain = isinstance(signer, ed25519.Ed25519PrivateKey)
        self.der = builder.sign(signer, None if plain else digest or hashes.SHA256()).public_bytes(Encoding.DER)


ROOT = Made("Example Root")
INNER = Made("Example Internal CA G2", ROOT)
LEAF = Made("smtp.example.com", INNER)
OF_VERSION_19 = LEAF.der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x13", 1)


def store(*made: Made, kind: StoreKind = StoreKind.PKCS12, name: str = "client truststore.p12") -> TrustStore:
    return TrustStore(name, kind, tuple(Anchor(f"anchor-{number}", item.der) for number, item in enumerate(made)), ())


def explain(chain: list[Made], *anchors: Made, error: str = UNKNOWN, secrets: tuple[str, ...] = ()) -> Chain:
    found = Explainer(store(*anchors)).explain([item.der for item in chain], error, secrets, now=NOW)
    assert found is not None
    return found


def test_a_chain_that_verifies_has_an_anchor_and_no_reason() -> None:
    for anchors in ([ROOT], [INNER], [LEAF], [Made("other"), ROOT]):
        found = explain([LEAF, INNER], *anchors, error="")
        assert found.anchor == f"anchor-{len(anchors) - 1}"
        assert (found.code, found.reason, found.to_import) == ("", "", None)
    assert explain([LEAF], Made("other"), error="").code == "", "what the engine takes is not doubted"


def test_unknown_ca_whose_certificate_was_sent() -> None:
    found = explain([LEAF, INNER, ROOT], Made("other"))
    assert (found.code, found.reason) == ("unknown-ca", 'issuer "Example Root" is not in client truststore.p12')
    assert found.to_import is not None
    assert found.to_import.pem == ssl.DER_cert_to_PEM_cert(ROOT.der)
    words = shlex.split(found.to_import.command)
    assert words == [
        *["keytool", "-importcert", "-alias", "example-root", "-file", "ca.pem", "-keystore"],
        "client truststore.p12",
    ]


def test_unknown_ca_above_an_intermediate() -> None:
    found = explain([LEAF, INNER], Made("other"))
    assert found.reason == 'issuer "Example Root" is not in client truststore.p12'
    assert found.to_import is not None
    assert found.to_import.alias == "example-internal-ca-g2"


def test_unknown_ca_that_was_not_sent() -> None:
    found = explain([LEAF], Made("other"))
    assert found.code == "unknown-ca"
    assert "the peer does not send its certificate" in found.reason
    assert found.to_import is not None
    assert (found.to_import.title, found.to_import.pem) == ("Example Internal CA G2", None)


def test_incomplete_chain() -> None:
    root = Made("Big Root", organization="Big CA")
    inner = Made("Big Intermediate", root, organization="Big CA")
    found = explain([Made("smtp.example.com", inner)], root)
    assert (found.code, found.to_import) == ("incomplete-chain", None)
    assert "sends its own certificate alone" in found.reason


def test_self_signed() -> None:
    found = explain([ROOT], INNER)
    assert (found.code, found.reason) == ("self-signed", "self-signed, and not in client truststore.p12")
    assert found.to_import is not None


@pytest.mark.parametrize("which", ["leaf", "intermediate", "anchor"])
def test_expired(which: str) -> None:
    past = {"ends": NOW - 3 * DAY}
    root = Made("Root", **(past if which == "anchor" else {}))  # type: ignore[arg-type]
    inner = Made("Inner", root, **(past if which == "intermediate" else {}))  # type: ignore[arg-type]
    leaf = Made("smtp.example.com", inner, **(past if which == "leaf" else {}))  # type: ignore[arg-type]
    found = explain([leaf, inner], root, error="certificate has expired")
    whose = {"leaf": "the certificate", "intermediate": 'the certificate of "Inner"', "anchor": 'the certificate of "Root"'}[
        which
    ]
    assert (found.code, found.reason) == ("certificate-expired", f"{whose} expired on 2030-05-29, 3 days ago")


def test_not_yet_valid() -> None:
    found = explain([Made("l", INNER, begins=NOW + DAY)], INNER, error="certificate is not yet valid")
    assert (found.code, found.reason) == ("certificate-not-yet-valid", "the certificate is not valid before 2030-06-02 00:00 UTC")


def test_another_reason_keeps_the_engines_words() -> None:
    found = explain([LEAF], INNER, error="invalid CA certificate")
    assert (found.code, found.reason, found.anchor) == ("chain-unverified", "invalid CA certificate", "anchor-0")


def test_an_anchor_must_have_issued_it() -> None:
    """A CA of the same name with another key is none."""
    assert explain([LEAF], Made("Example Internal CA G2")).anchor is None


def test_aliases_are_free_and_quoted() -> None:
    taken = TrustStore("s.jks", StoreKind.JKS, (Anchor("example-ROOT", INNER.der), Anchor("example-root-2", INNER.der)), ())
    found = Explainer(taken).explain([ROOT.der], UNKNOWN, now=NOW)
    assert found is not None
    assert found.to_import is not None
    assert found.to_import.alias == "example-root-3"
    odd = explain([Made("$(touch /tmp/x); `id` \u00e4\u202e\n")], INNER)
    assert odd.to_import is not None
    assert odd.to_import.alias == "touch-tmp-x-id"
    assert shlex.split(odd.to_import.command)[3] == "touch-tmp-x-id"
    assert odd.sent[0].title.isprintable()


def test_the_keystore_of_the_line_is_the_servers_where_the_store_is_pem() -> None:
    pem = store(INNER, kind=StoreKind.PEM, name="ca.pem")
    found = Explainer(pem, keystore="client-truststore.jks").explain([ROOT.der], UNKNOWN, now=NOW)
    assert found is not None
    assert found.to_import is not None
    assert found.to_import.command.endswith("-keystore client-truststore.jks")


def test_this_machines_store() -> None:
    found = Explainer(None).explain([LEAF.der], UNKNOWN, now=NOW)
    assert found is not None
    assert found.to_import is None, "the server's store may have it"
    assert "this machine's trust store" in found.reason


def test_names_do_not_repeat_what_was_sent() -> None:
    secret = "canary-certificate"
    found = explain([Made(f"x {secret}"), Made(secret[::-1])], INNER, secrets=(secret,))
    assert secret not in repr(found)
    assert secret[::-1] not in repr(found)
    assert found.to_import is not None
    assert found.to_import.pem is None


def test_findings_about_strength() -> None:
    weak = Made("weak", ROOT, key=rsa.generate_private_key(65537, 1024))
    codes = [(item.code, item.message) for item in chain_findings(explain([weak], ROOT, error=""), NOW)]
    assert codes == [("weak-key", "the certificate has a weak key: RSA 1024")]
    fine = Made("fine", ROOT, key=ed25519.Ed25519PrivateKey.generate())
    assert list(chain_findings(explain([fine], ROOT, error=""), NOW)) == []
    assert explain([fine], ROOT, error="").sent[0].key == "Ed25519"


@pytest.mark.parametrize(("days", "words"), [(29, "29 days"), (1, "1 day"), (0, "less than a day"), (31, "")])
def test_findings_about_the_end(days: int, words: str) -> None:
    found = explain([Made("x", ROOT, ends=NOW + days * DAY + timedelta(hours=1))], ROOT, error="")
    findings = [item for item in chain_findings(found, NOW) if item.code == "certificate-expires-soon"]
    assert bool(findings) is bool(words)
    assert all(f"ends in {words}," in item.message for item in findings)


@pytest.mark.parametrize("chain", [[], [b""], [b"\x30\x03\x02\x01\x01"], [b"\x30\x82\x01\x00" + bytes(256)], [OF_VERSION_19]])
def test_what_is_no_certificate_says_nothing(chain: list[bytes]) -> None:
    assert Explainer(store(ROOT)).explain(chain, UNKNOWN) is None


def test_without_the_library_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.x509", None)
    assert Explainer(store(ROOT)).explain([LEAF.der], UNKNOWN) is None


RSA_KEY = rsa.generate_private_key(65537, 2048)
FAR = 40 * DAY
LOOKED_AT = {
    "P-256": (Made("x", ROOT, ends=NOW + FAR), True),
    "P-384": (Made("x", ROOT, key=ec.generate_private_key(ec.SECP384R1())), True),
    "P-521": (Made("x", ROOT, key=ec.generate_private_key(ec.SECP521R1())), True),
    "RSA 2048": (Made("x", ROOT, key=RSA_KEY), True),
    "signed with RSA": (Made("x", Made("ca", key=RSA_KEY)), True),
    "SHA-384": (Made("x", ROOT, digest=hashes.SHA384()), True),
    "SHA-512, by RSA": (Made("x", Made("ca", key=RSA_KEY), digest=hashes.SHA512()), True),
    "self-signed": (ROOT, True),
    "ends in 2060": (Made("x", ROOT, ends=NOW + 30 * 366 * DAY), True),
    "ends in 32 days": (Made("x", ROOT, ends=NOW + 32 * DAY), True),
    "ends in 30 days": (Made("x", ROOT, ends=NOW + 30 * DAY), False),
    "ended": (Made("x", ROOT, ends=NOW - DAY), False),
    "RSA 1024": (Made("x", ROOT, key=rsa.generate_private_key(65537, 1024)), False),
    "P-192": (Made("x", ROOT, key=ec.generate_private_key(ec.SECP192R1())), False),
    "an unusual key": (Made("x", ROOT, key=ed25519.Ed25519PrivateKey.generate()), False),
    "an unusual signature": (Made("x", ROOT, digest=hashes.SHA224()), False),
}


@pytest.mark.parametrize("kind", LOOKED_AT)
def test_a_quick_look_knows_the_usual_kinds(kind: str) -> None:
    made, unremarkable = LOOKED_AT[kind]
    assert is_unremarkable([made.der], NOW) is unremarkable
    for chain in ([made, ROOT], [ROOT, made]):
        assert is_unremarkable([each.der for each in chain], NOW) is unremarkable
    if unremarkable:
        assert list(chain_findings(explain([made], made, error=""), NOW)) == []


@pytest.mark.parametrize("made", [made for made, _ in LOOKED_AT.values()], ids=list(LOOKED_AT))
def test_a_quick_look_takes_nothing_that_the_library_refuses(made: Made) -> None:
    """Wherever one byte of the first half is another one, or the bytes end: what seems in order can be read, and has no finding."""
    assert not is_unremarkable([], NOW)
    assert not any(is_unremarkable([made.der[:end]], NOW) for end in range(0, len(made.der) // 3, 3))
    explainer = Explainer(None)
    for at in range(4, len(made.der) // 2, 7):
        der = made.der[:at] + bytes([made.der[at] ^ 0x11]) + made.der[at + 1 :]
        if is_unremarkable([der], NOW) and (found := explainer.explain([der], "", now=NOW)) is not None:
            assert list(chain_findings(found, NOW)) == [], at


def test_a_chain_is_read_once_and_each_sees_it_without_what_he_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    read, explainer = [], Explainer(store(ROOT))
    parse = certificates._parse
    monkeypatch.setattr(certificates, "_parse", lambda der: (read.append(der), parse(der))[1])
    titles = []
    for secrets in (["another-secret"], ["Internal CA G2"], []):
        found = explainer.explain([LEAF.der, INNER.der], "", secrets, now=NOW)
        assert found is not None
        titles.append((found.sent[0].title, found.sent[0].names, found.sent[1].title))
    kept, hidden = (
        ("smtp.example.com", ("smtp.example.com",), "Example Internal CA G2"),
        ("smtp.example.com", ("smtp.example.com",), "<sent>"),
    )
    assert titles == [kept, hidden, kept]
    assert read == [LEAF.der, INNER.der, ROOT.der]
