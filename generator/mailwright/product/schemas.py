"""The JSON Schemas of a product: their texts, parsed, and with their references followed."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from ..base import resources

NAMES = (
    "adapter",
    "auth-types",
    "baseline",
    "deployment",
    "helm-values",
    "mail-properties",
    "policy",
    "product",
    "providers",
    "releases",
    "report",
    "settings",
    "spec",
    "tenant-sender.v1",
    "tenant-sender.v2",
    "vocabulary",
)


class Schemas:
    """The schemas of a folder, each read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._documents: dict[str, dict[str, Any]] = {}
        self._inlined: dict[tuple[str, str], Any] = {}
        self._predicates: dict[str, dict[str, Callable[[Any], bool]]] = {}

    def text(self, name: str) -> str:
        """Return the text of a schema, e.g. ``adapter``."""
        return (self._folder / f"{name}.schema.json").read_text(encoding="utf-8")

    def document(self, name: str) -> dict[str, Any]:
        """Return a schema, parsed."""
        if name not in self._documents:
            self._documents[name] = json.loads(self.text(name))
        return self._documents[name]

    def inlined(self, name: str, pointer: str = "") -> Any:
        """Return a schema, or a part of it, with every reference replaced by what it refers to.

        None of this project's schemas is recursive, and following references costs more than checking values: without them a tenant
        is checked several times as fast.
        """
        if (name, pointer) not in self._inlined:
            node: Any = self.document(name)
            for part in filter(None, pointer.split("/")):
                node = node[int(part)] if isinstance(node, list) else node[part]
            self._inlined[name, pointer] = self._inline(node, name)
        return self._inlined[name, pointer]

    def predicate(self, name: str, pointer: str = "") -> Callable[[Any], bool] | None:
        """Return what says whether a value is valid for a schema, or a part of it; None where no code has been made of that part.

        It says nothing of what is wrong, and is many times as fast as what does. Only the schemas that ship have it.
        """
        if name not in self._predicates:
            self._predicates[name] = _made_of(name) if self._folder == resources.path("schema") else {}
        return self._predicates[name].get(pointer)

    def _inline(self, node: Any, name: str) -> Any:
        if isinstance(node, list):
            return [self._inline(item, name) for item in node]
        if not isinstance(node, dict):
            return node
        own = {key: self._inline(value, name) for key, value in node.items() if key not in ("$ref", "$defs", "$schema", "$id")}
        if not isinstance(node.get("$ref"), str):
            return own
        file, _, pointer = node["$ref"].partition("#")
        target = self.inlined(file.removesuffix(".schema.json") or name, pointer)
        return {"allOf": [target], **own} if own else target


def _made_of(name: str) -> dict[str, Callable[[Any], bool]]:
    try:
        module = import_module(f".predicates.{name.replace('-', '_').replace('.', '_')}", __package__)
    except ModuleNotFoundError:
        return {}
    made: dict[str, Callable[[Any], bool]] = module.VALID
    return made
