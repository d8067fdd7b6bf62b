"""The pages that ``explain`` prints of a spec's own keys: found by the path that a finding shows, told by spec.schema.json."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..base.patterns import pattern
from ..product.facts import cited, numbered
from ..product.schemas import Schemas
from .explained import explain_facts

_PART = pattern(r"\"[^\"]*\"|'[^']*'|[^.\"']+")


def spec_key(path: str, schemas: Schemas) -> tuple[str, dict[str, Any]] | None:
    """Return the name of a spec's key and what the schema says of it, None for no key.

    Args:
        path: Its dotted path, whole (``environments.prod.global.hostname``) or below a tenant's sender or an environment
            (``http.auth.type``, ``ca_file``); names of the user's own may stand in quotes, or have dots.
    """
    parts = [part.strip("\"'") for part in _PART.findall(path)]
    if not parts:
        return None
    root = schemas.inlined("spec")
    environment = root["properties"]["environments"]["additionalProperties"]
    below = [parts[at:] for at in range(2, len(parts))] if parts[0] == "environments" else []
    sender = schemas.inlined("spec", "/$defs/sender")
    tries = [(root, parts), *((root, rest) for rest in below), (environment, parts), (sender, parts)]
    return next((found for node, rest in tries if (found := _walk(node, rest, ""))), None)


def _walk(node: dict[str, Any], parts: list[str], name: str) -> tuple[str, dict[str, Any]] | None:
    if not parts:
        return (name, node) if "title" in node else None
    own = node.get("properties", {})
    others = node.get("additionalProperties")
    for length in range(1, len(parts) + 1):
        key = ".".join(parts[:length])
        child = own.get(key, others if isinstance(others, dict) and key not in own else None)
        found = _walk(child, parts[length:], key) if child is not None else None
        if found:
            return found
    inner = [option for word in ("allOf", "anyOf", "oneOf") for option in node.get(word, ())]
    inner += [node["then"]] if "then" in node else []
    return next((found for option in inner if (found := _walk(option, parts, name))), None)


def explain_spec_key(name: str, node: dict[str, Any]) -> Iterator[str]:
    """Yield the page of a spec's key."""
    text = node.get("description", "")
    facts = cited(text)
    yield f"{name}: {node['title']} (a key of the spec)"
    yield ""
    yield numbered(text, facts)
    yield ""
    types = node.get("type", ())
    options = [value for option in node.get("anyOf", ()) for value in option.get("enum", ())]
    values = node.get("enum") or options or ([node["const"]] if "const" in node else [])
    rows = {
        "type": " or ".join([types] if isinstance(types, str) else types),
        "form": node.get("x-form", ""),
        "one of": ", ".join(map(json.dumps, values)),
        "default": json.dumps(node["default"]) if "default" in node else "",
        "keys": ", ".join(node.get("properties", ())),
        "example": json.dumps(node["examples"][0], ensure_ascii=False) if node.get("examples") else "",
    }
    secret = " (a secret: never printed)" if node.get("writeOnly") else ""
    yield from (f"  {word:<15}{said}{secret if word == 'type' else ''}" for word, said in rows.items() if said)
    yield from explain_facts(facts)
