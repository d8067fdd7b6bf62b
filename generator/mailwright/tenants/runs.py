"""Runs over all tenants: make a plan, hold a saved plan against the server, apply; as streams, so that memory does not grow with them."""

from __future__ import annotations

import ssl
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager

from ..base.errors import ConnectionFailed, MailwrightError, TlsFailed, UnsafeToWrite
from ..base.values import dataclass
from ..product.releases import Release
from .applying import Applier, TenantOutcome
from .client import TenantApi
from .credentials import Credentials, Task
from .planfile import Line, SavedPlan
from .planner import Planner
from .planning import Action, Failure, TenantPlan
from .preparing import ReadyTenant
from .transport import Limits, Transport, Unanswered
from .window import MOST_HELD, held_back, stream, windowed

FREE_DELETIONS = 5
"""How many senders are deleted without being asked for it twice."""

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Server:
    """Where the server is, and how it is talked to."""

    address: str
    context: ssl.SSLContext
    limits: Limits


@asynccontextmanager
async def open_api(server: Server, release: Release, task: Task) -> AsyncIterator[TenantApi]:
    """Open the connections to a server, after making sure that it is there.

    Raises:
        ConnectionFailed, TlsFailed: it is not.
    """
    async with Transport(server.address, server.context, server.limits) as transport:
        await transport.reach()
        yield TenantApi(transport, release, release.product.payload_names, task)


async def plan_all(planner: Planner, *, prune: bool) -> AsyncGenerator[TenantPlan, None]:
    """Yield the plan of every tenant, with *prune* the removals behind them; none before the whole spec is checked.

    What is read until then is held back; it is thrown away where something is wrong with the spec.

    Raises:
        Stopped: one cause fails everybody.
    """
    preparation = planner.preparation
    plans = held_back(_plans(planner, prune=prune), preparation.until_checked, lambda: preparation.checked)
    async with aclosing(plans):
        async for plan in plans:
            yield plan


async def _plans(planner: Planner, *, prune: bool) -> AsyncGenerator[TenantPlan, None]:
    concurrency = planner.api.transport.limits.concurrency
    alike = Alike(concurrency, "planned")
    async with aclosing(planner.plans(concurrency)) as plans:
        async for plan in plans:
            yield plan
            alike.after(plan.failure)
    if prune:
        async with aclosing(_removals(planner, alike)) as removals:
            async for plan in removals:
                yield plan


async def _removals(planner: Planner, alike: Alike) -> AsyncGenerator[TenantPlan, None]:
    """Yield what a prune deletes, and what could not be read."""
    async with aclosing(planner.removals(planner.api.transport.limits.concurrency)) as removals:
        async for plan in removals:
            if plan.action is not Action.UNCHANGED:
                yield plan
            if not plan.foreign:
                alike.after(plan.failure)


async def find_removals(planner: Planner) -> tuple[list[str], list[TenantPlan]]:
    """Return the domains whose senders a prune deletes, and what could not be read.

    Raises:
        Stopped: one cause fails everybody.
    """
    domains: list[str] = []
    errors: list[TenantPlan] = []
    alike = Alike(planner.api.transport.limits.concurrency, "read")
    async with aclosing(_removals(planner, alike)) as removals:
        async for plan in removals:
            if plan.action is Action.DELETE:
                domains.append(plan.domain)
            else:
                errors.append(plan)
    return domains, errors


def check_deletions(count: int, *, confirmed: bool) -> None:
    """Make sure that many deletions are meant.

    Raises:
        UnsafeToWrite: there are more than five and nobody said yes.
    """
    if count > FREE_DELETIONS and not confirmed:
        raise UnsafeToWrite(f"{count} senders would be deleted; nothing was written", hint="--yes, if that is meant")


class LoginsAhead:
    """Tokens that are bought while the spec is still being checked: for its tenants, nothing else can be done before that."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[str, Credentials]] = deque(maxlen=MOST_HELD)

    def add(self, job: ReadyTenant) -> None:
        """Take in a tenant that is all right."""
        if len(self._waiting) < MOST_HELD:
            self._waiting.append((job.domain, job.credentials))

    async def buy(self, planner: Planner) -> None:
        """Buy tokens until the spec is checked, or one is refused: that comes up again when the tenant's turn comes."""
        preparation = planner.preparation

        async def waiting() -> AsyncIterator[tuple[str, Credentials]]:
            while not preparation.checked:
                while self._waiting:
                    yield self._waiting.popleft()
                await preparation.further()

        async def log_in(item: tuple[str, Credentials]) -> bool:
            try:
                await planner.api.log_in(*item)
            except MailwrightError:
                return False
            return True

        concurrency = planner.api.transport.limits.concurrency
        async with aclosing(windowed(waiting(), log_in, concurrency=concurrency)) as logins:
            async for well in logins:
                if not well:
                    break
        await preparation.until_checked()


@dataclass(frozen=True, slots=True)
class Target:
    """One tenant to write: a job of the spec with the state that a plan saw, or a removal."""

    job: ReadyTenant | None
    domain: str
    action: Action | None
    state: str | None


def spec_targets(jobs: Iterator[ReadyTenant], removals: list[str]) -> Iterator[Target]:
    """Yield what there is to apply without a saved plan: all jobs, then the removals."""
    for job in jobs:
        yield Target(job, job.domain, None, None)
    for domain in removals:
        yield Target(None, domain, Action.DELETE, None)


def saved_targets(jobs: Iterator[ReadyTenant], saved: SavedPlan) -> Iterator[Target]:
    """Yield what a saved plan has, in its order.

    Raises:
        UnsafeToWrite: its tenants are not the spec's.
    """
    ended = Line("", Action.ERROR, "")
    lines = saved.lines()
    for job in jobs:
        line = next(lines, ended)
        if line.domain != job.domain:
            raise UnsafeToWrite("the plan's tenants are not the spec's", place=job.place, hint="plan again")
        yield Target(job, job.domain, line.action, line.state)
    for line in lines:
        if line.action is not Action.DELETE:
            raise UnsafeToWrite("the plan's tenants are not the spec's", hint="plan again")
        yield Target(None, line.domain, line.action, line.state)


async def check_saved(planner: Planner, saved: SavedPlan) -> None:
    """Read every tenant of a saved plan, and make sure that all are as they were, or where the plan leads: nothing is written before.

    Raises:
        UnsafeToWrite: some are not, or cannot be read.
    """
    moved: list[str] = []
    count = 0

    async def look(target: Target) -> str | None:
        plan = await (planner.plan(target.job) if target.job else planner.plan_removal(target.domain))
        if plan.failure is not None:
            return f"{target.domain} cannot be read: {plan.failure.message}"
        # A tenant that is where the plan leads was written by a run that did not finish: there is nothing to do for it.
        there = plan.action is Action.UNCHANGED and target.action is not Action.UNCHANGED
        return None if there or (plan.action, plan.state) == (target.action, target.state) else f"{target.domain} changed"

    targets = saved_targets(planner.preparation.jobs(), saved)
    concurrency = planner.api.transport.limits.concurrency
    async with aclosing(windowed(stream(targets), look, concurrency=concurrency)) as results:
        async for problem in results:
            if problem is not None:
                count += 1
                moved += [problem] if len(moved) < _SHOWN else []
    if count:
        more = f" and {count - len(moved)} more" if count > len(moved) else ""
        raise UnsafeToWrite(
            f"the server is not as it was when the plan was made: {'; '.join(moved)}{more}",
            hint="plan again; nothing was written",
        )


async def apply_all(
    planner: Planner, targets: Iterator[Target], finished: Callable[[TenantOutcome], None]
) -> AsyncGenerator[TenantOutcome, None]:
    """Write every target and yield the outcomes in their order; then those of tenants that are not as they were written.

    Where one cause fails everybody, no further tenant is begun; those in work are finished.

    Args:
        planner: Reads and compares.
        targets: From ``spec_targets`` or ``saved_targets``; those that a saved plan leaves alone are passed over.
        finished: Called the moment that a tenant is finished, and again for one that is not as it was written.

    Raises:
        Stopped: one cause fails everybody; the rest was not touched.
    """
    applier = Applier(planner, finished)
    concurrency = planner.api.transport.limits.concurrency
    alike = Alike(concurrency, "touched")
    written = bytearray()

    async def work(target: Target) -> TenantOutcome | None:
        if alike.stopped is not None:
            return None
        if target.job is None:
            outcome = await applier.remove(target.domain, target.state)
        elif target.action is Action.UNCHANGED:
            outcome = TenantOutcome(TenantPlan(target.domain, Action.UNCHANGED), done=True, failure=None, status=None, ms=0.0)
        else:
            outcome = await applier.apply(target.job, target.state)
        finished(outcome)
        alike.take(outcome.failure)
        return outcome

    removals: list[Target] = []

    def writes() -> Iterator[Target]:
        for target in targets:
            if alike.stopped is not None:
                return
            if target.job is None:
                removals.append(target)
            else:
                yield target

    for part in (writes(), removals):  # removals wait until everything else is written
        async with aclosing(windowed(stream(part), work, concurrency=concurrency)) as outcomes:
            async for outcome in outcomes:
                if outcome is None:
                    continue
                if part is not removals:
                    written.append(_DONE.index(outcome.plan.action) if outcome.word == "done" else 0)
                yield outcome
    if alike.stopped is not None:
        raise alike.stopped

    async def look_again(item: tuple[ReadyTenant, Action]) -> TenantOutcome | None:
        return await applier.confirm(*item)

    async with aclosing(windowed(stream(_written(planner, written)), look_again, concurrency=concurrency)) as looks:
        async for look in looks:
            if look is not None:
                finished(look)
                yield look


_DONE = (Action.UNCHANGED, Action.CREATE, Action.UPDATE)
"""What can be done to a tenant of the spec, as a byte."""


def _written(planner: Planner, written: bytearray) -> Iterator[tuple[ReadyTenant, Action]]:
    """Yield the jobs of the tenants that were written, and what was done: a byte each says that."""
    if any(written):
        for job, done in zip(planner.preparation.jobs(to_write=False), written, strict=False):
            if done:
                yield job, _DONE[done]


class Stopped(MailwrightError):
    """One cause fails everybody: the rest was left alone. Its exit code is that of the cause."""

    code = "stopped"

    def __init__(self, cause: Failure, count: int, left: str) -> None:
        super().__init__(f"{count} tenants in a row failed alike, the rest was not {left}: {cause.message}", hint=cause.hint)
        self.exit_code = cause.exit_code
        self.status = cause.status


class Alike:
    """Notice that one cause fails everybody: the same kind of failure for twice as many tenants as are in work at one time.

    A server that is gone is gone for all. Anything else is one cause for all only as long as no tenant succeeded: credentials are per
    tenant (product/api.md#credentials-per-tenant).

    Attributes:
        stopped: What ends the run, once enough is enough.
    """

    def __init__(self, concurrency: int, left: str) -> None:
        self._limit, self._left = 2 * concurrency, left
        self._in_a_row = 0
        self._kind: tuple[str, int | None] | None = None
        self._succeeded = False
        self.stopped: Stopped | None = None

    def after(self, failure: Failure | None) -> None:
        """Take in the next tenant.

        Raises:
            Stopped: enough is enough.
        """
        self.take(failure)
        if self.stopped is not None:
            raise self.stopped

    def take(self, failure: Failure | None) -> None:
        """Take in the next tenant that is finished."""
        if failure is None:
            self._succeeded, self._in_a_row, self._kind = True, 0, None
            return
        gone = failure.code in _GONE
        kind = ("gone", None) if gone else (failure.code, failure.status)
        self._in_a_row = self._in_a_row + 1 if kind == self._kind else 1
        self._kind = kind
        if self.stopped is None and self._in_a_row >= self._limit and (gone or not self._succeeded):
            self.stopped = Stopped(failure, self._in_a_row, self._left)


_GONE = frozenset({ConnectionFailed.code, Unanswered.code, TlsFailed.code})
