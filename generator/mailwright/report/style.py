"""How a report may look where it is printed: characters, colours, width."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from dataclasses import dataclass
from enum import Enum
from typing import TextIO

from .text import one_line

MIN_WIDTH, MAX_WIDTH = 60, 120


class Tone(Enum):
    """What a piece of text says, as an ANSI colour."""

    GOOD = "32"
    BAD = "1;31"
    CARE = "1;33"
    FAINT = "2"


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

    def paint(self, text: str, tone: Tone | None) -> str:
        """Return a text in its colour, where there are colours."""
        return f"\x1b[{tone.value}m{text}\x1b[0m" if self.colour and tone and text else text

    def plain(self, text: str) -> str:
        """Return a text on one line, with the characters that the output takes."""
        text = one_line(text)
        if self.unicode:
            return text
        for character, instead in (("“", '"'), ("”", '"'), ("…", "...")):
            text = text.replace(character, instead)
        return text.encode("ascii", "backslashreplace").decode("ascii")

    def fold(self, text: str, indent: int) -> str:
        """Fold a line at the width, what goes on indented."""
        if self.width is None or len(text) <= self.width:
            return text
        lines = textwrap.wrap(
            text,
            self.width,
            subsequent_indent=" " * indent,
            drop_whitespace=False,
            break_on_hyphens=False,
            replace_whitespace=False,
        )
        return "\n".join(line.rstrip() for line in lines)


PLAIN = Style()


def style_of(stream: TextIO, *, colour: bool = True) -> Style:
    """Return what a stream takes: a terminal more than a pipe or a CI's log."""
    if not stream.isatty() or os.environ.get("CI") or os.environ.get("TERM") == "dumb":
        return PLAIN
    utf8 = (getattr(stream, "encoding", "") or "").lower().replace("-", "") == "utf8"
    width = max(MIN_WIDTH, min(MAX_WIDTH, shutil.get_terminal_size().columns))
    return Style(utf8, colour and not os.environ.get("NO_COLOR") and sys.platform != "win32", width)
