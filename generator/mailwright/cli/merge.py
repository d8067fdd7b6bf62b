"""``mailwright merge``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ..deployment import Deployment, parse_deployment, read_deployment
from ..errors import ExitCode, MailwrightError, UnreadableInput, combine
from ..releases import agreed_release
from ..report.text import one_line, one_line_error
from ..source import Place
from .options import asked_release, checked_spec, product_version

if TYPE_CHECKING:
    from ..rendering.fragment import NodeSettings


@click.command()
@click.argument("spec", metavar="SPEC")
@click.argument("files", metavar="DEPLOYMENT.TOML...", nargs=-1, required=True)
@click.option("--env", "environment", metavar="E", help="The environment.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file differs from the spec.")
@click.option("--diff", is_flag=True, help="Show what changes: managed keys only, no secrets.")
@click.option("--backup", "backups", type=click.IntRange(0, 99), default=3, show_default=True, help="How many backups are kept.")
@click.option("--keep-unmanaged", is_flag=True, help="Leave keys of the adapter's table that the spec does not have.")
@product_version
def command(
    spec: str,
    files: tuple[str, ...],
    environment: str | None,
    check: bool,
    diff: bool,
    backups: int,
    keep_unmanaged: bool,
    product_version: str | None,
) -> int:
    """Write a spec into deployment.toml files.

    Every byte that the spec does not speak of stays.

    \b
    Examples:
      mailwright merge email.yaml deployment.toml --env prod
      mailwright merge --check email.yaml node1.toml node2.toml
    """
    from ..merge import merge
    from ..releases import NEWEST
    from ..rendering.fragment import node_settings

    release = asked_release(product_version)
    loaded = checked_spec(spec, environment, release)
    wanted = node_settings(loaded)
    agreed = agreed_release(loaded.product_version, release) or NEWEST
    codes: list[int] = []
    for name in files:
        try:
            before = read_deployment(name)
            merged = merge(before, wanted, agreed, keep_unmanaged=keep_unmanaged)
            if merged.changed and not check:
                write_file(name, merged.text, backups)
            click.echo(one_line(f"{name}: {_summary(merged.changed, check=check)}"))
            if merged.warning:
                hint = "`secrets` in the spec can give an alias its encrypted text"
                click.echo(one_line(f"{name}: warning: the server will not start: {merged.warning}; {hint}"), err=True)
            for line in _diff(before, merged.text, wanted) if diff else ():
                click.echo(one_line(line))
            codes.append(int(ExitCode.FINDINGS if merged.changed and check else ExitCode.OK))
        except MailwrightError as error:
            named = error.place is not None and error.place.file == name
            click.echo(f"mailwright: {'' if named else f'{name}: '}{one_line_error(error)}", err=True)
            codes.append(int(error.exit_code))
    return combine(codes)


def write_file(name: str, text: str, backups: int = 0) -> None:
    """Write a file in one step.

    Raises:
        UnreadableInput: it cannot be written; it is as it was.
    """
    from ..atomic import replace_file

    try:
        replace_file(name, text.encode("utf-8", "surrogateescape"), backups)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnreadableInput(f"cannot be written: {reason}; the file is as it was", place=Place(name)) from None


def _summary(changed: tuple[str, ...], *, check: bool) -> str:
    if not changed:
        return "in sync"
    keys = ", ".join(path.removeprefix("output_adapter.email.") for path in changed)
    return f"{'differs' if check else 'changed'}: {keys}"


def _diff(before: Deployment, text: str, wanted: NodeSettings) -> Iterator[str]:
    from difflib import unified_diff

    from ..merge import managed_lines

    after = parse_deployment(text, before.source.name)
    yield from unified_diff(managed_lines(before, wanted), managed_lines(after, wanted), "before", "after", lineterm="", n=0)
