"""How far a long run is, on stderr: one line that is written over and gone in the end on a terminal, else a line now and then."""

from __future__ import annotations

import os
import sys
import time
from datetime import timedelta
from types import TracebackType
from typing import Self

from .text import counted, is_terminal

EVERY = 5.0
"""Seconds between two lines where nobody watches."""

_BAR = 20
_ERASE = "\r\x1b[K"


class Progress:
    """Count what is done while the context is open.

    Args:
        noun: What is counted.
        total: How many there are; None while that is not known.
        shown: Whether to say anything.
    """

    def __init__(self, noun: str, total: int | None = None, *, shown: bool = True) -> None:
        self._noun, self._total, self._shown = noun, total, shown
        self._done = self._failed = 0
        self._began = self._last = time.monotonic()
        self._watched = self._drawn = False

    def __enter__(self) -> Self:
        self._began = self._last = time.monotonic()
        self._watched = self._shown and is_terminal(sys.stderr)
        self._draw()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.clear()

    def step(self, *, failed: bool, total: int | None = None) -> None:
        """Count one more; *total* where it has become known."""
        self._done += 1
        self._failed += failed
        self._total = total or self._total
        self._draw()
        if self._shown and not self._watched and time.monotonic() - self._last >= EVERY:
            self._last = time.monotonic()
            print(self, file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Take the line away, so that something else can be printed; the next step brings it back."""
        if self._drawn:
            self._drawn = False
            print(_ERASE, end="", file=sys.stderr, flush=True)

    def _draw(self) -> None:
        if self._watched:
            self._drawn = True
            print(f"{_ERASE}{self._line()[: _columns() - 1]}", end="", file=sys.stderr, flush=True)

    def _line(self) -> str:
        if not self._total:
            return str(self)
        full = "#" * (_BAR * self._done // self._total)
        left = (time.monotonic() - self._began) / self._done * (self._total - self._done) if self._done else 0
        return f"[{full:.<{_BAR}}] {self}" + (f", {timedelta(seconds=round(left))} left" if left >= 1 else "")

    def __str__(self) -> str:
        if self._total is None:
            return f"{counted(self._done, self._noun)}, {self._failed} failed, more to come"
        return f"{self._done} of {counted(self._total, self._noun)}, {self._failed} failed"


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
