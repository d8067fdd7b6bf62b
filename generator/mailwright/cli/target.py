"""What ``plan`` and ``apply`` share: their options, and making a spec and a server ready."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..errors import UsageError
from .options import asked_release, product_version

if TYPE_CHECKING:
    from ..tenants.ready import Prepared
    from ..tenants.runs import Server

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.argument("spec", metavar="SPEC"),
    click.option("--server", metavar="URL", required=True, help="The Identity Server, e.g. https://is.example.com:9443."),
    click.option("--env", "environment", metavar="E", help="The environment."),
    click.option("--ca-file", metavar="PEM", help="Who issued the server's certificate; without it this machine's authorities."),
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
    server: str
    environment: str | None
    ca_file: str | None
    allow_unverified: bool
    timeout: float
    concurrency: int
    rate: float | None
    policy: str | None
    secrets_dir: str | None
    product_version: str | None

    def reach(self) -> Server:
        """Return the server, not talked to yet.

        Raises:
            UsageError, UnreadableInput: the URL or the authorities are not usable.
        """
        from ..tenants.runs import Server
        from ..tenants.transport import Limits, server_address, tls_context

        if not math.isfinite(self.timeout) or (self.rate is not None and not math.isfinite(self.rate)):
            raise UsageError("--timeout and --rate must be numbers")
        address = server_address(self.server)
        if self.allow_unverified:
            click.echo(
                "WARNING: --allow-unverified: the server's certificate is NOT checked; credentials and secrets go to whoever answers",
                err=True,
            )
        context = tls_context(self.ca_file, verify=not self.allow_unverified)
        return Server(address, context, Limits(concurrency=self.concurrency, rate=self.rate, timeout=self.timeout))

    def prepare(self, *, with_secrets: bool) -> Prepared:
        """Check the whole spec, before any request.

        Raises:
            SpecError, UnsafeToWrite, UsageError: what is wrong with it.
        """
        from ..spec import read_document
        from ..tenants.ready import prepare

        return prepare(
            self.spec,
            read_document(self.spec),
            self.environment,
            asked_release(self.product_version),
            policy=self.policy,
            secrets_dir=self.secrets_dir,
            with_secrets=with_secrets,
        )
