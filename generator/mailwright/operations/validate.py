"""``validate``: findings about files, one by one or many at once. Nothing is written: that is ``fix``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..base.errors import ExitCode, MailwrightError, UsageError, combine
from ..base.findings import Finding, Severity, found_in, with_found
from ..base.hints import did_you_mean
from ..base.packed import unpack
from ..base.reading import read_bytes
from ..base.shown import shown_part
from ..base.values import dataclass, field
from ..rules.catalogue import CATALOGUE
from ..validation import KINDS, Check
from ..validation.ignoring import PerFile
from ..validation.kept import Kept, checked
from ..validation.kinds import is_kustomization
from ..validation.many import each_of

__all__ = ["KINDS", "Check", "Choice", "all_readable", "exit_code", "validate", "validate_all"]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which findings count, and how much.

    Attributes:
        select: How the ids of rules begin that count; empty for all. *ignore*: that do not.
        strict: Whether warnings are errors.
        per_file: The rules that do not count in some files.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strict: bool = False
    per_file: PerFile = field(default_factory=PerFile)

    @classmethod
    def of(cls, select: Iterable[str], ignore: Iterable[str], *, strict: bool = False, per_file: PerFile | None = None) -> Choice:
        """Return what options say: ids, or how they begin, with commas between them.

        Raises:
            UsageError: there is no such rule.
        """
        return cls(_rules(select), _rules(ignore), strict, per_file or PerFile())

    def __call__(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return those that count, as they do."""
        chosen = [
            item
            for item in findings
            if self.has(item.rule) and not (self.per_file.rules and self.per_file.ignores(item.rule, item.place.file))
        ]
        if self.strict:
            chosen = [replace(item, severity=Severity.ERROR) if item.severity is Severity.WARNING else item for item in chosen]
        return chosen

    def has(self, rule: str) -> bool:
        """Say whether a rule counts at all."""
        return rule.startswith(self.select or ("",)) and not (self.ignore and rule.startswith(self.ignore))


def _rules(options: Iterable[str]) -> tuple[str, ...]:
    names = tuple(name.strip().upper() for option in options for name in option.split(",") if name.strip())
    for name in names:
        if not any(rule.startswith(name) for rule in CATALOGUE):
            hint = did_you_mean(name, CATALOGUE, "e.g. MW101 or MW3; `mailwright explain --all` lists them")
            raise UsageError(f"--select and --ignore take ids of rules, or how they begin: {shown_part(name)} is none", hint=hint)
    return names


def validate(
    path: str | Path,
    *,
    kind: str | None = None,
    environment: str | Sequence[str] | None = None,
    product_version: str | None = None,
    variables: Mapping[str, str] | None = None,
    resolve: bool = False,
) -> list[Finding]:
    """Return the findings about a file that no comment silences, in its order.

    Args:
        path: A spec, a deployment.toml, or (with *kind*) a tenant's payload.
        kind: One of ``KINDS`` where the content does not tell.
        environment: For a spec: one environment, or some, instead of the base and all of them.
        product_version: The product release; None takes the spec's, or checks all of them.
        variables: The server's environment variables, as far as they are known here.
        resolve: Whether those are all that there are.

    Raises:
        InputError: the file cannot be read, or is none of these.
        UsageError: an unknown environment or version, or two versions that differ.
    """
    environments = (environment,) if isinstance(environment, str) else tuple(environment or ())
    check = Check(kind, environments, product_version=product_version, variables=variables or {}, resolve=resolve)
    return check(str(path), read_bytes(path))


def validate_all(
    names: Sequence[str], check: Check, choice: Choice, kept: Kept | None = None
) -> Iterator[tuple[str, list[Finding] | MailwrightError]]:
    """Yield the findings about each file, or why there are none, in the order of the files; many are shared out among processors.

    What is not shown stays behind: how to mend what may not be shown.

    Args:
        kept: The findings about files as they were before: those that have not changed are not looked at again.
    """
    apart = alone(names)
    known = {name: found for name in names if (found := kept.known(name)) is not None} if kept else {}
    missing = [name for name in names if name not in known] if known else names
    results = each_of(missing, partial(checked, check=check, digester=kept.digester if kept else None))
    for name in names:
        found = known.pop(name, None)
        if found is None:
            _, result = next(results)
            if isinstance(result, MailwrightError):
                yield name, with_found(result, choice(told_once(name, found_in(result), apart)))
                continue
            if kept:
                kept.keep(result)
            found = unpack(result.findings, name)
        yield name, choice(told_once(name, found, apart))


def alone(names: Sequence[str]) -> frozenset[str]:
    """Return the files that are told by themselves, where a kustomization may name them too."""
    return frozenset(map(os.path.normpath, names)) if any(map(is_kustomization, names)) else frozenset()


def told_once(name: str, findings: list[Finding], apart: frozenset[str]) -> list[Finding]:
    """Return the findings of a kustomization without those that the files that it names have themselves."""
    if not apart or not is_kustomization(name):
        return findings
    return [item for item in findings if item.place.file == name or os.path.normpath(item.place.file) not in apart]


def all_readable(names: Sequence[str], check: Check) -> bool:
    """Say whether every file can be worked on: none is written before all are known to be."""
    return not any(isinstance(result, MailwrightError) for _, result in validate_all(names, check, Choice()))


def exit_code(result: list[Finding] | MailwrightError) -> int:
    """Return what a file's result means for the run: 1 for errors among its findings."""
    bad = any(finding.severity is Severity.ERROR and not finding.is_known for finding in found_in(result))
    codes = [ExitCode.FINDINGS] if bad else []
    return combine([*codes, result.exit_code] if isinstance(result, MailwrightError) else codes)
