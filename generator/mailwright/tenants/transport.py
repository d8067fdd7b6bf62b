"""HTTP to the server: TLS that verifies, finite times, no redirects, and repeating only what may be repeated.

A request is repeated if it never left, if the server said 429, or if carrying it out twice is as good as once (the caller says so) and
the server said 500, 502 to 504, or nothing. Everything else goes back to the caller, who reads again before deciding (``Unanswered``).
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import os
import random
import ssl
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from ..base.errors import ConnectionFailed, PeerRefused, TlsFailed, UnreadableInput, UsageError
from ..base.patterns import pattern
from ..base.places import Place
from ..base.reading import read_bytes
from ..base.values import dataclass, field
from .connections import Broken, Connections, NotConnected, TooLarge

MAX_ANSWER = 4 << 20
"""Bytes of an answer that are read; the rest means that this is no answer of this API."""

_CERTIFICATE = pattern(r"-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----")
_NUMBER = pattern(r"\[Errno (\d+)\]")
_BUSY, _BROKEN = 429, frozenset({500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Limits:
    """How much, how fast, how long.

    Attributes:
        concurrency: Requests in work at one time.
        rate: Requests a second at most, None for no limit.
        timeout: Seconds for one request, from its first byte to the answer's last.
        connect: Seconds for connection and TLS.
        attempts: How often a request is made at most.
        backoff, longest: Seconds before the second attempt, doubled for each further one, and at most; Retry-After counts up to
            *longest* too. The time is drawn evenly from zero to that.
    """

    concurrency: int = 16
    rate: float | None = None
    timeout: float = 30.0
    connect: float = 10.0
    attempts: int = 5
    backoff: float = 0.4
    longest: float = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, whole; its body may echo what was sent."""

    status: int
    body: bytes = field(repr=False)
    retry_after: float | None = None

    def json(self) -> Any:
        """Return the body as JSON, None if it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Unanswered(ConnectionFailed):
    """The request went out and no answer came: it may have been carried out."""

    code = "unanswered"


def server_address(url: str, name: str = "--server", place: Place | None = None) -> str:
    """Return the base of every request's URL.

    Args:
        name: What the URL is called in an error, and *place* where it stands.

    Raises:
        UsageError: no https URL, or one with more in it than host, port and path.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        (parts.hostname or "").encode("idna")
    except ValueError:
        raise UsageError(f"{name} is not a URL", place=place, hint="write it like https://is.example.com:9443") from None
    if parts.scheme != "https" or not parts.hostname:
        hint = "credentials go over TLS only; write it like https://is.example.com:9443"
        raise UsageError(f"{name} must be an https URL", place=place, hint=hint)
    if parts.username is not None or parts.query or parts.fragment:
        raise UsageError(
            f"{name} must have a host, a port and a path only",
            place=place,
            hint="credentials come from the spec's `api`, by reference",
        )
    host = f"[{_shortest(parts.hostname)}]" if ":" in parts.hostname else parts.hostname
    return f"https://{host}:{port or 443}{parts.path.rstrip('/')}"


def _shortest(address: str) -> str:
    """Return an IPv6 address as people write it (RFC 5952)."""
    try:
        return ipaddress.IPv6Address(address).compressed
    except ValueError:
        return address


def shown_address(address: str) -> str:
    """Return an address from ``server_address`` as people write it: without the port that https has anyway."""
    head, _, path = address.removeprefix("https://").partition("/")
    return f"https://{head.removesuffix(':443')}" + (f"/{path}" if path else "")


def tls_context(ca_file: str | None, *, verify: bool = True) -> ssl.SSLContext:
    """Return a context that checks chain and host name, against *ca_file* or this machine's authorities.

    Raises:
        UnreadableInput: the file cannot be read, or holds no certificate.
    """
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if ca_file is None:
            context.load_default_certs()
        else:
            # Bundles hold remarks between the certificates, in any encoding.
            blocks = _CERTIFICATE.findall(read_bytes(ca_file).decode("latin-1"))
            context.load_verify_locations(cadata="\n".join(blocks))
    except (ssl.SSLError, ValueError):
        raise UnreadableInput(
            "holds no certificates in PEM", place=Place(str(ca_file)), hint="PEM is text: -----BEGIN CERTIFICATE-----"
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


class Transport:
    """A pool of connections to one server, open as an async context.

    Args:
        address: From ``server_address``.
        context: From ``tls_context``.
        limits: How much, how fast, how long.

    Attributes:
        requests: How many were made, repetitions included.
        shown: The address as people write it.
    """

    def __init__(self, address: str, context: ssl.SSLContext, limits: Limits) -> None:
        self.address, self.limits = address, limits
        self.shown = shown_address(address)
        self.requests = 0
        self._context = context
        self._slot = 0.0
        self._connections: Connections | None = None

    async def __aenter__(self) -> Self:
        limits = self.limits
        self._connections = Connections(
            self.address, self._context, most=limits.concurrency, connect=limits.connect, longest=MAX_ANSWER
        )
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._connections is not None
        self._connections.close()
        await asyncio.sleep(0.01)  # transports that are closing are gone one turn of the loop later

    async def reach(self) -> None:
        """Connect once: whether the server is there, and who it says it is, is told before any work begins.

        Raises:
            ConnectionFailed, TlsFailed: it is not there, or not the one.
        """
        assert self._connections is not None
        attempt = 1
        while True:
            try:
                return await self._connections.open()
            except NotConnected as none:
                error = self._not_connected(none)
            if isinstance(error, TlsFailed) or attempt >= self.limits.attempts:
                raise error
            await asyncio.sleep(self.pause(attempt))
            attempt += 1

    async def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        repeatable: bool,
    ) -> Answer:
        """Send a request until there is an answer that counts; redirects are answers.

        Args:
            path: With its query, percent-encoded.
            repeatable: Whether carrying it out twice is as good as once.

        Raises:
            ConnectionFailed, TlsFailed: it never left.
            Unanswered: it left, and no answer came.
        """
        attempt = 1
        while True:
            self.requests += 1
            if self.limits.rate:
                await self._wait_for_slot(self.limits.rate)
            answer: Answer | None = None
            failure: ConnectionFailed | None = None
            try:
                answer = await self._once(method, path, headers or {}, body)
            except ConnectionFailed as error:
                failure = error
            last = attempt >= self.limits.attempts
            if answer is not None:
                again = answer.status == _BUSY or (repeatable and answer.status in _BROKEN)
                if last or not again:
                    return answer
            elif failure is not None and (last or (isinstance(failure, Unanswered) and not repeatable)):
                raise failure
            await asyncio.sleep(self.pause(attempt, answer.retry_after if answer else None))
            attempt += 1

    def pause(self, attempt: int, asked: float | None = None) -> float:
        """Return the seconds to wait before the attempt after *attempt*: at random, and what Retry-After asks for."""
        limits = self.limits
        drawn = random.uniform(0, min(limits.longest, limits.backoff * 2.0 ** (attempt - 1)))  # noqa: S311 -- no secret
        return drawn if asked is None else min(asked, limits.longest) + drawn

    async def _wait_for_slot(self, rate: float) -> None:
        now = time.monotonic()
        self._slot = max(self._slot + 1 / rate, now)
        await asyncio.sleep(self._slot - now)

    async def _once(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        assert self._connections is not None
        try:
            status, text, retry_after = await self._connections.ask(method, path, headers, body, timeout=self.limits.timeout)
        except NotConnected as error:
            raise self._not_connected(error) from None
        except TimeoutError:
            raise Unanswered(f"{self.shown} did not answer in time") from None
        except Broken as error:
            if isinstance(error.__cause__, ssl.SSLError):
                raise self._tls_failed(error.__cause__) from None
            if error.garbled:
                raise Unanswered(f"{self.shown} answered, but not in sound HTTP", hint=_OWN_URL) from None
            raise Unanswered(f"{self.shown} broke off before its answer was complete") from None
        except TooLarge:
            raise PeerRefused("the server's answer is far larger than any of this API", hint=_OWN_URL) from None
        return Answer(status, text, _seconds(retry_after) if retry_after else None)

    def _not_connected(self, error: NotConnected) -> TlsFailed | ConnectionFailed:
        cause = error.__cause__
        if isinstance(cause, ssl.SSLError):
            return self._tls_failed(cause)
        return ConnectionFailed(f"{self.shown} is not reachable: {_words(cause)}")

    def _tls_failed(self, error: ssl.SSLError) -> TlsFailed:
        return TlsFailed(f"TLS with {self.shown}: {_words(error)}", hint=_tls_hint(error))


_OWN_URL = "is this URL the Identity Server's own?"
_CA_HINT = "--ca-file PEM names the authority that issued the server's certificate"
_NAME_HINT = "--server must name the host as the server's certificate does"
_CHAIN_HINTS = {
    9: "it was renewed too early, or a clock is wrong, here or there",
    10: "the server's certificate, or one above it, must be renewed",
    62: _NAME_HINT,
    64: _NAME_HINT,
}
"""By OpenSSL's numbers; all others are about the authority."""

_TLS_HINTS = {
    "wrong version number": "what answers there does not speak TLS: is the port right?",
    "protocol version": "mailwright speaks TLS 1.2 and 1.3, and the server neither",
    "certificate required": "the server, or a proxy before it, demands a certificate of the client, and mailwright has none",
    "handshake failure": "the server, or a proxy before it, may demand a certificate of the client, and mailwright has none",
}
"""By how OpenSSL's name of the reason ends."""


def _tls_hint(error: ssl.SSLError) -> str | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CHAIN_HINTS.get(getattr(error, "verify_code", 0), _CA_HINT)
    words = _words(error)
    return next((hint for end, hint in _TLS_HINTS.items() if words.endswith(end)), None)


def _words(error: BaseException | None) -> str:
    """Return why a connection failed, in the system's words alone: an exception's text can hold more."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, ssl.SSLError):
        reason = getattr(error, "reason", None)  # an error that Python raises itself has none
        return str(reason or "the handshake failed").replace("_", " ").lower()
    if isinstance(error, UnicodeError):
        return "the name is none that can be looked up"
    if isinstance(error, OSError) and (number := error.errno or _first_number(error)):
        return os.strerror(number) if number > 0 else str(error.strerror)  # below zero: the name's resolver
    return "no connection in time"


def _first_number(error: OSError) -> int | None:
    """Return the number of the first of several errors that asyncio puts into one: it has them in its text alone."""
    found = _NUMBER.search(str(error))
    return int(found[1]) if found else None


def _seconds(header: bytes) -> float | None:
    """Return what Retry-After asks for, in seconds from now: a number, or a date."""
    text = header.decode("latin-1").strip()
    if text.isdecimal() and text.isascii():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError):
        return None
