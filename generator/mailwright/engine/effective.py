"""What the server loads: from a deployment.toml to the email adapter's properties, for one release.

Follows the phases of the product's configuration engine (product/xml.md#phases); the modules of ``engine`` are the phases.
Checked against what the product's own engine makes of a set of texts (tests/acceptance).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from ..base.patterns import pattern
from ..base.places import Place
from ..base.secret import HIDDEN
from ..base.shown import shown_text
from ..deployment import Deployment, Leaf, Refusal, flat_key, split_flat
from ..deployment.java import java_text
from ..product.adapter import Adapter, Key
from ..product.releases import Release
from ..spec.references import references_in, shown_name
from . import Abort, Doubt
from .context import Cell, Context, build_context, email_table, is_public, plain
from .placeholders import Surroundings, resolve
from .shown import only_placeholder, shown_path
from .template import interpret, is_interpreted
from .xml import Malformed, Seen, check_axis2, read_back

# Measured to survive: one opening mark and nothing else that the template engine knows (product/xml.md#braces-alone).
_LONE_MARK = pattern(r"[^{%#'\"]*\{[{%][^{%#}'\"]*\Z")


class Outcome(Enum):
    """How a start with the file ends."""

    OK = "ok"
    MALFORMED = "malformed"
    ABORT = "abort"


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


@dataclass(slots=True)
class _Written:
    """A property as the template writes it."""

    name: str = field(repr=False)
    text: str = field(repr=False)
    key: Key | None
    flat: str
    name_public: bool
    public: bool
    is_default: bool
    referenced: bool


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
    return _Model(deployment, release, surroundings).run()


class _Model:
    def __init__(
        self,
        deployment: Deployment,
        release: Release,
        surroundings: Surroundings,
    ) -> None:
        self.deployment, self.release, self.adapter = deployment, release, release.product.adapter
        self.surroundings = surroundings
        self.unsure: list[str] = [release.unsure] if release.unsure else []
        self.context = Context(deployment.keys, self.adapter)
        self.public = True  # whether all that template expressions read may be printed
        self.index: dict[tuple[str, ...], list[tuple[tuple[str, ...], str]]] | None = None  # the context by each key and table
        self.at: str | None = None  # the flat key that is being worked on, for the place of a failure

    def run(self) -> Effective:
        outcome = Outcome.OK
        reason: str | None = None
        properties: tuple[Property, ...] = ()
        at: str | None = None
        doubt: Doubt | None = None
        try:
            properties = tuple(self._properties())
        except Abort as abort:
            outcome, reason = Outcome.ABORT, abort.reason
            at, doubt = abort.at or self.at, abort.doubt
            if doubt:
                self.unsure.append(doubt.value)
        except Malformed as malformed:
            outcome, reason, at = Outcome.MALFORMED, malformed.reason, self.at
        place = self._place(at)
        if self.deployment.problems:
            place = self.deployment.place(self.deployment.problems[0].span)
        return Effective(
            file=self.deployment.source.name,
            release=self.release,
            outcome=outcome,
            reason=reason,
            place=place,
            properties=properties,
            ignored=tuple(ignored_keys(self.deployment, self.release, self.adapter)),
            unresolved=self._unresolved(),
            unsure=tuple(dict.fromkeys(self.unsure)),
            at=at,
            doubt=doubt,
        )

    def _properties(self) -> list[Property]:
        if self.deployment.problems:
            first = self.deployment.problems[0]
            deep = all(problem.refusal is Refusal.DEPTH for problem in self.deployment.problems)
            raise Abort(first.message, doubt=Doubt.DEPTH if deep else None)
        self.context = build_context(self.deployment.keys, self.adapter)
        self.unsure += resolve(self.context, self.surroundings, self.release)
        written = list(self._write())
        self._check_axis2(written)
        try:
            seen = read_back([(item.name, item.text) for item in written])
        except Malformed as malformed:
            culprit = written[malformed.index] if malformed.index is not None else None
            self.at = culprit.flat if culprit else None
            name = f"`{shown_name(culprit.name)}`: " if culprit else ""
            raise Malformed(None, f"{name}output-event-adapters.xml is not well-formed ({malformed.reason})") from None
        if any(item.index is None for item in seen):
            self.unsure.append("a value adds properties of its own to the XML file")
        found = {item.name: self._property(item, written) for item in seen}  # the last one of a name wins
        for name, text in self.release.product.pool.items():
            found.pop(name, None)
            found[name] = Property(name, text, name, text, ValueOrigin.DEFAULT)
        return list(found.values())

    # -- phase 8

    def _write(self) -> Iterator[_Written]:
        table = email_table(self.context, self.adapter)
        if table is None:
            self.unsure.append(
                f"`{self.adapter.flat}` is not a table: most properties become empty, and which ones depends on the order of a hash map"
            )
            table = {}
        for key in self.adapter.scalars:
            if key.known_to(self.release):
                yield self._one(key, key.xml or key.name, table.get(key.name), key.flat)
        custom = self.adapter.table
        if custom.known_to(self.release) and (entries := table.get(custom.name)) is not None:
            self.at = custom.flat
            if not isinstance(entries, dict):
                raise Abort(f"`{custom.name}` must be a table: the template cannot loop over anything else")
            for name, value in entries.items():
                self.at = flat = f"{custom.flat}.{flat_key((name,))}" if isinstance(value, Cell) else custom.flat
                if isinstance(value, dict) and len(value) > 1:
                    self.unsure.append(f"{custom.name}.{shown_name(name)}: the order inside the value is that of a hash map")
                yield self._one(self.adapter.listed.get(name), name, value, flat)

    def _one(self, key: Key | None, name: str, value: object, flat: str) -> _Written:
        self.at = flat
        if isinstance(value, dict) and key is not None and key.default not in (None, ""):
            self.unsure.append(f"`{key.name}` is a table: the default may win, by the order of a hash map")
        name, name_public = self._interpret(name)
        text, text_public = self._interpret(java_text(plain(value)))
        cell = value if isinstance(value, Cell) else None
        return _Written(
            name=name,
            text=text,
            key=key,
            flat=flat,
            name_public=name_public,
            public=text_public and is_public(value),
            is_default=value is None or (cell is not None and cell.is_default),
            referenced=bool(cell and cell.referenced),
        )

    def _interpret(self, text: str) -> tuple[str, bool]:
        if not is_interpreted(text):
            return text, True
        self.public = True
        if not _LONE_MARK.match(text):
            self.unsure.append("a value is interpreted as a template; what was not measured is predicted by a model")
        return interpret(text, self._lookup), self.public

    def _lookup(self, path: tuple[str, ...]) -> object:
        """Return what a template expression finds: a value of the context, or a map of them."""
        if self.index is None:
            self.index = {}
            for flat in self.context.complete():
                parts = split_flat(flat)
                for end in range(1, len(parts) + 1):
                    self.index.setdefault(parts[:end], []).append((parts, flat))
        found: dict[str, object] = {}
        for parts, flat in self.index.get(path, ()):
            cell = self.context[flat]
            self.public = self.public and cell.public
            if parts == path:
                return cell.data
            owner = found
            for part in parts[len(path) : -1]:
                inner = owner.get(part)
                if not isinstance(inner, dict):
                    inner = owner[part] = {}
                owner = inner
            if not (isinstance(owner.get(parts[-1]), dict) and cell.is_default):
                owner[parts[-1]] = cell.data
        if not found:
            self.unsure.append(
                "a template expression names a key that this file does not set; the product may have a default for it"
            )
        return found or None

    def _check_axis2(self, written: list[_Written]) -> None:
        also = [item for item in written if item.key is not None and item.key.axis2]
        try:
            check_axis2([(item.name, item.text) for item in also])
        except Malformed as malformed:
            culprit = also[malformed.index] if malformed.index is not None else None
            self.at = culprit.flat if culprit else None
            name = f"`{culprit.key.name}`: " if culprit and culprit.key else ""
            raise Malformed(
                None, f"{name}output-event-adapters.xml and axis2.xml are not well-formed ({malformed.reason})"
            ) from None

    # -- what may be shown

    def _property(self, seen: Seen, all_written: list[_Written]) -> Property:
        if seen.index is None:
            return Property(
                seen.name,
                seen.text,
                seen.name if seen.name in self.adapter.by_xml or seen.name in self.adapter.listed else HIDDEN,
                HIDDEN,
                ValueOrigin.FILE,
            )
        written = all_written[seen.index]
        origin = ValueOrigin.DEFAULT if written.is_default else ValueOrigin.REFERENCE if written.referenced else ValueOrigin.FILE
        name = seen.name if written.name_public else HIDDEN
        place = None if written.is_default else self._place(written.flat)
        return Property(seen.name, seen.text, name, self._shown(written, seen.text), origin, written.flat, place)

    def _shown(self, written: _Written, text: str) -> str:
        # A placeholder is one only as it is written: a secret may read like one once its character references are decoded.
        if not text or (only_placeholder(text) and text == written.text):
            return text
        known = written.public or written.key is not None
        return shown_text(text, text, known=known, secret=not written.public, longest=None)

    def _unresolved(self) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for leaf in self.deployment.keys.marked:
            if isinstance(leaf.data, str) and leaf.flat.startswith(f"{self.adapter.flat}."):
                found |= dict.fromkeys(named.shown for named in references_in(leaf.data, ("env", "sys")))
        return tuple(found) if self.surroundings.environment is None else ()

    def _place(self, flat: str | None) -> Place | None:
        leaf = self.deployment.keys.get(flat)
        return self.deployment.place(leaf.key_span) if leaf else None


def ignored_keys(deployment: Deployment, release: Release, adapter: Adapter) -> Iterator[Ignored]:
    """Yield the keys that mean the email adapter but that the release does not look at.

    product/keys.md#unknown-key, product/xml.md#dotted-names, product/xml.md#section-case.
    """
    for leaf in deployment.keys.like(adapter.path[0]):
        parts = leaf.path
        if not adapter.holds(parts):
            if _folded(leaf.path, len(adapter.path)) == adapter.flat:
                yield Ignored(shown_path(leaf.path, adapter), deployment.place(leaf.key_span), leaf)
            continue
        below = adapter.below(parts)
        key = adapter.get(below[0]) if below else None
        if below and (key is None or not key.known_to(release) or (len(below) > 1 and not key.is_table)):
            yield Ignored(shown_path(leaf.path, adapter), deployment.place(leaf.key_span), leaf)


def _folded(path: tuple[str, ...], length: int) -> str:
    """The first names of a path as somebody reads them who overlooks case and quotation marks."""
    return ".".join(".".join(path).casefold().split(".")[:length])
