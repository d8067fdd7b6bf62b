"""The formats of the commands: a new one is an entry here, and a function from the results to the lines to print.

Of ``plan`` and ``apply``, whose results come while the server is asked, it is a class that takes them one by one.

A format's module is imported when it is asked for, so that the text does not pay for the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from .text import PLAIN, Style

if TYPE_CHECKING:
    from collections import Counter

    from ..base.errors import MailwrightError
    from ..tenants.applying import TenantOutcome
    from ..tenants.planning import Action, TenantPlan
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
        "markdown": "validated_markdown:validate_markdown",
        "html": "validated_html:validate_html",
    },
    "verify": {
        "text": "verified_text:verify_text",
        "json": "verified:verify_json",
        "junit": "verified_junit:verify_junit",
        "markdown": "verified_markdown:verify_markdown",
        "html": "verified_html:verify_html",
        "prometheus": "verified_prometheus:verify_prometheus",
        "nagios": "verified_nagios:verify_nagios",
    },
    "plan": {
        "text": "planned_text:PlanText",
        "json": "planned_json:PlanJson",
        "markdown": "planned_markdown:PlanMarkdown",
        "html": "planned_html:PlanHtml",
    },
    "apply": {
        "text": "planned_text:ApplyText",
        "json": "planned_json:ApplyJson",
    },
}


WITH_CERTIFICATES = {"json", "html", "prometheus", "nagios"}
"""Formats of ``verify`` that tell what each certificate says; the others tell what is notable of it."""

FOR_OTHERS = {"prometheus"}
"""Formats of ``verify`` whose files another user reads."""


def validate_lines(format_: str, results: Iterable[Result], style: Style = PLAIN, *, everything: bool = False) -> Iterator[str]:
    """Return the text of ``validate --format`` in pieces, as results come: each is a line, or several.

    *style* and *everything* are for text.
    """
    if format_ == "text":
        return _lines("validate", format_, results, style, everything=everything)
    return _lines("validate", format_, results)


def verify_lines(format_: str, run: Verified) -> Iterator[str]:
    """Return the text of ``verify --format`` in pieces, as ``validate_lines`` does."""
    return _lines("verify", format_, run)


class PlanPrinter(Protocol):
    """What ``plan`` prints, environment by environment: each method yields lines, or several in one."""

    def begin(self, environment: str | None, address: str, *, several: bool) -> Iterator[str]:
        """What stands above the plan of an environment for its server; *several*: it is one of several."""
        ...

    def add(self, plan: TenantPlan, width: int) -> Iterator[str]:
        """What is printed once a tenant is planned; *width* are the columns of a domain."""
        ...

    def rest(self) -> Iterator[str]:
        """What was kept until all are planned, or the run ends early."""
        ...

    def end(self, counts: Counter[Action], width: int) -> Iterator[str]:
        """What is said of all that were planned."""
        ...

    def failed(self, error: MailwrightError) -> Iterator[str]:
        """What stands in the place of the plan, where there is none."""
        ...

    def finish(self) -> Iterator[str]:
        """What is printed after the last environment."""
        ...


class ApplyPrinter(Protocol):
    """What ``apply`` prints, as ``PlanPrinter`` does."""

    def add(self, outcome: TenantOutcome, width: int) -> Iterator[str]:
        """What is printed of a tenant."""
        ...

    def end(self, counts: Counter[str], actions: Counter[Action], width: int) -> Iterator[str]:
        """What is said of all."""
        ...


def plan_printer(format_: str) -> PlanPrinter:
    """Return what prints the plan."""
    printer: PlanPrinter = _made("plan", format_)()
    return printer


def apply_printer(format_: str, environment: str | None) -> ApplyPrinter:
    """Return what prints the outcomes of an environment."""
    printer: ApplyPrinter = _made("apply", format_)(environment)
    return printer


def _lines(command: str, format_: str, results: Any, *more: Any, **named: Any) -> Iterator[str]:
    lines: Iterator[str] = _made(command, format_)(results, *more, **named)
    return lines


def _made(command: str, format_: str) -> Any:
    module, _, name = FORMATS[command][format_].partition(":")
    return getattr(import_module(f".{module}", __package__), name)
