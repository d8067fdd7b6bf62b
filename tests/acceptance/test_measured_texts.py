"""`validate` calls an error what the product's own engine was seen to refuse, lose or alter: every measured text, on every line."""

from __future__ import annotations

import json
import re
import tomllib
from functools import cache
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from product_files import SOURCES, deployment_files
from products import load_adapter

if TYPE_CHECKING:
    from commands import Run

FILE = Path(__file__).resolve().parents[1] / "data" / "effective-cases.json"
LINES = ("5.9.0", "5.10.0", "6.0.0", "7.0.0", "7.2.0")
HASH_ORDER = "spelling-array"


@cache
def cases() -> dict[str, Any]:
    return json.loads(FILE.read_text(encoding="utf-8"))


def plain(text: str) -> str | None:
    """What a text means by one CDATA section or character references; None for anything else with markup."""
    whole = re.fullmatch(r"<!\[CDATA\[(.*?)\]\]>", text, re.DOTALL)
    if whole:
        return whole.group(1)
    return None if "<" in text else unescape(text)


def text_of(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def resolved(text: str, document: dict[str, Any], env: dict[str, str]) -> str:
    text = re.sub(r"\$env\{(.*?)\}", lambda match: env.get(match[1], match[0]), text)

    def look_up(match: re.Match[str]) -> str:
        node: Any = document
        for part in match[1].split("."):
            node = node[part]
        return text_of(node)

    return re.sub(r"\$ref\{(.*?)\}", look_up, text)


def is_wrong(name: str, expected: dict[str, Any], line: str) -> bool:
    """Say by the measured outcome alone whether the text is one for an error."""
    if name == HASH_ORDER or expected["outcome"] != "ok":
        return True
    document = tomllib.loads(cases()["cases"][name]["toml"])
    table = document.get("output_adapter", {}).get("email", {})
    if "output_adapter.email" in document:
        return True
    adapter, seen = load_adapter(), expected["properties"]
    for key, value in table.items():
        known = adapter.get(key)
        if known is None or tuple(map(int, line.split("."))) < tuple(map(int, known.since.split("."))):
            return True
        entries = value.items() if known.is_table else [(known.xml, value)]
        for prop, given in entries:
            if not isinstance(given, str | int | float):
                return True  # an unquoted name
            text = plain(resolved(text_of(given), document, cases()["env"]))
            if text is None or seen.get(unescape(str(prop))) != text:
                return True
        if key == "port" and not re.fullmatch(r"[0-9]+", seen["mail.smtp.port"]):
            return True
    return False


@pytest.mark.parametrize("line", LINES)
def test_an_error_exactly_where_the_engine_goes_wrong(line: str, run: Run, tmp_path: Path) -> None:
    files = {name: tmp_path / f"{number}.toml" for number, name in enumerate(cases()["cases"])}
    for name, file in files.items():
        file.write_bytes(cases()["cases"][name]["toml"].encode())
    # Some texts have made-up properties: what the mail client knows is another question.
    options = ["--format", "json", "--product-version", line, "--resolve-env", "--ignore", "MW105"]
    result = run("validate", *files.values(), *options, env=cases()["env"])
    assert (len(files), result.code) == (91, 1)
    found = {file["file"]: file["findings"] for file in result.json["files"]}
    errors = {
        name: sorted({item["rule"] for item in found[str(file)] if item["severity"] == "error"}) for name, file in files.items()
    }
    expected = {name: is_wrong(name, case["expect"][line], line) for name, case in cases()["cases"].items()}
    assert {name: bool(rules) for name, rules in errors.items()} == expected, errors


def test_variables_that_are_set_here_are_looked_at_without_the_option(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "deployment.toml"
    file.write_text('[output_adapter.email]\npassword = "$env{MW_ONE}$env{MW_NOPE}"\n', encoding="utf-8")
    options = ["--product-version", "7.2.0", "--select", "MW2"]
    assert run("validate", file, *options).code == 0
    assert run("validate", file, *options, env={"MW_ONE": "fine"}).code == 0
    for value, word in (("a$1b", "`$`"), ("a\\b", "`\\`"), ("a&b", "not well-formed")):
        result = run("validate", file, *options, env={"MW_ONE": value})
        assert (result.code, word in result.stdout, value in result.output) == (1, True, False)
    assert "MW_NOPE is not defined" in run("validate", file, *options, "--resolve-env", env={"MW_ONE": "fine"}).stdout


@pytest.mark.parametrize("source", SOURCES)
def test_shipped_files_have_no_error(run: Run, source: str) -> None:
    files = deployment_files(source)
    assert (len(files), run("validate", *files.values(), "--format", "json").code) == (9, 0)
    for release, file in files.items():
        assert run("validate", file, "--product-version", release).code == 0
