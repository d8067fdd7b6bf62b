"""``apply``: bring the tenants' senders in line with the spec, or do what a saved plan says."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import aclosing

from ..base.errors import ExitCode, combine
from ..base.values import dataclass, field
from ..tenants.applying import TenantOutcome
from ..tenants.credentials import Task
from ..tenants.planfile import SavedPlan
from ..tenants.planner import Planner
from ..tenants.planning import Action, TenantPlan, UpdateSecrets
from ..tenants.runs import (
    LoginsAhead,
    Stopped,
    Target,
    apply_all,
    check_deletions,
    check_saved,
    find_removals,
    open_api,
    saved_targets,
    spec_targets,
)
from ..tenants.window import beside
from .plan import ON_VERSION_CHANGE, header_of
from .ready import Prepared


@dataclass
class Applied:
    """What was done; while it is being done, what was done so far.

    Attributes:
        outcomes: What became of each tenant, in the order of the spec; empty where somebody took them.
        counts: How many are ``done``, ``unchanged``, ``failed`` or ``cut off`` in the middle of the write; *actions*: how many of those done
            were created, updated, deleted.
        codes: The exit codes of those that failed.
        unread: The tenants that the spec does not have and that could not be read, so that it is not known whether to delete them.
        not_looked_at: How many other tenants refuse the spec's credentials: they are somebody else's.
        stopped: The one cause that failed everybody, so that the rest was left alone.
    """

    outcomes: list[TenantOutcome] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    actions: Counter[Action] = field(default_factory=Counter)
    codes: set[int] = field(default_factory=set)
    unread: list[TenantPlan] = field(default_factory=list)
    not_looked_at: int = 0
    stopped: Stopped | None = None

    @property
    def in_line(self) -> int:
        """How many tenants are as the spec has them."""
        return self.counts["done"] + self.counts["unchanged"]

    @property
    def exit_code(self) -> int:
        """0 if all are in line; 7 if some are."""
        return int(ExitCode.PARTIAL) if self.codes and self.in_line else combine(self.codes)

    def finished(self, outcome: TenantOutcome) -> None:
        """Take in a tenant the moment that it is finished."""
        self.counts["cut off" if outcome.cut_off else outcome.word] += 1
        if outcome.word == "done":
            self.actions[outcome.plan.action] += 1
        if outcome.undone is not None:
            self.counts["done"] -= 1
            self.actions[outcome.undone] -= 1
        if outcome.failure is not None:
            self.codes.add(int(outcome.failure.exit_code))

    def could_not_read(self, removals: list[TenantPlan]) -> None:
        """Take in what a prune could not read."""
        self.unread = [plan for plan in removals if not plan.foreign]
        self.not_looked_at = len(removals) - len(self.unread)
        self.counts["failed"] += len(self.unread)
        self.codes |= {int(plan.failure.exit_code) for plan in self.unread if plan.failure is not None}

    def stop(self, error: Stopped) -> None:
        """Take in what ends the run early."""
        self.stopped = error
        self.codes.add(int(error.exit_code))


def apply(
    prepared: Prepared,
    *,
    plan_file: str | None = None,
    update_secrets: str = ON_VERSION_CHANGE,
    prune: bool = False,
    confirmed: bool = False,
    finished: Callable[[TenantOutcome], None] | None = None,
    each: Callable[[TenantOutcome], None] | None = None,
    applied: Applied | None = None,
) -> Applied:
    """Write the tenants' senders; each is read right before it is written, and a failure stops that tenant only.

    Args:
        prepared: The spec and its server, from ``prepare``.
        plan_file: What ``plan`` wrote: nothing but that is done, and nothing if the spec or the server moved on.
        update_secrets, prune: As for ``plan``; a saved plan has its own.
        confirmed: Whether more than five senders may be deleted.
        finished: Called the moment that a tenant is finished, in whatever order; again where what was done to it is ``undone``.
        each: Takes the outcomes, in the order of the spec, so that they are not held. Where the run ends early, those that are finished
            and whose turn had not come are handed over too.
        applied: Holds what was done, also where this is interrupted.

    Raises:
        MailwrightError: nothing was written: the server is not there, the plan does not fit, or too much would be deleted.
    """
    done = applied or Applied()
    saved = SavedPlan(plan_file) if plan_file else None
    when = saved.header.update_secrets if saved else update_secrets
    deleting = saved.deletions > 0 if saved else prune

    waiting: dict[int, TenantOutcome] = {}

    def count(outcome: TenantOutcome) -> None:
        done.finished(outcome)
        waiting[id(outcome)] = outcome
        if finished is not None:
            finished(outcome)

    async def work() -> None:
        async with open_api(prepared.server, prepared.release, Task.PRUNE if deleting else Task.WRITE) as api:
            planner = Planner(api, prepared.preparation, UpdateSecrets(when))
            await ahead.buy(planner)
            targets = await _targets(planner, prepared, done, saved, prune=prune, confirmed=confirmed)
            try:
                async with aclosing(apply_all(planner, targets, count)) as outcomes:
                    async for outcome in outcomes:
                        del waiting[id(outcome)]
                        hand_over(outcome)
            except Stopped as error:
                done.stop(error)

    ahead, hand_over = LoginsAhead(), each or done.outcomes.append
    with prepared.secrets:
        if saved:
            prepared.preparation.check()
            saved.check(header_of(prepared, when, prune=saved.header.prune))
        try:
            asyncio.run(beside(prepared.preparation.check_ahead(ahead.add), work()))
        except BaseException:
            for outcome in waiting.values():
                hand_over(outcome)
            raise
    return done


async def _targets(
    planner: Planner, prepared: Prepared, done: Applied, saved: SavedPlan | None, *, prune: bool, confirmed: bool
) -> Iterator[Target]:
    """Return what there is to write, after making sure that all of it is meant."""
    if saved is not None:
        check_deletions(saved.deletions, confirmed=confirmed)
        await check_saved(planner, saved)
        return saved_targets(prepared.preparation.jobs(), saved)
    domains, errors = await find_removals(planner) if prune else ([], [])
    check_deletions(len(domains), confirmed=confirmed)
    done.could_not_read(errors)
    return spec_targets(prepared.preparation.jobs(), domains)
