"""Work on many items at once, results in the items' order, with a bounded number of items between source and sink."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from typing import TypeVar

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


async def stream(items: Iterable[T], *, breath: int = 32) -> AsyncIterator[T]:
    """Yield the items of an ordinary iterable, letting others run every *breath* items."""
    for number, item in enumerate(items):
        if number % breath == 0:
            await asyncio.sleep(0)
        yield item
