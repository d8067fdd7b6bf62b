"""Run a command several times and say what it took: wall-clock seconds (the best of the runs) and peak memory (MiB)."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from typing import NamedTuple


class Figures(NamedTuple):
    """The best wall-clock time in seconds and the highest peak of resident memory in MiB."""

    seconds: float
    mebibytes: float


def measure(command: Sequence[str], *, runs: int = 5, cwd: str | None = None) -> Figures:
    """Run *command* and return its figures; output is thrown away, the exit code does not matter."""
    best, peak = float("inf"), 0.0
    for _ in range(runs):
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        best = min(best, time.perf_counter() - started)
        peak = max(peak, usage.ru_maxrss / 1024)
    return Figures(best, peak)


def table(rows: Sequence[tuple[str, Figures]]) -> str:
    """Return the rows as a Markdown table; the last column is a ratio to the first row."""
    first = rows[0][1]
    lines = ["| command | seconds | MiB | times the first |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {found.seconds:.3f} | {found.mebibytes:.0f} | {found.seconds / first.seconds:.1f} |" for name, found in rows
    ]
    return "\n".join(lines)
