"""The page of ``status``: what needs attention, then a row for everything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..base.states import Light, Row
from .html import Attention, Page, finding_items, page_html, worst_of
from .states import UNICODE, row_marks, summary
from .text import one_line


def status_page(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the page of ``status``: what needs attention, then everything."""
    attention = Attention()
    for row in rows:
        if not row.is_good:
            said = {name: check for name, check in row.checks.items() if check.light in (Light.BAD, Light.CARE)}
            lines = (f"{name}: {check.words or check.light.value}" for name, check in said.items())
            attention.add(_worst(row), _title(row), lines, finding_items(row.findings))
    heads = ["what", "environment", *(rows[0].checks if rows else ()), "certificate", "secret"]
    table = {"title": "The fleet", "heads": heads, "rows": ({"light": _worst(row).value, "cells": _cells(row)} for row in rows)}
    light = worst_of(map(_worst, rows))
    yield from page_html(Page("The state of the email senders", summary(rows), light, attention.items(), [table]))


def _title(row: Row) -> str:
    return one_line(" · ".join(filter(None, (row.environment, f"{row.kind} {row.name}"))))


def _cells(row: Row) -> list[dict[str, str]]:
    marks, facts = row_marks(row)
    cells = [{"text": one_line(f"{row.kind} {row.name}"), "light": ""}, {"text": one_line(row.environment or ""), "light": ""}]
    cells += [{"text": one_line(check.words), "light": check.light.value, "sign": UNICODE.sign(mark)} for check, mark in marks]
    return [*cells, *({"text": fact, "light": ""} for fact in facts)]


def _worst(row: Row) -> Light:
    return worst_of(check.light for check in row.checks.values())
