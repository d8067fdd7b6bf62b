"""Specs: checked before anything is made of them; and made of plain data, where a task holds what others write into a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..base.errors import SpecError, Unresolved, UsageError
from ..base.nodes import Json, PlacedMap
from ..base.places import Place, Source
from ..base.shown import shown_key
from ..product.product import load_product
from ..product.releases import Release
from ..spec import Spec, make_spec, read_document
from ..spec.json_reader import read_json
from ..spec.references import whole_reference
from ..spec.rows import Row
from ..stores import Secrets
from ..validation.specs import ensure_valid

INLINE = "the task's options"

PARTS = ("owner", "api", "allow_env", "secrets", "stores", "tenant_loading", "defaults")
"""What a task can say of a spec beside ``sender`` and ``tenants``, under the spec's own names."""


def asked_release(product_version: str | None) -> Release | None:
    """Return the release that a version number stands for, None for none."""
    return load_product().releases.parse(product_version) if product_version else None


def chosen_environments(asked: Sequence[str], document: Json, *, all_env: bool) -> tuple[str | None, ...]:
    """Return the environments to work on; None stands for the spec without any.

    Raises:
        UsageError: two ways to say it at once, or a spec that has none. One that it does not have is told by ``make_spec``.
    """
    if asked and all_env:
        raise UsageError("--env and --all-env contradict each other", hint="leave one of them out")
    if not all_env:
        return tuple(dict.fromkeys(asked)) or (None,)
    environments = document.get("environments") if isinstance(document, dict) else None
    if not isinstance(environments, dict) or not environments:
        raise UsageError("--all-env: the spec has no environments")
    return tuple(environments)


def checked(
    spec: Spec,
    product_version: str | None = None,
    *,
    partial: bool = False,
    payloads: bool = False,
    seen: Callable[[Row], object] | None = None,
) -> Release | None:
    """Return the release that a spec without errors is for, None where nobody names one; the rest as for ``ensure_valid``."""
    asked = spec.product.releases.parse(product_version) if product_version else None
    return ensure_valid(spec, asked, partial=partial, payloads=payloads, seen=seen)


def spec_of_task(options: Mapping[str, Any], path: str | None) -> Spec:
    """Return the spec that a task's options mean.

    Args:
        options: ``sender``, ``tenants``, the names of ``PARTS``, ``environment`` and ``overrides`` (a node's own values: a patch of
            ``global``); absent ones None.
        path: The spec's file, None where the options hold it. Parts that the options have too go before the file's.

    Raises:
        InputError: it cannot be read, or is no spec.
        UsageError: there is no such environment.
    """
    given = {name: plain(options[name]) for name in PARTS if options.get(name) is not None}
    if options.get("sender") is not None:
        given["global"] = plain(options["sender"])
    if options.get("tenants") is not None:
        given["tenants"] = _by_domain(plain(options["tenants"]))
    document: Json = _placed({"mailwright": 1, **given})
    if path is not None:
        document = read_document(path)
        if given and isinstance(document, PlacedMap):
            document = PlacedMap({**document, **_placed(given)}, place=document.place, origin=document.origin)
    overrides = _placed(plain(options["overrides"])) if options.get("overrides") else None
    return make_spec(path or INLINE, document, options.get("environment") or None, overrides)


def secrets_of_task(spec: Spec, given: Any, option: str) -> dict[str, str]:
    """Return the secrets that an option of a task gives by alias; what stands there as ``$store{}`` is read.

    Raises:
        UsageError: it is no mapping.
        Unresolved: a store does not give one.
    """
    values = plain(given or {})
    if not isinstance(values, dict):
        raise UsageError(f"{option}: a mapping of alias to value is needed")
    found = {}
    with Secrets() as secrets:
        resolve = secrets.of(spec)
        for alias, value in values.items():
            text = str(value)
            try:
                secret = resolve(text) if whole_reference(text, ("store",)) else None
            except Unresolved as error:
                message = f"{option}: the secret {shown_key(alias)} cannot be resolved: {error.reference}: {error.message}"
                raise error.at(Place(INLINE), message) from None
            found[alias] = secret.reveal() if secret else text
    return found


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
            raise SpecError("tenants: a domain is there twice", place=Place(INLINE))
        found[domain] = sender
    return found
