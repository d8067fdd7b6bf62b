"""Where the API of a tenant's sender is: product/api.md#base-path, product/api.md#organizations."""

from __future__ import annotations

from urllib.parse import quote

SUPER_TENANT = "carbon.super"


def tenant_path(domain: str) -> str:
    """Return the part of the path that names a tenant, or a sub-organization; nothing for the super tenant."""
    tenant, slash, _ = domain.partition("/o/")
    if tenant == SUPER_TENANT:
        return ""
    return f"/t/{quote(tenant, safe='')}" + ("/o" if slash else "")


def senders_path(domain: str, version: str) -> str:
    """Return the path that a tenant's sender is posted to, in an API version."""
    return f"{tenant_path(domain)}/api/server/{version}/notification-senders/email"
