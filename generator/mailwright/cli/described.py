"""What ``--help`` says, as data: for the page that lists every command."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import click

from . import program


def commands() -> list[dict[str, Any]]:
    """Return every command with its ``name``, ``usage``, ``paragraphs`` (text, and whether it is an example) and ``options``."""
    return list(_described(program, "mailwright", None))


def _described(command: click.Command, name: str, parent: click.Context | None) -> Iterator[dict[str, Any]]:
    context = click.Context(command, info_name=name, parent=parent, **command.context_settings)
    yield {
        "name": context.command_path,
        "usage": f"{context.command_path} {' '.join(command.collect_usage_pieces(context))}",
        "paragraphs": list(_paragraphs(command.help or "")),
        "options": [_option(option, context) for option in command.params if isinstance(option, click.Option)],
    }
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found is not None and not found.hidden:
                yield from _described(found, below, context)


def _option(option: click.Option, context: click.Context) -> tuple[str, str]:
    spelled, said = option.get_help_record(context) or ("", "")
    return spelled, " ".join(re.sub(r"  \[", " [", said).split())


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
