"""``mailwright render``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..base.errors import ExitCode, UsageError, combine
from ..base.reading import ensure_folder
from ..product.product import load_product
from ..report.text import counted, one_line
from .configured import setting
from .inputs import input_argument, stdin_filename
from .options import asked_version, output_option, product_version, several_environments

if TYPE_CHECKING:
    from ..rendering.folder import Rendered


@click.command()
@input_argument("spec", metavar="SPEC")
@stdin_filename
@several_environments
@output_option("DIR", "Write the fragment and one payload a tenant into a folder.")
@click.option("--check", is_flag=True, help="With -o: write nothing; exit 1 and show a diff if the folder differs.")
@click.option("--with-secrets", is_flag=True, help="With -o: resolve the tenants' secrets into the payloads (mode 0600).")
@setting("--secrets-dir", metavar="DIR", help="With --with-secrets: a file a name, for $file{name}.")
@product_version
def command(
    spec: str,
    environments: tuple[str, ...],
    all_env: bool,
    output: str | None,
    check: bool,
    with_secrets: bool,
    secrets_dir: str | None,
    product_version: str | None,
) -> int:
    """Render the fragment and the payloads.

    The fragment of deployment.toml goes to stdout; with -o it goes into a folder, with a REST payload a tenant. Several environments go into
    a folder each, by their names; all of them are checked before the first is written.

    Payloads leave secrets out and list them beside it (….secrets.json: field to reference), so that nobody posts a reference as a
    password.

    \b
    Examples:
      mailwright render email.yaml
      mailwright render email.yaml --env prod -o rendered/prod
      mailwright render email.yaml --env prod -o rendered/prod --check
      mailwright render email.yaml --all-env -o rendered
    """
    from ..operations.render import printable_fragment, render
    from ..operations.specs import chosen_environments
    from ..spec import make_spec, read_document

    ensure_folder(output, "-o", made=True)
    version = asked_version(product_version)
    document = read_document(spec)
    chosen = chosen_environments(environments, document, all_env=all_env)
    specs = [make_spec(spec, document, name) for name in chosen]
    if output is None:
        if check or with_secrets or secrets_dir:
            raise UsageError("--check, --with-secrets and --secrets-dir go with -o")
        if len(specs) > 1:
            raise UsageError("several environments go with -o DIR: there is one fragment each")
        click.echo(printable_fragment(specs[0], product_version=version), nl=False)
        return int(ExitCode.OK)
    several = len(specs) > 1 or all_env
    rendered = [render(each, product_version=version, with_secrets=with_secrets, secrets_dir=secrets_dir) for each in specs]
    tell = _tell_drift if check else _write
    codes = []
    for each, files in zip(specs, rendered, strict=True):
        folder = Path(output) / str(each.environment) if several else Path(output)
        codes.append(tell(folder, files, f"{each.environment}: " if several else ""))
    return combine(codes)


def _tell_drift(folder: Path, files: Iterator[Rendered], name: str) -> int:
    """Say what differs; return the exit code."""
    from ..rendering.folder import drift

    found = 0
    for file, lines in drift(folder, files, load_product()):
        found += 1
        click.echo(one_line(f"{name}{file}: {'differs' if lines else 'is missing'}"))
        for line in lines:
            click.echo(one_line(f"  {line}"))
    click.echo(name + ("in sync" if not found else f"{found} of the rendered files differ"))
    return int(ExitCode.FINDINGS if found else ExitCode.OK)


def _write(folder: Path, files: Iterator[Rendered], name: str) -> int:
    from ..operations.render import write_all

    count, changed = write_all(folder, files)
    click.echo(f"{name}{counted(count, 'file')} in {one_line(str(folder))}, {changed} changed")
    return int(ExitCode.OK)
