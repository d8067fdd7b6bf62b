"""The last step: what an XML reader sees in output-event-adapters.xml, and whether axis2.xml can be read (facts 1.3, 1.5, 3.4).

The template writes names and values without any escaping. The document built here has the same properties in the same order and the
same prefix declaration; it goes through a real, namespace-aware XML parser.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.parsers import expat

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Malformed(Exception):
    """The document cannot be read. *index* is the property at fault, None if that cannot be told."""

    def __init__(self, index: int | None, reason: str) -> None:
        super().__init__(reason)
        self.index = index
        self.reason = reason


@dataclass(slots=True)
class Seen:
    """A property as the reader sees it; *index* is the position of the written property that it is, None if it came out of another's value."""

    name: str
    text: str
    index: int | None


def read_back(written: Sequence[tuple[str, str]]) -> list[Seen]:
    """Return the properties that an XML reader sees, in order.

    Args:
        written: Name and value of each property as the template writes them.

    Raises:
        Malformed: output-event-adapters.xml is not well-formed.
    """
    head = '<adapterConfigs xmlns:svns="urn:svns"><adapterConfig type="email">'
    seen = _parse(head, [(f'<property name="{name}">', value, "</property>") for name, value in written], "property")
    if len(seen) == len(written):
        for index, item in enumerate(seen):
            item.index = index
    return seen


def check_axis2(values: Sequence[tuple[str, str]]) -> None:
    """Check the values that also stand in axis2.xml.

    Raises:
        Malformed: axis2.xml is not well-formed.
    """
    _parse(
        "<axisconfig><transportSender>",
        [(f'<parameter name="{name}">', value, "</parameter>") for name, value in values],
        "parameter",
    )


def _parse(head: str, elements: Sequence[tuple[str, str, str]], tag: str) -> list[Seen]:
    tail = "</adapterConfig></adapterConfigs>" if tag == "property" else "</transportSender></axisconfig>"
    seen: list[Seen] = []
    depth = 0
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth == 3 and name == tag:
            seen.append(Seen(attributes.get("name", ""), "", None))

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    def text(data: str) -> None:
        if depth == 3 and seen:
            seen[-1].text += data

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    index: int | None = None
    try:
        parser.Parse(head, False)
        for index, parts in enumerate(elements):  # noqa: B007 -- the handler below needs it
            for part in parts:
                # Java's UTF-8 writer puts a question mark in the place of half a surrogate pair.
                parser.Parse(_LONE_SURROGATE.sub("?", part).encode(), False)
        parser.Parse(tail, True)
    except expat.ExpatError as error:
        raise Malformed(index, expat.ErrorString(error.code)) from None
    return seen
