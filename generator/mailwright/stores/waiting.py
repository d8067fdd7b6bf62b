"""A time limit for what keeps to none: a resolver, a library, an answer that comes a byte at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from .interface import StoreError

T = TypeVar("T")


def limited(work: Callable[[], T], seconds: float) -> T:
    """Return what *work* returns; raises what it raises.

    Raises:
        StoreError: it takes longer than that. It is left behind, then, in a thread that ends with the process.
    """
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True, name="mailwright-store")
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not done:
        raise StoreError(f"does not answer within {seconds:g} s", temporary=True)
    return done[0]
