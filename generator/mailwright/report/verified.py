"""The results of ``verify``: counted as they come, put in order, and as the JSON of schema/report.schema.json.

Everything is told in the order of the files, also after an interrupt: a document at the end; JSON Lines one by one, as soon as it is their
turn, so that memory stays flat and an interrupt loses nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import nullcontext
from heapq import heappop, heappush
from operator import itemgetter
from typing import Any, Protocol

from ..base.errors import ExitCode, MailwrightError, Unresolved, combine
from ..base.places import Place
from ..verification.check import Checked
from ..verification.inputs import NotApplicable
from .documents import SCHEMA_VERSION, error_json, place_json
from .progress import Progress
from .text import PLAIN, Style, counted, one_line_error

Result = Checked | NotApplicable | MailwrightError

_REMEMBERED = 1000
NAMED = 5
"""Failures that one line names."""


class Results(Protocol):
    """Each result with its place in the order of the files; *total* is how many there will be, None while that is not known."""

    @property
    def total(self) -> int | None: ...

    def __iter__(self) -> Iterator[tuple[int, Result]]: ...


class Verified:
    """The results of a run: iterate over it once, to take them in the order of the files.

    What could not be checked is told meanwhile, a reason once.

    Args:
        results: The results.
        tell: Prints a line to stderr.
        style: What stdout takes.
        streamed: Whether there may be more than memory holds.
        require_auth: Whether AUTH that is skipped for want of a secret fails the sender.
        progress: Whether to show how far it is.
        everything: Whether each sender is told in full, however many there are.

    Attributes:
        interrupted: Set it to end: what was finished until then is reported.
        first_reason: Why something could not be checked, and where that is; None where everything could be.
        own_exit_code: What the run ends in where its format goes by a convention of its own.
    """

    def __init__(
        self,
        results: Results,
        tell: Callable[[str], None],
        *,
        style: Style = PLAIN,
        streamed: bool = False,
        require_auth: bool = False,
        progress: bool = False,
        everything: bool = False,
    ) -> None:
        self.style, self.streamed, self.everything, self.interrupted = style, streamed, everything, False
        self._results, self._tell = results, tell
        self._require_auth, self._progress = require_auth, Progress("sender") if progress else None
        self._codes: set[int] = set()
        self._problem_codes: set[int] = set()
        self._reasons: Counter[Hashable] = Counter()
        self._failures: list[tuple[int, Checked]] = []
        self.first_reason: tuple[str, Place | None] | None = None
        self.own_exit_code: int | None = None
        self.verified = self.failed = self.skipped_auth = self.not_applicable = self.problems = 0

    def __iter__(self) -> Iterator[Result]:
        """Yield them in the order of the files, each as soon as those before it were there: what came too early is kept until then."""
        waiting: list[tuple[int, Result]] = []
        turn = 1
        for item in self.numbered():
            heappush(waiting, item)
            while waiting and waiting[0][0] <= turn:
                if self._progress is not None:
                    self._progress.clear()  # what is yielded may be printed
                yield heappop(waiting)[1]
                turn += 1
        yield from (result for _, result in sorted(waiting, key=itemgetter(0)))

    def in_order(self) -> list[Result]:
        """Take all of them, and return them in the order of the files."""
        kept: list[tuple[int, Result]] = []
        try:
            kept.extend(self.numbered())
        except KeyboardInterrupt:
            self.interrupted = True
        return [result for _, result in sorted(kept, key=lambda item: item[0])]

    @property
    def done(self) -> int:
        """How many senders have a result."""
        return self.verified + self.failed + self.not_applicable

    @property
    def exit_code(self) -> int:
        """The exit code of what was checked."""
        return combine({*self._codes, ExitCode.PARTIAL} if self._in_part else {*self._codes, *self._problem_codes})

    @property
    def _in_part(self) -> bool:
        return bool(self.problems and self.verified + self.failed)

    def numbered(self) -> Iterator[tuple[int, Result]]:
        """Yield them as they come, each with its place in the order of the files."""
        with self._progress or nullcontext() as progress:
            try:
                for number, result in self._results:
                    self._count(result)
                    self._keep(number, result)
                    if progress is not None:
                        bad = not isinstance(result, NotApplicable) and bool(result.exit_code)
                        progress.step(failed=bad, total=self._results.total)
                    yield number, result
                    if self.interrupted:
                        return
            except KeyboardInterrupt:
                self.interrupted = True

    def _count(self, result: Result) -> None:
        if isinstance(result, NotApplicable):
            self.not_applicable += 1
        elif isinstance(result, MailwrightError):
            self.problems += 1
            self._problem_codes.add(int(result.exit_code))
            same = result.cause if isinstance(result, Unresolved) else (result.message, result.place)
            reason = (result.code, same)
            if self.first_reason is None:
                self.first_reason = result.message, result.place
            if reason not in self._reasons:
                self._tell(f"mailwright: {one_line_error(result)}")
            if len(self._reasons) < _REMEMBERED or reason in self._reasons:
                self._reasons[reason] += 1
        else:
            self.skipped_auth += bool(result.skipped_auth)
            self.failed += bool(result.exit_code)
            self.verified += not result.exit_code
            if result.exit_code:
                self._codes.add(result.exit_code)
            elif result.skipped_auth and self._require_auth:
                self._codes.add(int(ExitCode.UNSAFE))

    def _keep(self, number: int, result: Result) -> None:
        """Keep the failures that stand first in the files."""
        if isinstance(result, Checked) and result.exit_code:
            self._failures = sorted([*self._failures, (number, result)], key=itemgetter(0))[:NAMED]

    @property
    def first_failures(self) -> list[Checked]:
        """The senders that fail and stand first in the files."""
        return [checked for _, checked in self._failures]

    def summary(self) -> str:
        """Return how many, and the exit code if it is not 0."""
        checked = self.verified + self.failed
        parts = [f"{self.verified} of {counted(checked, 'sender')} verified"]
        if self.failed:
            parts.append(f"{self.failed} failed")
        if self.skipped_auth:
            parts.append(f"AUTH skipped for {self.skipped_auth}")
        if self.not_applicable:
            parts.append(f"{self.not_applicable} not applicable")
        return ", ".join(parts) + (f" (exit {self.exit_code})" if self.exit_code else "")

    def finish(self) -> None:
        """Tell what is left to be said of those that could not be checked, or not as it is required."""
        again = sum(self._reasons.values()) - len(self._reasons)
        if again:
            self._tell(f"mailwright: {again} more could not be checked for the same reason")
        if self._in_part:
            senders = counted(self.problems, "sender")
            self._tell(f"mailwright: verified in part: {senders} could not be checked, for the reasons above")
        if self.skipped_auth and self._require_auth:
            self._tell("mailwright: AUTH was skipped although it is required: a secret is not resolved")
            self._tell("  hint: put the secret into --secrets-dir, or into MAILWRIGHT_SECRET_<ALIAS>")


def verify_json(run: Verified) -> Iterator[str]:
    """Yield one document; where there may be more senders than memory holds, one a result."""
    if run.streamed:
        yield from (json.dumps(document([result])) for result in run)
    else:
        yield json.dumps(document(run.in_order()), indent=2)


def document(results: Iterable[Result]) -> dict[str, Any]:
    """Return a document; what is no sender with a handshake stands beside the senders, if there is any."""
    parts: dict[str, list[dict[str, Any]]] = {"senders": [], "not_applicable": [], "errors": []}
    for result in results:
        if isinstance(result, Checked):
            parts["senders"].append(result.to_json())
        elif isinstance(result, NotApplicable):
            environment = {"environment": result.environment} if result.environment else {}
            parts["not_applicable"].append({**environment, "name": result.name, "reason": result.reason})
        else:
            file = result.place.file if result.place else ""
            parts["errors"].append({**error_json(result), "file": file or None, **place_json(result.place)})
    return {"schema_version": SCHEMA_VERSION, **{name: found for name, found in parts.items() if found or name == "senders"}}
