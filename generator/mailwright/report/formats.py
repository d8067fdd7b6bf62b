"""The formats of ``validate``: a new one is a function from the results to the lines to print, and an entry here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from .documents import validate_json
from .entries import Result
from .github import validate_github
from .gitlab import validate_gitlab
from .junit import validate_junit
from .sarif import validate_sarif
from .text import validate_text


def _json(results: list[Result]) -> Iterator[str]:
    yield json.dumps(validate_json(results), indent=2)


FORMATS: dict[str, Callable[[list[Result]], Iterator[str]]] = {
    "text": validate_text,
    "json": _json,
    "sarif": validate_sarif,
    "github": validate_github,
    "gitlab": validate_gitlab,
    "junit": validate_junit,
}
