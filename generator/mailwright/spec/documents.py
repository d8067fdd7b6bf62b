"""Open a document by its ending: YAML, TOML or JSON, at most 10 MiB."""

from __future__ import annotations

from ..base.errors import UnreadableInput
from ..base.nodes import Json
from ..base.places import Place, Source
from ..base.reading import decode, ending, read_bytes
from .json_reader import read_json
from .toml_reader import read_toml

_STREAMS = "put the tenants into CSV or JSON Lines files, which are read as streams, and name them in `tenants_from`"


def read_document(path: str, content: bytes | None = None) -> Json:
    """Return the content of a YAML, TOML or JSON file, with places; *content* is taken instead of what stands there.

    Raises:
        InputError: with the place of what is wrong.
    """
    return parse_document(decode(read_bytes(path, hint=_STREAMS) if content is None else content, path))


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
