"""Faults on request: errors, lost connections, slow bodies, answers that are none, somebody else who writes, one tenant that always fails,
errors that echo what was sent.

Whether a request fails follows from the seed, the tenant, the method, the path and how often that was asked before: however
requests overlap, the same run meets the same faults.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from hashlib import blake2b

from ...base.errors import UsageError
from ...base.values import dataclass, field

STATUSES = (429, 500, 502, 503, 504)
_BEFORE_ONLY = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong how often.

    Attributes:
        errors: Status to its share of all requests, 0 to 1.
        reset: The share of requests whose connection is cut.
        slow: The share of requests whose body comes in two halves, ``slow_seconds`` apart.
        html: The share of requests that a proxy answers with a page and the status of a success.
        other: The share of requests that get the answer for another sender.
        rival: The share of writes after which somebody else writes the sender too.
        after: Of the errors, cuts and pages, the share that strikes once the request was carried out; 429 and 503 never do.
        retry_after: Seconds that 429 and 503 ask for; None leaves the header out.
        echo: Every error's text holds the request: its line, its Authorization, its body.
        failing: Tenants whose every request gets 500.
        seed: Another seed, other victims.
    """

    errors: Mapping[int, float] = field(default_factory=dict)
    reset: float = 0.0
    slow: float = 0.0
    slow_seconds: float = 1.0
    after: float = 0.5
    retry_after: int | None = 1
    echo: bool = False
    failing: frozenset[str] = frozenset()
    seed: int = 0
    html: float = 0.0
    other: float = 0.0
    rival: float = 0.0

    def __post_init__(self) -> None:
        shares = (*self.errors.values(), self.reset, self.slow, self.html, self.other, self.rival)
        if not set(self.errors) <= set(STATUSES) or min(shares) < 0 or sum(shares) > 1 or not 0 <= self.after <= 1:
            raise UsageError("faults are shares from 0 to 1 that add up to 1 at most", hint=_HINT)


@dataclass(frozen=True, slots=True)
class Mishap:
    """What happens to one request: an error with *status*, or what a flag says; *after* says when."""

    status: int | None = None
    cut: bool = False
    slow: bool = False
    html: bool = False
    other: bool = False
    rival: bool = False
    after: bool = False


class Dice:
    """Draw the fault of each request."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._asked: Counter[str] = Counter()

    def draw(self, tenant: str, method: str, path: str) -> Mishap | None:
        """Return the fault of this request, or None."""
        faults = self._faults
        if tenant in faults.failing:
            return Mishap(500)
        flags = ("reset", "html", "slow", "other", "rival")
        if not (faults.errors or any(getattr(faults, name) for name in flags)):
            return None
        key = f"{faults.seed} {tenant} {method} {path}"
        self._asked[key] += 1
        digest = blake2b(f"{key} {self._asked[key]}".encode(), digest_size=16).digest()
        share, when = (int.from_bytes(digest[at : at + 8], "big") / 2**64 for at in (0, 8))
        after = when < faults.after
        for status, size in faults.errors.items():
            if share < size:
                return Mishap(status, after=after and status not in _BEFORE_ONLY)
            share -= size
        made = (
            Mishap(cut=True, after=after),
            Mishap(html=True, after=after),
            Mishap(slow=True),
            Mishap(other=True),
            Mishap(rival=True),
        )
        for name, fault in zip(flags, made, strict=True):
            if share < getattr(faults, name):
                return fault
            share -= getattr(faults, name)
        return None


_HINT = (
    "write them like 429=0.05,500=0.01,reset=0.02,slow=0.01,html=0.01,other=0.01,rival=0.01,slow-seconds=2,after=0.5,retry-after=1,"
    "echo,failing=a.example,seed=7"
)


def parse_faults(text: str) -> Faults:
    """Return the faults of a text like ``429=0.05,reset=0.02,echo,failing=a.example,seed=7``.

    Raises:
        UsageError: a word that is none of these, or a number that is none.
    """
    errors: dict[int, float] = {}
    numbers: dict[str, float] = {}
    failing: set[str] = set()
    echo = False
    for part in filter(None, text.split(",")):
        name, _, value = part.partition("=")
        try:
            if name == "echo" and not value:
                echo = True
            elif name == "failing" and value:
                failing.add(value)
            elif name.isdecimal() and int(name) in STATUSES:
                errors[int(name)] = float(value)
            elif name in ("reset", "slow", "html", "other", "rival", "slow-seconds", "after", "retry-after", "seed"):
                numbers[name] = float(value)
            else:
                raise ValueError
        except ValueError:
            raise UsageError("--faults has a part that is not understood", hint=_HINT) from None
    return Faults(
        errors=errors,
        reset=numbers.get("reset", 0.0),
        slow=numbers.get("slow", 0.0),
        html=numbers.get("html", 0.0),
        other=numbers.get("other", 0.0),
        rival=numbers.get("rival", 0.0),
        slow_seconds=numbers.get("slow-seconds", 1.0),
        after=numbers.get("after", 0.5),
        retry_after=int(numbers.get("retry-after", 1)),
        echo=echo,
        failing=frozenset(failing),
        seed=int(numbers.get("seed", 0)),
    )
