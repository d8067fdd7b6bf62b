"""Secrets: how they are written, and the traps of ``[secrets]``.

product/placeholders.md#secret, product/placeholders.md#secrets-table, product/api.md#masks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..base.patterns import pattern
from ..deployment import Leaf
from ..engine.cipher_tool import behind_secrets
from ..spec.references import IN_TENANTS, is_alias, looks_like_reference, mentioned, whole_reference
from .model import DOLLAR, SECRET, Said, needs
from .node import Node
from .sender import Sender, SenderKind, Setting

_MASK = pattern(
    r"(?:[*•●xX]{4,}|<[^<>]*>|\*+|\.{3,}|(?:change|replace)[-_ ]?(?:me|it|this)|(?:your|my)[-_ ]?(?:smtp[-_ ]?)?(?:password|secret)"
    r"|password|passwd|secret|todo|tbd|none|null|n/?a)\Z",
    re.IGNORECASE,
)
_TEMPLATE = pattern(r"(?:\{\{[^{}]*\}\}|\$\{[^{}]*\}|%[A-Z_]+%|\$\([^()]*\)|@[A-Za-z_.]+@)\Z")


def _secret_settings(sender: Sender) -> Iterator[tuple[str, Setting]]:
    known = {**sender.adapter.listed, **sender.adapter.by_xml}
    for name, setting in (*sender.keys.items(), *sender.properties.items()):
        key = sender.adapter.get(name) or known.get(name)
        if key is not None and key.secret and setting.raw:
            yield name, setting


def _references(sender: Sender) -> str:
    """Return the references that can stand for a secret of a sender."""
    return IN_TENANTS if sender.kind is SenderKind.TENANT else "$secret{alias} or $env{NAME}"


def _is_mask(sender: Sender, setting: Setting) -> bool:
    plain = (sender.plain(setting) or "").strip()
    return bool(_MASK.match(plain) or _TEMPLATE.match(setting.raw.strip()))


@needs(SECRET)
def mw501(sender: Sender) -> Iterator[Said]:
    """Find secrets that are no references."""
    for name, setting in _secret_settings(sender):
        if not setting.is_reference and not _is_mask(sender, setting):
            yield Said(f"`{name}` is in clear text", name, hint=f"write {_references(sender)}", value=True)


@needs(SECRET)
def mw502(sender: Sender) -> Iterator[Said]:
    """Find what stands for a secret and is none."""
    for name, setting in _secret_settings(sender):
        if not setting.is_reference and _is_mask(sender, setting):
            yield Said(
                f"`{name}` looks like a mask or a placeholder: the server would use it as the secret itself",
                name,
                value=True,
                hint=f"write a reference: {_references(sender)}",
            )


_KNOWN = "the server knows $secret{}, $env{}, $sys{} and $ref{}"


@needs(DOLLAR)
def mw503(sender: Sender) -> Iterator[Said]:
    """Find misspelt references."""
    for setting in (*sender.keys.values(), *sender.properties.values()):
        if looks_like_reference(setting.raw):
            yield Said(
                "this looks like a reference, but the server takes it as plain text",
                setting,
                hint=f"a secret can be {IN_TENANTS}" if sender.kind is SenderKind.TENANT else _KNOWN,
                value=True,
            )


@needs(DOLLAR)
def mw504(node: Node) -> Iterator[Said]:
    """Find references inside a text."""
    for leaf in node.leaves:
        if isinstance(leaf.data, str) and mentioned(leaf.data, "secret") and not whole_reference(leaf.data, ("secret",)):
            yield Said(
                "$secret{} works only as the whole value: the server sends the text as it is",
                leaf,
                value=True,
                hint="write $secret{alias} and nothing else",
            )


@needs("secrets")
def mw505(node: Node) -> Iterator[Said]:
    """Find what the cipher tool falls over."""
    comment, later = behind_secrets(node.deployment)
    if comment is None and later is None:
        return  # before the release is asked: those that answer otherwise would be looked at by themselves
    truncates = node.release.cipher_tool_truncates
    if truncates is False:
        return
    unsure = "" if truncates else " (unsure for this release: its tool was not examined)"
    if comment is not None:
        yield Said(
            f"a comment after [secrets]: the cipher tool fails and truncates the file{unsure}",
            comment,
            hint="keep [secrets] free of comments",
        )
    if later is not None:
        yield Said(
            f"a table after [secrets]: the cipher tool fails and truncates the file{unsure}",
            later.span,
            hint="keep [secrets] last in the file",
        )


@needs("secrets")
def mw506(node: Node) -> Iterator[Said]:
    """Look at the entries of [secrets]."""
    blamed = {failure.leaf.key_span for failure in node.outcome[0] if failure.leaf}
    for leaf in _aliases(node):
        if leaf.key_span in blamed:
            continue
        alias = ".".join(leaf.path[1:])
        if isinstance(leaf.data, str) and "]" in leaf.data.partition("[")[2]:
            kinds = (str, list) if node.release.placeholders_in_arrays else (str,)
            used = any(
                alias in mentioned(str(other.data), "secret")
                for other in node.deployment.keys.marked
                if isinstance(other.data, kinds)
            )
            if not used:  # one that is used ends the start: said there
                yield Said(
                    "this secret is not encrypted yet: the server may not start with it (unsure: nothing uses it)",
                    leaf,
                    hint="run the cipher tool",
                    value=True,
                )
        if not is_alias(alias) and not node.release.quoted_aliases:
            since = node.release.product.releases.first_with("quoted_aliases")
            yield Said(
                f"a name with dots or quotation marks works only from {since} on", leaf, hint="use letters, digits and `_`"
            )


def _aliases(node: Node) -> Iterator[Leaf]:
    return (leaf for leaf in node.deployment.keys.below("secrets") if len(leaf.path) > 1)
