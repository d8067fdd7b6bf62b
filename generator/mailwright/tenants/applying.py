"""Do what the plan says, a tenant at a time: read, compare, write, and where it is not known what became of a write, read again.

A tenant's failure is its own outcome; nothing here stops the others.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

from ..base.errors import AuthenticationRefused, ExitCode, MailwrightError, PeerRefused, SpecError, UnsafeToWrite
from ..base.values import dataclass
from .client import Moved
from .peer import failure_of
from .planner import Planner
from .planning import Action, Failure, TenantPlan, field_label, plan_removal
from .preparing import ReadyTenant
from .transport import Unanswered

ROUNDS = 5
"""How often a tenant is read and written before its failure counts."""


@dataclass(frozen=True, slots=True)
class TenantOutcome:
    """What became of one tenant.

    Attributes:
        plan: What was to be done, as it was read right before the write.
        done: Whether the server has it now; also where nothing was to be done.
        status: The status of the last write, if there was one.
        ms: Milliseconds from the first request to the last answer.
        said: What else is to be said of a success: 206 on the creation of a tenant, that somebody else was there meanwhile, or that the
            server has what it answered with an error.
        undone: What was done before, where that does not count any more: the tenant is not as it was written, or cannot be read.
    """

    plan: TenantPlan
    done: bool
    failure: Failure | None
    status: int | None
    ms: float
    said: str | None = None
    undone: Action | None = None

    @property
    def word(self) -> str:
        """``done``, ``unchanged`` or ``failed``."""
        return "failed" if not self.done else "unchanged" if self.plan.action is Action.UNCHANGED else "done"

    @property
    def cut_off(self) -> bool:
        """Whether the run ended in the middle of the write, so that it is not known what became of it."""
        return self.failure is not None and self.failure.code == CutOff.code


class Applier:
    """Write tenants to one server.

    Args:
        planner: Reads and compares.
        cut_off: Called with a tenant that is cancelled in the middle of its write.
    """

    def __init__(self, planner: Planner, cut_off: Callable[[TenantOutcome], None] = lambda _: None) -> None:
        self._planner, self._api, self._cut_off = planner, planner.api, cut_off

    async def apply(self, job: ReadyTenant, state: str | None = None) -> TenantOutcome:
        """Bring one tenant in line with the spec.

        Args:
            job: The tenant.
            state: What its state must be before the write (from a plan file), None for any.
        """
        started = time.perf_counter()
        decided: TenantPlan | None = None
        status: int | None = None
        writing = False
        try:
            lost: MailwrightError | None = None
            met: str | None = None
            unsure = False
            for attempt in range(1, ROUNDS + 1):
                before, new_tenant = await self._planner.read(job)
                plan = self._planner.compare(job, before, new_tenant=new_tenant)
                if (decided is None or met) and plan.action is not Action.UNCHANGED:
                    _check_state(plan, state)
                decided = plan if met or decided is None else decided
                if plan.action is Action.UNCHANGED:
                    return TenantOutcome(decided, done=True, failure=None, status=status, ms=_ms(started), said=met)
                try:
                    writing = True
                    said, status = await self._write(job, plan)
                    return TenantOutcome(decided, done=True, failure=None, status=status, ms=_ms(started), said=said or met)
                except Moved as moved:
                    lost, status = moved.error, moved.error.status
                    unsure = unsure or moved.others is None  # an answer was lost: what is found next may be this run's own
                    writing = unsure
                    met = None if unsure else moved.others
                    await asyncio.sleep(self._api.transport.pause(attempt))
                except MailwrightError as error:
                    if not await self._is_done_all_the_same(job, plan, error):
                        raise
                    said = f"{error.message}; the server has it all the same"
                    return TenantOutcome(decided, done=True, failure=None, status=error.status, ms=_ms(started), said=said)
            assert lost is not None
            lost.hint = _CONTRADICTS if met else lost.hint
            raise lost
        except MailwrightError as error:
            return self._failed(decided or TenantPlan(job.domain, Action.ERROR), error, status, started)
        except asyncio.CancelledError:
            if writing and decided is not None:
                self._cut_off(self._failed(decided, _cut_off(), None, started))
            raise

    async def confirm(self, job: ReadyTenant, done: Action) -> TenantOutcome | None:
        """Read a tenant again that was written; return a failure if it is not as it was written, None if it is.

        Args:
            job: The tenant.
            done: What was done.
        """
        started = time.perf_counter()
        try:
            before, _ = await self._planner.read(job)
        except MailwrightError as error:
            unread = self._failed(TenantPlan(job.domain, Action.ERROR), error, None, started)
            assert unread.failure is not None
            message = f"was written, and cannot be read to see whether it is as it was written: {error.message}"
            return replace(unread, failure=replace(unread.failure, message=message), undone=done)
        plan = self._planner.compare(job, before, new_tenant=False, always=False)
        if plan.action is Action.UNCHANGED:
            return None
        names = ", ".join(field_label(change.field) for change in plan.changes) or "it is gone"
        overwritten = Overwritten(f"was written, and is not as it was written: {names}", hint=_OTHERS)
        return replace(self._failed(plan, overwritten, None, started), undone=done)

    async def remove(self, domain: str, state: str | None = None) -> TenantOutcome:
        """Delete a tenant's sender if it still carries the spec's owner mark; *state* as for ``apply``."""
        started = time.perf_counter()
        plan = TenantPlan(domain, Action.DELETE)
        preparation, version = self._planner.preparation, self._planner.removal_version
        try:
            credentials = preparation.credentials(domain)
            before = await self._api.read(domain, version, credentials)
            assert preparation.owner is not None
            plan = plan_removal(domain, before, preparation.owner)
            status = None
            if plan.action is Action.DELETE:
                _check_state(plan, state)
                try:
                    status = await self._api.delete(domain, version, credentials)
                except asyncio.CancelledError:
                    self._cut_off(self._failed(plan, _cut_off(), None, started))
                    raise
            return TenantOutcome(plan, done=True, failure=None, status=status, ms=_ms(started))
        except MailwrightError as error:
            return self._failed(plan, error, None, started)

    async def _write(self, job: ReadyTenant, plan: TenantPlan) -> tuple[str | None, int]:
        """Write a tenant; return what the server said of a tenant that it created, and the status."""
        assert job.secrets.keys() == job.payload.secrets.keys(), "PUT replaces: nothing is written without its secrets"
        values = {place: secret.reveal() for place, secret in job.secrets.items()}
        body, sent = job.payload.complete(values), tuple(values.values())
        where = (job.domain, job.payload.version, job.credentials)
        if plan.action is Action.UPDATE:
            return None, await self._api.replace(*where, body, sent)
        if not plan.new_tenant:
            return None, await self._api.create(*where, body, sent)
        said = await self._create_tenant(job)
        try:
            return said, await self._api.create(*where, body, sent)
        except AuthenticationRefused as error:
            error.message = f"the tenant was created, but its sender was not: {error.message}"
            error.hint = _NEW_TENANT
            raise

    async def _is_done_all_the_same(self, job: ReadyTenant, plan: TenantPlan, error: MailwrightError) -> bool:
        """Say whether a write that ended in an error was carried out: where that can be, and where reading can tell."""
        broke = isinstance(error, PeerRefused) and (error.status is None or error.status >= 500)
        if not broke and not isinstance(error, Unanswered):
            return False
        if plan.action is Action.UPDATE and not plan.changes:  # secrets alone: they cannot be read
            return False
        try:
            now, new_tenant = await self._planner.read(job)
        except MailwrightError as unread:
            error.message = f"{error.message}; what became of it is not known: {unread.message}"
            return False
        return self._planner.compare(job, now, new_tenant=new_tenant, always=False).action is Action.UNCHANGED

    async def _create_tenant(self, job: ReadyTenant) -> str | None:
        login = self._planner.super_credentials
        if job.create is None or login is None:
            raise SpecError("creating tenants needs `api.super`", place=job.place)
        sent = (job.create.password.reveal(),) if job.create.password else ()
        return await self._api.create_tenant(job.create.body(), login, sent)

    def _failed(self, plan: TenantPlan, error: MailwrightError, status: int | None, started: float) -> TenantOutcome:
        return TenantOutcome(plan, done=False, failure=failure_of(error), status=error.status or status, ms=_ms(started))


class Overwritten(MailwrightError):
    """A tenant is not as this run wrote it."""

    code = "overwritten"
    exit_code = ExitCode.PARTIAL


class CutOff(MailwrightError):
    """The run ended while a tenant was written."""

    code = "cut-off"
    exit_code = ExitCode.INTERRUPTED


def _cut_off() -> CutOff:
    return CutOff("the run ended while it was written: whether it was, only the server knows", hint="`mailwright plan` asks it")


_OTHERS = "somebody else writes at the same time, or the server changed it: see what `mailwright plan` says once nobody writes"
_CONTRADICTS = (
    "so it says when it is written to, and the opposite when it is read: are there several servers behind this address, or does "
    "something on the way keep answers?"
)
_NEW_TENANT = (
    "a new tenant has its owner and no OAuth2 application yet: register one, or let `api` of this tenant name the owner "
    "(`user: owner@{domain}`), then apply again"
)


def _check_state(plan: TenantPlan, state: str | None) -> None:
    """Make sure that what is to be written over is what a saved plan saw."""
    if state is not None and plan.state != state:
        raise UnsafeToWrite("the tenant's sender changed since it was planned", hint="plan again")


def _ms(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
