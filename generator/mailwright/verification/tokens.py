"""The token request of CLIENT_CREDENTIAL, as the adapter makes it, once a run for the same client.

product/adapter.md#token-request.

A form in a POST, the client's id and secret in it; ``access_token`` of the JSON is read, and the status is ignored, as the server does.
Unlike the server this has time-outs, and wants TLS that verifies: the secret goes nowhere else.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..base.errors import ExitCode
from ..base.once import Once
from ..base.secret import Secret
from ..base.values import dataclass, field
from ..spec.references import ALL_KINDS, references_in
from .client import SecretResolver
from .handshake import Phase, mask, printable

if TYPE_CHECKING:
    import http.client

MAX_ANSWER = 64 * 1024
"""Bytes of an answer that are read."""

MAX_SHOWN = 300
_PHASE = "token"


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What the request is made of; equal ones are made once a run."""

    endpoint: str
    client_id: str
    client_secret: Secret = field(repr=False)
    scope: str

    @property
    def missing(self) -> tuple[str, ...]:
        """What is empty; then the adapter makes no request."""
        named = {
            "the client id": self.client_id,
            "the client secret": self.client_secret.reveal(),
            "the token endpoint": self.endpoint,
            "the scopes": self.scope,
        }
        return tuple(name for name, value in named.items() if not value.strip())


@dataclass(frozen=True, slots=True)
class TokenResult:
    """What came of it: the token, or why there is none; *client_fails* says that the server's own client has none either."""

    phase: Phase
    token: Secret | None = None
    exit_code: int = 0
    client_fails: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes = field(repr=False)
    cut: bool = False


class TokenSource:
    """Fetch tokens, each once.

    Args:
        ca_pem: The server's trust store; None for this machine's.
        timeout: Seconds for one request, all in all.
        allow_cleartext: Send the secret to an endpoint without TLS.
    """

    def __init__(self, ca_pem: str | None, *, timeout: float, allow_cleartext: bool = False) -> None:
        self._timeout, self._allow_cleartext = timeout, allow_cleartext
        self._ca_pem = ca_pem
        self._known: Once[TokenRequest, TokenResult] = Once()

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """Checks chain and name; every certificate of the store is an anchor, as in Java."""
        context = ssl.create_default_context(cadata=self._ca_pem) if self._ca_pem else ssl.create_default_context()
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
        return context

    def fetch(self, request: TokenRequest) -> TokenResult:
        """Return the token for a request, or what went wrong; nothing is raised for what a peer does."""
        return self._known.get(request, lambda: self._fetch(request))

    def _fetch(self, request: TokenRequest) -> TokenResult:
        if request.missing:
            detail = f"no request: {' and '.join(request.missing)} {'is' if len(request.missing) == 1 else 'are'} empty"
            return _failed(detail, ExitCode.AUTHENTICATION)
        from urllib.parse import urlsplit

        try:
            url = urlsplit(request.endpoint)
            host, port, https = url.hostname, url.port, url.scheme.lower() == "https"
        except ValueError:
            host, port, https = None, None, False
        if not host or url.scheme.lower() not in ("http", "https") or not request.endpoint.isascii():
            return _failed("the token endpoint is no URL that can be used", ExitCode.REFUSED)
        if not https and not self._allow_cleartext:
            detail = "the token endpoint has no TLS: the client secret would go out in clear text"
            return TokenResult(Phase(_PHASE, "withheld", detail=detail), exit_code=ExitCode.TLS)
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        context = self._context if https else None
        started = time.monotonic()
        outcome = _timed(lambda stop: _post(host, port, target, request, context, self._timeout, stop), self._timeout)
        ms = round((time.monotonic() - started) * 1000, 1)
        return _judged(outcome, request, ms)


class _Stop:
    """Lets the one who waits end a connection that another thread reads from."""

    def __init__(self) -> None:
        self.connection: http.client.HTTPConnection | None = None

    def __call__(self) -> None:
        opened = self.connection.sock if self.connection else None
        if opened is not None:
            with suppress(OSError):  # it may be over already
                opened.shutdown(socket.SHUT_RDWR)


def _timed(work: Callable[[_Stop], _Answer], seconds: float) -> _Answer | Exception:
    """Do *work* in a thread: neither the resolver nor an answer that comes a byte at a time keeps to a time-out."""
    found: list[_Answer | Exception] = []
    stop = _Stop()

    def run() -> None:
        try:
            found.append(work(stop))
        except Exception as error:
            found.append(error)

    thread = threading.Thread(target=run, daemon=True, name="mailwright-token")
    thread.start()
    thread.join(seconds)
    if not found:
        stop()
        return TimeoutError()
    return found[0]


def _post(
    host: str, port: int | None, target: str, request: TokenRequest, context: ssl.SSLContext | None, timeout: float, stop: _Stop
) -> _Answer:
    import http.client
    from urllib.parse import urlencode

    fields = {
        "client_id": request.client_id,
        "client_secret": request.client_secret.reveal(),
        "scope": request.scope,
        "grant_type": "client_credentials",
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json", "Connection": "close"}
    connection: http.client.HTTPConnection
    if context is None:
        connection = http.client.HTTPConnection(host, port, timeout=timeout)
    else:
        connection = http.client.HTTPSConnection(host, port, timeout=timeout, context=context)
    stop.connection = connection
    try:
        connection.request("POST", target, urlencode(fields), headers)
        with connection.getresponse() as response:
            body = response.read(MAX_ANSWER + 1)
            return _Answer(response.status, body[:MAX_ANSWER], cut=len(body) > MAX_ANSWER)
    finally:
        connection.close()


def _failed(detail: str, exit_code: int, *, code: int | None = None, reply: str = "", ms: float = 0.0) -> TokenResult:
    return TokenResult(Phase(_PHASE, "failed", code, reply, ms, detail), exit_code=int(exit_code), client_fails=True)


def _judged(outcome: _Answer | Exception, request: TokenRequest, ms: float) -> TokenResult:
    if isinstance(outcome, Exception):
        detail, exit_code = _reason(outcome)
        return _failed(detail, exit_code, ms=ms)
    answer = _fields(outcome.body)
    token = answer.get("access_token")
    sent = [request.client_secret.reveal(), token if isinstance(token, str) else ""]
    if isinstance(token, str) and token and token.isascii() and token.isprintable():
        notes = [] if outcome.status < 400 else [f"status {outcome.status}: the server ignores it, and takes the token"]
        expires = answer.get("expires_in")
        if isinstance(expires, int) and not isinstance(expires, bool):
            notes.append(f"valid for {expires} s; the server renews it only after a refusal")
        return TokenResult(Phase(_PHASE, "ok", outcome.status, "", ms, "; ".join(notes)), Secret(token, "<access token>"))
    said = " ".join(str(answer[name]) for name in ("error", "error_description") if isinstance(answer.get(name), str))
    reply = mask(printable(said), sent)[:MAX_SHOWN]
    if 300 <= outcome.status < 400:
        detail, exit_code = "the endpoint redirects, and the server does not follow", ExitCode.REFUSED
    elif outcome.cut:
        detail, exit_code = f"the answer is larger than {MAX_ANSWER >> 10} KiB", ExitCode.REFUSED
    elif not answer:
        detail, exit_code = "the answer is no JSON object", ExitCode.REFUSED
    else:
        known = _MEANINGS.get(str(answer.get("error")))
        detail = f"the answer has no access token{f': {known}' if known else ''}"
        refused = known is not None or (outcome.status in (400, 401, 403) and "error" in answer)
        exit_code = ExitCode.AUTHENTICATION if refused else ExitCode.REFUSED
    return _failed(detail, exit_code, code=outcome.status, reply=reply, ms=ms)


_MEANINGS = {
    "invalid_client": "the client id or the client secret is wrong, or the client may not send its secret in the form",
    "invalid_scope": "the scopes are not known, or not granted to this client",
    "unauthorized_client": "the client may not use the grant client_credentials",
    "unsupported_grant_type": "the endpoint does not know the grant client_credentials",
    "invalid_request": "the endpoint wants something else than the four fields that the server sends",
}


def _fields(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _reason(error: Exception) -> tuple[str, ExitCode]:
    from http.client import HTTPException

    if isinstance(error, TimeoutError):
        return "timed out; the server would wait without limit", ExitCode.UNREACHABLE
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the endpoint's certificate does not verify: {printable(error.verify_message)}", ExitCode.TLS
    if isinstance(error, ssl.SSLError):
        return f"no TLS with the endpoint: {(error.reason or 'TLS failed').replace('_', ' ').lower()}", ExitCode.TLS
    if isinstance(error, socket.gaierror):
        return "the endpoint's name does not resolve", ExitCode.UNREACHABLE
    if isinstance(error, HTTPException):
        return "the endpoint does not speak HTTP", ExitCode.REFUSED
    if isinstance(error, OSError):
        return f"the endpoint is not reachable: {(error.strerror or 'the connection is lost').lower()}", ExitCode.UNREACHABLE
    return "the request could not be made: not a usable host name or port", ExitCode.UNREACHABLE


_REQUESTED = ("mail.smtp.tokenEndpoint", "mail.smtp.clientId", "mail.smtp.clientSecret", "mail.smtp.scopes")
_RESOLVED = tuple(kind for kind in ALL_KINDS if kind != "ref")


def token_request(properties: Mapping[str, str], resolve: SecretResolver) -> tuple[TokenRequest, str]:
    """Return the request that the adapter makes, and the reference that is not resolved here, if one is not."""
    unresolved = ""
    values: list[Secret] = []
    for name in _REQUESTED:
        text = properties.get(name, "")
        found = Secret(text)
        if mentioned := references_in(text, _RESOLVED):
            found = resolve(text) or Secret("")
            unresolved = unresolved or (mentioned[0].shown if not found else "")
        values.append(found)
    endpoint, client_id, client_secret, scopes = values
    return TokenRequest(endpoint.reveal(), client_id.reveal(), client_secret, scopes.reveal()), unresolved
