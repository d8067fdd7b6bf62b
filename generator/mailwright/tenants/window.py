"""Work on many items at once, results in the items' order, with a bounded number of items between source and sink."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeVar

MOST_HELD = 4096
"""How many items are held back at most."""

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 16
"""How many items a place of concurrency may be ahead of the oldest one in work."""


async def windowed(items: AsyncIterable[T], work: Callable[[T], Awaitable[R]], *, concurrency: int) -> AsyncGenerator[R, None]:
    """Yield ``await work(item)`` for each item, in their order; close it (``aclosing``) to cancel what is in work.

    Args:
        items: Taken only as far as the window reaches.
        work: Called for *concurrency* items at one time.
    """
    gate = asyncio.Semaphore(concurrency)
    pending: deque[asyncio.Task[R]] = deque()

    async def one(item: T) -> R:
        async with gate:
            return await work(item)

    try:
        async for item in items:
            pending.append(asyncio.create_task(one(item)))
            while pending and (len(pending) >= AHEAD * concurrency or pending[0].done()):
                yield await pending.popleft()
        while pending:
            yield await pending.popleft()
    finally:
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)


async def beside(check: Coroutine[Any, Any, object], work: Coroutine[Any, Any, R]) -> R:
    """Return what *work* returns, while a check runs: what the check raises ends both, and goes before what the work raises.

    Args:
        check: Begins first, and runs until it waits for the first time before the work begins.
    """
    tasks = checking, working = asyncio.create_task(check), asyncio.create_task(work)
    try:
        await checking
        return await working
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def held_back(
    items: AsyncIterable[T], until: Callable[[], Awaitable[object]], is_time: Callable[[], bool]
) -> AsyncGenerator[T, None]:
    """Yield the items once it is time, in their order; so long no more than ``MOST_HELD`` are taken.

    Args:
        until: Waits until it is time.
        is_time: Says whether it is.
    """
    held: deque[T] = deque()
    try:
        async for item in items:
            held.append(item)
            if len(held) >= MOST_HELD:
                await until()
            while held and is_time():
                yield held.popleft()
    except Exception:
        await until()  # what was known before it comes first
        for item in held:
            yield item
        raise
    await until()
    for item in held:
        yield item


async def stream(items: Iterable[T], *, breath: int = 32) -> AsyncIterator[T]:
    """Yield the items of an ordinary iterable, letting others run every *breath* items."""
    for number, item in enumerate(items):
        if number % breath == 0:
            await asyncio.sleep(0)
        yield item
