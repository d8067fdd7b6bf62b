"""The edits that a spec asks of a file, and what of the file must be the same behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256

from ..base.errors import InputError, UnsafeToWrite
from ..base.places import Source
from ..base.values import dataclass, field
from ..deployment import Deployment, Header, KeyValue, Leaf, Problem, StatementKind, Value, parse_deployment
from ..deployment.editing import Editor, Path
from ..engine import Abort
from ..engine.encoding import Unencodable, decode_value
from ..engine.shown import known_key, only_placeholder
from ..engine.template import interpret
from ..manifests.actions import template_of
from ..product.adapter import Adapter
from .fragment import NodeSetting, NodeSettings


class MergeRefused(InputError):
    """A deployment.toml that cannot be merged into as it is."""

    code = "merge"


@dataclass(frozen=True, slots=True)
class Edited:
    """A file after its edits.

    Attributes:
        text: The new text.
        changed: The paths that were set or removed.
        foreign: The digest of everything that must not change.
        secrets: The literal secrets of the adapter that were there.
    """

    text: str = field(repr=False)
    changed: tuple[Path, ...]
    foreign: bytes
    secrets: Mapping[Path, object] = field(repr=False)


def edited(source: Source, wanted: NodeSettings, *, keep_unmanaged: bool) -> Edited:
    deployment = parse_deployment(source.text, source.name)
    if (template := template_of(deployment)) is not None:
        raise template.error(deployment.source)
    adapter = wanted.product.adapter
    editor = Editor(deployment)
    rewrite = _needs_rewriting(deployment, editor, adapter, ours=wanted.sender is not None)
    _refuse_missing(editor, wanted, rewrite=rewrite)
    if rewrite:
        _clear(editor, adapter)
    elif wanted.sender is not None and not keep_unmanaged:
        _remove_others(editor, adapter, {*wanted.kept, *(item.path for item in wanted.settings)})
    _refuse_values(deployment, editor, {item.table for item in wanted.settings})
    for path in wanted.absent:
        for slot in editor.slots(path):
            if slot.path == path:
                editor.remove(slot)
    for item in wanted.settings:
        editor.put(item.table, item.name, item.key, item.value, same=_meaning(item, adapter))
    text, changed = editor.result(), tuple(dict.fromkeys(editor.changed))
    del editor  # of a table with many keys it holds as much as what follows
    deployment.forget()
    secrets = {leaf.path: leaf.data for leaf in deployment.keys.below(adapter.path[0]) if _is_literal_secret(leaf, adapter)}
    return Edited(text, changed, foreign(deployment, wanted), secrets)


def _refuse_missing(editor: Editor, wanted: NodeSettings, *, rewrite: bool) -> None:
    """Refuse a spec that keeps a secret as the file has it where the file has none, or where its table is written anew.

    Raises:
        UnsafeToWrite: with the place in the spec.
    """
    if not wanted.kept:
        return
    there = {slot.path for slot in editor.slots(wanted.product.table) if slot.pair.value.kind is not StatementKind.TABLE}
    for path, place in wanted.kept.items():
        if rewrite or path not in there:
            why = "its table must be rewritten" if path in there else "the file has none"
            raise UnsafeToWrite(
                f"the spec leaves `{path[-1]}` as the file has it, but {why}",
                place=place,
                hint="give the secret in the spec, e.g. as $secret{alias} or $env{NAME}",
            )


def _is_literal_secret(leaf: Leaf, adapter: Adapter) -> bool:
    key = known_key(leaf.path, adapter)
    return key is not None and key.secret and bool(leaf.data) and not only_placeholder(str(leaf.data))


def _refuse_values(deployment: Deployment, editor: Editor, tables: set[Path]) -> None:
    """Refuse a file where a table to write into, or a parent of it, is something else.

    Raises:
        MergeRefused: with the place.
    """
    parents = {table[: length + 1] for table in tables for length in range(len(table))}
    for slot in (slot for root in {table[0] for table in tables} for slot in editor.slots((root,))):
        if slot.path in parents and slot.pair.value.kind is not StatementKind.TABLE and not editor.goes(slot.pair):
            where = deployment.place(slot.pair.key_span)
            raise MergeRefused("this key holds a value where a table is needed", place=where, hint="remove the line")
    for section in (section for root in {table[0] for table in tables} for section in deployment.sections(root)):
        header = section.header
        if header and header.array and section.path in parents and not editor.removes(header):
            raise MergeRefused("this is an array of tables where a table is needed", place=deployment.place(header.span))


def _meaning(item: NodeSetting, adapter: Adapter) -> Callable[[Value], bool]:
    """Say whether a value is there already, perhaps written in another way."""
    wanted = parse_deployment(f"x = {item.value}\n").statements.items[0]
    assert isinstance(wanted, KeyValue)
    data = _plain(wanted.value, item, adapter)
    return lambda value: value.kind is wanted.value.kind and _plain(value, item, adapter) == data


def _plain(value: Value, item: NodeSetting, adapter: Adapter) -> object:
    """Return what the server reads: for the adapter's values that is the text behind CDATA and references."""
    if isinstance(value.data, str) and adapter.holds(item.table):
        try:
            return decode_value(value.data) if interpret(value.data, lambda _: None) == value.data else None
        except (Abort, Unencodable):
            return None
    return value.data


def _needs_rewriting(deployment: Deployment, editor: Editor, adapter: Adapter, *, ours: bool) -> bool:
    """Whether the table is spelt so that the server does not read it; refuses a file that it does not read for another reason.

    Raises:
        MergeRefused: with the place.
    """
    for problem in deployment.problems:
        if not (ours and _is_ours(problem, editor, adapter)):
            raise MergeRefused(
                f"the server's parser refuses this file: {problem.message}",
                place=deployment.place(problem.span),
                hint=problem.hint,
            )
    custom = (*adapter.path, adapter.table.name)
    arrays = any(
        section.header and section.header.array and section.path in (adapter.path, custom)
        for section in deployment.sections(adapter.path[0])
    )
    values = any(
        slot.path in (adapter.path, custom) and slot.pair.value.kind is not StatementKind.TABLE
        for slot in editor.slots(adapter.path)
    )
    return ours and (bool(deployment.problems) or arrays or values)


def _is_ours(problem: Problem, editor: Editor, adapter: Adapter) -> bool:
    """Whether a problem lies in a managed statement that was read all the same."""
    for section in editor.deployment.sections(adapter.path[0]):
        if section.header and adapter.holds(section.path) and section.header.span == problem.span:
            return True
        for pair in section.pairs:
            inside = pair.key_span.start <= problem.span.start <= pair.value.span.end
            if inside and adapter.holds((*section.path, *pair.path)):
                return True
    return False


def _clear(editor: Editor, adapter: Adapter) -> None:
    """Remove everything that is managed."""
    for slot in editor.slots(adapter.path):
        if adapter.holds(slot.path):
            editor.remove(slot)
    for section in editor.deployment.sections(adapter.path[0]):
        if section.header and adapter.holds(section.path):
            editor.remove_header(section.header)


def _remove_others(editor: Editor, adapter: Adapter, wanted: set[Path]) -> None:
    """Remove the managed keys that the spec does not have, and the tables below the adapter's that lose all their keys by that.

    A table that was empty stays: it says nothing.
    """
    parents = {path[:length] for path in wanted for length in range(len(adapter.path), len(path))}
    for slot in editor.slots(adapter.path):
        if adapter.holds(slot.path) and slot.path not in wanted and slot.pair.value.kind is not StatementKind.TABLE:
            editor.remove(slot)
    for section in editor.deployment.sections(adapter.path[0]):
        header: Header | None = section.header
        if header is None or not adapter.holds(section.path) or section.path in {adapter.path, *parents}:
            continue
        if section.pairs and all(editor.goes(pair) for pair in section.pairs):
            editor.remove_header(header)


def foreign(file: Deployment, wanted: NodeSettings) -> bytes:
    """Return what stands for everything that the spec does not speak of: the texts, since a value that is no number equals nothing."""
    adapter, text = wanted.product.adapter, file.source.text
    managed = {*wanted.absent, *(item.path for item in wanted.settings)}
    roots = dict.fromkeys((adapter.path[0], *(path[0] for path in managed)))
    digest = sha256()
    for leaf in (leaf for root in roots for leaf in file.keys.below(root)):
        if leaf.path in wanted.kept or (leaf.path not in managed and not adapter.holds(leaf.path)):
            value = text[leaf.value_span.start : leaf.value_span.end]
            digest.update(f"{len(leaf.flat)} {leaf.flat} {len(value)} {value}".encode("utf-8", "surrogateescape"))
    for written in file.texts(roots):
        digest.update(f"{len(written)} ".encode())
        digest.update(written.encode("utf-8", "surrogateescape"))
    return digest.digest()
