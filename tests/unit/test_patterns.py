"""Patterns: every one of the schemas means what ECMA 262 says, and none of the code takes the place before a last line break for the end."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mailwright
from mailwright.base.patterns import ecma, pattern
from mailwright.generate.predicates import predicates
from mailwright.product.product import load_product
from mailwright.validation.schemas import errors_in, validator_of

ROOT = Path(__file__).parents[2]
SCHEMAS = sorted((ROOT / "schema").glob("*.schema.json"))
LINE_ENDS = "\n\r\u2028\u2029"


def _patterns_in(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key == "pattern" and isinstance(value, str))
        for value in node.values():
            yield from _patterns_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from _patterns_in(value)


PATTERNS = sorted({text for file in SCHEMAS for text in _patterns_in(json.loads(file.read_text(encoding="utf-8")))})
WHOLE = [text for text in PATTERNS if text.endswith("$")]


@cache
def _checks(text: str) -> tuple[Any, ...]:
    """Return what says whether a text is valid: the schema, and the code that is made of it."""
    schema = {"type": "string", "pattern": text}
    made: dict[str, Any] = {}
    exec(predicates("made", [""], lambda _: schema), made)
    return validator_of(schema).is_valid, made["VALID"][""]


def test_the_patterns_are_found() -> None:
    assert len(PATTERNS) > 50
    assert len(WHOLE) > 40
    assert not [text for text in PATTERNS if re.search(r"\\[dDwWbBpP]|\(\?[^:=!]", text)], (
        "ecma() translates neither classes nor flags"
    )


@pytest.mark.parametrize("text", WHOLE)
@settings(max_examples=5)
@given(data=st.data())
def test_a_line_break_after_the_end_is_no_end(text: str, data: st.DataObject) -> None:
    good = data.draw(st.from_regex(ecma(text)))
    after = data.draw(st.sampled_from([*LINE_ENDS, "\r\n"]))
    assert [valid(good) for valid in _checks(text)] == [True, True]
    assert [valid(good + after) for valid in _checks(text)] == [False, False]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("^a$", r"^a\Z"),
        (r"a\$b", r"a\$b"),
        (r"\\$", r"\\\Z"),
        ("[$.]", "[$.]"),
        (r"[\]$]$", r"[\]$]\Z"),
        ("^(a$|b)$", r"^(a\Z|b)\Z"),
        (r"\..", r"\.[^\n\r\u2028\u2029]"),
    ],
)
def test_what_is_meant(text: str, meant: str) -> None:
    assert ecma(text) == meant


def _texts(schema: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the keys of a sender that have a pattern for the whole text, each with an example."""
    for name, node in schema.get("properties", {}).items():
        if node.get("pattern", "").endswith("$"):
            yield (
                (*path, name),
                next(str(value) for value in [*node["examples"], "true"] if re.search(node["pattern"], str(value))),
            )
        yield from _texts(node, (*path, name))


ADAPTER = json.loads((ROOT / "schema" / "adapter.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("path", "good"), [*_texts(ADAPTER)], ids=lambda value: ".".join(value) if isinstance(value, tuple) else ""
)
def test_a_key_with_a_line_break_after_its_value(path: tuple[str, ...], good: str) -> None:
    def wrong(text: str) -> list[Any]:
        table: Any = text
        for name in reversed(path):
            table = {name: table}
        product = load_product()
        found = [*errors_in(product, "spec", {"mailwright": 1, "global": table}), *errors_in(product, "adapter", table)]
        return [error.path for error in found if error.path and error.path[-1] == path[-1]]

    assert not wrong(good)
    assert len(wrong(good + "\n")) == 2


def _expressions() -> Iterator[tuple[str, str | bytes, int]]:
    """Yield the expressions of the package and the collection: those with a name in a module, and those that are written in a call."""
    found = pkgutil.walk_packages(mailwright.__path__, "mailwright.")
    for info in found:
        if info.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(info.name)).items():
            for each in value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]:
                for one in each if isinstance(each, tuple) else [each]:
                    if isinstance(one, re.Pattern | type(pattern(""))):
                        yield f"{info.name}.{name}", one.pattern, one.flags
    for file in [*(ROOT / "generator").rglob("*.py"), *(ROOT / "ansible").rglob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) in _CALLS
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                flags = re.MULTILINE if "MULTILINE" in ast.unparse(node) else 0
                yield f"{file.relative_to(ROOT)}:{node.lineno}", node.args[0].value, flags


_CALLS = {
    *(f"re.{name}" for name in ("compile", "match", "search", "fullmatch", "split", "sub", "findall", "finditer")),
    "pattern",
}


def test_no_expression_of_the_code_ends_before_a_last_line_break() -> None:
    from re import _parser  # type: ignore[attr-defined]

    found = [*_expressions()]
    assert len(found) > 200
    lax = [
        where
        for where, text, flags in found
        if not flags & re.MULTILINE and "AT_END)" in repr([*_parser.parse(text, flags & ~re.DEBUG)]).replace("AT_END_STRING", "")
    ]
    assert lax == []
