"""Whole conversations of the handshake engine with relays that are scripts: no socket, no clock, TLS in memory.

``CASES`` says what the relay says; tests/data/conversations.txt holds what came of it: what the client said, each phase, the verdict, the
findings. `PYTHONPATH=tests python tests/unit/conversations.py` writes that file anew: read the difference before you commit it.
"""

from __future__ import annotations

import base64
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from mailwright.sandbox.ca import Authority
from mailwright.verification import handshake
from mailwright.verification.handshake import Report, Settings, probe

FILE = Path(__file__).resolve().parents[1] / "data" / "conversations.txt"
HOST = "relay.example"
PASSWORD = "canary-p4ssword"


@dataclass(frozen=True)
class Wait:
    """Time that passes before the peer says anything more."""

    seconds: float


@dataclass(frozen=True)
class Tls:
    """From here on the peer speaks TLS, in one of ``server_context``'s ways.

    Attributes:
        mute: It closes the connection without a word where the handshake fails.
        piece: How many bytes arrive at a time.
    """

    context: str = "sound"
    mute: bool = False
    piece: int = 4096


@dataclass(frozen=True)
class Down:
    """A connection that does not come about."""

    error: OSError


@dataclass(frozen=True)
class Raw:
    """Bytes below TLS, or instead of it."""

    data: bytes


@cache
def authority(name: str = "a CA") -> Authority:
    return Authority(name)


@cache
def server_context(name: str) -> ssl.SSLContext:
    names = {
        "other-name": ["other.example", "third.example"],
        "address": ["192.0.2.1"],
        "parent": ["*.example"],
        "secret": [f"{PASSWORD}.example"],
    }
    issuer = authority("another CA") if name == "other-ca" else authority()
    context = issuer.server_context(names.get(name, [HOST]))
    if name in ("tls12", "wants-12"):
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    if name == "tls13":
        context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.sni_callback = lambda peer, asked_for, _: setattr(peer, "asked_for", asked_for)
    if name.startswith("wants"):
        context.load_verify_locations(cadata=issuer.ca_pem)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


Item = bytes | Tls | Raw | Wait | BaseException
TLS, LATE, RESET = Tls(), TimeoutError(), ConnectionResetError(104, "Connection reset by peer")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


class Connection:
    """What the engine takes for a socket; the script's end is the peer's end of the connection."""

    def __init__(self, script: Sequence[Item], clock: Clock, said: list[str]) -> None:
        self._script, self._clock, self._said = list(script), clock, said
        self._tls: ssl.SSLObject | None = None
        self._shaken = False
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._ready, self._piece, self._mute = b"", 4096, False
        self.closed = False

    def setsockopt(self, *option: int) -> None:
        assert option == (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def settimeout(self, seconds: float) -> None:
        assert seconds > 0

    def close(self) -> None:
        self.closed = True

    def sendall(self, data: bytes) -> None:
        if self._script and isinstance(self._script[0], BrokenPipeError):
            raise self._script.pop(0)  # type: ignore[misc]
        following = next((item for item in self._script if not isinstance(item, Wait)), None)
        if self._tls is None and not isinstance(following, Tls):
            self._said.append("raw" if data[:1] in (b"\x15", b"\x16") else data.decode("latin-1"))
            return
        self._incoming.write(data)
        if self._shaken:
            self._hear()

    def recv(self, size: int) -> bytes:
        assert size == 4096
        while True:
            self._ready += self._outgoing.read()
            if self._ready:
                data, self._ready = self._ready[: self._piece], self._ready[self._piece :]
                return data
            if self._tls is not None and not self._shaken:
                if not self._shake():
                    return b""
                continue
            if not self._script:
                return b""
            self._take(self._script.pop(0))

    def _take(self, item: Item) -> None:
        if isinstance(item, BaseException):
            raise item
        if isinstance(item, Wait):
            self._clock.now += item.seconds
        elif isinstance(item, Tls):
            self._piece, self._mute = item.piece, item.mute
            self._tls, self._shaken = server_context(item.context).wrap_bio(self._incoming, self._outgoing, True), False
        elif isinstance(item, bytes) and self._tls is not None:
            self._tls.write(item)
        else:
            self._ready += item.data if isinstance(item, Raw) else item

    def _shake(self) -> bool:
        """Go on with the handshake; False where there is no more to come."""
        assert self._tls is not None
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return bool(self._outgoing.pending)
        except ssl.SSLError:
            self._script.clear()
            self._shaken = True
            if self._mute:
                self._outgoing.read()
            return True
        self._said.append(f"<{self._tls.version()} {getattr(self._tls, 'asked_for', None)}>")
        self._shaken = True
        self._hear()
        return True

    def _hear(self) -> None:
        assert self._tls is not None
        while True:
            try:
                data = self._tls.read(65536)
            except ssl.SSLWantReadError:
                return
            except ssl.SSLError:
                self._script.clear()
                return
            if not data:
                return
            self._said.append(data.decode("latin-1"))


def address(*numbers: str) -> list[tuple[Any, ...]]:
    """Return what ``getaddrinfo`` finds."""
    return [(socket.AF_INET6 if ":" in text else socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, 0)) for text in numbers]


@dataclass(frozen=True)
class Case:
    """A conversation.

    Attributes:
        connections: What the peer says on each connection, or why there is none.
        settings: What is other than in ``settings``.
        found: What the resolver finds, or its error.
        connecting: Seconds that each connection takes.
    """

    name: str
    connections: tuple[Sequence[Item] | Down, ...]
    settings: dict[str, Any]
    found: Any = None
    connecting: float = 0.0


def settings(**changes: Any) -> Settings:
    values: dict[str, Any] = {
        "starttls_enable": True,
        "authenticate": True,
        "username": "mailer@example.com",
        "password": PASSWORD,
        "ca_pem": authority().ca_pem,
        "local_hostname": "node.example",
    }
    values = {**values, **changes}
    return Settings(values.pop("host", HOST), values.pop("port", 587), **values)


def hold(case: Case) -> tuple[list[str], Report]:
    """Return what the client said, and the report."""
    clock, said, left = Clock(), [], list(case.connections)
    made: list[Connection] = []

    def connect(at: tuple[str, int], timeout: float) -> Connection:
        said.append(f"<connect {at[0]} {at[1]}>")
        assert 0 < timeout <= 40
        clock.now += case.connecting
        script = left.pop(0)
        if isinstance(script, Down):
            raise script.error
        made.append(Connection(script, clock, said))
        return made[-1]

    def resolve(host: str, port: None, type: int) -> Any:  # noqa: A002 -- as it is called
        assert (port, type) == (None, socket.SOCK_STREAM)
        said.append(f"<resolve {host}>")
        if isinstance(case.found, BaseException):
            raise case.found
        return case.found

    with (
        mock.patch.object(handshake, "time", SimpleNamespace(monotonic=clock.monotonic)),
        mock.patch.object(socket, "create_connection", connect),
        mock.patch.object(socket, "getaddrinfo", resolve),
    ):
        report = probe(settings(**case.settings), name=case.name)
    assert not left, "connections that were not asked for"
    assert all(connection.closed for connection in made)
    return said, report


USUAL = (("resolve", "ok", "192.0.2.1", 0.0), ("connect", "ok", "", 0.0))


def render(case: Case) -> str:
    """Return the whole of a conversation as lines; how it begins as a rule is left out."""
    said, report = hold(case)
    lines = [f"## {case.name}"]
    spoken = [line for text in said for line in text.removesuffix("\r\n").split("\r\n")]
    usual = spoken[:2] == [f"<resolve {HOST}>", "<connect 192.0.2.1 587>"] and len(spoken) > 2
    lines.append("C: " + " / ".join(spoken[2:] if usual else spoken))
    for phase in report.phases:
        if usual and (phase.name, phase.status, phase.detail, phase.ms) in USUAL:
            continue
        code = f" {phase.code} {phase.enhanced or '-'}" if phase.code is not None or phase.enhanced else ""
        cause = f" [{phase.cause}]" if phase.cause else ""
        words = "".join(f" | {text}" for text in (phase.reply, phase.detail) if text)
        lines.append(f"{phase.name}: {phase.status}{code}{cause}{f' {phase.ms:g} ms' if phase.ms else ''}{words}")
    if report.tls:
        facts = report.tls
        lines.append(f"tls: {facts['version']} verified={facts.get('verified', '-')} names={facts['names']}")
    for name in ("offered", "offered_tls"):
        if getattr(report, name):
            lines.append(f"{name}: {', '.join(getattr(report, name))}")
    client = report.client
    lines.append(
        f"client: {client.outcome}, {client.basis}, authenticated={client.authenticated}, mechanism={client.mechanism}"
        f"{', credentials in clear text' if client.cleartext_credentials else ''}{f': {client.error}' if client.error else ''}"
    )
    for finding in report.findings:
        lines.append(f"{finding.severity} {finding.code}: {finding.message} -> {finding.remedy}")
    chain = f", a chain of {len(report.chain)}" if report.chain else ""
    broken = f", {report.chain_error} ({report.chain_code})" if report.chain_error else ""
    lines.append(f"exit {report.exit_code} {report.name} {report.host} {report.port} {report.vantage}{chain}{broken}")
    told = "\n".join(lines) + "\n"
    for phase in report.phases:
        if phase.cause == "tls-garbled":  # the word for it depends on OpenSSL's release
            told = told.replace(phase.detail.partition(": ")[2], "(OpenSSL's words)")
    return told


# What relays say

BANNER, EHLO, GO = b"220 relay ESMTP\r\n", b"250-relay\r\n250 STARTTLS\r\n", b"220 2.0.0 go\r\n"
BARE = b"250-relay\r\n250 SIZE 1000\r\n"
OPENING: tuple[Item, ...] = (BANNER, EHLO, GO, TLS)
BYE = b"221 2.0.0 bye\r\n"
OK = b"250 2.1.0 ok\r\n"
USER, WORD, YES = b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n", b"235 2.7.0 yes\r\n"
NO = b"535 5.7.8 no\r\n"
LOGIN: tuple[Item, ...] = (b"250-relay\r\n250 AUTH LOGIN PLAIN\r\n", USER, WORD)
SENDING = {
    "starttls_enable": False,
    "authenticate": False,
    "sender": "<a@example.com>",
    "recipient": "<b@example.com>",
    "message": b"Subject: x\r\n\r\n.\r\n..x\r\na.\r\n",
}
CLEAR = {"starttls_enable": False, "allow_cleartext": True}
QUIET = {"starttls_enable": False, "authenticate": False}
REFUSED = Down(ConnectionRefusedError(111, "Connection refused"))


def offers(*lines: str) -> bytes:
    """Return EHLO's reply."""
    texts = ["relay", *lines]
    return "".join(f"250{' ' if at == len(texts) - 1 else '-'}{text}\r\n" for at, text in enumerate(texts)).encode()


def _cases() -> Iterator[Case]:
    def case(name: str, script: Any, found: Any = None, connecting: float = 0.0, **changes: Any) -> Case:
        several = isinstance(script, tuple) and script and isinstance(script[0], (tuple, Down))
        connections = script if several else (script,)
        if isinstance(found, BaseException):
            return Case(name, (), changes, found)
        return Case(name, connections, changes, found or address("192.0.2.1"), connecting)

    after = OPENING
    # AUTH
    yield case("LOGIN over STARTTLS", (*after, *LOGIN, YES, BYE))
    yield case("PLAIN", (*after, offers("AUTH PLAIN"), YES, BYE))
    yield case("PLAIN for another", (*after, offers("AUTH PLAIN"), YES, BYE), authzid="boss")
    yield case("PLAIN for nobody", (*after, offers("AUTH PLAIN"), YES, BYE), authzid="")
    yield case("XOAUTH2", (*after, offers("AUTH XOAUTH2 PLAIN"), YES, BYE), mechanisms=("XOAUTH2",), token="canary-token")
    refusal = base64.b64encode(b'{"status": "401", "n": 7, "schemes": "", "x": [1]}')
    for name, said in (
        ("an error", refusal),
        ("no JSON", b"eHh4eA=="),
        ("no object", b"WzFd"),
        ("no Base64", b"***"),
        ("an empty object", b"e30="),
    ):
        yield case(
            f"XOAUTH2 is challenged with {name}",
            (*after, offers("AUTH XOAUTH2"), b"334 " + said + b"\r\n", NO, BYE),
            mechanisms=("XOAUTH2",),
            token="canary-token",
        )
    yield case(
        "XOAUTH2 is challenged and accepted",
        (*after, offers("AUTH XOAUTH2"), b"334 x\r\n", YES, BYE),
        mechanisms=("XOAUTH2",),
        token="canary-token",
    )
    yield case(
        "SASL XOAUTH2 is challenged and accepted",
        (*after, offers("AUTH XOAUTH2"), b"334 x\r\n", YES, BYE),
        mechanisms=("XOAUTH2",),
        token="canary-token",
        sasl=("XOAUTH2",),
    )
    yield case("no token", (*after, offers("AUTH XOAUTH2"), BYE), mechanisms=("XOAUTH2",))
    yield case("LOGIN refused", (*after, *LOGIN, NO, BYE))
    yield case("LOGIN refused for now", (*after, *LOGIN, b"454 4.7.0 later\r\n", BYE))
    yield case("LOGIN refused at once", (*after, offers("AUTH LOGIN"), b"504 5.5.4 no\r\n", BYE))
    yield case("LOGIN refuses the user", (*after, offers("AUTH LOGIN"), USER, NO, BYE))
    yield case("LOGIN accepts the user alone", (*after, offers("AUTH LOGIN"), USER, YES, BYE))
    yield case("LOGIN asks for ever", (*after, *LOGIN, b"334 more\r\n", BYE))
    yield case("LOGIN is answered with 421", (*after, *LOGIN, b"421 4.3.2 shutting down\r\n"))
    yield case("LOGIN is answered with 530 under TLS", (*after, offers("AUTH LOGIN"), b"530 5.7.0 TLS\r\n", BYE))
    yield case("the peer closes at AUTH", (*after, *LOGIN))
    yield case("the peer says nothing to AUTH", (*after, *LOGIN, LATE))
    yield case("AUTH is answered with garbage", (*after, *LOGIN, b"what?\r\n"))
    yield case("the peer repeats the password", (*after, *LOGIN, b"535 5.7.8 canary-p4ssword is wrong\r\n", BYE))
    yield case("the peer repeats the user", (*after, *LOGIN, b"535 5.7.8 no mailer@example.com here\r\n", BYE))
    yield case("a short user is repeated", (*after, *LOGIN, b"535 5.7.8 no abc here\r\n", BYE), username="abc")
    yield case("a user of four is repeated", (*after, *LOGIN, b"535 5.7.8 no abcd here\r\n", BYE), username="abcd")
    yield case("no mechanism that is used", (*after, offers("AUTH CRAM-MD5 GSSAPI"), BYE))
    yield case("a mechanism that is not spoken", (*after, offers("AUTH NTLM"), BYE))
    yield case("AUTH is not offered", (*after, offers(), BYE))
    yield case("AUTH is not offered, and mail goes on", (*after, offers(), OK, OK, BYE), sender="<a@example.com>")
    yield case(
        "AUTH is not offered, and mail is refused",
        (*after, offers(), b"530 5.7.0 AUTH first\r\n", OK, BYE),
        sender="<a@example.com>",
    )
    yield case("an old way to offer LOGIN", (*after, offers("AUTH=LOGIN", "AUTH PLAIN"), USER, WORD, YES, BYE))
    yield case("an old way to offer LOGIN alone", (*after, offers("AUTH=LOGIN"), BYE))
    yield case("of two lines the last counts", (*after, offers("AUTH LOGIN", "auth plain"), YES, BYE))
    yield case("a line with a blank before it", (*after, offers(" AUTH LOGIN"), BYE))
    yield case("not asked to authenticate", (*after, offers("AUTH LOGIN"), BYE), authenticate=False)
    yield case("no password", (*after, offers("AUTH LOGIN"), BYE), password=None)
    yield case("no user", (*after, offers("AUTH LOGIN"), BYE), username="")
    yield case(
        "a secret that is not known here",
        (*after, offers("AUTH LOGIN"), BYE),
        password=None,
        unresolved="$secret{x} is not resolved here",
    )
    # the SASL library
    for name, offered, sasl, more in (
        ("in the server's order", "AUTH PLAIN LOGIN", (), {}),
        ("in its own order", "AUTH PLAIN XOAUTH2", ("XOAUTH2", "PLAIN"), {"token": "canary-token"}),
        ("that knows none of it", "AUTH LOGIN", (), {}),
        ("with GSSAPI first", "AUTH GSSAPI PLAIN", (), {}),
        ("with names in small letters", "AUTH PLAIN", ("plain",), {}),
        ("for nobody", "AUTH PLAIN", (), {"authzid": ""}),
        ("with CRAM-MD5", "AUTH CRAM-MD5", (), {}),
    ):
        answers: tuple[Item, ...] = {"AUTH LOGIN": (USER, WORD, YES), "AUTH CRAM-MD5": ()}.get(offered, (YES,))
        if "GSSAPI" in offered or sasl == ("plain",):
            answers = (YES,)
        yield case(f"SASL {name}", (*after, offers(offered), *answers, BYE), sasl=sasl, **more)
    # clear text
    yield case("credentials are withheld in clear text", (BANNER, offers("AUTH LOGIN"), BYE), starttls_enable=False)
    yield case("LOGIN in clear text", (BANNER, *LOGIN, YES, BYE), **CLEAR)
    yield case("LOGIN in clear text refuses the user", (BANNER, offers("AUTH LOGIN"), USER, NO, BYE), **CLEAR)
    yield case("PLAIN in clear text", (BANNER, offers("AUTH PLAIN"), YES, BYE), **CLEAR)
    yield case(
        "AUTH needs STARTTLS",
        (BANNER, offers("AUTH LOGIN", "STARTTLS"), b"530 5.7.0 TLS\r\n", GO, TLS, USER, WORD, YES, BYE),
        **CLEAR,
    )
    yield case(
        "AUTH needs STARTTLS, with PLAIN",
        (BANNER, offers("AUTH PLAIN", "STARTTLS"), b"530 5.7.0 TLS\r\n", GO, TLS, YES, BYE),
        **CLEAR,
    )
    yield case(
        "AUTH needs STARTTLS, which is refused", (BANNER, offers("AUTH PLAIN"), b"530 5.7.0 TLS\r\n", b"502 no\r\n", BYE), **CLEAR
    )
    yield case("AUTH is offered after STARTTLS only", (BANNER, EHLO, BYE), starttls_enable=False)
    yield case(
        "AUTH is offered after STARTTLS only, and mail is taken",
        (BANNER, EHLO, OK, OK, BYE),
        starttls_enable=False,
        sender="<a@example.com>",
    )
    yield case("STARTTLS is not offered", (BANNER, BARE, BYE))
    yield case("STARTTLS is not offered, but LOGIN", (BANNER, offers("AUTH LOGIN"), BYE))
    yield case("STARTTLS is required and not offered", (BANNER, BARE, BYE), starttls_required=True)
    yield case("STARTTLS is required alone", (BANNER, BARE, BYE), starttls_enable=False, starttls_required=True)
    # STARTTLS and TLS
    yield case("STARTTLS refused", (BANNER, EHLO, b"454 4.7.0 TLS is out\r\n", BYE))
    yield case("STARTTLS answered with 421", (BANNER, EHLO, b"421 bye\r\n"))
    yield case("bytes are injected", (BANNER, EHLO, GO + b"250 injected\r\n"))
    yield case(
        "bytes are injected, and it may go on",
        (BANNER, EHLO, GO + b"250 injected\r\n", TLS, *LOGIN, YES, BYE),
        allow_unverified=True,
    )
    yield case("bytes are injected, and nobody is to authenticate", (BANNER, EHLO, GO + b"250 injected\r\n"), authenticate=False)
    yield case("clear text instead of TLS", (BANNER, EHLO, GO, Raw(b"220 relay\r\n")))
    yield case("the peer closes instead of TLS", (BANNER, EHLO, GO))
    yield case("the peer resets instead of TLS", (BANNER, EHLO, GO, RESET))
    yield case("the peer is silent instead of TLS", (BANNER, EHLO, GO, LATE))
    yield case("a TLS alert", (BANNER, EHLO, GO, Raw(b"\x15\x03\x03\x00\x02\x02\x28")))
    yield case("a TLS alert about the version", (BANNER, EHLO, GO, Raw(b"\x15\x03\x03\x00\x02\x02\x46")))
    yield case("a TLS alert about a certificate", (BANNER, EHLO, GO, Raw(b"\x15\x03\x03\x00\x02\x02\x74")))
    yield case("garbled TLS", (BANNER, EHLO, GO, Raw(b"\x16\x09\x09\x00\x02ab")))
    yield case("a peer of TLS 1.2", (BANNER, EHLO, GO, Tls("tls12"), *LOGIN, YES, BYE))
    yield case("a peer of TLS 1.2 is too old", (BANNER, EHLO, GO, Tls("tls12")), tls_minimum="TLSv1.3")
    yield case("a peer of TLS 1.3 is too new", (BANNER, EHLO, GO, Tls("tls13")), tls_maximum="TLSv1.2")
    yield case(
        "ciphers of the client", (BANNER, EHLO, GO, Tls("tls12"), *LOGIN, YES, BYE), ciphers="ECDHE-ECDSA-AES128-GCM-SHA256"
    )
    yield case("the certificate repeats the password", (BANNER, EHLO, GO, Tls("secret"), *LOGIN, YES, BYE), allow_unverified=True)
    yield case("EHLO is answered with no reply in TLS", (BANNER, EHLO, GO, TLS, b"what\r\n", BYE))
    yield case("no cipher in common", (BANNER, EHLO, GO, Tls("tls12")), ciphers="AES128-SHA", tls_maximum="TLSv1.2")
    for name in ("wants", "wants-12"):
        yield case(f"a certificate of the client: {name}", (BANNER, EHLO, GO, Tls(name)))
        yield case(
            f"a certificate of the client, and any of the server: {name}", (BANNER, EHLO, GO, Tls(name)), client_trusts_host=True
        )
    yield case("a certificate of the client, and no word about it", (BANNER, EHLO, GO, Tls("wants", mute=True)))
    yield case("TLS in pieces", (BANNER, EHLO, GO, Tls(piece=7), *LOGIN, YES, BYE))
    other = (BANNER, EHLO, GO, Tls("other-name"))
    yield case("another name", (*other, *LOGIN[:1], BYE))
    yield case("another name that may be", (*other, *LOGIN, YES, BYE), allow_unverified=True)
    yield case("another name, which the client looks at", (*other, *LOGIN[:1], BYE), client_checks_identity=True)
    yield case(
        "another name that may be, which the client looks at",
        (*other, *LOGIN, YES, BYE),
        client_checks_identity=True,
        allow_unverified=True,
    )
    yield case("another name, and nobody looks", (*other, *LOGIN, YES, BYE), check_hostname=False)
    yield case(
        "another name, and the client alone looks", (*other, *LOGIN, YES, BYE), check_hostname=False, client_checks_identity=True
    )
    yield case("a name of the parent's", (BANNER, EHLO, GO, Tls("parent"), *LOGIN[:1], BYE), client_checks_identity=True)
    yield case("a numeric address", (BANNER, EHLO, GO, Tls("address"), *LOGIN, YES, BYE), host="192.0.2.1")
    for host in ("relay", ".relay", "relay.example.", "[2001:db8::1]"):
        yield case(f"the name that TLS asks for: {host}", (BANNER, EHLO, GO, TLS, BARE, BYE), host=host, authenticate=False)
    yield case(
        "a numeric address, which the client looks at",
        (BANNER, EHLO, GO, Tls("address"), *LOGIN, YES, BYE),
        host="192.0.2.1",
        client_checks_identity=True,
    )
    stranger = (BANNER, EHLO, GO, Tls("other-ca"))
    again = (stranger, stranger)
    going_on = (stranger, (*stranger, *LOGIN, YES, BYE))
    yield case("another authority", again)
    yield case("another authority and nobody to authenticate", again, authenticate=False)
    yield case("another authority, and the second time nobody", (stranger, REFUSED))
    yield case("another authority that may be", going_on, allow_unverified=True)
    yield case("another authority that may be, and the second time nobody", (stranger, REFUSED), allow_unverified=True)
    yield case("another authority that the client takes", (stranger, (*stranger, *LOGIN[:1], BYE)), client_trusts_host=True)
    yield case(
        "another authority that the client takes and that may be", going_on, client_trusts_host=True, allow_unverified=True
    )
    yield case(
        "another authority that the client takes, and the second time nobody", (stranger, REFUSED), client_trusts_host=True
    )
    yield case("a client that fails in any TLS", (*after, *LOGIN, YES, BYE), client_tls_error="no TLS for the client")
    yield case("a client that fails before it connects", (*after, *LOGIN, YES, BYE), client_error="an illegal address")
    yield case("settings that are not followed", (*after, *LOGIN, YES, BYE), unmodelled=("mail.smtp.socks.host", "mail.x"))
    # TLS from the first byte
    implicit: dict[str, Any] = {"implicit_tls": True, "port": 465}
    yield case("TLS first", (TLS, BANNER, *LOGIN, YES, BYE), **implicit)
    yield case("TLS first, and the port greets in clear text", (BANNER,), **implicit)
    yield case("TLS first, and the port speaks HTTP", (b"HTTP/1.1 400 Bad Request\r\n",), **implicit)
    yield case("TLS first, and the port says a blank line", (b"\r\n",), **implicit)
    yield case("TLS first, and the peer closes", (), **implicit)
    yield case(
        "TLS first without STARTTLS",
        (TLS, BANNER, offers("STARTTLS", "AUTH PLAIN"), YES, BYE),
        **implicit,
        starttls_required=True,
    )
    # the connection
    yield case("no such name", (), found=socket.gaierror(-2, "Name or service not known"))
    yield case("no name at all", (), found=UnicodeError("label too long"))
    yield case("two addresses", (*after, *LOGIN, YES, BYE), found=address("2001:db8::1", "192.0.2.1", "192.0.2.1"))
    yield case("the resolver's order", (*after, *LOGIN, YES, BYE), found=address("192.0.2.2", "192.0.2.1"))
    yield case("two addresses, and the first refuses", REFUSED, found=address("2001:db8::1", "192.0.2.1"))
    yield case("three addresses, and the first refuses", REFUSED, found=address("192.0.2.1", "192.0.2.2", "192.0.2.3"))
    yield case("an address in brackets", REFUSED, host="[2001:db8::1]", found=address("2001:db8::1"))
    yield case("connection refused", REFUSED)
    yield case("no route", Down(OSError(113, "No route to host")))
    yield case("no words", Down(OSError()))
    yield case("nobody answers", Down(TimeoutError()))
    yield case("nobody answers until the deadline", Down(TimeoutError()), timeout=50.0)
    # the banner
    for name, said in (
        ("SSH", b"SSH-2.0-OpenSSH_9.6\r\n"),
        ("IMAP", b"* OK ready\r\n"),
        ("IMAP that ends", b"* BYE\r\n"),
        ("IMAP for a friend", b"* PREAUTH x\r\n"),
        ("POP3", b"+OK ready\r\n"),
        ("POP3 that refuses", b"-ERR no\r\n"),
        ("HTTP", b"HTTP/1.1 400 Bad\r\n"),
        ("HTML", b"<html>\r\n"),
        ("VNC", b"RFB 003.008\n"),
        ("TLS", b"\x15\x03\x01\x00\x02\x02\x46\r\n"),
        ("more TLS", b"\x16\x03\x01\n"),
        ("IMAP with a hyphen", b"* O-\r\n"),
        ("garbage", b"hello\r\n"),
        ("garbage without end", b"hello"),
    ):
        yield case(f"greeted by {name}", (said,), **QUIET)
    yield case("greeted with 554", (b"554 5.3.2 no service\r\n", BYE), **QUIET)
    yield case("greeted with 421", (b"421 4.3.2 not now\r\n",), **QUIET)
    yield case("greeted with 450", (b"450 later\r\n", BYE), **QUIET)
    yield case("greeted in many lines and pieces", (b"220-re", b"lay\r\n220", b" ready\r", b"\n", EHLO, BYE), **QUIET)
    yield case("greeted without end", (b"2" * 4096,) * 4, **QUIET)
    yield case("greeted by the end", (), **QUIET)
    yield case("greeted by a last line without end", (b"220 relay",), **QUIET)
    yield case("greeted by a reset", (RESET,), **QUIET)
    yield case("greeted in part", (b"220-rel", LATE), **QUIET)
    yield case("more than was asked", (BANNER + b"250 x\r\n",), **QUIET)
    # who says nothing
    for name, items in (
        ("nothing either", (LATE,)),
        ("the end", (b"",)),
        ("a greeting", (BANNER,)),
        ("HTTP", (b"HTTP/1.1 400 Bad\r\n",)),
        ("TLS", (Raw(b"\x15\x03\x01\x00\x02\x02\x46"),)),
        ("garbage", (b"?\r\n",)),
        ("a reset", (RESET,)),
        ("a refusal", (b"554 no\r\n",)),
    ):
        yield case(f"silent, and spoken to it says {name}", (LATE, *items), **QUIET)
    yield case("silent until the deadline", (LATE, LATE), timeout=50.0, **QUIET)
    # EHLO and HELO
    yield case("EHLO refused", (BANNER, b"502 5.5.1 what\r\n", b"250 relay\r\n", BYE))
    yield case(
        "EHLO refused, and TLS is required", (BANNER, b"502 5.5.1 what\r\n", b"250 relay\r\n", BYE), starttls_required=True
    )
    yield case("EHLO answered with 421", (BANNER, b"421 bye\r\n", b"421 bye\r\n"))
    yield case("EHLO answered with 421, closed", (BANNER, b"421 bye\r\n"))
    yield case("EHLO answered with garbage", (BANNER, b"what?\r\n", b"250 relay\r\n", BYE))
    yield case("EHLO answered with HTTP", (BANNER, b"HTTP/1.1 400 Bad\r\n", b"250 relay\r\n", BYE))
    yield case("EHLO and HELO refused", (BANNER, b"502 what\r\n", b"554 5.5.1 no\r\n", BYE))
    yield case("no EHLO", (BANNER, b"250-relay\r\n250 AUTH LOGIN\r\n", BYE), ehlo=False)
    yield case("no host name of its own", (BANNER, BARE, BYE), **QUIET, local_hostname="\u00fc")
    yield case("a host name with more in it", (BANNER, BARE, BYE), **QUIET, local_hostname="a_b-c.[1:2]\r\nRSET")
    yield case("EHLO again refused", (*after, b"502 what\r\n", BYE))
    yield case(
        "EHLO again refused after AUTH was offered",
        (BANNER, offers("STARTTLS", "AUTH PLAIN"), GO, TLS, b"502 what\r\n", YES, BYE),
    )
    yield case("EHLO again answered with garbage", (*after, b"what?\r\n", BYE))
    yield case("EHLO again not answered", (*after, LATE))
    yield case("codes that change", (BANNER, b"250-relay\r\n251 SIZE\r\n", BYE), **QUIET)
    yield case("text behind codes", (b"220relay\r\n", b"250=relay\r\n", BYE), **QUIET)
    yield case("many lines", (BANNER, offers(*(f"X{number}" for number in range(105))), BYE), **QUIET)
    yield case("long lines", (BANNER, offers("X" + "y" * 600), b"221 " + b"z" * 3000 + b"\r\n"), **QUIET)
    # mail
    yield case("a message", (BANNER, BARE, OK, OK, b"354 go\r\n", OK, BYE), **SENDING)
    yield case("a recipient alone", (BANNER, BARE, OK, OK, OK, BYE), **{**SENDING, "message": b""})
    yield case("a sender alone", (BANNER, BARE, OK, OK, BYE), **{**SENDING, "message": b"", "recipient": ""})
    yield case("no sender", (BANNER, BARE, BYE), **{**SENDING, "sender": ""})
    yield case("a recipient elsewhere", (BANNER, BARE, OK, b"251 elsewhere\r\n", OK, BYE), **{**SENDING, "message": b""})
    yield case("a sender elsewhere", (BANNER, BARE, b"251 elsewhere\r\n", OK, BYE), **SENDING)
    yield case("the sender refused", (BANNER, BARE, b"550 5.7.1 no\r\n", OK, BYE), **SENDING)
    yield case("the sender not understood", (BANNER, BARE, b"500 what\r\n", OK, BYE), **SENDING)
    yield case("the sender not known", (BANNER, BARE, b"502 what\r\n", OK, BYE), **SENDING)
    yield case("the recipient refused", (BANNER, BARE, OK, b"450 4.2.1 greylisted\r\n", OK, BYE), **SENDING)
    yield case("DATA refused", (BANNER, BARE, OK, OK, b"554 no\r\n", OK, BYE), **SENDING)
    yield case("the message refused", (BANNER, BARE, OK, OK, b"354 go\r\n", b"550 5.6.0 spam\r\n", BYE), **SENDING)
    yield case("RSET refused", (BANNER, BARE, OK, b"500 what\r\n", BYE), **{**SENDING, "message": b"", "recipient": ""})
    yield case("QUIT refused", (BANNER, BARE, b"500 what\r\n"), **QUIET)
    yield case("QUIT not answered", (BANNER, BARE, LATE), **QUIET)
    yield case("the end instead of QUIT's answer", (BANNER, BARE), **QUIET)
    yield case("more behind QUIT", (BANNER, BARE, BYE + b"250 x\r\n"), **QUIET)
    yield case(
        "words before the connection breaks", (BANNER, BARE, BrokenPipeError(32, "Broken pipe"), b"421 too late\r\n"), **SENDING
    )
    yield case(
        "addresses that are not ASCII", (BANNER, BARE, OK, OK, BYE), authenticate=False, sender="<b\u00fc\u4e2d@example.com>"
    )
    yield case(
        "addresses in UTF-8",
        (BANNER, offers("SMTPUTF8"), OK, OK, OK, BYE),
        authenticate=False,
        utf8=True,
        sender="<b\u00fc@example.com>",
        recipient="<\u00df@example.com>",
    )
    yield case(
        "addresses in UTF-8 that are not offered",
        (BANNER, BARE, OK, OK, BYE),
        authenticate=False,
        utf8=True,
        sender="<b\u00fc@example.com>",
    )
    yield case("LOGIN and mail", (*after, *LOGIN, YES, OK, OK, BYE), sender="<a@example.com>")
    # times
    yield case("slow replies", (Wait(0.25), BANNER, Wait(0.5), BARE, BYE), **QUIET)
    yield case("a client that waits no longer", (BANNER, Wait(0.5), BARE, BYE), **QUIET, client_read_timeout=0.4)
    yield case("a client that waits as long", (BANNER, Wait(0.5), BARE, BYE), **QUIET, client_read_timeout=0.5)
    yield case(
        "a client that does not wait for the connection", (BANNER, BARE, BYE), connecting=0.3, **QUIET, client_connect_timeout=0.2
    )
    yield case("a client that waits for the connection", (BANNER, BARE, BYE), connecting=0.3, **QUIET, client_connect_timeout=0.4)
    yield case("QUIT's answer is not waited for", (BANNER, BARE, Wait(0.5), BYE), **QUIET, client_read_timeout=0.4)
    yield case("late after the credentials", (*after, *LOGIN, Wait(0.5), YES, BYE), client_read_timeout=0.4)
    yield case(
        "late after AUTH, with mail",
        (*after, *LOGIN, YES, Wait(0.5), OK, OK, BYE),
        client_read_timeout=0.4,
        sender="<a@example.com>",
    )
    yield case("late in TLS", (BANNER, EHLO, GO, Wait(0.5), TLS, *LOGIN, YES, BYE), client_read_timeout=0.4)
    yield case("time runs out in pieces", (b"220", Wait(6), b"-a\r\n", Wait(6), b"220-", b"b\r\n"), **QUIET)
    yield case("time runs out for all", (Wait(3), BANNER, Wait(3), BARE, Wait(3), b"221", b" x\r\n"), **QUIET, deadline=8.0)
    # a second attempt without the socket factory
    second = {"port": 25, "implicit_tls": False, "client_trusts_host": False, "client_tls_error": ""}
    factory: dict[str, Any] = {
        "implicit_tls": True,
        "port": 465,
        "fallback": second,
        "starttls_enable": False,
        "authenticate": False,
    }
    yield case("the factory connects", (TLS, BANNER, BARE, BYE), **factory)
    yield case("the factory does not connect", (REFUSED, (BANNER, BARE, BYE)), **factory)
    yield case("the factory finds no TLS", ((BANNER,), (BANNER, BARE, BYE)), **factory)
    yield case("the factory waits for TLS in vain", (LATE,), **factory)
    yield case("the factory does not trust", ((Tls("other-ca"),), (Tls("other-ca"),), (BANNER, BARE, BYE)), **factory)
    yield case(
        "the client alone fails with the factory",
        ((TLS, BANNER, BARE, BYE), (BANNER, BARE, BYE)),
        **factory,
        client_tls_error="no TLS",
    )
    yield case(
        "the factory's plain socket fails later", (BANNER, b"502 x\r\n", b"502 x\r\n", BYE), **{**factory, "implicit_tls": False}
    )
    yield case(
        "the factory is too slow to connect",
        ((TLS, BANNER, BARE, BYE), (BANNER, BARE, BYE)),
        connecting=0.3,
        **factory,
        client_connect_timeout=0.2,
    )
    yield case("the factory is too slow in TLS", ((Wait(0.5), TLS, BANNER, BARE, BYE),), **factory, client_read_timeout=0.4)
    # whose trust store
    yield case("this machine's trust store", ((BANNER, EHLO, GO, TLS), (BANNER, EHLO, GO, TLS)), ca_pem=None)


CASES = tuple(_cases())


@cache
def recorded() -> dict[str, str]:
    """Return the blocks of the file by the conversations' names."""
    blocks = re.split(r"(?m)^(?=## )", FILE.read_text(encoding="utf-8"))
    return {
        block.partition("\n")[0].removeprefix("## "): block.rstrip("\n") + "\n" for block in blocks if block.startswith("## ")
    }


if __name__ == "__main__":
    FILE.write_text("\n".join(map(render, CASES)), encoding="utf-8")
