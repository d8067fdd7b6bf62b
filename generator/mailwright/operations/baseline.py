"""A baseline: the findings that are known, so that a team with old files can forbid new ones from the first day.

A finding is known by the file that was validated, the file that it stands in, its rule, its tenant and its key, and by how many of these there
are: not by its line, which moves, nor by its words. No value is written down.
"""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import Any, NamedTuple

from ..base.atomic import Written
from ..base.errors import MailwrightError, SpecError
from ..base.findings import Finding, Severity, State, found_in, with_found
from ..base.nodes import place_of
from ..base.patterns import pattern
from ..base.places import Place, Source
from ..base.reading import decode, read_bytes
from ..base.secret import HIDDEN
from ..base.shown import shown_dotted, shown_part
from ..base.values import dataclass, field
from ..base.writing import write_over
from ..product.product import load_product
from ..rules.catalogue import CATALOGUE
from ..spec.json_reader import read_json
from ..validation.schemas import errors_in

Result = tuple[str, list[Finding] | MailwrightError]

FORMAT_KEY = "mailwright_baseline"
_MANY = "*"
_QUOTED = pattern(r"'[^']*'|\"[^\"]*\"")


class _About(NamedTuple):
    """What a finding is about, but for the tenant: the file that it stands in, its rule, its key."""

    file: str
    rule: str
    path: str


Known = dict[_About, Counter[str]]
"""How many there are, by tenant: of a name, of none, or of many (``*``)."""


@dataclass
class Baseline:
    """What is known, and what has been found of it.

    Attributes:
        path: The file of the baseline.
        files: What is known of each file that was validated, by its path from the baseline's folder.
        known: How many findings were known; *stale*: how many are known that were not found any more.
    """

    path: str
    files: dict[str, Known] = field(default_factory=dict)
    known: int = 0
    stale: int = 0

    def unknown(
        self, results: Iterable[Result], counts: Callable[[str], bool] = lambda _: True, *, every: bool = False
    ) -> Iterator[Result]:
        """Yield results without what is known.

        Args:
            counts: Says whether a rule counts in this run: what is known of the others is not missed.
            every: Whether what is known is there too, and what was not found any more: ``Finding.state`` says so.
        """
        for name, result in results:
            left = {about: Counter(tenants) for about, tenants in self.files.get(self._name(name), {}).items()}
            judged = [
                replace(finding, state=State.UNCHANGED if self._take(left, name, finding) else State.NEW)
                for finding in found_in(result)
            ]
            known = sum(finding.is_known for finding in judged)
            looked_for = {} if isinstance(result, MailwrightError) else left
            absent = list(self._absent(name, {about: tenants for about, tenants in looked_for.items() if counts(about.rule)}))
            self.known += known
            self.stale += len(absent)
            judged = [*judged, *absent] if every else [finding for finding in judged if not finding.is_known]
            yield name, with_found(result, judged)

    def _absent(self, name: str, left: Known) -> Iterator[Finding]:
        """Yield what is known and was not found, as far as it is known: its place in the file is not."""
        for about, tenants in left.items():
            rule = CATALOGUE.get(about.rule)
            file = os.path.normpath(os.path.join(self._folder, about.file)) if about.file else name
            severity, said = (
                (rule.severity, f"not found any more: {rule.title}") if rule else (Severity.INFO, "not found any more")
            )
            for tenant, count in tenants.items():
                yield from repeat(
                    Finding(about.rule, severity, said, Place(file), path=about.path, tenant=tenant, state=State.ABSENT), count
                )

    def _take(self, left: Known, name: str, finding: Finding) -> bool:
        """Say whether a finding is known, and count it."""
        about, tenant = self._about(name, finding)
        known = left.get(about)
        if not known:
            return False
        if tenant == _MANY:  # whoever they were, they are one finding now
            rest = known.total() - finding.tenants
            if rest >= 0:
                left[about] = Counter({_MANY: rest})
            return rest >= 0
        named = next((name for name in (tenant, _MANY) if known[name]), None)
        if named is not None:
            known[named] -= 1
        return named is not None

    def renewed(self, results: Iterable[Result], counts: Callable[[str], bool] = lambda _: True) -> Iterator[Result]:
        """Yield results without findings, and take these for what is known of their files; of files that are gone nothing is.

        Args:
            counts: Says whether a rule counts in this run: what is known of the others stays.
        """
        self.files = {name: known for name, known in self.files.items() if os.path.lexists(os.path.join(self._folder, name))}
        for name, result in results:
            if not isinstance(result, MailwrightError):
                before = self.files.get(self._name(name), {})
                known: Known = defaultdict(Counter, {about: each for about, each in before.items() if not counts(about.rule)})
                for finding in result:
                    about, tenant = self._about(name, finding)
                    known[about][tenant] += finding.tenants
                self.known += len(result)
                self.files[self._name(name)] = known
                result = []
            yield name, result

    def text(self) -> str:
        """Return the text of the file: an entry a line, in an order that does not change."""
        files = []
        for name, known in sorted(self.files.items()):
            entries = [
                json.dumps(_entry(about, tenant, count), ensure_ascii=False)
                for about, tenants in sorted(known.items())
                for tenant, count in sorted(tenants.items())
                if count
            ]
            if entries:
                lines = ",\n      ".join(entries)
                files.append(f"    {json.dumps(name, ensure_ascii=False)}: [\n      {lines}\n    ]")
        body = "\n{}\n  ".format(",\n".join(files)) if files else ""
        return f'{{\n  "{FORMAT_KEY}": 1,\n  "files": {{{body}}}\n}}\n'

    def write(self) -> Written:
        """Write the file; raises as ``write_over`` does."""
        return write_over(self.path, self.text().encode(), mode=0o644)

    @property
    def _folder(self) -> str:
        return os.path.dirname(self.path)

    def _name(self, file: str) -> str:
        """Return a file's path from the baseline's folder."""
        return Path(os.path.relpath(os.path.abspath(file), os.path.abspath(self._folder))).as_posix()

    def _about(self, name: str, finding: Finding) -> tuple[_About, str]:
        file = "" if finding.place.file == name else self._name(finding.place.file)
        path = ".".join(filter(None, (finding.path, finding.missing)))
        tenant = shown_part(finding.tenant) if finding.tenant else ""
        own = shown_dotted("tenants", finding.tenant)
        if tenant and (path == own or path.startswith(f"{own}.")):
            path = path[len(own) + 1 :]
        path = _QUOTED.sub(lambda name: HIDDEN if shown_part(name[0][1:-1]) is HIDDEN else name[0], path)
        return _About(file, finding.rule, path), _MANY if finding.tenants > 1 else tenant


def read_baseline(path: str) -> Baseline:
    """Read a baseline, as schema/baseline.schema.json describes it.

    Raises:
        InputError: it cannot be read, or is none, with the place.
    """
    document: Any = read_json(_decoded(path))
    for error in errors_in(load_product(), "baseline", document):
        place = place_of(document, error.path, key=error.at_key) or Place(path)
        raise SpecError(f"is not a baseline: {error.sentence}", place=place, hint="`validate --write-baseline` writes one")
    files: dict[str, Known] = {}
    for name, entries in document["files"].items():
        known: Known = defaultdict(Counter)
        for entry in entries:
            about = _About(entry.get("file", ""), entry["rule"], entry["path"])
            known[about][entry.get("tenant", "")] += entry["count"]
        files[name] = known
    return Baseline(path, files)


def _decoded(path: str) -> Source:
    return decode(read_bytes(path), path)


def _entry(about: _About, tenant: str, count: int) -> dict[str, Any]:
    return {
        "rule": about.rule,
        **({"file": about.file} if about.file else {}),
        **({"tenant": tenant} if tenant else {}),
        "path": about.path,
        "count": count,
    }
