"""The formats of ``validate``: a new one is a function from the results to the lines to print, and an entry here.

A format's module is imported when it is asked for, so that the text does not pay for the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module

from ..base.errors import MailwrightError
from ..base.findings import Finding

Results = Iterable[tuple[str, list[Finding] | MailwrightError]]

FORMATS = {
    "text": "findings:validate_text",
    "json": "findings:validate_json",
    "sarif": "sarif:validate_sarif",
    "github": "github:validate_github",
    "gitlab": "gitlab:validate_gitlab",
    "junit": "junit:validate_junit",
}


def validate_lines(format_: str, results: Results) -> Iterator[str]:
    """Return the text of ``validate --format`` in pieces, as results come: each is a line, or several."""
    module, _, function = FORMATS[format_].partition(":")
    writer: Callable[[Results], Iterator[str]] = getattr(import_module(f".{module}", __package__), function)
    return writer(results)
