"""How a text looks where it is printed: on its line, with the characters, the colours and the width that the output takes."""

from __future__ import annotations

import os
import sys
from enum import Enum
from typing import TextIO

from ..base.errors import MailwrightError
from ..base.values import dataclass

MIN_WIDTH, MAX_WIDTH = 60, 200

SCREENFUL = 60
"""Lines that are not too many."""


def one_line(text: str) -> str:
    """Return a text that stays on its line: control characters are written as escapes."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def one_line_error(error: MailwrightError) -> str:
    """Return an error as its message lines, each safe to print."""
    return "\n".join(map(one_line, str(error).split("\n")))


def counted(number: int, noun: str) -> str:
    """Return how many there are of something: ``1 file``, ``2 files``."""
    return f"{number} {noun}{'s' if number != 1 else ''}"


class Tone(Enum):
    """What a piece of text says, as an ANSI colour."""

    GOOD = "32"
    BAD = "1;31"
    CARE = "1;33"
    FAINT = "2"


class Mark(Enum):
    """What became of a step, a status of a phase each: the sign in ASCII and otherwise, and its colour."""

    OK = ("+", "✓", Tone.GOOD)
    FAILED = ("x", "✗", Tone.BAD)
    WITHHELD = ("!", "!", Tone.CARE)
    SKIPPED = ("-", "-", Tone.FAINT)
    NOT_REACHED = (".", "·", Tone.FAINT)

    @property
    def tone(self) -> Tone:
        """Its colour."""
        return self.value[2]


@dataclass(frozen=True, slots=True)
class Style:
    """What the output takes.

    Attributes:
        unicode: More than ASCII.
        colour: ANSI colours.
        width: Where lines are folded; None for nowhere.
    """

    unicode: bool = False
    colour: bool = False
    width: int | None = None

    @property
    def columns(self) -> int:
        """The width that what stands at the right goes by."""
        return self.width or 100

    def sign(self, mark: Mark) -> str:
        """Return a mark's sign; its colour comes when what stands beside it is in its column."""
        ascii_sign, sign, _ = mark.value
        return sign if self.unicode else ascii_sign

    def paint(self, text: str, tone: Tone) -> str:
        """Return a text in its colour, where there are colours."""
        return f"\x1b[{tone.value}m{text}\x1b[0m" if self.colour and text else text

    def plain(self, text: str) -> str:
        """Return a text on one line, with the characters that the output takes."""
        text = one_line(text)
        if self.unicode or text.isascii():
            return text
        for character, instead in (("“", '"'), ("”", '"'), ("‹", "<"), ("›", ">"), ("…", "...")):
            text = text.replace(character, instead)
        return text.encode("ascii", "backslashreplace").decode("ascii")

    def fold(self, text: str, indent: int) -> str:
        """Fold a line at the width, what goes on indented."""
        if self.width is None or len(text) <= self.width:
            return text
        from textwrap import wrap

        lines = wrap(
            text,
            self.width,
            subsequent_indent=" " * indent,
            drop_whitespace=False,
            break_long_words=False,
            break_on_hyphens=False,
            replace_whitespace=False,
        )
        return "\n".join([lines[0].rstrip(), *(" " * indent + line.strip() for line in lines[1:])])


PLAIN = Style()


def style_of(stream: TextIO, colour: str = "auto") -> Style:
    """Return what a stream takes: a terminal more than a pipe or a CI's log.

    Args:
        colour: ``always``, ``never``, or ``auto``: where a terminal takes it and NO_COLOR does not forbid it.
    """
    if not is_terminal(stream):
        return Style(colour=True) if colour == "always" else PLAIN
    from shutil import get_terminal_size

    utf8 = (getattr(stream, "encoding", "") or "").lower().replace("-", "") == "utf8"
    width = max(MIN_WIDTH, min(MAX_WIDTH, get_terminal_size().columns))
    allowed = not os.environ.get("NO_COLOR") and sys.platform != "win32"
    return Style(utf8, colour == "always" or (colour == "auto" and allowed), width)


def is_terminal(stream: TextIO) -> bool:
    """Tell whether somebody watches a stream, on something that can do more than print lines."""
    return stream.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
