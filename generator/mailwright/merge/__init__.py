"""Merge what a spec says into a deployment.toml: edits by spans, every other byte stays.

Managed are the adapter's table and its children, the two keys of the tenant loading policy where the spec has one, and the aliases of
``[secrets]`` whose encrypted text it gives; nothing else is touched. A table of the adapter's that the server itself cannot read as it
is (an array of tables, a value, defined twice, below its own child) is written anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..adapter import TABLE, load_adapter
from ..deployment import Deployment, Header, KeyValue, Kind, Problem, Value, parse_deployment
from ..encoding import Unencodable, decode_value
from ..engine import Abort
from ..engine.template import interpret
from ..errors import InputError, MailwrightError
from ..releases import NEWEST, Release
from ..rendering.fragment import LOADING_TABLE, NodeSettings, Setting, check_written
from ..shown import shown_value
from ..view import Outcome, effective, shown_path
from .editor import Editor, Path, Slot


class MergeRefused(InputError):
    """A deployment.toml that cannot be merged into as it is."""

    code = "merge"


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome of a merge.

    Attributes:
        text: The new text; it may hold secrets.
        changed: The key paths that differ, without values.
        warning: Why the server would not start with the result as it stands, None if it would.
    """

    text: str
    changed: tuple[str, ...]
    warning: str | None = None

    def __repr__(self) -> str:
        return f"Merged(changed={self.changed!r})"


def merge(deployment: Deployment, wanted: NodeSettings, release: Release = NEWEST, *, keep_unmanaged: bool = False) -> Merged:
    """Return a deployment.toml with a spec's settings merged in.

    Args:
        deployment: The file, read (``surrogateescape`` for bytes that are no UTF-8).
        wanted: What the spec wants: ``node_settings(spec)``.
        release: The product release, for the check of the result.
        keep_unmanaged: Leave keys of the adapter's table that the spec does not have.

    Raises:
        MergeRefused: the server's parser refuses the file, and not because of the adapter's table.
    """
    editor = Editor(deployment)
    if _needs_rewriting(deployment, editor, ours=wanted.sender is not None):
        _clear(editor)
    elif wanted.sender is not None and not keep_unmanaged:
        _remove_others(editor, {item.path for item in wanted.settings})
    _refuse_values(deployment, editor, {item.table for item in wanted.settings})
    for slot in editor.slots():
        if slot.path in wanted.absent:
            editor.remove(slot)
    for item in wanted.settings:
        editor.put(item.table, item.name, item.key, item.value, same=_meaning(item))
    text = editor.result()
    _check(deployment, text, wanted, release)
    adapter = load_adapter()
    changed = tuple(dict.fromkeys(shown_path(path, adapter) for path in editor.changed))
    return Merged(text, changed, _start_problem(parse_deployment(text, deployment.source.name), release))


def _refuse_values(deployment: Deployment, editor: Editor, tables: set[Path]) -> None:
    """Refuse a file where a table to write into, or a parent of it, is something else.

    Raises:
        MergeRefused: with the place.
    """
    parents = {table[: length + 1] for table in tables for length in range(len(table))}
    for slot in editor.slots():
        if slot.path in parents and slot.pair.value.kind is not Kind.TABLE and not editor.goes(slot.pair):
            where = deployment.place(slot.pair.key_span)
            raise MergeRefused("this key holds a value where a table is needed", place=where, hint="remove the line")
    for section in editor.sections():
        header = section.header
        if header and header.array and section.path in parents and not editor.removes(header):
            raise MergeRefused("this is an array of tables where a table is needed", place=deployment.place(header.span))


def _meaning(item: Setting) -> Callable[[Value], bool]:
    """Say whether a value is there already, perhaps written in another way."""
    wanted = parse_deployment(f"x = {item.value}\n").statements.items[0]
    assert isinstance(wanted, KeyValue)
    data = _plain(wanted.value, item)
    return lambda value: value.kind is wanted.value.kind and _plain(value, item) == data


def _plain(value: Value, item: Setting) -> object:
    """Return what the server reads: for the adapter's values that is the text behind CDATA and references."""
    if isinstance(value.data, str) and _is_managed(item.table):
        try:
            return decode_value(value.data) if interpret(value.data, lambda _: None) == value.data else None
        except (Abort, Unencodable):
            return None
    return value.data


def _is_managed(path: Path) -> bool:
    return path[: len(TABLE)] == TABLE


def _needs_rewriting(deployment: Deployment, editor: Editor, *, ours: bool) -> bool:
    """Whether the table is spelt so that the server does not read it; refuses a file that it does not read for another reason.

    Raises:
        MergeRefused: with the place.
    """
    for problem in deployment.problems:
        if not (ours and _is_ours(problem, editor)):
            raise MergeRefused(
                f"the server's parser refuses this file: {problem.message}",
                place=deployment.place(problem.span),
                hint=problem.hint,
            )
    custom = (*TABLE, load_adapter().table.name)
    arrays = any(section.header and section.header.array and section.path in (TABLE, custom) for section in editor.sections())
    values = any(slot.path in (TABLE, custom) and slot.pair.value.kind is not Kind.TABLE for slot in editor.slots())
    return ours and (bool(deployment.problems) or arrays or values)


def _is_ours(problem: Problem, editor: Editor) -> bool:
    """Whether a problem lies in a managed statement that was read all the same."""
    for section in editor.sections():
        if section.header and _is_managed(section.path) and section.header.span == problem.span:
            return True
        for pair in section.pairs:
            inside = pair.key_span.start <= problem.span.start <= pair.value.span.end
            if inside and _is_managed((*section.path, *pair.path)):
                return True
    return False


def _clear(editor: Editor) -> None:
    """Remove everything that is managed."""
    for slot in editor.slots():
        if _is_managed(slot.path):
            editor.remove(slot)
    for section in editor.sections():
        if section.header and _is_managed(section.path):
            editor.remove_header(section.header)


def _remove_others(editor: Editor, wanted: set[Path]) -> None:
    """Remove the managed keys that the spec does not have, and tables below the adapter's that lose all their keys."""
    gone: set[tuple[int, int]] = set()

    def unwanted(slot: Slot) -> bool:
        return _is_managed(slot.path) and slot.path not in wanted and slot.pair.value.kind is not Kind.TABLE

    for slot in editor.slots():
        # A wanted key that is a table itself goes too: its value has another shape.
        beneath = any(slot.path[: len(path)] == path and slot.path != path for path in wanted)
        if unwanted(slot) or (_is_managed(slot.path) and beneath) or (slot.path in wanted and slot.pair.value.kind is Kind.TABLE):
            editor.remove(slot)
            gone.add(slot.pair.value.span)
    for section in editor.sections():
        header: Header | None = section.header
        empty = all(pair.value.span in gone or pair.value.kind is Kind.TABLE for pair in section.pairs)
        if header and _is_managed(section.path) and section.path != TABLE and empty and not _has_wanted(section.path, wanted):
            editor.remove_header(header)


def _has_wanted(table: Path, wanted: set[Path]) -> bool:
    return any(path[:-1] == table for path in wanted)


def _check(deployment: Deployment, text: str, wanted: NodeSettings, release: Release) -> None:
    """Read the result again: it says what the spec says, and everything else is what it was.

    Raises:
        MailwrightError: it does not: a bug in mailwright, caught before anything is written.
    """
    after = parse_deployment(text)
    check_written(after, wanted, release)
    managed = {*wanted.absent, *(item.path for item in wanted.settings)}

    def foreign(file: Deployment) -> list[tuple[str, object]]:
        return [(leaf.flat, leaf.data) for leaf in file.leaves if leaf.path not in managed and not _is_managed(leaf.path)]

    if foreign(deployment) != foreign(after):
        raise MailwrightError("the merge would change a foreign key; nothing was written", hint="please report this as a bug")


def managed_lines(deployment: Deployment, wanted: NodeSettings) -> list[str]:
    """Return the managed keys of a file as lines for a diff; secrets as marks, nothing of foreign tables."""
    adapter = load_adapter()
    named = {*wanted.absent, *(item.path for item in wanted.settings)}
    lines = []
    for leaf in deployment.leaves:
        if leaf.path in named or (wanted.sender is not None and _is_managed(leaf.path)):
            public = leaf.path[:1] == LOADING_TABLE and not isinstance(leaf.data, (list, dict))
            value = repr(leaf.data) if public else shown_value(deployment, leaf, adapter)
            lines.append(f"{shown_path(leaf.path, adapter)} = {value}")
    return lines


def _start_problem(after: Deployment, release: Release) -> str | None:
    """Say why the server would not start with the result, e.g. an alias that [secrets] does not define yet; None if it would."""
    view = effective(after, release)
    # Where the engine may still find what is referred to (a default of the product's own), the view is unsure; that is no reason.
    return view.reason if view.outcome is Outcome.ABORT and not view.unsure else None
