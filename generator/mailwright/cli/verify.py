"""``mailwright verify``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from ..base.errors import ExitCode, UsageError
from ..report.formats import FOR_OTHERS, FORMATS, WITH_CERTIFICATES, verify_lines
from .configured import is_from_file, is_typed, nearest, setting
from .inputs import input_argument, stdin_filename
from .manner import manner
from .options import asked_version, output_format, output_option, product_version, several_environments

if TYPE_CHECKING:
    from ..report.verified import Verified
    from ..verification.truststores import TrustStore


@click.command()
@input_argument("files", metavar="FILE...", nargs=-1, required=True)
@stdin_filename
@several_environments
@click.option(
    "--tenant", "tenants", metavar="DOMAIN", multiple=True, help="Only this tenant; carbon.super for the global sender."
)
@setting("--ca-file", metavar="PEM", help="The server's trust store as PEM.")
@setting("--trust-store", metavar="FILE", help="The server's trust store: PKCS#12, JKS or PEM.")
@setting("--trust-store-password-file", metavar="FILE", help="A file with its password; without it, the product's default.")
@setting("--timeout", type=float, default=10.0, show_default=True, help="Seconds for each phase.")
@setting("--deadline", type=float, help="Seconds for a whole check.  [default: 4 times --timeout]")
@click.option("--allow-cleartext", is_flag=True, help="Authenticate without TLS.")
@click.option("--allow-unverified", is_flag=True, help="Authenticate although the certificate does not verify.")
@setting("--require-auth", is_flag=True, help="Exit 8 if a secret cannot be resolved, so that AUTH is skipped.")
@setting(
    "--secrets-dir",
    metavar="DIR",
    help="A folder with one file per alias, for $secret{alias}, and one per name, for $file{name}.",
)
@setting("--policy", metavar="FILE", help="A policy for the stores that secrets may come from (mailwright schema policy).")
@click.option("--rcpt", metavar="ADDRESS", help="Ask for this recipient too (RCPT TO); nothing is sent.")
@click.option("--send-test-to", metavar="ADDRESS", help="Send one real message to this address, from each sender.")
@setting("--concurrency", type=click.IntRange(1, 512), default=16, show_default=True, help="Checks at the same time.")
@setting("--per-host", type=click.IntRange(1, 512), default=4, show_default=True, help="Of those, at the same mail server.")
@setting("--rate", type=float, help="At most so many new checks per second.")
@click.option("--all", "everything", is_flag=True, help="Show each sender in full, even if that is longer than a screen.")
@output_option("FILE", "Write the report to a file, whole or not at all, and print the summary alone.")
@click.option(
    "--summary-file",
    metavar="FILE",
    help="Write the run in one line to this file too, in place: what a container has for its termination message.",
)
@product_version
@output_format(*FORMATS["verify"])
def command(
    files: tuple[str, ...],
    environments: tuple[str, ...],
    all_env: bool,
    tenants: tuple[str, ...],
    ca_file: str | None,
    trust_store: str | None,
    trust_store_password_file: str | None,
    require_auth: bool,
    secrets_dir: str | None,
    policy: str | None,
    concurrency: int,
    per_host: int,
    rate: float | None,
    everything: bool,
    output: str | None,
    summary_file: str | None,
    product_version: str | None,
    format_: str,
    **handshake: Any,
) -> int:
    """Check each sender with a live SMTP handshake.

    FILE is a spec (its global sender and its tenants), a deployment.toml, or both: then the tenants' values go on top of those in the
    deployment.toml. With several environments, each has its own senders, and its name stands before theirs.

    $env{NAME} comes from this environment, $secret{alias} from --secrets-dir or MAILWRIGHT_SECRET_<ALIAS>. Credentials go only over TLS
    that verifies. If the report is longer than a screen, what is wrong comes first, each cause once, and the rest as counts; --all shows
    every sender in full. --format json is one document; if tenants come from CSV or JSON Lines, it is one document per line. Everything is
    in the order of the files. --format prometheus writes metrics for node_exporter's textfile collector, and --format nagios is one line
    with the exit codes of a monitoring plugin: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.

    \b
    Examples:
      mailwright verify email.yaml --env prod
      mailwright verify email.yaml --all-env --format junit
      mailwright verify email.yaml --env prod --format markdown > comment.md
      mailwright verify email.yaml --tenant acme.example --trust-store client-truststore.p12
      mailwright verify deployment.toml --product-version 7.2.0 --ca-file ca.pem
      mailwright verify email.yaml --env prod --format prometheus -o /var/lib/node_exporter/mailwright.prom
      ssh node1 cat deployment.toml | mailwright verify - --product-version 7.2.0
    """
    from ..operations.verify import Handshake, verify
    from ..report.text import PLAIN, style_of
    from ..report.verified import Verified
    from ..verification.fleet import FleetLimits

    if output is not None and not is_typed("format_"):  # what -o names, the command line alone says
        format_ = "text"
    if output is not None:
        from ..base.writing import ensure_writable

        ensure_writable(output)
    store = _trust_store(ca_file, trust_store, trust_store_password_file)
    results = verify(
        files,
        environments=environments,
        all_env=all_env,
        tenants=tenants,
        product_version=asked_version(product_version),
        secrets_dir=secrets_dir,
        policy=policy,
        handshake=Handshake(store, describe=format_ in WITH_CERTIFICATES, **handshake),
        limits=FleetLimits(concurrency, per_host, rate),
    )
    if output is not None or summary_file is not None:
        from ..base.writing import ensure_apart

        for written in (output, summary_file):
            ensure_apart(
                written, (*files, *results.files(), ca_file, trust_store, trust_store_password_file, secrets_dir, policy)
            )
    if summary_file is not None:
        _write_summary(summary_file, "")
    run = Verified(
        results,
        lambda text: click.echo(text, err=True),
        style=PLAIN if output is not None else style_of(sys.stdout, manner().colour),
        streamed=results.streamed,
        require_auth=require_auth,
        progress=results.several and not manner().quiet,
        everything=everything,
    )
    if output is None:
        _print(verify_lines(format_, run), run)
    else:
        _write(output, format_, run)
    run.finish()
    if summary_file is not None:
        from ..report.verified_line import verified_line

        _write_summary(summary_file, f"{verified_line(run)}\n")
    if run.interrupted:
        click.echo(f"interrupted: {run.done} finished; --tenant DOMAIN checks one of the others", err=True)
    code = int(ExitCode.INTERRUPTED) if run.interrupted else run.exit_code
    return code if run.own_exit_code is None else run.own_exit_code


def _trust_store(ca_file: str | None, trust_store: str | None, password_file: str | None) -> TrustStore | None:
    """Return the server's trust store, read; what of it is left out is told."""
    from ..operations.verify import read_trust_store
    from ..report.text import one_line

    if ca_file and trust_store:
        said = nearest("ca_file", "trust_store")
        if len(said) > 1:
            raise UsageError("--ca-file and --trust-store name two trust stores", hint="leave one of them out")
        trust_store = trust_store if "trust_store" in said else None
    if password_file and not trust_store:
        if not is_from_file("trust_store_password_file"):
            raise UsageError("--trust-store-password-file goes with --trust-store")
        password_file = None
    path = trust_store or ca_file
    store = read_trust_store(path, password_file) if path else None
    if store is not None:
        for alias, reason in store.unusable:
            click.echo(one_line(f"mailwright: {store.name}: {alias} is left out: {reason}"), err=True)
    return store


def _write(path: str, format_: str, run: Verified) -> None:
    """Write the report to a file; after an interrupt whatever stands there is as it was."""
    from ..base.writing import open_whole
    from ..report.verified_line import verified_line

    try:
        with open_whole(path, mode=0o644 if format_ in FOR_OTHERS else 0o600) as file:
            for line in verify_lines(format_, run):
                file.write(f"{line}\n".encode("utf-8", "backslashreplace"))
            if run.interrupted:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        run.interrupted = True
    else:
        click.echo(verified_line(run))


def _write_summary(path: str, text: str) -> None:
    """Write a container's termination message: its file is there, and cannot be put in another's place."""
    from ..base.writing import not_written

    try:
        with open(path, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        raise not_written(path, error) from None


def _print(lines: Iterator[str], run: Verified) -> None:
    """Print the lines as they come; an interrupt ends the run, and what it leaves is printed."""
    try:
        for line in lines:
            click.echo(line)
            sys.stdout.flush()
    except KeyboardInterrupt:
        if run.interrupted:
            raise
        run.interrupted = True
        _print(lines, run)
