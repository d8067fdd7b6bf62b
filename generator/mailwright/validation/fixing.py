"""``--fix``: what can be mended is mended together, pass by pass, until nothing is left that can be.

A pass takes the fixes that do not overlap; the others wait for the next one. Its result is checked before it counts: its findings must
be gone, and nothing new may be wrong. Where that is not so, fewer fixes are taken at once, in the end each alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from ..base.edits import edited
from ..base.errors import MailwrightError, UnsafeToWrite
from ..base.findings import Finding, Fix, Severity
from ..base.places import Place, Source
from ..base.reading import is_stream, read_bytes
from ..base.values import dataclass, field
from ..base.writing import FileChanged, write_again
from ..rules.reading import TENANT_TWICE
from ..spec.lines import leading_mark

MAX_FIXES = 1000
"""How many findings are mended in one run on a file."""

MAX_TRIED = 20
"""How many findings of a file are mended for trial, to say which of them can be."""

Files = Mapping[str, bytes]
Find = Callable[[Files], list[Finding]]
"""Returns the findings about files with these contents."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A finding that can be mended and was not: the files would be no better.

    Attributes:
        uncovers: The errors that would be there then; None where a file could not be read any more.
    """

    finding: Finding
    uncovers: tuple[Finding, ...] | None

    def __str__(self) -> str:
        """What happened, and what to do."""
        if self.uncovers is None:
            return "the file could not be read any more; mend it yourself"
        if not self.uncovers:
            return "that would not help; mend it yourself"
        first, more = self.uncovers[0], len(self.uncovers) - 1
        others = f" (and {more} more)" if more else ""
        them = "them" if more else "that"
        return f"it would uncover {first.rule} at {first.place}: {first.message}{others}; write it yourself, and mend {them} too"


@dataclass(frozen=True, slots=True)
class Fixed:
    """What mending comes to; nothing is written yet.

    Attributes:
        before, after: The contents of the files that change, by their names.
        found: The findings before; *mended* those of them that are gone, in the order in which they were mended; *left* what remains.
        refused: What of that could have been mended.
    """

    before: Files = field(repr=False)
    after: Files = field(repr=False)
    found: tuple[Finding, ...]
    mended: tuple[Finding, ...]
    left: tuple[Finding, ...]
    refused: tuple[Refusal, ...] = ()

    def told(self) -> Iterator[str]:
        """Yield a line for each mended finding; no line holds a value."""
        yield from (_told(finding) for finding in self.mended)

    def untold(self) -> Iterator[str]:
        """Yield a line for each finding that could be mended and was not, with the reason."""
        yield from (f"{_told(refusal.finding)}: {refusal}" for refusal in self.refused)

    def write(self) -> Iterator[str]:
        """Write the files, but for standard input and pipes, and yield what is to be said about that.

        Raises:
            UnsafeToWrite: somebody else changed one in the meantime.
            NotWritten: one cannot be written.
        """
        for name, data in self.after.items():
            if is_stream(name):
                continue
            try:
                written = write_again(name, self.before[name], data)
            except FileChanged:
                raise UnsafeToWrite("was changed while it was being mended", place=Place(name), hint="run it again") from None
            yield from (f"{name}: warning: {warning}" for warning in written.warnings)


def _told(finding: Finding) -> str:
    assert finding.fix is not None
    return f"{finding.place}: {finding.rule}: {finding.fix.title}"


def fix_file(name: str, find: Find, begin: Callable[[bytes], bytes] = bytes) -> Fixed:
    """Mend what can be mended in one file, and in those that it names.

    Args:
        find: Says what is wrong.
        begin: What is done to the file's content first.

    Raises:
        MailwrightError: it cannot be read, or *find* says so.
    """
    find = _alone(name, find) if is_stream(name) else find
    files = {name: read_bytes(name)}
    now, mended = {name: begin(files[name])}, list[Finding]()
    found = find(now)
    first = tuple(found)
    stuck = dict[tuple[object, ...], Refusal]()
    at_once, again = MAX_FIXES, False
    while len(mended) < MAX_FIXES:
        others = {edit.start.file for item in found if item.fix for edit in item.fix.edits} - files.keys()
        if others:  # from here on they are what they are now
            read = {other: read_bytes(other) for other in sorted(others)}
            files |= read
            now |= read
            found = find(now)
            first = first if mended else tuple(found)
        batch = _apart((item for item in found if item.fix and item.order not in stuck), min(at_once, MAX_FIXES - len(mended)))
        if not batch and again and stuck:  # what did not help before may do so now
            stuck.clear()
            again = False
            continue
        if not batch:
            break
        candidate = {**now, **_applied(now, batch)}
        after = _found(find, candidate)
        if after is not None and _is_better(batch, found, after):
            now, found, again = candidate, after, True
            mended += batch
            at_once *= 2
        elif len(batch) > 1:
            at_once = len(batch) // 2
        else:
            stuck[batch[0].order] = Refusal(batch[0], None if after is None else tuple(_new_errors(found, after)))
    changed = {name: data for name, data in now.items() if data != files[name]}
    refused = [stuck[item.order] for item in found if item.order in stuck]
    # What is left is not fixable, if it was tried.
    left = (replace(item, fixable=False) if item.order in stuck else item for item in found)
    return Fixed({name: files[name] for name in changed}, changed, first, tuple(mended), tuple(left), tuple(refused))


def promised(name: str, data: bytes, found: list[Finding], find: Find) -> list[Finding]:
    """Return findings that are called fixable only where mending each alone would leave the files better, as ``fix_file`` asks.

    Only the first are tried, since each costs another check: a file has few misspelt words.
    """
    tried = [item for item in found if item.fix][:MAX_TRIED]
    others = {edit.start.file for item in tried if item.fix for edit in item.fix.edits} - {name}
    files = {name: data, **{other: read_bytes(other) for other in sorted(others)}}
    empty = set[tuple[object, ...]]()
    for item in tried:
        after = _found(find, {**files, **_applied(files, [item])})
        if after is None or not _is_better([item], found, after):
            empty.add(item.order)
    return [replace(item, fixable=False) if item.order in empty else item for item in found]


def _alone(name: str, find: Find) -> Find:
    """Return what finds the same, with no fix that changes another file: what came through a pipe goes back alone."""

    def within(finding: Finding) -> Finding:
        others = finding.fix is not None and any(edit.start.file != name for edit in finding.fix.edits)
        return replace(finding, fix=None, fixable=False) if others else finding

    return lambda files: list(map(within, find(files)))


def _found(find: Find, files: Files) -> list[Finding] | None:
    """Return the findings about files; None where one of them cannot be read any more."""
    try:
        return find(files)
    except MailwrightError:
        return None


def _new_errors(before: Sequence[Finding], after: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the errors that are there afterwards and were not before."""
    was = Counter(_about(item) for item in before if item.severity is Severity.ERROR)
    for item in after:
        if item.severity is Severity.ERROR:
            was[_about(item)] -= 1
            if was[_about(item)] < 0:
                yield item


def _apart(ready: Iterator[Finding], most: int) -> list[Finding]:
    """Return the first findings whose fixes do not overlap with one before them."""
    batch, taken = list[Finding](), list[Fix]()
    for finding in ready:
        assert finding.fix is not None
        if not any(finding.fix.overlaps(fix) for fix in taken):
            batch.append(finding)
            taken.append(finding.fix)
        if len(batch) >= most:
            break
    return batch


def _applied(files: Files, batch: Sequence[Finding]) -> dict[str, bytes]:
    edits = [edit for finding in batch if finding.fix for edit in finding.fix.edits]
    changed = dict[str, bytes]()
    for name in dict.fromkeys(edit.start.file for edit in edits):
        mark = leading_mark(name, files[name])
        source = Source(name, files[name].removeprefix(mark).decode("utf-8", "surrogateescape"))
        text = edited(source, (edit for edit in edits if edit.start.file == name))
        changed[name] = mark + text.encode("utf-8", "surrogateescape")
    return changed


def _is_better(batch: Sequence[Finding], before: Sequence[Finding], after: Sequence[Finding]) -> bool:
    """Say whether the findings of some fixes are gone, and nothing new is wrong.

    A fix alone may turn one error into another: the key that was meant, say, holds a value that is wrong.
    """
    had, has = (Counter(map(_about, found)) for found in (before, after))
    if any(has[about] > had[about] - count for about, count in Counter(map(_about, batch)).items()):
        return False
    was, now = (sum(item.severity is Severity.ERROR for item in found) for found in (before, after))
    new = list(_new_errors(before, after))
    if any(item.rule == TENANT_TWICE.id for item in new):  # the rest of the tenants was not looked at
        return False
    return now <= was if len(batch) == 1 else not new


def _about(finding: Finding) -> tuple[str, str | None]:
    return finding.rule, finding.path
