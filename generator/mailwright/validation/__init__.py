"""Validation: files in, findings out. What a file is, its content tells.

It may know every schema and every rule, and what a spec is rendered to, since a spec is held to what its output is held to. It knows no
command and no output, writes no file but for a fix, and opens no connection.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..base.findings import Finding
from ..base.reading import NOTHING
from ..base.values import dataclass, field
from ..product.product import Product, load_product

__all__ = ["KINDS", "Check"]

KINDS = ("spec", "deployment", "manifest", "helm-values", "tenant-sender-v1", "tenant-sender-v2")


@dataclass(frozen=True, slots=True)
class Check:
    """What is checked, beside the file: the arguments of ``validate``."""

    kind: str | None = None
    environments: tuple[str, ...] = ()
    all_env: bool = False
    product_version: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    resolve: bool = False
    product: Product = field(default_factory=load_product)

    def __call__(self, name: str, data: bytes, contents: Mapping[str, bytes] = NOTHING) -> list[Finding]:
        """Return the findings about a file's content that no comment silences.

        Args:
            contents: What to take for the content of files that it names.
        """
        from .checking import findings_about  # a run whose findings are known already needs none of it

        return findings_about(self, name, data, contents)

    def reads_as_deployment(self, name: str, data: bytes) -> bool:
        """Say whether a file is checked as a deployment.toml."""
        from .checking import is_deployment

        return is_deployment(self.kind, name, data)
