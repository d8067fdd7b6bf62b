"""What the server loads: from a deployment.toml to the email adapter's properties, for one release.

Follows the phases of the product's configuration engine (product/xml.md#phases); the modules of ``engine`` are the phases.
Checked against what the product's own engine makes of a set of texts (tests/acceptance).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum

from ..base.places import Place
from ..base.secret import HIDDEN
from ..base.shown import shown_text
from ..base.values import dataclass, field
from ..deployment import Deployment, Header, Leaf
from ..product.adapter import Adapter
from ..product.releases import Release
from ..spec.references import references_in
from . import Doubt
from .placeholders import Surroundings
from .shown import only_placeholder, shown_path
from .start import Outcome, Start, Written, resolved
from .xml import Seen

__all__ = ["Effective", "Ignored", "Outcome", "Property", "ValueOrigin", "effective", "ignored_keys", "ignored_leaves"]


API_MANAGER = "apim"
"""The table of API Manager, which has the same adapter."""

OUTSIDE = "this is a file of API Manager, which sets the email adapter in `[apim.notification]`: what that does is not known here"


class ValueOrigin(Enum):
    """Where a property's value comes from."""

    FILE = "file"
    DEFAULT = "default"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Property:
    """A property of the adapter.

    Attributes:
        name, text: Its name and value in the XML file; either may hold a secret.
        shown_name, shown: What may be printed in their place.
        origin: Where it comes from; *place* is the key's place, *key* its flat key.
    """

    name: str = field(repr=False)
    text: str = field(repr=False)
    shown_name: str
    shown: str
    origin: ValueOrigin
    key: str | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """A key that the release does not look at."""

    path: str
    place: Place
    leaf: Leaf = field(repr=False)


@dataclass(frozen=True, slots=True)
class Effective:
    """What one release makes of one file.

    Attributes:
        reason: Why the outcome is not ok; without any value. *place* is where.
        properties: In the order in which the adapter sees them; empty unless the outcome is ok.
        unresolved: Placeholders that stayed, as they are written.
        unsure: What is not certain, in words.
        at: The flat key at fault, if the outcome is not ok and it is known; may hold a secret.
        doubt: Why that outcome is not certain, if it is not.
    """

    file: str
    release: Release
    outcome: Outcome
    reason: str | None = None
    place: Place | None = None
    properties: tuple[Property, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    unresolved: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    at: str | None = field(default=None, repr=False)
    doubt: Doubt | None = None

    def text_of(self, name: str) -> str | None:
        """Return the value of a property; it may be a secret."""
        return next((item.text for item in self.properties if item.name == name), None)


def first_of_api_manager(deployment: Deployment) -> Header | Leaf | None:
    """Return what first says that a file is API Manager's."""
    tables = (section.header for section in deployment.sections(API_MANAGER) if section.header)
    return next(tables, None) or next(iter(deployment.keys.below(API_MANAGER)), None)


def outside(deployment: Deployment) -> tuple[str, ...]:
    """Return what is to be said of a file that is another product's; nothing of any other."""
    return (OUTSIDE,) if API_MANAGER in deployment.source.text and first_of_api_manager(deployment) is not None else ()


def effective(
    deployment: Deployment,
    release: Release,
    *,
    environment: Mapping[str, str] | None = None,
    system: Mapping[str, str] | None = None,
    partial: bool = False,
) -> Effective:
    """Return what *release* loads from a deployment.toml.

    Args:
        deployment: The file, read.
        release: The product release.
        environment: The server's environment variables; None leaves ``$env{}`` and ``$sys{}`` as they are.
        system: The server's Java system properties.
        partial: Whether the text is only a part of a file (a fragment): what it refers to may stand in the rest.
    """
    surroundings = Surroundings(environment, {} if system is None else system, partial)
    start = Start(deployment, release, resolved(deployment, release, surroundings))
    view = _View(start)
    return Effective(
        file=deployment.source.name,
        release=release,
        outcome=start.outcome,
        reason=start.reason,
        place=start.place,
        properties=tuple(view.properties()),
        ignored=tuple(ignored_keys(deployment, release, release.product.adapter)),
        unresolved=_unresolved(deployment, release.product.adapter) if environment is None else (),
        unsure=(*start.unsure, *outside(deployment)),
        at=start.at,
        doubt=start.doubt,
    )


class _View:
    """What may be shown of a start's properties."""

    def __init__(self, start: Start) -> None:
        self._start, self._adapter = start, start.release.product.adapter

    def properties(self) -> Iterator[Property]:
        """Yield the properties in the order in which the adapter sees them; none unless the outcome is ok."""
        if self._start.outcome is not Outcome.OK:
            return
        for item in self._start.taken:
            yield self._property(item)
        for name, text in self._start.release.product.pool.items():
            yield Property(name, text, name, text, ValueOrigin.DEFAULT)

    def _property(self, seen: Seen) -> Property:
        if seen.index is None:
            return Property(
                seen.name,
                seen.text,
                seen.name if seen.name in self._adapter.by_xml or seen.name in self._adapter.listed else HIDDEN,
                HIDDEN,
                ValueOrigin.FILE,
            )
        written = self._start.written[seen.index]
        origin = ValueOrigin.DEFAULT if written.is_default else ValueOrigin.REFERENCE if written.referenced else ValueOrigin.FILE
        name = seen.name if written.name_public else HIDDEN
        leaf = None if written.is_default else self._start.deployment.keys.get(written.flat)
        place = self._start.deployment.place(leaf.key_span) if leaf else None
        return Property(seen.name, seen.text, name, self._shown(written, seen.text), origin, written.flat, place)

    def _shown(self, written: Written, text: str) -> str:
        # A placeholder is one only as it is written: a secret may read like one once its character references are decoded.
        if not text or (only_placeholder(text) and text == written.text):
            return text
        known = written.public or written.key is not None
        return shown_text(text, text, known=known, secret=not written.public, longest=None)


def _unresolved(deployment: Deployment, adapter: Adapter) -> tuple[str, ...]:
    """Return the placeholders of the adapter's keys that only the server's environment resolves, as they are written."""
    found: dict[str, None] = {}
    for leaf in deployment.keys.marked:
        if isinstance(leaf.data, str) and leaf.flat.startswith(f"{adapter.flat}."):
            found |= dict.fromkeys(named.shown for named in references_in(leaf.data, ("env", "sys")))
    return tuple(found)


def ignored_keys(deployment: Deployment, release: Release, adapter: Adapter) -> Iterator[Ignored]:
    """Yield the keys that mean the email adapter but that the release does not look at."""
    for leaf in ignored_leaves(deployment, release, adapter):
        yield Ignored(shown_path(leaf.path, adapter), deployment.place(leaf.key_span), leaf)


def ignored_leaves(deployment: Deployment, release: Release, adapter: Adapter) -> Iterator[Leaf]:
    """Yield the keys that mean the email adapter but that the release does not look at.

    product/keys.md#unknown-key, product/xml.md#dotted-names, product/xml.md#section-case.
    """
    length = len(adapter.path)
    for leaf in deployment.keys.like(adapter.path[0]):
        parts = leaf.path
        if parts[:length] != adapter.path:
            if _folded(parts, length) == adapter.flat:
                yield leaf
        elif len(parts) > length:
            key = adapter.get(parts[length])
            if key is None or not key.known_to(release) or (len(parts) > length + 1 and not key.is_table):
                yield leaf


def _folded(path: tuple[str, ...], length: int) -> str:
    """The first names of a path as somebody reads them who overlooks case and quotation marks."""
    return ".".join(".".join(path).casefold().split(".")[:length])
