"""What ``--help`` says, as data: for the page that lists every command."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import click

from . import program


def commands() -> list[dict[str, Any]]:
    """Return every command with its ``name``, ``usage``, ``paragraphs`` (text, and whether it is an example) and ``options``.

    Nothing of it depends on the release of click, whose own words for an option do.
    """
    return list(_described(program, "mailwright", None))


def _described(command: click.Command, name: str, parent: click.Context | None) -> Iterator[dict[str, Any]]:
    context = click.Context(command, info_name=name, parent=parent)
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    options = [each for each in command.params if isinstance(each, click.Option)]
    below = ["COMMAND ..."] if isinstance(command, click.Group) else []
    yield {
        "name": context.command_path,
        "usage": " ".join([context.command_path, *(["[OPTIONS]"] if options else []), *map(_argument, arguments), *below]),
        "paragraphs": list(_paragraphs(command.help or "")),
        "options": [(_spelled(option), _said(option)) for option in options],
    }
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            if found is not None and not found.hidden:
                yield from _described(found, each, context)


def _argument(argument: click.Argument) -> str:
    words = argument.metavar or (_kind(argument.type) if isinstance(argument.type, click.Choice) else str(argument.name).upper())
    several = "..." if argument.nargs == -1 and not words.endswith("...") else ""
    return f"{words}{several}" if argument.required or words.startswith("[") else f"[{words}]{several}"


def _kind(kind: Any) -> str:
    if isinstance(kind, click.Choice):
        return "|".join(map(str, kind.choices))
    return "N" if isinstance(kind, (click.types.IntParamType, click.types.FloatParamType)) else str(kind.name).upper()


def _spelled(option: click.Option) -> str:
    names = " / ".join([", ".join(option.opts), *(", ".join(names) for names in [option.secondary_opts] if names)])
    return names if option.is_flag else f"{names} {option.metavar or _kind(option.type)}"


def _said(option: click.Option) -> str:
    said = [re.sub(r" ?\[default: ([^]]*)\]", r" Default: \1.", " ".join((option.help or "").split()))]
    lowest, highest = (getattr(option.type, bound, None) for bound in ("min", "max"))
    if lowest is not None or highest is not None:
        said.append(f"From {lowest} to {highest}." if highest is not None else f"At least {lowest}.")
    shown = option.show_default
    if isinstance(shown, str):
        said.append(f"Default: {shown}.")
    elif shown and isinstance(option.default, (str, int, float)) and not option.is_flag:
        said.append(f"Default: `{option.default}`.")
    if option.required:
        said.append("Required.")
    if option.envvar and option.show_envvar:
        said.append(f"Environment: `{option.envvar}`.")
    return " ".join(said)


def _paragraphs(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the paragraphs of a help; those behind ``\\b`` are shown as they are."""
    for part in re.split(r"\n\s*\n", inspect.cleandoc(text)):
        if not part.startswith("\b"):
            yield " ".join(part.split()), False
            continue
        title, _, lines = part.removeprefix("\b\n").partition("\n")
        if title.startswith("Example"):
            yield inspect.cleandoc(lines), True
        else:
            yield inspect.cleandoc(part.removeprefix("\b\n")), True
