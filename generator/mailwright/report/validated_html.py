"""The page of ``validate``: each file with its findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..base.errors import MailwrightError
from ..base.findings import Severity, found_in
from ..base.states import Light
from .entries import Result
from .html import LIGHTS, Attention, Page, finding_items, page_html, worst_of
from .states import MARKS, UNICODE
from .text import counted, one_line


def validate_html(results: Iterable[Result]) -> Iterator[str]:
    """Yield the page of ``validate``: each file with its findings."""
    attention = Attention()
    rows: list[dict[str, Any]] = []
    counts = dict.fromkeys(LIGHTS, 0)
    unread = 0
    for name, result in results:
        found = found_in(result)
        own = {severity: sum(item.severity is severity for item in found) for severity in LIGHTS}
        for severity, count in own.items():
            counts[severity] += count
        if isinstance(result, MailwrightError):
            unread += 1
            light, said = Light.BAD, one_line(result.message)
        else:
            light, said = worst_of(LIGHTS[finding.severity] for finding in found), _counted(own)
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
            attention.add(light, name, [said], finding_items(found))
    light = worst_of([*(LIGHTS[severity] for severity, count in counts.items() if count), *([Light.BAD] if unread else [])])
    said = (
        ", ".join(filter(None, (_counted(counts), f"{unread} not readable" if unread else "")))
        + f" in {counted(len(rows), 'file')}"
    )
    table = {"title": "Files", "heads": ["file", "result"], "rows": rows}
    yield from page_html(Page("What mailwright validate found", said, light, attention.items(), [table]))


_NOUNS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def _counted(counts: Mapping[Severity, int]) -> str:
    return ", ".join(counted(count, _NOUNS[severity]) for severity, count in counts.items() if count) or "nothing to report"
