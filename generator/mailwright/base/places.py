"""Where things stand: the text of a file, and places in it.

Offsets count characters (code points) of ``Source.text`` from 0; lines and columns count from 1, columns in characters. A place
never holds a piece of the file's text, so that it can be printed anywhere.
"""

from __future__ import annotations

import os
import stat
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from .errors import UnreadableInput

BYTE_ORDER_MARK = "\ufeff"


class Place(NamedTuple):
    """A file, a line and a column (both from 1). Line 0 means the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Span(NamedTuple):
    """A half-open range of character offsets."""

    start: int
    end: int


@dataclass(frozen=True)
class Source:
    """A file's name and its decoded text."""

    name: str
    text: str = field(repr=False)

    @cached_property
    def _line_starts(self) -> list[int]:
        starts, at = [0], self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return len(self._line_starts)

    def place(self, offset: int) -> Place:
        """Return the place of a character offset."""
        line = bisect_right(self._line_starts, offset)
        return Place(self.name, line, offset - self._line_starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """Return the text of a line (from 1) without its line ending; it may hold secrets."""
        starts = self._line_starts
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def offset(self, line: int, column: int = 1) -> int:
        """Return the character offset of a line and column (both from 1)."""
        return self._line_starts[line - 1] + column - 1


MAX_FILE = 10 << 20
"""Bytes in a file that is read as a whole."""


def read_bytes(path: Path | str, *, limit: int = MAX_FILE, hint: str | None = None) -> bytes:
    """Read a file.

    Raises:
        UnreadableInput: it cannot be opened, is no regular file, or is larger than *limit* bytes.
    """
    place = Place(str(path))
    try:
        # A pipe or a device could keep us waiting, or never end.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise UnreadableInput("cannot be read: it is not a regular file", place=place)
        with open(path, "rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnreadableInput(f"cannot be read: {reason}", place=place) from None
    except ValueError:
        raise UnreadableInput("cannot be read: the file name contains a NUL character", place=place) from None
    if len(data) > limit:
        raise UnreadableInput(f"is larger than {limit >> 20} MiB", place=place, hint=hint)
    return data


def decode(data: bytes, name: str) -> Source:
    """Decode UTF-8 text as this project's own inputs must be written.

    Raises:
        UnreadableInput: a byte order mark, invalid UTF-8 or a NUL, each with its place.
    """
    for mark, encoding in ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"), (b"\xef\xbb\xbf", "UTF-8")):
        if data.startswith(mark):
            raise UnreadableInput(
                f"begins with a {encoding} byte order mark",
                place=Place(name, 1, 1),
                hint="save the file as UTF-8 without a byte order mark",
            )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        good = Source(name, data[: error.start].decode("utf-8"))
        raise UnreadableInput("is not valid UTF-8", place=good.place(len(good.text)), hint="save the file as UTF-8") from None
    nul = text.find("\0")
    if nul >= 0:
        raise UnreadableInput("contains a NUL character", place=Source(name, text).place(nul))
    return Source(name, text)
