"""``mailwright upgrade``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import click

from ..adoption.upgrades import Upgrade
from ..base.errors import ExitCode, MailwrightError, UsageError, combine
from ..base.reading import is_stream
from ..operations.upgrade import own_release, upgrade
from ..product.changes import changes
from ..product.product import load_product
from ..product.releases import Release
from ..report.text import one_line, one_line_error
from ..report.upgraded import changes_text, upgrade_json, upgrade_text
from .inputs import hand_back, input_argument, stdin_filename
from .options import output_format


@click.command()
@input_argument("files", nargs=-1, required=True)
@stdin_filename
@click.option("--from", "before", metavar="V", help="The release that runs now, if the spec does not say it.")
@click.option("--to", "after", metavar="V", required=True, help="The release to upgrade to.")
@click.option("--fix", is_flag=True, help="Fix what can be fixed, and write the new release into specs.")
@output_format("text", "json")
def command(files: tuple[str, ...], before: str | None, after: str, fix: bool, format_: str) -> int:
    """Show what another release makes of your files.

    FILES are specs and deployment.toml files; `-` is standard input, which --fix writes fixed to standard output. The report shows what
    differs between the releases, the values that the server reads differently, the tenants' payloads that change, what is wrong that
    was not wrong before, and whether the server starts.

    Exit code 1: a file is not ready for the newer release.

    \b
    Examples:
      mailwright upgrade --from 6.1.0 --to 7.2.0 deployment.toml
      mailwright upgrade --to 7.3.0 email.yaml --fix
      ssh node1 cat deployment.toml | mailwright upgrade --from 6.1.0 --to 7.2.0 -
    """
    releases = load_product().releases
    new = releases.parse(after)
    codes = set[int]()
    names = list(files)
    old = releases.parse(before) if before else _own(names, codes)
    piped = list(filter(is_stream, files)) if fix else []  # standard output is for the mended text
    results = list(_upgraded(names, old, new, codes)) if old else []
    may_write = fix and not codes
    if fix and codes:
        click.echo("mailwright: nothing was fixed: a file cannot be read", err=True)
    said: list[str] = []
    for result in results:
        if may_write:
            said += result.fixed.write()
        codes.add(int(ExitCode.OK if result.is_ready else ExitCode.FINDINGS))
    hand_back(piped, {name: data for result in results if may_write for name, data in result.fixed.after.items()})
    for line in _lines(format_, old, new, results, written=may_write) if old else ():
        click.echo(line, err=bool(piped))
    for line in said:
        click.echo(one_line(line), err=True)
    return combine(codes)


def _own(names: list[str], codes: set[int]) -> Release | None:
    """Return the release that the files name, None where that is not known; those that cannot be read are told, and taken out.

    Raises:
        UsageError: several releases, or none.
    """
    own = set[Release]()
    for name in list(names):
        try:
            own |= {release for release in (own_release(name),) if release}
        except MailwrightError as error:
            names.remove(name)
            _tell(error, codes)
    if len(own) > 1:
        raise UsageError("the specs are for several releases", hint="upgrade those of one release at a time")
    if names and not own:
        raise UsageError("no file says which release runs now", hint="--from V")
    return next(iter(own), None)


def _upgraded(names: Sequence[str], old: Release, new: Release, codes: set[int]) -> Iterator[Upgrade]:
    for name in names:
        try:
            yield upgrade(name, old, new)
        except MailwrightError as error:
            _tell(error, codes)


def _tell(error: MailwrightError, codes: set[int]) -> None:
    codes.add(int(error.exit_code))
    click.echo(f"mailwright: {one_line_error(error)}", err=True)


def _lines(format_: str, old: Release, new: Release, results: Sequence[Upgrade], *, written: bool) -> Iterator[str]:
    differ = list(changes(old, new))
    if format_ == "json":
        yield json.dumps(upgrade_json(old, new, differ, results), indent=2, ensure_ascii=False)
        return
    yield from changes_text(old, new, differ)
    for result in results:
        yield from upgrade_text(result, written=written)
