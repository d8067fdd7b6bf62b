"""The peer of `plan` and `apply`: as many GETs with aiohttp as they make requests, and nothing else. Arguments: port, count, concurrency."""

from __future__ import annotations

import asyncio
import ssl
import sys

import aiohttp


async def main(port: int, count: int, concurrency: int) -> None:
    """Ask for *count* senders, and read the answers as JSON."""
    context = ssl.create_default_context(cafile="ca.pem")
    paths = iter(range(count))

    async def work() -> None:
        for number in paths:
            url = f"https://localhost:{port}/t/t{number}.example/api/server/v2/notification-senders/email/EmailPublisher"
            async with session.get(url, headers={"Authorization": "Bearer 0b2c8f6e-5d1a-4c39-9a57-3e8f1d2c4b6a"}) as response:
                await response.json()

    connector = aiohttp.TCPConnector(limit=concurrency, ssl=context)
    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*[work() for _ in range(concurrency)])


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
