"""The client against servers that misbehave: what is repeated and what is not, redirects, answers that are none, times."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from hostile import PATIENCE, Hostile, Peer

from mailwright.base.errors import AuthenticationRefused, ConnectionFailed, MailwrightError, PeerRefused, TlsFailed
from mailwright.base.secret import Secret
from mailwright.product.product import load_product
from mailwright.sandbox.ca import Authority
from mailwright.tenants.client import Moved, TenantApi
from mailwright.tenants.credentials import Credentials, Login, Task
from mailwright.tenants.transport import MAX_ANSWER, Limits, Transport, Unanswered
from products import parse_release

pytestmark = pytest.mark.network

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
AUTHORITY = Authority()
ADMIN = Credentials(Login.BASIC, "admin@t.example", Secret("canary-9-word-of-the-admin"))
CLIENT = Credentials(Login.OAUTH, "client", Secret("canary-9-secret-of-the-client"))
QUICK = Limits(concurrency=4, timeout=30.0, connect=30.0, attempts=3, backoff=0.01, longest=0.3)
BODY = {"name": "EmailPublisher", "properties": []}


class Seen(list[tuple[str, str]]):
    """The requests that came: method and path; with their headers beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.headers: list[dict[str, str]] = []


@asynccontextmanager
async def serving(handler: Handler, limits: Limits = QUICK) -> AsyncIterator[tuple[TenantApi, Seen]]:
    seen = Seen()

    async def around(request: web.Request) -> web.StreamResponse:
        seen.append((request.method, request.path))
        seen.headers.append(dict(request.headers))
        return await handler(request)

    application = web.Application()
    application.router.add_route("*", "/{rest:.*}", around)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=AUTHORITY.server_context(("localhost",)))
    await site.start()
    context = ssl.create_default_context(cadata=AUTHORITY.ca_pem)
    try:
        async with Transport(f"https://localhost:{runner.addresses[0][1]}", context, limits) as transport:
            yield TenantApi(transport, parse_release("7.3.0"), load_product().payload_names, Task.WRITE), seen
    finally:
        await runner.cleanup()


def run(handler: Handler, work: Callable[[TenantApi], Awaitable[Any]], limits: Limits = QUICK) -> tuple[Any, Seen]:
    """Return what *work* returns or raises, and the requests that came."""

    async def main() -> tuple[Any, Seen]:
        async with serving(handler, limits) as (api, seen):
            try:
                return await work(api), seen
            except (MailwrightError, Moved) as error:
                return error, seen

    return asyncio.run(main())


def read(api: TenantApi) -> Awaitable[Any]:
    return api.read("t.example", "v2", ADMIN)


def create(api: TenantApi) -> Awaitable[Any]:
    return api.create("t.example", "v2", ADMIN, BODY, ())


def replace(api: TenantApi) -> Awaitable[Any]:
    return api.replace("t.example", "v2", ADMIN, BODY, ())


def delete(api: TenantApi) -> Awaitable[Any]:
    return api.delete("t.example", "v2", ADMIN)


def answering(status: int, **options: Any) -> Handler:
    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, **options)

    return handler


async def cutting(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def demand(peer: Peer) -> None:
    """Demand a certificate, end TLS with an alert, and read on until the client closes: a reset could overtake the alert."""
    context = AUTHORITY.server_context(("localhost",))
    context.load_verify_locations(cadata=AUTHORITY.ca_pem)
    context.verify_mode = ssl.CERT_REQUIRED
    tls = context.wrap_socket(peer.socket, server_side=True, do_handshake_on_connect=False)
    try:
        tls.do_handshake()
    except ssl.SSLError:
        peer.socket = socket.socket(fileno=tls.detach())
        peer.socket.settimeout(PATIENCE)
        while peer.socket.recv(4096):
            pass


def test_a_certificate_that_is_demanded_of_the_client_is_said_and_asked_for_once() -> None:
    """With TLS 1.3 the client's handshake is done by then, and the alert comes in place of the answer."""

    async def main(port: int) -> None:
        context = ssl.create_default_context(cadata=AUTHORITY.ca_pem)
        async with Transport(f"https://localhost:{port}", context, QUICK) as transport:
            with pytest.raises(TlsFailed, match="certificate required") as caught:
                await read(TenantApi(transport, parse_release("7.3.0"), load_product().payload_names, Task.READ))
            assert str(caught.value.hint).startswith("the server, or a proxy before it, demands a certificate of the client")
            assert transport.requests == 1

    with Hostile(demand) as server:
        asyncio.run(main(server.port))


async def silent(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


IDEMPOTENT = [read, replace, delete]


@pytest.mark.parametrize("work", IDEMPOTENT)
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_servers_or_a_gateways_error_is_tried_again_where_that_is_safe(work: Any, status: int) -> None:
    error, seen = run(answering(status), work)
    assert isinstance(error, PeerRefused)
    assert (error.status, len(seen)) == (status, QUICK.attempts)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_post_is_not_repeated_but_read_again(status: int) -> None:
    moved, seen = run(answering(status), create)
    assert isinstance(moved, Moved)
    assert len(seen) == 1


@pytest.mark.parametrize("handler", [cutting, silent])
def test_a_post_without_an_answer_is_not_repeated(handler: Handler) -> None:
    moved, seen = run(handler, create, Limits(timeout=1.0, connect=30.0, attempts=3, backoff=0.01))
    assert isinstance(moved, Moved)
    assert isinstance(moved.error, Unanswered)
    assert len(seen) == 1


@pytest.mark.parametrize("work", IDEMPOTENT)
def test_no_answer_is_tried_again_where_that_is_safe(work: Any) -> None:
    error, seen = run(cutting, work)
    assert isinstance(error, ConnectionFailed)
    assert len(seen) >= QUICK.attempts


def test_a_post_that_the_server_broke_on_is_not_tried_again() -> None:
    error, seen = run(answering(500), create)
    assert isinstance(error, PeerRefused)
    assert len(seen) == 1


@pytest.mark.parametrize("work", [*IDEMPOTENT, create])
@pytest.mark.parametrize("status", [400, 409, 501])
def test_other_errors_are_not_tried_again(work: Any, status: int) -> None:
    _, seen = run(answering(status), work)
    assert len(seen) == 1


@pytest.mark.parametrize("work", [*IDEMPOTENT, create])
def test_too_many_requests_are_tried_again_after_what_was_asked_for(work: Any) -> None:
    async def timed(api: TenantApi) -> float:
        started = asyncio.get_running_loop().time()
        with pytest.raises(PeerRefused, match="429"):
            await work(api)
        return asyncio.get_running_loop().time() - started

    spent, seen = run(answering(429, headers={"Retry-After": "60"}), timed)
    assert len(seen) == QUICK.attempts
    assert 2 * QUICK.longest <= spent < 30, "as long as was asked for, but no longer than the limit"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("work", [*IDEMPOTENT, create])
def test_redirects_are_not_followed(work: Any, status: int) -> None:
    error, seen = run(answering(status, headers={"Location": "/elsewhere"}), work)
    assert isinstance(error, PeerRefused)
    assert (len(seen), error.hint) == (1, "redirects are not followed: --server must name the server itself")


def test_the_token_endpoint_is_not_followed_either() -> None:
    error, seen = run(answering(307, headers={"Location": "/elsewhere"}), lambda api: api.read("t.example", "v2", CLIENT))
    assert isinstance(error, PeerRefused)
    assert seen == [("POST", "/t/t.example/oauth2/token")]


@pytest.mark.parametrize(
    "options",
    [
        {"text": "<html>a login page</html>"},
        {"text": "[1, 2]"},
        {"text": '"text"'},
        {"text": '{"properties": "x"}'},
        {"body": b"\xff\xfe\x00"},
        {"text": "[" * 100_000},
        {"body": b"x" * (MAX_ANSWER + 1)},
        {"text": ""},
        {"text": "{}"},
        {"text": '{"properties": [], "smtpServerHost": "smtp.example.com"}'},
        {"text": '{"name": ["EmailPublisher"], "properties": []}'},
        {"text": '{"name": "SMSPublisher", "properties": []}'},
        {"text": '[{"name": "EmailPublisher", "properties": []}]'},
    ],
)
def test_answers_that_are_no_senders(options: Any) -> None:
    error, _ = run(answering(200, **options), read)
    assert isinstance(error, PeerRefused)
    for work, status in ((replace, 200), (create, 201)):
        moved, seen = run(answering(status, **options), work)
        assert isinstance(moved, Moved) or "larger than" in moved.message
        assert len(seen) == 1, "what became of the write is not known: the next step is to read"


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"fromAddress": ["x"], "properties": None, "smtpPort": {"a": 1}},
        {"properties": [1, None, {"key": 1}, {"key": "a"}, {"value": "b"}, {"key": "x", "value": {"y": 1}}]},
        {"authType": None, "provider": None, "smtpPort": "x"},
    ],
)
def test_odd_senders_are_read(document: Any) -> None:
    sender, _ = run(answering(200, text=json.dumps({"name": "EmailPublisher", **document})), read)
    assert sender.auth_type == "BASIC"


@pytest.mark.parametrize(
    "document", [[], {}, {"access_token": ""}, {"access_token": 1}, {"access_token": "a\r\nX-Injected: 1"}, {"access_token": "é"}]
)
def test_answers_that_are_no_tokens(document: Any) -> None:
    error, seen = run(answering(200, text=json.dumps(document)), lambda api: api.read("t.example", "v2", CLIENT))
    assert isinstance(error, PeerRefused)
    assert len(seen) == 1


def test_a_token_that_is_not_taken_is_bought_anew_once() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        token = request.path.endswith("/token")
        return web.json_response({"access_token": "t" * 20, "expires_in": 3600}) if token else web.Response(status=401)

    error, seen = run(handler, lambda api: api.read("t.example", "v2", CLIENT))
    assert isinstance(error, AuthenticationRefused)
    assert [path.rpartition("/")[2] for _, path in seen] == ["token", "EmailPublisher"] * 2


def test_no_cookie_of_one_tenant_goes_with_another() -> None:
    async def handler(_: web.Request) -> web.StreamResponse:
        response = web.json_response({"name": "EmailPublisher", "properties": []})
        response.set_cookie("JSESSIONID", "of-the-first")
        return response

    async def both(api: TenantApi) -> None:
        await api.read("one.example", "v2", ADMIN)
        await api.read("two.example", "v2", ADMIN)

    _, seen = run(handler, both)
    assert len(seen) == 2
    assert all("Cookie" not in headers for headers in seen.headers)


def test_domains_are_one_segment_of_the_path() -> None:
    _, seen = run(answering(404), lambda api: api.tenant_exists("a/../b?c#d", ADMIN))
    assert seen == [("HEAD", "/api/server/v1/tenants/domain/a/../b?c#d")], "one segment, decoded by the server"


def test_words_of_the_server_are_short_clean_and_without_secrets() -> None:
    said = f"no\x1b[31m\r\n {ADMIN.secret.reveal()} " + "word " * 500
    error, _ = run(answering(400, text=json.dumps({"code": "NSM-65022", "message": said})), read)
    assert isinstance(error, PeerRefused)
    assert error.message.isprintable()
    assert "canary" not in error.message
    assert len(error.message) < 600
    assert error.hint is not None
    assert error.hint.startswith("a value is missing")
