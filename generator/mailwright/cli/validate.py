"""``mailwright validate``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from itertools import chain
from typing import TYPE_CHECKING

import click

from ..base.cache import cache_folder, opened
from ..base.errors import MailwrightError, UsageError, combine
from ..base.findings import Finding
from ..base.reading import is_stream
from ..operations.validate import KINDS, Check, Choice, all_readable, exit_code, validate_all
from ..report.formats import FORMATS, validate_lines
from ..report.text import counted, one_line, style_of
from ..validation.ignoring import PerFile
from ..validation.kept import Kept, depends_on
from ..validation.targets import find_targets
from .choices import OneOf
from .configured import configured, is_from_file, setting
from .inputs import hand_back, input_argument, stdin_filename
from .manner import manner, note
from .options import asked_release, output_format, product_version, several_environments

if TYPE_CHECKING:
    from ..operations.baseline import Baseline

Result = list[Finding] | MailwrightError


@click.command()
@input_argument("files", nargs=-1, required=True)
@stdin_filename
@click.option("--as", "kind", type=OneOf(KINDS), help="What the files are, if their content does not tell.")
@several_environments
@setting("--select", multiple=True, metavar="RULES", help="Check only these rules, e.g. MW101,MW3 (a family).")
@setting("--ignore", multiple=True, metavar="RULES", help="Leave these rules out.")
@setting(
    "--exclude",
    multiple=True,
    metavar="PATTERN",
    help="Skip these files in folders and patterns, in the syntax of .gitignore; may be repeated.",
)
@setting("--strict", is_flag=True, help="Treat warnings as errors.")
@setting("--baseline", metavar="FILE", help="Do not report the findings that this file lists.")
@click.option(
    "--with-known",
    is_flag=True,
    help="With --baseline and --format sarif: also report known findings (unchanged), and those that are gone (absent).",
)
@click.option("--write-baseline", metavar="FILE", help="Write what is found to this file, as known findings.")
@click.option("--fix", is_flag=True, help="Fix what can be fixed, in the files.")
@click.option("--diff", is_flag=True, help="Show what --fix changes; without --fix, write nothing.")
@click.option(
    "--resolve-env",
    "resolve",
    is_flag=True,
    help="Assume that a variable of $env{} that is not set here is not set on the server.",
)
@click.option(
    "--cache/--no-cache",
    default=None,
    help="Reuse the findings of files that have not changed; by default in a checkout's .mailwright_cache. [MAILWRIGHT_NO_CACHE]",
)
@click.option("--cache-dir", metavar="DIR", help="Another folder for the cache. [MAILWRIGHT_CACHE_DIR]")
@click.option("--all", "everything", is_flag=True, help="Show each finding in full, even if that is longer than a screen.")
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
    baseline: str | None,
    with_known: bool,
    write_baseline: str | None,
    fix: bool,
    diff: bool,
    resolve: bool,
    cache: bool | None,
    cache_dir: str | None,
    everything: bool,
    product_version: str | None,
    format_: str,
) -> int:
    """Check specs and deployment.toml files.

    FILES may be files, folders (their specs and deployment.toml files, except what .gitignore names) and patterns; `-` is standard
    input, and --fix then writes to standard output. A deployment.toml may also be in a ConfigMap or a Secret of a Kubernetes manifest, or
    be named by a kustomization.yaml; findings and fixes are then in that file. mailwright.yaml and *.mailwright.yaml are always taken as
    specs. Skipped files are counted, and -v names them.

    A spec is checked by itself and in every environment. --env checks only the environments that it names, and --all-env only the
    environments. A finding that only some environments have names them. A comment `# mailwright: ignore[MW302]` on a line or above it
    silences a rule there; `ignore-file[MW302]` silences it in the whole file.

    If the report is longer than a screen, each cause is shown once, and the rest as places and counts, with a table at the end; --all shows
    every finding in full.

    A baseline lists findings by file, rule and key, not by line. Known findings do not fail; new ones do.

    \b
    Examples:
      mailwright validate email.yaml
      mailwright validate deployment.toml --product-version 7.2.0
      mailwright validate --strict --ignore MW302,MW304 config/
      mailwright validate --fix --diff deployment.toml
      helm template is CHART | mailwright validate - --product-version 7.1.0
      mailwright validate --format markdown config/ > comment.md
      mailwright validate --write-baseline mailwright-baseline.json config/
    """
    if environments and all_env:
        raise UsageError("--env and --all-env contradict each other", hint="leave one of them out")
    if with_known and (format_ != "sarif" or not baseline):
        raise UsageError("--with-known goes with --baseline and --format sarif", hint="other formats tell only what is new")
    release = asked_release(product_version)
    if release and release.unsure:
        note(f"mailwright: unsure: {release.unsure}")
    check = Check(kind, environments, all_env, release.version if release else None, dict(os.environ), resolve)
    settings = configured(click.get_current_context())
    per_file = PerFile(settings.per_file_ignores, settings.folder) if settings else None
    choice = Choice.of(select, ignore, strict=strict, per_file=per_file)
    known = _baseline(baseline, write_baseline)
    targets = find_targets(files, exclude, settings.folder if settings and is_from_file("exclude") else None)
    piped = list(filter(is_stream, targets.names)) if fix else []  # standard output is for the mended text
    if fix and (targets.failed or not all_readable(targets.names, check)):
        hand_back(piped, {})
        click.echo("mailwright: nothing was fixed: a file cannot be read", err=True)
        fix = False
    codes: set[int] = set()
    style = style_of(sys.stderr if piped else sys.stdout, manner().colour)
    with nullcontext() if fix or diff else _kept(check, cache, cache_dir) as kept:
        results = (
            _fixed(targets.names, check, choice, write=fix) if fix or diff else validate_all(targets.names, check, choice, kept)
        )
        if known is not None:
            results = (
                known.renewed(results, choice.has) if write_baseline else known.unknown(results, choice.has, every=with_known)
            )
        lines = validate_lines(format_, _noting(chain(results, targets.failed.items()), codes), style, everything=everything)
        for text in _together(lines):
            click.echo(text, err=bool(piped), color=True)
    _tell_passed(targets.passed)
    if known is not None:
        _tell_known(known, write=write_baseline is not None, whole=not (environments or all_env))
    return combine(codes)


_LINES = 200


def _together(lines: Iterator[str]) -> Iterator[str]:
    """Yield lines as they come where somebody looks on; else many in one text, since each is written and flushed by itself."""
    most, waiting = 1 if sys.stdout.isatty() else _LINES, list[str]()
    try:
        for line in lines:
            waiting.append(line)
            if len(waiting) >= most:
                text = "\n".join(waiting)
                waiting.clear()
                yield text
    finally:  # what was found before an error is said
        if waiting:
            yield "\n".join(waiting)


@contextmanager
def _kept(check: Check, asked: bool | None, folder: str | None) -> Iterator[Kept | None]:
    """Open what is kept of files that have not changed, if anything is; afterwards write what is new, also where the run is ended."""
    where = cache_folder(asked, folder, os.environ)
    cache = opened(where, lambda: depends_on(check)) if where is not None else None
    if cache is None:
        if where is not None and manner().verbosity:
            click.echo(one_line(f"mailwright: no cache is used: {where} is not a folder that belongs to you alone"), err=True)
        yield None
        return
    kept = Kept(cache, check)
    try:
        yield kept
    finally:
        cache.close()
        if manner().verbosity:
            count = counted(kept.hits, "file")
            click.echo(one_line(f"mailwright: {count} had not changed since they were checked ({where})"), err=True)


def _baseline(path: str | None, new: str | None) -> Baseline | None:
    """Return what is known; what is in the file that is to be written stays known for the files that are not checked."""
    if new is None and not path:
        return None
    from ..base.writing import ensure_writable
    from ..operations.baseline import Baseline, read_baseline

    if new is None:
        return read_baseline(str(path))
    ensure_writable(new)
    return read_baseline(new) if os.path.lexists(new) else Baseline(new)


def _tell_known(known: Baseline, *, write: bool, whole: bool) -> None:
    """Write a baseline, or say on stderr what it comes to."""
    path, count = known.path, counted(known.known, "finding")
    if write:
        for warning in known.write().warnings:
            click.echo(one_line(f"{path}: warning: {warning}"), err=True)
        click.echo(one_line(f"wrote {path}: {count} known"), err=True)
        return
    if known.known:
        note(one_line(f"mailwright: {count} known from {path}"))
    if known.stale and whole:  # one environment does not have what others have
        stale = f"{known.stale} {'entry' if known.stale == 1 else 'entries'}"
        click.echo(one_line(f"mailwright: {path}: {stale} not found any more; --write-baseline {path} takes them out"), err=True)


def _fixed(names: list[str], check: Check, choice: Choice, *, write: bool) -> Iterator[tuple[str, Result]]:
    """Say what is mended; yield what is left where it was written, what was found where not."""
    from ..operations.fix import fix_all

    for name, result in fix_all(names, check, choice, write=write):
        if write and is_stream(name):
            hand_back([name], {} if isinstance(result, MailwrightError) else result[0].after)
        if isinstance(result, MailwrightError):
            yield name, result
            continue
        fixed, said = result
        done, undone = ("fixed", "not fixed") if write else ("would fix", "would not fix")
        lines = *(f"{done} {line}" for line in fixed.told()), *(f"{undone} {line}" for line in fixed.untold())
        for line in (*said, *lines):
            click.echo(one_line(line), err=True)
        yield name, list(fixed.left if write else fixed.found)


def _tell_passed(passed: list[tuple[str, str]]) -> None:
    """Say on stderr what was not looked at: how many files, and with -v which."""
    if not passed:
        return
    if manner().verbosity:
        for name, why in passed:
            click.echo(one_line(f"mailwright: skipped: {name}: {why}"), err=True)
    else:
        count = counted(len(passed), "file")
        note(f"mailwright: skipped in folders and patterns: {count} (-v names them)")


def _noting(results: Iterable[tuple[str, Result]], codes: set[int]) -> Iterator[tuple[str, Result]]:
    for name, result in results:
        codes.add(exit_code(result))
        yield name, result
