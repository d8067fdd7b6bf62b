"""``mailwright plan``."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from ..base.errors import ExitCode, MailwrightError, UsageError, combine
from .options import chosen_environments, output_format, several_environments
from .target import Target, target_options

if TYPE_CHECKING:
    from ..operations.ready import Prepared
    from ..tenants.planfile import PlanWriter
    from ..tenants.planning import Action, TenantPlan
    from ..tenants.runs import Server


@click.command()
@target_options
@several_environments
@click.option(
    "--update-secrets",
    type=click.Choice(["on-version-change", "always"]),
    default="on-version-change",
    show_default=True,
    help="When secrets are sent although nothing that can be seen differs.",
)
@click.option("--prune", is_flag=True, help="Also plan to delete senders that carry the spec's owner mark and are not in it.")
@click.option("--check", is_flag=True, help="Exit 1 if anything would change.")
@click.option("--out", metavar="FILE", help="Save the plan for `apply --plan FILE`; it holds digests and no values.")
@output_format("text", "json")
def command(
    environments: tuple[str, ...],
    all_env: bool,
    update_secrets: str,
    prune: bool,
    check: bool,
    out: str | None,
    format_: str,
    **options: Any,
) -> int:
    """Show what apply would change in the tenants' senders.

    Reads every tenant's sender and compares it with the spec, field by field. Nothing is written, and the senders' own secrets are not
    looked at. The credentials are those of the spec's `api`, the server is the one that the environment is for.

    With several environments every one is checked before the first server is asked; each has its lines, and one that cannot be planned
    does not hide the others. --format json prints an object a line and tenant, with its environment.

    \b
    Examples:
      mailwright plan email.yaml --env prod
      mailwright plan email.yaml --all-env --check
      mailwright plan email.yaml --server https://localhost:9443 --ca-file ca.pem --check
      mailwright plan email.yaml --env prod --out email.plan
    """
    from ..spec import read_document

    document = read_document(options["spec"])
    chosen = chosen_environments(environments, document, all_env=all_env)
    if len(chosen) > 1 and (out or options["server"]):
        raise UsageError("--out and --server go with one environment", hint="`server` of each environment says where it is")
    runs = []
    for name in chosen:
        target = Target(**options, environment=name)
        runs.append(_Run(name, *target.ready(document, with_secrets=False), update_secrets, prune, format_))
    return combine([run.run(check=check, out=out, several=len(runs) > 1) for run in runs])


@dataclass
class _Run:
    """The plan of one environment."""

    environment: str | None
    server: Server
    prepared: Prepared
    update_secrets: str
    prune: bool
    format: str

    def __post_init__(self) -> None:
        from ..report.tenants import Failures

        self.failures = Failures()
        self.counts: Counter[Action] = Counter()
        self.codes: list[int] = []
        self.foreign = 0
        self.writer: PlanWriter | None = None

    def run(self, *, check: bool, out: str | None, several: bool) -> int:
        """Plan and print; return the exit code. Of several, one that cannot be planned is told and the others go on."""
        from ..report.tenants import environment_json, environment_line

        try:
            if several and self.format == "text":
                click.echo(environment_line(self.environment, self.server.address))
            return self._run(check=check, out=out)
        except MailwrightError as error:
            if not several:
                raise
            if self.format == "json":
                self._print([json.dumps(environment_json(self.environment, error), ensure_ascii=False)])
            _tell_error(error, self.environment)
            return int(error.exit_code)

    def _run(self, *, check: bool, out: str | None) -> int:
        from ..report.tenants import plan_summary
        from ..report.text import one_line
        from ..tenants.planfile import Header, PlanWriter
        from ..tenants.planning import Action

        prepared = self.prepared
        if out:
            release = prepared.release.version
            self.writer = PlanWriter(
                out, Header(prepared.digest, self.server.address, release, self.environment, self.update_secrets, self.prune)
            )
        try:
            asyncio.run(self._work())
            if self.writer and not self.codes:
                for warning in self.writer.finish().warnings:
                    click.echo(one_line(f"{out}: warning: {warning}"), err=True)
        finally:
            if self.format == "text":
                self._print(self.failures.rest())
        if self.format == "text":
            self._print(plan_summary(self.counts, prepared.width))
        tell(prepared, self.foreign)
        if out and self.codes:
            click.echo("mailwright: no plan was saved: tenants that cannot be read cannot be planned", err=True)
        drift = self.counts[Action.CREATE] + self.counts[Action.UPDATE] + self.counts[Action.DELETE]
        return combine(self.codes) or int(ExitCode.FINDINGS if check and drift else ExitCode.OK)

    async def _work(self) -> None:
        from ..tenants.credentials import Task
        from ..tenants.planner import Planner
        from ..tenants.planning import UpdateSecrets
        from ..tenants.runs import open_api, plan_all

        prepared = self.prepared
        async with open_api(self.server, prepared.release, Task.READ) as api:
            planner = Planner(api, prepared.preparation, UpdateSecrets(self.update_secrets))
            async with aclosing(plan_all(planner, prepared.domains if self.prune else None)) as plans:
                number = 0
                async for plan in plans:
                    number += 1
                    if number > prepared.preparation.count and is_foreign(plan):
                        self.foreign += 1
                    else:
                        self._take(plan)

    def _take(self, plan: TenantPlan) -> None:
        from ..report.tenants import plan_json, plan_lines

        self.counts[plan.action] += 1
        if plan.failure is not None:
            self.codes.append(int(plan.failure.exit_code))
        if self.writer:
            self.writer.add(plan)
        if self.format == "json":
            self._print([json.dumps(plan_json(plan, self.environment), ensure_ascii=False)])
        elif plan.failure is None or self.failures.is_shown(plan.domain, plan.failure):
            self._print(plan_lines(plan, self.prepared.width))

    def _print(self, lines: Iterable[str]) -> None:
        for line in lines:
            click.echo(line)


def _tell_error(error: MailwrightError, environment: str | None) -> None:
    from ..report.text import one_line_error

    click.echo(f"mailwright: {environment}: {one_line_error(error)}", err=True)


def is_foreign(plan: Any) -> bool:
    """Say whether a tenant that the spec does not have refuses the spec's credentials: it is somebody else's."""
    return plan.failure is not None and plan.failure.code == "authentication"


def tell(prepared: Prepared, foreign: int) -> None:
    """Say on stderr what is not sure, and what was not looked at."""
    if prepared.release.unsure:
        click.echo(f"mailwright: unsure: {prepared.release.unsure}", err=True)
    if foreign:
        click.echo(
            f"mailwright: {foreign} tenants that are not in the spec refuse its credentials and were not looked at", err=True
        )
