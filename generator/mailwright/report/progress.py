"""How far a long run is, on stderr: a bar on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType
from typing import Any, Self

import click

EVERY = 5.0
"""Seconds between two lines."""


class Progress:
    """Count tenants while the context is open.

    Args:
        total: How many there are.
    """

    def __init__(self, total: int) -> None:
        self._total, self._done, self._failed = total, 0, 0
        self._last = time.monotonic()
        self._bar: Any = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb":
            try:
                from rich.console import Console
                from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
                from rich.progress import Progress as Bar
            except ImportError:
                return self
            columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[failed]} failed"), TimeRemainingColumn())
            # Lines on stdout stay where they are: the bar lives on stderr and goes when it is done.
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty())
            self._task = self._bar.add_task("tenants", total=self._total, failed=0)
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def step(self, *, failed: bool) -> None:
        """Count one more."""
        self._done += 1
        self._failed += failed
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done, failed=self._failed)
        elif time.monotonic() - self._last >= EVERY:
            self._last = time.monotonic()
            click.echo(f"{self._done} of {self._total} tenants, {self._failed} failed", err=True)
