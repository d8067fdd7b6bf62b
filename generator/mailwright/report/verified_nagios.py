"""The results of ``verify`` as a monitoring plugin says them: one line with performance data, and an exit code of the plugins' convention.

CRITICAL: a sender fails. UNKNOWN: nothing fails that was checked, and something could not be checked. WARNING: what works today and
wants somebody: AUTH was skipped, a certificate ends soon, a finding is an error. Nagios, Icinga, Naemon and Checkmk go by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from ..base.findings import Severity
from ..verification.chains import SOON_DAYS
from ..verification.check import Checked
from .text import PLAIN
from .verified import Verified
from .verified_line import verified_line

SERVICE = "MAILWRIGHT"


class State(IntEnum):
    """A plugin's exit code."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


def verify_nagios(run: Verified) -> Iterator[str]:
    """Yield the line, and set the run's exit code."""
    checked = [result for result in run.in_order() if isinstance(result, Checked)]
    state = _state(run, checked)
    run.own_exit_code = int(state)
    yield plugin_line(state, verified_line(run), " ".join(_performance(run, checked)))


def plugin_line(state: State, said: str, performance: str = "") -> str:
    """Return a plugin's line; what it says has no bar, which would end it."""
    words = PLAIN.plain(" ".join(said.split())).replace("|", "/")
    return f"{SERVICE} {state.name} - {words}" + (f" | {performance}" if performance else "")


def _state(run: Verified, checked: list[Checked]) -> State:
    if run.failed:
        return State.CRITICAL
    if run.interrupted or run.exit_code:
        return State.UNKNOWN
    return State.WARNING if any(map(_wants_somebody, checked)) else State.OK


def _wants_somebody(checked: Checked) -> bool:
    urgent = (finding.severity is Severity.ERROR or finding.code == "certificate-expires-soon" for finding in checked.findings)
    return bool(checked.skipped_auth) or any(urgent)


def _performance(run: Verified, checked: list[Checked]) -> Iterator[str]:
    """Yield 'label'=value[unit];warning;critical;least;most."""
    yield f"verified={run.verified};;;0"
    yield f"failed={run.failed};;0;0"
    yield f"unchecked={run.problems};;;0"
    if checked:
        slowest = max(sum(phase.ms for phase in each.report.phases) for each in checked)
        yield f"slowest={slowest / 1000:.3f}s;;;0"
    days = [(each.expires - each.when).days for each in checked if each.expires is not None]
    if days:
        yield f"certificate_days={min(days)};{SOON_DAYS}:"
