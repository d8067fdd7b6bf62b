"""``mailwright effective``."""

from __future__ import annotations

import json
import os

import click

from ..base.errors import ExitCode, MailwrightError, UsageError, combine
from ..engine.effective import Effective, Outcome
from ..operations.effective import effective_in
from ..report.effective import effective_json, effective_text
from ..report.text import one_line, one_line_error
from .inputs import input_argument, stdin_filename
from .options import VERSION_VARIABLE, asked_version, output_format, product_version


@click.command()
@input_argument("files", nargs=-1, required=True)
@stdin_filename
@product_version
@click.option("--resolve-env", is_flag=True, help="Take $env{} from this environment and $sys{} from --sys.")
@click.option("--sys", "system", multiple=True, metavar="NAME=VALUE", help="A Java system property, for --resolve-env.")
@click.option("--show-secrets", is_flag=True, help="Print secrets in clear text.")
@output_format("text", "json")
def command(
    files: tuple[str, ...],
    product_version: str | None,
    resolve_env: bool,
    system: tuple[str, ...],
    show_secrets: bool,
    format_: str,
) -> int:
    """Show what the server will load.

    FILES are deployment.toml files, or Kubernetes manifests that hold one (docs/kubernetes.md).

    \b
    Examples:
      mailwright effective deployment.toml --product-version 7.2.0
      mailwright effective deployment.toml --product-version 7.2.0 --resolve-env --format json
      helm template is CHART | mailwright effective - --product-version 7.1.0
      ssh node1 cat /opt/wso2is/repository/conf/deployment.toml | mailwright effective - --product-version 7.2.0
    """
    version = asked_version(product_version)
    if version is None:
        raise UsageError("the product version is needed", hint=f"use --product-version V or {VERSION_VARIABLE}")
    properties = _properties(system)
    if show_secrets:
        click.echo("mailwright: --show-secrets: the output holds secrets in clear text", err=True)
    codes: list[int] = []
    for name in files:
        try:
            views = effective_in(name, version, environment=dict(os.environ) if resolve_env else None, system=properties)
        except MailwrightError as error:
            click.echo(f"mailwright: {one_line_error(error)}", err=True)
            codes.append(int(error.exit_code))
            continue
        for title, view in views:
            _print(title, view, format_, several=len(files) + len(views) > 2, show_secrets=show_secrets)
            codes.append(int(ExitCode.OK if view.outcome is Outcome.OK else ExitCode.FINDINGS))
    return combine(codes)


def _properties(pairs: tuple[str, ...]) -> dict[str, str]:
    properties: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError("--sys takes NAME=VALUE")
        properties[name] = value
    return properties


def _print(title: str, view: Effective, format_: str, *, several: bool, show_secrets: bool) -> None:
    if format_ == "json":
        click.echo(json.dumps(effective_json(view, show_secrets=show_secrets), ensure_ascii=True))
        return
    if several:
        click.echo(one_line(f"{title}:"))
    for line in effective_text(view, show_secrets=show_secrets):
        click.echo(line)
