"""The picture of a terminal: real commands on a real terminal, drawn by rich from what the terminal then shows (`make pictures`)."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from documents import ROOT, blocks, free_ports, replaced

from mailwright.sandbox.smtp import SandboxSmtp
from terminal import on_a_terminal

if TYPE_CHECKING:
    import pyte

COLUMNS = 110
PASSWORD = "a word of the picture"
COMMANDS = (
    "mailwright validate deployment.toml --product-version 7.2.0 --select MW1,MW2",
    "mailwright merge --check --diff email.yaml deployment.toml",
    "mailwright verify email.yaml --tenant carbon.super --secrets-dir secrets --ca-file ca.pem",
)
"""What the picture shows, with the files of the README."""

FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<!-- Made by `make pictures`. -->
<style>
.{unique_id}-matrix {{
  font: {char_height}px/{line_height}px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
}}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: system-ui, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def screen() -> pyte.Screen:
    """Run the commands; return what the terminal shows."""
    import pyte

    page = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = pyte.Screen(COLUMNS, 200)
    stream = pyte.Stream(shown)
    program = Path(sys.executable).parent / "mailwright"
    ports = free_ports(["2525"])
    back = {ours: theirs for theirs, ours in ports.items()}
    with (
        tempfile.TemporaryDirectory() as name,
        SandboxSmtp(username="mailer", password=PASSWORD, port=int(ports["2525"])) as server,
    ):
        folder = Path(name)
        for block in blocks(replaced(page, ports)):
            if block.file:
                (folder / block.file).write_text(block.text, encoding="utf-8")
        (folder / "secrets").mkdir()
        (folder / "secrets" / "smtp_password").write_text(PASSWORD, encoding="utf-8")
        (folder / "ca.pem").write_text(server.ca_pem, encoding="ascii")
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": name,
            "LANG": "C.UTF-8",
            "COLUMNS": str(COLUMNS),
            "PYTHONIOENCODING": "utf-8",
        }
        for command in COMMANDS:
            words = [program, *command.split()[1:]]
            _, _, sent = on_a_terminal(words, cwd=folder, env=environment, stdout=True, columns=COLUMNS)
            stream.feed(f"\x1b[1m$ {command}\x1b[0m\r\n{replaced(sent, back)}\r\n")
    return shown


def lines(shown: pyte.Screen) -> list[str]:
    """Return the text of a screen, without what is blank at its end."""
    return "\n".join(line.rstrip() for line in shown.display).rstrip().split("\n")


def picture(shown: pyte.Screen) -> str:
    """Return a screen as SVG; its text stands in the description too."""
    from rich.console import Console
    from rich.terminal_theme import DIMMED_MONOKAI
    from rich.text import Text

    text = lines(shown)
    with tempfile.TemporaryFile("w", encoding="utf-8") as nowhere:
        console = Console(
            record=True, width=COLUMNS, file=nowhere, force_terminal=True, color_system="truecolor", legacy_windows=False
        )
        for number, _ in enumerate(text):
            line = Text(no_wrap=True)
            for part, style in _styled(shown.buffer[number]):
                line.append(part, style)
            line.rstrip()
            console.print(line, soft_wrap=True)
        drawn = console.export_svg(title="mailwright", theme=DIMMED_MONOKAI, code_format=FORMAT, unique_id="mailwright")
    drawn = re.sub(r"[ \t]+$", "", drawn, flags=re.MULTILINE)
    return drawn.replace(
        "<style>", f"<title>mailwright</title>\n<desc>{escape(chr(10).join(text), quote=False)}</desc>\n<style>", 1
    )


def _styled(row: Any) -> Iterator[tuple[str, str]]:
    names = {"brown": "yellow"}  # what ANSI calls yellow
    for column in range(COLUMNS):
        cell = row[column]
        colour = "" if cell.fg == "default" else names.get(cell.fg, cell.fg)
        yield cell.data, " ".join(filter(None, ["bold" if cell.bold else "", colour])) or "none"


if __name__ == "__main__":
    made = picture(screen())
    target = Path(sys.argv[1])
    target.write_text(made, encoding="utf-8")
    shutil.copymode(ROOT / "README.md", target)
