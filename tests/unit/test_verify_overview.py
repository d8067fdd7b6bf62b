"""Many senders: what is wrong first, one cause once, in the order of the files, on a screen; each in full where that is asked for; Markdown."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from mailwright.base.errors import MailwrightError, UsageError
from mailwright.base.findings import Severity
from mailwright.report.formats import verify_lines
from mailwright.report.markdown import block, code, table
from mailwright.report.text import PLAIN, Style
from mailwright.report.verified import Verified
from mailwright.report.verified_text import SCREENFUL
from mailwright.verification.check import Checked
from mailwright.verification.findings import Observation
from mailwright.verification.handshake import Client, Phase, Report
from mailwright.verification.inputs import NotApplicable

OK = tuple(
    Phase(name, "ok", 250, "yes", 3.0) for name in ("resolve", "connect", "banner", "EHLO", "TLS", "AUTH", "MAIL FROM", "RSET")
)
REFUSED = (*OK[:5], Phase("AUTH", "failed", 535, "5.7.8 no", 3.0, "LOGIN", "5.7.8", "auth-refused"))
REPORT = Report("", "smtp.example.com", 587, "local", OK, None, (), (), Client("connected", None, True, "LOGIN"), (), 0)
LATE = Observation("no-timeout", Severity.WARNING, "without time-outs it waits", "'x' = 1")
CLEAR = Observation("no-tls", Severity.ERROR, "TLS is off", "y = true")


def sender(number: int, *, wrong: bool = False, findings: Sequence[Observation] = (LATE,), **changes: object) -> Checked:
    base = (
        REPORT._replace(phases=REFUSED, exit_code=4, client=Client("failed", "535 5.7.8 no", False, "LOGIN")) if wrong else REPORT
    )
    made = base._replace(name=f"t{number}.example", **changes)  # type: ignore[arg-type]
    return Checked(made, findings=tuple(findings), address="a@a.example")


Result = Checked | NotApplicable | MailwrightError


class Shuffled(list[tuple[int, Result]]):
    """Results with their places in the files, as they come from many threads."""

    total = None


def told(results: Sequence[Result], *, everything: bool = False, style: Style = PLAIN, format_: str = "text") -> list[str]:
    numbered = list(enumerate(results, 1))
    random.Random(7).shuffle(numbered)
    run = Verified(Shuffled(numbered), [].append, style=style, everything=everything)
    return "\n".join(verify_lines(format_, run)).splitlines()


FORTY = [sender(number, wrong=number == 17) for number in range(40)]


def test_one_wrong_password_among_forty() -> None:
    lines = told(FORTY)
    assert len(lines) <= 24
    assert lines[0].startswith("t17.example: a@a.example via smtp.example.com:587")
    assert lines[0].endswith("FAILED: AUTH")
    assert "  x AUTH       LOGIN: 535 5.7.8 no" in lines[6]
    assert lines[8] == "  next: check user name, password and mechanisms against the relay"
    assert lines[9:] == [
        "39 senders in order: t0.example, t1.example, t2.example and 36 more",
        "  warning: all senders: without time-outs it waits [no-timeout]",
        "    fix: 'x' = 1",
        "relay                 senders  verified  failed",
        "smtp.example.com:587       40        39       1",
        "--all shows each sender in full",
        "39 of 40 senders verified, 1 failed (exit 4)",
    ]


def test_one_wrong_password_of_all() -> None:
    lines = told([sender(number, wrong=True) for number in range(40)])
    assert lines[0].startswith("t0.example")
    assert sum("535" in line for line in lines) == 2, "the phase, and the verdict of the server's client is another line"
    assert "39 more senders as t0.example: FAILED: AUTH: t1.example, t2.example, t3.example and 36 more" in lines
    assert lines[-1] == "0 of 40 senders verified, 40 failed (exit 4)"


def test_many_causes_are_in_the_order_of_the_files_and_on_a_screen() -> None:
    results = [sender(number, wrong=number % 3 == 0, host=f"r{number}.example", findings=()) for number in range(60)]
    lines = told(results)
    heads = [match[1] for line in lines if (match := re.match(r"t(\d+)\.example: ", line))]
    assert heads == [str(number) for number in range(0, 30, 3)]
    assert "10 more causes of failures" in lines
    assert lines[-2:] == ["--all shows each sender in full", "40 of 60 senders verified, 20 failed (exit 4)"]
    table_at = next(at for at, line in enumerate(lines) if line.startswith("relay "))
    assert [line.split()[0] for line in lines[table_at + 1 : -3]] == [f"r{number}.example:587" for number in range(0, 30, 3)]
    assert lines[-3].split() == ["50", "more", "relays", "50", "40", "10"]
    assert len(lines) < SCREENFUL


def test_a_cause_in_short_says_what_the_relay_said_and_who_else() -> None:
    results = [sender(number, wrong=True, host=f"r{number // 2}.example", findings=()) for number in range(40)]
    lines = told(results)
    at = next(at for at, line in enumerate(lines) if line.startswith("t4.example"))
    assert lines[at + 1 : at + 3] == ["  LOGIN: 535 5.7.8 no", "  so 1 more sender: t5.example"]


def test_findings_say_whose_they_are() -> None:
    results = [sender(number, findings=[LATE, CLEAR] if number in (31, 5) else [LATE] if number else []) for number in range(40)]
    found = [line for line in told(results) if "[no-" in line]
    assert found == [
        "  error: t5.example, t31.example: TLS is off [no-tls]",
        "  warning: 39 senders: without time-outs it waits [no-timeout]",
    ]


def test_what_has_no_handshake_is_counted() -> None:
    http = [NotApplicable(f"h{number}.example", "it sends by HTTP, not SMTP") for number in range(5)]
    lines = told([*FORTY, *http])
    assert "5 senders not applicable: it sends by HTTP, not SMTP: h0.example, h1.example, h2.example and 2 more" in lines


def test_what_fits_is_told_in_full_in_the_order_of_the_files() -> None:
    lines = told([sender(0), NotApplicable("h.example", "it sends by HTTP, not SMTP"), sender(1, wrong=True), sender(2)])
    heads = [line.split(":")[0] for line in lines if not line.startswith(" ")]
    assert heads == [
        "t0.example",
        "h.example",
        "t1.example",
        "t2.example",
        "2 of 3 senders verified, 1 failed, 1 not applicable (exit 4)",
    ]
    assert not any("--all" in line for line in lines)


def test_all_tells_each_in_full_in_the_order_of_the_files() -> None:
    lines = told([*FORTY, sender(40, wrong=True)], everything=True)
    heads = [match[1] for line in lines if (match := re.match(r"(t\d+)\.example: ", line))]
    assert heads == [f"t{number}" for number in range(41)]
    assert sum(line.startswith("  x AUTH") for line in lines) == 2
    assert not any("--all" in line for line in lines)
    assert lines[-2].split() == ["smtp.example.com:587", "41", "39", "2"]


def test_the_page_says_what_the_text_says() -> None:
    skipped = sender(41, findings=[Observation("auth-skipped", Severity.WARNING, "AUTH was not tried", "give it")])
    lines = told([*FORTY, skipped], format_="html")
    assert '<p class="summary bad">40 of 41 senders verified, 1 failed, AUTH skipped for 1</p>' in lines
    first = lines.index("<h3>t17.example, smtp.example.com:587</h3>")
    assert lines[first - 1] == '<li class="bad">'
    assert "<p>next: check user name, password and mechanisms against the relay</p>" in lines[first:]
    warned = lines.index("<h3>t0.example, smtp.example.com:587 and 38 more</h3>")
    assert lines[warned - 1 : warned + 2 : 2] == [
        '<li class="care">',
        "<p>warning: without time-outs it waits (&#39;x&#39; = 1)</p>",
    ]
    (row,) = (line for line in lines if line.startswith('<tr class="care"><th scope="row">t41.example'))
    assert "verified, AUTH skipped</td>" in row


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_fit_the_terminal(width: int) -> None:
    long = [
        replace(each, report=each.report._replace(host=f"{'relay-' * 12}{number % 3}.example"))
        for number, each in enumerate(FORTY)
    ]
    for line in told(long, style=Style(unicode=True, width=width)):
        assert len(line) <= max(width, 16 + max(map(len, line.split()))), line


def test_environments_are_apart() -> None:
    results = [replace(each, environment=env) for each in FORTY for env in ("dev", "prod")]
    assert [line.split()[:3] for line in told(results)[-4:-2]] == [
        ["dev", "smtp.example.com:587", "40"],
        ["prod", "smtp.example.com:587", "40"],
    ]


def test_memory_does_not_grow_with_what_is_in_order() -> None:
    from mailwright.report.overview import Overview

    overview = Overview()
    for number in range(5000):
        overview.add(5000 - number, sender(5000 - number, wrong=number % 2 == 0))
    (cause,) = overview.causes()
    assert (cause.count, cause.sender.report.name, len(cause.first)) == (2500, "t2.example", 4)
    assert len(overview.verified.first) == 4


def test_markdown() -> None:
    lines = told([*FORTY, UsageError("a | b")], format_="markdown")
    assert lines[0] == "### mailwright verify: 39 of 40 senders verified, 1 failed (exit 9)"
    assert "| `t17.example` | `smtp.example.com:587` | FAILED: AUTH | `LOGIN: 535 5.7.8 no` |" in lines[4]
    assert "- `a | b`" in lines
    names = "`t0.example`, `t1.example`, `t2.example` and 37 more"
    assert f"| warning | {names} | `without time-outs it waits` | `no-timeout` | `'x' = 1` |" in lines
    assert "| `smtp.example.com:587` | 40 | 39 | 1 | 0 |" in lines
    assert lines[-1] == "</details>"
    assert sum(line.startswith("<details><summary>1 sender: FAILED: AUTH</summary>") for line in lines) == 1


HOSTILE = ["`` ` ``", "a|b", "</details><img src=x>", "@octocat #1", "[x](javascript:1)", "```\n# h", "\\", "`", "|", " "]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_relay_says_is_no_markup(text: str) -> None:
    refused = (*OK[:5], Phase("AUTH", "failed", 535, text, 3.0, "LOGIN", None, "auth-refused"))
    lines = told([sender(0, wrong=True, phases=refused)], format_="markdown")
    (row,) = (line for line in lines if line.startswith("| `t0.example`"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 6, "no cell more"
    fences = [line for line in lines if line.startswith("```")]
    assert len(fences) == 2
    inside = lines[lines.index(fences[0]) + 1 : len(lines) - lines[::-1].index(fences[1]) - 1]
    assert not any(line.startswith(fences[1]) for line in inside)
    without = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", "\n".join(line for line in lines if line not in inside))
    assert "<img" not in without
    assert "@octocat" not in without


def test_code_spans_and_blocks() -> None:
    assert [code(text) for text in ("a", "", "a`b", "`a", "a\nb")] == ["`a`", "", "``a`b``", "`` `a ``", "`a\\nb`"]
    assert list(block("a\n```\nb")) == ["````text", "a", "```", "b", "````"]
    assert list(table(("a",), [("x|y",)])) == ["| a |", "| --- |", "| x\\|y |"]
