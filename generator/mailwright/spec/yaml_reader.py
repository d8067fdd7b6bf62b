"""Read YAML as YAML 1.2 means it, with places.

PyYAML's parser gives the events; values are built here, because its own constructor follows YAML 1.1, drops duplicate keys and
forgets positions. A plain text that means different things to YAML 1.1 and 1.2 readers (`no`, `0587`, `1_000`, dates) is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from ..base.errors import SyntaxInput
from ..base.nodes import Json, Marks, PlacedList, PlacedMap
from ..base.patterns import pattern
from ..base.places import Place, Source
from ..base.shown import shown_key
from ..base.yaml_events import syntax_error, yaml_events
from .references import ANY_WORD

MAX_DEPTH = 64
MAX_ALIASED = 100_000
"""Values that the aliases of one document may add to those that stand in it."""

# Also the line ends that only YAML 1.1 knows (NEL, LS, PS): to it, and to nothing else, they begin a new line.
_UNPRINTABLE = pattern("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BRACKETS = pattern(r"""'[^']*'|"(?:[^"\\]|\\.)*"|[\[\]{}]""", re.DOTALL)

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE, _FALSE = frozenset({"true", "True", "TRUE"}), frozenset({"false", "False", "FALSE"})
_INTEGER = pattern(r"[-+]?(?:0|[1-9][0-9]*)\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = pattern(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z|[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")
_BLANKS = str.maketrans("", "", "\t\n\r")
_SURPRISES = (
    (
        re.compile(r"(?:y|yes|n|no|on|off)\Z", re.IGNORECASE),
        "a boolean to some YAML readers and a string to others",
        "true, false",
    ),
    (
        re.compile(r"[-+]?0[0-9_]+\Z|0o[0-7]+\Z|[-+]?0b[01_]+\Z"),
        "an octal or binary number to some YAML readers",
        "a decimal number",
    ),
    (
        re.compile(r"[-+]?(?:0x[0-9a-fA-F_]*_[0-9a-fA-F_]*|(?=[0-9.]*_)[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?)\Z"),
        "a number to some YAML readers",
        "a number without `_`",
    ),
    (re.compile(r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z"), "a number in base 60 to some YAML readers", ""),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?\Z"), "a date to some YAML readers", ""),
)


def read_yaml(source: Source) -> Json:
    """Return the one document of a YAML text.

    Raises:
        SyntaxInput: with the place of what is wrong.
    """
    plain = source.text.isascii() and source.text.translate(_BLANKS).isprintable()  # which tells most without the expression
    bad = None if plain else _UNPRINTABLE.search(source.text)
    if bad:
        raise SyntaxInput(
            "contains a control character", place=source.place(bad.start()), hint="write it as an escape in double quotes"
        )
    builder = _Builder(source.name)
    try:
        return builder.build(yaml_events(source.text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        if mark:
            builder.check_depth_ahead(source, mark.index)
        raise syntax_error(source, error, usual_cause) from None


def _too_deep(place: Place) -> SyntaxInput:
    return SyntaxInput(f"nested deeper than {MAX_DEPTH} levels", place=place)


_TAB = pattern(r" *\t")
_STARTS = pattern(r"(?:^|[-:,{\[])[ ]*(?P<mark>[@`%])")
_ALIAS = pattern(r"(?:^ *-|: +|, *|\[ *)(?P<mark>[*&!])")
_TEMPLATE = pattern(r": +\{\{|: +\{%")
_FLOW = pattern(r"[{\[].*" + ANY_WORD)
_INNER_COLON = pattern(r" *(?:- +)?[\w.$/-]+: +[^\s\"'|>{\[#][^#]*:(?: |\Z)")
_NO_BLANK = pattern(r" *(?:- +)?[A-Za-z_][\w.-]*:[^\s/]")
_NO_COLON = pattern(r" *[A-Za-z_][\w.-]*(?: *=.*)? *\Z")


def usual_cause(source: Source, found: Any, began: Any) -> str:
    """Return what usually causes a syntax error, judged by the text of the user's lines, not by the parser's words.

    Args:
        found, began: The parser's marks: where it could not go on, and where what it was reading began, or None.
    """
    line = found.line + 1
    for number in (line, line - 1, began.line + 1 if began else 0):
        cause = _cause(source.line(number)) if 1 <= number <= source.lines else None
        if cause is not None:
            return cause if number == line else f"look at line {number}: {cause}"
    return "YAML goes by the spaces at the start of a line: is this line indented like its neighbours?"


def _cause(text: str) -> str | None:
    if _TAB.match(text):
        return "the indentation contains a tab: YAML allows only spaces"
    if _FLOW.search(text):
        return 'between { } and [ ] a reference must be in quotes: "$env{NAME}"'
    if _TEMPLATE.search(text):
        return "a string that begins with `{` must be in quotes"
    if found := _STARTS.search(text):
        return f"a string that begins with `{found['mark']}` must be in quotes"
    if text.count('"') % 2 or (text.count("'") % 2 and '"' not in text):
        return "is a quotation mark not closed?"
    if text.count("{") != text.count("}") or text.count("[") != text.count("]"):
        return "is a bracket not closed, or does a string contain one that is not in quotes?"
    if found := _ALIAS.search(text):
        return f"a string that begins with `{found['mark']}` must be in quotes"
    if _INNER_COLON.match(text):
        return "a string that contains `: ` must be in quotes"
    if _NO_BLANK.match(text):
        return "a space must follow the `:` of a key"
    if _NO_COLON.match(text):
        return "write a key as `key: value`"
    return None


class _Open:
    """A collection that is being built."""

    __slots__ = ("anchor", "items", "key", "key_place", "marks", "place", "places", "size")

    def __init__(self, place: Place, anchor: str | None, *, is_map: bool) -> None:
        self.place, self.anchor = place, anchor
        self.items: Any = {} if is_map else []
        self.marks = Marks() if is_map else None
        self.places: list[Place] = []
        self.key: str | None = None
        self.key_place = place
        self.size = 1


class _Builder:
    def __init__(self, file: str) -> None:
        self.file = file
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Json, int, Place]] = {}
        self.root: list[Json] = []
        self.aliased = 0
        self.read = 0  # characters

    def build(self, events: Iterator[Any]) -> Json:
        documents = 0
        for event in events:
            self.read = event.end_mark.index
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise SyntaxInput(
                        "contains more than one YAML document",
                        place=self._place(event),
                        hint="put each document into a file of its own",
                    )
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                self._open(event)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                self._close()
        return self.root[0] if self.root else None

    def check_depth_ahead(self, source: Source, end: int) -> None:
        """Say where what was read before an error at *end*, but not yet told as events, goes too deep: libraries differ in their own limit.

        Raises:
            SyntaxInput: it does.
        """
        depth = len(self.stack)
        for bracket in _BRACKETS.finditer(source.text, self.read, end):
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(bracket.group(), 0)
            if depth > MAX_DEPTH:
                raise _too_deep(source.place(bracket.start()))

    def _place(self, event: Any) -> Place:
        return Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _alias(self, event: Any) -> None:
        place = self._place(event)
        if event.anchor not in self.anchors:
            raise SyntaxInput(
                "an alias without an anchor above it", place=place, hint="a string that begins with `*` must be in quotes"
            )
        value, size, anchored = self.anchors[event.anchor]
        self.aliased += size
        if self.aliased > MAX_ALIASED:
            raise SyntaxInput(f"the aliases add more than {MAX_ALIASED} values", place=place)
        self._add(value, place if not isinstance(value, (PlacedMap, PlacedList)) else anchored, size, at=place)

    def _scalar(self, event: Any) -> None:
        place = self._place(event)
        value = self._resolved(event, place)
        if event.anchor:
            self.anchors[event.anchor] = (value, 1, place)
        self._add(value, place, 1, at=place)

    def _resolved(self, event: Any, place: Place) -> Json:
        text: str = event.value
        if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
            raise SyntaxInput(
                "YAML tags are not supported",
                place=place,
                hint="write the value without a tag; a string that begins with `!` must be in quotes",
            )
        if event.tag is not None or event.style:  # quoted, or a block
            return text
        if text in _NULL:
            return None
        if text in _TRUE or text in _FALSE:
            return text in _TRUE
        for surprise, meaning, instead in _SURPRISES:
            if surprise.match(text):
                hint = f"put it in quotes, or write {instead}" if instead else "put it in quotes"
                raise SyntaxInput(f"this is {meaning}", place=place, hint=hint)
        if _INTEGER.match(text):
            if len(text) > 30:
                raise SyntaxInput("the number is too large", place=place, hint="put it in quotes if it is a string")
            return int(text, 16) if text.startswith("0x") else int(text)
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan")) if _FLOAT.match(text) else text

    def _open(self, event: Any) -> None:
        place = self._place(event)
        if len(self.stack) >= MAX_DEPTH:
            raise _too_deep(place)
        if event.tag not in (None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            raise SyntaxInput(
                "YAML tags are not supported",
                place=place,
                hint="write the value without a tag; a string that begins with `!` must be in quotes",
            )
        if self.stack and self.stack[-1].marks is not None and self.stack[-1].key is None:
            raise SyntaxInput(
                "a key must be a string", hint="a string that begins with `{` or `[` must be in quotes", place=place
            )
        self.stack.append(_Open(place, event.anchor, is_map=isinstance(event, yaml.MappingStartEvent)))

    def _close(self) -> None:
        done = self.stack.pop()
        value: Json
        if done.marks is not None:
            value = PlacedMap(done.items, place=done.place, origin=done.marks)
        else:
            value = PlacedList(done.items, place=done.place, places=done.places)
        if done.anchor:
            self.anchors[done.anchor] = (value, done.size, done.place)
        self._add(value, done.place, done.size, at=done.place)

    def _add(self, value: Json, place: Place, size: int, *, at: Place) -> None:
        if not self.stack:
            self.root.append(value)
            return
        owner = self.stack[-1]
        owner.size += size
        if owner.marks is None:
            owner.items.append(value)
            owner.places.append(place)
        elif owner.key is None:
            self._key(owner, value, at)
        else:
            owner.items[owner.key] = value
            owner.marks.keys[owner.key] = owner.key_place
            owner.marks.values[owner.key] = place
            owner.key = None

    def _key(self, owner: _Open, key: Json, place: Place) -> None:
        if not isinstance(key, str):
            raise SyntaxInput(
                "a key must be a string",
                hint="put it in quotes",
                place=place,
            )
        if key == "<<":
            raise SyntaxInput("merge keys (`<<`) are not read", place=place, hint="what tenants share goes into `defaults`")
        if key in owner.items:
            first = owner.marks.keys[key].line if owner.marks else 0
            raise SyntaxInput(
                f"the key {shown_key(key)} is defined twice in one mapping (first on line {first})",
                place=place,
                hint="remove one of the two",
            )
        owner.key, owner.key_place = key, place
