"""The deployment.toml texts in a stream of manifests: what they say, where each character stands, and writing others in their place."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterator
from difflib import SequenceMatcher

from ..base.errors import SyntaxInput
from ..base.patterns import pattern
from ..base.places import Place, Source, Span
from ..base.values import dataclass, field
from .nodes import Mapping, Node, Scalar, objects, read_stream
from .scalars import Layout, as_block, escaped, fits_block, layout_of, quoted

FILE = "deployment.toml"
_OURS = pattern(r"(?:.*[._-])?deployment\.toml\Z")
_KINDS = {"ConfigMap": (("data", False), ("binaryData", True)), "Secret": (("data", True), ("stringData", False))}
"""Where objects hold files, and whether they are in base64 there."""

_MANY_LINES = 5000
"""Lines from which on changed ones are not looked for one by one."""


@dataclass(frozen=True, slots=True)
class Change:
    """Another text for a span of a manifest; it may hold secrets."""

    span: Span
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Embedded:
    """A deployment.toml in a manifest.

    Attributes:
        manifest: The stream that it stands in.
        kind, namespace, name, key: What holds it; *namespace* is empty where the object does not say it.
        text: What it says; bytes that are no UTF-8 stand in it as ``surrogateescape`` leaves them.
        scalar: The value that it is written as; *end*: where that ends, without blank lines that do not count.
        layout: How it is written; None where only the value as a whole has a place (base64).
        encoded: Whether it is written in base64; *flow*: within braces; *prefix*: what stands before it in the same value.
        immutable: Whether a cluster that has the object takes no other text.
    """

    manifest: Source
    kind: str
    namespace: str
    name: str
    key: str
    text: str = field(repr=False)
    scalar: Scalar = field(repr=False)
    layout: Layout | None = field(repr=False)
    encoded: bool
    flow: bool
    end: int
    prefix: str = ""
    immutable: bool = False

    @property
    def source(self) -> Source:
        """The text as a file of its own, whose places are those of the manifest."""
        return _Inside(self.manifest.name, self.text, self)

    @property
    def title(self) -> str:
        """What it is called: the object, and the key."""
        return f"{self.kind} {self.name}, {self.key}" if self.name else f"{self.kind}, {self.key}"

    @property
    def place(self) -> Place:
        """Where the value stands."""
        return self.manifest.place(self.scalar.start)

    def at(self, offset: int) -> Place:
        """Return where in the manifest an offset of the text stands."""
        return self.manifest.place(self.layout.raw(offset)) if self.layout else self.place

    def moved(self, place: Place) -> Place:
        """Return where in the manifest a place of the text stands, as of a file with the manifest's name."""
        if place.file != self.manifest.name or not place.line:
            return place
        offset = Source("", self.text).find(place)
        return self.place if offset is None else self.at(offset)

    def line(self, place: Place) -> int:
        """Return on which line of the text a place of the manifest is; 0 where that is not known."""
        offset = self.manifest.find(place) if self.layout else None
        return Source("", self.text).place(self.layout.offset(offset)).line if self.layout and offset is not None else 0

    # -- writing

    def edit(self, span: Span, text: str) -> Change | None:
        """Return an edit of the text as the smallest edit of the manifest; None where a larger one is needed."""
        if self.layout is None or "\n" in text or self.scalar.style not in ("|", '"'):
            return None
        change = Change(Span(self.layout.raw(span.start), self.layout.raw(span.end)), text)
        if self.scalar.style == '"':
            return Change(change.span, escaped(text))
        lines = Source("", self.text)
        first, last = lines.place(span.start), lines.place(span.end)
        whole = lines.line(first.line)
        return change if first.line == last.line and whole.strip() and first.column > 1 else None

    def rewritten(self, new: str, *, plainly: bool = False) -> list[Change]:
        """Return the edits of the manifest that make the text another one, line by line where the way it is written lets them.

        Args:
            new: The text.
            plainly: Whether it is written in double quotes, whatever it was.
        """
        if new == self.text:
            return []
        if self.encoded:
            return [Change(self._whole, self._in_base64(new))]
        if self.layout is not None and not plainly:
            if self.scalar.style == '"':
                return [self._escaped(*each, new) for each in _differences(self.text, new)]
            if self.scalar.style == "|" and fits_block(self.manifest.text, self.layout, new):
                return [self._lined(*each, new) for each in _differences(self.text, new)]
            block = None if self.flow or self.scalar.style not in ("|", ">") else self._block(new)
            if block is not None:
                return [Change(self._whole, block)]
        return [Change(self._whole, quoted(self.prefix + new))]

    def written(self, text: str) -> str:
        """Return the scalar's own text for a text."""
        return b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii") if self.encoded else self.prefix + text

    def _in_base64(self, text: str) -> str:
        value, quote = self.written(text), self.scalar.style if self.scalar.style in ("'", '"') else ""
        return quote + value + quote if quote or Scalar(value, 0, 0, "", None, 0).is_text else quoted(value)

    @property
    def _whole(self) -> Span:
        return Span(self.scalar.start, self.end)

    @property
    def _newline(self) -> str:
        line = self.manifest.text.find("\n", self.scalar.start)
        return "\r\n" if line > 0 and self.manifest.text[line - 1] == "\r" else "\n"

    def _block(self, new: str) -> str | None:
        assert self.layout is not None
        return as_block(new, max(self.layout.indent, self.scalar.column + 2), self.scalar.column, self._newline)

    def _escaped(self, old: Span, now: Span, new: str) -> Change:
        assert self.layout is not None
        start, end = (_offset_of_line(self.text, line) for line in old)
        begin, stop = (_offset_of_line(new, line) for line in now)
        return Change(Span(self.layout.raw(start), self.layout.raw(end)), escaped(new[begin:stop]))

    def _lined(self, old: Span, now: Span, new: str) -> Change:
        assert self.layout is not None
        raw = self.manifest.text
        edges = [self.layout.raw(_offset_of_line(self.text, line)) for line in old]
        start, end = (max(raw.rfind("\n", 0, edge), raw.rfind("\r", 0, edge)) + 1 for edge in edges)
        lines = [line.removesuffix("\n") for line in _lines(new)[now.start : now.end]]
        return Change(
            Span(start, end), "".join(f"{' ' * self.layout.indent if line else ''}{line}{self._newline}" for line in lines)
        )


@dataclass(frozen=True)
class _Inside(Source):
    """A text whose places are those of the manifest that holds it."""

    embedded: Embedded | None = field(default=None, repr=False)

    @property
    def title(self) -> str:
        return f"{self.name}: {self.embedded.title}" if self.embedded else self.name

    def place(self, offset: int) -> Place:
        assert self.embedded is not None
        return self.embedded.at(offset)


def _lines(text: str) -> list[str]:
    """Return the lines, each with its break."""
    *lines, last = text.split("\n")
    return [*(f"{line}\n" for line in lines), *([last] if last else [])]


def _offset_of_line(text: str, line: int) -> int:
    """Return where a line (from 0) begins; the end of the text for the one behind the last."""
    at = 0
    for _ in range(line):
        found = text.find("\n", at)
        if found < 0:
            return len(text)
        at = found + 1
    return at


def _differences(old: str, new: str) -> Iterator[tuple[Span, Span]]:
    """Yield the lines, from 0, that differ; the break belongs to its line."""
    before, after = _lines(old), _lines(new)
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    one, two = before[head : len(before) - tail], after[head : len(after) - tail]
    if max(len(one), len(two)) > _MANY_LINES:
        yield Span(head, head + len(one)), Span(head, head + len(two))
        return
    for kind, first, last, begin, end in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if kind != "equal":
            yield Span(head + first, head + last), Span(head + begin, head + end)


# -- reading


def is_ours(key: str) -> bool:
    """Say whether a key names a deployment.toml."""
    return _OURS.match(key) is not None


def read_embedded(manifest: Source) -> tuple[Embedded, ...]:
    """Return the deployment.toml texts in a stream of manifests, in its order; one that several objects share by an alias is one.

    Raises:
        SyntaxInput: it is no YAML or JSON, or a text is no base64; with the place.
    """
    return embedded_in(manifest, read_stream(manifest))


def embedded_in(manifest: Source, documents: list[Node]) -> tuple[Embedded, ...]:
    """Return the same of a stream that was read."""
    found: dict[int, Embedded] = {}
    for item in objects(documents):
        for name, encoded in _KINDS.get(item.text("kind"), ()):
            entries = item.get(name)
            for key, value in entries.entries if isinstance(entries, Mapping) else ():
                if not isinstance(key, Scalar) or not isinstance(value, Scalar) or not is_ours(key.value) or value.is_null:
                    continue
                if id(value) not in found:
                    flow = isinstance(entries, Mapping) and entries.flow
                    found[id(value)] = _embedded(manifest, item, key.value, value, encoded=encoded, flow=flow)
    return tuple(found.values())


def _embedded(manifest: Source, item: Mapping, key: str, value: Scalar, *, encoded: bool, flow: bool) -> Embedded:
    names = item.text("kind"), item.text("metadata", "namespace"), item.text("metadata", "name"), key
    immutable = item.text("immutable") == "true"
    layout = layout_of(manifest.text, value)
    text, end = (layout.text, layout.end) if layout is not None else (value.value, value.end)
    if not encoded:
        return Embedded(manifest, *names, text, value, layout, encoded, flow, end, immutable=immutable)
    try:
        data = b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        place = manifest.place(value.start)
        hint = "`stringData` takes the text as it is" if names[0] == "Secret" else "`data` takes the text as it is"
        raise SyntaxInput("the value is no base64", place=place, hint=hint) from None
    text = data.decode("utf-8", "surrogateescape")
    return Embedded(manifest, *names, text, value, None, encoded, flow, end, immutable=immutable)
