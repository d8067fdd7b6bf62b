"""A mail server that behaves as it is told and keeps every byte it gets, apart by clear text and TLS."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
ALL = "AUTH LOGIN PLAIN"


@dataclass(frozen=True)
class Relay:
    """What a server does. Replies are whole lines without their ends; ``None`` closes the connection instead.

    Attributes:
        clear: Lines of the reply to EHLO in clear text, behind the first; the last line of the first is written by itself.
        tls: The same under TLS.
        ehlo, ehlo_tls: Whole replies instead, e.g. ``502 no``.
        starttls_then: What follows a 220: ``tls``, ``plain`` (goes on in clear text) or ``close``.
        auth: The verdict on right credentials; wrong ones always get 535.
        asks: What the credentials are answered with before the verdict, if not with it.
        auth_first: A reply to the AUTH command itself, before any credentials; in clear text only with *auth_first_clear*.
        mail: The reply to MAIL FROM; *mail_clear* in clear text.
        demands: Whether TLS demands a certificate of the client.
        closes: Whether the connection is closed behind a 421, as it has to be.
        delay: Seconds before the reply to that command (``banner`` too); under TLS ``TLS EHLO``.
    """

    clear: tuple[str, ...] = ("STARTTLS",)
    tls: tuple[str, ...] = (ALL,)
    implicit: bool = False
    banner: str | None = "220 relay ESMTP"
    ehlo: str | None = ""
    ehlo_tls: str | None = ""
    helo: str | None = "250 relay"
    starttls: str | None = "220 go"
    starttls_then: str = "tls"
    auth: str | None = "235 yes"
    asks: str = ""
    auth_first: str | None = ""
    auth_first_clear: str | None = ""
    mail: str | None = "250 ok"
    mail_clear: str | None = ""
    certificate: str = "good"
    lowest: str = "TLSv1_2"
    highest: str = "TLSv1_3"
    ciphers: str = ""
    demands: bool = False
    closes: bool = False
    delay: tuple[str, float] = ("", 0)
    end: bytes = b"\r\n"


@dataclass
class Seen:
    """What one client sent over all its connections."""

    clear: bytes = b""
    under_tls: bytes = b""
    mechanism: str | None = None
    authenticated: bool = False
    connections: int = 0
    commands: list[str] = field(default_factory=list)
    envelope: list[bytes] = field(default_factory=list)
    header: list[bytes] = field(default_factory=list)


@dataclass(frozen=True)
class Account:
    """Who may log in, and what leaks if it is seen in clear text."""

    user: str
    password: str
    token: str = "canary-t0ken-of-a-bearer"

    @property
    def blobs(self) -> dict[str, set[bytes]]:
        """The right credentials of each mechanism, as they cross the wire."""
        user, password = self.user, self.password
        plain = {f"{authzid}\0{user}\0{password}" for authzid in ("", user)}
        bearers = {
            f"user={name}\1auth=Bearer {secret}\1\1"
            for name in (user, "no-reply@example.com")
            for secret in (self.token, password)
        }
        encoded = {
            name: {base64.b64encode(text.encode()) for text in texts} for name, texts in (("PLAIN", plain), ("XOAUTH2", bearers))
        }
        encoded["LOGIN"] = {base64.b64encode(password.encode())}
        return encoded


def leaks(data: bytes, *secrets: str) -> bool:
    """Tell whether *data* shows one of *secrets*, right or wrong, behind Base64: credentials that someone else can use."""
    for word in data.split():
        with suppress(ValueError):
            decoded = base64.b64decode(word, validate=True)
            if any(secret.encode() in decoded for secret in secrets if secret):
                return True
    return False


class Closed(Exception):
    """The peer is gone, or the script says so."""


class Server:
    """Serve a ``Relay`` on a port of the loopback interface; ``take()`` hands out what was seen since the last call."""

    def __init__(self, relay: Relay, account: Account, context: Callable[[Relay], ssl.SSLContext], patience: float = 4.0) -> None:
        self.relay, self.account, self._context, self._patience = relay, account, context, patience
        self._listener = socket.create_server((HOST, 0))
        self.port = self._listener.getsockname()[1]
        self._seen, self._lock = Seen(), threading.Lock()
        self._open: list[socket.socket] = []
        self._talks: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(2)
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def take(self) -> Seen:
        time.sleep(0.01)
        until = time.monotonic() + 1
        for talk in tuple(self._talks):  # the client's last bytes are read in other threads, which end with its connections
            talk.join(max(0.0, until - time.monotonic()))
        with self._lock:
            seen, self._seen = self._seen, Seen()
        return seen

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(self._patience)
            self._open.append(connection)
            with self._lock:
                self._seen.connections += 1
            talk = threading.Thread(target=self._serve, args=(connection, self._seen), daemon=True)
            talk.start()
            self._talks.append(talk)

    def _serve(self, connection: socket.socket, seen: Seen) -> None:
        talk = _Talk(connection, self.relay, self.account, seen, self._context)
        with suppress(OSError, Closed, ValueError):
            talk.run()
        with suppress(OSError):
            talk.socket.close()
        with suppress(OSError):
            connection.close()


class _Talk:
    def __init__(
        self, connection: socket.socket, relay: Relay, account: Account, seen: Seen, context: Callable[[Relay], ssl.SSLContext]
    ) -> None:
        self.socket, self.relay, self.account, self.seen, self._context = connection, relay, account, seen, context
        self.secure, self._buffer = False, b""

    def run(self) -> None:
        if self.relay.implicit:
            self._upgrade()
        self._say(self.relay.banner, "banner")
        while True:
            line = self._line()
            verb = line.split(b" ")[0].strip().upper().decode("latin-1")
            self.seen.commands.append(("TLS " if self.secure else "") + verb)
            if verb in ("MAIL", "RCPT"):
                self.seen.envelope.append(line)
            self._answer(verb, line)

    def _answer(self, verb: str, line: bytes) -> None:
        relay = self.relay
        if verb == "EHLO":
            said = relay.ehlo_tls if self.secure else relay.ehlo
            offered = relay.tls if self.secure else relay.clear
            self._say(_reply(offered) if said == "" else said, verb)
        elif verb == "HELO":
            self._say(relay.helo, verb)
        elif verb == "STARTTLS":
            self._say(relay.starttls, verb)
            if relay.starttls and relay.starttls.startswith("220"):
                if relay.starttls_then == "close":
                    raise Closed
                if relay.starttls_then == "tls":
                    self._upgrade()
        elif verb == "AUTH":
            self._auth(line.split())
        elif verb == "MAIL":
            self._say(relay.mail if self.secure or relay.mail_clear == "" else relay.mail_clear, verb)
        elif verb in ("RCPT", "RSET"):
            self._say("250 ok", verb)
        elif verb == "DATA":
            self._say("354 go", verb)
            while (line := self._line()) != b".":
                self.seen.header.append(line)
            self._say("250 kept", verb)
        elif verb == "QUIT":
            self._say("221 bye", verb)
            raise Closed
        else:
            self._say("502 what", verb)

    def _auth(self, words: list[bytes]) -> None:
        mechanism = words[1].decode("latin-1").upper() if len(words) > 1 else ""
        self.seen.mechanism, self.seen.authenticated = mechanism, False
        initial = words[2] if len(words) > 2 else None
        first = self.relay.auth_first if self.secure else (self.relay.auth_first_clear or self.relay.auth_first)
        if first != "":
            self.seen.authenticated = str(first).startswith("235")
            self._say(first, "AUTH")
            return
        right = self._credentials(mechanism, initial)
        verdict = self.relay.auth if right else "535 5.7.8 wrong"
        if self.relay.asks or (mechanism == "XOAUTH2" and not right):
            self._say(self.relay.asks or "334 " + base64.b64encode(b'{"status":"400"}').decode(), "AUTH")
            self._line()
        self.seen.authenticated = str(verdict).startswith("235")
        self._say(verdict, "AUTH")

    def _credentials(self, mechanism: str, initial: bytes | None) -> bool:
        blobs = self.account.blobs
        if mechanism == "LOGIN":
            user = initial if initial is not None else self._ask(b"Username:")
            return user == base64.b64encode(self.account.user.encode()) and self._ask(b"Password:") in blobs["LOGIN"]
        if mechanism in ("PLAIN", "XOAUTH2"):
            return (initial if initial is not None else self._ask(b"")) in blobs[mechanism]
        if mechanism == "CRAM-MD5":
            challenge = b"<1.2@relay>"
            digest = hmac.new(self.account.password.encode(), challenge, hashlib.md5).hexdigest()
            return base64.b64decode(self._ask(challenge)) == f"{self.account.user} {digest}".encode()
        if mechanism == "DIGEST-MD5":
            return bool(self._ask(b'realm="relay",nonce="abcdef",qop="auth",algorithm=md5-sess,charset=utf-8'))
        if mechanism == "NTLM":
            message = b"NTLMSSP\0\2\0\0\0" + b"\0" * 8 + b"\1\2\2\0" + b"\1\2\3\4\5\6\7\x08" + b"\0" * 16
            return bool(self._ask(message))
        return False

    def _ask(self, challenge: bytes) -> bytes:
        self._say("334 " + base64.b64encode(challenge).decode(), "AUTH")
        return self._line().strip()

    def _upgrade(self) -> None:
        self._buffer = b""
        with_tls = self._context(self.relay).wrap_socket(self.socket, server_side=True)
        self.socket, self.secure = with_tls, True

    def _say(self, reply: str | None, verb: str) -> None:
        where, seconds = self.relay.delay
        if seconds and where == ("TLS " if self.secure else "") + verb:
            time.sleep(seconds)
        if reply is None:
            raise Closed
        self.socket.sendall(self.relay.end.join(part.encode("latin-1") for part in reply.split("\n")) + self.relay.end)
        if self.relay.closes and reply.startswith("421"):
            raise Closed

    def _line(self) -> bytes:
        while b"\n" not in self._buffer:
            data = self.socket.recv(4096)
            if not data:
                raise Closed
            if self.secure:
                self.seen.under_tls += data
            else:
                self.seen.clear += data
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.rstrip(b"\r")


def _reply(offered: tuple[str, ...]) -> str:
    lines = ["relay", *offered]
    return "\n".join(f"250{' ' if at == len(lines) - 1 else '-'}{line}" for at, line in enumerate(lines))
