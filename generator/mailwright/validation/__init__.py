"""Validation: files in, findings out. What a file is, its content tells.

It may know every schema and every rule, and what a spec is rendered to, since a spec is held to what its output is held to. It knows no
command and no output, writes no file but for a fix, and opens no connection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..base.findings import Finding
from ..base.nodes import Json, PlacedMap
from ..base.reading import NOTHING, decode, is_stream, read_bytes
from ..deployment import KeyValue, parse_deployment, read_statements
from ..product.product import Product, load_product
from ..spec import parse_document
from ..spec.documents import ending
from .misspellings import mendable
from .suppressions import Silencer
from .targets import is_named_like_a_spec

__all__ = ["KINDS", "Check", "is_spec_file"]

KINDS = ("spec", "deployment", "tenant-sender-v1", "tenant-sender-v2")


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
        silencer = Silencer(name, data.decode("utf-8", "replace"))
        found = silencer.unsilenced(self._findings(name, data, silencer.silences, contents))
        return mendable(found, {**contents, name: data}) if any(finding.misspelt for finding in found) else found

    def _findings(
        self, name: str, data: bytes, silenced: Callable[[Finding], bool], contents: Mapping[str, bytes]
    ) -> list[Finding]:
        release = self.product.releases.parse(self.product_version) if self.product_version else None
        releases = (release,) if release else self.product.releases
        if self.kind == "deployment" or (self.kind is None and not is_spec_file(name, data)):
            from .deployments import check_deployment

            deployment = parse_deployment(data.decode("utf-8", "surrogateescape"), name)
            return check_deployment(deployment, releases, environment=self.variables, resolve=self.resolve)
        document = parse_document(decode(data, name))
        if self.kind in ("tenant-sender-v1", "tenant-sender-v2"):
            from .payloads import check_payload

            return check_payload(name, document, self.kind.rpartition("-")[2], releases)
        from .specs import check_spec

        environments = chosen(self.environments, document, all_env=self.all_env)
        return check_spec(
            name,
            document,
            environments=environments,
            release=release,
            silenced=silenced,
            product=self.product,
            contents=contents,
        )


def chosen(environments: Sequence[str], document: Json, *, all_env: bool) -> Sequence[str] | None:
    """Return the environments of a spec to check; None for the base and all of them."""
    named = document.get("environments") if isinstance(document, PlacedMap) else None
    if all_env and isinstance(named, PlacedMap) and named:
        return tuple(named)
    return tuple(dict.fromkeys(environments)) or None


def is_spec_file(path: str, data: bytes | None = None) -> bool:
    """Say whether a file is to be read as a spec: every document but a .toml file that does not begin like one.

    Args:
        data: Its content; None reads it where that decides.

    Raises:
        UnreadableInput: the file cannot be read.
    """
    if is_named_like_a_spec(path) or not (path.lower().endswith(".toml") or is_stream(path)):
        return True
    if data is None:
        data = read_bytes(path)
    return ending(path, data.decode("utf-8", "replace")) != ".toml" or _mentions_spec(data)


def _mentions_spec(data: bytes) -> bool:
    """A TOML file is a spec if ``mailwright = …`` stands among its first keys; else it is a deployment.toml."""
    if b"mailwright" not in data and b"\\" not in data:  # nor spelt with escapes
        return False
    for item in read_statements(data.decode("utf-8", "replace")).items:
        if not isinstance(item, KeyValue):
            return False
        if item.path == ("mailwright",):
            return True
    return False
