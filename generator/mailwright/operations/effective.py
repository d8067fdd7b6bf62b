"""``effective``: what the server will load from a deployment.toml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..base.collecting import uncollected
from ..base.errors import UsageError
from ..base.places import Place
from ..base.reading import ending, is_stream, read_bytes
from ..deployment import Deployment, read_deployment
from ..engine.effective import Effective
from ..engine.effective import effective as effective_of
from ..manifests.actions import template_of
from ..product.product import load_product
from ..validation.kinds import is_manifest_file


@uncollected()
def effective(
    path: str | Path,
    product_version: str,
    *,
    environment: Mapping[str, str] | None = None,
    system: Mapping[str, str] | None = None,
) -> Effective:
    """Return what the server will load from a deployment.toml, or why it does not start with it.

    Args:
        path: The file, or a manifest that holds one.
        product_version: The product release, e.g. ``7.2.0``.
        environment: The server's environment variables; None leaves ``$env{}`` and ``$sys{}`` as they stand there, and lists them.
        system: Its Java system properties.

    Raises:
        UsageError: the version is none that is known, the file is a spec, or it holds several.
        InputError: the file cannot be read, holds none, or is a template.
    """
    views = effective_in(path, product_version, environment=environment, system=system)
    if len(views) > 1:
        raise UsageError(f"holds {len(views)} deployment.toml", place=Place(str(path)), hint="hand over the manifest of one")
    return views[0][1]


def effective_in(
    path: str | Path,
    product_version: str,
    *,
    environment: Mapping[str, str] | None = None,
    system: Mapping[str, str] | None = None,
) -> list[tuple[str, Effective]]:
    """Return the same of every deployment.toml that a file is or holds, each with what it is called."""
    release = load_product().releases.parse(product_version)
    return [
        (name, effective_of(each, release, environment=environment, system=system or {}))
        for name, each in _deployments(str(path))
    ]


def _deployments(name: str) -> list[tuple[str, Deployment]]:
    if is_manifest_file(name):
        from ..validation.manifests import texts_in

        found = [each.deployment() for each in texts_in(name, read_bytes(name))]
        return [(each.source.title, each) for each in found]
    text = read_bytes(name).decode("utf-8", "replace") if is_stream(name) else ""
    if ending(name, text) in (".yaml", ".yml", ".json"):
        hint = "`mailwright render` shows what a spec stands for"
        raise UsageError("this command reads deployment.toml files, and manifests that hold one", place=Place(name), hint=hint)
    deployment = read_deployment(name)
    if (template := template_of(deployment)) is not None:
        raise template.error(deployment.source)
    return [(name, deployment)]
