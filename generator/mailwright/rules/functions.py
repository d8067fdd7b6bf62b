"""The functions of the rules: each is found by its name, in the module that the catalogue names. What is not asked for is not loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
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


def _function(rule: Rule) -> Check:
    function: Check = getattr(import_module(f".{rule.module}", __package__), rule.id.lower())
    return function
