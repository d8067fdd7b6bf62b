"""Read a stream of YAML or JSON documents into nodes with their offsets; what they hold is told, never changed.

Others wrote it, and other readers read it: all that YAML knows is taken, and nothing of it is refused that is not needed here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, TypeAlias

import yaml

from ..base.errors import SyntaxInput
from ..base.patterns import pattern
from ..base.places import Place, Source
from ..base.yaml_events import syntax_error, yaml_events

MAX_DEPTH = 128
"""Levels; a custom resource's own schema, the deepest thing in common use, has about 60."""

MAX_ALIASED = 100_000
"""Values that the aliases of a stream may stand for, as if they were written out."""

RESOURCE_LIST = "ResourceList"
"""The kind of what a KRM function reads and writes."""

_SPACE = pattern(r"\s*")
_PAIR = pattern(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_JSON = pattern(r"\s*[{\[]")
_NEXT = pattern(r"\}\s*\{")
_PROPERTIES = pattern(r"(?:[&!][^\s,\[\]{}]*(?:[ \t]|#[^\n]*|\r?\n)+)+")
_UNTYPED = pattern(
    r"(?:|~|null|Null|NULL|true|True|TRUE|false|False|FALSE|[-+]?[0-9.][0-9a-fA-FxobOB_.:eE+-]*|[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)"
    r"|y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF|=|<<)\Z"
)
"""Plain texts that some reader of YAML takes for something else than a text, and some more."""


class Scalar:
    """A scalar.

    Attributes:
        value: Its text.
        start, end: Where it begins behind its anchor and tag, and where it ends, as the parser tells it.
        style: How it is written: ``|``, ``>``, ``"``, ``'``, or nothing for a plain one.
        column: How far the mapping that it is a value of is indented.
    """

    __slots__ = ("column", "end", "start", "style", "tag", "value")

    def __init__(self, value: str, start: int, end: int, style: str, tag: str | None, column: int) -> None:
        self.value, self.start, self.end, self.style, self.tag, self.column = value, start, end, style, tag, column

    @property
    def is_text(self) -> bool:
        """Whether every reader takes it for a text."""
        return bool(self.style) or not _UNTYPED.match(self.value)

    @property
    def is_null(self) -> bool:
        """Whether it stands for nothing."""
        return not self.style and self.value in ("", "~", "null", "Null", "NULL")


class Mapping:
    """A mapping; *flow*: it is written in braces."""

    __slots__ = ("column", "entries", "flow", "start")

    def __init__(self, start: int, column: int, *, flow: bool) -> None:
        self.start, self.column, self.flow = start, column, flow
        self.entries: list[tuple[Node, Node]] = []

    def get(self, *names: str) -> Node | None:
        """Return what stands at a path; None where nothing does."""
        found: Node | None = self
        for name in names:
            found = found.own(name) if isinstance(found, Mapping) else None
        return found

    def own(self, name: str) -> Node | None:
        """Return the value of a key; of two keys the last, as most readers take it; a merge key gives what is not there."""
        found = [value for key, value in self.entries if isinstance(key, Scalar) and key.value == name]
        if found:
            return found[-1]
        for key, value in self.entries:
            if isinstance(key, Scalar) and key.value == "<<" and not key.style:
                for other in value.items if isinstance(value, Sequence) else (value,):
                    if isinstance(other, Mapping) and other is not self and (inner := other.own(name)) is not None:
                        return inner
        return None

    def text(self, *names: str) -> str:
        """Return the text at a path; an empty one where there is none."""
        found = self.get(*names)
        return found.value if isinstance(found, Scalar) and not found.is_null else ""

    def mappings(self, *names: str) -> Iterator[Mapping]:
        """Yield the mappings in the list at a path."""
        found = self.get(*names)
        yield from (item for item in (found.items if isinstance(found, Sequence) else ()) if isinstance(item, Mapping))


class Sequence:
    """A list; *flow*: it is written in brackets."""

    __slots__ = ("column", "flow", "items", "start")

    def __init__(self, start: int, column: int, *, flow: bool) -> None:
        self.start, self.column, self.flow = start, column, flow
        self.items: list[Node] = []


Node: TypeAlias = "Scalar | Mapping | Sequence"


def read_stream(source: Source) -> list[Node]:
    """Return the documents of a stream; an alias is the node that it stands for.

    Raises:
        SyntaxInput: with the place of what is wrong.
    """
    text = _PAIR.sub(r"\\uE000\\uE000", source.text)  # two escapes of JSON's for one character, which YAML does not know
    if _JSON.match(text):
        text = text.replace("\t", " ")
    documents: list[Node] = []
    for start, part in _parts(text):
        builder = _Builder(source, start)
        try:
            for event in yaml_events(part):
                builder.take(event)
        except yaml.YAMLError as error:
            raise _moved(syntax_error(source, error), source.place(start)) from None
        documents += builder.documents
    return documents


def _moved(error: SyntaxInput, start: Place) -> SyntaxInput:
    """Return an error about a part of a stream with its place in the stream."""
    if error.place and error.place.line:
        line, column = error.place.line, error.place.column
        error.place = Place(start.file, start.line + line - 1, column + (start.column - 1 if line == 1 else 0))
    return error


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """Yield what is a stream of YAML, with where it begins: JSON documents that follow each other with nothing between are one each."""
    if not (_JSON.match(text) and _NEXT.search(text)):
        yield 0, text
        return
    decoder, length, at, ends = json.JSONDecoder(), len(text.rstrip()), 0, []
    try:
        while at < length:
            _, at = decoder.raw_decode(text, _SPACE.match(text, at).end())  # type: ignore[union-attr]
            ends.append(at)
    except (ValueError, RecursionError):
        ends.append(length)  # the rest, which the parser refuses with its place
    for start, end in pairwise([0, *ends[:-1], len(text)]):
        yield start, text[start:end]


class _Builder:
    def __init__(self, source: Source, first: int) -> None:
        self._source, self._first = source, first
        self._anchors: dict[str, Node] = {}
        self._sizes: dict[int, int] = {}  # values in each list and mapping that has ended
        self._values = self._aliased = 0
        self._open: list[Mapping | Sequence] = []
        self._before: list[int] = []
        self._keys: list[Node | None] = []
        self.documents: list[Node] = []

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            column = next((node.column for node in reversed(self._open) if isinstance(node, Mapping)), 0)
            start, end = self._start(event), self._first + event.end_mark.index  # type: ignore[union-attr]
            style = event.style if event.style in ("|", ">", '"', "'") else ""
            self._add(Scalar(event.value, start, max(start, end), style, event.tag, column), event.anchor)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(self._anchors.get(event.anchor or ""), event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._sizes[id(self._open.pop())] = self._values - self._before.pop()
            self._keys.pop()
        elif isinstance(event, yaml.DocumentStartEvent):
            self._anchors.clear()

    def _alias(self, node: Node | None, event: Any) -> None:
        place = self._source.place(self._start(event))
        if node is None:
            raise SyntaxInput("is not valid YAML: an alias without an anchor above it", place=place)
        if node in self._open:
            raise SyntaxInput("an alias within what it stands for", place=place)
        size = self._sizes.get(id(node), 0)
        self._values += size
        self._aliased += size + 1
        if self._aliased > MAX_ALIASED:
            raise SyntaxInput(f"the aliases add more than {MAX_ALIASED} values", place=place)
        self._add(node, None)

    def _start(self, event: Any) -> int:
        """Return where a node begins behind its anchor and tag."""
        start: int = self._first + event.start_mark.index
        found = _PROPERTIES.match(self._source.text, start) if event.anchor or getattr(event, "tag", None) else None
        return found.end() if found else start

    def _begin(self, event: Any) -> None:
        start = self._start(event)
        place = self._source.place(start)
        if len(self._open) >= MAX_DEPTH:
            raise SyntaxInput(f"nested deeper than {MAX_DEPTH} levels", place=place)
        kind = Mapping if isinstance(event, yaml.MappingStartEvent) else Sequence
        node = kind(start, place.column - 1, flow=bool(event.flow_style))
        self._add(node, event.anchor)
        self._open.append(node)
        self._before.append(self._values)
        self._keys.append(None)

    def _add(self, node: Node, anchor: str | None) -> None:
        self._values += 1
        if anchor:
            self._anchors[anchor] = node
        if not self._open:
            self.documents.append(node)
            return
        owner = self._open[-1]
        if isinstance(owner, Sequence):
            owner.items.append(node)
        elif self._keys[-1] is None:
            self._keys[-1] = node
        else:
            owner.entries.append((self._keys[-1], node))
            self._keys[-1] = None


def objects(documents: list[Node]) -> Iterator[Mapping]:
    """Yield the Kubernetes objects of a stream, also those in lists of objects."""
    for document in documents:
        if isinstance(document, Mapping):
            if document.text("kind").endswith("List") and isinstance(document.get("items"), Sequence):
                yield from document.mappings("items")
            else:
                yield document
