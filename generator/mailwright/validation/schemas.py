"""JSON Schema: the packaged schemas, and their errors as findings in the user's words.

The library's own messages quote the offending value, so none of them is ever used: each keyword has a message here that says what
was expected, never what was found.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from .. import _resources
from ..adapter import load_adapter
from ..spec.nodes import shown_key

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

NAMES = (
    "adapter",
    "auth-types",
    "deployment",
    "policy",
    "releases",
    "report",
    "spec",
    "tenant-sender.v1",
    "tenant-sender.v2",
    "vocabulary",
)

_TYPES = {
    "string": "a text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "object": "a table",
    "array": "a list",
    "null": "null",
}


def schema_text(name: str) -> str:
    """Return the text of a packaged schema, e.g. ``adapter``."""
    return _resources.read_text("schema", f"{name}.schema.json")


@cache
def load_schema(name: str) -> dict[str, Any]:
    """Return a packaged schema, parsed."""
    schema: dict[str, Any] = json.loads(schema_text(name))
    return schema


@cache
def validator(name: str, pointer: str = "") -> Validator:
    """Return a validator for a packaged schema, or for a part of it.

    Args:
        name: The schema.
        pointer: A JSON Pointer within it, e.g. ``/$defs/tenant``.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    # JSON Schema counts 587.0 as an integer; the server does not (facts 3.5).
    checker = Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )
    kind: Any = extend(Draft202012Validator, type_checker=checker)  # type: ignore[no-untyped-call]
    made: Validator = kind(inlined(name, pointer))
    return made


@cache
def inlined(name: str, pointer: str = "") -> Any:
    """Return a schema, or a part of it, with every reference replaced by what it refers to.

    None of this project's schemas is recursive, and following references costs more than checking values: without them a tenant is
    checked several times as fast.
    """
    node: Any = load_schema(name)
    for part in filter(None, pointer.split("/")):
        node = node[int(part)] if isinstance(node, list) else node[part]
    return _inline(node, name)


def _inline(node: Any, name: str) -> Any:
    if isinstance(node, list):
        return [_inline(item, name) for item in node]
    if not isinstance(node, dict):
        return node
    own = {key: _inline(value, name) for key, value in node.items() if key not in ("$ref", "$defs", "$schema")}
    if not isinstance(node.get("$ref"), str):
        return own
    file, _, pointer = node["$ref"].partition("#")
    target = inlined(file.removesuffix(".schema.json") or name, pointer)
    return {"allOf": [target], **own} if own else target


class SchemaError:
    """What is wrong with one value: its path, whether the place is the key's, and the message."""

    __slots__ = ("at_key", "hint", "message", "path")

    def __init__(self, path: tuple[str | int, ...], message: str, hint: str | None = None, *, at_key: bool = False) -> None:
        self.path, self.message, self.hint, self.at_key = path, message, hint, at_key

    @property
    def sentence(self) -> str:
        """The message with the name of the value in front, unless it names what it is about itself."""
        if self.at_key or not self.path or self.message.startswith("`"):
            return self.message
        last = self.path[-1]
        return f"entry {last + 1} {self.message}" if isinstance(last, int) else f"{shown_key(last)} {self.message}"


def schema_errors(check: Validator, instance: Any) -> Iterator[SchemaError]:
    """Yield what a validator says about a value; no message holds a value."""
    seen: set[tuple[Any, ...]] = set()
    for error in check.iter_errors(instance):
        for found in _translate(error):
            identity = (found.path, found.message)
            if identity not in seen:
                seen.add(identity)
                yield found


def _translate(error: ValidationError) -> Iterator[SchemaError]:
    path = tuple(error.absolute_path)
    keyword = str(error.validator)
    expected: Any = error.validator_value
    schema: Any = error.schema if isinstance(error.schema, dict) else {}
    if keyword == "additionalProperties" and isinstance(error.instance, dict) and expected is False:
        patterns = schema.get("properties", {})
        for name in error.instance:
            if name not in patterns:
                yield _unknown(path, name, list(patterns))
    elif keyword == "required" and isinstance(error.instance, dict):
        missing = [name for name in expected if name not in error.instance]
        for name in missing:
            yield SchemaError(path, f"`{name}` is missing", None if _NESTED & {*path} else _describe(name))
    elif "propertyNames" in error.absolute_schema_path:
        name = str(error.instance)
        yield SchemaError((*path, name), f"{shown_key(name)} is no name for a key here", at_key=True)
    elif keyword in ("anyOf", "oneOf"):
        yield SchemaError(path, f"must be {_alternatives(expected)}", _example(schema))
    else:
        yield SchemaError(path, _message(keyword, expected, schema), _example(schema))


def _unknown(path: tuple[str | int, ...], name: str, known: list[str]) -> SchemaError:
    adapter = load_adapter()
    meant = adapter.meant(name)
    hint: str | None
    if meant in known and meant != name:
        hint = f"did you mean `{meant}`?"
    elif name in adapter and known:
        return SchemaError(
            (*path, name),
            f"{shown_key(name)} cannot be set here",
            "it holds for the whole server: set it in `global`",
            at_key=True,
        )
    else:
        from difflib import get_close_matches

        close = get_close_matches(name, known, n=1)
        hint = f"did you mean `{close[0]}`?" if close else f"known here: {', '.join(known)}" if len(known) < 16 else None
    return SchemaError((*path, name), f"unknown key {shown_key(name)}", hint, at_key=True)


_NESTED = frozenset({"http", "api", "create"})
"""Parts of a sender whose keys are not the adapter's, though some have the same names."""


def _describe(name: str) -> str | None:
    adapter = load_adapter()
    return f"{adapter[name].title}: e.g. {json.dumps(adapter[name].examples[0])}" if name in adapter else None


def _alternatives(options: list[Any]) -> str:
    words: list[str] = []
    for option in options:
        if not isinstance(option, dict):
            continue
        if "enum" in option:
            words += [json.dumps(value) for value in option["enum"]]
        elif "type" in option:
            words.append(_type_words(option["type"]))
    return " or ".join(dict.fromkeys(words)) or "of another form"


def _type_words(types: str | list[str]) -> str:
    return " or ".join(_TYPES.get(name, name) for name in ([types] if isinstance(types, str) else types))


def _example(schema: dict[str, Any]) -> str | None:
    examples = schema.get("examples")
    return f"e.g. {json.dumps(examples[0], ensure_ascii=False)}" if examples else None


def _message(keyword: str, expected: Any, schema: dict[str, Any]) -> str:
    messages: dict[str, Callable[[], str]] = {
        "type": lambda: f"must be {_type_words(expected)}",
        "enum": lambda: "must be " + " or ".join(json.dumps(value) for value in expected),
        "const": lambda: f"must be {json.dumps(expected)}",
        "minimum": lambda: f"must be {expected} or more",
        "maximum": lambda: f"must be {expected} or less",
        "minLength": lambda: "must not be empty",
        "minItems": lambda: "must not be empty",
        "minProperties": lambda: "must not be empty",
        "maxProperties": lambda: f"must have no more than {expected} of its keys",
        "uniqueItems": lambda: "holds something twice",
        "contains": lambda: (
            "lacks an entry that the others need" + (f": {json.dumps(expected['const'])}" if "const" in expected else "")
        ),
        "not": lambda: "has a key that does not go with the others",
        "propertyNames": lambda: "has a key whose name is not allowed here",
        "additionalProperties": lambda: "has a key that is not allowed here",
        "pattern": lambda: "does not have the form that is needed here",
    }
    return messages[keyword]() if keyword in messages else "is not what the schema asks for"


def bundle(name: str) -> str:
    """Return the text of a schema with the schemas that it refers to inside it, so that one file is enough."""
    schema = load_schema(name)
    others = sorted({reference.partition("#")[0] for reference in _references(schema)} - {""})
    if not others:
        return schema_text(name)
    inner = {other: load_schema(other.removesuffix(".schema.json")) for other in others}
    whole = redirected(schema, "")
    whole["$defs"] = {**whole.get("$defs", {}), **{other: redirected(node, f"/$defs/{other}") for other, node in inner.items()}}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def redirected(node: Any, here: str) -> Any:
    """Point the references of a schema at where it stands in the bundle: *here* for its own, ``/$defs/FILE`` for another's."""
    if isinstance(node, list):
        return [redirected(value, here) for value in node]
    if not isinstance(node, dict):
        return node
    out = {key: redirected(value, here) for key, value in node.items() if key != "$schema" or not here}
    if isinstance(node.get("$ref"), str):
        file, _, pointer = node["$ref"].partition("#")
        out["$ref"] = f"#/$defs/{file}{pointer}" if file else f"#{here}{pointer}"
    return out
