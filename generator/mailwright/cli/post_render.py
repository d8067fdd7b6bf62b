"""``mailwright post-render``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ..base.errors import UsageError
from ..base.reading import decode, read_bytes, take_stdin
from .inputs import input_argument
from .manner import note
from .options import asked_version, one_environment, product_version

if TYPE_CHECKING:
    from ..operations.post_render import PostRendered


@click.command("post-render")
@input_argument("spec", metavar="[SPEC]", required=False)
@one_environment
@click.option("--check", is_flag=True, help="Print no manifests; exit 1 if something would change.")
@click.option("--keep-unmanaged", is_flag=True, help="Keep keys of the adapter's table that the spec does not have.")
@product_version
def command(spec: str | None, environment: str | None, check: bool, keep_unmanaged: bool, product_version: str | None) -> int:
    """Merge a spec into the manifests on standard input.

    This is a post-renderer for Helm and a KRM function for kustomize. The sender is merged into the deployment.toml of every ConfigMap and
    Secret, as `merge` does it; every other byte goes to standard output unchanged. Pods that mount the file get its digest as an annotation,
    so that they are replaced when it changes. They also get the environment variables of $env{}, from the Secrets that the spec names
    (`kubernetes`). If the server would not start, nothing is printed (exit 8).

    Without SPEC, standard input is a ResourceList whose functionConfig holds the spec, or the path to it (docs/kubernetes.md).

    \b
    Examples:
      helm template is CHART | mailwright post-render email.yaml --env prod
      kubectl kustomize overlays/prod | mailwright post-render email.yaml --env prod | kubectl apply -f -
      helm template is CHART | mailwright post-render email.yaml --env prod --check
    """
    from ..operations.krm import spec_of_function
    from ..operations.post_render import post_render
    from ..report.resource_list import with_results
    from ..report.text import one_line_error
    from ..spec import load_spec

    if sys.stdin.isatty():
        raise UsageError(
            "the manifests come from standard input", hint="helm template RELEASE CHART | mailwright post-render SPEC"
        )
    name = take_stdin()
    source = decode(read_bytes(name), name)
    loaded = load_spec(spec, environment) if spec is not None else spec_of_function(source, environment)
    done = post_render(loaded, source, product_version=asked_version(product_version), keep_unmanaged=keep_unmanaged, check=check)
    for error in done.errors:
        click.echo(f"mailwright: {one_line_error(error)}", err=True)
    _tell(done, check=check)
    if done.errors:
        click.echo("mailwright: nothing was merged, and no manifest is printed", err=True)
    elif not check:
        sys.stdout.flush()
        sys.stdout.buffer.write(with_results(done.text, done.files, done.warnings).encode())
    return done.exit_code(check=check)


def _tell(done: PostRendered, *, check: bool) -> None:
    from ..report.merged import merge_summary, merge_warnings
    from ..report.text import one_line

    for embedded, found in done.files:
        where = f"{embedded.place}: {embedded.title}"
        note(one_line(f"{where}: {merge_summary(found.merged, check=check)}"))
        for warning in merge_warnings(found, piped=True):
            click.echo(one_line(f"{where}: warning: {warning}"), err=True)
    for warning in done.warnings:
        click.echo(one_line(f"warning: {warning}"), err=True)
    for variable in done.wired:
        note(one_line(variable))
    for pod in done.pods:
        note(one_line(f"{pod}: its pods {'would be' if check else 'will be'} replaced"))
