"""Merge a spec's global sender into a deployment.toml: edits by spans, every other byte stays.

Managed are the adapter's table and its children; nothing else is looked at. This first version edits tables written with headers
(``[output_adapter.email]``); another spelling that holds keys is refused with its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .adapter import TABLE, load_adapter
from .deployment import Deployment, Header, KeyValue, parse_deployment
from .errors import InputError
from .releases import NEWEST, Release
from .rendering.fragment import Setting, check_written, wanted_settings
from .source import Span


class MergeRefused(InputError):
    """A deployment.toml that cannot be merged into as it is."""

    code = "merge"


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome of a merge.

    Attributes:
        text: The new text; it may hold secrets.
        changed: The key paths that differ, without values.
    """

    text: str
    changed: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Merged(changed={self.changed!r})"


@dataclass(frozen=True, slots=True)
class _Section:
    """A table of the file: its header and its keys."""

    header: Header
    pairs: tuple[KeyValue, ...]


@dataclass(frozen=True, slots=True)
class _Edit:
    span: Span
    text: str


def merge(deployment: Deployment, sender: Mapping[str, object], release: Release = NEWEST) -> Merged:
    """Return a deployment.toml with a global sender merged in.

    Args:
        deployment: The file, read (``surrogateescape`` for bytes that are no UTF-8).
        sender: The spec's ``global``.
        release: The product release, for the check of the result.

    Raises:
        MergeRefused: the server's parser refuses the file, or the table is spelt in a way that is not merged.
        Unencodable: a text that no XML 1.0 document can carry.
    """
    if deployment.problems:
        problem = deployment.problems[0]
        raise MergeRefused(
            f"the server's parser refuses this file: {problem.message}", place=deployment.place(problem.span), hint=problem.hint
        )
    sections = _sections(deployment)
    _refuse_other_spellings(deployment, sections)
    settings = wanted_settings(sender)
    changed: list[str] = []
    edits = _edit_tables(deployment, sections, settings, changed)
    text = _apply(deployment.source.text, edits)
    check_written(parse_deployment(text), sender, release)
    return Merged(text, tuple(changed))


def _sections(deployment: Deployment) -> dict[tuple[str, ...], _Section]:
    """Return the managed tables that are written with a header."""
    tables = (TABLE, (*TABLE, load_adapter().table.name))
    found: dict[tuple[str, ...], _Section] = {}
    header: Header | None = None
    pairs: list[KeyValue] = []

    def close() -> None:
        if header is not None and header.path in tables and not header.array:
            found[header.path] = _Section(header, tuple(pairs))

    for item in deployment.statements.items:
        if isinstance(item, Header):
            close()
            header, pairs = item, []
        else:
            pairs.append(item)
    close()
    return found


def _refuse_other_spellings(deployment: Deployment, sections: Mapping[tuple[str, ...], _Section]) -> None:
    managed = {
        pair.key_span for section in sections.values() for pair in section.pairs if len(pair.path) == 1 and not pair.value.pairs
    }
    for leaf in deployment.leaves:
        if leaf.path[: len(TABLE)] == TABLE and leaf.key_span not in managed:
            raise MergeRefused(
                "this spelling of the email adapter's table is not merged",
                place=deployment.place(leaf.key_span),
                hint="write its keys below the header [output_adapter.email], one a line",
            )


def _edit_tables(
    deployment: Deployment, sections: Mapping[tuple[str, ...], _Section], settings: list[Setting], changed: list[str]
) -> list[_Edit]:
    newline = "\r\n" if "\r\n" in deployment.source.text else "\n"
    child = (*TABLE, load_adapter().table.name)
    own = [item for item in settings if len(item.path) == 1]
    entries = [item for item in settings if len(item.path) == 2]
    edits: list[_Edit] = []
    after: list[str] = []  # whole new tables, to stand behind the parent
    for path, wanted in ((TABLE, own), (child, entries)):
        if path in sections:
            edits += _edit_section(deployment, sections[path], wanted, newline, changed)
        elif wanted:
            changed += [".".join((*TABLE, *item.path)) for item in wanted]
            after.append(newline.join([f"[{'.'.join(path)}]", *(f"{item.key} = {item.value}" for item in wanted), ""]))
    if after:
        edits.append(_insert_tables(deployment, sections, after, newline, edits))
    return edits


def _edit_section(
    deployment: Deployment, section: _Section, wanted: list[Setting], newline: str, changed: list[str]
) -> list[_Edit]:
    text = deployment.source.text
    edits: list[_Edit] = []
    by_key = {item.path[-1]: item for item in wanted}
    for pair in section.pairs:
        item = by_key.pop(pair.path[-1], None)
        if item is None:
            changed.append(".".join((*section.header.path, *pair.path)))
            edits.append(_Edit(_line(text, Span(pair.key_span.start, pair.value.span.end)), ""))
        elif text[pair.value.span.start : pair.value.span.end] != item.value and not _same(item, pair):
            changed.append(".".join((*TABLE, *item.path)))
            edits.append(_Edit(pair.value.span, item.value))
    missing = [item for item in wanted if item.path[-1] in by_key]
    if missing:
        changed += [".".join((*TABLE, *item.path)) for item in missing]
        last = section.pairs[-1].value.span if section.pairs else section.header.span
        lines = "".join(f"{item.key} = {item.value}{newline}" for item in missing)
        edits.append(_insert_below(text, last, lines, newline))
    return edits


def _same(item: Setting, pair: KeyValue) -> bool:
    """Say whether a value is there already, written in another way."""
    statements = parse_deployment(f"x = {item.value}\n").statements.items
    wanted = statements[0]
    return isinstance(wanted, KeyValue) and (wanted.value.kind, wanted.value.data) == (pair.value.kind, pair.value.data)


def _line(text: str, span: Span) -> Span:
    """Return the span of the whole lines that a span touches, the line end included."""
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.end)
    return Span(start, len(text) if end < 0 else end + 1)


def _insert_below(text: str, span: Span, lines: str, newline: str) -> _Edit:
    end = _line(text, span).end
    before = "" if text[:end].endswith("\n") else newline
    return _Edit(Span(end, end), before + lines)


def _insert_tables(
    deployment: Deployment,
    sections: Mapping[tuple[str, ...], _Section],
    tables: list[str],
    newline: str,
    edits: list[_Edit],
) -> _Edit:
    """Put new tables behind the managed one, else before [secrets], which stays last (facts 3.9), else at the end."""
    text = deployment.source.text
    body = newline.join(tables)
    if TABLE in sections:
        section = sections[TABLE]
        last = section.pairs[-1].value.span if section.pairs else section.header.span
        below = _insert_below(text, last, newline + body, newline)
        # New keys at the same place bring the line end that the file may lack.
        return _Edit(below.span, newline + body) if any(edit.span == below.span for edit in edits) else below
    child = next((section.header for path, section in sections.items() if path != TABLE), None)
    secrets = next((item for item in deployment.statements.items if isinstance(item, Header) and item.path[0] == "secrets"), None)
    anchor = child or secrets
    if anchor is not None:
        at = _above(text, anchor.span.start)
        return _Edit(Span(at, at), body + newline)
    gap = "" if not text or text.endswith(newline * 2) else newline if text.endswith("\n") else newline * 2
    return _Edit(Span(len(text), len(text)), gap + body)


def _above(text: str, start: int) -> int:
    """Return where the comment block begins that stands directly above a header."""
    at = text.rfind("\n", 0, start) + 1
    while at > 0:
        previous = text.rfind("\n", 0, at - 1) + 1
        if not text[previous:at].lstrip().startswith("#"):
            break
        at = previous
    return at


def _apply(text: str, edits: list[_Edit]) -> str:
    # From the back; of two insertions at one place the later one first, so that it ends up behind.
    for _, edit in sorted(enumerate(edits), key=lambda pair: (pair[1].span, pair[0]), reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text
