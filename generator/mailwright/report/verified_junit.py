"""The results of ``verify`` as JUnit's test cases: a case a sender."""

from __future__ import annotations

from collections.abc import Iterator

from ..base.errors import MailwrightError
from ..verification.inputs import NotApplicable
from .handshakes import headline, render_text
from .junit import Case, junit_lines
from .text import PLAIN, one_line_error
from .verified import Result, Verified


def verify_junit(run: Verified) -> Iterator[str]:
    """Yield JUnit's document: one suite, and a case a sender, in the order of the files."""
    return junit_lines([("mailwright verify", map(_case, run.in_order()))])


def _case(result: Result) -> Case:
    classname = "mailwright.verify"
    if isinstance(result, MailwrightError):
        text = "\n".join(map(PLAIN.plain, one_line_error(result).split("\n")))
        name = PLAIN.plain(str(result.place or "input"))
        return Case(name, classname, text, None, "error", result.code, text.partition("\n")[0])
    if isinstance(result, NotApplicable):
        return Case(PLAIN.plain(result.name), classname, outcome="skipped", message=result.reason)
    told = ("failure", f"exit-{result.exit_code}", headline(result)) if result.exit_code else ()
    seconds = sum(phase.ms for phase in result.report.phases) / 1000
    return Case(PLAIN.plain(result.report.name), classname, render_text(result), seconds, *told)
