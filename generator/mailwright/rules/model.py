"""What a rule is, and what its function says. No prose about a rule stands in Python: that is what its page is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import TypeVar

from ..base.edits import Misspelling
from ..base.findings import Excerpt, Finding, Fix, Severity
from ..base.hints import Hint
from ..base.places import Place
from ..base.values import dataclass


class Subject(Enum):
    """What a rule is about, as its page says it; the function takes it."""

    READING = "inputs"
    """No function: the reader that finds it has none for each rule (files, schemas, references)."""
    NODE = "deployment.toml"
    """A ``Node``: a deployment.toml as one release reads it."""
    SENDER = "senders"
    """A ``Sender`` of any kind."""
    GLOBAL = "the server's sender"
    """A ``Sender`` of a server: of a deployment.toml, or of a spec's ``global``."""
    TENANT = "tenants' senders"
    """A ``Sender`` of a tenant: in a spec, or a payload."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, without what its page tells.

    Attributes:
        title: What is wrong, in a few words.
        module: The module of this package that has the function; empty where there is none.
    """

    id: str
    severity: Severity
    title: str
    subject: Subject
    fixable: bool = False
    module: str = ""

    def at(
        self,
        place: Place,
        message: str,
        *,
        hint: str | Hint | None = None,
        path: str | None = None,
        excerpt: Excerpt | None = None,
        releases: Iterable[str] = (),
        fix: Fix | Misspelling | None = None,
    ) -> Finding:
        """Return a finding of this rule."""
        advice = hint if isinstance(hint, Hint) else None
        return Finding(
            self.id,
            self.severity,
            message,
            place,
            hint.text() if isinstance(hint, Hint) else hint,
            path,
            isinstance(fix, Fix),
            tuple(releases),
            excerpt=excerpt,
            fix=fix if isinstance(fix, Fix) else None,
            misspelt=(fix,) if isinstance(fix, Misspelling) else (),
            advice=advice,
        )


@dataclass(frozen=True, slots=True)
class Said:
    """What a rule's function says about its subject; the subject turns it into a finding.

    Attributes:
        at: What it is about: a key, a mail-client property, or a place that the subject knows; None for the sender as a whole.
        value: Whether it is about the value rather than the key.
        also: Other keys of the file that have the same cause.
    """

    message: str
    at: object = None
    hint: str | Hint | None = None
    value: bool = False
    fix: Fix | Misspelling | None = None
    also: tuple[object, ...] = ()


SECRET = "a secret"
PROPERTIES = "custom properties"
EXTRA = "entries that are no keys"
IGNORED = "keys that are ignored"
DEEP = "names that were cut at their dots"
NO_TABLE = "a table that is none"
DOLLAR = "$"
MARKUP = "&<"
"""What a rule may need, beside names."""

F = TypeVar("F", bound=Callable[..., Iterable[Said]])


def needs(*names: str) -> Callable[[F], F]:
    """Say that a rule has nothing to say where none of these is there: then it is not called.

    A rule that looks at what holds by default, or at what is missing, needs nothing.

    Args:
        names: For a sender: properties of the mail client, set by a key or by a custom property, by the server's own sender too; keys of
            its document. For a deployment.toml: its tables. Or one of the words above.
    """

    def declared(function: F) -> F:
        function.needs = frozenset(names)  # type: ignore[attr-defined]
        return function

    return declared
