"""A file without a mistake, kept as text: where its tables begin and end, and which ones share their first name.

What a table says is read when somebody asks for it; most tables of a file mean nothing to this program. Their syntax is read all the
same, and whether anything is defined twice. A file with any mistake is none of this module's: it is read statement by statement, by
``syntax`` and ``tree``, which say what is wrong and where.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator

from ..base.patterns import pattern
from ..base.places import BYTE_ORDER_MARK
from .syntax import MAX_DEPTH, SIMPLE_HEADER, Header, KeyValue, Reader, StatementKind, Stop
from .tree import build_leaves

_KEY = r"(?:[A-Za-z0-9_-]++|'[A-Za-z0-9_.-]++')"
_TEXT = r"(?:\"[^\"\\\x00-\x1f\x7f]*+\"|'[^'\x00-\x08\x0a-\x1f\x7f]*+')"
_TEXTS = rf"\[[ \t]*+{_TEXT}[ \t]*+(?:,[ \t]*+{_TEXT}[ \t]*+)*+\]"
_SIMPLE_VALUE = rf"(?:{_TEXT}|true|false|0|[1-9][0-9]{{0,17}}+|{_TEXTS})"
# Blank lines, comments, and keys with simple values. All possessive: nothing is kept for a way back.
_PLAIN = pattern(rf"(?:[ \t]*+(?:{_KEY}[ \t]*+=[ \t]*+{_SIMPLE_VALUE}[ \t]*+)?+(?:#[^\n]*+)?+\r?\n)*+")
_NAMES = pattern(rf"^[ \t]*+({_KEY})[ \t]*+=", 8)  # re.MULTILINE
_NEXT = pattern(r"[ \t]*+(?:(?=\[)|(?:#[^\n]*+)?+\Z)")
_BARE = pattern(r"[A-Za-z0-9_-]+\Z")
_CLEAR = pattern(r"[^'\"\\\x00-\x1f]*+\Z")
_MARK = pattern(r"\$|\\u0024|\\U00000024")


class Unusual(Exception):
    """The file has a mistake, or something so rare that it is read statement by statement."""


class Sections:
    """Where the tables of a file stand.

    Attributes:
        text: The file's text.
        top: The pairs before the first header.
        starts, lasts, ends: The offsets of each header's bracket, of the end of the last line that says something below it, and of
            the next header's line.
        roots: The numbers of the tables by the first part of their names.
        odd: The first names whose tables can only be read together: arrays of tables, dotted keys, quoted names.
        dirty: Whether bytes in the text are no UTF-8.
    """

    __slots__ = ("dirty", "ends", "lasts", "odd", "roots", "starts", "text", "top")

    def __init__(self, text: str, *, dirty: bool) -> None:
        self.text, self.dirty = text, dirty
        self.top: list[KeyValue] = []
        self.starts, self.lasts, self.ends = array("I"), array("I"), array("I")
        self.roots: dict[str, int | list[int]] = {}
        self.odd: set[str] = set()

    def add(self, root: str, start: int) -> None:
        """Note a header."""
        found, number = self.roots.get(root), len(self.starts)
        if found is None:
            self.roots[root] = number
        elif isinstance(found, int):
            self.roots[root] = [found, number]
        else:
            found.append(number)
        self.starts.append(start)

    def of(self, root: str) -> list[int]:
        """Return the numbers of the tables that have a first name."""
        found = self.roots.get(root, [])
        return [found] if isinstance(found, int) else found

    def table(self, number: int) -> list[Header | KeyValue]:
        """Return a header and the pairs below it."""
        return Reader(self.text, self.starts[number], self.ends[number], dirty=self.dirty).read().items

    def statements(self, root: str) -> Iterator[Header | KeyValue]:
        """Yield everything that has a first name."""
        yield from (pair for pair in self.top if pair.path[0] == root)
        for number in self.of(root):
            yield from self.table(number)

    def first_names(self) -> Iterator[str]:
        """Yield the first names of everything."""
        yield from dict.fromkeys(pair.path[0] for pair in self.top if pair.path[0] not in self.roots)
        yield from self.roots

    def root_of(self, number: int) -> str:
        """Return the first name of a table."""
        simple = SIMPLE_HEADER.match(self.text, self.starts[number])
        return simple[2].partition(".")[0] if simple else self.table(number)[0].path[0]

    def root_at(self, offset: int) -> str | None:
        """Return the first name of what stands at an offset."""
        number = bisect_right(self.starts, offset) - 1
        if number >= 0:
            return self.root_of(number)
        return next((pair.path[0] for pair in self.top if offset < pair.value.span.end), None)

    def next_header(self, offset: int) -> Header | None:
        """Return the first header from an offset on."""
        number = bisect_left(self.starts, offset)
        return self.table(number)[0] if number < len(self.starts) else None  # type: ignore[return-value]

    def texts(self, but: Collection[str]) -> Iterator[str]:
        """Yield how everything is written but for what has one of some first names, comments between tables left out."""
        for pair in self.top:
            if pair.path[0] not in but:
                yield self.text[pair.key_span.start : pair.value.span.end]
        others = {number for root in but for number in self.of(root)}
        for number, start in enumerate(self.starts):
            if number not in others:
                yield self.text[start : self.lasts[number]].rstrip()

    def marked(self) -> Iterator[str | int]:
        """Yield the first names (of odd ones) and the numbers of the tables in which a ``$`` may stand."""
        yield from self.odd.intersection(pair.path[0] for pair in self.top)
        last = -1
        for mark in _MARK.finditer(self.text):
            number = bisect_right(self.starts, mark.start()) - 1
            if number > last:
                last = number
                root = self.root_of(number)
                yield root if root in self.odd else number


def texts_of(text: str, items: Iterable[Header | KeyValue], but: Collection[str]) -> Iterator[str]:
    """Yield what ``Sections.texts`` does, of statements."""
    start: int | None = None
    last, top = 0, True
    for item in items:
        ours = item.path[0] in but
        if isinstance(item, Header):
            if start is not None:
                yield text[start:last].rstrip()
            start, top = None if ours else item.span.start, False
        elif top and not ours:
            yield text[item.key_span.start : item.value.span.end]
        last = text.find("\n", item.span.end if isinstance(item, Header) else item.value.span.end)
        last = last if last >= 0 else len(text)
    if start is not None:
        yield text[start:last].rstrip()


def read_sections(text: str) -> Sections | None:
    """Return the tables of a text; None where it has a mistake."""
    try:
        return _Reader(text).sections()
    except (Stop, Unusual):
        return None


class _Reader(Reader):
    """Reads a whole file and keeps nothing of most statements."""

    def sections(self) -> Sections:
        """Read the file.

        Raises:
            Unusual, Stop: it has a mistake.
        """
        text, found = self.text, Sections(self.text, dirty=self.dirty)
        if text.startswith(BYTE_ORDER_MARK):
            raise Unusual
        while not self._at_header():
            pair = self._pair()
            if pair is not None:
                found.top.append(pair)
        _check(found.top)
        if not all(_CLEAR.match(pair.path[0]) for pair in found.top):
            raise Unusual  # its flat name may be that of another key
        while self.pos < self.end:
            self._table(found)
        taken = found.roots.keys()
        found.odd.update(pair.path[0] for pair in found.top if pair.path[0] in taken)
        for root, where in found.roots.items():
            if root in found.odd:
                _check(list(found.statements(root)))
            elif not isinstance(where, int):
                _check_headers(found, where)
        return found

    def _at_header(self) -> bool:
        """Whether the next thing is a header, or nothing comes any more."""
        following = _NEXT.match(self.text, self.pos)
        if following is None:
            return False
        self.pos = following.end()
        return True

    def _pair(self) -> KeyValue | None:
        """Read blank lines and the pair behind them."""
        self._skip_lines()
        if self._at_header():
            return None
        pair = self._statement()
        self._line_end()
        if self.modes or not isinstance(pair, KeyValue):
            raise Unusual
        return pair

    def _table(self, found: Sections) -> None:
        """Read a header and what is below it."""
        text, start = self.text, self.pos
        simple = SIMPLE_HEADER.match(text, start)
        if simple and simple[2].count(".") < MAX_DEPTH:
            root, self.pos = simple[2].partition(".")[0], simple.end()
        else:
            root = self._header().path[0]
            if not _CLEAR.match(root):
                raise Unusual
            found.odd.add(root)
            self._line_end()
        found.add(root, start)
        names: list[str] = []
        said = self.pos  # up to here there are no comments that may belong to the next table
        while True:
            run = _PLAIN.match(text, self.pos)
            if run and run.end() > self.pos:
                names += _NAMES.findall(text, self.pos, run.end())
                self.pos = run.end()
            if self._at_header():
                break
            pair = self._pair()
            if pair is None:
                break
            names.append(pair.path[0])
            said = self.pos
            if len(pair.path) > 1:
                found.odd.add(root)
            elif pair.value.kind is StatementKind.TABLE or not _BARE.match(names[-1]):
                _check([pair])
        found.lasts.append(_last_line(text, said, self.pos))
        found.ends.append(self.pos)
        if root not in found.odd and _twice(names):
            raise Unusual

    def _refuse(self, *_: object, **__: object) -> None:
        raise Unusual


def _last_line(text: str, start: int, end: int) -> int:
    """Return where the last line before *end* ends that is no comment, and not blank; *start*, where a line begins, if there is none."""
    while end > start:
        line = text.rfind("\n", start, end - 1) + 1 or start
        written = text[line:end].strip()
        if written and written[0] != "#":
            return end
        end = line
    return start


def _twice(names: list[str]) -> bool:
    return len({name.strip("'") for name in names}) < len(names)


def _check(items: list[KeyValue] | list[Header | KeyValue]) -> None:
    """Refuse statements that do not go together."""
    if build_leaves(items)[1]:
        raise Unusual


def _check_headers(found: Sections, numbers: list[int]) -> None:
    """Refuse simple headers that have their first name in common and do not go together."""
    text = found.text
    seen: dict[str, int] = {}
    implied: set[str] = set()
    keys: dict[str, set[str]] = {}
    for number in numbers:
        simple = SIMPLE_HEADER.match(text, found.starts[number])
        assert simple is not None
        name = simple[2]
        if name in seen or name in implied:
            raise Unusual
        dot = name.find(".")
        while dot >= 0:
            prefix, behind = name[:dot], name.find(".", dot + 1)
            if prefix not in seen:
                implied.add(prefix)
            else:
                if prefix not in keys:
                    pairs = found.table(seen[prefix])[1:]
                    keys[prefix] = {pair.path[0] for pair in pairs}
                if name[dot + 1 : behind if behind >= 0 else None] in keys[prefix]:
                    raise Unusual
            dot = behind
        seen[name] = number
