"""Schemas in one file: with those that they refer to inside them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .schemas import Schemas


def bundle(name: str, schemas: Schemas) -> str:
    """Return the text of a schema with the schemas that it refers to inside it, so that one file is enough."""
    schema = schemas.document(name)
    others = sorted({reference.partition("#")[0] for reference in _references(schema)} - {""})
    if not others:
        return schemas.text(name)
    inner = {other: schemas.document(other.removesuffix(".schema.json")) for other in others}
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
