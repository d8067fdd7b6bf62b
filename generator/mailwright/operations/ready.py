"""A spec made ready for a server: all that can be said of it without a request is said here, and no request is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..base.errors import UsageError
from ..base.reading import ensure_folder
from ..product.releases import Release
from ..spec import Spec
from ..spec.resolving import SecretStore
from ..tenants.planner import DomainSet
from ..tenants.policy import load_policy
from ..tenants.preparing import Fingerprints, Preparation
from ..tenants.runs import Server
from .servers import Connection
from .specs import checked

_WIDEST = 40


@dataclass(frozen=True)
class Prepared:
    """A spec that was checked, and the server that it is for, not talked to yet.

    Attributes:
        preparation: Makes the tenants' requests.
        release: The product release.
        digest: Stands for the spec without its secrets.
        domains: Those of its tenants.
        width: The columns that their names take, 40 at most.
    """

    server: Server
    preparation: Preparation = field(repr=False)
    release: Release
    digest: str
    domains: DomainSet = field(repr=False)
    width: int

    @property
    def environment(self) -> str | None:
        """The spec's environment."""
        return self.preparation.spec.environment


def prepare(
    spec: Spec,
    connection: Connection | Server | None = None,
    *,
    product_version: str | None = None,
    policy: str | None = None,
    secrets_dir: str | None = None,
    with_secrets: bool = True,
) -> Prepared:
    """Check a whole spec against what its server's release takes; nothing is sent.

    Args:
        spec: The spec, with the environment that is worked on.
        connection: How its server is reached, or that server; None: as its environment says.
        product_version: The product release; None takes the spec's.
        policy: A file that says what tenants are held to.
        secrets_dir: Where ``$file{}`` looks first; it begins in the spec's folder.
        with_secrets: Whether the senders' own secrets are resolved, which ``apply`` needs; those of ``api`` always are.

    Raises:
        SpecError, UnsafeToWrite, UsageError: what is wrong with the spec, with the server, or with the two together.
        UnreadableInput: a file that is named cannot be read.
    """
    server = connection if isinstance(connection, Server) else (connection or Connection()).reach(spec)
    ensure_folder(secrets_dir, "--secrets-dir")
    rules = load_policy(policy, spec.product) if policy else None
    marks = Fingerprints()
    release = checked(spec, product_version, watch=marks.record)
    if release is None:
        newest = spec.product.releases.newest.version
        hint = f'write `product: {{version: "{newest}"}}` into the spec, or use --product-version V'
        raise UsageError("the product version is needed: it says which API there is", hint=hint)
    store = SecretStore(Path(secrets_dir) if secrets_dir else None, spec_folder=Path(spec.path).parent)
    preparation = Preparation(spec, release, store, marks, policy=rules, with_secrets=with_secrets)
    domains, width = DomainSet(), 8

    def seen(domain: str) -> None:
        nonlocal width
        domains.add(domain)
        width = max(width, min(len(domain), _WIDEST))

    digest = preparation.check(seen)
    return Prepared(server, preparation, release, digest, domains, max(width, len(f"{len(marks)} tenants")))
