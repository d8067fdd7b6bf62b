"""Well-known relays: what their public documentation says about host, port, user name and password (schema/providers.json)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..base.patterns import pattern

Provider = Mapping[str, Any]
"""An entry of the file."""


class Providers:
    """The relays by their hosts.

    Args:
        entries: Those of the parsed providers.json.
    """

    def __init__(self, entries: Iterable[Provider]) -> None:
        self._exact: dict[str, Provider] = {}
        self._mistakes: dict[str, Provider] = {}
        self._patterns: list[tuple[re.Pattern[str], Provider]] = []
        for provider in entries:
            for host in provider["hosts"]:
                if "*" in host:
                    self._patterns.append((pattern(re.escape(host).replace(r"\*", "[a-z0-9-]+") + r"\Z"), provider))
                else:
                    self._exact[host] = provider
            self._mistakes |= dict.fromkeys(provider.get("mistakes", ()), provider)

    def of(self, host: str) -> Provider | None:
        """Return the provider whose relay a host is."""
        return self._exact.get(host) or next((provider for pattern, provider in self._patterns if pattern.match(host)), None)

    def meant(self, host: str) -> Provider | None:
        """Return the provider whose relay somebody probably means who writes a host that is none."""
        return self._mistakes.get(host)
