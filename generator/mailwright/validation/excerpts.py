"""The line of a spec or a payload that a finding is about, written anew with nothing in it that may not be shown.

What is shown is what the schema knows and does not mark as a secret; the user's own line is never quoted.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from ..base.findings import Excerpt
from ..base.nodes import Json, PlacedMap, place_of
from ..base.places import Place
from ..base.shown import LONGEST, shown_part, shown_text
from ..product.product import Product
from ..rendering.payloads import shown_entry
from ..spec.references import whole_reference

_Path = tuple[str | int, ...]


def spec_excerpt(
    product: Product, root: Json, path: Sequence[str | int], prefix: Sequence[str] = (), *, value: bool = True
) -> Excerpt | None:
    """Return the line of a key or of a list's entry; None where that is not known.

    Args:
        product: The product that the spec is for.
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
    name = "-" if isinstance(last, int) else f"{shown_part(last)}:"
    shown = _shown(product, (*prefix, *path), node)
    text = f"{name} {shown}".rstrip()
    column = len(name) + 2 if value and shown else 1
    return Excerpt(place.line, text, column, len(shown) if value and shown else len(name))


def key_excerpt(place: Place, path: Sequence[str]) -> Excerpt | None:
    """Return the line that a mapping begins with: its key's; of a file of rows, the name that the row is about."""
    if not path or not place.line:
        return None
    rows = place.file.lower().endswith((".csv", ".jsonl", ".ndjson"))
    name = shown_part(path[-1])
    return Excerpt(place.line, name if rows else f"{name}:", 1, len(name))


def payload_excerpt(product: Product, document: PlacedMap, path: Sequence[str | int], *, value: bool = True) -> Excerpt | None:
    """Return the line of a field of a payload, or of an entry of its properties; None for the payload as a whole.

    Args:
        product: The product that it is for.
        document: The payload.
        path: The field, or ``properties``, the entry's index and, if one of its two is meant, ``key`` or ``value``.
        value: Whether the value is meant rather than the name.
    """
    node: Json = document
    for part in path[:2]:
        known = isinstance(node, PlacedMap) and part in node if isinstance(part, str) else isinstance(node, list)
        node = node[part] if known else None  # type: ignore[index]
    place = place_of(document, path, key=not value)
    if not path or place is None or not place.line:
        return None
    if len(path) > 1 and isinstance(node, PlacedMap) and isinstance(node.get("key"), str):
        return entry_excerpt(product, node, place, value=value and path[-1] == "value")
    name = f'"{shown_part(str(path[0]))}":'
    shown = (
        ""
        if isinstance(node, dict | list) or len(path) > 1
        else shown_entry(product.payload_names, str(path[0]), node, longest=LONGEST)
    )
    text = f"{name} {shown}".rstrip()
    at_value = value and bool(shown)
    return Excerpt(place.line, text, len(name) + 2 if at_value else 1, len(shown) if at_value else len(name) - 1)


def entry_excerpt(product: Product, entry: PlacedMap, place: Place, *, value: bool) -> Excerpt:
    """Return the line of one of a payload's properties, written on one line; *value* underlines its value."""
    name = str(entry.get("key"))
    before = f'{{"key": "{shown_part(name)}"'
    if "value" not in entry:
        return Excerpt(place.line, before + "}", 1, len(before) + 1)
    shown = shown_entry(product.payload_names, name, entry["value"], longest=LONGEST)
    before += ', "value": '
    text = f"{before}{shown}}}"
    return Excerpt(place.line, text, len(before) + 1, len(shown)) if value else Excerpt(place.line, text, 1, len(text))


def _shown(product: Product, path: _Path, node: Json) -> str:
    """Return a value as YAML, or the mark that stands in its place; nothing for a mapping or a list."""
    if isinstance(node, dict | list):
        return ""
    schema = _known(product, path) or {}
    reference = whole_reference(node) if isinstance(node, str) else None
    return shown_text(
        node,
        _written(node),
        known=bool(schema) and not schema.get("x-opaque") and _is_scalar(schema),
        secret=bool(schema.get("writeOnly")),
        reference=reference is not None and reference.is_plain,
        numeric=not {"integer", "boolean"}.isdisjoint(_types(schema)),
    )


def _written(node: str | float | bool | None) -> str:
    """Return a value as YAML; a text in quotation marks only where a blank at its end would not be seen."""
    if isinstance(node, str):
        return node if node == node.strip() else f'"{node}"'
    return ("true" if node else "false") if isinstance(node, bool) else "null" if node is None else str(node)


def _is_scalar(schema: dict[str, Any]) -> bool:
    """Say whether a schema means a text, a number or a truth value: what stands in the place of a table may be anything."""
    return not {"object", "array"} & _types(schema)


def _types(schema: dict[str, Any]) -> set[str]:
    one = "integer" if isinstance(schema.get("const"), int) else "string"
    types = schema.get("type", one if "enum" in schema or "const" in schema else "object")
    return {types} if isinstance(types, str) else {*types}


@cache
def _known(product: Product, path: _Path) -> dict[str, Any] | None:
    """Return the schema of the value at a path of a spec, None where no schema names it."""
    if path[:1] == ("environments",):
        path = path[2:]
    if path[:1] == ("tenants",):
        return _find(product.schemas.inlined("spec", "/$defs/sender"), path[2:])
    if path[:1] == ("secrets",):
        return None
    return _find(product.schemas.inlined("spec"), path)


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
