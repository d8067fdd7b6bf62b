"""The server: STARTTLS or TLS from the first byte, then AUTH, then mail; and what each fault makes of it.

It listens on 127.0.0.1 alone, and has a certificate authority of its own. ``asyncio.run`` in one thread owns the loop,
so that leaving the context closes every socket, task and loop: aiosmtpd's own controller leaves connections open.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import logging
import re
import ssl
import threading
import warnings
from collections.abc import Callable, Collection, Sequence
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from ...base.values import dataclass, field
from ..ca import Authority, Validity
from .faults import Fault
from .mailbox import Mail

HOST = "127.0.0.1"
WAIT_SECONDS = 10.0
SMALL = 100
"""Bytes of a message, with the fault too-big."""

# aiosmtpd warns of attributes of its own; without a handler that would go to stderr.
logging.getLogger("mail.log").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Login:
    """Who may log in: one user by name and password, and any sender with a token that *takes_token* takes."""

    username: str
    password: str = field(repr=False)
    takes_token: Callable[[str], bool] | None = None

    def takes(self, given: LoginPassword) -> bool:
        """Say whether name and password are right."""
        wanted = (self.username.encode(), self.password.encode())
        return sum(hmac.compare_digest(*pair) for pair in zip((given.login, given.password), wanted, strict=True)) == len(wanted)


_HIDDEN = {Fault.NO_STARTTLS: "STARTTLS", Fault.NO_AUTH: "AUTH ", Fault.NO_SMTPUTF8: "SMTPUTF8"}


class _Handler:
    """What aiosmtpd asks while a client talks."""

    def __init__(self, login: Login, faults: Collection[Fault], keep: Callable[[Mail], None]) -> None:
        self._login, self._faults, self._keep = login, faults, keep

    async def handle_EHLO(self, server: Any, session: Any, envelope: object, name: str, lines: list[str]) -> list[str]:  # noqa: N802
        """Leave out what is not to be offered."""
        session.host_name = name
        hidden = [word for fault, word in _HIDDEN.items() if fault in self._faults]
        return [line for line in lines if not line[4:].startswith(tuple(hidden))]

    async def handle_MAIL(self, server: object, session: object, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        """Take a sender."""
        if Fault.SENDER_REFUSED in self._faults:
            return "553 5.7.1 sender address rejected: not owned by user"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(self, server: object, session: object, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        """Take a recipient."""
        if Fault.RELAY_REFUSED in self._faults:
            return "550 5.7.1 relaying denied"
        if Fault.GREYLISTED in self._faults:
            return "451 4.7.1 greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802
        """Keep the mail."""
        if Fault.MESSAGE_REFUSED in self._faults:
            return "554 5.7.1 message refused"
        self._keep(Mail(envelope.mail_from, tuple(envelope.rcpt_tos), bytes(envelope.content)))
        return "250 2.0.0 kept"

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> AuthResult:  # noqa: N802
        """Take a bearer token, in the form that Google and Microsoft take it."""
        given = args[1] if len(args) > 1 else ""
        try:
            fields = base64.b64decode(given, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            fields = ""
        match = re.fullmatch("user=[^\x01]*\x01auth=Bearer ([^\x01]*)\x01\x01", fields)
        takes = self._login.takes_token
        if match and takes is not None and takes(match[1]) and not {Fault.TOKEN_REFUSED, Fault.AUTH_REFUSED} & set(self._faults):
            return AuthResult(success=True)
        await server.push(b"334 " + base64.b64encode(b'{"status":"401","schemes":"bearer","scope":"mail"}'))
        await server._reader.readline()  # the client's empty answer ends the exchange
        return AuthResult(success=False, handled=False)

    async def handle_exception(self, error: Exception) -> str:
        """Answer without logging: a client that breaks off a TLS handshake is what this server is for."""
        return f"451 4.3.0 {type(error).__name__}"


class _Connection(SMTP):
    """One client; the set *live* holds it from its first byte to its last."""

    def __init__(
        self, live: set[_Connection], handler: _Handler, faults: Collection[Fault], delay: float, *, tls: bool, **options: Any
    ) -> None:
        super().__init__(handler, hostname="localhost", ident="mailwright sandbox", **options)
        # Set here, and not by aiosmtpd's options, which warn of what is meant here.
        self._auth_require_tls = not (tls or {Fault.NO_STARTTLS, Fault.CLEARTEXT_AUTH} & set(faults))
        self._auth_required = True
        self._faults, self._delay = faults, delay
        self._live = live
        self._raw: asyncio.Transport | None = None
        self._greeted = False

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

    async def push(self, status: Any) -> None:
        """Send a reply, late if that was asked for; the greeting is the first one."""
        if self._delay:
            await asyncio.sleep(self._delay)
        if self._greeted:
            await super().push(status)
            return
        self._greeted = True
        if Fault.SILENT in self._faults:
            await asyncio.Event().wait()
        if Fault.BUSY in self._faults:
            await super().push("421 4.3.2 too many connections, try again later")
        if {Fault.BUSY, Fault.CLOSES} & set(self._faults):
            assert self.transport is not None
            self.transport.close()
            await asyncio.Event().wait()  # until the end of the connection cancels this
        await super().push(status)

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        """Greet back."""
        if Fault.EHLO_BUSY not in self._faults:
            await super().smtp_EHLO(hostname)
            return
        await super().push("421 4.3.2 shutting down, try again later")
        assert self.transport is not None
        self.transport.close()

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        """Change to TLS."""
        if Fault.STARTTLS_REFUSED in self._faults:
            await self.push("454 4.7.0 TLS not available due to temporary reason")
        elif Fault.NO_STARTTLS in self._faults:
            await self.push("502 5.5.1 command not implemented")
        else:
            await super().smtp_STARTTLS(arg)


class SandboxSmtp:
    """Run the server while the context is open.

    Args:
        username: The one user that AUTH LOGIN and PLAIN take.
        password: Its password.
        takes_token: Offer XOAUTH2 too, for tokens that this takes.
        names: Host names and addresses that the certificate is for.
        authority: Who issues it; a new one if None.
        port: Where to listen; 0 takes a free port.
        implicit_tls: Speak TLS from the first byte.
        faults: What goes wrong.
        delay: Seconds that each reply is kept back.
        deliver: Called with each mail, in the server's thread.

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
        takes_token: Callable[[str], bool] | None = None,
        names: Sequence[str] = ("localhost", HOST),
        authority: Authority | None = None,
        port: int = 0,
        implicit_tls: bool = False,
        faults: Collection[Fault] = (),
        delay: float = 0.0,
        deliver: Callable[[Mail], None] | None = None,
    ) -> None:
        authority = authority or Authority()
        self.host = HOST
        self.port = port
        self.ca_pem = authority.ca_pem
        self.mailbox: list[Mail] = []
        self._login = Login(username, password, takes_token)
        self._context = _context(authority, names, faults)
        self._implicit, self._faults, self._delay, self._deliver = implicit_tls, frozenset(faults), delay, deliver
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
        context = self._context if self._implicit else None
        server = await self._loop.create_server(self._connection, HOST, self.port, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for connection in list(self._live):
            connection.abort()
        await server.wait_closed()
        for _ in range(3):  # each layer of a connection learns of its end in a turn of the loop
            await asyncio.sleep(0)

    def _keep(self, mail: Mail) -> None:
        self.mailbox.append(mail)
        if self._deliver is not None:
            self._deliver(mail)

    def _connection(self) -> SMTP:
        starttls = not self._implicit
        clear = {Fault.NO_STARTTLS, Fault.CLEARTEXT_AUTH, Fault.STARTTLS_REFUSED} & self._faults
        return _Connection(
            self._live,
            _Handler(self._login, self._faults, self._keep),
            self._faults,
            self._delay,
            tls=self._implicit,
            tls_context=self._context if starttls else None,
            require_starttls=starttls and not clear,
            auth_exclude_mechanism=() if self._login.takes_token else ("XOAUTH2",),
            authenticator=self._authenticate,
            enable_SMTPUTF8=Fault.NO_SMTPUTF8 not in self._faults,
            data_size_limit=SMALL if Fault.TOO_BIG in self._faults else 2**25,
            loop=self._loop,
        )

    def _authenticate(self, *args: Any) -> AuthResult:
        given = args[-1]
        right = isinstance(given, LoginPassword) and self._login.takes(given) and Fault.AUTH_REFUSED not in self._faults
        return AuthResult(success=right, handled=False)


def _context(authority: Authority, names: Sequence[str], faults: Collection[Fault]) -> ssl.SSLContext:
    """Return the server's TLS context, with the certificate and the protocols that *faults* leave."""
    if Fault.WRONG_NAME in faults:
        names = ("another-host.example",)
    if Fault.UNKNOWN_CA in faults:
        authority = Authority("another sandbox CA")
    if Fault.INCOMPLETE_CHAIN in faults:
        authority = Authority("mailwright sandbox intermediate CA", issuer=authority)
    validity = Validity.EXPIRED if Fault.EXPIRED in faults else Validity.NOW
    validity = Validity.FUTURE if Fault.NOT_YET_VALID in faults else validity
    context = authority.server_context(names, validity)
    if Fault.OLD_TLS in faults:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that it is obsolete is the point
            context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    if Fault.CLIENT_CERTIFICATE in faults:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=authority.ca_pem)
    if Fault.ONLY_TLS13 in faults:
        context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context
