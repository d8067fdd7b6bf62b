"""``mailwright validate``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import click

from ..base.errors import ExitCode, MailwrightError, UsageError, combine
from ..base.findings import Finding, Severity
from ..base.reading import read_bytes
from ..report.formats import FORMATS, validate_lines
from ..report.text import one_line
from ..validation import KINDS, Check
from ..validation.many import each_of
from ..validation.targets import find_targets
from .options import asked_release, output_format, product_version, several_environments

if TYPE_CHECKING:
    from ..validation.fixing import Fixed

Result = list[Finding] | MailwrightError


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--as", "kind", type=click.Choice(KINDS), help="What the files are, where their content does not tell.")
@several_environments
@click.option("--select", multiple=True, metavar="RULES", help="Only these rules: MW101,MW3 (a family).")
@click.option("--ignore", multiple=True, metavar="RULES", help="Not these rules.")
@click.option(
    "--exclude",
    multiple=True,
    metavar="PATTERN",
    help="What folders and patterns leave out, as .gitignore writes it; may be repeated.",
)
@click.option("--strict", is_flag=True, help="Warnings are errors.")
@click.option("--fix", is_flag=True, help="Mend what can be mended, in the files.")
@click.option("--diff", is_flag=True, help="Say what --fix mends; without --fix write nothing.")
@click.option(
    "--resolve-env", "resolve", is_flag=True, help="A variable of $env{} that is not set here is not set on the server."
)
@product_version
@output_format(*FORMATS["validate"])
def command(
    files: tuple[str, ...],
    kind: str | None,
    environments: tuple[str, ...],
    all_env: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    exclude: tuple[str, ...],
    strict: bool,
    fix: bool,
    diff: bool,
    resolve: bool,
    product_version: str | None,
    format_: str,
) -> int:
    """Check specs and deployment.toml files.

    FILES may be files, folders (their specs and deployment.toml files, without what .gitignore names) and patterns. A file that is called
    mailwright.yaml or *.mailwright.yaml is taken for a spec whatever is in it; what was passed over is counted, and named with -v.

    Of a spec the base and every environment are checked;
    --env checks the ones that it names, --all-env all but the base; a finding that only some of them have names them. A comment
    `# mailwright: ignore[MW302]` on the line or above it silences a rule there, `ignore-file[MW302]` in the whole file.

    \b
    Examples:
      mailwright validate email.yaml
      mailwright validate deployment.toml --product-version 7.2.0
      mailwright validate --strict --ignore MW302,MW304 config/
      mailwright validate --fix --diff deployment.toml
    """
    if environments and all_env:
        raise UsageError("--env and --all-env say two things", hint="leave one of them out")
    release = asked_release(product_version)
    if release and release.unsure:
        click.echo(f"mailwright: unsure: {release.unsure}", err=True)
    check = Check(kind, environments, all_env, release.version if release else None, dict(os.environ), resolve)
    choice = _Choice(_rules(select), _rules(ignore), strict)
    targets = find_targets(files, exclude)
    names = targets.names
    if fix and not _all_readable(names, check):
        click.echo("mailwright: nothing is mended: a file cannot be read", err=True)
        fix = False
    if fix or diff:
        results = _told(each_of(names, partial(_fixed, check=check, choice=choice)), write=fix)
    else:
        results = each_of(names, partial(_chosen, check=check, choice=choice))
    codes: set[int] = set()
    for line in validate_lines(format_, _noting(results, codes)):
        click.echo(line)
    _tell_passed(targets.passed)
    return combine(codes)


def _all_readable(names: Iterable[str], check: Check) -> bool:
    """Say whether every file can be worked on: none is written before all are known to be."""
    return not any(
        isinstance(result, MailwrightError) for _, result in each_of(list(names), partial(_chosen, check=check, choice=None))
    )


def _tell_passed(passed: list[tuple[str, str]]) -> None:
    """Say on stderr what was not looked at: how many files, and with -v which."""
    if not passed:
        return
    if click.get_current_context().find_root().obj:
        for name, why in passed:
            click.echo(one_line(f"mailwright: passed over: {name}: {why}"), err=True)
    else:
        count = f"{len(passed)} file{'s' if len(passed) != 1 else ''}"
        click.echo(f"mailwright: passed over in folders and patterns: {count} (-v names them)", err=True)


def _rules(options: Iterable[str]) -> tuple[str, ...]:
    from ..rules.catalogue import CATALOGUE

    names = tuple(name.strip().upper() for option in options for name in option.split(",") if name.strip())
    for name in names:
        if not any(rule.startswith(name) for rule in CATALOGUE):
            raise UsageError("--select and --ignore take ids of rules, or how they begin", hint="e.g. MW101 or MW3")
    return names


class _Choice:
    """Which findings count, and how much."""

    def __init__(self, select: tuple[str, ...], ignore: tuple[str, ...], strict: bool) -> None:
        self._select, self._ignore, self._strict = select or ("",), ignore, strict

    def __call__(self, findings: Iterable[Finding]) -> list[Finding]:
        chosen = [
            item
            for item in findings
            if item.rule.startswith(self._select) and not (self._ignore and item.rule.startswith(self._ignore))
        ]
        if self._strict:
            chosen = [replace(item, severity=Severity.ERROR) if item.severity is Severity.WARNING else item for item in chosen]
        return chosen


def _chosen(name: str, *, check: Check, choice: _Choice | None) -> list[Finding]:
    found = check(name, read_bytes(name))
    return choice(found) if choice else found


def _fixed(name: str, *, check: Check, choice: _Choice) -> Fixed:
    from ..validation.fixing import fix_file

    return fix_file(name, lambda files: choice(check(name, files[name])))


def _told(results: Iterator[tuple[str, Fixed | MailwrightError]], *, write: bool) -> Iterator[tuple[str, Result]]:
    """Say what is mended, and write it; yield what is left where it was written, what was found where not."""
    for name, fixed in results:
        if isinstance(fixed, MailwrightError):
            yield name, fixed
            continue
        try:
            said = [*(fixed.write() if write else ()), *(f"{'fixed' if write else 'would fix'} {line}" for line in fixed.told())]
        except MailwrightError as error:
            yield name, error
            continue
        for line in said:
            click.echo(one_line(line), err=True)
        yield name, list(fixed.left if write else fixed.found)


def _noting(results: Iterator[tuple[str, Result]], codes: set[int]) -> Iterator[tuple[str, Result]]:
    for name, result in results:
        codes.add(_code(result))
        yield name, result


def _code(result: Result) -> int:
    if isinstance(result, MailwrightError):
        return int(result.exit_code)
    bad = any(finding.severity is Severity.ERROR for finding in result)
    return int(ExitCode.FINDINGS if bad else ExitCode.OK)
