"""What ``plan`` and ``apply`` print for people: what is wrong first, one cause once, then what changes, in the order of the spec."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile

from ..base.errors import MailwrightError
from ..tenants.applying import TenantOutcome
from ..tenants.planning import Action, TenantPlan
from .planned import Failures, environment_line, outcome_lines, outcome_summary, plan_lines, plan_summary

_IN_MEMORY = 1 << 20
"""Characters that wait in memory; more wait in a file that has no name."""

_AT_ONCE = 1 << 14
"""Characters that are printed at one time, about."""


class PlanText:
    """The plan of each environment: failures as they come, the changes behind them."""

    def __init__(self) -> None:
        self._failures = Failures()
        self._changes: SpooledTemporaryFile[str] | None = None

    def begin(self, environment: str | None, address: str, *, several: bool) -> Iterator[str]:
        """Yield what stands above it, where it is one of several."""
        self._failures = Failures()
        if several:
            yield environment_line(environment, address)

    def add(self, plan: TenantPlan, width: int) -> Iterator[str]:
        """Take in a tenant; yield what can be printed now."""
        if plan.failure is None:
            if self._changes is None:  # open until ``rest``
                self._changes = SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", newline="\n")  # noqa: SIM115
            self._changes.writelines(f"{line}\n" for line in plan_lines(plan, width))
        elif self._failures.is_shown(plan.domain, plan.failure):
            yield from plan_lines(plan, width)

    def rest(self) -> Iterator[str]:
        """Yield what was kept, also where the run ended early."""
        yield from self._failures.rest()
        if self._changes is not None:
            changes, self._changes = self._changes, None
            with changes:
                changes.seek(0)
                while lines := changes.readlines(_AT_ONCE):
                    yield "".join(lines).rstrip("\n")

    def end(self, counts: Counter[Action], width: int) -> Iterator[str]:
        """Yield how many there are of each kind."""
        yield from plan_summary(counts, width)

    def failed(self, error: MailwrightError) -> Iterator[str]:
        """Yield what stands in the place of the plan of an environment; what is wrong with it is told beside it."""
        yield from ()

    def finish(self) -> Iterator[str]:
        """Yield nothing: every environment was printed."""
        yield from ()


class ApplyText:
    """The outcomes of an apply, as they come."""

    def __init__(self, environment: str | None) -> None:
        self._failures = Failures()

    def add(self, outcome: TenantOutcome, width: int) -> Iterator[str]:
        """Take in a tenant; yield its lines."""
        if outcome.failure is None or outcome.cut_off or self._failures.is_shown(outcome.plan.domain, outcome.failure):
            yield from outcome_lines(outcome, width)

    def end(self, counts: Counter[str], actions: Counter[Action], width: int) -> Iterator[str]:
        """Yield how many failed alike, and how many there are of each kind."""
        yield from self._failures.rest()
        yield from outcome_summary(counts, actions, width)
