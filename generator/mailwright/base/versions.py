"""Version numbers, and their order."""

from __future__ import annotations

from functools import cache


@cache
def version_key(version: str) -> tuple[int, ...]:
    """Return what versions are ordered by."""
    return tuple(map(int, version.split(".")))
