"""How a text is written: the ending of its name says it; of a pipe, whose name says nothing, the text itself."""

from __future__ import annotations

import re
from pathlib import Path

from .patterns import pattern
from .reading import is_stream


def ending(name: str, text: str) -> str:
    """Return how a file is written, as names end: ``.yaml``, ``.toml``, ``.json``; of a pipe, whose name says nothing, by its text."""
    own = Path(name).suffix.lower()
    if own in _DOCUMENTS or not is_stream(name):
        return own
    first = _FIRST.search(text)
    line = first[0] if first else ""
    if line.startswith("<"):
        return ".xml"
    if _JSON.match(line):
        return ".json"
    return ".toml" if _TOML.match(line) else ".yaml"


_DOCUMENTS = (".yaml", ".yml", ".toml", ".json")
_FIRST = pattern(r"^[ \t]*(?![ \t\r\n#%]|---)[^\r\n]+", re.MULTILINE)
"""The first line that is neither blank nor a comment, nor begins a document of YAML."""
_JSON = pattern(r"\s*\{\s*(?:[\"}]|\Z)")
_TOML = pattern(r"""\s*(?:\[|(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*\s*=)""")
