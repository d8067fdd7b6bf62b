"""The formats for monitoring: what Prometheus's own parser and a plugin's convention make of them; files that others read; one line."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example
from hypothesis import given as drawn
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from test_verify_text import FINDING, PHASES, Cut, checked, given

from mailwright.base.errors import MailwrightError, UsageError
from mailwright.base.findings import Severity
from mailwright.report.formats import verify_lines
from mailwright.report.verified import Verified
from mailwright.report.verified_nagios import State, plugin_line
from mailwright.report.verified_prometheus import METRICS
from mailwright.verification.certificates import Chain, Facts
from mailwright.verification.check import Checked
from mailwright.verification.findings import Observation
from mailwright.verification.handshake import Phase
from mailwright.verification.inputs import NotApplicable

if TYPE_CHECKING:
    from commands import Run

WHEN = datetime(2026, 1, 2, tzinfo=UTC)
Sample = tuple[str, frozenset[tuple[str, str]]]


def chain(*days: int) -> Chain:
    ends = (WHEN + timedelta(each) for each in days)
    sent = [Facts("", "", "", "", (), WHEN, end, "", "", False, False, False, "") for end in ends]
    return Chain(tuple(sent), None)


def good(**changes: object) -> Checked:
    return replace(checked(exit_code=0, phases=PHASES[:1], **changes), when=WHEN)


def run_of(*results: Checked | NotApplicable | MailwrightError, **options: bool) -> Verified:
    return Verified(given(*reversed(results)), [].append, **options)


def samples(*results: Checked | NotApplicable | MailwrightError) -> dict[Sample, float]:
    """Return what Prometheus's own parser reads: a sample once, a metric's samples together, each with help and type."""
    return parsed("".join(f"{line}\n" for line in verify_lines("prometheus", run_of(*results))))


def parsed(text: str) -> dict[Sample, float]:
    found: dict[Sample, float] = {}
    for family in text_string_to_metric_families(text):
        assert (family.type, family.documentation) == ("gauge", METRICS[family.name].help)
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found
            found[key] = sample.value
    assert len(re.findall("(?m)^# TYPE ", text)) == len({name for name, _ in found})
    return found


def of(found: dict[Sample, float], metric: str, **labels: str) -> list[float]:
    return [
        value for (name, own), value in found.items() if name == f"mailwright_{metric}" and labels.items() <= dict(own).items()
    ]


def test_a_gauge_a_sender_and_a_phase() -> None:
    found = samples(checked(), replace(good(name="prod b.example"), environment="prod", chain=chain(90, 41, 400)))
    a, b = {"sender": "a.example", "relay": "smtp.example.com:587"}, {"sender": "b.example", "environment": "prod"}
    assert of(found, "sender_verified", **a) == [0]
    assert of(found, "sender_verified", **b) == [1]
    assert of(found, "sender_exit_code", **a) == [5]
    assert {phase: of(found, "sender_phase_ok", **a, phase=phase) for phase in ("resolve", "TLS", "AUTH", "QUIT")} == {
        "resolve": [1],
        "TLS": [0],
        "AUTH": [0],
        "QUIT": [],
    }
    assert of(found, "sender_phase_seconds", **a, phase="resolve") == [0.0034]
    assert of(found, "sender_finding", **a, code="no-timeout", severity="warning") == [1]
    assert of(found, "sender_certificate_expiry_timestamp_seconds", **a) == []
    assert of(found, "sender_certificate_expiry_timestamp_seconds", **b) == [(WHEN + timedelta(41)).timestamp()]


def test_phases_that_were_not_reached_have_no_sample() -> None:
    phases = (Phase("AUTH", "skipped"), Phase("MAIL FROM", "not-reached"), Phase("RSET", "ok"))
    found = samples(checked(phases=phases))
    assert [dict(labels)["phase"] for name, labels in found if name.endswith("phase_ok")] == ["RSET"]


def test_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_800_000_000.7)
    found = samples(checked(), good(name="b"), NotApplicable("c", "it sends by HTTP"), UsageError("is wrong"))
    assert of(found, "run_timestamp_seconds") == [1_800_000_000]
    assert of(found, "run_exit_code") == [9]
    counts = {"verified": 1, "failed": 1, "not_applicable": 1, "unchecked": 1}
    assert {name: of(found, "senders", result=name) for name in counts} == {name: [count] for name, count in counts.items()}


def test_a_sender_that_stands_twice_has_one_sample_and_that_is_the_worst() -> None:
    found = samples(good(), checked(), good())
    assert of(found, "sender_verified") == [0]
    assert of(found, "sender_exit_code") == [5]
    assert of(found, "sender_phase_ok", phase="TLS") == [0]


@drawn(st.text(st.one_of(st.sampled_from('"\\\n{}=,# n'), st.characters(exclude_categories=["Cs"]))))
@example('"')
@example("\n")
@example("\\")
@example('\\n"}\\')
def test_any_name_is_a_label(name: str) -> None:
    found = samples(checked(name=f"x{name}"))
    assert of(found, "sender_verified", sender=f"x{name}") == [0]


def test_a_name_that_is_no_unicode_is_written_as_an_escape() -> None:
    assert of(samples(checked(name="a\udc80")), "sender_verified", sender="a\\udc80") == [0]


# -- nagios

PLUGIN = re.compile(r"MAILWRIGHT (OK|WARNING|CRITICAL|UNKNOWN) - [^|\n]+( \| ('?[\w.]+'?=[\d.]+(s|%|B|c)?(;[\d:@~.]*){0,4} ?)+)?")
"""The line as the guidelines of the plugins have it."""


def plugin(run: Verified) -> tuple[int | None, str]:
    (line,) = verify_lines("nagios", run)
    assert PLUGIN.fullmatch(line), line
    return run.own_exit_code, line


STATES: dict[str, tuple[tuple[Checked | MailwrightError, ...], int]] = {
    "ok": ((good(),), 0),
    "a warning of every day": ((replace(good(), findings=(FINDING,)),), 0),
    "an error that fails nothing": ((replace(good(), findings=(replace(FINDING, severity=Severity.ERROR),)),), 1),
    "a certificate": ((replace(good(), findings=(Observation("certificate-expires-soon", Severity.WARNING, "x"),)),), 1),
    "AUTH skipped": ((replace(good(), skipped_auth="no secret"),), 1),
    "failed": ((good(), checked()), 2),
    "failed and unchecked": ((checked(), UsageError("x")), 2),
    "unchecked": ((good(), UsageError("x")), 3),
    "nothing checked": ((UsageError("the | file\nis wrong"),), 3),
}


@pytest.mark.parametrize(("results", "state"), STATES.values(), ids=list(STATES))
def test_states(results: tuple[Checked | MailwrightError, ...], state: int) -> None:
    code, line = plugin(run_of(*results))
    assert code == state
    assert line.split()[1] == ("OK", "WARNING", "CRITICAL", "UNKNOWN")[state]


def test_a_secret_that_is_required_is_unknown() -> None:
    assert plugin(run_of(replace(good(), skipped_auth="no secret"), require_auth=True))[0] == 3


def test_an_interrupted_run_is_unknown() -> None:
    assert plugin(Verified(Cut(given(good())), [].append))[0] == 3


def test_what_the_line_says() -> None:
    _, line = plugin(run_of(checked(), replace(good(name="b"), chain=chain(41)), *(checked(name=f"t|{at}") for at in range(7))))
    said, _, performance = line.partition(" | ")
    assert said == (
        "MAILWRIGHT CRITICAL - 1 of 9 senders verified, 8 failed (exit 5); a.example FAILED: TLS, "
        + "".join(f"t/{at} FAILED: TLS, " for at in range(4))
        + "3 more"
    )
    assert performance == "verified=1;;;0 failed=8;;0;0 unchecked=0;;;0 slowest=0.003s;;;0 certificate_days=41;30:"


# -- the command

SPEC = """\
mailwright: 1
product: {version: "7.3.0"}
tenants:
  a.example: {provider: HTTP, from_address: a@a.example, signature: A, reply_to: a@a.example, http: {url: "https://a.example/", body: "{}"}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "email.yaml").write_text(SPEC, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("format_", "mode"), [("prometheus", 0o644), ("json", 0o600), ("text", 0o600)])
def test_a_report_in_a_file(format_: str, mode: int, folder: Path, run: Run) -> None:
    result = run("verify", "email.yaml", "--format", format_, "-o", "out.prom", "--summary-file", "summary", cwd=folder)
    assert (result.code, result.stdout, result.stderr) == (0, "0 of 0 senders verified, 1 not applicable\n", "")
    assert stat.S_IMODE((folder / "out.prom").stat().st_mode) == mode
    assert (folder / "summary").read_text(encoding="utf-8") == result.stdout
    text = (folder / "out.prom").read_text(encoding="utf-8")
    if format_ == "prometheus":
        assert of(parsed(text), "senders", result="not_applicable") == [1]
    elif format_ == "json":
        assert json.loads(text)["not_applicable"][0]["name"] == "a.example"


def test_a_file_is_whole_or_as_it_was(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "out.prom").write_text("before\n", encoding="utf-8")

    def cut(run: Verified) -> Iterator[str]:
        yield "half"
        raise KeyboardInterrupt

    monkeypatch.setattr("mailwright.report.verified_prometheus.verify_prometheus", cut)
    result = run("verify", "email.yaml", "--format", "prometheus", "-o", "out.prom", cwd=folder)
    assert (result.code, result.stdout) == (130, "")
    assert "interrupted: 0 finished" in result.stderr
    assert (folder / "out.prom").read_text(encoding="utf-8") == "before\n"
    assert sorted(path.name for path in folder.iterdir()) == ["email.yaml", "out.prom"]


@pytest.mark.parametrize("option", ["-o", "--summary-file"])
def test_a_file_that_cannot_be_written_is_told_before_anything_else(option: str, folder: Path, run: Run) -> None:
    result = run("verify", "gone.yaml", option, "gone/out", cwd=folder)
    assert (result.code, "gone/out: cannot be written: its folder is not there" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("gone.yaml",), "1 could not be checked: gone.yaml: cannot be read"),
        (("email.yaml", "--trust-store", "gone"), "gone: cannot be read"),
        (("email.yaml", "--env", "prod"), "no environment"),
        (("email.yaml", "--nothing"), "No such option"),
        ((), "Missing argument"),
    ],
)
@pytest.mark.parametrize("form", ["--format nagios", "--format=nagios", ""])
def test_what_cannot_be_checked_is_unknown(arguments: tuple[str, ...], said: str, form: str, folder: Path, run: Run) -> None:
    variables = {} if form else {"MAILWRIGHT_FORMAT": "nagios"}
    result = run("verify", *arguments, *form.split(), cwd=folder, env=variables)
    assert result.code == 3
    assert PLUGIN.fullmatch(result.stdout.removesuffix("\n")), result.stdout
    assert said in result.stdout


def test_other_commands_keep_their_exit_codes(folder: Path, run: Run) -> None:
    assert run("validate", "email.yaml", "--format", "nagios", cwd=folder).code == 2


def test_a_plugins_line_is_ascii_and_has_no_bar() -> None:
    line = plugin_line(State.UNKNOWN, "email.yaml:5:3: MW403: ‹…> is none|\nof “these”: exämple")
    assert line == 'MAILWRIGHT UNKNOWN - email.yaml:5:3: MW403: <...> is none/ of "these": ex\\xe4mple'
