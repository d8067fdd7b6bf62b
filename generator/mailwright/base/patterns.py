"""Regular expressions that are compiled when they are first used: most commands need few of the many that their modules name."""

from __future__ import annotations

import re
from typing import Any, cast


class _Pattern:
    """A compiled expression's stand-in: what is asked of it is asked of the real one, which is made then and there."""

    def __init__(self, text: str, flags: int) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = getattr(re.compile(self._text, self._flags), name)
        setattr(self, name, found)  # from now on without a detour
        return found


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return a regular expression, as ``re.compile`` does, that is not compiled yet."""
    return cast("re.Pattern[str]", _Pattern(text, flags))
