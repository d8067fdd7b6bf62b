"""A whole run: senders from their source through the fleet to the printer."""

from __future__ import annotations

from collections.abc import Iterator

from ..base.errors import MailwrightError
from ..report.live import Progress
from ..report.verify_output import Printer
from ..verification.check import Checked, Checker, Job
from ..verification.fleet import Fleet, Limits
from ..verification.senders import NotApplicable, Sender


class Run:
    """Check every sender of a source.

    Args:
        checker: Checks one.
        limits: How many at once.
        printer: Takes the results.
    """

    def __init__(self, checker: Checker, limits: Limits, printer: Printer) -> None:
        self._checker, self._limits, self._printer = checker, limits, printer
        self._taken = 0
        self._exhausted = False

    def run(self, senders: Iterator[Sender | NotApplicable | MailwrightError], *, several: bool) -> None:
        """Check them all; results go to the printer as they come.

        Raises:
            KeyboardInterrupt: what was finished until then is with the printer.
        """
        fleet: Fleet[Job, tuple[int, Checked | MailwrightError]] = Fleet(self._check, lambda job: job.host, self._limits)
        printer = self._printer
        with Progress(wanted=several) as progress:
            for number, result in fleet.run(self._jobs(senders)):
                printer.add(number, result)
                done = printer.done + printer.problems
                progress.tell(done=printer.done, failed=printer.failed, left=self._taken - done if self._exhausted else None)

    def _check(self, job: Job) -> tuple[int, Checked | MailwrightError]:
        try:
            return job.number, self._checker.check(job)
        except MailwrightError as error:
            return job.number, error

    def _jobs(self, senders: Iterator[Sender | NotApplicable | MailwrightError]) -> Iterator[Job]:
        """Yield what is to be checked; the others have their result already."""
        for sender in senders:
            self._taken += 1
            if not isinstance(sender, Sender):
                self._printer.add(self._taken, sender)
                continue
            try:
                yield self._checker.job(sender, self._taken)
            except MailwrightError as error:
                self._printer.add(self._taken, error)
        self._exhausted = True
