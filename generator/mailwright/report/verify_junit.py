"""JUnit's XML, as CI servers read it: one test case a sender."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from ..base.errors import MailwrightError
from ..verification.check import Checked
from ..verification.senders import NotApplicable
from .handshakes import headline, render_text
from .text import PLAIN, one_line_error

SUITE = "mailwright verify"


def render_junit(results: Iterable[Checked | NotApplicable | MailwrightError]) -> str:
    """Return the document; its texts are ASCII, so that XML takes them all."""
    suite = ET.Element("testsuite", name=SUITE)
    counts = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    total = 0.0
    for result in results:
        counts["tests"] += 1
        case = ET.SubElement(suite, "testcase", classname="mailwright.verify")
        if isinstance(result, MailwrightError):
            text = "\n".join(map(PLAIN.plain, one_line_error(result).split("\n")))
            case.set("name", PLAIN.plain(str(result.place or "input")))
            counts["errors"] += 1
            ET.SubElement(case, "error", message=text.partition("\n")[0], type=result.code).text = text
        elif isinstance(result, NotApplicable):
            case.set("name", PLAIN.plain(result.name))
            counts["skipped"] += 1
            ET.SubElement(case, "skipped", message=result.reason)
        else:
            seconds = sum(phase.ms for phase in result.report.phases) / 1000
            total += seconds
            case.set("name", PLAIN.plain(result.report.name))
            case.set("time", f"{seconds:.3f}")
            text = render_text(result)
            if result.exit_code:
                counts["failures"] += 1
                kind = f"exit-{result.exit_code}"
                ET.SubElement(case, "failure", message=headline(result), type=kind).text = text
            else:
                ET.SubElement(case, "system-out").text = text
    for name, number in counts.items():
        suite.set(name, str(number))
    suite.set("time", f"{total:.3f}")
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False) + "\n"
