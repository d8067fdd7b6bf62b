"""The phases in their order: what one release makes of a deployment.toml, before anybody looks at what may be shown of it.

Follows the product's configuration engine (product/xml.md#phases). Checked against what that makes of a set of texts (tests/acceptance).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cached_property

from ..base.patterns import pattern
from ..base.places import Place
from ..base.values import dataclass, field
from ..deployment import Deployment, Refusal, flat_key, split_flat
from ..deployment.java import java_text
from ..product.adapter import Key
from ..product.releases import Release
from ..spec.references import shown_name
from . import Abort, Doubt
from .context import Cell, Context, build_context, email_table, is_public, plain
from .placeholders import Surroundings, resolve
from .template import interpret, is_interpreted
from .xml import Malformed, Seen, check_axis2, read_back

# Measured to survive: one opening mark and nothing else that the template engine knows (product/xml.md#braces-alone).
_LONE_MARK = pattern(r"[^{%#'\"]*\{[{%][^{%#}'\"]*\Z")


class Outcome(Enum):
    """How a start with the file ends."""

    OK = "ok"
    MALFORMED = "malformed"
    ABORT = "abort"


@dataclass(slots=True)
class Written:
    """A property as the template writes it.

    Attributes:
        value: The cell, or the table of them, that the text was made from; None for a key that is not set and has no default.
        name_public, text_public: Whether all that template expressions in them read may be printed.
    """

    name: str = field(repr=False)
    text: str = field(repr=False)
    key: Key | None
    flat: str
    value: object = field(repr=False)
    name_public: bool = True
    text_public: bool = True

    @property
    def public(self) -> bool:
        """Whether the text may be printed."""
        return self.text_public and is_public(self.value)

    @property
    def is_default(self) -> bool:
        """Whether nothing in the file set it."""
        return self.value is None or (isinstance(self.value, Cell) and self.value.is_default)

    @property
    def referenced(self) -> bool:
        """Whether it held a placeholder."""
        return isinstance(self.value, Cell) and self.value.referenced


@dataclass(slots=True)
class Resolved:
    """The keys of a file after the placeholders were replaced (the phases up to that); nothing changes them any more.

    Attributes:
        failure: Why the server does not get further; None where it does.
        unsure: What is not certain, in words.
    """

    context: Context = field(repr=False)
    failure: Abort | None = None
    unsure: tuple[str, ...] = ()


def resolved(deployment: Deployment, release: Release, surroundings: Surroundings) -> Resolved:
    """Return the keys of a file with its placeholders replaced."""
    if deployment.problems:
        first = deployment.problems[0]
        deep = all(problem.refusal is Refusal.DEPTH for problem in deployment.problems)
        return Resolved(
            Context(deployment.keys, release.product.adapter), Abort(first.message, doubt=Doubt.DEPTH if deep else None)
        )
    context = build_context(deployment.keys, release.product.adapter)
    try:
        return Resolved(context, None, tuple(resolve(context, surroundings, release)))
    except Abort as abort:
        return Resolved(context, abort)


class Start:
    """A start of the server with a file, for one release.

    Args:
        deployment: The file, read.
        release: The product release.
        keys: What ``resolved`` makes of the file for the release.
        whole: Whether the properties of keys that are not set and have no default count as well: they change nothing else.

    Attributes:
        outcome: How it ends; *reason* says why where it is not ok, without any value, and *doubt* why that is not certain.
        at: The flat key at fault, if the outcome is not ok and it is known; may hold a secret.
        unsure: What is not certain, in words.
        context: The keys after the placeholders were replaced.
        written, seen: The properties, as the template writes them and as an XML reader sees them; complete where the outcome is ok.
    """

    def __init__(self, deployment: Deployment, release: Release, keys: Resolved, *, whole: bool = True) -> None:
        self.deployment, self.release, self._whole = deployment, release, whole
        self._adapter = release.product.adapter
        self._unsure: list[str] = [release.unsure] if release.unsure else []
        self.context = keys.context
        self.written: list[Written] = []
        self.seen: list[Seen] = []
        self.outcome = Outcome.OK
        self.reason: str | None = None
        self.doubt: Doubt | None = None
        self.at: str | None = None  # on the way: the flat key that is being worked on, for the place of a failure
        self._public = True  # whether all that template expressions read may be printed
        self._index: dict[tuple[str, ...], list[tuple[tuple[str, ...], str]]] | None = None  # the context by each key and table
        try:
            self._run(keys)
            self.at = None
        except Abort as abort:
            self.outcome, self.reason = Outcome.ABORT, abort.reason
            self.at, self.doubt = abort.at or self.at, abort.doubt
            if abort.doubt:
                self._unsure.append(abort.doubt.value)
        except Malformed as malformed:
            self.outcome, self.reason = Outcome.MALFORMED, malformed.reason
        self.unsure = tuple(dict.fromkeys(self._unsure))

    @property
    def place(self) -> Place | None:
        """Where the reason stands, if it is known."""
        if self.deployment.problems:
            return self.deployment.place(self.deployment.problems[0].span)
        leaf = self.deployment.keys.get(self.at)
        return self.deployment.place(leaf.key_span) if leaf else None

    @cached_property
    def taken(self) -> list[Seen]:
        """The properties that the adapter takes: of those with one name the last, and none that every adapter has."""
        last = {item.name: item for item in self.seen}
        pool = self.release.product.pool
        return [item for name, item in last.items() if name not in pool]

    @property
    def arrived(self) -> Mapping[str, str]:
        """What the adapter gets for each key that is set, by its flat name."""
        return {self.written[item.index].flat: item.text for item in self.taken if item.index is not None}

    def _run(self, keys: Resolved) -> None:
        if keys.failure is not None:
            raise keys.failure
        self._unsure += keys.unsure
        self.written = written = list(self._write())
        self._check_axis2(written)
        try:
            self.seen = read_back([(item.name, item.text) for item in written])
        except Malformed as malformed:
            culprit = written[malformed.index] if malformed.index is not None else None
            self.at = culprit.flat if culprit else None
            name = f"`{shown_name(culprit.name)}`: " if culprit else ""
            raise Malformed(None, f"{name}output-event-adapters.xml is not well-formed ({malformed.reason})") from None
        if any(item.index is None for item in self.seen):
            self._unsure.append("a value adds properties of its own to the XML file")

    # -- phase 8

    def _write(self) -> Iterator[Written]:
        table = email_table(self.context, self._adapter)
        if table is None:
            self._unsure.append(
                f"`{self._adapter.flat}` is not a table: most properties become empty, and which ones depends on the order of a hash map"
            )
            table = {}
        for key in self._adapter.scalars:
            value = table.get(key.name)
            if (value is not None or self._whole) and key.known_to(self.release):
                yield self._one(key, key.xml or key.name, value, key.flat)
        custom = self._adapter.table
        if custom.known_to(self.release) and (entries := table.get(custom.name)) is not None:
            self.at = custom.flat
            if not isinstance(entries, dict):
                raise Abort(f"`{custom.name}` must be a table: the template cannot loop over anything else")
            for name, value in entries.items():
                self.at = flat = f"{custom.flat}.{flat_key((name,))}" if isinstance(value, Cell) else custom.flat
                if isinstance(value, dict) and len(value) > 1:
                    self._unsure.append(f"{custom.name}.{shown_name(name)}: the order inside the value is that of a hash map")
                yield self._one(self._adapter.listed.get(name), name, value, flat)

    def _one(self, key: Key | None, name: str, value: object, flat: str) -> Written:
        self.at = flat
        if isinstance(value, dict) and key is not None and key.default not in (None, ""):
            self._unsure.append(f"`{key.name}` is a table: the default may win, by the order of a hash map")
        text = java_text(value.data if isinstance(value, Cell) else plain(value))
        written = Written(name, text, key, flat, value)
        if is_interpreted(name):
            written.name, written.name_public = self._interpret(name)
        if is_interpreted(text):
            written.text, written.text_public = self._interpret(text)
        return written

    def _interpret(self, text: str) -> tuple[str, bool]:
        self._public = True
        if not _LONE_MARK.match(text):
            self._unsure.append("a value is interpreted as a template; what was not measured is predicted by a model")
        return interpret(text, self._lookup), self._public

    def _lookup(self, path: tuple[str, ...]) -> object:
        """Return what a template expression finds: a value of the context, or a map of them."""
        if self._index is None:
            self._index = {}
            for flat in self.context.complete():
                parts = split_flat(flat)
                for end in range(1, len(parts) + 1):
                    self._index.setdefault(parts[:end], []).append((parts, flat))
        found: dict[str, object] = {}
        for parts, flat in self._index.get(path, ()):
            cell = self.context[flat]
            self._public = self._public and cell.public
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
            self._unsure.append(
                "a template expression names a key that this file does not set; the product may have a default for it"
            )
        return found or None

    def _check_axis2(self, written: list[Written]) -> None:
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
