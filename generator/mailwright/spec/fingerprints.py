"""The source of tenants is read more than once, as a stream: whether a later pass sees what the first one saw."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from ..base.errors import UnsafeToWrite
from ..base.places import Place
from .rows import Row
from .tenants import TenantSource


class Fingerprints:
    """The digests of the source's tenants in their order: eight bytes each, of this process alone, literal secrets included."""

    def __init__(self) -> None:
        self._digests = array("Q")

    def __len__(self) -> int:
        return len(self._digests)

    def record(self, row: Row) -> None:
        """Take in the next tenant of the first pass."""
        self._digests.append(row.digest())

    def rows(self, source: TenantSource, place: Place) -> Iterator[Row]:
        """Yield the tenants again, each as long as it is as it was.

        Args:
            source: What was read before.
            place: The spec's.

        Raises:
            UnsafeToWrite: one is not, or there are more or fewer.
        """
        number = 0
        for row in source.rows(twice=True):
            if number >= len(self._digests) or self._digests[number] != row.digest():
                raise _moved(row.place)
            number += 1
            yield row
        if number != len(self._digests):
            raise _moved(place)


def _moved(place: Place) -> UnsafeToWrite:
    return UnsafeToWrite("the spec's files changed while they were worked on", place=place, hint="run it again")
