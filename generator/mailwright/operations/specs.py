"""The spec of a task: a file, or what stands in the task itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..base.errors import SpecError
from ..base.nodes import Json, PlacedMap
from ..base.places import Place, Source
from ..product.releases import Release, parse_release
from ..spec import Spec, make_spec, read_document
from ..spec.json_reader import read_json
from ..validation.specs import ensure_valid

INLINE = "the task's options"

PARTS = ("owner", "api", "allow_env", "secrets", "tenant_loading", "defaults")
"""What a task can say of a spec beside ``sender`` and ``tenants``, under the spec's own names."""


@dataclass(frozen=True)
class TaskSpec:
    """A spec, read and not yet checked.

    Attributes:
        path: Its file, or what it is called in an error.
        document: Its content.
        overrides: A node's own values: a patch of ``global``.
    """

    path: str
    document: Json
    environment: str | None = None
    asked: Release | None = None
    overrides: PlacedMap | None = None

    def validated(self, *, partial: bool = False) -> tuple[Spec, Release | None]:
        """Return the spec that has no errors, and its release; arguments and errors are those of ``ensure_valid``."""
        spec = make_spec(self.path, self.document, self.environment, self.overrides)
        return spec, ensure_valid(spec, self.asked, partial=partial)


def task_spec(options: Mapping[str, Any], path: str | None) -> TaskSpec:
    """Return the spec that a task's options mean.

    Args:
        options: ``sender``, ``tenants``, the names of ``PARTS``, ``environment``, ``product_version`` and ``overrides``; absent ones None.
        path: The spec's file, None where the options hold it. Parts that the options have too go before the file's.

    Raises:
        InputError: it cannot be read.
        UsageError: the product version is none.
    """
    asked = parse_release(str(options["product_version"])) if options.get("product_version") else None
    given = {name: plain(options[name]) for name in PARTS if options.get(name) is not None}
    if options.get("sender") is not None:
        given["global"] = plain(options["sender"])
    if options.get("tenants") is not None:
        given["tenants"] = _by_domain(plain(options["tenants"]))
    document: Json = _placed({"mailwright": 1, **given})
    if path is not None:
        document = read_document(path)
        if given and isinstance(document, PlacedMap):
            parts = _placed(given)
            document = PlacedMap({**document, **parts}, place=document.place, origin=document.origin)
    overrides = _placed(plain(options["overrides"])) if options.get("overrides") else None
    return TaskSpec(path or INLINE, document, options.get("environment") or None, asked, overrides)


def plain(value: Any) -> Any:
    """Return a value of Ansible's as plain data: its texts and mappings are classes of their own in some of its releases."""
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, bool | int | float) or value is None:
        return value
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return str(value)


def _placed(value: Any) -> PlacedMap:
    if not isinstance(value, dict):
        raise SpecError("a mapping is needed", place=Place(INLINE))
    read = read_json(Source(INLINE, json.dumps(value)))
    assert isinstance(read, PlacedMap)
    return read


def _by_domain(tenants: Any) -> dict[str, Any]:
    """Return a list of ``{domain, …}`` as the spec has it.

    Raises:
        SpecError: an entry without a domain, or two of one.
    """
    found: dict[str, Any] = {}
    for entry in tenants if isinstance(tenants, list) else [None]:
        if not isinstance(entry, dict) or not isinstance(entry.get("domain"), str):
            raise SpecError("tenants: a list of mappings is needed, each with its `domain`", place=Place(INLINE))
        sender = dict(entry)
        domain = sender.pop("domain")
        if domain in found:
            raise SpecError("tenants: a domain stands there twice", place=Place(INLINE))
        found[domain] = sender
    return found
