"""HTTP without a server: what is repeated, how long it is waited, what aiohttp's errors become; tokens; what a server says."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any, Self
from urllib.parse import parse_qs

import aiohttp
import pytest
from in_process import AUTHORITY, CONTEXT, answer

from mailwright.base.errors import AuthenticationRefused, ConnectionFailed, MailwrightError, PeerRefused, TlsFailed, UsageError
from mailwright.base.secret import Secret
from mailwright.tenants import credentials as credentials_module
from mailwright.tenants import transport as transport_module
from mailwright.tenants.credentials import TENANT_SCOPES, Credentials, Gate, Login, Task, tenant_path
from mailwright.tenants.peer import refusal
from mailwright.tenants.planner import DomainSet
from mailwright.tenants.transport import MAX_ANSWER, Answer, Limits, Transport, Unanswered, shown_address, tls_context
from products import parse_release

ADDRESS = "https://is.example.com:9443"
TLS_HINT = "--ca-file PEM names the authority that issued the server's certificate"


def connection_key() -> Any:
    return aiohttp.client_reqrep.ConnectionKey("is.example.com", 9443, True, None, None, None, None)


class Scripted(Transport):
    """A transport whose requests end as a script says; pauses are noted, and not waited for."""

    def __init__(self, *script: Any, limits: Limits | None = None) -> None:
        super().__init__(ADDRESS, CONTEXT, limits or Limits(attempts=3))
        self.script = list(script)
        self.paused: list[tuple[int, float | None]] = []
        self.asked: list[tuple[str, str, dict[str, str], bytes | None]] = []

    def pause(self, attempt: int, asked: float | None = None) -> float:
        self.paused.append((attempt, asked))
        return 0.0

    async def _once(self, method: str, path: str, headers: Any, body: bytes | None) -> Answer:
        self.asked.append((method, path, dict(headers), body))
        found = self.script.pop(0)
        if isinstance(found, BaseException):
            raise found
        assert isinstance(found, Answer)
        return found


GONE, LOST = ConnectionFailed("gone"), Unanswered("lost")
BUSY = Answer(429, b"", 7.0)


# what is repeated


@pytest.mark.parametrize(
    ("script", "repeatable", "result", "pauses"),
    [
        ((answer(200),), False, 200, []),
        ((answer(302),), True, 302, []),
        ((answer(404),), True, 404, []),
        ((BUSY, answer(200)), False, 200, [(1, 7.0)]),
        ((BUSY, BUSY, BUSY), False, 429, [(1, 7.0), (2, 7.0)]),
        ((answer(500), answer(200)), True, 200, [(1, None)]),
        ((answer(502), answer(503), answer(504)), True, 504, [(1, None), (2, None)]),
        ((answer(501),), True, 501, []),
        ((answer(500),), False, 500, []),
        ((GONE, answer(200)), False, 200, [(1, None)]),
        ((GONE, GONE, GONE), False, GONE, [(1, None), (2, None)]),
        ((LOST, answer(200)), True, 200, [(1, None)]),
        ((LOST,), False, LOST, []),
        ((LOST, GONE, LOST), True, LOST, [(1, None), (2, None)]),
        ((TlsFailed("no"),), True, "no", []),
    ],
)
def test_what_is_repeated(script: tuple[Any, ...], repeatable: bool, result: Any, pauses: list[Any]) -> None:
    transport = Scripted(*script)
    ask = transport.send("GET", "/x?a=b", headers={"A": "b"}, body=b"c", repeatable=repeatable)
    if isinstance(result, int):
        assert asyncio.run(ask).status == result
    else:
        with pytest.raises(MailwrightError, match=str(result)):
            asyncio.run(ask)
    assert transport.paused == pauses
    assert transport.requests == len(script)
    assert transport.asked == [("GET", "/x?a=b", {"A": "b"}, b"c")] * len(script)


@pytest.mark.parametrize(
    ("attempt", "asked", "low", "high"),
    [(1, None, 0, 0.4), (2, None, 0, 0.8), (5, None, 0, 5.0), (9, None, 0, 5.0), (1, 3.0, 3.0, 3.4), (1, 60.0, 5.0, 5.4)],
)
def test_pauses(attempt: int, asked: float | None, low: float, high: float) -> None:
    transport = Transport(ADDRESS, CONTEXT, Limits(longest=5.0))
    drawn = [transport.pause(attempt, asked) for _ in range(300)]
    assert low <= min(drawn) < low + (high - low) / 4
    assert high - (high - low) / 4 < max(drawn) <= high


@pytest.mark.parametrize(("rate", "waits"), [(None, []), (4.0, [0.25, 0.5, 0.75])])
def test_the_rate_is_kept(rate: float | None, waits: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(transport_module, "time", SimpleNamespace(monotonic=lambda: 0.0))
    monkeypatch.setattr(transport_module, "asyncio", SimpleNamespace(sleep=sleep))
    transport = Scripted(*[answer(200)] * 3, limits=Limits(rate=rate))

    async def work() -> None:
        for _ in range(3):
            await transport.send("GET", "/", repeatable=True)

    asyncio.run(work())
    assert slept == pytest.approx(waits)


# what aiohttp's answers and errors become


class Session:
    """A session of aiohttp's with one response, or an error."""

    def __init__(
        self, status: int = 200, pieces: tuple[Any, ...] = (b"{}",), error: BaseException | None = None, **headers: str
    ) -> None:
        self.status, self._pieces, self._error = status, pieces, error
        self.headers = {name.replace("_", "-"): text for name, text in headers.items()}
        self.content = self
        self.asked: tuple[Any, ...] = ()

    def request(self, *asked: Any, **options: Any) -> Self:
        self.asked = (*map(str, asked), options)
        return self

    async def __aenter__(self) -> Self:
        if self._error is not None:
            raise self._error
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def iter_any(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, BaseException):
                raise piece
            yield piece


def ask(session: Session) -> Answer:
    transport = Transport(ADDRESS, CONTEXT, Limits(attempts=1))
    transport._session = session  # type: ignore[assignment]
    return asyncio.run(transport.send("PUT", "/t/a%2Fb", headers={"X": "y"}, body=b"z", repeatable=True))


def test_an_answer_in_pieces() -> None:
    session = Session(201, (b'{"a": ', b"1}"), Retry_After="12")
    got = ask(session)
    assert (got.status, got.json(), got.retry_after) == (201, {"a": 1}, 12.0)
    wanted = {"headers": {"X": "y"}, "data": b"z", "allow_redirects": False}
    assert session.asked == ("PUT", ADDRESS + "/t/a%2Fb", wanted)
    assert "a" not in repr(got).replace("Answer", "").replace("status", "").replace("retry_after", "")


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [("0", 0, 0), (" 5 ", 5, 5), ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0), ("Fri, 31 Dec 2100 23:59:59 GMT", 1e9, 1e11)],
)
def test_retry_after(header: str, low: float, high: float) -> None:
    asked = ask(Session(200, Retry_After=header)).retry_after
    assert asked is not None
    assert low <= asked <= high


@pytest.mark.parametrize("headers", [{}, {"Retry_After": ""}, {"Retry_After": "soon"}, {"Retry_After": "-1"}])
def test_no_retry_after(headers: dict[str, str]) -> None:
    assert ask(Session(200, **headers)).retry_after is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 100_000])
def test_what_is_no_json(body: bytes) -> None:
    assert Answer(200, body).json() is None


def test_how_much_of_an_answer_is_read() -> None:
    assert len(ask(Session(200, (b" " * MAX_ANSWER,))).body) == MAX_ANSWER
    with pytest.raises(PeerRefused) as caught:
        ask(Session(200, (b" " * MAX_ANSWER, b" ")))
    assert caught.value.message == "the server's answer is larger than 4 MiB"


def _verify_error() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "x")
    error.verify_message = "certificate has expired"
    return error


def _ssl_error() -> ssl.SSLError:
    error = ssl.SSLError(1, "x")
    error.reason = "WRONG_VERSION_NUMBER"
    return error


REFUSED = ConnectionRefusedError(111, "Connection refused")
ERRORS: list[tuple[Callable[[], BaseException], type[MailwrightError], str]] = [
    (
        lambda: aiohttp.ClientConnectorCertificateError(connection_key(), _verify_error()),
        TlsFailed,
        f"TLS with {ADDRESS}: certificate has expired",
    ),
    (
        lambda: aiohttp.ClientConnectorSSLError(connection_key(), _ssl_error()),
        TlsFailed,
        f"TLS with {ADDRESS}: wrong version number",
    ),
    (
        lambda: aiohttp.ClientConnectorSSLError(connection_key(), ssl.SSLError(1)),
        TlsFailed,
        f"TLS with {ADDRESS}: the handshake failed",
    ),
    (
        lambda: aiohttp.ClientConnectorError(connection_key(), REFUSED),
        ConnectionFailed,
        f"{ADDRESS} is not reachable: Connection refused",
    ),
    (lambda: aiohttp.ConnectionTimeoutError("canary"), ConnectionFailed, f"{ADDRESS} is not reachable: no connection in time"),
    (TimeoutError, Unanswered, f"{ADDRESS} did not answer in time"),
    (lambda: aiohttp.ServerDisconnectedError("canary"), Unanswered, f"{ADDRESS} broke off before its answer was complete"),
    (lambda: aiohttp.ClientPayloadError("canary"), Unanswered, f"{ADDRESS} broke off before its answer was complete"),
]


@pytest.mark.parametrize(("make", "kind", "message"), ERRORS)
@pytest.mark.parametrize("late", [False, True])
def test_errors(make: Callable[[], BaseException], kind: type[MailwrightError], message: str, late: bool) -> None:
    with pytest.raises(MailwrightError) as caught:
        ask(Session(pieces=(b"x", make())) if late else Session(error=make()))
    assert (type(caught.value), caught.value.message) == (kind, message)
    assert caught.value.hint == (TLS_HINT if kind is TlsFailed else None)


def test_a_session_is_made_and_closed() -> None:
    async def work() -> aiohttp.ClientSession:
        async with Transport(ADDRESS, CONTEXT, Limits(concurrency=3, timeout=7, connect=2)) as transport:
            session = transport._session
            assert session is not None
            assert session.connector is not None
            assert (session.connector.limit, session.timeout.total, session.timeout.sock_connect) == (3, 9, 2)
            assert session.headers == {"User-Agent": "mailwright", "Accept": "application/json"}
            assert isinstance(session.cookie_jar, aiohttp.DummyCookieJar)
            return session

    assert asyncio.run(work()).closed


def test_without_aiohttp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "aiohttp", None)
    transport = Transport(ADDRESS, CONTEXT, Limits())
    with pytest.raises(UsageError) as caught:
        asyncio.run(transport.__aenter__())
    assert caught.value.message == "this command needs aiohttp, which is not installed"
    assert caught.value.hint == "pip install 'mailwright[tenants]'"


# whether the server is there


def reach(*script: BaseException | None, attempts: int = 3) -> int:
    """Reach for a server; return how often it was tried."""
    left, aborted = list(script), []

    async def connect(host: str, port: int, **options: Any) -> tuple[None, Any]:
        assert (host, port, list(options)) == ("is.example.com", 9443, ["ssl"])
        error = left.pop(0)
        if error is not None:
            raise error
        return None, SimpleNamespace(transport=SimpleNamespace(abort=lambda: aborted.append(True)))

    async def work() -> None:
        transport = Scripted(limits=Limits(attempts=attempts))
        await transport.reach()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio, "open_connection", connect)
        asyncio.run(work())
    assert aborted == [True]
    return len(script) - len(left)


@pytest.mark.parametrize(("script", "tries"), [((None,), 1), ((REFUSED, None), 2), ((TimeoutError(), REFUSED, None), 3)])
def test_reach(script: tuple[BaseException | None, ...], tries: int) -> None:
    assert reach(*script) == tries


@pytest.mark.parametrize(
    ("script", "kind", "message"),
    [
        ((_verify_error(),), TlsFailed, f"TLS with {ADDRESS}: certificate has expired"),
        ((REFUSED, _ssl_error()), TlsFailed, f"TLS with {ADDRESS}: wrong version number"),
        ((REFUSED,) * 3, ConnectionFailed, f"{ADDRESS} is not reachable: Connection refused"),
        ((TimeoutError(),) * 3, ConnectionFailed, f"{ADDRESS} is not reachable: no connection in time"),
        (
            (socket.gaierror(-2, "Name or service not known"),) * 3,
            ConnectionFailed,
            f"{ADDRESS} is not reachable: Name or service not known",
        ),
    ],
)
def test_who_is_not_reached(script: tuple[BaseException, ...], kind: type[MailwrightError], message: str) -> None:
    with pytest.raises(MailwrightError) as caught:
        reach(*script)
    assert (type(caught.value), caught.value.message) == (kind, message)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://is.example.com:443", "https://is.example.com"),
        ("https://is.example.com:443/x/y", "https://is.example.com/x/y"),
        ("https://is.example.com:9443", "https://is.example.com:9443"),
        ("https://[::1]:443", "https://[::1]"),
    ],
)
def test_addresses_are_written_as_people_write_them(address: str, shown: str) -> None:
    assert shown_address(address) == shown


def test_a_context_that_does_not_verify() -> None:
    assert tls_context(None).verify_mode is ssl.CERT_REQUIRED
    lax = tls_context(None, verify=False)
    assert (lax.check_hostname, lax.verify_mode) == (False, ssl.CERT_NONE)
    assert lax.minimum_version is ssl.TLSVersion.TLSv1_2


def test_the_authority_of_a_file(tmp_path: Any) -> None:
    file = tmp_path / "ca.pem"
    file.write_text(f"a remark: \u00e4\n{AUTHORITY.ca_pem}", encoding="utf-8")
    assert tls_context(str(file)).cert_store_stats()["x509_ca"] == 1


# tokens

CLIENT = Credentials(Login.OAUTH, "a client:", Secret("canary+secret"))
ADMIN = Credentials(Login.BASIC, "admin", Secret("canary-word"))
NEWEST = parse_release("7.3.0")


def bought(token: Any, **more: Any) -> Answer:
    return answer(200, {"access_token": token, **more})


def gate(*script: Any, kept: int = 4096, task: Task = Task.READ) -> tuple[Gate, Scripted]:
    transport = Scripted(*script, limits=Limits(attempts=1))
    return Gate(transport, NEWEST, task, kept=kept), transport


def test_an_administrator_needs_no_token() -> None:
    held, transport = gate()
    shown = asyncio.run(held.show("a.example", ADMIN))
    pair = base64.b64encode(b"admin:canary-word").decode()
    assert (shown.header, shown.sent) == (f"Basic {pair}", ("canary-word", pair))
    assert repr(shown) == "Pass()"
    assert transport.asked == []
    assert held.drop("a.example", ADMIN) is False


@pytest.mark.parametrize(
    ("domain", "path", "scope"),
    [
        ("a.example", "/t/a.example/oauth2/token", "internal_notification_senders_view"),
        ("carbon.super", "/oauth2/token", TENANT_SCOPES),
    ],
)
def test_a_token_is_bought_and_kept(domain: str, path: str, scope: str) -> None:
    held, transport = gate(bought("t0ken"), bought("second"))

    async def work() -> list[str]:
        passes = [(await held.show(domain, CLIENT)).header for _ in range(2)]
        assert held.drop(domain, CLIENT) is True
        assert held.drop(domain, CLIENT) is False
        return [*passes, (await held.show(domain, CLIENT)).header]

    assert asyncio.run(work()) == ["Bearer t0ken", "Bearer t0ken", "Bearer second"]
    method, asked, headers, body = transport.asked[0]
    assert (method, asked, headers["Content-Type"]) == ("POST", path, "application/x-www-form-urlencoded")
    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")) == b"a+client%3A:canary%2Bsecret"
    assert parse_qs((body or b"").decode()) == {"grant_type": ["client_credentials"], "scope": [scope]}


def test_a_sub_organization_s_token_is_changed_for_its_tenant_s() -> None:
    held, transport = gate(bought("own"), bought("switched"))
    assert asyncio.run(held.show("a.example/o/0b2c", CLIENT)).header == "Bearer switched"
    assert [path for _, path, _, _ in transport.asked] == ["/t/a.example/oauth2/token"] * 2
    assert parse_qs((transport.asked[1][3] or b"").decode()) == {
        "grant_type": ["organization_switch"],
        "token": ["own"],
        "switching_organization": ["0b2c"],
        "scope": ["internal_org_notification_senders_view"],
    }


@pytest.mark.parametrize(
    ("lifetime", "after", "again"),
    [
        (3600, 3569, False), (3600, 3571, True), (40, 19, False), (40, 21, True), (None, 29, False), (None, 31, True), (-1, 29, False),
        ("soon", 31, True), (0.5, 0.2, False), (0.5, 0.3, True),
    ],
)  # fmt: skip
def test_how_long_a_token_is_kept(lifetime: Any, after: float, again: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(credentials_module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    held, transport = gate(bought("first", expires_in=lifetime), bought("second"))

    async def work() -> str:
        await held.show("a.example", CLIENT)
        now[0] += after
        return (await held.show("a.example", CLIENT)).header

    assert asyncio.run(work()) == ("Bearer second" if again else "Bearer first")
    assert len(transport.asked) == 1 + again


def test_only_so_many_tokens_are_kept() -> None:
    held, _ = gate(*(bought(f"t{number}") for number in range(5)), kept=2)

    async def work() -> list[str]:
        order = ("a", "b", "a", "c", "a", "b")
        return [(await held.show(f"{name}.example", CLIENT)).header for name in order]

    assert asyncio.run(work()) == ["Bearer t0", "Bearer t1", "Bearer t0", "Bearer t2", "Bearer t0", "Bearer t3"]


REFUSAL = "the token endpoint refuses the application: HTTP {}"
OWN = "credentials are per tenant: the application must be one of a.example (product/api.md#credentials-per-tenant)"
NO_TOKEN = "the token endpoint answered without a token"
URL = "is this URL the Identity Server's own?"


@pytest.mark.parametrize(
    ("said", "kind", "message", "hint", "status"),
    [
        (answer(401), AuthenticationRefused, REFUSAL.format(401), OWN, 401),
        (answer(400), AuthenticationRefused, REFUSAL.format(400), OWN, 400),
        (answer(403), AuthenticationRefused, "POST to the token endpoint: HTTP 403", ..., 403),
        (answer(418), PeerRefused, "POST to the token endpoint: HTTP 418", None, 418),
        (
            answer(400, {"error": "x canary+secret"}),
            AuthenticationRefused,
            f"{REFUSAL.format(400)}: the server says: <sent>",
            OWN,
            400,
        ),
        (answer(200, []), PeerRefused, NO_TOKEN, URL, None),
        (bought(""), PeerRefused, NO_TOKEN, URL, None),
        (bought(7), PeerRefused, NO_TOKEN, URL, None),
        (bought("a b"), PeerRefused, "the token endpoint answered with something that is not a token", None, None),
        (bought("t\u00f6ken"), PeerRefused, "the token endpoint answered with something that is not a token", None, None),
    ],
)
def test_no_token(said: Answer, kind: type[MailwrightError], message: str, hint: Any, status: int | None) -> None:
    held, _ = gate(said)
    with pytest.raises(MailwrightError) as caught:
        asyncio.run(held.show("a.example", CLIENT))
    error = caught.value
    assert (type(error), error.message, error.status) == (kind, message, status)
    assert hint is ... or error.hint == hint


@pytest.mark.parametrize(
    ("domain", "path"),
    [
        ("carbon.super", ""),
        ("a.example", "/t/a.example"),
        ("a.example/o/0b2c", "/t/a.example/o"),
        ("a/b?c", "/t/a%2Fb%3Fc"),
        ("carbon.super/o/x", ""),
    ],
)
def test_paths(domain: str, path: str) -> None:
    assert tenant_path(domain) == path


# what a server says


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        (
            answer(500, {"code": "SE-50000"}),
            "GET: HTTP 500: the server says: SE-50000",
            "the server broke on the request; see its log",
        ),
        (answer(302), "GET: HTTP 302", "redirects are not followed: --server must name the server itself"),
        (answer(399), "GET: HTTP 399", "redirects are not followed: --server must name the server itself"),
        (answer(400, {"code": "X" * 16}), f"GET: HTTP 400: the server says: {'X' * 16}", None),
        (Answer(418, b"tea"), "GET: HTTP 418: the server says: tea", None),
    ],
)
def test_refusals(said: Answer, message: str, hint: str | None) -> None:
    error = refusal("GET", said, ())
    assert (error.message, error.hint) == (message, hint)


def test_a_hint_that_is_known_better() -> None:
    error = refusal("GET", answer(401, {"code": "TM-60009"}), (), hint="better")
    assert (type(error), error.hint) == (AuthenticationRefused, "better")


def test_domains_are_counted_once() -> None:
    domains = DomainSet()
    assert [domains.add(name) for name in ("a", "b", "a", "c", "b")] == [False, False, True, False, True]


def test_an_answer_that_is_json() -> None:
    assert Answer(200, json.dumps({"a": 1}).encode()).json() == {"a": 1}
