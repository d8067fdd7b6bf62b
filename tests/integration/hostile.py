"""Servers on raw sockets that do one thing wrong: a sound relay as far as it, and from there on as bad as told."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
PATIENCE = 60.0


class Gone(Exception):
    """The client is gone, or the test is over."""


class Peer:
    """One connection of a client."""

    def __init__(self, connection: socket.socket, over: threading.Event) -> None:
        self.socket, self.over, self.buffer, self.secure = connection, over, b"", False
        connection.settimeout(PATIENCE)

    def say(self, data: bytes) -> None:
        self.socket.sendall(data)

    def line(self) -> bytes:
        """Return the next line of the client."""
        while b"\n" not in self.buffer:
            data = self.socket.recv(4096)
            if not data:
                raise Gone
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.rstrip(b"\r")

    def upgrade(self, context: ssl.SSLContext) -> None:
        self.socket, self.secure = context.wrap_socket(self.socket, server_side=True), True

    def pause(self, seconds: float) -> None:
        if self.over.wait(seconds):
            raise Gone

    def reset(self) -> None:
        """End the connection with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self) -> None:
        """End the connection, all bytes read, so that no RST goes out."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def drip(self, data: bytes, pause: float = 0.05) -> None:
        """Send a byte at a time, below TLS too, for as long as the client stays."""
        while True:
            for at in range(len(data)):
                self.say(data[at : at + 1])
                self.pause(pause)


Talk = Callable[[Peer], None]


class Hostile:
    """Serve on a port of the loopback interface: the n-th connection by the n-th talk, all further ones by the last."""

    def __init__(self, *talks: Talk, host: str = HOST) -> None:
        self._talks = talks
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family)
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(PATIENCE + 1)
            assert not thread.is_alive()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            talk = self._talks[min(self.connections, len(self._talks) - 1)]
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection, talk), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, talk: Talk) -> None:
        peer = Peer(connection, self._over)
        with suppress(OSError, Gone, ValueError):
            talk(peer)
        with suppress(OSError):
            peer.socket.close()
        connection.close()


SOUND = {
    "banner": b"220 relay ESMTP\r\n",
    "EHLO": b"250-relay\r\n250 STARTTLS\r\n",
    "HELO": b"250 relay\r\n",
    "STARTTLS": b"220 2.0.0 go\r\n",
    "EHLO again": b"250-relay\r\n250 AUTH LOGIN\r\n",
    "AUTH": b"334 VXNlcm5hbWU6\r\n",
    "user": b"334 UGFzc3dvcmQ6\r\n",
    "password": b"235 2.7.0 yes\r\n",
    "MAIL FROM": b"250 2.1.0 ok\r\n",
    "RCPT TO": b"250 2.1.5 ok\r\n",
    "DATA": b"354 go\r\n",
    "message": b"250 2.0.0 queued\r\n",
    "RSET": b"250 2.0.0 ok\r\n",
    "QUIT": b"221 2.0.0 bye\r\n",
}
"""What a sound relay says at each point."""

_VERBS = {"MAIL": "MAIL FROM", "RCPT": "RCPT TO"}


def relay(
    context: ssl.SSLContext, *, at: str = "", fault: Talk | bytes | None = None, implicit: bool = False, **said: bytes
) -> Talk:
    """Return a relay that does *fault* at a point of ``SOUND`` or at ``TLS``, the client's command read; bytes are said, and it goes on.

    *said*: other replies, by the name of their point, an underscore for a blank.
    """
    replies = {**SOUND, **{name.replace("_", " "): data for name, data in said.items()}}

    def reach(peer: Peer, point: str) -> None:
        if point == at and not isinstance(fault, bytes) and fault is not None:
            fault(peer)
            raise Gone
        if point == "TLS":
            peer.upgrade(context)
        else:
            peer.say(fault if point == at and isinstance(fault, bytes) else replies.get(point, b"502 5.5.1 what\r\n"))

    def talk(peer: Peer) -> None:
        if implicit:
            reach(peer, "TLS")
        reach(peer, "banner")
        waits = ""
        while True:
            if waits == "message":
                while peer.line() != b".":
                    pass
                point = waits
            else:
                line = peer.line()
                verb = line.split(b" ")[0].decode("latin-1").upper()
                point = waits or ("EHLO again" if verb == "EHLO" and peer.secure else _VERBS.get(verb, verb))
            reach(peer, point)
            waits = {"AUTH": "user", "user": "password", "DATA": "message"}.get(point, "")
            if point == "STARTTLS" and replies[point].startswith(b"220"):
                reach(peer, "TLS")
            elif point == "QUIT":
                raise Gone

    return talk
