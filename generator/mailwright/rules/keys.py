"""Keys of deployment.toml: those that the server does not look at, and those whose absence is a trap."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..base.findings import Fix
from ..base.places import Span
from ..base.secret import HIDDEN
from ..deployment import Header, Leaf
from ..engine.effective import API_MANAGER, OUTSIDE, first_of_api_manager
from ..product.adapter import Adapter
from ..product.mail_properties import PREFIX
from .model import DEEP, IGNORED, PROPERTIES, Said, needs
from .node import Node
from .sender import Sender


@needs(IGNORED)
def mw101(node: Node) -> Iterator[Said]:
    """Find keys that no release knows."""
    for leaf in node.ignored:
        if not node.adapter.holds(leaf.path):
            continue
        name = node.adapter.below(leaf.path)[0]
        key = node.adapter.get(name)
        if key is not None:
            if key.known_to(node.release):
                yield Said(f"`{name}` is not a table: the server ignores what is below it", leaf)
            continue
        meant = node.adapter.meant(name)
        default = node.adapter[meant].default if meant else None
        instead = f" and uses {json.dumps(default)} as `{meant}`" if meant and default not in (None, "") else ""
        yield Said(
            f"unknown key `{_plain(name)}`: the server ignores it{instead}",
            leaf,
            hint=f"did you mean `{meant}`?" if meant else None,
            fix=_renamed(node, leaf, meant) if meant else None,
        )


def _plain(name: str) -> str:
    return name if len(name) <= 100 and all(char.isprintable() for char in name) else HIDDEN


def _renamed(node: Node, leaf: Leaf, meant: str) -> Fix | None:
    """Return the fix that renames a key, where the key that was meant is not set as well and takes such a value."""
    twins = [
        other for other in node.leaves if (parts := node.adapter.below(other.path)) and node.adapter.meant(parts[0]) == meant
    ]
    if len(node.adapter.below(leaf.path)) != 1 or len(twins) > 1 or node.deployment.problems:
        return None
    if node.adapter[meant].is_table or not isinstance(leaf.data, str | int | bool):
        return None
    name, end = leaf.path[-1], leaf.key_span.end
    for written in (name, f'"{name}"', f"'{name}'"):
        span = Span(end - len(written), end)
        if node.text(span) == written:
            return node.fix(f"rename it to `{meant}`", span, meant, public=True)
    return None


@needs(IGNORED)
def mw102(node: Node) -> Iterator[Said]:
    """Find keys that a newer release brought."""
    for leaf in node.ignored:
        key = node.adapter.get(node.adapter.below(leaf.path)[0]) if node.adapter.holds(leaf.path) else None
        if key is not None and not key.known_to(node.release):
            yield Said(f"`{key.name}` came with {key.since}: this release ignores it", leaf)


@needs(IGNORED)
def mw103(node: Node) -> Iterator[Said]:
    """Find tables that look like the adapter's and are not."""
    fixed: set[Header] = set()
    for leaf in node.ignored:
        if node.adapter.holds(leaf.path):
            continue
        header, fix = leaf.header, None
        if header is not None and header not in fixed and node.is_empty and not header.array and _is_table(header, node.adapter):
            fixed.add(header)
            fix = node.fix("write the table's name", header.span, f"[{node.adapter.flat}]", public=True)
        yield Said(
            "the server does not recognise this spelling of the table: it mails with its defaults",
            leaf,
            hint=f"write [{node.adapter.flat}]",
            fix=fix,
        )


def _is_table(header: Header, adapter: Adapter) -> bool:
    return ".".join(header.path).casefold() == adapter.flat


@needs(DEEP)
def mw104(node: Node) -> Iterator[Said]:
    """Find properties whose names were cut at their dots."""
    table = node.adapter.table
    if not table.known_to(node.release):
        return
    for leaf in node.leaves:
        parts = node.adapter.below(leaf.path)
        if len(parts) > 2 and parts[0] == table.name:
            yield Said(
                "without quotation marks, the name is split at its dots: the property has no effect",
                leaf,
                hint="put the name in quotation marks",
                fix=_quoted(node, leaf),
            )


def _quoted(node: Node, leaf: Leaf) -> Fix | None:
    table = (*node.adapter.path, node.adapter.table.name)
    above = leaf.header.path if leaf.header else ()
    if table[: len(above)] != above or node.deployment.problems:
        return None
    name = ".".join(leaf.path[len(table) :])
    if any(other.path == (*table, name) for other in node.leaves):
        return None
    head = "".join(f"{part}." for part in table[len(above) :])
    if node.text(leaf.key_span).replace(" ", "") != f"{head}{name}":
        return None
    # A plain name that was split at its dots is no value: it may be shown.
    return node.fix("put the name in quotation marks", leaf.key_span, f"{head}'{name}'", public=True)


@needs(PROPERTIES)
def mw105(sender: Sender) -> Iterator[Said]:
    """Find properties that the mail client does not ask for."""
    if not sender.properties:
        return
    properties = sender.release.product.mail_properties
    for name in sender.properties:
        if name in properties.known:
            continue
        useless = properties.useless(name)
        if useless is not None:
            message = (
                f"{'every mail fails with this property' if useless.breaks else 'this property has no effect'}: {useless.why}"
            )
            meant = useless.instead
        else:
            meant = properties.meant(name)
            if meant is None and not name.casefold().startswith(PREFIX):
                continue
            case = meant is not None and meant.casefold() == name.casefold()
            message = "the mail client does not know this property: it has no effect"
            message += " (names are case-sensitive)" if case else ""
        key = sender.adapter.by_xml.get(meant or "")
        renamed = sender.renaming(name, meant) if meant and key is None else None
        yield Said(message, name, hint=sender.hint("set {}", key.name) if key else _instead(meant), fix=renamed)


def _instead(meant: str | None) -> str:
    if meant is None:
        return "remove it; docs/reference/keys.md lists the properties that have an effect"
    return f"did you mean `{meant}`?"


TRAPS = {
    "from_address": "mail goes out as abcd@gmail.com",
    "hostname": "mail goes through smtp.gmail.com",
    "username": "the server logs in as `abcd`",
    "password": "the server logs in with `xxxx`",
    "signature": "recipients see the SMTP user name as the sender's name",
}
"""What happens while a key is left out (product/keys.md#no-table, product/keys.md#missing-key, product/adapter.md#relay-without-auth)."""


def mw110(node: Node) -> Iterator[Said]:
    """Find keys that are missing."""
    sender = node.sender
    if node.deployment.problems or any(
        leaf.path in (node.adapter.path, node.adapter.path[:1]) for leaf in node.deployment.keys.below(node.adapter.path[0])
    ):
        return
    if node.is_empty:
        if first_of_api_manager(node.deployment) is None:
            yield Said(
                "no email sender is set: the server mails as abcd@gmail.com through smtp.gmail.com, user `abcd`",
                hint=f"write [{node.adapter.flat}]",
            )
        return
    overridden = {sender.adapter.by_xml[name].name for name in sender.properties if name in sender.adapter.by_xml}
    logs_in = sender.mail("mail.smtp.auth") is None or sender.logs_in
    for name, effect in TRAPS.items():
        if name in sender.keys or name in overridden or not sender.adapter[name].known_to(sender.release):
            continue
        if name in ("username", "password") and (not logs_in or sender.uses_token):
            continue
        yield Said(f"`{name}` is not set: {effect}", hint=sender.hint("set {}", name))


@needs(API_MANAGER)
def mw111(node: Node) -> Iterator[Said]:
    """Find tables of API Manager."""
    item = first_of_api_manager(node.deployment)
    if item is not None:
        yield Said(
            f"unsure: {OUTSIDE}",
            at=item if isinstance(item, Leaf) else item.span,
            hint="the other findings in this file assume Identity Server",
        )
