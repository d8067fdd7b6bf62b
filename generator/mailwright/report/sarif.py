"""SARIF 2.1.0, for code scanning and for viewers.

- A file that cannot be read is a notification of the tool's execution, which then was not successful (SARIF 3.20.14, 3.20.21): no rule
  was broken, and a result would say that the file had been checked.
- A place that is a file as a whole has no region. A region reaches to the end of its line; the snippet is the whole line with what is
  secret in it masked, so it belongs to the region only where that begins at the first column, otherwise to its context.
- Braces in messages stand as they are, although SARIF 3.11.5 doubles them: viewers show the text unchanged, and ``{{`` where ``{`` is
  meant would be wrong advice about a file in which ``{{`` begins a template.
- A fix is there only where nothing that it writes is hidden elsewhere; its columns count code points, as all of them do.
- ``partialFingerprints`` has a name of its own: ``primaryLocationLineHash`` is left to the uploader, which makes it of the line's real text.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from .. import __version__
from ..base.findings import Fix, Severity
from ..base.patterns import pattern
from ..rules.catalogue import CATALOGUE
from ..rules.pages import Page, load_page
from .documents import json_list
from .entries import Entry, Fingerprints, Result, iter_entries, relative_path
from .explained import explain_rule
from .text import one_line

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_BASE = "%SRCROOT%"
_LINK = pattern(r"\[(?=[^\]]*\]\()")


def validate_sarif(results: Iterable[Result]) -> Iterator[str]:
    """Yield the log, result by result; what is known at the end alone stands behind them."""
    indices = {rule: index for index, rule in enumerate(CATALOGUE)}
    mark, unread = Fingerprints(), list[Entry]()

    def read() -> Iterator[dict[str, Any]]:
        for entry in iter_entries(results):
            print_ = mark(entry)
            if entry.read:
                yield _result(entry, print_, indices)
            else:
                unread.append(entry)

    driver = {"name": "mailwright", "semanticVersion": __version__, "rules": [_rule(load_page(rule)) for rule in CATALOGUE]}
    run = {
        "tool": {"driver": driver},
        "originalUriBaseIds": {_BASE: {"description": {"text": "The folder in which mailwright was started."}}},
        "columnKind": "unicodeCodePoints",
    }
    head = json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)
    yield from json_list(read(), head.removesuffix("\n    }\n  ]\n}") + ',\n      "results": [', "],")
    invocation = {"executionSuccessful": not unread, "toolExecutionNotifications": [_notification(entry) for entry in unread]}
    yield f'      "invocations": {json.dumps([invocation])}\n    }}\n  ]\n}}'


def _rule(page: Page) -> dict[str, Any]:
    return {
        "id": page.id,
        "shortDescription": {"text": page.title},
        "fullDescription": {"text": page.why},
        "help": {"text": "\n".join(explain_rule(page, with_facts=False)), "markdown": page.markdown},
        "defaultConfiguration": {"level": _LEVELS[page.severity]},
    }


def _result(entry: Entry, fingerprint: str, indices: dict[str, int]) -> dict[str, Any]:
    index = {"ruleIndex": indices[entry.rule]} if entry.rule in indices else {}
    return {
        "ruleId": entry.rule,
        **index,
        "level": _LEVELS[entry.severity],
        "message": _message(entry),
        "locations": [_location(entry)],
        "partialFingerprints": {"mailwright/v1": fingerprint},
        **({"fixes": [_fix(entry.fix)]} if entry.fix else {}),
    }


def _fix(fix: Fix) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        (file, line, column), (_, end, after) = edit.start, edit.end
        region = {"startLine": line, "startColumn": column, "endLine": end, "endColumn": after}
        inserted = {"insertedContent": {"text": edit.text}} if edit.text else {}
        changes.setdefault(file, []).append({"deletedRegion": region, **inserted})
    return {
        "description": {"text": fix.title},
        "artifactChanges": [
            {"artifactLocation": _artifact(relative_path(file)), "replacements": replacements}
            for file, replacements in changes.items()
        ],
    }


def _notification(entry: Entry) -> dict[str, Any]:
    return {
        "descriptor": {"id": entry.rule},
        "level": "error",
        "message": _message(entry),
        "locations": [_location(entry)],
    }


def _message(entry: Entry) -> dict[str, str]:
    """Return the message; what looks like a link of SARIF 3.11.6 is none."""
    return {"text": _LINK.sub(r"\\[", entry.words)}


def _location(entry: Entry) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(entry.file)}
    if entry.line:
        region = physical["region"] = {"startLine": entry.line, "startColumn": max(1, entry.column)}
        if entry.excerpt:
            # A context that is no larger than its region is not allowed.
            line = region if entry.column <= 1 else physical.setdefault("contextRegion", {"startLine": entry.line})
            line["snippet"] = {"text": entry.excerpt}
    return {"physicalLocation": physical}


def _artifact(file: str) -> dict[str, str]:
    """Return a file's URI, made of the bytes of its name."""
    try:
        path = quote(os.fsencode(file))
    except UnicodeEncodeError:  # no file has such a name
        path = quote(one_line(file))
    return {"uri": f"file://{path}"} if os.path.isabs(file) else {"uri": path, "uriBaseId": _BASE}
