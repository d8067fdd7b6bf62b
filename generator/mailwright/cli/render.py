"""``mailwright render``."""

from __future__ import annotations

import click

from ..releases import agreed_release
from .options import asked_release, checked_spec, product_version


@click.command()
@click.argument("spec", metavar="SPEC")
@click.option("--env", "environment", metavar="E", help="The environment.")
@product_version
def command(spec: str, environment: str | None, product_version: str | None) -> None:
    """Print the fragment of deployment.toml that a spec stands for.

    \b
    Examples:
      mailwright render email.yaml
      mailwright render email.yaml --env prod
    """
    from ..rendering.fragment import render_fragment

    release = asked_release(product_version)
    loaded = checked_spec(spec, environment, release)
    click.echo(render_fragment(loaded, agreed_release(loaded.product_version, release)), nl=False)
