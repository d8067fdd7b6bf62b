"""The figures that have a goal, each as a ratio to a peer in the same run: medians of three runs (``make bench-quick``: one run, fewer files).

Each benchmark prints its own with ``--goals``: lines of a name and a ratio between tabs; here they are put beside what was asked for.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

GOALS = {
    "startup": {
        "validate one deployment.toml / check-jsonschema with the schema": "≤ 0.40",
        "validate one spec / check-jsonschema": "≤ 0.55",
    },
    "validate": {
        "validate 2,000 files, one release, cold cache / taplo lint": "≤ 1.3",
        "the same, warm cache / taplo lint": "≤ 0.5",
        "every release / one release, 2,000 files": "≤ 1.3",
    },
    "render": {
        "render 100,000 tenants to files / a plain loop": "≤ 0.8",
        "the same to one JSON Lines stream / a plain loop": "≤ 0.35",
    },
    "verify": {
        "verify one sender / swaks": "≤ 2.0",
        "verify 300 senders: user CPU / 300 handshakes of smtplib in threads": "≤ 2.5",
    },
    "tenants_api": {
        "plan 10,000 tenants at 20 ms, concurrency 64: share of concurrency / latency": "≥ 0.85",
        "the same for a client that only passes bytes": "",
        "client CPU a request in apply / a bare aiohttp request": "≤ 1.5",
    },
    "big": {"validate 40,000 lines / 10,000 lines, one file": "≤ 4.4"},
}
"""What is asked for, by benchmark and figure."""

WHOLE = {"MAILWRIGHT_RUNS": "1", "MAILWRIGHT_TENANTS": "20000"}
"""Of three whole runs each takes one of its own; rendering goes by the tenant, so that a fifth of them have the same ratio."""

QUICK = {"MAILWRIGHT_RUNS": "1", "MAILWRIGHT_FILES": "500", "MAILWRIGHT_TENANTS": "10000", "MAILWRIGHT_API_TENANTS": "1000"}
"""What makes the large ones small."""


def measured(script: str, *, quick: bool) -> dict[str, float]:
    """Run a benchmark; return its figures."""
    environment = {**os.environ, **(QUICK if quick else WHOLE)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as installed packages are
    command = [sys.executable, str(HERE / f"{script}.py"), "--goals"]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    rows = (line.split("\t") for line in done.stdout.splitlines() if line.count("\t") == 1)
    return {name: float(ratio) for name, ratio in rows}


def kept(ratio: float, goal: str) -> bool:
    """Say whether a figure is what was asked for."""
    sign, limit = goal.split()
    return ratio <= float(limit) if sign == "≤" else ratio >= float(limit)


def main(arguments: list[str]) -> int:
    """Print the table."""
    quick = "--quick" in arguments
    wanted = [name for name in arguments if name in GOALS] or list(GOALS)
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} processors\n")
    print("| what | measured | goal | |\n|---|---|---|---|")
    for script in wanted:
        runs = [measured(script, quick=quick) for _ in range(1 if quick else 3)]
        for name, goal in GOALS[script].items():
            figures = [run[name] for run in runs if name in run]
            if not figures:
                print(f"| {name} | not measured | {goal} | |")
                continue
            median = statistics.median(figures)
            spread = f" ({min(figures):.2f} to {max(figures):.2f})" if len(figures) > 1 else ""
            verdict = ("kept" if kept(median, goal) else "missed") if goal else ""
            print(f"| {name} | {median:.2f}{spread} | {goal} | {verdict} |", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
