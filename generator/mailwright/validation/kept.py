"""Findings of before: those about a deployment.toml that has not changed are taken from a cache (``base.cache``).

What they depend on beside its content is in the cache's setting (``depends_on``), or an entry names it: environment variables that the file
mentions and that were not set. Where one of them is set, they are not kept. A spec depends on other files, and is always checked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from .. import __version__
from ..base.cache import Cache, Digester
from ..base.errors import MailwrightError
from ..base.findings import Finding
from ..base.packed import pack, unpack
from ..base.reading import is_stream, read_bytes
from ..base.values import dataclass, field
from . import Check
from .kinds import is_manifest, is_named_like_a_spec


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in one file, on its way between processes and into the cache.

    Attributes:
        findings: As ``pack`` makes them.
        digest: What they can be found by another time; None where that is not sure.
        variables: Digests of the environment variables of which it was asked whether they are set.
    """

    findings: str = field(repr=False)
    digest: bytes | None = None
    variables: tuple[str, ...] = ()


class Kept:
    """The findings that a cache holds.

    Args:
        cache: For the setting of *check*.

    Attributes:
        hits: Of how many files the findings were known.
    """

    def __init__(self, cache: Cache, check: Check) -> None:
        self._cache, self._check, self.digester, self.hits = cache, check, cache.digester, 0

    @cached_property
    def _set(self) -> frozenset[str]:
        return frozenset(_digest_of(name, self.digester) for name in self._check.variables)

    def known(self, name: str) -> list[Finding] | None:
        """Return what is known about a file, None for nothing."""
        if not self._cache or not may_be_kept(name, self._check):
            return None
        try:
            text = self._cache.get(self.digester.of(read_bytes(name)))
        except MailwrightError:
            return None
        if text is None:
            return None
        variables, _, findings = text.partition(b" ")
        if variables and not self._set.isdisjoint(variables.decode("ascii", "replace").split(",")):
            return None
        try:
            found = unpack(findings, name)
        except (ValueError, TypeError, LookupError, AttributeError):
            return None
        self.hits += 1
        return found

    def keep(self, result: Checked) -> None:
        """Keep what was found."""
        if result.digest is not None:
            self._cache.put(result.digest, f"{','.join(result.variables)} {result.findings}".encode("ascii"))


def may_be_kept(name: str, check: Check) -> bool:
    """Say whether a file may be a deployment.toml by its name: then nothing else of the name matters."""
    if is_stream(name):
        return False
    return check.kind in (None, "deployment") and name.lower().endswith(".toml") and not is_named_like_a_spec(name)


def checked(name: str, *, check: Check, digester: Digester | None) -> Checked:
    """Check a file.

    Raises:
        MailwrightError: as ``Check`` does.
    """
    data = read_bytes(name)
    if digester is None or not may_be_kept(name, check):
        return Checked(pack(_findings(name, data, check), name))
    variables = Observed(check.variables)
    findings = replace(check, variables=variables)(name, data)
    packed = pack(findings, name)
    if variables.were_used or not check.reads_as_deployment(name, data) or not _are_about(findings, name):
        return Checked(packed)
    return Checked(packed, digester.of(data), tuple(_digest_of(asked, digester) for asked in variables.asked))


def _findings(name: str, data: bytes, check: Check) -> list[Finding]:
    """Return the findings about a file; of a spec or a payload, none is called fixable that ``--fix`` would refuse to mend."""
    found = check(name, data)
    if not any(finding.fix for finding in found) or check.reads_as_deployment(name, data) or is_manifest(name, data):
        return found  # a fix of a deployment.toml uncovers nothing: what is in it was looked at as if it were right
    from .fixing import promised  # few files have misspelt words

    return promised(name, data, found, lambda files: check(name, files[name], files))


def _are_about(findings: list[Finding], name: str) -> bool:
    """Say whether no finding is about another file, whose comments could silence it."""
    return all(finding.place.file == name for finding in findings)


class Observed(Mapping[str, str]):
    """Environment variables, with note of what was asked of them.

    Attributes:
        asked: The names of variables that are not set.
        were_used: Whether it was asked for more: then a result depends on values.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.asked: dict[str, None] = {}
        self.were_used = False

    def __getitem__(self, name: str) -> str:
        if name not in self._variables:
            self.asked[name] = None
            raise KeyError
        self.were_used = True
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        self.were_used = True
        return iter(self._variables)

    def __len__(self) -> int:
        self.were_used = True
        return len(self._variables)


def _digest_of(name: str, digester: Digester) -> str:
    """Return what stands for a variable's name: a file may have anything in its place."""
    return digester.of(b"\0" + os.fsencode(name))[:16].decode()


# -- what the findings depend on beside the file


_ROOMS = ("base", "product", "deployment", "manifests", "spec", "engine", "rendering", "rules", "validation")
"""Those whose code decides what is found."""

_PACKAGE = Path(__file__).resolve().parents[1]


def depends_on(check: Check) -> bytes:
    """Return what the findings about any file depend on: the options, the program with its data, and what explains a schema's verdict."""
    options = (check.kind, check.product_version, check.resolve)
    folders = (*(_PACKAGE / room for room in _ROOMS), check.product.folder)
    return repr((__version__, sys.version_info[:2], options, _jsonschemas(), [_digest(folder) for folder in folders])).encode()


def _digest(folder: Path) -> str:
    """Return a digest of the code and the schemas below a folder."""
    from hashlib import blake2b

    found = blake2b(digest_size=16)
    for root, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            if name.endswith((".py", ".json")):
                with open(os.path.join(root, name), "rb") as file:
                    found.update(f"{name}\0".encode() + file.read())
    return found.hexdigest()


def _jsonschemas() -> list[str]:
    """Return the versions of the library; importlib.metadata would take longer to load than a file to check."""
    from glob import escape, glob

    return sorted(
        {os.path.basename(name) for path in sys.path for name in glob(os.path.join(escape(path), "jsonschema-*.dist-info"))}
    )
