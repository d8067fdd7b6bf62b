"""What ``plan``, ``apply`` and ``import`` share: the options that name a server, and making a spec ready for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .configured import setting
from .inputs import input_argument, stdin_filename
from .options import asked_version, product_version

if TYPE_CHECKING:
    from ..operations.ready import Prepared
    from ..spec import Spec

F = TypeVar("F", bound=Callable[..., Any])

UPDATE_SECRETS = ("on-version-change", "always")

_OPTIONS = (
    input_argument("spec", metavar="SPEC"),
    stdin_filename,
    setting(
        "--server",
        in_file=False,
        metavar="URL",
        help="The Identity Server, e.g. https://is.example.com:9443.  [default: the environment's]",
    ),
    click.option("--server-override", is_flag=True, help="Accept a --server that is not the environment's."),
    setting(
        "--ca-file", metavar="PEM", help="Who issued the server's certificate.  [default: the environment's, this machine's]"
    ),
    click.option("--allow-unverified", is_flag=True, help="DANGEROUS: send credentials to a server that cannot prove who it is."),
    setting("--timeout", type=click.FloatRange(0.1, 600), default=30.0, show_default=True, help="Seconds for one request."),
    setting(
        "--concurrency", type=click.IntRange(1, 256), default=16, show_default=True, help="How many tenants to work on at a time."
    ),
    setting("--rate", type=click.FloatRange(0.01), metavar="N", help="At most so many requests per second."),
    setting("--policy", metavar="FILE", help="A policy for the hosts, domains and TLS of tenants (mailwright schema policy)."),
    setting("--secrets-dir", metavar="DIR", help="A folder with one file per name, for $file{name}."),
)


def target_options(function: F) -> F:
    """Add the options."""
    for option in reversed((*_OPTIONS, product_version)):
        function = option(function)
    return function


def ready(spec: Spec, options: Mapping[str, Any], *, with_secrets: bool, ahead: bool = False) -> Prepared:
    """Return a spec that was checked for the server that the options name; no request is made.

    Args:
        options: The values of ``target_options``; absent ones as in ``Connection``.
        with_secrets: Whether the senders' own secrets are resolved.
        ahead: Whether it is checked later, while the server is read.
    """
    from ..operations.ready import prepare
    from ..operations.servers import Connection

    if options["allow_unverified"]:
        click.echo(
            "WARNING: --allow-unverified: the server's certificate is NOT checked; credentials and secrets go to any server that answers",
            err=True,
        )
    names = Connection.__dataclass_fields__.keys() & options.keys()
    return prepare(
        spec,
        Connection(**{name: options[name] for name in names}),
        product_version=asked_version(options["product_version"]),
        policy=options.get("policy"),
        secrets_dir=options["secrets_dir"],
        with_secrets=with_secrets,
        ahead=ahead,
    )


def ensure_output(output: str, spec: Spec, options: Mapping[str, Any], *others: str | None) -> None:
    """Make sure that a result is not written over what the same run reads; the rest as for ``ensure_apart``."""
    from ..base.writing import ensure_apart

    ensure_apart(output, (*spec.files(), *(options.get(name) for name in ("ca_file", "policy", "secrets_dir")), *others))


def tell(prepared: Prepared, foreign: int) -> None:
    """Say on stderr what is not sure, and what was not looked at."""
    if prepared.release.unsure:
        click.echo(f"mailwright: unsure: {prepared.release.unsure}", err=True)
    if foreign:
        click.echo(
            f"mailwright: {foreign} tenants that are not in the spec refuse its credentials and were not looked at", err=True
        )
