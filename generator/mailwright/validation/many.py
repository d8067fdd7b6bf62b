"""Many files at once: processes share them out, and the results come in the order of the files."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from ..base.errors import MailwrightError
from ..base.reading import is_stream, read_bytes

T = TypeVar("T")

ENOUGH = 64
"""Files for which more than one process is worth its start."""

MAX_PROCESSES = 8
_AT_ONCE = 32
_ENDING = 5
"""Seconds that a pool has to end whose processes were ended."""

_work: Callable[[str], Any] | None = None  # in a process of the pool


def each_of(names: Sequence[str], work: Callable[[str], T]) -> Iterator[tuple[str, T | MailwrightError]]:
    """Yield what *work* returns for each file, or the error that it raises, in the order of the files.

    Args:
        work: Changes nothing outside of itself: it, and what it returns, go to another process and back where there are many files.
    """
    done = 0
    processes = min(_processors(), MAX_PROCESSES, len(names) // (ENOUGH // 2))
    if processes > 1:
        for name in filter(is_stream, names):  # here, and not in one of the processes, which keep to themselves what they read
            with suppress(MailwrightError):
                read_bytes(name)
        for result in _in_processes(names, work, processes):
            yield names[done], result
            done += 1
    yield from one_by_one(names[done:], work)  # all of them, or what a process left that was killed


def one_by_one(names: Sequence[str], work: Callable[[str], T]) -> Iterator[tuple[str, T | MailwrightError]]:
    """Yield the same, in this process."""
    for name in names:
        yield name, _outcome(work, name)


def _in_processes(names: Sequence[str], work: Callable[[str], T], processes: int) -> Iterator[T | MailwrightError]:
    import multiprocessing
    from concurrent.futures import BrokenExecutor, ProcessPoolExecutor

    sys.stdout.flush()  # a fork would write again what waits there
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(work,))
    others, threads = set(multiprocessing.active_children()), set(threading.enumerate())
    try:
        with _undisturbed():
            results = pool.map(_one, names, chunksize=_AT_ONCE)  # starts the processes
        yield from results
        pool.shutdown()  # what is still ending when the program does can fail there, with a traceback
    except BrokenExecutor:
        return
    except BaseException:  # nobody wants the rest: a process would finish its files first, and the program wait for it
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        for thread in set(threading.enumerate()) - threads:  # the pool's: it can fail where it ends with the program
            thread.join(_ENDING)
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold Ctrl-C back for a moment: a process that it meets before it has begun would print a traceback."""
    import signal

    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(work: Callable[[str], Any]) -> None:
    import signal

    global _work
    _work = work
    gc.freeze()  # what is there already stays: it need not be looked at again and again
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends the others


def _one(name: str) -> Any:
    assert _work is not None
    return _outcome(_work, name)


def _outcome(work: Callable[[str], T], name: str) -> T | MailwrightError:
    try:
        return work(name)
    except MailwrightError as error:
        return error


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
