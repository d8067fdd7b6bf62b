"""One finding for one thing to say: what many tenants or several environments have in common is said once, with a count and places.

Memory is that of what is said, not that of the tenants: of a finding that many of them share a few places are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from ..base.edits import Misspelling
from ..base.findings import Finding
from ..base.shown import shown_dotted
from ..base.values import dataclass, field

MOST_SINGLE = 3
"""How many tenants with the same finding have one each; more have one for all."""

_PLACES = 10
_MOST_MENDED = 10_000
"""Words that one finding may have; of more there is no fix."""

_NO_TENANT = "\0"

Environment = str | None
"""An environment's name, None for the base."""


@dataclass(slots=True)
class _Member:
    """A finding at one place, and the environments that have it."""

    finding: Finding
    environments: list[Environment]


@dataclass(slots=True)
class _Group:
    """Findings that say the same of different tenants, or in different environments."""

    members: list[_Member] = field(default_factory=list)
    misspelt: dict[Misspelling, None] = field(default_factory=dict)
    last: str = _NO_TENANT
    tenants: int = 0
    most: int = 0


class Gathering:
    """Take findings environment by environment, and return what is to be reported.

    Args:
        silenced: Says whether a comment silences a finding.
    """

    def __init__(self, silenced: Callable[[Finding], bool] | None = None) -> None:
        self._silenced = silenced or (lambda _: False)
        self._groups: dict[tuple[object, ...], _Group] = {}
        self._members: dict[tuple[object, ...], tuple[_Group, _Member]] = {}
        self._checked: list[Environment] = []

    def add(self, environment: Environment, findings: Iterable[Finding]) -> None:
        """Take the findings of one environment; tenant by tenant, so that they can be counted."""
        self._checked.append(environment)
        for group in self._groups.values():
            group.last, group.tenants = _NO_TENANT, 0
        for finding in findings:
            if not self._silenced(finding):
                self._take(environment, finding)

    def findings(self) -> list[Finding]:
        """Return what was found, in its order."""
        found = (finding for group in self._groups.values() for finding in self._reported(group))
        return sorted(found, key=lambda finding: finding.order)

    def _take(self, environment: Environment, finding: Finding) -> None:
        same = (*finding.order, finding.releases)
        known = self._members.get(same)  # whoever inherits it: one place, one finding
        group, member = known or (self._groups.setdefault(_key(finding), _Group()), None)
        if len(group.misspelt) <= _MOST_MENDED:
            group.misspelt.update(dict.fromkeys(finding.misspelt))  # of every tenant: one fix mends them all
        if finding.tenant and finding.tenant != group.last:
            group.last = finding.tenant
            group.tenants += 1
            group.most = max(group.most, group.tenants)
        if member is not None:
            if environment not in member.environments:
                member.environments.append(environment)
        elif not finding.tenant or len(group.members) < _PLACES:
            member = _Member(finding, [environment])
            group.members.append(member)
            self._members[same] = group, member

    def _reported(self, group: _Group) -> Iterator[Finding]:
        if group.most > MOST_SINGLE:
            yield replace(
                self._united(group.members, group.most),
                misspelt=tuple(group.misspelt) if len(group.misspelt) <= _MOST_MENDED else (),
            )
            return
        by_path: dict[str | None, list[_Member]] = {}
        for member in group.members:
            by_path.setdefault(member.finding.path, []).append(member)
        for members in by_path.values():
            named = [name for member in members for name in member.environments]
            if len(named) == len(set(named)):  # one place each: the same thing, patched
                yield self._united(members)
            else:
                yield from (self._united([member]) for member in members)

    def _united(self, members: Sequence[_Member], tenants: int = 1) -> Finding:
        first = members[0].finding
        named = list(dict.fromkeys(name for member in members for name in member.environments))
        also = tuple(sorted({member.finding.place for member in members[1:]} - {first.place}))
        some = () if None in named or set(named) == set(self._checked) else tuple(map(str, named))
        hint = first.advice.text(some, shared=tenants > 1) if first.advice else first.hint
        misspelt = tuple(dict.fromkeys(word for member in members for word in member.finding.misspelt))
        return _in_environments(replace(first, also=also, tenants=tenants, hint=hint, misspelt=misspelt), some)


def _key(finding: Finding) -> tuple[object, ...]:
    """Return what findings that say the same have in common: all but the place, and the tenant's name in the path."""
    path = finding.path or ""
    if finding.tenant:
        path = path.removeprefix(shown_dotted("tenants", finding.tenant))
    return (
        finding.rule,
        finding.severity,
        finding.message,
        finding.advice or finding.hint,
        path,
        finding.releases,
        bool(finding.tenant),
    )


def _in_environments(finding: Finding, named: Sequence[str]) -> Finding:
    """Return a finding with the environments that it holds for: none for the base's, and for what holds for all that were checked."""
    if not named:
        return finding
    where = f"environment{'s' if len(named) > 1 else ''} {', '.join(named)}: "
    return replace(finding, message=where + finding.message, environments=tuple(named))
