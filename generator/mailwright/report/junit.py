"""JUnit XML: a file is a test suite, a rule that has something to say of it a test case.

Test cases fail as the command does: for errors only. What is no error stands in the output of a case that passes. Names hold no line
numbers, so that a viewer of several runs knows a case again. Each suite begins with the case "readable": a file that cannot be read has an
<error> there, and a file with nothing to report is not an empty suite. The XML is ASCII: no encoding of the terminal breaks it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..base.findings import Severity
from ..rules import CATALOGUE
from .entries import Entry, Result, entries_of, relative_path
from .text import one_line

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def validate_junit(results: Iterable[Result]) -> Iterator[str]:
    """Yield the document, suite by suite. Its totals stand at its beginning: until they are known the suites wait in a file."""
    from tempfile import SpooledTemporaryFile
    from xml.etree.ElementTree import indent, tostring

    totals = dict.fromkeys(("tests", "failures", "errors"), 0)
    with SpooledTemporaryFile(1 << 20, "w+", encoding="ascii") as waiting:
        for name, result in results:
            suite = _suite(one_line(relative_path(name)), entries_of(name, result))
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


def _suite(name: str, entries: list[Entry]) -> Element:
    from xml.etree.ElementTree import Element, SubElement

    suite = Element("testsuite", name=name)
    readable = SubElement(suite, "testcase", name="readable", classname=name)
    by_rule: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.read:
            by_rule.setdefault(entry.rule, []).append(entry)
        else:
            SubElement(readable, "error", type=entry.rule, message=entry.text).text = _line(entry)
    for rule, found in by_rule.items():
        title = f"{rule}: {CATALOGUE[rule].title}" if rule in CATALOGUE else rule
        case = SubElement(suite, "testcase", name=title, classname=name)
        errors = [entry for entry in found if entry.severity is Severity.ERROR]
        text = "\n".join(map(_line, found))
        if errors:
            more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            SubElement(case, "failure", type=rule, message=errors[0].text + more).text = text
        else:
            SubElement(case, "system-out").text = text
    for count, tag in (("tests", "testcase"), ("failures", "testcase/failure"), ("errors", "testcase/error")):
        suite.set(count, str(len(suite.findall(tag))))
    return suite


def _line(entry: Entry) -> str:
    where = f"{entry.path}:{entry.line}:{entry.column}" if entry.line else entry.path
    return f"{where}: {entry.rule} {entry.severity.value}: {entry.words}"
