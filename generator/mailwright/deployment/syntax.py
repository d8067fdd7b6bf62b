"""Read a deployment.toml into statements with spans, as the server's TOML parser does.

The server reads TOML 0.5.0 with CAVA 0.5.0 (config-mapper 1.0.2 to 1.0.22), which refuses texts that newer libraries take and takes
some that they refuse (product/xml.md#dotted-names, product/xml.md#section, product/xml.md#parser; the grammar is CAVA's
TomlLexer.g4 and TomlParser.g4). What it refuses becomes a ``Problem`` with a place. Where a sane reading exists all the same,
reading goes on with it, so that one mistake hides nothing behind it; else the rest of the line is lost.

The rule of this file: a message never holds a piece of the text.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from ..base.patterns import pattern
from ..base.places import BYTE_ORDER_MARK, Span
from ..base.values import dataclass, field
from .java import java_time

MAX_DEPTH = 64
"""Keys with more parts, and arrays and inline tables deeper than this, are refused; the server's own limit is its stack."""


class StatementKind(Enum):
    """The type of a TOML value."""

    STRING = "string"
    INTEGER = "integer"
    FLOAT = "float"
    BOOLEAN = "boolean"
    TIME = "date or time"
    ARRAY = "array"
    TABLE = "inline table"


class TimeText(str):
    """A date or time as Java prints it: no text to what asks for the type."""

    __slots__ = ()


class Value(NamedTuple):
    """A value and where it stands.

    ``data`` is a str, int, float or bool; a ``TimeText`` for TIME; for ARRAY a tuple of values; for TABLE a tuple of
    ``KeyValue``.
    """

    kind: StatementKind
    data: object
    span: Span

    def __repr__(self) -> str:  # the data may be a secret
        return f"Value({self.kind}, {self.span})"

    @property
    def elements(self) -> tuple[Value, ...]:
        """The values of an ARRAY; nothing for any other kind."""
        return self.data if self.kind is StatementKind.ARRAY else ()  # type: ignore[return-value]

    @property
    def pairs(self) -> tuple[KeyValue, ...]:
        """The pairs of an inline TABLE; nothing for any other kind."""
        return self.data if self.kind is StatementKind.TABLE else ()  # type: ignore[return-value]


class KeyValue(NamedTuple):
    """``key = value``; *path* is the key's own parts, relative to the table it stands in, *key_span* the key as it is written."""

    path: tuple[str, ...]
    key_span: Span
    value: Value
    parts: tuple[Span, ...] = ()

    @property
    def key_spans(self) -> tuple[Span, ...]:
        """Each part of the key as it is written."""
        return self.parts or (self.key_span,)


class Header(NamedTuple):
    """``[table]`` or ``[[array of tables]]``; *span* covers the brackets."""

    path: tuple[str, ...]
    span: Span
    array: bool = False
    parts: tuple[Span, ...] = ()

    @property
    def key_spans(self) -> tuple[Span, ...]:
        """Each part of the name as it is written: where *parts* does not say, there is nothing but the name in the brackets."""
        ends = accumulate((len(part) + 1 for part in self.path), initial=self.span.start + 1)
        return self.parts or tuple(Span(at, at + len(part)) for at, part in zip(ends, self.path, strict=False))


class Refusal(Enum):
    """Why the server does not take a text."""

    SYNTAX = "syntax"
    DUPLICATE = "duplicate"
    OVERFLOW = "overflow"
    KEY = "key"
    DEPTH = "depth"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that the server's parser refuses: the server does not start with such a file."""

    refusal: Refusal
    span: Span
    message: str
    hint: str | None = None


@dataclass(slots=True)
class Statements:
    """What a text says, in its order, and what is wrong with it."""

    items: list[Header | KeyValue] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Stop(Exception):
    """The rest of the line cannot be read."""

    def __init__(self, at: int, message: str, hint: str | None = None, refusal: Refusal = Refusal.SYNTAX) -> None:
        super().__init__(message)
        self.at, self.message, self.hint, self.refusal = at, message, hint, refusal


_DEC = r"(?:[1-9](?:_?[0-9])+|[0-9])"
_EXP = rf"[eE][-+]?{_DEC}"
# Possessive: else the expression keeps a way back for every line, and a file of comments takes forty times its size.
_BLANK = pattern(r"(?:[ \t]*+(?:#[^\n]*+)?+(?:\r?\n))++")
_SPACE = pattern(r"[ \t]*")
_LINE_END = pattern(r"[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z)")
_BARE_KEY = pattern(r"[A-Za-z0-9_-]+")
# The common lines, read in one step: a key and a simple value, a table's name. Anything else takes the long way.
_SIMPLE = pattern(
    r"[ \t]*([A-Za-z0-9_-]+|'[A-Za-z0-9_.-]+')[ \t]*=[ \t]*"
    r"(?:\"([^\"\\\x00-\x1f\x7f]*)\"|'([^'\x00-\x08\x0a-\x1f\x7f]*)'|(true|false)|(0|[1-9][0-9]{0,17}))"
    r"[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z)"
)
SIMPLE_HEADER = pattern(r"[ \t]*(\[([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\])[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z)")
_BASIC = pattern(r"\"((?:[^\"\\\x00-\x1f\x7f]|\t|\\[^\n])*)\"")
_LITERAL = pattern(r"'([^'\x00-\x08\x0a-\x1f\x7f]*)'")
_ML_BASIC = pattern(r'"""(?:\r?\n)?((?:[^"\\\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\\(?s:.)|"(?!""))*)"""')
_ML_LITERAL = pattern(r"'''(?:\r?\n)?((?:[^'\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|'(?!''))*)'''")
_INTEGER = pattern(rf"[-+]?{_DEC}(?![-:])")
_RADIX = pattern(r"0x([0-9A-Fa-f](?:_?[0-9A-Fa-f])*)|0o([0-7](?:_?[0-7])*)|0b([01](?:_?[01])*)")
_FLOAT = pattern(rf"[-+]?{_DEC}(?:{_EXP}|\.[0-9](?:_?[0-9])*(?:{_EXP})?)")
_SPECIAL = pattern(r"([-+]?)(inf|nan)|(true)|(false)")
_TIME = pattern(
    r"(?:(\d+)-(\d+)-(\d+)(?:[Tt ](\d+):(\d+):(\d+)(?:\.(\d+))?(Z|[-+]\d+:\d+)?)?)|(?:(\d+):(\d+):(\d+)(?:\.(\d+))?)",
    re.ASCII,
)
_TIME_START = pattern(r"[0-9]+[-:]")
_ESCAPE = pattern(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|[ \t]*\r?\n|(?s:(.)))")
_ESCAPES = {'"': '"', "\\": "\\", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
# A tab in a multi-line text, unless it stands between a line-ending backslash and its line end.
_STRAY_TAB = pattern(r"\\[ \t]*\r?\n|\\(?s:.)|(\t)")
_UNDECODABLE = pattern("[\udc80-\udcff]+")
_LONG = 1 << 63


def read_statements(text: str) -> Statements:
    """Read *text* (decoded with ``surrogateescape``) into statements and problems."""
    return Reader(text).read()


@lru_cache(maxsize=4096)  # files have most of their names in common
def _single(name: str) -> tuple[str, ...]:
    return (name.strip("'"),)


def _array_type(value: Value) -> object:
    """What CAVA compares in an array: to it, a date, a time and the two together are four types."""
    if value.kind is not StatementKind.TIME:
        return value.kind
    text = str(value.data)
    return "T" in text, "-" in text[:5], text[-1:] == "Z" or text[-6:-5] in ("+", "-")


class Reader:
    """Reads a text, or the part between two offsets where statements begin; ``dirty`` says whether bytes in it are no UTF-8."""

    def __init__(self, text: str, start: int = 0, end: int | None = None, *, dirty: bool | None = None) -> None:
        self.text = text
        self.pos = start
        self.end = len(text) if end is None else end
        self.out = Statements()
        self.dirty = dirty if dirty is not None else not text.isascii() and _UNDECODABLE.search(text) is not None
        # How many "a value is expected" modes CAVA's lexer has on its stack. An empty array, or one that ends in a comma, leaves
        # one too many behind; a line's end takes one off (TomlLexer.g4: ArrayComma, ArrayEnd, ValueNewLine).
        self.modes = 0

    # -- lines

    def read(self) -> Statements:
        """Read statements and problems."""
        text, end = self.text, self.end
        items = self.out.items
        if not self.pos and text.startswith(BYTE_ORDER_MARK):
            self._refuse(0, 1, "the file begins with a byte order mark", "save the file as UTF-8 without one")
            self.pos = 1
        while self.pos < end:
            blank = _BLANK.match(text, self.pos)
            if blank:
                if self.modes:
                    self.modes = max(0, self.modes - text.count("\n", self.pos, blank.end()))
                self.pos = blank.end()
                continue
            start = self.pos
            if self.modes:
                self._leftover(start)
            simple = _SIMPLE.match(text, start)
            if simple:
                items.append(self._simple(simple))
                self.pos = simple.end()
                continue
            header = SIMPLE_HEADER.match(text, start)
            if header and header.group(2).count(".") < MAX_DEPTH:
                items.append(self._simple_header(header))
                self.pos = header.end()
                continue
            try:
                item = self._statement()
                if item is None:
                    break
                self._line_end()
                items.append(item)
            except Stop as stop:
                self._refuse(stop.at, stop.at, stop.message, stop.hint, stop.refusal)
                newline = text.find("\n", max(stop.at, self.pos, start))
                self.pos = end if newline < 0 else newline + 1
                self.modes = 0
        return self.out

    def _simple(self, match: re.Match[str]) -> KeyValue:
        group = match.lastindex or 2
        start, stop = match.span(group)
        raw = match.group(group)
        kind: StatementKind
        data: object
        if group <= 3:
            kind, data = StatementKind.STRING, self._clean(raw)
            start, stop = start - 1, stop + 1
        elif group == 4:
            kind, data = StatementKind.BOOLEAN, raw == "true"
        else:
            kind, data = StatementKind.INTEGER, int(raw)
        return KeyValue(_single(match.group(1)), Span(*match.span(1)), Value(kind, data, Span(start, stop)))

    def _simple_header(self, match: re.Match[str]) -> Header:
        return Header(tuple(match.group(2).split(".")), Span(*match.span(1)))

    def _leftover(self, at: int) -> None:
        self._skip_space()
        rest = self.text[self.pos : self.pos + 3]
        self.pos, left, self.modes = at, self.modes, 0
        if not rest or rest[0] == "#":
            return
        if left == 1 and rest[0] in "\"'" and rest not in ('"""', "'''"):
            return  # a key in quotes reads the same where a value is expected
        self._refuse(
            at,
            at,
            "the server's parser cannot read on after the nested arrays above",
            "write the arrays above without empty inner arrays and without a comma before `]`",
        )

    def _line_end(self) -> None:
        match = _LINE_END.match(self.text, self.pos)
        if not match:
            number = self.text[self.pos - 1 : self.pos].isdecimal() and self.text[self.pos : self.pos + 1].isdecimal()
            self._skip_space()
            hint = (
                "a number must not begin with 0" if number else "put each statement on a line of its own, and strings in quotes"
            )
            raise Stop(self.pos, "unexpected text after the end of the statement", hint)
        if self.modes and match.end() > match.start() and self.text[match.end() - 1] == "\n":
            self.modes -= 1
        self.pos = match.end()

    def _statement(self) -> Header | KeyValue | None:
        self._skip_space()
        if self.pos >= len(self.text):
            return None
        if self.text[self.pos] == "#":  # a comment that ends the file
            self.pos = len(self.text)
            return None
        if self.text[self.pos] == "[":
            return self._header()
        self.modes = 0
        return self._key_value(0)

    def _header(self) -> Header:
        text, start = self.text, self.pos
        array = text.startswith("[[", start)
        self.pos += 2 if array else 1
        self._skip_space()
        if text.startswith("]", self.pos):
            raise Stop(self.pos, "a table needs a name")
        path, spans = self._key()
        self._skip_space()
        closing = "]]" if array else "]"
        if not text.startswith(closing, self.pos) or (not array and text.startswith("]]", self.pos)):
            raise Stop(self.pos, f"expected `{closing}` after the table's name")
        self.pos += len(closing)
        return Header(path, Span(start, self.pos), array, spans)

    def _key_value(self, depth: int) -> KeyValue:
        path, spans = self._key()
        self._skip_space()
        if not self.text.startswith("=", self.pos):
            raise Stop(self.pos, "expected `=` after a key")
        self.pos += 1
        self._skip_space()
        self.modes = 1
        whole = Span(spans[0].start, spans[-1].end)
        return KeyValue(path, whole, self._value(depth + len(path) - 1), spans if len(spans) > 1 else ())

    # -- keys

    def _key(self) -> tuple[tuple[str, ...], tuple[Span, ...]]:
        path: list[str] = []
        spans: list[Span] = []
        while True:
            self._skip_space()
            start = self.pos
            path.append(self._simple_key())
            if len(path) > MAX_DEPTH:
                raise Stop(start, f"a key with more than {MAX_DEPTH} parts", refusal=Refusal.DEPTH)
            spans.append(Span(start, self.pos))
            mark = self.pos
            self._skip_space()
            if not self.text.startswith(".", self.pos):
                self.pos = mark
                return tuple(path), tuple(spans)
            self.pos += 1

    def _simple_key(self) -> str:
        bare = _BARE_KEY.match(self.text, self.pos)
        if bare:
            self.pos = bare.end()
            return bare.group()
        quote = self.text[self.pos : self.pos + 1]
        if quote == '"':
            return self._basic_string()
        if quote == "'":
            return self._literal_string()
        raise Stop(self.pos, "expected a key: letters, digits, `_` and `-`, or a quoted string")

    # -- values

    def _value(self, depth: int) -> Value:
        text, start = self.text, self.pos
        first = text[start : start + 1]
        if depth > MAX_DEPTH:
            raise Stop(start, f"nested deeper than {MAX_DEPTH} levels", refusal=Refusal.DEPTH)
        if first == "[":
            return self._array(depth)
        if first == "{":
            return self._inline_table(depth)
        kind, data = self._scalar(first)
        if kind is not StatementKind.TIME:
            self._leave_mode(start)
        return Value(kind, data, Span(start, self.pos))

    def _scalar(self, first: str) -> tuple[StatementKind, object]:
        if first == '"':
            long = self.text.startswith('"""', self.pos)
            return StatementKind.STRING, self._multiline(_ML_BASIC) if long else self._basic_string()
        if first == "'":
            long = self.text.startswith("'''", self.pos)
            return StatementKind.STRING, self._multiline(_ML_LITERAL) if long else self._literal_string()
        special = _SPECIAL.match(self.text, self.pos)
        if special:
            self.pos = special.end()
            sign, number, true, false = special.groups()
            if true or false:
                return StatementKind.BOOLEAN, bool(true)
            return StatementKind.FLOAT, float(f"{sign}{number}" if number == "inf" else number)
        if first and (first.isdecimal() or first in "+-"):
            return self._number()
        if not first or first in "\r\n#":
            raise Stop(self.pos, "a value is missing after `=`")
        raise Stop(self.pos, "this is not a TOML value", 'put strings in quotes: "…"')

    def _number(self) -> tuple[StatementKind, object]:
        text, start = self.text, self.pos
        if _TIME_START.match(text, start):
            return StatementKind.TIME, self._time()
        radix = _RADIX.match(text, start)
        if radix:
            self.pos = radix.end()
            base = {1: 16, 2: 8, 3: 2}[radix.lastindex or 1]
            return StatementKind.INTEGER, self._long(int(radix.group(radix.lastindex or 1).replace("_", ""), base), start)
        number = _FLOAT.match(text, start)
        if number:
            self.pos = number.end()
            return StatementKind.FLOAT, self._double(number.group(), start)
        number = _INTEGER.match(text, start)
        if not number:
            raise Stop(start, "this is not a TOML value", 'put strings in quotes: "…"')
        self.pos = number.end()
        digits = number.group().replace("_", "")
        return StatementKind.INTEGER, self._long(int(digits) if len(digits) < 30 else _LONG, start)

    def _long(self, number: int, start: int) -> int:
        if not -_LONG <= number < _LONG:
            self._refuse(start, self.pos, "the integer does not fit into 64 bits")
        return number

    def _double(self, raw: str, start: int) -> float:
        number = float(raw.replace("_", ""))
        if number in (float("inf"), float("-inf")):
            self._refuse(start, self.pos, "the float is too large")
        elif number == 0 and re.search(r"[1-9]", re.split("[eE]", raw)[0]):
            self._refuse(start, self.pos, "the float is too small")
        return number

    def _time(self) -> TimeText:
        start = self.pos
        match = _TIME.match(self.text, start)
        text = java_time(match) if match else None
        if match is None or text is None:
            raise Stop(start, "this is not a date or time", "write 1979-05-27, 07:32:00 or 1979-05-27T07:32:00Z; or use quotes")
        self.pos = match.end()
        after = self.text[self.pos : self.pos + 1]
        if after not in ("", " ", "\t", "\r", "\n", "#", ","):
            self._refuse(self.pos, self.pos + 1, "the server's parser needs a space after a date or time", "add a space")
        self._leave_mode(start)
        return TimeText(text)

    def _need_mode(self, at: int) -> None:
        if self.modes < 1:
            self._refuse(at, at, "the server's parser fails here, after dates in an array", "put a space before each comma")
            self.modes = 1

    def _leave_mode(self, at: int) -> None:
        self._need_mode(at)
        self.modes -= 1

    def _array(self, depth: int) -> Value:
        text, start = self.text, self.pos
        self._need_mode(start)
        self.pos += 1
        self.modes += 1
        values: list[Value] = []
        while True:
            lines = self._skip_lines()
            if self.pos >= len(text):
                raise Stop(start, "the array is not closed", "add the missing `]`")
            if text[self.pos] == "]":
                break
            values.append(self._value(depth + 1))
            if len(values) > 1 and _array_type(values[-1]) != _array_type(values[0]):
                self._refuse(
                    *values[-1].span, "the values of an array must be of one type", "the server's parser knows TOML 0.5 only"
                )
            lines = self._skip_lines()
            if text.startswith(",", self.pos):
                if lines:
                    self._refuse(self.pos, self.pos + 1, "a comma must be on the line of its value", "move the comma up")
                # CAVA: a comma right behind a date does not announce a value, unlike any other comma.
                if values[-1].kind is not StatementKind.TIME or values[-1].span.end != self.pos:
                    self._need_mode(self.pos)
                    self.modes += 1
                self.pos += 1
            elif self.pos < len(text) and text[self.pos] != "]":
                raise Stop(self.pos, "expected `,` or `]` in an array")
        self._leave_mode(self.pos)
        self.pos += 1
        return Value(StatementKind.ARRAY, tuple(values), Span(start, self.pos))

    def _inline_table(self, depth: int) -> Value:
        text, start, outer = self.text, self.pos, self.modes
        self.pos += 1
        pairs: list[KeyValue] = []
        while True:
            comma = self.pos - 1
            lines = self._skip_lines()
            if lines:
                self._refuse(start, self.pos, "an inline table must be on one line", "use a [table] of its own")
            if self.pos >= len(text):
                raise Stop(start, "the inline table is not closed", "add the missing `}`")
            if text[self.pos] == "}":
                if pairs:
                    self._refuse(comma, comma + 1, "an inline table must not end in a comma", "remove the comma")
                break
            pairs.append(self._key_value(depth + 1))
            if self.modes > 0:
                self._refuse(
                    *pairs[-1].value.span,
                    "the server's parser fails on an array in an inline table that is empty or ends in a comma",
                    "remove the comma, or use a [table] of its own",
                )
            if self._skip_lines():
                self._refuse(start, self.pos, "an inline table must be on one line", "use a [table] of its own")
            if text.startswith("}", self.pos):
                break
            if not text.startswith(",", self.pos):
                raise Stop(self.pos, "expected `,` or `}` in an inline table")
            self.pos += 1
        self.pos += 1
        self.modes = outer
        self._leave_mode(start)
        return Value(StatementKind.TABLE, tuple(pairs), Span(start, self.pos))

    # -- strings

    def _basic_string(self) -> str:
        match = _BASIC.match(self.text, self.pos)
        if not match:
            raise Stop(
                self.pos, "the quoted string does not end on its line, or contains a control character", 'add the missing `"`'
            )
        tab = match.group(1).find("\t")
        if tab >= 0:
            at = match.start(1) + tab
            self._refuse(at, at + 1, "a raw tab in a string in double quotes", "write \\t, or use single quotes")
        self.pos = match.end()
        return self._unescape(match.group(1), match.start(1))

    def _literal_string(self) -> str:
        match = _LITERAL.match(self.text, self.pos)
        if not match:
            raise Stop(
                self.pos, "the quoted string does not end on its line, or contains a control character", "add the missing `'`"
            )
        self.pos = match.end()
        return self._clean(match.group(1))

    def _multiline(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.pos)
        if not match:
            raise Stop(self.pos, "the multi-line string does not end, or contains a control character", "add the missing quotes")
        raw, start = match.group(1), match.start(1)
        self.pos = match.end()
        quote = '"' if pattern is _ML_BASIC else "'"
        if self.text.startswith(quote, self.pos):  # TOML 1.0 lets up to two quotes belong to the text
            message = "the server's parser ends the string at the first three quotes"
            self._refuse(self.pos, self.pos + 1, message, "escape the quote")
            more = re.compile(f"{quote}+").match(self.text, self.pos)
            assert more is not None
            raw += more.group()
            self.pos = more.end()
        stray = re.search(r"\r(?!\n)", raw)
        if stray:
            self._refuse(start + stray.start(), start + stray.end(), "a carriage return without a line feed")
        if pattern is _ML_LITERAL:
            return self._clean(raw).replace("\r\n", "\n")
        tab = next((match for match in _STRAY_TAB.finditer(raw) if match.group(1)), None)
        if tab:
            self._refuse(start + tab.start(), start + tab.end(), "a raw tab in a string in double quotes", "write \\t")
        return self._unescape(raw.replace("\r\n", "\n"), start)

    def _unescape(self, raw: str, start: int) -> str:
        raw = self._clean(raw)
        if "\\" not in raw:
            return raw

        def replace(match: re.Match[str]) -> str:
            short, long, simple = match.groups()
            if short or long:
                code = int(short or long, 16)
                if code <= 0x10FFFF:
                    return chr(code)
            elif simple is None:
                return "\n"  # CAVA keeps the line feed behind a line-ending backslash, and the blanks after it
            elif simple in _ESCAPES:
                return _ESCAPES[simple]
            at = start + match.start()
            self._refuse(
                at, at + len(match.group()), "an escape sequence that TOML 0.5 does not have", "use \\uXXXX, or single quotes"
            )
            return match.group()

        text = _ESCAPE.sub(replace, raw)
        if any("\ud800" <= c <= "\udfff" for c in text):  # two escaped surrogates make one character in Java
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        return text

    def _clean(self, raw: str) -> str:
        if not self.dirty:
            return raw
        return _UNDECODABLE.sub(lambda run: run.group().encode("utf-8", "surrogateescape").decode("utf-8", "replace"), raw)

    # -- blanks

    def _skip_space(self) -> None:
        match = _SPACE.match(self.text, self.pos)
        if match:
            self.pos = match.end()

    def _skip_lines(self) -> bool:
        """Skip blanks, comments and line ends; say whether there was a line end."""
        start = self.pos
        blank = _BLANK.match(self.text, start)
        if blank:
            self.pos = blank.end()
        self._skip_space()
        if self.text.startswith("#", self.pos):
            newline = self.text.find("\n", self.pos)
            self.pos = len(self.text) if newline < 0 else newline + 1
            self._skip_lines()
            return True
        return "\n" in self.text[start : self.pos] if self.pos > start else False

    def _refuse(self, start: int, end: int, message: str, hint: str | None = None, refusal: Refusal = Refusal.SYNTAX) -> None:
        span = Span(start, min(max(end, start + 1), len(self.text)))
        self.out.problems.append(Problem(refusal, span, message, hint))
