"""What became of the files that a spec was merged into: the warnings that people read, and the JSON of schema/report.schema.json."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from difflib import unified_diff
from typing import Any, Protocol

from ..base.atomic import Written
from ..base.errors import MailwrightError
from ..rendering.merging import Merged
from .documents import SCHEMA_VERSION, error_json, place_json


class MergedFile(Protocol):
    """What became of one file."""

    @property
    def merged(self) -> Merged:
        """What becomes of it."""

    @property
    def written(self) -> Written | None:
        """Where it was written, how."""

    def lines(self) -> tuple[list[str], list[str]]:
        """Return the managed keys before and after as lines; no secret among them."""


def merge_summary(merged: Merged, *, check: bool) -> str:
    """Return in a few words what becomes of a file."""
    if not merged.changed:
        may = "does not" if merged.surely_down else "may not"
        return "in sync" if merged.starts else f"nothing to merge, but the server {may} start with it"
    keys = ", ".join(path.removeprefix("output_adapter.email.") for path in merged.changed)
    return f"{'differs' if check else 'changed'}: {keys}"


def merge_warnings(found: MergedFile, *, piped: bool = False) -> Iterator[str]:
    """Yield what is to be known of a file; *piped*: its new text was handed on, and written nowhere."""
    merged, written = found.merged, found.written
    yield from written.warnings if written else ()
    yield from (f"unsure: {why}" for why in merged.unsure)
    for fault in merged.faults:
        may = "does not" if fault.certain else "may not"
        when = ", before and after" if fault.before and not fault.ours else ""
        yield f"the server {may} start with this file{when}: {fault.reason}"
    if written and merged.secrets_lost:
        yield f"the clear text of `{merged.secrets_lost[0]}` is now in the backup only: {written.backup}"
    elif piped and merged.secrets_lost:
        yield f"the clear text of `{merged.secrets_lost[0]}` is not in what was written: keep the old file"


def merge_diff(found: MergedFile) -> Iterator[str]:
    """Yield the lines of a diff of the managed keys; no secret is among them."""
    return unified_diff(*found.lines(), "before", "after", lineterm="", n=0)


def has_moved_backup(name: str, found: MergedFile) -> bool:
    """Say whether the old file lies elsewhere than beside the new one."""
    backup = found.written.backup if found.written else None
    return backup is not None and os.path.dirname(backup) != os.path.dirname(os.path.realpath(name))


def merge_json(results: Iterable[tuple[str, MergedFile | MailwrightError]], exit_code: int, *, diff: bool) -> str:
    """Return the text of the document of ``merge --format json``."""
    files = [_file_json(name, result, diff=diff) for name, result in results]
    return json.dumps({"schema_version": SCHEMA_VERSION, "exit_code": exit_code, "files": files}, indent=2)


def _file_json(name: str, result: MergedFile | MailwrightError, *, diff: bool) -> dict[str, Any]:
    if isinstance(result, MailwrightError):
        error = {**error_json(result), **place_json(result.place)}
        return {"file": name, "outcome": "failed", "changed": [], "starts": None, "backup": None, "warnings": [], "error": error}
    merged, written = result.merged, result.written
    outcome = "changed" if written else "differs" if merged.changed else "in sync"
    return {
        "file": name,
        "outcome": outcome,
        "changed": list(merged.changed),
        "starts": merged.starts,
        "backup": written.backup if written else None,
        "warnings": list(merge_warnings(result)),
        **({"diff": list(merge_diff(result))} if diff else {}),
    }
