"""Regular expressions: those of the code, which are compiled when they are first used, since most commands need few of the many that
their modules name; and those of data, which are written as JSON Schema has them.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Pattern:
    """A compiled expression's stand-in: what is asked of it is asked of the real one, which is made then and there."""

    def __init__(self, text: Any, flags: int) -> None:
        self.pattern, self._flags = text, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = getattr(re.compile(self.pattern, self._flags), name)
        setattr(self, name, found)  # from now on without a detour
        return found


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return a regular expression, as ``re.compile`` does, that is not compiled yet."""
    return cast("re.Pattern[AnyStr]", _Pattern(text, flags))


_DIFFERENT = pattern(r"\\.|\[(?:\\.|[^\]\\])*\]|[$.]", re.DOTALL)
_MEANT = {"$": r"\Z", ".": r"[^\n\r\u2028\u2029]"}


def ecma(text: str) -> str:
    """Return Python's words for an expression of JSON Schema, which are those of ECMA 262: its ``$`` is the end, never the place before
    a last line break, and its ``.`` is no line break of any kind. Everything of the schemas and their data goes through here.
    """
    return _DIFFERENT.sub(lambda found: _MEANT.get(found[0], found[0]), text)
