"""When tenants, and their senders, are loaded: ``[tenant_mgt]`` (product/loading.md#why)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..deployment import Leaf
from .model import Said, needs
from .node import Node

TABLE, IDLE, EAGER = "tenant_mgt", "tenant_idle_timeout", "eager_loading_tenants"


def _leaf(node: Node, name: str) -> Leaf | None:
    return next((leaf for leaf in node.deployment.keys.below(TABLE) if leaf.path == (TABLE, name)), None)


@needs(TABLE)
def mw701(node: Node) -> Iterator[Said]:
    """Look at the idle time."""
    leaf = _leaf(node, IDLE)
    if leaf is None or (isinstance(leaf.data, int) and not isinstance(leaf.data, bool)):
        return
    if isinstance(leaf.data, str) and (re.fullmatch(r"[0-9]{1,18}", leaf.data) or "$" in leaf.data):
        return
    minutes = re.fullmatch(r"([0-9]{1,6})\s*m(?:in(?:utes?)?)?", leaf.data) if isinstance(leaf.data, str) else None
    number = minutes.group(1) if minutes else None
    yield Said(
        "this is not a whole number of minutes: the server cannot parse it",
        leaf,
        hint="write an integer, without a unit",
        value=True,
        fix=node.fix("write the minutes as an integer", leaf.value_span, number, public=True) if number else None,
    )


@needs(TABLE)
def mw702(node: Node) -> Iterator[Said]:
    """Look at the list of tenants."""
    leaf = _leaf(node, EAGER)
    if leaf is None or (isinstance(leaf.data, str) and "$" in leaf.data):
        return
    if not isinstance(leaf.data, str):
        texts = leaf.data if isinstance(leaf.data, list) else None
        fix = None
        if texts and all(isinstance(text, str) and re.fullmatch(r"[!*A-Za-z0-9._-]+", text) for text in texts):
            joined = ",".join(texts)
            fix = node.fix("write the list as one text", leaf.value_span, f'"{joined}"', public=False)
        yield Said(
            "this must be one string: as it is, the server matches no tenant",
            leaf,
            hint='e.g. "*" or "a.example,b.example"',
            value=True,
            fix=fix,
        )
        return
    parts = [part.strip() for part in leaf.data.split(",")]
    if not leaf.data.strip():
        yield Said("an empty string means lazy loading", leaf, hint="remove the key", value=True)
    elif "!*" in parts:
        yield Said("`!*` ends in an error", leaf, hint='write "*" and the exceptions: "*,!a.example"', value=True)
    elif any(part.startswith("!") for part in parts) and "*" not in parts:
        yield Said(
            "exceptions without `*` load nothing",
            leaf,
            hint='write "*" in front: "*,!a.example"',
            value=True,
            fix=node.fix("put `*` in front", leaf.value_span, f'"*,{leaf.data}"', public=False)
            if all(re.fullmatch(r"![A-Za-z0-9._-]+", part) for part in parts)
            else None,
        )


@needs(TABLE)
def mw703(node: Node) -> Iterator[Said]:
    """Find both."""
    idle = _leaf(node, IDLE)
    if idle is not None and _leaf(node, EAGER) is not None:
        yield Said(f"this is not used, because `{EAGER}` is set", idle, hint="remove one of the two")
