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
from ..base.errors import MailwrightError
from ..base.findings import Finding, Severity
from ..base.states import Light, Row
from ..base.values import dataclass, field
from ..rendering.templates import stream_template
from .entries import Result
from .states import MARKS, UNICODE, row_marks, summary
from .text import counted, one_line
from .verified import Verified, document

_LIGHTS = {Severity.ERROR: Light.BAD, Severity.WARNING: Light.CARE, Severity.INFO: Light.UNKNOWN}
_PHASES = {"ok": Light.GOOD, "failed": Light.BAD, "withheld": Light.CARE}
_LEFT, _WIDTH, _LINE = 110, 380, 20
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


def status_page(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the page of ``status``: what needs attention, then everything."""
    attention = _Attention()
    for row in rows:
        if not row.is_good:
            said = {name: check for name, check in row.checks.items() if check.light in (Light.BAD, Light.CARE)}
            lines = (f"{name}: {check.words or check.light.value}" for name, check in said.items())
            attention.add(_worst(row), _title(row), lines, _findings(row.findings))
    heads = ["what", "environment", *(rows[0].checks if rows else ()), "certificate", "secret"]
    table = {"title": "The fleet", "heads": heads, "rows": ({"light": _worst(row).value, "cells": _cells(row)} for row in rows)}
    light = _worst_of(map(_worst, rows))
    yield from page_html(Page("The state of the email senders", summary(rows), light, attention.items(), [table]))


class _Attention:
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


def _title(row: Row) -> str:
    return one_line(" · ".join(filter(None, (row.environment, f"{row.kind} {row.name}"))))


def _cells(row: Row) -> list[dict[str, str]]:
    marks, facts = row_marks(row)
    cells = [{"text": one_line(f"{row.kind} {row.name}"), "light": ""}, {"text": one_line(row.environment or ""), "light": ""}]
    cells += [{"text": one_line(check.words), "light": check.light.value, "sign": UNICODE.sign(mark)} for check, mark in marks]
    return [*cells, *({"text": fact, "light": ""} for fact in facts)]


def _worst(row: Row) -> Light:
    return _worst_of(check.light for check in row.checks.values())


def _worst_of(lights: Iterable[Light]) -> Light:
    order = [Light.BAD, Light.CARE, Light.GOOD, Light.UNKNOWN]
    return min(lights, key=order.index, default=Light.GOOD)


def _findings(findings: Sequence[Finding]) -> list[dict[str, str]]:
    order = list(_LIGHTS)
    shown = sorted(findings, key=lambda finding: (order.index(finding.severity), finding.order))
    return [
        {
            "severity": finding.severity.value,
            "light": _LIGHTS[finding.severity].value,
            "rule": finding.rule,
            "message": one_line(finding.words),
            "place": one_line(str(finding.place)),
            "excerpt": one_line(finding.excerpt.text) if finding.excerpt else "",
            "hint": one_line(finding.hint or ""),
        }
        for finding in shown[:_MOST_FINDINGS]
    ]


def validate_html(results: Iterable[Result]) -> Iterator[str]:
    """Yield the page of ``validate``: each file with its findings."""
    attention = _Attention()
    rows: list[dict[str, Any]] = []
    counts = dict.fromkeys(_LIGHTS, 0)
    unread = 0
    for name, result in results:
        if isinstance(result, MailwrightError):
            unread += 1
            light, said, findings = Light.BAD, one_line(result.message), []
        else:
            for finding in result:
                counts[finding.severity] += 1
            light = _worst_of(_LIGHTS[finding.severity] for finding in result)
            said, findings = (
                _counted({severity: sum(item.severity is severity for item in result) for severity in _LIGHTS}),
                _findings(result),
            )
        rows.append(
            {
                "light": light.value,
                "cells": [
                    {"text": one_line(name), "light": ""},
                    {"text": said, "light": light.value, "sign": UNICODE.sign(MARKS[light])},
                ],
            }
        )
        if light in (Light.BAD, Light.CARE):
            attention.add(light, name, [said], findings)
    light = _worst_of([*(_LIGHTS[severity] for severity, count in counts.items() if count), *([Light.BAD] if unread else [])])
    said = (
        ", ".join(filter(None, (_counted(counts), f"{unread} not readable" if unread else "")))
        + f" in {counted(len(rows), 'file')}"
    )
    table = {"title": "Files", "heads": ["file", "result"], "rows": rows}
    yield from page_html(Page("What mailwright validate found", said, light, attention.items(), [table]))


_NOUNS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def _counted(counts: Mapping[Severity, int]) -> str:
    return ", ".join(counted(count, _NOUNS[severity]) for severity, count in counts.items() if count) or "nothing to report"


def timeline(title: str, phases: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the phases of a handshake as bars, one below the other, from when each began.

    Args:
        title: What it is called where it is read aloud.
        phases: As in the JSON of ``verify``.
    """
    total = sum(float(phase.get("ms") or 0) for phase in phases) or 1.0
    bars, at = [], 0.0
    for number, phase in enumerate(phases):
        ms = float(phase.get("ms") or 0)
        x, width = _LEFT + _WIDTH * at / total, max(2.0, _WIDTH * ms / total)
        at += ms
        light = _PHASES.get(str(phase.get("status")), Light.UNKNOWN)
        said = one_line(
            f"{ms:.0f} ms {phase.get('code') or ''}" if light is not Light.UNKNOWN else str(phase.get("status"))
        ).strip()
        bars.append(
            {
                "name": one_line(str(phase.get("name"))),
                "light": light.value,
                "x": f"{x:.1f}",
                "y": number * _LINE,
                "width": f"{width:.1f}",
                "after": f"{x + width + 6:.1f}",
                "said": said,
            }
        )
    steps = ", ".join(f"{bar['name']} {bar['said']}" for bar in bars)
    return {"bars": bars, "height": len(bars) * _LINE + 4, "label": one_line(f"{title}: {steps}")}


def verify_html(run: Verified) -> Iterator[str]:
    """Yield the page of ``verify``."""
    made = document(run.in_order())
    apart = [f"{item['name']}: not applicable: {item['reason']}" for item in made.get("not_applicable", ())]
    yield from verify_page(made["senders"], [str(error["message"]) for error in made.get("errors", ())], apart)


def verify_page(senders: Sequence[Mapping[str, Any]], errors: Sequence[str] = (), apart: Sequence[str] = ()) -> Iterator[str]:
    """Yield a page of handshakes.

    Args:
        senders: As in its JSON, which holds no secret and no control character of a peer.
        errors: What could not be checked, and why. *apart*: what has no handshake.
    """
    bad = [sender for sender in senders if sender["exit_code"]]
    attention = _Attention()
    for sender in bad:
        attention.add(Light.BAD, _sender(sender), _lines(sender), bars=timeline(_sender(sender), sender["phases"]))
    for error in errors:
        attention.add(Light.BAD, "Not checked", [error])
    for line in apart:
        attention.add(Light.UNKNOWN, "Not applicable", [line])
    by_days = sorted(senders, key=lambda sender: (_days(sender) is None, _days(sender) or 0))
    rows = [
        {
            "light": (Light.BAD if sender["exit_code"] else Light.GOOD).value,
            "cells": [
                {"text": _sender(sender), "light": ""},
                {
                    "text": "verified" if not sender["exit_code"] else "failed",
                    "light": (light := Light.BAD if sender["exit_code"] else Light.GOOD).value,
                    "sign": UNICODE.sign(MARKS[light]),
                },
                {"text": one_line(_client(sender)), "light": ""},
                {"text": one_line(str((sender.get("tls") or {}).get("version") or "")), "light": ""},
                {"text": "" if _days(sender) is None else f"{_days(sender)} days", "light": ""},
            ],
        }
        for sender in by_days
    ]
    table = {
        "title": "Senders, by the days that their certificate has left",
        "heads": ["sender", "result", "the server's own client", "TLS", "certificate"],
        "rows": rows,
    }
    timelines = [
        {
            **timeline(_sender(sender), sender["phases"]),
            "title": _sender(sender),
            "client": one_line(_client(sender)),
            "open": len(senders) == 1,
        }
        for sender in senders
        if not sender["exit_code"]
    ]
    said = f"{len(senders) - len(bad)} of {counted(len(senders), 'sender')} verified" + (f", {len(bad)} failed" if bad else "")
    light = Light.BAD if bad or errors else Light.GOOD
    yield from page_html(Page("What mailwright verify saw", said, light, attention.items(), [table], timelines))


def _sender(sender: Mapping[str, Any]) -> str:
    name = " · ".join(filter(None, (sender.get("environment"), sender["name"])))
    return one_line(f"{name}, {sender['host']}:{sender['port']}")


def _lines(sender: Mapping[str, Any]) -> list[str]:
    failed = [phase for phase in sender["phases"] if phase["status"] in ("failed", "withheld")]
    lines = [f"{phase['name']}: {phase.get('reply') or phase.get('detail') or phase['status']}" for phase in failed]
    lines += [
        f"{finding['severity']}: {finding['message']}" + (f" ({finding['remedy']})" if finding.get("remedy") else "")
        for finding in sender["findings"]
    ]
    return [one_line(line) for line in (*lines, f"the server's own client: {_client(sender)}")]


def _client(sender: Mapping[str, Any]) -> str:
    client = sender["client"]
    said = str(client["outcome"]) + (f": {client['error']}" if client.get("error") else "")
    return (
        said
        + (", credentials in clear" if client.get("cleartext_credentials") else "")
        + (" (predicted)" if client.get("basis") == "predicted" else "")
    )


def _days(sender: Mapping[str, Any]) -> int | None:
    tls = sender.get("tls") or {}
    days = [
        item["days_left"]
        for item in (tls.get("certificate"), *(tls.get("chain") or ()))
        if item and item.get("days_left") is not None
    ]
    return min(days, default=None)
