"""Plans for tenants: read from the server, compare with the spec. What goes wrong with one tenant is its plan's failure."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from ..base.errors import AuthenticationRefused, MailwrightError, PeerRefused
from ..spec.tenants import DigestSet
from .client import TenantApi
from .comparable import Comparable
from .credentials import Credentials
from .peer import failure_of
from .planning import Action, TenantPlan, UpdateSecrets, plan_removal, plan_sender
from .preparing import Preparation, ReadyTenant
from .window import windowed

_MAYBE_MISSING = frozenset({400, 401, 403, 404})
"""What an unknown tenant can be answered with; which one is not known."""


class Planner:
    """Plan tenants against one server.

    Args:
        api: Its operations.
        preparation: The spec.
        update_secrets: When secrets are sent though nothing that can be seen differs.
    """

    def __init__(self, api: TenantApi, preparation: Preparation, update_secrets: UpdateSecrets) -> None:
        self.api, self.preparation, self.update_secrets = api, preparation, update_secrets
        self.super_credentials: Credentials | None = preparation.super_credentials()

    async def plans(self, concurrency: int) -> AsyncGenerator[TenantPlan, None]:
        """Yield the plan of every tenant, in the order of the spec, each as soon as the check has come by it."""
        async with aclosing(windowed(self.preparation.jobs_ahead(), self.plan, concurrency=concurrency)) as found:
            async for plan in found:
                yield plan

    async def plan(self, job: ReadyTenant) -> TenantPlan:
        """Return the plan of one tenant."""
        try:
            before, new_tenant = await self.read(job)
        except MailwrightError as error:
            return TenantPlan(job.domain, Action.ERROR, failure=failure_of(error))
        return self.compare(job, before, new_tenant=new_tenant)

    def compare(self, job: ReadyTenant, before: Comparable | None, *, new_tenant: bool, always: bool = True) -> TenantPlan:
        """Return the plan for a tenant whose state is known; without *always* secrets alone are no reason to write."""
        return plan_sender(
            job.payload,
            before,
            names=self.api.names,
            release=self.api.release,
            update_secrets=self.update_secrets if always else UpdateSecrets.ON_VERSION_CHANGE,
            new_tenant=new_tenant,
        )

    async def read(self, job: ReadyTenant) -> tuple[Comparable | None, bool]:
        """Return a tenant's sender, and whether the tenant is missing and to be created.

        Raises:
            MailwrightError: the server refuses, or the tenant is missing and the spec does not say ``create``.
        """
        try:
            return await self.api.read(job.domain, job.payload.version, job.credentials), False
        except (AuthenticationRefused, PeerRefused) as error:
            if error.status not in _MAYBE_MISSING:
                raise
            if self.super_credentials is None:
                if job.create is not None:
                    error.hint = (
                        f"{error.hint or ''}; `api.super` is needed to see whether the tenant exists, and to create it".lstrip(
                            "; "
                        )
                    )
                raise
            if await self.api.tenant_exists(job.domain.partition("/o/")[0], self.super_credentials):
                raise
        if job.create is None:
            hint = "`create` in the spec makes mailwright create it (product/tenant-management.md#create)"
            missing = PeerRefused("the tenant does not exist", hint=hint)
            missing.status = 404
            raise missing
        return None, True

    async def removals(self, concurrency: int) -> AsyncGenerator[TenantPlan, None]:
        """Yield a plan for every tenant of the server that the spec does not have: a deletion if it carries the spec's owner mark.

        Raises:
            SpecError: the spec has no owner, or no credentials for the list of tenants.
        """
        login = self.preparation.prune_credentials()
        spec_has = DomainSet()
        for job in self.preparation.jobs(to_write=False):
            spec_has.add(job.domain)

        async def surplus() -> AsyncIterator[str]:
            async for domain in self.api.iter_tenants(login):
                if not spec_has.add(domain):
                    yield domain

        async with aclosing(windowed(surplus(), self.plan_removal, concurrency=concurrency)) as found:
            async for plan in found:
                yield plan

    async def plan_removal(self, domain: str) -> TenantPlan:
        """Return the plan for a tenant that the spec does not have."""
        owner = self.preparation.owner
        assert owner is not None
        try:
            before = await self.api.read(domain, self.removal_version, self.preparation.credentials(domain))
        except MailwrightError as error:
            refused = isinstance(error, AuthenticationRefused)
            return TenantPlan(domain, Action.ERROR, failure=failure_of(error), foreign=refused)
        return plan_removal(domain, before, owner)

    @property
    def removal_version(self) -> str:
        """The API version with which a tenant that the spec does not have is read: the one that shows no password, if there is one."""
        return self.api.release.best_api


class DomainSet:
    """Domains by digest: 16 bytes each at most, so that a hundred thousand cost little."""

    def __init__(self) -> None:
        self._digests = DigestSet()

    def add(self, domain: str) -> bool:
        """Add a domain; say whether it was there already."""
        from hashlib import blake2b

        return self._digests.add(int.from_bytes(blake2b(domain.encode(), digest_size=8).digest(), "little") or 1)
