"""Who calls: the credentials of each tenant, and the tokens that they buy.

product/api.md#scopes-7, product/api.md#credentials-per-tenant, product/vendor-cli.md#login.

A token is bought at ``/t/{domain}/oauth2/token`` with the client in a Basic header, that of a sub-organization by exchanging its tenant's
(``organization_switch``). A tenant's token is bought once and kept for the run, as long as it is good; there is a limit to how many are.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Mapping
from enum import Enum
from functools import cache
from itertools import islice
from urllib.parse import quote_plus, urlencode

from ..base.errors import AuthenticationRefused, PeerRefused
from ..base.patterns import pattern
from ..base.secret import Secret
from ..base.values import dataclass
from ..product.paths import SUPER_TENANT, tenant_path
from ..product.releases import Release
from .peer import refusal
from .transport import Answer, Transport

_MARGIN = 30.0
"""Seconds before its end at which a token is given up."""

_IN_WORK = 256
"""Of the tokens, the newest: those of the tenants that may be in work. They stay, whatever else must go."""

_TOKEN = pattern(r"[!-~]+\Z")
_LONGEST_TOKEN = 1 << 16
"""Characters: more go into no header that a server reads."""

_LONGEST_KEPT = 86_400
"""Seconds that a token is kept at most, whatever is said of it."""


class Login(Enum):
    """How to log in."""

    BASIC = "basic"
    OAUTH = "oauth2"


@dataclass(frozen=True, slots=True)
class Credentials:
    """An administrator with a password, or an OAuth2 application with its secret; ``name`` is the user or the client id."""

    kind: Login
    name: str
    secret: Secret


class Task(Enum):
    """What is to be done with the senders: the scopes that are asked for are no more than that takes."""

    READ = ("view",)
    WRITE = ("view", "create", "update")
    PRUNE = ("view", "create", "update", "delete")


def sender_scopes(task: Task, release: Release, *, organization: bool) -> str:
    """Return the scopes for a task; those of 6.x are the API definition's, it is not known what is enforced.

    product/api.md#scopes-7.
    """
    if release.sender_scopes == "configuration":
        return " ".join(f"internal_config_mgt_{'add' if verb == 'create' else verb}" for verb in task.value)
    prefix = "internal_org_notification_senders_" if organization else "internal_notification_senders_"
    return " ".join(prefix + verb for verb in task.value)


TENANT_SCOPES = "internal_list_tenants internal_create_tenants"
"""What looking tenants up and creating them takes (product/tenant-management.md#scopes)."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What a request shows: its header, and what of it must never be shown again."""

    header: str
    sent: tuple[str, ...]

    def __repr__(self) -> str:
        return "Pass()"


_Key = tuple[str, str, str]
"""The domain, and the client's name and secret: of the run alone, as the tokens are."""


class Gate:
    """Buy, keep and hand out what requests show.

    Args:
        transport: The way to the server.
        release: The product release.
        task: What is to be done with senders.
        kept: How many tokens are kept. Of more, the first stay: a later pass over the tenants begins with them.
    """

    def __init__(self, transport: Transport, release: Release, task: Task, *, kept: int = 16_384) -> None:
        self._transport, self._release, self._task = transport, release, task
        self._kept = kept
        self._tokens: dict[_Key, tuple[str, float]] = {}
        self._buying: dict[_Key, asyncio.Lock] = {}

    async def show(self, domain: str, credentials: Credentials) -> Pass:
        """Return the pass for a tenant, a sub-organization (``domain/o/ID``), or the super tenant.

        Raises:
            AuthenticationRefused: no token for these credentials.
            ConnectionFailed, TlsFailed, PeerRefused: as the token endpoint is reached, or answers.
        """
        name, secret = credentials.name, credentials.secret.reveal()
        if credentials.kind is Login.BASIC:
            pair = _basic(name, secret)
            return Pass(f"Basic {pair}", (secret, pair))
        token = await self._token(domain, credentials)
        return Pass(f"Bearer {token}", (secret, token))

    def drop(self, domain: str, credentials: Credentials) -> bool:
        """Forget a token that the server does not take; say whether there was one."""
        return self._tokens.pop((domain, credentials.name, credentials.secret.reveal()), None) is not None

    async def _token(self, domain: str, credentials: Credentials) -> str:
        key = (domain, credentials.name, credentials.secret.reveal())
        if (held := self._held(key)) is not None:
            return held
        async with self._buying.setdefault(key, asyncio.Lock()):  # who asks for the same one meanwhile takes it from there
            try:
                if (held := self._held(key)) is None:
                    held, seconds = await self._buy(domain, credentials)
                    self._keep(key, held, time.monotonic() + seconds - min(_MARGIN, seconds / 2))
                return held
            finally:
                self._buying.pop(key, None)

    def _held(self, key: _Key) -> str | None:
        held = self._tokens.get(key)
        return held[0] if held is not None and held[1] > time.monotonic() else None

    def _keep(self, key: _Key, token: str, until: float) -> None:
        self._tokens[key] = (token, until)
        if len(self._tokens) > self._kept:
            newest = islice(reversed(self._tokens), min(_IN_WORK, self._kept - 1), None)
            del self._tokens[next(newest)]

    async def _buy(self, domain: str, credentials: Credentials) -> tuple[str, float]:
        tenant, _, organization = domain.partition("/o/")
        own = ""
        if tenant == SUPER_TENANT:
            form = _client_credentials(TENANT_SCOPES)
        elif organization:
            own = await self._token(tenant, credentials)
            scope = sender_scopes(self._task, self._release, organization=True)
            fields = {"grant_type": "organization_switch", "token": own, "switching_organization": organization, "scope": scope}
            form = urlencode(fields).encode()
        else:
            form = _client_credentials(sender_scopes(self._task, self._release, organization=False))
        secret = credentials.secret.reveal()
        pair = _basic(quote_plus(credentials.name), quote_plus(secret))  # RFC 6749, 2.3.1
        headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded"}
        answer = await self._transport.send(
            "POST", f"{tenant_path(tenant)}/oauth2/token", headers=headers, body=form, repeatable=True
        )
        return _bought(answer, domain, (secret, pair, own))


@cache
def _client_credentials(scope: str) -> bytes:
    return urlencode({"grant_type": "client_credentials", "scope": scope}).encode()


def _bought(answer: Answer, domain: str, sent: tuple[str, ...]) -> tuple[str, float]:
    document = answer.json()
    if answer.status in (400, 401):  # RFC 6749, 5.2
        own = domain.partition("/o/")[0]
        hint = f"credentials are per tenant: the application must be one of {own} (product/api.md#credentials-per-tenant)"
        refused = refusal("the token endpoint refuses the application", answer, sent, hint=hint)
        error = AuthenticationRefused(refused.message, hint=refused.hint)
        error.status = answer.status
        raise error
    if answer.status != 200:
        raise refusal("POST to the token endpoint", answer, sent)
    if not isinstance(document, Mapping) or not isinstance(token := document.get("access_token"), str) or not token:
        raise PeerRefused("the token endpoint answered without a token", hint="is this URL the Identity Server's own?")
    if len(token) > _LONGEST_TOKEN or not _TOKEN.match(token):
        raise PeerRefused("the token endpoint answered with something that is not a token")
    seconds = document.get("expires_in")
    return token, float(min(seconds, _LONGEST_KEPT)) if isinstance(seconds, (int, float)) and seconds > 0 else 60.0


def _basic(name: str, secret: str) -> str:
    return base64.b64encode(f"{name}:{secret}".encode()).decode("ascii")
