"""How far a long run is, on stderr: a bar on a terminal where ``rich`` is installed, which is gone in the end; else a line now and then."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self

from .text import counted, is_terminal

EVERY = 5.0
"""Seconds between two lines."""


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
        self._last = time.monotonic()
        self._bar: Any = None

    def __enter__(self) -> Self:
        if self._shown and is_terminal(sys.stderr):
            try:
                from rich.console import Console
                from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
                from rich.progress import Progress as Bar
            except ImportError:
                return self
            columns = (BarColumn(), TextColumn("{task.description}", markup=False), TimeRemainingColumn())
            # Lines on stdout stay where they are: the bar lives on stderr and goes when it is done.
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty())
            self._task = self._bar.add_task(str(self), total=self._total)
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def step(self, *, failed: bool, total: int | None = None) -> None:
        """Count one more; *total* where it has become known."""
        self._done += 1
        self._failed += failed
        self._total = total or self._total
        if self._bar is not None:
            self._bar.update(self._task, description=str(self), completed=self._done, total=self._total)
        elif self._shown and time.monotonic() - self._last >= EVERY:
            self._last = time.monotonic()
            print(self, file=sys.stderr, flush=True)

    def __str__(self) -> str:
        if self._total is None:
            return f"{counted(self._done, self._noun)}, {self._failed} failed, more to come"
        return f"{self._done} of {counted(self._total, self._noun)}, {self._failed} failed"
