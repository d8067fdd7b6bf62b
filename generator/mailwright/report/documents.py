"""What the JSON of all commands has in common; schema/report.schema.json holds it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..base.errors import MailwrightError
from ..base.places import Place

if TYPE_CHECKING:
    from ..tenants.planning import Failure

SCHEMA_VERSION = 1


def error_json(error: MailwrightError | Failure) -> dict[str, Any]:
    """Return what is said of an error, whatever it is about."""
    return {"code": error.code, "message": error.message, "hint": error.hint}


def place_json(place: Place | None) -> dict[str, Any]:
    """Return where something is, in its file."""
    return {"line": place.line if place else 0, "column": place.column if place else 0}


def json_list(items: Iterable[Any], before: str, after: str) -> Iterator[str]:
    """Yield the text of a JSON document piece by piece: *before*, the items of a list as they come, *after*.

    Args:
        before: Ends in the list's ``[``, on a line that is indented by as much as its ``]``.
    """
    line = before[before.rindex("\n") + 1 :] if "\n" in before else before
    margin = " " * (len(line) - len(line.lstrip()))
    waiting = before
    empty = True
    for item in items:
        yield waiting if empty else f"{waiting},"
        waiting = f"{margin}  {json.dumps(item)}"  # on one line: an indented text takes three times as long
        empty = False
    yield f"{waiting}{after}" if empty else f"{waiting}\n{margin}{after}"
