"""Every keyword of every schema that a user's file meets, with a wrong example: the key is named, and what would do; nothing else shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mailwright.validation.schemas import inlined, schema_errors

CANARY = "zQ\x7fcanary"
SCHEMAS = ("adapter", "policy", "spec", "tenant-sender.v1", "tenant-sender.v2")
VALUES = ("type", "enum", "const", "pattern", "minimum", "maximum", "minLength", "minItems", "uniqueItems")
ODD = re.compile(r"\\|\[\^|\(\?|\]\+|\]\*|\$\)|\bNone\b|\bTrue\b|\bFalse\b|\{'|\['|<class")


def named(node: Any, path: str = "") -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every property of a schema: where it stands, its name, its schema."""
    if isinstance(node, list):
        for index, part in enumerate(node):
            yield from named(part, f"{path}/{index}")
    elif isinstance(node, dict):
        for name, child in node.get("properties", {}).items():
            if isinstance(child, dict):
                yield f"{path}/{name}", name, child
                yield from named(child, f"{path}/{name}")
        for keyword, child in node.items():
            if keyword in ("allOf", "anyOf", "oneOf", "then", "else", "items", "additionalProperties", "$defs"):
                parts = child.items() if keyword == "$defs" else [("", child)]
                for name, part in parts:
                    yield from named(part, f"{path}/{keyword}{name}")


def wrong(keyword: str, node: dict[str, Any]) -> Any:
    """Return a value that the keyword of a schema refuses, as far as the others let it come to that."""
    types = node.get("type", [])
    numeric = "integer" in types and types != "string"
    expected = node[keyword]
    return {
        "type": [{"a": CANARY}] if "array" not in types else 1.5,
        "enum": CANARY,
        "const": CANARY,
        "pattern": " " if expected == r"\S" else f"\n{CANARY}",
        "minimum": expected - 1 if keyword == "minimum" and numeric else None,
        "maximum": expected + 1 if keyword == "maximum" and numeric else None,
        "minLength": "",
        "minItems": [],
        "uniqueItems": ["a", "a"],
    }[keyword]


CASES = {
    f"{schema}{path}:{keyword}": (name, keyword, node)
    for schema in SCHEMAS
    for path, name, node in named({"properties": {"": inlined(schema)}, "$defs": inlined(schema).get("$defs", {})})
    if name
    for keyword in VALUES
    if keyword in node
}


@pytest.mark.parametrize("case", CASES)
def test_what_would_do_is_said(case: str) -> None:
    name, keyword, node = CASES[case]
    value = wrong(keyword, node)
    if keyword in ("minimum", "maximum") and value is None:
        return
    found = list(schema_errors(Draft202012Validator({"type": "object", "properties": {name: node}}), {name: value}))
    assert found, "the example is not wrong"
    for error in found:
        said = error.sentence
        assert f"`{name}`" in said or len(error.path) > 1 or error.at_key, said
        assert re.search(r"must (be|not|have)|lacks|is missing|unknown key|cannot be set", said), said
        assert not said.rstrip().endswith(("must be of another form", "must have other keys")), said
        for text in (said, re.sub(r"^e\.g\. .*", "", error.hint or "")):  # an example may look like anything
            assert not ODD.search(text), text
            assert "canary" not in text


def test_every_keyword_is_driven() -> None:
    assert {keyword for _, keyword, _ in CASES.values()} == {*VALUES}
