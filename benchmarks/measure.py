"""Run a command several times and say what it took: wall-clock seconds (the best of the runs) and peak memory (MiB)."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple


class Figures(NamedTuple):
    """The best wall-clock time in seconds, the highest peak of resident memory in MiB, and the least time of processors in user mode."""

    seconds: float
    mebibytes: float
    user: float = 0.0


def measure(command: Sequence[str], *, runs: int = 5, cwd: str | None = None) -> Figures:
    """Run *command* and return its figures; output is thrown away, the exit code does not matter."""
    best, peak, user = float("inf"), 0.0, float("inf")
    for _ in range(runs):
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        best = min(best, time.perf_counter() - started)
        peak, user = max(peak, usage.ru_maxrss / 1024), min(user, usage.ru_utime)
    return Figures(best, peak, user)


class Pair(NamedTuple):
    """Medians over pairs of runs: both commands' figures, and the ratios of the first to the second, pair by pair."""

    first: Figures
    second: Figures
    wall: float
    user: float


def in_pairs(first: Sequence[str], second: Sequence[str], *, runs: int = 7) -> Pair:
    """Run two commands in turn: what slows the machine for a while, slows both."""
    for command in (first, second):
        measure(command, runs=1)
    pairs = [(measure(first, runs=1), measure(second, runs=1)) for _ in range(runs)]
    ones, others = zip(*pairs, strict=True)
    wall = median(one.seconds / other.seconds for one, other in pairs)
    return Pair(medians(ones), medians(others), wall, median(one.user / other.user for one, other in pairs))


def medians(found: Sequence[Figures]) -> Figures:
    """Return the medians of several runs' figures."""
    return Figures(*(median(column) for column in zip(*found, strict=True)))


def table(rows: Sequence[tuple[str, Figures]], *, digits: int = 1) -> str:
    """Return the rows as a Markdown table; the last column is a ratio to the first row, with so many digits behind the point."""
    first = rows[0][1]
    lines = ["| command | seconds | MiB | times the first |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {found.seconds:.3f} | {found.mebibytes:.0f} | {found.seconds / first.seconds:.{digits}f} |"
        for name, found in rows
    ]
    return "\n".join(lines)


def goal(name: str, ratio: float) -> None:
    """Print a figure that has a goal, for goals.py."""
    print(f"{name}\t{ratio:.4f}", flush=True)
