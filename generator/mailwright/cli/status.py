"""``mailwright status``."""

from __future__ import annotations

from pathlib import Path

import click

from ..base.errors import ExitCode, UsageError
from ..base.states import Row
from .inputs import input_argument, stdin_filename
from .manner import manner
from .options import asked_version, output_format, product_version, several_environments


@click.command()
@input_argument("spec", metavar="SPEC")
@stdin_filename
@click.argument("results", metavar="[RESULTS]...", nargs=-1)
@several_environments
@click.option("--node", "nodes", multiple=True, metavar="[ENV/]NAME=FILE", help="A node's deployment.toml; may be repeated.")
@click.option("--all", "every", is_flag=True, help="Show a row for everything, also for what needs no attention.")
@product_version
@output_format("text", "json", "markdown", "html")
def command(
    spec: str,
    results: tuple[str, ...],
    environments: tuple[str, ...],
    all_env: bool,
    nodes: tuple[str, ...],
    every: bool,
    product_version: str | None,
    format_: str,
) -> int:
    """Show how every node, tenant and environment stands.

    One table of what is valid, in sync and verified, with the days until a certificate ends. It opens no connection. It reads the files
    that are here, and the RESULTS that other commands saved: `plan --format json`, `apply -o FILE`, `verify --format json`, also those
    that Ansible brought from the nodes. What nobody has looked at shows as unknown.

    Exit code 1: something needs attention.

    \b
    Examples:
      mailwright status email.yaml
      mailwright verify email.yaml --env prod --format json > verify.json
      mailwright status email.yaml --env prod --node is-1=nodes/is-1/deployment.toml verify.json
      mailwright status email.yaml --all-env plan.jsonl verify.json --format html > status.html
    """
    from ..operations.status import status

    rows = status(
        spec,
        environments=environments,
        all_env=all_env,
        nodes=[_node(node) for node in nodes],
        results=results,
        product_version=asked_version(product_version),
    )
    bad = False

    def noting() -> list[Row]:
        nonlocal bad
        found = list(rows)
        bad = any(not row.is_good for row in found)
        return found

    for line in _lines(format_, noting(), every=every):
        click.echo(line, color=True)
    return int(ExitCode.FINDINGS if bad else ExitCode.OK)


def _lines(format_: str, rows: list[Row], *, every: bool) -> list[str]:
    import sys

    from ..report import states
    from ..report.text import style_of

    if format_ == "json":
        return list(states.states_json(rows))
    if format_ == "markdown":
        return list(states.states_markdown(rows, every=every))
    if format_ == "html":
        from ..report.html import status_page

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
