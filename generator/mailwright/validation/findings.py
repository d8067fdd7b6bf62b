"""Findings about values of a spec, or of a part of it: each at its place, with its path and its line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..base.edits import Misspelling
from ..base.findings import Finding
from ..base.hints import Hint
from ..base.nodes import Json, PlacedMap, place_of
from ..base.places import Place
from ..base.shown import shown_dotted
from ..product.adapter import Adapter
from ..product.product import Product
from ..rules.model import Rule
from ..rules.reading import SCHEMA
from .excerpts import key_excerpt, spec_excerpt
from .schemas import SchemaError


def value_finding(
    product: Product,
    rule: Rule,
    root: Json,
    path: Sequence[str | int],
    prefix: Sequence[str],
    message: str,
    hint: str | Hint | None = None,
) -> Finding:
    """Return a finding about a value.

    Args:
        product: The product that the spec is for.
        root: What holds it, directly or further down: a spec, or a part of one, whose place in a spec is *prefix*.
        path: Where it stands below *root*.
    """
    place = place_of(root, path) or Place("")
    return rule.at(
        place, message, hint=hint, path=shown_dotted(*prefix, *path), excerpt=spec_excerpt(product, root, path, prefix)
    )


def schema_finding(product: Product, root: Json, error: SchemaError, prefix: Sequence[str] = ()) -> Finding:
    """Return what a schema says about a value below *root* as a finding."""
    place = place_of(root, error.path, key=error.at_key or error.missing is not None) or Place("")
    whole = (*prefix, *map(str, error.path))
    line = spec_excerpt(product, root, error.path, prefix, value=not error.at_key)
    if error.missing or not error.path:
        line = key_excerpt(place, whole)
    hint = _missing(product.adapter, error, whole, place) if error.missing else error.hint
    path = shown_dotted(*whole) or None
    found = SCHEMA.at(place, error.sentence, hint=hint, path=path, excerpt=line, fix=misspelling(root, error, place))
    return replace(found, missing=error.missing) if error.missing else found


def misspelling(root: Json, error: SchemaError, place: Place) -> Misspelling | None:
    """Return the word that is wrong, where the right one is known and does not stand beside it."""
    meant = error.intended or error.meant
    if meant is None:
        return None
    owner, value = None, root
    for part in error.path:
        owner, value = value, value[part]  # type: ignore[index]
    written = error.path[-1] if error.intended else value
    if not isinstance(written, str):
        return None
    if error.intended and isinstance(owner, PlacedMap) and meant in owner and owner.origin_of(meant) is owner.origin_of(written):
        return None
    return Misspelling(place, written, meant, is_key=error.intended is not None)


def _missing(adapter: Adapter, error: SchemaError, owner: tuple[str, ...], place: Place) -> Hint:
    """Return the hint to set a key that is missing."""
    name, words = error.missing or "", error.hint
    if owner[:1] == ("tenants",) and name in adapter and adapter[name].secret:
        words = f'{adapter[name].title}, e.g. "$env{{MAILWRIGHT_{name.upper()}}}"'
    return Hint("set {}" + (f": {words}" if words else ""), (name,), None, owner, place.file)
