"""``mailwright import``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..base.errors import ExitCode, UnsafeToWrite, UsageError
from ..base.places import Place, decode, read_bytes
from ..base.writing import ensure_writable, write_new
from ..deployment import parse_deployment
from ..report.text import one_line
from ..spec.references import shown_name
from .import_tenants import Made, from_provider, from_server
from .options import asked_release, environment_option, output_option, product_version

if TYPE_CHECKING:
    from ..adoption.deployments import Imported

_PROVIDERS = (".yaml", ".yml", ".json")


@click.command()
@click.argument("file", required=False)
@click.option("--server", metavar="URL", help="Read tenants' senders from this Identity Server instead.")
@click.option("--server-override", is_flag=True, help="Let --server be another server than the environment's.")
@click.option("--api", metavar="SPEC", help="A spec whose `api` says who calls, and whose environment which server.")
@environment_option("With --api: the environment.")
@click.option("--tenant", "tenants", multiple=True, metavar="DOMAIN", help="With --server: only this one; else whose FILE is.")
@click.option("--ca-file", metavar="PEM", help="Who issued the server's certificate; without it this machine's authorities.")
@click.option("--allow-unverified", is_flag=True, help="DANGEROUS: send credentials to a server that cannot prove who it is.")
@click.option("--secrets-dir", metavar="DIR", help="A file a name, for $file{name} in `api`.")
@output_option("SPEC", "Write the spec here (mode 0600); it must not exist yet.")
@click.option("--keep-secrets", is_flag=True, help="With -o: write literal secrets into the spec.")
@product_version
def command(
    file: str | None,
    output: str | None,
    keep_secrets: bool,
    product_version: str | None,
    server: str | None,
    api: str | None,
    environment: str | None,
    tenants: tuple[str, ...],
    **connection: Any,
) -> int:
    """Make a spec of what a server has.

    FILE is a deployment.toml, the output-event-adapters.xml of 5.8 and earlier, or an email provider that the vendor's CLI
    exported (.yaml, .yml, .json; with --tenant). --server reads the tenants' senders over the API: those that --tenant names, or all.
    With -o FILE.jsonl the tenants alone are written, a line each, for `tenants_from`.

    Merging the spec back changes nothing. A literal secret stays in the file alone: the spec says $keep{}.

    \b
    Examples:
      mailwright import deployment.toml --product-version 7.2.0 -o email.yaml
      mailwright import output-event-adapters.xml
      mailwright import EmailPublisher.yml --tenant acme.example -o email.yaml
      mailwright import --server https://is.example.com:9443 --api email.yaml -o tenants.yaml
      mailwright import --api email.yaml --env prod -o tenants.yaml
    """
    from ..adoption.deployments import import_adapters_xml, import_deployment, spec_yaml
    from ..rendering.folder import holds_literal

    if keep_secrets and output is None:
        raise UsageError("--keep-secrets goes with -o: a secret is not printed")
    provider = file is not None and Path(file).suffix.lower() in _PROVIDERS
    if keep_secrets and (server is not None or api is not None or provider):
        raise UsageError("--keep-secrets is for deployment.toml: no secret of a tenant is kept")
    if api is None and server is None and tenants and not provider:
        raise UsageError("--tenant goes with --server or the file of a provider")
    if server is not None or api is not None:
        connection |= {"server": server, "product_version": product_version}
        made = _from_server(file, api, tenants, output, environment, connection)
        return _tenants_out(made, output, server or str(api))
    if file is None:
        raise UsageError("name a FILE, or --server URL")
    release = asked_release(product_version)
    if provider:
        return _tenants_out(from_provider(file, tenants, release), output, file)
    data = read_bytes(file)
    if file.lower().endswith(".xml"):
        imported = import_adapters_xml(decode(data, file), keep_secrets=keep_secrets)
    else:
        deployment = parse_deployment(data.decode("utf-8", "surrogateescape"), file)
        imported = import_deployment(deployment, release, keep_secrets=keep_secrets)
    text = spec_yaml(imported.document)
    if output is None:
        if holds_literal(imported.document.get("global")):
            raise UnsafeToWrite(
                "the spec holds a property that might be a secret in clear text: that is never printed",
                place=Place(file),
                hint="use -o SPEC, which writes a file that only you can read",
            )
        click.echo(text, nl=False)
    else:
        write_new(output, text.encode())
        click.echo(one_line(f"wrote {output}"), err=True)
    for line in _next_steps(imported, file, kept=not file.lower().endswith(".xml"), loaded=output):
        click.echo(one_line(line), err=True)
    return int(ExitCode.OK)


def _next_steps(imported: Imported, file: str, *, kept: bool, loaded: str | None) -> Iterator[str]:
    """Yield what is to be known of the spec, and what to do next."""
    from ..adoption.deployments import reference_for

    for place, why in imported.left:
        yield f"{place}: not in the spec, and left as it is: {why}"
    for name in imported.replaced:
        reference, name = reference_for(name), shown_name(name)
        if kept:
            yield f"`{name}` stands in clear text: the spec says $keep{{}}, which leaves it in each file as it is"
            yield f"  to encrypt it: {name}: {reference} in the spec, and the alias's encrypted text as `secrets: {{{reference.name}: …}}`"
            yield f"  or to have it from the environment: {name}: $env{{NAME}}; docs/adoption.md goes through both"
        else:
            yield f"`{name}` stands in clear text: the spec says {reference}; give the alias its encrypted text (docs/adoption.md)"
    if imported.missing:
        names = ", ".join(f"`{shown_name(name)}`" for name in imported.missing)
        yield f"not in the spec: {names}, which a sender needs; a merge leaves that as it is; `mailwright validate {file}` says what is wrong"
    if "global" not in imported.document and not imported.left:
        yield f"{file} sets no email sender: the spec has no `global`, and a merge changes nothing until it has one"
    elif loaded is not None:
        yield f"next: mailwright validate {loaded}; mailwright merge --check {loaded} {file}"


def _from_server(
    file: str | None, api: str | None, tenants: tuple[str, ...], output: str | None, environment: str | None, connection: Any
) -> Made:
    from ..spec import load_spec
    from .target import ready

    if file is not None:
        raise UsageError("--server and --api go without a FILE")
    if api is None:
        raise UsageError(
            "--server goes with --api SPEC", hint="a spec with `api: {client_id: …, client_secret: $env{…}}` will do"
        )
    if output is not None:
        ensure_writable(output, new=True)
    return from_server(ready(load_spec(api, environment), connection, with_secrets=False), tenants, output)


def _tenants_out(made: Made, output: str | None, name: str) -> int:
    if output is not None:
        write_new(output, made.text.encode())
        click.echo(one_line(f"wrote {output}"), err=True)
    elif made.opaque:
        raise UnsafeToWrite(
            "the requests of HTTP providers can hold credentials: they are never printed",
            place=Place(name),
            hint="use -o SPEC, which writes a file that only you can read",
        )
    else:
        click.echo(made.text, nl=False)
    for remark in made.remarks:
        click.echo(one_line(remark), err=True)
    return made.code
