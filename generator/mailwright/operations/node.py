"""A node's deployment.toml: what the server and its tools make of it."""

from __future__ import annotations

from typing import Any

from ..base.errors import UnsafeToWrite, UsageError
from ..base.shown import shown_key
from ..deployment import Deployment, parse_deployment
from ..engine.cipher_tool import behind_secrets
from ..engine.effective import effective
from ..product.product import load_product
from ..rendering.fragment import SECRETS_TABLE
from ..spec import Spec

MANAGEMENT_PORT = 9443
HEALTH = "/api/health-check/v1.0/health"
"""The health page and its port without an offset (product/node.md#health)."""

_OPTION = "product_version (the role's email_sender_product_version)"


def node_details(data: bytes | None, path: str, version: str | None) -> dict[str, Any]:
    """Return what a server makes of its deployment.toml: ``effective`` is an ``Effective``, the rest is plain data without secrets.

    Args:
        data: The file; None where there is none.
        path: Where it is on the node.
        version: The product's version, None where it is not known.

    Raises:
        UsageError: the version is none that is known.
    """
    releases = load_product().releases
    release = releases.parse(version) if version else releases.newest
    unsure = [] if version else [f"the product version is not known: assumed to behave like {releases.newest.version}"]
    deployment = parse_deployment((data or b"").decode("utf-8", "surrogateescape"), path)
    values = {leaf.path: leaf.data for table in ("server", "truststore") for leaf in deployment.keys.below(table)}
    offset = values.get(("server", "offset"), 0)
    if not str(offset).isdecimal():
        unsure.append("`[server] offset` is not a number: the port of the health page is not known")
    port = MANAGEMENT_PORT + (int(str(offset)) if str(offset).isdecimal() else 0)
    name = values.get(("truststore", "file_name"), release.trust_store["file"])
    kind = values.get(("truststore", "type"), release.trust_store["type"])
    details = {
        "trust_store": {"name": str(name), "type": str(kind)},
        "health_url": f"https://localhost:{port}{HEALTH}",
        "unsure": unsure,
    }
    return details if data is None else {**details, "effective": effective(deployment, release), **secrets_state(deployment)}


def version_for(spec: Spec, asked: str | None, found: str | None) -> str | None:
    """Return the product version that a node's task goes by: what was asked for, else the spec's, else what was found on the node.

    Args:
        spec: What is to be written to the node, or checked from it.
        asked: The task's ``product_version``; it also says that another release than the node's is meant.
        found: What the node's files name, None where they name none.

    Raises:
        UnsafeToWrite: the spec is for a release that behaves otherwise than the node's, or the node's is too old.
        UsageError: the spec's version is none, or too old.
    """
    if asked or found is None:
        return asked
    releases, place = spec.product.releases, spec.place("product", "version")
    own = releases.agreed(spec.product_version, None, place)
    try:
        there = releases.parse(found)
    except UsageError as error:
        message = f"bin/version.txt on the node names {shown_key(found)}: {error.message}"
        raise UnsafeToWrite(message, hint=f"if it is wrong, set {_OPTION} to what is installed") from None
    if own is not None and there.version != own.version:
        message = f"the spec is for {own.version}, but {found} is installed on the node"
        hint = f"correct `product.version`; if it is meant, set {_OPTION} to {own.version} too"
        raise UnsafeToWrite(message, place=place, hint=hint)
    return found if own is None else None


def secrets_state(deployment: Deployment) -> dict[str, Any]:
    """Say what the cipher tool meets: it truncates the file where anything but secrets stands behind [secrets].

    product/placeholders.md#truncates.
    """
    plain = [
        leaf.path[1]
        for leaf in deployment.keys.below(SECRETS_TABLE[0])
        if len(leaf.path) > 1 and isinstance(leaf.data, str) and "[" in leaf.data and "]" in leaf.data
    ]
    comment, later = behind_secrets(deployment)
    clean = comment is None and later is None
    return {"secrets_last": clean, "plain_secrets": plain, "lines": deployment.source.lines}
