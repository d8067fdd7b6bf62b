"""The fleet without a network: limits, order of starts, errors, laziness; and the memo of what was done."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from mailwright.base.once import Once
from mailwright.verification.fleet import Fleet, FleetLimits


class Meter:
    """Count what runs at the same time, in all and by host."""

    def __init__(self, seconds: float = 0.005) -> None:
        self.lock = threading.Lock()
        self.running: dict[str, int] = {}
        self.most: dict[str, int] = {}
        self.seconds = seconds

    def work(self, job: tuple[int, str]) -> int:
        for name in ("all", job[1]):
            with self.lock:
                self.running[name] = self.running.get(name, 0) + 1
                self.most[name] = max(self.most.get(name, 0), self.running[name])
        time.sleep(self.seconds)
        for name in ("all", job[1]):
            with self.lock:
                self.running[name] -= 1
        return job[0]


def jobs(count: int, hosts: int) -> Iterator[tuple[int, str]]:
    return ((number, f"host{number % hosts}") for number in range(count))


@pytest.mark.parametrize(("concurrency", "per_host", "hosts"), [(1, 1, 1), (8, 2, 3), (8, 8, 1), (16, 4, 100)])
def test_limits_hold_and_every_job_is_done_once(concurrency: int, per_host: int, hosts: int) -> None:
    meter = Meter()
    fleet: Fleet[tuple[int, str], int] = Fleet(meter.work, lambda job: job[1], FleetLimits(concurrency, per_host))
    assert sorted(fleet.run(jobs(60, hosts))) == list(range(60))
    assert meter.most.pop("all") <= concurrency
    assert max(meter.most.values()) <= per_host


def test_what_waits_for_no_host_is_done_at_once() -> None:
    gate, here = threading.Event(), threading.get_ident()

    def work(job: tuple[int, str | None]) -> tuple[int, bool]:
        if job[1]:
            assert gate.wait(60)
        return job[0], threading.get_ident() == here

    results = Fleet(work, lambda job: job[1], FleetLimits(1)).run(iter([(0, "host"), (1, None), (2, None)]))
    assert [next(results), next(results)] == [(1, True), (2, True)]
    gate.set()
    assert list(results) == [(0, False)]


def test_a_slow_host_does_not_hold_up_the_others() -> None:
    gate = threading.Event()

    def work(job: tuple[int, str]) -> int:
        if job[1] == "slow":
            assert gate.wait(60)
        return job[0]

    source = iter([(0, "slow"), (1, "slow"), *((number, "fast") for number in range(2, 10))])
    results: Iterator[int] = Fleet(work, lambda job: job[1], FleetLimits(4, 1)).run(source)
    first = [next(results) for _ in range(8)]
    assert sorted(first) == list(range(2, 10))
    gate.set()
    assert sorted(results) == [0, 1]


def test_the_rate_holds() -> None:
    started = time.monotonic()
    begun: list[float] = []
    fleet: Fleet[int, None] = Fleet(lambda _: begun.append(time.monotonic()), str, FleetLimits(16, 4, rate=50))
    assert len(list(fleet.run(iter(range(11))))) == 11
    assert max(begun) - started >= 0.19


def test_jobs_are_taken_when_there_is_room() -> None:
    taken: list[int] = []

    def source() -> Iterator[int]:
        for number in range(10_000):
            taken.append(number)
            yield number

    results: Iterator[int] = Fleet(lambda job: job, str, FleetLimits(4, 4)).run(source())
    for done, _ in enumerate(results, 1):
        assert len(taken) <= done + 4 * 4 + 1
        if done == 500:
            break


def test_what_work_raises_reaches_the_reader() -> None:
    def work(job: int) -> int:
        return 1 // job

    with pytest.raises(ZeroDivisionError):
        list(Fleet(work, str, FleetLimits()).run(iter([1, 0])))


def test_once_makes_a_thing_once_and_forgets() -> None:
    made: list[int] = []
    once: Once[int, int] = Once(size=2)

    def get(key: int) -> int:
        return once.get(key, lambda: (made.append(key), time.sleep(0.01), key * 10)[-1])  # type: ignore[func-returns-value]

    threads = [threading.Thread(target=get, args=(1,)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]
    assert [get(key) for key in (1, 2, 3, 1)] == [10, 20, 30, 10]
    assert made == [1, 2, 3, 1]


def test_once_lets_the_next_one_try_after_an_error() -> None:
    once: Once[int, int] = Once()

    def fail() -> int:
        raise ValueError("this time")

    with pytest.raises(ValueError, match="this time"):
        once.get(1, fail)
    assert once.get(1, lambda: 5) == 5
