"""What the pages of docs/reference hold that are about mailwright itself: commands, exit codes, documents, settings, the spec, Ansible."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ..base.errors import ExitCode
from ..product.product import Product

MEANINGS = {
    ExitCode.OK: "valid, in sync, verified",
    ExitCode.FINDINGS: "findings, or drift where it was asked for; `effective`: an outcome that is not ok",
    ExitCode.USAGE: "wrong usage, or an input that cannot be opened or is no spec",
    ExitCode.UNREACHABLE: "not reachable: the name, the connection, the time-out",
    ExitCode.AUTHENTICATION: "authentication refused",
    ExitCode.TLS: "TLS: not offered although required, chain, host name, version; credentials withheld",
    ExitCode.REFUSED: "the peer refused a well-formed request",
    ExitCode.PARTIAL: "done in part: applied, or verified; the report says which",
    ExitCode.UNSAFE: "blocked as unsafe before any write",
    ExitCode.SEVERAL: "several kinds of failure; the report says which",
    ExitCode.INTERNAL: "internal error: a bug in mailwright",
    ExitCode.INTERRUPTED: "interrupted",
    ExitCode.TERMINATED: "ended by SIGTERM, as if interrupted",
}
"""What each exit code means, for people."""


class SpecKey(NamedTuple):
    """A key of the spec: its path as a reader writes it, and what the schema says of it."""

    path: str
    node: Mapping[str, Any]


def spec_keys(product: Product, schema: Mapping[str, Any]) -> dict[str, list[SpecKey]]:
    """Return the keys of a spec by the part that they belong to: its top, an environment, a tenant's sender.

    Args:
        schema: spec.schema.json, as it will be written.
    """
    adapter = product.adapter.schema

    def resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
        reference = str(node.get("$ref", ""))
        if not reference:
            return node
        found: Any = adapter if reference.startswith("adapter.schema.json") else schema
        for part in filter(None, reference.partition("#")[2].split("/")):
            found = found[part]
        return {**found, **{key: value for key, value in node.items() if key != "$ref"}}

    def walk(node: Mapping[str, Any], path: str) -> Iterator[SpecKey]:
        for name, child in node.get("properties", {}).items():
            child = resolved(child)
            here = f"{path}.{name}" if path else name
            yield SpecKey(here, child)
            if name not in ("global", "environments", "tenants", "defaults", product.adapter.table.name):
                yield from walk(child, here)
                named = child.get("additionalProperties")
                yield from walk(named, f"{here}.NAME") if isinstance(named, dict) else ()

    environment = schema["properties"]["environments"]["additionalProperties"]
    tenant = resolved(schema["$defs"]["tenant"])
    sender = [*walk(schema["$defs"]["sender"], "")]
    known = {key.path for key in sender}
    return {
        "The spec": list(walk(schema, "")),
        "An environment": list(walk(environment, "environments.NAME")),
        "A tenant": [*sender, *(key for key in _own(tenant, walk) if key.path not in known)],
        **{node["title"]: list(walk(node, "stores.NAME")) for name, node in schema["$defs"].items() if _is_store(name, node)},
    }


def _is_store(name: str, node: Mapping[str, Any]) -> bool:
    return name.startswith("store-") and "properties" in node


def _own(node: Mapping[str, Any], walk: Any) -> Iterator[SpecKey]:
    """Yield the keys that a schema has besides the one that it builds on, wherever they stand in it."""
    yield from walk(node, "")
    for word in ("allOf", "anyOf", "oneOf"):
        for option in node.get(word, ()):
            yield from _own(option, walk)


def documents(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the documents that commands print, each with the fields at its top."""
    found = []
    for option in schema["anyOf"]:
        name = option["$ref"].rpartition("/")[2]
        node = schema["$defs"][name]
        fields = [(key, _field(value, schema)) for key, value in node.get("properties", {}).items()]
        found.append({"name": name, "title": node["title"], "description": node["description"], "fields": fields})
    return found


def _field(node: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if "$ref" in node and node["$ref"].startswith("#/"):
        node = {**schema["$defs"][node["$ref"].rpartition("/")[2]], **node}
    kinds = {
        "array": "A list.",
        "object": "An object.",
        "string": "A text.",
        "integer": "A number.",
        "boolean": "Whether it is so.",
    }
    return str(node.get("description") or node.get("title") or kinds.get(str(node.get("type")), "See the schema."))


def settings(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys at the top of a file of settings, and the keys of each command's table."""
    top = schema["properties"]
    tables = {name: node for name, node in top.items() if node.get("type") == "object" and "properties" in node}
    return {
        "settings": {name: node for name, node in top.items() if name not in tables},
        "tables": {name: ", ".join(f"`{key}`" for key in node["properties"]) for name, node in tables.items()},
    }


def plugins(root: Path, argument_specs: str) -> dict[str, Any]:
    """Return what the collection says of its modules, its role and its playbooks: what ansible-doc shows.

    Args:
        argument_specs: The role's, as they will be: the file is made in the same run.
    """
    ansible = root / "ansible"
    fragments = {path.stem: _documentation(path) for path in sorted((ansible / "plugins" / "doc_fragments").glob("*.py"))}
    modules = []
    for path in sorted((ansible / "plugins" / "modules").glob("*.py")):
        said = _documentation(path)
        texts = _texts(path)
        shared = [
            fragments[name.rpartition(".")[2]] for name in said.get("extends_documentation_fragment", ()) if "mailwright" in name
        ]
        options = {**said.get("options", {}), **{key: value for each in shared for key, value in each.get("options", {}).items()}}
        returned = yaml.safe_load(texts.get("RETURN") or "{}") or {}
        modules.append({**said, "options": options, "examples": texts.get("EXAMPLES", "").strip(), "returned": returned})
    return {"modules": modules, "role": yaml.safe_load(argument_specs)["argument_specs"]["main"]}


def _texts(path: Path) -> dict[str, str]:
    """Return the texts that are given a name in a module or in a class of it."""
    return {
        target.id: node.value.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _documentation(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(_texts(path)["DOCUMENTATION"])
    return found


_MARKUP = re.compile(r"\b([A-Z]{1,3})\((?:([^()]*?), *)?((?:[^()]|\([^()]*\))*)\)")


def ansible_text(text: Any) -> str:
    """Return a text of Ansible's documentation as Markdown, in one line."""
    joined = " ".join(str(part) for part in text) if isinstance(text, list) else str(text)

    def marked(match: re.Match[str]) -> str:
        kind, first, rest = match[1], match[2], match[3]
        whole = f"{first}, {rest}" if first else rest
        if kind in ("C", "O", "V", "RV", "E", "M", "P"):
            return f"`{whole}`"
        if kind == "I":
            return f"*{whole}*"
        if kind == "B":
            return f"**{whole}**"
        return f"[{first}]({rest})" if kind == "L" else whole if kind == "U" else match[0]

    return " ".join(_MARKUP.sub(marked, joined).split())


def prose(text: str) -> str:
    """Return a text of a help as Markdown: what stands between quotes is code already, and nothing is taken for HTML."""
    return "".join(
        part if at % 2 else part.replace("<", "&lt;").replace("*", "\\*") for at, part in enumerate(re.split(r"(`[^`]*`)", text))
    )


def cell(text: str) -> str:
    """Return a text for a cell of a table."""
    return " ".join(str(text).split()).replace("|", "\\|")
