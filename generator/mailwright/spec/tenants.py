"""The tenants of a spec: a source that can be walked again and again, never a list.

Order and inheritance: the spec's own ``tenants``, then each file of ``tenants_from``; ``defaults``, then the tenant, then the
environment's defaults, then its entry for the tenant (JSON Merge Patch).
"""

from __future__ import annotations

import glob
import os
from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..base.errors import InputError, SpecError, SyntaxInput
from ..base.nodes import Json, PlacedMap, merge_patch
from ..base.places import Place
from ..base.shown import shown_key
from ..base.values import dataclass, field
from ..product.product import Product
from .csv_reader import read_csv
from .documents import read_document
from .json_lines_reader import read_json_lines
from .lines import STREAMS
from .rows import PlainRow, Row

_DOCUMENTS = (".yaml", ".yml", ".toml", ".json")
_ALL_BITS = (1 << 64) - 1


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
        return map(self.tenant, self.rows())

    def rows(self, *, twice: bool = False) -> Iterator[Row]:
        """Yield every tenant as its file has it; ``tenant`` makes one with what it inherits.

        Args:
            twice: Leave out to look for domains that stand twice: the caller makes sure that these are rows of before.

        Raises:
            InputError: as above.
        """
        rows, patches = self._records(), self.patches
        for row in rows if twice and not patches else self._unique(rows):
            if patches and row.domain in patches:
                if patches[row.domain] is None:
                    continue
                row.shape = None  # the environment says something of this one alone
            yield row

    def tenant(self, row: Row) -> Tenant:
        """Return a tenant with what it inherits.

        Raises:
            SpecError: the environment's entry for it is no mapping.
        """
        domain, place, own = row.domain, row.place, row.own()
        sender: Json = merge_patch(PlacedMap(place=place) if self.defaults is None else self.defaults, own)
        if self.patch_defaults is not None:
            sender = merge_patch(sender, self.patch_defaults)
        if self.patches is not None and domain in self.patches:
            patch = self.patches[domain]
            if not isinstance(patch, PlacedMap):
                raise _no_mapping(domain, self.patches.value_place(domain))
            sender = merge_patch(sender, patch)
        assert isinstance(sender, PlacedMap)
        sender.place = place
        return Tenant(domain, place, sender)

    def _records(self) -> Iterator[Row]:
        yield from self._guarded(self._mapping(self.inline))
        for path in self.files():
            yield from self._guarded(self._file(path))

    def _guarded(self, rows: Iterator[Row]) -> Iterator[Row]:
        if self.failed is None:
            yield from rows
            return
        try:
            yield from rows
        except InputError as error:
            self.failed.append(error.with_traceback(None))  # which would keep the file open

    def _mapping(self, mapping: Json) -> Iterator[Row]:
        if isinstance(mapping, PlacedMap):
            for domain, sender in mapping.items():
                place = mapping.key_place(domain)
                if isinstance(sender, PlacedMap):
                    yield PlainRow(domain, place, sender)
                elif sender is not None or not (self.patches and domain in self.patches):
                    raise _no_mapping(domain, mapping.value_place(domain))

    def _file(self, path: Path) -> Iterator[Row]:
        suffix, content = path.suffix.lower(), self.contents.get(str(path))
        if suffix == ".csv":
            yield from read_csv(path, self.product, content)
        elif suffix in STREAMS:
            yield from read_json_lines(path, self.product, content)
        else:
            document = read_document(str(path), content)
            if not isinstance(document, PlacedMap):
                raise SyntaxInput("must be a mapping of domains to senders", place=Place(str(path), 1, 1))
            yield from self._mapping(document)

    def _unique(self, rows: Iterator[Row]) -> Iterator[Row]:
        add = DigestSet().add
        left = set(self.patches) if self.patches else set()
        for row in rows:
            if add(hash(row.domain) & _ALL_BITS or 1):
                self._check_twice(row)
            if left:
                left.discard(row.domain)
            yield row
        for domain in () if self.failed else sorted(left):  # a tenant that only the environment has
            assert self.patches is not None
            if self.patches[domain] is not None:
                place = self.patches.key_place(domain)
                yield PlainRow(domain, place, PlacedMap(place=place))

    def _check_twice(self, row: Row) -> None:
        """Two equal digests: look up the first of the two, and refuse if the domains really are the same."""
        place = row.place
        for other in self._records():
            if other.place == place:
                return
            if other.domain == row.domain:
                raise SpecError(
                    f"the tenant {shown_key(row.domain)} is defined twice: the first is at {other.place}", place=place
                )
