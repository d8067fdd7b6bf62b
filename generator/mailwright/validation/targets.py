"""The files to validate: files as they are named, patterns, and what a folder holds."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import UnreadableInput, UsageError
from ..source import read_bytes

_DOCUMENTS = (".yaml", ".yml", ".json", ".toml")
_MARK = b"mailwright"
_TABLE = b"output_adapter"


def iter_targets(names: Iterable[str]) -> Iterator[str]:
    """Yield the files that are meant: a folder gives the specs and deployment.toml files below it, a pattern what matches.

    Raises:
        UsageError: a pattern that matches nothing, or a folder that holds none.
    """
    seen: set[str] = set()
    for name in names:
        for path in _expanded(name):
            if path not in seen:
                seen.add(path)
                yield path


def _expanded(name: str) -> Iterable[str]:
    if os.path.isdir(name):
        found = list(_below(Path(name)))
        if not found:
            raise UsageError("the folder holds no spec and no deployment.toml", hint="name the files")
        return found
    if not os.path.lexists(name) and any(char in name for char in "*?["):
        found = sorted(path for path in glob.glob(name, recursive=True) if os.path.isfile(path))
        if not found:
            raise UsageError("the pattern matches no file", hint="** stands for folders at any depth")
        return found
    return [name]


def _below(folder: Path) -> Iterator[str]:
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in ("node_modules", "__pycache__"))
        for name in sorted(files):
            path = os.path.join(root, name).removeprefix("./")
            if _is_ours(path, name):
                yield path


def _is_ours(path: str, name: str) -> bool:
    """Say whether a file in a folder is a spec or a deployment.toml: by its name, or by what its first key or a table is."""
    if name == "deployment.toml":
        return True
    ending = os.path.splitext(name)[1].lower()
    if ending not in _DOCUMENTS:
        return False
    try:
        data = read_bytes(path)
    except UnreadableInput:
        return False
    return (ending == ".toml" and _TABLE in data) or (_MARK in data and _begins_like_a_spec(data))


def _begins_like_a_spec(data: bytes) -> bool:
    """A spec has the key ``mailwright`` at its top level, as the first one by custom."""
    for line in data.splitlines():
        text = line.strip().lstrip(b"{").strip()
        if not text or text.startswith((b"#", b"---", b"%")):
            continue
        return text.strip(b"\"'").startswith(_MARK) and (b":" in text or b"=" in text)
    return False
