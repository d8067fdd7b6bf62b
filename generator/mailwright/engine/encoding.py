"""Bring a plain value through the server's start: from the spec's text to what stands in deployment.toml.

Values go unescaped into two XML files, after placeholder resolution and a second pass through a template engine
(product/placeholders.md#forms, product/xml.md#template-pass, product/xml.md#not-escaped). Numeric character references survive
every phase of every release; CDATA, which the product's documentation shows, suffices where ``&`` and ``<`` are the only trouble,
and is easier to read.
"""

from __future__ import annotations

import re

from ..base.errors import InputError
from ..base.patterns import pattern
from ..spec.references import begins_reference, split_references

ILLEGAL_IN_XML = pattern("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP = pattern(r"[&<]")
_DANGEROUS = pattern(r"\{\{|\{%|\{#|\]\]>|\r")
_TO_ENCODE = pattern(r"[&<>{}$\r]")


class Unencodable(InputError):
    """A text that no XML 1.0 document can carry."""

    code = "unencodable"


def _is_dangerous(piece: str) -> bool:
    return _DANGEROUS.search(piece) is not None or begins_reference(piece)


def encode_value(text: str) -> str:
    """Return the text to write for a value so that the server reads *text*; its placeholders stay what they are.

    Raises:
        Unencodable: a character that XML 1.0 does not have.
    """
    if ILLEGAL_IN_XML.search(text):
        raise Unencodable("a value contains a character that XML 1.0 does not allow", hint="remove the character")
    pieces = split_references(text)
    literal = "".join(pieces[::2])
    if not any(map(_is_dangerous, pieces[::2])):
        if not _MARKUP.search(literal):
            return text
        if len(pieces) == 1:
            return f"<![CDATA[{text}]]>"
    return "".join(piece if index % 2 else _TO_ENCODE.sub(_numeric, piece) for index, piece in enumerate(pieces))


def encode_name(name: str) -> str:
    """Return the text to write for the name of a mail-client property: it becomes an attribute, where CDATA means nothing.

    Raises:
        Unencodable: a character that XML 1.0, or the server's handling of keys, does not have (product/xml.md#quotes-in-name,
        product/xml.md#non-ascii-name).
    """
    if not name or any(not " " <= char <= "~" for char in name) or "'" in name or '"' in name:
        raise Unencodable(
            "the name of a mail-client property contains a quotation mark or something that is not ASCII",
            hint="the server loses such a property, or does not start",
        )
    return _TO_ENCODE.sub(_numeric, name) if _MARKUP.search(name) or _is_dangerous(name) else name


def _numeric(match: re.Match[str]) -> str:
    return f"&#{ord(match.group())};"


_CDATA = pattern(r"<!\[CDATA\[((?:(?!\]\]>).)*)\]\]>\Z", re.DOTALL)
_ENTITY = pattern(r"&(?:#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6})|(amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def decode_value(text: str) -> str:
    """Return the plain value behind a text of deployment.toml: the inverse of ``encode_value``, and more ways of writing it.

    Raises:
        Unencodable: the text is more than one CDATA section or character references, or hides a literal placeholder: the spec has no
            way to say it.
    """
    plain = decode_markup(text)
    if plain is None:
        raise Unencodable("the value contains XML markup that is more than one CDATA section or character references")
    if plain is not text and split_references(plain)[1::2] != split_references(text)[1::2]:
        raise Unencodable("the value reads like a placeholder but is written so that it is not one: a spec cannot express that")
    return plain


def decode_markup(text: str) -> str | None:
    """Return what an XML reader makes of one CDATA section, or of character references; None where there is other markup."""
    if "&" not in text and "<" not in text and "]]>" not in text and "\r" not in text:
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # as XML readers do
    cdata = _CDATA.match(text)
    if cdata:
        return cdata.group(1)
    if "<" in text or "]]>" in text or "&" in _ENTITY.sub("", text):
        return None
    return _ENTITY.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    decimal, hexadecimal, name = match.groups()
    if name:
        return _NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if code <= 0x10FFFF else match.group()
