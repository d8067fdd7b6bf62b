"""The results of ``verify`` in one line: for a monitoring plugin, and for a container's termination message."""

from __future__ import annotations

from .handshakes import headline
from .text import PLAIN
from .verified import Verified

_LONGEST = 160
"""Characters of each failure; a termination message has room for 4096."""


def verified_line(run: Verified) -> str:
    """Return how many there are, the first that fail, and why something could not be checked."""
    parts = ["interrupted"] if run.interrupted else []
    parts += [run.summary()] if run.done or not run.problems else []
    named = [PLAIN.plain(f"{each.report.name} {headline(each)}")[:_LONGEST] for each in run.first_failures]
    more = run.failed - len(named)
    parts += [", ".join([*named, *([f"{more} more"] if more else [])])] if named else []
    if run.first_reason is not None:
        message, place = run.first_reason
        where = f"{place}: " if place else ""
        parts.append(PLAIN.plain(f"{run.problems} could not be checked: {where}{message}")[: 3 * _LONGEST])
    return "; ".join(parts)
