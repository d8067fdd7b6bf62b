"""Workflow commands, which GitHub Actions shows at the lines of a pull request.

One line each; what the runner would take for the end of a property, of the command or of the line is percent-encoded as the runner's
own toolkit does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..base.findings import Severity
from ..rules.catalogue import CATALOGUE
from .entries import Entry, Result, iter_entries

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def validate_github(results: Iterable[Result]) -> Iterator[str]:
    """Yield a workflow command for each finding and each file that cannot be read."""
    for entry in iter_entries(results):
        yield _command(entry)


def _command(entry: Entry) -> str:
    rule = CATALOGUE.get(entry.rule)
    properties = {
        "title": f"{entry.rule}: {rule.title}" if rule else entry.rule,
        "file": entry.path,
        "line": str(entry.line or ""),
        "col": str(entry.column or ""),
    }
    shown = ",".join(f"{name}={value.translate(_PROPERTY)}" for name, value in properties.items() if value)
    return f"::{_COMMANDS[entry.severity]} {shown}::{entry.words.translate(_DATA)}"
