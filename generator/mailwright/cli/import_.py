"""``mailwright import``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ..deployment import parse_deployment
from ..errors import ExitCode, UnreadableInput, UnsafeToWrite, UsageError
from ..report.text import one_line
from ..source import Place, decode, read_bytes
from .options import asked_release, product_version


@click.command()
@click.argument("file")
@click.option("-o", "--output", metavar="SPEC", help="Write the spec here (mode 0600); it must not exist yet.")
@click.option("--keep-secrets", is_flag=True, help="With -o: keep literal secrets instead of references.")
@product_version
def command(file: str, output: str | None, keep_secrets: bool, product_version: str | None) -> int:
    """Make a spec of what a server has.

    FILE is a deployment.toml, or the output-event-adapters.xml of 5.8 and earlier.

    Literal secrets become references, to be filled in.

    \b
    Examples:
      mailwright import deployment.toml --product-version 7.2.0 -o email.yaml
      mailwright import output-event-adapters.xml
    """
    from ..importing import import_adapters_xml, import_deployment, spec_yaml
    from ..rendering.tree import holds_literal

    if keep_secrets and output is None:
        raise UsageError("--keep-secrets goes with -o: a secret is not printed")
    release = asked_release(product_version)
    data = read_bytes(file)
    if file.lower().endswith(".xml"):
        imported = import_adapters_xml(decode(data, file), keep_secrets=keep_secrets)
    else:
        deployment = parse_deployment(data.decode("utf-8", "surrogateescape"), file)
        imported = import_deployment(deployment, release, keep_secrets=keep_secrets)
    text = spec_yaml(imported.document)
    if output is None:
        if holds_literal(imported.document.get("global")):
            raise UnsafeToWrite(
                "the spec holds a property that might be a secret in clear text: that is never printed",
                place=Place(file),
                hint="use -o SPEC, which writes a file that only you can read",
            )
        click.echo(text, nl=False)
    else:
        _write(Path(output), text)
        click.echo(one_line(f"wrote {output}"), err=True)
    for name in imported.replaced:
        alias = f"$secret{{smtp_{name}}}"
        click.echo(
            f"`{name}` stands in clear text: the spec says {alias} instead; put it into [secrets], or keep it with --keep-secrets",
            err=True,
        )
    return int(ExitCode.OK)


def _write(path: Path, text: str) -> None:
    try:
        with open(path, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(text)
    except OSError as error:
        raise UnreadableInput(
            f"cannot be written: {error.strerror}", place=Place(str(path)), hint="name a file that does not exist"
        ) from None
