"""Edit keys of a TOML text by spans, in whatever spelling they stand; what is not named stays byte for byte.

A key can stand below a header, behind a dotted name in a table further up, or in an inline table. A value is replaced where it stands;
a new key goes where its neighbours are, in their spelling; a new table goes behind its parent, else before ``[secrets]`` (which stays
last: product/placeholders.md#truncates), else to the end, and never above a table that it belongs to
    (product/xml.md#child-before-parent).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import groupby

from ..base.edits import Edit, edited
from ..base.places import Span
from ..base.values import dataclass, field
from . import Deployment, Header, KeyValue, Section, StatementKind, Value

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A key-value pair where it stands.

    Attributes:
        path: Its whole path.
        pair: The pair.
        depth: How many parts of the path are written in the pair's own key.
        siblings: The pairs of the inline table that it stands in, None for a line of its own.
    """

    path: Path
    pair: KeyValue
    depth: int
    siblings: tuple[KeyValue, ...] | None


@dataclass(slots=True)
class _Edit:
    span: Span
    text: str


@dataclass
class Editor:
    """Collects changes of one file; ``edits`` says where they are, ``result`` makes them.

    Attributes:
        deployment: The file, read.
        changed: The paths that were set or removed.
    """

    deployment: Deployment
    changed: list[Path] = field(default_factory=list)
    _replaced: dict[Span, str] = field(default_factory=dict)
    _inserted: dict[Span, list[tuple[str, str]]] = field(default_factory=dict)
    _removed: set[Span] = field(default_factory=set)
    _added: dict[Path, list[tuple[str, str]]] = field(default_factory=dict)
    _slots: dict[str, list[Slot]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The file's text as it was."""
        return self.deployment.source.text

    @property
    def newline(self) -> str:
        """The file's own line ending."""
        first = self.text.find("\n")
        return "\r\n" if first > 0 and self.text[first - 1] == "\r" else "\n"

    def slots(self, path: Path) -> list[Slot]:
        """Return the pairs whose paths have their first name in common with *path*, inline ones behind the pair that holds them."""
        root = path[0]
        if root not in self._slots:
            found = self._slots[root] = []
            for section in self.deployment.sections(root):
                for pair in section.pairs:
                    found.extend(_slots(section.path, pair, None))
        return self._slots[root]

    # -- changes

    def put(self, table: Path, name: str, key: str, value: str, *, same: Callable[[Value], bool]) -> None:
        """Set one key.

        Args:
            table, name: The table's path and the key's name in it.
            key, value: How both are written in TOML.
            same: Says whether a value that is there already means the same.
        """
        path = (*table, name)
        self._clear_below(path)
        for slot in self.slots(path):
            if slot.path == path and slot.pair.value.span not in self._removed:
                if not same(slot.pair.value):
                    self.changed.append(path)
                    self._replaced[slot.pair.value.span] = value
                return
        self.changed.append(path)
        self._added.setdefault(table, []).append((key, value))

    def _clear_below(self, path: Path) -> None:
        """Remove what makes a table of a key that is to hold a value."""
        for slot in self.slots(path):
            if slot.path[: len(path)] == path and len(slot.path) > len(path):
                self.remove(slot)
        for section in self.deployment.sections(path[0]):
            if section.header and section.path[: len(path)] == path:
                self.remove_header(section.header)

    def remove(self, slot: Slot) -> None:
        """Remove a pair, with its line or its comma."""
        if slot.pair.value.span in self._removed:
            return
        self._removed.add(slot.pair.value.span)
        self.changed.append(slot.path)

    def remove_header(self, header: Header) -> None:
        """Remove a header's line."""
        self._removed.add(header.span)

    def removes(self, header: Header) -> bool:
        """Say whether a header is removed."""
        return header.span in self._removed

    def edits(self, *, public: bool = False) -> tuple[Edit, ...]:
        """Return what to write where; *public* says that the values that were set may be shown."""
        additions = list(self._additions())  # first: some of them go into inline tables
        changes = [*_joined(self._changes(), {addition.span.start for addition in additions}), *additions]
        return tuple(Edit.of(self.deployment.source, change.span, change.text, public=public) for change in changes)

    def result(self) -> str:
        """Return the edited text."""
        return edited(self.deployment.source, self.edits())

    # -- removing and replacing

    def _changes(self) -> Iterator[_Edit]:
        for section in (section for root in self._slots for section in self.deployment.sections(root)):
            if section.header and section.header.span in self._removed:
                yield _Edit(self._lines(section.header.span), "")
            for pair in section.pairs:
                if self.goes(pair):
                    yield _Edit(self._lines(Span(pair.key_span.start, pair.value.span.end)), "")
                elif self._touched(pair.value):
                    yield self._narrowed(pair.value.span, self._written(pair.value))

    def _narrowed(self, span: Span, text: str) -> _Edit:
        """Leave out what an inline table begins and ends with as before."""
        old = self.text[span.start : span.end]
        head = _common(old, text)
        tail = _common(old[head:][::-1], text[head:][::-1])
        return _Edit(Span(span.start + head, span.end - tail), text[head : len(text) - tail])

    def goes(self, pair: KeyValue) -> bool:
        """Say whether a pair is removed."""
        value = pair.value
        if value.kind is not StatementKind.TABLE:
            return value.span in self._removed
        return value.span not in self._replaced and (value.span in self._removed or self._emptied(pair))

    def _touched(self, value: Value) -> bool:
        return (
            value.span in self._replaced
            or value.span in self._inserted
            or any(self.goes(pair) or self._touched(pair.value) for pair in value.pairs)
        )

    def _written(self, value: Value) -> str:
        """Return the text of a value after the changes; in an inline table what stays keeps the blanks around it."""
        if value.span in self._replaced:
            return self._replaced[value.span]
        if not self._touched(value):
            return self.text[value.span.start : value.span.end]
        at, out, pairs = value.span.start + 1, "", value.pairs
        for index, pair in enumerate(pairs):
            start, end = pair.key_span.start, pair.value.span.end
            if not self.goes(pair):
                between = self.text[at:start]
                # The first one that stays stands where the first one stood.
                out += between if out or not index else self.text[value.span.start + 1 : pairs[0].key_span.start]
                out += self.text[start : pair.value.span.start] + self._written(pair.value)
            at = end
        added = ", ".join(f"{key} = {text}" for key, text in self._inserted.get(value.span, ()))
        if out and added:
            out += f", {added}"
        return f"{{{out}{self.text[at : value.span.end]}" if out else f"{{ {added} }}" if added else "{}"

    def _emptied(self, pair: KeyValue) -> bool:
        """Whether everything in an inline table goes, and nothing comes."""
        return bool(pair.value.pairs) and pair.value.span not in self._inserted and all(map(self.goes, pair.value.pairs))

    def _lines(self, span: Span) -> Span:
        """Return the span of the whole lines that a span touches, the line end included."""
        start = self.text.rfind("\n", 0, span.start) + 1
        end = self.text.find("\n", span.end)
        return Span(start, len(self.text) if end < 0 else end + 1)

    # -- adding

    def _additions(self) -> Iterator[_Edit]:
        fresh: list[tuple[Path, list[tuple[str, str]]]] = []
        places: set[Span] = set()
        for table, pairs in self._added.items():
            if self._put_inside(table, pairs):
                continue
            edit = self._beside(table, pairs)
            if edit is None:
                fresh.append((table, pairs))
            else:
                places.add(edit.span)
                yield edit
        for _, group in groupby(fresh, key=lambda item: item[0][0]):
            yield self._new_tables(list(group), places)

    def _put_inside(self, table: Path, pairs: list[tuple[str, str]]) -> bool:
        """Add keys to an inline table that is there, or is a parent of theirs; say whether there is one."""
        for slot in sorted(self.slots(table), key=lambda slot: -len(slot.path)):
            if (
                slot.path != table[: len(slot.path)]
                or slot.pair.value.kind is not StatementKind.TABLE
                or slot.pair.value.span in self._removed
            ):
                continue
            if len(slot.path) < self._headed(table):
                return False  # what has a header of its own would be there twice
            if slot.path == table:
                self._inserted.setdefault(slot.pair.value.span, []).extend(pairs)
            else:
                text = ", ".join(f"{key} = {written}" for key, written in pairs)
                *outer, last = table[len(slot.path) :]
                for part in reversed(outer):
                    text = f"{part} = {{ {text} }}"
                self._inserted.setdefault(slot.pair.value.span, []).append((last, f"{{ {text} }}"))
            return True
        return False

    def _beside(self, table: Path, pairs: list[tuple[str, str]]) -> _Edit | None:
        """Add keys to a table that is there, in its own spelling; None if it is not."""
        sections = self.deployment.sections(table[0])
        for section in sections:
            if section.path == table and self._stays(section):
                assert section.last is not None
                return self._below(section.last, "".join(f"{key} = {value}{self.newline}" for key, value in pairs))
        lines = [slot for slot in self.slots(table) if slot.siblings is None and not self.goes(slot.pair)]
        # A table that has a header of its own is not written to from further up: that would define it twice.
        for length in range(len(table), self._headed(table), -1):
            for slot in reversed(lines):
                own = length - (len(slot.path) - slot.depth)
                if own > 0 and len(slot.path) > length and slot.path[:length] == table[:length]:
                    return self._dotted(slot, own, table[length:], pairs)
        return None

    def _headed(self, table: Path) -> int:
        """Return how much of a table's path the longest header has that stays."""
        sections = self.deployment.sections(table[0])
        return max((len(s.path) for s in sections if s.path == table[: len(s.path)] and self._stays(s)), default=0)

    def _dotted(self, slot: Slot, own: int, rest: Path, pairs: list[tuple[str, str]]) -> _Edit:
        spans = slot.pair.key_spans
        prefix = ".".join([self.text[spans[0].start : spans[own - 1].end], *rest])
        return self._below(slot.pair.value.span, "".join(f"{prefix}.{key} = {value}{self.newline}" for key, value in pairs))

    def _below(self, span: Span, lines: str) -> _Edit:
        end = self._lines(span).end
        before = "" if self.text[:end].endswith("\n") else self.newline
        return _Edit(Span(end, end), before + lines)

    def _new_tables(self, tables: list[tuple[Path, list[tuple[str, str]]]], places: Collection[Span]) -> _Edit:
        """Write new tables; *places* are where other keys are added, which then bring the line end that the file may lack."""
        newline, first = self.newline, tables[0][0]
        sections = self.deployment.sections(first[0])
        blocks = [
            f"[{'.'.join(path)}]{newline}" + "".join(f"{key} = {value}{newline}" for key, value in pairs)
            for path, pairs in tables
        ]
        body = newline.join(blocks)
        parent = next((s for s in reversed(sections) if s.header and s.path == first[: len(s.path)] and self._stays(s)), None)
        if parent is not None and parent.last is not None:
            below = self._below(parent.last, newline + body)
            if below.span in places:
                below.text = newline + body
            if self.text[below.span.end :].split("\n", 1)[0].strip():
                below.text += newline
            return below
        secrets = None if first == ("secrets",) else self._secrets()
        anchor = self._first_below(first) or self._cleared(first) or secrets
        if anchor is not None:
            at = self._above(anchor.span.start) if anchor.span not in self._removed else self._lines(anchor.span).start
            return _Edit(Span(at, at), body + newline)
        text = self.text
        gap = "" if not text or text.endswith(newline * 2) else newline if text.endswith("\n") else newline * 2
        return _Edit(Span(len(text), len(text)), gap + body)

    def _cleared(self, path: Path) -> Header | None:
        """Return the first header that goes: the new tables take its place."""
        return next(
            (
                s.header
                for s in self.deployment.sections(path[0])
                if s.header and s.header.span in self._removed and s.path[: len(path)] == path
            ),
            None,
        )

    def _stays(self, section: Section) -> bool:
        return section.header is not None and not section.header.array and section.header.span not in self._removed

    def _first_below(self, path: Path) -> Header | None:
        """Return the first header of a table below *path*: its parent has to stand above it."""
        found = (
            s.header
            for s in self.deployment.sections(path[0])
            if s.header and s.path[: len(path)] == path and s.header.span not in self._removed
        )
        return next(found, None)

    def _secrets(self) -> Header | None:
        return next((s.header for s in self.deployment.sections("secrets") if s.header), None)

    def _above(self, start: int) -> int:
        """Return where the comment block begins that stands directly above a header."""
        at = self.text.rfind("\n", 0, start) + 1
        while at > 0:
            previous = self.text.rfind("\n", 0, at - 1) + 1
            if not self.text[previous:at].lstrip().startswith("#"):
                break
            at = previous
        return at


def _joined(changes: Iterable[_Edit], apart: Collection[int]) -> Iterator[_Edit]:
    """Yield changes in order, with one for lines that go one behind the other, but for where something is put between them."""
    last: _Edit | None = None
    for change in changes:
        at = change.span.start
        if last and not last.text and not change.text and last.span.end == at and at not in apart:
            last.span = Span(last.span.start, change.span.end)
            continue
        if last:
            yield last
        last = change
    if last:
        yield last


def _common(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _slots(table: Path, pair: KeyValue, siblings: tuple[KeyValue, ...] | None) -> Iterator[Slot]:
    path = (*table, *pair.path)
    yield Slot(path, pair, len(pair.path), siblings)
    for inner in pair.value.pairs:
        yield from _slots(path, inner, pair.value.pairs)
