"""What may be shown of a deployment.toml: a value only if its key is known and no secret, a reference always."""

from __future__ import annotations

from ..base.findings import Excerpt
from ..base.secret import HIDDEN, LITERAL_SECRET
from ..base.urls import without_credentials
from ..deployment import Deployment, Leaf
from ..product.adapter import TABLE, Adapter, Key
from .effective import only_placeholder, shown_path


def known_key(path: tuple[str, ...], adapter: Adapter) -> Key | None:
    """Return the key of the adapter, or the listed mail-client property, that a path names."""
    if path[: len(TABLE)] != TABLE:
        return None
    parts = path[len(TABLE) :]
    if len(parts) == 1:
        return adapter.get(parts[0])
    return adapter.listed.get(parts[1]) if len(parts) == 2 and parts[0] == adapter.table.name else None


def shown_value(deployment: Deployment, leaf: Leaf, adapter: Adapter) -> str:
    """Return a key's value as it is written, or the mark that stands in its place."""
    key = known_key(leaf.path, adapter)
    raw = deployment.source.text[leaf.value_span.start : leaf.value_span.end]
    if isinstance(leaf.data, str) and only_placeholder(leaf.data):
        return raw
    if key is not None and key.secret:
        return LITERAL_SECRET
    return without_credentials(raw) if key is not None and _is_short(raw) else HIDDEN


def may_show(path: tuple[str, ...], written: str, adapter: Adapter) -> bool:
    """Say whether a value may be shown as it would be written for a key."""
    key = known_key(path, adapter)
    return key is not None and not key.secret and _is_short(written) and without_credentials(written) == written


def _is_short(written: str) -> bool:
    return "\n" not in written and len(written) <= 120


def excerpt(deployment: Deployment, leaf: Leaf, adapter: Adapter, *, value: bool = False) -> Excerpt:
    """Return the line of a key with its value hidden, unless the key is known and no secret; *value* underlines the value."""
    place = deployment.place(leaf.key_span)
    written = deployment.source.text[leaf.key_span.start : leaf.key_span.end]
    shown = shown_value(deployment, leaf, adapter)
    if leaf.path[: len(TABLE)] == TABLE and HIDDEN in shown_path(leaf.path, adapter):
        written = ".".join(shown_path(leaf.path, adapter).split(".")[len(TABLE) :])
    if "\n" in written or leaf.key_span == leaf.value_span:
        written, shown = written.split("\n")[0], ""
    text = f"{written} = {shown}" if shown else written
    column = len(written) + 4 if value and shown else 1
    return Excerpt(place.line, text, column, len(shown) if value and shown else len(written))
