"""``mailwright plan``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from ..base.errors import ExitCode, MailwrightError, UsageError, combine
from ..report.formats import FORMATS
from .choices import OneOf
from .manner import manner
from .options import output_format, output_option, several_environments
from .target import UPDATE_SECRETS, ensure_output, ready, target_options

if TYPE_CHECKING:
    from ..operations.ready import Prepared
    from ..report.formats import PlanPrinter
    from ..tenants.planning import TenantPlan


@click.command()
@target_options
@several_environments
@click.option(
    "--update-secrets",
    type=OneOf(UPDATE_SECRETS),
    default=UPDATE_SECRETS[0],
    show_default=True,
    help="When to send secrets although nothing visible differs.",
)
@click.option(
    "--prune", is_flag=True, help="Also plan to delete senders that carry the spec's owner mark but are no longer in it."
)
@click.option("--check", is_flag=True, help="Exit 1 if anything would change.")
@output_option("FILE", "Save the plan for `apply --plan FILE`; it holds digests and no values.", before="--out")
@output_format(*FORMATS["plan"])
def command(
    environments: tuple[str, ...],
    all_env: bool,
    check: bool,
    format_: str,
    spec: str,
    update_secrets: str,
    prune: bool,
    output: str | None,
    **options: Any,
) -> int:
    """Show what apply would change in the tenants' senders.

    Reads every tenant's sender and compares it with the spec, field by field. Nothing is written, and the senders' own secrets are
    not read. The credentials are those of the spec's `api`; the server is the environment's.

    With several environments, all are checked before the first server is asked. Each has its own lines, and one that cannot be planned
    does not hide the others. --format json prints one object per line and tenant, with its environment; --format markdown is for pull
    requests, --format html is one page for a ticket.

    \b
    Examples:
      mailwright plan email.yaml --env prod
      mailwright plan email.yaml --all-env --check
      mailwright plan email.yaml --server https://localhost:9443 --ca-file ca.pem --check
      mailwright plan email.yaml --env prod -o email.plan
      mailwright plan email.yaml --all-env --format markdown > comment.md
    """
    from ..operations.specs import chosen_environments
    from ..report.formats import plan_printer
    from ..report.text import one_line_error
    from ..spec import make_spec, read_document

    document = read_document(spec)
    chosen = chosen_environments(environments, document, all_env=all_env)
    several = len(chosen) > 1
    if output and output.endswith((".html", ".md")):
        hint = f"--format {format_ if format_ in ('html', 'markdown') else 'html'} > FILE"
        raise UsageError("-o saves the plan for `apply --plan`, not the report", hint=hint)
    if several and (output or options["server"]):
        raise UsageError("--output and --server go with one environment", hint="`server` of each environment says where it is")
    codes = []
    specs = [make_spec(spec, document, name) for name in chosen]
    printer = plan_printer(format_)
    if output:
        ensure_output(output, specs[0], options)
    for prepared in [ready(each, options, with_secrets=False, ahead=not several) for each in specs]:
        _print(printer.begin(prepared.environment, prepared.server.address, several=several))
        try:
            codes.append(_plan(prepared, printer, check=check, update_secrets=update_secrets, prune=prune, output=output))
        except MailwrightError as error:
            if not several:
                raise
            _print(printer.failed(error))
            click.echo(f"mailwright: {prepared.environment}: {one_line_error(error)}", err=True)
            codes.append(int(error.exit_code))
    _print(printer.finish())
    return combine(codes)


def _plan(prepared: Prepared, printer: PlanPrinter, *, check: bool, output: str | None, **how: Any) -> int:
    """Plan one environment and print it; return the exit code."""
    from ..operations.plan import plan
    from ..report.progress import Progress
    from ..report.text import one_line
    from .target import tell

    def show(found: TenantPlan) -> None:
        progress.clear()
        _print(printer.add(found, prepared.width))
        progress.step(failed=found.failure is not None, total=None if how["prune"] else prepared.preparation.count)

    try:
        with Progress("tenant", shown=not manner().quiet) as progress:
            result = plan(prepared, output=output, each=show, **how)
    finally:
        _print(printer.rest())
    for warning in result.written.warnings if result.written else ():
        click.echo(one_line(f"{output}: warning: {warning}"), err=True)
    _print(printer.end(result.counts, prepared.width))
    tell(prepared, result.not_looked_at)
    if output and result.written is None:
        click.echo("mailwright: no plan was saved: tenants that cannot be read cannot be planned", err=True)
    return result.exit_code or int(ExitCode.FINDINGS if check and result.changes else ExitCode.OK)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
