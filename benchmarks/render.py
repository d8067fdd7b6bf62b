"""Rendering 100,000 tenants from CSV, to files and as one stream, beside a plain loop of jinja2 and jsonschema that makes one payload a tenant.

And what a thousand of them take of memory.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from measure import Figures, goal, measure, medians, table
from tenants import write

COUNT, FEW = int(os.environ.get("MAILWRIGHT_TENANTS", "100000")), 1000
RUNS = int(os.environ.get("MAILWRIGHT_RUNS", "3"))

PLAIN = """
import csv, json, os, sys
from jinja2 import Environment, StrictUndefined
from jsonschema import Draft202012Validator
schema = {"type": "object", "required": ["name", "fromAddress", "smtpServerHost", "smtpPort", "properties"],
          "properties": {"name": {"type": "string"}, "fromAddress": {"type": "string"}, "smtpServerHost": {"type": "string"},
                         "smtpPort": {"type": "integer"}, "properties": {"type": "array", "items": {"type": "object",
                         "required": ["key", "value"], "properties": {"key": {"type": "string"}, "value": {"type": "string"}}}}}}
check = Draft202012Validator(schema)
template = Environment(undefined=StrictUndefined, autoescape=False).from_string('''{
  "name": "EmailPublisher", "fromAddress": {{ t.from_address | tojson }}, "smtpServerHost": "smtp.example.com", "smtpPort": 587,
  "properties": [{"key": "mail.smtp.signature", "value": {{ t.signature | tojson }}},
                 {"key": "mail.smtp.replyTo", "value": {{ t.reply_to | tojson }}},
                 {"key": "userName", "value": {{ t.username | tojson }}}]
}''')
os.makedirs(sys.argv[2])
for row in csv.DictReader(open(sys.argv[1], encoding="utf-8", newline="")):
    text = template.render(t=row)
    check.validate(json.loads(text))
    for suffix, content in (("json", text), ("secrets.json", json.dumps({"password": row["password"]}))):
        with open(f"{sys.argv[2]}/{row['domain']}.{suffix}", "w", encoding="utf-8") as file:
            file.write(content)
"""


def main() -> None:
    """Print the table: the medians of runs that take turns."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spec, tenants = write(folder, COUNT)
        few, _ = write(folder, FEW)
        mailwright = [str(Path(sys.executable).parent / "mailwright"), "render", "--product-version", "7.3.0"]
        commands: dict[str, Callable[[str], list[str]]] = {
            f"plain loop of jinja2 and jsonschema, {COUNT:,} tenants": lambda new: [sys.executable, "-c", PLAIN, tenants, new],
            f"mailwright render -o DIR, {COUNT:,} tenants": lambda new: [*mailwright, spec, "-o", new],
            f"mailwright render -o DIR, {FEW:,} tenants": lambda new: [*mailwright, few, "-o", new],
            f"mailwright render --format jsonl, {COUNT:,} tenants": lambda new: [*mailwright, spec, "--format", "jsonl"],
            f"mailwright render --format jsonl, {FEW:,} tenants": lambda new: [*mailwright, few, "--format", "jsonl"],
            f"mailwright render --format jsonl -o FILE, {COUNT:,} tenants": lambda new: [
                *mailwright,
                spec,
                "--format",
                "jsonl",
                "-o",
                new,
            ],
        }
        found: dict[str, list[Figures]] = {title: [] for title in commands}
        for turn in range(RUNS):  # nothing is removed in between: a file system looks long for room where much was removed
            for number, (title, command) in enumerate(commands.items()):
                found[title].append(measure(command(str(folder / f"{turn}-{number}")), runs=1))
        rows = [(title, medians(runs)) for title, runs in found.items()]
        print(table(rows, digits=2))
        first, files, _, lines = (figures.seconds for _, figures in rows[:4])
        goal("render 100,000 tenants to files / a plain loop", files / first)
        goal("the same to one JSON Lines stream / a plain loop", lines / first)


if __name__ == "__main__":
    main()
