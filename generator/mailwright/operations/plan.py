"""``plan``: what an apply would change in the tenants' senders. Nothing is written, but the plan's own file."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import aclosing

from ..base.errors import combine
from ..base.values import dataclass
from ..base.writing import Written
from ..tenants.credentials import Task
from ..tenants.planfile import PlanHeader, PlanWriter
from ..tenants.planner import Planner
from ..tenants.planning import Action, TenantPlan, UpdateSecrets
from ..tenants.runs import open_api, plan_all
from ..tenants.window import beside
from .ready import Prepared

ON_VERSION_CHANGE = UpdateSecrets.ON_VERSION_CHANGE.value


@dataclass(frozen=True, slots=True)
class Plan:
    """What an apply would do.

    Attributes:
        tenants: What it would do for each tenant, in the order of the spec, then the deletions; empty where somebody took them.
        counts: How many of each kind.
        codes: The exit codes of those that could not be planned.
        not_looked_at: How many other tenants of the server refuse the spec's credentials: they are somebody else's.
        written: The file of the plan, None where none was to be written, or not all tenants could be planned.
    """

    tenants: tuple[TenantPlan, ...]
    counts: Counter[Action]
    codes: frozenset[int]
    not_looked_at: int
    written: Written | None

    @property
    def changes(self) -> int:
        """How many tenants would change."""
        return sum(self.counts[action] for action in (Action.CREATE, Action.UPDATE, Action.DELETE))

    @property
    def exit_code(self) -> int:
        """0 if every tenant could be planned."""
        return combine(self.codes)


def header_of(prepared: Prepared, update_secrets: str, *, prune: bool) -> PlanHeader:
    """Return what a plan is made for."""
    release, address = prepared.release.version, prepared.server.address
    return PlanHeader(prepared.digest, address, release, prepared.environment, update_secrets, prune)


def plan(
    prepared: Prepared,
    *,
    update_secrets: str = ON_VERSION_CHANGE,
    prune: bool = False,
    output: str | None = None,
    each: Callable[[TenantPlan], None] | None = None,
) -> Plan:
    """Read every tenant's sender, and say what differs from the spec.

    Args:
        prepared: The spec and its server, from ``prepare``.
        update_secrets: ``on-version-change``, or ``always``: secrets are sent although nothing that can be seen differs.
        prune: Whether senders are to be deleted that carry the spec's owner mark and are not in it.
        output: A file for the plan, for ``apply``; it holds digests and no values.
        each: Takes the plan of each tenant as it is made, so that they are not held.

    Raises:
        ConnectionFailed, TlsFailed, Stopped: the server is not there, or one cause fails everybody.
        SpecError: a prune without ``owner`` or ``api.super``; and what is wrong with a spec that was not checked yet.
        UnreadableInput: the file cannot be written.
    """
    writer = PlanWriter(output) if output else None
    kept: list[TenantPlan] = []
    counts: Counter[Action] = Counter()
    codes: set[int] = set()
    foreign = 0

    async def work() -> None:
        nonlocal foreign
        async with open_api(prepared.server, prepared.release, Task.READ) as api:
            planner = Planner(api, prepared.preparation, UpdateSecrets(update_secrets))
            async with aclosing(plan_all(planner, prune=prune)) as plans:
                async for found in plans:
                    if found.foreign:
                        foreign += 1
                        continue
                    counts[found.action] += 1
                    if found.failure is not None:
                        codes.add(int(found.failure.exit_code))
                    if writer is not None:
                        writer.add(found)
                    (each or kept.append)(found)

    with prepared.secrets:
        asyncio.run(beside(prepared.preparation.check_ahead(), work()))
    written = writer.finish(header_of(prepared, update_secrets, prune=prune)) if writer is not None and not codes else None
    return Plan(tuple(kept), counts, frozenset(codes), foreign, written)
