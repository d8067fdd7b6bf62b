"""Senders of specs and payloads, as the rules see them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from ..base.findings import Excerpt, Finding, unite
from ..base.nodes import Json, PlacedList, PlacedMap
from ..base.places import Place
from ..base.shown import shown_dotted
from ..product.auth_types import is_http
from ..product.product import Product
from ..product.releases import Release, for_each
from ..rendering.payloads import api_version
from ..rules.functions import rules_for
from ..rules.model import Subject
from ..rules.sender import Sender, SenderKind, Setting
from .excerpts import entry_excerpt, key_excerpt, payload_excerpt, spec_excerpt


class SpecSetting(Setting):
    """A value of a spec or a payload; its places are looked up when they are asked for."""

    __slots__ = ("_name", "_owner", "_prefix", "_product")

    def __init__(self, raw: str, product: Product, owner: PlacedMap, name: str, prefix: Sequence[str]) -> None:
        super().__init__(raw)
        self._product = product
        self._owner, self._name, self._prefix = owner, name, prefix

    @property
    def key_place(self) -> Place:
        return self._owner.key_place(self._name)

    @property
    def value_place(self) -> Place:
        return self._owner.value_place(self._name)

    @property
    def path(self) -> str:
        return shown_dotted(*self._prefix, self._name)

    def excerpt(self, *, value: bool) -> Excerpt | None:
        return spec_excerpt(self._product, self._owner, (self._name,), self._prefix, value=value)


def _text(value: Json) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


class SenderSettings:
    """The settings of one sender, made once for all releases."""

    def __init__(self, sender: PlacedMap, prefix: Sequence[str], product: Product, *, place: Place | None = None) -> None:
        adapter, self.product = product.adapter, product
        self.place, self.prefix, self.document = place or sender.place, prefix, sender
        self.keys: dict[str, Setting] = {}
        self.properties: dict[str, Setting] = {}
        self.extra: list[tuple[str, Setting]] = []
        for name, value in sender.items():
            text = _text(value)
            if text is not None and name in adapter:
                self.keys[name] = SpecSetting(text, product, sender, name, prefix)
        table = sender.get(adapter.table.name)
        if isinstance(table, PlacedMap):
            for name, value in table.items():
                text = _text(value)
                if text is not None:
                    self.properties[name] = SpecSetting(text, product, table, name, (*prefix, adapter.table.name))

    @cached_property
    def brought(self) -> frozenset[str]:
        """The releases that brought the sender's keys."""
        adapter = self.product.adapter
        return frozenset(adapter[name].since for name in self.keys)

    def line(self) -> Excerpt | None:
        """The line that the sender begins with."""
        return key_excerpt(self.place, self.prefix)

    def sender(self, kind: SenderKind, release: Release, base: Sender | None = None, *, payload: str = "") -> Sender:
        """Return the sender that one release sees."""
        adapter = self.product.adapter
        brought = {since for since in self.brought if release.has(since)}
        return Sender(
            kind,
            release,
            adapter,
            self.keys
            if len(brought) == len(self.brought)
            else {name: setting for name, setting in self.keys.items() if adapter[name].since in brought},
            self.properties if self.properties and adapter.table.known_to(release) else {},
            self.place,
            tuple(self.prefix),
            self.line,
            base=base,
            extra=self.extra,
            document=self.document,
            payload=payload,
            version=payload or (api_version(self.document, release) if kind is SenderKind.TENANT else ""),
        )


def payload_settings(document: PlacedMap, version: str, product: Product) -> SenderSettings:
    """Return the settings of a payload: the adapter's keys from its fields and properties, and the properties that are none."""
    settings = SenderSettings(PlacedMap(place=document.place), (), product)
    settings.document = document
    properties: dict[str, list[SpecSetting]] = {}
    for entry in _entries(document):
        name, value = entry.get("key"), _text(entry.get("value"))
        if isinstance(name, str) and value is not None:
            properties.setdefault(name, []).append(_Entry(value, product, entry, name))
    meant = set[str]()
    for key in product.adapter.scalars:
        place = key.place(version)
        if place is None:
            continue
        meant.add(place.name)
        text = _text(document.get(place.name))
        if place.is_property and place.name in properties:
            settings.keys[key.name] = properties[place.name][-1]
        elif not place.is_property and text is not None:
            settings.keys[key.name] = _Field(text, product, document, place.name, ())
    settings.extra = [(name, one) for name, found in properties.items() for one in found if name not in meant or len(found) > 1]
    return settings


class _Field(SpecSetting):
    """A field of a payload."""

    __slots__ = ()

    def excerpt(self, *, value: bool) -> Excerpt | None:
        return payload_excerpt(self._product, self._owner, (self._name,), value=value)


class _Entry(SpecSetting):
    """An entry of ``properties``: its place is that of its value."""

    __slots__ = ("name",)

    def __init__(self, raw: str, product: Product, entry: PlacedMap, name: str) -> None:
        super().__init__(raw, product, entry, "value", ("properties",))
        self.name = name

    @property
    def name_place(self) -> Place:
        return self._owner.value_place("key")

    @property
    def path(self) -> str:
        return shown_dotted("properties", self.name)

    def excerpt(self, *, value: bool) -> Excerpt | None:
        place = self.value_place if value else self.key_place
        return entry_excerpt(self._product, self._owner, place, value=value)


def _entries(document: PlacedMap) -> Iterator[PlacedMap]:
    entries = document.get("properties")
    for entry in entries if isinstance(entries, PlacedList) else ():
        if isinstance(entry, PlacedMap):
            yield entry


def findings_of(
    settings: SenderSettings, kind: SenderKind, releases: Sequence[Release], base: SenderSettings | None = None
) -> Iterable[Finding]:
    """Return what the rules say about a sender of a spec.

    Args:
        settings: The sender's.
        kind: Whose it is.
        releases: The releases.
        base: Those of the server's own sender, where it is known.
    """
    found = for_each(releases, lambda release: said_of(settings, kind, release, base))
    return unite(found) if any(findings for _, findings in found) else ()


def said_of(
    settings: SenderSettings, kind: SenderKind, release: Release, base: SenderSettings | None = None, *, payload: str = ""
) -> list[Finding]:
    """Return what the rules say about a sender for one release; *payload* is the API version where it is one."""
    subjects = (Subject.SENDER, Subject.TENANT) if kind is SenderKind.TENANT else (Subject.SENDER, Subject.GLOBAL)
    inherits = base is not None and not is_http(settings.document.get("provider"))
    above = base.sender(SenderKind.GLOBAL, release) if base is not None and inherits else None
    sender = settings.sender(kind, release, above, payload=payload)
    return [sender.finding(rule, said) for rule, check in rules_for(sender.present, *subjects) for said in check(sender)]
