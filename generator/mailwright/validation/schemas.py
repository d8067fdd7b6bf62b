"""JSON Schema: the packaged schemas, and their errors as findings in the user's words.

The library's own messages quote the offending value, so none of them is ever used: ``keywords`` has the words for each keyword.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from ..base.hints import nearest
from ..base.nodes import PlacedMap
from ..base.patterns import ecma
from ..base.shown import shown_key
from ..base.values import dataclass
from ..product.adapter import Adapter
from ..product.product import Product
from .keywords import advice, example, message, named_entry

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator


@cache
def validator(product: Product, name: str, pointer: str = "") -> Validator:
    """Return a validator for a schema of a product, or for a part of it.

    Args:
        product: The product.
        name: The schema.
        pointer: A JSON Pointer within it, e.g. ``/$defs/tenant``.
    """
    return validator_of(product.schemas.inlined(name, pointer))


def validator_of(schema: Any) -> Validator:
    """Return a validator for a schema, with what this tool means by an integer and by a pattern."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError
    from jsonschema.validators import extend

    # JSON Schema counts 587.0 as an integer; the server does not (product/xml.md#float-port).
    checker = Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )

    def matches(_: Validator, expected: str, instance: Any, __: Any) -> Iterator[ValidationError]:
        if isinstance(instance, str) and re.search(ecma(expected), instance) is None:
            yield ValidationError("of another form")

    kind: Any = extend(Draft202012Validator, {"pattern": matches}, type_checker=checker)  # type: ignore[no-untyped-call]
    made: Validator = kind(schema)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaError:
    """What is wrong with one value; nothing here holds a value.

    Attributes:
        path: Where it stands.
        message: What it must be.
        hint: What to do about it.
        whole: Whether the message is a sentence of its own; otherwise it is one about what stands at the path.
        at_key: Whether it is about the key there, not about its value.
        meant: The value that was probably meant.
        intended: The key that an unknown one was probably meant to be.
        missing: The key that is not there, of the mapping at the path.
        lacks: The property of a payload that the list at the path lacks, or has without a value.
    """

    path: tuple[str | int, ...]
    message: str
    hint: str | None = None
    whole: bool = False
    at_key: bool = False
    meant: str | None = None
    intended: str | None = None
    missing: str | None = None
    lacks: str | None = None

    @property
    def sentence(self) -> str:
        """The message as a sentence, with the name of what it is about."""
        if self.whole or not self.path:
            return self.message
        last = self.path[-1]
        return f"entry {last + 1} {self.message}" if isinstance(last, int) else f"{shown_key(last)} {self.message}"


def errors_in(product: Product, name: str, instance: Any, pointer: str = "") -> list[SchemaError]:
    """Return what a schema of a product, or a part of it, finds wrong with a value; jsonschema is asked only where something is."""
    valid = product.schemas.predicate(name, pointer)
    if valid is not None and valid(instance):
        return []
    return list(schema_errors(validator(product, name, pointer), instance, None if name in _OF_THIS_TOOL else product.adapter))


_OF_THIS_TOOL = frozenset({"baseline", "policy", "settings"})
"""Schemas of files that have none of the adapter's keys."""


def schema_errors(check: Validator, instance: Any, adapter: Adapter | None) -> Iterator[SchemaError]:
    """Yield what a validator says about a value; no message holds a value. *adapter* knows what an unknown key is meant to be.

    Where a text is nearly one of those allowed, what is said about everything else is said as if it were that one: a misspelt kind of
    sender is one mistake, not all that follows from being no kind at all.
    """
    found = _all_errors(check, instance, adapter)
    nearly = [error for error in found if error.meant is not None]
    if not nearly:
        yield from found
        return
    yield from nearly
    known = {error.path for error in nearly}
    yield from (error for error in _all_errors(check, corrected(instance, nearly), adapter) if error.path not in known)


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


def _all_errors(check: Validator, instance: Any, adapter: Adapter | None) -> list[SchemaError]:
    found: dict[tuple[Any, ...], SchemaError] = {}
    for error in check.iter_errors(instance):
        for each in _translate(error, adapter):
            found.setdefault((each.path, each.message), each)
    misspelt = {(*error.path[:-1], error.intended) for error in found.values() if error.intended is not None}
    return [error for error in found.values() if error.missing is None or (*error.path, error.missing) not in misspelt]


def _translate(error: ValidationError, adapter: Adapter | None) -> Iterator[SchemaError]:
    path = tuple(error.absolute_path)
    keyword = str(error.validator)
    expected: Any = error.validator_value
    schema: Any = error.schema if isinstance(error.schema, dict) else {}
    if keyword == "additionalProperties" and isinstance(error.instance, dict) and expected is False:
        patterns = schema.get("properties", {})
        for name in error.instance:
            if name not in patterns:
                yield unknown_key(path, name, list(patterns), adapter)
    elif keyword == "required" and isinstance(error.instance, dict):
        missing = [name for name in expected if name not in error.instance]
        for name in missing:
            hint = None if adapter is None or _NESTED & {*path} else _describe(name, adapter)
            yield SchemaError(path=path, message=f"`{name}` is missing", hint=hint, whole=True, missing=name)
    elif "propertyNames" in error.absolute_schema_path:
        name = str(error.instance)
        form = expected.get("x-form") if isinstance(expected, dict) else schema.get("x-form")
        yield _of_key((*path, name), f"{shown_key(name)} must be {form or 'another name'}")
    else:
        yield _value_error(path, keyword, expected, schema, error.instance)


def _value_error(path: tuple[str | int, ...], keyword: str, expected: Any, schema: dict[str, Any], found: Any) -> SchemaError:
    """Say what a value must be; of what it is, its type at most."""
    meant = _meant(keyword, expected, found)
    hint = (
        f"did you mean {json.dumps(meant)}?"
        if meant is not None
        else advice(keyword, expected, found) or example(schema) or ("add it" if keyword == "contains" else None)
    )
    return SchemaError(
        path=path,
        message=message(keyword, expected, schema, found),
        hint=hint,
        whole=keyword == "not" and "x-form" in expected,
        meant=meant,
        lacks=named_entry(expected) if keyword == "contains" else None,
    )


def _of_key(path: tuple[str | int, ...], message: str, hint: str | None = None, intended: str | None = None) -> SchemaError:
    return SchemaError(path=path, message=message, hint=hint, whole=True, at_key=True, intended=intended)


def _meant(keyword: str, expected: Any, found: Any) -> str | None:
    """Return the one of the values allowed that somebody probably meant, or None."""
    options = expected if keyword == "enum" else [expected] if keyword == "const" else []
    if keyword in ("anyOf", "oneOf"):
        options = [value for option in expected if isinstance(option, dict) for value in option.get("enum", ())]
    texts = {_folded(value): value for value in options if isinstance(value, str)}
    if not isinstance(found, str) or not texts or len(found) > _LONGEST_TYPING_ERROR:
        return None
    from difflib import get_close_matches  # most documents are valid

    close = get_close_matches(_folded(found), texts, n=1, cutoff=0.8)
    return texts[close[0]] if close else None


_LONGEST_TYPING_ERROR = 60
_NEAR = 0.7
"""How near a name must be to one that is known to be taken for it."""


def _folded(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def unknown_key(path: tuple[str | int, ...], name: str, known: list[str], adapter: Adapter | None) -> SchemaError:
    """Return what is said about a key that is none of those *known* at a place."""
    own = adapter is not None and not _NESTED & {*path}  # what the adapter's keys are also called says nothing of others
    meant = adapter.meant(name) if adapter is not None and own else None
    intended = meant if meant in known and meant != name else None
    if intended is None and adapter is not None and name in adapter and known:
        said = f"{shown_key(name)} cannot be set here"
        return _of_key((*path, name), said, "it applies to the whole server: set it in `global`")
    if intended is None:
        intended = nearest(name, known, _NEAR)
    listed = f"known here: {', '.join(known)}" if len(known) < 16 or adapter is None else "docs/reference/keys.md lists the keys"
    hint = f"did you mean `{intended}`?" if intended else listed
    return _of_key((*path, name), f"unknown key {shown_key(name)}", hint, intended)


_NESTED = frozenset({"http", "api", "create"})
"""Parts of a sender whose keys are not the adapter's, though some have the same names."""


def _describe(name: str, adapter: Adapter) -> str | None:
    return f"{adapter[name].title}, e.g. {json.dumps(adapter[name].examples[0])}" if name in adapter else None
