"""Values on their way through the server's start: what ends it, what breaks the XML files, what is lost or altered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..base.findings import Severity
from ..deployment import Header, Leaf
from ..deployment.java import java_text
from ..engine.effective import Outcome, Property
from ..engine.encoding import decode_markup
from ..product.adapter import TABLE
from ..spec.references import Reference, mentioned, references_in, shown_name
from .model import Said, Subject, rule
from .node import Assumed, Node


@rule(
    "MW201",
    Severity.ERROR,
    "The server does not start",
    subject=Subject.NODE,
    fixable=True,
    why="A placeholder that cannot be resolved, or a text that the template engine takes for a template, ends the start (product/xml.md#abort, product/xml.md#braces-error, product/placeholders.md#undefined-alias).",
    remedy="See the message; `mailwright render` writes every value so that it survives.",
    bad="""\
[output_adapter.email]
password = "{{1+1}}"
""",
    good="""\
[output_adapter.email]
password = "&#123;&#123;1+1&#125;&#125;"
""",
)
def NOT_STARTING(node: Node) -> Iterator[Said]:
    """Say every reason why the start ends."""
    if node.deployment.problems:
        return
    told: dict[object, Said] = {}
    for failure in node.outcome[0]:
        view, leaf = failure.view, failure.leaf
        if view.outcome is not Outcome.ABORT:
            continue
        doubts = [doubt for doubt in view.unsure if doubt != node.release.unsure]
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


@rule(
    "MW202",
    Severity.ERROR,
    "The generated XML is not well-formed",
    subject=Subject.NODE,
    fixable=True,
    why="Values go unescaped into output-event-adapters.xml and axis2.xml (product/xml.md#not-escaped); the server does not come up properly.",
    remedy="Wrap the value in <![CDATA[…]]>, or write & as &amp; and < as &lt;.",
    bad="""\
[output_adapter.email]
password = "R&D"
""",
    good="""\
[output_adapter.email]
password = "<![CDATA[R&D]]>"
""",
)
def MALFORMED_XML(node: Node) -> Iterator[Said]:
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


@rule(
    "MW203",
    Severity.ERROR,
    "A value that the server loses or alters",
    subject=Subject.NODE,
    fixable=True,
    options=("--product-version", "7.2.0"),
    why="Values are interpreted as templates and read as XML: `{{ word }}` and comments disappear, what is not UTF-8 is replaced, and the thread pool's properties cannot be set (product/keys.md#thread-pool, product/xml.md#braces-word, product/xml.md#comment, product/xml.md#non-ascii-name, product/xml.md#invalid-utf-8).",
    remedy="Write the value so that it survives: `mailwright render` and --fix do.",
    bad="""\
[output_adapter.email]
signature = "Team {{ name }}"
""",
    good="""\
[output_adapter.email]
signature = "Team &#123;&#123; name &#125;&#125;"
""",
)
def ALTERED(node: Node) -> Iterator[Said]:
    """Compare what is written with what arrives."""
    view = node.outcome[1]
    if view is None:
        return
    failed = {failure.leaf.key_span for failure in node.outcome[0] if failure.leaf}
    arrived = {item.key: item for item in view.properties}
    assumed = Assumed(node.environment)
    for leaf in node.leaves:
        if leaf.key_span not in failed and _is_read(node, leaf):
            said = _compared(node, leaf, arrived.get(leaf.flat), assumed)
            if said:
                yield Said(said, leaf, value=True, fix=node.encoded(leaf))


def _is_read(node: Node, leaf: Leaf) -> bool:
    parts, table = leaf.path[len(TABLE) :], node.adapter.table
    key = node.adapter.get(parts[0]) if parts else None
    if key is None or not key.known_to(node.release):
        return False
    return len(parts) == (2 if key is table else 1)


def _compared(node: Node, leaf: Leaf, seen: Property | None, assumed: Assumed) -> str | None:
    overriding = (*TABLE, node.adapter.table.name, node.adapter[leaf.path[2]].xml or "")
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
    return None if plain == seen.text else "the server alters this value: it reads it as a template or as markup"


@rule(
    "MW204",
    Severity.ERROR,
    "An environment variable whose value the server cannot take",
    subject=Subject.NODE,
    options=("--resolve-env",),
    why="The value is used as a replacement text without quoting: `$` ends the start, `\\` is dropped in silence; an undefined variable ends the start (product/placeholders.md#dollar-in-environment, product/placeholders.md#env). Variables are checked where they are set here; --resolve-env takes one that is not set for undefined.",
    remedy="Change the value, or write the setting with $secret{alias}, which is not treated like this.",
    bad="""\
[output_adapter.email]
hostname = "$env{MW_NO_SUCH_VARIABLE}"
""",
    good="""\
[output_adapter.email]
hostname = "smtp.example.com"
""",
)
def ENVIRONMENT(node: Node) -> Iterator[Said]:
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


@rule(
    "MW205",
    Severity.ERROR,
    "The table is written so that everything in it becomes empty",
    subject=Subject.NODE,
    fixable=True,
    why="With [[output_adapter.email]] every property becomes empty, and the defaults are lost too (product/xml.md#section-array).",
    remedy="Write [output_adapter.email] with one pair of brackets.",
    bad="""\
[[output_adapter.email]]
hostname = "smtp.example.com"
""",
    good="""\
[output_adapter.email]
hostname = "smtp.example.com"
""",
)
def BLANKED(node: Node) -> Iterator[Said]:
    """Find a table that is none."""
    for leaf in node.deployment.leaves:
        if leaf.path in (TABLE, TABLE[:1]):
            headers = [item for item in node.deployment.statements.items if isinstance(item, Header) and item.path == leaf.path]
            fix = None
            if leaf.path == TABLE and len(headers) == 1 and headers[0].array:
                fix = node.fix("write one pair of brackets", headers[0].span, f"[{'.'.join(TABLE)}]", public=True)
            yield Said(
                "this is not a table: most properties of the sender become empty, including the defaults",
                leaf,
                hint="write [output_adapter.email]",
                fix=fix,
            )
