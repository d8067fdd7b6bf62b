"""The grammar of references: ``$secret{alias}`` and its like, in specs, in payloads and in deployment.toml.

``$secret{} $env{} $sys{} $ref{}`` are the server's own (product/placeholders.md#forms); ``$file{}``, ``$store{}`` and ``$keep{}`` are a
spec's. The server takes whatever stands up to the next ``}`` for the name (``mentioned``); where a text is taken apart to be written or
resolved, a name has no braces (``split_references``), so that what is no reference for sure stays plain text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..base.patterns import pattern
from ..base.secret import HIDDEN

SERVER_KINDS = ("secret", "env", "sys", "ref")
OWN_KINDS = ("env", "file", "store")
"""What is resolved here, for tenants: the server's API resolves nothing."""

ALL_KINDS = (*SERVER_KINDS, "file", "store", "keep")
IN_TENANTS = "$env{NAME}, $file{name} or $store{NAME/path#field}"
"""What a secret of a tenant can be, in words."""

KEEP = "$keep{}"
"""The value of a secret in ``global`` that stays what each file has."""

SERVER_REFERENCE = rf"\$({'|'.join(SERVER_KINDS)})\{{[^{{}}]+\}}"
"""The server's references in the patterns of schema/."""

ANY_WORD = r"\$[a-z]+\{"
"""How what is meant for a reference begins, of any kind."""

_STORE = pattern(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,63})/([\w.:/@+=, -]{1,512}?)(?:#([\w.:/@+=, -]{1,128}))?\Z")
_NAMES = {kind: pattern(r"[A-Za-z0-9_.:-]{1,128}\Z") for kind in ALL_KINDS}
_NAMES |= {"file": pattern(r"[\w.:/ -]{1,128}\Z"), "store": _STORE, "keep": pattern(r"\Z")}
_ALIAS = pattern(r"[A-Za-z0-9_]+\Z")
_WHOLE = pattern(rf"\$({'|'.join(ALL_KINDS)})\{{([^}}]*)\}}")
_SERVERS, _LETTERS = "|".join(SERVER_KINDS), "[A-Za-z0-9_.:-]"
_BEGINNING = pattern(rf"\$(?:{_SERVERS})\{{")
_OF_SERVER = pattern(rf"({_BEGINNING.pattern}[^{{}}]*\}})")  # split() keeps what is in a group
_ANY = pattern(rf"\$(?:{'|'.join(ALL_KINDS)})\{{[^{{}}]*\}}")
_LIKE = pattern(
    rf"\$\{{{_LETTERS}+\}}"
    rf"|\$(?!(?:{_SERVERS}|file|store)\{{)[A-Za-z]{{2,10}}\{{{_LETTERS}+(?:/[^{{}}#\s]+#{_LETTERS}+)?\}}"
    rf"|\$(?:{_SERVERS})[\[(]{_LETTERS}+[\])]"
    rf"|\$(?:{_SERVERS})\{{{_LETTERS}*\Z"
)


class Reference(NamedTuple):
    """A reference, by its kind and the name in its braces; its ``str`` is how it is written."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"${self.kind}{{{self.name}}}"

    @property
    def is_plain(self) -> bool:
        """Whether the name looks like one, so that the reference may be shown; a text that does not might be a secret."""
        return _NAMES[self.kind].match(self.name) is not None

    @property
    def shown(self) -> str:
        """The reference for an output."""
        return str(self if self.is_plain or not self.name else self._replace(name=HIDDEN))


class StorePath(NamedTuple):
    """What a ``$store{}`` names: a store of the spec, a path in it, and a field of what lies there, empty for the whole of it."""

    store: str
    path: str
    field: str

    def __str__(self) -> str:
        return str(Reference("store", f"{self.store}/{self.path}{self.field and f'#{self.field}'}"))


def store_path(name: str) -> StorePath | None:
    """Return what the name in a ``$store{}`` says, ``NAME/path#field`` or ``NAME/path``; None where it does not look like that."""
    found = _STORE.match(name)
    return StorePath(found[1], found[2], found[3] or "") if found and not {"", ".", ".."} & set(found[2].split("/")) else None


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


def references_in(text: str, kinds: Sequence[str] = ALL_KINDS) -> list[Reference]:
    """Return what a text refers to, kind by kind: see ``mentioned``."""
    return [Reference(kind, name) for kind in kinds for name in mentioned(text, kind)] if "$" in text else []


def whole_reference(text: str, kinds: Sequence[str] = ALL_KINDS) -> Reference | None:
    """Return the reference that a text is, if it is one and nothing else."""
    found = _WHOLE.fullmatch(text) if text.startswith("$") else None
    return Reference(found[1], found[2]) if found and found[1] in kinds else None


def split_references(text: str) -> list[str]:
    """Return the pieces of a text: plain ones, and between every two of them one of the server's references."""
    return _OF_SERVER.split(text)


def begins_reference(text: str) -> bool:
    """Say whether the server may see the beginning of a reference in a text."""
    return _BEGINNING.search(text) is not None


def replace_references(text: str, replacement: Callable[[str], str]) -> str:
    """Return a text with every reference in it replaced by what *replacement* returns for it."""
    return _ANY.sub(lambda found: replacement(found[0]), text)


def looks_like_reference(text: str) -> bool:
    """Say whether somebody probably meant a reference where there is none: ``${NAME}``, a misspelt word, an unclosed brace."""
    return "$" in text and _LIKE.search(text) is not None


def is_alias(name: str) -> bool:
    """Say whether a name of ``[secrets]`` works on every release (product/placeholders.md#alias-names)."""
    return _ALIAS.match(name) is not None


def shown_name(name: str) -> str:
    """Return a placeholder's name for an output; a text that does not look like a name might be a secret."""
    return name if _NAMES["env"].match(name) else HIDDEN
