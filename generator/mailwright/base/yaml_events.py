"""PyYAML's parser, and its errors in this project's words; no value is made here, and none of the text is quoted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import yaml

from .errors import SyntaxInput
from .patterns import pattern
from .places import Place, Source
from .secret import HIDDEN

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_QUOTED = pattern(r"'([^']*)'|\"([^\"]*)\"|`([^`]*)`")

Cause = Callable[[Source, Any, Any], "str | None"]
"""Returns what usually causes an error, from the source and the parser's two marks; the second may be None."""


def yaml_events(text: str) -> Iterator[Any]:
    """Yield the parser's events; their marks count characters.

    Raises:
        yaml.YAMLError: for ``syntax_error``.
    """
    yield from yaml.parse(text, Loader=_LOADER)


def syntax_error(source: Source, error: yaml.YAMLError, cause: Cause | None = None) -> SyntaxInput:
    """Return the parser's error as a user sees it."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return SyntaxInput("is not valid YAML", place=Place(source.name))
    mark = error.problem_mark or error.context_mark
    place = Place(source.name, mark.line + 1, mark.column + 1) if mark else Place(source.name)
    # The library quotes marks of YAML's own (shown) and names from the text (hidden).
    problem = _QUOTED.sub(lambda found: found.group() if len(found.group()) == 3 else HIDDEN, error.problem or "cannot be read")
    hint = cause(source, mark, error.context_mark) if mark and cause else None
    return SyntaxInput(f"is not valid YAML: {problem}", place=place, hint=hint)
