"""The stand-in of the server without a socket: the transport hands its requests to the stand-in's application."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar
from unittest import mock

from aiohttp import StreamReader, web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from mailwright.operations.ready import Prepared, prepare
from mailwright.product.product import load_product
from mailwright.sandbox.ca import Authority
from mailwright.sandbox.identity import SandboxIs, SandboxTenant
from mailwright.spec import load_spec
from mailwright.tenants.applying import Applier, TenantOutcome
from mailwright.tenants.client import TenantApi
from mailwright.tenants.credentials import Task
from mailwright.tenants.planner import Planner
from mailwright.tenants.planning import TenantPlan, UpdateSecrets
from mailwright.tenants.runs import Server, apply_all, find_removals, plan_all, spec_targets
from mailwright.tenants.transport import Answer, Limits, Transport, tls_context
from products import parse_release

R = TypeVar("R")
ADDRESS = "https://is.example.com:443"
SECRET, CLIENT_SECRET, ADMIN = "canary-mail-password", "canary-client-secret", "canary-admin-password"
ENV = {"MAILWRIGHT_P": SECRET, "MAILWRIGHT_C": CLIENT_SECRET, "MAILWRIGHT_A": ADMIN}
AUTHORITY = Authority()
CONTEXT = tls_context(None)  # which takes a while, and is asked for nothing here
SERVER = Server(ADDRESS, CONTEXT, Limits())

Strike = Callable[[str, str], Any]
"""Takes the method and the path of each request: an answer instead, an error, or None; an ``After`` comes when it was carried out."""


class After:
    """What becomes of an answer on its way back."""

    def __init__(self, instead: Any) -> None:
        self.instead = instead


class InProcess(Transport):
    """Requests go to the stand-in at once; nothing is waited for.

    Attributes:
        sent: Method and path of each request.
        strike: What goes wrong.
    """

    def __init__(self, server: SandboxIs, limits: Limits, strike: Strike | None = None) -> None:
        super().__init__(ADDRESS, CONTEXT, limits)
        self._application = server._application.build()
        self._application.freeze()
        self.strike = strike
        self.sent: list[tuple[str, str]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def reach(self) -> None:
        pass

    def pause(self, attempt: int, asked: float | None = None) -> float:
        return 0.0

    async def _once(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        self.sent.append((method, path))
        struck = self.strike(method, path) if self.strike else None
        if struck is not None and not isinstance(struck, After):
            return _or_raise(struck)
        payload = StreamReader(mock.Mock(_reading_paused=False), 1 << 16, loop=asyncio.get_running_loop())
        payload.feed_data(body or b"")
        payload.feed_eof()
        application = self._application
        request = make_mocked_request(method, path, CIMultiDict(headers), payload=payload, app=application)
        response = await application._handle(request)
        assert isinstance(response, web.Response)
        answer = Answer(response.status, response.body if isinstance(response.body, bytes) else b"")
        return _or_raise(struck.instead) if struck is not None else answer


def _or_raise(struck: Any) -> Answer:
    if isinstance(struck, BaseException):
        raise struck
    assert isinstance(struck, Answer)
    return struck


def answer(status: int, document: Any = None) -> Answer:
    return Answer(status, b"" if document is None else json.dumps(document).encode())


def sender(number: int = 0, **changes: Any) -> dict[str, Any]:
    own = {
        "from_address": f"no-reply@t{number}.example",
        "hostname": "smtp.example.com",
        "port": 587,
        "username": f"user{number}",
        "password": "$env{MAILWRIGHT_P}",
        "signature": f"Tenant {number}",
        "reply_to": f"help@t{number}.example",
    }
    return {**own, **changes}


class Site:
    """A stand-in, and a spec for it."""

    def __init__(self, folder: Path, *tenants: str | SandboxTenant, release: str = "7.3.0", **options: Any) -> None:
        own = {"client_secret": CLIENT_SECRET, "admin_password": ADMIN, "authority": AUTHORITY}
        self.server = SandboxIs(tenants, product_version=release, **{**own, **options})
        self.folder, self.release = folder, parse_release(release)
        self.limits = Limits(concurrency=2, attempts=2)
        self.strike: Strike | None = None
        self.transport: InProcess | None = None
        self.spec: dict[str, Any] = {
            "mailwright": 1,
            "product": {"version": release},
            "api": {
                "client_id": "mailwright",
                "client_secret": "$env{MAILWRIGHT_C}",
                "super": {"user": "admin@carbon.super", "password": "$env{MAILWRIGHT_A}"},
            },
            "tenants": {},
        }

    def prepared(self, *, with_secrets: bool = True, **options: Any) -> Prepared:
        path = self.folder / "spec.json"
        path.write_text(json.dumps(self.spec), encoding="utf-8")
        return prepare(load_spec(path), SERVER, with_secrets=with_secrets, **options)

    def run(
        self,
        work: Callable[[Planner, Prepared], Awaitable[R]],
        task: Task = Task.WRITE,
        update: UpdateSecrets = UpdateSecrets.ON_VERSION_CHANGE,
    ) -> R:
        """Do something with a planner."""

        async def inner() -> R:
            prepared = self.prepared()
            async with InProcess(self.server, self.limits, self.strike) as transport:
                self.transport = transport
                planner = Planner(
                    TenantApi(transport, self.release, load_product().payload_names, task), prepared.preparation, update
                )
                return await work(planner, prepared)

        return asyncio.run(inner())

    def plan(self, *, prune: bool = False, **options: Any) -> dict[str, TenantPlan]:
        async def work(planner: Planner, prepared: Prepared) -> dict[str, TenantPlan]:
            return {plan.domain: plan async for plan in plan_all(planner, prune=prune)}

        return self.run(work, Task.READ, **options)

    def apply(self, *, prune: bool = False, **options: Any) -> list[TenantOutcome]:
        async def work(planner: Planner, prepared: Prepared) -> list[TenantOutcome]:
            removals, _ = await find_removals(planner) if prune else ([], [])
            targets = spec_targets(prepared.preparation.jobs(), removals)
            return [outcome async for outcome in apply_all(planner, targets, self.finished.append)]

        self.finished: list[TenantOutcome] = []
        return self.run(work, Task.PRUNE if prune else Task.WRITE, **options)

    def applier(self, work: Callable[[Applier, Planner], Awaitable[Any]]) -> Any:
        async def inner(planner: Planner, _: Prepared) -> Any:
            return await work(Applier(planner), planner)

        return self.run(inner)

    def host(self, realm: str) -> str:
        """Return the relay that the server holds of a tenant."""
        return str(self.server.stored()[realm]["EmailPublisher"]["smtpServerHost"])
