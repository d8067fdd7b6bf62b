"""The results of ``verify`` in Prometheus's text format: gauges of each sender and each phase, for node_exporter's textfile collector.

``METRICS`` names all of them, and says what each means: a phase that was skipped or not reached has no sample.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

from ..verification.check import Checked
from .handshakes import address
from .verified import Verified

Labels = tuple[tuple[str, str], ...]


class Metric(NamedTuple):
    """What a metric is for; *worst* is what of two samples with the same labels counts."""

    help: str
    worst: str = "max"


METRICS = {
    "mailwright_sender_verified": Metric("Whether the sender is verified (1) or not (0).", "min"),
    "mailwright_sender_exit_code": Metric("The exit code that mailwright verify has for the sender."),
    "mailwright_sender_auth_skipped": Metric("Whether AUTH was skipped (1), because a secret is not known where the check runs."),
    "mailwright_sender_phase_ok": Metric("Whether the phase went well (1), or failed or was withheld (0).", "min"),
    "mailwright_sender_phase_seconds": Metric("How long the phase took."),
    "mailwright_sender_finding": Metric("A finding about the sender; its code says which."),
    "mailwright_sender_certificate_expiry_timestamp_seconds": Metric(
        "When the first certificate in the relay's chain expires, in Unix time.", "min"
    ),
    "mailwright_senders": Metric("How many senders the run had, by result."),
    "mailwright_run_exit_code": Metric("The exit code of the run."),
    "mailwright_run_timestamp_seconds": Metric("When the run ended, in Unix time."),
}

_SENDER = "mailwright_sender_"


class _Samples:
    """Samples by metric and labels: none stands twice."""

    def __init__(self) -> None:
        self._found: dict[str, dict[Labels, float]] = {name: {} for name in METRICS}

    def add(self, name: str, value: float, labels: Labels = ()) -> None:
        found, pick = self._found[name], min if METRICS[name].worst == "min" else max
        found[labels] = pick(found.get(labels, value), value)

    def lines(self) -> Iterator[str]:
        for name, found in self._found.items():
            if found:
                yield f"# HELP {name} {METRICS[name].help}"
                yield f"# TYPE {name} gauge"
                for labels, value in found.items():
                    named = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels)
                    yield f"{name}{{{named}}} {_number(value)}" if named else f"{name} {_number(value)}"


def verify_prometheus(run: Verified) -> Iterator[str]:
    """Yield the metrics of a run, once it has ended."""
    samples = _Samples()
    for result in run.in_order():
        if isinstance(result, Checked):
            _add(samples, result)
    counts = {"verified": run.verified, "failed": run.failed, "not_applicable": run.not_applicable, "unchecked": run.problems}
    for name, count in counts.items():
        samples.add("mailwright_senders", count, (("result", name),))
    samples.add("mailwright_run_exit_code", run.exit_code)
    samples.add("mailwright_run_timestamp_seconds", int(time.time()))
    yield from samples.lines()


def _add(samples: _Samples, checked: Checked) -> None:
    report, environment = checked.report, checked.environment or ""
    name = report.name.removeprefix(f"{environment} ") if environment else report.name
    own: Labels = (("sender", name), ("relay", address(report)), *((("environment", environment),) if environment else ()))
    samples.add(f"{_SENDER}verified", not checked.exit_code, own)
    samples.add(f"{_SENDER}exit_code", checked.exit_code, own)
    samples.add(f"{_SENDER}auth_skipped", bool(checked.skipped_auth), own)
    for phase in report.phases:
        if phase.status in ("ok", "failed", "withheld"):
            labels = (*own, ("phase", phase.name))
            samples.add(f"{_SENDER}phase_ok", phase.status == "ok", labels)
            samples.add(f"{_SENDER}phase_seconds", phase.ms / 1000, labels)
    for finding in checked.findings:
        samples.add(f"{_SENDER}finding", 1, (*own, ("code", finding.code), ("severity", finding.severity.value)))
    if checked.expires is not None:
        samples.add(f"{_SENDER}certificate_expiry_timestamp_seconds", int(checked.expires.timestamp()), own)


def _escaped(text: str) -> str:
    """Return a label's value as it stands between its quotes."""
    whole = text.encode("utf-8", "backslashreplace").decode()
    return whole.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.6f}".rstrip("0")
