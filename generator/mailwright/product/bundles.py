"""Schemas in one file: with those that they refer to inside them, and with what editors show in the place of a regular expression."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .schemas import Schemas


def bundle(name: str, schemas: Schemas) -> str:
    """Return the text of a schema with the schemas that it refers to inside it, so that one file is enough.

    It has a name of its own (``$id``), which the files in the folder have not: tools would look for what they refer to below that name.
    """
    schema = schemas.document(name)
    others = sorted({reference.partition("#")[0] for reference in _references(schema)} - {""})
    inner = {other: schemas.document(other.removesuffix(".schema.json")) for other in others}
    whole = redirected(schema, "")
    whole["$id"] = f"urn:mailwright:schema:{name}"
    if inner:
        whole["$defs"] = {
            **whole.get("$defs", {}),
            **{other: redirected(node, f"/$defs/{other}") for other, node in inner.items()},
        }
    return json.dumps(explained(whole), indent=2, ensure_ascii=False) + "\n"


def explained(node: Any, words: tuple[str, ...] = ()) -> Any:
    """Return a schema with ``patternErrorMessage`` beside each pattern, which editors show.

    Args:
        words: What stands beside the pattern as an alternative, in the case that is usual.
    """
    if isinstance(node, list):
        enums = tuple(word for part in node if isinstance(part, dict) for word in part.get("enum", ()) if word)
        return [explained(part, enums) for part in node]
    if not isinstance(node, dict):
        return node
    out = {}
    for key, value in node.items():
        if key in _DATA:
            out[key] = value
        elif key in _NAMED and isinstance(value, dict):
            out[key] = {name: explained(part) for name, part in value.items()}
        else:
            out[key] = explained(value)
        if key == "pattern":
            out["patternErrorMessage"] = _asked(node, words)
    return out


_DATA = ("examples", "enum", "const", "default")
_NAMED = ("properties", "$defs")


def _asked(node: dict[str, Any], words: tuple[str, ...]) -> str:
    """Say what a pattern asks for, in words that stand alone."""
    if "x-form" in node:
        return f"must be {node['x-form']}" + (f"; {node['x-otherwise']}" if "x-otherwise" in node else "")
    if node["pattern"] == r"\S":
        return "must not be blank"
    if words:
        return f"must be {' or '.join(words)}, in capital letters or small ones"
    examples = ", ".join(json.dumps(example, ensure_ascii=False) for example in node.get("examples", ())[:2])
    return f"must be written like {examples}" if examples else "must be written otherwise"


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
    out = {key: redirected(value, here) for key, value in node.items() if key not in ("$schema", "$id") or not here}
    if isinstance(node.get("$ref"), str):
        file, _, pointer = node["$ref"].partition("#")
        out["$ref"] = f"#/$defs/{file}{pointer}" if file else f"#{here}{pointer}"
    return out
