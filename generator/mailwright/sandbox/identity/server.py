"""The stand-in as a server in a thread of its own: on 127.0.0.1 alone, with TLS from a certificate authority to throw away."""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from ...base.errors import UsageError
from ...product.product import load_product
from ...product.releases import Release
from ..ca import Authority
from .application import Application, Behaviour, LoggedRequest, Reporter
from .faults import Faults
from .registry import SUPER, Account, Registry, SandboxTenant, all_scopes
from .senders import StoredSender, read_sender, represent

HOST = "127.0.0.1"
WAIT_SECONDS = 10.0


class SandboxIs:
    """Run the stand-in while the context is open.

    Args:
        tenants: Domains, or tenants with more said about them.
        product_version: The release it stands in for.
        client_id, client_secret: The OAuth2 application of every tenant that names none of its own; a random secret if None.
        admin_password: The password of every administrator that has none of its own; a random one if None.
        port: Where to listen; 0 takes any free port.
        latency: Seconds that each answer is kept back.
        faults: What goes wrong.
        settings: What an operator can set, and what is not known of the product.
        token_lifetime: Seconds that a token is good for.
        new_tenants_have_client: A tenant made through the API has the OAuth2 application at once, as if somebody had
            registered it; otherwise only its owner can log in.
        names: Host names and addresses that the certificate is for.
        authority: Who issues it; a new one if None.
        report: Called with each request that was answered, in the server's thread.

    Raises:
        UsageError: the release has no such API; when the context opens, the port is taken.

    Attributes:
        host, port, url: Where it listens; known once the context is open.
        ca_pem: What a client must trust.
        client_id, client_secret, admin_password: What tenants have that name no others.
    """

    def __init__(
        self,
        tenants: Iterable[str | SandboxTenant] = (),
        *,
        product_version: str | Release | None = None,
        client_id: str = "mailwright",
        client_secret: str | None = None,
        admin_password: str | None = None,
        port: int = 0,
        latency: float = 0.0,
        faults: Faults | None = None,
        settings: Behaviour | None = None,
        token_lifetime: float = 3600.0,
        new_tenants_have_client: bool = False,
        names: Sequence[str] = ("localhost", HOST),
        authority: Authority | None = None,
        report: Reporter | None = None,
    ) -> None:
        authority = authority or Authority()
        if not isinstance(product_version, Release):
            releases = load_product().releases
            product_version = releases.parse(product_version) if product_version else releases.newest
        self.release = product_version
        if not self.release.tenant_api:
            raise UsageError(
                f"{self.release.version} has no API for tenants' senders",
                hint=f"take {self.release.product.releases.first_with('payloads')} or later",
            )
        self.host, self.port = HOST, port
        self.ca_pem = authority.ca_pem
        self.client_id = client_id
        self.client_secret = client_secret or secrets.token_urlsafe(24)
        self.admin_password = admin_password or secrets.token_urlsafe(24)
        client = (self.client_id, self.client_secret) if new_tenants_have_client else None
        self._registry = Registry(self.release, lifetime=token_lifetime, new_client=client)
        for tenant in (SUPER, *tenants):
            self.add_tenant(tenant)
        self._application = Application(
            self._registry, settings or Behaviour(), faults or Faults(), latency=latency, report=report
        )
        self._context = authority.server_context(names)
        self._ready = threading.Event()
        self._failure: Exception | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="mailwright-sandbox-is", daemon=True)

    @property
    def url(self) -> str:
        """The base of every path."""
        return f"https://localhost:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(WAIT_SECONDS):
            raise TimeoutError("the stand-in did not start")
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(WAIT_SECONDS)
        if kind is None and self._application.defects:
            raise self._application.defects[0]

    def add_tenant(self, tenant: str | SandboxTenant) -> None:
        """Add a tenant, or say more about one that is there: its credentials change, its senders stay."""
        given = SandboxTenant(tenant) if isinstance(tenant, str) else tenant
        self._registry.accounts[given.domain] = Account(
            domain=given.domain,
            admin=given.admin,
            admin_password=given.admin_password or self.admin_password,
            email=f"{given.admin}@{given.domain}",
            client_id=given.client_id or self.client_id,
            client_secret=given.client_secret or self.client_secret,
            scopes=all_scopes(self.release) if given.scopes is None else given.scopes,
            organizations=given.organizations,
            active=given.active,
        )

    @property
    def domains(self) -> list[str]:
        """The tenants, without the super tenant."""
        return [domain for domain in list(self._registry.accounts) if domain != SUPER]

    def put(self, realm: str, body: Mapping[str, Any], *, version: str) -> None:
        """Store a sender as if by POST: *realm* is a domain, or ``domain/o/ID``; what is there already is replaced.

        Raises:
            Refused: as POST is.
        """
        sender = read_sender(json.dumps(body).encode(), version, self.release, name=None, ignore_unknown=False)
        self._registry.senders.setdefault(realm, {})[sender.name] = sender

    def stored(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Return everything stored, secrets too: realm to name to fields, the properties as a mapping."""
        held = {realm: dict(senders) for realm, senders in list(self._registry.senders.items()) if senders}
        return {realm: {name: _plain(sender) for name, sender in senders.items()} for realm, senders in held.items()}

    def shown(self, realm: str, version: str) -> list[dict[str, Any]]:
        """Return what GET lists of a realm."""
        senders = dict(self._registry.senders.get(realm, {}))
        return [represent(sender, version, self.release) for sender in senders.values()]

    @property
    def requests(self) -> list[LoggedRequest]:
        """The requests so far, in the order in which they were answered."""
        return list(self._application.log)

    def counts(self) -> Counter[tuple[str, int]]:
        """Return how many requests there were of each method and status."""
        return Counter(self._application.counts)

    @property
    def at_once(self) -> int:
        """The most requests that were in work at one time."""
        return self._application.at_once

    def forget_requests(self) -> None:
        """Begin the log and ``at_once`` anew."""
        self._application.forget()

    def set_faults(self, faults: Faults | None = None) -> None:
        """Change what goes wrong; None: nothing any more."""
        self._application.set_faults(faults or Faults())

    def set_latency(self, seconds: float) -> None:
        """Change how long answers are kept back."""
        self._application.latency = seconds

    def revoke_tokens(self, domain: str | None = None) -> None:
        """Make the tokens of a tenant worthless, or all tokens, as a restart of the server can."""
        self._registry.revoke(domain)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        runner = web.AppRunner(self._application.build(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await self._listen(runner)
            self.port = runner.addresses[0][1]
            self._ready.set()
            await self._stop.wait()
        finally:
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> None:
        try:
            await web.TCPSite(runner, self.host, self.port, ssl_context=self._context, backlog=1024).start()
        except OSError as error:
            raise UsageError(f"cannot listen on port {self.port}: {error.strerror}", hint="port 0 takes a free one") from None


def _plain(sender: StoredSender) -> dict[str, Any]:
    return {**asdict(sender), "properties": dict(sender.properties)}
