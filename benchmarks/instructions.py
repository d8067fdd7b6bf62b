"""What commands cost in instructions, which a busy machine does not change: a guard against slow starts (``make check-speed``).

Counted by valgrind's cachegrind (without its cache); the ratio to ``python -c 'import click'`` in the same run is what is kept in
instructions.json and held there. ``--write`` writes that file anew.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from verify import PASSWORD, servers, write

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
KEPT = HERE / "instructions.json"
BASE = "python -c 'import click'"
WORSE = 1.25
"""How much more than what is kept is too much."""


def commands(folder: Path, port: int) -> dict[str, list[str]]:
    """Return the commands to count, by the names that people read; *port* is that of the mail servers of verify.py."""
    python, mailwright = sys.executable, [sys.executable, "-m", "mailwright"]
    spec, merged = ROOT / "examples" / "demo" / "email.yaml", folder / "deployment.toml"
    shutil.copy(spec.with_name("deployment.toml"), merged)
    subprocess.run([*mailwright, "merge", str(spec), str(merged), "--backup", "0"], check=True, capture_output=True)
    return {
        BASE: [python, "-c", "import click"],
        "python -c pass": [python, "-c", "pass"],
        "mailwright --version": [*mailwright, "--version"],
        "mailwright --help": [*mailwright, "--help"],
        "mailwright effective deployment.toml": [*mailwright, "effective", str(merged), "--product-version", "7.2.0"],
        "mailwright validate deployment.toml": [*mailwright, "validate", "--no-cache", str(merged), "--product-version", "7.2.0"],
        "mailwright validate deployment.toml, every release": [*mailwright, "validate", "--no-cache", str(merged)],
        "mailwright validate email.yaml": [*mailwright, "validate", "--no-cache", str(spec)],
        "mailwright verify email.yaml, one sender": [
            *mailwright,
            "verify",
            write(folder, port, 1),
            "--ca-file",
            str(folder / "ca.pem"),
        ],
        "mailwright render email.yaml": [*mailwright, "render", str(spec)],
    }


def surroundings(folder: Path) -> dict[str, str]:
    """Return the environment of the commands: their bytecode is written, and one seed for hashes makes runs alike."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MAILWRIGHT_"))}
    return {**own, "PYTHONHASHSEED": "0", "PYTHONPYCACHEPREFIX": str(folder / "bytecode"), "MAILWRIGHT_BENCHMARK": PASSWORD}


def count(command: list[str], environment: dict[str, str]) -> int:
    """Return how many instructions a command takes.

    Raises:
        SystemExit: valgrind is missing, or says nothing.
    """
    if shutil.which("valgrind") is None:
        raise SystemExit("valgrind is needed: it counts instructions")
    with tempfile.TemporaryDirectory() as folder:
        watched = ["valgrind", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={folder}/out", *command]
        done = subprocess.run(watched, capture_output=True, text=True, env=environment, check=False)
    found = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    if found is None:
        raise SystemExit(f"valgrind counted nothing: {done.stderr[-500:]}")
    return int(found[1].replace(",", ""))


def main(arguments: list[str]) -> int:
    """Print the table; return 1 where something costs more than a quarter more than what is kept."""
    with tempfile.TemporaryDirectory() as folder, servers(Path(folder), 0.0) as port:
        wanted, environment = commands(Path(folder), port), surroundings(Path(folder))
        for command in wanted.values():
            subprocess.run(command, capture_output=True, env=environment, check=False)  # so that bytecode is there
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            counts = dict(zip(wanted, pool.map(lambda command: count(command, environment), wanted.values()), strict=True))
    ratios = {name: round(number / counts[BASE], 2) for name, number in counts.items()}
    if "--write" in arguments:
        KEPT.write_text(json.dumps(ratios, indent=2) + "\n", encoding="utf-8")
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    print(f"| command | million instructions | times {BASE} | kept |\n|---|---|---|---|")
    for name, number in counts.items():
        print(f"| {name} | {number / 1e6:.0f} | {ratios[name]:.2f} | {kept.get(name, '-')} |")
    worse = [name for name, ratio in ratios.items() if ratio > kept.get(name, ratio) * WORSE]
    for name in worse:
        print(f"{name} takes {ratios[name]:.2f} times {BASE}; {kept[name]:.2f} is kept in {KEPT.name}", file=sys.stderr)
    return 1 if worse else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
