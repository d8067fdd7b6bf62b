"""The page of ``plan``: what fails and what to look at twice, then the tenants that change; unchanged tenants are a number."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from tempfile import SpooledTemporaryFile
from typing import Any

from ..base.errors import MailwrightError
from ..base.states import Light
from ..tenants.planning import Action, TenantPlan
from .html import Attention, Page, page_html, worst_of
from .planned import SIGNS, change_text
from .text import counted, one_line

_IN_MEMORY = 1 << 20
"""Characters of rows that wait in memory; more wait in a file that has no name."""

_CHANGES = (Action.CREATE, Action.UPDATE, Action.DELETE)
_HEADS = ["tenant", "environment", "action", "what"]


class PlanHtml:
    """The plans of all environments on one page, which is printed in the end."""

    def __init__(self) -> None:
        self._attention = Attention()
        self._environment, self._address = "", ""
        self._totals: Counter[Action] = Counter()
        self._servers: list[dict[str, Any]] = []
        self._lights = set[Light]()
        self._rows: SpooledTemporaryFile[str] | None = None

    def begin(self, environment: str | None, address: str, *, several: bool) -> Iterator[str]:
        """Take in whose tenants come."""
        self._environment, self._address = environment or "", address
        yield from ()

    def add(self, plan: TenantPlan, width: int) -> Iterator[str]:
        """Take in a tenant."""
        if plan.action is Action.UNCHANGED:
            return
        light = Light.CARE
        if plan.failure is not None:
            light, texts = Light.BAD, [plan.failure.message, *([plan.failure.hint] if plan.failure.hint else ())]
            self._attention.add(light, self._title(plan.domain), [text.replace(plan.domain, "…") for text in texts])
        else:
            texts = [*([plan.summary] if plan.summary else map(change_text, plan.changes)), *plan.notes]
            care = [note.removeprefix("! ") for note in plan.notes if note.startswith("! ")]
            care += ["its sender will be deleted"] if plan.action is Action.DELETE else []
            if care:
                self._attention.add(light, self._title(plan.domain), care)
        self._lights.add(light)
        if self._rows is None:  # open until ``finish``
            self._rows = SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", newline="\n")  # noqa: SIM115
        row = [light.value, one_line(plan.domain), one_line(self._environment), plan.action.value]
        self._rows.write(f"{json.dumps([*row, SIGNS[plan.action], list(map(one_line, texts))])}\n")
        yield from ()

    def rest(self) -> Iterator[str]:
        """Yield nothing: a page is printed whole."""
        yield from ()

    def end(self, counts: Counter[Action], width: int) -> Iterator[str]:
        """Take in how many there are of each kind."""
        self._totals.update(counts)
        light = Light.BAD if counts[Action.ERROR] else Light.CARE if any(counts[action] for action in _CHANGES) else Light.GOOD
        self._server(light, [str(counts[action]) for action in (*_CHANGES, Action.UNCHANGED, Action.ERROR)])
        yield from ()

    def failed(self, error: MailwrightError) -> Iterator[str]:
        """Take in that an environment could not be planned as a whole."""
        lines = [error.message, *([error.hint] if error.hint else ())]
        self._attention.add(Light.BAD, f"{self._environment}, {self._address}: not planned", lines)
        self._lights.add(Light.BAD)
        self._server(Light.BAD, ["not planned", *[""] * 4])
        yield from ()

    def finish(self) -> Iterator[str]:
        """Yield the page."""
        tables: list[Mapping[str, Any]] = [
            {
                "title": "Servers",
                "heads": ["server", "environment", *(f"to {action.value}" for action in _CHANGES), "unchanged", "failed"],
                "rows": self._servers,
            }
        ]
        if self._rows is not None:
            tables.insert(0, {"title": "What changes", "heads": _HEADS, "rows": self._changing()})
        unchanged, failed = self._totals[Action.UNCHANGED], self._totals[Action.ERROR]
        parts = [f"{self._totals[action]} to {action.value}" for action in _CHANGES]
        said = ", ".join([*parts, f"{counted(unchanged, 'tenant')} unchanged", *([f"{failed} failed"] if failed else ())])
        light = worst_of(self._lights)
        yield from page_html(Page("What mailwright plan would change", said, light, self._attention.items(), tables))

    def _title(self, domain: str) -> str:
        return " · ".join(filter(None, (self._environment, domain)))

    def _server(self, light: Light, numbers: list[str]) -> None:
        texts = [one_line(self._address), one_line(self._environment), *numbers]
        self._servers.append({"light": light.value, "cells": [{"text": text, "light": ""} for text in texts]})

    def _changing(self) -> Iterator[dict[str, Any]]:
        assert self._rows is not None
        with self._rows as rows:
            rows.seek(0)
            for line in rows:
                light, domain, environment, action, sign, texts = json.loads(line)
                cells = [{"text": domain, "light": ""}, {"text": environment, "light": ""}]
                cells += [{"text": action, "light": light, "sign": sign}, {"text": "\n".join(texts), "light": ""}]
                yield {"light": light, "cells": cells}
