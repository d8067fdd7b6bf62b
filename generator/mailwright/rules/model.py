"""What a rule is: a function that finds something, and the page that explains it.

The rule of this package: a rule is declared beside its function, with its page. The catalogue, ``explain``, the reference pages, the
examples in tests/data and the rules of a SARIF report come from the declarations. Ids never change and are never used again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import Any

from ..base.findings import Excerpt, Finding, Fix, Severity
from ..base.hints import Hint
from ..base.places import Place


class Subject(Enum):
    """What the function of a rule looks at."""

    READING = "reading"
    """Nothing: the reader that finds it has no function for each rule (files, schemas, references)."""
    NODE = "node"
    """A ``Node``: a deployment.toml as one release reads it."""
    SENDER = "sender"
    """A ``Sender`` of any kind."""
    GLOBAL = "global"
    """A ``Sender`` of a server: of a deployment.toml, or of a spec's ``global``."""
    TENANT = "tenant"
    """A ``Sender`` of a tenant: in a spec, or a payload."""


Check = Callable[[Any], Iterable["Said"]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule and its page.

    Attributes:
        title: What is wrong, in a few words.
        why: What the product does, with the facts of docs/product that say so.
        remedy: What to do.
        bad, good: A file that the rule finds something in, and one that is right.
        options: The options of ``validate`` that the examples need.
    """

    id: str
    severity: Severity
    title: str
    why: str
    remedy: str
    bad: str
    good: str
    options: tuple[str, ...] = ()
    subject: Subject = Subject.READING
    fixable: bool = False
    check: Check | None = field(default=None, compare=False)

    @property
    def language(self) -> str:
        """What the examples are written in, as a file name ends."""
        return "yaml" if self.bad.startswith("mailwright:") else "json" if self.bad.startswith("{") else "toml"

    def at(
        self,
        place: Place,
        message: str,
        *,
        hint: str | Hint | None = None,
        path: str | None = None,
        excerpt: Excerpt | None = None,
        releases: Iterable[str] = (),
        fix: Fix | None = None,
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
            fix is not None,
            tuple(releases),
            excerpt=excerpt,
            fix=fix,
            advice=advice,
        )


CATALOGUE: dict[str, Rule] = {}
"""Every rule by its id, in the order of the ids."""


def declare(rule: Rule) -> Rule:
    """Put a rule into the catalogue."""
    if rule.id in CATALOGUE:
        raise ValueError(f"{rule.id} is declared twice")
    CATALOGUE[rule.id] = rule
    return rule


@cache
def rules_on(*subjects: Subject) -> tuple[tuple[Rule, Check], ...]:
    """Return the rules that look at one of *subjects*, with their functions."""
    return tuple((rule, rule.check) for rule in CATALOGUE.values() if rule.subject in subjects and rule.check is not None)


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
    fix: Fix | None = None
    also: tuple[object, ...] = ()


def rule(
    id_: str,
    severity: Severity,
    title: str,
    *,
    why: str,
    remedy: str,
    bad: str,
    good: str,
    subject: Subject,
    options: tuple[str, ...] = (),
    fixable: bool = False,
) -> Callable[[Check], Rule]:
    """Declare the rule whose function follows; the arguments are the attributes of ``Rule``."""

    def decorate(check: Check) -> Rule:
        return declare(Rule(id_, severity, title, why, remedy, bad, good, options, subject, fixable, check))

    return decorate


def page(
    id_: str, severity: Severity, title: str, *, why: str, remedy: str, bad: str, good: str, options: tuple[str, ...] = ()
) -> Rule:
    """Declare a rule whose findings the reader makes."""
    return declare(Rule(id_, severity, title, why, remedy, bad, good, options))
