"""What holds, and from where: text for people, and the JSON of schema/report.schema.json."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ..base.places import Place
from ..base.shown import shown_text
from ..base.values import dataclass
from .documents import SCHEMA_VERSION, place_json
from .text import one_line

ENVIRONMENT, FILE, DEFAULT = "environment", "file", "default"
"""Where a setting can be said."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What holds of one setting.

    Attributes:
        name: The setting, behind its command's name where it holds for that one alone.
        value: Its value; None where there is none.
        source: Where it is said: one of the above.
        variable: The environment's variable that says it.
        place: Where the file says it.
    """

    name: str
    value: Any
    source: str
    variable: str = ""
    place: Place | None = None

    @property
    def said(self) -> str:
        """Where it is said, in words."""
        return self.variable or (str(self.place) if self.place else self.source)


def settings_text(file: str | None, holding: Sequence[Holding]) -> Iterator[str]:
    """Yield the lines of ``settings``."""
    yield one_line(f"settings: {file}" if file else "settings: no settings file here or above")
    if not holding:
        yield "nothing is set: every option has its own default"
        return
    values = [_shown(each.value) for each in holding]
    name, value = max(len(each.name) for each in holding), min(40, max(map(len, values)))
    for each, text in zip(holding, values, strict=True):
        yield one_line(f"{each.name:{name}}  {text:{value}}  {each.said}")


def settings_json(file: str | None, holding: Sequence[Holding]) -> str:
    """Return the text of the document of ``settings --format json``."""
    settings = [
        {
            "name": each.name,
            "value": _plain(each.value),
            "source": each.source,
            "variable": each.variable or None,
            **place_json(each.place),
        }
        for each in holding
    ]
    return json.dumps({"schema_version": SCHEMA_VERSION, "file": file, "settings": settings}, indent=2)


def _shown(value: Any) -> str:
    plain = _plain(value)
    if isinstance(plain, dict):
        return "; ".join(f"{name}: {_shown(inner)}" for name, inner in plain.items()) or "none"
    if isinstance(plain, list):
        return ", ".join(map(str, plain)) or "none"
    return "none" if plain is None else str(plain).lower() if isinstance(plain, bool) else str(plain)


def _plain(value: Any) -> Any:
    """Return a value without its places, and a URL without what may be secret in it."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return shown_text(value, value, known=True, longest=None) if isinstance(value, str) else value
