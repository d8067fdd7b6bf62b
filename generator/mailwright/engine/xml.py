"""The last step: what an XML reader sees in output-event-adapters.xml, and whether axis2.xml can be read.

product/keys.md#last-one-wins, product/keys.md#axis2-xml, product/xml.md#not-escaped.

The template writes names and values without any escaping. The document built here has the same properties in the same order and the
same prefix declaration; it goes through a real, namespace-aware XML parser.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from xml.parsers import expat

from ..base.patterns import pattern
from ..base.values import dataclass, field

_PLAIN = pattern(r"[ -%'-;=?-~]*\Z")  # printable ASCII without & < >
_PLAIN_NAME = pattern(r"[ !#-%'-;=?-~]*\Z")
_LONE_SURROGATE = pattern("[\ud800-\udfff]")


class Malformed(Exception):
    """The document cannot be read. *index* is the property at fault, None if that cannot be told."""

    def __init__(self, index: int | None, reason: str) -> None:
        super().__init__(reason)
        self.index = index
        self.reason = reason


@dataclass(slots=True)
class Seen:
    """A property as the reader sees it; *index* is the position of the written property that it is, None if it came out of another's value."""

    name: str = field(repr=False)
    text: str = field(repr=False)
    index: int | None


def _is_plain(written: Sequence[tuple[str, str]]) -> bool:
    """Say whether an XML reader sees names and values as they are written: most documents need no parser."""
    return all(_PLAIN.match(value) and _PLAIN_NAME.match(name) for name, value in written)


def read_back(written: Sequence[tuple[str, str]]) -> list[Seen]:
    """Return the properties that an XML reader sees, in order.

    Args:
        written: Name and value of each property as the template writes them.

    Raises:
        Malformed: output-event-adapters.xml is not well-formed.
    """
    if _is_plain(written):
        return [Seen(name, text, index) for index, (name, text) in enumerate(written)]
    head = '<adapterConfigs xmlns:svns="urn:svns"><adapterConfig type="email">'
    parts = [(f'<property name="{name}">', value, "</property>") for name, value in written]
    return _parse(head, parts, "</adapterConfig></adapterConfigs>", "property")


def check_axis2(values: Sequence[tuple[str, str]]) -> None:
    """Check the values that also stand in axis2.xml.

    Raises:
        Malformed: axis2.xml is not well-formed.
    """
    if _is_plain(values):
        return
    parts = [(f'<parameter name="{name}">', value, "</parameter>") for name, value in values]
    _parse("<axisconfig><transportSender>", parts, "</transportSender></axisconfig>", "parameter")


class _Document:
    """The document's bytes, and where in them each element begins and where its end tag stands."""

    def __init__(self, head: str, elements: Sequence[tuple[str, str, str]], tail: str) -> None:
        self.bytes = bytearray(head.encode())
        self.begins: list[int] = []
        self.ends: list[int] = []
        for begin, value, end in elements:
            self.begins.append(len(self.bytes))
            # Java's UTF-8 writer puts a question mark in the place of half a surrogate pair.
            self.bytes += _LONE_SURROGATE.sub("?", begin + value).encode()
            self.ends.append(len(self.bytes))
            self.bytes += end.encode()
        self.bytes += tail.encode()

    def element_at(self, offset: int) -> int | None:
        """Return the element that an offset lies in or behind."""
        index = bisect_right(self.begins, offset) - 1
        return index if index >= 0 else None

    def whole(self, begin: int, end: int) -> int | None:
        """Return the element that begins and ends at these offsets: no value has opened or closed it."""
        index = self.element_at(begin)
        return index if index is not None and (self.begins[index], self.ends[index]) == (begin, end) else None


def _parse(head: str, elements: Sequence[tuple[str, str, str]], tail: str, tag: str) -> list[Seen]:
    document = _Document(head, elements, tail)
    seen: list[Seen] = []
    depth = begin = 0
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, begin
        depth += 1
        if depth == 3 and name == tag:
            begin = parser.CurrentByteIndex
            seen.append(Seen(attributes.get("name", ""), "", None))

    def end(name: str) -> None:
        nonlocal depth
        if depth == 3 and name == tag:
            seen[-1].index = document.whole(begin, parser.CurrentByteIndex)
        depth -= 1

    def text(data: str) -> None:
        if depth == 3 and seen:
            seen[-1].text += data

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    try:
        parser.Parse(bytes(document.bytes), True)
    except expat.ExpatError as error:
        alone = (index for index, parts in enumerate(elements) if not _is_well_formed("".join(parts)))
        raise Malformed(next(alone, document.element_at(parser.ErrorByteIndex)), _plain(error)) from None
    return seen


def _plain(error: expat.ExpatError) -> str:
    """Return the parser's reason, without saying again that the text is not well-formed."""
    return expat.ErrorString(error.code).removeprefix("not well-formed").strip(" ()")


def _is_well_formed(element: str) -> bool:
    try:
        expat.ParserCreate("utf-8", " ").Parse(_LONE_SURROGATE.sub("?", element).encode(), True)
    except expat.ExpatError:
        return False
    return True
