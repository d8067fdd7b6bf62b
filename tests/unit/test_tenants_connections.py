"""One connection to a server without a socket: what is sent, and what becomes of all that can come back."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from in_process import CONTEXT

from mailwright.tenants import connections as module
from mailwright.tenants.connections import IDLE, MAX_HEAD, Broken, Connections, NotConnected, Reply, TooLarge

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
LONGEST = 1000


class Wire:
    """A socket's place: notes what is written, and answers each request with the next piece of a script."""

    def __init__(self, *script: bytes | BaseException | None) -> None:
        self.script, self.written, self.aborted, self.protocol = list(script), list[bytes](), 0, Any

    def write(self, data: bytes) -> None:
        self.written.append(data)
        if self.script:
            asyncio.get_running_loop().call_soon(self._answer, self.script.pop(0))

    def _answer(self, piece: bytes | BaseException | None) -> None:
        if isinstance(piece, bytes):
            self.protocol.data_received(piece)
        else:
            self.protocol.connection_lost(piece)

    def abort(self) -> None:
        self.aborted += 1

    def is_closing(self) -> bool:
        return bool(self.aborted)


class Site:
    """Connections whose sockets are wires.

    Attributes:
        wires: Those that were opened.
    """

    def __init__(self, *scripts: tuple[bytes | BaseException | None, ...], address: str = "https://is.example.com:9443") -> None:
        self.scripts, self.wires, self.address = list(scripts), list[Wire](), address
        self.to: list[tuple[str, int, Any]] = []
        self.now = 0.0

    def run(self, work: Callable[[Connections], Awaitable[Any]], most: int = 4) -> Any:
        async def main() -> Any:
            loop = asyncio.get_running_loop()
            loop.create_connection = self._connect  # type: ignore[assignment, method-assign]
            connections = Connections(self.address, CONTEXT, most=most, connect=3.0, longest=LONGEST)
            return await work(connections)

        return asyncio.run(main())

    async def _connect(self, make: Callable[[], Any], host: str, port: int, **options: Any) -> tuple[Any, Any]:
        self.to.append((host, port, options["ssl"]))
        wire = Wire(*self.scripts.pop(0))
        wire.protocol = make()
        wire.protocol.connection_made(wire)
        self.wires.append(wire)
        return wire, wire.protocol


async def get(connections: Connections, method: str = "GET", timeout: float = 5.0) -> Reply:
    return await connections.ask(method, "/x", {}, None, timeout=timeout)


@pytest.mark.parametrize(
    ("address", "host", "line"),
    [
        ("https://is.example.com:443", "is.example.com", b"/t/a%2Fb"),
        ("https://is.example.com:9443", "is.example.com:9443", b"/t/a%2Fb"),
        ("https://[::1]:9443/base/\u00e4%2F", "[::1]:9443", b"/base/%C3%A4%2F/t/a%2Fb"),
        ("https://b\u00fccher.example:443", "xn--bcher-kva.example", b"/t/a%2Fb"),
    ],
)
def test_what_is_sent(address: str, host: str, line: bytes) -> None:
    site = Site((OK, OK), address=address)

    async def work(connections: Connections) -> None:
        await connections.ask("PUT", "/t/a%2Fb", {"Authorization": "Bearer t"}, b"{\xc3\xa4}", timeout=5)
        await connections.ask("GET", "/t/a%2Fb", {}, None, timeout=5)

    site.run(work)
    common = b" HTTP/1.1\r\nHost: " + host.encode() + b"\r\nUser-Agent: mailwright\r\nAccept: application/json\r\n"
    assert site.wires[0].written == [
        b"PUT " + line + common + b"Authorization: Bearer t\r\nContent-Length: 4\r\n\r\n{\xc3\xa4}",
        b"GET " + line + common + b"\r\n",
    ]
    assert site.to == [(site.to[0][0], 9443 if "9443" in address else 443, CONTEXT)]


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/x\r\nX: y", {}), ("/x\n", {}), ("/\u00e4", {}), ("/", {"A": "b\r\nX: y"}), ("/", {"A": "b\n"}), ("/", {"A\r\n": "b"})],
)
def test_what_is_never_sent(path: str, headers: dict[str, str]) -> None:
    site = Site((OK,))
    with pytest.raises(ValueError, match="a line of a request's head is not one"):
        site.run(lambda connections: connections.ask("GET", path, headers, None, timeout=5))
    assert site.wires == []


ANSWERS: list[tuple[str, tuple[bytes | None, ...], str, Any, bool]] = [
    ("whole", (OK,), "GET", (200, b"{}", None), True),
    ("of version 1.0", (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",), "GET", (200, b"{}", None), False),
    ("to be closed", (OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),), "GET", (200, b"{}", None), False),
    ("retry later", (b"HTTP/1.1 429 B\r\nrEtry-aFter: 7\r\nContent-Length: 0\r\n\r\n",), "GET", (429, b"", b"7"), True),
    (
        "in chunks",
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",),
        "GET",
        (200, b"{}", None),
        True,
    ),
    ("without a body", (b"HTTP/1.1 204 No\r\n\r\n",), "GET", (204, b"", None), True),
    ("after another", (b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + OK,), "GET", (200, b"{}", None), True),
    ("of HEAD", (b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n",), "HEAD", (200, b"", None), True),
    ("with one too many", (OK + b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",), "GET", (200, b"{}", None), False),
    ("no HTTP", (b"220 smtp.example.com ESMTP\r\n",), "GET", Broken, False),
    ("no length", (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}",), "GET", Broken, False),
    ("two lengths", (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",), "GET", Broken, False),
    ("another protocol", (b"HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",), "GET", Broken, False),
    ("none", (None,), "GET", Broken, False),
    ("as large as may be", (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000,), "GET", (200, b"x" * 1000, None), True),
    ("larger", (b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + b"x" * 1001,), "GET", TooLarge, False),
    ("a head without an end", (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * (MAX_HEAD // 6),), "GET", TooLarge, False),
    (
        "trailers without an end",
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"A: b\r\n" * (MAX_HEAD // 4),),
        "GET",
        TooLarge,
        False,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("what", "script", "method", "wanted", "kept"), ANSWERS, ids=[answer[0] for answer in ANSWERS])
def test_answers(what: str, script: tuple[bytes | None, ...], method: str, wanted: Any, kept: bool) -> None:
    site = Site((*script, OK), (OK,))

    async def work(connections: Connections) -> Any:
        try:
            return tuple(await get(connections, method))
        except (Broken, TooLarge) as error:
            return type(error)
        finally:
            assert await get(connections) == (200, b"{}", None)  # over the same connection, where it was kept

    assert site.run(work) == wanted, what
    assert len(site.wires) == (1 if kept else 2)
    assert bool(site.wires[0].aborted) is not kept


@pytest.mark.parametrize(
    ("script", "garbled", "cause"),
    [
        ((b"220 smtp.example.com ESMTP\r\n",), True, None),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZ\r\n",), True, None),
        ((None,), False, None),
        ((ssl.SSLError(1, "demanded"),), False, ssl.SSLError),
    ],
)
def test_why_there_is_no_answer(script: Any, garbled: bool, cause: Any) -> None:
    with pytest.raises(Broken) as caught:
        Site(script).run(get)
    assert (caught.value.garbled, type(caught.value.__cause__)) == (garbled, cause or type(None))


@pytest.mark.parametrize("cut", range(len(OK)))
def test_an_answer_that_comes_in_two_pieces_or_breaks_off_between_them(cut: int) -> None:
    site = Site((OK[:cut],), (OK[:cut],))

    async def work(connections: Connections) -> Any:
        whole = asyncio.ensure_future(get(connections))
        await asyncio.sleep(0)
        broken = asyncio.ensure_future(get(connections))
        for _ in range(4):
            await asyncio.sleep(0)
        site.wires[0].protocol.data_received(OK[cut:])
        site.wires[1].protocol.connection_lost(None)
        with pytest.raises(Broken):
            await broken
        return await whole

    assert site.run(work) == (200, b"{}", None)


@pytest.mark.parametrize(("error", "wanted"), [(None, (200, b"{}", None)), (ConnectionResetError(), Broken)])
def test_an_answer_without_a_length_ends_with_the_connection(error: BaseException | None, wanted: Any) -> None:
    site = Site((b"HTTP/1.1 200 OK\r\n\r\n{}",))

    async def work(connections: Connections) -> Any:
        asked = asyncio.ensure_future(get(connections))
        for _ in range(4):
            await asyncio.sleep(0)
        assert not asked.done()
        site.wires[0].protocol.connection_lost(error)
        try:
            return await asked
        except Broken:
            return Broken

    assert site.run(work) == wanted


def test_an_answer_that_does_not_come_in_time() -> None:
    site = Site(())
    with pytest.raises(TimeoutError):
        site.run(lambda connections: get(connections, timeout=0.01))
    assert site.wires[0].aborted


def test_a_request_that_is_given_up_takes_its_connection_along() -> None:
    site = Site((), (OK,))

    async def work(connections: Connections) -> Reply:
        asked = asyncio.ensure_future(get(connections))
        for _ in range(3):
            await asyncio.sleep(0)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        return await get(connections)

    assert site.run(work).status == 200
    assert [wire.aborted for wire in site.wires] == [1, 0]


@pytest.mark.parametrize("what", ["ends", "speaks unasked", "has stood for long"])
def test_a_kept_connection_that_is_not_used_again(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site((OK,), (OK,))

    async def work(connections: Connections) -> None:
        await get(connections)
        if what == "ends":
            site.wires[0].protocol.connection_lost(None)
        elif what == "speaks unasked":
            site.wires[0].protocol.data_received(OK)
        else:
            site.wires[0].protocol._since -= IDLE
        assert (await get(connections)).status == 200

    site.run(work)
    assert len(site.wires) == 2


def test_no_more_connections_than_are_allowed() -> None:
    site = Site(*[(OK,) * 5] * 5)

    async def work(connections: Connections) -> None:
        replies = await asyncio.gather(*[get(connections) for _ in range(5)])
        assert {reply.status for reply in replies} == {200}
        connections.close()

    site.run(work, most=2)
    assert [len(wire.written) for wire in site.wires] == [3, 2]
    assert [wire.aborted for wire in site.wires] == [1, 1]


@pytest.mark.parametrize("error", [ConnectionRefusedError(111, "x"), ssl.SSLError(1), TimeoutError(), UnicodeError("x")])
def test_no_connection(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: Any, **__: Any) -> Any:
        raise error

    async def work(connections: Connections) -> None:
        asyncio.get_running_loop().create_connection = fail  # type: ignore[method-assign]
        for way in (connections.open(), get(connections)):
            with pytest.raises(NotConnected) as caught:
                await way
            assert caught.value.__cause__ is error

    Site().run(work)


def test_the_connection_that_looked_whether_the_server_is_there_takes_the_first_request() -> None:
    site = Site((OK,))

    async def work(connections: Connections) -> Reply:
        await connections.open()
        return await get(connections)

    assert site.run(work).status == 200
    assert len(site.wires) == 1


def test_a_connection_is_given_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    def timeout(seconds: float) -> Any:
        asked.append(seconds)
        return asyncio.timeout(seconds)

    loop = SimpleNamespace(**{name: getattr(asyncio, name) for name in ("get_running_loop", "Semaphore")}, timeout=timeout)
    monkeypatch.setattr(module, "asyncio", loop)
    Site((OK,)).run(get)
    assert asked == [3.0]
