"""The token request over real sockets: what the product does with an answer, what the endpoint said, and hostile endpoints."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs

import pytest

from mailwright.base.secret import Secret
from mailwright.sandbox.ca import Authority
from mailwright.verification.tokens import MAX_ANSWER, TokenRequest, TokenResult, TokenSource, token_request

pytestmark = pytest.mark.network

HOST = "127.0.0.1"
SECRET, TOKEN = "canary-client-s3cret/+=", "canary-acc3ss-token"
AUTHORITY = Authority("Token CA")


class Endpoint:
    """Answer each request with bytes, over TLS or not; keep what came."""

    def __init__(
        self, answer: bytes | Callable[[socket.socket], None], *, tls: bool = True, names: tuple[str, ...] = (HOST,)
    ) -> None:
        self._answer = answer
        self._context = AUTHORITY.server_context(names) if tls else None
        self._listener = socket.create_server((HOST, 0))
        self.url = f"http{'s' if tls else ''}://{HOST}:{self._listener.getsockname()[1]}/token"
        self.requests: list[bytes] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(61)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(60)
            with connection, suppress(OSError):
                wrapped = self._context.wrap_socket(connection, server_side=True) if self._context else connection
                with wrapped:
                    self.requests.append(self._read(wrapped))
                    if callable(self._answer):
                        self._answer(wrapped)
                    else:
                        wrapped.sendall(self._answer)
                    with suppress(OSError):
                        wrapped.shutdown(socket.SHUT_WR)
                    wrapped.recv(1)

    @staticmethod
    def _read(connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data or len(data.partition(b"\r\n\r\n")[2]) < _length(data):
            more = connection.recv(4096)
            if not more:
                break
            data += more
        return data


def _length(data: bytes) -> int:
    head = data.partition(b"\r\n\r\n")[0].lower()
    return int(head.partition(b"content-length:")[2].split(b"\r\n")[0])


def http(status: str, body: object, *headers: str) -> bytes:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = "".join(f"{header}\r\n" for header in (f"Content-Length: {len(text)}", *headers))
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + text


def request(url: str, **changes: str) -> TokenRequest:
    fields = {"endpoint": url, "client_id": "the-id", "scope": "a b", **changes}
    return TokenRequest(client_secret=Secret(fields.pop("client_secret", SECRET)), **fields)


def source(*, ca_pem: str | None = AUTHORITY.ca_pem, timeout: float = 60.0, allow_cleartext: bool = False) -> TokenSource:
    return TokenSource(ca_pem, timeout=timeout, allow_cleartext=allow_cleartext)


def fetch(answer: bytes | Callable[[socket.socket], None], *, timeout: float = 60.0) -> TokenResult:
    with Endpoint(answer) as endpoint:
        result = source(timeout=timeout).fetch(request(endpoint.url))
    for secret in (SECRET, TOKEN, SECRET[::-1], base64.b64encode(SECRET.encode()).decode().rstrip("=")):
        assert secret not in repr(result)
    return result


def test_the_request_is_that_of_the_product_and_is_made_once() -> None:
    with Endpoint(http("200 OK", {"access_token": TOKEN, "expires_in": 3599})) as endpoint:
        tokens = source()
        results: list[TokenResult] = []
        threads = [threading.Thread(target=lambda: results.append(tokens.fetch(request(endpoint.url)))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        other = tokens.fetch(request(endpoint.url, scope="another"))
    assert len(endpoint.requests) == 2
    assert all(result.token is not None and result.token.reveal() == TOKEN for result in [*results, other])
    head, _, body = endpoint.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /token HTTP/1.1\r\n")
    assert b"authorization" not in head.lower()
    fields = parse_qs(body.decode(), strict_parsing=True)
    assert fields == {
        "client_id": ["the-id"],
        "client_secret": [SECRET],
        "scope": ["a b"],
        "grant_type": ["client_credentials"],
    }
    assert (results[0].phase.name, results[0].phase.status, results[0].phase.code, results[0].exit_code) == (
        "token",
        "ok",
        200,
        0,
    )
    assert "3599" in results[0].phase.detail


def test_the_status_is_ignored_as_the_product_does() -> None:
    result = fetch(http("500 Oops", {"access_token": TOKEN}))
    assert result.token is not None
    assert (result.phase.status, result.phase.code, result.exit_code) == ("ok", 500, 0)
    assert "the server ignores it" in result.phase.detail


REFUSALS = {
    "invalid_client": (
        http("401 No", {"error": "invalid_client", "error_description": f"bad {SECRET}"}),
        4,
        "client secret is wrong",
    ),
    "reversed": (
        http("401 No", {"error": "invalid_client", "error_description": f"bad {SECRET[::-1]}"}),
        4,
        "client secret is wrong",
    ),
    "encoded": (
        http("400 No", {"error": "x", "error_description": base64.b64encode(SECRET.encode()).decode()}),
        4,
        "no access token",
    ),
    "invalid_scope": (http("400 No", {"error": "invalid_scope"}), 4, "the scopes are not known"),
    "no token": (http("200 OK", {"token_type": "Bearer"}), 6, "no access token"),
    "token is no text": (http("200 OK", {"access_token": ["x"]}), 6, "no access token"),
    "token with a line end": (http("200 OK", {"access_token": "a\r\nRCPT TO:<x>"}), 6, "no access token"),
    "empty": (http("200 OK", b""), 6, "no JSON object"),
    "HTML": (http("200 OK", b"<html>"), 6, "no JSON object"),
    "deep": (http("200 OK", b"[" * 60_000), 6, "no JSON object"),
    "redirect": (http("302 Found", b"", "Location: https://127.0.0.1:1/x"), 6, "does not follow"),
    "large": (http("200 OK", b" " * (MAX_ANSWER + 1)), 6, "larger than 64 KiB"),
    "no HTTP": (b"220 smtp.example.com ESMTP\r\n", 6, "does not speak HTTP"),
    "nothing": (b"", 6, "does not speak HTTP"),
    "control characters": (http("400 No", {"error": "x\u001b[31m", "error_description": "y\r\nz"}), 4, "no access token"),
}


@pytest.mark.parametrize(("answer", "code", "detail"), REFUSALS.values(), ids=list(REFUSALS))
def test_no_token(answer: bytes, code: int, detail: str) -> None:
    result = fetch(answer)
    assert (result.token, result.phase.status, result.exit_code, result.client_fails) == (None, "failed", code, True)
    assert detail in result.phase.detail
    assert (result.phase.reply + result.phase.detail).isprintable()
    if detail.startswith("client secret"):
        assert result.phase.reply.startswith("invalid_client") or result.phase.reply == "<sent>"


def test_a_redirect_is_not_followed() -> None:
    with Endpoint(http("200 OK", {"access_token": TOKEN}), tls=False) as target:
        result = fetch(http("307 Elsewhere", b"", f"Location: {target.url}"))
    assert (result.phase.code, result.token) == (307, None)
    assert target.requests == []


def slowly(connection: socket.socket) -> None:
    for _ in range(1000):
        connection.sendall(b"H")
        time.sleep(0.05)


@pytest.mark.parametrize("answer", [slowly, lambda connection: connection.recv(1)], ids=["a byte at a time", "silent"])
def test_a_slow_endpoint_times_out(answer: Callable[[socket.socket], None]) -> None:
    started = time.monotonic()
    result = fetch(answer, timeout=0.5)
    assert time.monotonic() - started < 20
    assert (result.phase.status, result.exit_code) == ("failed", 3)
    assert "timed out" in result.phase.detail


def test_no_secret_goes_out_in_clear_unless_told() -> None:
    with Endpoint(http("200 OK", {"access_token": TOKEN}), tls=False) as endpoint:
        result = source().fetch(request(endpoint.url))
        assert (result.phase.status, result.exit_code, result.client_fails) == ("withheld", 5, False)
        assert endpoint.requests == []
        assert source(allow_cleartext=True).fetch(request(endpoint.url)).token is not None
        assert len(endpoint.requests) == 1


@pytest.mark.parametrize("case", ["unknown CA", "wrong name"])
def test_no_secret_goes_to_a_peer_that_does_not_verify(case: str) -> None:
    names = (HOST,) if case == "unknown CA" else ("another.example",)
    with Endpoint(http("200 OK", {"access_token": TOKEN}), names=names) as endpoint:
        ca_pem = Authority().ca_pem if case == "unknown CA" else AUTHORITY.ca_pem
        result = source(ca_pem=ca_pem).fetch(request(endpoint.url))
    assert (result.phase.status, result.exit_code) == ("failed", 5)
    assert "does not verify" in result.phase.detail
    assert not any(b"POST" in sent for sent in endpoint.requests)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://nonexistent.invalid/x", 3),
        ("https://127.0.0.1:1/x", 3),
        ("ftp://127.0.0.1/x", 6),
        ("https://", 6),
        ("https://[::1", 6),
        ("https://a:99999/x", 6),
        ("https://b\u00fccher.example/x", 6),
        ("https://127.0.0.1:1/a b\r\nX: y", 6),
        ("https://" + "a" * 300 + "/x", 3),
    ],
)
def test_endpoints_that_cannot_be_used(url: str, code: int) -> None:
    result = source().fetch(request(url))
    assert (result.token, result.exit_code, result.phase.status) == (None, code, "failed")
    assert "canary" not in repr(result)


@pytest.mark.parametrize("name", ["endpoint", "client_id", "client_secret", "scope"])
def test_without_all_four_there_is_no_request(name: str) -> None:
    result = source().fetch(request("https://127.0.0.1:1/x", **{name: " "}))
    assert (result.exit_code, result.client_fails) == (4, True)
    assert result.phase.detail.startswith("no request: ")


def test_what_the_request_is_made_of() -> None:
    properties = {
        "mail.smtp.authType": "client_credential",
        "mail.smtp.clientId": "i",
        "mail.smtp.clientSecret": "$secret{s}",
        "mail.smtp.tokenEndpoint": "https://t",
        "mail.smtp.scopes": "x",
    }
    assert token_request(properties, lambda _: None)[1] == "$secret{s}"
    made, unresolved = token_request(properties, lambda reference: Secret("v", reference))
    assert unresolved == ""
    assert made == TokenRequest("https://t", "i", Secret("v"), "x")


@pytest.fixture(scope="module", autouse=True)
def _no_threads_stay() -> Iterator[None]:
    yield
    ends = time.monotonic() + 60
    while any(thread.name == "mailwright-token" for thread in threading.enumerate()) and time.monotonic() < ends:
        time.sleep(0.05)
    assert not any(thread.name == "mailwright-token" for thread in threading.enumerate())
