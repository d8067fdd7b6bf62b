"""Findings about the tenants of a spec, each after inheritance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from ..base.errors import InputError
from ..base.findings import Excerpt, Finding, unite
from ..base.hints import Hint
from ..base.patterns import pattern
from ..base.places import Place
from ..base.shown import shown_dotted, shown_key
from ..product.auth_types import HTTP, is_http
from ..product.paths import SUPER_TENANT
from ..product.releases import Release, for_each
from ..rules.reading import TENANT_DOMAIN, TENANT_RELEASE, TENANT_TWICE
from ..rules.sender import SenderKind
from ..spec import Spec, Tenant
from ..spec.rows import Row
from .addresses import check_urls
from .alike import Alike
from .excerpts import key_excerpt
from .findings import schema_finding
from .outputs import payload_findings
from .references import Allowed, check_tenant
from .schemas import corrected, errors_in
from .settings import SenderSettings, findings_of

_DOMAIN = pattern(r"[a-z0-9_-][a-z0-9._-]*\Z")
_ORGANIZATION = pattern(r"[A-Za-z0-9-]+\Z")


def tenant_findings(
    spec: Spec, releases: Sequence[Release], allowed: Allowed, base: SenderSettings | None = None, *, rules: bool
) -> Iterator[Finding]:
    """Yield what is wrong with the tenants of a spec, one after the other; the arguments as for ``each_tenant``."""
    for _, found in each_tenant(spec, releases, allowed, base, rules=rules):
        yield from found


def each_tenant(
    spec: Spec,
    releases: Sequence[Release],
    allowed: Allowed,
    base: SenderSettings | None = None,
    *,
    rules: bool,
    payloads: bool = True,
) -> Iterator[tuple[Row | None, list[Finding]]]:
    """Yield every tenant of a spec with what is wrong with it; None with what cannot be read.

    Args:
        releases: The releases.
        allowed: What the spec lets references name.
        base: The server's own sender, where it is known.
        rules: With the rules on senders too.
        payloads: With what the server does not take of the payloads.
    """
    mark = spec.document.get("owner")
    owner = mark if isinstance(mark, str) else None
    failed: list[InputError] = []
    try:
        source = replace(spec.tenants, failed=failed)  # one file hides nothing of the others
        alike = Alike(source, allowed, wrong_domain, payloads=payloads)
        for row in source.rows():
            if not rules and alike.sound(row):
                yield row, []
                continue
            tenant = source.tenant(row)
            found = list(_tenant(tenant, releases, allowed, base, owner, rules=rules, payloads=payloads))
            if not rules and not found:
                alike.learn(row)
            yield row, [replace(finding, tenant=tenant.domain) for finding in found]
    except InputError as error:
        failed.append(error.with_traceback(None))
    for each in failed:
        yield None, [TENANT_TWICE.at(each.place or Place(spec.path), each.message, hint=each.hint, path="tenants")]


def _tenant(
    tenant: Tenant,
    releases: Sequence[Release],
    allowed: Allowed,
    base: SenderSettings | None,
    owner: str | None,
    *,
    rules: bool,
    payloads: bool,
) -> Iterator[Finding]:
    product, prefix = releases[0].product, ("tenants", tenant.domain)
    yield from _domain(tenant)
    errors = errors_in(product, "spec", tenant.sender, "/$defs/tenant")
    for error in errors:
        yield schema_finding(product, tenant.sender, error, prefix)
    tenant = replace(tenant, sender=corrected(tenant.sender, errors))
    yield from check_tenant(product, tenant.sender, prefix, allowed)
    yield from check_urls(product, tenant.sender, tenant.place, prefix)
    yield from unite(for_each(releases, partial(_release, tenant)))
    if rules:
        yield from findings_of(
            SenderSettings(tenant.sender, prefix, product, place=tenant.place), SenderKind.TENANT, releases, base
        )
    if payloads and all(error.missing for error in errors):  # what follows from a misspelt key is no second mistake
        missing = {(*error.path, error.missing) for error in errors if error.missing}
        yield from payload_findings(tenant, releases, owner, partial(_release, tenant), missing)


def wrong_domain(domain: str) -> bool:
    """Say whether a domain is no tenant's, and no sub-organization's, that can have a sender of its own."""
    tenant, slash, organization = domain.partition("/o/")
    return tenant == SUPER_TENANT or not _DOMAIN.match(tenant) or bool(slash and not _ORGANIZATION.match(organization))


def _domain(tenant: Tenant) -> Iterator[Finding]:
    if not wrong_domain(tenant.domain):
        return
    if tenant.domain.partition("/o/")[0] == SUPER_TENANT:
        yield TENANT_DOMAIN.at(
            tenant.place,
            "the super tenant has no sender of its own",
            hint="its sender is `global`",
            path="tenants",
            excerpt=_line(tenant),
        )
    else:
        yield TENANT_DOMAIN.at(
            tenant.place,
            f"{shown_key(tenant.domain)} is not a valid tenant domain",
            hint="use lower-case letters, digits, `.`, `-` and `_`",
            path="tenants",
            excerpt=_line(tenant),
        )


def _release(tenant: Tenant, release: Release) -> list[Finding]:
    """Say what the release cannot do for a tenant; the first reason is enough."""
    sender, path = tenant.sender, shown_dotted("tenants", tenant.domain)
    said: tuple[str, str | Hint | None] | None = None
    product = release.product
    asked, http, oauth = sender.get("api_version"), is_http(sender.get("provider")), product.adapter.uses_oauth(sender)
    kind = product.auth_types.http_kind(sender) if http else None
    if not release.tenant_api:
        said = "this release has no API for tenants' senders", None
    elif (asked == "v2" or http or oauth) and not release.includes("payloads", "v2"):
        since = product.releases.first_with("payloads", "v2")
        said = f"this needs the API's v2, which came with {since}", None
    elif http and not release.includes("providers", HTTP):
        since = product.releases.first_with("providers", HTTP)
        said = f"this needs HTTP providers, which came with {since}", None
    elif asked == "v1" and (http or oauth):
        said = "the API's v1 would turn this sender into a BASIC one", None
    elif kind is not None and not release.includes("auth_types", kind):
        said = f"this release does not support {kind}", f"it supports {', '.join(release.auth_types)}"
    elif oauth and release.logs_dropped_values and sender.get("allow_logged_secrets") is not True:
        said = "this release writes the credentials of v2 senders into its log", _accepted(tenant)
    return [TENANT_RELEASE.at(tenant.place, said[0], hint=said[1], path=path, excerpt=_line(tenant))] if said else []


def _line(tenant: Tenant) -> Excerpt | None:
    return key_excerpt(tenant.place, ("tenants", tenant.domain))


def _accepted(tenant: Tenant) -> Hint:
    return Hint("{} accepts that", ("allow_logged_secrets",), True, ("tenants", tenant.domain), tenant.place.file)
