"""Every keyword of every schema that a user's input meets, wherever it stands, with a wrong example made from the schema itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mailwright.product.product import load_product
from mailwright.validation.schemas import SchemaError, schema_errors
from products import inlined

CANARY = "zQ\x7fcanary"
SCHEMAS = (
    *(("adapter", ""), ("policy", ""), ("spec", ""), ("spec", "/$defs/tenant")),
    *(("tenant-sender.v1", ""), ("tenant-sender.v2", "")),
)
WRONG_TYPES = ({"a": CANARY}, [CANARY], f"\n{CANARY}", 1.5, None)
WHERE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "items", "contains", "additionalProperties", "propertyNames")
SILENT = frozenset(
    (
        "properties",
        "$defs",
        "if",
        "title",
        "description",
        "examples",
        "default",
        "writeOnly",
        "deprecated",
        "$schema",
        "$comment",
        "$id",
    )
)
"""What refuses nothing by itself."""
ODD = re.compile(
    r"\\|\[\^|\(\?|\]\+|\]\*|\$\)|\bNone\b|\bTrue\b|\bFalse\b|\{'|\['|<class|"
    r"(?i:\b(?:objects?|instance|schema|propertyNames|additionalProperties|is not of type|does not match|array)\b)"
)
"""A regular expression, a value as Python prints it, or a word of JSON Schema's."""


def every(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema in a schema, with where it stands."""
    if not isinstance(node, dict):
        return
    yield path, node
    for name, child in node.get("properties", {}).items():
        yield from every(child, f"{path}/{name}")
    for name, child in node.get("$defs", {}).items():
        yield from every(child, f"{path}/$defs/{name}")
    for keyword in WHERE:
        parts = node.get(keyword)
        for index, part in enumerate(parts if isinstance(parts, list) else [parts]):
            yield from every(part, f"{path}/{keyword}{index if isinstance(parts, list) else ''}")


def candidates(keyword: str, node: dict[str, Any]) -> Iterator[Any]:
    """Yield values that the keyword of a schema may refuse."""
    expected = node[keyword]
    yield from WRONG_TYPES
    yield from ({}, [], "", " ", CANARY, ["a", "a"], 0, -1, 10**12, 587.0, True)
    if keyword in ("minimum", "maximum"):
        yield from (expected - 1, expected + 1)
    if keyword in ("maxLength", "maxItems"):
        yield from (CANARY * (expected + 1), [{"key": f"k{n}", "value": "v"} for n in range(expected + 1)])
    names = list(node.get("properties", {}))
    yield from ({name: CANARY} for name in names)
    if len(names) > 1:
        yield dict.fromkeys(names, CANARY)
    if keyword in ("additionalProperties", "propertyNames"):
        yield from ({"zq key": CANARY}, {"a-b ": CANARY}, {CANARY: CANARY}, {"hostnam": CANARY})
    if keyword in ("then", "else", "not", "if"):
        yield from satisfying(node.get("if") or node.get("not"))
    if keyword == "not":
        yield from expected.get("enum", ())
    if keyword == "contains":
        yield ["!a.example"]


def satisfying(node: Any) -> Iterator[Any]:
    """Yield values that a condition probably holds for."""
    if not isinstance(node, dict):
        return
    if "contains" in node:
        yield ["!a.example"]
    made: dict[str, Any] = {}
    for name in node.get("required", ()):
        made[name] = CANARY
    for name, child in node.get("properties", {}).items():
        if isinstance(child, dict) and ("const" in child or "enum" in child):
            made[name] = child.get("const", (child.get("enum") or [None])[0])
    yield made
    yield {**made, "hostname": CANARY, "http": {"url": CANARY}}


# What stands in a condition is told to nobody; of alternatives, all are told together.
APART = re.compile(r"/(?:if|not)\d*(?:/|$)|/(?:anyOf|oneOf)\d+$")
CASES = {
    f"{schema}{pointer}{path}:{keyword}": (keyword, {key: value for key, value in node.items() if key != "$defs"}, path)
    for schema, pointer in SCHEMAS
    for path, node in every(inlined(schema, pointer))
    if not APART.search(path)
    for keyword in node
    if keyword not in SILENT and not keyword.startswith("x-")
}


@cache
def said_of(case: str) -> list[SchemaError]:
    """Return what is said of the first value that this keyword refuses, as the value of a key `wanted`."""
    keyword, node, path = CASES[case]
    names = path.endswith("/propertyNames")
    check = Draft202012Validator({"type": "object", "properties": {"wanted": {"propertyNames": node} if names else node}})
    alone = Draft202012Validator({name: node[name] for name in node if name in (keyword, "if", "properties")})
    for value in candidates(keyword, node):
        if names and not isinstance(value, str):
            continue
        if any(keyword in error.absolute_schema_path for error in alone.iter_errors(value)):
            return list(schema_errors(check, {"wanted": {value: 1} if names else value}, load_product().adapter))
    return []


@pytest.mark.parametrize("schema", list(dict.fromkeys(schema for schema, _ in SCHEMAS)))
def test_what_is_wrong_and_what_would_do(schema: str) -> None:
    cases = [case for case in CASES if case.startswith((f"{schema}/", f"{schema}:"))]
    assert len(cases) > 10
    silent = {"then", "else", "allOf", "items", "additionalProperties"}
    assert [case for case in cases if not said_of(case) and CASES[case][0] not in silent] == []  # no wrong example
    for keyword, error in ((CASES[case][0], error) for case in cases for error in said_of(case)):
        said = error.sentence
        assert "`" in said or said.startswith(("entry ", "‹…>")), said
        if error.path == ("wanted",) and not (error.whole or keyword == "not"):
            assert said.startswith("`wanted` "), said
        assert re.search(r"must (?:be|not|have)|lacks|is missing|unknown key|cannot be set|is allowed", said), said
        assert not said.rstrip().endswith(("must be of another form", "must have other keys", "must have no other keys")), said
        for text in (said, re.sub(r"(?:e\.g\.|did you mean) .*", "", error.hint or "")):  # an example may look like anything
            assert not ODD.search(text), text
            assert "canary" not in json.dumps(text)


def test_every_keyword_is_driven() -> None:
    driven = {keyword for case, (keyword, *_) in CASES.items() if said_of(case)}
    assert {keyword for keyword, *_ in CASES.values()} - driven == set()
    assert {
        "required",
        "contains",
        "not",
        "anyOf",
        "propertyNames",
        "additionalProperties",
        "items",
        "then",
        "type",
        "enum",
    } <= driven
