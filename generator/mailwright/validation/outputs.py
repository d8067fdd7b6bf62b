"""A spec is held to what its output is held to: findings of the fragment and the payloads that it makes are findings of the spec.

They stand where the spec says what they are about, under the spec's own names. What the spec's own checks find already is not repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from ..base.errors import MailwrightError
from ..base.findings import Finding, unite
from ..base.hints import Hint
from ..base.nodes import PlacedMap, place_of
from ..base.places import Place
from ..base.shown import shown_dotted
from ..deployment import parse_deployment
from ..product.product import Product
from ..product.releases import Release, for_each
from ..rendering.fragment import LOADING_TABLE, SECRETS_TABLE, NodeSetting, NodeSettings, node_settings
from ..rendering.payloads import Payload, tenant_payload
from ..rules.reading import SCHEMA
from ..spec import Spec, Tenant
from ..spec.references import KEEP, mentioned
from .deployments import check_deployment
from .excerpts import key_excerpt, spec_excerpt
from .payloads import line_of
from .schemas import SchemaError, errors_in

Known = Collection[tuple[str, str | None]]
"""Rules and key paths of what was found already."""

_QUOTES = str.maketrans("", "", "\"'")


def fragment_findings(spec: Spec, releases: Sequence[Release], known: Known) -> Iterator[Finding]:
    """Yield what is found in the fragment of a spec that has no schema errors, and in nothing else of it."""
    if spec.sender is None:
        return
    try:
        wanted = node_settings(_with_stand_ins(spec, spec.sender))
    except MailwrightError:  # what cannot be written is told by the spec's own checks
        return
    own = {item.path for item in wanted.settings}
    for finding in check_deployment(parse_deployment(_text(wanted), spec.path), releases):
        plain = (finding.path or "").translate(_QUOTES)  # deployment.toml quotes names with dots, a spec's path does not
        path = tuple(plain.split("."))
        if path[:1] == SECRETS_TABLE and path not in own:
            continue  # a stand-in: the node's own file defines the alias
        shown = _spec_path(plain, spec.product) or None
        above = (finding.rule, f"global.{spec.product.adapter.table.name}")  # told of the whole table
        if (finding.rule, shown) not in known and not (above in known and (shown or "").startswith(f"{above[1]}.")):
            place = _place(spec, wanted.settings, plain)
            advice = replace(finding.advice, owner=("global",), file=spec.path, in_table=False) if finding.advice else None
            hint = advice.text() if advice else finding.hint
            line = key_excerpt(place, ("global",)) if place == spec.place("global", key=True) else None
            said = replace(finding, place=place, path=shown, excerpt=line, also=(), fix=None, fixable=False, misspelt=())
            yield replace(said, hint=hint, advice=advice)


def _with_stand_ins(spec: Spec, sender: PlacedMap) -> Spec:
    """Return a spec with an alias where the node's own value stays: what that is, is not known."""
    kept = {name: "$secret{kept}" for name, value in sender.items() if value == KEEP}
    if not kept:
        return spec
    whole = PlacedMap({**sender, **kept}, place=sender.place, origin=sender.origin, patched=sender.patched)
    document = PlacedMap({**spec.document, "global": whole}, place=spec.document.place, origin=spec.document.origin)
    return replace(spec, document=document)


def _text(wanted: NodeSettings) -> str:
    """Return the fragment, with every alias that it refers to defined as a node's own file defines it."""
    lines: list[str] = []
    for table, items in groupby(wanted.settings, lambda item: item.table):
        lines += [f"[{'.'.join(table)}]", *(f"{item.key} = {item.value}" for item in items), ""]
    defined = {item.name for item in wanted.settings if item.table == SECRETS_TABLE}
    missing = sorted({alias for item in wanted.settings for alias in mentioned(item.value, "secret")} - defined)
    if missing and not defined:
        lines.append(f"[{'.'.join(SECRETS_TABLE)}]")
    elif missing:
        lines.pop()
    return "\n".join([*lines, *(f'{alias} = "QmFzZTY0IHRleHQ="' for alias in missing), ""])


def _spec_path(path: str, product: Product) -> str:
    """Return a key path of deployment.toml as the spec's."""
    for table, name in ((".".join(product.table), "global"), (".".join(LOADING_TABLE), "tenant_loading")):
        if path == table or path.startswith(f"{table}."):
            return name + path.removeprefix(table)
    return path


def _place(spec: Spec, settings: Sequence[NodeSetting], path: str) -> Place:
    """Return where the spec says what a key path of deployment.toml is about: the key's own line, else that of ``global``."""
    for item in settings:
        if item.place is not None and path == ".".join(item.path):
            return item.place
    return spec.place("global", key=True)


Unfit = Callable[[Release], list[Finding]]
"""Says what a release does not have that the sender needs."""


def payload_findings(
    tenant: Tenant, releases: Sequence[Release], owner: str | None, unfit: Unfit, missing: Collection[tuple[str | int, ...]]
) -> list[Finding]:
    """Return what the server would not take of the payload of a tenant whose values have the right form.

    Args:
        missing: The keys of which it was said already that they are.
    """
    return unite(for_each(releases, partial(_payload_findings, tenant, owner, unfit, missing)))


def _payload_findings(
    tenant: Tenant, owner: str | None, unfit: Unfit, missing: Collection[tuple[str | int, ...]], release: Release
) -> list[Finding]:
    if unfit(release):
        return []
    try:
        payload = tenant_payload(tenant, release, owner=owner)
    except MailwrightError:  # the release has no such API: told by the spec's own checks
        return []
    line = line_of(payload.version, release)
    if line is None:
        return []
    body = payload.complete(dict.fromkeys(payload.secrets, "x"))
    errors = errors_in(release.product, f"tenant-sender.{payload.version}", body, f"/$defs/{line}")
    return [
        _finding(release.product, tenant, payload, error, body)
        for error in errors
        if _key(release.product, error.lacks or error.missing or "", payload.version) not in missing
    ]


def _finding(product: Product, tenant: Tenant, payload: Payload, error: SchemaError, body: dict[str, object]) -> Finding:
    """Return a finding about the key that the spec has for what is wrong in the payload."""
    absent = error.lacks or error.missing
    name = absent or _name(error, body)
    path = _key(product, name, payload.version) if name is not None else ()
    hint: str | Hint | None = error.hint
    message = error.sentence
    if absent and path:
        hint = Hint("set {}", path, None, ("tenants", tenant.domain), tenant.place.file)
        message = f"`{shown_dotted(*path)}` is missing: the server does not accept such a sender without it"
    place = None if absent else place_of(tenant.sender, path)
    prefix = ("tenants", tenant.domain)
    line = spec_excerpt(product, tenant.sender, path, prefix) if place else key_excerpt(tenant.place, prefix)
    return SCHEMA.at(place or tenant.place, message, hint=hint, path=shown_dotted(*prefix, *path), excerpt=line)


def _name(error: SchemaError, body: dict[str, object]) -> str | None:
    """Return the field or property that an error is about."""
    if not error.path:
        return None
    entries = body.get("properties")
    if error.path[0] == "properties" and len(error.path) > 1 and isinstance(entries, list) and isinstance(error.path[1], int):
        entry = entries[error.path[1]]
        return str(entry.get("key")) if isinstance(entry, dict) else None
    return str(error.path[0])


def _key(product: Product, name: str, version: str) -> tuple[str, ...]:
    """Return the spec's key for a field or property of a payload; empty if there is none."""
    for key in product.adapter.scalars:
        place = key.place(version)
        if place is not None and place.name == name:
            return (key.name,)
    return next((("http", *part.path) for part in product.http_parts if part.place.name == name), ())
