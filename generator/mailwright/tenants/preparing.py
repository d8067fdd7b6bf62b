"""The source, made ready for requests: every tenant validates, every secret resolves and is one, the policy holds.

The source is read more than once, as a stream: one pass checks all of it, later ones work on it, and the first of them may follow the check
at its heels, since reading a tenant's sender does no harm. Each tenant's content leaves a digest of eight bytes in the first pass and must
have the same in every later one, so that nothing is written that was not checked.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from hashlib import blake2b
from typing import Any

from ..base.errors import MailwrightError, SpecError, Unresolved, UnsafeToWrite
from ..base.findings import Finding
from ..base.nodes import PlacedMap, place_of_text
from ..base.places import Place
from ..base.secret import Secret
from ..base.shown import shown_key
from ..base.values import dataclass, field
from ..product.adapter import PayloadPlace
from ..product.releases import Release
from ..rendering.payloads import Payload, tenant_payload
from ..rendering.tenants import shown_reference
from ..spec import Spec, Tenant
from ..spec.fingerprints import Fingerprints
from ..spec.references import whole_reference
from ..validation.specs import checked_tenants, refuse
from .credentials import Credentials, Login
from .policy import Policy
from .unsafe import unsafe_secret

Resolve = Callable[[str], Secret | None]
_SHOWN_PROBLEMS = 10

AT_ONCE = 256
"""How many tenants are checked before the first request: most specs have no more."""

_BREATH = 16
"""How many tenants are checked, or made ready, until others get their turn."""

_WIDEST = 40
_ENCODE, _ENCODE_SORTED = json.JSONEncoder().encode, json.JSONEncoder(sort_keys=True).encode


@dataclass(frozen=True, slots=True)
class Creation:
    """A tenant to be created: the request's body without the owner's password, and that (product/tenant-management.md#create)."""

    domain: str
    name: str | None
    owner: Mapping[str, str]
    password: Secret | None

    def body(self) -> dict[str, Any]:
        """Return the request's body."""
        owner = {**self.owner, **({"password": self.password.reveal()} if self.password else {})}
        return {"domain": self.domain, "owners": [owner], **({"name": self.name} if self.name else {})}


@dataclass(frozen=True, slots=True)
class ReadyTenant:
    """A tenant of the spec, ready for the server.

    Attributes:
        secrets: The payload's secrets; empty where they were not resolved.
        create: How to create the tenant, None where the spec does not say.
    """

    place: Place
    payload: Payload
    credentials: Credentials
    secrets: Mapping[PayloadPlace, Secret] = field(repr=False)
    create: Creation | None = None

    @property
    def domain(self) -> str:
        """The tenant's domain."""
        return self.payload.domain


class Preparation:
    """Make jobs of a spec's tenants.

    Args:
        spec: The spec.
        release: The product release.
        resolve: Resolves references to secrets.
        policy: What senders must keep to.
        with_secrets: Whether the senders' own secrets are resolved; those of ``api`` always are.

    Attributes:
        checked: Whether the whole source was checked and nothing is wrong with it.
        count: How many tenants the spec has, as far as it was checked.
        width: The columns that their names take, 40 at most.
        digest: Stands for the spec without its secrets, once it is checked.
    """

    def __init__(
        self, spec: Spec, release: Release, resolve: Resolve, *, policy: Policy | None = None, with_secrets: bool
    ) -> None:
        self.spec, self.release = spec, release
        self._resolve, self._policy = resolve, policy
        self._with_secrets = with_secrets
        owner = spec.document.get("owner")
        self.owner = owner if isinstance(owner, str) else None
        api = spec.document.get("api")
        self._api = api if isinstance(api, PlacedMap) else PlacedMap(place=spec.place())
        self._shared: Credentials | None = None
        self._fingerprints = Fingerprints()
        self._checking = self._check()
        self._good = 0
        self._further = asyncio.Event()
        self.checked, self.width, self.digest = False, 8, ""

    @property
    def count(self) -> int:
        """How many tenants the spec has, as far as it was checked."""
        return len(self._fingerprints)

    # -- the first pass

    def check(self) -> None:
        """Go through the whole source, or through what was not checked yet.

        Raises:
            SpecError: the spec has errors, or a payload that the release does not take, or no credentials.
            UnsafeToWrite: a secret does not resolve or is none, or the policy forbids something.
        """
        for _ in self._checking:
            pass

    async def check_ahead(self, good: Callable[[ReadyTenant], object] | None = None) -> None:
        """Do the same beside other work; the first ``AT_ONCE`` tenants are checked at once.

        Args:
            good: Called with every tenant that is all right, as long as all were.
        """
        for job in self._checking:
            if job is not None and good is not None:
                good(job)
            if self.count >= AT_ONCE and self.count % _BREATH == 0:
                self._further.set()
                await asyncio.sleep(0)
        self._further.set()

    def _check(self) -> Iterator[ReadyTenant | None]:
        """Check tenant by tenant; yield those that are all right, and None for the others."""
        stores = self.spec.document.get("stores")
        digest = blake2b(_ENCODE([self.release.version, self.owner, *([stores] if stores else [])]).encode(), digest_size=16)
        errors: list[Finding] = []
        problems: list[MailwrightError] = []
        for row in checked_tenants(self.spec, self.release, errors, payloads=True):
            self._fingerprints.record(row)
            job = None
            if not errors:  # what a spec with errors is made into is of no interest
                try:
                    job = self._job(self.spec.tenants.tenant(row), checked=False, with_secrets=self._with_secrets)
                    digest.update(_public(job))
                except (SpecError, UnsafeToWrite) as error:
                    problems.append(error)
            self.width = max(self.width, min(len(row.domain), _WIDEST))
            self._good += not errors and not problems
            yield job if not problems else None
        refuse(sorted(errors, key=lambda finding: finding.order))
        if problems:
            raise _summed(problems)
        self.width = max(self.width, len(f"{self.count} tenants"))
        self.digest, self.checked = digest.hexdigest(), True

    # -- later passes

    def jobs(self, *, to_write: bool = True) -> Iterator[ReadyTenant]:
        """Yield every tenant's job, in the order of the spec.

        Args:
            to_write: Whether it takes the secrets along, where they are resolved at all.

        Raises:
            UnsafeToWrite: the source is not as it was when it was checked.
        """
        for row in self._fingerprints.rows(self.spec.tenants, self.spec.place()):
            # What was checked once holds: the fingerprint says that it is the same.
            yield self._job(self.spec.tenants.tenant(row), checked=True, with_secrets=self._with_secrets and to_write)

    async def jobs_ahead(self) -> AsyncIterator[ReadyTenant]:
        """Yield the same, each as soon as it is known that nothing is wrong up to it."""
        jobs = self.jobs()
        number = 0
        while True:
            while number >= self._good and not self.checked:
                await self.further()
            job = next(jobs, None)
            if job is None:
                return
            yield job
            number += 1
            if number % _BREATH == 0:
                await asyncio.sleep(0)

    async def until_checked(self) -> None:
        """Wait until the whole source was checked; forever, where something is wrong with it."""
        while not self.checked:
            await self.further()

    async def further(self) -> None:
        """Wait until the check has come further, if it is not through."""
        if not self.checked:
            self._further.clear()
            await self._further.wait()

    def _job(self, tenant: Tenant, *, checked: bool, with_secrets: bool) -> ReadyTenant:
        payload = tenant_payload(tenant, self.release, owner=self.owner)
        if "/o/" in tenant.domain and not self.release.organizations:  # product/api.md#organizations
            raise SpecError(f"{self.release.version} has no API for sub-organizations", place=tenant.place)
        if not checked and self._policy is not None:
            self._policy.check(tenant, payload, self.release.product)
        values = {
            place: secret
            for place, text in payload.secrets.items()
            if (
                secret := self._secret(text, f"{place.name} of {tenant.domain}", tenant.place, tenant.sender, always=with_secrets)
            )
        }
        return ReadyTenant(tenant.place, payload, self._credentials(tenant), values, self._creation(tenant, always=with_secrets))

    def _secret(
        self, text: str, what: str, place: Place, owner: PlacedMap | None = None, *, always: bool = True
    ) -> Secret | None:
        """Return the secret behind a text, None where it is not needed.

        Args:
            what: What it is called.
            place: Where it stands, or who has it; *owner*: what it stands in.
            always: Whether a reference is resolved.

        Raises:
            UnsafeToWrite: there is none, or it is a mask or a placeholder, or comes from a store that the policy forbids.
        """
        reference = shown_reference(text)
        found = whole_reference(text)
        if found is not None and found.kind == "store":
            place = place_of_text(owner, text) or place
            if self._policy is not None:
                self._policy.check_store(found, self.spec.document.get("stores"), place)
        if found is not None and not always:
            return None
        secret = Secret(text) if found is None else self._resolved(text, what, reference, place)
        if secret is None or not secret:
            hint = "set the environment variable, or put the file into --secrets-dir"
            raise Unresolved(f"the secret {what} cannot be resolved: {reference}", reference, place=place, hint=hint)
        if why := unsafe_secret(secret.reveal()):
            hint = "the server would store it as it is (product/api.md#masks); it was not sent"
            raise UnsafeToWrite(f"the secret {what} {why}: {reference}", place=place, hint=hint)
        return secret

    def _resolved(self, text: str, what: str, reference: str, place: Place) -> Secret | None:
        try:
            return self._resolve(text)
        except Unresolved as error:
            message = f"the secret {what} cannot be resolved: {reference}: {error.message}"
            raise error.at(place, message) from None

    def _credentials(self, tenant: Tenant) -> Credentials:
        own = tenant.sender.get("api")
        return self.credentials(tenant.domain, own if isinstance(own, PlacedMap) else None, tenant.place)

    def credentials(self, domain: str, own: PlacedMap | None = None, place: Place | None = None) -> Credentials:
        """Return the credentials for a tenant: its own, else the spec's; ``{domain}`` in a user stands for the tenant's domain.

        Raises:
            SpecError: the spec names none.
            UnsafeToWrite: the secret does not resolve, or is a mask.
        """
        if not own and self._shared is not None:
            return self._shared
        part: Mapping[str, Any] = {**self._api, **(own or {})}
        if own and "user" in own and "client_id" not in own:
            part = {name: value for name, value in part.items() if name != "client_id"}
        if not part:
            raise _no_credentials("the tenants' API", self.spec.place())

        def at(name: str) -> Place:
            return own.value_place(name) if own and name in own else self._api.value_place(name)

        found = self._login(part, domain, place or self.spec.place("api"), "api", at)
        if not own and found.kind is Login.OAUTH:  # a user's name may have the domain in it
            self._shared = found
        return found

    def super_credentials(self) -> Credentials | None:
        """Return ``api.super``, None if the spec does not have it; raises as ``credentials`` does."""
        part = self._api.get("super")
        return (
            self._login(part, "carbon.super", self.spec.place("api", "super"), "api.super", part.value_place)
            if isinstance(part, PlacedMap)
            else None
        )

    def prune_credentials(self) -> Credentials:
        """Return the credentials for the list of tenants, which a prune needs beside its mark; raises as ``credentials`` does.

        Raises:
            SpecError: the spec has no ``owner`` or no ``api.super``.
        """
        login = self.super_credentials()
        if self.owner is None:
            raise SpecError("--prune needs the spec's `owner`", place=self.spec.place())
        if login is None:
            hint = "the list of tenants is the super tenant's (product/tenant-management.md#base)"
            raise SpecError("--prune needs `api.super`", place=self.spec.place("api"), hint=hint)
        return login

    def _login(self, part: Mapping[str, Any], domain: str, place: Place, what: str, at: Callable[[str], Place]) -> Credentials:
        for kind, name, word in ((Login.OAUTH, "client_id", "client_secret"), (Login.BASIC, "user", "password")):
            if name in part:
                if word not in part:
                    raise SpecError(f"`{what}.{name}` goes with `{what}.{word}`, which is missing", place=place)
                secret = self._secret(str(part[word]), f"{what}.{word}", at(word))
                assert secret is not None
                user = str(part[name])
                shown = user.replace("{domain}", domain.partition("/o/")[0]) if kind is Login.BASIC else user
                return Credentials(kind, shown, secret)
        raise _no_credentials(shown_key(domain), place)

    def _creation(self, tenant: Tenant, *, always: bool) -> Creation | None:
        part = tenant.sender.get("create")
        if not isinstance(part, PlacedMap) or not isinstance(owner := part.get("owner"), PlacedMap) or "/o/" in tenant.domain:
            return None
        text = owner.get("password")
        inline = owner.get("provisioning") == "inline-password"
        password = (
            self._secret(str(text), f"create.owner.password of {tenant.domain}", tenant.place, owner, always=always)
            if inline
            else None
        )
        fields = {
            "username": str(owner["username"]),
            "email": str(owner["email"]),
            "provisioningMethod": str(owner["provisioning"]),
        }
        name = part.get("name")
        return Creation(tenant.domain, str(name) if name and self.release.tenant_names else None, fields, password)


def _public(job: ReadyTenant) -> bytes:
    """Return what of a job goes into the digest of the spec: references of secrets, not secrets."""
    secrets_ = sorted((place.name, shown_reference(text)) for place, text in job.payload.secrets.items())
    create = [job.create.name, dict(job.create.owner)] if job.create else None
    login = [job.credentials.kind.value, job.credentials.name]
    return _ENCODE_SORTED([job.domain, job.payload.version, job.payload.body, secrets_, login, create]).encode()


def _no_credentials(whose: str, place: Place) -> SpecError:
    hint = "write `api: {client_id: …, client_secret: $env{MAILWRIGHT_CLIENT_SECRET}}`, or `user` and `password`"
    return SpecError(f"there are no credentials for {whose}", place=place, hint=hint)


def _summed(problems: list[MailwrightError]) -> MailwrightError:
    """Return one error for all causes: the first in full, the others as lines; a cause that many tenants share stands there once."""
    causes: dict[object, list[MailwrightError]] = {}
    for error in problems:
        cause = error.cause if isinstance(error, Unresolved) else (error.place, error.message)
        causes.setdefault(cause, []).append(error)
    groups = sorted(causes.values(), key=lambda group: not isinstance(group[0], UnsafeToWrite))
    (first, *_), *others = groups
    shown = [_counted(group) for group in groups[:_SHOWN_PROBLEMS]]
    more = "".join(f"\n  also: {group[0].place}: {text}" for group, text in zip(others, shown[1:], strict=False))
    rest = f"\n  and {len(groups) - len(shown)} more" if len(groups) > len(shown) else ""
    kind = UnsafeToWrite if isinstance(first, UnsafeToWrite) else SpecError
    return kind(f"{shown[0]}{more}{rest}", place=first.place, hint=first.hint)


def _counted(group: list[MailwrightError]) -> str:
    more = len(group) - 1
    return group[0].message + (f" (and {more} tenant{'s' if more > 1 else ''} more)" if more else "")
