"""``mailwright import``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..base.errors import ExitCode, UnsafeToWrite, UsageError
from ..base.places import Place
from ..base.reading import read_bytes
from ..base.writing import ensure_writable, write_new
from ..validation.kinds import is_manifest_file
from .configured import setting
from .inputs import input_argument, stdin_filename
from .options import asked_version, environment_option, output_format, output_option, product_version

if TYPE_CHECKING:
    from ..adoption.tenant_spec import ImportedTenants

_PROVIDERS = (".yaml", ".yml", ".json")
_LINES = ".jsonl"
_INTO_A_FILE = "use -o SPEC, which writes a file that only you can read"


@click.command()
@input_argument("file", required=False)
@stdin_filename
@click.option("--server", metavar="URL", help="Read tenants' senders from this Identity Server instead.")
@click.option("--server-override", is_flag=True, help="Accept a --server that is not the environment's.")
@click.option("--api", metavar="SPEC", help="A spec whose `api` says who calls, and whose environment names the server.")
@environment_option("With --api: the environment.")
@click.option(
    "--tenant",
    "tenants",
    multiple=True,
    metavar="DOMAIN",
    help="With --server: only this tenant. With FILE: the tenant that it belongs to.",
)
@setting("--ca-file", metavar="PEM", help="Who issued the server's certificate; without it, this machine's authorities.")
@click.option("--allow-unverified", is_flag=True, help="DANGEROUS: send credentials to a server that cannot prove who it is.")
@setting("--secrets-dir", metavar="DIR", help="A folder with one file per name, for $file{name} in `api`.")
@output_option("SPEC", "Write the spec here (mode 0600); it must not exist yet.")
@click.option("--keep-secrets", is_flag=True, help="With -o: write literal secrets into the spec.")
@product_version
@output_format("text", "json")
def command(
    file: str | None, output: str | None, keep_secrets: bool, api: str | None, tenants: tuple[str, ...], **options: Any
) -> int:
    """Make a spec from what a server has.

    FILE is a deployment.toml, or a Kubernetes manifest that holds one; the output-event-adapters.xml of 5.8 and earlier; or an email
    provider that the vendor's CLI exported (.yaml, .yml, .json; with --tenant). --server reads the tenants' senders over the API: those
    that --tenant names, or all of them. With -o FILE.jsonl only the tenants are written, one per line, for `tenants_from`.

    Merging the spec back changes nothing. A literal secret stays in its file; the spec says $keep{}.

    \b
    Examples:
      mailwright import deployment.toml --product-version 7.2.0 -o email.yaml
      helm template is CHART | mailwright import - -o email.yaml
      mailwright import output-event-adapters.xml
      mailwright import EmailPublisher.yml --tenant acme.example -o email.yaml
      mailwright import --server https://is.example.com:9443 --api email.yaml -o tenants.yaml
      mailwright import --api email.yaml --env prod -o tenants.yaml
    """
    server = options["server"] or api
    provider = file is not None and Path(file).suffix.lower() in _PROVIDERS and not is_manifest_file(file)
    if keep_secrets and output is None:
        raise UsageError("--keep-secrets goes with -o: a secret is not printed")
    if keep_secrets and (server or provider):
        raise UsageError("--keep-secrets is for deployment.toml: no secret of a tenant is kept")
    if tenants and not server and not provider:
        raise UsageError("--tenant goes with --server or the file of a provider")
    if server:
        return _from_server(file, api, tenants, output, options)
    if file is None:
        raise UsageError("name a FILE, or --server URL")
    version = asked_version(options["product_version"])
    if not provider:
        return _from_file(file, version, output, keep_secrets=keep_secrets)
    if len(tenants) != 1:
        raise UsageError("a provider file does not say whose it is", hint="name its tenant with --tenant DOMAIN")
    from ..operations.import_ import import_provider

    return _tell(import_provider(file, tenants[0], product_version=version), output, file)


def _from_file(file: str, version: str | None, output: str | None, *, keep_secrets: bool) -> int:
    from ..base.yaml_text import yaml_text
    from ..operations.import_ import import_deployment, is_adapters_xml
    from ..product.product import load_product
    from ..rendering.folder import holds_literal
    from ..report.imported import next_steps

    imported = import_deployment(file, product_version=version, keep_secrets=keep_secrets)
    literal = holds_literal(imported.document.get("global"), load_product().adapter)
    why = "the spec holds a property that might be a secret in clear text: that is never printed" if literal else None
    _hand_over(
        yaml_text(imported.document),
        output,
        file,
        why,
        next_steps(imported, file, output, xml=is_adapters_xml(file, read_bytes(file))),
    )
    return int(ExitCode.OK)


def _from_server(file: str | None, api: str | None, tenants: tuple[str, ...], output: str | None, options: dict[str, Any]) -> int:
    from ..operations.import_ import import_server
    from ..spec import load_spec
    from .target import ready

    if file is not None:
        raise UsageError("--server and --api go without a FILE")
    if api is None:
        hint = "a spec with `api: {client_id: …, client_secret: $env{…}}` will do"
        raise UsageError("--server goes with --api SPEC", hint=hint)
    if output is not None:
        ensure_writable(output, new=True)
    prepared = ready(load_spec(api, options.pop("environment")), options, with_secrets=False)
    return _tell(import_server(prepared, tenants), output, options["server"] or api, lines=str(output).lower().endswith(_LINES))


def _tell(made: ImportedTenants, output: str | None, name: str, *, lines: bool = False) -> int:
    from ..report.imported import tenants_remarks

    text, owners = (made.lines(), None) if lines else made.spec()
    opaque = "the requests of HTTP providers can hold credentials: they are never printed" if made.opaque else None
    _hand_over(text, output, name, opaque, tenants_remarks(made, owners, None if lines else text))
    return made.exit_code


def _hand_over(text: str, output: str | None, name: str, never_printed: str | None, remarks: Iterable[str]) -> None:
    """Write or print a spec, and say on stderr what is to be known of it; as JSON all of it on standard output."""
    from ..report.imported import import_json
    from ..report.text import one_line

    as_json = click.get_current_context().params["format_"] == "json"
    if output is None and never_printed:
        raise UnsafeToWrite(never_printed, place=Place(name), hint=_INTO_A_FILE)
    if output is not None:
        write_new(output, text.encode())
    if as_json:
        click.echo(import_json(name, output, text, remarks))
        return
    if output is not None:
        click.echo(one_line(f"wrote {output}"), err=True)
    else:
        click.echo(text, nl=False)
    for remark in remarks:
        click.echo(one_line(remark), err=True)
