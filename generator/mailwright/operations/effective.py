"""``effective``: what the server will load from a deployment.toml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..base.collecting import uncollected
from ..base.errors import UsageError
from ..base.places import Place
from ..base.reading import is_stream, read_bytes
from ..deployment import read_deployment
from ..engine.effective import Effective
from ..engine.effective import effective as effective_of
from ..product.product import load_product
from ..spec.documents import ending


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
        path: The file.
        product_version: The product release, e.g. ``7.2.0``.
        environment: The server's environment variables; None leaves ``$env{}`` and ``$sys{}`` as they stand there, and lists them.
        system: Its Java system properties.

    Raises:
        UsageError: the version is none that is known, or the file is a spec.
        UnreadableInput: the file cannot be read.
    """
    release = load_product().releases.parse(product_version)
    name = str(path)
    text = read_bytes(name).decode("utf-8", "replace") if is_stream(name) else ""
    if ending(name, text) in (".yaml", ".yml", ".json"):
        hint = "`mailwright render` shows what a spec stands for"
        raise UsageError("this command reads deployment.toml files", place=Place(name), hint=hint)
    return effective_of(read_deployment(name), release, environment=environment, system=system or {})
