"""Words of the command line of which there are only so many: one that is misspelt gets the one that was meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    _Choice = click.Choice[str]
else:
    _Choice = click.Choice


class OneOf(_Choice):
    """One of some words."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the word."""
        try:
            return str(super().convert(value, param, ctx))
        except click.BadParameter as error:
            said = f"{error.message}{said_meant(str(value), self.choices)}"
            raise click.BadParameter(said, ctx=ctx, param=param) from None


def said_meant(word: str, known: Iterable[str]) -> str:
    """Return the sentence that click's own messages end with."""
    from ..base.hints import nearest

    found = nearest(word, known)
    return f" Did you mean {found!r}?" if found is not None else ""


class HelpContext(click.Context):
    """A command that is called, whose help is set by the house's rules."""

    def make_formatter(self) -> click.HelpFormatter:
        """Return what sets the help."""
        from .helping import Help

        return Help(width=self.terminal_width, max_width=self.max_content_width)


class Commands(click.Group):
    """Commands by their names; one that is misspelt gets the one that was meant."""

    context_class = HelpContext

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments name, and the others."""
        name, known = args[0], self.list_commands(ctx)
        if name not in known and not name.startswith("-") and not ctx.resilient_parsing:
            raise click.UsageError(f"No such command {name!r}.{said_meant(name, known)}", ctx)
        found = super().resolve_command(ctx, args)
        if found[1] is not None:
            found[1].context_class = HelpContext
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, each with all of its line."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.line(ctx, name)) for name in self.list_commands(ctx)])

    def line(self, ctx: click.Context, name: str) -> str:
        """Return what the list of commands says of one."""
        command = self.get_command(ctx, name)
        return command.get_short_help_str(200) if command is not None else ""
