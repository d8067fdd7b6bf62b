"""``mailwright status``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..base.errors import ExitCode, UsageError
from ..base.states import Row
from .configured import is_typed
from .manner import manner
from .options import asked_version, output_format, several_environments
from .target import ready, target_options, tell

if TYPE_CHECKING:
    from ..operations.live import Live
    from ..operations.ready import Prepared
    from ..spec import Spec
    from ..tenants.planning import TenantPlan


@click.command()
@target_options
@click.argument("results", metavar="[RESULTS]...", nargs=-1)
@several_environments
@click.option("--node", "nodes", multiple=True, metavar="[ENV/]NAME=FILE", help="A node's deployment.toml; may be repeated.")
@click.option("--live", is_flag=True, help="Ask each environment's server how its tenants are now; --server does so too.")
@click.option("--all", "every", is_flag=True, help="Show a row for everything, also for what needs no attention.")
@output_format("text", "json", "markdown", "html")
def command(
    spec: str,
    results: tuple[str, ...],
    environments: tuple[str, ...],
    all_env: bool,
    nodes: tuple[str, ...],
    live: bool,
    every: bool,
    format_: str,
    **options: Any,
) -> int:
    """Show how every node, tenant and environment stands.

    One table of what is valid, in sync and verified, with the days until a certificate ends. It reads the files that are here,
    and the RESULTS that other commands saved: `plan --format json`, `apply -o FILE`, `verify --format json`, also those
    that Ansible brought from the nodes. What nobody has looked at shows as unknown.

    It opens no connection unless you pass --live or --server. Then it asks what `plan` asks, with the same credentials, and writes nothing.

    Exit code 1: something needs attention. A server that refuses or does not answer has the exit code that it has with `plan`.

    \b
    Examples:
      mailwright status email.yaml
      mailwright verify email.yaml --env prod --format json > verify.json
      mailwright status email.yaml --env prod --node is-1=nodes/is-1/deployment.toml verify.json
      mailwright status email.yaml --all-env --live
      mailwright status email.yaml --all-env plan.jsonl verify.json --format html > status.html
    """
    from ..operations.status import status

    with _asking(options, live=live, several=all_env or len(set(environments)) > 1) as asked:
        rows = list(
            status(
                spec,
                environments=environments,
                all_env=all_env,
                nodes=[_node(node) for node in nodes],
                results=results,
                product_version=asked_version(options["product_version"]),
                live=asked,
            )
        )
    for line in _lines(format_, rows, every=every):
        click.echo(line, color=True)
    bad = any(not row.is_good for row in rows)
    return (asked.exit_code if asked else 0) or int(ExitCode.FINDINGS if bad else ExitCode.OK)


@contextmanager
def _asking(options: Mapping[str, Any], *, live: bool, several: bool) -> Iterator[Live | None]:
    """Open what asks the servers, None where nobody is to be asked; afterwards say what could not be asked, and why."""
    if not live and not is_typed("server"):
        if options["server_override"] or options["allow_unverified"]:
            raise UsageError(
                "--server-override and --allow-unverified go with --live or --server", hint="nobody is asked without"
            )
        yield None
        return
    if several and options["server"]:
        raise UsageError("--server goes with one environment", hint="--live asks the `server` of each environment")
    from ..operations.live import Live
    from ..report.planned import Failures, plan_lines
    from ..report.progress import Progress
    from ..report.text import one_line, one_line_error

    told: dict[str | None, tuple[Failures, list[str]]] = {}

    def prepared(spec: Spec) -> Prepared:
        made = ready(spec, options, with_secrets=False)
        tell(made, 0)
        return made

    def each(prepared: Prepared, plan: TenantPlan) -> None:
        alike, lines = told.setdefault(prepared.environment, (Failures(), []))
        if plan.failure is not None and alike.is_shown(plan.domain, plan.failure):
            lines.extend(plan_lines(plan, prepared.width))
        progress.step(failed=plan.failure is not None, total=None if several else prepared.preparation.count)

    with Progress("tenant", shown=not manner().quiet) as progress:
        asked = Live(prepared, each)
        yield asked
    for environment, (alike, lines) in told.items():
        head = [one_line(f"{environment}:")] if several and lines else []
        click.echo("".join(f"{line}\n" for line in (*head, *lines, *alike.rest())), err=True, nl=False)
    for environment, error in asked.failures:
        where = f"{environment}: " if environment else ""
        click.echo(f"mailwright: {where}{one_line_error(error)}", err=True)


def _lines(format_: str, rows: list[Row], *, every: bool) -> list[str]:
    import sys

    from ..report import states
    from ..report.text import style_of

    if format_ == "json":
        return list(states.states_json(rows))
    if format_ == "markdown":
        return list(states.states_markdown(rows, every=every))
    if format_ == "html":
        from ..report.states_html import status_page

        return list(status_page(rows))
    return list(states.states_text(rows, every=every, style=style_of(sys.stdout, manner().colour)))


def _node(given: str) -> tuple[str | None, str, str]:
    """Return the environment, the name and the file of a node."""
    name, equals, path = given.partition("=")
    if not equals:
        name, path = Path(given).resolve().parent.name, given
    environment, slash, node = name.rpartition("/")
    if not path or not node:
        raise UsageError("--node takes [ENV/]NAME=FILE", hint="e.g. --node prod/is-1=nodes/is-1/deployment.toml")
    return (environment if slash else None), node, path
