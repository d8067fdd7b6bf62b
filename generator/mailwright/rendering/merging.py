"""Merge what a spec says into a deployment.toml: edits by spans, every other byte stays.

Managed are the adapter's table and its children, the two keys of the tenant loading policy where the spec has one, and the aliases of
``[secrets]`` whose encrypted text it gives; nothing else is touched. A table of the adapter's that the server itself cannot read as it
is (an array of tables, a value, defined twice, below its own child) is written anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from ..base.collecting import uncollected
from ..base.errors import MailwrightError, UnsafeToWrite
from ..base.places import Place, Source
from ..base.values import dataclass, field
from ..deployment import Deployment, parse_deployment, split_flat
from ..engine.effective import Effective, Outcome, effective, outside
from ..engine.placeholders import is_bracketed
from ..engine.shown import only_placeholder, shown_path, shown_value
from ..product.adapter import Adapter
from ..product.releases import Release
from ..spec.references import mentioned, shown_name
from .edits import Edited, MergeRefused, edited, foreign
from .fragment import LOADING_TABLE, SECRETS_TABLE, NodeSettings, check_written, misread
from .starting import StartFault, faults_of

__all__ = ["MergeRefused", "Merged", "managed_lines", "merge"]


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
        bracketed: Those that the result defines with a text in brackets, which is not encrypted yet (product/placeholders.md#cipher-tool).
        unsure: Why it is not sure at all what the server makes of the file.
    """

    text: str = field(repr=False)
    changed: tuple[str, ...]
    faults: tuple[StartFault, ...] = ()
    before_starts: bool | None = None
    secrets_lost: tuple[str, ...] = ()
    undefined: tuple[str, ...] = ()
    bracketed: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()

    @property
    def refusal(self) -> str | None:
        """Why the result must not be written, None if it may."""
        return "; ".join(_said(fault) for fault in self.faults if fault.ours) or None

    @property
    def problem(self) -> str | None:
        """Why the server would not start with the result, whoever's doing it is; None if it would."""
        return self.refusal or "; ".join(fault.reason for fault in self.faults) or None

    @property
    def starts(self) -> bool:
        """Whether nothing is known that keeps the server from starting with the result."""
        return all(fault.guessed for fault in self.faults)

    @property
    def surely_down(self) -> bool:
        """Whether the server surely does not start with the result."""
        return any(fault.certain for fault in self.faults)

    @property
    def broken_before(self) -> tuple[StartFault, ...]:
        """What the merge did not break and does not mend."""
        return tuple(fault for fault in self.faults if fault.before and not fault.ours)


def _said(fault: StartFault) -> str:
    on = "" if fault.everywhere else f" (on {', '.join(fault.releases)})" if len(fault.releases) > 1 else ""
    return f"{fault.reason}{on}"


@uncollected()
def merge(
    source: Source,
    wanted: NodeSettings,
    releases: Release | Sequence[Release] | None = None,
    *,
    keep_unmanaged: bool = False,
    encrypted: Collection[str] = (),
) -> Merged:
    """Return a deployment.toml with a spec's settings merged in.

    Args:
        source: The file (decoded with ``surrogateescape`` for bytes that are no UTF-8).
        wanted: What the spec wants: ``node_settings(spec)``.
        releases: The product releases that the file is for; None for the newest.
        keep_unmanaged: Leave keys of the adapter's table that the spec does not have.
        encrypted: Aliases whose texts the server's cipher tool encrypts before the server starts.

    Raises:
        TemplateInput: the file is a template.
        MergeRefused: the server's parser refuses the file, and not because of the adapter's table.
        UnsafeToWrite: what is to stay as the file has it is not there, or a key that stays overrides a wanted one.
    """
    keep_unmanaged = keep_unmanaged or wanted.keep_unmanaged
    releases = releases or wanted.product.releases.newest
    releases = (releases,) if isinstance(releases, Release) else tuple(releases)
    done = edited(source, wanted, keep_unmanaged=keep_unmanaged)
    # From here on the file as it was is not in memory: a large one is read anew where something is wrong with it.
    after = parse_deployment(done.text, source.name)
    for release in releases:
        check_written(after, wanted, release)
    if foreign(after, wanted) != done.foreign:
        raise MailwrightError("the merge would change a foreign key; nothing was written", hint="please report this as a bug")
    managed = _managed(after, wanted, everything=not keep_unmanaged)
    overridden: list[Effective] = []

    def look(view: Effective) -> None:
        if wanted.sender is not None and not overridden and misread(view, wanted.sender, view.release):
            overridden.append(view)

    faults = faults_of(source, _encrypted(after, encrypted), releases, managed, look)
    if overridden and wanted.sender is not None and not any(fault.ours for fault in faults):
        _refuse_overridden(parse_deployment(source.text, source.name), overridden[0], wanted.sender)
    starts = effective(parse_deployment(source.text), releases[-1]).outcome is Outcome.OK if faults else None
    adapter = wanted.product.adapter
    return Merged(
        done.text,
        tuple(dict.fromkeys(shown_path(path, adapter) for path in done.changed)),
        tuple(faults),
        starts,
        tuple(_secrets_lost(done, after, adapter)),
        *_unfit_aliases(_encrypted(after, encrypted), wanted),
        outside(after),
    )


def _refuse_overridden(deployment: Deployment, view: Effective, sender: Mapping[str, object]) -> None:
    """Raise what says which key of the file overrides one of the spec."""
    names = misread(view, sender, view.release)
    leaves = (deployment.keys.get(item.key) for item in view.properties if item.name == names[0])
    raise UnsafeToWrite(
        f"a key that stays in the file overrides what the spec says of {shown_name(names[0])}",
        place=next((deployment.place(leaf.key_span) for leaf in leaves if leaf), Place(deployment.source.name)),
        hint="remove that key, or merge without keeping what the spec does not have",
    )


def _managed(after: Deployment, wanted: NodeSettings, *, everything: bool) -> Callable[[str | None], bool]:
    """Return what says of a flat key whether the merge answers for it."""
    ours = {item.path for item in wanted.settings}

    def managed(flat: str | None) -> bool:
        leaf = after.keys.get(flat)
        if leaf is None:
            return bool(flat) and wanted.sender is not None and wanted.product.adapter.holds(split_flat(str(flat)))
        if leaf.path in wanted.kept:
            return False
        return leaf.path in ours or (everything and wanted.sender is not None and wanted.product.adapter.holds(leaf.path))

    return managed


def _encrypted(after: Deployment, aliases: Collection[str]) -> Deployment:
    """Return a file as the cipher tool will leave it."""
    if not aliases:
        return after
    plain = (leaf for leaf in after.keys.below(SECRETS_TABLE[0]) if leaf.path[-1] in aliases)
    return replace(after, keys=after.keys.altered((leaf, leaf._replace(data="QmFzZTY0IHRleHQ=")) for leaf in plain))


def _unfit_aliases(after: Deployment, wanted: NodeSettings) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the aliases that the spec uses: those that the file does not define, and those whose text is not encrypted yet."""
    texts = {leaf.path[1]: leaf.data for leaf in after.keys.below(SECRETS_TABLE[0]) if len(leaf.path) > 1}
    named = dict.fromkeys(alias for item in wanted.settings for alias in mentioned(item.value, "secret"))
    undefined = tuple(alias for alias in named if alias not in texts)
    return undefined, tuple(alias for alias in named if alias in texts and is_bracketed(str(texts[alias])))


def _secrets_lost(edited: Edited, after: Deployment, adapter: Adapter) -> Iterator[str]:
    """Yield the keys of the adapter's secrets that were literal and are gone, or are references now."""
    now = {leaf.path: leaf.data for leaf in after.keys.below(adapter.path[0]) if leaf.path in edited.secrets}
    for path, old in edited.secrets.items():
        new = now.get(path)
        if new is None or (new != old and only_placeholder(str(new))):
            yield path[-1]


def managed_lines(source: Source, wanted: NodeSettings) -> list[str]:
    """Return the managed keys of a file as lines for a diff; secrets as marks, nothing of foreign tables."""
    adapter, deployment = wanted.product.adapter, parse_deployment(source.text, source.name)
    named = {*wanted.absent, *(item.path for item in wanted.settings)}
    lines = []
    roots = dict.fromkeys((*(path[0] for path in named), adapter.path[0]))
    for leaf in sorted((leaf for root in roots for leaf in deployment.keys.below(root)), key=lambda leaf: leaf.key_span):
        if leaf.path in named or (wanted.sender is not None and wanted.product.adapter.holds(leaf.path)):
            public = leaf.path[:1] == LOADING_TABLE and not isinstance(leaf.data, (list, dict))
            value = repr(leaf.data) if public else shown_value(deployment, leaf, adapter)
            lines.append(f"{shown_path(leaf.path, adapter)} = {value}")
    return lines
