"""The README: every command in it runs, and prints what stands there; its exit codes are the program's."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from mailwright.cli import run
from mailwright.errors import ExitCode

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")

SHELL = {
    "pip install .": "tests/acceptance/test_packaging.py installs the wheel",
    "pip install '.[demo]'": "the Makefile installs the extra; tests/acceptance/test_demo.py runs what it is for",
    "python3 -m venv venv && . venv/bin/activate": "what the Makefile does too",
    "ansible-galaxy collection install ./ansible": "tests/acceptance/test_packaging.py installs the built collection",
    "make demo": "tests/acceptance/test_demo.py runs the command behind it",
    "make test": "is what runs this test",
    "make long": "runs two tests of make test with more examples",
    "make check": "tests/unit checks the generated files; .ci/run calls the target",
    "make generate": "tests/unit/test_made_up_key.py runs the module behind it",
    "make bench": "writes figures, checks nothing",
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def test_the_consoles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)^```", README, re.DOTALL | re.MULTILINE):
        (tmp_path / name).write_text(text, encoding="utf-8")
    commands = 0
    for block in blocks("console"):
        for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            words = shlex.split(command)
            assert words[0] == "mailwright"
            run(words[1:])
            printed = capsys.readouterr().out
            pattern = ".*\n".join(re.escape(part) for part in re.split(r"^…\n", expected, flags=re.MULTILINE))
            assert re.fullmatch(
                pattern.replace(".*\n", "(?:.*\n)*?") + ("(?:.*\n)*" if expected.endswith("…\n") else ""), printed
            ), printed
            commands += 1
    assert commands >= 8


def test_the_shell_commands_are_accounted_for() -> None:
    lines = [line.partition(" #")[0].strip() for block in blocks("sh") for line in block.splitlines() if line.strip()]
    assert sorted(set(lines)) == sorted(SHELL)
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {line.split()[1] for line in lines if line.startswith("make ")} <= targets


def test_the_exit_codes() -> None:
    rows = re.findall(r"^\| (\d+) \| ([A-Z]+) \|", README, re.MULTILINE)
    assert [(int(code), name) for code, name in rows] == [(int(code), code.name) for code in ExitCode]


def test_the_inline_commands_exist() -> None:
    from mailwright.cli import program

    names = set(re.findall(r"`mailwright ([a-z]+)", README))
    assert names <= set(program.commands) | set(program.list_commands(None))  # type: ignore[arg-type,attr-defined]
