"""Secrets, and what is printed in their place.

A secret travels as a ``Secret`` and is unwrapped with ``reveal()`` only where it must leave: the SMTP AUTH line, a token request,
an HTTP body, the writer of a managed file. Everything that prints shows the reference it came from, or a mark.
"""

from __future__ import annotations

from typing import NoReturn

LITERAL_SECRET = "<secret>"
"""Printed for the literal value of a key that the schema marks ``writeOnly``."""

HIDDEN = "‹…>"
"""Printed for a value whose key is not known: it might be a secret."""


class Secret:
    """A value that never shows: ``repr``, ``str``, ``format`` and JSON give its reference.

    Args:
        value: The secret itself.
        reference: What may be shown, e.g. ``$env{SMTP_PASSWORD}``.
    """

    __slots__ = ("_reference", "_value")

    def __init__(self, value: str, reference: str = LITERAL_SECRET) -> None:
        self._value = value
        self._reference = reference

    def reveal(self) -> str:
        """Return the secret; the caller hands it to the one thing that needs it."""
        return self._value

    @property
    def reference(self) -> str:
        """What may be shown."""
        return self._reference

    def __repr__(self) -> str:
        return f"Secret({self._reference})"

    def __str__(self) -> str:
        return self._reference

    def __format__(self, spec: str) -> str:
        return format(self._reference, spec)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(("Secret", self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled")
