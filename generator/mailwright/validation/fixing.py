"""``--fix``: one finding after the other is mended, until nothing is left that can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ..base.findings import Finding

MAX_FIXES = 1000
"""How many fixes one file gets."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """What became of a file.

    Attributes:
        text: Its new text; None where nothing was mended.
        mended: The findings that are gone, in the order in which they were mended.
        left: The findings that remain.
    """

    text: str | None = field(repr=False)
    mended: tuple[Finding, ...]
    left: tuple[Finding, ...]


def fix_all(name: str, found: list[Finding], check: Callable[[str], list[Finding]]) -> Fixed:
    """Mend what can be mended in one file.

    Args:
        name: The file; findings in others are left alone.
        found: Its findings.
        check: Returns the findings about another text of the file.
    """
    text: str | None = None
    mended: list[Finding] = []
    stuck: set[tuple[object, ...]] = set()
    while len(mended) < MAX_FIXES:
        finding = next((item for item in found if item.fix and item.place.file == name and item.order not in stuck), None)
        if finding is None or finding.fix is None:
            break
        candidate = finding.fix.apply()
        after = check(candidate)
        if _is_better(finding, found, after):
            text, found = candidate, after
            mended.append(finding)
            stuck.clear()
        else:
            stuck.add(finding.order)
    return Fixed(text, tuple(mended), tuple(found))


def _is_better(finding: Finding, before: list[Finding], after: list[Finding]) -> bool:
    """A fix is taken only if its finding is gone and no error is new."""
    count = [sum(item.rule == finding.rule for item in found) for found in (before, after)]
    errors = [sum(item.severity is type(finding.severity).ERROR for item in found) for found in (before, after)]
    return count[1] < count[0] and errors[1] <= errors[0]


def iter_mended(fixed: Fixed) -> Iterator[str]:
    """Yield a line for each mended finding; no line holds a value."""
    for finding in fixed.mended:
        assert finding.fix is not None
        yield f"{finding.place}: {finding.rule}: {finding.fix.title}"
