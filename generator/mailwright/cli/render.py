"""``mailwright render``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..base.errors import ExitCode, UsageError, combine
from ..base.reading import ensure_folder
from ..base.writing import ensure_apart, ensure_writable
from ..product.product import load_product
from ..report.text import counted, one_line
from .choices import OneOf
from .configured import is_typed, setting
from .inputs import input_argument, stdin_filename
from .options import asked_version, output_format, output_option, product_version, several_environments

if TYPE_CHECKING:
    from ..operations.render import Checked
    from ..rendering.folder import Rendered


_AT_ONCE = 200
"""Lines that are written at once."""


@click.command()
@input_argument("spec", metavar="SPEC")
@stdin_filename
@several_environments
@output_option("DIR", "Write the fragment and one payload per tenant into a folder; with --format json or jsonl, into one FILE.")
@click.option(
    "--to",
    "target",
    type=OneOf(["helm-values", "job", "cronjob"]),
    help="Print what the vendor's chart can say, as values.yaml; or the manifests that run `verify` in a cluster.",
)
@click.option("--image", metavar="REF", help="With --to job or cronjob: the image that you built (docs/container.md).")
@click.option(
    "--name", metavar="NAME", help="With --to job or cronjob: what the objects are called.  [default: mailwright-verify]"
)
@click.option("--namespace", metavar="NS", help="With --to job or cronjob: where they are.")
@click.option("--schedule", metavar="CRON", help="With --to cronjob: when it runs, in UTC.  [default: 17 4 * * *]")
@click.option("--check", is_flag=True, help="With -o: write nothing; exit 1 and show a diff if the folder differs.")
@click.option("--with-secrets", is_flag=True, help="With -o: put the tenants' secrets into the payloads (mode 0600).")
@setting("--secrets-dir", metavar="DIR", help="With --with-secrets: a folder with one file per name, for $file{name}.")
@product_version
@output_format("text", "json", "jsonl")
def command(
    spec: str,
    environments: tuple[str, ...],
    all_env: bool,
    output: str | None,
    target: str | None,
    image: str | None,
    name: str | None,
    namespace: str | None,
    schedule: str | None,
    check: bool,
    with_secrets: bool,
    secrets_dir: str | None,
    product_version: str | None,
    format_: str,
) -> int:
    """Render the fragment and the payloads.

    The fragment of deployment.toml goes to stdout. With -o it goes into a folder, together with a REST payload for each tenant. Several
    environments go into a folder each; all of them are checked before the first is written.

    Payloads leave secrets out and list them in a file beside it (NAME.secrets.json: field to reference), so that nobody posts a
    reference as a password.

    --format jsonl is for tools that post the payloads: one object per tenant, with the method and the path of the request, as a stream
    of any length. --format json is one document, with the fragment too. Both go to stdout, or with -o into one file, whole or not at all.
    Nothing that could be a secret is printed; --with-secrets needs -o.

    --to helm-values prints what the vendor's Helm chart can say as its values.yaml, and exits 1 with the list of what it cannot.

    --to job and --to cronjob print the manifests that run `mailwright verify` inside the cluster, once or on a schedule: the spec in a
    ConfigMap, its secrets from the Secrets that `kubernetes` in the spec names, and a network policy (docs/kubernetes.md).

    \b
    Examples:
      mailwright render email.yaml
      mailwright render email.yaml --env prod -o rendered/prod
      mailwright render email.yaml --env prod -o rendered/prod --check
      mailwright render email.yaml --all-env -o rendered
      mailwright render email.yaml --env prod --format jsonl
      mailwright render email.yaml --env prod --to cronjob --image registry.example.com/mailwright:1.0 | kubectl apply -f -
    """
    from ..operations.render import check as checked
    from ..operations.render import printable_fragment
    from ..operations.specs import chosen_environments
    from ..spec import make_spec, read_document

    if (output is not None or target is not None) and not is_typed("format_"):  # what -o names, the command line alone says
        format_ = "text"
    if target is not None:
        if output is not None or format_ != "text":
            raise UsageError("--to prints one text: it goes without -o and --format")
        if all_env or len(environments) > 1:
            raise UsageError("--to prints one text: name one environment")
        asked = {"image": image, "name": name, "namespace": namespace, "schedule": schedule}
        return _printed(target, spec, environments[0] if environments else None, asked_version(product_version), asked)
    if image is not None or name is not None or namespace is not None or schedule is not None:
        raise UsageError("--image, --name, --namespace and --schedule go with --to job or cronjob")
    if output is None and (check or with_secrets or (secrets_dir and is_typed("secrets_dir"))):
        raise UsageError("--check, --with-secrets and --secrets-dir go with -o")
    if check and format_ != "text":
        raise UsageError("--check compares a folder: it does not go with --format json or jsonl")
    if format_ == "text":
        ensure_folder(output, "-o", made=True)
    elif output is not None:
        ensure_writable(output)
    version = asked_version(product_version)
    document = read_document(spec)
    chosen = chosen_environments(environments, document, all_env=all_env)
    specs = [make_spec(spec, document, name) for name in chosen]
    if output is not None and format_ != "text":
        ensure_apart(output, (*specs[0].files(), secrets_dir))
    if output is None and format_ == "text":
        if len(specs) > 1:
            raise UsageError("several environments go with -o DIR: there is one fragment each")
        click.echo(printable_fragment(specs[0], product_version=version), nl=False)
        return int(ExitCode.OK)
    ready = [
        checked(each, product_version=version, with_secrets=with_secrets, secrets_dir=secrets_dir, printed=output is None)
        for each in specs
    ]
    if format_ != "text":
        _write_json(output, _lines(ready, format_))
        return int(ExitCode.OK)
    assert output is not None
    several = len(specs) > 1 or all_env
    tell = _tell_drift if check else _write
    codes = []
    for each in ready:
        name = each.spec.environment
        folder = Path(output) / str(name) if several else Path(output)
        codes.append(tell(folder, each.files(), f"{name}: " if several else ""))
    return combine(codes)


def _printed(target: str, path: str, environment: str | None, version: str | None, asked: dict[str, str | None]) -> int:
    """Print what a spec comes to for somebody else; return the exit code."""
    if target == "helm-values":
        if any(value is not None for value in asked.values()):
            raise UsageError("--image, --name, --namespace and --schedule go with --to job or cronjob")
        return _helm_values(path, environment, version)
    if asked["schedule"] is not None and target == "job":
        raise UsageError("--schedule goes with --to cronjob: a Job runs once")
    if not asked["image"]:
        raise UsageError(
            f"--to {target} needs --image", hint="no registry has one of this project: docs/container.md says how yours is built"
        )
    from ..operations.in_cluster import verify_in_cluster
    from ..rendering.verify_job import SCHEDULE
    from ..spec import load_spec

    text = verify_in_cluster(
        load_spec(path, environment),
        image=asked["image"],
        name=asked["name"] or "mailwright-verify",
        namespace=asked["namespace"] or "",
        schedule="" if target == "job" else asked["schedule"] or SCHEDULE,
        product_version=version,
    )
    click.echo(text, nl=False)
    return int(ExitCode.OK)


def _helm_values(path: str, environment: str | None, version: str | None) -> int:
    """Print what the chart can say of a spec; say on stderr what it cannot, and return the exit code."""
    from ..operations.specs import checked
    from ..rendering.helm_values import helm_values
    from ..spec import load_spec

    spec = load_spec(path, environment)
    checked(spec, version)
    made = helm_values(spec)
    for line in made.lines():
        click.echo(line)
    for place, name, why in made.missing:
        click.echo(one_line(f"{place}: `{name}` is not in the values: {why}"), err=True)
    if made.missing:
        click.echo("mailwright: `mailwright post-render` writes all of it into the chart's manifests", err=True)
    return int(ExitCode.FINDINGS if made.missing else ExitCode.OK)


def _lines(ready: list[Checked], format_: str) -> Iterator[str]:
    """Return the lines of the JSON of specs; what cannot be printed of a fragment is told before the first."""
    from ..report.rendered import payload_entry, rendered_document

    if format_ == "jsonl":
        return chain.from_iterable(each.tenants(payload_entry(each.spec.environment, line=True)) for each in ready)
    item = payload_entry(line=False)
    return rendered_document([(each.spec.environment, each.fragment(), each.tenants(item)) for each in ready])


def _write_json(output: str | None, lines: Iterator[str]) -> None:
    """Write lines to stdout, or into a file, many at a time."""
    from ..base.writing import open_whole

    pieces = iter(lambda: "".join(f"{line}\n" for line in islice(lines, _AT_ONCE)).encode(), b"")
    if output is None:
        for piece in pieces:
            click.echo(piece, nl=False)
        return
    with open_whole(output) as file:
        file.writelines(pieces)


def _tell_drift(folder: Path, files: Iterator[Rendered], name: str) -> int:
    """Say what differs; return the exit code."""
    from ..rendering.folder import drift

    found = 0
    for file, lines in drift(folder, files, load_product()):
        found += 1
        click.echo(one_line(f"{name}{file}: {'differs' if lines else 'is missing'}"))
        for line in lines:
            click.echo(one_line(f"  {line}"))
    click.echo(name + ("in sync" if not found else f"{found} of the rendered files differ"))
    return int(ExitCode.FINDINGS if found else ExitCode.OK)


def _write(folder: Path, files: Iterator[Rendered], name: str) -> int:
    from ..operations.render import write_all

    count, changed = write_all(folder, files)
    click.echo(f"{name}{counted(count, 'file')} in {one_line(str(folder))}, {changed} changed")
    return int(ExitCode.OK)
