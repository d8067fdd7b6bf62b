"""``mailwright explain``."""

from __future__ import annotations

from difflib import get_close_matches

import click

from ..adapter import load_adapter
from ..errors import UsageError
from ..report.text import explain_key, explain_rule
from ..rules import CATALOGUE
from ..spec.nodes import shown_key
from ..verify.codes import CODES


@click.command()
@click.argument("name", metavar="KEY|RULE|CODE")
def command(name: str) -> None:
    """Explain a key, a rule, or a finding of verify.

    \b
    Examples:
      mailwright explain hostname
      mailwright explain mail.smtp.starttls.required
      mailwright explain MW101
      mailwright explain starttls-opportunistic
    """
    adapter = load_adapter()
    wanted = name.removeprefix("output_adapter.email.").removeprefix(f"{adapter.table.name}.").strip("'\"")
    if wanted in adapter:
        lines = explain_key(adapter[wanted])
    elif wanted in adapter.listed:
        lines = explain_key(adapter.listed[wanted], listed=True)
    elif name.upper() in CATALOGUE:
        lines = explain_rule(CATALOGUE[name.upper()])
    elif name.lower() in CODES:
        lines = iter([f"{name.lower()}: {CODES[name.lower()]}"])
    elif meant := adapter.meant(wanted):
        click.echo(f"{shown_key(wanted)} is no key: the server ignores it. Probably meant:\n")
        lines = explain_key(adapter[meant])
    else:
        close = get_close_matches(wanted, adapter.listed, n=1)
        known = f"did you mean `{close[0]}`?" if close else f"keys: {', '.join(adapter)}; rules: {', '.join(CATALOGUE)}"
        raise UsageError(f"{shown_key(name)} is neither a key nor a rule, nor a finding of verify", hint=known)
    for line in lines:
        click.echo(line)
