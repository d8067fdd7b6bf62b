"""`mailwright verify` against servers that are broken or hostile: each with its exact phase, message and exit code, within its time.

A row's server is a raw socket. Its line is that of the phase which tells the story, as text prints it, without the milliseconds.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from hostile import HOST, Hostile, Peer, Talk, relay
from jsonschema import Draft202012Validator

from mailwright.sandbox.ca import Authority
from mailwright.verification.handshake import MAX_REPLY, Settings, probe

if TYPE_CHECKING:
    from commands import Run

pytestmark = pytest.mark.network

PASSWORD = "canary-p4ss/+=word"
TIMEOUT = 1.5
SLACK = 20.0
"""Seconds beside the handshake itself, and for each phase where none shall time out: this machine may be busy."""

SPEC = """
mailwright: 1
product: {{version: "7.2.0"}}
global:
  from_address: a@example.com
  hostname: "{host}"
  port: {port}
  username: mailer@example.com
  password: $secret{{smtp}}
  custom_properties: {{{custom}}}
"""
REQUIRED, TLS_FIRST, OPPORTUNISTIC = "mail.smtp.starttls.required: true", "mail.smtp.ssl.enable: true", ""

CA = Authority("hostile relays' CA")
SOUND = CA.server_context((HOST, "localhost"))
OTHER_CA = Authority("another CA").server_context((HOST,))
WANTS_CERTIFICATE = CA.server_context((HOST,))
WANTS_CERTIFICATE.verify_mode = ssl.CERT_REQUIRED
WANTS_CERTIFICATE_12 = CA.server_context((HOST,))
WANTS_CERTIFICATE_12.verify_mode = ssl.CERT_REQUIRED
WANTS_CERTIFICATE_12.maximum_version = ssl.TLSVersion.TLSv1_2
OTHER_NAME = CA.server_context(("relay.example",))


def test_the_relay_is_sound_where_nothing_is_wrong(site: Site) -> None:
    for options in ((), ("--rcpt", "x@example.com"), ("--send-test-to", "x@example.com")):
        with Hostile(relay(SOUND)) as server:
            result = site.verify(server.port, *options)
        assert result.code == 0, result.output
        assert not any(line.startswith("x ") for line in shown(result.stdout))


@dataclass(frozen=True)
class Row:
    """One server.

    Attributes:
        talks: What it does on its connections, see ``Hostile``.
        line: What text prints of the phase.
        code: The exit code.
        custom: Custom properties of the sender.
        finding: The code of a finding that is there.
        seconds: How long it may take, beside ``SLACK``.
    """

    talks: tuple[Talk, ...]
    line: str
    code: int
    custom: str = REQUIRED
    options: tuple[str, ...] = ()
    finding: str = ""
    seconds: float = 0.0
    more: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Site:
    """A folder with a spec for one relay."""

    folder: Path
    run: Run

    def verify(self, port: int, *options: str, custom: str = REQUIRED, host: str = HOST, timeout: float = SLACK) -> Any:
        """Verify the sender; the password is in no output."""
        spec = SPEC.format(host=host, port=port, custom=custom)
        (self.folder / "email.yaml").write_text(spec, encoding="utf-8")
        fixed = ("--ca-file", "ca.pem", "--secrets-dir", "secrets", "--timeout", str(timeout))
        result = self.run("verify", "email.yaml", *fixed, *options, cwd=self.folder)
        assert "canary" not in result.output
        assert "Traceback" not in result.output
        return result


@pytest.fixture
def site(tmp_path: Path, run: Run) -> Site:
    (tmp_path / "ca.pem").write_text(CA.ca_pem, encoding="ascii")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "smtp").write_text(PASSWORD + "\n", encoding="utf-8")
    return Site(tmp_path, run)


@pytest.fixture(scope="session")
def schema() -> Draft202012Validator:
    path = Path(__file__).resolve().parents[2] / "schema" / "report.schema.json"
    return Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))


def shown(text: str) -> list[str]:
    """Return the lines without milliseconds and runs of blanks."""
    return [" ".join(re.sub(r"\s+\d+ ms$", "", line).split()) for line in text.splitlines()]


# what peers do


def say(*parts: bytes) -> Talk:
    """Say all that without being asked, and keep the connection."""

    def talk(peer: Peer) -> None:
        for part in parts:
            peer.say(part)
        peer.pause(5)

    return talk


def flood(data: bytes) -> Talk:
    def talk(peer: Peer) -> None:
        while not peer.over.is_set():
            peer.say(data)

    return talk


def drip(data: bytes) -> Talk:
    return lambda peer: peer.drip(data)


def silent(peer: Peer) -> None:
    peer.pause(5)


def say_and_close(peer: Peer) -> None:
    peer.say(b"220 relay")


def shutting_down(peer: Peer) -> None:
    peer.say(b"421 4.3.2 shutting down\r\n")


def http(peer: Peer) -> None:
    peer.line()
    peer.say(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def injects_late(peer: Peer) -> None:
    peer.say(b"220 go\r\n")
    peer.socket.recv(4096)
    peer.say(b"250 injected\r\n")
    peer.pause(1)


def slow_to_greet(peer: Peer) -> None:
    """Greet when the client has waited as long as it does, and speaks itself."""
    peer.socket.recv(4096)
    peer.say(b"220 at last\r\n")
    peer.pause(1)


def each_reply_late(peer: Peer) -> None:
    for reply in (b"220 a\r\n", b"502 b\r\n", b"250 c\r\n", b"221 d\r\n"):
        peer.pause(1.4 * TIMEOUT)
        peer.say(reply)
        peer.line()


def after_hello(then: Talk) -> Talk:
    """Read the ClientHello first, so that no RST overtakes what is said then."""

    def talk(peer: Peer) -> None:
        peer.socket.recv(4096)
        then(peer)

    return talk


def says_goodbye(peer: Peer) -> None:
    peer.socket.settimeout(0.2)
    cast(ssl.SSLSocket, peer.socket).unwrap()


def at_once(then: Talk) -> Talk:
    return then


def after_connect(then: Talk) -> Talk:
    """Wait until the client knows that it is connected."""

    def talk(peer: Peer) -> None:
        peer.pause(0.5)
        then(peer)

    return talk


WAITS = {"banner": after_connect, "TLS": after_hello}


def alert(description: int) -> Talk:
    def talk(peer: Peer) -> None:
        peer.say(b"\x15\x03\x03\x00\x02\x02" + bytes([description]))
        peer.pause(1)

    return after_hello(talk)


def faulty(at: str, fault: Talk | bytes) -> tuple[Talk]:
    return (relay(SOUND, at=at, fault=fault),)


# in each phase: a reset, an end, a 421

RESET, CLOSED, LATER = "Connection reset by peer", "the peer closed the connection", "421 4.3.2 shutting down"
PHASES = {  # point of the dialogue: phase as it is shown, exit codes of a lost connection and of 421
    "banner": ("banner", 3, 6),
    "EHLO": ("EHLO", 3, 3),
    "STARTTLS": ("STARTTLS", 3, 5),
    "TLS": ("TLS", 5, 0),
    "EHLO again": ("EHLO", 3, 3),
    "AUTH": ("AUTH", 3, 4),
    "user": ("AUTH", 3, 4),
    "password": ("AUTH", 3, 4),
    "MAIL FROM": ("MAIL FROM", 3, 6),
    "RCPT TO": ("RCPT TO", 3, 6),
    "DATA": ("message", 3, 6),
    "message": ("message", 3, 6),
    "RSET": ("RSET", 0, 0),
    "QUIT": ("QUIT", 0, 0),
}
BEFORE_421 = {
    "EHLO": "refused: the client says HELO: ",
    "EHLO again": "refused: the client goes by what was offered before TLS: ",
    **dict.fromkeys(("AUTH", "user", "password"), "LOGIN: "),
}


def in_each_phase() -> Iterator[tuple[str, Row]]:
    for point, (phase, lost, refused) in PHASES.items():
        options = ("--send-test-to" if point in ("DATA", "message") else "--rcpt", "x@example.com")
        first = WAITS.get(point, at_once)
        reset, close = first(Peer.reset), first(Peer.close)
        yield f"reset at {point}", Row(faulty(point, reset), f"x {phase} {RESET}", lost, options=options)
        yield f"closed at {point}", Row(faulty(point, close), f"x {phase} {CLOSED}", lost, options=options)
        if point != "TLS":
            line = f"x {phase} {BEFORE_421.get(point, '')}{LATER}"
            temporary = "temporary" if refused > 3 else ""
            yield f"421 at {point}", Row(faulty(point, shutting_down), line, refused, options=options, finding=temporary)

    no_ehlo = b"502 5.5.1 what\r\n"
    yield "reset at HELO", Row((relay(SOUND, at="HELO", fault=Peer.reset, EHLO=no_ehlo),), f"x HELO {RESET}", 3)
    yield "closed at HELO", Row((relay(SOUND, at="HELO", fault=Peer.close, EHLO=no_ehlo),), f"x HELO {CLOSED}", 3)
    yield (
        "421 at HELO",
        Row((relay(SOUND, at="HELO", fault=shutting_down, EHLO=no_ehlo),), f"x HELO {LATER}", 6, finding="temporary"),
    )


# each for itself

LONG_REPLY = b"250-relay\r\n" + b"".join(b"250-X-%d of a reply that does not end soon\r\n" % at for at in range(10_000))
LIMITLESS = (
    "x banner timed out: the peer says nothing; a port that speaks TLS first is silent too, "
    "and the client waits without limit by default"
)
NO_STARTTLS = "x STARTTLS STARTTLS is required but host does not support STARTTLS"
ISSUER = "unable to get local issuer certificate"

ROWS = {
    # no end
    "endless banner": Row((flood((b"220-" + b"welcome" * 100 + b"\r\n") * 50),), "x banner the peer sent a reply without end", 6),
    "endless line": Row((flood(b"220 " + b"a" * 1000),), "x banner the peer sent a line without end", 6),
    "endless NULs": Row((flood(b"\0" * 1000),), "x banner the peer sent a line without end", 6),
    "a byte at a time": Row((drip(b"220-hi\r\n"),), "x banner timed out in the middle of a reply", 3, seconds=TIMEOUT),
    "a byte at a time, no line": Row((drip(b"2"),), "x banner timed out in the middle of a reply", 3, seconds=TIMEOUT),
    "a byte at a time in EHLO": Row(
        faulty("EHLO", drip(b"250-x\r\n")), "x EHLO timed out in the middle of a reply", 3, seconds=TIMEOUT
    ),
    "a byte at a time under TLS": Row(
        faulty("EHLO again", drip(b"250-x\r\n")), "x EHLO timed out in the middle of a reply", 3, seconds=TIMEOUT
    ),
    "a byte at a time in TLS": Row(
        faulty("TLS", drip(b"\x16\x03\x03\x40\x00" + b"\x02" * 999)), "x TLS timed out", 3, seconds=TIMEOUT
    ),
    "each reply late": Row(
        (each_reply_late,),
        "x EHLO timed out: the time for the whole check is over",
        3,
        OPPORTUNISTIC,
        ("--deadline", str(2.6 * TIMEOUT)),
    ),
    "no end of the line": Row((say(b"220 relay"),), "x banner timed out in the middle of a reply", 3, seconds=TIMEOUT),
    "no end of the line, closed": Row((say_and_close,), "+ banner 220 relay", 3, more=(f"x EHLO {CLOSED}",)),
    "10,000 lines": Row(faulty("EHLO", LONG_REPLY + b"250 STARTTLS\r\n"), "+ AUTH LOGIN: 235 2.7.0 yes", 0),
    # strange characters
    "NULs": Row(faulty("banner", b"220 re\0lay\0\r\n"), "+ banner 220 relay", 0),
    "control characters": Row(faulty("banner", b"220 a\x1b[2J\x07b\x08\x7f\r\n"), "+ banner 220 a[2Jb", 0),
    "a reply as from another line": Row(faulty("banner", b"220 a\rx AUTH 535\r\n"), "+ banner 220 ax AUTH 535", 0),
    "invalid UTF-8": Row(faulty("banner", b"220 caf\xe9 \xff\r\n"), "+ banner 220 caf\\ufffd \\ufffd", 0),
    "directions": Row(faulty("banner", "220 \u202eyalər\u2066\r\n".encode()), "+ banner 220 yal\\u0259r", 0),
    "NULs for EHLO": Row(
        faulty("EHLO", b"\0\0\r\n"),
        "x EHLO the peer sent a line that is no SMTP reply: the client says HELO",
        5,
        more=("+ HELO 250 relay", NO_STARTTLS),
    ),
    # replies that nobody asked for, or that do not fit
    "all replies at once": Row((say(b"220 a\r\n250 b\r\n221 c\r\n"),), NO_STARTTLS, 5, finding="odd-reply"),
    "a reply too many": Row(
        faulty("EHLO again", b"250-relay\r\n250 AUTH LOGIN\r\n334 x\r\n"),
        "x AUTH LOGIN: 334 UGFzc3dvcmQ6",
        4,
        finding="odd-reply",
        more=("x QUIT 235 2.7.0 yes",),
    ),
    "codes that differ": Row(
        faulty("EHLO", b"250-relay\r\n550-x\r\n250 STARTTLS\r\n"), "+ AUTH LOGIN: 235 2.7.0 yes", 0, finding="odd-reply"
    ),
    "a greeting that refuses": Row(faulty("banner", b"554 5.3.2 not today\r\n"), "x banner 554 5.3.2 not today", 6),
    "EHLO unknown": Row(
        faulty("EHLO", b"502 5.5.1 what\r\n"), "x EHLO refused: the client says HELO: 502 5.5.1 what", 0, OPPORTUNISTIC,
        finding="auth-not-offered", more=("+ HELO 250 relay",),
    ),
    "EHLO unknown, STARTTLS required": Row(faulty("EHLO", b"502 what\r\n"), NO_STARTTLS, 5),
    "wrong password": Row(
        faulty("password", b"535 5.7.8 no\r\n"), "x AUTH LOGIN: 535 5.7.8 no", 4
    ),
    "AUTH later": Row(faulty("password", b"454 4.7.0 later\r\n"), "x AUTH LOGIN: 454 4.7.0 later", 4, finding="temporary"),
    "greylisted": Row(
        faulty("RCPT TO", b"451 4.7.1 greylisted\r\n"), "x RCPT TO 451 4.7.1 greylisted", 6, options=("--rcpt", "x@example.com"),
        finding="temporary",
    ),
    # STARTTLS
    "STARTTLS later": Row(
        (relay(SOUND, STARTTLS=b"454 4.7.0 TLS not available\r\n"),), "x STARTTLS 454 4.7.0 TLS not available", 5, finding="temporary"
    ),
    "bytes behind STARTTLS": Row(
        (relay(SOUND, STARTTLS=b"220 go\r\n250 injected\r\n"),),
        "x STARTTLS bytes were injected behind the reply to STARTTLS: 220 go",
        5,
        finding="starttls-injected",
        more=("the server's own client: goes on where this check stops (predicted)",),
    ),
    "half a line behind STARTTLS": Row(
        (relay(SOUND, STARTTLS=b"220 go\r\n2"),),
        "x STARTTLS bytes were injected behind the reply to STARTTLS: 220 go",
        5,
        finding="starttls-injected",
    ),
    "clear text behind STARTTLS": Row(
        faulty("STARTTLS", injects_late),
        "x TLS the peer does not speak TLS here: it says 250 injected",
        5,
        finding="tls-not-spoken",
    ),
    "TLS breaks off with an alert": Row(
        faulty("TLS", alert(40)), "x TLS the peer ends TLS with an alert: handshake failure", 5
    ),
    "wants a certificate of the client": Row(
        (relay(WANTS_CERTIFICATE),), "x EHLO the peer wants a certificate of the client: certificate required", 5,
        finding="client-certificate",
    ),
    "wants a certificate of the client, TLS 1.2": Row(
        (relay(WANTS_CERTIFICATE_12),), "x TLS the peer wants a certificate of the client: handshake failure", 5,
        finding="client-certificate",
    ),
    "ends TLS by its rules": Row(faulty("EHLO again", says_goodbye), f"x EHLO {CLOSED}", 3),
    "TLS versions": Row(
        faulty("TLS", alert(70)), "x TLS the peer ends TLS with an alert: protocol version", 5, finding="tls-obsolete"
    ),
    # other ports
    "TLS first, met in clear text": Row(
        (relay(SOUND, implicit=True),),
        "x banner timed out: the port speaks TLS first, and the client waits without limit by default",
        3,
        finding="tls-first-port",
        seconds=TIMEOUT,
        more=("next: 'mail.smtp.ssl.enable' = true",),
    ),
    "clear text, met with TLS first": Row(
        (relay(SOUND),),
        "x TLS the peer does not speak TLS here: it says 220 relay ESMTP",
        5,
        TLS_FIRST,
        finding="tls-not-spoken",
        more=("next: 'mail.smtp.ssl.enable' = false: the port begins in clear text",),
    ),
    "HTTP": Row((http,), "x banner timed out: the peer speaks HTTP, not SMTP", 3, finding="not-smtp", seconds=TIMEOUT),
    "HTTP, met with TLS": Row(
        (http,), "x TLS the peer does not speak TLS here: it says HTTP/1.1 400 Bad Request", 5, TLS_FIRST, finding="tls-not-spoken"
    ),
    "SSH": Row((say(b"SSH-2.0-OpenSSH_9.6\r\n"),), "x banner the peer speaks SSH, not SMTP: SSH-2.0-OpenSSH_9.6", 6, finding="not-smtp"),
    "SSH, met with TLS": Row(
        (say(b"SSH-2.0-OpenSSH_9.6\r\n"),), "x TLS the peer does not speak TLS here: it says SSH-2.0-OpenSSH_9.6", 5, TLS_FIRST
    ),
    "IMAP": Row((say(b"* OK ready\r\n"),), "x banner the peer speaks IMAP, not SMTP: * OK ready", 6, finding="not-smtp"),
    "POP3": Row((say(b"+OK ready\r\n"),), "x banner the peer speaks POP3, not SMTP: +OK ready", 6, finding="not-smtp"),
    "nonsense": Row((say(b"hello\r\n"),), "x banner the peer sent a line that is no SMTP reply: hello", 6),
    "silence": Row((silent,), LIMITLESS, 3, seconds=TIMEOUT + 1),
    "silence, met with TLS": Row((silent,), "x TLS timed out", 3, TLS_FIRST, seconds=TIMEOUT),
    "slow to greet": Row((slow_to_greet,), "x banner timed out: it is slow to greet", 3, seconds=TIMEOUT + 1),
    # certificates
    "unknown CA": Row((relay(OTHER_CA),), 'x TLS 1.3 issuer "another CA" is not in ca.pem, and the peer does not send its certificate', 5),
    "another name": Row((relay(OTHER_NAME),), f"x TLS 1.3 the certificate is for relay.example, not for {HOST}", 5),
    "another certificate the second time": Row(
        (relay(OTHER_CA), relay(SOUND)),
        f"x TLS 1.3 {ISSUER}; asked again, the relay showed another certificate, which is in order: its machines differ",
        5,
        finding="certificates-differ",
    ),
    "another name the second time": Row(
        (relay(OTHER_CA), relay(OTHER_NAME)),
        f"x TLS 1.3 {ISSUER}; asked again, the relay showed another certificate, which is in order: its machines differ",
        5,
        finding="certificates-differ",
    ),
    "silent the second time": Row((relay(OTHER_CA), silent), f"x TLS {ISSUER}", 5, seconds=TIMEOUT),
    "gone the second time": Row((relay(OTHER_CA), after_connect(Peer.reset)), f"x TLS {ISSUER}", 5),
    "gone the second time, unverified": Row(
        (relay(OTHER_CA), Peer.reset), f"x TLS {ISSUER}", 5, options=("--allow-unverified",)
    ),
    **dict(in_each_phase()),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_hostile(row: Row, site: Site, schema: Draft202012Validator) -> None:
    timeout = TIMEOUT if row.seconds else SLACK
    with Hostile(*row.talks) as server:
        started = time.monotonic()
        result = site.verify(server.port, *row.options, custom=row.custom, timeout=timeout)
        took = time.monotonic() - started
    lines = shown(result.stdout)
    for line in (row.line, *row.more):
        assert line in lines, result.output
    assert result.code == row.code, result.output
    assert result.stderr == ""
    assert took < row.seconds + SLACK
    if row.finding:
        assert f"[{row.finding}]" in result.stdout, result.output
    with Hostile(*row.talks) as server:
        result = site.verify(server.port, *row.options, "--format", "json", custom=row.custom, timeout=timeout)
    schema.validate(result.json)
    assert result.code == row.code
    (sender,) = result.json["senders"]
    assert sender["exit_code"] == row.code
    assert row.finding in ["", *(finding["code"] for finding in sender["findings"])]


# what cannot be reached


def test_refused_port(site: Site) -> None:
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
    result = site.verify(port)
    assert (result.code, "x connect Connection refused" in shown(result.stdout)) == (3, True), result.output


def test_no_such_name(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    result = site.verify(25, host="relay.invalid")
    assert result.code == 3
    assert any(line.startswith("x resolve ") and "not known" in line for line in shown(result.stdout)), result.output


def test_resolver_that_hangs(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(60))
    started = time.monotonic()
    result = site.verify(25, host="relay.invalid", timeout=TIMEOUT)
    over.set()
    assert time.monotonic() - started < TIMEOUT + SLACK
    assert (result.code, "x resolve timed out" in shown(result.stdout)) == (3, True), result.output


# addresses


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_ipv6(host: str, site: Site) -> None:
    try:
        server = Hostile(relay(CA.server_context(("::1",))), host="::1")
    except OSError as error:
        pytest.skip(f"this machine has no IPv6: {error}")
    with server:
        result = site.verify(server.port, host=host)
    assert result.code == 0, result.output
    assert "+ resolve ::1" in shown(result.stdout)


def answer(*addresses: str) -> Any:
    """Return a resolver that knows these addresses."""
    families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses]
    found = [(family, socket.SOCK_STREAM, 6, "", (address, 0)) for family, address in zip(families, addresses, strict=True)]
    ask = socket.getaddrinfo
    return lambda host, *rest, **options: found if host == "relay.example" else ask(host, *rest, **options)


def test_of_many_addresses_the_first_is_tried_as_the_client_does(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with Hostile(relay(OTHER_NAME)) as server:
        monkeypatch.setattr(socket, "getaddrinfo", answer("::1", HOST, "127.0.0.2", HOST))
        result = site.verify(server.port, host="relay.example")
        assert result.code == 0, result.output
        assert f"+ resolve {HOST}, the first of 3" in shown(result.stdout)

        monkeypatch.undo()
        monkeypatch.setattr(socket, "getaddrinfo", answer("127.0.0.2", HOST))
        result = site.verify(server.port, host="relay.example")
    assert result.code == 3
    assert {"+ resolve 127.0.0.2, the first of 2", "x connect Connection refused"} <= set(shown(result.stdout))
    assert "the name has 1 more address, and the client tries the first alone [first-address-only]" in result.stdout


# bounds


@pytest.mark.parametrize("data", [b"220-a\r\n", b"220-ab\r\n", b"2" * 4096, b"\0\n"])
def test_memory_stays_bounded(data: bytes) -> None:
    with Hostile(flood(data * 600)) as server:
        tracemalloc.start()
        try:
            report = probe(Settings(HOST, server.port, timeout=5))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert report.phase("banner").status == "failed"
    assert peak < 20 * MAX_REPLY


def test_nothing_is_sent_to_who_injects(site: Site) -> None:
    heard: list[bytes] = []

    def listen(peer: Peer) -> None:
        peer.say(b"220 go\r\n250 injected\r\n")
        heard.append(peer.socket.recv(4096))

    with Hostile(relay(SOUND, at="STARTTLS", fault=listen)) as server:
        site.verify(server.port)
    assert heard == [b""]


def test_tls_of_an_older_version(site: Site) -> None:
    context = CA.server_context((HOST,))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with Hostile(relay(context)) as server:
        result = site.verify(server.port)
    assert result.code == 0, result.output
    assert any(line.startswith("+ TLS 1.2 the certificate is for ") for line in shown(result.stdout))
