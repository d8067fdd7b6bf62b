"""The plan as Markdown, for pull requests: the numbers, what is wrong, what changes; as much as a comment takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..base.errors import MailwrightError
from ..tenants.planning import Action, Failure, TenantPlan
from .markdown import markdown
from .planned import Failures, change_text, plan_summary
from .text import counted

MOST = 200
"""Tenants that change and are shown; the others are counted. A comment takes 65,536 characters."""


class PlanMarkdown:
    """The plan of each environment: the failures, then the changes in the order of the spec; unchanged tenants are a number."""

    def begin(self, environment: str | None, address: str, *, several: bool) -> Iterator[str]:
        """Take in the heading, which stands there only where something stands below it."""
        self._heading = f"### {markdown(f'{environment}: {address}' if environment else address)}\n"
        self._alike, self._failures = Failures(), list[str]()
        self._changes: list[str] = []
        self._changing = 0
        yield from ()

    def add(self, plan: TenantPlan, width: int) -> Iterator[str]:
        """Take in a tenant; it is printed in the end, since the numbers come first."""
        if plan.failure is not None:
            if self._alike.is_shown(plan.domain, plan.failure):
                self._failures.append(_failure(plan.domain, plan.failure))
        elif plan.action is not Action.UNCHANGED:
            self._changing += 1
            if len(self._changes) < MOST:
                self._changes.append(_change(plan))
        yield from ()

    def rest(self) -> Iterator[str]:
        """Yield nothing: of a run that ended early there is no report."""
        yield from ()

    def end(self, counts: Counter[Action], width: int) -> Iterator[str]:
        """Yield the numbers, then the tables."""
        *_, numbers = plan_summary(counts, width)
        yield self._heading
        yield f"**{markdown(numbers)}**\n"
        others = [f"- {markdown(line.removeprefix('  ! '))}" for line in self._alike.rest()]
        if self._failures:
            yield "\n".join([*self._failures, *others, ""])
        if self._changes:
            yield "| tenant | action | what |\n| --- | --- | --- |"
            yield from self._changes
            yield ""
        if self._changing > len(self._changes):
            yield f"{counted(self._changing - len(self._changes), 'tenant')} more\n"

    def failed(self, error: MailwrightError) -> Iterator[str]:
        """Yield what stands in the place of the plan of an environment."""
        yield self._heading
        yield f"**not planned**: {markdown(error.message)}\n"

    def finish(self) -> Iterator[str]:
        """Yield nothing: every environment was printed."""
        yield from ()


def _failure(domain: str, failure: Failure) -> str:
    hint = f"<br>{markdown(f'hint: {failure.hint}')}" if failure.hint else ""
    return f"- **{markdown(domain)}**: {markdown(failure.message)}{hint}"


def _change(plan: TenantPlan) -> str:
    texts = [*([plan.summary] if plan.summary else map(change_text, plan.changes)), *plan.notes]
    return f"| {markdown(plan.domain)} | {plan.action.value} | {'<br>'.join(map(markdown, texts))} |"
