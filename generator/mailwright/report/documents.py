"""The JSON that the commands print, held by schema/report.schema.json."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ..base.errors import MailwrightError
from ..base.findings import Finding
from ..base.places import Place
from ..engine.effective import Effective
from .entries import listed

SCHEMA_VERSION = 1


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "hint": finding.hint,
        "line": finding.place.line,
        "column": finding.place.column,
        "path": finding.path,
        "fixable": finding.fixable,
        "releases": list(finding.releases),
        **({"environments": list(finding.environments)} if finding.environments else {}),
        **({"tenants": finding.tenants} if finding.tenants > 1 else {}),
        **({"also": [_place_json(place) for place in finding.also]} if finding.also else {}),
    }


def _place_json(place: Place) -> dict[str, Any]:
    return {"file": place.file, "line": place.line, "column": place.column}


def iter_validate_json(results: Iterable[tuple[str, list[Finding] | MailwrightError]]) -> Iterator[str]:
    """Yield the text of the document of ``validate --format json``, finding by finding."""
    comma = ""
    yield f'{{\n  "schema_version": {SCHEMA_VERSION},\n  "files": ['
    for name, result in results:
        yield f'{comma}    {{\n      "file": {json.dumps(name)},'
        if isinstance(result, MailwrightError):
            place = result.place
            error = {
                "code": result.code,
                "message": result.message,
                "hint": result.hint,
                "line": place.line if place else 0,
                "column": place.column if place else 0,
            }
            yield f'      "findings": [],\n      "error": {json.dumps(error)}'
        else:
            yield from listed(map(finding_json, result), '      "findings": [', "]")
        yield "    }"
        comma = "    ,\n"
    yield "  ]\n}"


def effective_json(view: Effective, *, show_secrets: bool = False) -> dict[str, Any]:
    """Return one object of ``effective --format json``; secrets are in it only with *show_secrets*."""
    names = [item.name if show_secrets else item.shown_name for item in view.properties]
    return {
        "schema_version": SCHEMA_VERSION,
        "file": view.file,
        "release": view.release.version,
        "outcome": view.outcome.value,
        "reason": view.reason,
        "properties": {
            name: item.text if show_secrets else item.shown for name, item in zip(names, view.properties, strict=True)
        },
        "origins": {name: item.origin.value for name, item in zip(names, view.properties, strict=True)},
        "ignored": [ignored.path for ignored in view.ignored],
        "unresolved": list(view.unresolved),
        "unsure": list(view.unsure),
        "line": view.place.line if view.place else 0,
        "column": view.place.column if view.place else 0,
    }
