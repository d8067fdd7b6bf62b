"""The examples for monitoring, as systemd and Prometheus take them, and what ``verify --format prometheus`` writes, as promtool does."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from mailwright.base.errors import ExitCode
from mailwright.base.findings import Severity
from mailwright.cli import program
from mailwright.report.formats import verify_lines
from mailwright.report.verified import Verified
from mailwright.report.verified_prometheus import METRICS
from mailwright.verification.check import Checked
from mailwright.verification.findings import Observation
from mailwright.verification.handshake import Client, Phase, Report
from peers import ROOT, find, require

EXAMPLES = ROOT / "examples" / "monitoring"
ALERTS = EXAMPLES / "alerts.yaml"
SERVICE, TIMER = EXAMPLES / "mailwright-verify.service", EXAMPLES / "mailwright-verify.timer"


def rules() -> dict[str, dict[str, Any]]:
    (group,) = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def promtool(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    require("promtool")
    command = [str(find("promtool")), *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=240)


class Given(list[tuple[int, Checked]]):
    total = None


def metrics(name: str = "a.example") -> str:
    phases = (Phase("connect", "ok", ms=3.25), Phase("AUTH", "failed", 535, ms=1000))
    report = Report(name, "h", 25, "l", phases, None, (), (), Client("failed", "535"), (), 4)
    finding = Observation("no-tls", Severity.ERROR, "x")
    run = Verified(Given([(1, Checked(report, findings=(finding,), skipped_auth="x"))]), [].append)
    return "".join(f"{line}\n" for line in verify_lines("prometheus", run))


def test_promtool_takes_the_metrics() -> None:
    done = promtool("check", "metrics", stdin=metrics('a"\\\n.exämple'))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert promtool("check", "metrics", stdin=metrics().replace("{sender", "{sender,")).returncode


def test_the_rules_are_about_what_is_written() -> None:
    used = {name for rule in rules().values() for name in re.findall(r"mailwright_\w+", rule["expr"])}
    assert used <= METRICS.keys()
    text = ALERTS.read_text(encoding="utf-8")
    assert set(re.findall(r"mailwright_\w+", text)) <= METRICS.keys()
    labels = set(re.findall(r"(\w+)=\"", metrics()))
    assert set(re.findall(r"\$labels\.(\w+)", text)) <= labels
    for rule in rules().values():
        assert {"alert", "expr", "labels", "annotations"} <= rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"].keys() == {"severity"}
        assert rule["annotations"]["summary"]


def test_promtool_takes_the_rules(tmp_path: Path) -> None:
    done = promtool("check", "rules", ALERTS)
    assert (done.returncode, f"{len(rules())} rules found" in done.stdout) == (0, True), done.stderr
    broken = tmp_path / "broken.yaml"
    broken.write_text(ALERTS.read_text(encoding="utf-8").replace("== 0", "== =", 1), encoding="utf-8")
    assert promtool("check", "rules", broken).returncode


A = 'sender="a.example",relay="h:25"'
HOURS = 4
FIRING: dict[str, tuple[str, str, dict[str, str], str]] = {
    "EmailSenderFails": (f"mailwright_sender_verified{{{A}}}", "0x240", {}, "1x30 0x60 1x150"),
    "EmailRelayCertificateExpires": (
        f"mailwright_sender_certificate_expiry_timestamp_seconds{{{A}}}",
        f"{13 * 86400}x240",
        {},
        f"{15 * 86400}x240",
    ),
    "EmailSenderInsecure": (
        f'mailwright_sender_finding{{{A},code="no-tls",severity="error"}}',
        "1x240",
        {"code": "no-tls", "severity": "error"},
        "0x240",
    ),
    "EmailSenderAuthNotChecked": (f"mailwright_sender_auth_skipped{{{A}}}", "1x240", {}, "0x240"),
    "EmailSendersNotChecked": ('mailwright_senders{result="unchecked"}', "2x240", {"result": "unchecked"}, "0x240"),
    "EmailSenderCheckStopped": ("mailwright_run_timestamp_seconds", "60x240", {}, f"{2 * 3600}x240"),
}
"""For each alert a series that fires after four hours, the labels of its own, and one that does not."""


@pytest.mark.parametrize("fires", [True, False], ids=["fires", "does not"])
def test_promtool_has_each_alert_fire_when_it_should(fires: bool, tmp_path: Path) -> None:
    assert FIRING.keys() == rules().keys()
    tests = []
    for name, (series, values, labels, quiet) in FIRING.items():
        assert series.partition("{")[0] in METRICS
        own = dict(re.findall(r'(\w+)="([^"]*)"', series)) | labels | {"severity": rules()[name]["labels"]["severity"]}
        alert = {"alertname": name, "eval_time": f"{HOURS}h"}
        found = {"exp_alerts": [{"exp_labels": own, "exp_annotations": _annotations(name, own)}] if fires else []}
        wanted = values if fires else quiet
        tests.append(
            {
                "interval": "1m",
                "input_series": [{"series": series, "values": wanted}],
                "alert_rule_test": [{**alert, **found}],
            }
        )
    path = tmp_path / "test.yaml"
    path.write_text(json.dumps({"rule_files": [str(ALERTS)], "tests": tests}), encoding="utf-8")
    done = promtool("test", "rules", path)
    assert done.returncode == 0, done.stdout + done.stderr


SAID = {
    "EmailRelayCertificateExpires": f"{13 * 86400 - HOURS * 3600}",
    "EmailSendersNotChecked": "2",
    "EmailSenderCheckStopped": f"{HOURS * 3600 - 60}",
}


def _annotations(name: str, labels: dict[str, str]) -> dict[str, str]:
    def filled(text: str) -> str:
        text = re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda found: labels[found[1]], text)
        text = text.replace("{{ $value }}", SAID.get(name, ""))
        seconds = int(SAID.get(name, "0"))
        days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
        written = f"{days}d {hours}h {minutes}m 0s" if days else f"{hours}h {minutes}m 0s"
        return text.replace("{{ $value | humanizeDuration }}", written)

    return {key: filled(text) for key, text in rules()[name]["annotations"].items()}


# -- systemd


def settings(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    require("systemd-analyze")

    def verify(*units: Path) -> str:
        done = subprocess.run(["systemd-analyze", "verify", *map(str, units)], capture_output=True, text=True, timeout=240)
        return "".join(line for line in done.stderr.splitlines(True) if "mailwright-verify" in line)

    assert verify(SERVICE, TIMER) == ""
    broken = tmp_path / SERVICE.name
    broken.write_text(SERVICE.read_text(encoding="utf-8").replace("LoadCredential=", "LoadCredentials="), encoding="utf-8")
    assert "LoadCredentials" in verify(broken)


def test_the_service_calls_what_there_is() -> None:
    (line,) = settings(SERVICE)["ExecStart"]
    words = shlex.split(line)
    assert words[:3] == ["/usr/bin/env", "mailwright", "verify"]
    command = program.get_command(click.Context(program), "verify")
    assert command is not None
    context = command.make_context("mailwright", words[3:])
    assert context.params["format_"] == "prometheus"
    folder = str(Path(context.params["output"]).parent)
    assert settings(SERVICE)["ReadWritePaths"] == [folder]
    assert f"--collector.textfile.directory={folder})" in SERVICE.read_text(encoding="utf-8")


def test_a_sender_that_fails_does_not_fail_the_service() -> None:
    (codes,) = settings(SERVICE)["SuccessExitStatus"]
    failing = (ExitCode.UNREACHABLE, ExitCode.AUTHENTICATION, ExitCode.TLS, ExitCode.REFUSED, ExitCode.SEVERAL)
    assert [int(code) for code in codes.split()] == [int(code) for code in failing]
