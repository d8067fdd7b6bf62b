"""What a real terminal shows at three widths: the words folded, the colours by severity, no trace of progress.

pyte is the terminal: it is sent what the program wrote, and says what stands on the screen.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from terminal import on_a_terminal

FILE = """[output_adapter.email]
host = "smtp.example.com"
password = "R&D"
username = "relay"
from_address = "no-reply@example.com"
"""


def screen(text: str, columns: int) -> tuple[list[str], dict[str, set[str]]]:
    """Return the lines that stand on a screen, and the words by their colour."""
    pyte = pytest.importorskip("pyte")
    shown = pyte.Screen(columns, 200)
    pyte.Stream(shown).feed(text)
    lines = [line.rstrip() for line in shown.display]
    while lines and not lines[-1]:
        lines.pop()
    colours: dict[str, set[str]] = {}
    for number, line in enumerate(lines):
        word, last = "", "default"
        for column in range(columns + 1):
            cell = shown.buffer[number][column] if column < columns else None
            colour = cell.fg if cell else "default"
            if word and (cell is None or colour != last or cell.data == " "):
                colours.setdefault(last, set()).add(word)
                word = ""
            if cell and cell.data != " ":
                word += cell.data
            last = colour
        assert len(line) <= columns
    return lines, colours


def run(folder: Path, columns: int, *arguments: str) -> tuple[int, str]:
    env = {**os.environ, "COLUMNS": str(columns), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "mailwright", *arguments]
    code, out, shown = on_a_terminal(command, cwd=folder, env=env, columns=columns, stdout=True)
    assert out == ""
    return code, shown


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deployment.toml").write_text(FILE, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("columns", [60, 100, 200])
def test_findings_are_folded_and_coloured(columns: int, folder: Path) -> None:
    code, text = run(folder, columns, "validate", "deployment.toml", "--product-version", "7.2.0")
    lines, colours = screen(text, columns)
    assert code == 1
    assert lines[0].startswith("deployment.toml:2:1: MW101 error: unknown key `host`")
    assert "MW101" in colours["red"]
    assert "MW302" in colours["brown"]  # what ANSI calls yellow
    severities = [line.split()[2] for line in lines if line.startswith("deployment.toml:")]
    assert severities == sorted(severities)  # errors, then warnings
    assert all(len(line) <= columns for line in lines)
    assert (max(map(len, lines)) > 100) == (columns == 200)


@pytest.mark.parametrize("columns", [60, 100, 200])
def test_the_same_words_at_every_width(columns: int, folder: Path) -> None:
    _, text = run(folder, columns, "validate", "deployment.toml", "--product-version", "7.2.0")
    lines, _ = screen(text, columns)
    plain = " ".join(" ".join(lines).replace("| ", " ").split())
    for words in ("the server ignores it", "did you mean `hostname`?", "recipients see the SMTP user name"):
        assert words in plain


def test_colours_are_asked_for_and_forbidden(folder: Path) -> None:
    _, text = run(folder, 100, "validate", "deployment.toml", "--color", "never")
    assert "\x1b" not in text
    _, text = run(folder, 100, "validate", "deployment.toml", "--color=always")
    assert "\x1b[1;31m" in text
    code, text = run(folder, 100, "validate", "deployment.toml", "--color", "blue")
    assert code == 2
    assert "auto, always or never" in text


def test_quiet_says_nothing_that_is_no_result(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "notes.txt").write_text("", encoding="utf-8")
    (tmp_path / "a" / "deployment.toml").write_text(FILE, encoding="utf-8")
    (tmp_path / "a" / "other.toml").write_text("", encoding="utf-8")
    _, loud = run(tmp_path, 100, "validate", "a", "--product-version", "7.2.0.9")
    _, quiet = run(tmp_path, 100, "validate", "a", "--product-version", "7.2.0.9", "-q")
    assert "unsure" in loud
    assert "unsure" not in quiet
    assert "MW101" in quiet


def test_an_error_is_red_and_folded(folder: Path) -> None:
    code, text = run(folder, 60, "effective", "deployment.toml")
    lines, colours = screen(text, 60)
    assert code == 2
    assert "mailwright:" in colours["red"]
    assert len(lines) > 1
