"""``import``: a spec of what a server has."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from ..adoption.servers import Found, find_senders
from .ready import Prepared


def read_senders(prepared: Prepared, domains: tuple[str, ...] = ()) -> list[Found]:
    """Return what a server has for tenants, in their order, without secrets.

    Args:
        prepared: The server, and a spec with the credentials: ``api``.
        domains: The tenants; none: every one that the server lists, which takes ``api.super``.

    Raises:
        MailwrightError: the server is not there, or does not list its tenants.
    """

    async def work() -> list[Found]:
        async with aclosing(find_senders(prepared.server, prepared.release, prepared.preparation, domains)) as senders:
            return [each async for each in senders]

    return asyncio.run(work())
