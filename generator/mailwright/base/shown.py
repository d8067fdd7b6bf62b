"""What may be shown of what users wrote: the one rule, for messages, source lines, diffs, plans and reports.

A reference shows always, for its name is none if it does not look like one; a value only where its key is known and no secret, without
the credentials of a URL; what stands in the place of a number or a truth value only where it can be meant for one; a name only where it
looks like a name. Everything else is a mark. Who calls says what is known of the key.
"""

from __future__ import annotations

from .patterns import pattern
from .secret import HIDDEN, LITERAL_SECRET
from .urls import without_credentials

LONGEST = 120
"""Characters of a value that fit on a line."""

_NEARLY = pattern(r"[-+]?[0-9][0-9_.,]{0,9} ?[A-Za-z]{0,3}\Z|(?i:true|false|yes|no|on|off|none|null)?\Z")
"""What can be meant for a number or a truth value, and an empty text; any other text in its place may be anything."""


def shown_text(
    value: object,
    written: str,
    *,
    known: bool,
    secret: bool = False,
    reference: bool = False,
    numeric: bool = False,
    longest: int | None = LONGEST,
) -> str:
    """Return a value as it is *written*, or the mark that stands in its place.

    Args:
        value: The value: a text, a number or a truth value; what stands in the place of one may be anything.
        known: Whether its key is known, and not for texts of the user's own, which may hold anything.
        secret: Whether the key is for secrets.
        reference: Whether the value is a reference to one, with a name that looks like one.
        numeric: Whether the key is for numbers or truth values.
        longest: Characters that are shown at most; None for all, lines too.
    """
    if reference:
        return written
    if secret and known:
        return LITERAL_SECRET
    if not known or isinstance(value, dict | list) or (numeric and isinstance(value, str) and not _NEARLY.match(value)):
        return HIDDEN
    shown = without_credentials(written)
    return shown if longest is None or (len(written) <= longest and shown.isprintable()) else HIDDEN


def shown_part(name: str) -> str:
    """Return a part of a key path for an output: something that is no plain name might be a value in the wrong place."""
    plain = 0 < len(name) <= 100 and all(char.isalnum() or char in "._-/" for char in name)
    return name if plain else HIDDEN


def shown_key(name: str) -> str:
    """Return a key's name for a message."""
    shown = shown_part(name)
    return shown if shown is HIDDEN else f"`{shown}`"


def shown_dotted(*parts: str | int) -> str:
    """Return a key path for an output; a name that is no plain one is hidden."""
    return ".".join(shown_part(str(part)) for part in parts if part != "")
