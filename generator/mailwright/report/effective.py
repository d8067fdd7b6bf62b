"""What the server makes of a deployment.toml, as ``effective`` prints it: text for people, and the JSON of schema/report.schema.json."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from ..base.places import Place
from ..engine.effective import Effective, Outcome, ValueOrigin
from ..product.adapter import Adapter, Key
from .documents import SCHEMA_VERSION, place_json
from .text import one_line


def effective_text(view: Effective, *, show_secrets: bool = False) -> Iterator[str]:
    """Yield the lines of ``effective`` for one file."""
    if view.outcome is not Outcome.OK:
        what = "the server does not start" if view.outcome is Outcome.ABORT else "the server does not come up properly"
        where = f"{view.place}" if view.place else view.file
        yield one_line(f"{where}: {view.outcome.value}: {view.reason}")
        yield f"      {view.release.version}: {what}"
    names = [item.name if show_secrets else item.shown_name for item in view.properties]
    texts = [item.text if show_secrets else item.shown for item in view.properties]
    width = max(map(len, names), default=0)
    wide = min(max(map(len, texts), default=0), 40)
    adapter = view.release.product.adapter
    for name, text, item in zip(names, texts, view.properties, strict=True):
        yield one_line(f"{name:<{width}}  {text:<{wide}}  {_origin_words(item.origin, item.key, item.place, adapter)}").rstrip()
    for ignored in view.ignored:
        yield one_line(f"ignored: {ignored.path} (line {ignored.place.line})")
    for placeholder in view.unresolved:
        yield one_line(f"not resolved: {placeholder} (--resolve-env takes it from the environment)")
    for unsure in view.unsure:
        yield one_line(f"unsure: {unsure}")


def _origin_words(origin: ValueOrigin, key: str | None, place: Place | None, adapter: Adapter) -> str:
    if origin is not ValueOrigin.DEFAULT:
        return f"{PurePath(place.file).name}:{place.line}" if place else "from another value"
    known: Key | None = next((item for item in adapter.scalars if item.flat == key), None)
    if known is None:
        return "fixed: no key sets it"
    if known.default in (None, ""):
        return f"empty: `{known.name}` is not set"
    reference = f"default: {known.default}" if str(known.default).startswith("$ref") else "default"
    return f"{reference}: `{known.name}` is not set"


def effective_json(view: Effective, *, show_secrets: bool = False) -> dict[str, Any]:
    """Return one object of ``effective --format json``; secrets are in it only with *show_secrets*."""
    names = [item.name if show_secrets else item.shown_name for item in view.properties]
    return {
        "schema_version": SCHEMA_VERSION,
        "file": view.file,
        "release": view.release.version,
        "outcome": view.outcome.value,
        "reason": view.reason,
        "properties": {
            name: item.text if show_secrets else item.shown for name, item in zip(names, view.properties, strict=True)
        },
        "origins": {name: item.origin.value for name, item in zip(names, view.properties, strict=True)},
        "ignored": [ignored.path for ignored in view.ignored],
        "unresolved": list(view.unresolved),
        "unsure": list(view.unsure),
        **place_json(view.place),
    }
