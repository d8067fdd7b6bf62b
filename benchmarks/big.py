"""Large files: what 40,000 lines cost beside 10,000, and how much memory a file of 10 MiB takes as a multiple of it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import goal

LINES = (10_000, 40_000)
SIZE = 9_000_000
OURS = "[output_adapter.email]\nfrom_address = 'a@b.example'\nhostname = 'h'\nport = 25\nusername = 'u'\npassword = '$env{P}'\n"
SPEC = """\
mailwright: 1
global: {from_address: a@b.example, hostname: h, port: 25, username: u, password: "$env{P}"}
keep_unmanaged: true
"""
MIXED = """\
[table_{0}.of_some]
# a comment
key = 'some value {0}'
other = 5
list = ['a', 'b {0}']
inline = {{ a = 1, b = 'x' }}

[[array.of_tables]]
name = 'n{0}'
"""
SHAPES = {
    "tables, arrays, comments": ("", MIXED),
    "short tables": ("", "[table_{0}]\na = 1\n"),
    "the shortest tables": ("", "[t{0}]\n"),
    "one table": ("[server]\n", "key_{0} = 'a value that somebody set'\n"),
    "inline tables": ("[server]\n", "t{0} = {{ a = 1, b = {{ c = 'value' }} }}\n"),
    "references": ("[r]\nkey0 = 'x'\n", "key{0} = '$ref{{r.key{1}}}'\n"),
    "mail-client properties": ("[output_adapter.email.custom_properties]\n", "'mail.smtp.x{0}' = 'v{0}'\n"),
}
"""How a file begins, and what is repeated in it with its number and the one before it."""
COMMANDS = {
    "validate": ("validate", "--no-cache", "--product-version", "7.2.0"),
    "effective": ("effective", "--product-version", "7.2.0"),
    "merge --check": ("merge", "--check", "--product-version", "7.2.0"),
}


def file_of(shape: str, *, lines: int = 0, size: int = 0) -> str:
    """Return a deployment.toml of so many lines, or characters."""
    first, unit = SHAPES[shape]
    count = lines // unit.count("\n") if lines else size // (len(unit.format(1, 0)) + 4)
    return OURS + first + "".join(unit.format(number, number - 1) for number in range(1, count + 1))


def run(command: list[str]) -> tuple[float, float]:
    """Run a command; return its processor seconds and its peak of memory in bytes, the better of two runs."""
    found = []
    for _ in range(2):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1):
            raise SystemExit(f"{command[1:]} exits {process.returncode}")
        found.append((usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024.0))
    return min(found)


def main() -> None:
    """Print the tables; with ``--goals`` the worst ratio of ``validate``."""
    mailwright = str(Path(sys.executable).parent / "mailwright")
    with tempfile.TemporaryDirectory() as folder:
        spec, file = Path(folder) / "spec.yaml", Path(folder) / "deployment.toml"
        spec.write_text(SPEC, encoding="utf-8")
        commands = {
            name: [mailwright, *words, *([str(spec)] if name.startswith("merge") else []), str(file)]
            for name, words in COMMANDS.items()
        }
        if "--goals" in sys.argv:
            found = []
            for shape in SHAPES:
                seconds = []
                for lines in LINES:
                    file.write_text(file_of(shape, lines=lines), encoding="utf-8")
                    seconds.append(run(commands["validate"])[0])
                found.append(seconds[1] / seconds[0])
            goal("validate 40,000 lines / 10,000 lines, one file", max(found))
            return
        file.write_text(OURS, encoding="utf-8")
        least = {name: run(command)[1] for name, command in commands.items()}
        print(f"| file | command | {LINES[0]:,} lines | {LINES[1]:,} lines | ratio |\n|---|---|---|---|---|")
        for shape in SHAPES:
            for name, command in commands.items():
                seconds = []
                for lines in LINES:
                    file.write_text(file_of(shape, lines=lines), encoding="utf-8")
                    seconds.append(run(command)[0])
                print(
                    f"| {shape} | {name} | {seconds[0]:.2f} s | {seconds[1]:.2f} s | {seconds[1] / seconds[0]:.1f} |", flush=True
                )
        print(f"\n| a file of {SIZE / 1e6:.0f} MB | command | seconds | memory, times the file |\n|---|---|---|---|")
        for shape in (shape for shape in SHAPES if shape not in ("references", "mail-client properties")):
            file.write_text(file_of(shape, size=SIZE), encoding="utf-8")
            for name, command in commands.items():
                taken, peak = run(command)
                print(f"| {shape} | {name} | {taken:.1f} | {(peak - least[name]) / file.stat().st_size:.1f} |", flush=True)


if __name__ == "__main__":
    main()
