"""A spec made ready for a server: the command and the Ansible collection begin here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..base.errors import UsageError
from ..base.nodes import Json
from ..product.releases import NEWEST, Release
from ..spec import make_spec
from ..spec.resolving import SecretStore
from ..tenants.planner import DomainSet
from ..tenants.policy import load_policy
from ..tenants.preparing import Fingerprints, Preparation
from ..validation.specs import ensure_valid

_WIDEST = 40


@dataclass(frozen=True)
class Prepared:
    """A spec that was checked: its digest without secrets, its domains, and how wide these are."""

    preparation: Preparation
    release: Release
    digest: str
    domains: DomainSet
    width: int


def prepare(
    path: str,
    document: Json,
    environment: str | None,
    asked: Release | None,
    *,
    policy: str | None = None,
    secrets_dir: str | None = None,
    with_secrets: bool,
) -> Prepared:
    """Check the whole spec, before any request.

    Args:
        path: Its file name; ``$file{}`` begins in its folder.
        document: Its content, read.
        environment: The environment, None for the base.
        asked: The release that an option names.
        policy: A file that tenants are held to.
        secrets_dir: Where ``$file{}`` looks first.
        with_secrets: Whether the senders' own secrets are resolved.

    Raises:
        SpecError, UnsafeToWrite, UsageError: what is wrong with it.
    """
    if secrets_dir is not None and not Path(secrets_dir).is_dir():
        raise UsageError("--secrets-dir is not a folder")
    rules = load_policy(policy) if policy else None
    marks = Fingerprints()
    spec = make_spec(path, document, environment)
    release = ensure_valid(spec, asked, watch=marks.record)
    if release is None:
        hint = f'write `product: {{version: "{NEWEST.version}"}}` into the spec, or use --product-version V'
        raise UsageError("the product version is needed: it says which API there is", hint=hint)
    store = SecretStore(Path(secrets_dir) if secrets_dir else None, spec_folder=Path(path).parent)
    preparation = Preparation(spec, release, store, marks, policy=rules, with_secrets=with_secrets)
    domains, width = DomainSet(), 8

    def seen(domain: str) -> None:
        nonlocal width
        domains.add(domain)
        width = max(width, min(len(domain), _WIDEST))

    digest = preparation.check(seen)
    return Prepared(preparation, release, digest, domains, max(width, len(f"{len(marks)} tenants")))
