"""A report to look at: one HTML file that needs nothing else, neither a network nor a script to be read.

Every text goes through the template's escaping; nothing is put into a style, a script or an attribute that could be run. The page's policy
lets only its own style and script run, by their digests.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from .. import __version__
from ..base import resources
from ..base.findings import Finding, Severity
from ..base.states import Light
from ..base.values import dataclass, field
from ..rendering.templates import stream_template
from .text import one_line

LIGHTS = {Severity.ERROR: Light.BAD, Severity.WARNING: Light.CARE, Severity.INFO: Light.UNKNOWN}
_MOST_FINDINGS = 20
"""Findings that one thing shows in full."""

_MOST_ITEMS = 200
"""Things that need attention and say something of their own."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says.

    Attributes:
        title, summary: At its head; *light*: what the summary means.
        attention: What is wrong, the worst first.
        tables, timelines: The rest.
    """

    title: str
    summary: str
    light: Light
    attention: Sequence[Mapping[str, Any]] = ()
    tables: Sequence[Mapping[str, Any]] = ()
    timelines: Sequence[Mapping[str, Any]] = field(default=())


def page_html(page: Page) -> Iterator[str]:
    """Yield a page, line by line: what is printed ends each piece with a line break."""
    texts = {name: (resources.path("templates") / f"report.{name}").read_text(encoding="utf-8") for name in ("css", "js")}
    digests = {name: base64.b64encode(sha256(text.encode()).digest()).decode() for name, text in texts.items()}
    pieces = stream_template(
        "report.html.j2",
        markup=("style", "script"),
        title=page.title,
        summary=page.summary,
        light=page.light.value,
        version=__version__,
        when=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        style=texts["css"],
        script=texts["js"],
        style_digest=digests["css"],
        script_digest=digests["js"],
        attention=page.attention,
        tables=page.tables,
        timelines=page.timelines,
    )
    rest = ""
    for piece in pieces:
        *lines, rest = f"{rest}{piece}".split("\n")  # a sum with Markup would escape
        yield from lines
    if rest:
        yield rest


class Attention:
    """What needs attention: one item for all that say the same, the first of them, with how many more there are; not more than fit a page."""

    def __init__(self) -> None:
        self._alike: dict[tuple[object, ...], tuple[dict[str, Any], int]] = {}
        self._left = 0

    def add(
        self, light: Light, title: str, lines: Iterable[str], findings: Sequence[dict[str, str]] = (), bars: Any = None
    ) -> None:
        """Take one in."""
        item = {
            "light": light.value,
            "title": one_line(title),
            "lines": list(map(one_line, lines)),
            "findings": findings,
            "timeline": bars,
        }
        said = tuple((finding["rule"], finding["message"]) for finding in findings)
        same = (light, *item["lines"], said)
        first, count = self._alike.get(same, (item, 0))
        if count or len(self._alike) < _MOST_ITEMS:
            self._alike[same] = first, count + 1
        else:
            self._left += 1

    def items(self) -> list[dict[str, Any]]:
        """Return them, the worst first."""
        order = [light.value for light in (Light.BAD, Light.CARE, Light.UNKNOWN)]
        found = [
            {**item, "title": f"{item['title']} and {count - 1} more"} if count > 1 else item
            for item, count in self._alike.values()
        ]
        if self._left:
            more = {"light": Light.UNKNOWN.value, "title": f"{self._left} more", "lines": ["The table has them all."]}
            found.append({**more, "findings": (), "timeline": None})
        return sorted(found, key=lambda item: order.index(item["light"]))


def worst_of(lights: Iterable[Light]) -> Light:
    """Return the worst of them; good where there are none."""
    order = [Light.BAD, Light.CARE, Light.GOOD, Light.UNKNOWN]
    return min(lights, key=order.index, default=Light.GOOD)


def finding_items(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """Return findings as a page shows them, errors first; not more than are read."""
    order = list(LIGHTS)
    shown = sorted(findings, key=lambda finding: (order.index(finding.severity), finding.order))
    return [
        {
            "severity": finding.severity.value,
            "light": LIGHTS[finding.severity].value,
            "rule": finding.rule,
            "message": one_line(finding.words + (f" [{', '.join(finding.releases)}]" if finding.releases else "")),
            "place": one_line(str(finding.place)),
            "excerpt": one_line(finding.excerpt.text) if finding.excerpt else "",
            "hint": one_line(finding.hint or ""),
        }
        for finding in shown[:_MOST_FINDINGS]
    ]
