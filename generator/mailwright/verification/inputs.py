"""Files in, senders out: what the adapter really uses for each of them, as the properties of the server's mail client.

The global sender is what the server loads from a deployment.toml, or from a spec's fragment. A tenant's is its own values merged over the
global ones as the adapter does (product/adapter.md#merge). Tenants are a stream: one is made when the one before was taken.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from ..base.errors import InputError, MailwrightError, SpecError, UsageError
from ..base.hints import did_you_mean
from ..base.nodes import Json, PlacedMap
from ..base.places import Place
from ..base.reading import read_bytes
from ..base.values import dataclass, field
from ..deployment import Deployment, parse_deployment
from ..deployment.java import java_text
from ..engine.effective import Outcome, effective
from ..engine.inheritance import has_null_port, names_user, tenant_text
from ..product.adapter import Adapter
from ..product.auth_types import is_http
from ..product.paths import SUPER_TENANT
from ..product.product import Product, load_product
from ..product.releases import Release
from ..rendering.fragment import render_fragment
from ..rendering.payloads import api_version
from ..spec import Spec, make_spec, read_document
from ..spec.lines import STREAMS
from ..spec.references import KEEP, Reference, mentioned, shown_name
from ..validation.checking import is_spec_file
from ..validation.kinds import is_manifest_file
from ..validation.specs import ensure_valid

GLOBAL = "global"
NULL_PORT = "without a port, what v1 makes of the sender is taken to go to port 25: nobody measured it"
_SHOWN = 3
"""Misspelt domains for which the ones that were meant are named."""

_FROM = "mail.smtp.from"


@dataclass(frozen=True, slots=True)
class EffectiveSender:
    """One sender to verify.

    Attributes:
        name: How it is called in the report: ``global`` or a tenant's domain; with several files or environments their names too.
        properties: What the mail client is given; user name and passwords keep their references, and may be secrets.
        place: Where it is written.
        release: The server's, as far as it is known.
        address: Whom the mail comes from, as far as it may be shown.
        spec: The spec that it stands in; None where it is a deployment.toml's.
        written: What that spec says of it.
        unsure: What is not certain about the properties.
        environment: The spec's environment, if one was asked for.
    """

    name: str
    properties: Mapping[str, str] = field(repr=False)
    place: Place
    release: Release
    address: str = ""
    spec: Spec | None = field(default=None, repr=False)
    unsure: tuple[str, ...] = ()
    environment: str | None = None
    written: PlacedMap | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """A sender that has no SMTP handshake, and why."""

    name: str
    reason: str
    environment: str | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files of a run: specs, and the deployment.toml files."""

    specs: tuple[Spec, ...]
    deployments: tuple[Deployment, ...]
    release: Release | None
    problems: tuple[MailwrightError, ...] = ()
    product: Product = field(default_factory=load_product)

    @property
    def streamed(self) -> bool:
        """Whether tenants come from files without limit (CSV, JSON Lines)."""
        patterns = (pattern for spec in self.specs for pattern, _ in spec.tenants.patterns)
        return any(pattern.lower().endswith(STREAMS) for pattern in patterns)

    @property
    def trust_store(self) -> str:
        """The name of the trust store that the server has by default."""
        return (self.release or self.product.releases.newest).trust_store["file"]

    @property
    def several_environments(self) -> bool:
        """Whether a sender's name does not tell it from that of another environment."""
        return len({spec.environment for spec in self.specs}) > 1

    @property
    def several(self) -> bool:
        """Whether there may be more than one sender."""
        return len(self.specs) + len(self.deployments) > 1 or any(has_tenants(spec) for spec in self.specs)


Chosen = Callable[[Json], Sequence[str | None]]
"""Says which environments of a spec's document are worked on."""


def read_inputs(files: Sequence[str], chosen: Chosen, asked: Release | None, product: Product | None = None) -> Inputs:
    """Read the specs of *files*, and tell the deployment.toml files; a file that cannot be used is among the problems.

    A spec stands there once for each environment.

    Raises:
        UsageError: it is not clear which deployment.toml the tenants are merged over.
    """
    product = asked.product if asked else product or load_product()
    specs: list[Spec] = []
    deployments: list[Deployment] = []
    problems: list[MailwrightError] = []
    for name in files:
        try:
            if not is_manifest_file(name) and is_spec_file(name):
                document = read_document(name)
                for spec in (make_spec(name, document, environment, product=product) for environment in chosen(document)):
                    ensure_valid(spec, asked)
                    specs.append(spec)
            else:
                from ..validation.manifests import texts_in

                deployments += [each.deployment() for each in texts_in(name, read_bytes(name))]
        except MailwrightError as error:
            problems.append(error)
    if len(deployments) > 1 and any(has_tenants(spec) for spec in specs):
        raise UsageError(
            "the tenants are merged over one deployment.toml, and there are several",
            hint="verify the others in a run of their own",
        )
    versions = [product.releases.agreed(spec.product_version, asked) for spec in specs]
    release = asked or next((version for version in versions if version), None)
    return Inputs(tuple(specs), tuple(deployments), release, tuple(problems), product)


def iter_senders(inputs: Inputs, tenants: Collection[str] = ()) -> Iterator[EffectiveSender | NotApplicable | MailwrightError]:
    """Yield the senders, and in their places what stands in the way of one; if a file cannot be used, that alone.

    Args:
        inputs: The files.
        tenants: The domains to verify; empty for every sender, ``carbon.super`` for the global one.
    """
    files = {spec.path for spec in inputs.specs}
    several = len(files) + len(inputs.deployments) > 1
    problems = list(inputs.problems)
    globals_: list[EffectiveSender] = []

    def checked(make: Callable[..., EffectiveSender], *arguments: object) -> None:
        try:
            globals_.append(make(*arguments))
        except MailwrightError as error:
            problems.append(error)

    for item in inputs.deployments:
        checked(_from_deployment, item, f"{item.source.title} " if several else "", inputs.release)
    for spec in inputs.specs:
        checked(_from_spec, spec, (f"{spec.path} " if several else "") + _environment(spec, inputs), _release(spec, inputs))
        if spec.sender is None and not has_tenants(spec):
            problems.append(SpecError("the spec has no sender to verify: neither `global` nor tenants", place=spec.place()))
    known = _known_domains(inputs) if tenants else set()
    missing = set(tenants) - known
    if missing and not problems:
        hint = "; ".join(filter(None, (did_you_mean(name, known) for name in sorted(missing)[:_SHOWN])))
        problems.append(
            UsageError(f"{len(missing)} of the domains given with --tenant stand in no file", hint=hint or "check their spelling")
        )
    yield from problems or _chosen(inputs, globals_, set(tenants))


def _release(spec: Spec, inputs: Inputs) -> Release:
    known = spec.product.releases.agreed(spec.product_version, inputs.release)
    if known is not None:
        return known
    newest = spec.product.releases.newest.version
    return Release(spec.product, newest, f"no product version is given: assumed to behave like {newest}")


def _environment(spec: Spec, inputs: Inputs) -> str:
    return f"{spec.environment} " if spec.environment and inputs.several_environments else ""


def _known_domains(inputs: Inputs) -> set[str]:
    """Return the domains that can be asked for; the files are read for it."""
    known = {tenant.domain for spec in inputs.specs for tenant in spec.tenants}
    return known | {SUPER_TENANT} if inputs.deployments or any(spec.sender is not None for spec in inputs.specs) else known


def _chosen(inputs: Inputs, globals_: list[EffectiveSender], wanted: set[str]) -> Iterator[EffectiveSender | NotApplicable]:
    """Yield the senders that are wanted: each file's global one, and its tenants over the last deployment.toml's."""
    own, specs = globals_[: len(inputs.deployments)], globals_[len(inputs.deployments) :]
    with_global = not wanted or SUPER_TENANT in wanted
    yield from own if with_global else ()
    several = len({spec.path for spec in inputs.specs}) > 1
    for spec, sender in zip(inputs.specs, specs, strict=True):
        if spec.sender is not None and with_global:
            yield sender
        prefix = (f"{spec.path} " if several else "") + _environment(spec, inputs)
        yield from _tenants(spec, own[-1] if own else sender, _release(spec, inputs), prefix, wanted)


def tenant_properties(base: Mapping[str, str], sender: PlacedMap, release: Release) -> dict[str, str]:
    """Return what the adapter uses for a tenant: its own values over the global ones, where the release lets them.

    product/adapter.md#merge.

    Args:
        base: The global properties, with the product's defaults.
        sender: The tenant's keys; SMTP.
        release: The product release.
    """
    keys = release.product.adapter
    version, user = api_version(sender, release), names_user(sender, keys)
    merged = dict(base)
    for key in keys.scalars:
        value = sender.get(key.name)
        text = tenant_text(key, None if value is None else java_text(value), version, release, user=user)
        if text is not None and key.xml and key.xml in base:
            merged[key.xml] = text
    return merged


def _tenants(
    spec: Spec, base: EffectiveSender, release: Release, prefix: str, wanted: set[str]
) -> Iterator[EffectiveSender | NotApplicable]:
    sender_key = spec.product.adapter.by_xml.get(_FROM)
    for tenant in spec.tenants:
        if wanted and tenant.domain not in wanted:
            continue
        name = prefix + tenant.domain
        if is_http(tenant.sender.get("provider")):
            yield NotApplicable(name, "it sends by HTTP, not SMTP", spec.environment)
            continue
        own = tenant_properties(base.properties, tenant.sender, release)
        written = tenant.sender.get(sender_key.name) if sender_key else None
        address = written if isinstance(written, str) else base.address
        unsure = (
            (*base.unsure, NULL_PORT)
            if has_null_port(tenant.sender, api_version(tenant.sender, release), release)
            else base.unsure
        )
        yield EffectiveSender(name, own, tenant.place, release, address, spec, unsure, spec.environment, tenant.sender)


def has_tenants(spec: Spec) -> bool:
    """Say whether a spec may have tenants: in it, or in files beside it."""
    source = spec.tenants
    return bool(source.inline or source.patterns or source.patches)


def _from_deployment(deployment: Deployment, prefix: str, release: Release | None) -> EffectiveSender:
    if release is None:
        raise UsageError("the product version is needed for a deployment.toml", hint="use --product-version V")
    return _sender(prefix + GLOBAL, deployment, release, Place(deployment.source.name), partial=False)


def _from_spec(spec: Spec, prefix: str, release: Release) -> EffectiveSender:
    """Return a spec's global sender; where it has none, what the product's defaults make of it."""
    text = "" if spec.sender is None else render_fragment(spec, release)
    place = spec.place() if spec.sender is None else spec.place("global", key=True)
    sender = _sender(prefix + GLOBAL, parse_deployment(text, spec.path), release, place, partial=True)
    kept = {
        key.xml: KEEP for key in spec.product.adapter.secrets if key.xml and spec.sender and spec.sender.get(key.name) == KEEP
    }
    return replace(sender, environment=spec.environment, spec=spec, properties={**sender.properties, **kept})


class _Known(dict[str, str]):
    """What the server resolves at its start; a name that is not known here stays as it was written."""

    def __init__(self, kind: str, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self._kind = kind

    def get(self, name: str, default: object = None) -> str:
        return super().get(name, f"\\{Reference(self._kind, name)}")


def _sender(name: str, deployment: Deployment, release: Release, place: Place, *, partial: bool) -> EffectiveSender:
    view = effective(deployment, release, environment=_Known("env", os.environ), system=_Known("sys", {}), partial=partial)
    if view.outcome is not Outcome.OK:
        raise InputError(f"there is nothing to verify: {view.reason}", place=view.place or place)
    properties = {item.name: item.text for item in view.properties}
    _check_known(properties, release.product.adapter, place)
    address = next((item.shown for item in view.properties if item.name == _FROM), "")
    return EffectiveSender(name, properties, place, release, address, unsure=view.unsure)


def _check_known(properties: Mapping[str, str], adapter: Adapter, place: Place) -> None:
    """Refuse what cannot be known here but decides where the handshake goes; user name and secrets only decide about AUTH."""
    apart = {key.xml for key in adapter.scalars if key.secret or key.javamail is None} | {"mail.smtp.user"}
    for name, text in properties.items():
        for kind, what in (("env", "environment variable"), ("sys", "system property")):
            unknown = mentioned(text, kind)
            if unknown and name not in apart:
                raise InputError(
                    f"there is nothing to verify: the {what} {shown_name(unknown[0])} is not defined here",
                    place=place,
                    hint="set it as it is on the server" if kind == "env" else "write its value into a copy of the file",
                )
