"""The text of a report: characters and colours, where the verdicts differ, findings that several have, JUnit of odd texts."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mailwright.base.errors import MailwrightError, UsageError
from mailwright.base.findings import Severity
from mailwright.base.places import Place
from mailwright.cli import run
from mailwright.report.formats import FORMATS, verify_lines
from mailwright.report.handshakes import TextRenderer, failure, render_text, verdicts_differ
from mailwright.report.text import PLAIN, Mark, Style, style_of
from mailwright.report.verified import Verified
from mailwright.verification.certificates import Chain
from mailwright.verification.check import Checked
from mailwright.verification.findings import Observation, united
from mailwright.verification.handshake import Client, Phase, Report
from mailwright.verification.inputs import NotApplicable

PHASES = (
    Phase("resolve", "ok", ms=3.4, detail="127.0.0.1"),
    Phase("TLS", "failed", detail="unknown CA"),
    Phase("AUTH", "withheld"),
)
REPORT = Report("a.example", "smtp.example.com", 587, "local", PHASES, None, (), (), Client("failed", "no TLS"), (), 5)
FINDING = Observation("no-timeout", Severity.WARNING, "it waits", "'x' = 1")


def checked(**changes: object) -> Checked:
    return Checked(REPORT._replace(**changes), findings=(FINDING,), address="a@a.example")  # type: ignore[arg-type]


def test_every_status_of_a_phase_has_a_sign() -> None:
    schema = json.loads((Path(__file__).resolve().parents[2] / "schema" / "report.schema.json").read_text(encoding="utf-8"))
    found: list[list[str]] = []

    def look(node: object) -> None:
        for name, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
            if name == "enum" and "not-reached" in value:
                found.append(value)
            look(value)

    look(schema)
    assert found
    assert all({mark.name.lower().replace("_", "-") for mark in Mark} == set(statuses) for statuses in found)


def test_plain_text() -> None:
    lines = TextRenderer().render(checked()).splitlines()
    assert lines[0].startswith("a.example: a@a.example via smtp.example.com:587 ")
    assert lines[0].endswith("FAILED: TLS")
    assert lines[1].startswith("  + resolve    127.0.0.1")
    assert lines[1].endswith("3 ms")
    assert lines[2] == "  x TLS        unknown CA"
    assert lines[3] == "  ! AUTH       withheld"
    assert lines[4] == '  the server\'s own client: fails, "no TLS"; no credentials crossed the wire (observed)'
    assert lines[5:7] == ["  warning: it waits [no-timeout]", "    fix: 'x' = 1"]
    assert lines[7].startswith("  next: ")


def test_a_finding_that_several_have_is_told_once() -> None:
    renderer = TextRenderer()
    assert "it waits" in renderer.render(checked())
    second = renderer.render(checked())
    assert "it waits" not in second
    assert "  as above: no-timeout\n" in second


@pytest.mark.parametrize(
    ("host", "shown"),
    [("smtp.example.com", "smtp.example.com:587"), ("2001:db8::1", "[2001:db8::1]:587"), ("[2001:db8::1]", "[2001:db8::1]:587")],
)
def test_an_address_is_written_as_people_write_it(host: str, shown: str) -> None:
    assert f" via {shown} " in render_text(checked(host=host))


class Given(list[tuple[int, Checked | NotApplicable | MailwrightError]]):
    """Results that come in an order that is not the files'."""

    total = None


def given(*results: Checked | NotApplicable | MailwrightError) -> Given:
    return Given((-number, result) for number, result in enumerate(results))


def printed(*results: Checked | MailwrightError, format_: str = "text") -> tuple[int, list[str], str]:
    err: list[str] = []
    run = Verified(given(*results), err.append)
    lines = "\n".join(verify_lines(format_, run)).splitlines()
    run.finish()
    return run.exit_code, lines, "\n".join(err)


def test_one_cause_is_told_once() -> None:
    code, lines, _ = printed(*(checked(name=f"t{number}.example") for number in range(14)))
    assert sum("x TLS" in line for line in lines) == 1
    assert lines[0].startswith("t13.example"), "the first in the order of the files, which is not that of the results"
    assert lines[-2] == "13 more senders as t13.example: FAILED: TLS: t12.example, t11.example, t10.example and 10 more"
    assert (code, lines[-1]) == (5, "0 of 14 senders verified, 14 failed (exit 5)")


@pytest.mark.parametrize(
    "change",
    [
        {"host": "other.example.com"},
        {"port": 465},
        {"exit_code": 3},
        {"phases": (PHASES[0], Phase("TLS", "failed", detail="unknown CA", cause="tls-alert"))},
        {"phases": (PHASES[0], Phase("AUTH", "failed", 535))},
    ],
)
def test_another_cause_is_told_too(change: dict[str, object]) -> None:
    lines = printed(checked(), checked(**change))[1]
    assert not any("more sender" in line for line in lines)


def test_a_cause_is_no_sentence() -> None:
    def failed(cause: str, detail: str) -> Checked:
        return checked(phases=(Phase("TLS", "failed", cause=cause, detail=detail),))

    assert failure(failed("reset", "after 3 ms")) == failure(failed("reset", "after 4 ms"))
    assert failure(failed("reset", "x")) != failure(failed("timed-out", "x"))


def test_a_changed_ca_is_one_cause_for_every_relay() -> None:
    facts = Chain((), None, "unknown-ca", 'issuer "New CA" is not in ca.pem')
    lines = printed(*(replace(checked(name=f"{at}.example", host=f"{at}.example"), chain=facts) for at in range(3)))[1]
    assert lines[-2] == "2 more senders as 2.example: FAILED: TLS: 1.example, 0.example"


def test_verified_in_part_is_said() -> None:
    broken = UsageError("the secret cannot be read")
    code, _, errors = printed(checked(exit_code=0, phases=PHASES[:1]), broken)
    assert (code, "verified in part: 1 sender could not be checked" in errors) == (7, True)
    assert printed(checked(), broken)[0] == 9
    code, _, errors = printed(broken)
    assert (code, "in part" in errors) == (2, False)


def test_one_reason_is_told_once() -> None:
    errors = printed(*[UsageError("the trust store is empty")] * 4, UsageError("something else"))[2].splitlines()
    assert [error for error in errors if "empty" in error] == errors[:1]
    assert errors[-1] == "mailwright: 3 more could not be checked for the same reason"


class Cut(Given):
    """Results after which the run is interrupted."""

    def __iter__(self) -> Iterator[tuple[int, Checked | NotApplicable | MailwrightError]]:
        yield from super().__iter__()
        raise KeyboardInterrupt


@pytest.mark.parametrize("format_", FORMATS["verify"])
def test_an_interrupt_ends_a_run_and_what_was_finished_is_told(format_: str) -> None:
    run = Verified(Cut(given(checked(name="b.example"), checked(name="a.example"))), [].append)
    text = "\n".join(verify_lines(format_, run))
    assert run.interrupted
    assert "a.example" in text
    assert "b.example" in text
    assert text.index("a.example") < text.index("b.example"), "in the order of the files"


def test_a_run_that_is_told_to_end_takes_no_more() -> None:
    results = given(*(checked(name=f"t{number}.example", port=number) for number in range(9)))
    run = Verified(results, [].append, everything=True)
    lines = verify_lines("text", run)
    assert next(lines).startswith("t0.example")
    run.interrupted = True
    assert list(lines) == ["0 of 1 sender verified, 1 failed (exit 5)"]


class Pressed(io.StringIO):
    """A terminal at which Ctrl-C is pressed while the first line is printed."""

    pressed = False

    def flush(self) -> None:
        if self.getvalue() and not self.pressed:
            self.pressed = True
            raise KeyboardInterrupt


def test_an_interrupt_while_a_line_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sender = '{provider: HTTP, from_address: a@a.example, signature: A, reply_to: a@a.example, http: {url: "https://a.example", body: b}}'
    tenants = "".join(f"  t{number}.example: {sender}\n" for number in range(3))
    (tmp_path / "email.yaml").write_text(f'mailwright: 1\nproduct: {{version: "7.3.0"}}\ntenants:\n{tenants}', encoding="utf-8")
    monkeypatch.setattr("sys.stdout", out := Pressed())
    assert run(["verify", str(tmp_path / "email.yaml"), "--all"]) == 130
    assert "interrupted: 1 finished" in capsys.readouterr().err
    assert out.getvalue().splitlines() == [
        "t0.example: not applicable: it sends by HTTP, not SMTP",
        "0 of 0 senders verified, 1 not applicable",
    ]


def test_of_more_senders_than_memory_holds_each_is_a_document() -> None:
    run = Verified(given(checked(name="b.example"), UsageError("is wrong")), [].append, streamed=True)
    first, second = map(json.loads, verify_lines("json", run))
    assert [sender["name"] for sender in first["senders"]] == ["b.example"]
    assert (second["senders"], len(second["errors"])) == ([], 1)


def test_unicode_and_colours_on_a_terminal() -> None:
    text = TextRenderer(Style(unicode=True, colour=True, width=70)).render(checked(name="b\u00fccher.example"))
    assert "b\u00fccher" in text
    assert "\x1b[32m✓\x1b[0m resolve" in text
    assert "\x1b[1;31m✗\x1b[0m TLS" in text
    assert "\x1b[1;31mFAILED: TLS\x1b[0m" in text
    for line in text.splitlines():
        assert len(line.replace("\x1b[0m", "")) < 70 + 12


def test_ascii_elsewhere() -> None:
    text = render_text(checked(name="b\u00fccher.example\u202e"))
    assert text.isascii()
    assert "b\\xfccher" in text


class Terminal(io.StringIO):
    encoding = "UTF-8"  # type: ignore[assignment]

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("variables", "colour", "expected"),
    [
        ({}, "auto", (True, True)),
        ({"NO_COLOR": "1"}, "auto", (True, False)),
        ({"NO_COLOR": "1"}, "always", (True, True)),
        ({}, "never", (True, False)),
        ({"CI": "1"}, "auto", (False, False)),
        ({"CI": "1"}, "always", (False, True)),
    ],
)
def test_what_a_stream_takes(
    variables: dict[str, str], colour: str, expected: tuple[bool, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "CI", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    style = style_of(Terminal(), colour)
    assert (style.unicode, style.colour) == expected
    assert style_of(io.StringIO()) == PLAIN
    assert style_of(io.StringIO(), "always").colour


DIFFERENT = {
    "in clear": (5, Client("connected", None, None, "LOGIN", cleartext_credentials=True), "sends the credentials in clear text"),
    "goes on": (5, Client("connected"), "would not stop here"),
    "fails": (0, Client("failed", "x"), "cannot use it"),
    "both fail": (5, Client("failed", "x"), ""),
    "both fine": (0, Client("connected"), ""),
}


@pytest.mark.parametrize(("code", "client", "words"), DIFFERENT.values(), ids=list(DIFFERENT))
def test_where_the_verdicts_differ(code: int, client: Client, words: str) -> None:
    report = REPORT._replace(exit_code=code, client=client)
    assert words in verdicts_differ(report)
    assert bool(verdicts_differ(report)) is bool(words)
    text = TextRenderer(Style(unicode=True, colour=True, width=200)).render(Checked(report))
    assert ("\x1b[1;33m  ! the verdicts differ" in text) is bool(words)


def test_the_engines_findings_come_first_and_a_code_once() -> None:
    info = Observation("unsure", Severity.INFO, "a")
    error = Observation("no-tls", Severity.ERROR, "b")
    assert united([info, FINDING], [replace(FINDING, message="own"), error, error]) == (error, FINDING, info)


def test_junit_takes_any_text() -> None:
    odd = checked(name="\x00\x1b<&>\u202e", client=Client("failed", "\x07]]>"))
    error = UsageError("is wrong", place=Place("f", 1, 2))
    told: list[str] = []
    run = Verified(given(error, NotApplicable("http.example", "it sends by HTTP"), odd), told.append)
    root = ET.fromstring("\n".join(verify_lines("junit", run)))
    assert [root.get(name) for name in ("tests", "failures", "errors")] == ["3", "1", "1"]
    suite = root.find("testsuite")
    assert suite is not None
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["3", "1", "1", "1"]
    assert [case.get("name") for case in suite] == ["\\x00\\x1b<&>\\u202e", "http.example", "f:1:2"]
