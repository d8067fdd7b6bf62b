"""A deployment.toml as one release reads it, as the rules see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from ..base.edits import Edit
from ..base.findings import Excerpt, Finding, Fix
from ..base.places import Place, Span
from ..base.values import dataclass, field
from ..deployment import Deployment, Leaf, Section
from ..deployment.editing import Editor
from ..deployment.java import java_text
from ..deployment.values import toml_key, toml_value
from ..engine.effective import ignored_leaves
from ..engine.encoding import Unencodable, decode_value, encode_name, encode_value
from ..engine.placeholders import Surroundings
from ..engine.shown import excerpt, may_show, shown_path
from ..engine.start import Outcome, Resolved, Start, resolved
from ..product.adapter import Adapter
from ..product.releases import Release, Shared
from ..spec.references import Reference, references_in
from .model import DEEP, DOLLAR, IGNORED, NO_TABLE, Rule, Said
from .sender import Sender, SenderKind, Setting

MAX_FAILURES = 20
"""How many reasons why the server does not come up are looked for in one file."""

MAX_VIEWED = 4000
"""How many keys are read for that, all variants of the file together."""

HARMLESS = "x"
"""What stands for a value that is not known here, or that has been reported already."""


class Assumed(Mapping[str, str]):
    """An environment in which every variable is defined, so that one that is not known here does not end the reading.

    ``$`` and ``\\`` are taken out of the values: a rule of their own reports them.
    """

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known

    def __getitem__(self, name: str) -> str:
        return self._known.get(name, HARMLESS).replace("$", "").replace("\\", "")

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


@dataclass(frozen=True, slots=True)
class StartFailure:
    """One reason why the server does not come up: the start that ends there, and the key at fault."""

    view: Start
    leaf: Leaf | None


class Common:
    """What is the same in a file for every release.

    Args:
        deployment: The file.
        adapter: The adapter.
        environment: The environment variables that are known here.

    Attributes:
        leaves: The keys in the adapter's table.
        resolved: Returns its keys with the placeholders replaced, for a release.
    """

    def __init__(self, deployment: Deployment, adapter: Adapter, environment: Mapping[str, str]) -> None:
        self._deployment, self._adapter = deployment, adapter
        length, path = len(adapter.path), adapter.path
        self.leaves = tuple([leaf for leaf in deployment.keys.below(path[0]) if leaf.path[:length] == path])
        self._surroundings = Surroundings(Assumed(environment), Assumed({}))
        self.resolved = Shared(lambda release: self.resolved_as(deployment, release))

    def resolved_as(self, variant: Deployment, release: Release) -> Resolved:
        """Return the keys of a variant of the file with the placeholders replaced."""
        return resolved(variant, release, self._surroundings)

    @cached_property
    def present(self) -> frozenset[str]:
        """What there is for rules that need something (``model.needs``)."""
        path, length, names = self._adapter.path, len(self._adapter.path), set[str]()
        for leaf in self.leaves:
            if len(leaf.path) > length + 2:
                names.add(DEEP)
            if isinstance(leaf.data, str) and "$" in leaf.data:
                names.add(DOLLAR)
        if any(leaf.path in (path, path[:1]) for leaf in self._deployment.keys.below(path[0])):
            names.add(NO_TABLE)
        return self._deployment.first_names().union(names)


@dataclass(frozen=True)
class Node:
    """What the rules look at.

    Attributes:
        common: What is the same for every release.
        environment: The environment variables that are known here; *resolve* says whether those are all that there are.
    """

    deployment: Deployment
    release: Release
    adapter: Adapter
    common: Common
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    resolve: bool = False
    _views: list[None] = field(default_factory=list, repr=False, compare=False)

    @property
    def _may_look_again(self) -> bool:
        """Whether another variant of the file may be looked at: what that costs grows with the number of keys."""
        return len(self._views) < max(4, MAX_VIEWED // max(1, len(self.leaves)))

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The keys in the adapter's table."""
        return self.common.leaves

    @property
    def present(self) -> frozenset[str]:
        """What there is for rules that need something (``model.needs``)."""
        return self.common.present | {IGNORED} if self.ignored else self.common.present

    @cached_property
    def ignored(self) -> tuple[Leaf, ...]:
        """The keys that mean the adapter and that the release does not look at."""
        return tuple(ignored_leaves(self.deployment, self.release, self.adapter))

    @cached_property
    def outcome(self) -> tuple[tuple[StartFailure, ...], Start | None]:
        """Every reason why the server does not come up, and what it would load without them; None where that cannot be said."""
        failures: list[StartFailure] = []
        current, replaced = self.deployment, set[Span]()
        for _ in range(MAX_FAILURES):
            view = self.view_of(current)
            if view.outcome is Outcome.OK:
                return tuple(failures), view
            offset = self.deployment.source.find(view.place) if view.place else None
            leaf = current.keys.at(offset) if offset is not None else None
            failures.append(StartFailure(view, leaf))
            if leaf is None or self.deployment.problems or not self._may_look_again:
                break
            # First with another value, since something may refer to it; then, where the name is at fault, without it.
            with_other = self._with(current, leaf, leaf._replace(data=HARMLESS))
            helps = leaf.key_span not in replaced and self.view_of(with_other).place != view.place
            replaced.add(leaf.key_span)
            current = with_other if helps else self._with(current, leaf, None)
        return tuple(failures), None

    @staticmethod
    def _with(deployment: Deployment, leaf: Leaf, other: Leaf | None) -> Deployment:
        return replace(deployment, keys=deployment.keys.altered([(leaf, other)]))

    def view_of(self, deployment: Deployment) -> Start:
        """Return what the release makes of a variant of this file."""
        self._views.append(None)
        is_whole = deployment is self.deployment
        keys = self.common.resolved(self.release) if is_whole else self.common.resolved_as(deployment, self.release)
        return Start(deployment, self.release, keys, whole=False)

    def intended(self, leaf: Leaf) -> str | None:
        """Return the plain value that a text probably stands for; None where it may be one of several."""
        if not isinstance(leaf.data, str):
            return None
        try:
            return decode_value(leaf.data)
        except Unencodable:
            return None if ("&" in leaf.data and ";" in leaf.data) or "<![CDATA[" in leaf.data else leaf.data

    def encoded(self, leaf: Leaf) -> Fix | None:
        """Return the fix that writes a value so that it survives, if that is what it takes."""
        plain = self.intended(leaf)
        if plain is None:
            return None
        try:
            text = encode_value(plain)
        except Unencodable:
            return None
        if text == leaf.data or not self._may_look_again:
            return None
        place = self.deployment.place(leaf.key_span)
        view = self.view_of(self._with(self.deployment, leaf, leaf._replace(data=text)))
        if view.outcome is not Outcome.OK and view.place == place:
            return None
        written = toml_value(text)
        public = may_show(leaf.path, written, self.adapter)
        return self.fix("write the value so that it survives", leaf.value_span, written, public=public)

    def fix(self, title: str, span: Span, text: str, *, public: bool) -> Fix:
        """Return the fix that writes another text in a span; *public* says whether outputs may show it."""
        return Fix(title, (self.edit(span, text, public=public),))

    def edit(self, span: Span, text: str, *, public: bool) -> Edit:
        """Return the edit of a span."""
        return Edit.of(self.deployment.source, span, text, public=public)

    def text(self, span: Span) -> str:
        """Return what is written in a span; it may hold secrets."""
        return self.deployment.source.text[span.start : span.end]

    def written(self, name: str, value: object) -> tuple[Edit, ...]:
        """Return the edits that set a key, or a custom property, to a plain value."""
        editor = Editor(self.deployment)
        text = toml_value(encode_value(value) if isinstance(value, str) else value)
        table = self.adapter.path if name in self.adapter else (*self.adapter.path, self.adapter.table.name)
        editor.put(table, name, name if table == self.adapter.path else toml_key(encode_name(name)), text, same=lambda _: False)
        return editor.edits(public=may_show((*table, name), text, self.adapter))

    def renamed(self, old: str, new: str) -> tuple[Edit, ...] | None:
        """Return the edits that give a custom property another name; None where its key is written in an unusual way."""
        leaf = next(leaf for leaf in self.leaves if leaf.path == (*self.adapter.path, self.adapter.table.name, old))
        end = leaf.key_span.end
        name = Span(end - len(old) - 1, end - 1)  # within the quotation marks
        if self.text(Span(name.start - 1, end)) not in (f"'{old}'", f'"{old}"'):
            return None
        return (self.edit(name, new, public=True),)

    @cached_property
    def sender(self) -> Sender:
        """The sender that the file describes."""
        keys: dict[str, Setting] = {}
        properties: dict[str, Setting] = {}
        table = self.adapter.table
        for leaf in self.leaves:
            parts = self.adapter.below(leaf.path)
            if len(parts) == 1 and (key := self.adapter.get(parts[0])) and not key.is_table and key.known_to(self.release):
                keys[parts[0]] = self.setting(leaf)
            elif len(parts) == 2 and parts[0] == table.name and table.known_to(self.release):
                properties[parts[1]] = self.setting(leaf)
        return Sender(
            SenderKind.NODE,
            self.release,
            self.adapter,
            keys,
            properties,
            self.place,
            self.adapter.path,
            self.line,
            encoded=True,
            writer=None if self.deployment.problems else self.written,
            renamer=None if self.deployment.problems else self.renamed,
        )

    def setting(self, leaf: Leaf) -> Setting:
        """Return a key as a setting."""
        return _LeafSetting(self, leaf)

    @cached_property
    def place(self) -> Place:
        """Where the adapter's table stands: its header, else its first key, else the beginning of the file."""
        leaf = next((leaf for leaf in self.leaves if leaf.header and leaf.header.path == self.adapter.path), None)
        if leaf is not None and leaf.header is not None:
            return self.deployment.place(leaf.header.span)
        header = self.deployment.header(*self.adapter.path)
        if header is not None:
            return self.deployment.place(header.span)
        return self.deployment.place(self.leaves[0].key_span) if self.leaves else Place(self.deployment.source.name, 1, 1)

    def line(self) -> Excerpt | None:
        """Return the line to show for the table as a whole: its header, where it has one."""
        name, start = f"[{self.adapter.flat}]", self.deployment.source.offset(self.place.line, self.place.column)
        headers = (section.header for section in self._sections if section.header and section.path == self.adapter.path)
        return Excerpt(self.place.line, name, 1, len(name)) if any(header.span.start == start for header in headers) else None

    @property
    def _sections(self) -> list[Section]:
        return self.deployment.sections(self.adapter.path[0])

    @property
    def is_empty(self) -> bool:
        """Whether the file has nothing of the adapter."""
        return not self.leaves and not any(
            self.adapter.holds(path)
            for section in self._sections
            for path in (section.path, *((*section.path, *pair.path) for pair in section.pairs))
        )

    def mentions(self, text: str) -> list[Reference]:
        """Return the placeholders of a text that come from the server's environment."""
        return references_in(text, ("env", "sys"))

    def finding(self, rule: Rule, said: Said) -> Finding:
        """Return what a rule says as a finding; *at* may be a key of the file, or a span."""
        at = said.at
        if isinstance(at, Span):
            return rule.at(self.deployment.place(at), said.message, hint=said.hint, fix=said.fix)
        finding = self.sender.finding(rule, said, self.setting(at)) if isinstance(at, Leaf) else self.sender.finding(rule, said)
        also = tuple([self.deployment.place(leaf.value_span) for leaf in said.also if isinstance(leaf, Leaf)])
        return replace(finding, also=also) if also else finding


class _LeafSetting(Setting):
    """A key of the file."""

    __slots__ = ("_leaf", "_node")

    def __init__(self, node: Node, leaf: Leaf) -> None:
        super().__init__(java_text(leaf.data) if leaf.data is not None else "")
        self._node, self._leaf = node, leaf

    @property
    def key_place(self) -> Place:
        return self._node.deployment.place(self._leaf.key_span)

    @property
    def value_place(self) -> Place:
        return self._node.deployment.place(self._leaf.value_span)

    @property
    def path(self) -> str:
        return shown_path(self._leaf.path, self._node.adapter)

    def excerpt(self, *, value: bool) -> Excerpt | None:
        return excerpt(self._node.deployment, self._leaf, self._node.adapter, value=value)
