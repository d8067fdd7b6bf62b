"""What a folder's walk leaves out: what .gitignore files name, from the repository's root down, and what ``--exclude`` names.

The patterns are git's (gitignore(5)): those of .git/info/exclude, of the root, and of each folder on the way, the nearest first.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


@dataclass(frozen=True, slots=True)
class PerFile:
    """Rules that do not count in some files.

    Attributes:
        rules: How their ids begin, by the pattern of the files, in git's form.
        folder: What the patterns are relative to.
    """

    rules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    folder: str = ""

    def ignores(self, rule: str, file: str) -> bool:
        """Say whether a rule does not count in a file."""
        return any(rule.startswith(rules) and _is_matched(pattern, self.folder, file) for pattern, rules in self.rules.items())


@lru_cache(1024)
def _is_matched(pattern: str, folder: str, file: str) -> bool:
    spec, path, above = _spec([pattern]), Path(os.path.abspath(file)), Path(os.path.abspath(folder))
    return spec is not None and bool(_matches(spec, above if above in path.parents else path.parent, path, directory=False))


class Ignoring:
    """Say what is left out below a folder.

    Args:
        folder: Where the walk begins; it was asked for by name, so that patterns above it that leave it out itself do not count.
        exclude: Further patterns.
        within: The folder that these are relative to; None for where the walk begins.
    """

    def __init__(self, folder: Path, exclude: Sequence[str] = (), within: Path | None = None) -> None:
        self._given, self._folder = folder, folder.resolve()
        self._within = self._folder if within is None else within.resolve()
        self._root = next((each for each in (self._folder, *self._folder.parents) if os.path.exists(each / ".git")), self._folder)
        self._specs: dict[Path, GitIgnoreSpec | None] = {}
        self._exclude = _spec(list(exclude))
        if self._root != self._folder and self._by_git(self._folder, directory=True):
            self._root = self._folder

    def leaves_out(self, path: Path, *, directory: bool) -> bool:
        """Say whether a file below the folder, or a folder there with all that is in it, is left out."""
        own = self._folder / path.relative_to(self._given)  # a walk follows no links
        return self.excludes(own, directory=directory) or self._by_git(own, directory=directory)

    def excludes(self, path: Path, *, directory: bool = False) -> bool:
        """Say whether the further patterns leave a file or a folder out; one that lies elsewhere goes by its name."""
        own = Path(os.path.abspath(path))
        if self._exclude is None:
            return False
        folder = self._within if self._within in own.parents else own.parent
        return bool(_matches(self._exclude, folder, own, directory=directory))

    def _by_git(self, path: Path, *, directory: bool) -> bool:
        folders = [each for each in path.parents if each == self._root or self._root in each.parents]
        for folder in folders:  # the nearest first
            spec = self._spec_of(folder)
            found = _matches(spec, folder, path, directory=directory) if spec else None
            if found is not None:
                return found
        return False

    def _spec_of(self, folder: Path) -> GitIgnoreSpec | None:
        if folder not in self._specs:
            lines = _lines(folder / ".git" / "info" / "exclude") if folder == self._root else []
            self._specs[folder] = _spec([*lines, *_lines(folder / ".gitignore")])
        return self._specs[folder]


def _matches(spec: GitIgnoreSpec, folder: Path, path: Path, *, directory: bool) -> bool | None:
    """Say what the last pattern that matches says; None if none does."""
    return spec.check_file(path.relative_to(folder).as_posix() + ("/" if directory else "")).include


def _spec(lines: list[str]) -> GitIgnoreSpec | None:
    if not any(line.strip() and not line.startswith("#") for line in lines):
        return None
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:  # git passes over a pattern that is none
        return GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _lines(path: Path) -> list[str]:
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > _LARGEST:
            return []
        return path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return []


_LARGEST = 1 << 20
