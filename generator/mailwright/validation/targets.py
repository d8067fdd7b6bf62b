"""The files to validate: files as they are named, patterns, and what a folder holds; and what was passed over on the way.

A folder gives its deployment.toml files, and its specs: what begins like one. A file whose name says that it is a spec
(``mailwright.yaml``, ``prod.mailwright.yaml``, also .yml, .toml, .json) is always taken, so that one that is none is told; so is a file
with the name that specs have in our pages, ``email.yaml``, where it has a spec's keys. What has such a name and cannot be opened (a folder, a
link that leads nowhere) is taken too: reading it says what is wrong.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from ..base.errors import MailwrightError, UnreadableInput, UsageError
from ..base.patterns import pattern
from ..base.places import Place
from ..base.reading import is_stream, read_bytes
from ..base.upwards import SETTINGS_FILE
from ..base.values import dataclass, field
from .ignoring import Ignoring
from .kinds import DOCUMENTS, is_manifest, is_named_like_a_spec

_MARK = b"mailwright"
_TABLE = b"output_adapter"
_FILE = b"deployment.toml"
_TOP_LEVEL = pattern(rb"""^["']?mailwright["']?\s*[:=]\s*["']?\d""", re.MULTILINE)
_FIRST = pattern(rb"""["']?mailwright["']?\s*[:=]""")
_IN_JSON = pattern(rb'"mailwright"\s*:\s*"?\d')
_KEYS = pattern(rb"""^["']?(?:global|defaults|tenants|tenants_from|environments)["']?\s*:""", re.MULTILINE)
_SPECS = ("email.yaml", "email.yml")
_ALWAYS_LEFT_OUT = ("node_modules", "__pycache__", ".git", ".mailwright_cache")


@dataclass
class Targets:
    """What is to be validated, and what was passed over.

    Attributes:
        names: The files.
        passed: What was passed over, and why.
        failed: The folders and patterns that give no file, and why.
    """

    names: list[str] = field(default_factory=list)
    passed: list[tuple[str, str]] = field(default_factory=list)
    failed: dict[str, MailwrightError] = field(default_factory=dict)


def find_targets(names: Iterable[str], exclude: Sequence[str] = (), within: str | None = None) -> Targets:
    """Return the files that are meant: a folder gives the specs and deployment.toml files below it, a pattern what matches.

    Args:
        names: Files, folders, patterns. A file that is named is taken, whatever it is.
        exclude: Patterns in git's form of what folders and patterns leave out.
        within: The folder that they are relative to; None for the folder that is walked.

    Raises:
        UsageError: a pattern that matches nothing, or a folder that holds none; nothing else is given either.
        UnreadableInput: the same for a folder that cannot be read.
    """
    targets = Targets()
    found: dict[str, None] = {}
    for name in names:
        try:
            found.update(dict.fromkeys(_expanded(name, partial(Ignoring, exclude=exclude, within=within), targets.passed)))
        except MailwrightError as error:
            targets.failed[name] = error
    targets.names += found
    if targets.failed and not found:
        raise next(iter(targets.failed.values()))
    return targets


def _is_named_like_ours(path: str) -> bool:
    name = os.path.basename(path)
    return name == "deployment.toml" or is_named_like_a_spec(name) or name.lower() in _SPECS


def _expanded(name: str, ignoring: Callable[[str], Ignoring], passed: list[tuple[str, str]]) -> Iterable[str]:
    if is_stream(name):
        return [name]
    if os.path.isdir(name):
        folder = str(Path(name))
        found = list(_below(folder, ignoring(folder), passed))
        if not found:
            hint = "name the files" + (f"; {len(passed)} were skipped, -v names them" if passed else "")
            raise UsageError("the folder contains no spec and no deployment.toml", place=Place(name), hint=hint)
        return found
    if not os.path.lexists(name) and any(char in name for char in "*?["):
        return _matching(name, ignoring(os.curdir), passed)
    return [name]


def _matching(name: str, ignoring: Ignoring, passed: list[tuple[str, str]]) -> list[str]:
    import glob

    found = []
    for path in sorted(glob.glob(name, recursive=True)):
        if os.path.exists(path) and not os.path.isfile(path) and (is_stream(path) or not _is_named_like_ours(path)):
            passed.append((path, "is not a file"))
        elif ignoring.excludes(path):
            passed.append((path, "--exclude"))
        else:
            found.append(path)
    if not found:
        raise UsageError("the pattern matches no file", place=Place(name), hint="** matches folders at any depth")
    return found


def _below(folder: str, ignoring: Ignoring, passed: list[tuple[str, str]]) -> Iterator[str]:
    def unread(error: OSError) -> None:
        reason = f"cannot be read: {error.strerror}"
        if error.filename == folder:
            raise UnreadableInput(reason, place=Place(folder), hint="run it as somebody who may read the folder")
        passed.append((_shown(error.filename), reason))

    for root, folders, files in os.walk(folder, onerror=unread):
        kept = []
        for name in sorted(folders):
            path = os.path.join(root, name)
            if name in _ALWAYS_LEFT_OUT:
                continue  # never anybody's specs
            if name.startswith("."):
                passed.append((_shown(path), "is hidden"))
                continue
            if ignoring.leaves_out(path, directory=True):
                passed.append((_shown(path), "is left out by .gitignore or --exclude"))
            elif _is_named_like_ours(name):
                yield _shown(path)
            else:
                kept.append(name)
        folders[:] = kept
        for name in sorted(files):
            if os.path.splitext(name)[1].lower() not in DOCUMENTS or name == SETTINGS_FILE:
                continue
            path = os.path.join(root, name)
            why = _why_left_out(path, ignoring)
            if why:
                passed.append((_shown(path), why))
            else:
                yield _shown(path)


def _why_left_out(path: str, ignoring: Ignoring) -> str | None:
    if ignoring.leaves_out(path, directory=False):
        return "is left out by .gitignore or --exclude"
    if is_stream(path):  # which nobody may ever write into
        return "cannot be read: it is not a regular file"
    return _not_ours(path)


def _shown(path: str) -> str:
    return path.removeprefix("./")


def _not_ours(path: str) -> str | None:
    """Say why a file in a folder is neither a spec nor a deployment.toml; None if it is one, by its name or by what is in it."""
    name = os.path.basename(path)
    if name == "deployment.toml" or is_named_like_a_spec(name):
        return None
    try:
        data = read_bytes(path)
    except UnreadableInput as error:
        return None if name.lower() in _SPECS else error.message
    if name.lower().endswith(".toml") and _TABLE in data:
        return None
    if is_manifest(path, data):
        return _why_no_deployment(path, data)
    if _MARK in data and (_begins_like_a_spec(data) or (_IN_JSON if name.lower().endswith(".json") else _TOP_LEVEL).search(data)):
        return None
    if name.lower() in _SPECS and _KEYS.search(data):
        return None
    return "is neither a spec nor a deployment.toml"


def _begins_like_a_spec(data: bytes) -> bool:
    """A spec has the key ``mailwright`` at its top level, as the first one by custom."""
    for line in data.splitlines():
        text = line.strip().lstrip(b"{").strip()
        if not text or text.startswith((b"#", b"---", b"%")):
            continue
        return _FIRST.match(text) is not None
    return False


def _why_no_deployment(path: str, data: bytes) -> str | None:
    """Say why a manifest in a folder is passed over; None if it holds a deployment.toml, or one that is broken."""
    if _FILE not in data:
        return "holds no deployment.toml"
    from ..manifests.actions import TemplateInput
    from .manifests import NoneHeld, texts_in

    try:
        texts_in(path, data)
    except (TemplateInput, NoneHeld) as error:
        return error.message
    except MailwrightError:
        return None
    return None
