"""A node's deployment.toml: what a task makes of it, as data that a task may show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..base.errors import UnsafeToWrite
from ..base.places import Source
from ..deployment import Deployment, Header, parse_deployment
from ..deployment.values import toml_value
from ..engine.effective import effective
from ..product.releases import ALL, NEWEST, parse_release
from ..rendering.fragment import SECRETS_TABLE, Setting, node_settings
from ..rendering.merging import managed_lines, merge
from ..report.effective import effective_json
from ..spec.references import is_alias
from .specs import TaskSpec


@dataclass(frozen=True)
class NodeMerge:
    """What a merge makes of a node's file.

    Attributes:
        content: The new bytes; may hold secrets.
        changed_keys: The key paths that differ.
        before, after: The managed keys as lines for a diff; no secret among them.
        problem: Why the server would not start with the new file, None if it would. *sure*: that is certain.
        broken_before: Whether that is so of the old file too, and nothing that the merge speaks of.
        refused: Whether the file must not be written: the fault is in what the merge manages, or was not there before.
        started_before: Whether the server would start with the old one.
        secrets_lost: The keys whose clear text would be in the backup only.
        state: What holds for the new file, for the task's result.
    """

    content: bytes = field(repr=False)
    changed_keys: tuple[str, ...]
    before: str
    after: str
    problem: str | None
    sure: bool
    broken_before: bool
    refused: bool
    started_before: bool
    secrets_lost: tuple[str, ...]
    state: dict[str, Any]


def merge_node(
    spec: TaskSpec,
    data: bytes,
    path: str,
    *,
    keep_unmanaged: bool = False,
    plain_secrets: Mapping[str, str] | None = None,
) -> NodeMerge:
    """Merge a spec into the bytes of a node's file.

    Args:
        plain_secrets: Secrets by alias for the server's cipher tool: those that the file does not have are written in brackets, which the
            tool replaces; the server does not start before it did (product/placeholders.md#not-encrypted-yet). Whether it starts
            is said of the file behind the tool.

    Raises:
        MailwrightError: the spec has errors, or the file cannot be merged into.
    """
    loaded, release = spec.validated(partial=True)
    wanted, known = node_settings(loaded), release or NEWEST
    source = Source(path, data.decode("utf-8", "surrogateescape"))
    if plain_secrets:
        bracketed = _bracketed(parse_deployment(source.text, path), plain_secrets)
        wanted = replace(wanted, settings=(*wanted.settings, *bracketed))
    merged = merge(
        source, wanted, (release,) if release else ALL, keep_unmanaged=keep_unmanaged, encrypted=tuple(plain_secrets or ())
    )
    after = Source(path, merged.text)
    return NodeMerge(
        merged.text.encode("utf-8", "surrogateescape"),
        merged.changed,
        "\n".join([*managed_lines(source, wanted), ""]),
        "\n".join([*managed_lines(after, wanted), ""]),
        merged.refusal or "; ".join(fault.reason for fault in merged.faults) or None,
        all(fault.certain for fault in merged.faults),
        bool(merged.broken_before),
        merged.refusal is not None,
        merged.before_starts is not False,
        merged.secrets_lost,
        {"product_version": known.version, **_secrets_state(parse_deployment(merged.text, path))},
    )


MANAGEMENT_PORT = 9443
HEALTH = "/api/health-check/v1.0/health"
"""The health page and its port without an offset (product/node.md#health)."""


def node_details(data: bytes | None, path: str, version: str | None) -> dict[str, Any]:
    """Return what a server makes of its deployment.toml, without secrets.

    Args:
        data: The file; None where there is none.
        path: Where it is on the node.
        version: The product's version, None where it is not known.

    Raises:
        UsageError: the version is none that is known.
    """
    release = parse_release(version) if version else NEWEST
    unsure = [] if version else [f"the product version is not known: taken to behave like {NEWEST.version}"]
    deployment = parse_deployment((data or b"").decode("utf-8", "surrogateescape"), path)
    values = {leaf.path: leaf.data for leaf in deployment.leaves}
    offset = values.get(("server", "offset"), 0)
    if not str(offset).isdecimal():
        unsure.append("`[server] offset` is no number: the port of the health page is not known")
    port = MANAGEMENT_PORT + (int(str(offset)) if str(offset).isdecimal() else 0)
    name = values.get(("truststore", "file_name"), release.trust_store["file"])
    kind = values.get(("truststore", "type"), release.trust_store["type"])
    details = {
        "trust_store": {"name": str(name), "type": str(kind)},
        "health_url": f"https://localhost:{port}{HEALTH}",
        "unsure": unsure,
    }
    return (
        details
        if data is None
        else {**details, "effective": effective_json(effective(deployment, release)), **_secrets_state(deployment)}
    )


def _bracketed(before: Deployment, plain_secrets: Mapping[str, str]) -> Iterator[Setting]:
    """Yield the secrets that the file does not have.

    Raises:
        UnsafeToWrite: an alias, or a text, that the tool may not read as it is meant.
    """
    known = {leaf.path[1] for leaf in before.leaves if leaf.path[:1] == SECRETS_TABLE and len(leaf.path) > 1}
    for alias, text in sorted(plain_secrets.items()):
        if not is_alias(alias):
            raise UnsafeToWrite("the alias of a secret must be letters, digits and `_`")
        if not text or not text.isprintable() or any(char in text for char in '"\\[]'):
            raise UnsafeToWrite(
                f"the secret `{alias}`: brackets, quotation marks, backslashes and control characters may not survive the cipher tool",
                hint="encrypt it by hand, and give its encrypted text",
            )
        if alias not in known:
            yield Setting(SECRETS_TABLE, alias, alias, toml_value(f"[{text}]"))


def _secrets_state(deployment: Deployment) -> dict[str, Any]:
    """Say what the cipher tool meets: it truncates the file where anything but secrets stands behind [secrets].

    product/placeholders.md#truncates.
    """
    plain = [
        leaf.path[1]
        for leaf in deployment.leaves
        if leaf.path[:1] == SECRETS_TABLE
        and len(leaf.path) > 1
        and isinstance(leaf.data, str)
        and "[" in leaf.data
        and "]" in leaf.data
    ]
    headers = [item for item in deployment.statements.items if isinstance(item, Header)]
    own = next((item for item in headers if item.path == SECRETS_TABLE), None)
    behind = deployment.source.text[own.span.end :] if own else ""
    clean = own is None or (own is headers[-1] and not any(line.lstrip().startswith("#") for line in behind.split("\n")))
    return {"secrets_last": clean, "plain_secrets": plain, "lines": deployment.source.lines}
