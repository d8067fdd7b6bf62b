"""``mailwright validate``."""

from __future__ import annotations

import click

from ..errors import ExitCode, MailwrightError, combine
from ..findings import Finding, Severity
from ..report.formats import FORMATS, validate_lines
from ..validation import KINDS, validate
from .options import asked_release, output_format, product_version


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--as", "kind", type=click.Choice(KINDS), help="What the files are, where their content does not tell.")
@click.option("--env", "environment", metavar="E", help="For specs: check this environment only.")
@product_version
@output_format(*FORMATS)
def command(files: tuple[str, ...], kind: str | None, environment: str | None, product_version: str | None, format_: str) -> int:
    """Check specs and deployment.toml files.

    \b
    Examples:
      mailwright validate email.yaml
      mailwright validate deployment.toml --product-version 7.2.0
      mailwright validate --format json email.yaml deployment.toml
    """
    release = asked_release(product_version)
    if release and release.unsure:
        click.echo(f"mailwright: unsure: {release.unsure}", err=True)
    results: list[tuple[str, list[Finding] | MailwrightError]] = []
    for name in files:
        try:
            version = release.version if release else None
            results.append((name, validate(name, kind=kind, environment=environment, product_version=version)))
        except MailwrightError as error:
            results.append((name, error))
    for line in validate_lines(format_, results):
        click.echo(line)
    return combine(_code(result) for _, result in results)


def _code(result: list[Finding] | MailwrightError) -> int:
    if isinstance(result, MailwrightError):
        return int(result.exit_code)
    bad = any(finding.severity is Severity.ERROR for finding in result)
    return int(ExitCode.FINDINGS if bad else ExitCode.OK)
