"""2,000 deployment.toml files of 90 lines: validate with every rule beside check-jsonschema, tombi and taplo with a schema alone.

The files differ, as those of a team with many servers do: eight in ten are fine, the others have the usual mistakes. Each tool is given all
files in one run; check-jsonschema, tombi and taplo get the schema of `mailwright schema deployment`. validate runs with a cache that holds
nothing yet, and again when nothing has changed.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import Figures, goal, measure, medians, table

COUNT, LINES = int(os.environ.get("MAILWRIGHT_FILES", "2000")), 90
ONE, EVERY = "mailwright validate --product-version 7.2.0, every rule", "mailwright validate, every rule for every release"
RUNS = int(os.environ.get("MAILWRIGHT_RUNS", "5"))
TAPLO = "taplo lint, the schema"
COLD, WARM = "nothing known", "nothing changed"

MISTAKES = (
    ("hostname = ", "host = "),
    ("port = 587", "port = 587.0"),
    ('signature = "Team', 'signature = "Research & Team'),
    ("'mail.smtp.timeout'", "mail.smtp.timeout"),
    ("$secret{smtp_password}", "plain-text"),
    ("reply_to = ", "replyTo = "),
)


def deployment(number: int) -> str:
    """Return a file; the number decides what is in it."""
    chance = random.Random(number)
    port = chance.choice((587, 587, 465, 25))
    sender = [
        "[output_adapter.email]",
        f'from_address = "no-reply@team{number}.example.com"',
        f'hostname = "smtp{chance.randrange(9)}.example.com"',
        f"port = {port}",
        f'username = "team{number}"',
        'password = "$secret{smtp_password}"',
        f'signature = "Team {number}"',
        f'reply_to = "help@team{number}.example.com"',
        "",
        "[output_adapter.email.custom_properties]",
        f"'mail.smtp.ssl.enable' = {'true' if port == 465 else 'false'}",
        "'mail.smtp.starttls.required' = true",
        "'mail.smtp.ssl.checkserveridentity' = true",
        f"'mail.smtp.connectiontimeout' = {chance.randrange(5, 30) * 1000}",
        f"'mail.smtp.timeout' = {chance.randrange(5, 30) * 1000}",
        "'mail.smtp.writetimeout' = 10000",
    ]
    text = "\n".join(sender)
    if chance.random() < 0.2:
        text = text.replace(*chance.choice(MISTAKES))
    before, after = [], []
    for index in range(40):
        target = before if index % 2 else after
        name = f"module_{chance.randrange(1000)}.part_{index}"
        value = chance.choice(('"text"', "true", str(chance.randrange(10_000)), '["one", "two"]', '"$env{HOME_OF_IT}"'))
        target += [f"[{name}]", f"enable = {value}", ""]
    secrets = ["[secrets]", 'smtp_password = "QmFzZTY0IHRleHQgb2YgYSBzZWNyZXQ="']
    room = LINES - len(sender) - len(secrets) - 6
    head = ["[server]", f'hostname = "is{number}.example.com"', f'node_ip = "10.0.0.{number % 250}"', "offset = 0", ""]
    lines = [*head, *before[: room // 6 * 3], *text.split("\n"), "", *after[: room // 6 * 3]]
    lines += ["# the end of what a person wrote"] * (LINES - len(lines) - len(secrets))
    return "\n".join([*lines, *secrets]) + "\n"


def write_files(folder: Path, count: int) -> None:
    """Write the files, a hundred a folder, each named deployment.toml."""
    for number in range(count):
        target = folder / "nodes" / f"{number // 100:03}" / f"{number % 100:02}" / "deployment.toml"
        target.parent.mkdir(parents=True, exist_ok=True)
        text = deployment(number)
        assert text.count("\n") == LINES, text
        target.write_text(text, encoding="utf-8")


def figures(folder: Path, *, runs: int = 1) -> list[tuple[str, Figures]]:
    """Measure every tool over the files below *folder*, in turns, so that all have the same machine; the medians, taplo first."""
    binaries = Path(sys.executable).parent
    program, cache = [str(binaries / "mailwright"), "validate"], folder / "cache"
    done = subprocess.run([program[0], "schema", "deployment"], capture_output=True, text=True, check=True)
    (folder / "deployment.schema.json").write_text(done.stdout, encoding="utf-8")
    (folder / "tombi.toml").write_text('[[schemas]]\npath = "deployment.schema.json"\ninclude = ["nodes/**/*.toml"]\n')
    names = sorted(str(path.relative_to(folder)) for path in folder.glob("nodes/**/deployment.toml"))
    schema = (folder / "deployment.schema.json").as_uri()
    one, every = ([*program, "--cache-dir", str(cache), *options, "nodes"] for options in (["--product-version", "7.2.0"], []))
    commands = {
        TAPLO: [str(binaries / "taplo"), "lint", "--schema", schema, "nodes/**/*.toml"],
        "check-jsonschema, the schema": [str(binaries / "check-jsonschema"), "--schemafile", "deployment.schema.json", *names],
        "tombi lint, the schema": [str(binaries / "tombi"), "lint", "--offline", "nodes/**/*.toml"],
        f"{ONE}, {COLD}": one,
        f"{ONE}, {WARM}": one,
        f"{EVERY}, {COLD}": every,
        f"{EVERY}, {WARM}": every,
    }
    if "--goals" in sys.argv:
        commands = {name: command for name, command in commands.items() if name.startswith(("taplo", "mailwright"))}
    found: dict[str, list[Figures]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            if name.endswith(COLD):
                shutil.rmtree(cache, ignore_errors=True)
            found[name].append(measure(command, runs=1, cwd=str(folder)))
    return [(name, medians(rows)) for name, rows in found.items()]


def main() -> None:
    """Print the table; with ``--goals`` the figures that have a goal."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder, COUNT)
        rows = figures(folder, runs=RUNS)
    seconds = {name: each.seconds for name, each in rows}
    cold = seconds[f"{EVERY}, {COLD}"] / seconds[f"{ONE}, {COLD}"]
    if "--goals" in sys.argv:
        goal("validate 2,000 files, one release, cold cache / taplo lint", seconds[f"{ONE}, {COLD}"] / seconds[TAPLO])
        goal("the same, warm cache / taplo lint", seconds[f"{ONE}, {WARM}"] / seconds[TAPLO])
        goal("every release / one release, 2,000 files", cold)
        return
    print(f"{COUNT:,} files of {LINES} lines, medians of {RUNS} runs in turns:\n")
    print(table(rows))
    taplo = seconds["taplo lint, the schema"]
    goal("validate 2,000 files, one release, cold cache / taplo lint", seconds[f"{ONE}, {COLD}"] / taplo)
    goal("the same, warm cache / taplo lint", seconds[f"{ONE}, {WARM}"] / taplo)
    goal("every release / one release, 2,000 files", cold)


if __name__ == "__main__":
    main()
