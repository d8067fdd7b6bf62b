"""Hints that name a key to set: the key stands where the user would write it, in the file's own language.

What a rule says is about a sender; whether that is the server's own, a tenant's in a file of rows, or one environment's version of
either, is known later. So the words and the key are kept apart until then.

And hints that name the word that was meant, where somebody wrote one that is not known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from .nodes import Json, PlacedMap
from .secret import HIDDEN
from .shown import shown_part
from .values import dataclass, field


@dataclass(frozen=True, slots=True)
class Hint:
    """What to write, and where.

    Attributes:
        words: The hint; ``{}`` stands for the key, with its path and value.
        path: The key's path below its owner.
        value: What to set it to; None where that is the user's to say. Never a secret.
        owner: What the key belongs to, as a path in its file: ``("global",)``, ``("tenants", DOMAIN)``, ``("environments", NAME, …)``,
            or the table of a server's file.
        file: The file that it stands in: its ending says how keys are written there.
        in_table: Whether it stands in the table of a server's file, and needs no path.
    """

    words: str
    path: tuple[str, ...]
    value: bool | int | None = None
    owner: tuple[str, ...] = field(default=(), compare=False)
    file: str = field(default="", compare=False)
    in_table: bool = field(default=False, compare=False)

    def text(self, environments: Sequence[str] = (), *, shared: bool = False) -> str:
        """Return the hint.

        Args:
            environments: The environments that it is about; none for the base, or for all of them.
            shared: Whether many tenants have it in common: their defaults are the place then.
        """
        owner = self.owner
        if environments and owner[:1] == ("environments",):
            owner = owner[2:]
        if shared and owner[:1] == ("tenants",):
            owner = ("defaults", *owner[2:])
        if environments:
            owner = ("environments", environments[0], *owner)
        likewise = f" (likewise in {', '.join(map(_name, environments[1:]))})" if len(environments) > 1 else ""
        return self.words.replace("{}", self._key(owner)) + likewise

    def _key(self, owner: tuple[str, ...]) -> str:
        *above, name = self.path
        value = "" if self.value is None else json.dumps(self.value)
        file = self.file.lower() if owner[:1] == ("tenants",) else ""
        if self.in_table:
            written = f"{name if '.' not in name else repr(name)}{value and f' = {value}'}"
            return f"{written} in the custom properties" if above else f"`{written}`"
        if file.endswith(".csv"):
            return f"the column `{dotted(*owner[2:], *self.path)}`{value and f' to {value}'}"
        if file.endswith((".jsonl", ".ndjson")):
            owner = owner[2:]
        equals = " = " if self.file.lower().endswith(".toml") else ": "
        if "." in name:  # a property of the mail client
            written = repr(name) if equals == " = " else name
            return f"{written}{value and f'{equals}{value}'} in {dotted(*owner, *above)}"
        return f"`{dotted(*owner, *self.path)}{value and f'{equals}{value}'}`"

    def moved(self, document: Json, environment: str | None) -> Hint:
        """Return the hint for one environment of a spec: what the environment itself says, or alone has, is set there."""
        patch, base = _below(document, ("environments", environment or "", *self.owner)), _below(document, self.owner)
        alone = base is None and self.owner[:1] != ("tenants",)  # a tenant may stand in a file of its own
        if not isinstance(patch, PlacedMap) or not (self.path[0] in patch or alone):
            return self
        return replace(self, owner=("environments", environment or "", *self.owner))


def _below(node: Json, path: Sequence[str]) -> Json:
    for part in path:
        node = node.get(part) if isinstance(node, PlacedMap) else None
    return node


def dotted(*parts: str) -> str:
    """Return a path as it is written: a name with dots in quotation marks, one that is no plain name hidden."""
    return ".".join(map(_name, parts))


def _name(part: str) -> str:
    shown = shown_part(part)
    return f'"{shown}"' if shown is not HIDDEN and not shown.replace("-", "").replace("_", "").isalnum() else shown


NEAR = 0.6
"""How near a word must be to one that is known to be taken for it, from 0 to 1."""

_LONGEST = 80
"""Characters: nobody mistypes more."""


def nearest(word: str, known: Iterable[str], near: float = NEAR) -> str | None:
    """Return the one of the known words that is nearest to a word, None where none is near; capitals do not count."""
    from difflib import SequenceMatcher, get_close_matches  # few words are misspelt

    if len(word) > _LONGEST:
        return None
    word, folded = word.casefold(), {each.casefold(): each for each in known}

    def nearness(each: str) -> tuple[float, bool]:
        return SequenceMatcher(None, each, word).ratio(), each.startswith(word) or each.endswith(word) or word.startswith(each)

    close = get_close_matches(word, folded, n=5, cutoff=near)
    return folded[max(close, key=nearness)] if close else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return the hint that names the word that was meant, or what else there is to say."""
    found = nearest(word, known)
    return f"did you mean `{found}`?" if found is not None else otherwise
