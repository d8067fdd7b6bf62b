"""How everything stands, as ``status`` prints it: a table for people, Markdown for tickets, JSON; what needs attention has a row of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from ..base.states import Check, Light, Row
from .documents import SCHEMA_VERSION, json_list
from .markdown import code, table
from .text import PLAIN, Mark, Style, Tone, counted, one_line
from .validated import finding_json

MARKS = {Light.GOOD: Mark.OK, Light.CARE: Mark.WITHHELD, Light.BAD: Mark.FAILED, Light.UNKNOWN: Mark.NOT_REACHED}
_SHORTEST = 4
"""So many rows that say the same become one."""


def states_text(rows: Iterable[Row], *, every: bool = False, style: Style = PLAIN) -> Iterator[str]:
    """Yield the table of ``status``.

    Args:
        every: Whether each row is shown; else tenants that say the same are counted.
    """
    kept = list(rows)
    shown = kept if every else list(_gathered(kept))
    names = [_name(row) for row in shown]
    heads = ["", *(kept[0].checks if kept else ()), "certificate", "secret"]
    lines = [
        [name, *(_cell(check, style) for check in row.checks.values()), *_facts(row)]
        for name, row in zip(names, shown, strict=True)
    ]
    widths = [max(map(len, column)) for column in zip(heads, *lines, strict=True)]
    first = max((len(row.environment or "") for row in shown), default=0)
    yield _line("", heads, widths, first)
    seen: str | None = ""
    for row, cells in zip(shown, lines, strict=True):
        line = _line(one_line(row.environment or "") if row.environment != seen else "", cells, widths, first)
        seen = row.environment
        yield line if row.is_good else style.paint(line, Tone.BAD if _worst(row) is Light.BAD else Tone.CARE)
    yield summary(kept)
    if sum(not row.is_good for row in shown) < sum(not row.is_good for row in kept):
        yield style.paint("--all shows each tenant", Tone.FAINT)


def _line(environment: str, cells: Sequence[str], widths: Sequence[int], first: int) -> str:
    padded = (f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))
    return f"{environment:<{first}}  {'  '.join(padded)}".rstrip()


def summary(rows: Sequence[Row]) -> str:
    """Return what needs attention, in a sentence."""
    bad = sum(not row.is_good for row in rows)
    unknown = sum(any(check.light is Light.UNKNOWN and not check.words for check in row.checks.values()) for row in rows)
    said = (
        f"{bad} of {len(rows)} need{'s' if bad == 1 else ''} attention"
        if bad
        else f"{len(rows)} of {len(rows)} are fine, as far as is known"
    )
    return said + (f"; {unknown} {'is' if unknown == 1 else 'are'} not fully known" if unknown else "")


def _gathered(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield the rows, with one for many tenants that say the same; those that need attention name the first of them."""
    for _, group in groupby(rows, key=lambda row: (row.environment, row.kind)):
        alike: dict[tuple[object, ...], list[Row]] = {}
        for row in group:
            key = (tuple(row.checks.items()),) if row.kind == "tenant" else (row.name,)
            alike.setdefault(key, []).append(row)
        for same in sorted(alike.values(), key=lambda found: found[0].is_good):
            if len(same) < _SHORTEST:
                yield from same
                continue
            days = [row.days_left for row in same if row.days_left is not None]
            versions = [row.secret_version for row in same if row.secret_version is not None]
            yield replace(
                same[0],
                kind="",
                name=counted(len(same), "tenant") if same[0].is_good else f"{same[0].name} and {len(same) - 1} more",
                days_left=min(days, default=None),
                secret_version=min(versions, default=None),
            )


def _worst(row: Row) -> Light:
    order = [Light.BAD, Light.CARE, Light.UNKNOWN, Light.GOOD]
    return min((check.light for check in row.checks.values()), key=order.index)


def _name(row: Row) -> str:
    return one_line(f"{row.kind} {row.name}" if row.kind == "node" else row.name)


def _cell(check: Check, style: Style) -> str:
    return one_line(f"{style.sign(MARKS[check.light])} {check.words}").rstrip()


def row_marks(row: Row) -> tuple[list[tuple[Check, Mark]], list[str]]:
    """Return the checks of a row with their marks, and what else is known of it."""
    return [(check, MARKS[check.light]) for check in row.checks.values()], _facts(row)


def _facts(row: Row) -> list[str]:
    days = "" if row.days_left is None else f"{row.days_left} days" if row.days_left >= 0 else "expired"
    return [days, "" if row.secret_version is None else f"version {row.secret_version}"]


def states_json(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the document of ``status --format json``, row by row."""
    yield from json_list(map(row_json, rows), f'{{\n  "schema_version": {SCHEMA_VERSION},\n  "rows": [', "]\n}")


def row_json(row: Row) -> dict[str, Any]:
    """Return a row as JSON."""
    return {
        "environment": row.environment,
        "kind": row.kind,
        "name": row.name,
        "checks": {name: {"light": check.light.value, "words": check.words} for name, check in row.checks.items()},
        "days_left": row.days_left,
        "secret_version": row.secret_version,
        "findings": [{"file": finding.place.file, **finding_json(finding)} for finding in row.findings],
    }


def states_markdown(rows: Iterable[Row], *, every: bool = False) -> Iterator[str]:
    """Yield the table as Markdown, for pull requests and tickets."""
    kept = list(rows)
    yield f"**{summary(kept)}**\n"
    heads = ["environment", "what", *(kept[0].checks if kept else ()), "certificate", "secret"]
    shown = kept if every else _gathered(kept)
    yield from table(
        heads,
        (
            [code(row.environment or ""), code(_name(row)), *map(_cell_markdown, row.checks.values()), *_facts(row)]
            for row in shown
        ),
    )


def _cell_markdown(check: Check) -> str:
    return f"{UNICODE.sign(MARKS[check.light])} {code(check.words)}".rstrip()


UNICODE = Style(unicode=True)
