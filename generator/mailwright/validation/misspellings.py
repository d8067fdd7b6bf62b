"""Misspelt words of specs and of the files of their tenants become fixes: where the word stands there as it was read, and nowhere else.

A word is replaced between its quotation marks, or plain; one that comes by an alias, an anchor or an escape is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..base.edits import Edit, Misspelling
from ..base.errors import UnreadableInput
from ..base.findings import Finding, Fix
from ..base.patterns import pattern
from ..base.places import Source, Span
from ..base.reading import decode, ending, read_bytes
from ..spec.csv_reader import header_words
from ..spec.lines import leading_mark
from ..spec.toml_reader import key_spans

_QUOTES = ("'", '"')
_PART = pattern(r"[\w.$/\\'\"-]")
_QUOTED = pattern(r"[\w.$/ -]+\Z", re.ASCII)
_BARE = pattern(r"[A-Za-z][A-Za-z0-9_-]*\Z")
_DOTTED = pattern(r"[A-Za-z][A-Za-z0-9_.-]*\Z")


def mendable(findings: Iterable[Finding], contents: Mapping[str, bytes]) -> list[Finding]:
    """Return findings with the fixes of what is misspelt in them.

    Args:
        contents: The contents of files that are known already; others are read.
    """
    sources = _Sources(contents)
    return [_mendable(finding, sources) if finding.misspelt else finding for finding in findings]


def _mendable(finding: Finding, sources: _Sources) -> Finding:
    edits = dict[Edit, None]()
    for word in finding.misspelt:
        source = sources[word.place.file]
        found = _edits(source, word) if source is not None else []
        if not found:  # some are left: the finding would stay
            return finding
        edits.update(dict.fromkeys(found))
    meant = dict.fromkeys(word.meant for word in finding.misspelt)
    what = "rename it to" if finding.misspelt[0].is_key else "write"
    fix = Fix(f"{what} {' or '.join(f'`{word}`' for word in meant)}", tuple(edits))
    return replace(finding, fix=fix, fixable=True, misspelt=())


class _Sources:
    """The texts of files; None for one that cannot be read as a whole."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._contents = contents
        self._sources: dict[str, Source | None] = {}

    def __getitem__(self, name: str) -> Source | None:
        if name not in self._sources:
            try:
                data = self._contents[name] if name in self._contents else read_bytes(name)
                self._sources[name] = decode(data.removeprefix(leading_mark(name, data)), name)
            except UnreadableInput:
                self._sources[name] = None
        return self._sources[name]


def _edits(source: Source, word: Misspelling) -> list[Edit]:
    """Return the edits that write the word that was meant; none where the one that is wrong does not stand there literally."""
    at = source.find(word.place)
    if at is None:
        return []
    spans = list(_spans(source, at, word))
    if not all(_stands_alone(source, span, word) for span in spans):
        return []
    return [Edit.of(source, span, word.meant, public=True) for span in spans]


def _spans(source: Source, at: int, word: Misspelling) -> Iterable[Span]:
    """Return where the word should stand, without quotation marks."""
    text = source.text
    if word.is_key and _kind(source) == "csv":
        return header_words(text, at, word.written)
    starts = [span.start for span in key_spans(text, at)] if word.is_key and _kind(source) == "toml" else [at]
    inner = (start + (text[start : start + 1] in _QUOTES) for start in starts)
    return (Span(start, start + len(word.written)) for start in inner)


def _kind(source: Source) -> str:
    return ending(source.name, source.text)[1:]


def _stands_alone(source: Source, span: Span, word: Misspelling) -> bool:
    """Say whether the word is all that stands there, and whether the one that was meant may stand there so."""
    text, kind = source.text, _kind(source)
    before, after = text[max(0, span.start - 1) : span.start], text[span.end : span.end + 1]
    if text[span.start : span.end] != word.written:
        return False
    if kind == "csv" and word.is_key:
        return bool(_BARE.match(word.meant))
    if before and before in _QUOTES:
        return after == before and text[span.end + 1 : span.end + 2] != before and bool(_QUOTED.match(word.meant))
    if word.is_key and kind == "toml":
        before, after = before.strip("."), after.strip(".")
    plain = _BARE if kind == "toml" else _DOTTED
    return not (_PART.match(before) or _PART.match(after)) and bool(plain.match(word.meant))
