"""``mailwright completion``."""

from __future__ import annotations

import click

from .choices import OneOf

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=OneOf(SHELLS))
def command(shell: str) -> None:
    """Print a completion script for a shell.

    Tab then completes commands, options, file names, and the values of options: environments and tenants of the spec on the line,
    rules, formats, releases.

    \b
    Examples:
      source <(mailwright completion bash)   # in ~/.bashrc; bash 4.4 or newer
      source <(mailwright completion zsh)    # in ~/.zshrc, below compinit
      mailwright completion fish > ~/.config/fish/completions/mailwright.fish
    """
    from click.shell_completion import get_completion_class

    from . import completing  # noqa: F401 -- its classes are found by the names of their shells

    kind = get_completion_class(shell)
    assert kind is not None
    root = click.get_current_context().find_root()
    made = kind(root.command, {}, "mailwright", "_MAILWRIGHT_COMPLETE")
    click.echo(made.source_template % made.source_vars(), nl=False)
