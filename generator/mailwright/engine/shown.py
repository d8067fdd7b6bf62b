"""What may be shown of a deployment.toml: its paths, its values, its lines."""

from __future__ import annotations

from ..base.findings import Excerpt
from ..base.patterns import pattern
from ..base.secret import HIDDEN
from ..base.shown import shown_text
from ..deployment import Deployment, Leaf
from ..product.adapter import Adapter, Key
from ..spec.references import SERVER_KINDS, whole_reference

_BARE = pattern(r"[\w-]+\Z")


def known_key(path: tuple[str, ...], adapter: Adapter) -> Key | None:
    """Return the key of the adapter, or the listed mail-client property, that a path names."""
    if not adapter.holds(path):
        return None
    parts = adapter.below(path)
    if len(parts) == 1:
        return adapter.get(parts[0])
    return adapter.listed.get(parts[1]) if len(parts) == 2 and parts[0] == adapter.table.name else None


def only_placeholder(text: str) -> bool:
    """Say whether a text is one placeholder and nothing else, so that it can be printed."""
    found = whole_reference(text, SERVER_KINDS)
    return found is not None and found.is_plain


def shown_path(path: tuple[str, ...], adapter: Adapter) -> str:
    """Return a key path for an output; what stands below a secret key, or below one that is not known, may be a piece of a secret."""
    out: list[str] = []
    for index, part in enumerate(path):
        out.append(part if _BARE.match(part) else f"'{part}'")
        if path[:index] == adapter.path and index + 1 < len(path) and ((key := adapter.get(part)) is None or key.secret):
            return ".".join([*out, HIDDEN])
    return ".".join(out)


def shown_value(deployment: Deployment, leaf: Leaf, adapter: Adapter) -> str:
    """Return a key's value as it is written, or the mark that stands in its place."""
    key = known_key(leaf.path, adapter)
    return shown_text(
        leaf.data,
        deployment.source.text[leaf.value_span.start : leaf.value_span.end],
        known=key is not None,
        secret=key is not None and key.secret,
        reference=isinstance(leaf.data, str) and only_placeholder(leaf.data),
        numeric=key is not None and key.is_numeric,
    )


def may_show(path: tuple[str, ...], written: str, adapter: Adapter) -> bool:
    """Say whether a value may be shown as it would be written for a key."""
    key = known_key(path, adapter)
    if key is None:
        return False
    return shown_text(written, written, known=True, secret=key.secret, numeric=key.is_numeric) == written


def excerpt(deployment: Deployment, leaf: Leaf, adapter: Adapter, *, value: bool = False) -> Excerpt:
    """Return the line of a key with its value hidden, unless the key is known and no secret; *value* underlines the value."""
    place = deployment.place(leaf.key_span)
    written = deployment.source.text[leaf.key_span.start : leaf.key_span.end]
    shown = shown_value(deployment, leaf, adapter)
    if adapter.holds(leaf.path) and HIDDEN in shown_path(leaf.path, adapter):
        written = ".".join(shown_path(leaf.path, adapter).split(".")[len(adapter.path) :])
    if "\n" in written or leaf.key_span == leaf.value_span:
        written, shown = written.split("\n")[0], ""
    text = f"{written} = {shown}" if shown else written
    column = len(written) + 4 if value and shown else 1
    return Excerpt(place.line, text, column, len(shown) if value and shown else len(written))
