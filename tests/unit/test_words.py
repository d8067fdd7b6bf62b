"""What users read is plain English: turns that a native reader stumbles over, and second words for one thing, do not come back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mailwright.cli import program

ROOT = Path(__file__).resolve().parents[2]
GUIDES = (
    "adoption",
    "api",
    "editors",
    "first-spec",
    "pre-commit",
    "settings",
    "spec",
    "status",
    "tenants",
    "tutorial",
    "upgrade",
    "validate",
    "verify",
)
PAGES = [ROOT / "README.md", *(ROOT / "docs" / f"{name}.md" for name in GUIDES), *sorted((ROOT / "docs" / "howto").glob("*.md"))]
ODD = {
    r"\b(object|payload|case|fragment|row) a (tenant|sender|line|node|request)\b": "one per tenant, one for each sender",
    r"(?<![\w-])[Ww]ho (has|posts|gives|reviews) ": "anybody who, if you",
    r"\bholds? (the|a) (live )?(SMTP )?handshake": "makes a handshake",
    r"\bas often as wanted\b": "may be repeated",
    r"\ba second at most\b": "per second",
}
"""What is odd, and what would be plain."""


def helps(command: click.Command, name: str) -> Iterator[tuple[str, str]]:
    options = (option for option in command.params if isinstance(option, click.Option))
    yield name, " ".join([command.help or "", *(option.help or "" for option in options)])
    if isinstance(command, click.Group):
        context = click.Context(command)
        for each in command.list_commands(context):
            below = command.get_command(context, each)
            assert below is not None
            yield from helps(below, f"{name} {each}")


def odd(text: str) -> list[str]:
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    text = " ".join(re.sub(r"`[^`\n]*`", "", text).split())
    return [f"{match[0]!r}: {plain}" for pattern, plain in ODD.items() for match in re.finditer(pattern, text)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_pages(page: Path) -> None:
    assert odd(page.read_text(encoding="utf-8")) == []


def test_help() -> None:
    assert [(name, found) for name, text in helps(program, "mailwright") if (found := odd(text))] == []


def test_what_is_odd_is_found() -> None:
    assert (
        len(odd("Who has servers already begins with `import`, which holds the handshake and prints one object a tenant.")) == 3
    )
    assert odd("`one object a tenant` and\n```text\none object a tenant\n```\n") == []
