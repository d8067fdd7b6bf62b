"""Tenants of a table are alike: where nothing is wrong with one, what others of its shape can have wrong are their texts.

This says only that nothing is wrong; as soon as something might be, the tenant is checked as any other is, and what is wrong is told then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..base.nodes import PlacedMap
from ..spec.rows import Path, Row
from ..spec.tenants import TenantSource
from .addresses import may_be_wrong
from .references import Allowed, reference_problems, secret_paths

Check = Callable[[str, tuple[str, ...]], bool]
Wrong = Callable[[str], bool]


class Alike:
    """What is known of tenants by others like them.

    Args:
        source: The tenants.
        allowed: What the spec lets references name.
        wrong_domain: Says whether a domain is no tenant's.
        payloads: Whether the payloads are looked at too: of a text, the server asks only that it is not blank.
    """

    def __init__(self, source: TenantSource, allowed: Allowed, wrong_domain: Wrong, *, payloads: bool = False) -> None:
        self._source, self._allowed, self._wrong_domain = source, allowed, wrong_domain
        self._payloads = payloads
        self._valid = source.product.schemas.predicate("spec", "/$defs/tenant")

    def sound(self, row: Row) -> bool:
        """Say whether nothing is wrong with a tenant for sure."""
        shape = row.shape
        return shape is not None and shape.made is not None and shape.made(row.domain, row.texts)

    def learn(self, row: Row) -> None:
        """Take in a tenant that was found to be in order."""
        shape = row.shape
        if shape is not None and self._valid is not None:
            shape.rows += 1
            if shape.rows == 2:  # one that is there once is not worth it
                shape.made = self._check(row, shape.paths, self._valid)

    def _check(self, row: Row, paths: tuple[Path, ...], valid: Callable[[Any], bool]) -> Check:
        """Return what says of a domain and texts whether nothing is wrong with a tenant that is like *row* otherwise."""
        wrong_domain, allowed, payloads = self._wrong_domain, self._allowed, self._payloads
        marks = [f"text {number}" for number in range(len(paths))]  # known by what they are, not by what they say
        sender = _plain(self._source.tenant(row.with_texts(row.domain, marks)).sender)
        slots = [_slot(sender, path, mark) for path, mark in zip(paths, marks, strict=True)]
        product = self._source.product
        secret = [path in secret_paths(product) for path in paths]

        def check(domain: str, texts: tuple[str, ...]) -> bool:
            if wrong_domain(domain) or (payloads and not all(map(str.strip, texts))):
                return False
            for path, slot, text, is_secret in zip(paths, slots, texts, secret, strict=True):
                if slot is None:  # the environment has another value
                    continue
                if "$" in text and next(reference_problems(product, path, text, allowed), None):
                    return False
                if ":" in text and not is_secret and may_be_wrong(text):
                    return False
                slot[0][slot[1]] = text
            return valid(sender)

        return check


def _plain(value: Any) -> Any:
    """Return a copy of a sender that is nobody else's."""
    return {name: _plain(item) for name, item in value.items()} if isinstance(value, PlacedMap) else value


def _slot(sender: dict[str, Any], path: Path, mark: str) -> tuple[dict[str, Any], str] | None:
    """Return the mapping and the key that hold a text, None where something else has taken its place."""
    owner: Any = sender
    for name in path[:-1]:
        owner = owner.get(name) if isinstance(owner, dict) else None
    return (owner, path[-1]) if isinstance(owner, dict) and owner.get(path[-1]) is mark else None
