"""The API at the least cost: tokens, and senders in a dictionary; so that what is measured is the client, on the processor beside it.

Run it with the folder for ``ca.pem`` and the seconds that each answer is kept back. It prints its port, and on SIGINT how many requests there
were. It checks nothing: `mailwright sandbox is` does, and takes ten times as long over it.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from mailwright.sandbox.ca import Authority

TOKEN = b'{"access_token":"0b2c8f6e-5d1a-4c39-9a57-3e8f1d2c4b6a","token_type":"Bearer","expires_in":3600}'
NO_SENDER = b'{"code":"NSM-60006","message":"Sender does not exist.","description":"","traceId":"0"}'
NAME = b"/EmailPublisher"

senders: dict[bytes, bytes] = {}
requests = 0


def answer(method: bytes, path: bytes, body: bytes) -> tuple[bytes, bytes]:
    """Return the status line's end and the body."""
    global requests
    requests += 1
    if path.endswith(b"/token"):
        return b"200 OK", TOKEN
    path = path.removesuffix(NAME)
    if method == b"GET":
        found = senders.get(path)
        return (b"404 Not Found", NO_SENDER) if found is None else (b"200 OK", found)
    senders[path] = body if method == b"POST" else b'{"name":"EmailPublisher",' + body[1:]
    return (b"201 Created" if method == b"POST" else b"200 OK"), senders[path]


class Connection(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self, loop: asyncio.AbstractEventLoop, latency: float) -> None:
        self._loop, self._latency, self._read = loop, latency, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, found, rest = self._read.partition(b"\r\n\r\n")
        if not found:
            return
        _, _, length = head.lower().partition(b"content-length: ")
        size = int(length.partition(b"\r\n")[0] or 0)
        if len(rest) < size:
            return
        method, path, _ = head.split(b" ", 2)
        status, body = answer(method, path, rest[:size])
        self._read = rest[size:]
        text = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)
        self._loop.call_later(self._latency, self._transport.write, text)


async def serve(folder: Path, latency: float) -> None:
    """Serve until SIGINT."""
    authority, loop, stop = Authority(), asyncio.get_running_loop(), asyncio.Event()
    (folder / "ca.pem").write_text(authority.ca_pem)
    loop.add_signal_handler(signal.SIGINT, stop.set)
    context = authority.server_context(("localhost",))
    server = await loop.create_server(lambda: Connection(loop, latency), "127.0.0.1", 0, ssl=context, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await stop.wait()
    print(requests, flush=True)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), float(sys.argv[2])))
