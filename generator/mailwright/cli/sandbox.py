"""``mailwright sandbox``: stand-ins for trying things out, on the loopback interface only."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import click

from ..errors import UsageError
from ..releases import NEWEST
from ..report.text import one_line
from .options import asked_release, product_version


@click.group()
def command() -> None:
    """Run a stand-in server to try things."""


@command.command()
@click.option("--username", default="mailer", show_default=True, help="The user name that AUTH takes.")
@click.option("--password-file", required=True, metavar="FILE", help="A file that holds the password that AUTH takes.")
@click.option("--ca-out", metavar="FILE", help="Where the throw-away CA's certificate is written.")
def smtp(username: str, password_file: str, ca_out: str | None) -> None:
    """Run an SMTP server with STARTTLS and AUTH until interrupted.

    \b
    Example:
      mailwright sandbox smtp --password-file pw --ca-out ca.pem
    """
    try:
        from ..sandbox.smtp import SandboxSmtp
    except ImportError:
        raise UsageError("the sandbox needs more packages", hint="pip install 'mailwright[sandbox]'") from None
    try:
        password = Path(password_file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise UsageError("--password-file cannot be read") from None
    with SandboxSmtp(username=username, password=password) as server:
        if ca_out:
            Path(ca_out).write_text(server.ca_pem, encoding="ascii")
        click.echo(f"SMTP with STARTTLS on {server.host}:{server.port}, AUTH as {username}; Ctrl-C ends it")
        sys.stdout.flush()
        threading.Event().wait()


@command.command("is")
@click.option(
    "--secret-file",
    required=True,
    metavar="FILE",
    help="A file with the OAuth2 client's secret; each administrator's password too.",
)
@click.option("--client-id", default="mailwright", show_default=True, help="The OAuth2 client that every tenant has.")
@click.option(
    "--tenant", "named", multiple=True, metavar="DOMAIN[=ORG,…]", help="A tenant, with the ids of its sub-organizations."
)
@click.option("--tenants", "count", type=click.IntRange(0, 1_000_000), default=0, help="So many more: t0.example, t1.example, …")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=9443, show_default=True, help="Where to listen; 0 takes a free port."
)
@click.option("--ca-out", metavar="FILE", help="Where the throw-away CA's certificate is written.")
@click.option("--latency", type=click.FloatRange(0), default=0.0, metavar="MS", help="Keep every answer back for so long.")
@click.option(
    "--faults", default="", metavar="SHARES", help="What goes wrong, e.g. 429=0.05,500=0.01,reset=0.02,slow=0.01,echo,seed=7."
)
@click.option("--empty-list-404", is_flag=True, help="A list without senders is a 404; it is not known which the product sends.")
@click.option("--ignore-unknown", is_flag=True, help="From 7.1.0 on, ignore fields that are not known; it is not known either.")
@click.option("--partial-tenants", is_flag=True, help="From 7.1.0 on, creating a tenant ends in 206, TM-60021.")
@click.option("--log", is_flag=True, help="Print a line a request: method, path, status (0: cut).")
@product_version
def identity_server(
    secret_file: str,
    client_id: str,
    named: tuple[str, ...],
    count: int,
    ca_out: str | None,
    faults: str,
    product_version: str | None,
    *,
    log: bool,
    port: int,
    latency: float,
    **settings: bool,
) -> None:
    """Run a stand-in for Identity Server's tenant API until interrupted.

    It is not the product: it knows email senders (v1, v2), tenants and the token endpoint, and keeps all of it in memory.

    \b
    Examples:
      mailwright sandbox is --secret-file secret --tenant acme.example --ca-out ca.pem
      mailwright sandbox is --secret-file secret --tenants 1000 --latency 20 --faults 500=0.1 --product-version 7.1.0
    """
    try:
        from ..sandbox.identity import LoggedRequest, SandboxIs, SandboxTenant, Settings, TenantSettings, parse_faults
    except ImportError:
        raise UsageError("the sandbox needs more packages", hint="pip install 'mailwright[sandbox]'") from None
    secret = _secret(secret_file)
    pairs = (entry.partition("=") for entry in named)
    tenants = [SandboxTenant(domain, organizations=tuple(filter(None, ids.split(",")))) for domain, _, ids in pairs]
    tenants += [SandboxTenant(f"t{number}.example") for number in range(count)]

    def tell(request: LoggedRequest) -> None:
        click.echo(one_line(f"{request.method} {request.path} {request.status}"))

    server = SandboxIs(
        tenants,
        product_version=asked_release(product_version) or NEWEST,
        client_id=client_id,
        client_secret=secret,
        admin_password=secret,
        port=port,
        latency=latency / 1000,
        faults=parse_faults(faults),
        settings=Settings(
            empty_list=404 if settings["empty_list_404"] else 200,
            ignore_unknown=settings["ignore_unknown"],
            tenants=TenantSettings(partial=settings["partial_tenants"]),
        ),
        report=tell if log else None,
    )
    with server:
        _write_ca(ca_out, server.ca_pem)
        what = f"a stand-in for Identity Server {server.release.version}, not the product, on {server.url}"
        who = f"{len(server.domains)} tenants, client {client_id}, administrators admin@DOMAIN"
        click.echo(one_line(f"{what}: {who}; Ctrl-C ends it"))
        sys.stdout.flush()
        try:
            threading.Event().wait()
        finally:
            click.echo(f"{sum(server.counts().values())} requests, {server.at_once} at once at most", err=True)


def _secret(file: str) -> str:
    try:
        secret = Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise UsageError("--secret-file cannot be read") from None
    if not secret:
        raise UsageError("--secret-file is empty")
    return secret


def _write_ca(file: str | None, pem: str) -> None:
    if file:
        try:
            Path(file).write_text(pem, encoding="ascii")
        except OSError as error:
            raise UsageError(f"--ca-out cannot be written: {error.strerror}") from None
