"""What stands in a document: its files, and its commands with what they print. Both are carried out."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from mailwright.cli import run

ROOT = Path(__file__).resolve().parents[2]


def blocks(text: str, language: str) -> list[str]:
    """Return the fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def write_files(text: str, folder: Path) -> None:
    """Write every block that a comment `file: NAME` precedes."""
    for name, content in re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")


def run_consoles(text: str, capsys: pytest.CaptureFixture[str]) -> int:
    """Run every command of the console blocks in the current folder; return how many.

    A line `…` in what a command prints stands for any lines; what it says on stderr may be left out.
    """
    count = 0
    for block in blocks(text, "console"):
        for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            words = shlex.split(command)
            assert words[0] == "mailwright"
            run(words[1:])
            printed = capsys.readouterr()
            parts = (re.escape(part) for part in re.split(r"^…\n", expected, flags=re.MULTILINE))
            pattern = "(?:.*\n)*?".join(parts)
            assert any(re.fullmatch(pattern, text) for text in (printed.out, printed.out + printed.err)), (command, printed)
            count += 1
    return count
