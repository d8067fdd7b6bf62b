"""The spec: what a user writes, read with places, one environment applied; and the one grammar of references.

It may know the product's keys. Loading says only whether a file is a spec at all: what is wrong *in* a spec it does not say, that is a
finding (``mailwright.validation``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..base.errors import SpecError, UsageError
from ..base.hints import nearest
from ..base.nodes import Json, PlacedList, PlacedMap, merge_patch, place_of
from ..base.places import Place
from ..base.reading import NOTHING
from ..base.shown import shown_key
from ..base.values import dataclass, field
from ..product.product import Product, load_product
from .documents import parse_document, read_document
from .tenants import Tenant, TenantSource

__all__ = [
    "Binding",
    "Spec",
    "Tenant",
    "TenantSource",
    "is_spec",
    "load_spec",
    "make_spec",
    "parse_document",
    "read_document",
]

FORMAT = 1
"""The value of ``mailwright:`` in a spec that this version reads."""

_TENANT_KEYS = ("tenants", "tenants_from", "defaults", "environments")
_BINDING_KEYS = ("server", "ca_file")


@dataclass(frozen=True, slots=True)
class Binding:
    """The API that an environment is for.

    Attributes:
        environment: The environment's name.
        server: The server's URL as it is written, None where the environment names none.
        ca_file: Who issued its certificate; a path from the current folder.
        place: Where the server is named, or the environment where it is not.
    """

    environment: str
    server: str | None
    ca_file: str | None
    place: Place


@dataclass(frozen=True)
class Spec:
    """A spec with one environment applied (or none).

    Attributes:
        path: The file it was read from.
        environment: The environment's name, None for the base.
        environments: The names of those it has.
        document: Everything but tenants, defaults and environments, with places; may hold secrets.
        tenants: The source of its tenants.
        whole: The document as it was read, every part of it.
        product: The product that it is for.
        bindings: The APIs that its environments are for, by the environments' names.
    """

    path: str
    environment: str | None
    environments: tuple[str, ...]
    document: PlacedMap
    tenants: TenantSource
    whole: PlacedMap
    product: Product
    bindings: Mapping[str, Binding] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Spec(path={self.path!r}, environment={self.environment!r})"

    def _mapping(self, name: str) -> PlacedMap | None:
        value = self.document.get(name)
        return value if isinstance(value, PlacedMap) else None

    @property
    def sender(self) -> PlacedMap | None:
        """``global``: the sender of every node, by the adapter's own keys."""
        return self._mapping("global")

    @property
    def defaults(self) -> PlacedMap | None:
        """What every tenant inherits, the environment's defaults applied."""
        merged = (
            merge_patch(self.tenants.defaults, self.tenants.patch_defaults)
            if self.tenants.patch_defaults
            else self.tenants.defaults
        )
        return merged if isinstance(merged, PlacedMap) else None

    @property
    def product_version(self) -> str | None:
        """The product version that the spec names."""
        product = self._mapping("product")
        version = product.get("version") if product else None
        return version if isinstance(version, str) else None

    def files(self) -> list[str]:
        """Return the spec's file, and those of its tenants; raises as ``TenantSource.files`` does."""
        return [self.path, *map(str, self.tenants.files())]

    def place(self, *path: str | int, key: bool = False) -> Place:
        """Return the place of a value in the document, or of its key."""
        return place_of(self.document, path, key=key) or Place(self.path)


def is_spec(document: Json) -> bool:
    """Say whether a document is a spec: it has the key ``mailwright``."""
    return isinstance(document, PlacedMap) and "mailwright" in document


def load_spec(path: str | Path, environment: str | None = None, *, product: Product | None = None) -> Spec:
    """Read a spec and apply one environment.

    Args:
        path: A .yaml, .toml or .json file.
        environment: A name from ``environments``; None for the base.
        product: The product that it is for; None for the one that ships.

    Raises:
        InputError: the file cannot be read or is no spec, with the place.
        UsageError: there is no such environment.
    """
    return make_spec(str(path), read_document(str(path)), environment, product=product)


def make_spec(
    path: str,
    document: Json,
    environment: str | None = None,
    overrides: PlacedMap | None = None,
    *,
    product: Product | None = None,
    contents: Mapping[str, bytes] = NOTHING,
) -> Spec:
    """Make a spec of a document that is already read; raises as ``load_spec`` does.

    Args:
        overrides: A node's own values: a patch of ``global``, after the environment's.
        contents: What to take for the content of the files of ``tenants_from``, by their names; others are read.
    """
    if not isinstance(document, PlacedMap) or "mailwright" not in document:
        raise SpecError(
            "is not a spec", place=Place(path, 1, 1), hint="the line `mailwright: 1` is missing: a spec begins with it"
        )
    if document["mailwright"] is True or document["mailwright"] != FORMAT:
        raise SpecError(
            f"this version reads `mailwright: {FORMAT}` only",
            place=document.value_place("mailwright"),
            hint="is a newer mailwright needed?",
        )
    product = product or load_product()
    environments = document.get("environments")
    names = tuple(environments) if isinstance(environments, Mapping) else ()
    patch = _environment(document, environments, names, environment, path)
    base = PlacedMap(
        {key: value for key, value in document.items() if key not in _TENANT_KEYS},
        place=document.place,
        origin=document.origin,
    )
    shared = PlacedMap(
        {key: value for key, value in patch.items() if key not in (*_TENANT_KEYS, *_BINDING_KEYS)},
        place=patch.place,
        origin=patch.origin,
    )
    merged = merge_patch(base, shared)
    if overrides is not None:
        merged = merge_patch(merged, PlacedMap({"global": overrides}, place=overrides.place))
    assert isinstance(merged, PlacedMap)
    tenants = TenantSource(
        folder=Path(path).parent,
        inline=_mapping(_kept(document, "tenants", patch)),
        patterns=_patterns(document),
        defaults=_mapping(_kept(document, "defaults", patch)),
        patch_defaults=_mapping(patch.get("defaults")),
        patches=_mapping(patch.get("tenants")),
        product=product,
        contents=contents,
    )
    return Spec(path, environment, names, merged, tenants, document, product, _bindings(path, environments))


def _bindings(path: str, environments: Json) -> dict[str, Binding]:
    found: dict[str, Binding] = {}
    if not isinstance(environments, PlacedMap):
        return found
    for name, patch in environments.items():
        if isinstance(patch, PlacedMap):
            server, ca_file = (value if isinstance(value := patch.get(key), str) else None for key in _BINDING_KEYS)
            place = patch.value_place("server") if server else environments.key_place(name)
            found[name] = Binding(name, server, str(Path(path).parent / ca_file) if ca_file else None, place)
    return found


def _kept(document: PlacedMap, name: str, patch: PlacedMap) -> Json:
    """Return a part of the document unless the environment removes it (null)."""
    return None if name in patch and patch[name] is None else document.get(name)


def _mapping(value: Json) -> PlacedMap | None:
    return value if isinstance(value, PlacedMap) else None


def _patterns(document: PlacedMap) -> tuple[tuple[str, Place], ...]:
    value = document.get("tenants_from")
    if isinstance(value, str):
        return ((value, document.value_place("tenants_from")),)
    if not isinstance(value, PlacedList):
        return ()
    return tuple((item, place) for item, place in zip(value, value.places, strict=True) if isinstance(item, str))


def _environment(document: PlacedMap, environments: Json, names: tuple[str, ...], wanted: str | None, path: str) -> PlacedMap:
    if wanted is None:
        return PlacedMap(place=document.place)
    if wanted not in names:
        known = ", ".join(map(shown_key, names)) if names else "none"
        near = nearest(wanted, names)
        hint = (f"did you mean {shown_key(near)}? " if near is not None else "") + f"the spec has: {known}"
        raise UsageError(f"there is no environment {shown_key(wanted)}", place=Place(path), hint=hint)
    assert isinstance(environments, PlacedMap)
    patch = environments[wanted]
    if patch is None:
        return PlacedMap(place=document.place)
    if not isinstance(patch, PlacedMap):
        raise SpecError("an environment must be a mapping", place=environments.value_place(wanted))
    return patch
