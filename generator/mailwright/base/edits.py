"""Edits: other text for parts of files, as values that can be applied, compared and handed to other programs."""

from __future__ import annotations

from collections.abc import Iterable

from .places import Place, Source, Span
from .values import dataclass, field


@dataclass(frozen=True, slots=True)
class Edit:
    """Other text between two places of a file.

    Attributes:
        start, end: What is replaced, up to and without *end*; equal where something is put in.
        text: What stands there afterwards. It may hold a value of the user's file.
        public: Whether every output may show the text: nothing in it is a value that is hidden elsewhere.
    """

    start: Place
    end: Place
    text: str = field(repr=False)
    public: bool = False

    @classmethod
    def of(cls, source: Source, span: Span, text: str, *, public: bool = False) -> Edit:
        """Return the edit of a span of a file's text."""
        return cls(source.place(span.start), source.place(span.end), text, public)

    def overlaps(self, other: Edit) -> bool:
        """Say whether two edits are about the same text, or put something in at the same place."""
        return self.start == other.start or (self.start < other.end and other.start < self.end)


@dataclass(frozen=True, slots=True)
class Misspelling:
    """A word at a place, and the one that was meant: an edit, once the file's text was looked at.

    Attributes:
        is_key: Whether the word is a key's; else it is a whole text.
    """

    place: Place
    written: str = field(repr=False)
    meant: str
    is_key: bool


def edited(source: Source, edits: Iterable[Edit]) -> str:
    """Return a file's text with edits of it that do not overlap; of two at one place the earlier one stands first."""
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        pieces += [source.text[at : source.offset(*edit.start[1:])], edit.text]
        at = source.offset(*edit.end[1:])
    return "".join([*pieces, source.text[at:]])
