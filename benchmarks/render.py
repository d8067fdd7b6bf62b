"""Rendering 100,000 tenants from CSV, beside a plain loop of jinja2 and jsonschema that makes one payload a tenant."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measure import measure, table
from tenants import write

COUNT = 100_000

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
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spec, tenants = write(folder, COUNT)
        mailwright = str(Path(sys.executable).parent / "mailwright")
        rows = [
            (
                f"plain loop of jinja2 and jsonschema, {COUNT:,} tenants",
                measure([sys.executable, "-c", PLAIN, tenants, str(folder / "plain")], runs=1),
            ),
            (
                f"mailwright render -o, {COUNT:,} tenants",
                measure([mailwright, "render", spec, "-o", str(folder / "out"), "--product-version", "7.3.0"], runs=1),
            ),
        ]
        print(table(rows))


if __name__ == "__main__":
    main()
