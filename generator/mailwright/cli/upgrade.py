"""``mailwright upgrade``."""

from __future__ import annotations

import json

import click

from ..base.errors import ExitCode, MailwrightError, UsageError, combine
from ..operations.upgrade import own_release, upgrade
from ..product.changes import changes
from ..product.product import load_product
from ..report.text import one_line, one_line_error
from ..report.upgraded import changes_text, upgrade_json, upgrade_text
from .options import output_format


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--from", "before", metavar="V", help="The release that runs now, if the spec does not say it.")
@click.option("--to", "after", metavar="V", required=True, help="The release to upgrade to.")
@click.option("--fix", is_flag=True, help="Fix what can be fixed, and write the new release into specs.")
@output_format("text", "json")
def command(files: tuple[str, ...], before: str | None, after: str, fix: bool, format_: str) -> int:
    """Show what another release makes of your files.

    FILES are specs and deployment.toml files. The report shows what differs between the releases, the values that the server reads
    differently, the tenants' payloads that change, what is wrong that was not wrong before, and whether the server starts.

    Exit code 1: a file is not ready for the newer release.

    \b
    Examples:
      mailwright upgrade --from 6.1.0 --to 7.2.0 deployment.toml
      mailwright upgrade --to 7.3.0 email.yaml --fix
    """
    releases = load_product().releases
    new = releases.parse(after)
    own = {release for name in files if before is None and (release := own_release(name))}
    if len(own) > 1:
        raise UsageError("the specs are for several releases", hint="upgrade those of one release at a time")
    if before is None and not own:
        raise UsageError("no file says which release runs now", hint="--from V")
    old = releases.parse(before) if before else next(iter(own))
    codes = set[int]()
    results = []
    for name in files:
        try:
            results.append(upgrade(name, old, new))
        except MailwrightError as error:
            codes.add(int(error.exit_code))
            click.echo(f"mailwright: {one_line_error(error)}", err=True)
    may_write = fix and not codes
    if fix and codes:
        click.echo("mailwright: nothing is mended: a file cannot be read", err=True)
    said: list[str] = []
    for result in results:
        if may_write:
            said += result.fixed.write()
        codes.add(int(ExitCode.OK if result.is_ready else ExitCode.FINDINGS))
    differ = list(changes(old, new))
    if format_ == "json":
        click.echo(json.dumps(upgrade_json(old, new, differ, results), indent=2, ensure_ascii=False))
    else:
        for line in changes_text(old, new, differ):
            click.echo(line)
        for result in results:
            for line in upgrade_text(result, written=may_write):
                click.echo(line)
    for line in said:
        click.echo(one_line(line), err=True)
    return combine(codes)
