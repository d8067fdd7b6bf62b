"""The formats of the commands: a new one is a function from the results to the lines to print, and an entry here.

A format's module is imported when it is asked for, so that the text does not pay for the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .text import PLAIN, Style

if TYPE_CHECKING:
    from .entries import Result
    from .verified import Verified

FORMATS = {
    "validate": {
        "text": "validated:validate_text",
        "json": "validated:validate_json",
        "sarif": "sarif:validate_sarif",
        "github": "github:validate_github",
        "gitlab": "gitlab:validate_gitlab",
        "junit": "junit:validate_junit",
        "html": "html:validate_html",
    },
    "verify": {
        "text": "verified_text:verify_text",
        "json": "verified:verify_json",
        "junit": "verified_junit:verify_junit",
        "markdown": "verified_markdown:verify_markdown",
        "html": "html:verify_html",
    },
}


WITH_CERTIFICATES = {"json", "html"}
"""Formats of ``verify`` that tell what each certificate says; the others tell what is notable of it."""


def validate_lines(format_: str, results: Iterable[Result], style: Style = PLAIN) -> Iterator[str]:
    """Return the text of ``validate --format`` in pieces, as results come: each is a line, or several; *style* is for text."""
    return _lines("validate", format_, results, *([style] if format_ == "text" else ()))


def verify_lines(format_: str, run: Verified) -> Iterator[str]:
    """Return the text of ``verify --format`` in pieces, as ``validate_lines`` does."""
    return _lines("verify", format_, run)


def _lines(command: str, format_: str, results: Any, *more: Any) -> Iterator[str]:
    module, _, function = FORMATS[command][format_].partition(":")
    lines: Iterator[str] = getattr(import_module(f".{module}", __package__), function)(results, *more)
    return lines
