"""How long the tutorial takes: every command of docs/tutorial.md, in the order of the page, from a fresh clone and an empty home.

What pip has fetched before does not count: its cache is in that home. Reading is estimated: all words of the page, with what commands print,
at 200 a minute.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from datetime import date
from itertools import takewhile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "acceptance"))
import documents  # noqa: E402 - the folder of the tests is no package

PROMISED = 15 * 60
WORDS = 200 / 60
"""What a reader takes in, in words a second."""


def sections(text: str, folder: Path) -> dict[str, list[tuple[str, float]]]:
    """Follow the page in *folder*; return for each of its sections the commands, each with its seconds."""
    home = folder / "home"
    (home / "mail").mkdir(parents=True)
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(home / "mail" / "mailwright")], check=True)
    documents.SECONDS = 900.0
    text = documents.replaced(text, documents._ports(text))
    shell = documents._Shell(home, folder)
    found: dict[str, list[tuple[str, float]]] = {}
    try:
        for name, value in os.environ.items():
            if name.startswith("PIP_"):
                shell.run(f"export {name}={value!r}")
        shell.run("unset PYTHONDONTWRITEBYTECODE; cd mailwright")
        for block in documents.blocks(text):
            title = re.findall(r"^## (.*)$", block.before, re.MULTILINE)[-1]
            if block.file:
                shell.write(block.file, block.text)
                continue
            for command, expected in documents.commands(block):
                began = time.monotonic()
                code, said = shell.run(command, expected)
                seconds = time.monotonic() - began
                said = said.replace(str(home), documents.READER)
                if not (documents.agree(expected, said) if expected is not None else code == 0):
                    raise SystemExit(f"$ {command}\n{said}")
                found.setdefault(title, []).append((command, seconds))
    finally:
        shell.close()
    return found


def main() -> None:
    """Print the table."""
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        found = sections(text, Path(folder))
    print("| section | commands | seconds | the longest |\n|---|---|---|---|")
    for title, commands in found.items():
        command, longest = max(commands, key=lambda each: each[1])
        total = sum(seconds for _, seconds in commands)
        short = command if len(command) < 50 else " ".join(takewhile(str.isalpha, command.split()))
        print(f"| {title} | {len(commands)} | {total:.1f} | {longest:.1f}: `{short}` |")
    whole = sum(seconds for commands in found.values() for _, seconds in commands)
    count = sum(len(commands) for commands in found.values())
    print(f"| **all** | {count} | **{whole:.0f}** | |")
    reading = len(text.split()) / WORDS
    machine = f"{date.today()}, Python {sys.version.split()[0]}, {os.cpu_count()} cores"
    print(f"\n{machine}: the commands took {whole:.0f} s, {whole / PROMISED:.0%} of the fifteen minutes.")
    print(f"Reading the page takes about {reading / 60:.0f} minutes.")


if __name__ == "__main__":
    main()
