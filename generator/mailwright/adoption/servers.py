"""Read tenants' senders from a server, to make a spec of them: v2 where the release has it, which shows no secret.

product/api.md#secrets.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

from ..base.errors import AuthenticationRefused, MailwrightError, SpecError
from ..base.nodes import PlacedMap
from ..base.values import dataclass
from ..product.product import Product
from ..product.releases import Release
from ..tenants.client import TenantApi
from ..tenants.credentials import Task
from ..tenants.peer import failure_of
from ..tenants.preparing import Preparation
from ..tenants.runs import Alike, Server, open_api
from ..tenants.window import stream, windowed
from .payloads import ImportedTenant, Variables, import_sender


@dataclass(frozen=True, slots=True)
class Found:
    """What a server has for one tenant: ``tenant`` is None where it has no sender of its own, or cannot be read."""

    domain: str
    tenant: ImportedTenant | None = None
    failure: MailwrightError | None = None


async def find_senders(
    server: Server, release: Release, login: Preparation, domains: tuple[str, ...]
) -> AsyncGenerator[Found, None]:
    """Yield what the server has for each tenant, in their order.

    Args:
        server: Where it is.
        release: The product release.
        login: Knows the credentials.
        domains: The tenants; none: every one that the server lists, which takes ``api.super`` and knows no sub-organizations.

    Raises:
        SpecError: no tenants are named and there are no credentials to list them.
        Stopped: one cause fails everybody.
        MailwrightError: the server is not reachable, or does not list its tenants.
    """
    own = {tenant.domain: part for tenant in login.spec.tenants if isinstance(part := tenant.sender.get("api"), PlacedMap)}
    version = release.best_api
    variables = Variables()
    async with open_api(server, release, Task.READ) as api:

        async def look(domain: str) -> tuple[str, dict[str, Any] | MailwrightError | None]:
            try:
                return domain, await api.show(domain, version, login.credentials(domain, own.get(domain)))
            except MailwrightError as error:
                return domain, error

        source = stream(domains) if domains else _listed(api, login)
        alike = Alike(server.limits.concurrency, "read")
        async with aclosing(windowed(source, look, concurrency=server.limits.concurrency)) as answers:
            async for domain, answer in answers:  # in their order, so that the variables are named alike every time
                yield _found(domain, answer, version, variables, release.product)
                failure = failure_of(answer) if isinstance(answer, MailwrightError) else None
                foreign = isinstance(answer, AuthenticationRefused) and not domains  # who is listed may be somebody else's
                if not foreign:
                    alike.after(failure)


def _found(
    domain: str, answer: dict[str, Any] | MailwrightError | None, version: str, variables: Variables, product: Product
) -> Found:
    if answer is None or isinstance(answer, MailwrightError):
        return Found(domain, failure=answer)
    try:
        return Found(domain, import_sender(domain, answer, version, variables, product))
    except MailwrightError as error:
        return Found(domain, failure=error)


async def _listed(api: TenantApi, login: Preparation) -> AsyncIterator[str]:
    credentials = login.super_credentials()
    if credentials is None:
        raise SpecError(
            "there are no credentials to list the tenants with",
            place=login.spec.place(),
            hint="write `api.super`, or name tenants with --tenant",
        )
    async for domain in api.iter_tenants(credentials):
        yield domain
