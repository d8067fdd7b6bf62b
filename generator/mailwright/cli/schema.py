"""``mailwright schema``."""

from __future__ import annotations

import click

from ..product.bundles import bundle
from ..product.product import load_product
from ..product.schemas import NAMES
from .choices import OneOf


@click.command(epilog=f"NAME is one of {', '.join(NAMES)}.")
@click.argument("name", type=OneOf(NAMES), metavar="NAME")
def command(name: str) -> None:
    """Print a JSON Schema.

    It is complete in itself: for editors and for other validators.

    \b
    Examples:
      mailwright schema spec > spec.schema.json
      mailwright schema deployment > deployment.schema.json
    """
    click.echo(bundle(name, load_product().schemas), nl=False)
