"""Where the version stands: one place that a person (or `make version`) edits, and what must agree with it.

The place is ``__version__`` of the package. The package's metadata take it from there, `make generate` writes it into the collection's
galaxy.yml, and both changelogs have a section for it once it is released.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PLACE = Path("generator/mailwright/__init__.py")
CHANGELOG = Path("CHANGELOG.md")
COLLECTION = Path("ansible")
_VERSION = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}")
_NO_VERSION = "{}: no version of Semantic Versioning: 1.2.3 is one"
_LINE = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)
_SECTION = re.compile(
    r"^## \[?(?P<name>[^\]\s]+)\]?(?: - (?P<date>\d{4}-\d{2}-\d{2}))?\n(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL
)

_ESCAPED = re.compile(r"\\([^\w\s])")
"""How antsibull-changelog writes what Markdown could take for markup: its heading is ``## v1\\.2\\.3``."""

_MENTION = re.compile(
    r"(?:\.git(?:#/ansible/)?[@,]v|rev: v|ref: v|mailwright(?:-wso2is)?[-=]{1,2}|tags/v|download/v|mailwright@v|`v)(\d+\.\d+\.\d+)"
)
"""How pages and examples name a release: its tag, or a file of it."""
_HISTORY = ("CHANGELOG.md", "ansible/CHANGELOG.md", "ansible/changelogs/", "requirements/", "tests/")


class Refused(Exception):
    """Something is not as a release needs it; the text says what."""


def stated(root: Path) -> str:
    """Return the version that the tree says it is."""
    found = _LINE.search((root / PLACE).read_text(encoding="utf-8"))
    if not found:
        raise Refused(f'{PLACE}: there is no line `__version__ = "…"`')
    return found[1]


def sections(changelog: str) -> dict[str, tuple[str | None, str]]:
    """Return the sections of a changelog, newest first: the date, None where there is none, and the text."""
    return {match["name"]: (match["date"], match["text"].strip()) for match in _SECTION.finditer(changelog)}


def notes(root: Path, version: str) -> str:
    """Return what the changelog says of a version."""
    known = sections((root / CHANGELOG).read_text(encoding="utf-8"))
    if version not in known:
        raise Refused(f"CHANGELOG.md: nothing of {version}")
    return known[version][1]


def mentions(root: Path) -> dict[Path, set[str]]:
    """Return the versions that committed files name as releases of mailwright; what tells history is left out."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True).stdout
    found = {}
    for name in filter(None, listed.split("\0")):
        if not name.startswith(_HISTORY) and (root / name).is_file():
            found[Path(name)] = set(_MENTION.findall((root / name).read_bytes().decode("utf-8", "replace")))
    return {path: named for path, named in found.items() if named}


def problems(root: Path, version: str, *, released: bool = True) -> list[str]:
    """Return what keeps a tree from being a release; where it is not *released* yet, changelogs need no date."""
    if not _VERSION.fullmatch(version):
        return [_NO_VERSION.format(version)]
    found = []
    if stated(root) != version:
        found.append(f"{PLACE} says {stated(root)}, not {version}: `make version VERSION={version}` writes it")
    galaxy = (root / COLLECTION / "galaxy.yml").read_text(encoding="utf-8")
    if f"\nversion: {stated(root)}\n" not in galaxy:
        found.append(f"ansible/galaxy.yml has another version than {PLACE}: run `make generate`")
    for path, named in mentions(root).items():
        if named != {stated(root)}:
            found.append(f"{path} names release {', '.join(sorted(named - {stated(root)}))}, and {PLACE} says {stated(root)}")
    if released:
        found += _undated(root, version)
        if subprocess.run(["git", "status", "--porcelain"], cwd=root, capture_output=True, text=True, check=True).stdout:
            found.append("there are changes that are not committed: a release is a commit")
    return found


def _undated(root: Path, version: str) -> list[str]:
    found = []
    known = sections((root / CHANGELOG).read_text(encoding="utf-8"))
    day, text = known.get(version, (None, ""))
    dated = [name for name, (when, _) in known.items() if when]
    if not (day and text):
        found.append(f"CHANGELOG.md: no `## {version} - YYYY-MM-DD` with what is new")
    elif dated[0] != version:
        found.append(f"CHANGELOG.md: {dated[0]} stands above {version}")
    if known.get("Unreleased", (None, ""))[1]:
        found.append(f"CHANGELOG.md: what stands under Unreleased is part of {version}, or not committed yet")
    if list((root / COLLECTION / "changelogs" / "fragments").glob("*.y*ml")):
        found.append("ansible/changelogs/fragments: their texts belong into changelog.yaml: `make version` carries them over")
    notes = _ESCAPED.sub(r"\1", (root / COLLECTION / "CHANGELOG.md").read_text(encoding="utf-8"))
    if f"\n## v{version}\n" not in notes:
        found.append(f"ansible/CHANGELOG.md: no section v{version}: `make version` writes it")
    return found


def write(root: Path, version: str, day: str) -> None:
    """Write a version into its place and date the changelogs.

    The collection's changelog comes first: its tool may fail, and then nothing has changed.

    Raises:
        Refused: it is no version, or it is not above the last one that was released, or nothing is new.
    """
    if not _VERSION.fullmatch(version):
        raise Refused(_NO_VERSION.format(version))
    changelog = (root / CHANGELOG).read_text(encoding="utf-8")
    known = sections(changelog)
    for name in (name for name, (when, _) in known.items() if when):
        if _key(name) >= _key(version):
            raise Refused(f"CHANGELOG.md: {name} is released, and {version} is not above it")
    if not known.get("Unreleased", (None, ""))[1]:
        raise Refused("CHANGELOG.md: nothing stands under Unreleased")
    _write_collection(root / COLLECTION, version, day)
    for path, text in ((path, (root / path).read_text(encoding="utf-8")) for path in mentions(root)):
        whole = _MENTION.sub(lambda match: match[0].removesuffix(match[1]) + version, text)
        (root / path).write_text(whole, encoding="utf-8")
    place = root / PLACE
    place.write_text(_LINE.sub(f'__version__ = "{version}"', place.read_text(encoding="utf-8")), encoding="utf-8")
    dated = changelog.replace("## Unreleased\n", f"## Unreleased\n\n## {version} - {day}\n", 1)
    (root / CHANGELOG).write_text(dated, encoding="utf-8")


def _write_collection(folder: Path, version: str, day: str) -> None:
    """Make the fragments of the collection's changelog its section for a version; the tool finds ansible-doc beside itself."""
    programs = Path(sys.executable).parent
    command = [programs / "antsibull-changelog", "release", "-v", "--version", version, "--date", day]
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise Refused(f"antsibull-changelog failed:\n{done.stdout}")


def _key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
