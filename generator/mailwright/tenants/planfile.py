"""A saved plan: JSON Lines, a header, one line for each tenant in the spec's order, the removals, and the number of all of them.

It holds digests of what was seen and no value, secret or other; it is readable by its owner alone, since a plan is a list of targets.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from ..base.errors import SyntaxInput, UnsafeToWrite
from ..base.places import Place
from ..base.reading import not_read
from ..base.values import dataclass
from ..base.writing import Written, ensure_writable, write_over
from .planning import Action, TenantPlan

FORMAT = 1
_MAX_LINE = 4096


@dataclass(frozen=True, slots=True)
class PlanHeader:
    """What a plan was made for: all of it must be the same when it is applied.

    Attributes:
        spec: The digest of the spec without its secrets.
        server: The server's address.
        release: The product release.
        environment: The spec's environment.
        update_secrets: When secrets are sent.
        prune: Whether removals were looked for.
    """

    spec: str
    server: str
    release: str
    environment: str | None
    update_secrets: str
    prune: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One tenant of a saved plan."""

    domain: str
    action: Action
    state: str


class PlanWriter:
    """Gather a plan, and write it once it is complete; an incomplete one never stands there.

    Raises:
        UnreadableInput: it cannot be written.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._text = io.BytesIO()
        self._count = 0
        ensure_writable(path)  # before any server is asked

    def add(self, plan: TenantPlan) -> None:
        """Add one tenant's line."""
        self._count += 1
        self._line({"domain": plan.domain, "action": plan.action.value, "state": plan.state})

    def finish(self, header: PlanHeader) -> Written:
        """Write the file: what the plan was made for, the tenants, and their number."""
        self._line({"end": self._count})
        return write_over(self._path, _line({"mailwright_plan": FORMAT, **asdict(header)}) + self._text.getvalue())

    def _line(self, document: dict[str, Any]) -> None:
        self._text.write(_line(document))


def _line(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode() + b"\n"


class SavedPlan:
    """A plan file that is complete; its lines are read again and again.

    Raises:
        UnreadableInput: it cannot be read.
        SyntaxInput: it is no plan of this version, or not complete.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        documents = self._documents()
        first = next(documents, None)
        if not isinstance(first, dict) or first.pop("mailwright_plan", None) != FORMAT:
            raise SyntaxInput(
                "is not a plan of this version of mailwright", place=Place(path, 1, 1), hint="`mailwright plan -o FILE`"
            )
        try:
            self.header = PlanHeader(**first)
        except TypeError:
            raise self._broken(1) from None
        self.deletions = count = 0
        end: Any = None
        for end in documents:
            if "end" not in end:
                count += 1
                self.deletions += self._read(end, count + 1).action is Action.DELETE
        if not isinstance(end, dict) or end.get("end") != count:
            raise self._broken(count + 2)

    def lines(self) -> Iterator[Line]:
        """Yield the tenants' lines."""
        documents = self._documents()
        next(documents, None)
        for number, document in enumerate(documents, start=2):
            if "end" not in document:
                yield self._read(document, number)

    def check(self, header: PlanHeader) -> None:
        """Make sure that what is to be applied is what was planned.

        Raises:
            UnsafeToWrite: it is not.
        """
        words = {
            "spec": "the spec changed",
            "server": "--server names another server",
            "release": "the product version is another",
            "environment": "the environment is another",
        }
        wanted, own = asdict(header), asdict(self.header)
        different = [text for name, text in words.items() if wanted[name] != own[name]]
        if different:
            raise UnsafeToWrite(
                f"{' and '.join(different)} since the plan was made", place=Place(self._path), hint="plan again; nothing was sent"
            )

    def _documents(self) -> Iterator[dict[str, Any]]:
        try:
            with open(self._path, encoding="utf-8") as file:
                number = 0
                while line := file.readline(_MAX_LINE):
                    number += 1
                    document = json.loads(line)
                    if not isinstance(document, dict):
                        raise self._broken(number)
                    yield document
        except OSError as error:
            raise not_read(self._path, error) from None
        except (ValueError, RecursionError):
            raise self._broken(0) from None

    def _read(self, document: dict[str, Any], number: int) -> Line:
        try:
            return Line(str(document["domain"]), Action(document["action"]), str(document["state"]))
        except (KeyError, ValueError):
            raise self._broken(number) from None

    def _broken(self, line: int) -> SyntaxInput:
        return SyntaxInput("is not a complete plan", place=Place(self._path, line, 1 if line else 0), hint="plan again")
