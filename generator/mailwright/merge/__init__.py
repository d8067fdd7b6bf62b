"""Merge what a spec says into a deployment.toml: edits by spans, every other byte stays.

Managed are the adapter's table and its children, the two keys of the tenant loading policy where the spec has one, and the aliases of
``[secrets]`` whose encrypted text it gives; nothing else is touched. A table of the adapter's that the server itself cannot read as it
is (an array of tables, a value, defined twice, below its own child) is written anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from ..adapter import TABLE, Adapter, load_adapter
from ..deployment import Deployment, Header, KeyValue, Kind, Leaf, Problem, Statements, Value, parse_deployment, split_flat
from ..encoding import Unencodable, decode_value
from ..engine import Abort
from ..engine.placeholders import mentioned, shown_name
from ..engine.template import interpret
from ..errors import InputError, MailwrightError, UnsafeToWrite
from ..releases import ALL, NEWEST, Release
from ..rendering.fragment import LOADING_TABLE, SECRETS_TABLE, NodeSettings, Setting, check_written, misread
from ..shown import known_key, shown_value
from ..source import Place, Source
from ..view import Effective, Outcome, effective, only_placeholder, shown_path
from .editor import Editor, Path
from .starting import Fault, faults_of


class MergeRefused(InputError):
    """A deployment.toml that cannot be merged into as it is."""

    code = "merge"


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome of a merge; nothing is written yet, and nothing may be where ``refusal`` is not None.

    Attributes:
        text: The new text; it may hold secrets.
        changed: The key paths that differ, without values.
        faults: Why the server would not start with the result.
        before_starts: Whether it starts with the file as it was; None where the result starts.
        secrets_lost: The adapter's keys whose literal secrets are gone, or are references now.
        undefined: The aliases of ``$secret{}`` that the spec uses and the result does not define.
    """

    text: str = field(repr=False)
    changed: tuple[str, ...]
    faults: tuple[Fault, ...] = ()
    before_starts: bool | None = None
    secrets_lost: tuple[str, ...] = ()
    undefined: tuple[str, ...] = ()

    @property
    def refusal(self) -> str | None:
        """Why the result must not be written, None if it may."""
        return "; ".join(_said(fault) for fault in self.faults if fault.ours) or None

    @property
    def starts(self) -> bool:
        """Whether nothing is known that keeps the server from starting with the result."""
        return all(fault.guessed for fault in self.faults)

    @property
    def broken_before(self) -> tuple[Fault, ...]:
        """What the merge did not break and does not mend."""
        return tuple(fault for fault in self.faults if fault.before and not fault.ours)


def _said(fault: Fault) -> str:
    on = "" if len(fault.releases) == len(ALL) else f" (on {', '.join(fault.releases)})" if len(fault.releases) > 1 else ""
    return f"{fault.reason}{on}"


def merge(
    source: Source,
    wanted: NodeSettings,
    releases: Release | Sequence[Release] = NEWEST,
    *,
    keep_unmanaged: bool = False,
    encrypted: Collection[str] = (),
) -> Merged:
    """Return a deployment.toml with a spec's settings merged in.

    Args:
        source: The file (decoded with ``surrogateescape`` for bytes that are no UTF-8).
        wanted: What the spec wants: ``node_settings(spec)``.
        releases: The product releases that the file is for.
        keep_unmanaged: Leave keys of the adapter's table that the spec does not have.
        encrypted: Aliases whose texts the server's cipher tool encrypts before the server starts.

    Raises:
        MergeRefused: the server's parser refuses the file, and not because of the adapter's table.
        UnsafeToWrite: what is to stay as the file has it is not there, or a key that stays overrides a wanted one.
    """
    keep_unmanaged = keep_unmanaged or wanted.keep_unmanaged
    releases = (releases,) if isinstance(releases, Release) else tuple(releases)
    edited = _edited(source, wanted, keep_unmanaged=keep_unmanaged)
    # From here on the file as it was is not in memory: a large one is read anew where something is wrong with it.
    after = replace(parse_deployment(edited.text, source.name), statements=Statements())
    for release in releases:
        check_written(after, wanted, release)
    if _foreign(after, wanted) != edited.foreign:
        raise MailwrightError("the merge would change a foreign key; nothing was written", hint="please report this as a bug")
    managed = _managed(after, wanted, everything=not keep_unmanaged)
    faults, views = faults_of(source, _encrypted(after, encrypted), releases, managed)
    for view in () if any(fault.ours for fault in faults) else views:
        if wanted.sender is not None and misread(view, wanted.sender, view.release):
            _refuse_overridden(parse_deployment(source.text, source.name), view, wanted.sender)
    starts = effective(parse_deployment(source.text), releases[-1]).outcome is Outcome.OK if faults else None
    adapter = load_adapter()
    return Merged(
        edited.text,
        tuple(dict.fromkeys(shown_path(path, adapter) for path in edited.changed)),
        tuple(faults),
        starts,
        tuple(_secrets_lost(edited, after)),
        tuple(_undefined(after, wanted)),
    )


@dataclass(frozen=True, slots=True)
class _Edited:
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


def _edited(source: Source, wanted: NodeSettings, *, keep_unmanaged: bool) -> _Edited:
    deployment = parse_deployment(source.text, source.name)
    editor = Editor(deployment)
    rewrite = _needs_rewriting(deployment, editor, ours=wanted.sender is not None)
    _refuse_missing(editor, wanted, rewrite=rewrite)
    if rewrite:
        _clear(editor)
    elif wanted.sender is not None and not keep_unmanaged:
        _remove_others(editor, {*wanted.kept, *(item.path for item in wanted.settings)})
    _refuse_values(deployment, editor, {item.table for item in wanted.settings})
    for path in wanted.absent:
        for slot in editor.slots(path):
            if slot.path == path:
                editor.remove(slot)
    for item in wanted.settings:
        editor.put(item.table, item.name, item.key, item.value, same=_meaning(item))
    text = editor.result()
    adapter = load_adapter()
    secrets = {leaf.path: leaf.data for leaf in deployment.leaves if _is_literal_secret(leaf, adapter)}
    return _Edited(text, tuple(dict.fromkeys(editor.changed)), _foreign(deployment, wanted), secrets)


def _refuse_missing(editor: Editor, wanted: NodeSettings, *, rewrite: bool) -> None:
    """Refuse a spec that keeps a secret as the file has it where the file has none, or where its table is written anew.

    Raises:
        UnsafeToWrite: with the place in the spec.
    """
    if not wanted.kept:
        return
    there = {slot.path for slot in editor.slots(TABLE) if slot.pair.value.kind is not Kind.TABLE}
    for path, place in wanted.kept.items():
        if rewrite or path not in there:
            why = "its table must be written anew" if path in there else "the file has none"
            raise UnsafeToWrite(
                f"the spec leaves `{path[-1]}` as the file has it, but {why}",
                place=place,
                hint="give the secret in the spec, e.g. as $secret{alias} or $env{NAME}",
            )


def _refuse_overridden(deployment: Deployment, view: Effective, sender: Mapping[str, object]) -> None:
    """Raise what says which key of the file overrides one of the spec."""
    names = misread(view, sender, view.release)
    leaves = (deployment.by_flat.get(item.key or "") for item in view.properties if item.name == names[0])
    raise UnsafeToWrite(
        f"a key that stays in the file overrides what the spec says of {shown_name(names[0])}",
        place=next((deployment.place(leaf.key_span) for leaf in leaves if leaf), Place(deployment.source.name)),
        hint="remove that key, or merge without keeping what the spec does not have",
    )


def _managed(after: Deployment, wanted: NodeSettings, *, everything: bool) -> Callable[[str | None], bool]:
    """Return what says of a flat key whether the merge answers for it."""
    ours = {item.path for item in wanted.settings}

    def managed(flat: str | None) -> bool:
        leaf = after.by_flat.get(flat) if flat else None
        if leaf is None:
            return bool(flat) and wanted.sender is not None and split_flat(str(flat))[: len(TABLE)] == TABLE
        if leaf.path in wanted.kept:
            return False
        return leaf.path in ours or (everything and wanted.sender is not None and _is_managed(leaf.path))

    return managed


def _encrypted(after: Deployment, aliases: Collection[str]) -> Deployment:
    """Return a file as the cipher tool will leave it."""
    if not aliases:
        return after
    leaves = (
        leaf._replace(data="QmFzZTY0IHRleHQ=") if leaf.path[:1] == SECRETS_TABLE and leaf.path[-1] in aliases else leaf
        for leaf in after.leaves
    )
    return replace(after, leaves=tuple(leaves))


def _undefined(after: Deployment, wanted: NodeSettings) -> Iterator[str]:
    aliases = {leaf.path[1] for leaf in after.leaves if leaf.path[:1] == SECRETS_TABLE and len(leaf.path) > 1}
    named = (alias for item in wanted.settings for alias in mentioned(item.value, "secret"))
    return (alias for alias in dict.fromkeys(named) if alias not in aliases)


def _is_literal_secret(leaf: Leaf, adapter: Adapter) -> bool:
    key = known_key(leaf.path, adapter)
    return key is not None and key.secret and bool(leaf.data) and not only_placeholder(str(leaf.data))


def _secrets_lost(edited: _Edited, after: Deployment) -> Iterator[str]:
    """Yield the keys of the adapter's secrets that were literal and are gone, or are references now."""
    now = {leaf.path: leaf.data for leaf in after.leaves if leaf.path in edited.secrets}
    for path, old in edited.secrets.items():
        new = now.get(path)
        if new is None or (new != old and only_placeholder(str(new))):
            yield path[-1]


def _refuse_values(deployment: Deployment, editor: Editor, tables: set[Path]) -> None:
    """Refuse a file where a table to write into, or a parent of it, is something else.

    Raises:
        MergeRefused: with the place.
    """
    parents = {table[: length + 1] for table in tables for length in range(len(table))}
    for slot in (slot for root in {table[0] for table in tables} for slot in editor.slots((root,))):
        if slot.path in parents and slot.pair.value.kind is not Kind.TABLE and not editor.goes(slot.pair):
            where = deployment.place(slot.pair.key_span)
            raise MergeRefused("this key holds a value where a table is needed", place=where, hint="remove the line")
    for section in editor.sections:
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
    arrays = any(section.header and section.header.array and section.path in (TABLE, custom) for section in editor.sections)
    values = any(slot.path in (TABLE, custom) and slot.pair.value.kind is not Kind.TABLE for slot in editor.slots(TABLE))
    return ours and (bool(deployment.problems) or arrays or values)


def _is_ours(problem: Problem, editor: Editor) -> bool:
    """Whether a problem lies in a managed statement that was read all the same."""
    for section in editor.sections:
        if section.header and _is_managed(section.path) and section.header.span == problem.span:
            return True
        for pair in section.pairs:
            inside = pair.key_span.start <= problem.span.start <= pair.value.span.end
            if inside and _is_managed((*section.path, *pair.path)):
                return True
    return False


def _clear(editor: Editor) -> None:
    """Remove everything that is managed."""
    for slot in editor.slots(TABLE):
        if _is_managed(slot.path):
            editor.remove(slot)
    for section in editor.sections:
        if section.header and _is_managed(section.path):
            editor.remove_header(section.header)


def _remove_others(editor: Editor, wanted: set[Path]) -> None:
    """Remove the managed keys that the spec does not have, and the tables below the adapter's that lose all their keys by that.

    A table that was empty stays: it says nothing.
    """
    gone: set[tuple[int, int]] = set()
    parents = {path[:length] for path in wanted for length in range(len(TABLE), len(path))}
    for slot in editor.slots(TABLE):
        if not _is_managed(slot.path) or (slot.pair.value.kind is Kind.TABLE and slot.path in {*parents, TABLE}):
            continue
        beneath = any(slot.path[:length] in wanted for length in range(len(TABLE) + 1, len(slot.path)))
        if beneath or (slot.path not in wanted and slot.pair.value.kind is not Kind.TABLE):
            editor.remove(slot)
            gone.add(slot.pair.value.span)
    for section in editor.sections:
        header: Header | None = section.header
        if header is None or not _is_managed(section.path) or section.path == TABLE or section.path in parents:
            continue
        if section.pairs and all(editor.goes(pair) for pair in section.pairs):
            editor.remove_header(header)


def _foreign(file: Deployment, wanted: NodeSettings) -> bytes:
    """Return what stands for everything that the spec does not speak of: the texts, since a value that is no number equals nothing."""
    managed = {*wanted.absent, *(item.path for item in wanted.settings)}
    digest, text = sha256(), file.source.text
    for leaf in file.leaves:
        if leaf.path in wanted.kept or (leaf.path not in managed and not _is_managed(leaf.path)):
            value = text[leaf.value_span.start : leaf.value_span.end]
            digest.update(f"{len(leaf.flat)} {leaf.flat} {len(value)} {value}".encode("utf-8", "surrogateescape"))
    return digest.digest()


def managed_lines(source: Source, wanted: NodeSettings) -> list[str]:
    """Return the managed keys of a file as lines for a diff; secrets as marks, nothing of foreign tables."""
    adapter, deployment = load_adapter(), parse_deployment(source.text, source.name)
    named = {*wanted.absent, *(item.path for item in wanted.settings)}
    lines = []
    for leaf in deployment.leaves:
        if leaf.path in named or (wanted.sender is not None and _is_managed(leaf.path)):
            public = leaf.path[:1] == LOADING_TABLE and not isinstance(leaf.data, (list, dict))
            value = repr(leaf.data) if public else shown_value(deployment, leaf, adapter)
            lines.append(f"{shown_path(leaf.path, adapter)} = {value}")
    return lines
