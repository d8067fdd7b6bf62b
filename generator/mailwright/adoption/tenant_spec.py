"""The spec of tenants that were imported, and what somebody should know about it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ..base.errors import InputError, MailwrightError, combine
from ..base.findings import Finding
from ..base.places import Source
from ..base.reading import MAX_FILE
from ..base.values import dataclass, field
from ..base.yaml_text import yaml_text
from ..product.releases import Release
from ..spec.documents import parse_document
from ..validation.specs import check_spec
from .payloads import ImportedTenant

_NAME = "spec.yaml"


@dataclass(frozen=True, slots=True)
class ImportedTenants:
    """Tenants of a spec, made of what a server has or of an exported file.

    Attributes:
        tenants: The tenants.
        release: The product release, if one is named.
        parts: Other parts of the spec, such as ``api``.
        failures: What could not be read, by the tenants' domains.
        empty: How many tenants have no sender of their own.
        not_looked_at: How many refuse the credentials: they are somebody else's.
        keywords: Whether a value may hold a keyword of the vendor's CLI (product/vendor-cli.md#keywords).
    """

    tenants: tuple[ImportedTenant, ...] = field(repr=False)
    release: Release | None = None
    parts: Mapping[str, Any] = field(default_factory=dict, repr=False)
    failures: Mapping[str, MailwrightError] = field(default_factory=dict)
    empty: int = 0
    not_looked_at: int = 0
    keywords: bool = False

    @property
    def exit_code(self) -> int:
        """0 where everything could be read."""
        return combine(int(failure.exit_code) for failure in self.failures.values())

    @property
    def opaque(self) -> bool:
        """Whether there are values that no output shows, since they can hold credentials of the user's own."""
        return any(tenant.opaque for tenant in self.tenants)

    def lines(self) -> str:
        """Return the tenants as JSON Lines, for ``tenants_from``."""
        lines = (json.dumps({"domain": tenant.domain, **tenant.sender}, ensure_ascii=False) for tenant in self.tenants)
        return "".join(f"{line}\n" for line in lines)

    def spec(self) -> tuple[str, str | None]:
        """Return the spec as YAML, and what is to be said about the owners' marks."""
        document, said = spec_document(self.tenants, self.release.version if self.release else None, self.parts)
        return yaml_text(document), said

    def findings(self, text: str) -> list[Finding]:
        """Return what that spec lacks: a server takes senders that a spec does not.

        Raises:
            InputError: it is not read at all.
        """
        if len(text.encode()) > MAX_FILE:
            raise InputError(
                f"the spec is larger than {MAX_FILE >> 20} MiB, which is not read: use -o FILE.jsonl and `tenants_from`"
            )
        try:
            return check_spec(_NAME, parse_document(Source(_NAME, text)), release=self.release)
        except InputError as error:
            raise InputError(f"the spec does not read: {error.message}") from None


def spec_document(
    tenants: Iterable[ImportedTenant], version: str | None, parts: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], str | None]:
    """Return a spec of the tenants, and what is to be said about their owners' marks if it cannot hold them.

    Args:
        tenants: The tenants.
        version: The product release.
        parts: Other parts of the spec, such as ``api``.
    """
    tenants = list(tenants)
    document: dict[str, Any] = {"mailwright": 1}
    if version:
        document["product"] = {"version": version}
    owners = {tenant.owner for tenant in tenants}
    said = None
    if len(owners) == 1 and (owner := next(iter(owners))):
        document["owner"] = owner
    elif len(owners) > 1:
        said = "the senders do not carry one and the same owner mark: the spec has none, and applying it takes the marks away"
    return {**document, **(parts or {}), "tenants": {tenant.domain: tenant.sender for tenant in tenants}}, said
