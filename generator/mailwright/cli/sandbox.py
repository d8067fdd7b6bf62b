"""``mailwright sandbox``: stand-ins for trying things out, on the loopback interface only."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import click

from ..errors import UsageError


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
