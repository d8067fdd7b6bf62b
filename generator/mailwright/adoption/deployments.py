"""Turn what a server has into a spec: a deployment.toml, or the output-event-adapters.xml of 5.8 and earlier.

Merging the spec of a deployment.toml back changes nothing. A literal secret stays in the file alone (``$keep{}``), unless the spec is to
have it; a key that a spec cannot say stays there too (``keep_unmanaged``), and is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.parsers import expat

from ..base.errors import InputError, SyntaxInput
from ..base.patterns import pattern
from ..base.places import Place, Source
from ..base.shown import shown_dotted
from ..base.urls import holds_credentials
from ..base.values import dataclass, field
from ..base.yaml_text import yaml_text
from ..deployment import Deployment, Leaf
from ..deployment.syntax import TimeText
from ..engine.effective import Effective, Outcome, effective, outside
from ..engine.encoding import Unencodable, decode_markup, decode_value, encode_name
from ..engine.shown import known_key
from ..product.adapter import Adapter
from ..product.product import Product, load_product
from ..product.releases import Release
from ..rendering.fragment import EAGER, IDLE, LOADING_TABLE, misread, without_kept
from ..spec import make_spec
from ..spec.references import KEEP, Reference, shown_name, whole_reference
from ..spec.yaml_reader import read_yaml
from ..validation.specs import spec_errors


class CannotImport(InputError):
    """A file that no spec can stand for."""

    code = "import"


@dataclass(frozen=True, slots=True)
class Imported:
    """A spec made of a server's file.

    Attributes:
        document: The spec; it holds secrets only where they were to be kept.
        replaced: The keys whose literal secrets the spec does not have.
        left: What the spec cannot say and leaves in the file: the place, and why.
        missing: The keys that a sender needs, and the file does not have, or not in a way that a spec can say.
        unsure: Why it is not sure at all what the server makes of the file.
    """

    document: dict[str, Any] = field(repr=False)
    replaced: tuple[str, ...] = ()
    left: tuple[tuple[Place, str], ...] = ()
    missing: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


def import_deployment(
    deployment: Deployment, release: Release | None = None, *, keep_secrets: bool = False, product: Product | None = None
) -> Imported:
    """Return the spec of a deployment.toml that the server reads; merging it back changes nothing.

    Args:
        deployment: The file.
        release: The product release; None takes the newest.
        keep_secrets: Whether the spec takes literal secrets over.
        product: The product, where no release says which; None for the one that ships.

    Raises:
        CannotImport: the server does not read the file, with the place.
    """
    known = release or (product or load_product()).releases.newest
    product = known.product
    adapter = product.adapter
    view = effective(deployment, known, partial=True)
    table = next((leaf for leaf in deployment.keys.below(adapter.path[0]) if leaf.path in (adapter.path, adapter.path[:1])), None)
    if view.outcome is not Outcome.OK or table is not None:
        reason = view.reason or f"`{adapter.flat}` is not a table"
        place = deployment.place(table.key_span) if table else view.place
        hint = "`mailwright validate` says what else is wrong; with --fix it mends what it can"
        raise CannotImport(
            f"the server does not read this file: {reason}", place=place or Place(deployment.source.name), hint=hint
        )
    taken: dict[tuple[str, ...], Leaf] = {}
    left: list[tuple[Place, str]] = []
    sender: dict[str, Any] = {}
    kept: list[tuple[str, ...]] = []
    for leaf in deployment.keys.below(adapter.path[0]):
        if not adapter.holds(leaf.path):
            continue
        if not keep_secrets and _is_literal(leaf, adapter):
            path = adapter.below(leaf.path)
            if _may_be_kept(path, adapter):
                kept.append(path)
                taken[path] = leaf
                (sender if len(path) == 1 else sender.setdefault(path[0], {}))[path[-1]] = KEEP
            else:
                left.append((deployment.place(leaf.key_span), "the value holds a secret"))
            continue
        try:
            taken[_take(leaf, sender, adapter)] = leaf
        except Unencodable as error:
            left.append((deployment.place(leaf.key_span), error.message))
    left += _altered(deployment, sender, taken, view, adapter)
    missing, wrong = _wrong(sender, taken, release, product)
    left += [(deployment.place(taken[path].key_span), why) for path, why in wrong]
    document: dict[str, Any] = {"mailwright": 1}
    if release:
        document["product"] = {"version": release.version}
    if sender:
        document["global"] = _ordered(sender, adapter)
    if left or missing:
        document["keep_unmanaged"] = True
    loading = _loading(deployment)
    if loading:
        document["tenant_loading"] = loading
    replaced = tuple(path[-1] for path in kept if _is_in(sender, path))
    return Imported(document, replaced, tuple(left), missing, outside(deployment))


def _wrong(
    sender: dict[str, Any], taken: Mapping[tuple[str, ...], Leaf], release: Release | None, product: Product
) -> tuple[tuple[str, ...], list[tuple[tuple[str, ...], str]]]:
    """Take out again what makes an error of a spec; return what a sender needs and the rest lacks, and what was taken out, with why."""
    wrong: list[tuple[tuple[str, ...], str]] = []
    while sender:
        document = read_yaml(
            Source("", yaml_text({"mailwright": 1, "keep_unmanaged": True, "global": _ordered(sender, product.adapter)}))
        )
        spec = make_spec("", document, product=product)
        errors = spec_errors(spec, release)
        found = {error.path: error.message for error in errors if not error.missing}
        bad = [(path, found[at]) for path in taken if _is_in(sender, path) and (at := shown_dotted("global", *path)) in found]
        if not bad:
            return tuple(_ordered({error.missing: True for error in errors if error.missing}, product.adapter)), wrong
        wrong += bad
        for path, _ in bad:
            _take_out(sender, path)
    return (), wrong


def _is_in(sender: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    return path[0] in sender and (len(path) == 1 or path[1] in sender[path[0]])


def _take_out(sender: dict[str, Any], path: tuple[str, ...]) -> None:
    owner = sender[path[0]] if len(path) > 1 else sender
    del owner[path[-1]]
    if not owner and len(path) > 1:
        del sender[path[0]]


def _is_literal(leaf: Leaf, adapter: Adapter) -> bool:
    """Whether a key holds a secret in clear text: one of its own, or credentials in a URL."""
    key = known_key(leaf.path, adapter)
    text = str(leaf.data)
    if leaf.data is None or not text or whole_reference(text) is not None:
        return False
    named = key is not None and key.secret
    known = key is not None or adapter.below(leaf.path)[:-1] == (adapter.table.name,)
    return named or (known and holds_credentials(decode_markup(text) or text))


def _may_be_kept(path: tuple[str, ...], adapter: Adapter) -> bool:
    """Whether the spec's schema takes the mark in the place of the value."""
    key = adapter.get(path[0]) if len(path) == 1 else adapter.listed.get(path[-1])
    if len(path) > 1:
        try:
            if encode_name(decode_value(path[-1])) != path[-1]:
                return False
        except Unencodable:
            return False
    return key is None or key.accepts(KEEP)


def _take(leaf: Leaf, sender: dict[str, Any], adapter: Adapter) -> tuple[str, ...]:
    """Put a key into the sender; return its path there.

    Raises:
        Unencodable: a spec cannot say it.
    """
    name, *rest = adapter.below(leaf.path)
    key = adapter.get(name)
    if key is None or (rest and not key.is_table) or len(rest) > 1 or (key.is_table and not rest):
        raise Unencodable("the server ignores this key, or takes it for something else")
    value = decode_value(leaf.data) if isinstance(leaf.data, str) else leaf.data
    if isinstance(leaf.data, TimeText) or not isinstance(value, bool | int | str):
        raise Unencodable("the value is of a type that the key does not take")
    path = (name, *map(decode_value, rest))
    if rest and encode_name(path[-1]) != rest[0]:
        raise Unencodable("the name is written in a way that a spec does not write it")
    owner = sender.setdefault(name, {}) if rest else sender
    owner[path[-1]] = value
    return path


def _altered(
    deployment: Deployment, sender: dict[str, Any], taken: Mapping[tuple[str, ...], Leaf], view: Effective, adapter: Adapter
) -> Iterator[tuple[Place, str]]:
    """Take out again what the server reads otherwise than it would be written; yield where that stood."""
    rest, _ = without_kept(sender, adapter)
    names = {key.xml: (key.name,) for key in adapter.scalars} | {
        str(name): (adapter.table.name, name) for name in sender.get(adapter.table.name, {})
    }
    for name in misread(view, rest, view.release):
        path = names[name]
        _take_out(sender, path)
        yield deployment.place(taken[path].key_span), f"the server alters the value of {shown_name(name)}"


def _replace_secrets(sender: dict[str, Any], adapter: Adapter) -> list[str]:
    """Put references in the place of literal secrets, also of URLs with credentials in them; return the names of what was replaced."""
    replaced = []
    table = sender.get(adapter.table.name)
    secret = {key.name for key in adapter.secrets} | {name for name, key in adapter.listed.items() if key.secret}
    for part in (sender, table if isinstance(table, dict) else {}):
        for name, value in part.items():
            if not isinstance(value, str) or not value or whole_reference(value) is not None:
                continue
            if name in secret or holds_credentials(value):
                part[name] = str(reference_for(name))
                replaced.append(name)
    return replaced


def reference_for(name: str) -> Reference:
    """Return the reference that stands in the place of a literal secret."""
    return Reference("secret", f"smtp_{_ODD.sub('_', name.removeprefix('mail.smtp.'))}")


_ODD = pattern(r"[^A-Za-z0-9]+")


def _ordered(sender: Mapping[str, Any], adapter: Adapter) -> dict[str, Any]:
    return {name: sender[name] for name in adapter if name in sender}


def _loading(deployment: Deployment) -> dict[str, Any]:
    leaves = {leaf.path: leaf for leaf in deployment.keys.below(LOADING_TABLE[0])}
    eager, idle = leaves.get((*LOADING_TABLE, EAGER)), leaves.get((*LOADING_TABLE, IDLE))
    if eager is not None and isinstance(eager.data, str) and eager.data and idle is None:
        return {"eager": eager.data.split(",")}
    if eager is None and idle is not None and isinstance(idle.data, int) and not isinstance(idle.data, bool):
        return {"idle_minutes": idle.data}
    return {}


def import_adapters_xml(source: Source, *, keep_secrets: bool = False, product: Product | None = None) -> Imported:
    """Return the spec of an output-event-adapters.xml, as releases before 5.9.0 are configured by hand.

    Raises:
        CannotImport, SyntaxInput: it is not well-formed, has a DTD, or has no email adapter; with the place.
    """
    product = product or load_product()
    adapter = product.adapter
    sender: dict[str, Any] = {}
    names = {key.xml: key for key in adapter.scalars if key.xml}
    for name, text in _email_properties(source).items():
        key = names.get(name)
        if name in product.pool:
            continue
        if key is None:
            sender.setdefault(adapter.table.name, {})[name] = text
        else:
            integer = "integer" in key.types and text.isascii() and text.isdecimal()
            boolean = "boolean" in key.types and text.lower() in ("true", "false")
            sender[key.name] = int(text) if integer else text.lower() == "true" if boolean else text
    replaced = [] if keep_secrets else _replace_secrets(sender, adapter)
    return Imported({"mailwright": 1, "global": _ordered(sender, adapter)}, tuple(replaced))


def _email_properties(source: Source) -> dict[str, str]:
    found: dict[str, str] = {}
    state: dict[str, Any] = {"email": False, "property": None, "seen": False}
    parser = expat.ParserCreate(namespace_separator=" ")

    def refuse(*_: object) -> None:
        place = Place(source.name, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)
        raise CannotImport("a document type declaration is not read", place=place)

    def start(name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if local == "adapterConfig":
            state["email"] = attributes.get("type") == "email"
            state["seen"] |= state["email"]
        elif local == "property" and state["email"]:
            alias = next((value for key, value in attributes.items() if key.rpartition(" ")[2] == "secretAlias"), None)
            state["property"] = attributes.get("name", "")
            found[state["property"]] = str(Reference("secret", alias)) if alias else ""
            state["alias"] = alias

    def text(data: str) -> None:
        if state["property"] is not None and not state["alias"]:
            found[state["property"]] += data

    def end(name: str) -> None:
        if name.rpartition(" ")[2] == "property":
            state["property"] = None

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = start, text, end
    try:
        parser.Parse(source.text.encode(), True)
    except expat.ExpatError as error:
        place = Place(source.name, error.lineno, error.offset + 1)
        raise SyntaxInput(f"is not well-formed XML: {expat.ErrorString(error.code)}", place=place) from None
    if not state["seen"]:
        raise CannotImport("has no adapterConfig of the type email", place=Place(source.name, 1, 1))
    return found
