"""HTTP/1.1 over TLS with one server: connections that are kept, one request at a time on each. llhttp (httptools) reads what comes.

No redirects, cookies, compression or proxies: a request goes to the server that was named, and to no other.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, cast
from urllib.parse import quote, urlsplit

from ..base.errors import UsageError

if TYPE_CHECKING:
    import httptools

IDLE = 15.0
"""Seconds after which a kept connection is not used any more: servers, and what stands before them, close it about then."""

MAX_HEAD = 1 << 16
"""Bytes that may come before an answer's body."""

_SHUTDOWN = 1.0
"""Seconds that TLS is given to end in order."""


class Broken(Exception):
    """The connection ended before the answer, or what came is no HTTP (*garbled*). The request may have been carried out.

    Where TLS ended it, ``__cause__`` says how: who demands a certificate says so only after the handshake of TLS 1.3.
    """

    def __init__(self, *, garbled: bool = False) -> None:
        super().__init__()
        self.garbled = garbled


class TooLarge(Exception):
    """There is more of the answer than is read."""


class NotConnected(Exception):
    """There is no connection; ``__cause__`` says why: nothing was sent."""


class Reply(NamedTuple):
    """What a server answered: the status, the body, and what it says of when to ask again."""

    status: int
    body: bytes
    retry_after: bytes | None


class Connections:
    """Connections to one server.

    Args:
        address: Its https URL, with or without a path that goes before every request's.
        context: How it proves who it is.
        most: How many connections there are at one time.
        connect: Seconds for a connection with its TLS.
        longest: Bytes of a body that are read.

    Raises:
        UsageError: httptools is not installed.
    """

    def __init__(self, address: str, context: ssl.SSLContext, *, most: int, connect: float, longest: int) -> None:
        try:
            import httptools
        except ImportError:
            from ..base.extras import installing

            raise UsageError("this command needs httptools, which is not installed", hint=installing("tenants")) from None
        self._parser, self._context, self._connect, self._longest = httptools.HttpResponseParser, context, connect, longest
        parts = urlsplit(address)
        self._host, self._port = str(parts.hostname), parts.port or 443
        self._path = quote(parts.path, safe="/%:@!$&'()*+,;=~")
        name = f"[{self._host}]" if ":" in self._host else self._host.encode("idna").decode("ascii")
        host = name if self._port == 443 else f"{name}:{self._port}"
        self._common = f"Host: {host}\r\nUser-Agent: mailwright\r\nAccept: application/json\r\n"
        self._free: list[_Connection] = []
        self._places = asyncio.Semaphore(most)

    async def open(self) -> None:
        """Connect once, for the first request; raises as ``ask`` does."""
        self._free.append(await self._opened())

    def close(self) -> None:
        """Give up all connections that no request is on."""
        while self._free:
            self._free.pop().close()

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, *, timeout: float) -> Reply:
        """Send a request and return the answer.

        Args:
            path: Percent-encoded.
            timeout: Seconds until the answer is complete.

        Raises:
            NotConnected: nothing was sent.
            Broken, TooLarge, TimeoutError: it was.
        """
        request = self._request(method, path, headers, body)
        async with self._places:
            connection = self._kept() or await self._opened()
            try:
                reply = await connection.ask(request, timeout, head_only=method == "HEAD")
            except BaseException:
                connection.close()
                raise
            if connection.usable:
                self._free.append(connection)
            else:
                connection.close()
            return reply

    def _request(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
        lines = "".join([f"{name}: {text}\r\n" for name, text in headers.items()])
        length = "" if body is None else f"Content-Length: {len(body)}\r\n"
        head = f"{method} {self._path}{path} HTTP/1.1\r\n{self._common}{lines}{length}\r\n"
        if head.count("\n") != 5 + len(headers) + (body is not None) or not head.isascii():
            raise ValueError("a line of a request's head is not one")
        return head.encode("ascii") + (body or b"")

    def _kept(self) -> _Connection | None:
        while self._free:
            connection = self._free.pop()
            if connection.is_fresh():
                return connection
            connection.close()
        return None

    async def _opened(self) -> _Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect):
                _, connection = await loop.create_connection(
                    lambda: _Connection(self._parser, self._longest),
                    self._host,
                    self._port,
                    ssl=self._context,
                    ssl_shutdown_timeout=_SHUTDOWN,
                )
        except (OSError, UnicodeError) as error:  # TimeoutError and ssl.SSLError are of them
            raise NotConnected from error
        return connection


class _Connection(asyncio.Protocol):
    """One connection, and the answer that is being read: asyncio calls it with what comes, llhttp with what that says."""

    def __init__(self, parser: type[httptools.HttpResponseParser], longest: int) -> None:
        self._new_parser, self._longest = parser, longest
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Future[Reply] | None = None
        self._since = self._loop.time()
        self.usable = True

    def is_fresh(self) -> bool:
        """Say whether a request may go over it: it stands, and has not stood idle for long."""
        return self.usable and not self._transport.is_closing() and self._loop.time() - self._since < IDLE

    async def ask(self, request: bytes, timeout: float, *, head_only: bool) -> Reply:
        """Send a request and return the answer; raises as ``Connections.ask`` does. ``usable`` says whether it can be asked again."""
        self.usable = False
        self._head_only, self._bounded, self._in_body = head_only, False, False
        self._pieces: list[bytes] = []
        self._left, self._size = self._longest, 0
        self._retry_after: bytes | None = None
        self._parser = self._new_parser(self)
        self._waiting = self._loop.create_future()
        timer = self._loop.call_later(timeout, self._fail, TimeoutError())
        self._transport.write(request)
        try:
            return await self._waiting
        finally:
            timer.cancel()
            self._since = self._loop.time()

    def close(self) -> None:
        """Give the connection up."""
        self.usable = False
        self._transport.abort()

    # -- what comes

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if not self._is_awaited():
            self.close()  # nobody asked: what may come after it is no answer to the next request
            return
        self._size += len(data)
        try:
            self._parser.feed_data(data)
        except Exception:  # what is no HTTP
            self._fail(Broken(garbled=True))
        if self._size > (2 * self._longest if self._in_body else 0) + MAX_HEAD:
            self._fail(TooLarge())

    def connection_lost(self, error: Exception | None) -> None:
        self.usable = False
        if self._is_awaited() and self._in_body and not self._bounded and error is None:
            self.on_message_complete()  # an answer without a length ends with the connection
        broken = Broken()
        broken.__cause__ = error
        self._fail(broken)

    # -- what it says

    def on_message_begin(self) -> None:
        if not self._is_awaited():
            self.close()  # two answers to one request

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name == b"retry-after":
            self._retry_after = value
        elif name in (b"content-length", b"transfer-encoding"):
            self._bounded = True

    def on_headers_complete(self) -> None:
        self._in_body = True
        if self._head_only:
            self.on_message_complete()

    def on_body(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._left -= len(piece)
        if self._left < 0:
            self._fail(TooLarge())

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:  # more is to come
            self._in_body = self._bounded = False
        elif self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(Reply(status, b"".join(self._pieces), self._retry_after))
            self.usable = self._parser.should_keep_alive()

    def _is_awaited(self) -> bool:
        return self._waiting is not None and not self._waiting.done()

    def _fail(self, error: Exception) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)
            self.close()
