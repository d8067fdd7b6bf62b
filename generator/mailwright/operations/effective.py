"""``effective``: what the server will load from a deployment.toml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..base.errors import UsageError
from ..base.places import Place
from ..deployment import read_deployment
from ..engine.effective import Effective
from ..engine.effective import effective as effective_of
from ..product.product import load_product


def effective(
    path: str | Path,
    product_version: str,
    *,
    environment: Mapping[str, str] | None = None,
    system: Mapping[str, str] | None = None,
) -> Effective:
    """Return what the server will load from a deployment.toml, or why it does not start with it.

    Args:
        path: The file.
        product_version: The product release, e.g. ``7.2.0``.
        environment: The server's environment variables; None leaves ``$env{}`` and ``$sys{}`` as they stand there, and lists them.
        system: Its Java system properties.

    Raises:
        UsageError: the version is none that is known, or the file is a spec.
        UnreadableInput: the file cannot be read.
    """
    release = load_product().releases.parse(product_version)
    if Path(path).suffix.lower() in (".yaml", ".yml", ".json"):
        hint = "`mailwright render` shows what a spec stands for"
        raise UsageError("this command reads deployment.toml files", place=Place(str(path)), hint=hint)
    return effective_of(read_deployment(str(path)), release, environment=environment, system=system or {})
