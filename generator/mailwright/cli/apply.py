"""``mailwright apply``."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from io import FileIO
from typing import TYPE_CHECKING, Any

import click

from ..base.errors import ExitCode, NotWritten, UsageError
from ..report.formats import FORMATS
from .choices import OneOf
from .manner import manner
from .options import one_environment, output_format, output_option
from .target import UPDATE_SECRETS, ensure_output, ready, target_options, tell

if TYPE_CHECKING:
    from ..operations.ready import Prepared
    from ..tenants.applying import TenantOutcome


@click.command()
@target_options
@one_environment
@click.option(
    "--plan",
    "plan_file",
    metavar="FILE",
    help="Do what this plan says, or nothing if the spec or the server has changed since (exit 8).",
)
@click.option(
    "--update-secrets",
    type=OneOf(UPDATE_SECRETS),
    help=f"When to send secrets although nothing visible differs.  [default: {UPDATE_SECRETS[0]}]",
)
@click.option("--prune", is_flag=True, help="Delete senders that carry the spec's owner mark but are no longer in it.")
@click.option("--yes", is_flag=True, help="Allow --prune to delete more than five senders.")
@output_option("FILE", "Write one JSON object per tenant here, as each is finished.", before="--result")
@output_format(*FORMATS["apply"])
def command(
    plan_file: str | None,
    update_secrets: str | None,
    prune: bool,
    yes: bool,
    output: str | None,
    format_: str,
    spec: str,
    environment: str | None,
    **options: Any,
) -> int:
    """Bring the tenants' senders in line with the spec.

    Nothing is written before the whole spec is valid and every secret resolves. Each tenant is read right before it is written. If one tenant
    fails, the others go on (exit 7). If a run is interrupted or killed, the next one finishes the work.

    \b
    Examples:
      mailwright apply email.yaml --env prod -o result.jsonl
      mailwright apply email.yaml --server https://is.example.com:9443 --plan email.plan
      mailwright apply email.yaml --server https://is.example.com:9443 --policy policy.yaml --prune
    """
    from ..base.writing import open_stream
    from ..spec import load_spec

    if plan_file and (prune or update_secrets):
        raise UsageError("--prune and --update-secrets go with making the plan, not with --plan")
    document = load_spec(spec, environment)
    if output:
        ensure_output(output, document, options, plan_file)
    prepared = ready(document, options, with_secrets=True, ahead=True)
    how = {"plan_file": plan_file, "update_secrets": update_secrets or UPDATE_SECRETS[0], "prune": prune, "confirmed": yes}
    with open_stream(output) if output else nullcontext() as file:
        return _apply(prepared, format_, file, how)


def _apply(prepared: Prepared, format_: str, file: FileIO | None, how: dict[str, Any]) -> int:
    """Apply and print; return the exit code."""
    from ..base.writing import write_line
    from ..operations.apply import Applied, apply
    from ..report.formats import apply_printer
    from ..report.planned_json import outcome_line
    from ..report.progress import Progress
    from ..report.text import one_line_error

    applied, preparation, environment = Applied(), prepared.preparation, prepared.environment
    printer = apply_printer(format_, environment)

    def finished(outcome: TenantOutcome) -> None:
        if file is not None:
            write_line(file, outcome_line(outcome, environment))
        if outcome.undone is None:
            progress.step(failed=outcome.failure is not None, total=preparation.count)

    def show(outcome: TenantOutcome) -> None:
        progress.clear()
        _print(printer.add(outcome, prepared.width))

    try:
        with Progress("tenant", shown=not manner().quiet) as progress:
            apply(prepared, finished=finished, each=show, applied=applied, **how)
    except (KeyboardInterrupt, NotWritten, OSError) as ended:
        done, failed, total = applied.in_line, applied.counts["failed"], preparation.count
        cut = f", {applied.counts['cut off']} cut off" if applied.counts["cut off"] else ""
        far = f"{done} of {total} tenants are in line, {failed} failed{cut}; run it again: it goes on with the others"
        if isinstance(ended, KeyboardInterrupt):
            if preparation.checked:
                _print(printer.end(applied.counts, applied.actions, prepared.width))
            click.echo(f"interrupted: {far if preparation.checked else 'nothing was written'}", err=True)
            return int(ExitCode.INTERRUPTED)
        if applied.counts["done"]:
            click.echo(f"mailwright: ended early: {far}", err=True)
        raise
    _print(printer.end(applied.counts, applied.actions, prepared.width))
    for plan in applied.unread:
        why = plan.failure.message if plan.failure else ""
        click.echo(f"mailwright: {plan.domain} is not in the spec and could not be read: {why}", err=True)
    tell(prepared, applied.not_looked_at)
    if applied.stopped is not None:
        click.echo(f"mailwright: {one_line_error(applied.stopped)}", err=True)
    return applied.exit_code


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
