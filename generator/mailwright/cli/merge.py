"""``mailwright merge``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from ..base.errors import MailwrightError, UsageError
from ..base.reading import is_stream
from .configured import setting
from .inputs import input_argument, stdin_filename
from .manner import manner, note
from .options import asked_version, one_environment, output_format, product_version

if TYPE_CHECKING:
    from ..operations.merge import FileMerge, FileResult


@click.command()
@input_argument("spec", metavar="SPEC")
@input_argument("files", metavar="DEPLOYMENT.TOML...", nargs=-1, required=True)
@stdin_filename
@one_environment
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file differs from the spec.")
@click.option("--diff", is_flag=True, help="Show what changes: managed keys only, no secrets.")
@setting("--backup", "backups", type=click.IntRange(0, 99), default=3, show_default=True, help="How many backups to keep.")
@click.option("--keep-unmanaged", is_flag=True, help="Keep keys of the adapter's table that the spec does not have.")
@setting("--backup-dir", metavar="DIR", help="The folder for backups. Default: beside the file, but never in a git work tree.")
@click.option("--allow-unstartable", is_flag=True, help="DANGEROUS: write a file with which the server does not start.")
@product_version
@output_format("text", "json")
def command(
    spec: str,
    files: tuple[str, ...],
    environment: str | None,
    check: bool,
    diff: bool,
    keep_unmanaged: bool,
    product_version: str | None,
    format_: str,
    **options: Any,
) -> int:
    """Write a spec into deployment.toml files.

    Every byte that the spec does not mention stays. A file with which the server would not start is not written (exit 8); without a
    product version, it must start on every release. A file from standard input (`-`) or a pipe is merged to standard output.

    \b
    Examples:
      mailwright merge email.yaml deployment.toml --env prod
      mailwright merge --check email.yaml node1.toml node2.toml
      ssh node1 cat deployment.toml | mailwright merge email.yaml - > merged.toml
    """
    from ..operations.merge import merge, merging
    from ..report.text import one_line, one_line_error
    from ..spec import load_spec

    version = asked_version(product_version)
    made = merging(load_spec(spec, environment), product_version=version, keep_unmanaged=keep_unmanaged)
    if made.is_empty:
        click.echo(one_line(f"{spec}: warning: the spec has no `global`: there is nothing to merge"), err=True)

    def tell(name: str, result: FileResult) -> None:
        if isinstance(result, MailwrightError):
            named = result.place is not None and result.place.file == name
            click.echo(f"mailwright: {'' if named else f'{name}: '}{one_line_error(result)}", err=True)
        else:
            _tell(name, result, check=check, diff=diff)

    piped = [name for name in files if is_stream(name)] if not check else []
    if len(piped) > 1:
        raise UsageError("only one of the files can come through a pipe", hint="merge the others in runs of their own")
    if piped and format_ == "json":
        raise UsageError("--format json: standard output is for the merged text", hint="--check --format json says what differs")
    report = merge(made, files, check=check, each=tell if format_ == "text" else None, **options)
    if format_ == "json":
        from ..report.merged import merge_json

        click.echo(merge_json(report.results, report.exit_code, diff=diff))
    if report.left_alone:
        click.echo("mailwright: nothing was merged, not even into the other files", err=True)
    if report.in_part:
        changed = ", ".join(report.written)
        click.echo(one_line(f"mailwright: merged in part: {changed} changed, the others did not"), err=True)
    return report.exit_code


def _tell(name: str, found: FileMerge, *, check: bool, diff: bool) -> None:
    from ..report.merged import has_moved_backup, merge_diff, merge_summary, merge_warnings
    from ..report.text import Tone, one_line, style_of

    merged, written = found.merged, found.written
    piped = is_stream(name) and not check
    if piped:
        sys.stdout.flush()
        sys.stdout.buffer.write(found.content)
    style = style_of(sys.stderr if piped else sys.stdout, manner().colour)
    tone = Tone.GOOD if found.in_sync else Tone.CARE if merged.starts else Tone.BAD
    click.echo(
        style.paint(style.fold(one_line(f"{name}: {merge_summary(found.merged, check=check)}"), 4), tone), err=piped, color=True
    )
    if written and not merged.secrets_lost and has_moved_backup(name, found):
        note(one_line(f"{name}: the old file is {written.backup}"))
    for warning in merge_warnings(found, piped=piped):
        click.echo(one_line(f"{name}: warning: {warning}"), err=True)
    for line in merge_diff(found) if diff else ():
        said = {"+": Tone.GOOD, "-": Tone.BAD}.get(line[:1])
        click.echo(style.paint(one_line(line), said) if said else one_line(line), err=piped, color=True)
