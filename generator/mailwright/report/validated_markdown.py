"""The findings of ``validate`` as Markdown, for a pull request or a ticket: what is wrong first, one cause once, then the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ..base.errors import MailwrightError
from ..base.findings import Finding, Severity, found_in
from .entries import Result
from .findings import by_cause, cause, worst_first
from .markdown import code, table
from .text import counted

_CAUSES = 50
_NOUNS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


class _Cause:
    """The first finding of a cause, and how many there are."""

    def __init__(self, first: Finding) -> None:
        self.first, self.count, self.files = first, 0, 0

    def row(self) -> tuple[str, ...]:
        finding = self.first
        more = [f"{self.count - 1} more" if self.count > 1 else "", counted(self.files, "file") if self.files > 1 else ""]
        where = code(str(finding.place)) + (f" and {' in '.join(filter(None, more))}" if any(more) else "")
        releases = f" [{', '.join(finding.releases)}]" if finding.releases else ""
        hint = code(finding.hint or "") + (" (fixable)" if finding.fixable else "")
        return f"{finding.severity.value}", f"`{finding.rule}`", where, code(f"{finding.words}{releases}"), hint.strip()


def validate_markdown(results: Iterable[Result]) -> Iterator[str]:
    """Yield the report; what is kept of each severity are its first causes, and counts."""
    counts: Counter[Severity] = Counter()
    causes: dict[Severity, dict[object, _Cause]] = {severity: {} for severity in _NOUNS}
    rest: Counter[Severity] = Counter()
    unread: list[str] = []
    files = failed = 0
    for _, result in results:
        files += 1
        if isinstance(result, MailwrightError):
            failed += 1
            if len(unread) < _CAUSES:
                unread.append(str(result).partition("\n")[0])
        for alike in by_cause(worst_first(found_in(result))):
            first = alike[0]
            counts[first.severity] += len(alike)
            known = causes[first.severity]
            key = cause(first)
            if key not in known and len(known) == _CAUSES:
                rest[first.severity] += len(alike)
                continue
            told = known.setdefault(key, _Cause(first))
            told.count += len(alike)
            told.files += 1
    parts = [counted(counts[severity], noun) for severity, noun in _NOUNS.items() if counts[severity]]
    parts += [f"{failed} not readable"] if failed else []
    yield f"### mailwright validate: {', '.join(parts) or 'nothing to report'} in {counted(files, 'file')}"
    rows = [told.row() for known in causes.values() for told in known.values()]
    if rows:
        yield from ("", *table(("severity", "rule", "where", "finding", "what to do"), rows))
    for severity, count in rest.items():
        yield from ("", f"{counted(count, f'more {_NOUNS[severity]}')} of other causes.")
    if unread:
        yield from ("", "Not checked:", "", *(f"- {code(line)}" for line in unread))
