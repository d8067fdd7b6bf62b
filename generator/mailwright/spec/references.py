"""The grammar of references: ``$secret{alias}`` and its like, in specs and in deployment.toml.

``$secret{} $env{} $sys{} $ref{}`` are the server's own (product/placeholders.md#forms); ``$file{}`` and ``$keep{}`` are a spec's.
"""

from __future__ import annotations

import re

from ..base.secret import HIDDEN

SERVER_KINDS = ("secret", "env", "sys", "ref")
ALL_KINDS = (*SERVER_KINDS, "file", "keep")
KEEP = "$keep{}"
"""The value of a secret in ``global`` that stays what each file has."""

_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,128}\Z")


def mentioned(text: str, kind: str) -> list[str]:
    """Return the names in the placeholders ``$kind{name}`` of a text: what stands up to the next ``}``, whatever it is."""
    if "$" not in text:
        return []
    names, mark, at = [], f"${kind}{{", 0
    while (start := text.find(mark, at)) >= 0:
        end = text.find("}", start + len(mark))
        if end < 0:
            break
        names.append(text[start + len(mark) : end])
        at = end + 1
    return names


def shown_name(name: str) -> str:
    """Return a placeholder's name for an output; a text that does not look like a name might be a secret."""
    return name if _NAME.match(name) else HIDDEN


def whole_reference(text: str) -> tuple[str, str] | None:
    """Return kind and name if a text is one reference and nothing else."""
    for kind in ALL_KINDS:
        names = mentioned(text, kind)
        if len(names) == 1 and text == f"${kind}{{{names[0]}}}":
            return kind, names[0]
    return None
