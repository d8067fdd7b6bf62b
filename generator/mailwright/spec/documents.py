"""Open a document by its ending: YAML, TOML or JSON, at most 10 MiB."""

from __future__ import annotations

import re
from pathlib import Path

from ..base.errors import UnreadableInput
from ..base.nodes import Json
from ..base.patterns import pattern
from ..base.places import Place, Source
from ..base.reading import decode, is_stream, read_bytes
from .json_reader import read_json
from .toml_reader import read_toml

_STREAMS = "put the tenants into CSV or JSON Lines files, which are read as streams, and name them in `tenants_from`"


def read_document(path: str, content: bytes | None = None) -> Json:
    """Return the content of a YAML, TOML or JSON file, with places; *content* is taken instead of what stands there.

    Raises:
        InputError: with the place of what is wrong.
    """
    return parse_document(decode(read_bytes(path, hint=_STREAMS) if content is None else content, path))


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


def parse_document(source: Source) -> Json:
    """Return the content of a document; its name's ending says how it is written.

    Raises:
        InputError: with the place of what is wrong.
    """
    suffix = ending(source.name, source.text)
    if suffix in (".yaml", ".yml"):
        from .yaml_reader import read_yaml

        return read_yaml(source)
    if suffix == ".toml":
        return read_toml(source)
    if suffix == ".json":
        return read_json(source)
    hint = (
        "tenant files are checked through the spec that names them in `tenants_from`"
        if suffix in (".csv", ".jsonl", ".ndjson")
        else None
    )
    raise UnreadableInput("must end in .yaml, .yml, .toml or .json", place=Place(source.name), hint=hint)
