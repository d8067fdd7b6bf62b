"""The formats of ``validate``: a new one is a function from the results to the lines to print, and an entry here.

A format's module is imported when it is asked for, so that the text does not pay for the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module

from ..errors import MailwrightError
from ..findings import Finding

Results = Iterable[tuple[str, list[Finding] | MailwrightError]]

FORMATS = {
    "text": "text:validate_text",
    "json": "formats:validate_json_lines",
    "sarif": "sarif:validate_sarif",
    "github": "github:validate_github",
    "gitlab": "gitlab:validate_gitlab",
    "junit": "junit:validate_junit",
}


def validate_lines(format_: str, results: Results) -> Iterator[str]:
    """Return the lines of ``validate --format``."""
    module, _, function = FORMATS[format_].partition(":")
    writer: Callable[[Results], Iterator[str]] = getattr(import_module(f".{module}", __package__), function)
    return writer(results)


def validate_json_lines(results: Results) -> Iterator[str]:
    """Yield the document of ``validate --format json``."""
    import json

    from .documents import validate_json

    yield json.dumps(validate_json(results), indent=2)
