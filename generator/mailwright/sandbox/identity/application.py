"""The stand-in's HTTP side: paths, who may call, what is answered, and what is made to go wrong on the way.

A tenant that does not exist, or is not active, gets 401: nobody can log in to it, and it is not known what the product says.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import uuid
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import quote, unquote_plus

from aiohttp import web

from ...base.values import dataclass
from . import accounts
from .accounts import TENANTS, TenantSettings
from .answers import echoing, fault_answer, json_answer, of_another, page_answer, send_slowly
from .faults import Dice, Faults, Mishap
from .refusals import Refused, unauthorized
from .registry import SUPER, Caller, Registry, authorize, sender_scope, tenant_scope
from .senders import read_sender, represent

NOTICE = "mailwright sandbox: a stand-in for tests, not WSO2 Identity Server"
_EMAIL = "/api/server/{version:v[12]}/notification-senders/email"
RIVAL = "relay.somebody-else.example"
"""The mail server that somebody else writes into a sender."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the stand-in behaves where the product can be set up, or where it is not known how it behaves.

    Attributes:
        publishers: The active publishers of the super tenant. The product does not compare their kind, so that a sender of
            email may be called SMSPublisher (product/api.md#publisher-name).
        empty_list: The status of a list without senders: 200 with ``[]``, or 404 (product/unknown.md#empty-list).
        ignore_unknown: Fields that are not known are ignored, where it is not known what the release does
            (product/api.md#unknown-fields).
        tenants: Those of the tenant management.
    """

    publishers: frozenset[str] = frozenset({"EmailPublisher", "SMSPublisher"})
    empty_list: int = 200
    ignore_unknown: bool = False
    tenants: TenantSettings = TenantSettings()


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request as the log has it: no query, no header, no body. ``status`` is 0 where the connection was cut."""

    method: str
    path: str
    tenant: str
    status: int


Reporter = Callable[[LoggedRequest], None]


class Application:
    """Answer requests out of a registry.

    Attributes:
        log: The requests that were answered, the last million of them.
        counts: How many there were of each method and status.
        at_once: The most requests that were in work at one time.
        latency: Seconds that each answer is kept back.
        defects: What this stand-in itself broke on; a test that uses it has to fail.
    """

    log: deque[LoggedRequest]
    counts: Counter[tuple[str, int]]
    at_once: int

    def __init__(
        self, registry: Registry, settings: Behaviour, faults: Faults, *, latency: float, report: Reporter | None
    ) -> None:
        self.registry = registry
        self.report = report
        self.forget()
        self.latency = latency
        self.defects: list[Exception] = []
        self._settings = settings
        self._running = 0
        self.set_faults(faults)

    def set_faults(self, faults: Faults) -> None:
        """Change what goes wrong."""
        self._faults, self._dice = faults, Dice(faults)

    def forget(self) -> None:
        """Begin the log anew."""
        self.log, self.counts, self.at_once = deque(maxlen=1_000_000), Counter(), 0

    def build(self) -> web.Application:
        """Return the application for aiohttp."""
        application = web.Application(middlewares=[self._around], client_max_size=1 << 20)
        add = application.router.add_route
        release = self.registry.release
        for prefix in ("", "/t/{tenant}", "/t/{tenant}/{o:o}"):
            if prefix.endswith("}") and "{o:" in prefix and not release.organizations:
                continue
            add("*", f"{prefix}{_EMAIL}", self._senders)
            add("*", f"{prefix}{_EMAIL}/{{name}}", self._sender)
        for prefix in ("", "/t/{tenant}"):
            add("POST", f"{prefix}/oauth2/token", self._token)
        add("*", TENANTS, self._tenants)
        add("*", f"{TENANTS}/domain/{{domain}}", self._tenant)
        for rest in ("", "/lifecycle-status", "/owners", "/metadata"):
            add("*", f"{TENANTS}/{{id}}{rest}", self._tenant)
        if release.tenant_owner_path:
            add("*", f"{TENANTS}/{{id}}/owners/{{owner}}", self._owner)
        return application

    @web.middleware
    async def _around(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count, wait, let go wrong, log."""
        tenant = request.match_info.get("tenant", SUPER)
        fault = self._dice.draw(tenant, request.method, request.raw_path.partition("?")[0]) or Mishap()
        self._running += 1
        self.at_once = max(self.at_once, self._running)
        try:
            raw = await request.read()
            await asyncio.sleep(self.latency)
            broken = fault.cut or fault.html or fault.status is not None
            response = None if broken and not fault.after else await self._answer(request, handler)
            if fault.status is not None:
                response = fault_answer(fault.status, self._faults)
            elif fault.html:
                response = page_answer(request)
            elif fault.other and response is not None:
                response = of_another(response)
            elif fault.rival and response is not None and response.status in (200, 201):
                self._overwrite(request)
            if fault.cut or response is None:
                self._note(request, tenant, 0)
                if request.transport is not None:
                    request.transport.abort()
                return web.Response(status=500)
            if response.status >= 400 and self._faults.echo:
                response = echoing(response, request, raw)
            response.headers["X-Mailwright-Sandbox"] = NOTICE
            self._note(request, tenant, response.status)
            return await send_slowly(request, response, self._faults.slow_seconds) if fault.slow else response
        finally:
            self._running -= 1

    def _overwrite(self, request: web.Request) -> None:
        """Write a sender that was just written, as somebody else does at the same time."""
        realm = request.match_info.get("tenant", SUPER)
        if request.method in ("POST", "PUT") and "version" in request.match_info:
            held = self.registry.senders.get(realm, {})
            held.update({name: replace(sender, smtpServerHost=RIVAL) for name, sender in held.items()})

    def _note(self, request: web.Request, tenant: str, status: int) -> None:
        logged = LoggedRequest(request.method, request.raw_path.partition("?")[0], tenant, status)
        self.log.append(logged)
        self.counts[logged.method, status] += 1
        if self.report:
            self.report(logged)

    async def _answer(self, request: web.Request, handler: Handler) -> web.Response:
        try:
            response = await handler(request)
            assert isinstance(response, web.Response)
            return response
        except Refused as refused:
            document = refused.document(str(uuid.uuid4()))
            headers = {"WWW-Authenticate": refused.challenge} if refused.challenge else {}
            return (
                json_answer(document, refused.status, headers)
                if document
                else web.Response(status=refused.status, headers=headers)
            )
        except web.HTTPException as error:
            return web.Response(status=error.status)
        except Exception as error:  # reported when the context ends
            self.defects.append(error)
            return web.Response(status=500, text="the stand-in has a defect")

    def _caller(self, request: web.Request) -> Caller:
        scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self.registry.by_token(rest.strip())
        if scheme.lower() == "basic":
            return self.registry.by_password(*_basic(rest))
        raise unauthorized()

    def _realm(self, request: web.Request) -> str:
        tenant, organization = request.match_info.get("tenant", SUPER), "o" in request.match_info
        _allow(request, "GET", "POST", "PUT", "DELETE")
        scope = sender_scope(request.method, self.registry.release, organization=organization)
        realm = authorize(self._caller(request), tenant, scope, organization=organization)
        if request.match_info["version"] not in self.registry.release.payloads:
            raise Refused(404)
        if tenant == SUPER:
            raise Refused(405)
        return realm

    async def _senders(self, request: web.Request) -> web.Response:
        _allow(request, "GET", "POST")
        realm, version, release = self._realm(request), request.match_info["version"], self.registry.release
        held = self.registry.senders.get(realm, {})
        if request.method == "GET":
            if not held and self._settings.empty_list == 404:
                raise Refused(404, "NSM-60006")
            return json_answer([represent(sender, version, release) for sender in held.values()])
        sender = read_sender(await request.read(), version, release, name=None, ignore_unknown=self._ignore_unknown)
        if sender.name in held:
            raise Refused(409, "NSM-60002")
        self._check_publisher(sender.name)
        self.registry.senders.setdefault(realm, {})[sender.name] = sender
        location = f"{request.scheme}://{request.host}{request.path}/{quote(sender.name, safe='')}"
        return json_answer(represent(sender, version, release), 201, {"Location": location})

    async def _sender(self, request: web.Request) -> web.Response:
        _allow(request, "GET", "PUT", "DELETE")
        realm, version, release = self._realm(request), request.match_info["version"], self.registry.release
        held, name = self.registry.senders.get(realm, {}), request.match_info["name"]
        if request.method == "PUT":
            sender = read_sender(await request.read(), version, release, name=name, ignore_unknown=self._ignore_unknown)
            if name not in held:
                raise Refused(400, "NSM-65010")
            self._check_publisher(name)
            held[name] = sender
        if name not in held:
            raise Refused(404, "NSM-60006")
        if request.method == "DELETE":
            del held[name]
            return web.Response(status=204)
        return json_answer(represent(held[name], version, release))

    @property
    def _ignore_unknown(self) -> bool:
        return self._settings.ignore_unknown and self.registry.release.unknown_fields_unsure

    def _check_publisher(self, name: str) -> None:
        if not self._settings.publishers:
            raise Refused(404, "NSM-65001")
        if name not in self._settings.publishers:
            raise Refused(404, "NSM-60001")

    async def _token(self, request: web.Request) -> web.Response:
        if request.content_type != "application/x-www-form-urlencoded":
            raise Refused(400, body={"error": "invalid_request"})
        form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "basic":
            client = tuple(map(unquote_plus, _basic(rest)))
        else:
            client = (form.get("client_id", ""), form.get("client_secret", ""))
        answer = self.registry.issue(request.match_info.get("tenant", SUPER), form, client[0], client[1])
        return json_answer(answer, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})

    async def _tenants(self, request: web.Request) -> web.Response:
        _allow(request, "GET", "POST")
        authorize(self._caller(request), SUPER, tenant_scope(request.method))
        settings = self._settings.tenants
        if request.method == "GET":
            return json_answer(accounts.page(self.registry, settings, request.query))
        account, complete = accounts.create(self.registry, settings, await request.read(), ignore_unknown=self._ignore_unknown)
        headers = {"Location": f"{request.scheme}://{request.host}{TENANTS}/{account.id}"}
        if complete:
            return web.Response(status=201, headers=headers)
        return json_answer(Refused(206, "TM-60021").document(str(uuid.uuid4())), 206)

    async def _tenant(self, request: web.Request) -> web.Response:
        rest = request.path.rpartition("/")[2] if "domain" not in request.match_info else "domain"
        _allow(request, *{"domain": ("GET", "HEAD"), "lifecycle-status": ("PUT",), "metadata": ("DELETE",)}.get(rest, ("GET",)))
        authorize(self._caller(request), SUPER, tenant_scope(request.method))
        if rest == "domain":
            try:
                account = accounts.by_domain(self.registry, request.match_info["domain"])
            except Refused:
                if request.method == "HEAD":
                    raise Refused(404) from None
                raise
            return json_answer(accounts.represent_tenant(account))
        account = accounts.by_id(self.registry, request.match_info["id"])
        if rest == "lifecycle-status":
            accounts.set_status(account, await request.read())
            return web.Response(status=200)
        if rest == "metadata":
            if not self._settings.tenants.deletion:
                raise Refused(400, "TM-60016")
            del self.registry.accounts[account.domain]
            return web.Response(status=204)
        return json_answer(accounts.represent_owners(account) if rest == "owners" else accounts.represent_tenant(account))

    async def _owner(self, request: web.Request) -> web.Response:
        _allow(request, "GET", "PUT")
        authorize(self._caller(request), SUPER, tenant_scope(request.method))
        account, owner = accounts.by_id(self.registry, request.match_info["id"]), request.match_info["owner"]
        if request.method == "PUT":
            accounts.update_owner(account, owner, await request.read())
            return web.Response(status=200)
        accounts.check_owner(account, owner)
        return json_answer(accounts.represent_owner(account))


def _allow(request: web.Request, *methods: str) -> None:
    if request.method not in methods:
        raise Refused(405)


def _basic(text: str) -> tuple[str, str]:
    try:
        name, colon, word = base64.b64decode(text.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise unauthorized() from None
    if not colon:
        raise unauthorized()
    return name, word
