"""How a run talks, whichever command it is: -v, -q and --color stand anywhere on the command line."""

from __future__ import annotations

from typing import NamedTuple

import click

from ..base.errors import UsageError

COLOURS = ("auto", "always", "never")


class Manner(NamedTuple):
    """How a run talks.

    Attributes:
        verbosity: How often -v was said.
        quiet: Whether only results and errors are printed.
        colour: One of ``COLOURS``.
    """

    verbosity: int = 0
    quiet: bool = False
    colour: str = COLOURS[0]


def manner_of(arguments: list[str]) -> tuple[list[str], Manner]:
    """Take what every command has out of the arguments, wherever it stands before a ``--``; return the rest and what was said.

    Raises:
        UsageError: ``--color`` takes one of three words.
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    rest: list[str] = []
    verbosity, quiet, colour = 0, False, COLOURS[0]
    words = iter(arguments[:end])
    for word in words:
        if word == "--verbose":
            verbosity += 1
        elif len(word) > 1 and word[0] == "-" and set(word[1:]) == {"v"}:
            verbosity += len(word) - 1
        elif word in ("-q", "--quiet"):
            quiet = True
        elif word == "--no-color":
            colour = "never"
        elif word == "--color" or word.startswith("--color="):
            colour = word.partition("=")[2] or next(words, "")
            if colour not in COLOURS:
                from ..base.hints import did_you_mean

                hint = did_you_mean(colour, COLOURS, "without it colours are for terminals")
                raise UsageError("--color takes auto, always or never", hint=hint)
        else:
            rest.append(word)
    return [*rest, *arguments[end:]], Manner(verbosity, quiet, colour)


def manner() -> Manner:
    """Return how this run talks."""
    known = click.get_current_context().find_root().obj
    return known if isinstance(known, Manner) else Manner()


def note(text: str) -> None:
    """Say on stderr what is good to know and no error; -q leaves it out."""
    if not manner().quiet:
        click.echo(text, err=True)
