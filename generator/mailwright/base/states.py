"""How things stand: a row of checks for each thing that is looked after, whatever it is."""

from __future__ import annotations

from enum import Enum

from .findings import Finding
from .values import dataclass, field


class Light(Enum):
    """What a check came to."""

    GOOD = "good"
    CARE = "care"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """What a check came to, and why in a few words, which hold no secret."""

    light: Light = Light.UNKNOWN
    words: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """How one thing stands.

    Attributes:
        environment: The environment that it belongs to, None for none.
        kind, name: What it is, and which.
        checks: What each check came to, by the check's name; of every row the same.
        days_left: Whole days until the first certificate of its mail server ends; None where that is not known.
        secret_version: The version of its secret; None where it has none.
        findings: What is wrong with it.
    """

    environment: str | None
    kind: str
    name: str
    checks: dict[str, Check]
    days_left: int | None = None
    secret_version: int | None = None
    findings: tuple[Finding, ...] = field(default=(), repr=False)

    @property
    def is_good(self) -> bool:
        """Whether nothing about it needs attention."""
        return all(check.light in (Light.GOOD, Light.UNKNOWN) for check in self.checks.values())
