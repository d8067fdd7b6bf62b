"""Findings as people read them: each in full, or where that is more than a screenful, each cause once and the rest as places and counts.

It is told file by file, as results come. What is kept does not grow with their number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ..base.findings import Finding, Severity
from .text import PLAIN, SCREENFUL, Style, Tone, counted, one_line

TONES = {Severity.ERROR: Tone.BAD, Severity.WARNING: Tone.CARE, Severity.INFO: Tone.FAINT}
_ORDER = list(TONES)

_HEIGHT = 3
"""Lines that a finding takes, about."""

_PLACES, _REMEMBERED = 3, 1000


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings by their severity, else as they came."""
    return sorted(findings, key=lambda finding: _ORDER.index(finding.severity))


def cause(finding: Finding) -> tuple[object, ...]:
    """Return what findings of one cause have in common: the rule, the key, and the way out, whatever values and tenants they name."""
    key = (finding.path or "").rpartition(".")[2]
    way_out = finding.advice or finding.hint or finding.message
    return (finding.severity, finding.rule, finding.releases, finding.environments, key, way_out)


def by_cause(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Return findings cause by cause, those of the worst severity first."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in worst_first(findings):
        groups.setdefault(cause(finding), []).append(finding)
    return list(groups.values())


def places(findings: Sequence[Finding], beside: str) -> str:
    """Return the first places of findings; those in the file *beside* without its name."""
    shown = [
        f"{at.line}:{at.column}" if at.file == beside else str(at) for at in (finding.place for finding in findings[:_PLACES])
    ]
    return one_line(", ".join(shown)) + (", …" if len(findings) > _PLACES else "")


class InShort:
    """Take the findings of one file after the other, and tell them.

    Attributes:
        counts: How many there are of each severity.
        left_out: Whether there are some that were not told in full.
    """

    def __init__(self, style: Style = PLAIN, *, everything: bool = False) -> None:
        self.counts: Counter[Severity] = Counter()
        self.left_out = False
        self._style, self._everything = style, everything
        self._lines = 0
        self._told: set[tuple[object, ...]] = set()
        self._findings: Counter[tuple[Severity, str]] = Counter()
        self._files: Counter[tuple[Severity, str]] = Counter()

    @property
    def rules(self) -> set[str]:
        """The rules that were broken."""
        return {rule for _, rule in self._findings}

    def file(self, name: str, findings: Sequence[Finding]) -> Iterator[str]:
        """Yield the lines of a file."""
        kinds = [(finding.severity, finding.rule) for finding in findings]
        self._findings.update(kinds)
        self._files.update(set(kinds))
        self.counts.update(severity for severity, _ in kinds)
        if self._everything:
            for finding in worst_first(findings):
                yield from finding_lines(finding, self._style)
            return
        crowded = self._lines + _HEIGHT * len(findings) > SCREENFUL
        for line in self._by_cause(name, findings) if crowded else self._each(findings):
            self._lines += line.count("\n") + 1
            yield line

    def table(self) -> Iterator[str]:
        """Yield a line a rule, errors first, then what there is most of, where there was more than a screenful."""
        if not self.left_out and (self._everything or self._lines <= SCREENFUL):
            return
        yield f"{'rule':<8}{'severity':<10}{'findings':>8}{'files':>8}"
        kinds = sorted(self._findings, key=lambda kind: (_ORDER.index(kind[0]), -self._findings[kind], kind[1]))
        for kind in kinds:
            severity, rule = kind
            line = f"{rule:<8}{severity.value:<10}{self._findings[kind]:>8}{self._files[kind]:>8}"
            yield self._style.paint(line, TONES[severity])

    def _each(self, findings: Sequence[Finding]) -> Iterator[str]:
        for finding in worst_first(findings):
            self._tell(finding)
            yield from finding_lines(finding, self._style)

    def _by_cause(self, name: str, findings: Sequence[Finding]) -> Iterator[str]:
        above: list[Finding] = []
        for alike in by_cause(findings):
            first, *others = alike
            if not self._tell(first):
                above += alike
                continue
            yield from finding_lines(first, self._style)
            if others:
                self.left_out = True
                said = f"      {len(others)} more like it: {places(others, first.place.file)}"
                yield self._style.fold(said, 8)
        if above:
            self.left_out = True
            by_rule: dict[str, list[Finding]] = {}
            for finding in above:
                by_rule.setdefault(finding.rule, []).append(finding)
            which = "; ".join(f"{rule} at {places(alike, name)}" for rule, alike in by_rule.items())
            said = f"{one_line(name)}: {counted(len(above), 'finding')} as above: {which}"
            yield self._style.paint(self._style.fold(said, 4), TONES[above[0].severity])

    def _tell(self, finding: Finding) -> bool:
        """Note that a cause is told; return whether it was not yet."""
        key = cause(finding)
        if key in self._told:
            return False
        if len(self._told) < _REMEMBERED:
            self._told.add(key)
        return True


def finding_lines(finding: Finding, style: Style = PLAIN) -> Iterator[str]:
    """Yield the lines of a finding."""
    releases = f" [{', '.join(finding.releases)}]" if finding.releases else ""
    what = f"{finding.rule} {finding.severity.value}"
    line = style.fold(one_line(f"{finding.place}: {what}: {finding.words}{releases}"), 4)
    yield line.replace(what, style.paint(what, TONES[finding.severity]), 1)
    hint = one_line((finding.hint or "") + ("  (fixable)" if finding.fixable else ""))
    if finding.excerpt:
        yield f"{finding.excerpt.line:>5} | {one_line(finding.excerpt.text)}"
        mark = f"{' ' * 6}| {' ' * (finding.excerpt.column - 1)}"
        sign = "^" * max(1, finding.excerpt.length)
        beside = f"{mark}{sign} {hint}".rstrip() if finding.hint else f"{mark}{sign}{hint}"
        fits = style.width is None or len(beside) <= style.width
        yield (beside if fits else mark + sign).replace(sign, style.paint(sign, TONES[finding.severity]), 1)
        if not fits:
            yield style.fold(f"{' ' * 6}| {hint.strip()}", 8)
    elif finding.hint:
        yield style.fold(f"      hint: {hint}", 12)
