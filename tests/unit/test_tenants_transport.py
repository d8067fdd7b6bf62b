"""HTTP without a server: what is repeated, how long it is waited, what a connection's errors become; tokens; what a server says."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import ssl
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import pytest
from in_process import AUTHORITY, CONTEXT, answer

from mailwright.base.errors import AuthenticationRefused, ConnectionFailed, MailwrightError, PeerRefused, TlsFailed, UsageError
from mailwright.base.secret import Secret
from mailwright.product.paths import tenant_path
from mailwright.tenants import credentials as credentials_module
from mailwright.tenants import transport as transport_module
from mailwright.tenants.connections import Broken, NotConnected, Reply, TooLarge
from mailwright.tenants.credentials import TENANT_SCOPES, Credentials, Gate, Login, Task
from mailwright.tenants.peer import refusal
from mailwright.tenants.planner import DomainSet
from mailwright.tenants.transport import Answer, Limits, Transport, Unanswered, server_address, shown_address, tls_context
from products import parse_release

ADDRESS = "https://is.example.com:9443"


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


# what answers and errors become


class Connected:
    """Connections with one answer, or an error."""

    def __init__(self, *found: Any) -> None:
        self._found = list(found)
        self.asked: tuple[Any, ...] = ()

    async def ask(self, *asked: Any, timeout: float) -> Reply:
        self.asked = (*asked, timeout)
        return self._next()

    async def open(self) -> None:
        self._next()

    def _next(self) -> Any:
        found = self._found.pop(0)
        if isinstance(found, BaseException):
            raise found
        return found


def ask(found: Any) -> Answer:
    transport = Transport(ADDRESS, CONTEXT, Limits(attempts=1))
    transport._connections = Connected(found)  # type: ignore[assignment]
    return asyncio.run(transport.send("PUT", "/t/a%2Fb", headers={"X": "y"}, body=b"z", repeatable=True))


def not_connected(cause: BaseException) -> NotConnected:
    error = NotConnected()
    error.__cause__ = cause
    return error


def test_an_answer() -> None:
    transport, connected = Transport(ADDRESS, CONTEXT, Limits(attempts=1, timeout=7)), Connected(Reply(201, b'{"a": 1}', b"12"))
    transport._connections = connected  # type: ignore[assignment]
    got = asyncio.run(transport.send("PUT", "/t/a%2Fb", headers={"X": "y"}, body=b"z", repeatable=True))
    assert (got.status, got.json(), got.retry_after) == (201, {"a": 1}, 12.0)
    assert connected.asked == ("PUT", "/t/a%2Fb", {"X": "y"}, b"z", 7)
    assert "a" not in repr(got).replace("Answer", "").replace("status", "").replace("retry_after", "")


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [(b"0", 0, 0), (b" 5 ", 5, 5), (b"Wed, 21 Oct 2015 07:28:00 GMT", 0, 0), (b"Fri, 31 Dec 2100 23:59:59 GMT", 1e9, 1e11)],
)
def test_retry_after(header: bytes, low: float, high: float) -> None:
    asked = ask(Reply(200, b"", header)).retry_after
    assert asked is not None
    assert low <= asked <= high


@pytest.mark.parametrize("header", [None, b"", b"soon", b"-1", b"\xb2", b"\xff"])
def test_no_retry_after(header: bytes | None) -> None:
    assert ask(Reply(200, b"", header)).retry_after is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 100_000])
def test_what_is_no_json(body: bytes) -> None:
    assert Answer(200, body).json() is None


def _verify_error(words: str, code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "x")
    error.verify_message, error.verify_code = words, code
    return error


def _ssl_error(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, "x")
    error.reason = reason
    return error


REFUSED = ConnectionRefusedError(111, "Connect call failed ('127.0.0.1', 9443)")
SEVERAL = OSError(f"Multiple exceptions: [Errno 111] Connect call failed ('::1', 1, 0, 0), {REFUSED}")
NO_NAME = socket.gaierror(-2, "Name or service not known")
DEMANDED = _ssl_error("TLSV13_ALERT_CERTIFICATE_REQUIRED")
NO_TLS: list[tuple[ssl.SSLError, str, str]] = [
    (
        _verify_error("unable to get local issuer certificate", 20),
        "unable to get local issuer certificate",
        "--ca-file PEM names",
    ),
    (_verify_error("certificate has expired", 10), "certificate has expired", "the server's certificate, or one above it,"),
    (_verify_error("certificate is not yet valid", 9), "certificate is not yet valid", "it was renewed too early, or a clock is"),
    (_verify_error("Hostname mismatch", 62), "Hostname mismatch", "--server must name the host as"),
    (_verify_error("IP address mismatch", 64), "IP address mismatch", "--server must name the host as"),
    (_ssl_error("WRONG_VERSION_NUMBER"), "wrong version number", "what answers there does not speak TLS"),
    (_ssl_error("TLSV1_ALERT_PROTOCOL_VERSION"), "tlsv1 alert protocol version", "mailwright speaks TLS 1.2 and 1.3"),
    (
        _ssl_error("SSLV3_ALERT_HANDSHAKE_FAILURE"),
        "sslv3 alert handshake failure",
        "the server, or a proxy before it, may demand",
    ),
    (DEMANDED, "tlsv13 alert certificate required", "the server, or a proxy before it, demands"),
    (ssl.SSLError(1), "the handshake failed", "None"),
]
NO_CONNECTION: list[tuple[BaseException, type[MailwrightError], str]] = [
    *((cause, TlsFailed, f"TLS with {ADDRESS}: {words}") for cause, words, _ in NO_TLS),
    (REFUSED, ConnectionFailed, f"{ADDRESS} is not reachable: Connection refused"),
    (SEVERAL, ConnectionFailed, f"{ADDRESS} is not reachable: Connection refused"),
    (TimeoutError("canary"), ConnectionFailed, f"{ADDRESS} is not reachable: no connection in time"),
    (ConnectionAbortedError("canary"), ConnectionFailed, f"{ADDRESS} is not reachable: no connection in time"),
    (NO_NAME, ConnectionFailed, f"{ADDRESS} is not reachable: Name or service not known"),
    (UnicodeError("canary"), ConnectionFailed, f"{ADDRESS} is not reachable: the name is none that can be looked up"),
]
ERRORS = [
    *[(not_connected(cause), kind, message) for cause, kind, message in NO_CONNECTION],
    (TimeoutError(), Unanswered, f"{ADDRESS} did not answer in time"),
    (Broken(), Unanswered, f"{ADDRESS} broke off before its answer was complete"),
    (Broken(garbled=True), Unanswered, f"{ADDRESS} answered, but not in sound HTTP"),
    (TooLarge(), PeerRefused, "the server's answer is far larger than any of this API"),
]


@pytest.mark.parametrize(("error", "kind", "message"), ERRORS)
def test_errors(error: BaseException, kind: type[MailwrightError], message: str) -> None:
    with pytest.raises(MailwrightError) as caught:
        ask(error)
    assert (type(caught.value), caught.value.message) == (kind, message)


@pytest.mark.parametrize(("cause", "words", "hint"), NO_TLS)
def test_what_helps_where_tls_fails(cause: ssl.SSLError, words: str, hint: str) -> None:
    with pytest.raises(TlsFailed) as caught:
        ask(not_connected(cause))
    assert str(caught.value.hint).startswith(hint)


def test_a_certificate_that_is_demanded_after_the_handshake() -> None:
    """TLS 1.3 says so when the first answer is read; to ask again would not help."""
    broken = Broken()
    broken.__cause__ = DEMANDED
    with pytest.raises(TlsFailed) as caught:
        ask(broken)
    assert caught.value.message == f"TLS with {ADDRESS}: tlsv13 alert certificate required"


def test_without_httptools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "httptools", None)
    transport = Transport(ADDRESS, CONTEXT, Limits())
    with pytest.raises(UsageError) as caught:
        asyncio.run(transport.__aenter__())
    assert caught.value.message == "this command needs httptools, which is not installed"
    assert caught.value.hint == "pip install 'httptools>=0.6.4'"


# whether the server is there


def reach(*script: BaseException | None) -> int:
    """Reach for a server; return how often it was tried."""
    connected = Connected(*[None if cause is None else not_connected(cause) for cause in script])
    transport = Scripted(limits=Limits(attempts=3))
    transport._connections = connected  # type: ignore[assignment]
    asyncio.run(transport.reach())
    return len(script) - len(connected._found)


@pytest.mark.parametrize(("script", "tries"), [((None,), 1), ((REFUSED, None), 2), ((TimeoutError(), REFUSED, None), 3)])
def test_reach(script: tuple[BaseException | None, ...], tries: int) -> None:
    assert reach(*script) == tries


@pytest.mark.parametrize(("cause", "kind", "message"), NO_CONNECTION)
def test_who_is_not_reached(cause: BaseException, kind: type[MailwrightError], message: str) -> None:
    with pytest.raises(MailwrightError) as caught:
        reach(cause, cause, cause) if kind is ConnectionFailed else reach(REFUSED, cause)
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
        (10**400, 86_369, False), (10**400, 86_371, True), (float("nan"), 31, True), (float("inf"), 86_371, True),
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


def test_of_too_many_tokens_the_first_and_those_in_work_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials_module, "_IN_WORK", 2)
    held, transport = gate(*(bought(f"t{number}") for number in range(20)), kept=6)

    async def work() -> list[int]:
        passes = []
        for _ in range(2):
            for number in range(8):
                await held.show(f"{number}.example", CLIENT)
            passes.append(len(transport.asked))
        return passes

    assert asyncio.run(work()) == [8, 8 + 4]  # 0 to 3 are there; 4 and 5 gave way to 6 and 7, and these to 4 and 5


def test_who_asks_for_a_token_that_is_being_bought_waits_for_it() -> None:
    class Slow(Scripted):
        async def _once(self, *asked: Any) -> Answer:
            await asyncio.sleep(0.001)
            return await super()._once(*asked)

    transport = Slow(bought("own"), bought("first"), bought("second"), limits=Limits(attempts=1))
    held = Gate(transport, NEWEST, Task.READ)

    async def work() -> list[str]:
        domains = ("a.example/o/1", "a.example/o/2", "a.example", "a.example/o/1")
        return [shown.header for shown in await asyncio.gather(*[held.show(domain, CLIENT) for domain in domains])]

    assert asyncio.run(work()) == ["Bearer first", "Bearer second", "Bearer own", "Bearer first"]
    assert held._buying == {}


def test_who_waits_for_a_token_that_is_refused_asks_anew() -> None:
    class Slow(Scripted):
        async def _once(self, *asked: Any) -> Answer:
            await asyncio.sleep(0.001)
            return await super()._once(*asked)

    transport = Slow(answer(401), bought("second"), limits=Limits(attempts=1))
    held = Gate(transport, NEWEST, Task.READ)

    async def work() -> list[Any]:
        return await asyncio.gather(*[held.show("a.example", CLIENT) for _ in range(3)], return_exceptions=True)

    refused, *others = asyncio.run(work())
    assert isinstance(refused, AuthenticationRefused)
    assert [other.header for other in others] == ["Bearer second"] * 2


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
        (bought("t" * 65_537), PeerRefused, "the token endpoint answered with something that is not a token", None, None),
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
        (answer(304), "GET: HTTP 304", None),
        (answer(399), "GET: HTTP 399", "redirects are not followed: --server must name the server itself"),
        (answer(400, {"code": "X" * 16}), f"GET: HTTP 400: the server says: {'X' * 16}", None),
        (Answer(418, b"tea"), "GET: HTTP 418: the server says: tea", None),
    ],
)
def test_refusals(said: Answer, message: str, hint: str | None) -> None:
    error = refusal("GET", said, ())
    assert (error.message, error.hint) == (message, hint)


def test_an_address_of_ipv6_has_one_form() -> None:
    assert server_address("https://[2001:DB8:0:0:0:0:0:1]:9443/") == "https://[2001:db8::1]:9443"
    assert server_address("https://[fe80::1%25eth0]") == "https://[fe80::1%25eth0]:443"


def test_a_hint_that_is_known_better() -> None:
    error = refusal("GET", answer(401, {"code": "TM-60009"}), (), hint="better")
    assert (type(error), error.hint) == (AuthenticationRefused, "better")


def test_domains_are_counted_once() -> None:
    domains = DomainSet()
    assert [domains.add(name) for name in ("a", "b", "a", "c", "b")] == [False, False, True, False, True]


def test_an_answer_that_is_json() -> None:
    assert Answer(200, json.dumps({"a": 1}).encode()).json() == {"a": 1}
