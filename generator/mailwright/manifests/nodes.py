"""Read a stream of YAML or JSON documents into nodes with their offsets; what they hold is told, never changed.

Others wrote it, and other readers read it: all that YAML knows is taken, and nothing of it is refused that is not needed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import yaml

from ..base.errors import SyntaxInput
from ..base.patterns import pattern
from ..base.places import Source
from ..base.yaml_events import syntax_error, yaml_events

MAX_DEPTH = 128
"""Levels; a custom resource's own schema, the deepest thing in common use, has about 60."""

RESOURCE_LIST = "ResourceList"
"""The kind of what a KRM function reads and writes."""

_PAIR = pattern(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_JSON = pattern(r"\s*[{\[]")
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
    builder = _Builder(source)
    try:
        for event in yaml_events(text):
            builder.take(event)
    except yaml.YAMLError as error:
        raise syntax_error(source, error) from None
    return builder.documents


class _Builder:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._anchors: dict[str, Node] = {}
        self._open: list[Mapping | Sequence] = []
        self._keys: list[Node | None] = []
        self.documents: list[Node] = []

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            column = next((node.column for node in reversed(self._open) if isinstance(node, Mapping)), 0)
            start, end = self._start(event), event.end_mark.index  # type: ignore[union-attr]
            style = event.style if event.style in ("|", ">", '"', "'") else ""
            self._add(Scalar(event.value, start, max(start, end), style, event.tag, column), event.anchor)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                place = self._source.place(self._start(event))
                raise SyntaxInput("is not valid YAML: an alias without an anchor above it", place=place)
            self._add(self._anchors[event.anchor], None)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._open.pop()
            self._keys.pop()
        elif isinstance(event, yaml.DocumentStartEvent):
            self._anchors.clear()

    def _start(self, event: Any) -> int:
        """Return where a node begins behind its anchor and tag."""
        start: int = event.start_mark.index
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
        self._keys.append(None)

    def _add(self, node: Node, anchor: str | None) -> None:
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
