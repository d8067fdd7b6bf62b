"""Findings as one line of JSON, for what goes from one process to another or into a cache: what outputs show, and nothing else.

A fix that may not be shown stays behind: whoever mends a file looks at it anew.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .edits import Edit
from .findings import Excerpt, Finding, Fix, Severity
from .places import Place

_SEVERITIES = {severity.value: severity for severity in Severity}
_encode = json.JSONEncoder(check_circular=False, separators=(",", ":")).encode


def pack(findings: Sequence[Finding], name: str) -> str:
    """Return the findings about a file as a text without line breaks; *name*, the file's, is left out of them."""
    return _encode([_packed(finding, name) for finding in findings]) if findings else "[]"


def unpack(text: str | bytes, name: str) -> list[Finding]:
    """Return what was packed, as findings about a file that is called *name*.

    Raises:
        ValueError, TypeError, KeyError, IndexError: that is none.
    """
    return [_unpacked(name, *values) for values in json.loads(text)]


def _packed(finding: Finding, name: str) -> list[Any]:
    excerpt, fix = finding.excerpt, finding.fix
    return [
        finding.rule,
        finding.severity.value,
        finding.message,
        _place(finding.place, name),
        finding.hint,
        finding.path,
        finding.fixable,
        finding.releases,
        finding.environments,
        excerpt and (excerpt.line, excerpt.text, excerpt.column, excerpt.length),
        (
            fix
            and fix.public
            and (fix.title, [(_place(edit.start, name), _place(edit.end, name), edit.text) for edit in fix.edits])
        )
        or None,
        finding.tenant,
        finding.tenants,
        [_place(place, name) for place in finding.also],
        finding.missing,
    ]


def _place(place: Place, name: str) -> tuple[str | None, int, int]:
    return None if place.file == name else place.file, place.line, place.column


def _unpacked(
    name: str,
    rule: str,
    severity: str,
    message: str,
    place: Any,
    hint: str | None,
    path: str | None,
    fixable: bool,
    releases: list[str],
    environments: list[str],
    excerpt: Any,
    fix: Any,
    tenant: str,
    tenants: int,
    also: Any,
    missing: str,
) -> Finding:
    return Finding(
        rule,
        _SEVERITIES[severity],
        message,
        _placed(name, *place),
        hint,
        path,
        fixable,
        tuple(releases),
        tuple(environments),
        Excerpt(*excerpt) if excerpt else None,
        Fix(fix[0], tuple(Edit(_placed(name, *start), _placed(name, *end), text, True) for start, end, text in fix[1]))
        if fix
        else None,
        tenant=tenant,
        tenants=tenants,
        also=tuple([_placed(name, *other) for other in also]),
        missing=missing,
    )


def _placed(name: str, file: str | None, line: int, column: int) -> Place:
    return Place(name if file is None else file, line, column)
