"""The parts of the schemas that are made from releases.json and auth-types.json (``make generate``).

What is made here carries ``x-from``, and is made anew each time; everything else in the schemas is written by hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..base.versions import version_key
from ..product.auth_types import HTTP, AuthType, Catalogue, Credential, Smtp
from ..product.product import Product
from ..product.releases import read_lines
from ..validation.schemas import validator_of

Node = dict[str, Any]

_FROM = "auth-types.json"
_MADE = {"x-from": _FROM}


def any_case(words: Iterable[str], *, empty: bool = False) -> Node:
    """Return the schema of a text that is one of some words, in any case (ASCII); an editor offers them as they are."""
    words = list(words)
    folded = "|".join("".join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else re.escape(c) for c in word) for word in words)
    return {"type": "string", "anyOf": [{"enum": words}, {"pattern": f"^(?:{folded}){'?' if empty else ''}$"}]}


def data_problems(root: Path) -> Iterator[str]:
    """Say what is wrong with releases.json and auth-types.json: by their schemas, by their order, by what they name in each other."""
    folder = root / "schema"
    documents = {}
    for name in ("product", "auth-types", "providers", "releases"):
        schema, documents[name] = (
            json.loads((folder / f"{name}{end}").read_text(encoding="utf-8")) for end in (".schema.json", ".json")
        )
        for error in validator_of(schema).iter_errors(documents[name]):
            yield f"schema/{name}.json: {error.json_path}: {error.message}"
            return
    types = documents["auth-types"]
    for name, node in types["types"].items():
        unknown = {*node["needs"], *node.get("optional", ()), *node.get("smtp_needs", ())} - types["credentials"].keys()
        yield from (f"schema/auth-types.json: {name} names {item}, which is no credential" for item in sorted(unknown))
    assumed = (name for name in types["assumed"].values() if name not in types["types"])
    yield from (f"schema/auth-types.json: {name} is assumed, which is no kind" for name in assumed)
    order = [(entry.get("preview", False), version_key(entry["version"])) for entry in documents["releases"]["releases"]]
    if order != sorted(set(order)):
        yield "schema/releases.json: the releases must stand oldest first, each once, and previews behind them"
    if [key for _, key in order] != sorted(key for _, key in order):
        yield "schema/releases.json: a preview must be newer than every release: it has what it does not say from the one before it"
    written = {
        version: json.loads((folder / f"tenant-sender.{version}.schema.json").read_text(encoding="utf-8"))["$defs"]
        for version in ("v1", "v2")
    }
    for version, traits in read_lines(documents["releases"]).items():
        unknown = {*traits["auth_types"], *traits["auth_needs"]} - types["types"].keys()
        yield from (
            f"schema/releases.json: {version} names {item}, which auth-types.json does not have" for item in sorted(unknown)
        )
        for api, line in traits["payloads"].items():
            if line not in written[api]:
                yield f"schema/releases.json: {version} names {line}, which tenant-sender.{api}.schema.json does not have"


# -- the spec


def complete_spec(schema: Node, product: Product) -> None:
    """Put the releases and the kinds of authentication into the spec's schema."""
    releases = product.releases
    node = schema["$defs"]["product"] if "product" in schema["$defs"] else schema["properties"]["product"]
    node["properties"]["version"]["examples"] = list(releases.versions[::-1])
    node["examples"] = [{"version": releases.newest.version, "java": releases.newest.java["oldest"]}]
    names = schema["$defs"]["create"]["properties"]["name"]
    names["description"] = f"{releases.first_with('tenant_names')} and later."
    schema["$defs"]["http-auth"] = _http_auth(product)


def _http_auth(product: Product) -> Node:
    lines, catalogue = product.releases.lines, product.auth_types
    taken = dict.fromkeys(name for traits in lines.values() if "HTTP" in traits["providers"] for name in traits["auth_types"])
    kinds = [catalogue.types[name] for name in taken]
    word = any_case(taken)
    previews = [name for name in taken if all(name not in lines[version]["auth_types"] for version in product.releases.versions)]
    later = f" {', '.join(previews)}: in a preview only." if previews else ""
    kind = {
        "title": "Kind",
        "description": f"How the server authenticates.{later}",
        **word,
        "examples": list(taken),
        "x-v2": {"field": "authType"},
        "x-any-case": True,
    }
    return {
        "title": "Authentication at the HTTP provider",
        "description": "What each type needs: product/api.md#rule-8 to product/api.md#rule-12.",
        **_MADE,
        "type": "object",
        "additionalProperties": False,
        "required": ["type"],
        "properties": {"type": kind, **{c.spec: _spec_credential(c, kinds) for c in catalogue.credentials.values()}},
        "allOf": [
            {
                "if": {"required": ["type"], "properties": {"type": any_case([kind.name])}},
                "then": {"required": [catalogue.credentials[name].spec for name in kind.needs]},
            }
            for kind in kinds
            if kind.needs
        ],
        "examples": [{"type": catalogue.assumed[HTTP]}],
    }


def _spec_credential(credential: Credential, kinds: Iterable[AuthType]) -> Node:
    users = [kind.name for kind in kinds if credential.name in (*kind.needs, *kind.optional)]
    node: Node = {
        "title": credential.title,
        "description": f"For {' and '.join(users)}.",
        "type": "string",
        "minLength": 1,
        "pattern": "\\S",
        "examples": [credential.reference],
    }
    if credential.secret:
        node["writeOnly"] = True
    node["x-v2"] = {"property": credential.name}
    if credential.destination:
        node["x-destination"] = True
    return node


# -- payloads


def payload_schema(schema: Node, version: str, product: Product) -> Node:
    """Return the schema of a payload with the lines of releases that differ in their kinds of authentication only."""
    lines, catalogue = product.releases.lines, product.auth_types
    kept = {name: node for name, node in schema["$defs"].items() if "x-from" not in node}
    by_line: dict[str, list[str]] = {}
    for release, traits in lines.items():
        if version in traits["payloads"]:
            by_line.setdefault(traits["payload_lines"][version], []).append(release)
    made: dict[str, Node] = {}
    for line, covered in by_line.items():
        base = lines[covered[0]]["payloads"][version]
        for suffix in ("", "-put") if line == base else ():
            kept[base + suffix]["x-releases"] = covered
        if line != base:
            made |= _line_like(kept, base, line, covered)
        if version == "v2":
            made |= _auth_rules(lines[covered[0]], catalogue, line)
    if version == "v2":
        made |= {f"entry-{credential.name}": _entry(credential) for credential in catalogue.credentials.values()}
    newest = product.releases.newest.payload_lines.get(version)
    whole = {**schema, "$ref": f"#/$defs/{newest}"} if newest else schema
    return {**whole, "$defs": {**kept, **made}}


def _line_like(kept: Mapping[str, Node], base: str, line: str, covered: list[str]) -> dict[str, Node]:
    """Return the entries of a line that differs from a written one in its kinds of authentication."""
    span = covered[0] if len(covered) == 1 else f"{covered[0]} to {covered[-1]}"
    made: dict[str, Node] = {}
    for suffix, method in (("", "POST"), ("-put", "PUT")):
        made[line + suffix] = {
            **kept[base + suffix],
            **_MADE,
            "title": f"{method}, {span}",
            "description": f"As {base}, with other kinds of authentication.",
            "x-releases": covered,
            "allOf": [{"$ref": f"#/$defs/{line}-rules"}],
        }
    rules = json.loads(json.dumps(kept[f"{base}-rules"]).replace(f"#/$defs/auth-{base}", f"#/$defs/auth-{line}"))
    made[f"{line}-rules"] = {**rules, **_MADE, "title": f"The rules of {line}"}
    return made


def _auth_rules(traits: Mapping[str, Any], catalogue: Catalogue, line: str) -> dict[str, Node]:
    """Return how a line authenticates: the words, what each kind needs, and what this line asks for beyond that."""
    kinds = [catalogue.types[name] for name in traits["auth_types"]]
    words: Node = {
        "title": "A kind of authentication that the release knows",
        "description": f"`authType` must be {', '.join(kind.name for kind in kinds)}, in any case.",
        **_MADE,
        "x-source": "product/api.md#rule-11, product/api.md#rule-12",
        "properties": {"authType": any_case(kind.name for kind in kinds)},
    }
    made: dict[str, Node] = {f"rule-types-{line}": words}
    made |= {f"rule-{kind.name}": _needs(kind, kind.needs) for kind in kinds if kind.needs or kind.smtp is Smtp.REFUSED}
    for name, more in traits["auth_needs"].items():
        made[f"rule-{name}-{line}"] = _needs(catalogue.types[name], tuple(more))
    made[f"auth-{line}"] = {
        "title": f"Authentication, {line}",
        "description": "Rules 6 and 8 to 12.",
        **_MADE,
        "x-source": "product/api.md#rule-6, product/api.md#rule-8, product/api.md#rule-9, product/api.md#rule-10, product/api.md#rule-11, "
        "product/api.md#rule-12",
        "allOf": [{"$ref": f"#/$defs/{name}"} for name in ("rule-6", *made)],
    }
    return made


def _needs(kind: AuthType, names: tuple[str, ...]) -> Node:
    parts: dict[str, Node] = {}
    said = []
    if names:
        parts["properties"] = {"allOf": [{"contains": {"$ref": f"#/$defs/entry-{name}"}} for name in names]}
        listed = ", ".join(f"`{name}`" for name in names)
        said.append(f"the properties {listed} must be there and not blank")
    if kind.smtp is Smtp.REFUSED:
        parts["provider"] = any_case(["HTTP"])
        said.append("`provider` must be HTTP")
    return {
        "title": f"{kind.name}: {kind.title}",
        "description": f"With {kind.name} {', and '.join(said)}.",
        **_MADE,
        "x-source": kind.source,
        "if": {"required": ["authType"], "properties": {"authType": any_case([kind.name])}},
        "then": {"required": list(parts), "properties": parts},
    }


def _entry(credential: Credential) -> Node:
    value: Node = {"pattern": "\\S"}
    if credential.secret:
        value["writeOnly"] = True
    return {
        "title": credential.title,
        "description": f"{credential.title}. {'Never returned.' if credential.secret else 'v2 returns it.'}",
        **_MADE,
        "properties": {"key": {"const": credential.name}, "value": value},
        "required": ["key", "value"],
        "examples": [{"key": credential.name, "value": credential.example}],
        "x-source": credential.source,
    }
