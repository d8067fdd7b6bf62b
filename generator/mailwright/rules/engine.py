"""Values on their way through the server's start: what ends it, what breaks the XML files, what is lost or altered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..base.patterns import pattern
from ..deployment import Leaf
from ..deployment.java import java_text
from ..engine.effective import OUTSIDE
from ..engine.encoding import decode_markup
from ..engine.start import Outcome
from ..spec.references import Reference, mentioned, references_in, shown_name
from .model import DOLLAR, NO_TABLE, Said, needs
from .node import Assumed, Node


def mw201(node: Node) -> Iterator[Said]:
    """Say every reason why the start ends."""
    if node.deployment.problems:
        return
    told: dict[object, Said] = {}
    for failure in node.outcome[0]:
        view, leaf = failure.view, failure.leaf
        if view.outcome is not Outcome.ABORT:
            continue
        doubts = [doubt for doubt in view.unsure if doubt not in (node.release.unsure, OUTSIDE)]
        message = f"the server does not start: {view.reason}" + (f" (unsure: {doubts[-1]})" if doubts else "")
        said = Said(message, leaf, value=True, fix=node.encoded(leaf) if leaf else None)
        # What several keys refer to and what is not there is one cause.
        cause = (message, _references(leaf)) if leaf and not said.fix and _references(leaf) else leaf and leaf.key_span
        known = told.get(cause)
        told[cause] = replace(known, also=(*known.also, leaf)) if known else said
    yield from told.values()


def _references(leaf: Leaf) -> tuple[Reference, ...]:
    """Return what a text refers to."""
    text = leaf.data if isinstance(leaf.data, str) else ""
    return tuple(dict.fromkeys(references_in(text, ("secret", "env", "sys"))))


def mw202(node: Node) -> Iterator[Said]:
    """Say every value that breaks the files."""
    if node.deployment.problems:
        return
    for failure in node.outcome[0]:
        view, leaf = failure.view, failure.leaf
        if view.outcome is Outcome.MALFORMED:
            in_name = leaf is not None and decode_markup(leaf.path[-1]) is None
            yield Said(
                str(view.reason),
                leaf,
                hint=f"{'in the name,' if in_name else 'wrap the value in <![CDATA[…]]>, or'} write & as &amp; and < as &lt;",
                value=not in_name,
                fix=node.encoded(leaf) if leaf else None,
            )


def mw203(node: Node) -> Iterator[Said]:
    """Compare what is written with what arrives."""
    view = node.outcome[1]
    if view is None:
        return
    failed = {failure.leaf.key_span for failure in node.outcome[0] if failure.leaf}
    arrived = view.arrived
    assumed = Assumed(node.environment)
    for leaf in node.leaves:
        if leaf.data == arrived.get(leaf.flat) and isinstance(leaf.data, str) and _PLAIN.match(leaf.data):
            continue
        if leaf.key_span not in failed and _is_read(node, leaf):
            said = _compared(node, leaf, arrived.get(leaf.flat), assumed)
            if said:
                yield Said(said, leaf, value=True, fix=node.encoded(leaf))


def _is_read(node: Node, leaf: Leaf) -> bool:
    parts, table = node.adapter.below(leaf.path), node.adapter.table
    key = node.adapter.get(parts[0]) if parts else None
    if key is None or not key.known_to(node.release):
        return False
    return len(parts) == (2 if key is table else 1)


_PLAIN = pattern(r"[ -#%'-;=-\\^-~]*\Z")  # printable ASCII without & < ] and $: nobody reads more into it


def _compared(node: Node, leaf: Leaf, seen: str | None, assumed: Assumed) -> str | None:
    adapter = node.adapter
    overriding = (*adapter.path, adapter.table.name, adapter[adapter.below(leaf.path)[0]].xml or "")
    if seen is None:
        if any(other.path == overriding for other in node.leaves):
            return None  # a rule of the mail client says that
        return "the server loses this value"
    text = java_text(leaf.data) if leaf.data is not None else ""
    if "$" in text:
        if references_in(text, ("ref", "secret")):
            return None
        for reference in node.mentions(text):
            text = text.replace(str(reference), assumed.get(reference.name, "x") if reference.kind == "env" else "x")
    plain = decode_markup(text)
    if plain is None:
        return "the server alters this value: markup in it disappears"
    written = node.deployment.source.text[leaf.value_span.start : leaf.value_span.end]
    if not written.isascii() and any("\udc80" <= char <= "\udcff" for char in written):
        return "the value is not valid UTF-8: the server replaces some of its characters"
    return None if plain == seen else "the server alters this value: it reads it as a template or as markup"


@needs(DOLLAR)
def mw204(node: Node) -> Iterator[Said]:
    """Look at the values of the variables that are set here."""
    for leaf in node.leaves:
        if not isinstance(leaf.data, str):
            continue
        for name in dict.fromkeys(mentioned(leaf.data, "env")):
            value = node.environment.get(name)
            shown = shown_name(name)
            if value is None:
                if node.resolve:
                    yield Said(f"the environment variable {shown} is not defined: the server does not start", leaf, value=True)
            elif "$" in value:
                yield Said(
                    f"the environment variable {shown}, as it is set here, contains `$`: the server does not start",
                    leaf,
                    value=True,
                )
            elif "\\" in value:
                yield Said(
                    f"the environment variable {shown}, as it is set here, contains `\\`: the server drops it", leaf, value=True
                )


@needs(NO_TABLE)
def mw205(node: Node) -> Iterator[Said]:
    """Find a table that is none."""
    for leaf in node.deployment.keys.below(node.adapter.path[0]):
        if leaf.path in (node.adapter.path, node.adapter.path[:1]):
            sections = node.deployment.sections(leaf.path[0])
            headers = [section.header for section in sections if section.header and section.path == leaf.path]
            fix = None
            if leaf.path == node.adapter.path and len(headers) == 1 and headers[0].array:
                fix = node.fix("write one pair of brackets", headers[0].span, f"[{node.adapter.flat}]", public=True)
            yield Said(
                "this is not a table: most properties of the sender become empty, including the defaults",
                leaf,
                hint=f"write [{node.adapter.flat}]",
                fix=fix,
            )
