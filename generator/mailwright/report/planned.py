"""Plans and outcomes of tenants as text and as JSON; both hold no secret, since plans hold none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..base.errors import MailwrightError
from ..tenants.applying import TenantOutcome
from ..tenants.planning import Action, Change, Failure, TenantPlan, field_label
from .documents import SCHEMA_VERSION, error_json
from .text import counted, one_line

SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.UNCHANGED: "=", Action.DELETE: "-", Action.ERROR: "!"}
_DONE = {Action.CREATE: "created", Action.UPDATE: "updated", Action.DELETE: "deleted"}
_LONGEST_VALUE = 60


def plan_json(plan: TenantPlan, environment: str | None = None) -> dict[str, Any]:
    """Return one object of ``plan --format json``; it names the environment where there is one."""
    document: dict[str, Any] = {
        **_head(environment),
        "domain": plan.domain,
        "action": plan.action.value,
        "changes": [{"field": change.field, "before": change.before, "after": change.after} for change in plan.changes],
        "notes": [note.removeprefix("! ") for note in plan.notes],
    }
    return document if plan.failure is None else {**document, "error": _error_json(plan.failure)}


def environment_json(environment: str | None, error: MailwrightError) -> dict[str, Any]:
    """Return the object of ``plan --format json`` for an environment that could not be planned as a whole."""
    head = {**_head(environment), "domain": None, "action": "error"}
    return {**head, "changes": [], "notes": [], "error": _error_json(error)}


def _head(environment: str | None) -> dict[str, Any]:
    return {"schema_version": SCHEMA_VERSION, **({"environment": environment} if environment else {})}


def outcome_json(outcome: TenantOutcome, environment: str | None = None) -> dict[str, Any]:
    """Return one object of ``apply``'s result file; it names the environment where there is one."""
    note = {"note": outcome.said} if outcome.said else {}
    return {
        **_head(environment),
        "domain": outcome.plan.domain,
        "action": outcome.plan.action.value,
        "outcome": outcome.word,
        "error": outcome.failure.message if outcome.failure else None,
        "status": outcome.status,
        "ms": outcome.ms,
        **note,
    }


def _error_json(error: MailwrightError | Failure) -> dict[str, Any]:
    return {**error_json(error), "status": error.status}


def plan_lines(plan: TenantPlan, width: int) -> Iterator[str]:
    """Yield the lines of a tenant that changes or fails; nothing for one that does not.

    Args:
        plan: The tenant's plan.
        width: The columns of a domain.
    """
    if plan.action is not Action.UNCHANGED:
        yield from _lines(plan, plan.action.value, width, plan.failure, plan.notes)


def outcome_lines(outcome: TenantOutcome, width: int) -> Iterator[str]:
    """Yield the lines of a tenant that was written or failed; nothing for one where nothing was to be done."""
    if outcome.word != "unchanged":
        word = "cut off" if outcome.cut_off else "failed" if outcome.failure else _DONE.get(outcome.plan.action, "done")
        yield from _lines(outcome.plan, word, width, outcome.failure, (outcome.said,) if outcome.said else ())


def _lines(plan: TenantPlan, word: str, width: int, failure: Failure | None, notes: tuple[str, ...]) -> Iterator[str]:
    sign = SIGNS[Action.ERROR if failure else plan.action]
    head, blank = f"  {sign} {plan.domain:<{width}}  {word:<9}", " " * (width + 17)
    if failure is not None:
        yield one_line(f"{head}  {failure.message}").rstrip()
        if failure.hint:
            yield one_line(f"{blank}hint: {failure.hint}")
        return
    left = [plan.summary] if plan.summary else [change_text(change) for change in plan.changes]
    first = "   ".join([*left[:1], *notes[:1]])
    yield one_line(f"{head}  {first}").rstrip()
    for text in (*left[1:], *notes[1:]):
        yield one_line(blank + text)


def change_text(change: Change) -> str:
    """Return a field's change in a few words."""
    before, after = (_value_text(value) for value in (change.before, change.after))
    return f"{field_label(change.field)} {before} -> {after}"


def _value_text(value: object) -> str:
    if value is None:
        return "(none)"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


class Failures:
    """Failures of tenants that say the same: the first of them are shown, the others are one line with their number."""

    SHOWN, KINDS = 3, 100

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def is_shown(self, domain: str, failure: Failure | MailwrightError) -> bool:
        """Count a tenant's failure; say whether it is shown by itself."""
        kind = (failure.code, failure.message.replace(domain, "…"))
        if kind not in self._counts and len(self._counts) >= self.KINDS:
            return True
        self._counts[kind] += 1
        return self._counts[kind] <= self.SHOWN

    def rest(self) -> Iterator[str]:
        """Yield a line for each kind of which not all were shown."""
        for (_, message), count in self._counts.items():
            if count > self.SHOWN:
                yield one_line(f"  ! {counted(count - self.SHOWN, 'tenant')} more, for the same reason: {message}")


def environment_line(environment: str | None, address: str) -> str:
    """Return the line above the plan of one of several environments."""
    return one_line(f"{environment}: {address}")


def plan_summary(counts: Counter[Action], width: int) -> Iterator[str]:
    """Yield the last lines of ``plan``."""
    unchanged = counts[Action.UNCHANGED]
    if unchanged:
        yield f"  = {counted(unchanged, 'tenant'):<{width}}  unchanged"
    parts = [f"{counts[action]} to {action.value}" for action in (Action.CREATE, Action.UPDATE, Action.DELETE)]
    failed = [f"{counts[Action.ERROR]} failed"] if counts[Action.ERROR] else []
    yield ", ".join([*parts, f"{unchanged} unchanged", *failed])


def outcome_summary(counts: Counter[str], actions: Counter[Action], width: int) -> Iterator[str]:
    """Yield the last lines of ``apply``."""
    if counts["unchanged"]:
        yield f"  = {counted(counts['unchanged'], 'tenant'):<{width}}  unchanged"
    parts = [f"{actions[action]} {word}" for action, word in _DONE.items()]
    cut = [f"{counts['cut off']} cut off"] if counts["cut off"] else []
    yield ", ".join([*parts, f"{counts['unchanged']} unchanged", f"{counts['failed']} failed", *cut])
