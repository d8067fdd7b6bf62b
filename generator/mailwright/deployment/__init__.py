"""deployment.toml as the server's parser reads it: values, the span of each, what is refused; and edits by these spans.

``syntax`` turns text into statements, ``tree`` turns statements into keys. The room may know TOML and how Java prints values. It does
not know what a key means, and nothing here raises on a user's file.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass
from functools import cached_property

from ..base.places import Place, Source, Span
from ..base.reading import read_bytes
from .syntax import Header, KeyValue, Problem, Refusal, StatementKind, Statements, Value, read_statements
from .tree import Leaf, build_leaves, flat_key, split_flat

__all__ = [
    "Deployment",
    "Header",
    "KeyValue",
    "Leaf",
    "Problem",
    "Refusal",
    "StatementKind",
    "Statements",
    "Value",
    "flat_key",
    "parse_deployment",
    "read_deployment",
    "read_statements",
    "split_flat",
]


@dataclass(frozen=True)
class Deployment:
    """A deployment.toml as the server's parser reads it.

    Attributes:
        source: Its name and text.
        statements: Headers and key-value pairs in the order of the file.
        leaves: Every key that holds a value, in the order of the file.
        problems: What the server's parser refuses; with any of them the server does not start (product/xml.md#abort).
    """

    source: Source
    statements: Statements
    leaves: tuple[Leaf, ...]
    problems: tuple[Problem, ...]

    def place(self, span: Span) -> Place:
        """Return the place where a span begins."""
        return self.source.place(span.start)

    @cached_property
    def by_flat(self) -> dict[str, Leaf]:
        """The keys by their flat name."""
        return {leaf.flat: leaf for leaf in self.leaves}


def parse_deployment(text: str, name: str = "deployment.toml") -> Deployment:
    """Read the text of a deployment.toml; bytes that are no UTF-8 stand in it as ``surrogateescape`` leaves them."""
    # Nothing here makes cycles, and looking for some among millions of pieces takes half of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        statements = read_statements(text)
        leaves, problems = build_leaves(statements)
    finally:
        if collecting:
            gc.enable()
    return Deployment(Source(name, text), statements, leaves, problems)


def read_deployment(path: str) -> Deployment:
    """Read a deployment.toml file.

    Raises:
        UnreadableInput: the file cannot be opened. What the server's parser refuses is no error here: see ``problems``.
    """
    return parse_deployment(read_bytes(path).decode("utf-8", "surrogateescape"), path)
