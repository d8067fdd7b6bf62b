"""A spec made ready for a server: all that can be said of it without a request is said here, and no request is made."""

from __future__ import annotations

from pathlib import Path

from ..base.errors import UsageError
from ..base.reading import ensure_folder
from ..base.values import dataclass, field
from ..product.releases import Release
from ..spec import Spec
from ..stores import Secrets
from ..tenants.policy import load_policy
from ..tenants.preparing import Preparation
from ..tenants.runs import Server
from .servers import Connection
from .specs import checked


@dataclass(frozen=True)
class Prepared:
    """A spec and the server that it is for, not talked to yet.

    Attributes:
        preparation: Checks the spec, and makes the tenants' requests.
        release: The product release.
        secrets: What the spec's references are resolved by: a context, a run long.
    """

    server: Server
    preparation: Preparation = field(repr=False)
    release: Release
    secrets: Secrets = field(repr=False)

    @property
    def environment(self) -> str | None:
        """The spec's environment."""
        return self.preparation.spec.environment

    @property
    def digest(self) -> str:
        """Stands for the spec without its secrets, once it is checked."""
        return self.preparation.digest

    @property
    def width(self) -> int:
        """The columns that the names of the tenants take, 40 at most, once the spec is checked."""
        return self.preparation.width


def prepare(
    spec: Spec,
    connection: Connection | Server | None = None,
    *,
    product_version: str | None = None,
    policy: str | None = None,
    secrets_dir: str | None = None,
    with_secrets: bool = True,
    ahead: bool = False,
) -> Prepared:
    """Check a whole spec against what its server's release takes; nothing is sent.

    Args:
        spec: The spec, with the environment that is worked on.
        connection: How its server is reached, or that server; None: as its environment says.
        product_version: The product release; None takes the spec's.
        policy: A file that says what tenants are held to.
        secrets_dir: Where ``$file{}`` looks first; it begins in the spec's folder.
        with_secrets: Whether the senders' own secrets are resolved, which ``apply`` needs; those of ``api`` always are.
        ahead: Whether ``plan`` or ``apply`` checks it, and reads from the server what is known to be right meanwhile. Nothing is
            written or told before all of it is checked; what is wrong is raised there.

    Raises:
        SpecError, UnsafeToWrite, UsageError: what is wrong with the spec, with the server, or with the two together.
        UnreadableInput: a file that is named cannot be read.
    """
    server = connection if isinstance(connection, Server) else (connection or Connection()).reach(spec)
    ensure_folder(secrets_dir, "--secrets-dir")
    rules = load_policy(policy, spec.product) if policy else None
    asked = spec.product.releases.parse(product_version) if product_version else None
    release = spec.product.releases.agreed(spec.product_version, asked, spec.place("product", "version"))
    if release is None:
        checked(spec)  # what is wrong with it goes first
        newest = spec.product.releases.newest.version
        hint = f'write `product: {{version: "{newest}"}}` into the spec, or use --product-version V'
        raise UsageError("the product version is needed: it says which API there is", hint=hint)
    secrets = Secrets(Path(secrets_dir) if secrets_dir else None)
    preparation = Preparation(spec, release, secrets.of(spec), policy=rules, with_secrets=with_secrets)
    if not ahead:
        try:
            preparation.check()
        except BaseException:
            secrets.close()
            raise
    return Prepared(server, preparation, release, secrets)
