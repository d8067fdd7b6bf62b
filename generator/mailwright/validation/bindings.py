"""Environments that say which server they are for: two that send other tenants' senders to one server undo each other's work."""

from __future__ import annotations

from collections.abc import Iterator

from ..base.findings import Finding
from ..base.nodes import Json, PlacedMap
from ..base.shown import shown_key
from ..rules.reading import SHARED_SERVER
from ..spec import Binding, Spec
from .findings import value_finding


def check_servers(spec: Spec, document: Json) -> Iterator[Finding]:
    """Yield the environments whose server is an earlier one's although their tenants differ.

    Args:
        spec: The base.
        document: The spec as it is written.
    """
    environments = document.get("environments") if isinstance(document, PlacedMap) else None
    if not isinstance(environments, PlacedMap):
        return
    first: dict[str, Binding] = {}
    for name, binding in spec.bindings.items():
        if binding.server is None:
            continue
        other = first.setdefault(binding.server.rstrip("/").lower(), binding)
        if other is not binding and _senders(environments[name]) != _senders(environments[other.environment]):
            message = f"the environment {shown_key(other.environment)} has the same server and other senders: whichever is applied last wins"
            hint = "give each environment its own server, or the two the same tenants"
            yield value_finding(spec.product, SHARED_SERVER, document, ("environments", name, "server"), (), message, hint)


def _senders(environment: Json) -> tuple[Json, ...]:
    """Return what an environment makes of the tenants; two that say the same there want the same of the server."""
    return tuple(environment.get(part) for part in ("defaults", "tenants")) if isinstance(environment, PlacedMap) else ()
