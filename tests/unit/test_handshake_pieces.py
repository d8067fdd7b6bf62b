"""The small parts of the handshake engine, each by a table: names of certificates, masking, challenges, contexts, reports."""

from __future__ import annotations

import base64
import html
import json
import pickle
import ssl
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus

import pytest
from conversations import HOST, PASSWORD, authority, server_context, settings

from mailwright.verification import handshake
from mailwright.verification.handshake import (
    STATES,
    Cause,
    Client,
    ClientEnd,
    Event,
    Finding,
    HandshakeError,
    Machine,
    Phase,
    ProtocolError,
    Reply,
    ReplyParser,
    Report,
    Said,
    Settings,
    Why,
    client_names,
    mask,
    matches_host,
    peer_chain,
    printable,
    read_certificate,
    settings_from_wire,
    settings_to_wire,
    tls_context,
)

# sentences


@pytest.mark.parametrize(
    ("why", "text", "cleaned"),
    [
        (Why(Cause.CLOSED), "the peer closed the connection", "the peer closed the connection"),
        (Why(Cause.NOT_SMTP, ("SSH",)), "the peer speaks SSH, not SMTP", "the peer speaks SSH, not SMTP"),
        (
            Why(Cause.TLS_GARBLED, (Said("x"),)),
            "the peer does not speak TLS as it should: x",
            "the peer does not speak TLS as it should: X",
        ),
        (Why(Cause.NONE, ("the certificate is for ", Said("a"))), "the certificate is for a", "the certificate is for A"),
        (Why(Cause.REFUSED), "", ""),
    ],
)
def test_a_sentence_cleans_a_peer_s_words_alone(why: Why, text: str, cleaned: str) -> None:
    assert why.text() == text
    assert why.text(lambda word: word.upper()) == cleaned


def test_values_are_what_typing_makes_of_them() -> None:
    made = [kind for kind in vars(handshake).values() if isinstance(kind, type) and issubclass(kind, tuple)]
    assert {kind.__name__ for kind in made} >= {"Why", "Settings", "Phase", "Client", "Report", "Reply", "Step", "Event"}
    for kind in made:
        fields = vars(kind)["__annotations__"]
        defaults = kind._field_defaults  # type: ignore[attr-defined]
        theirs: Any = NamedTuple(kind.__name__, [(name, Any) for name in fields])
        assert kind._fields == theirs._fields  # type: ignore[attr-defined]
        assert tuple(defaults) == tuple(fields)[len(fields) - len(defaults) :]
        value = kind(*range(len(fields)))
        hides = kind.__name__ in ("Report", "Settings", "Step")
        assert repr(value) == repr(theirs(*value)) or hides
        assert pickle.loads(pickle.dumps(value)) == value
        assert (kind.__module__, kind.__qualname__, kind.__bases__) == (handshake.__name__, kind.__name__, (tuple,))
        assert kind.__doc__
    with pytest.raises(TypeError, match=r"missing 2 required positional arguments: 'host' and 'port'"):
        Settings()  # type: ignore[call-arg]


def test_a_protocol_error_is_its_sentence() -> None:
    error = ProtocolError(Cause.ENDLESS_LINE)
    assert (str(error), error.cause) == ("the peer sent a line without end", Cause.ENDLESS_LINE)


@pytest.mark.parametrize(
    ("text", "shown"), [("plain", "plain"), ("a\x00b\u202ec\u00ad", "abc"), ("\x1b[31m", "[31m"), ("", ""), ("\u00fc \u4e2d", "\u00fc \u4e2d")]
)  # fmt: skip
def test_what_prints(text: str, shown: str) -> None:
    assert printable(text) == shown


# settings and reports


@pytest.mark.parametrize(
    ("changes", "starttls", "credentials"),
    [
        ({}, False, False),
        ({"starttls_enable": True}, True, False),
        ({"starttls_required": True}, True, False),
        ({"starttls_required": True, "implicit_tls": True}, False, False),
        ({"username": "u"}, False, False),
        ({"password": "p"}, False, False),
        ({"username": "u", "password": "p"}, False, True),
        ({"username": "u", "token": "t"}, False, False),
        ({"username": "u", "token": "t", "mechanisms": ("XOAUTH2",)}, False, True),
        ({"username": "u", "password": "p", "mechanisms": ("XOAUTH2",)}, False, False),
        ({"unresolved": "why"}, False, True),
    ],
)
def test_what_settings_mean(changes: dict[str, Any], starttls: bool, credentials: bool) -> None:
    made = Settings("h", 25, **changes)
    assert (made.starttls, made.has_credentials) == (starttls, credentials)


@pytest.mark.parametrize("fallback", [None, {"port": 25, "mechanisms": ["LOGIN"]}])
def test_settings_travel(fallback: dict[str, Any] | None) -> None:
    made = settings(message=b"\x00\xff", sasl=("PLAIN",), unmodelled=("a", "b"), fallback=fallback)
    wire = json.loads(json.dumps(settings_to_wire(made)))
    assert wire["ca_pem"] is None
    wanted = made._replace(fallback=fallback and {"port": 25, "mechanisms": ("LOGIN",)}, ca_pem="PEM")
    assert settings_from_wire(wire, "PEM") == wanted
    assert settings_from_wire(settings_to_wire(made), None).ca_pem is None


def test_a_report_as_json() -> None:
    phases = (Phase("resolve", "ok", ms=1.5), Phase("AUTH", "failed", 535, "no", 2.0, "LOGIN", "5.7.8", "auth-refused"))
    client = Client("failed", "535 no", False, "LOGIN", True, "predicted")
    tls = {"version": "TLSv1.3", "cipher": "c", "names": ("a", "b"), "verified": True}
    found = (Finding("x", "error", "m"), Finding("y", "info", "n", "r"))
    report = Report("n", "h", 25, "local", phases, tls, ("X",), ("Y",), client, found, 4, (b"der",), "expired", 10)
    document = report.to_json()
    assert document == {
        "name": "n",
        "host": "h",
        "port": 25,
        "vantage": "local",
        "phases": [
            {"name": "resolve", "status": "ok", "code": None, "reply": "", "ms": 1.5, "detail": "", "enhanced": None, "cause": ""},
            {
                "name": "AUTH", "status": "failed", "code": 535, "reply": "no", "ms": 2.0, "detail": "LOGIN", "enhanced": "5.7.8",
                "cause": "auth-refused",
            },
        ],
        "tls": {"version": "TLSv1.3", "cipher": "c", "names": ["a", "b"], "verified": True},
        "client": {
            "outcome": "failed", "error": "535 no", "authenticated": False, "mechanism": "LOGIN", "cleartext_credentials": True,
            "basis": "predicted",
        },
        "findings": [
            {"code": "x", "severity": "error", "message": "m", "remedy": None},
            {"code": "y", "severity": "info", "message": "n", "remedy": "r"},
        ],
        "exit_code": 4,
    }  # fmt: skip
    assert json.loads(json.dumps(document)) == document
    assert report._replace(tls=None).to_json()["tls"] is None
    assert report.phase("AUTH") == phases[1]
    assert report.phase("QUIT") == Phase("QUIT", "skipped")
    assert Phase("x").status == "not-reached"


# replies


@pytest.mark.parametrize(
    ("wire", "reply"),
    [
        (b"", None),
        (b"220 relay", Reply(220, ("relay",))),
        (b"220 relay\r", Reply(220, ("relay",))),
        (b"220-a\r\n220 b", Reply(220, ("a", "b"))),
        (b"220-a\r\n", None),
        (b"220 \xff\xc3", Reply(220, ("\ufffd\ufffd",))),
    ],
)
def test_the_last_line_needs_no_end(wire: bytes, reply: Reply | None) -> None:
    parser = ReplyParser()
    parser.feed(wire)
    assert parser.next_reply() is None
    assert parser.finish() == reply


def test_an_empty_line_is_a_line() -> None:
    parser = ReplyParser()
    parser.feed(b"\n220 relay\n")
    assert [parser.next_reply() for _ in range(3)] == [
        Reply(handshake.NO_CODE, ("",), Why(Cause.NO_REPLY)),
        Reply(220, ("relay",)),
        None,
    ]


@pytest.mark.parametrize("size", [handshake.MAX_LINE - 1, handshake.MAX_LINE])
def test_how_long_a_line_may_be(size: int) -> None:
    parser = ReplyParser()
    parser.feed(b"220 ".ljust(size, b"a") + b"\n")
    if size < handshake.MAX_LINE:
        assert parser.next_reply() == Reply(220, ("a" * (size - 4),))
        assert parser.trailing == 0
        return
    for _ in range(2):
        with pytest.raises(ProtocolError, match="without end"):
            parser.next_reply()


@pytest.mark.parametrize("more", [0, 1])
def test_how_long_a_reply_may_be(more: int) -> None:
    line = b"220-".ljust(1023, b"a") + b"\n"
    last = b"220 ".ljust(1023 + more, b"b") + b"\n"
    parser = ReplyParser()
    parser.feed(line * 1023 + last)
    if not more:
        found = parser.next_reply()
        assert found is not None
        assert (len(found.lines), found.odd) == (1024, None)
        return
    with pytest.raises(ProtocolError) as caught:
        parser.next_reply()
    assert caught.value.cause is Cause.ENDLESS_REPLY
    parser.feed(b"220 x\r\n")
    assert parser.trailing == handshake.MAX_REPLY + 1


# names of certificates


@pytest.mark.parametrize(
    ("names", "common", "host", "taken"),
    [
        (["smtp.example.com"], [], "SMTP.example.com", True),
        (["SMTP.example.com"], [], "smtp.example.com", True),
        (["smtp.example.com"], [], "smtp.example.org", False),
        (["*.example.com"], [], "a.b.example.com", True),
        (["*.example.com"], [], "example.com", False),
        (["*.Example.com"], [], "a.EXAMPLE.com", True),
        (["*."], [], "a.", False),
        (["*.c"], [], "a.c", True),
        (["*x.example"], [], "ax.example", False),
        ([], ["smtp.example.com"], "smtp.example.com", True),
        ([], ["other", "smtp.example.com"], "smtp.example.com", True),
        ([], ["smtp.example.com", "other"], "smtp.example.com", False),
        (["other"], ["smtp.example.com"], "smtp.example.com", False),
        ([], [], "smtp.example.com", False),
    ],
)
def test_the_client_s_own_rule(names: list[str], common: list[str], host: str, taken: bool) -> None:
    certificate = {
        "subjectAltName": [("IP Address", "192.0.2.1"), *(("DNS", name) for name in names)],
        "subject": [(("organizationName", host),), *((("commonName", name),) for name in common)],
    }
    assert client_names(certificate, host) is taken
    assert client_names({}, host) is False


@pytest.mark.parametrize(
    ("names", "host", "matches"),
    [
        ((("DNS", "*.example.com"),), "SMTP.EXAMPLE.COM", True),
        ((("DNS", "*.EXAMPLE.com"),), "smtp.example.com", True),
        ((("DNS", "localhost"),), "localhost", True),
        ((("DNS", "*.localhost"),), "localhost", False),
        ((("DNS", "*.example"),), "smtp.example", False),
        ((("IP Address", "192.0.2.1"), ("IP Address", "192.0.2.2")), "192.0.2.2", True),
        ((("IP Address", "192.0.2.1"),), "192.0.2.2", False),
        ((("IP Address", "x"),), "192.0.2.2", False),
        ((("DNS", "smtp.example.com"), ("DNS", "b.example")), "b.example", True),
        ((("URI", "b.example"),), "b.example", False),
    ],
)
def test_the_rule_for_names(names: tuple[tuple[str, str], ...], host: str, matches: bool) -> None:
    assert matches_host({"subjectAltName": names}, host) is matches
    assert matches_host({}, host) is False


@pytest.mark.parametrize(
    ("host", "bare"),
    [
        ("[::1]", "::1"), ("[2001:db8::1]", "2001:db8::1"), ("::1", "::1"), ("[192.0.2.1]", "[192.0.2.1]"), ("[a:b]", "[a:b]"),
        ("[]", "[]"), ("", ""), ("[::1", "[::1"), ("::1]", "::1]"), ("relay", "relay"),
    ],
)  # fmt: skip
def test_brackets(host: str, bare: str) -> None:
    assert handshake._bare(host) == bare


def test_the_names_in_a_certificate() -> None:
    issued = authority().issue(["relay.example", "*.b.example", "192.0.2.1", "2001:db8::1"])
    der = ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode())
    read = read_certificate(der)
    assert read == {
        "subject": ((("commonName", "relay.example"),),),
        "subjectAltName": (
            ("DNS", "relay.example"), ("DNS", "*.b.example"), ("IP Address", "192.0.2.1"), ("IP Address", "2001:db8::1"),
        ),
    }  # fmt: skip
    root = read_certificate(ssl.PEM_cert_to_DER_cert(authority().ca_pem))
    assert root == {"subject": (), "subjectAltName": ()}


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 4, 40, 100, -60])
def test_what_is_no_certificate(cut: int) -> None:
    der = ssl.PEM_cert_to_DER_cert(authority().issue(["relay.example"]).cert_chain_pems[0].bytes().decode())
    assert read_certificate(der[:cut]).get("subjectAltName", ()) in ((), (("DNS", "relay.example"),))
    assert read_certificate(b"\x30\x03\x30\x01\x30") == {}


def test_elements() -> None:
    long = b"a" * 300
    wire = b"\x04\x01x" + b"\x05\x00" + b"\x04\x81\x80" + b"b" * 128 + b"\x04\x82\x01\x2c" + long + b"\x04\x7f" + b"c" * 127
    assert list(handshake.der_elements(wire)) == [(4, b"x"), (5, b""), (4, b"b" * 128), (4, long), (4, b"c" * 127)]
    names = b"\x82\x01a" + b"\x87\x04\xc0\x00\x02\x01" + b"\x81\x01z"
    assert list(handshake._general_names(names)) == [("DNS", "a"), ("IP Address", "192.0.2.1")]


@pytest.mark.parametrize(
    ("inner", "chain"),
    [
        ([b"one", b"two"], (b"one", b"two")),
        ([SimpleNamespace(public_bytes=lambda form: b"der%d" % form)], (b"der2",)),
        (None, ()),
        ([7], (b"own",)),
    ],
)
def test_what_the_peer_sent(inner: Any, chain: tuple[bytes, ...]) -> None:
    own = SimpleNamespace(
        _sslobj=SimpleNamespace(get_unverified_chain=lambda: inner), getpeercert=lambda binary: b"own" if binary else {}
    )
    assert peer_chain(own) == chain  # type: ignore[arg-type]


@pytest.mark.parametrize(("own", "chain"), [(b"own", (b"own",)), (None, ())])
def test_before_python_3_10_there_is_its_own_certificate_alone(own: bytes | None, chain: tuple[bytes, ...]) -> None:
    assert peer_chain(SimpleNamespace(getpeercert=lambda binary: own if binary else {})) == chain  # type: ignore[arg-type]


# masking

LONG = "Canary/S3cret+Word"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("your Canary/S3cret+Word", True),
        ("Canary/S", True),  # eight characters as they are
        ("Canary/", True),  # six, folded
        ("anary", False),
        ("CANARY", True),
        ("c-a-n-a-r-y", True),
        ("yranac", True),
        ("canar y", True),
        ("can ary", True),
        ("%2FS3cret%2B", True),
        ("no such user", False),
        ("", False),
        (base64.b64encode(LONG.encode()).decode()[:8], True),
        (base64.b64encode(b"a" + LONG.encode()).decode()[4:12], True),
        (base64.b64encode(b"ab" + LONG.encode()).decode()[4:12], True),
        (base64.b64encode(LONG.encode()).decode()[16:24], True),
        (base64.b64encode(b"a" + LONG.encode()).decode()[16:24], True),
        (base64.b64encode(b"ab" + LONG.encode()).decode()[16:24], True),
        (LONG.encode().hex()[2:12], True),
        ("".join(f"{byte:03o}" for byte in LONG.encode())[:12], True),
        ("".join(f"{ord(char):d}" for char in LONG)[:12], True),
        ("".join(f"&#x{ord(char):x};" for char in LONG), True),
        ("".join(f"\\u{ord(char):04x}" for char in LONG), True),
    ],
)
def test_what_is_an_echo(text: str, hidden: bool) -> None:
    assert mask(text, [LONG]) == ("<sent>" if hidden else text)
    assert mask(text, ["another", "", LONG, "x1!"]) == ("<sent>" if hidden else text)


@pytest.mark.parametrize(
    ("secret", "text", "hidden"),
    [
        ("abc", "is abc yours", True),
        ("abc", "abc", True),
        ("abc", "abcd", False),
        ("abc", "zabc", False),
        ("abc", "z.abc", False),
        ("abc", "abc.z", False),
        ("abc", "abc.", True),
        ("abc", ".abc", True),
        ("a.c", "abc", False),
        ("abcd", "xabcdx", True),
        ("abcd", "ABCD", False),
        ("abcd", "x" + b"abcd".hex(), True),
        ("abcd", base64.b64encode(b"abcd").decode(), True),
        ("abcdef", "a b c d e f", True),
        ("abcdef", "f e d c b a", True),
        ("abcde", "a b c d e", False),
        ("<b>&x", "&lt;b&gt;&amp;x", True),
        ("p\u00e4ss", "p%C3%A4ss", True),
        ("p\u00e4sswort", "p\\u00e4ss", True),
        ("s\u00e4 x\u00f6 y\u00fc z\u00df", "S\u00c4x\u00d6y\u00dcz", True),
    ],
)
def test_what_is_an_echo_of_a_short_secret(secret: str, text: str, hidden: bool) -> None:
    assert mask(text, [secret]) == ("<sent>" if hidden else text)


ESCAPED: dict[str, Callable[[str], str]] = {
    "json": lambda secret: json.dumps(secret)[1:-1],
    "json as utf-8": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "json twice": lambda secret: json.dumps(json.dumps(secret)[1:-1])[1:-1],
    "url": lambda secret: quote(secret, safe=""),
    "form": quote_plus,
    "html": html.escape,
    "base64": lambda secret: base64.b64encode(secret.encode()).decode().rstrip("="),
}


@pytest.mark.parametrize("escape", ESCAPED.values(), ids=list(ESCAPED))
@pytest.mark.parametrize(
    "secret", ['a"b', "\\", '"', 'p"ss', 'p\u00e4"s', "a&b", "x1!", 'a b"', "\u5bc6\u7801", '12"34', "ok", "a\tb"]
)
@pytest.mark.parametrize("frame", ["{}", '535 5.7.8 "{}" is wrong', '{{"password": "{}"}}'])
def test_a_short_secret_is_known_however_it_is_escaped(secret: str, escape: Callable[[str], str], frame: str) -> None:
    text = printable(frame.format(escape(secret)))
    assert mask(text, [secret]) == "<sent>"


@pytest.mark.parametrize("secret", ['"', "\\", "&", "a", "ok", 'a"b'])
def test_what_escapes_anything_is_no_echo(secret: str) -> None:
    text = "535 &lt;b&gt; the token \\u00e4 is \\n wrong &amp;nbsp; 5.7.8 %20x aYQb"
    assert mask(text, [secret]) == text


def test_pieces_are_kept_between_calls() -> None:
    known: dict[tuple[str, ...], Any] = {}
    assert mask(f"x {LONG}", [LONG], known) == "<sent>"
    assert list(known) == [(LONG,)]
    (kept,) = known.values()
    assert mask(f"x {LONG}", [LONG], known) == "<sent>"
    assert known[LONG,] is kept


# XOAUTH2's error


def hidden(document: Any) -> str:
    return base64.b64encode(json.dumps(document).encode()).decode()


@pytest.mark.parametrize(
    ("challenge", "words"),
    [
        (hidden({"status": "400", "scope": "x"}), ": status 400, scope x"),
        (hidden({"status": 400, "more": None, "list": [1], "empty": ""}), ": status 400"),
        (hidden({}), ""),
        (hidden([1]), ""),
        (hidden("x"), ""),
        ("", ""),
        ("*", ""),
        (base64.b64encode(b"[" * 9000).decode(), ""),
        (hidden({"a": "x" * 13000}), ""),
    ],
)
def test_challenges(challenge: str, words: str) -> None:
    said = handshake._challenge_words(challenge)
    assert isinstance(said, Said)
    assert said == words


@pytest.mark.parametrize(
    ("lines", "extensions"),
    [
        ((), {}),
        (("AUTH LOGIN PLAIN", "size 10"), {"AUTH": "LOGIN PLAIN", "SIZE": "10"}),
        (("STARTTLS",), {"STARTTLS": ""}),
        (("AUTH LOGIN", "auth PLAIN"), {"AUTH": "PLAIN"}),
        ((" AUTH LOGIN",), {" AUTH LOGIN": ""}),
        (("A  b",), {"A": " b"}),
    ],
)
def test_extensions(lines: tuple[str, ...], extensions: dict[str, str]) -> None:
    assert handshake._extensions(lines) == extensions


@pytest.mark.parametrize(("size", "shown"), [(499, 499), (500, 500), (501, 503)])
def test_what_is_cut(size: int, shown: int) -> None:
    text = handshake._cut("x" * size)
    assert len(text) == shown
    assert text.endswith("...") is (size > 500)
    assert len(handshake._head("x" * 3000)) == 2000


# contexts of TLS


def test_a_context_that_verifies() -> None:
    context = tls_context(authority().ca_pem + "\n# a remark: \u00e4\n", verify=True)
    assert (context.check_hostname, context.verify_mode) == (False, ssl.CERT_REQUIRED)
    assert (context.minimum_version, context.maximum_version) == (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
    assert context.cert_store_stats()["x509_ca"] == 1
    assert context.verify_flags & ssl.VERIFY_X509_PARTIAL_CHAIN
    assert tls_context(authority().ca_pem + "\n# a remark: \u00e4\n", verify=True) is context
    assert "AES128-SHA" in {cipher["name"] for cipher in tls_context("x", verify=False, ciphers="AES128-SHA").get_ciphers()}


def test_a_context_of_its_own_versions() -> None:
    context = tls_context(authority().ca_pem, verify=True, minimum="TLSv1.3", maximum="TLSv1.3")
    assert (context.minimum_version, context.maximum_version) == (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3)


def test_a_context_that_does_not_verify_needs_no_authority() -> None:
    assert tls_context("no certificate", verify=False).verify_mode is ssl.CERT_NONE
    assert tls_context(None, verify=True).verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize("pem", ["", "nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_a_trust_store_without_certificates(pem: str) -> None:
    with pytest.raises(HandshakeError) as caught:
        tls_context(pem, verify=True)
    assert str(caught.value) == "the trust store holds no usable PEM certificate"


@pytest.mark.parametrize("context", ["sound", "wants"])
def test_whether_a_peer_asks_for_a_certificate(context: str) -> None:
    client_in, client_out = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = tls_context(authority().ca_pem, verify=True).wrap_bio(client_in, client_out, server_hostname=HOST)
    server = server_context(context).wrap_bio(client_out, client_in, True)
    for side in (client, server, client):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    assert getattr(client, "certificate_wanted", False) is (context == "wants")


def ssl_error(reason: str | None) -> ssl.SSLError:
    error = ssl.SSLError(1, "x")
    error.reason = reason  # type: ignore[assignment]
    return error


@pytest.mark.parametrize(
    ("reason", "wanted", "why"),
    [
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", False, Why(Cause.TLS_ALERT, ("the peer ends TLS with an alert: handshake failure",))),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", True, Why(Cause.CLIENT_CERTIFICATE, ("handshake failure",))),
        ("SSL/TLS_ALERT_HANDSHAKE_FAILURE", True, Why(Cause.CLIENT_CERTIFICATE, ("handshake failure",))),
        ("SSLV3_ALERT_BAD_CERTIFICATE", False, Why(Cause.TLS_ALERT, ("the peer ends TLS with an alert: bad certificate",))),
        ("SSLV3_ALERT_BAD_CERTIFICATE", True, Why(Cause.CLIENT_CERTIFICATE, ("bad certificate",))),
        ("SSLV3_ALERT_NO_CERTIFICATE", True, Why(Cause.CLIENT_CERTIFICATE, ("no certificate",))),
        ("SSLV3_ALERT_CERTIFICATE_UNKNOWN", True, Why(Cause.CLIENT_CERTIFICATE, ("certificate unknown",))),
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", False, Why(Cause.CLIENT_CERTIFICATE, ("certificate required",))),
        ("TLSV1_ALERT_PROTOCOL_VERSION", False, Why(Cause.TLS_VERSION, ("the peer ends TLS with an alert: protocol version",))),
        ("TLSV1_ALERT_INTERNAL_ERROR", True, Why(Cause.TLS_ALERT, ("the peer ends TLS with an alert: internal error",))),
        ("UNSUPPORTED_PROTOCOL", False, Why(Cause.TLS_VERSION, ("unsupported protocol",))),
        ("VERSION_TOO_LOW", False, Why(Cause.TLS_VERSION, ("version too low",))),
        ("NO_PROTOCOLS_AVAILABLE", False, Why(Cause.TLS_VERSION, ("no protocols available",))),
        ("WRONG_VERSION_NUMBER", False, Why(Cause.TLS_GARBLED, ("wrong version number",))),
        ("RECORD_LAYER_FAILURE", False, Why(Cause.TLS_GARBLED, ("record layer failure",))),
        ("PACKET_LENGTH_TOO_LONG", False, Why(Cause.TLS_GARBLED, ("packet length too long",))),
        ("HTTP_REQUEST", False, Why(Cause.TLS_GARBLED, ("http request",))),
        ("UNEXPECTED_MESSAGE", False, Why(Cause.TLS_GARBLED, ("unexpected message",))),
        ("CERTIFICATE_REQUIRED", True, Why(Cause.TLS_BROKEN, ("certificate required",))),
        ("SOMETHING_ELSE", False, Why(Cause.TLS_BROKEN, ("something else",))),
        (None, False, Why(Cause.TLS_BROKEN, ("TLS failed",))),
    ],
)
def test_what_openssl_s_reasons_mean(reason: str | None, wanted: bool, why: Why) -> None:
    assert handshake._tls_why(ssl_error(reason), certificate_wanted=wanted) == why


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"220 relay\r\nx", "220 relay"),
        (b"\r\nx", "something else"),
        (b"\x00\x01", "something else"),
        (b"a" * 200, "a" * 100),
        (b"\xff", "\ufffd"),
    ],
)
def test_the_first_line(data: bytes, line: str) -> None:
    assert handshake._first_line(data) == line


# the machine, by single events


def machine(state: str, **changes: Any) -> Machine:
    made = Machine(settings(**changes))
    made.state = state
    return made


def test_a_machine_begins_with_nothing() -> None:
    made = Machine(settings(password=None))
    kept = ("settings", "notes")
    assert {name: value for name, value in vars(made).items() if not name.startswith("_") and name not in kept} == {
        "state": "resolve", "chain_error": "", "chain_code": 0, "tls": None, "chain": (), "seen_tls": None, "names_host": None,
        "offered": (), "offered_tls": (), "extensions": {}, "mechanism": None, "sent_clear": False, "stopped": None,
        "client_end": None, "timed_out": False, "fell_back": False, "odd": set(), "exit_code": 0, "more_addresses": 0,
    }  # fmt: skip
    assert Machine(settings(), chain_error="expired", chain_code=10).chain_code == 10


UP_TO = ("resolve", "connect", "banner", "EHLO", "AUTH")
UPGRADED = ("resolve", "connect", "banner", "EHLO", "STARTTLS", "TLS", "EHLO again", "AUTH")


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, (*UPGRADED, "QUIT")),
        ({"starttls_enable": False}, (*UP_TO, "QUIT")),
        ({"starttls_enable": False, "ehlo": False}, ("resolve", "connect", "banner", "HELO", "AUTH", "QUIT")),
        ({"implicit_tls": True}, ("resolve", "connect", "TLS", "banner", "EHLO", "AUTH", "QUIT")),
        ({"sender": "<a>"}, (*UPGRADED, "MAIL FROM", "RSET", "QUIT")),
        ({"sender": "<a>", "recipient": "<b>"}, (*UPGRADED, "MAIL FROM", "RCPT TO", "RSET", "QUIT")),
        ({"sender": "<a>", "recipient": "<b>", "message": b"x"}, (*UPGRADED, "MAIL FROM", "RCPT TO", "message", "QUIT")),
        ({"recipient": "<b>", "message": b"x"}, (*UPGRADED, "QUIT")),
    ],
)
def test_phases(changes: dict[str, Any], names: tuple[str, ...]) -> None:
    report = Machine(settings(**changes)).report("x")
    assert tuple(phase.name for phase in report.phases) == names
    assert {phase.status for phase in report.phases} == {"not-reached"}


@pytest.mark.parametrize(("ms", "ends"), [(200.0, False), (200.1, True)])
def test_the_client_s_time_for_the_connection(ms: float, ends: bool) -> None:
    made = machine("connect", client_connect_timeout=0.2, client_read_timeout=0.001)
    made.receive(Event(ms=ms, waited=9.0))
    wanted = ClientEnd("connect", "the client's own time-out ends connect: Connect timed out", False, None, False)
    assert made.client_end == (wanted if ends else None)
    assert made.falls_back is ends


@pytest.mark.parametrize(("state", "ends"), [("resolve", False), ("quit", False), ("banner", True), ("ehlo", True)])
def test_the_client_s_time_for_a_reply(state: str, ends: bool) -> None:
    made = machine(state, client_connect_timeout=9.0, client_read_timeout=0.2)
    made.receive(Event(reply=Reply(STATES[state][3], ("x",)), waited=0.3) if state != "resolve" else Event(waited=0.3))
    phase = STATES[state][0]
    wanted = ClientEnd(phase, f"the client's own time-out ends {phase}: Read timed out", False, None, True)
    assert made.client_end == (wanted if ends else None)
    assert made.falls_back is False


def test_every_phase_has_its_time() -> None:
    made = machine("resolve", starttls_enable=False, authenticate=False)
    for event in (
        Event(ms=1.26),
        Event(ms=2.0),
        Event(reply=Reply(220, ("x",)), ms=3.0),
        Event(reply=Reply(250, ("x",)), ms=4.0),
    ):
        made.receive(event)
    made.receive(Event(reply=Reply(221, ("x",)), ms=5.0))
    assert made.state == "end"
    assert {phase.name: phase.ms for phase in made.report("x").phases} == {
        "resolve": 1.3, "connect": 2.0, "banner": 3.0, "EHLO": 4.0, "AUTH": 0.0, "QUIT": 5.0,
    }  # fmt: skip


def test_the_time_of_a_phase_is_that_of_all_its_steps() -> None:
    made = machine("auth-login", allow_cleartext=True)
    made.mechanism = "LOGIN"
    for code in (334, 334, 235):
        made.receive(Event(reply=Reply(code, ("x",)), ms=1.5))
    assert made.notes["AUTH"].ms == 4.5


@pytest.mark.parametrize("state", STATES)
def test_a_connection_that_is_lost_ends_everything(state: str) -> None:
    if state in ("stranger", "end"):
        return
    made = machine(state, sender="<a@b>", recipient="<c@d>", message=b"x\r\n")
    made.mechanism = "PLAIN" if state == "auth-blob" else "LOGIN"
    assert (made.step().phase, made.step().do) == STATES[state][:2]
    made.receive(Event("lost", Why(Cause.LOST, ("broken pipe",))))
    assert made.state == "end"
    phase = made.report("x").phase(STATES[state][0])
    assert (phase.status, phase.cause, phase.detail) == ("failed", "connection-lost", "broken pipe")
    assert made.exit_code == (0 if state in ("quit", "rset") else 3)
    assert PASSWORD not in repr(made.report("x"))
