"""Findings: what is reported about a user's files. Values, never exceptions; no finding holds a secret."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import Enum

from .edits import Edit, Misspelling
from .errors import MailwrightError, UnreadableInput
from .hints import Hint
from .places import Place
from .values import dataclass, field
from .versions import version_key


class Severity(Enum):
    """How bad a finding is: what breaks or is ignored, what is a trap or a risk, what is good to know."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class State(Enum):
    """How a finding stands to a baseline, in the words of SARIF: it is new, it is known, or what is known was not found."""

    NEW = "new"
    UNCHANGED = "unchanged"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A line to show below a finding, with nothing secret in it; *column* (from 1) and *length* say what to underline."""

    line: int
    text: str
    column: int
    length: int


@dataclass(frozen=True, slots=True)
class Fix:
    """How to mend what was found: nothing but what the edits name changes.

    Attributes:
        title: What is done, without any value.
        edits: Where, and what stands there afterwards; no two of them overlap.
    """

    title: str
    edits: tuple[Edit, ...]

    @property
    def public(self) -> bool:
        """Whether every output may show what is written."""
        return all(edit.public for edit in self.edits)

    def overlaps(self, other: Fix) -> bool:
        """Say whether two fixes are about the same text."""
        return any(one.overlaps(two) for one in self.edits for two in other.edits)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or risky.

    Attributes:
        rule: The rule's stable id.
        path: The dotted key path, if it is about a key.
        releases: The releases that it holds for; empty for every one.
        environments: The environments of a spec that it holds for, which the message names; empty for every one that was checked.
        misspelt: The words that are wrong, all of those that the finding stands for: what *fix* is made from.
        advice: What *hint* was made from, where that names a key to set.
        tenant: The tenant of a spec that it is about, as the spec writes it; *tenants* is how many have it.
        also: The first other places that it holds for.
        missing: The key that is not there, where that is what is wrong with the mapping at *path*.
        state: How it stands to a baseline; None without one.
    """

    rule: str
    severity: Severity
    message: str
    place: Place
    hint: str | None = None
    path: str | None = None
    fixable: bool = False
    releases: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    excerpt: Excerpt | None = None
    fix: Fix | None = field(default=None, compare=False)
    misspelt: tuple[Misspelling, ...] = field(default=(), compare=False, repr=False)
    advice: Hint | None = field(default=None, compare=False, repr=False)
    tenant: str = ""
    tenants: int = 1
    also: tuple[Place, ...] = ()
    missing: str = ""
    state: State | None = field(default=None, compare=False)

    @property
    def is_known(self) -> bool:
        """Whether it is only told for completeness: a baseline has it, and it does not count."""
        return self.state in (State.UNCHANGED, State.ABSENT)

    @property
    def words(self) -> str:
        """The message, with how many tenants and which other places have it."""
        parts = [f"{self.tenants} tenants"] if self.tenants > 1 else []
        if self.also:
            places = [f"{at.line}:{at.column}" if at.file == self.place.file else str(at) for at in self.also[:_PLACES_SHOWN]]
            parts.append(f"also at {', '.join(places)}{', …' if max(self.tenants, len(self.also) + 1) > len(places) + 1 else ''}")
        return f"{self.message} ({'; '.join(parts)})" if parts else self.message

    @property
    def order(self) -> tuple[object, ...]:
        """The order in which findings are reported."""
        return (self.place, self.rule, self.message)


_PLACES_SHOWN = 3


class PartlyRead(UnreadableInput):
    """Of the files that a file names some cannot be read.

    Attributes:
        found: The findings about the rest.
    """

    found: Sequence[Finding] = ()


def found_in(result: list[Finding] | MailwrightError) -> list[Finding]:
    """Return the findings of a result: also those that come with an error."""
    return list(result.found) if isinstance(result, PartlyRead) else [] if isinstance(result, MailwrightError) else result


def with_found(result: list[Finding] | MailwrightError, found: list[Finding]) -> list[Finding] | MailwrightError:
    """Return a result with other findings in the place of its own."""
    if isinstance(result, PartlyRead):
        result.found = found
    return result if isinstance(result, MailwrightError) else found


def unite(by_release: Iterable[tuple[str, Iterable[Finding]]]) -> list[Finding]:
    """Unite the findings of several releases: one that holds for all of them names none.

    An error that the newest of them does not have is a warning: it is one only for who runs the others.
    """
    asked: list[str] = []
    shared: dict[int, tuple[Iterable[Finding], list[str]]] = {}  # releases that do the same have one result
    for release, findings in by_release:
        asked.append(release)
        shared.setdefault(id(findings), (findings, []))[1].append(release)
    if len(shared) == 1 and not any(finding.releases for finding in next(iter(shared.values()))[0]):
        return sorted(dict.fromkeys(next(iter(shared.values()))[0]), key=lambda finding: finding.order)
    found: dict[Finding, dict[str, None]] = {}
    for findings, releases in shared.values():
        for finding in findings:
            found.setdefault(replace(finding, releases=()) if finding.releases else finding, {}).update(dict.fromkeys(releases))
    united = [
        finding if len(holds) == len(asked) else _for_some(finding, list(holds), newest=asked[-1])
        for finding, holds in found.items()
    ]
    return sorted(united, key=lambda finding: finding.order)


def _for_some(finding: Finding, holds: list[str], *, newest: str) -> Finding:
    severity = Severity.WARNING if finding.severity is Severity.ERROR and newest not in holds else finding.severity
    return replace(finding, severity=severity, releases=tuple(sorted(holds, key=version_key)))
