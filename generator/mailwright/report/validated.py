"""Findings as ``validate`` prints them: text for people, and the JSON of schema/report.schema.json."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from ..base.errors import MailwrightError, NotWritten, UnsafeToWrite, UsageError
from ..base.findings import Finding, Severity
from ..product.product import load_product
from .documents import SCHEMA_VERSION, error_json, json_list, place_json
from .entries import Result
from .text import counted, one_line, one_line_error


def validate_text(results: Iterable[Result]) -> Iterator[str]:
    """Yield the lines of ``validate``."""
    counts: Counter[Severity] = Counter()
    checked = 0
    failed: Counter[str] = Counter()
    rules: set[str] = set()
    some_releases = False
    fixable = 0
    for _, result in results:
        checked += 1
        if isinstance(result, MailwrightError):
            failed[_failure(result)] += 1
            yield one_line_error(result)
            continue
        for finding in result:
            counts[finding.severity] += 1
            rules.add(finding.rule)
            some_releases |= bool(finding.releases)
            fixable += finding.fixable
            yield from finding_lines(finding)
    files = counted(checked, "file")
    if not rules and not failed:
        yield f"{files}: nothing to report"
        return
    nouns = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
    parts = [counted(counts[severity], noun) for severity, noun in nouns.items() if counts[severity]]
    parts += [f"{failed[what]} {what}" for what in _FAILURES if failed[what]]
    first, *others = sorted(rules) or [""]
    more = f"`mailwright explain {first}`" + (f" (or {', '.join(others)})" if others else "")
    mend = f"; {fixable} fixable with --fix" if fixable else ""
    yield f"{', '.join(parts)} in {files}{mend}." + (f" {more} says more." if rules else "")
    if some_releases:
        releases = load_product().releases
        span = f"{releases.oldest.version} to {releases.newest.version}"
        yield f"Checked for {span}; a finding about only some of them names them. --product-version V checks one."


_FAILURES = ("not readable", "not usable", "not written")


def _failure(error: MailwrightError) -> str:
    """Say what is the matter with a file that has an error instead of findings."""
    if isinstance(error, (NotWritten, UnsafeToWrite)):
        return _FAILURES[2]
    return _FAILURES[1] if isinstance(error, UsageError) else _FAILURES[0]


def finding_lines(finding: Finding) -> Iterator[str]:
    """Yield the lines of a finding."""
    releases = f" [{', '.join(finding.releases)}]" if finding.releases else ""
    yield one_line(f"{finding.place}: {finding.rule} {finding.severity.value}: {finding.words}{releases}")
    hint = finding.hint
    fixable = "  (fixable)" if finding.fixable else ""
    if finding.excerpt:
        number = f"{finding.excerpt.line:>5} | "
        yield number + one_line(finding.excerpt.text)
        mark = " " * (finding.excerpt.column - 1) + "^" * max(1, finding.excerpt.length)
        yield f"{' ' * 6}| {mark}" + (f" {hint}" if hint else "") + fixable
    elif hint:
        yield one_line(f"      hint: {hint}{fixable}")


def validate_json(results: Iterable[Result]) -> Iterator[str]:
    """Yield the text of the document of ``validate --format json``, finding by finding."""
    comma = ""
    yield f'{{\n  "schema_version": {SCHEMA_VERSION},\n  "files": ['
    for name, result in results:
        yield f'{comma}    {{\n      "file": {json.dumps(name)},'
        if isinstance(result, MailwrightError):
            yield f'      "findings": [],\n      "error": {json.dumps({**error_json(result), **place_json(result.place)})}'
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
