"""What a folder's walk leaves out: what .gitignore files name, from the repository's root down, and what ``--exclude`` names.

The patterns are git's (gitignore(5)): those of .git/info/exclude, of the root, and of each folder on the way, the nearest first.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from ..base.values import dataclass, field

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
    spec, path, above = _spec([pattern]), os.path.abspath(file), os.path.abspath(folder)
    if spec is None:
        return False
    return bool(_matches(spec, above if path.startswith(_with_slash(above)) else os.path.dirname(path), path, directory=False))


class Ignoring:
    """Say what is left out below a folder.

    Args:
        folder: Where the walk begins; it was asked for by name, so that patterns above it that leave it out itself do not count.
        exclude: Further patterns.
        within: The folder that these are relative to; None for where the walk begins.
    """

    def __init__(self, folder: str, exclude: Sequence[str] = (), within: str | None = None) -> None:
        self._given, self._folder = folder, os.path.realpath(folder)
        self._within = self._folder if within is None else os.path.realpath(within)
        self._root = next((each for each in _up_from(self._folder) if os.path.exists(os.path.join(each, ".git"))), self._folder)
        self._above: dict[str, tuple[tuple[str, GitIgnoreSpec], ...]] = {}
        self._exclude = _spec(list(exclude))
        if self._root != self._folder and self._by_git(self._folder, directory=True):
            self._root = self._folder
            self._above.clear()

    def leaves_out(self, path: str, *, directory: bool) -> bool:
        """Say whether a file below the folder, or a folder there with all that is in it, is left out."""
        own = os.path.join(self._folder, path[len(_with_slash(self._given)) :])  # a walk follows no links
        return self.excludes(own, directory=directory) or self._by_git(own, directory=directory)

    def excludes(self, path: str, *, directory: bool = False) -> bool:
        """Say whether the further patterns leave a file or a folder out; one that lies elsewhere goes by its name."""
        if self._exclude is None:
            return False
        own = os.path.abspath(path)
        folder = self._within if own.startswith(_with_slash(self._within)) else os.path.dirname(own)
        return bool(_matches(self._exclude, folder, own, directory=directory))

    def _by_git(self, path: str, *, directory: bool) -> bool:
        for folder, spec in self._specs_above(os.path.dirname(path)):  # the nearest first
            found = _matches(spec, folder, path, directory=directory)
            if found is not None:
                return found
        return False

    def _specs_above(self, folder: str) -> tuple[tuple[str, GitIgnoreSpec], ...]:
        """Return the patterns for what stands in a folder, with the folder of each; most have none."""
        if folder not in self._above:
            is_root = folder == self._root
            lines = _lines(os.path.join(folder, ".git", "info", "exclude")) if is_root else []
            spec = _spec([*lines, *_lines(os.path.join(folder, ".gitignore"))])
            above = () if is_root or folder == os.path.dirname(folder) else self._specs_above(os.path.dirname(folder))
            self._above[folder] = (*([(folder, spec)] if spec else []), *above)
        return self._above[folder]


def _up_from(folder: str) -> Iterator[str]:
    """Yield a folder and those above it."""
    yield folder
    while (above := os.path.dirname(folder)) != folder:
        folder = above
        yield folder


def _with_slash(folder: str) -> str:
    return folder if folder.endswith(os.sep) else folder + os.sep


def _matches(spec: GitIgnoreSpec, folder: str, path: str, *, directory: bool) -> bool | None:
    """Say what the last pattern that matches says; None if none does."""
    below = path[len(_with_slash(folder)) :].replace(os.sep, "/")
    return spec.check_file(below + ("/" if directory else "")).include


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


def _lines(path: str) -> list[str]:
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > _LARGEST:
            return []
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read().splitlines()
    except OSError:
        return []


_LARGEST = 1 << 20
