"""Tenants, who may call for them, and the tokens they hold (product/api.md#scopes-7, product/api.md#credentials-per-tenant).

Credentials are per tenant: an application or an administrator of one tenant is a stranger to every other. The scopes of 6.0.0 and
6.1.0 are the API definition's, as it is not known what these releases enforce. The token endpoint's errors are those of RFC 6749.
"""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache

from ...base.values import dataclass, field
from ...product.releases import Release
from .refusals import Refused, forbidden, unauthorized
from .senders import StoredSender

SUPER = "carbon.super"
_VERBS = {"GET": "view", "HEAD": "view", "POST": "create", "PUT": "update", "DELETE": "delete"}
_OLD_VERBS = {"GET": "view", "HEAD": "view", "POST": "add", "PUT": "update", "DELETE": "delete"}
_TENANT_VERBS = {"GET": "list", "HEAD": "list", "POST": "create", "PUT": "modify", "DELETE": "modify"}


def sender_scope(method: str, release: Release, *, organization: bool) -> str:
    """Return the scope that an email operation is held to (product/api.md#scopes-7)."""
    if release.sender_scopes == "configuration":
        return f"internal_config_mgt_{_OLD_VERBS[method]}"
    return f"internal_{'org_' if organization else ''}notification_senders_{_VERBS[method]}"


def tenant_scope(method: str) -> str:
    """Return the scope that a tenant operation is held to (product/tenant-management.md#scopes)."""
    return f"internal_{_TENANT_VERBS[method]}_tenants"


@cache
def all_scopes(release: Release) -> frozenset[str]:
    """Return every scope that some operation of the stand-in asks for."""
    senders = {sender_scope(method, release, organization=org) for method in _VERBS for org in (False, True)}
    return frozenset(senders | {tenant_scope(method) for method in _TENANT_VERBS})


@dataclass(frozen=True, slots=True)
class SandboxTenant:
    """A tenant to begin with.

    Attributes:
        domain: Its domain; ``carbon.super`` is there always, and can be given to set its credentials.
        client_id, client_secret: Its OAuth2 application; the stand-in's own if None.
        scopes: What the application is registered for; everything if None.
        admin, admin_password: Its administrator, without ``@domain``; the stand-in's own password if None.
        organizations: The ids of its sub-organizations.
        active: Whether it may be used.
    """

    domain: str
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    scopes: frozenset[str] | None = None
    admin: str = "admin"
    admin_password: str | None = field(default=None, repr=False)
    organizations: tuple[str, ...] = ()
    active: bool = True


@dataclass(slots=True)
class Account:
    """A tenant as it stands, with the owner and the application that may call for it."""

    domain: str
    admin: str
    admin_password: str = field(repr=False)
    email: str = ""
    name: str | None = None
    firstname: str | None = None
    lastname: str | None = None
    client_id: str | None = None
    client_secret: str = field(default="", repr=False)
    scopes: frozenset[str] = frozenset()
    organizations: tuple[str, ...] = ()
    active: bool = True
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    owner_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"))


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from; ``scopes`` is None for an administrator, who may do everything."""

    domain: str
    organization: str | None = None
    scopes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    caller: Caller
    expires: float


class Registry:
    """Everything that the stand-in remembers.

    Args:
        release: The release it stands in for.
        lifetime: Seconds that a token is good for.
        new_client: The id and secret of the application that a tenant made through the API has at once, if it has one.

    Attributes:
        accounts: Domain to tenant, the super tenant included, in the order of creation.
        senders: Domain, or ``domain/o/ID``, to name to sender.
    """

    def __init__(self, release: Release, *, lifetime: float, new_client: tuple[str, str] | None = None) -> None:
        self.release = release
        self.new_client = new_client
        self.accounts: dict[str, Account] = {}
        self.senders: dict[str, dict[str, StoredSender]] = {}
        self._lifetime = lifetime
        self._tokens: dict[str, _Token] = {}

    def account(self, domain: str) -> Account | None:
        """Return an active tenant."""
        account = self.accounts.get(domain)
        return account if account and account.active else None

    def issue(self, domain: str, form: Mapping[str, str], client_id: str, client_secret: str) -> dict[str, object]:
        """Return the answer of the token endpoint of a tenant.

        ``organization_switch`` takes ``token`` and ``switching_organization``, as the vendor's CLI sends them
        (product/vendor-cli.md#login).

        Raises:
            Refused: with an error of RFC 6749.
        """
        account = self.account(domain)
        if (
            account is None
            or account.client_id is None
            or not _same(((client_id, account.client_id), (client_secret, account.client_secret)))
        ):
            raise Refused(401, challenge='Basic realm="Identity Server"', body=_oauth_error("invalid_client"))
        asked = frozenset(form.get("scope", "").split())
        organization = None
        if form.get("grant_type") == "organization_switch" and self.release.organizations:
            organization = form.get("switching_organization", "")
            held = self._tokens.get(form.get("token", ""))
            if (
                held is None
                or held.expires < time.monotonic()
                or held.caller.domain != domain
                or organization not in account.organizations
            ):
                raise Refused(400, body=_oauth_error("invalid_grant"))
        elif form.get("grant_type") != "client_credentials":
            raise Refused(400, body=_oauth_error("unsupported_grant_type"))
        caller = Caller(domain, organization, asked & account.scopes)
        token = secrets.token_urlsafe(24)
        self._tokens[token] = _Token(caller, time.monotonic() + self._lifetime)
        answer: dict[str, object] = {"access_token": token, "token_type": "Bearer", "expires_in": int(self._lifetime)}
        if caller.scopes:
            answer["scope"] = " ".join(sorted(caller.scopes))
        return answer

    def revoke(self, domain: str | None = None) -> None:
        """Forget the tokens of a tenant, or all of them."""
        kept = {token: held for token, held in self._tokens.items() if domain is not None and held.caller.domain != domain}
        self._tokens = kept

    def by_token(self, token: str) -> Caller:
        """Return whose token this is.

        Raises:
            Refused: 401, if it is unknown or has expired.
        """
        held = self._tokens.get(token)
        if held is None or held.expires < time.monotonic() or self.account(held.caller.domain) is None:
            self._tokens.pop(token, None)
            raise unauthorized()
        return held.caller

    def by_password(self, login: str, password: str) -> Caller:
        """Return the tenant administrator who logs in as ``user@domain``; without a domain, the super tenant's.

        Raises:
            Refused: 401.
        """
        user, _, domain = login.rpartition("@") if "@" in login else (login, "", SUPER)
        account = self.account(domain)
        if account is None or not _same(((user, account.admin), (password, account.admin_password))):
            raise unauthorized()
        return Caller(domain)


def authorize(caller: Caller, domain: str, scope: str, *, organization: bool = False) -> str:
    """Return the key of what a caller may work on with *scope*: the tenant, or below ``/o/`` the token's organization.

    Raises:
        Refused: 401 for another tenant (403 below ``/o/``), 403 without the scope.
    """
    if caller.domain != domain or organization != (caller.organization is not None):
        raise forbidden() if organization else unauthorized()
    if caller.scopes is not None and scope not in caller.scopes:
        raise forbidden()
    return f"{domain}/o/{caller.organization}" if organization else domain


def _same(pairs: Iterable[tuple[str, str]]) -> bool:
    return all(secrets.compare_digest(given.encode(), own.encode()) for given, own in pairs)


def _oauth_error(error: str) -> dict[str, object]:
    return {"error": error, "error_description": f"The stand-in refuses: {error}."}
