"""JUnit XML, as CI servers read it: test suites of test cases, with their totals at the beginning.

Names hold no line numbers, so that a viewer of several runs knows a case again. The XML is ASCII: no encoding of the terminal breaks it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..base.errors import MailwrightError
from ..base.findings import Finding, Severity
from ..base.values import dataclass
from ..rules.catalogue import CATALOGUE
from .entries import Entry, Result, entries_of, relative_path
from .text import one_line

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


@dataclass(frozen=True, slots=True)
class Case:
    """A test case.

    Attributes:
        text: What is to be said of it.
        seconds: How long it took, where it took its time.
        outcome: ``failure``, ``error`` or ``skipped``; empty for one that passes. *kind* and *message* say of what kind it is, and why.
    """

    name: str
    classname: str
    text: str = ""
    seconds: float | None = None
    outcome: str = ""
    kind: str = ""
    message: str = ""


_COUNTED = {"tests": "testcase", "failures": "testcase/failure", "errors": "testcase/error", "skipped": "testcase/skipped"}


def junit_lines(suites: Iterable[tuple[str, Iterable[Case]]]) -> Iterator[str]:
    """Yield the document, suite by suite. Its totals stand at its beginning: until they are known the suites wait in a file."""
    from tempfile import SpooledTemporaryFile
    from xml.etree.ElementTree import indent, tostring

    totals = dict.fromkeys(("tests", "failures", "errors"), 0)
    with SpooledTemporaryFile(1 << 20, "w+", encoding="ascii") as waiting:
        for name, cases in suites:
            suite = _suite(name, cases)
            for count in totals:
                totals[count] += int(suite.get(count, "0"))
            indent(suite, level=1)
            waiting.write(f"  {tostring(suite, encoding='us-ascii').decode('ascii').rstrip()}\n")
        waiting.seek(0)
        yield "<?xml version='1.0' encoding='us-ascii'?>"
        counts = " ".join(f"{name}='{number}'" for name, number in totals.items())
        yield f"<testsuites name='mailwright' {counts}>"
        yield from (line.rstrip("\n") for line in waiting)
        yield "</testsuites>"


def _suite(name: str, cases: Iterable[Case]) -> Element:
    from xml.etree.ElementTree import Element, SubElement

    suite = Element("testsuite", name=name)
    seconds: list[float] = []
    for case in cases:
        element = SubElement(suite, "testcase", name=case.name, classname=case.classname)
        if case.seconds is not None:
            element.set("time", f"{case.seconds:.3f}")
            seconds.append(case.seconds)
        if case.outcome:
            told = {"type": case.kind, "message": case.message}
            SubElement(element, case.outcome, {key: value for key, value in told.items() if value}).text = case.text or None
        elif case.text:
            SubElement(element, "system-out").text = case.text
    for count, path in _COUNTED.items():
        suite.set(count, str(len(suite.findall(path))))
    if seconds:
        suite.set("time", f"{sum(seconds):.3f}")
    return suite


def validate_junit(results: Iterable[Result]) -> Iterator[str]:
    """Yield a suite a file, and a case a rule that has something to say of it.

    Cases fail as the command does: for errors only. What is no error stands in the output of a case that passes. Each suite begins with the
    case "readable": a file that cannot be read has an <error> there, and a file with nothing to report is not an empty suite.
    """
    return junit_lines((one_line(relative_path(name)), _file_cases(name, result)) for name, result in results)


def _file_cases(name: str, result: list[Finding] | MailwrightError) -> Iterator[Case]:
    classname = one_line(relative_path(name))
    by_rule: dict[str, list[Entry]] = {}
    unread: Entry | None = None
    for entry in entries_of(name, result):
        if entry.read:
            by_rule.setdefault(entry.rule, []).append(entry)
        else:
            unread = entry
    if unread is None:
        yield Case("readable", classname)
    else:
        yield Case("readable", classname, _line(unread), None, "error", unread.rule, unread.text)
    for rule, found in by_rule.items():
        title = f"{rule}: {CATALOGUE[rule].title}" if rule in CATALOGUE else rule
        errors = [entry for entry in found if entry.severity is Severity.ERROR]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        told = ("failure", rule, errors[0].text + more) if errors else ()
        yield Case(title, classname, "\n".join(map(_line, found)), None, *told)


def _line(entry: Entry) -> str:
    where = f"{entry.path}:{entry.line}:{entry.column}" if entry.line else entry.path
    return f"{where}: {entry.rule} {entry.severity.value}: {entry.words}"
