"""What ``render`` prints as JSON: a tenant's payload with what somebody who posts it needs, and a whole spec."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..product.paths import senders_path
from ..rendering.payloads import Payload
from .documents import SCHEMA_VERSION


def payload_entry(
    environment: str | None = None, *, line: bool
) -> Callable[[Payload, Mapping[str, Any], Mapping[str, str] | None], Sequence[str]]:
    """Return what lays out a payload as one JSON object.

    Args:
        environment: The spec's environment, which a line names.
        line: Whether it is a document of its own, a line of JSON Lines; else one of a list's items.
    """
    head = {"schema_version": SCHEMA_VERSION, **({"environment": environment} if environment else {})} if line else {}

    def lay_out(payload: Payload, body: Mapping[str, Any], listed: Mapping[str, str] | None) -> Sequence[str]:
        entry = {
            **head,
            "domain": payload.domain,
            "api_version": payload.version,
            "method": "POST",
            "path": senders_path(payload.domain, payload.version),
            "payload": body,
            **({} if listed is None else {"secrets": listed}),
        }
        return (json.dumps(entry, ensure_ascii=False),)

    return lay_out


def rendered_document(specs: Iterable[tuple[str | None, str | None, Iterable[str]]]) -> Iterator[str]:
    """Yield the text of the JSON document of specs, line by line, as their tenants come.

    Args:
        specs: The environment's name, the fragment, and the tenants as ``payload_entry`` lays them out.
    """
    yield f'{{\n  "schema_version": {SCHEMA_VERSION},\n  "specs": ['
    between = ""
    for environment, fragment, tenants in specs:
        named = f'"environment": {json.dumps(environment, ensure_ascii=False)}, ' if environment else ""
        waiting = f'{between}    {{{named}"fragment": {json.dumps(fragment, ensure_ascii=False)}, "tenants": ['
        comma = ""
        for tenant in tenants:
            yield waiting + comma
            waiting, comma = f"      {tenant}", ","
        yield waiting + ("\n    ]}" if comma else "]}")
        between = ",\n"
    yield "  ]\n}"
