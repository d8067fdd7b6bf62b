"""``mailwright render``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..base.errors import ExitCode, UnsafeToWrite, UsageError, combine
from ..product.releases import Release, agreed_release
from ..report.text import counted, one_line
from .options import asked_release, output_option, product_version, several_environments

if TYPE_CHECKING:
    from ..rendering.folder import Rendered
    from ..spec import Spec


@click.command()
@click.argument("spec", metavar="SPEC")
@several_environments
@output_option("DIR", "Write the fragment and one payload a tenant into a folder.")
@click.option("--check", is_flag=True, help="With -o: write nothing; exit 1 and show a diff if the folder differs.")
@click.option("--with-secrets", is_flag=True, help="With -o: resolve the tenants' secrets into the payloads (mode 0600).")
@click.option("--secrets-dir", metavar="DIR", help="With --with-secrets: a file a name, for $file{name}.")
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
    from ..operations.specs import chosen_environments
    from ..rendering.folder import iter_rendered
    from ..spec import make_spec, read_document
    from ..spec.resolving import SecretStore
    from ..validation.specs import ensure_valid

    release = asked_release(product_version)
    document = read_document(spec)
    chosen = chosen_environments(environments, document, all_env=all_env)
    specs = [make_spec(spec, document, name) for name in chosen]
    releases = [ensure_valid(each, release) for each in specs]
    if output is None:
        if check or with_secrets or secrets_dir:
            raise UsageError("--check, --with-secrets and --secrets-dir go with -o")
        if len(specs) > 1:
            raise UsageError("several environments go with -o DIR: there is one fragment each")
        _print(specs[0], release)
        return int(ExitCode.OK)
    store = SecretStore(Path(secrets_dir) if secrets_dir else None, spec_folder=Path(spec).parent) if with_secrets else None
    several = len(specs) > 1 or all_env
    folders = [Path(output) / str(each.environment) if several else Path(output) for each in specs]
    if with_secrets:  # a first pass: nothing is written before every secret is there
        for each, agreed in zip(specs, releases, strict=True):
            for _ in iter_rendered(each, agreed, resolve=store):
                pass
    write = _differs if check else _write
    codes = []
    for each, agreed, folder in zip(specs, releases, folders, strict=True):
        codes.append(write(folder, iter_rendered(each, agreed, resolve=store), f"{each.environment}: " if several else ""))
    return combine(codes)


def _print(spec: Spec, release: Release | None) -> None:
    from ..rendering.folder import never_printed
    from ..rendering.fragment import render_fragment

    if never_printed(spec):
        raise UnsafeToWrite(
            "the fragment holds a secret, or a property that might be one, in clear text: that is never printed",
            place=spec.place("global", key=True),
            hint="write $secret{alias} or $env{NAME} in the spec, or use -o DIR, which writes a file that only you can read",
        )
    click.echo(render_fragment(spec, agreed_release(spec.product_version, release)), nl=False)


def _differs(folder: Path, files: Iterator[Rendered], name: str) -> int:
    """Say what differs; return the exit code."""
    from ..rendering.folder import drift

    found = 0
    for file, lines in drift(folder, files):
        found += 1
        click.echo(one_line(f"{name}{file}: {'differs' if lines else 'is missing'}"))
        for line in lines:
            click.echo(one_line(f"  {line}"))
    click.echo(name + ("in sync" if not found else f"{found} of the rendered files differ"))
    return int(ExitCode.FINDINGS if found else ExitCode.OK)


def _write(folder: Path, files: Iterator[Rendered], name: str) -> int:
    from ..rendering.folder import remove_remains, write_rendered

    remove_remains(folder)
    written = [write_rendered(folder, file) for file in files]
    click.echo(f"{name}{counted(len(written), 'file')} in {one_line(str(folder))}, {sum(written)} changed")
    return int(ExitCode.OK)
