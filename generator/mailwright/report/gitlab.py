"""GitLab's Code Quality report: a subset of Code Climate's issues, as one JSON array.

GitLab compares the fingerprints of two reports to tell what is new and what is fixed, and shows only the first of two that are equal.
A file as a whole stands at its first line: an issue without a line is not taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..base.findings import Severity
from .documents import json_list
from .entries import Entry, Fingerprints, Result, iter_entries

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}
_UNREADABLE = "blocker"


def validate_gitlab(results: Iterable[Result]) -> Iterator[str]:
    """Yield the report, issue by issue."""
    mark = Fingerprints()
    yield from json_list((_issue(entry, mark(entry)) for entry in iter_entries(results)), "[", "]")


def _issue(entry: Entry, fingerprint: str) -> dict[str, Any]:
    line = max(1, entry.line)
    return {
        "type": "issue",
        "check_name": entry.rule,
        "description": f"{entry.text} (hint: {entry.hint})" if entry.hint else entry.text,
        "categories": ["Bug Risk"],
        "severity": _SEVERITIES[entry.severity] if entry.read else _UNREADABLE,
        "fingerprint": fingerprint,
        "location": {"path": entry.path, "lines": {"begin": line, "end": line}},
    }
