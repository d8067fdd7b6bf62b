"""An SMTP server as relays should be: STARTTLS before anything else, then AUTH, then mail into a list in memory.

It listens on 127.0.0.1 alone, and has a certificate authority of its own. ``asyncio.run`` in one thread owns the loop,
so that leaving the context closes every socket, task and loop: aiosmtpd's own controller leaves connections open.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from .ca import Authority

HOST = "127.0.0.1"
WAIT_SECONDS = 10.0

# aiosmtpd warns of attributes of its own; without a handler that would go to stderr.
logging.getLogger("mail.log").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Mail:
    """Hold one accepted mail."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes = field(repr=False)


class _Handler:
    """What aiosmtpd asks while a client talks."""

    def __init__(self, mailbox: list[Mail]) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802
        """Keep the mail."""
        self._mailbox.append(Mail(envelope.mail_from, tuple(envelope.rcpt_tos), bytes(envelope.content)))
        return "250 2.0.0 kept in memory"

    async def handle_exception(self, error: Exception) -> str:
        """Answer without logging: a client that breaks off a TLS handshake is what this server is for."""
        return f"451 4.3.0 {type(error).__name__}"


class _Connection(SMTP):
    """One client; the set *live* holds it from its first byte to its last."""

    def __init__(self, live: set[_Connection], handler: _Handler, **options: Any) -> None:
        super().__init__(handler, hostname="localhost", ident="mailwright sandbox", enable_SMTPUTF8=True, **options)
        self._live = live
        self._raw: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, in clear first and once more under TLS."""
        if self._raw is None and isinstance(transport, asyncio.Transport):
            self._raw = transport
            self._live.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """End."""
        self._live.discard(self)
        super().connection_lost(error)

    def abort(self) -> None:
        """Cut the connection."""
        if self._raw is not None:
            self._raw.abort()


class SandboxSmtp:
    """Run the server while the context is open.

    Args:
        username: The one user that AUTH takes.
        password: Its password.
        names: Host names and addresses that the certificate is for.
        authority: Who issues it; a new one if None.

    Attributes:
        host, port: Where it listens; the port is known once the context is open.
        ca_pem: What a client must trust.
        mailbox: The mails, in the order they came.
    """

    def __init__(
        self,
        *,
        username: str,
        password: str,
        names: Sequence[str] = ("localhost", HOST),
        authority: Authority | None = None,
    ) -> None:
        authority = authority or Authority()
        self.host = HOST
        self.port = 0
        self.ca_pem = authority.ca_pem
        self.mailbox: list[Mail] = []
        self._credentials = (username.encode(), password.encode())
        self._context = authority.server_context(names)
        self._live: set[_Connection] = set()
        self._ready = threading.Event()
        self._failure: Exception | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="mailwright-sandbox-smtp", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(WAIT_SECONDS):
            raise TimeoutError("the sandbox SMTP server did not start")
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(WAIT_SECONDS)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(self._connection, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for connection in list(self._live):
            connection.abort()
        await server.wait_closed()
        for _ in range(3):  # each layer of a connection learns of its end in a turn of the loop
            await asyncio.sleep(0)

    def _connection(self) -> SMTP:
        return _Connection(
            self._live,
            _Handler(self.mailbox),
            tls_context=self._context,
            require_starttls=True,
            auth_required=True,
            authenticator=self._authenticate,
            loop=self._loop,
        )

    def _authenticate(self, *args: Any) -> AuthResult:
        login = args[-1]
        given = (login.login, login.password) if isinstance(login, LoginPassword) else (b"", b"")
        same = [hmac.compare_digest(*pair) for pair in zip(given, self._credentials, strict=True)]
        return AuthResult(success=all(same), handled=False)
