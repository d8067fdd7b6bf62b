"""From a JSON Schema to Python code that says whether a value is valid, and nothing more: what is invalid is explained by jsonschema.

Every keyword that the packaged schemas use is known here; another one is an error of ``make generate``, never a constraint that is
dropped. As in ``validation.schemas``, 587.0 is no integer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..base.patterns import ecma

_TYPES = {
    "string": "isinstance({0}, str)",
    "integer": "isinstance({0}, int) and not isinstance({0}, bool)",
    "number": "isinstance({0}, (int, float)) and not isinstance({0}, bool)",
    "boolean": "isinstance({0}, bool)",
    "object": "isinstance({0}, dict)",
    "array": "isinstance({0}, list)",
    "null": "{0} is None",
}
_IGNORED = frozenset(
    (
        "$schema",
        "$id",
        "$defs",
        "$comment",
        "title",
        "description",
        "default",
        "examples",
        "writeOnly",
        "deprecated",
        "then",
        "else",
    )
)
_OF_A_TYPE = {
    "string": ("minLength", "maxLength", "pattern"),
    "number": ("minimum", "maximum"),
    "object": ("required", "minProperties", "maxProperties", "properties", "additionalProperties", "propertyNames"),
    "array": ("minItems", "maxItems", "uniqueItems", "items", "contains"),
}
_PLAIN = ("type", "const", "enum", "$ref", "allOf", "anyOf", "oneOf", "not", "if")
HEADER = '''"""Whether a value is valid, for schema/{name}.schema.json: made by `make generate`."""

import re
from functools import cache
from typing import Any

_compiled = cache(re.compile)
'''


def predicates(name: str, pointers: Iterable[str], schemas: Callable[[str], Any]) -> str:
    """Return the text of a module with one function for each part of a schema, and ``VALID``, which finds them by pointer.

    Args:
        name: The schema's name, e.g. ``spec``.
        pointers: The parts that are asked for, as JSON Pointers.
        schemas: Returns a schema by its name.

    Raises:
        ValueError: a schema has a keyword that is not known here.
    """
    module = _Module(schemas)
    table = [f"    {pointer!r}: {module.function(name, pointer)}," for pointer in pointers]
    return "\n".join([HEADER.format(name=name), *module.texts, "", "VALID = {", *table, "}", ""])


class _Module:
    """The functions of one generated module; each part of a schema that is referred to is one of them, once."""

    def __init__(self, schemas: Callable[[str], Any]) -> None:
        self.texts: list[str] = []
        self._schemas, self._names = schemas, dict[str, str]()

    def function(self, name: str, pointer: str) -> str:
        """Return the name of the function for a part of a schema."""
        node: Any = self._schemas(name)
        for part in filter(None, pointer.split("/")):
            node = node[part]
        return self._of(node, name)

    def _of(self, schema: Any, file: str) -> str:
        key = file + json.dumps(_bare(schema), sort_keys=True)
        if key not in self._names:
            lines = ["return False"] if schema is False else [*self._statements(schema, file), "return True"]
            name = self._names[key] = f"_{len(self._names)}"
            self.texts.append("\n".join(["", f"def {name}(v: Any) -> bool:", *(f"    {line}" for line in lines), ""]))
        return self._names[key]

    def _statements(self, schema: Any, file: str) -> Iterator[str]:
        if schema is True:
            return
        known = {*_IGNORED, *_PLAIN, *(keyword for group in _OF_A_TYPE.values() for keyword in group)}
        unknown = [keyword for keyword in schema if keyword not in known and not keyword.startswith("x-")]
        if unknown:
            raise ValueError(f"{file}.schema.json uses {unknown[0]}, which generate/predicates.py does not know")
        for keyword in _PLAIN:
            if keyword in schema:
                yield from (f"if {wrong}: return False" for wrong in self._plain(keyword, schema, file))
        for kind, keywords in _OF_A_TYPE.items():
            if any(keyword in schema for keyword in keywords):
                yield f"if {_TYPES[kind].format('v')}:"
                yield from (f"    {line}" for line in getattr(self, f"_{kind}")(schema, file))

    def _call(self, schema: Any, file: str, value: str = "v") -> str:
        return f"{self._of(schema, file)}({value})"

    def _plain(self, keyword: str, schema: dict[str, Any], file: str) -> Iterator[str]:
        """Yield the conditions under which a value is wrong."""
        wanted = schema[keyword]
        if keyword == "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            yield f"not ({' or '.join(_TYPES[kind].format('v') for kind in kinds)})"
        elif keyword == "const":
            yield f"not ({_equal(wanted)})"
        elif keyword == "enum":
            yield f"not ({' or '.join(map(_equal, wanted))})"
        elif keyword == "$ref":
            other, _, pointer = wanted.partition("#")
            yield f"not {self.function(other.removesuffix('.schema.json') or file, pointer)}(v)"
        elif keyword == "allOf":
            yield from (f"not {self._call(part, file)}" for part in wanted)
        elif keyword == "anyOf":
            yield f"not ({' or '.join(self._call(part, file) for part in wanted)})"
        elif keyword == "oneOf":
            yield f"{' + '.join(self._call(part, file) for part in wanted)} != 1"
        elif keyword == "not":
            yield self._call(wanted, file)
        else:  # if
            then, otherwise = (self._call(schema[name], file) if name in schema else "True" for name in ("then", "else"))
            yield f"not ({then} if {self._call(wanted, file)} else {otherwise})"

    def _string(self, schema: dict[str, Any], _: str) -> Iterator[str]:
        yield from _limits("len(v)", schema, "minLength", "maxLength")
        if "pattern" in schema:
            yield f"if not _compiled({ecma(schema['pattern'])!r}).search(v): return False"

    def _number(self, schema: dict[str, Any], _: str) -> Iterator[str]:
        yield from _limits("v", schema, "minimum", "maximum")

    def _array(self, schema: dict[str, Any], file: str) -> Iterator[str]:
        yield from _limits("len(v)", schema, "minItems", "maxItems")
        if "items" in schema:
            yield f"if not all(map({self._of(schema['items'], file)}, v)): return False"
        if "uniqueItems" in schema:
            if schema.get("items", {}).get("type") != "string":
                raise ValueError("uniqueItems is known for texts alone")
            yield "if len({*map(repr, v)}) < len(v): return False"
        if "contains" in schema:
            yield f"if not any(map({self._of(schema['contains'], file)}, v)): return False"

    def _object(self, schema: dict[str, Any], file: str) -> Iterator[str]:
        yield from _limits("len(v)", schema, "minProperties", "maxProperties")
        yield from (f"if {name!r} not in v: return False" for name in schema.get("required", ()))
        if "propertyNames" in schema:
            yield f"if not all(map({self._of(schema['propertyNames'], file)}, v)): return False"
        known = [f"{name!r}: {self._of(part, file)}" for name, part in schema.get("properties", {}).items()]
        others = self._of(schema.get("additionalProperties", True), file)
        if known or "additionalProperties" in schema:
            table = f"_KEYS_{len(self.texts)}"
            self.texts.append(f"\n{table}: dict[str, Any] = {{{', '.join(known)}}}\n")
            yield "for name, value in v.items():"
            yield f"    if not {table}.get(name, {others})(value): return False"


def _bare(schema: Any) -> Any:
    """Return a schema without what says nothing about validity, so that parts that ask the same are one function."""
    if isinstance(schema, list):
        return [_bare(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        keyword: {name: _bare(part) for name, part in value.items()} if keyword == "properties" else _bare(value)
        for keyword, value in schema.items()
        if keyword in ("then", "else") or not (keyword in _IGNORED or keyword.startswith("x-"))
    }


def _limits(measure: str, schema: dict[str, Any], low: str, high: str) -> Iterator[str]:
    if low in schema:
        yield f"if {measure} < {schema[low]}: return False"
    if high in schema:
        yield f"if {measure} > {schema[high]}: return False"


def _equal(wanted: Any) -> str:
    """Return the condition that ``v`` equals a value, as JSON Schema means it: true is not 1."""
    if wanted is None:
        return "v is None"
    if isinstance(wanted, bool):
        return f"v is {wanted}"
    if isinstance(wanted, int | float):
        return f"(v == {wanted!r} and not isinstance(v, bool))"
    if isinstance(wanted, str):
        return f"v == {wanted!r}"
    raise ValueError("a constant that is a list or an object is not known here")
