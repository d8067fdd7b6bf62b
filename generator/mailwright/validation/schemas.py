"""JSON Schema: the packaged schemas, and their errors as findings in the user's words.

The library's own messages quote the offending value, so none of them is ever used: each keyword has a message here that says what
was expected, never what was found.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from ..base.nodes import PlacedMap, shown_key
from ..product.adapter import load_adapter
from ..product.product import load_product
from ..product.schemas import inlined, load_schema, schema_text

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

_TYPES = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "object": "a table",
    "array": "a list",
    "null": "null",
}


@cache
def validator(name: str, pointer: str = "") -> Validator:
    """Return a validator for a packaged schema, or for a part of it.

    Args:
        name: The schema.
        pointer: A JSON Pointer within it, e.g. ``/$defs/tenant``.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    # JSON Schema counts 587.0 as an integer; the server does not (product/xml.md#float-port).
    checker = Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )
    kind: Any = extend(Draft202012Validator, type_checker=checker)  # type: ignore[no-untyped-call]
    made: Validator = kind(inlined(name, pointer))
    return made


class SchemaError:
    """What is wrong with one value: its path, whether the place is the key's, the message, and the value that was meant if it is known.

    ``lacks`` is the property of a payload that its list of properties lacks, or has without a value; ``missing`` a key that is not there.
    ``intended`` is the key that an unknown one was probably meant to be.
    """

    __slots__ = ("at_key", "hint", "intended", "lacks", "meant", "message", "missing", "path")

    def __init__(
        self,
        path: tuple[str | int, ...],
        message: str,
        hint: str | None = None,
        *,
        at_key: bool = False,
        meant: str | None = None,
        lacks: str | None = None,
        missing: str | None = None,
        intended: str | None = None,
    ) -> None:
        self.path, self.message, self.hint = path, message, hint
        self.intended = intended
        self.at_key, self.meant, self.lacks, self.missing = at_key, meant, lacks, missing

    @property
    def sentence(self) -> str:
        """The message with the name of the value in front, unless it names what it is about itself."""
        if self.at_key or not self.path or self.message.startswith("`"):
            return self.message
        last = self.path[-1]
        return f"entry {last + 1} {self.message}" if isinstance(last, int) else f"{shown_key(last)} {self.message}"


def errors_in(name: str, instance: Any, pointer: str = "") -> list[SchemaError]:
    """Return what a packaged schema, or a part of it, finds wrong with a value; jsonschema is asked only where something is."""
    valid = load_product().schemas.predicate(name, pointer)
    return [] if valid is not None and valid(instance) else list(schema_errors(validator(name, pointer), instance))


def schema_errors(check: Validator, instance: Any) -> Iterator[SchemaError]:
    """Yield what a validator says about a value; no message holds a value.

    Where a text is nearly one of those allowed, what is said about everything else is said as if it were that one: a misspelt kind of
    sender is one mistake, not all that follows from being no kind at all.
    """
    found = _all_errors(check, instance)
    nearly = [error for error in found if error.meant is not None]
    if not nearly:
        yield from found
        return
    yield from nearly
    known = {error.path for error in nearly}
    yield from (error for error in _all_errors(check, corrected(instance, nearly)) if error.path not in known)


def corrected(instance: Any, errors: Iterable[SchemaError]) -> Any:
    """Return a value with what was meant in the place of what stands there; the value itself is not changed."""
    meant = {error.path: error.meant for error in errors if error.meant is not None}
    paths = {path[:length] for path in meant for length in range(len(path))}

    def copy(node: Any, path: tuple[str | int, ...]) -> Any:
        if path in meant:
            return meant[path]
        if path not in paths:
            return node
        parts = node.items() if isinstance(node, dict) else enumerate(node)
        changed: dict[Any, Any] = {key: copy(value, (*path, key)) for key, value in parts}
        if isinstance(node, PlacedMap):
            return PlacedMap(changed, place=node.place, origin=node.origin, patched=node.patched)
        return changed if isinstance(node, dict) else list(changed.values())

    return copy(instance, ())


def _all_errors(check: Validator, instance: Any) -> list[SchemaError]:
    found: dict[tuple[Any, ...], SchemaError] = {}
    for error in check.iter_errors(instance):
        for each in _translate(error):
            found.setdefault((each.path, each.message), each)
    misspelt = {(*error.path[:-1], error.intended) for error in found.values() if error.intended is not None}
    return [error for error in found.values() if error.missing is None or (*error.path, error.missing) not in misspelt]


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
            yield SchemaError(path, f"`{name}` is missing", None if _NESTED & {*path} else _describe(name), missing=name)
    elif "propertyNames" in error.absolute_schema_path:
        name = str(error.instance)
        form = expected.get("x-form") if isinstance(expected, dict) else schema.get("x-form")
        yield SchemaError((*path, name), f"{shown_key(name)} must be {form or 'another name'}", at_key=True)
    else:
        yield _value_error(path, keyword, expected, schema, error.instance)


def _value_error(path: tuple[str | int, ...], keyword: str, expected: Any, schema: dict[str, Any], found: Any) -> SchemaError:
    """Say what a value must be; of what it is, its type at most."""
    meant = _meant(keyword, expected, found)
    if meant is not None:
        return SchemaError(path, _message(keyword, expected, schema, found), f"did you mean {json.dumps(meant)}?", meant=meant)
    lacks = _named_entry(expected) if keyword == "contains" else None
    hint = _advice(keyword, expected, found) or _example(schema) or ("add it" if keyword == "contains" else None)
    return SchemaError(path, _message(keyword, expected, schema, found), hint, lacks=lacks)


def _meant(keyword: str, expected: Any, found: Any) -> str | None:
    """Return the one of the values allowed that somebody probably meant, or None."""
    options = expected if keyword == "enum" else [expected] if keyword == "const" else []
    if keyword in ("anyOf", "oneOf"):
        options = [value for option in expected if isinstance(option, dict) for value in option.get("enum", ())]
    texts = {_folded(value): value for value in options if isinstance(value, str)}
    if not isinstance(found, str) or not texts or len(found) > _LONGEST_TYPING_ERROR:
        return None
    from difflib import get_close_matches

    close = get_close_matches(_folded(found), texts, n=1, cutoff=0.8)
    return texts[close[0]] if close else None


_LONGEST_TYPING_ERROR = 60
_NEAR = 0.7
"""How near a name must be to one that is known to be taken for it."""


def _folded(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _advice(keyword: str, expected: Any, found: Any) -> str | None:
    """Return what usually helps against a value of another type."""
    types = [expected] if isinstance(expected, str) else expected
    if keyword != "type":
        return None
    if isinstance(found, str) and "boolean" in types and found.lower() in ("true", "false"):
        return "write it without quotation marks"
    if isinstance(found, int | float) and "string" in types:
        return "put it in quotation marks"
    return "write it as a list: [ … ]" if "array" in types and not isinstance(found, dict) else None


def _unknown(path: tuple[str | int, ...], name: str, known: list[str]) -> SchemaError:
    adapter = load_adapter()
    meant = adapter.meant(name)
    intended = meant if meant in known and meant != name else None
    if intended is None and name in adapter and known:
        return SchemaError(
            (*path, name),
            f"{shown_key(name)} cannot be set here",
            "it applies to the whole server: set it in `global`",
            at_key=True,
        )
    if intended is None:
        from difflib import get_close_matches

        intended = next(iter(get_close_matches(name, known, n=1, cutoff=_NEAR)), None)
    listed = f"known here: {', '.join(known)}" if len(known) < 16 else "docs/reference/keys.md lists the keys"
    hint = f"did you mean `{intended}`?" if intended else listed
    return SchemaError((*path, name), f"unknown key {shown_key(name)}", hint, at_key=True, intended=intended)


_NESTED = frozenset({"http", "api", "create"})
"""Parts of a sender whose keys are not the adapter's, though some have the same names."""


def _describe(name: str) -> str | None:
    adapter = load_adapter()
    return f"{adapter[name].title}, e.g. {json.dumps(adapter[name].examples[0])}" if name in adapter else None


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


def _example(schema: dict[str, Any]) -> str | None:
    examples = schema.get("examples")
    return f"e.g. {json.dumps(examples[0], ensure_ascii=False)}" if examples else None


def _message(keyword: str, expected: Any, schema: dict[str, Any], found: Any) -> str:
    otherwise = schema.get("x-otherwise")
    return _must(keyword, expected, schema, found) + (f"; {otherwise}" if otherwise else "")


def _must(keyword: str, expected: Any, schema: dict[str, Any], found: Any) -> str:
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
    named = _named_entry(wanted)
    return f"the property `{named}`" if named else "an entry that the others need"


def _named_entry(wanted: dict[str, Any]) -> str | None:
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
