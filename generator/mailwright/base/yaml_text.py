"""A document as YAML that every reader reads back as the same, those of YAML 1.1 and of 1.2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from .patterns import pattern

_PLAIN = pattern(r"[A-Za-z$][A-Za-z0-9 @._/{}$-]*\Z")
_WORDS = pattern(r"(?i)(?:y|yes|n|no|on|off|true|false|null)\Z")
_UNPRINTABLE = pattern("[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[ \t]\n")
"""What cannot stand in a block, or makes PyYAML leave it."""


class _Dumper(yaml.SafeDumper):
    """Texts that could be taken for something else stand in double quotes; nothing is an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = _PLAIN.match(text) and not _WORDS.match(text) and not text.endswith(" ")
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _text)


class _BlockDumper(_Dumper):
    """The same, with texts of several lines in blocks."""


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if "\n" not in text.rstrip("\n") or _UNPRINTABLE.search(text) or not text.replace("\n", "").isprintable():
        return _text(dumper, text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")


_BlockDumper.add_representer(str, _block)


def yaml_text(document: Mapping[str, Any], *, blocks: bool = False) -> str:
    """Return a document of plain values as YAML, its keys in their order; *blocks*: texts of several lines are written as such.

    Characters that do not print, such as those that turn the direction of a line, are escaped: they only stand in double quotes.
    """
    text: str = yaml.dump(
        dict(document), Dumper=_BlockDumper if blocks else _Dumper, sort_keys=False, allow_unicode=True, width=10_000
    )
    if text.replace("\n", "").isprintable():
        return text
    return "".join(each if each == "\n" or each.isprintable() else _escaped(ord(each)) for each in text)


def _escaped(number: int) -> str:
    return f"\\u{number:04X}" if number < 0x10000 else f"\\U{number:08X}"
