"""Do the same thing once: what is asked for again, while it runs or shortly after, gets the first one's result."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _Slot(Generic[V]):
    def __init__(self) -> None:
        self.done = threading.Event()
        self.value: list[V] = []


class Once(Generic[K, V]):
    """Remember the results of the last keys; memory stays bounded, so a key that comes much later is done again.

    Args:
        size: How many keys are remembered.
    """

    def __init__(self, size: int = 128) -> None:
        self._size = size
        self._slots: OrderedDict[K, _Slot[V]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """Return the result for a key; the first caller makes it, callers meanwhile wait."""
        with self._lock:
            slot = self._slots.get(key)
            first = slot is None
            if slot is None:
                slot = self._slots[key] = _Slot()
                while len(self._slots) > self._size:
                    self._slots.popitem(last=False)
            else:
                self._slots.move_to_end(key)
        if first:
            try:
                slot.value.append(make())
            except BaseException:
                with self._lock:
                    if self._slots.get(key) is slot:
                        del self._slots[key]
                raise
            finally:
                slot.done.set()
        slot.done.wait()
        return slot.value[0] if slot.value else make()
