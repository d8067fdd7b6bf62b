"""``init``: a first spec where there is none, and the files that a team has beside it; nothing that exists is written over."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from .. import __version__
from ..adoption.first_spec import FirstSpec, Question, fill, presets, questions, spec_of_preset, spec_of_servers
from ..base.findings import Finding, Severity
from ..base.places import Source
from ..base.values import dataclass
from ..base.writing import ensure_writable, write_new
from ..product.product import load_product
from ..rendering.templates import render_template
from ..spec import make_spec
from ..spec.documents import parse_document
from ..validation import Check
from .import_ import import_deployment
from .specs import asked_release

__all__ = [
    "COMPANIONS",
    "FirstSpec",
    "NewFile",
    "companions",
    "default_of",
    "first_spec",
    "presets",
    "problems",
    "questions",
    "spec_from_files",
    "write_all",
    "wrong",
]

COMPANIONS: Mapping[str, tuple[tuple[str, str, int], ...]] = {
    "pre-commit": ((".pre-commit-config.yaml", "pre-commit.yaml.j2", 0o644),),
    "github": ((".github/workflows/email.yaml", "github.yaml.j2", 0o644),),
    "gitlab": ((".gitlab-ci.yml", "gitlab.yml.j2", 0o644),),
    "ansible": (("inventory/hosts.yml", "hosts.yml.j2", 0o644), ("site.yml", "site.yml.j2", 0o644)),
    "gitignore": ((".gitignore", "gitignore.j2", 0o644),),
}
"""What may be written beside the spec: the path, the template below templates/init/, and the mode."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to write: its path, its content, its mode."""

    path: str
    content: bytes
    mode: int


def first_spec(
    path: str,
    preset: str,
    answers: Mapping[str, str],
    *,
    product_version: str | None = None,
    tenants: Sequence[str] = (),
    sources: Sequence[str] = (),
) -> FirstSpec:
    """Return a spec made of a preset.

    Args:
        path: Where it will stand. *sources* are CSV files of tenants, relative to its folder.
        answers: By the names of ``questions``.
        product_version: The product release; None takes the newest.
        tenants: Domains with a sender like it.

    Raises:
        UsageError: there is no such preset, or an answer is missing or none.
        InputError: a file of tenants cannot be read.
    """
    product = load_product()
    version = (asked_release(product_version) or product.releases.newest).version
    columns = _columns(path, sources)
    return spec_of_preset(preset, answers, product, version=version, tenants=tenants, sources=sources, columns=columns)


def _columns(spec: str, sources: Sequence[str]) -> set[str]:
    """Return the keys that the tenants of all files have."""
    found = [set(_header(Path(spec).parent / source)) for source in sources]
    return set[str].intersection(*found) if found else set()


def _header(path: Path) -> list[str]:
    """Return the keys that the tenants of a CSV file have; what cannot be read is told when the spec is checked."""
    with suppress(OSError, UnicodeDecodeError, csv.Error, StopIteration):
        if path.suffix.lower() == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                return next(csv.reader(file))
    return []


def default_of(question: Question, known: Mapping[str, str]) -> str | None:
    """Return what a question's answer is by default, None where it has none yet."""
    return fill(question.default, known) if question.default is not None else None


def spec_from_files(
    path: str,
    files: Mapping[str, str],
    *,
    product_version: str | None = None,
    harden: bool = False,
    sources: Sequence[str] = (),
) -> FirstSpec:
    """Return a spec of what servers have.

    Args:
        path: Where it will stand.
        files: deployment.toml files by the environments that they are for.
        product_version: The product release.
        harden: Whether the spec gets the hardened keys besides, which merging it then changes.
        sources: CSV or JSON Lines files of tenants, relative to the spec's folder. What their senders lack, they inherit from the servers'.

    Raises:
        InputError: a server does not read its file.
    """
    found = {name: import_deployment(file, product_version=product_version) for name, file in files.items()}
    release = asked_release(product_version)
    version, product = release.version if release else None, load_product()
    adopt = partial(spec_of_servers, found, version, product, harden=harden, sources=sources)
    made = adopt()
    if sources and (findings := wrong(problems(path, made.text))):
        inheriting = adopt(columns=_columns(path, sources))
        made = inheriting if len(wrong(problems(path, inheriting.text))) < len(findings) else made
    notes = [
        f"{files[name]}: {', '.join(each.replaced)}: a literal secret stays in the file alone ($keep{{}})"
        for name, each in found.items()
        if each.replaced
    ]
    notes += [f"{place}: stays in the file: {why}" for each in found.values() for place, why in each.left]
    return FirstSpec(made.text, tuple(notes))


def problems(path: str, text: str) -> list[Finding]:
    """Return what a spec is told that would stand at a path."""
    return Check("spec")(path, text.encode())


def wrong(findings: Iterable[Finding]) -> list[Finding]:
    """Return those that ``validate --strict`` fails for."""
    return [finding for finding in findings if finding.severity is not Severity.INFO]


def companions(spec: str, text: str, names: Sequence[str]) -> list[NewFile]:
    """Return the files beside a spec.

    Args:
        spec: The spec's path; they stand in its folder.
        text: The spec.
        names: Some of ``COMPANIONS``.
    """
    folder, made = Path(spec).parent, make_spec(spec, parse_document(Source(spec, text)))
    values: dict[str, Any] = {
        "release": __version__,
        "spec": Path(spec).name,
        "watched": _watched(Path(spec).name, [pattern for pattern, _ in made.tenants.patterns]),
        "version": made.product_version or load_product().releases.newest.version,
        "environments": made.environments,
    }
    return [
        NewFile(str(folder / name), render_template(f"init/{template}", **values).encode(), mode)
        for kind in dict.fromkeys(names)
        for name, template, mode in COMPANIONS[kind]
    ]


def _watched(spec: str, patterns: Sequence[str]) -> str:
    """Return a regular expression for the names of a spec and of its tenants' files, seen from its folder."""

    def part(text: str) -> str:
        if text.startswith("["):
            return f"[^{text[2:]}" if text.startswith("[!") else text
        return "(.*/)?" if text == "**/" else {"*": ".*", "?": "[^/]"}.get(text[:1], re.escape(text))

    globs = ("".join(map(part, re.split(r"(\*\*/|\*+|\?|\[[^]]+])", pattern.removeprefix("./")))) for pattern in patterns)
    return f"^({'|'.join([re.escape(spec), *globs])})$"


def write_all(files: Sequence[NewFile]) -> None:
    """Write files that must not be there yet: all of them, or none.

    Raises:
        UnreadableInput: one is there, or cannot be written.
    """
    made: list[str] = []
    for file in files:
        if os.path.lexists(file.path):
            ensure_writable(file.path, new=True)
    try:
        for file in files:
            os.makedirs(os.path.dirname(os.path.abspath(file.path)), exist_ok=True)
            write_new(file.path, file.content, mode=file.mode)
            made.append(file.path)
    except BaseException:
        for path in made:
            with suppress(OSError):
                os.unlink(path)
        raise
