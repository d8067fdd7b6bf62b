"""The pages of docs/reference that are made from the code have all of it: each command, option, key, document, code, module and variable."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from mailwright.base.errors import ExitCode
from mailwright.cli import program
from mailwright.generate.reference import MEANINGS, ansible_text

ROOT = Path(__file__).resolve().parents[2]
SPEC = json.loads((ROOT / "schema" / "spec.schema.json").read_text(encoding="utf-8"))


def page(name: str) -> str:
    return (ROOT / "docs" / "reference" / f"{name}.md").read_text(encoding="utf-8")


def all_commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from all_commands(below, f"{path} {name}")


def test_every_command_with_every_option() -> None:
    sections = dict(re.findall(r"^## (.*)\n((?:(?!## ).*\n)*)", page("commands"), re.MULTILINE))
    found = dict(all_commands(program, "mailwright"))
    assert list(sections) == list(found)
    for name, command in found.items():
        for option in (option for option in command.params if isinstance(option, click.Option)):
            (row,) = re.findall(rf"^\| `[^`]*{option.opts[-1]}\b(?!-)[^`]*` \| .*", sections[name], re.MULTILINE)
            assert not option.envvar or not option.show_envvar or str(option.envvar) in row


def test_every_exit_code() -> None:
    assert list(MEANINGS) == list(ExitCode)
    assert re.findall(r"^\| (\d+) \| ([A-Z]+) \| \S", page("exit-codes"), re.MULTILINE) == [
        (str(int(code)), code.name) for code in ExitCode
    ]


def properties(node: Any) -> Iterator[str]:
    """Yield the name of every property in a schema."""
    if isinstance(node, dict):
        yield from node.get("properties", {})
        for name, value in node.items():
            if name not in ("examples", "if", "enum", "const"):
                yield from properties(value)
    elif isinstance(node, list):
        for value in node:
            yield from properties(value)


def test_every_key_of_the_spec_with_an_example() -> None:
    shown = re.findall(r"^\| `([^`]+)` \| \*\*.+\*\* ?.* \| `[^`]+` \|$", page("spec"), re.MULTILINE)
    assert len(re.findall(r"^\| `", page("spec"), re.MULTILINE)) == len(shown), "a key without an example"
    assert set(properties(SPEC)) - {path.rpartition(".")[2] for path in shown} == set()
    assert {"product.version", "environments.NAME.server", "http.auth.type", "create.owner.email"} <= set(shown)


def test_every_document_and_schema() -> None:
    text = page("json")
    report = json.loads((ROOT / "schema" / "report.schema.json").read_text(encoding="utf-8"))
    for option in report["anyOf"]:
        node = report["$defs"][option["$ref"].rpartition("/")[2]]
        section = text.partition(f"## {node['title']}\n")[2].partition("\n## ")[0]
        assert set(re.findall(r"^\| `([^`]+)` \| \S", section, re.MULTILINE)) == set(node["properties"]), node["title"]
    for path in (ROOT / "schema").glob("*.schema.json"):
        assert f"`mailwright schema {path.name.removesuffix('.schema.json')}`" in text


def test_every_setting() -> None:
    schema = json.loads((ROOT / "schema" / "settings.schema.json").read_text(encoding="utf-8"))
    rows = re.findall(r"^\| `\[?([a-z-]+)\]?` \|", page("settings"), re.MULTILINE)
    assert sorted(rows) == sorted(schema["properties"])


@pytest.mark.parametrize("module", sorted((ROOT / "ansible" / "plugins" / "modules").glob("*.py")), ids=lambda path: path.stem)
def test_every_module_with_every_option(module: Path) -> None:
    section = page("ansible").partition(f"\n## {module.stem}\n")[2].partition("\n## ")[0]
    (text,) = re.findall(r'^DOCUMENTATION = r"""\n(.*?)^"""', module.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    said = yaml.safe_load(text)
    assert said["short_description"] in section.replace("`", "")
    assert set(said.get("options", {})) <= set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))


def test_every_variable_of_the_role() -> None:
    specs = yaml.safe_load((ROOT / "ansible/roles/email_sender/meta/argument_specs.yml").read_text(encoding="utf-8"))
    assert set(specs["argument_specs"]["main"]["options"]) <= set(re.findall(r"^\| `([^`]+)` \|", page("ansible"), re.MULTILINE))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Either this or O(spec).", "Either this or `spec`."),
        (["One C([secrets])", "two."], "One `[secrets]` two."),
        ("I(no) and B(yes) V(false)", "*no* and **yes** `false`"),
        ("see L(the page, https://example.com)", "see [the page](https://example.com)"),
        ("HTTP (not an option)", "HTTP (not an option)"),
    ],
)
def test_ansibles_markup(text: Any, expected: str) -> None:
    assert ansible_text(text) == expected
