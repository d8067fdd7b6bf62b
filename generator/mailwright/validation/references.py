"""References in a spec: which kinds may stand where (``$secret{} $sys{} $ref{} $env{} $file{} $store{} $keep{}``), and nothing else.

Tenants go through the REST API, which resolves nothing: there this project itself resolves ``$env{}``, ``$file{}`` and ``$store{}``, in
secrets only and as whole values. ``global`` goes into deployment.toml, where the server resolves its own four.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from ..base.findings import Finding
from ..base.nodes import Json, PlacedList, PlacedMap
from ..base.patterns import pattern
from ..base.shown import shown_dotted, shown_key
from ..base.values import dataclass, field
from ..product.adapter import Adapter
from ..product.product import Product
from ..rules.model import Rule
from ..rules.reading import MISPLACED_REFERENCE, XML_CHARACTER
from ..spec import Spec
from ..spec.references import (
    IN_TENANTS,
    KEEP,
    OWN_KINDS,
    Reference,
    is_alias,
    mentioned,
    references_in,
    shown_name,
    store_path,
    whole_reference,
)
from .findings import value_finding

_ILLEGAL = pattern("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What references of tenants may name.

    Attributes:
        env: Patterns of environment variables, beside ``MAILWRIGHT_*``.
        stores: The spec's stores by their names; the values say whether a reference to one needs a field.
    """

    env: Sequence[str] = ()
    stores: Mapping[str, bool] = field(default_factory=dict)

    @classmethod
    def by(cls, spec: Spec) -> Allowed:
        """Return what a spec allows."""
        names, stores = spec.document.get("allow_env"), spec.document.get("stores")
        env = [item for item in names if isinstance(item, str)] if isinstance(names, list) else []
        if not isinstance(stores, PlacedMap):
            return cls(env)
        return cls(env, {name: _needs_field(spec.product, store) for name, store in stores.items()})


def _needs_field(product: Product, store: Json) -> bool:
    """Say whether a secret of a store is always one of several values."""
    kind = store.get("kind") if isinstance(store, PlacedMap) else None
    options = product.schemas.document("spec")["$defs"] if isinstance(kind, str) else {}
    return bool(options.get(f"store-{'vault' if kind == 'openbao' else kind}", {}).get("x-field"))


def iter_texts(node: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every text below a node with its path."""
    if isinstance(node, PlacedMap):
        for name, value in node.items():
            yield from iter_texts(value, (*path, name))
    elif isinstance(node, PlacedList):
        for index, value in enumerate(node):
            yield from iter_texts(value, (*path, index))
    elif isinstance(node, str):
        yield path, node


@cache
def secret_paths(product: Product) -> frozenset[tuple[str, ...]]:
    """Return the paths below a tenant's sender that the schemas mark ``writeOnly``; ``api`` and ``create`` included."""
    return frozenset(path for path, secret in _known_paths(product).items() if secret)


@cache
def _known_paths(product: Product) -> dict[tuple[str, ...], bool]:
    """Return the paths below a tenant's sender that end in a value, and whether that is a secret; what is in a free mapping has its path."""
    return dict(_values(product.schemas.inlined("spec", "/$defs/sender"), ()))


def _values(node: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], bool]]:
    yield from list(_inner(node, path)) or [(path, _is_secret(node))]


def _inner(node: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], bool]]:
    for part in node.get("allOf", ()):
        yield from _inner(part, path)
    for name, child in node.get("properties", {}).items():
        yield from _values(child, (*path, name))


def _is_secret(node: Any) -> bool:
    return bool(node.get("writeOnly")) or any(map(_is_secret, node.get("allOf", ())))


def check_global(product: Product, sender: PlacedMap, prefix: Sequence[str]) -> Iterator[Finding]:
    """Check the references and characters in ``global``."""
    yield from _circles(product.adapter, sender, prefix)
    for path, text in iter_texts(sender):
        for rule, message, hint in _global_problems(text):
            yield value_finding(product, rule, sender, path, prefix, message, hint)


def _global_problems(text: str) -> Iterator[tuple[Rule, str, str | None]]:
    for kind in ("file", "store"):
        if mentioned(text, kind):
            yield MISPLACED_REFERENCE, f"the server does not know {Reference(kind, '')}", "use $secret{alias} or $env{NAME}"
    if mentioned(text, "keep") and text != KEEP:
        yield MISPLACED_REFERENCE, "$keep{} works only as the whole value", "write nothing else in the value"
    for alias in mentioned(text, "secret"):
        if whole_reference(text, ("secret",)) is None:
            yield MISPLACED_REFERENCE, "$secret{} works only as the whole value", "write nothing else in the value"
        elif not is_alias(alias):
            yield MISPLACED_REFERENCE, "the alias in $secret{} must be made of letters, digits and `_`", None
    if _ILLEGAL.search(text):
        yield XML_CHARACTER, "the value contains a character that XML 1.0 does not allow", "remove it"


def _circles(adapter: Adapter, sender: PlacedMap, prefix: Sequence[str]) -> Iterator[Finding]:
    """Check the references of the adapter's table to itself: to a key that there is, and not round in a circle."""
    table = adapter.flat + "."
    own = {
        name: {target.removeprefix(table) for target in mentioned(text, "ref") if target.startswith(table)}
        for name, text in sender.items()
        if isinstance(text, str)
    }
    for name, targets in own.items():
        place, dotted = sender.value_place(name), shown_dotted(*prefix, name)
        if targets - set(adapter):
            yield MISPLACED_REFERENCE.at(place, "this refers to a key that the adapter does not have", path=dotted)
        reached, pending = set[str](), list(targets)
        while pending:
            target = pending.pop()
            if target not in reached:
                reached.add(target)
                pending.extend(own.get(target, ()))
        if name in reached:
            yield MISPLACED_REFERENCE.at(place, "the references form a circle", path=dotted)


def check_tenant(product: Product, sender: PlacedMap, prefix: Sequence[str], allowed: Allowed) -> Iterator[Finding]:
    """Check the references in a tenant's sender, or in ``defaults`` or ``api`` (then *prefix* ends in that name)."""
    inside = ("api",) if prefix and prefix[-1] == "api" else ()
    for path, text in iter_texts(sender):
        if "$" not in text:
            continue
        for message, hint in reference_problems(product, (*inside, *path), text, allowed):
            yield value_finding(product, MISPLACED_REFERENCE, sender, path, prefix, message, hint)


def check_verify_secrets(product: Product, named: PlacedMap, allowed: Allowed) -> Iterator[Finding]:
    """Check where ``verify`` takes values of aliases from."""
    for alias, text in named.items():
        if not isinstance(text, str):
            continue
        own = whole_reference(text, OWN_KINDS) is not None
        literal = iter(
            [("must be a reference that mailwright resolves: a secret is not written into a spec", f"use {IN_TENANTS}")]
        )
        for message, hint in _problems(text, secret=True, apart=False, allowed=allowed) if own else literal:
            yield value_finding(product, MISPLACED_REFERENCE, named, (alias,), ("verify_secrets",), message, hint)


def reference_problems(
    product: Product, path: Sequence[str | int], text: str, allowed: Allowed
) -> Iterator[tuple[str, str | None]]:
    """Yield what is wrong with the references in a text of a tenant's sender, and what to do."""
    known, whole = _known_paths(product), tuple(map(str, path))
    secret = known.get(whole, False)
    alone = whole_reference(text, ("env",)) if secret else None
    if alone is not None and "$" not in alone.name and _is_allowed(alone.name, allowed.env):
        return  # what nearly all of them are
    at = next((whole[:length] for length in range(len(whole), 0, -1) if whole[:length] in known), None)
    if at is None and references_in(text, OWN_KINDS):
        return  # that the key is unknown is told by itself; what it would hold, nobody knows
    yield from _problems(text, secret=secret, apart=whole[:1] == (_HTTP,), allowed=allowed)


_HTTP = "http"


def _problems(text: str, *, secret: bool, apart: bool, allowed: Allowed) -> Iterator[tuple[str, str | None]]:
    """Yield what is wrong with a text, and what to do; *apart*: it may hold a secret all the same, which has a place of its own."""
    if mentioned(text, "keep"):
        yield "$keep{} is for secrets in `global`: the server's API returns none to keep", f"use {IN_TENANTS}"
    for kind in ("secret", "sys", "ref"):
        if mentioned(text, kind):
            yield (
                f"{Reference(kind, '')} cannot be resolved here: the server's API takes every value as it is",
                f"use {IN_TENANTS}",
            )
    ours = references_in(text, OWN_KINDS)
    if not ours:
        return
    if not secret:
        yield (
            "only a secret may be a reference here",
            "a secret goes into `http.auth`; anything else is written as it is" if apart else "write the value itself",
        )
    elif whole_reference(text) is None:
        yield "a reference must be the whole value", None
    for kind, name in ours:
        if kind == "env" and not _is_allowed(name, allowed.env):
            yield (
                f"the environment variable {shown_name(name)} is not allowed here",
                "its name must begin with MAILWRIGHT_, or be in the spec's top-level list `allow_env`",
            )
        if kind == "file" and (name.startswith("/") or {"", ".", ".."} & set(name.split("/"))):
            yield "$file{} must name a file below the spec's folder or --secrets-dir", None
        if kind == "store" and (said := _store_problem(name, allowed.stores)):
            yield said


def _store_problem(name: str, stores: Mapping[str, bool]) -> tuple[str, str | None] | None:
    """Say what is wrong with the name in a ``$store{}``, and what to do."""
    found = store_path(name)
    if found is None:
        return "a reference to a store is $store{NAME/path#field}", "NAME is one of the spec's `stores`, without `..` in the path"
    if found.store not in stores:
        from difflib import get_close_matches

        near = next(iter(get_close_matches(found.store, stores, n=1, cutoff=0.7)), None)
        listed = f"it has {', '.join(map(shown_key, stores))}" if stores else "say in `stores:` what it is (docs/stores.md)"
        return f"the spec has no store {shown_key(found.store)}", f"did you mean {shown_key(near)}?" if near else listed
    if stores[found.store] and not found.field:
        return f"a secret of the store {shown_key(found.store)} has fields: one must be named", "write #field at its end"
    return None


def _is_allowed(name: str, allow_env: Sequence[str]) -> bool:
    return name.startswith("MAILWRIGHT_") or any(fnmatchcase(name, pattern) for pattern in allow_env)
