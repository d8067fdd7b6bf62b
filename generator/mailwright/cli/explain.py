"""``mailwright explain``."""

from __future__ import annotations

import click

from ..adapter import load_adapter
from ..errors import UsageError
from ..report.text import explain_key, explain_rule
from ..rules import CATALOGUE
from ..spec.nodes import shown_key


@click.command()
@click.argument("name", metavar="KEY|RULE")
def command(name: str) -> None:
    """Tell what a key of the adapter is, or what a rule means.

    \b
    Examples:
      mailwright explain hostname
      mailwright explain mail.smtp.starttls.required
      mailwright explain MW101
    """
    adapter = load_adapter()
    wanted = name.removeprefix("output_adapter.email.").removeprefix(f"{adapter.table.name}.").strip("'\"")
    if wanted in adapter:
        lines = explain_key(adapter[wanted])
    elif wanted in adapter.listed:
        lines = explain_key(adapter.listed[wanted], listed=True)
    elif name.upper() in CATALOGUE:
        lines = explain_rule(CATALOGUE[name.upper()])
    else:
        meant = adapter.meant(wanted)
        known = f"did you mean `{meant}`?" if meant else f"keys: {', '.join(adapter)}; rules: {', '.join(CATALOGUE)}"
        raise UsageError(f"{shown_key(name)} is neither a key nor a rule", hint=known)
    for line in lines:
        click.echo(line)
