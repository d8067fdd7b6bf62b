"""``mailwright verify``."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..deployment import Deployment, parse_deployment, read_deployment
from ..errors import ExitCode, InputError, MailwrightError, SpecError, UnreadableInput, UsageError, combine
from ..releases import NEWEST, Release, agreed_release
from ..report.text import one_line_error
from ..source import Place, read_bytes
from ..validation import is_spec_file
from ..view import Outcome, effective
from .options import asked_release, checked_spec, output_format, product_version

if TYPE_CHECKING:
    from ..handshake import Report


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--env", "environment", metavar="E", help="For a spec: the environment.")
@click.option("--ca-file", metavar="PEM", help="The server's trust store as PEM; without it this machine's.")
@click.option("--timeout", type=click.FloatRange(0.1, 600), default=10.0, show_default=True, help="Seconds for each phase.")
@click.option("--allow-cleartext", is_flag=True, help="Authenticate without TLS.")
@click.option("--allow-unverified", is_flag=True, help="Authenticate though the certificate does not verify.")
@click.option("--require-auth", is_flag=True, help="Exit 8 if a secret cannot be resolved, so that AUTH is skipped.")
@click.option("--secrets-dir", metavar="DIR", help="A file an alias, for $secret{alias}.")
@product_version
@output_format("text", "json")
def command(
    files: tuple[str, ...],
    environment: str | None,
    ca_file: str | None,
    timeout: float,
    allow_cleartext: bool,
    allow_unverified: bool,
    require_auth: bool,
    secrets_dir: str | None,
    product_version: str | None,
    format_: str,
) -> int:
    """Hold a live SMTP handshake.

    Verifies the global sender of specs and deployment.toml files.

    $env{NAME} comes from this environment, $secret{alias} from --secrets-dir or MAILWRIGHT_SECRET_<ALIAS>. Credentials go only over TLS
    that verifies.

    \b
    Examples:
      mailwright verify email.yaml --env prod
      mailwright verify deployment.toml --product-version 7.2.0 --ca-file ca.pem
    """
    from ..resolve import SecretStore
    from ..verify import render_text, verify_sender

    if not math.isfinite(timeout):
        raise UsageError("--timeout must be a number of seconds")
    release = asked_release(product_version)
    authorities = _read(ca_file) if ca_file else None
    if secrets_dir is not None and not Path(secrets_dir).is_dir():
        raise UsageError("--secrets-dir is no folder")
    store = SecretStore(Path(secrets_dir) if secrets_dir else None)
    reports: list[Report] = []
    codes: list[int] = []
    for name in files:
        try:
            properties = _properties(name, environment, release)
            report = verify_sender(
                f"{name} global" if len(files) > 1 else "global",
                properties,
                ca_pem=authorities,
                timeout=timeout,
                allow_cleartext=allow_cleartext,
                allow_unverified=allow_unverified,
                resolve_secret=store,
            )
        except MailwrightError as error:
            click.echo(f"mailwright: {one_line_error(error)}", err=True)
            codes.append(int(error.exit_code))
            continue
        reports.append(report)
        skipped = require_auth and report.exit_code == ExitCode.OK and report.phase("AUTH").status == "skipped"
        codes.append(int(ExitCode.UNSAFE) if skipped else report.exit_code)
        if skipped:
            hint = "put the secret into --secrets-dir, or into MAILWRIGHT_SECRET_<ALIAS>"
            click.echo(
                f"mailwright: AUTH was skipped although it is required: a secret is not resolved\n  hint: {hint}", err=True
            )
        if format_ == "text":
            click.echo(render_text(report), nl=False)
    if format_ == "json":
        click.echo(json.dumps({"schema_version": 1, "senders": [report.to_json() for report in reports]}, indent=2))
    return combine(codes)


def _read(path: str) -> str:
    try:
        return read_bytes(path).decode("ascii")
    except UnicodeDecodeError:
        raise UnreadableInput("is no PEM file", place=Place(path), hint="PEM is text: -----BEGIN CERTIFICATE-----") from None


def _properties(name: str, environment: str | None, release: Release | None) -> dict[str, str]:
    """Return the properties that the server will have; user name and password keep their references."""
    if is_spec_file(name):
        from ..rendering.fragment import render_fragment

        spec = checked_spec(name, environment, release)
        if spec.sender is None:
            raise SpecError("the spec has no `global` sender to verify", place=spec.place())
        agreed = agreed_release(spec.product_version, release) or NEWEST
        return _effective(parse_deployment(render_fragment(spec, agreed), name), agreed, partial=True)
    if release is None:
        raise UsageError("the product version is needed for a deployment.toml", hint="use --product-version V")
    return _effective(read_deployment(name), release, partial=False)


def _effective(deployment: Deployment, release: Release, *, partial: bool) -> dict[str, str]:
    view = effective(deployment, release, environment=dict(os.environ), partial=partial)
    if view.outcome is not Outcome.OK:
        raise InputError(f"there is nothing to verify: {view.reason}", place=view.place or Place(view.file))
    return {item.name: item.text for item in view.properties}
