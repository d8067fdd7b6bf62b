"""Validation: files in, findings out. What a file is, its content tells."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..deployment import parse_deployment
from ..findings import Finding
from ..releases import ALL, Release, agreed_release, parse_release
from ..source import decode, read_bytes
from ..spec import Json, parse_document

__all__ = ["KINDS", "agreed_release", "is_spec_file", "validate"]

KINDS = ("spec", "deployment", "tenant-sender-v1", "tenant-sender-v2")


def validate(
    path: str | Path,
    *,
    kind: str | None = None,
    environment: str | None = None,
    product_version: str | None = None,
    variables: Mapping[str, str] | None = None,
    resolve: bool = False,
) -> list[Finding]:
    """Return the findings about a file, in its order.

    Args:
        path: A spec, a deployment.toml, or (with *kind*) a tenant's payload.
        kind: One of ``KINDS`` where the content does not tell.
        environment: For a spec: one environment instead of the base and all of them.
        product_version: The product release; None takes the spec's, or checks all of them.
        variables: The server's environment variables, as far as they are known here.
        resolve: Whether those are all that there are.

    Raises:
        InputError: the file cannot be read, or is none of these.
        UsageError: an unknown environment or version, or two versions that differ.
    """
    name = str(path)
    release = parse_release(product_version) if product_version else None
    if kind == "deployment":
        return _deployment(read_bytes(name), name, release, variables, resolve=resolve)
    data = read_bytes(name)
    if kind is None and not is_spec_file(name):
        return _deployment(data, name, release, variables, resolve=resolve)
    document = parse_document(decode(data, name))
    if kind in ("tenant-sender-v1", "tenant-sender-v2"):
        from .payloads import check_payload

        return check_payload(name, document, kind.rpartition("-")[2], release)
    return _spec(name, document, environment, release)


def is_spec_file(path: str) -> bool:
    """Say whether a file is to be read as a spec: every document but a .toml file that does not begin like one.

    Raises:
        UnreadableInput: the file cannot be read.
    """
    return not path.lower().endswith(".toml") or _mentions_spec(read_bytes(path))


def _mentions_spec(data: bytes) -> bool:
    """A TOML file is a spec if ``mailwright = …`` stands among its first keys; else it is a deployment.toml."""
    from ..deployment import KeyValue, read_statements

    for item in read_statements(data.decode("utf-8", "replace")).items:
        if not isinstance(item, KeyValue):
            return False
        if item.path == ("mailwright",):
            return True
    return False


def _deployment(
    data: bytes, name: str, release: Release | None, variables: Mapping[str, str] | None, *, resolve: bool
) -> list[Finding]:
    from .deployments import check_deployment

    deployment = parse_deployment(data.decode("utf-8", "surrogateescape"), name)
    return check_deployment(deployment, (release,) if release else ALL, environment=variables, resolve=resolve)


def _spec(name: str, document: Json, environment: str | None, release: Release | None) -> list[Finding]:
    from .specs import check_spec

    return check_spec(name, document, environment=environment, release=release)
