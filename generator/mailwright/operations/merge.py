"""``merge``: what a spec says, written into deployment.toml files; or worked out for one that lies elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from ..base.errors import ExitCode, MailwrightError, UnsafeToWrite, combine
from ..base.places import Place, Source
from ..base.reading import ensure_folder, is_stream, read_bytes
from ..base.values import dataclass, field
from ..base.writing import FileChanged, Written, write_again
from ..deployment import Deployment, parse_deployment
from ..deployment.values import toml_value
from ..product.releases import Release
from ..rendering.fragment import SECRETS_TABLE, NodeSetting, NodeSettings, node_settings
from ..rendering.merging import Merged, managed_lines
from ..rendering.merging import merge as merged_text
from ..spec import Spec
from ..spec.references import is_alias, shown_name
from .specs import checked

ATTEMPTS = 10
"""How often a file is merged into anew because somebody else wrote it meanwhile."""


@dataclass(frozen=True, slots=True)
class Merging:
    """A spec that is merged into files: it was checked, once for all of them.

    Attributes:
        wanted: What it says.
        releases: The product releases that the files are for.
        keep_unmanaged: Whether keys of the adapter's table stay that the spec does not have.
        plain_secrets: Secrets by alias for the server's cipher tool: those that a file does not have are written in brackets, which the
            tool replaces; the server does not start before it did (product/placeholders.md#not-encrypted-yet). Whether it starts is said
            of the file behind the tool.
    """

    wanted: NodeSettings
    releases: tuple[Release, ...]
    keep_unmanaged: bool = False
    plain_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether the spec says nothing that belongs into a file."""
        return not self.wanted.settings and not self.wanted.kept

    @property
    def release(self) -> Release:
        """The newest of the releases."""
        return self.releases[-1] if len(self.releases) == 1 else self.wanted.product.releases.newest

    def into(self, name: str, data: bytes) -> FileMerge:
        """Work out what becomes of a file; nothing is written.

        Raises:
            MailwrightError: it cannot be merged into.
        """
        source, wanted = Source(name, data.decode("utf-8", "surrogateescape")), self.wanted
        if self.plain_secrets:
            bracketed = _bracketed(parse_deployment(source.text, name), self.plain_secrets)
            wanted = replace(wanted, settings=(*wanted.settings, *bracketed))
        merged = merged_text(
            source, wanted, self.releases, keep_unmanaged=self.keep_unmanaged, encrypted=tuple(self.plain_secrets)
        )
        return FileMerge(data, source, merged, wanted)


def merging(
    spec: Spec,
    *,
    product_version: str | None = None,
    keep_unmanaged: bool = False,
    plain_secrets: Mapping[str, str] | None = None,
) -> Merging:
    """Return what merges a spec into files; without a product release that is looked at for every one.

    Raises:
        MailwrightError: the spec has errors.
    """
    release = checked(spec, product_version, partial=True)
    return Merging(
        node_settings(spec), (release,) if release else tuple(spec.product.releases), keep_unmanaged, plain_secrets or {}
    )


@dataclass(frozen=True, slots=True)
class FileMerge:
    """What becomes of one file.

    Attributes:
        data: Its bytes, as they were read; they may hold secrets.
        source: The same as a text.
        merged: What becomes of it.
        wanted: What was merged into it.
        written: Where it was written, how.
    """

    data: bytes = field(repr=False)
    source: Source
    merged: Merged
    wanted: NodeSettings = field(repr=False)
    written: Written | None = None

    @property
    def content(self) -> bytes:
        """The new bytes; they may hold secrets."""
        return self.merged.text.encode("utf-8", "surrogateescape")

    @property
    def in_sync(self) -> bool:
        """Whether there is nothing to merge, and the server starts with the file."""
        return not self.merged.changed and self.merged.starts

    @property
    def remedies(self) -> list[str]:
        """What makes the server start with the file, for its secrets."""
        said = []
        if self.merged.bracketed:
            alias = shown_name(self.merged.bracketed[0])
            said.append(f"`bin/ciphertool.sh -Dconfigure` on the server encrypts the secret {alias}: run it, then merge")
        if self.merged.undefined:
            alias = shown_name(self.merged.undefined[0])
            said.append(f"give the alias {alias} its encrypted text, as `secrets` in the spec, or write $env{{NAME}} instead")
        return said

    def lines(self) -> tuple[list[str], list[str]]:
        """Return the managed keys before and after as lines for a diff; no secret among them."""
        after = Source(self.source.name, self.merged.text)
        return managed_lines(self.source, self.wanted), managed_lines(after, self.wanted)


FileResult = FileMerge | MailwrightError
"""What became of a file, or why nothing did; an error's place names the file, if it is not what the error is about."""


@dataclass(frozen=True, slots=True)
class MergeReport:
    """What became of files.

    Attributes:
        results: What became of each, in the order of the files; empty where somebody took them.
        codes: The exit codes of what is not as it should be.
        written: The files that were written.
        left_alone: How many files were left alone because of another.
    """

    results: tuple[tuple[str, FileResult], ...]
    codes: frozenset[int]
    written: tuple[str, ...]
    left_alone: int

    @property
    def in_part(self) -> bool:
        """Whether some were written and others could not be."""
        return bool(self.codes and self.written)

    @property
    def exit_code(self) -> int:
        """0 where all is well, 1 where a check finds a file that is not in sync, 7 where it was done in part."""
        return int(ExitCode.PARTIAL) if self.in_part else combine(self.codes)


def merge(
    spec: Spec | Merging,
    files: Sequence[str],
    *,
    check: bool = False,
    product_version: str | None = None,
    keep_unmanaged: bool = False,
    allow_unstartable: bool = False,
    backups: int = 3,
    backup_dir: str | None = None,
    each: Callable[[str, FileResult], None] | None = None,
) -> MergeReport:
    """Merge a spec into deployment.toml files: into all of them, or into none if one cannot be merged into.

    Every byte that the spec does not speak of stays. What somebody else writes meanwhile is merged into again.

    Args:
        spec: What is merged.
        files: The files.
        check: Whether nothing is written.
        product_version: The product release; None takes the spec's, or looks at every one.
        keep_unmanaged: Whether keys of the adapter's table stay that the spec does not have.
        allow_unstartable: DANGEROUS: whether a file is written with which the server does not start.
        backups: How many are kept of each file, 0 to 99; *backup_dir*: where. None is beside the file, and outside of a git work tree.
        each: Called with each result as it is there.

    Raises:
        MailwrightError: the spec has errors, or *backup_dir* is no folder. What is wrong with a file is its result.
    """
    if isinstance(spec, Spec):
        spec = merging(spec, product_version=product_version, keep_unmanaged=keep_unmanaged)
    ensure_folder(backup_dir, "--backup-dir", made=True)
    run = _Run(spec, check, allow_unstartable, backups, backup_dir)
    results: list[tuple[str, FileResult]] = []
    codes: set[int] = set()
    written: list[str] = []

    def take(name: str, result: FileResult) -> None:
        if isinstance(result, MailwrightError):
            codes.add(int(result.exit_code))
        elif result.written is not None:
            written.append(name)
        elif check and not result.in_sync:
            codes.add(int(ExitCode.FINDINGS))
        if each is not None:
            each(name, result)
        else:
            results.append((name, result))

    ready: list[tuple[str, FileMerge]] = []
    for name in files:
        result = _or_error(run.ready, name)
        if isinstance(result, MailwrightError) or check:
            take(name, result)
        else:
            ready.append((name, result))
    left_alone = len(ready) if codes else 0
    for name, found in () if codes else ready:
        take(name, _or_error(run.write, found))
    return MergeReport(tuple(results), frozenset(codes), tuple(written), left_alone)


T = TypeVar("T")


def _or_error(work: Callable[[T], FileMerge], what: T) -> FileResult:
    try:
        return work(what)
    except MailwrightError as error:
        return error


@dataclass(frozen=True, slots=True)
class _Run:
    """A merge into files of this machine."""

    merging: Merging
    check: bool
    allow_unstartable: bool
    backups: int
    backup_dir: str | None

    def ready(self, name: str) -> FileMerge:
        """Work out what is written to a file.

        Raises:
            MailwrightError: it must not be written, or the file cannot be read.
        """
        found = self.merging.into(name, read_bytes(name))
        if found.merged.refusal and not self.allow_unstartable:
            ways = ("--allow-unstartable writes it anyway",)
            raise not_merged(found, self.merging, Place(name), check=self.check, ways=ways)
        if found.merged.secrets_lost and not (self.backups or self.check or is_stream(name)):
            raise UnsafeToWrite(
                f"`{found.merged.secrets_lost[0]}` is here in clear text, and without a backup the merge would remove its only copy",
                place=Place(name),
                hint="leave out `--backup 0`",
            )
        return found

    def write(self, found: FileMerge) -> FileMerge:
        """Write one file; what somebody else writes meanwhile is merged into again. What came through a pipe is its caller's to hand on.

        Raises:
            MailwrightError: it is as it was.
        """
        name = found.source.name
        for _ in range(ATTEMPTS):
            if not found.merged.changed or is_stream(name):
                return found
            try:
                written = write_again(name, found.data, found.content, backups=self.backups, backup_dir=self.backup_dir)
            except FileChanged:
                found = self.ready(name)
            else:
                return replace(found, written=written)
        raise UnsafeToWrite("others keep writing it; nothing was merged", place=Place(name), hint="run it again")


def not_merged(found: FileMerge, merging: Merging, place: Place, *, check: bool, ways: Sequence[str] = ()) -> UnsafeToWrite:
    """Return why a file with which the server would not start is not written; *ways* are what else can be done."""
    merged, hints = found.merged, found.remedies
    if len(merging.releases) > 1:
        hints.append("--product-version V asks about one release")
    also = "; nor does it with the file as it is" if merged.before_starts is False else ""
    return UnsafeToWrite(
        f"not {'in sync' if check else 'merged'}: the server would not start: {merged.refusal}{also}",
        place=place,
        hint="; ".join([*hints, *ways]) or None,
    )


def _bracketed(before: Deployment, plain_secrets: Mapping[str, str]) -> Iterator[NodeSetting]:
    """Yield the secrets that the file does not have.

    Raises:
        UnsafeToWrite: an alias, or a text, that the tool may not read as it is meant.
    """
    known = {leaf.path[1] for leaf in before.keys.below(SECRETS_TABLE[0]) if len(leaf.path) > 1}
    for alias, text in sorted(plain_secrets.items()):
        if not is_alias(alias):
            raise UnsafeToWrite("the alias of a secret must be letters, digits and `_`")
        if not text or not text.isprintable() or any(char in text for char in '"\\[]'):
            raise UnsafeToWrite(
                f"the secret `{alias}`: brackets, quotation marks, backslashes and control characters may not survive the cipher tool",
                hint="encrypt it by hand, and give its encrypted text",
            )
        if alias not in known:
            yield NodeSetting(SECRETS_TABLE, alias, alias, toml_value(f"[{text}]"))
