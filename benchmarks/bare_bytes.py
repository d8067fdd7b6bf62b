"""What one process can do at most: as many GETs over TLS as `plan` makes requests, of which nothing is read but where an answer ends.

Arguments: port, count, concurrency. A request is made of bytes that are there already, and an answer is thrown away: no client can be
lighter, so that the share of concurrency / latency which this one reaches is what the machine lets any client reach.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import Iterator

REQUEST = (
    b"GET /t/t%d.example/api/server/v2/notification-senders/email/EmailPublisher HTTP/1.1\r\nHost: localhost\r\n"
    b"Authorization: Bearer 0b2c8f6e-5d1a-4c39-9a57-3e8f1d2c4b6a\r\n\r\n"
)


class Client(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self, numbers: Iterator[int], done: asyncio.Future[None]) -> None:
        self._numbers, self._done, self._read = numbers, done, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        number = next(self._numbers, None)
        if number is None:
            self._transport.close()
            self._done.set_result(None)
        else:
            self._transport.write(REQUEST % number)

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, found, rest = self._read.partition(b"\r\n\r\n")
        if found and len(rest) >= int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]):
            self._read = b""
            self._ask()


async def main(port: int, count: int, concurrency: int) -> None:
    """Ask for *count* senders."""
    context, loop, numbers = ssl.create_default_context(cafile="ca.pem"), asyncio.get_running_loop(), iter(range(count))
    ends = [loop.create_future() for _ in range(concurrency)]
    opened = (loop.create_connection(lambda end=end: Client(numbers, end), "localhost", port, ssl=context) for end in ends)  # type: ignore[misc]
    await asyncio.gather(*opened)
    await asyncio.gather(*ends)


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
