"""Findings as ``validate`` prints them: text for people, and the JSON of schema/report.schema.json."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..base.errors import MailwrightError, NotWritten, UnsafeToWrite, UsageError
from ..base.findings import Finding, Severity, found_in
from ..product.product import load_product
from .documents import SCHEMA_VERSION, error_json, json_list, place_json
from .findings import InShort
from .text import PLAIN, Style, Tone, counted, one_line_error

if TYPE_CHECKING:
    from .entries import Result


def validate_text(results: Iterable[Result], style: Style = PLAIN, *, everything: bool = False) -> Iterator[str]:
    """Yield the lines of ``validate``: of each file the errors, then the warnings, then the notes.

    What goes beyond a screenful tells each cause once, and ends with a table of the rules; with *everything* each finding is told.
    """
    told = InShort(style, everything=everything)
    checked = 0
    failed: Counter[str] = Counter()
    some_releases = False
    fixable = 0
    for name, result in results:
        checked += 1
        if isinstance(result, MailwrightError):
            failed[_failure(result)] += 1
            yield style.paint(style.fold(one_line_error(result), 2), Tone.BAD)
        found = found_in(result)
        some_releases |= any(finding.releases for finding in found)
        fixable += sum(finding.fixable for finding in found)
        yield from told.file(name, found)
    counts, rules = told.counts, told.rules
    yield from told.table()
    files = counted(checked, "file")
    if not rules and not failed:
        yield style.paint(f"{files}: nothing to report", Tone.GOOD)
        return
    nouns = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
    parts = [counted(counts[severity], noun) for severity, noun in nouns.items() if counts[severity]]
    parts += [f"{failed[what]} {what}" for what in _FAILURES if failed[what]]
    first, *others = sorted(rules) or [""]
    more = f"`mailwright explain {first}`" + (f" (or {', '.join(others)})" if others else "")
    mend = f"; {fixable} fixable with --fix" if fixable else ""
    said = style.fold(f"{', '.join(parts)} in {files}{mend}." + (f" {more} says more." if rules else ""), 0)
    bad = failed or counts[Severity.ERROR]
    yield style.paint(said, Tone.BAD if bad else Tone.CARE if counts[Severity.WARNING] else Tone.FAINT)
    if some_releases:
        releases = load_product().releases
        span = f"{releases.oldest.version} to {releases.newest.version}"
        yield style.fold(f"Checked for {span}; a finding about only some of them names them. --product-version V checks one.", 0)
    if told.left_out:
        yield style.paint("--all shows each finding in full", Tone.FAINT)


_FAILURES = ("not readable", "not usable", "not written")


def _failure(error: MailwrightError) -> str:
    """Say what is the matter with a file that has an error instead of findings."""
    if isinstance(error, (NotWritten, UnsafeToWrite)):
        return _FAILURES[2]
    return _FAILURES[1] if isinstance(error, UsageError) else _FAILURES[0]


def validate_json(results: Iterable[Result]) -> Iterator[str]:
    """Yield the text of the document of ``validate --format json``, finding by finding."""
    comma = ""
    yield f'{{\n  "schema_version": {SCHEMA_VERSION},\n  "files": ['
    for name, result in results:
        yield f'{comma}    {{\n      "file": {json.dumps(name)},'
        if isinstance(result, MailwrightError):
            yield from json_list(map(finding_json, found_in(result)), '      "findings": [', "],")
            yield f'      "error": {json.dumps({**error_json(result), **place_json(result.place)})}'
        else:
            yield from json_list(map(finding_json, result), '      "findings": [', "]")
        yield "    }"
        comma = "    ,\n"
    yield "  ]\n}"


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "hint": finding.hint,
        **place_json(finding.place),
        "path": finding.path,
        "fixable": finding.fixable,
        "releases": list(finding.releases),
        **({"environments": list(finding.environments)} if finding.environments else {}),
        **({"tenants": finding.tenants} if finding.tenants > 1 else {}),
        **({"also": [{"file": place.file, **place_json(place)} for place in finding.also]} if finding.also else {}),
    }
