"""What ``plan`` and ``apply`` print for programs: an object a line and tenant, in the order of the spec."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..base.errors import MailwrightError
from ..tenants.applying import TenantOutcome
from ..tenants.planning import Action, TenantPlan
from .planned import environment_json, outcome_json, plan_json


class PlanJson:
    """The plan, with the name of the environment in every object."""

    def __init__(self) -> None:
        self._environment: str | None = None

    def begin(self, environment: str | None, address: str, *, several: bool) -> Iterator[str]:
        """Yield nothing: every object says what it belongs to."""
        self._environment = environment
        yield from ()

    def add(self, plan: TenantPlan, width: int) -> Iterator[str]:
        """Yield a tenant's object."""
        yield _line(plan_json(plan, self._environment))

    def rest(self) -> Iterator[str]:
        """Yield nothing: nothing was kept."""
        yield from ()

    def end(self, counts: Counter[Action], width: int) -> Iterator[str]:
        """Yield nothing: who wants numbers counts the objects."""
        yield from ()

    def failed(self, error: MailwrightError) -> Iterator[str]:
        """Yield the object of an environment that could not be planned as a whole."""
        yield _line(environment_json(self._environment, error))

    def finish(self) -> Iterator[str]:
        """Yield nothing: every environment was printed."""
        yield from ()


class ApplyJson:
    """The outcomes of an apply, with the name of its environment in every object."""

    def __init__(self, environment: str | None) -> None:
        self._environment = environment

    def add(self, outcome: TenantOutcome, width: int) -> Iterator[str]:
        """Yield a tenant's object."""
        yield outcome_line(outcome, self._environment)

    def end(self, counts: Counter[str], actions: Counter[Action], width: int) -> Iterator[str]:
        """Yield nothing, as a plan does."""
        yield from ()


def outcome_line(outcome: TenantOutcome, environment: str | None) -> str:
    """Return a tenant's object as ``apply`` prints it, and writes it into its result."""
    return _line(outcome_json(outcome, environment))


def _line(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False)
