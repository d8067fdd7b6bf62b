"""The tenants of a spec: a source that can be walked again and again, never a list.

Order and inheritance: the spec's own ``tenants``, then each file of ``tenants_from``; ``defaults``, then the tenant, then the
environment's defaults, then its entry for the tenant (JSON Merge Patch).
"""

from __future__ import annotations

import glob
import os
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from ..base.errors import InputError, SpecError, SyntaxInput
from ..base.nodes import Json, PlacedMap, merge_patch
from ..base.places import Place
from ..base.shown import shown_key
from ..product.product import Product
from .documents import read_document
from .records import STREAMS, Record, read_csv, read_json_lines

_DOCUMENTS = (".yaml", ".yml", ".toml", ".json")


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant's sender after inheritance.

    Attributes:
        domain: The tenant's domain, or ``domain/o/ID`` for a sub-organization.
        place: Where the tenant is named.
        sender: Its keys, with places.
    """

    domain: str
    place: Place
    sender: PlacedMap


class DigestSet:
    """A set of 64-bit digests in one flat array: 16 bytes an entry, so that a million domains fit into 32 MiB."""

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * 1024))
        self._count = 0

    def add(self, digest: int) -> bool:
        """Add a digest (not 0); say whether it was there already."""
        if self._count * 3 > len(self._slots) * 2:
            self._grow()
        slots, mask = self._slots, len(self._slots) - 1
        at = digest & mask
        while slots[at]:
            if slots[at] == digest:
                return True
            at = (at + 1) & mask
        slots[at] = digest
        self._count += 1
        return False

    def _grow(self) -> None:
        old = self._slots
        self._slots = slots = array("Q", bytes(16 * len(old)))
        mask = len(slots) - 1
        for digest in old:
            if digest:
                at = digest & mask
                while slots[at]:
                    at = (at + 1) & mask
                slots[at] = digest


def _is_readable(path: Path) -> bool:
    return path.suffix.lower() in (*_DOCUMENTS, *STREAMS)


def _no_mapping(domain: str, place: Place) -> SpecError:
    return SpecError(f"the tenant {shown_key(domain)} is not a mapping", place=place)


@dataclass(frozen=True)
class TenantSource:
    """The tenants of one spec and one environment; iterating reads the files again.

    Attributes:
        inline: The spec's own ``tenants``.
        patterns: The globs of ``tenants_from`` with their places, relative to *folder*.
        defaults: What every tenant inherits.
        patches: The environment's defaults and its entries by domain.
        product: The product that they are for.
        contents: What to take for the content of files, by their names; others are read.
        failed: Takes what is wrong with a file or a pattern, which is passed over then; None raises it.
    """

    folder: Path
    inline: PlacedMap | None
    patterns: tuple[tuple[str, Place], ...]
    defaults: PlacedMap | None
    patch_defaults: PlacedMap | None
    patches: PlacedMap | None
    product: Product
    contents: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    failed: list[InputError] | None = field(default=None, repr=False)

    def files(self) -> list[Path]:
        """Return the files that the globs name, sorted within each glob.

        Raises:
            SpecError: a glob matches nothing, or a file has an ending that says nothing.
        """
        found: dict[Path, None] = {}
        for pattern, place in self.patterns:
            names = sorted(glob.glob(pattern, root_dir=self.folder, recursive=True))
            # A folder that is called like a file of tenants is one that cannot be read.
            paths = [path for path in map(self.folder.joinpath, names) if _is_readable(path) or not os.path.isdir(path)]
            if not paths:
                self._fail(SpecError("no file matches this pattern of `tenants_from`", place=place))
            for path in paths:
                if _is_readable(path):
                    found[path] = None
                else:
                    endings = "must end in .yaml, .toml, .json, .csv or .jsonl"
                    self._fail(SpecError(f"a file of `tenants_from` {endings}", place=Place(str(path))))
        return list(found)

    def _fail(self, error: InputError) -> None:
        if self.failed is None:
            raise error
        self.failed.append(error)

    def __iter__(self) -> Iterator[Tenant]:
        """Yield every tenant.

        Raises:
            InputError: a file cannot be read, or a domain stands twice.
        """
        for domain, place, own in self._unique(self._records()):
            sender: Json = (
                merge_patch(self.defaults, own) if self.defaults is not None else merge_patch(PlacedMap(place=place), own)
            )
            if self.patch_defaults is not None:
                sender = merge_patch(sender, self.patch_defaults)
            if self.patches is not None and domain in self.patches:
                patch = self.patches[domain]
                if patch is None:
                    continue
                if not isinstance(patch, PlacedMap):
                    raise _no_mapping(domain, self.patches.value_place(domain))
                sender = merge_patch(sender, patch)
            if isinstance(sender, PlacedMap):
                sender.place = place
                yield Tenant(domain, place, sender)

    def _records(self) -> Iterator[Record]:
        yield from self._guarded(self._mapping(self.inline))
        for path in self.files():
            yield from self._guarded(self._file(path))

    def _guarded(self, records: Iterator[Record]) -> Iterator[Record]:
        if self.failed is None:
            yield from records
            return
        try:
            yield from records
        except InputError as error:
            self.failed.append(error.with_traceback(None))  # which would keep the file open

    def _mapping(self, mapping: Json) -> Iterator[Record]:
        if isinstance(mapping, PlacedMap):
            for domain, sender in mapping.items():
                place = mapping.key_place(domain)
                if isinstance(sender, PlacedMap):
                    yield domain, place, sender
                elif sender is not None or not (self.patches and domain in self.patches):
                    raise _no_mapping(domain, mapping.value_place(domain))

    def _file(self, path: Path) -> Iterator[Record]:
        suffix, content = path.suffix.lower(), self.contents.get(str(path))
        if suffix == ".csv":
            yield from read_csv(path, self.product.adapter, content)
        elif suffix in STREAMS:
            yield from read_json_lines(path, content)
        else:
            document = read_document(str(path), content)
            if not isinstance(document, PlacedMap):
                raise SyntaxInput("must be a mapping of domains to senders", place=Place(str(path), 1, 1))
            yield from self._mapping(document)

    def _unique(self, records: Iterator[Record]) -> Iterator[Record]:
        seen = DigestSet()
        left = set(self.patches) if self.patches else set()
        for record in records:
            digest = int.from_bytes(blake2b(record[0].encode(), digest_size=8).digest(), "little") or 1
            if seen.add(digest):
                self._check_twice(record)
            left.discard(record[0])
            yield record
        for domain in () if self.failed else sorted(left):  # a tenant that only the environment has
            assert self.patches is not None
            if self.patches[domain] is not None:
                place = self.patches.key_place(domain)
                yield domain, place, PlacedMap(place=place)

    def _check_twice(self, record: Record) -> None:
        """Two equal digests: look up the first of the two, and refuse if the domains really are the same."""
        domain, place, _ = record
        for other, first, _ in self._records():
            if first == place:
                return
            if other == domain:
                raise SpecError(f"the tenant {shown_key(domain)} is defined twice: the first is at {first}", place=place)
