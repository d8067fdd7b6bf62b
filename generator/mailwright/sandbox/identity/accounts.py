"""The operations of the tenant management API that provisioning uses; channel-verified tenants are not among them.

product/tenant-management.md#base, product/tenant-management.md#create, product/tenant-management.md#lists,
product/tenant-management.md#codes, product/tenant-management.md#scopes.

What the facts leave open, and how it stands here: a domain needs no dot (TM-60005 is never sent), the super tenant is no tenant
of this API, sorting is by domain only, and a deactivated tenant cannot be logged in to.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from ...base.values import dataclass
from .refusals import Refused
from .registry import SUPER, Account, Registry, all_scopes
from .senders import JsonKind, blank, parse_object

TENANTS = "/api/server/v1/tenants"
_DOMAIN = re.compile(r"[a-z0-9._-]+\Z")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\Z")
_OWNER = dict.fromkeys(("username", "password", "email", "firstname", "lastname"), JsonKind.TEXT) | {
    "additionalClaims": JsonKind.ENTRIES
}
_MATCHES: dict[str, Callable[[str, str], bool]] = {
    "sw": str.startswith,
    "ew": str.endswith,
    "eq": operator.eq,
    "co": operator.contains,
}


@dataclass(frozen=True, slots=True)
class TenantSettings:
    """What an operator of the server can set, and what can go wrong.

    Attributes:
        limit: Tenants that there may be; more get TM-60019.
        pattern: What domains must match, else TM-60017.
        deletion: Whether ``[tenant_mgt] tenant_deletion`` is on.
        items_per_page: The default of ``limit``.
        partial: Creation ends in 206 TM-60021 although the tenant is there (where the release knows that).
    """

    limit: int | None = None
    pattern: str | None = None
    deletion: bool = False
    items_per_page: int = 15
    partial: bool = False


def create(registry: Registry, settings: TenantSettings, raw: bytes, *, ignore_unknown: bool) -> tuple[Account, bool]:
    """Add a tenant; return it and whether that was a full success.

    Raises:
        Refused: UE-10000 or a TM code.
    """
    fields = {"domain": JsonKind.TEXT, "owners": JsonKind.ENTRIES} | (
        {"name": JsonKind.TEXT} if registry.release.tenant_names else {}
    )
    body = parse_object(raw, fields, ignore_unknown=ignore_unknown)
    owner = _owner(body.get("owners"))
    domain = body.get("domain")
    _check_domain(domain, settings)
    if domain in registry.accounts:
        raise Refused(400, "TM-60009")
    if settings.limit is not None and len(registry.accounts) > settings.limit:  # the super tenant is one of them
        raise Refused(403, "TM-60019")
    account = Account(
        domain=str(domain),
        name=body.get("name"),
        admin=owner["username"],
        admin_password=owner.get("password") or "",
        email=owner["email"],
        firstname=owner.get("firstname"),
        lastname=owner.get("lastname"),
    )
    if registry.new_client:
        account.client_id, account.client_secret = registry.new_client
        account.scopes = all_scopes(registry.release)
    registry.accounts[account.domain] = account
    return account, not (settings.partial and registry.release.partial_tenants)


def _owner(owners: Any) -> dict[str, Any]:
    if not owners:
        raise Refused(400, "TM-60012")
    owner = owners[0]
    if not isinstance(owner, dict) or not all(isinstance(value, str | list | None) for value in owner.values()):
        raise Refused(400, "UE-10000")
    if not owner.get("email"):
        raise Refused(400, "TM-60000")
    if any(blank(owner.get(name)) for name in ("username", "provisioningMethod")):
        raise Refused(400, "TM-60013")
    if owner["provisioningMethod"] == "inline-password" and blank(owner.get("password")):
        raise Refused(400, "TM-60013")
    if not _EMAIL.match(owner["email"]):
        raise Refused(400, "TM-60002")
    return owner


def _check_domain(domain: Any, settings: TenantSettings) -> None:
    code = None
    if blank(domain):
        code = "TM-60004"
    elif domain.startswith("."):
        code = "TM-60006"
    elif not _DOMAIN.match(domain):
        code = "TM-60007"
    elif settings.pattern is not None and not re.fullmatch(settings.pattern, domain):
        code = "TM-60017"
    if code:
        raise Refused(400, code)


def page(registry: Registry, settings: TenantSettings, query: Mapping[str, str]) -> dict[str, Any]:
    """Return a page of the tenants.

    Raises:
        Refused: a TM code, where a parameter does not please; in releases without filters any filter does not.
    """
    limit = _number(query, "limit", settings.items_per_page, "TM-60010")
    offset = _number(query, "offset", 0, "TM-60011")
    accounts = [account for domain, account in list(registry.accounts.items()) if domain != SUPER]
    if "filter" in query:
        if not registry.release.tenant_filters:
            raise Refused(501, "TM-65006")
        accounts = _filtered(accounts, query["filter"])
    accounts.sort(key=lambda account: account.domain, reverse=query.get("sortOrder", "").lower() == "desc")
    shown = accounts[offset : offset + limit]
    links = []
    if offset + limit < len(accounts):
        links.append({"href": f"{TENANTS}?offset={offset + limit}&limit={limit}", "rel": "next"})
    if offset:
        links.append({"href": f"{TENANTS}?offset={max(0, offset - limit)}&limit={limit}", "rel": "previous"})
    return {
        "totalResults": len(accounts),
        "startIndex": offset + 1,
        "count": len(shown),
        "links": links,
        "tenants": [represent_tenant(account) for account in shown],
    }


def _number(query: Mapping[str, str], name: str, default: int, code: str) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise Refused(404)  # what JAX-RS answers where a parameter is no number
    if int(text) < 0:
        raise Refused(400, code)
    return int(text)


def _filtered(accounts: list[Account], text: str) -> list[Account]:
    parts = text.split()
    if len(parts) != 3:
        raise Refused(400, "TM-60022")
    attribute, operation, value = parts
    if attribute != "domainName":
        raise Refused(400, "TM-60023")
    matches = _MATCHES.get(operation)
    if matches is None:
        raise Refused(400, "TM-60024")
    return [account for account in accounts if matches(account.domain, value)]


def by_id(registry: Registry, tenant_id: str) -> Account:
    """Return a tenant.

    Raises:
        Refused: TM-60014.
    """
    for domain, account in registry.accounts.items():
        if account.id == tenant_id and domain != SUPER:
            return account
    raise Refused(400, "TM-60014")


def by_domain(registry: Registry, domain: str) -> Account:
    """Return a tenant.

    Raises:
        Refused: TM-60015.
    """
    account = registry.accounts.get(domain)
    if account is None or domain == SUPER:
        raise Refused(400, "TM-60015")
    return account


def set_status(account: Account, raw: bytes) -> None:
    """Activate or deactivate.

    Raises:
        Refused: UE-10000.
    """
    body = parse_object(raw, {"activated": JsonKind.FLAG}, ignore_unknown=False)
    if body.get("activated") is None:
        raise Refused(400, "UE-10000")
    account.active = body["activated"]


def update_owner(account: Account, owner_id: str, raw: bytes) -> None:
    """Change the owner: what is given is set.

    Raises:
        Refused: UE-10000, TM-60002 or TM-60020.
    """
    check_owner(account, owner_id)
    body = parse_object(raw, _OWNER, ignore_unknown=False)
    if body.get("email") is not None and not _EMAIL.match(body["email"]):
        raise Refused(400, "TM-60002")
    for name in ("email", "firstname", "lastname"):
        if body.get(name) is not None:
            setattr(account, name, body[name])
    if body.get("password"):
        account.admin_password = body["password"]


def check_owner(account: Account, owner_id: str) -> None:
    """Make sure that the tenant has this owner.

    Raises:
        Refused: TM-60020.
    """
    if owner_id != account.owner_id:
        raise Refused(400, "TM-60020")


def represent_tenant(account: Account) -> dict[str, Any]:
    """Return what the list and the look-ups answer with."""
    shown = {
        "id": account.id,
        "name": account.name,
        "domain": account.domain,
        "owners": represent_owners(account),
        "createdDate": account.created,
        "lifecycleStatus": {"activated": account.active},
    }
    return {name: value for name, value in shown.items() if value is not None}


def represent_owners(account: Account) -> list[dict[str, str]]:
    """Return the owners; there is one."""
    return [{"id": account.owner_id, "username": account.admin}]


def represent_owner(account: Account) -> dict[str, Any]:
    """Return the owner with what else is known."""
    shown = {**represent_owners(account)[0], "email": account.email, "firstname": account.firstname, "lastname": account.lastname}
    return {name: value for name, value in shown.items() if value is not None}
