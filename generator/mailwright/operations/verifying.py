"""A whole run: senders from their source through the fleet to their results."""

from __future__ import annotations

from collections.abc import Iterator

from ..base.errors import MailwrightError
from ..verification.check import Checked, Checker, Job
from ..verification.fleet import Fleet, Limits
from ..verification.senders import NotApplicable, Sender

Result = Checked | NotApplicable | MailwrightError


class Run:
    """Check every sender of a source: iterate over it for the results as they come, each with its place in the order of the files.

    Args:
        checker: Checks one.
        limits: How many at once.
        senders: The source.

    Attributes:
        total: How many there are, None until the last is read.
    """

    def __init__(self, checker: Checker, limits: Limits, senders: Iterator[Sender | NotApplicable | MailwrightError]) -> None:
        self._checker, self._limits, self._senders = checker, limits, senders
        self.total: int | None = None

    def __iter__(self) -> Iterator[tuple[int, Result]]:
        return Fleet(self._check, self._host, self._limits).run(self._jobs())

    def _jobs(self) -> Iterator[tuple[int, Job | Result]]:
        number = 0
        for number, sender in enumerate(self._senders, 1):
            try:
                yield number, self._checker.job(sender) if isinstance(sender, Sender) else sender
            except MailwrightError as error:
                yield number, error
        self.total = number

    def _host(self, item: tuple[int, Job | Result]) -> str | None:
        return item[1].host if isinstance(item[1], Job) else None

    def _check(self, item: tuple[int, Job | Result]) -> tuple[int, Result]:
        number, job = item
        try:
            return number, self._checker.check(job) if isinstance(job, Job) else job
        except MailwrightError as error:
            return number, error
