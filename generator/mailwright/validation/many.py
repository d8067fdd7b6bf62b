"""Many files at once: processes share them out, and the results come in the order of the files."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from ..base.errors import MailwrightError
from ..base.findings import Finding

Result = list[Finding] | MailwrightError

ENOUGH = 64
"""Files for which more than one process is worth its start."""

MAX_PROCESSES = 8
_AT_ONCE = 32

_check: Callable[[str], list[Finding]] | None = None  # in a process of the pool


def checked(names: Sequence[str], check: Callable[[str], list[Finding]]) -> Iterator[tuple[str, Result]]:
    """Yield what *check* says about each file, in their order; findings that come from another process have no ``fix``."""
    done = 0
    processes = min(_processors(), MAX_PROCESSES, len(names) // (ENOUGH // 2))
    if processes > 1:
        for result in _in_processes(names, check, processes):
            yield names[done], result
            done += 1
    yield from one_by_one(names[done:], check)  # all of them, or what a process left that was killed


def one_by_one(names: Sequence[str], check: Callable[[str], list[Finding]]) -> Iterator[tuple[str, Result]]:
    """Yield what *check* says about each file, in this process."""
    for name in names:
        yield name, _outcome(check, name)


def _in_processes(names: Sequence[str], check: Callable[[str], list[Finding]], processes: int) -> Iterator[Result]:
    import multiprocessing
    from concurrent.futures import BrokenExecutor, ProcessPoolExecutor

    sys.stdout.flush()  # a fork would write again what waits there
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(check,))
    try:
        yield from pool.map(_one, names, chunksize=_AT_ONCE)
    except BrokenExecutor:
        return
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _begin(check: Callable[[str], list[Finding]]) -> None:
    global _check
    _check = check
    gc.freeze()  # what is there already stays: it need not be looked at again and again
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends the others


def _one(name: str) -> Result:
    assert _check is not None
    result = _outcome(_check, name)
    if isinstance(result, list):
        return [replace(finding, fix=None) if finding.fix else finding for finding in result]
    return result


def _outcome(check: Callable[[str], list[Finding]], name: str) -> Result:
    try:
        return check(name)
    except MailwrightError as error:
        return error


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
