"""SARIF 2.1.0, for code scanning and for viewers.

- A file that cannot be read is a notification of the tool's execution, which then was not successful (SARIF 3.20.14, 3.20.21): no rule
  was broken, and a result would say that the file had been checked.
- A file as a whole is told at its first line: without a region, code scanning shows nothing, and the Multitool warns (SARIF2017). Another
  region ends where what may be shown of it ends in the file, otherwise with its line; the snippet is the whole line with what is secret in
  it masked, so it belongs to the region only where that is the line, otherwise to its context.
- Braces in messages stand as they are, although SARIF 3.11.5 doubles them: viewers show the text unchanged, and ``{{`` where ``{`` is
  meant would be wrong advice about a file in which ``{{`` begins a template.
- A fix is there only where nothing that it writes is hidden elsewhere; its columns count code points, as all of them do.
- ``baselineState`` is there with a baseline alone; what is known or not found any more is told only where it was asked for, since code
  scanning of GitHub's, which does not look at it, would take these for new.
- ``partialFingerprints`` has a name of its own: ``primaryLocationLineHash`` is left to the uploader, which makes it of the line's real text.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from .. import __version__
from ..base import resources
from ..base.errors import UnreadableInput
from ..base.findings import Fix, Severity
from ..base.patterns import pattern
from ..base.places import Place, Source
from ..base.reading import decode, read_bytes
from ..rules.catalogue import CATALOGUE
from ..rules.pages import FOLDER, Page, load_page
from .documents import json_list
from .entries import Entry, Fingerprints, Result, iter_entries, relative_path
from .explained import explain_rule
from .text import one_line

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_BASE = "%SRCROOT%"
_LINK = pattern(r"\[(?=[^\]]*\]\()")
_WORD = pattern(r"[A-Za-z0-9]+")
_ARTICLES = ("a", "an", "the")


def validate_sarif(results: Iterable[Result]) -> Iterator[str]:
    """Yield the log, result by result; what is known at the end alone stands behind them."""
    indices = {rule: index for index, rule in enumerate(CATALOGUE)}
    mark, ends, unread = Fingerprints(), _Ends(), list[Entry]()

    def read() -> Iterator[dict[str, Any]]:
        for entry in iter_entries(results):
            print_ = mark(entry)
            if entry.read:
                yield _result(entry, print_, indices, ends)
            else:
                unread.append(entry)

    driver = {
        "name": "mailwright",
        "organization": "The mailwright authors",
        "semanticVersion": __version__,
        "informationUri": resources.REPOSITORY,
        "rules": [_rule(load_page(rule)) for rule in CATALOGUE],
    }
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
        "name": _name(page.title),
        "helpUri": resources.page_url(*FOLDER, f"{page.id}.md"),
        "shortDescription": {"text": page.title},
        "fullDescription": {"text": page.why},
        "help": {"text": "\n".join(explain_rule(page, with_facts=False)), "markdown": page.markdown},
        "defaultConfiguration": {"level": _LEVELS[page.severity]},
        "properties": {
            "tags": _tags(page),
            "precision": page.precision,
            "problem.severity": _PROBLEMS[page.severity],
            **({"security-severity": f"{page.security:.1f}"} if page.security is not None else {}),
        },
    }


def _name(title: str) -> str:
    """Return the title as one word in Pascal case."""
    words = [word for word in _WORD.findall(title.replace("'", "")) if word.lower() not in _ARTICLES]
    return "".join(word[0].upper() + word[1:] for word in words)


def _tags(page: Page) -> list[str]:
    """Return what the rule is about, by the code that has it; ``security`` is what code scanning goes by."""
    area = CATALOGUE[page.id].module or "reading"
    return [area, *(["security"] if page.security is not None else []), *(["fixable"] if page.fixable else [])]


class _Ends:
    """Say where what a finding points at ends: only where it stands in the file as it may be shown. The file that was last is kept."""

    def __init__(self) -> None:
        self._name = ""
        self._source: Source | None = None

    def __call__(self, entry: Entry) -> int | None:
        """Return the column behind the end of what is underlined, from 1."""
        source = self._read(entry.file)
        at = source.find(Place(entry.file, entry.line, entry.column)) if source and entry.underlined else None
        if source is None or at is None:
            return None
        quote = source.text[at : at + 1]
        if source.text.startswith(entry.underlined, at):
            return entry.column + len(entry.underlined)
        if quote in ("'", '"') and source.text.startswith(f"{entry.underlined}{quote}", at + 1):
            return entry.column + len(entry.underlined) + 2
        return None

    def _read(self, name: str) -> Source | None:
        if name != self._name:
            self._name = name
            try:
                self._source = decode(read_bytes(name), name)
            except UnreadableInput:
                self._source = None
        return self._source


def _result(entry: Entry, fingerprint: str, indices: dict[str, int], ends: _Ends) -> dict[str, Any]:
    index = {"ruleIndex": indices[entry.rule]} if entry.rule in indices else {}
    return {
        "ruleId": entry.rule,
        **index,
        "level": _LEVELS[entry.severity],
        "message": _message(entry),
        "locations": [_location(entry, ends(entry))],
        "partialFingerprints": {"mailwright/v1": fingerprint},
        **({"baselineState": entry.state.value} if entry.state else {}),
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


def _location(entry: Entry, end: int | None = None) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(entry.file)}
    if not entry.line:
        physical["region"] = {"startLine": 1}
    else:
        region = physical["region"] = {"startLine": entry.line, "startColumn": max(1, entry.column)}
        if end is not None:
            region["endColumn"] = end
        if entry.excerpt:
            # A context that is no larger than its region is not allowed.
            line = (
                region if entry.column <= 1 and end is None else physical.setdefault("contextRegion", {"startLine": entry.line})
            )
            line["snippet"] = {"text": entry.excerpt}
    return {"physicalLocation": physical}


def _artifact(file: str) -> dict[str, str]:
    """Return a file's URI, made of the bytes of its name."""
    try:
        path = quote(os.fsencode(file))
    except UnicodeEncodeError:  # no file has such a name
        path = quote(one_line(file))
    return {"uri": f"file://{path}"} if os.path.isabs(file) else {"uri": path, "uriBaseId": _BASE}
