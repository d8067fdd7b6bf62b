"""What must never be sent as a secret: masks and placeholders that tools and people leave in files.

product/api.md#masks: the server stores them.
"""

from __future__ import annotations

import re

from ..base.patterns import pattern
from ..spec.references import whole_reference

_PATTERNS = {
    "is empty": pattern(r"\s*\Z"),
    "is a mask": pattern(r"([*•●·∙▪█]+|[xX]{3,}|\.{3,}|-{3,}|‹?…[>›]?)\Z"),
    "is a placeholder": pattern(
        r"(<[^<>]*>|‹[^›>]*[›>]|\{\{.*\}\}|\{%.*%\}|\$\{[^}]*\}|%\w+%|@\w+@|__\w+__"
        r"|\[?(redacted|masked|hidden|removed|secret)\]?|change[-_ ]?me|to[-_ ]?do|tbd|fix[-_ ]?me|replace[-_ ]?me)\Z",
        re.IGNORECASE | re.DOTALL,
    ),
}


def unsafe_secret(text: str) -> str | None:
    """Say why a text cannot be meant as a secret, None if it can."""
    if whole_reference(text.strip().lower()):
        return "is a placeholder"
    return next((why for why, pattern in _PATTERNS.items() if pattern.match(text.strip())), None)
