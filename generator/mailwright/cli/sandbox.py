"""``mailwright sandbox``: stand-ins for trying things out, on the loopback interface only."""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import click

from ..base.errors import UsageError
from ..base.extras import installing
from ..product.product import load_product
from ..report.text import counted, one_line
from .choices import Commands
from .options import asked_release, output_format, product_version

if TYPE_CHECKING:
    from ..sandbox.smtp.mailbox import Mail


@click.group(cls=Commands)
def command() -> None:
    """Run a stand-in server to try things."""


class _WithFaults(click.Command):
    """A command whose help ends with the faults."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table."""
        with formatter.section("Faults"):
            formatter.write_dl([(fault.word, fault.value) for fault in _smtp().Fault])


def _smtp() -> ModuleType:
    try:
        from ..sandbox import smtp as module
    except ImportError:
        raise UsageError("the sandbox needs more packages", hint=installing("sandbox")) from None
    return module


@command.command(cls=_WithFaults)
@click.option("--username", default="mailer", show_default=True, help="The user name that AUTH takes.")
@click.option("--password-file", required=True, metavar="FILE", help="A file that holds the password that AUTH takes.")
@click.option("--client-id", default="mailwright", show_default=True, help="The OAuth2 client, with --client-secret-file.")
@click.option("--client-secret-file", metavar="FILE", help="Offer XOAUTH2 too, and a token endpoint for this client secret.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Where to listen; 0, the default, takes a free port.")
@click.option("--implicit-tls", is_flag=True, help="TLS from the first byte, as on port 465.")
@click.option("--ca-out", metavar="FILE", help="Where the throw-away CA's certificate is written.")
@click.option("--mailbox", metavar="FOLDER", help="Keep mail here, as a Maildir; `mailwright sandbox mailbox` lists it.")
@click.option("--delay", type=click.FloatRange(0, 3600), default=0.0, metavar="SECONDS", help="Wait this long before each reply.")
@click.option(
    "--fault", "words", multiple=True, metavar="FAULT", help="Something that goes wrong; may be repeated. The list is below."
)
def smtp(
    username: str,
    password_file: str,
    client_id: str,
    client_secret_file: str | None,
    port: int,
    ca_out: str | None,
    mailbox: str | None,
    delay: float,
    words: tuple[str, ...],
    *,
    implicit_tls: bool,
) -> None:
    """Run an SMTP server until interrupted.

    It offers STARTTLS, takes AUTH and then mail. A line is printed for each mail.

    \b
    Examples:
      mailwright sandbox smtp --password-file pw --ca-out ca.pem
      mailwright sandbox smtp --password-file pw --ca-out ca.pem --port 2525 --mailbox mail
      mailwright sandbox smtp --password-file pw --ca-out ca.pem --fault expired --fault sender-refused
    """
    sandbox = _smtp()
    from ..sandbox.ca import Authority

    faults = sandbox.parse_faults(words)
    password = _secret(password_file, "--password-file")
    authority = Authority()
    folder = sandbox.MailFolder(Path(mailbox), create=True) if mailbox else None

    def deliver(mail: Mail) -> None:
        if folder is not None:
            folder.add(mail)
        click.echo(one_line(_mail_line(mail)))
        sys.stdout.flush()

    with ExitStack() as stack:
        tokens = None
        if client_secret_file:
            context = authority.server_context(("localhost", sandbox.HOST))
            secret = _secret(client_secret_file, "--client-secret-file")
            tokens = stack.enter_context(sandbox.TokenEndpoint(client_id, secret, context, sandbox.HOST))
        server = sandbox.SandboxSmtp(
            username=username,
            password=password,
            takes_token=tokens.takes if tokens else None,
            authority=authority,
            port=port,
            implicit_tls=implicit_tls,
            faults=faults,
            delay=delay,
            deliver=deliver,
        )
        try:
            stack.enter_context(server)
        except OSError as error:
            raise UsageError(f"port {port} cannot be listened on: {error.strerror}") from None
        _write_ca(ca_out, server.ca_pem)
        how = "TLS from the first byte" if implicit_tls else "STARTTLS"
        click.echo(one_line(f"SMTP with {how} on {server.host}:{server.port}, AUTH as {username}; Ctrl-C ends it"))
        if tokens:
            click.echo(one_line(f"token endpoint {tokens.url}, client {client_id}"))
        for fault in sorted(faults, key=lambda fault: fault.word):
            click.echo(f"fault {fault.word}: {fault.value}")
        sys.stdout.flush()
        threading.Event().wait()


@command.command()
@click.argument("folder", metavar="FOLDER")
@output_format("text", "json")
def mailbox(folder: str, format_: str) -> None:
    """List the mail in a folder of `sandbox smtp --mailbox`.

    \b
    Example:
      mailwright sandbox mailbox mail
    """
    for mail in _smtp().MailFolder(Path(folder)).mails():
        if format_ == "text":
            click.echo(one_line(_mail_line(mail)))
            continue
        headers = {"from": "From", "reply_to": "Reply-To", "subject": "Subject", "date": "Date", "message_id": "Message-ID"}
        envelope = {"schema_version": 1, "sender": mail.sender, "recipients": list(mail.recipients)}
        click.echo(json.dumps(envelope | {key: mail.header(name) for key, name in headers.items()}))


def _mail_line(mail: Mail) -> str:
    return f"{mail.sender} -> {', '.join(mail.recipients)}: {mail.header('Subject')} {mail.header('Message-ID')}"


@command.command("is")
@click.option(
    "--secret-file",
    required=True,
    metavar="FILE",
    help="A file with the OAuth2 client's secret, which is every administrator's password too.",
)
@click.option("--client-id", default="mailwright", show_default=True, help="The OAuth2 client that every tenant has.")
@click.option(
    "--tenant", "named", multiple=True, metavar="DOMAIN[=ORG,…]", help="A tenant, with the ids of its sub-organizations."
)
@click.option(
    "--tenants", "count", type=click.IntRange(0, 1_000_000), default=0, help="Add this many tenants: t0.example, t1.example, …"
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=9443, show_default=True, help="Where to listen; 0 takes a free port."
)
@click.option("--ca-out", metavar="FILE", help="Where the throw-away CA's certificate is written.")
@click.option("--latency", type=click.FloatRange(0), default=0.0, metavar="MS", help="Wait this long before each answer.")
@click.option("--faults", default="", metavar="SHARES", help="What goes wrong, e.g. 429=0.05,500=0.01,reset=0.02,echo,seed=7.")
@click.option(
    "--empty-list-404", is_flag=True, help="Answer 404 for an empty list of senders; what the product does is not known."
)
@click.option(
    "--ignore-unknown",
    is_flag=True,
    help="Ignore unknown fields, in releases where it is not known what the product does with them.",
)
@click.option("--partial-tenants", is_flag=True, help="Answer 206 (TM-60021) when a tenant is created, in releases that can.")
@click.option("--log", is_flag=True, help="Print a line for each request: method, path, status (0: cut off).")
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
        from ..sandbox.identity import Behaviour, LoggedRequest, SandboxIs, SandboxTenant, TenantSettings, parse_faults
    except ImportError:
        raise UsageError("the sandbox needs more packages", hint=installing("sandbox")) from None
    secret = _secret(secret_file, "--secret-file")
    pairs = (entry.partition("=") for entry in named)
    tenants = [SandboxTenant(domain, organizations=tuple(filter(None, ids.split(",")))) for domain, _, ids in pairs]
    tenants += [SandboxTenant(f"t{number}.example") for number in range(count)]

    def tell(request: LoggedRequest) -> None:
        click.echo(one_line(f"{request.method} {request.path} {request.status}"))

    server = SandboxIs(
        tenants,
        product_version=asked_release(product_version) or load_product().releases.newest,
        client_id=client_id,
        client_secret=secret,
        admin_password=secret,
        port=port,
        latency=latency / 1000,
        faults=parse_faults(faults),
        settings=Behaviour(
            empty_list=404 if settings["empty_list_404"] else 200,
            ignore_unknown=settings["ignore_unknown"],
            tenants=TenantSettings(partial=settings["partial_tenants"]),
        ),
        report=tell if log else None,
    )
    with server:
        _write_ca(ca_out, server.ca_pem)
        what = f"a stand-in for Identity Server {server.release.version}, not the product, on {server.url}"
        who = f"{counted(len(server.domains), 'tenant')}, client {client_id}, administrators admin@DOMAIN"
        click.echo(one_line(f"{what}: {who}; Ctrl-C ends it"))
        sys.stdout.flush()
        try:
            threading.Event().wait()
        finally:
            click.echo(f"{sum(server.counts().values())} requests, {server.at_once} at once at most", err=True)


def _secret(file: str, option: str) -> str:
    try:
        secret = Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{option} cannot be read", hint="name a file that holds the secret, as one line of text") from None
    if not secret:
        raise UsageError(f"{option} is empty")
    return secret


_CERTIFICATE = b"-----BEGIN CERTIFICATE"


def _write_ca(file: str | None, pem: str) -> None:
    if file:
        try:
            if os.path.isfile(file) and Path(file).read_bytes()[: len(_CERTIFICATE)] not in (b"", _CERTIFICATE):
                raise UsageError("--ca-out is there already, and is no certificate", hint="name another file")
            Path(file).write_text(pem, encoding="ascii")
        except OSError as error:
            raise UsageError(f"--ca-out cannot be written: {error.strerror}") from None
