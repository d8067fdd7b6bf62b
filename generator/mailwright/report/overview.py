"""Many senders at a glance: what is wrong first, one cause once, findings with how many have them, the relays in a table.

Results come in any order, and are told in that of the files. What is kept does not grow with their number: of a cause its first sender,
some names, and how many there are; of a sender that is in order, nothing but what it counts for.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from ..base.findings import Severity
from ..verification.check import Checked
from ..verification.findings import Observation
from ..verification.inputs import NotApplicable
from .handshakes import address, failure

NAMED = 3
"""How many names stand behind a count."""

REMEMBERED = 1000
"""Causes, relays and reasons that are told apart."""


class Some:
    """How many senders have something, and the first of them by their place in the files."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[tuple[int, str]] = []

    def add(self, number: int, name: str) -> bool:
        """Count one more; return whether it is the first of them so far."""
        self.count += 1
        insort(self.first, (number, name))
        del self.first[NAMED + 1 :]
        return self.first[0][0] == number

    @property
    def place(self) -> int:
        """The place of the first."""
        return self.first[0][0]

    def shown(self, *, but_first: bool = False) -> list[str]:
        """Return the names that are shown."""
        return [name for _, name in self.first[but_first : NAMED + but_first]]

    def names(self, *, but_first: bool = False) -> str:
        """Return the names, and how many more there are."""
        shown = self.shown(but_first=but_first)
        more = self.count - but_first - len(shown)
        return ", ".join(shown) + (f" and {more} more" if more else "")


class Cause(Some):
    """Senders that fail for one cause; *told* is the first of them."""

    told: Checked | None = None

    @property
    def sender(self) -> Checked:
        """What the first of them has."""
        if self.told is None:
            raise ValueError("nobody was counted")
        return self.told


class Found(Some):
    """Senders that have a finding of one code; *told* is that of the first of them."""

    told: Observation | None = None


class Relay(Some):
    """Senders of one relay and what became of them."""

    verified: int = 0
    failed: int = 0
    skipped_auth: int = 0


class Overview:
    """Take results in any order.

    Attributes:
        verified: Those that are in order.
    """

    def __init__(self) -> None:
        self.verified = Some()
        self._causes: dict[object, Cause] = {}
        self._found: dict[tuple[Severity, str], Found] = {}
        self._relays: dict[str, Relay] = {}
        self._reasons: dict[str, Some] = {}

    def add(self, number: int, result: Checked | NotApplicable) -> bool:
        """Take a result and its place in the files; return whether it stands for itself: for its cause it is the first so far, if it fails."""
        if isinstance(result, NotApplicable):
            if (some := _of(self._reasons, result.reason, Some)) is not None:
                some.add(number, result.name)
            return True
        name, cause = result.report.name, failure(result)
        first = cause is None
        if cause is None:
            self.verified.add(number, name)
        elif (alike := _of(self._causes, cause, Cause)) is not None and alike.add(number, name):
            alike.told, first = result, True
        for finding in result.findings:
            found = self._found.setdefault((finding.severity, finding.code), Found())
            if found.add(number, name):
                found.told = finding
        where = " ".join(filter(None, [result.environment, address(result.report)]))
        if (relay := _of(self._relays, where, Relay)) is not None:
            relay.add(number, name)
            relay.failed += cause is not None
            relay.verified += cause is None
            relay.skipped_auth += bool(result.skipped_auth)
        return first

    def causes(self) -> list[Cause]:
        """Return what is wrong, in the order of the files."""
        return sorted(self._causes.values(), key=lambda cause: cause.place)

    def found(self) -> Iterator[tuple[Observation, Found]]:
        """Yield the findings, the worst first, then what most have."""
        order = list(Severity)
        for _, found in sorted(self._found.items(), key=lambda item: (order.index(item[0][0]), -item[1].count)):
            if found.told is not None:
                yield found.told, found

    def relays(self) -> list[tuple[str, Relay]]:
        """Return the relays: those at which something is wrong first, each part in the order of the files."""
        return sorted(self._relays.items(), key=lambda item: (not item[1].failed, item[1].place))

    def not_applicable(self) -> Sequence[tuple[str, Some]]:
        """Return the reasons why senders were not checked."""
        return sorted(self._reasons.items(), key=lambda item: item[1].place)


K = TypeVar("K")
S = TypeVar("S")


def _of(known: dict[K, S], key: K, make: Callable[[], S]) -> S | None:
    if key not in known and len(known) < REMEMBERED:
        known[key] = make()
    return known.get(key)
