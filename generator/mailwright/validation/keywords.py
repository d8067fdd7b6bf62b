"""What each keyword of JSON Schema asks of a value, in the user's words: what was expected, never what was found."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

_TYPES = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "object": "a table",
    "array": "a list",
    "null": "null",
}


def _alternatives(options: list[Any]) -> str:
    words: list[str] = []
    for option in options:
        if not isinstance(option, dict):
            continue
        if "enum" in option:
            words += [json.dumps(value) for value in option["enum"]]
        elif "x-form" in option or "type" in option:
            words.append(option.get("x-form") or _type_words(option["type"]))
    return " or ".join(dict.fromkeys(words)) or "of another form"


def _type_words(types: str | list[str]) -> str:
    return " or ".join(_TYPES.get(name, name) for name in ([types] if isinstance(types, str) else types))


def _found(value: Any) -> str:
    """Say of which type a value is, and no more: it may be a secret."""
    kinds = ((bool, "boolean"), (str, "string"), (int, "integer"), (float, "number"), (dict, "object"), (list, "array"))
    return _TYPES[next((name for kind, name in kinds if isinstance(value, kind)), "null")]


def example(schema: dict[str, Any]) -> str | None:
    """Return an example of what a schema takes."""
    examples = schema.get("examples")
    return f"e.g. {json.dumps(examples[0], ensure_ascii=False)}" if examples else None


def message(keyword: str, expected: Any, schema: dict[str, Any], found: Any) -> str:
    """Say what a value must be; of what it is, its type at most.

    Args:
        keyword: The keyword of the schema that is not met, and what it *expected*.
        schema: The schema that the keyword stands in.
        found: The value.
    """
    otherwise = schema.get("x-otherwise")
    return _asked(keyword, expected, schema, found) + (f"; {otherwise}" if otherwise else "")


def _asked(keyword: str, expected: Any, schema: dict[str, Any], found: Any) -> str:
    form = schema.get("x-form")
    inner = expected.get("x-form") if isinstance(expected, dict) else None
    count = len(found) if isinstance(found, dict | list) else 0
    messages: dict[str, Callable[[], str]] = {
        "type": lambda: f"must be {form or _type_words(expected)}, not {_found(found)}",
        "enum": lambda: "must be " + " or ".join(json.dumps(value) for value in expected),
        "const": lambda: f"must be {json.dumps(expected)}",
        "anyOf": lambda: f"must be {form or _alternatives(expected)}",
        "oneOf": lambda: f"must be {form or _alternatives(expected)}",
        "minimum": lambda: f"must be {form or _bounds(schema)}",
        "maximum": lambda: f"must be {form or _bounds(schema)}",
        "minLength": lambda: "must not be empty" if expected == 1 else f"must have {expected} characters or more",
        "maxLength": lambda: f"must have {expected} characters or fewer",
        "minItems": lambda: "must not be empty",
        "maxItems": lambda: f"must have {expected} entries or fewer, not {count}",
        "minProperties": lambda: f"must have one of {_names(schema)}",
        "maxProperties": lambda: f"must have only {_numeral(expected)} of {_names(schema)}",
        "uniqueItems": lambda: "must not contain an entry twice",
        "contains": lambda: f"lacks {inner or _entry(expected)}",
        "not": lambda: inner or "must have other keys",
        "pattern": lambda: "must not be blank" if expected == r"\S" else f"must be {form or 'of another form'}",
    }
    return messages[keyword]() if keyword in messages else "must have no other keys" if found else "must be of another form"


def _entry(wanted: dict[str, Any]) -> str:
    """Name the entry that a list lacks: in a payload, a property by its key."""
    named = named_entry(wanted)
    return f"the property `{named}`" if named else "an entry that the others need"


def named_entry(wanted: dict[str, Any]) -> str | None:
    """Return the key of the payload's property that a list must have, by the schema of the entry."""
    named = wanted.get("properties", {}).get("key", {}).get("const")
    return named if isinstance(named, str) else None


def _bounds(schema: dict[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None or high is None:
        return f"{low} or more" if high is None else f"{high} or less"
    return f"from {low} to {high}"


def _names(schema: dict[str, Any]) -> str:
    return ", ".join(f"`{name}`" for name in schema.get("properties", ())) or "its keys"


def _numeral(number: int) -> str:
    return "one" if number == 1 else str(number)


def advice(keyword: str, expected: Any, found: Any) -> str | None:
    """Return what usually helps against a value of another type."""
    types = [expected] if isinstance(expected, str) else expected
    if keyword != "type":
        return None
    if isinstance(found, str) and "boolean" in types and found.lower() in ("true", "false"):
        return "write it without quotation marks"
    if isinstance(found, int | float) and "string" in types:
        return "put it in quotation marks"
    return "write it as a list: [ … ]" if "array" in types and not isinstance(found, dict) else None
