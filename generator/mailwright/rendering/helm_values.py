"""What the vendor's Helm chart can say of a spec in its values: schema/helm-values.json has which they are (product/kubernetes.md#values)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..base.nodes import PlacedMap
from ..base.places import Place
from ..base.values import dataclass, field
from ..engine.encoding import encode_value
from ..spec import Spec
from ..spec.references import KEEP, whole_reference

_NOT_SAFE = '"\\\n\r'
"""What may end the text that the chart puts a value into."""


@dataclass(frozen=True, slots=True)
class HelmValues:
    """The values, and what they cannot say.

    Attributes:
        values: By the chart's names, in the order of its file; no literal secret among them.
        missing: What is not said: where the spec has it, its path, and why.
    """

    path: tuple[str, ...]
    values: Mapping[str, Any] = field(repr=False)
    missing: tuple[tuple[Place, str, str], ...]

    def lines(self) -> Iterator[str]:
        """Yield the lines of a values.yaml."""
        for depth, name in enumerate(self.path):
            yield f"{'  ' * depth}{name}:"
        for name, value in self.values.items():
            yield f"{'  ' * len(self.path)}{name}: {json.dumps(value, ensure_ascii=False)}"


def helm_values(spec: Spec) -> HelmValues:
    """Return what the chart's values can say of a spec that validates."""
    table = spec.product.data("helm-values")
    known = {entry["key"]: (name, entry) for name, entry in table["values"].items()}
    sender = spec.sender if spec.sender is not None else PlacedMap(place=spec.place())
    said: dict[str, Any] = {}
    missing: list[tuple[Place, str, str]] = []
    for key, value in sender.items():
        why = _why_not(spec, key, value, known.get(key))
        if why:
            missing.append((sender.key_place(key), f"global.{key}", why))
        elif key in known and "written" not in known[key][1]:
            said[known[key][0]] = encode_value(value) if isinstance(value, str) else value
    for part in ("tenant_loading", "secrets"):
        if part in spec.document:
            missing.append((spec.place(part, key=True), part, "the chart has no value for it"))
    ordered = {name: said[name] for name in table["values"] if name in said}
    return HelmValues(tuple(table["path"]), {table["switch"]: True, **ordered}, tuple(missing))


def _why_not(spec: Spec, key: str, value: object, entry: tuple[str, Mapping[str, Any]] | None) -> str | None:
    if entry is None:
        return "the chart has no value for it"
    own = spec.product.adapter[key]
    if "written" in entry[1]:
        same = value == own.default or str(value).lower() == str(own.default).lower()
        written, stays = entry[1]["written"], json.dumps(own.default)
        return None if same else f"the chart writes `{written}`, which the server does not know: it stays {stays}"
    if value == KEEP:
        return "what each file has cannot be kept: the chart rewrites the file"
    if own.secret and not (isinstance(value, str) and whole_reference(value)):
        return "a literal secret is never printed: write $env{NAME}, or give the chart the value by hand"
    if isinstance(value, str) and any(char in encode_value(value) for char in _NOT_SAFE):
        return "a quotation mark, a backslash or a line break may end the text that the chart puts it into"
    return None
