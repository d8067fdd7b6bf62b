"""What ``plan`` and ``apply`` share: their options, and making a spec and a server ready."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..base.errors import UsageError
from .options import asked_release, product_version

if TYPE_CHECKING:
    from ..base.nodes import Json
    from ..operations.bound import Bound
    from ..operations.ready import Prepared
    from ..tenants.runs import Server

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.argument("spec", metavar="SPEC"),
    click.option(
        "--server", metavar="URL", help="The Identity Server, e.g. https://is.example.com:9443.  [default: the environment's]"
    ),
    click.option("--server-override", is_flag=True, help="Let --server be another server than the environment's."),
    click.option(
        "--ca-file", metavar="PEM", help="Who issued the server's certificate.  [default: the environment's, this machine's]"
    ),
    click.option("--allow-unverified", is_flag=True, help="DANGEROUS: send credentials to a server that cannot prove who it is."),
    click.option("--timeout", type=click.FloatRange(0.1, 600), default=30.0, show_default=True, help="Seconds for one request."),
    click.option(
        "--concurrency", type=click.IntRange(1, 256), default=16, show_default=True, help="Tenants in work at one time."
    ),
    click.option("--rate", type=click.FloatRange(0.01), metavar="N", help="Requests a second at most."),
    click.option("--policy", metavar="FILE", help="Hosts, domains and TLS that tenants are held to (mailwright schema policy)."),
    click.option("--secrets-dir", metavar="DIR", help="A file a name, for $file{name}."),
)


def target_options(function: F) -> F:
    """Add the options."""
    for option in reversed((*_OPTIONS, product_version)):
        function = option(function)
    return function


@dataclass(frozen=True)
class Target:
    """The options' values."""

    spec: str
    server: str | None
    environment: str | None
    ca_file: str | None
    allow_unverified: bool
    timeout: float
    concurrency: int
    rate: float | None
    policy: str | None
    secrets_dir: str | None
    product_version: str | None
    server_override: bool = False

    def ready(self, document: Json, *, with_secrets: bool) -> tuple[Server, Prepared]:
        """Return the server, not talked to yet, and the spec, checked before any request.

        Args:
            document: The spec's content, read.
            with_secrets: Whether the senders' own secrets are resolved.

        Raises:
            SpecError, UnsafeToWrite, UsageError: what is wrong with the spec, the server's URL, or the two together.
            UnreadableInput: the authorities are not usable.
        """
        from ..operations.bound import bound_server
        from ..operations.ready import prepare
        from ..spec import make_spec

        spec = make_spec(self.spec, document, self.environment)
        bound = bound_server(spec, self.server, self.ca_file, override=self.server_override)
        server = self._reach(bound)
        prepared = prepare(
            self.spec,
            document,
            self.environment,
            asked_release(self.product_version),
            policy=self.policy,
            secrets_dir=self.secrets_dir,
            with_secrets=with_secrets,
        )
        return server, prepared

    def _reach(self, bound: Bound) -> Server:
        from ..tenants.runs import Server
        from ..tenants.transport import Limits, tls_context

        if not math.isfinite(self.timeout) or (self.rate is not None and not math.isfinite(self.rate)):
            raise UsageError("--timeout and --rate must be numbers")
        if self.allow_unverified:
            click.echo(
                "WARNING: --allow-unverified: the server's certificate is NOT checked; credentials and secrets go to whoever answers",
                err=True,
            )
        context = tls_context(bound.ca_file, verify=not self.allow_unverified)
        return Server(bound.address, context, Limits(concurrency=self.concurrency, rate=self.rate, timeout=self.timeout))
