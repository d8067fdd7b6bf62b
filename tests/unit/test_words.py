"""What users read is plain English: turns that a native reader stumbles over, and second words for one thing, do not come back."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mailwright.cli import program

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "ansible/README.md", "benchmarks/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "examples").rglob("*.md")),
]
"""What people read; CHANGELOG.md is history."""
COLLECTION = [
    *sorted((ROOT / "ansible" / "roles").rglob("*.yml")),
    *sorted((ROOT / "ansible" / "playbooks").glob("*.yml")),
    *sorted((ROOT / "ansible" / "plugins" / "modules").glob("*.py")),
    *sorted((ROOT / "ansible" / "plugins" / "doc_fragments").glob("*.py")),
]
CODE = [*sorted((ROOT / "generator" / "mailwright").rglob("*.py")), *sorted((ROOT / "ansible" / "plugins").rglob("*.py"))]
ODD = {
    r"\b(a|an|one|no) \w+ a (tenant|sender|line|node|request|stage|rule|format|command|phase|run|module)\b": "one per tenant",
    r"(?<![\w-])(?<!body )(?<!people )(?<!those )[Ww]ho (has|posts|gives|reviews) ": "anybody who, if you",
    r"\b[Ww]hoever\b": "anybody who",
    r"\bholds? (the|a) (live )?(SMTP )?handshake": "makes a handshake",
    r"\bas often as wanted\b": "may be repeated",
    r"\ba second at most\b": "per second",
    r"\bonce a run\b": "once per run",
    r"\banew\b": "again; for pods: replaced",
    r"\b(is|are|was|were) said to be\b": "mailwright says that",
    r"\b(is|are) held to\b": "has to satisfy, is checked against",
    r"(?:^|(?<=[.:;|] ))Where (the|an?|it|no|there|that|such|this|both|one|nobody|somebody) [^.:;|]*, ": "if",
    r"\bstands? (in (an?|the|code)|beside|once|there|here|behind|below|above)\b": "is in, is shown",
    r"\bnot at hand\b": "not available",
    r"\b(the|and) like\b(?! a\b)": "such as",
    r"\b[Nn]obody may\b": "cannot be",
}
"""What is odd, and what would be plain."""


def texts(path: Path) -> Iterator[str]:
    """Yield the texts of a module that are made for people: strings of several words, but not docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value.count(" ") > 1
            and id(node) not in documentation
        ):
            yield node.value


def helps(command: click.Command, name: str) -> Iterator[tuple[str, str]]:
    options = (option for option in command.params if isinstance(option, click.Option))
    yield name, " ".join([command.help or "", *(option.help or "" for option in options)])
    if isinstance(command, click.Group):
        context = click.Context(command)
        for each in command.list_commands(context):
            below = command.get_command(context, each)
            assert below is not None
            yield from helps(below, f"{name} {each}")


def ansible_documentation(path: Path) -> str:
    return "".join(re.findall(r'(?ms)^ *(?:DOCUMENTATION|RETURN|EXAMPLES) = r"""(.*?)"""', path.read_text(encoding="utf-8")))


def shown(page: Path) -> str:
    """Return what people read of a page, of tasks, or of a plugin."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".py":
        return ansible_documentation(page)
    return re.sub(r"(?m)^ *#.*$", "", text) if page.suffix == ".yml" else text


def odd(text: str) -> list[str]:
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    text = " ".join(re.sub(r"`[^`\n]*`", "", text).split())
    return [f"{match[0]!r}: {plain}" for pattern, plain in ODD.items() for match in re.finditer(pattern, text)]


@pytest.mark.parametrize("page", [*PAGES, *COLLECTION], ids=lambda page: page.relative_to(ROOT).as_posix())
def test_pages(page: Path) -> None:
    assert odd(shown(page)) == []


def test_messages() -> None:
    found = {path.relative_to(ROOT).as_posix(): [said for text in texts(path) for said in odd(text)] for path in CODE}
    assert {path: said for path, said in found.items() if said} == {}


def test_the_collection_names_no_path_of_the_documentation() -> None:
    """A reader of ansible-doc has no docs/: a link says where a page is."""
    text = (ROOT / "ansible" / "roles" / "email_sender" / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    pages = [ansible_documentation(path) for path in COLLECTION if path.suffix == ".py"]
    for page in [text, *pages]:
        assert re.findall(r"(?<![\w/])(?:docs|product)/[\w/-]+\.md", page) == []


def test_help() -> None:
    assert [(name, found) for name, text in helps(program, "mailwright") if (found := odd(text))] == []


def test_what_is_odd_is_found() -> None:
    assert (
        len(odd("Who has servers already begins with `import`, which holds the handshake and prints one object a tenant.")) == 3
    )
    assert odd("`one object a tenant` and\n```text\none object a tenant\n```\n") == []
