"""Comments that silence findings: ``# mailwright: ignore[MW302]`` on the line or the one above, ``ignore-file[…]`` for the whole file.

Without brackets every rule is meant. JSON and CSV know no comments: there ``--ignore`` is the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from ..base.errors import UnreadableInput
from ..base.findings import Finding
from ..base.patterns import pattern
from ..base.places import Place
from ..base.reading import ending, read_bytes
from ..rules.catalogue import CATALOGUE
from ..rules.reading import UNKNOWN_SUPPRESSION

_COMMENT = pattern(r"#\s*mailwright:\s*(ignore(?:-file)?)\b(?:\s*\[([^\]\n]*)\])?", re.IGNORECASE)
_SUFFIXES = (".toml", ".yaml", ".yml")


class Suppressions:
    """What the comments of one file silence.

    Args:
        name: The file's name.
        text: Its text.
    """

    def __init__(self, name: str, text: str) -> None:
        self.unknown: list[Finding] = []
        self._file: set[str] = set()
        self._lines: dict[int, set[str]] = {}
        if "mailwright:" not in text:
            return
        for number, line in enumerate(text.split("\n"), 1):
            for match in _COMMENT.finditer(line):
                rules = self._rules(match, Place(name, number, match.start() + 1))
                if match.group(1).lower().endswith("file"):
                    self._file |= rules
                else:
                    self._lines.setdefault(number, set()).update(rules)
                    if not line[: match.start()].strip():  # on a line of its own: the next one is meant
                        self._lines.setdefault(number + 1, set()).update(rules)

    def _rules(self, match: re.Match[str], place: Place) -> set[str]:
        if match.group(2) is None:
            return set(CATALOGUE)
        names = {name.strip().upper() for name in match.group(2).split(",")} - {""}
        for _ in names - set(CATALOGUE):
            self.unknown.append(
                UNKNOWN_SUPPRESSION.at(
                    place, "there is no such rule: nothing is silenced", hint="`mailwright explain` lists the rules"
                )
            )
        return names & set(CATALOGUE)

    def silences(self, finding: Finding) -> bool:
        """Say whether a comment speaks of a finding in this file."""
        return finding.rule in self._file or finding.rule in self._lines.get(finding.place.line, ())


@cache
def _read(name: str) -> Suppressions | None:
    try:
        return Suppressions(name, read_bytes(name).decode("utf-8", "replace"))
    except UnreadableInput:
        return None


class Silencer:
    """The comments that silence findings about one file, which may stand in other files that it names.

    Args:
        name: The file that is validated.
        text: Its text.
    """

    def __init__(self, name: str, text: str) -> None:
        _read.cache_clear()
        self._name = name
        self._own = Suppressions(name, text if ending(name, text) in _SUFFIXES else "")

    def silences(self, finding: Finding) -> bool:
        """Say whether a comment speaks of a finding."""
        file = finding.place.file
        if file == self._name:
            return self._own.silences(finding)
        other = _read(file) if file.lower().endswith(_SUFFIXES) else None
        return other is not None and other.silences(finding)

    def unsilenced(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return the findings that no comment silences, and what is wrong with the comments, in their order."""
        found = [*findings, *self._own.unknown]
        return sorted((finding for finding in found if not self.silences(finding)), key=lambda finding: finding.order)
