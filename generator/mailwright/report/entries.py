"""What the formats for other programs have in common: results become flat entries whose texts are one line each.

Every text of an entry is printable: control characters, line breaks and undecodable bytes of a file name are written as escapes, so that
a format only has to do its own quoting. An input that cannot be read is an entry as well, and an error. The only text of the user's
files is ``Finding.excerpt``, which holds nothing secret.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator

from ..base.errors import MailwrightError
from ..base.findings import Finding, Fix, Severity, State, found_in
from ..base.patterns import pattern
from ..base.places import Place
from ..base.values import dataclass
from ..spec.tenants import DigestSet
from .text import one_line

Result = tuple[str, list[Finding] | MailwrightError]

_LINE_NUMBER = pattern(r"\bline \d+(:\d+)?")


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding, or an input that cannot be read.

    Attributes:
        file: The file as ``relative_path`` gives it; it may hold what is not printable.
        line: From 1; 0 means the file as a whole.
        rule: The rule's id, or the error's code where *read* is False.
        text: The message, with the releases that it holds for.
        fix: How to mend it, where every output may show what is written.
        underlined: What the place points at, as it may be shown; empty where nothing is underlined.
        state: How it stands to a baseline, None without one.
        key: What tells this entry from others of its rule and file, wherever in the file it stands.
    """

    file: str
    line: int
    column: int
    rule: str
    severity: Severity
    text: str
    hint: str
    excerpt: str
    key: str
    read: bool = True
    fix: Fix | None = None
    underlined: str = ""
    state: State | None = None

    @property
    def path(self) -> str:
        """The file, printable."""
        return one_line(self.file)

    @property
    def words(self) -> str:
        """The message, and on a line of its own the hint."""
        return f"{self.text}\nhint: {self.hint}" if self.hint else self.text


def relative_path(name: str) -> str:
    """Return a file's path from the current folder where it lies below it, else its absolute path."""
    try:
        folder = os.getcwd()
    except OSError:  # it was removed
        return name
    absolute = os.path.normpath(os.path.join(folder, name))
    return os.path.relpath(absolute, folder) if absolute.startswith(folder.rstrip("/") + "/") else absolute


def entries_of(name: str, result: list[Finding] | MailwrightError) -> list[Entry]:
    """Return the entries of one file."""
    if isinstance(result, MailwrightError):
        return [_error(name, result), *map(_finding, found_in(result))]
    return [_finding(finding) for finding in result]


def iter_entries(results: Iterable[Result]) -> Iterator[Entry]:
    """Yield the entries of all files, in their order."""
    for name, result in results:
        yield from entries_of(name, result)


class Fingerprints:
    """An identifier for each entry: unique among them, and the same when lines are added above or the file is checked again.

    It is made of file, rule, key path and message without its line numbers; entries that do not differ in them are counted.
    """

    def __init__(self) -> None:
        self._seen = DigestSet()  # 16 bytes an entry: what is seen twice is rare
        self._again: Counter[int] = Counter()

    def __call__(self, entry: Entry) -> str:
        """Return the next entry's identifier."""
        from hashlib import blake2b, sha256

        identity = (entry.path, entry.rule, entry.key)
        digest = int.from_bytes(blake2b("\0".join(identity).encode(), digest_size=8).digest(), "little") or 1
        if self._seen.add(digest):
            self._again[digest] += 1
        return sha256("\0".join((*identity, str(self._again.get(digest, 0)))).encode()).hexdigest()


def _finding(finding: Finding) -> Entry:
    excerpt = finding.excerpt if finding.excerpt and finding.excerpt.line == finding.place.line else None
    return Entry(
        file=relative_path(finding.place.file),
        line=finding.place.line,
        column=finding.place.column,
        rule=finding.rule,
        severity=finding.severity,
        text=one_line(finding.words + (f" [{', '.join(finding.releases)}]" if finding.releases else "")),
        hint=one_line(finding.hint or ""),
        # An excerpt of another line would be taken for the text of this one.
        excerpt=one_line(excerpt.text) if excerpt else "",
        key=one_line(f"{finding.path or ''} {_LINE_NUMBER.sub('line', finding.message)}"),
        fix=finding.fix if finding.fix and finding.fix.public else None,
        underlined=excerpt.text[excerpt.column - 1 :][: excerpt.length].removesuffix(":") if excerpt else "",
        state=finding.state,
    )


def _error(name: str, error: MailwrightError) -> Entry:
    place = error.place or Place(name)
    return Entry(
        file=relative_path(place.file),
        line=place.line,
        column=place.column,
        rule=error.code,
        severity=Severity.ERROR,
        text=one_line(error.message),
        hint=one_line(error.hint or ""),
        excerpt="",
        key="",
        read=False,
    )
