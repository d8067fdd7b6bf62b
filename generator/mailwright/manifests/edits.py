"""Entries put into a stream of manifests, and the proof that nothing else became different.

What comes out is read again: every document must mean what it meant, but for what was asked. Where that is not so, nothing is handed on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from ..base.errors import MailwrightError, SyntaxInput
from ..base.patterns import pattern
from ..base.places import Source, Span
from ..base.values import dataclass, field
from .embedded import Change, Embedded
from .nodes import Mapping, Node, Scalar, read_stream
from .nodes import Sequence as ListNode
from .scalars import layout_of, quoted

Value: TypeAlias = "str | dict[str, Value] | list[Value]"
"""What is put in."""

_KEY = pattern(r"[A-Za-z][\w./-]*\Z")


@dataclass(frozen=True, slots=True)
class _Meant:
    """What is meant to be different, by the nodes that are concerned."""

    texts: dict[int, str] = field(default_factory=dict, repr=False)
    entries: dict[int, dict[str, Value]] = field(default_factory=dict, repr=False)
    first: dict[int, list[Value]] = field(default_factory=dict, repr=False)
    instead: dict[int, Value] = field(default_factory=dict, repr=False)


class Draft:
    """A stream that is edited.

    Args:
        source: The stream.
        documents: Its nodes.
    """

    def __init__(self, source: Source, documents: list[Node]) -> None:
        self._source, self._documents = source, documents
        self._texts: dict[int, tuple[Embedded, str]] = {}
        self._changes: list[Change] = []
        self._meant = _Meant()
        self._newline = "\r\n" if "\r\n" in source.text[: source.text.find("\n") + 1] else "\n"

    def say(self, embedded: Embedded, text: str) -> None:
        """Give a deployment.toml another text."""
        if text != embedded.text:
            self._texts[id(embedded.scalar)] = embedded, text

    def put(self, owner: Mapping, name: str, value: Value) -> None:
        """Put an entry into a mapping, first, or a text in the place of the one that its key has; twice is once.

        Raises:
            SyntaxInput: the key holds something of another kind.
        """
        there = owner.own(name)
        if id(there) in self._meant.instead or name in self._meant.entries.get(id(owner), {}):
            return
        if isinstance(there, Scalar) and there.is_null and not there.tag:
            self._instead(there, value)
        elif isinstance(there, Scalar) and isinstance(value, str):
            if there.value != value:
                layout = layout_of(self._source.text, there)
                self._changes.append(Change(Span(there.start, layout.end if layout else there.end), quoted(value)))
                self._meant.texts[id(there)] = value
        elif isinstance(there, Mapping) and isinstance(value, dict):
            for each, inner in value.items():
                self.put(there, each, inner)
        elif isinstance(there, ListNode) and isinstance(value, list):
            self._put_first(there, value)
        elif there is None:
            self._put_new(owner, name, value)
        else:
            raise SyntaxInput(f"`{name}` holds something else than it should", place=self._source.place(there.start))

    def _instead(self, there: Scalar, value: Value) -> None:
        gap = "" if self._source.text[there.start - 1 : there.start].isspace() else " "
        self._changes.append(Change(Span(there.start, there.end), gap + json.dumps(value)))
        self._meant.instead[id(there)] = value

    def _put_new(self, owner: Mapping, name: str, value: Value) -> None:
        self._meant.entries.setdefault(id(owner), {})[name] = value
        keys = [key.start for key, _ in owner.entries]
        if owner.flow:
            at = owner.start + 1
            gap = self._source.text[at : keys[0]] if keys else ""
            comma = f",{gap if gap.strip() == '' and gap else ' '}" if keys else ""
            at = keys[0] if keys and gap.strip() == "" else at
            self._changes.append(Change(Span(at, at), f"{json.dumps(name)}: {json.dumps(value)}{comma}"))
            return
        at = next((key for key in keys if self._begins_line(key)), keys[0])
        self._changes.append(Change(Span(at, at), self._block(_lines({name: value}), owner.column)))

    def _put_first(self, owner: ListNode, items: list[Value]) -> None:
        self._meant.first.setdefault(id(owner), []).extend(items)
        if owner.flow:
            at = owner.start + 1
            comma = ", " if owner.items else ""
            self._changes.append(Change(Span(at, at), ", ".join(map(json.dumps, items)) + comma))
            return
        self._changes.append(Change(Span(owner.start, owner.start), self._block(_lines(items), owner.column)))

    def _begins_line(self, at: int) -> bool:
        text = self._source.text
        start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
        return not text[start:at].strip(" ")

    def _block(self, lines: Iterator[str], column: int) -> str:
        return "".join(f"{line}{self._newline}{' ' * column}" for line in lines)

    def finished(self) -> str:
        """Return the stream with all of it.

        Raises:
            MailwrightError: what it would be is not what it is meant to be; nothing may be made of it.
        """
        for plainly in (False, True):
            changes = list(self._changes)
            meant = _Meant({**self._meant.texts}, self._meant.entries, self._meant.first, self._meant.instead)
            for embedded, text in self._texts.values():
                changes += embedded.rewritten(text, plainly=plainly)
                meant.texts[id(embedded.scalar)] = embedded.written(text)
            result = _applied(self._source.text, changes)
            if self._is_meant(result, meant):
                return result
        raise MailwrightError(
            "what would come out does not read back as it should; nothing was written", hint="please report this as a bug"
        )

    def _is_meant(self, result: str, meant: _Meant) -> bool:
        try:
            after = read_stream(Source(self._source.name, result))
        except SyntaxInput:
            return False
        return [_meaning(each, meant) for each in self._documents] == [_meaning(each, _Meant()) for each in after]


def _meaning(node: Node, meant: _Meant) -> Any:
    """Return what a node means, with what is meant to be different."""
    if isinstance(node, Scalar):
        if id(node) in meant.instead:
            return _put(meant.instead[id(node)])
        text = meant.texts.get(id(node))
        said, is_text = (node.value, node.is_text) if text is None else (text, True)
        return said if is_text and not node.tag else (said, node.tag)
    if isinstance(node, ListNode):
        return [*map(_put, meant.first.get(id(node), ())), *(_meaning(item, meant) for item in node.items)]
    found: dict[str, list[Any]] = {}
    for key, value in node.entries:
        found.setdefault(_name(_meaning(key, meant)), []).append(_meaning(value, meant))
    for name, new in meant.entries.get(id(node), {}).items():
        found.setdefault(_name(name), []).append(_put(new))
    return found


def _put(value: Value) -> Any:
    """Return what a value that is put in means, as ``_meaning`` has it."""
    if isinstance(value, dict):
        return {_name(name): [_put(inner)] for name, inner in value.items()}
    return [_put(item) for item in value] if isinstance(value, list) else value


def _name(key: Any) -> str:
    return key if isinstance(key, str) else repr(key)


def _applied(text: str, changes: Sequence[Change]) -> str:
    pieces, at = [], 0
    for change in sorted(changes, key=lambda change: change.span):
        pieces += [text[at : change.span.start], change.text]
        at = max(at, change.span.end)
    return "".join([*pieces, text[at:]])


def _lines(value: Value) -> Iterator[str]:
    """Yield a mapping, or a list, as lines of a block."""
    if isinstance(value, dict):
        for name, inner in value.items():
            key = name if _KEY.match(name) else json.dumps(name)
            if isinstance(inner, str):
                yield f"{key}: {quoted(inner)}"
            else:
                yield f"{key}:"
                yield from (f"  {line}" for line in _lines(inner))
    elif isinstance(value, list):
        for item in value:
            for number, line in enumerate(_lines(item)):
                yield f"{'  ' if number else '- '}{line}"
    else:
        yield quoted(value)
