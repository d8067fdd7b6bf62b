"""``mailwright init``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from shlex import quote
from types import MappingProxyType

import click

from ..base.errors import ExitCode, UsageError
from ..base.findings import Severity
from ..base.writing import ensure_writable
from ..operations import init as operation
from ..product.product import load_product
from ..report.findings import InShort
from ..report.text import counted, one_line
from .choices import OneOf
from .options import asked_release, product_version


@click.command()
@click.argument("spec", default="email.yaml")
@click.option("--preset", metavar="PRESET", help="Start from a provider's settings; --list names them.")
@click.option("--from", "files", multiple=True, metavar="[ENV=]FILE", help="Start from a deployment.toml; may be repeated.")
@click.option("--set", "answers", multiple=True, metavar="KEY=VALUE", help="Answer a question of the preset, or set another key.")
@click.option("--tenant", "tenants", multiple=True, metavar="DOMAIN", help="Add a tenant with its own sender; may be repeated.")
@click.option("--tenants", "sources", multiple=True, metavar="FILE", help="Add the tenants of a CSV or JSON Lines file.")
@click.option(
    "--with",
    "companions",
    multiple=True,
    type=OneOf(list(operation.COMPANIONS)),
    help="Also write a file to go with it; may be repeated.",
)
@click.option(
    "--harden",
    is_flag=True,
    help="With --from: also require STARTTLS, check the host name and set time-outs. The next merge then changes the servers.",
)
@click.option("--list", "listed", is_flag=True, help="List the presets.")
@product_version
def command(
    spec: str,
    preset: str | None,
    files: tuple[str, ...],
    answers: tuple[str, ...],
    tenants: tuple[str, ...],
    sources: tuple[str, ...],
    companions: tuple[str, ...],
    harden: bool,
    listed: bool,
    product_version: str | None,
) -> int:
    """Write a first spec.

    SPEC is the file to write (email.yaml); it must not exist yet. On a terminal, init asks for what you do not pass. A preset requires
    STARTTLS, checks the host name and sets time-outs. From several deployment.toml files, what all of them share becomes `global`, and
    what differs becomes an environment for each, named by what stands before `=` or by the file's folder.

    init never asks for a secret and never writes one: the spec refers to it.

    \b
    Examples:
      mailwright init
      mailwright init --list
      mailwright init --preset relay --set hostname=relay.example.com --set username=mailer \\
        --set from_address=no-reply@example.com --set signature=Example
      mailwright init --from prod=is-1/deployment.toml --from staging=is-2/deployment.toml --with ansible
    """
    if listed:
        for name, title in operation.presets(load_product()).items():
            click.echo(f"{name:20} {title}")
        return int(ExitCode.OK)
    if preset and files:
        raise UsageError("--preset and --from contradict each other", hint="leave one of them out")
    if files and (answers or tenants):
        raise UsageError("--set and --tenant go with --preset", hint="--tenants FILE goes with --from")
    if harden and not files:
        raise UsageError("--harden goes with --from: a preset is hardened")
    ensure_writable(spec, new=True)
    given = dict(_pair(answer) for answer in answers)
    release = asked_release(product_version)
    version = release.version if release else None
    if files:
        adopt = partial(operation.spec_from_files, spec, _environments(files), product_version=version, sources=sources)
        return _write(
            spec, adopt(harden=harden), companions, _environments(files), None if harden else partial(adopt, harden=True)
        )
    preset, given = _ask(preset, given)
    made = operation.first_spec(spec, preset, given, product_version=version, tenants=tenants, sources=sources)
    return _write(spec, made, companions)


def _write(
    spec: str,
    made: operation.FirstSpec,
    companions: tuple[str, ...],
    adopted: Mapping[str, str] = MappingProxyType({}),
    harder: Callable[[], operation.FirstSpec] | None = None,
) -> int:
    """Write the spec and what stands beside it, where the spec is right.

    Args:
        adopted: The servers' files that it is made of: what is wrong with them is no reason not to write it.
        harder: Makes the spec that --harden would give.
    """
    findings = operation.wrong(operation.problems(spec, made.text))
    if findings and not adopted:
        for line in InShort().file(spec, findings):
            click.echo(line, err=True)
        if any(finding.severity is Severity.ERROR for finding in findings):
            click.echo("mailwright: nothing is written", err=True)
            return int(ExitCode.FINDINGS)
    files = [operation.NewFile(spec, made.text.encode(), 0o600), *operation.companions(spec, made.text, companions)]
    operation.write_all(files)
    for note in made.notes:
        click.echo(one_line(f"mailwright: {note}"), err=True)
    said = "valid, strict"
    if findings:
        said = f"{counted(len(findings), 'finding')}: `mailwright validate --strict {one_line(spec)}` says more"
        left = len(operation.wrong(operation.problems(spec, harder().text))) if harder else len(findings)
        said += f"; with --harden {left or 'none'}" if left < len(findings) else ""
    click.echo(f"wrote {one_line(spec)} ({said})")
    for file in files[1:]:
        click.echo(f"wrote {one_line(file.path)}")
    click.echo(f"next: mailwright {_next(quote(spec), adopted)}")
    return int(ExitCode.OK)


def _next(spec: str, adopted: Mapping[str, str]) -> str:
    """Return the command to go on with."""
    for environment, path in adopted.items():
        where = f" --env {quote(environment)}" if len(adopted) > 1 else ""
        return one_line(f"merge {spec}{where} {quote(path)} --check")
    return one_line(f"verify {spec}")


def _ask(preset: str | None, given: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Return the preset and the answers, asked for on a terminal where they are not given."""
    product = load_product()
    asks = sys.stdin.isatty() and sys.stderr.isatty()
    if preset is None:
        titles = operation.presets(product)
        if not asks:
            raise UsageError(
                "there is nothing to start from", hint="--preset PRESET (--list names them), or --from deployment.toml"
            )
        for number, (name, title) in enumerate(titles.items(), 1):
            click.echo(f"  [{number}] {title} ({name})", err=True)
        number = 0
        while not 0 < number <= len(titles):
            answer = _answer("Where does mail go?")
            number = int(answer) if answer.isascii() and answer.isdecimal() else 0
        preset = list(titles)[number - 1]
    for question in operation.questions(preset, product) if asks else ():
        while question.name not in given:
            default = operation.default_of(question, given)
            answer = _answer(f"{question.title}, e.g. {question.example}", default)
            if question.refuses(answer):
                click.echo(f"This is none: e.g. {question.example}", err=True)
            else:
                given[question.name] = answer
    return preset, given


def _answer(question: str, default: str | None = None) -> str:
    """Ask on stderr, and return what is typed: nothing of the question goes to stdout."""
    click.echo(f"{question}{f' [{default}]' if default else ''}: ", nl=False, err=True)
    line = sys.stdin.readline()
    if not line:
        raise click.Abort
    return line.strip() or default or ""


def _pair(answer: str) -> tuple[str, str]:
    name, equals, value = answer.partition("=")
    if not equals or not name:
        raise UsageError("--set takes KEY=VALUE", hint="e.g. --set hostname=relay.example.com")
    return name, value


def _environments(files: tuple[str, ...]) -> dict[str, str]:
    """Return the files by the environments that they are for."""
    found: dict[str, str] = {}
    for given in files:
        name, equals, path = given.partition("=")
        if not equals or os.sep in name:
            name, path = Path(os.path.abspath(given)).parent.name, given
        if name in found:
            raise UsageError(
                f"--from: two files for the environment {one_line(name)}", hint="--from NAME=FILE gives each its own"
            )
        found[name] = path
    return found
