"""Many senders at once: how many, how fast, how many at one host; results come as they are ready.

One thread a check, since the engine waits for the network and nothing else. Only those that run are held, and a few that wait for their
host; the next sender is taken from its source when there is room. Threads are daemons: an interrupt ends the program at once.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from ..base.values import dataclass

J = TypeVar("J")
R = TypeVar("R")

_WAITING = 4
"""Jobs that may wait for their host, for each that may run."""


@dataclass(frozen=True, slots=True)
class FleetLimits:
    """How hard a run may press.

    Attributes:
        concurrency: Checks at the same time.
        per_host: Of those, at one host.
        rate: Checks begun a second; None for no limit.
    """

    concurrency: int = 16
    per_host: int = 4
    rate: float | None = None


class Fleet(Generic[J, R]):
    """Run *work* for each job.

    Args:
        work: Does one job; what it raises is raised to the one who reads the results.
        host: The host of a job; None for one that waits for nobody, and is done at once.
        limits: The limits.
    """

    def __init__(self, work: Callable[[J], R], host: Callable[[J], str | None], limits: FleetLimits) -> None:
        self._work, self._host, self._limits = work, host, limits
        self._done: queue.SimpleQueue[tuple[str, R | None, BaseException | None]] = queue.SimpleQueue()
        self._at: Counter[str] = Counter()
        self._waiting: deque[tuple[str, J]] = deque()
        self._running = 0
        self._next_start = 0.0

    def run(self, jobs: Iterator[J]) -> Iterator[R]:
        """Yield the results as they come."""
        more = True
        while True:
            while more and len(self._waiting) < _WAITING * self._limits.concurrency:
                job = next(jobs, None)
                if job is None:
                    more = False
                    break
                host = self._host(job)
                if host is None:
                    yield self._work(job)
                else:
                    self._waiting.append((host, job))
                self._start_what_may()
                if not self._done.empty():
                    yield self._take(0.0)
            self._start_what_may()
            if not self._running and not self._waiting:
                return
            try:
                yield self._take(self._patience())
            except queue.Empty:
                continue

    def _patience(self) -> float | None:
        """Return how long to wait for a result: until the rate lets the next one begin, else without limit."""
        pause = self._next_start - time.monotonic() if self._waiting and self._running < self._limits.concurrency else 0.0
        return pause if pause > 0 else None if self._running else 0.0

    def _take(self, seconds: float | None) -> R:
        host, result, error = self._done.get(timeout=seconds)
        self._running -= 1
        self._at[host] -= 1
        if not self._at[host]:
            del self._at[host]
        if error is not None:
            raise error
        return result  # type: ignore[return-value]  # None only with an error

    def _start_what_may(self) -> None:
        """Start the jobs whose host has room, in their order."""
        kept: deque[tuple[str, J]] = deque()
        while self._waiting and self._running < self._limits.concurrency and time.monotonic() >= self._next_start:
            host, job = self._waiting.popleft()
            if self._at[host] >= self._limits.per_host:
                kept.append((host, job))
                continue
            self._at[host] += 1
            self._running += 1
            if self._limits.rate:
                self._next_start = max(time.monotonic(), self._next_start) + 1 / self._limits.rate
            threading.Thread(target=self._do, args=(job, host), daemon=True, name="mailwright-check").start()
        self._waiting.extendleft(reversed(kept))

    def _do(self, job: J, host: str) -> None:
        try:
            self._done.put((host, self._work(job), None))
        except BaseException as error:
            self._done.put((host, None, error))
