"""What is done, what runs and what failed so far, while a run takes its time: on a terminal, with ``rich`` where that is installed."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any, Self


class Progress:
    """A line below the output that tells how far a run is; without a terminal, or without ``rich``, nothing.

    Args:
        wanted: Whether there is more than one thing to wait for.
    """

    def __init__(self, *, wanted: bool) -> None:
        self._shown: Any = None
        self._task: Any = None
        if not wanted or not sys.stderr.isatty():
            return
        try:
            from rich.console import Console
            from rich.progress import Progress as Shown
            from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
        except ImportError:
            return
        self._shown = Shown(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=sys.stdout.isatty(),
            redirect_stderr=True,
        )

    def __enter__(self) -> Self:
        if self._shown is not None:
            self._shown.start()
            self._task = self._shown.add_task("checking")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._shown is not None:
            self._shown.stop()

    def tell(self, *, done: int, failed: int, left: int | None) -> None:
        """Say how far it is; *left* is None while more may come."""
        if self._shown is not None:
            rest = "more to come" if left is None else f"{left} left"
            self._shown.update(self._task, description=f"{done} checked, {failed} failed, {rest}")
