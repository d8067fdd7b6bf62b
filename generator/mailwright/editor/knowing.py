"""What is known at a place of a document: the findings, the meaning of a word, what may stand there, where it is defined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

from ..base.errors import MailwrightError
from ..base.findings import Finding, Severity
from ..base.nodes import PlacedMap, place_of
from ..base.patterns import pattern
from ..base.places import Place, Source
from ..base.values import dataclass
from ..deployment import parse_deployment
from ..product.product import load_product
from ..report.explained import explain_key, explain_rule
from ..report.spec_keys import explain_spec_key, spec_key
from ..rules.catalogue import CATALOGUE
from ..rules.pages import load_page
from ..spec.documents import parse_document
from ..spec.references import store_path, whole_reference
from ..validation import Check
from ..validation.checking import is_spec_file
from ..validation.kinds import is_named_like_a_spec
from .texts import Position, Text

_HEADER = pattern(r"\s*\[+\s*([^\[\]]+?)\s*\]+")
_MARK = pattern(r"^\s*\{?\s*[\"']?mailwright[\"']?\s*[:=]", re.MULTILINE)
_KEY = pattern(r"(\s*)(?:- )?([\"']?)([^\s:\"']+)\2\s*:(?:\s|\Z)")


@dataclass(frozen=True, slots=True)
class Offer:
    """What may stand at a place: what is shown, what is written, and what it is."""

    label: str
    text: str
    detail: str = ""
    is_key: bool = False


def is_ours(text: Text) -> bool:
    """Say whether a document is one that we know: a deployment.toml, or a spec; an editor shows us others too."""
    name = PurePath(text.name).name.lower()
    if name.endswith(".toml") and not _is_spec(text):
        return name.startswith("deployment")
    return is_named_like_a_spec(text.name) or _MARK.search(text.content) is not None


def findings(text: Text, product_version: str | None = None) -> list[Finding]:
    """Return the findings about a document as it stands in the editor; one that cannot be read at all is one finding."""
    if not is_ours(text):
        return []
    try:
        return Check(product_version=product_version)(text.name, text.content.encode("utf-8", "surrogateescape"))
    except MailwrightError as error:
        place = error.place if error.place and error.place.file == text.name else Place(text.name, 1, 1)
        return [Finding(error.code, Severity.ERROR, error.message, place, hint=error.hint)]


def meaning(text: Text, position: Position) -> str | None:
    """Return what the word at a position means: a rule, a key of the adapter, a key of a spec."""
    found = text.word(position)
    if found is None:
        return None
    name, product = found[0], load_product()
    if (stored := _stored(text, name)) is not None:
        return stored[1]
    adapter = product.adapter
    if name.upper() in CATALOGUE:
        return "\n".join(explain_rule(load_page(name.upper()), with_facts=False))
    if not _is_spec(text):
        inside = adapter.holds(_table(text, position.line))
        key = adapter.get(name) if inside else None
        known = key or (adapter.listed.get(name) if inside else None)
        return "\n".join(explain_key(known, listed=key is None)) if known else None
    if name in adapter or name in adapter.listed:
        key = adapter.get(name)
        return "\n".join(explain_key(key or adapter.listed[name], listed=key is None))
    own = spec_key(".".join((*_path(text, position.line), name)), product.schemas)
    return "\n".join(explain_spec_key(*own)) if own else None


def offers(text: Text, position: Position) -> list[Offer]:
    """Return what may stand at a position: keys, values of a key, aliases of ``$secret{}``, stores of ``$store{}``."""
    before = text.before(position)
    if before.rstrip().endswith("$store{"):
        return [Offer(name, f"{name}/", f"a store of this spec: {kind}") for name, (_, kind) in _stores(text).items()]
    if before.rstrip().endswith("$secret{"):
        return [Offer(alias, alias, "an alias of this file") for alias in _aliases(text)]
    spec = _is_spec(text)
    path = _path(text, position.line) if spec else _table(text, position.line)
    separator = ":" if spec else "="
    name, mark, value = before.partition(separator)
    if mark and (spec or not value.strip()):
        return list(_values(name.strip().strip("\"'"), path, spec=spec)) if not value.strip() else []
    there = _beside(text, position.line) if spec else _in_table(text, position.line, path)
    return [offer for offer in (_keys_of_spec(path) if spec else _keys_of_table(path)) if offer.label not in there]


def definition(text: Text, position: Position) -> Place | None:
    """Return where a word is defined: an alias, a store, the tenant that an environment patches."""
    found = text.word(position)
    if found is None:
        return None
    reference = whole_reference(found[0])
    if reference and reference.kind == "secret":
        return _aliases(text).get(reference.name)
    if (stored := _stored(text, found[0])) is not None:
        return stored[0]
    document = _document(text)
    if document is None:
        return None
    path = _path(text, position.line)
    if path[:1] == ("environments",) and path[2:3] == ("tenants",):
        return place_of(document, ("tenants", found[0]), key=True)
    return None


def mends(found: Finding, text: Text) -> bool:
    """Say whether a finding has a fix that changes this document alone."""
    return found.fix is not None and all(edit.start.file == text.name for edit in found.fix.edits)


def _is_spec(text: Text) -> bool:
    return is_spec_file(text.name, text.content.encode("utf-8", "surrogateescape"))


def _document(text: Text) -> PlacedMap | None:
    try:
        document = parse_document(Source(text.name, text.content)) if _is_spec(text) else None
    except MailwrightError:
        return None
    return document if isinstance(document, PlacedMap) else None


def _aliases(text: Text) -> dict[str, Place]:
    """Return the aliases that a document defines, and where."""
    if _is_spec(text):
        document = _document(text)
        secrets = document.get("secrets") if document else None
        return {name: secrets.key_place(name) for name in secrets} if isinstance(secrets, PlacedMap) else {}
    deployment = parse_deployment(text.content, text.name)
    return {
        str(leaf.path[1]): deployment.place(leaf.key_span)
        for leaf in deployment.leaves
        if len(leaf.path) == 2 and leaf.path[0] == "secrets"
    }


def _stores(text: Text) -> dict[str, tuple[Place, str]]:
    """Return the stores that a spec names: where, and of which kind."""
    document = _document(text)
    stores = document.get("stores") if document else None
    if not isinstance(stores, PlacedMap):
        return {}
    kinds = {name: store.get("kind") if isinstance(store, PlacedMap) else None for name, store in stores.items()}
    return {name: (stores.key_place(name), kind if isinstance(kind, str) else "no kind") for name, kind in kinds.items()}


def _stored(text: Text, word: str) -> tuple[Place, str] | None:
    """Return where the store of a ``$store{}`` is defined, and what the reference means; None for another word."""
    reference = whole_reference(word, ("store",))
    path = store_path(reference.name) if reference else None
    found = _stores(text).get(path.store) if path else None
    if path is None or found is None:
        return None
    place, kind = found
    field = f"the field `{path.field}` of " if path.field else ""
    return place, f"{word}: {field}`{path.path}` in the store `{path.store}` ({kind})"


def _table(text: Text, line: int) -> tuple[str, ...]:
    """Return the table of a deployment.toml that a line stands in."""
    for number in range(line, -1, -1):
        if found := _HEADER.match(text.line(number)):
            return tuple(part.strip().strip("\"'") for part in found[1].split("."))
    return ()


def _path(text: Text, line: int) -> tuple[str, ...]:
    """Return the keys of a YAML document that a line stands under, by what is indented less above it."""
    indent = _indent(text.line(line))
    path: list[str] = []
    for number in range(line - 1, -1, -1):
        found = _KEY.match(text.line(number))
        if found and len(found[1]) < indent:
            path.insert(0, found[3])
            indent = len(found[1])
    return tuple(path)


def _beside(text: Text, line: int) -> set[str]:
    """Return the keys of a YAML document that stand beside a line: those of the same indentation, up to one of less."""
    indent, names = _indent(text.line(line)), set()
    for numbers in (range(line - 1, -1, -1), range(line + 1, len(text.lines))):
        for number in numbers:
            found = _KEY.match(text.line(number))
            if found and len(found[1]) < indent:
                break
            if found and len(found[1]) == indent:
                names.add(found[3])
    return names


def _in_table(text: Text, line: int, table: tuple[str, ...]) -> set[str]:
    """Return the keys that a table of a deployment.toml has on other lines than this one."""
    deployment, inside = parse_deployment(text.content, text.name), len(table)
    return {
        ".".join(str(part) for part in leaf.path[inside:])
        for leaf in deployment.leaves
        if leaf.path[:inside] == table and deployment.place(leaf.key_span).line != line + 1
    }


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip()) if line.strip() else len(line)


def _keys_of_table(path: tuple[str, ...]) -> Iterator[Offer]:
    adapter = load_product().adapter
    if path == adapter.path:
        yield from (Offer(key.name, f"{key.name} = ", key.title, is_key=True) for key in adapter.scalars)
    elif path == (*adapter.path, adapter.table.name):
        yield from (Offer(name, f"'{name}' = ", key.title, is_key=True) for name, key in adapter.listed.items())


def _keys_of_spec(path: tuple[str, ...]) -> Iterator[Offer]:
    nodes = _nodes_of_spec(path)
    seen: set[str] = set()
    for node in _options(nodes):
        for name, child in node.get("properties", {}).items():
            if name not in seen and "title" in child:
                seen.add(name)
                yield Offer(name, f"{name}: ", str(child["title"]), is_key=True)


def _nodes_of_spec(path: tuple[str, ...]) -> list[Mapping[str, Any]]:
    """Return what the schema says of a path; a part of an environment patches the part of the same name."""
    if path[:1] == ("environments",) and path[2:3] in (("global",), ("defaults",), ("tenants",)):
        path = path[2:]
    nodes: list[Mapping[str, Any]] = [load_product().schemas.inlined("spec")]
    for name in path:
        nodes = [child for node in nodes for child in _children(node, name)]
    return nodes


def _values(name: str, path: tuple[str, ...], *, spec: bool) -> Iterator[Offer]:
    """Yield the values of a key: those that the schema lists, and its examples."""
    adapter = load_product().adapter
    if spec:
        nodes = _nodes_of_spec((*path, name))
    else:
        inside = (
            adapter.schema["properties"]
            if path == adapter.path
            else adapter.schema["properties"][adapter.table.name]["properties"]
        )
        nodes = [inside[name]] if adapter.holds(path) and name in inside else []
    seen: set[str] = set()
    for node in _options(nodes):
        types = node.get("type", ())
        truth = ["true", "false"] if "boolean" in ([types] if isinstance(types, str) else types) else []
        for value in (*node.get("enum", ()), *truth, *node.get("examples", ())):
            written = value if isinstance(value, str) and spec else _toml(value)
            if isinstance(value, str | int) and written not in seen:
                seen.add(written)
                yield Offer(written, f" {written}" if spec else written, str(node.get("title", "")))


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) or value in ("true", "false") else f'"{value}"'


def _children(node: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    for option in _options([node]):
        if name in option.get("properties", {}):
            yield option["properties"][name]
        elif isinstance(option.get("additionalProperties"), dict):
            yield option["additionalProperties"]


def _options(nodes: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield nodes with all that they are made of."""
    for node in nodes:
        yield node
        for word in ("allOf", "anyOf", "oneOf"):
            yield from _options(node.get(word, ()))
        if "then" in node:
            yield from _options([node["then"]])


def path_of(uri: str) -> str:
    """Return the path of a document's address, relative to the current folder where it lies below it."""
    from urllib.parse import unquote, urlsplit

    path = Path(unquote(urlsplit(uri).path))
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
