"""The product releases that this project knows, and what differs between them in the configuration engine.

Source: facts 0.3 (the component versions that each release pins) and 1.1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, total_ordering

from .errors import UsageError
from .source import Place

KNOWN = ("5.9.0", "5.10.0", "5.11.0", "6.0.0", "6.1.0", "7.0.0", "7.1.0", "7.2.0", "7.3.0")

_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4})((?:\.\d+)*)(?:\.[A-Za-z]\S*)?)?(?:-\S*)?\Z", re.ASCII)


@cache
def _key(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


@total_ordering
@dataclass(frozen=True, slots=True)
class Release:
    """A release whose behaviour is known.

    Attributes:
        version: One of ``KNOWN``.
        unsure: Why the version that was asked for is only taken to behave like it, or None.
    """

    version: str
    unsure: str | None = None

    def __lt__(self, other: object) -> bool:
        return isinstance(other, Release) and _key(self.version) < _key(other.version)

    def has(self, since: str) -> bool:
        """Say whether something that came with the release *since* is there."""
        return _key(self.version) >= _key(since)

    @property
    def runtime_secrets(self) -> bool:
        """Whether ``[runtime_secrets]`` is read: config-mapper 1.0.13 and later (facts 3.9)."""
        return self.has("6.0.0")

    @property
    def quoted_aliases(self) -> bool:
        """Whether an alias in quotation marks works: config-mapper 1.0.22 and later (facts 3.9)."""
        return self.has("7.0.0")

    @property
    def placeholders_in_arrays(self) -> bool:
        """Whether placeholders in tables inside arrays are resolved: config-mapper 1.0.13 and later (facts 3.2)."""
        return self.has("6.0.0")

    @property
    def cipher_tool(self) -> bool | None:
        """Whether the cipher tool is known to truncate a file with something behind ``[secrets]`` (facts 3.9); None for not known."""
        return None if self.has("7.3.0") else True

    @property
    def tenant_api(self) -> bool:
        """Whether tenants have the notification-sender API (facts 4.1)."""
        return self.has("6.0.0")


ALL = tuple(Release(version) for version in KNOWN)
OLDEST, NEWEST = ALL[0], ALL[-1]


def parse_release(text: str) -> Release:
    """Return the release that a version number stands for.

    An update level (7.2.0.15) counts as its release and anything newer than the newest known one as that, both marked as unsure.

    Raises:
        UsageError: no version number, or older than 5.9.0.
    """
    match = _VERSION.match(text.strip())
    if not match:
        raise UsageError("the product version is no version number", hint="write it like 7.2.0")
    asked = (int(match.group(1)), int(match.group(2)), int(match.group(3) or 0))
    if asked < _key(OLDEST.version):
        raise UsageError(
            f"product versions before {OLDEST.version} are not supported",
            hint="they have no deployment.toml; `mailwright import` reads their output-event-adapters.xml",
        )
    plain = ".".join(map(str, asked))
    known = [version for version in KNOWN if _key(version) <= asked][-1]
    if known != plain:
        return Release(known, f"{plain} is not known: taken to behave like {known}")
    if match.group(4) or plain != ".".join(text.strip().split(".")[:3]):
        return Release(known, f"update levels are not known: taken to behave like {known} as it was released")
    return Release(known)


def agreed_release(own: str | None, asked: Release | None, place: Place | None = None) -> Release | None:
    """Return the release that the spec and the option agree on.

    Args:
        own: What the spec says, at *place*.
        asked: The option's, or the environment variable's.

    Raises:
        UsageError: they differ, or the spec's is no version.
    """
    if own is None:
        return asked
    try:
        release = parse_release(own)
    except UsageError as error:
        raise UsageError(error.message, place=place, hint=error.hint) from None
    if asked is not None and asked.version != release.version:
        raise UsageError(
            f"the product version is {asked.version} by the option or the environment, but {release.version} in the spec",
            place=place,
            hint="leave one of them out",
        )
    return asked or release
