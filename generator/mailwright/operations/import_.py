"""``import``: a spec of what a server has; merging or applying it back changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

from ..adoption.deployments import Imported, import_adapters_xml
from ..adoption.deployments import import_deployment as imported
from ..adoption.payloads import Variables, holds_keywords, import_sender, read_provider
from ..adoption.servers import Found, find_senders
from ..adoption.tenant_spec import ImportedTenants
from ..base.reading import decode, ending, read_bytes
from ..spec import Spec
from ..spec.references import whole_reference
from ..validation.manifests import one_deployment
from ..validation.references import secret_paths
from .ready import Prepared
from .specs import asked_release


def import_deployment(path: str | Path, *, product_version: str | None = None, keep_secrets: bool = False) -> Imported:
    """Return the spec of a deployment.toml, or of the output-event-adapters.xml (.xml) of 5.8 and earlier.

    Args:
        path: The file, or a manifest that holds one.
        product_version: The product release; None takes the newest.
        keep_secrets: Whether the spec takes literal secrets over, instead of leaving them in the file.

    Raises:
        InputError: the server does not read the file, or no spec can stand for it, with the place.
    """
    name = str(path)
    release = asked_release(product_version)
    data = read_bytes(name)
    if is_adapters_xml(name, data):
        return import_adapters_xml(decode(data, name), keep_secrets=keep_secrets)
    deployment = one_deployment(name, data)
    return imported(deployment, release, keep_secrets=keep_secrets)


def is_adapters_xml(name: str, data: bytes) -> bool:
    """Say whether a file is the output-event-adapters.xml of old releases: by its name, or by the text that came through a pipe."""
    return ending(name, data.decode("utf-8", "replace")) == ".xml"


def import_provider(path: str | Path, domain: str, *, product_version: str | None = None) -> ImportedTenants:
    """Return the tenant of an email provider that the vendor's CLI exported.

    Args:
        path: A .yaml, .yml or .json file.
        domain: Whose it is: the file does not say.
        product_version: The product release.

    Raises:
        InputError: it is no such file.
    """
    release = asked_release(product_version)
    document = read_provider(decode(read_bytes(path), str(path)))
    tenant = import_sender(domain, document, "v2", Variables())
    return ImportedTenants((tenant,), release, keywords=holds_keywords(document))


def import_server(prepared: Prepared, domains: tuple[str, ...] = ()) -> ImportedTenants:
    """Return the tenants that a server has senders for.

    Args:
        prepared: The server, and a spec with the credentials: ``api``, which the new spec has too where it holds no literal secret.
        domains: The tenants; none: every one that the server lists, which takes ``api.super``.

    Raises:
        MailwrightError: the server is not there, or does not list its tenants.
    """
    found = read_senders(prepared, domains)
    failures = {each.domain: each.failure for each in found if each.failure}
    foreign = {name for name, failure in failures.items() if failure.code == "authentication" and not domains}
    tenants = tuple(each.tenant for each in found if each.tenant)
    return ImportedTenants(
        tenants,
        prepared.release,
        _kept_parts(prepared.preparation.spec),
        {name: failure for name, failure in failures.items() if name not in foreign},
        empty=len(found) - len(tenants) - len(failures),
        not_looked_at=len(foreign),
    )


def read_senders(prepared: Prepared, domains: tuple[str, ...] = ()) -> list[Found]:
    """Return what a server has for tenants, in their order, without secrets; the rest as for ``import_server``."""

    async def work() -> list[Found]:
        async with aclosing(find_senders(prepared.server, prepared.release, prepared.preparation, domains)) as senders:
            return [each async for each in senders]

    with prepared.secrets:
        return asyncio.run(work())


def _kept_parts(spec: Spec) -> dict[str, Any]:
    """Return the parts of the credentials' spec that go into the new one: none with a literal secret."""
    document = spec.document
    api = document.get("api")
    for path in secret_paths(spec.product):
        value: Any = {"api": api}
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if isinstance(value, str) and whole_reference(value) is None:
            return {}
    return {name: _plain(document[name]) for name in ("api", "allow_env", "stores") if name in document}


def _plain(value: Any) -> Any:
    """Return a part of a document without its places."""
    if isinstance(value, Mapping):
        return {name: _plain(child) for name, child in value.items()}
    return [_plain(child) for child in value] if isinstance(value, list | tuple) else value
