"""Tenants' senders over the REST API, for a task: what ``plan`` and ``apply`` do, and what a server has."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from ..adoption.servers import find_senders
from ..base.errors import UsageError, combine
from ..report.tenants import outcome_json, plan_json
from ..spec import make_spec
from ..tenants.credentials import Task
from ..tenants.planner import Planner
from ..tenants.planning import Action, TenantPlan, UpdateSecrets
from ..tenants.runs import Server, Stopped, apply_all, check_deletions, find_removals, open_api, plan_all, spec_targets
from ..tenants.transport import Limits, tls_context
from .bound import bound_server
from .ready import Prepared, prepare
from .specs import TaskSpec

_CHANGES = (Action.CREATE, Action.UPDATE, Action.DELETE)


@dataclass(frozen=True)
class TaskServer:
    """Where the server is, as a task says it; without *url* it is the environment's of the spec."""

    url: str | None
    ca_file: str | None = None
    allow_unverified: bool = False
    timeout: float = 30.0
    concurrency: int = 16
    rate: float | None = None
    override: bool = False

    def reach(self, spec: TaskSpec) -> Server:
        """Return the server, not talked to yet.

        Raises:
            UsageError, UnreadableInput: the URL, a number or the authorities are not usable.
            UnsafeToWrite: it is not the server that the spec's environment is for.
        """
        if not 0 < self.timeout <= 600 or not 1 <= self.concurrency <= 256:
            raise UsageError("timeout is at most 600 seconds, concurrency 1 to 256")
        if self.rate is not None and not (math.isfinite(self.rate) and self.rate > 0):
            raise UsageError("rate is a number above 0")
        made = make_spec(spec.path, spec.document, spec.environment)
        bound = bound_server(made, self.url, self.ca_file, override=self.override)
        context = tls_context(bound.ca_file, verify=not self.allow_unverified)
        return Server(bound.address, context, Limits(concurrency=self.concurrency, rate=self.rate, timeout=self.timeout))


@dataclass(frozen=True)
class TaskRun:
    """What is to be done with the tenants; the names are those of the command's options."""

    update_secrets: str = "on-version-change"
    prune: bool = False
    confirmed: bool = False
    policy: str | None = None
    secrets_dir: str | None = None
    check: bool = False


def provision(spec: TaskSpec, target: TaskServer, run: TaskRun) -> dict[str, Any]:
    """Plan, and unless it is a check apply; return the tenants' results, which hold no secret.

    Raises:
        MailwrightError: nothing was written: the spec, a secret, the policy or the server stand in the way.
    """
    server = target.reach(spec)
    prepared = prepare(
        spec.path,
        spec.document,
        spec.environment,
        spec.asked,
        policy=run.policy,
        secrets_dir=run.secrets_dir,
        with_secrets=True,
    )
    return asyncio.run(_Provision(server, prepared, run).work())


class _Provision:
    def __init__(self, server: Server, prepared: Prepared, run: TaskRun) -> None:
        self._server, self._prepared, self._run = server, prepared, run
        self._tenants: list[dict[str, Any]] = []
        self._codes: list[int] = []
        self._changed = self._failed = self._foreign = 0

    async def work(self) -> dict[str, Any]:
        run, prepared = self._run, self._prepared
        task = Task.READ if run.check else Task.PRUNE if run.prune else Task.WRITE
        async with open_api(self._server, prepared.release, task) as api:
            planner = Planner(api, prepared.preparation, UpdateSecrets(run.update_secrets))
            await (self._plan(planner) if run.check else self._apply(planner))
        return {
            "changed": bool(self._changed),
            "tenants": self._tenants,
            "exit_code": combine(self._codes),
            "failed_tenants": self._failed,
            "not_looked_at": self._foreign,
            "unsure": [prepared.release.unsure] if prepared.release.unsure else [],
        }

    async def _plan(self, planner: Planner) -> None:
        number = 0
        async with aclosing(plan_all(planner, self._prepared.domains if self._run.prune else None)) as plans:
            async for plan in plans:
                number += 1
                if number > self._prepared.preparation.count and _is_foreign(plan):
                    self._foreign += 1
                    continue
                self._changed += plan.action in _CHANGES
                self._take(plan, {})

    async def _apply(self, planner: Planner) -> None:
        domains, errors = await find_removals(planner, self._prepared.domains) if self._run.prune else ([], [])
        check_deletions(len(domains), confirmed=self._run.confirmed)
        for plan in errors:
            if _is_foreign(plan):
                self._foreign += 1
            else:
                self._take(plan, {})
        targets = spec_targets(self._prepared.preparation.jobs(), domains)
        try:
            async with aclosing(apply_all(planner, targets, lambda _: None)) as outcomes:
                async for outcome in outcomes:
                    found = outcome_json(outcome)
                    self._changed += outcome.word == "done" and outcome.plan.action in _CHANGES
                    if outcome.failure is not None and outcome.plan.failure is None:
                        self._codes.append(int(outcome.failure.exit_code))
                        self._failed += 1
                    self._take(outcome.plan, {name: found.get(name) for name in ("outcome", "error", "status", "note")})
        except Stopped as error:
            self._codes.append(int(error.exit_code))
            self._failed += 1
            self._tenants.append({"domain": None, "action": "error", "error": error.message})

    def _take(self, plan: TenantPlan, more: Mapping[str, Any]) -> None:
        entry = {name: value for name, value in plan_json(plan).items() if name != "schema_version"}
        if plan.failure is not None:
            self._codes.append(int(plan.failure.exit_code))
            self._failed += 1
            entry["error"] = plan.failure.message
        self._tenants.append({**entry, **{name: value for name, value in more.items() if value is not None}})


def _is_foreign(plan: TenantPlan) -> bool:
    """Say whether a tenant that the spec does not have refuses the spec's credentials: it is somebody else's."""
    return plan.failure is not None and plan.failure.code == "authentication"


def look_up(spec: TaskSpec, target: TaskServer, domains: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return what a server has for tenants, without secrets: ``{domain, sender}`` each, or ``{domain, error}``.

    Args:
        spec: Holds the credentials: ``api``.
        target: The server.
        domains: The tenants; none for every one that the server lists.

    Raises:
        MailwrightError: the server is not reachable, or does not list its tenants.
    """
    server = target.reach(spec)
    prepared = prepare(spec.path, spec.document, spec.environment, spec.asked, with_secrets=False)

    async def work() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        async with aclosing(find_senders(server, prepared.release, prepared.preparation, domains)) as senders:
            async for each in senders:
                if each.failure is not None:
                    found.append({"domain": each.domain, "sender": None, "error": each.failure.message})
                else:
                    found.append({"domain": each.domain, "sender": dict(each.tenant.sender) if each.tenant else None})
        return found

    return asyncio.run(work())
