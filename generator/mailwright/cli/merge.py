"""``mailwright merge``."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from ..base.errors import ExitCode, MailwrightError, UnsafeToWrite, combine
from ..base.places import Place, Source, read_bytes
from ..product.releases import ALL, Release, agreed_release
from ..report.text import one_line, one_line_error
from ..spec.references import shown_name
from .options import asked_release, checked_spec, one_environment, product_version

if TYPE_CHECKING:
    from ..base.writing import Written
    from ..rendering.fragment import NodeSettings
    from ..rendering.merging import Merged

ATTEMPTS = 10
"""How often a file is merged into anew because somebody else wrote it meanwhile."""


@click.command()
@click.argument("spec", metavar="SPEC")
@click.argument("files", metavar="DEPLOYMENT.TOML...", nargs=-1, required=True)
@one_environment
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file differs from the spec.")
@click.option("--diff", is_flag=True, help="Show what changes: managed keys only, no secrets.")
@click.option("--backup", "backups", type=click.IntRange(0, 99), default=3, show_default=True, help="How many backups are kept.")
@click.option("--keep-unmanaged", is_flag=True, help="Leave keys of the adapter's table that the spec does not have.")
@click.option("--backup-dir", metavar="DIR", help="Where backups go. Default: beside the file; outside of a git work tree.")
@click.option("--allow-unstartable", is_flag=True, help="DANGEROUS: write a file with which the server does not start.")
@product_version
def command(
    spec: str,
    files: tuple[str, ...],
    environment: str | None,
    check: bool,
    product_version: str | None,
    **options: Any,
) -> int:
    """Write a spec into deployment.toml files.

    Every byte that the spec does not speak of stays. A file with which the server would not start is not written (exit 8); without
    a product version that is looked at for every release.

    \b
    Examples:
      mailwright merge email.yaml deployment.toml --env prod
      mailwright merge --check email.yaml node1.toml node2.toml
    """
    from ..rendering.fragment import node_settings

    release = asked_release(product_version)
    loaded = checked_spec(spec, environment, release, partial=True)
    wanted = node_settings(loaded)
    agreed = agreed_release(loaded.product_version, release)
    if not wanted.settings and not wanted.kept:
        click.echo(one_line(f"{spec}: warning: the spec has no `global`: there is nothing to merge"), err=True)
    run = _Run(wanted, (agreed,) if agreed else ALL, check, **options)
    return run.check_all(files) if check else run.write_all(files)


@contextmanager
def _telling(name: str, codes: list[int]) -> Iterator[None]:
    """Tell what goes wrong with one file, and note its exit code; the others go on."""
    try:
        yield
    except MailwrightError as error:
        named = error.place is not None and error.place.file == name
        click.echo(f"mailwright: {'' if named else f'{name}: '}{one_line_error(error)}", err=True)
        codes.append(int(error.exit_code))


@dataclass(frozen=True)
class _Ready:
    """A merge that may be written: the file as it was read, and what becomes of it."""

    data: bytes = field(repr=False)
    source: Source
    merged: Merged


@dataclass(frozen=True)
class _Run:
    """A merge into several files."""

    wanted: NodeSettings
    releases: Sequence[Release]
    check: bool
    diff: bool
    backups: int
    backup_dir: str | None
    keep_unmanaged: bool
    allow_unstartable: bool

    def check_all(self, files: Sequence[str]) -> int:
        """Say of each file whether it is in sync; return the exit code."""
        codes: list[int] = []
        for name in files:
            with _telling(name, codes):
                ready = self._ready(name)
                self._say(ready, None)
                codes.append(int(ExitCode.FINDINGS if ready.merged.changed or not ready.merged.starts else ExitCode.OK))
        return combine(codes)

    def write_all(self, files: Sequence[str]) -> int:
        """Merge into every file, or into none if one of them cannot be merged into; return the exit code."""
        codes: list[int] = []
        ready: list[_Ready] = []
        for name in files:
            with _telling(name, codes):
                ready.append(self._ready(name))
        if codes:
            if ready:
                click.echo("mailwright: nothing was merged, into the other files neither", err=True)
            return combine(codes)
        written: list[str] = []
        for each in ready:
            with _telling(each.source.name, codes):
                if self._write(each):
                    written.append(each.source.name)
        if codes and written:
            click.echo(one_line(f"mailwright: merged in part: {', '.join(written)} changed, the others did not"), err=True)
            return int(ExitCode.PARTIAL)
        return combine(codes)

    def _ready(self, name: str) -> _Ready:
        """Work out a merge; nothing is written.

        Raises:
            MailwrightError: it must not be written, or the file cannot be read.
        """
        from ..rendering.merging import merge

        data = read_bytes(name)
        source = Source(name, data.decode("utf-8", "surrogateescape"))
        merged = merge(source, self.wanted, self.releases, keep_unmanaged=self.keep_unmanaged)
        if merged.refusal and not self.allow_unstartable:
            raise self._refused(name, merged)
        if merged.secrets_lost and not self.backups and not self.check:
            raise UnsafeToWrite(
                f"`{merged.secrets_lost[0]}` stands here in clear text, and without a backup the merge would remove its only copy",
                place=Place(name),
                hint="leave out `--backup 0`",
            )
        return _Ready(data, source, merged)

    def _write(self, ready: _Ready) -> bool:
        """Write one file, and say so; what somebody else writes meanwhile is merged into again. Return whether it changed.

        Raises:
            MailwrightError: it is as it was.
        """
        from ..base.writing import FileChanged, write_again

        name = ready.source.name
        for _ in range(ATTEMPTS):
            written = None
            if ready.merged.changed:
                new = ready.merged.text.encode("utf-8", "surrogateescape")
                try:
                    written = write_again(name, ready.data, new, backups=self.backups, backup_dir=self.backup_dir)
                except FileChanged:
                    ready = self._ready(name)
                    continue
            self._say(ready, written)
            return written is not None
        raise UnsafeToWrite("others keep writing it; nothing was merged", place=Place(name), hint="run it again")

    def _refused(self, name: str, merged: Merged) -> UnsafeToWrite:
        hints = ["--allow-unstartable writes it all the same"]
        if len(self.releases) > 1:
            hints.insert(0, "--product-version V asks about one release")
        if merged.undefined:
            hints.insert(
                0,
                f"give the alias {shown_name(merged.undefined[0])} its encrypted text, as `secrets` in the spec, or write $env{{NAME}} instead",
            )
        if merged.bracketed:
            alias = shown_name(merged.bracketed[0])
            hints.insert(0, f"`bin/ciphertool.sh -Dconfigure` on the server encrypts the secret {alias}: run it, then merge")
        also = "; nor does it with the file as it is" if merged.before_starts is False else ""
        return UnsafeToWrite(
            f"not {'in sync' if self.check else 'merged'}: the server would not start: {merged.refusal}{also}",
            place=Place(name),
            hint="; ".join(hints),
        )

    def _say(self, ready: _Ready, written: Written | None) -> None:
        source, merged, name = ready.source, ready.merged, ready.source.name
        click.echo(one_line(f"{name}: {_summary(merged, check=self.check)}"))
        warnings = list(written.warnings) if written else []
        for fault in merged.faults:
            may = "does not" if fault.certain else "may not"
            when = ", before and after" if fault.before and not fault.ours else ""
            what = f"the server {may} start with this file{when}"
            warnings.append(f"{what}: {fault.reason}")
        if written and merged.secrets_lost:
            where = written.backup
            warnings.append(f"the clear text of `{merged.secrets_lost[0]}` is now in the backup only: {where}")
        elif written and written.backup and os.path.dirname(written.backup) != os.path.dirname(os.path.realpath(name)):
            click.echo(one_line(f"{name}: the old file is {written.backup}"), err=True)
        for warning in warnings:
            click.echo(one_line(f"{name}: warning: {warning}"), err=True)
        for line in _diff(source, merged.text, self.wanted) if self.diff else ():
            click.echo(one_line(line))


def _summary(merged: Merged, *, check: bool) -> str:
    if not merged.changed:
        may = "does not" if merged.surely_down else "may not"
        return "in sync" if merged.starts else f"nothing to merge, but the server {may} start with it"
    keys = ", ".join(path.removeprefix("output_adapter.email.") for path in merged.changed)
    return f"{'differs' if check else 'changed'}: {keys}"


def _diff(source: Source, text: str, wanted: NodeSettings) -> Iterator[str]:
    from difflib import unified_diff

    from ..rendering.merging import managed_lines

    before, after = managed_lines(source, wanted), managed_lines(Source(source.name, text), wanted)
    yield from unified_diff(before, after, "before", "after", lineterm="", n=0)
