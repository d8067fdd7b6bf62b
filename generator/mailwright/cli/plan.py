"""``mailwright plan``."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import click

from ..errors import ExitCode, combine
from .options import output_format
from .target import Target, target_options

if TYPE_CHECKING:
    from ..tenants.ready import Prepared


@click.command()
@target_options
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
def command(update_secrets: str, prune: bool, check: bool, out: str | None, format_: str, **options: Any) -> int:
    """Show what apply would change in the tenants' senders.

    Reads every tenant's sender and compares it with the spec, field by field. Nothing is written, and the senders' own secrets are not
    looked at. The credentials are those of the spec's `api`. --format json prints an object a line and tenant.

    \b
    Examples:
      mailwright plan email.yaml --env prod --server https://is.example.com:9443
      mailwright plan email.yaml --server https://localhost:9443 --ca-file ca.pem --check
      mailwright plan email.yaml --server https://is.example.com:9443 --out email.plan
    """
    from ..report.tenants import plan_json, plan_lines, plan_summary
    from ..tenants.credentials import Task
    from ..tenants.planfile import Header, PlanWriter
    from ..tenants.planner import Planner
    from ..tenants.planning import Action, TenantPlan, UpdateSecrets
    from ..tenants.runs import open_api, plan_all

    target = Target(**options)
    server, prepared = target.reach(), target.prepare(with_secrets=False)
    header = Header(prepared.digest, server.address, prepared.release.version, target.environment, update_secrets, prune)
    writer = PlanWriter(out, header) if out else None
    counts: Counter[Action] = Counter()
    codes: list[int] = []
    foreign = 0

    def show(plan: TenantPlan) -> None:
        counts[plan.action] += 1
        if plan.failure is not None:
            codes.append(int(plan.failure.exit_code))
        if writer:
            writer.add(plan)
        if format_ == "json":
            click.echo(json.dumps(plan_json(plan), ensure_ascii=False))
        for line in plan_lines(plan, prepared.width) if format_ == "text" else ():
            click.echo(line)

    async def work() -> None:
        nonlocal foreign
        async with open_api(server, prepared.release, Task.READ) as api:
            planner = Planner(api, prepared.preparation, UpdateSecrets(update_secrets))
            async with aclosing(plan_all(planner, prepared.domains if prune else None)) as plans:
                number = 0
                async for plan in plans:
                    number += 1
                    if number > prepared.preparation.count and is_foreign(plan):
                        foreign += 1
                    else:
                        show(plan)

    try:
        asyncio.run(work())
        if writer and not codes:
            writer.finish()
            writer = None
    finally:
        if writer:
            writer.discard()
    if format_ == "text":
        for line in plan_summary(counts, prepared.width):
            click.echo(line)
    tell(prepared, foreign)
    if out and codes:
        click.echo("mailwright: no plan was saved: tenants that cannot be read cannot be planned", err=True)
    drift = counts[Action.CREATE] + counts[Action.UPDATE] + counts[Action.DELETE]
    return combine(codes) or int(ExitCode.FINDINGS if check and drift else ExitCode.OK)


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
