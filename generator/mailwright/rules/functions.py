"""The functions of the rules: each is found by its name, in the module that the catalogue names. What is not asked for is not loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

from .catalogue import CATALOGUE
from .model import Rule, Said, Subject

Check = Callable[[Any], Iterable[Said]]
"""What a rule says about its subject."""


@cache
def rules_on(*subjects: Subject) -> tuple[tuple[Rule, Check], ...]:
    """Return the rules about one of *subjects*, with their functions, in the order of their ids."""
    return tuple((rule, _function(rule)) for rule in CATALOGUE.values() if rule.module and rule.subject in subjects)


@lru_cache(maxsize=4096)  # senders have most of their names in common
def _called(subjects: tuple[Subject, ...], present: frozenset[str]) -> tuple[tuple[Rule, Check], ...]:
    return tuple((rule, check) for rule, check in rules_on(*subjects) if not (needed := needs_of(check)) or needed & present)


def rules_for(present: frozenset[str], *subjects: Subject) -> tuple[tuple[Rule, Check], ...]:
    """Return the rules about one of *subjects* that can have something to say: what they need is among what is *present*."""
    return _called(subjects, present & _needed(subjects))


@cache
def _needed(subjects: tuple[Subject, ...]) -> frozenset[str]:
    return frozenset().union(*(needs_of(check) for _, check in rules_on(*subjects)))


def forget_rules() -> None:
    """Look rules up anew: what is in the catalogue, or what they need, has changed."""
    for looked_up in (rules_on, _called, _needed):
        looked_up.cache_clear()


def needs_of(check: Check) -> frozenset[str]:
    """Return what a rule needs, as ``needs`` says it; nothing for one that is always called."""
    needed: frozenset[str] = getattr(check, "needs", frozenset())
    return needed


def _function(rule: Rule) -> Check:
    function: Check = getattr(import_module(f".{rule.module}", __package__), rule.id.lower())
    return function
