"""Find a file in a folder or in one above it, up to the root of the file system.

What is found above could have been put there by somebody else, as in ``/tmp``: a file counts only where it belongs to who runs this,
to root, or to the owner of the folder that the search begins in.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

SETTINGS_FILE = ".mailwright.toml"
"""The name of the file that holds the settings of this tool."""


def find_upwards(name: str, folder: str | None = None) -> tuple[str | None, tuple[str, ...]]:
    """Return the nearest file of a name, from the current folder where it stands there; and those of others that were passed over.

    Args:
        name: The file's name.
        folder: Where the search begins; None for the current folder.
    """
    try:
        start = os.path.abspath(folder or os.getcwd())
        trusted = {0, os.getuid(), os.stat(start).st_uid} if hasattr(os, "getuid") else None
    except OSError:  # the folder was removed
        return None, ()
    passed: list[str] = []
    for each in _and_above(start):
        path = os.path.join(each, name)
        if not os.path.isfile(path):
            continue
        if trusted is None or os.stat(path).st_uid in trusted:
            return (name if each == start and folder is None else path), tuple(passed)
        passed.append(path)
    return None, tuple(passed)


def _and_above(folder: str) -> Iterator[str]:
    yield folder
    while (above := os.path.dirname(folder)) != folder:
        yield above
        folder = above
