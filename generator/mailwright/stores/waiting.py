"""What is done for those who do not do it: a time limit, for a resolver, a library, an answer that comes a byte at a time; silence; an end."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TextIO, TypeVar

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


@contextmanager
def ended_by_ctrl_c() -> Iterator[None]:
    """Have Ctrl-C end at once what is waited for in here: within asyncio it would be heeded after that."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


_here = threading.local()


class _Stream:
    """A stream of the process's, which is another one for who is to be unheard."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(_nowhere() if getattr(_here, "unheard", False) else self._stream, name)


@cache
def _nowhere() -> TextIO:
    nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 -- open until the program ends
    atexit.register(nowhere.close)
    return nowhere


def unheard(work: Callable[[], T]) -> Callable[[], T]:
    """Return the same work, whose thread prints, warns and logs to nobody meanwhile: it may be a secret, and the output is the run's own."""

    def quietly() -> T:
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if stream is not None and not isinstance(stream, _Stream):
                setattr(sys, name, _Stream(stream))
        _here.unheard = True
        try:
            return work()
        finally:
            _here.unheard = False

    return quietly
