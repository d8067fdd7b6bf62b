"""``mailwright render``."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import ExitCode, UnsafeToWrite, UsageError
from ..releases import agreed_release
from ..report.text import one_line
from .options import asked_release, checked_spec, product_version


@click.command()
@click.argument("spec", metavar="SPEC")
@click.option("--env", "environment", metavar="E", help="The environment.")
@click.option("-o", "--output", metavar="DIR", help="Write the fragment and one payload a tenant into a folder.")
@click.option("--check", is_flag=True, help="With -o: write nothing; exit 1 and show a diff if the folder differs.")
@click.option("--with-secrets", is_flag=True, help="With -o: resolve the tenants' secrets into the payloads (mode 0600).")
@click.option("--secrets-dir", metavar="DIR", help="With --with-secrets: a file a name, for $file{name}.")
@product_version
def command(
    spec: str,
    environment: str | None,
    output: str | None,
    check: bool,
    with_secrets: bool,
    secrets_dir: str | None,
    product_version: str | None,
) -> int:
    """Render the fragment and the payloads.

    The fragment of deployment.toml goes to stdout; with -o it goes into a folder, with a REST payload a tenant.

    Payloads leave secrets out and list them beside it (….secrets.json: field to reference), so that nobody posts a reference as a
    password.

    \b
    Examples:
      mailwright render email.yaml
      mailwright render email.yaml --env prod -o rendered/prod
      mailwright render email.yaml --env prod -o rendered/prod --check
    """
    from ..rendering.fragment import render_fragment
    from ..rendering.tree import drift, iter_rendered, never_printed, write_rendered
    from ..resolve import SecretStore

    release = asked_release(product_version)
    loaded = checked_spec(spec, environment, release)
    agreed = agreed_release(loaded.product_version, release)
    if output is None:
        if check or with_secrets or secrets_dir:
            raise UsageError("--check, --with-secrets and --secrets-dir go with -o")
        if never_printed(loaded):
            raise UnsafeToWrite(
                "the fragment holds a secret, or a property that might be one, in clear text: that is never printed",
                place=loaded.place("global", key=True),
                hint="write $secret{alias} or $env{NAME} in the spec, or use -o DIR, which writes a file that only you can read",
            )
        click.echo(render_fragment(loaded, agreed), nl=False)
        return int(ExitCode.OK)
    store = SecretStore(Path(secrets_dir) if secrets_dir else None, spec_folder=Path(spec).parent) if with_secrets else None
    if with_secrets:  # a first pass: nothing is written before every secret is there
        for _ in iter_rendered(loaded, agreed, resolve=store):
            pass
    files = iter_rendered(loaded, agreed, resolve=store)
    if check:
        found = 0
        for name, lines in drift(Path(output), files):
            found += 1
            click.echo(one_line(f"{name}: {'differs' if lines else 'is missing'}"))
            for line in lines:
                click.echo(one_line(f"  {line}"))
        click.echo("in sync" if not found else f"{found} of the rendered files differ")
        return int(ExitCode.FINDINGS if found else ExitCode.OK)
    written = [write_rendered(Path(output), file) for file in files]
    click.echo(f"{len(written)} file{'s' if len(written) != 1 else ''} in {one_line(output)}, {sum(written)} changed")
    return int(ExitCode.OK)
