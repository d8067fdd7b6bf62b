"""What a spec writes into deployment.toml, and the proof that it says what the spec says.

``node_settings`` is the model: tables, keys and the TOML text of their values. The fragment and the merge write the same model; what was
written is read again and compared before anybody sees it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import PurePath
from typing import Any

from ..base.errors import MailwrightError, SpecError
from ..base.nodes import PlacedMap
from ..base.places import Place
from ..base.values import dataclass, field
from ..deployment import Deployment, Keys, parse_deployment
from ..deployment.java import java_text
from ..deployment.values import toml_key, toml_value
from ..engine.effective import Effective, Outcome, effective
from ..engine.encoding import encode_name, encode_value
from ..product.adapter import Adapter
from ..product.product import Product
from ..product.releases import Release
from ..spec import Spec
from ..spec.references import KEEP, shown_name
from .templates import render_template

LOADING_TABLE, IDLE, EAGER = ("tenant_mgt",), "tenant_idle_timeout", "eager_loading_tenants"
"""Where the tenant loading policy stands (product/loading.md#why)."""

SECRETS_TABLE = ("secrets",)
"""Where the aliases of ``$secret{}`` stand; the table stays last and free of comments (product/placeholders.md#truncates)."""


@dataclass(frozen=True, slots=True)
class NodeSetting:
    """One key to write.

    Attributes:
        table, name: The table's path and the key's name in it.
        key: How the name is written in TOML.
        value: How the value is written in TOML; may be a secret.
        place: Where the spec says it.
    """

    table: tuple[str, ...]
    name: str
    key: str
    value: str = field(repr=False)
    place: Place | None = None

    @property
    def path(self) -> tuple[str, ...]:
        """The key's whole path."""
        return (*self.table, self.name)


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """What a spec wants of a node's deployment.toml.

    Attributes:
        product: The product that it is for.
        settings: The keys to write, table by table, in the schema's order; ``[secrets]`` last.
        absent: Keys that must not be there.
        sender: The spec's ``global`` without what stays as the file has it, None if it says nothing about the email adapter.
        kept: The keys that stay as the file has them (``$keep{}``), with their places in the spec.
        keep_unmanaged: Whether the spec leaves the keys of the adapter's table that it does not have.
    """

    product: Product
    settings: tuple[NodeSetting, ...]
    absent: tuple[tuple[str, ...], ...] = ()
    sender: PlacedMap | None = field(default=None, repr=False)
    kept: Mapping[tuple[str, ...], Place] = field(default_factory=dict)
    keep_unmanaged: bool = False


def node_settings(spec: Spec) -> NodeSettings:
    """Return what a spec that validates wants of a node's deployment.toml.

    Raises:
        Unencodable: a text that no XML 1.0 document can carry.
    """
    settings: list[NodeSetting] = []
    absent: list[tuple[str, ...]] = []
    sender, kept = without_kept(spec.sender, spec.product.adapter) if spec.sender is not None else (None, {})
    if sender is not None:
        settings += sender_settings(sender, spec.product.adapter)
    loading = spec.document.get("tenant_loading")
    if isinstance(loading, PlacedMap):
        minutes, eager = loading.get("idle_minutes"), loading.get("eager")
        if minutes is not None:
            settings.append(NodeSetting(LOADING_TABLE, IDLE, IDLE, toml_value(minutes), loading.value_place("idle_minutes")))
            absent.append((*LOADING_TABLE, EAGER))
        elif isinstance(eager, list):
            text = toml_value(",".join(map(str, eager)))
            settings.append(NodeSetting(LOADING_TABLE, EAGER, EAGER, text, loading.value_place("eager")))
            absent.append((*LOADING_TABLE, IDLE))
    secrets = spec.document.get("secrets")
    if isinstance(secrets, PlacedMap):
        settings += [
            NodeSetting(SECRETS_TABLE, alias, alias, toml_value(text), secrets.value_place(alias))
            for alias, text in sorted(secrets.items())
        ]
    unmanaged = spec.document.get("keep_unmanaged") is True
    return NodeSettings(spec.product, tuple(settings), tuple(absent), sender, kept, unmanaged)


def without_kept(sender: Mapping[str, Any], adapter: Adapter) -> tuple[PlacedMap, dict[tuple[str, ...], Place]]:
    """Return a global sender without what stays as each file has it, and the paths of that there, with their places in the spec."""
    kept: dict[tuple[str, ...], Place] = {}

    def rest(part: Mapping[str, Any], path: tuple[str, ...]) -> PlacedMap:
        placed = part if isinstance(part, PlacedMap) else PlacedMap(part, place=Place(""))
        out = {}
        for name, value in part.items():
            if value == KEEP:
                kept[(*path, name if path == adapter.path else encode_name(name))] = placed.value_place(name)
            else:
                out[name] = rest(value, (*path, name)) if isinstance(value, Mapping) else value
        return PlacedMap(out, place=placed.place, origin=placed.origin, patched=placed.patched)

    return rest(sender, adapter.path), kept


def sender_settings(sender: PlacedMap, adapter: Adapter) -> list[NodeSetting]:
    """Return what is written for a global sender, in the schema's order.

    Raises:
        Unencodable: a text that no XML 1.0 document can carry.
    """
    table = adapter.table.name
    found = [
        NodeSetting(adapter.path, key.name, key.name, _value(sender[key.name]), sender.value_place(key.name))
        for key in adapter.scalars
        if key.name in sender
    ]
    entries = sender.get(table)
    if isinstance(entries, PlacedMap):
        for name in sorted(entries):
            encoded = encode_name(name)
            found.append(
                NodeSetting((*adapter.path, table), encoded, toml_key(encoded), _value(entries[name]), entries.value_place(name))
            )
    return found


def _value(value: object) -> str:
    return toml_value(encode_value(value) if isinstance(value, str) else value)


def render_fragment(spec: Spec, release: Release | None = None) -> str:
    """Return the fragment of deployment.toml for a spec that validates; each key says where the spec has it.

    Args:
        spec: The spec.
        release: The product release; None checks against the newest.

    Raises:
        SpecError: there is nothing to write.
        Unencodable: a text that no XML 1.0 document can carry.
    """
    wanted = node_settings(spec)
    if not wanted.settings:
        hint = "the tenants' payloads are written by `mailwright render SPEC -o DIR`"
        raise SpecError("the spec has no `global`: there is nothing to write into deployment.toml", place=spec.place(), hint=hint)
    text = render_template(
        "deployment.toml.j2",
        spec=PurePath(spec.path).name,
        environment=spec.environment,
        kept=[shown_name(path[-1]) for path in wanted.kept],
        tables=[(".".join(table), list(_lines(items))) for table, items in groupby(wanted.settings, lambda item: item.table)],
    )
    check_written(parse_deployment(text), wanted, release or spec.product.releases.newest)
    return text


def _lines(settings: Iterable[NodeSetting]) -> Iterator[tuple[str, str]]:
    """Yield each key's line and its comment; ``[secrets]`` must not have any."""
    for item in settings:
        place = f"{PurePath(item.place.file).name}:{item.place.line}" if item.place and item.table != SECRETS_TABLE else ""
        yield f"{item.key} = {item.value}", place


def expected_properties(sender: Mapping[str, object], release: Release) -> dict[str, str]:
    """Return the properties that the server must have for a sender: the plain values, nothing escaped."""
    adapter = release.product.adapter
    expected = {
        key.xml: java_text(sender[key.name])
        for key in adapter.scalars
        if key.xml and key.name in sender and key.known_to(release)
    }
    entries = sender.get(adapter.table.name)
    if isinstance(entries, Mapping) and adapter.table.known_to(release):
        expected.update({str(name): java_text(value) for name, value in entries.items()})
    return expected


def check_written(deployment: Deployment, wanted: NodeSettings, release: Release) -> None:
    """Compare what the server will read of the settings with what the spec says; what else the file has is not looked at.

    Raises:
        MailwrightError: they differ: a bug in mailwright, caught before anything is written.
    """
    paths = {item.path for item in wanted.settings}
    roots = dict.fromkeys(path[0] for path in (*paths, *wanted.absent))
    below = (leaf for root in roots for leaf in deployment.keys.below(root))
    leaves = {leaf.path: leaf for leaf in below if leaf.path in paths or leaf.path in wanted.absent}
    good = not any(path in leaves for path in wanted.absent)
    good = good and all(
        item.path in leaves and leaves[item.path].data == _data(item)
        for item in wanted.settings
        if not release.product.adapter.holds(item.table)
    )
    if good and wanted.sender is not None:
        view = effective(replace(deployment, keys=Keys(leaves.values())), release, partial=True)
        good = view.outcome is Outcome.OK and not misread(view, wanted.sender, release)
    if not good:
        what = "the written text does not read back as the spec says"
        raise MailwrightError(
            f"{what}; nothing was written", hint="please report this as a bug, with the release and the key's name"
        )


def misread(view: Effective, sender: Mapping[str, object], release: Release) -> list[str]:
    """Return the properties that the server reads otherwise than a sender says; a reference to another key is not followed."""
    expected = expected_properties(sender, release)
    texts = {item.name: item.text for item in view.properties}
    return [name for name, text in expected.items() if "$ref{" not in text and texts.get(name) != text]


def _data(item: NodeSetting) -> object:
    return parse_deployment(f"x = {item.value}\n").leaves[0].data
