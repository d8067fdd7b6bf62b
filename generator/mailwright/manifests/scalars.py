"""What each character of a scalar was written as, and how a text is written in its place.

The parser says what a scalar's text is; here the same is worked out once more, with where each piece came from. Where the two do not
agree, nothing is said about pieces.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from ..base.patterns import pattern
from ..base.values import dataclass, field
from .nodes import Scalar

_HEADER = pattern(r"[|>](?:([-+]?)([1-9]?)|([1-9])([-+]))[ \t]*(?:#[^\r\n]*)?(\r\n|\r|\n|\Z)")
_LINE = pattern(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_FOLD = pattern(r"[ \t]*(?:\r\n|\r|\n)(?:[ \t]*(?:\r\n|\r|\n))*[ \t]*")
_BREAK = pattern(r"\r\n|\r|\n")
_PIECE = {'"': pattern(r'[^\\"\r\n \t]+|[ \t]+(?![ \t\r\n])'), "'": pattern(r"[^'\r\n \t]+|[ \t]+(?![ \t\r\n])")}
_PLAIN_PIECE = pattern(r"[^\r\n \t]+|[ \t]+(?![ \t\r\n])")
_ESCAPE = pattern(
    r"\\(?:u[dD]([89abAB][0-9a-fA-F]{2})\\u[dD]([c-fC-F][0-9a-fA-F]{2})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})"
    r"|((?:\r\n|\r|\n)(?:[ \t]*(?:\r\n|\r|\n))*[ \t]*)|([^\r\n]))"
)
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_UNPRINTABLE = pattern("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""What cannot stand in a block, or does not come out of it as it went in."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text is written: from each decoded offset in *starts* on, characters stand at the written offsets in *raws*, one to one.

    Attributes:
        end: Where the scalar ends; of a block, without the last line's break and the blank lines that do not count.
        indent: How far a block is indented; *chomp*: its mark for the breaks at its end; *fixed*: whether its header says the indent.
    """

    text: str = field(repr=False)
    starts: list[int]
    raws: list[int]
    end: int
    indent: int = 0
    chomp: str = ""
    fixed: bool = False

    def raw(self, offset: int) -> int:
        """Return where the character at an offset of the text is written; of its end, where the writing ends."""
        at = bisect_right(self.starts, offset) - 1
        return self.raws[at] + offset - self.starts[at]

    def offset(self, raw: int) -> int:
        """Return the offset of the text for a written one."""
        at = max(bisect_right(self.raws, raw) - 1, 0)
        end = self.starts[at + 1] if at + 1 < len(self.starts) else len(self.text)
        return min(self.starts[at] + max(raw - self.raws[at], 0), max(end, self.starts[at]))

    def behind(self, length: int) -> Layout:
        """Return how what follows the first characters is written."""
        at = bisect_right(self.starts, length)
        starts = [0, *(start - length for start in self.starts[at:])]
        return replace(self, text=self.text[length:], starts=starts, raws=[self.raw(length), *self.raws[at:]])


class _Pieces:
    def __init__(self) -> None:
        self.texts: list[str] = []
        self.starts: list[int] = []
        self.raws: list[int] = []
        self.length = 0

    def add(self, text: str, raw: int) -> None:
        if text:
            self.starts.append(self.length)
            self.raws.append(raw)
            self.texts.append(text)
            self.length += len(text)

    def layout(self, after: int, end: int, indent: int = 0, chomp: str = "", *, fixed: bool = False) -> Layout:
        return Layout("".join(self.texts), [*self.starts, self.length], [*self.raws, after], end, indent, chomp, fixed)


def layout_of(text: str, scalar: Scalar) -> Layout | None:
    """Return how a scalar of a text is written; None where the parser reads it otherwise."""
    found = _block(text, scalar) if scalar.style in ("|", ">") else _flow(text, scalar)
    if found is None:
        return None
    same = found.text == scalar.value or (scalar.style == '"' and _paired(found.text) == scalar.value)
    return found if same else None


def _paired(text: str) -> str:
    """Return a text as the parser was given it: for a character that two escapes stand for it got two others."""
    return re.sub("[\U00010000-\U0010ffff]", "\ue000\ue000", text)


def _block(text: str, scalar: Scalar) -> Layout | None:
    header = _HEADER.match(text, scalar.start)
    if header is None:
        return None
    chomp, digit = header[1] or header[4] or "", header[2] or header[3] or ""
    lines = list(_lines(text, header.end(), scalar.end))
    indent = scalar.column + int(digit) if digit else _indent_of(lines)
    pieces, folded = _Pieces(), scalar.style == ">"
    blank: list[tuple[int, int]] = []  # breaks of blank lines: where they are, and where the next line begins
    last: _Line | None = None
    after, end = header.end(), header.start(5)
    for line in lines:
        content = line.text[indent:]
        if not content and not line.text.strip(" "):
            if line.newline:
                blank.append((line.start + len(line.text), line.after))
            continue
        if line.text[:indent].strip(" "):
            break
        if last is not None:
            mark = last.start + len(last.text)
            if not folded or last.text[indent] in " \t" or content[0] in " \t":
                pieces.add("\n", mark)
            elif not blank:
                pieces.add(" ", mark)
        for each, _ in blank:
            pieces.add("\n", each)
        blank = []
        pieces.add(content, line.start + indent)
        last, after, end = line, line.after, line.start + len(line.text)
    if last is not None and last.newline and chomp != "-":
        pieces.add("\n", end)
    if chomp == "+":
        for end, _ in blank:
            pieces.add("\n", end)
        after = blank[-1][1] if blank else after
    return pieces.layout(after, end, indent, chomp, fixed=bool(digit))


class _Line(NamedTuple):
    """A written line: its text, where it begins, its break, and where the next one begins."""

    text: str
    start: int
    newline: str
    after: int


def _lines(text: str, start: int, end: int) -> Iterator[_Line]:
    """Yield lines; the empty one behind the last break is none."""
    while start < end:
        found = _LINE.match(text, start)
        assert found is not None
        yield _Line(found[1], start, found[2], found.end())
        start = found.end()
        if not found[2]:
            return


def _indent_of(lines: list[_Line]) -> int:
    deepest = 0
    for line in lines:
        if line.text.strip(" "):
            return max(deepest, len(line.text) - len(line.text.lstrip(" ")))
        deepest = max(deepest, len(line.text))
    return deepest


def _flow(text: str, scalar: Scalar) -> Layout | None:
    quote = scalar.style
    at, end = scalar.start + len(quote), scalar.end - len(quote)
    pieces, piece = _Pieces(), _PIECE.get(quote, _PLAIN_PIECE)
    while at < end:
        found = piece.match(text, at, end)
        if found is not None:
            pieces.add(found.group(), at)
        elif quote == '"' and text[at] == "\\":
            found = _ESCAPE.match(text, at, end)
            if found is None:
                return None
            pieces.add(_unescaped(found), at)
        elif quote == "'" and text[at] == "'":
            pieces.add("'", at)
            at += 2
            continue
        else:
            found = _FOLD.match(text, at, end)
            if found is None:  # blanks at the end
                found = re.compile(r"[ \t]+").match(text, at, end)
                if found is None:
                    return None
                pieces.add(found.group(), at)
            else:
                breaks = [each.start() + at for each in _BREAK.finditer(found.group())]
                for where in breaks[1:]:
                    pieces.add("\n", where)
                if len(breaks) == 1:
                    pieces.add(" ", breaks[0])
        at = found.end()
    return pieces.layout(end, scalar.end)


def _unescaped(found: re.Match[str]) -> str:
    high, low, *codes, fold, char = found.groups()
    if high:
        return chr(0x10000 + ((int("d" + high, 16) & 0x3FF) << 10) + (int("d" + low, 16) & 0x3FF))
    code = next((code for code in codes if code), None)
    if code:
        return chr(int(code, 16)) if int(code, 16) < 0x110000 else "\ufffd"
    if fold:
        return "\n" * (len(_BREAK.findall(fold)) - 1)
    return _ESCAPES.get(char, char)


# -- writing

_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def escaped(text: str) -> str:
    """Return a text as it stands between double quotes, for YAML and for JSON."""
    return re.sub(
        '["\\\\\\x00-\\x1f\\x7f-\\x9f\u2028\u2029\ufeff\ufffe\uffff]',
        lambda found: _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}",
        text,
    )


def quoted(text: str) -> str:
    """Return a text in double quotes."""
    return f'"{escaped(text)}"'


def as_block(text: str, indent: int, column: int, newline: str = "\n") -> str | None:
    """Return a text as a literal block, without its last break, behind a key indented by *column*; None where no block can say it."""
    if not text.strip("\n") or _UNPRINTABLE.search(text) or indent <= column:
        return None
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    digit = ""
    if text[0] in " \n" or "\t" in text[:1]:
        if indent - column > 9:
            return None
        digit = str(indent - column)
    chomp = "-" if ends == 0 else "" if ends == 1 else "+"
    lines = [(" " * indent + line if line else "") for line in text.removesuffix("\n").split("\n")]
    return f"|{digit}{chomp}{newline}" + newline.join(lines)


def fits_block(written: str, layout: Layout, text: str) -> bool:
    """Say whether a literal block, as its header has it, can say a text.

    Args:
        written: What the block stands in.
        layout: How it is written.
        text: What it is to say.
    """
    ends = len(text) - len(text.rstrip("\n"))
    breaks = {"-": ends == 0, "": ends == 1, "+": ends > 0}[layout.chomp]
    closed = layout.raws[-1] > layout.end  # there is a break behind its last line
    begins = layout.fixed or text[:1] not in (" ", "\t", "\n", "")
    return breaks and closed and begins and bool(layout.text) and not _UNPRINTABLE.search(text)
