"""Check many documents of few shapes: what decides whether a document is valid is its shape, and a shape is checked once.

The shape of a document is its structure with every text replaced by all that the schema can ask of it: whether it is one of the texts
that the schema names, which of the schema's patterns it matches, and its length as far as a limit reaches; and with every integer
replaced by how it compares with the numbers that the schema names. Ten thousand tenants that
differ in names and addresses have a handful of shapes. A schema that asks something else of a text is checked in full each time.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from functools import cache
from typing import Any

from ..product.schemas import inlined
from .schemas import SchemaError, schema_errors, validator

_OBJECTS = ("properties", "additionalProperties", "propertyNames", "required", "minProperties", "maxProperties")
_LISTS = ("items", "contains", "minItems", "maxItems")
_LOGIC = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else")
_STRUCTURE = frozenset(("type", "minimum", "maximum", *_OBJECTS, *_LISTS, *_LOGIC))
_TEXT = frozenset(("const", "enum", "pattern", "minLength", "maxLength"))
_ANNOTATIONS = frozenset(("title", "description", "examples", "default", "writeOnly", "deprecated", "$schema", "$comment", "$id"))
_NAMES = frozenset(("properties", "patternProperties", "$defs"))
_MOST = 4096
"""Shapes that are remembered at most."""


class ShapeChecker:
    """Check documents against a schema, or a part of it.

    Args:
        name: The schema's name.
        pointer: The part, as a JSON Pointer.
    """

    def __init__(self, name: str, pointer: str = "") -> None:
        self._validator = validator(name, pointer)
        self._texts: set[str] = set()
        self._patterns: dict[str, re.Pattern[str]] = {}
        self._longest = 0
        self._bounds: set[int | float] = set()
        taken = [self._take(keyword, value) for keyword, value in _keywords(inlined(name, pointer))]
        self._sound = all(taken)
        self._valid: set[Hashable] = set()

    def errors(self, document: Any) -> list[SchemaError]:
        """Return what is wrong with a document."""
        shape = self._shape(document) if self._sound else None
        if shape is not None and shape in self._valid:
            return []
        found = list(schema_errors(self._validator, document))
        if not found and shape is not None:
            if len(self._valid) >= _MOST:
                self._valid.clear()
            self._valid.add(shape)
        return found

    def _take(self, keyword: str, value: Any) -> bool:
        """Take in what a keyword asks of texts; say whether the keyword is one whose answer the shape decides."""
        if keyword in ("const", "enum"):
            named = [value] if keyword == "const" else value
            self._texts.update(item for item in named if isinstance(item, str))
            self._bounds.update(item for item in named if isinstance(item, int | float) and not isinstance(item, bool))
        elif keyword in ("minimum", "maximum"):
            self._bounds.add(value)
        elif keyword == "pattern":
            self._patterns[value] = re.compile(value)
        elif keyword in ("minLength", "maxLength"):
            self._longest = max(self._longest, value + 1)
        return keyword in _STRUCTURE or keyword in _TEXT or keyword in _ANNOTATIONS or keyword.startswith("x-")

    def _shape(self, node: Any) -> Hashable:
        if isinstance(node, str):
            matched = tuple([pattern.search(node) is not None for pattern in self._patterns.values()])
            return (node if node in self._texts else None, matched, min(len(node), self._longest))
        if isinstance(node, dict):
            return frozenset([(name, self._shape(value)) for name, value in node.items()])
        if isinstance(node, list):
            return tuple([self._shape(value) for value in node])
        if type(node) is int:
            return (int, tuple([(node > bound) - (node < bound) for bound in self._bounds]))
        return (type(node), node)


def _keywords(schema: Any) -> Iterator[tuple[str, Any]]:
    """Yield every keyword of a schema and of the schemas in it."""
    if not isinstance(schema, dict):
        return
    for keyword, value in schema.items():
        yield keyword, value
        if keyword in _ANNOTATIONS or keyword in _TEXT or keyword.startswith("x-"):
            continue
        parts = value.values() if keyword in _NAMES and isinstance(value, dict) else value if isinstance(value, list) else [value]
        for part in parts:
            yield from _keywords(part)


@cache
def shape_checker(name: str, pointer: str = "") -> ShapeChecker:
    """Return the checker of a schema, or of a part of it."""
    return ShapeChecker(name, pointer)
