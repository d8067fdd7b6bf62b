"""Arguments that name files to read: ``-`` is standard input, and ``--stdin-filename`` says what it is called."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

import click

from ..base.errors import UnreadableInput, UsageError
from ..base.reading import STDIN, read_bytes, take_stdin

F = TypeVar("F", bound=Callable[..., Any])

_META = f"{__name__}.name"
_TAKEN = f"{__name__}.taken"


def input_argument(name: str, **attributes: Any) -> Callable[[F], F]:
    """Add an argument that names a file to read, or several."""
    return click.argument(name, callback=_from_stdin, **attributes)


def stdin_filename(function: F) -> F:
    """Add ``--stdin-filename``."""
    return click.option(
        "--stdin-filename",
        metavar="NAME",
        is_eager=True,
        expose_value=False,
        callback=_named,
        help="A name for standard input (`-`); its extension and its folder matter.",
    )(function)


def _named(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
    ctx.meta[_META] = value


def _from_stdin(ctx: click.Context, parameter: click.Parameter, value: Any) -> Any:
    if ctx.resilient_parsing or value is None:
        return value
    return tuple(_name(ctx, each) for each in value) if isinstance(value, tuple) else _name(ctx, value)


def _name(ctx: click.Context, given: str) -> str:
    if given != "-":
        return given
    if _TAKEN in ctx.meta:
        raise UsageError("only one of the files can be standard input", hint="name the others")
    ctx.meta[_TAKEN] = True
    return take_stdin(ctx.meta.get(_META) or STDIN)


def hand_back(names: Iterable[str], after: Mapping[str, bytes]) -> None:
    """Write what came by standard input to standard output, mended or as it was: an editor takes it for the text."""
    sys.stdout.flush()
    for name in names:
        with suppress(UnreadableInput):
            sys.stdout.buffer.write(after.get(name) or read_bytes(name))
