"""Findings about a spec: the schema first, then what it cannot say; the base and every environment, or one of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from ..adapter import load_adapter
from ..errors import InputError, SpecError
from ..findings import Finding, Severity, unite
from ..releases import ALL, Release, agreed_release
from ..rules import NEWER_KEY, SCHEMA, TENANT_DOMAIN, TENANT_RELEASE, TENANT_TWICE, UNKNOWN_RELEASE
from ..rules.sender import Kind, Sender
from ..source import Place
from ..spec import Json, PlacedMap, Spec, Tenant, make_spec
from ..spec.nodes import place_of, shown_dotted, shown_key
from .references import check_global, check_tenant
from .schemas import SchemaError, schema_errors, validator
from .senders import Settings, findings_of
from .shapes import shape_checker

_DOMAIN = re.compile(r"[a-z0-9_-][a-z0-9._-]*\Z")
_ORGANIZATION = re.compile(r"[A-Za-z0-9-]+\Z")
SUPER_TENANT = "carbon.super"

Watch = Callable[[Tenant], None]


def check_spec(path: str, document: Json, *, environment: str | None = None, release: Release | None = None) -> list[Finding]:
    """Return the findings about a spec.

    Args:
        path: Its file name.
        document: Its content, read.
        environment: One environment; None checks the base and every environment.
        release: The product release; None takes that of the spec and its environment, or every one.

    Raises:
        InputError: the document is no spec.
        UsageError: there is no such environment, or the spec names another release.
    """
    base = make_spec(path, document, environment)
    specs = (
        [base]
        if environment is not None
        else [base, *(make_spec(path, document, name) for name in _environments(document, base))]
    )
    found: dict[tuple[object, ...], Finding] = {finding.order: finding for finding in _shape(document, path)}
    for spec in specs:
        own = agreed_release(spec.product_version, release, spec.place("product", "version"))
        if own is not None and own.unsure and spec.product_version:
            unsure = UNKNOWN_RELEASE.at(spec.place("product", "version"), f"unsure: {own.unsure}", path="product.version")
            found.setdefault(unsure.order, unsure)
        where = f"environment {spec.environment}: " if spec.environment and environment is None else ""
        for finding in _one(spec, own, rules=True):
            found.setdefault(finding.order, replace(finding, message=where + finding.message))
    return sorted(found.values(), key=lambda finding: finding.order)


def _environments(document: Json, base: Spec) -> list[str]:
    """Return the names of the environments that can be applied; the schema says what is wrong with the others."""
    assert isinstance(document, PlacedMap)
    patches = document.get("environments")
    assert isinstance(patches, PlacedMap) or not base.environments
    return [
        name
        for name in base.environments
        if isinstance(patches, PlacedMap) and isinstance(patches[name], (PlacedMap, type(None)))
    ]


def _finding(root: Json, error: SchemaError, prefix: Sequence[str] = ()) -> Finding:
    place = place_of(root, error.path, key=error.at_key)
    dotted = shown_dotted(*prefix, *error.path)
    return SCHEMA.at(place or Place(""), error.sentence, hint=error.hint, path=dotted or None)


def _shape(document: Json, path: str) -> Iterator[Finding]:
    """Check the document itself; the tenants are checked one by one, after inheritance."""
    assert isinstance(document, PlacedMap)
    plain = PlacedMap(document, place=document.place, origin=document.origin)
    tenants = plain.get("tenants")
    if isinstance(tenants, PlacedMap):
        plain["tenants"] = PlacedMap(place=tenants.place)
    for error in schema_errors(validator("spec"), plain):
        if error.path[:1] != ("global",):  # checked below, with each environment
            yield _finding(plain, error)


def _one(spec: Spec, release: Release | None, watch: Watch | None = None, *, rules: bool = False) -> Iterator[Finding]:
    """Check a spec; *rules*: with the rules on senders too, which say what is risky rather than what is no spec."""
    releases: Sequence[Release] = (release,) if release else ALL
    for error in schema_errors(validator("spec"), spec.document):
        yield _finding(spec.document, error)
    sender = spec.sender
    if sender is not None:
        yield from check_global(sender, ("global",))
        yield from unite((each.version, list(_newer(sender, each))) for each in releases)
    bases: dict[str, Sender] | None = None
    if rules:
        bases = {}
        if sender is not None:
            settings = Settings(sender, ("global",), place=spec.place("global", key=True))
            yield from findings_of(settings, Kind.GLOBAL, releases)
            bases = {each.version: settings.sender(Kind.GLOBAL, each) for each in releases}
    allow_env = [item for item in _list(spec.document.get("allow_env")) if isinstance(item, str)]
    for name, part in (("defaults", spec.defaults), ("api", spec.document.get("api"))):
        if isinstance(part, PlacedMap):
            yield from check_tenant(part, (name,), allow_env)
    yield from _tenants(spec, releases, allow_env, watch, bases)


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _newer(sender: PlacedMap, release: Release) -> Iterator[Finding]:
    adapter = load_adapter()
    for name in sender:
        key = adapter.get(name)
        if key is not None and not key.known_to(release):
            yield NEWER_KEY.at(
                sender.key_place(name), f"`{name}` came with {key.since}: this release ignores it", path=f"global.{name}"
            )


def _tenants(
    spec: Spec,
    releases: Sequence[Release],
    allow_env: list[str],
    watch: Watch | None = None,
    bases: dict[str, Sender] | None = None,
) -> Iterator[Finding]:
    check = shape_checker("spec", "/$defs/tenant")
    try:
        for tenant in spec.tenants:
            if watch is not None:
                watch(tenant)
            prefix = ("tenants", tenant.domain)
            yield from _domain(tenant)
            for error in check.errors(tenant.sender):
                yield _finding(tenant.sender, error, prefix)
            yield from check_tenant(tenant.sender, ("tenants", tenant.domain), allow_env)
            yield from unite((release.version, list(_release(tenant, release))) for release in releases)
            if bases is not None:
                yield from findings_of(Settings(tenant.sender, prefix, place=tenant.place), Kind.TENANT, releases, bases)
    except InputError as error:
        yield TENANT_TWICE.at(error.place or Place(spec.path), error.message, hint=error.hint, path="tenants")


def _domain(tenant: Tenant) -> Iterator[Finding]:
    domain, slash, organization = tenant.domain.partition("/o/")
    if domain == SUPER_TENANT:
        yield TENANT_DOMAIN.at(
            tenant.place, "the super tenant has no sender of its own", hint="its sender is `global`", path="tenants"
        )
    elif not _DOMAIN.match(domain) or (slash and not _ORGANIZATION.match(organization)):
        yield TENANT_DOMAIN.at(
            tenant.place,
            f"{shown_key(tenant.domain)} is no tenant's domain",
            hint="lower-case letters, digits, `.`, `-`, `_`",
            path="tenants",
        )


def _release(tenant: Tenant, release: Release) -> Iterator[Finding]:
    sender, path = tenant.sender, shown_dotted("tenants", tenant.domain)
    if not release.tenant_api:
        yield TENANT_RELEASE.at(tenant.place, "the release has no API for tenants' senders", path=path)
        return
    api, http, oauth = sender.get("api_version"), sender.get("provider") == "HTTP", load_adapter().uses_oauth(sender)
    if not release.has("7.2.0") and (api == "v2" or http or oauth):
        yield TENANT_RELEASE.at(tenant.place, "this needs the API's v2, which came with 7.2.0", path=path)
    elif http and not release.has("7.3.0"):
        yield TENANT_RELEASE.at(tenant.place, "HTTP providers came with 7.3.0", path=path)
    elif api == "v1" and (http or oauth):
        yield TENANT_RELEASE.at(tenant.place, "the API's v1 would turn this sender into a BASIC one", path=path)
    elif oauth and not release.has("7.3.0") and sender.get("allow_logged_secrets") is not True:
        hint = "`allow_logged_secrets: true` accepts that"
        yield TENANT_RELEASE.at(tenant.place, "7.2.0 writes the credentials of v2 senders into its log", hint=hint, path=path)


def validated_spec(
    path: str,
    document: Json,
    environment: str | None,
    asked: Release | None = None,
    *,
    overrides: PlacedMap | None = None,
    watch: Watch | None = None,
) -> tuple[Spec, Release | None]:
    """Return a spec that has no errors, and its release: nothing is made from one that has some.

    Args:
        path: Its file name.
        document: Its content, read.
        environment: The environment, None for the base.
        asked: The release that an option names.
        overrides: A node's own values: a patch of ``global``.
        watch: Called with every tenant as it was checked, so that a later pass over the files can tell whether they are the same.

    Raises:
        SpecError: it has errors; the first is told, `mailwright validate` tells all.
        InputError, UsageError: as ``make_spec`` and ``agreed_release``.
    """
    spec = make_spec(path, document, environment, overrides)
    release = agreed_release(spec.product_version, asked, spec.place("product", "version"))
    found = [*_shape(document, path), *_one(spec, release, watch)]
    # Without a release, what is wrong for some of them only does not stand in the way.
    errors = [finding for finding in found if finding.severity is Severity.ERROR and (release or not finding.releases)]
    errors.sort(key=lambda finding: finding.order)
    if errors:
        first = errors[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise SpecError(
            f"{first.rule}: {first.message}{more}", place=first.place, hint=first.hint or "`mailwright validate` tells all"
        )
    return spec, release
