"""What another release makes of a spec or a deployment.toml: the values that a server reads otherwise, the payloads that change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..base.errors import SpecError
from ..base.findings import Finding, Severity
from ..base.values import dataclass, field
from ..deployment import Deployment, parse_deployment
from ..engine.effective import Effective, Outcome, effective
from ..product.releases import Release
from ..rendering.fragment import render_fragment
from ..rendering.payloads import Payload, tenant_payload
from ..spec import Spec
from ..validation.fixing import Fixed


@dataclass(frozen=True, slots=True)
class Value:
    """What becomes of a property of the adapter: what may be shown of it in either release; None where it is not there."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Node:
    """What a server makes of its deployment.toml, or of what a spec writes there.

    Attributes:
        environment: The spec's environment, None for the base and for a deployment.toml.
        values: The properties that differ.
        before, after: How the start ends in either release.
        reason: Why the newer one does not start.
    """

    environment: str | None
    values: tuple[Value, ...]
    before: Outcome
    after: Outcome
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Tenants:
    """What becomes of the payloads of a spec's tenants.

    Attributes:
        environment: As for ``Node``.
        count: How many tenants there are.
        versions: How many go from one API version to another, by both.
        fields: How many have a field or property otherwise, by its name.
        impossible: Why the newer release takes none.
    """

    environment: str | None
    count: int
    versions: Mapping[tuple[str, str], int] = field(default_factory=dict)
    fields: Mapping[str, int] = field(default_factory=dict)
    impossible: str | None = None


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What an upgrade means for a file.

    Attributes:
        file: Its name.
        nodes, tenants: What the server makes of it.
        new: The findings that the older release does not have. *gone*: how many of its rules' findings go.
        fixed: What was, or would be, mended.
    """

    file: str
    nodes: tuple[Node, ...]
    tenants: tuple[Tenants, ...]
    new: tuple[Finding, ...]
    gone: Mapping[str, int]
    fixed: Fixed

    @property
    def is_ready(self) -> bool:
        """Whether the server starts with it, and nothing new is an error."""
        starts = all(node.after is Outcome.OK or node.before is not Outcome.OK for node in self.nodes)
        return starts and not any(finding.severity is Severity.ERROR for finding in self.new)


def node_of_spec(spec: Spec, before: Release, after: Release) -> Node:
    """Return what a server makes of what a spec writes; what else stands in its file is not known, so that every alias counts as defined."""
    old, new = (parse_deployment(render_fragment(spec, release), spec.path) for release in (before, after))
    return _node(spec.environment, effective(old, before, partial=True), effective(new, after, partial=True))


def node_of_file(deployment: Deployment, before: Release, after: Release) -> Node:
    """Return what a server makes of its file."""
    return _node(None, effective(deployment, before), effective(deployment, after))


def _node(environment: str | None, one: Effective, other: Effective) -> Node:
    return Node(environment, tuple(_values(one, other)), one.outcome, other.outcome, other.reason)


def _values(one: Effective, other: Effective) -> Iterator[Value]:
    if one.outcome is not Outcome.OK or other.outcome is not Outcome.OK:
        return
    old, new = ({item.name: item for item in view.properties} for view in (one, other))
    for name in dict.fromkeys([*old, *new]):
        was, now = old.get(name), new.get(name)
        if was is None or now is None or was.text != now.text:
            shown = was or now
            assert shown is not None
            yield Value(shown.shown_name, was.shown if was else None, now.shown if now else None)


def tenants_of(spec: Spec, before: Release, after: Release) -> Tenants:
    """Return what becomes of the payloads of a spec's tenants, read as a stream."""
    versions: Counter[tuple[str, str]] = Counter()
    fields: Counter[str] = Counter()
    count = 0
    for tenant in spec.tenants:
        count += 1
        try:
            old, new = (tenant_payload(tenant, release) for release in (before, after))
        except SpecError as error:
            return Tenants(spec.environment, count, impossible=error.message)
        versions[old.version, new.version] += 1
        fields.update(_differing(old, new))
    return Tenants(spec.environment, count, versions, fields)


def _differing(old: Payload, new: Payload) -> Sequence[str]:
    one, other = _flat(old), _flat(new)
    return [name for name in dict.fromkeys([*one, *other]) if one.get(name) != other.get(name)]


def _flat(payload: Payload) -> dict[str, Any]:
    fields = {name: value for name, value in payload.body.items() if name != "properties"}
    entries = {entry["key"]: entry["value"] for entry in payload.body["properties"]}
    return {**fields, **entries, **{place.name: reference for place, reference in payload.secrets.items()}}
