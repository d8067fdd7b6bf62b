"""deployment.toml as the server's parser reads it: values, the span of each, what is refused; and edits by these spans.

``syntax`` turns text into statements, ``tree`` turns statements into keys. The room may know TOML and how Java prints values. It does
not know what a key means, and nothing here raises on a user's file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property

from ..base.collecting import uncollected
from ..base.places import Place, Source, Span
from ..base.reading import read_bytes
from ..base.values import dataclass, field
from .keys import Keys
from .sections import Sections, read_sections, texts_of
from .syntax import Header, KeyValue, Problem, Refusal, StatementKind, Statements, Value, read_statements
from .tree import Leaf, build_leaves, flat_key, split_flat

__all__ = [
    "Deployment",
    "Header",
    "KeyValue",
    "Keys",
    "Leaf",
    "Problem",
    "Refusal",
    "Section",
    "StatementKind",
    "Statements",
    "Value",
    "flat_key",
    "parse_deployment",
    "read_deployment",
    "read_statements",
    "split_flat",
]


@dataclass(frozen=True, slots=True)
class Section:
    """A header and the pairs below it; the text before the first header is a section without one."""

    header: Header | None
    pairs: tuple[KeyValue, ...]

    @property
    def path(self) -> tuple[str, ...]:
        """The table's path."""
        return self.header.path if self.header else ()

    @property
    def last(self) -> Span | None:
        """The span of the last thing that belongs to the table."""
        if self.pairs:
            return self.pairs[-1].value.span
        return self.header.span if self.header else None


@dataclass(frozen=True)
class Deployment:
    """A deployment.toml as the server's parser reads it.

    Attributes:
        source: Its name and text.
        keys: Every key that holds a value.
        problems: What the server's parser refuses; with any of them the server does not start (product/xml.md#abort).
    """

    source: Source
    keys: Keys
    problems: tuple[Problem, ...]
    _tables: Sections | None = None
    _sections: dict[str, list[Section]] = field(default_factory=dict, repr=False, compare=False)

    def place(self, span: Span) -> Place:
        """Return the place where a span begins."""
        return self.source.place(span.start)

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """Every key, made now: ``keys`` makes those that are asked for."""
        return tuple(self.keys)

    @cached_property
    def statements(self) -> Statements:
        """Headers and key-value pairs in the order of the file, all of them."""
        return read_statements(self.source.text)

    def first_names(self) -> frozenset[str]:
        """Return the first names of all tables and keys; of a file with mistakes also what stands below its headers."""
        if self._tables is not None:
            return frozenset(self._tables.first_names())
        return frozenset([item.path[0] for item in self.statements.items])

    def sections(self, root: str) -> list[Section]:
        """Return the tables with a first name, in the order of the file; before them what stands above the first header."""
        found = self._sections.get(root)
        if found is None:
            found = self._sections[root] = list(self._below(root))
        return found

    def forget(self) -> None:
        """Let go of the tables that were read: they are read again when somebody asks."""
        self._sections.clear()

    def _below(self, root: str) -> Iterator[Section]:
        header: Header | None = None
        pairs: list[KeyValue] = []
        for item in self._tables.statements(root) if self._tables else self.statements.items:
            if isinstance(item, KeyValue):
                if header or item.path[0] == root:
                    pairs.append(item)
                continue
            if header is None or header.path[0] == root:
                yield Section(header, tuple(pairs))
            header, pairs = item, []
        if header is None or header.path[0] == root:
            yield Section(header, tuple(pairs))

    def texts(self, but: Collection[str]) -> Iterator[str]:
        """Yield how everything is written but for what has one of some first names, comments between tables left out."""
        if self._tables is not None:
            return self._tables.texts(but)
        return texts_of(self.source.text, self.statements.items, but)

    def next_header(self, offset: int) -> Header | None:
        """Return the first header from an offset on."""
        if self._tables is not None:
            return self._tables.next_header(offset)
        headers = (item for item in self.statements.items if isinstance(item, Header))
        return next((header for header in headers if header.span.start >= offset), None)

    def header(self, *path: str) -> Header | None:
        """Return the first header of a table."""
        return next((section.header for section in self.sections(path[0]) if section.header and section.path == path), None)


def parse_deployment(text: str, name: str = "deployment.toml") -> Deployment:
    """Read the text of a deployment.toml; bytes that are no UTF-8 stand in it as ``surrogateescape`` leaves them."""
    with uncollected():
        tables = read_sections(text)
        if tables is not None:
            return Deployment(Source(name, text), Keys(sections=tables), (), tables)
        read = read_statements(text)
        leaves, problems = build_leaves(read.items, read.problems)
    return Deployment(Source(name, text), Keys(leaves), problems)


def read_deployment(path: str) -> Deployment:
    """Read a deployment.toml file.

    Raises:
        UnreadableInput: the file cannot be opened. What the server's parser refuses is no error here: see ``problems``.
    """
    return parse_deployment(read_bytes(path).decode("utf-8", "surrogateescape"), path)
