"""``mailwright lsp``."""

from __future__ import annotations

import click

from ..base.errors import ExitCode, UsageError
from ..base.extras import installing
from .options import asked_version, product_version


@click.command()
@click.option("--stdio", is_flag=True, help="Use standard input and output. That is the default; some editors pass it.")
@product_version
def command(stdio: bool, product_version: str | None) -> int:
    """Run the language server for an editor.

    It speaks the Language Server Protocol, for specs and deployment.toml: findings while you type, what a key means, what can be
    written here, where an alias is defined, and the fixes of --fix. docs/editors.md says how an editor starts it.

    \b
    Examples:
      mailwright lsp
      mailwright lsp --product-version 7.2.0
    """
    try:
        from ..editor.server import serve
    except ImportError as error:
        if error.name and error.name.partition(".")[0] in ("pygls", "lsprotocol"):
            raise UsageError("this command needs the package pygls", hint=installing("lsp")) from None
        raise
    serve(asked_version(product_version))
    return int(ExitCode.OK)
