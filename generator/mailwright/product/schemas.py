"""The packaged schemas: their texts, parsed, and with their references followed."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from ..base import resources

NAMES = (
    "adapter",
    "auth-types",
    "deployment",
    "mail-properties",
    "policy",
    "releases",
    "report",
    "spec",
    "tenant-sender.v1",
    "tenant-sender.v2",
    "vocabulary",
)


def schema_text(name: str) -> str:
    """Return the text of a packaged schema, e.g. ``adapter``."""
    return resources.read_text("schema", f"{name}.schema.json")


@cache
def load_schema(name: str) -> dict[str, Any]:
    """Return a packaged schema, parsed."""
    schema: dict[str, Any] = json.loads(schema_text(name))
    return schema


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
