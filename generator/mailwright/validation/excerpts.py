"""The line of a spec that a finding is about, written anew with nothing in it that may not be shown.

What is shown is what the schema knows and does not mark as a secret; the user's own line is never quoted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from ..findings import Excerpt
from ..secret import HIDDEN, LITERAL_SECRET
from ..spec.nodes import Json, PlacedMap, place_of, shown_key
from ..urls import without_credentials
from .schemas import inlined

_LONGEST = 120
_NEARLY = re.compile(r"[-+]?[0-9][0-9_.,]{0,9} ?[A-Za-z]{0,3}\Z|(?i:true|false|yes|no|on|off|none|null)\Z")
"""What can be meant for a number or a truth value; any other text in its place may be anything."""
_Path = tuple[str | int, ...]


def spec_excerpt(root: Json, path: Sequence[str | int], prefix: Sequence[str] = (), *, value: bool = True) -> Excerpt | None:
    """Return the line of a key or of a list's entry; None where that is not known.

    Args:
        root: What holds it, directly or further down: a spec, or a part of one, whose place in a spec is *prefix*.
        path: Where it stands below *root*.
        value: Whether the value is meant rather than the key.
    """
    place = place_of(root, path, key=not value)
    node, known = root, bool(path)
    for part in path:
        known = known and (part in node if isinstance(node, PlacedMap) else isinstance(node, list) and isinstance(part, int))
        node = node[part] if known else None  # type: ignore[index]
    if not known or place is None or not place.line:
        return None
    if value and isinstance(node, dict | list) and place != place_of(root, path, key=True):
        return None  # it begins on another line, or further right
    last = path[-1]
    name = "-" if isinstance(last, int) else f"{shown_key(last).strip('`')}:"
    shown = _shown((*prefix, *path), node)
    text = f"{name} {shown}".rstrip()
    column = len(name) + 2 if value and shown else 1
    return Excerpt(place.line, text, column, len(shown) if value and shown else len(name))


def _shown(path: _Path, node: Json) -> str:
    if isinstance(node, dict | list):
        return ""
    schema = _known(path)
    if isinstance(node, str):
        from .references import whole_reference

        if whole_reference(node) is not None:
            return node
    if schema is None or schema.get("x-opaque") or not _is_scalar(schema):
        return HIDDEN
    if schema.get("writeOnly"):
        return LITERAL_SECRET
    if isinstance(node, str) and {"integer", "boolean"} & _types(schema) and not _NEARLY.match(node):
        return HIDDEN
    text = ("true" if node else "false") if isinstance(node, bool) else "null" if node is None else str(node)
    return without_credentials(text) if len(text) <= _LONGEST and text.isprintable() else HIDDEN


def _is_scalar(schema: dict[str, Any]) -> bool:
    """Say whether a schema means a text, a number or a truth value: what stands in the place of a table may be anything."""
    return not {"object", "array"} & _types(schema)


def _types(schema: dict[str, Any]) -> set[str]:
    one = "integer" if isinstance(schema.get("const"), int) else "string"
    types = schema.get("type", one if "enum" in schema or "const" in schema else "object")
    return {types} if isinstance(types, str) else {*types}


@cache
def _known(path: _Path) -> dict[str, Any] | None:
    """Return the schema of the value at a path of a spec, None where no schema names it."""
    if path[:1] == ("environments",):
        path = path[2:]
    if path[:1] == ("tenants",):
        return _find(inlined("spec", "/$defs/sender"), path[2:])
    if path[:1] == ("secrets",):
        return None
    return _find(inlined("spec"), path)


def _find(schema: Any, path: _Path) -> dict[str, Any] | None:
    if not isinstance(schema, dict):
        return None
    if not path:
        return schema
    inner = schema.get("items") if isinstance(path[0], int) else schema.get("properties", {}).get(path[0])
    if inner is not None and (found := _find(inner, path[1:])) is not None:
        return found
    parts = [part for name in ("allOf", "anyOf", "oneOf") for part in schema.get(name, ())]
    return next((found for part in parts if (found := _find(part, path)) is not None), None)
