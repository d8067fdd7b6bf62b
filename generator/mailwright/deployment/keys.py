"""The keys of a file, made when somebody asks for them: by their first name, by their flat name, those with a placeholder, or all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..base.places import Span
from .sections import Sections
from .syntax import Header, KeyValue
from .tree import Leaf, build_leaves, first_flat, flat_key, simple_leaves


class Keys:
    """Every key that holds a value, in the order of the file.

    Args:
        built: Keys that are there already.
        sections: A file whose keys are made when they are asked for.
        changed: What stands for some of the keys, by where they stand; None for one that is taken out.
    """

    __slots__ = ("_below", "_built", "_changed", "_flat", "_marked", "_sections")

    def __init__(
        self,
        built: Iterable[Leaf] = (),
        sections: Sections | None = None,
        changed: Mapping[Span, Leaf | None] | None = None,
    ) -> None:
        self._built, self._sections = tuple(built), sections
        self._changed: Mapping[Span, Leaf | None] = changed or {}
        self._below: dict[str, tuple[Leaf, ...]] = {}
        self._flat: dict[str, dict[str, Leaf]] = {}
        self._marked: tuple[Leaf, ...] | None = None

    def altered(self, changes: Iterable[tuple[Leaf, Leaf | None]]) -> Keys:
        """Return the keys with others in the place of some, or without them."""
        changed = {**self._changed, **{leaf.key_span: other for leaf, other in changes}}
        return Keys(self._built, self._sections, changed)

    def __iter__(self) -> Iterator[Leaf]:
        if self._sections is None:
            yield from self._as_changed(self._built)
            return
        odd = iter(sorted((leaf for root in self._sections.odd for leaf in self.below(root)), key=_place))
        waiting = next(odd, None)
        for leaf in self._as_changed(self._plain(self._sections)):
            while waiting is not None and waiting.key_span < leaf.key_span:
                yield waiting
                waiting = next(odd, None)
            yield leaf
        if waiting is not None:
            yield waiting
        yield from odd

    def below(self, root: str) -> tuple[Leaf, ...]:
        """Return the keys whose paths have a first name."""
        found = self._below.get(root)
        if found is None:
            made = _of_root(self._sections, root) if self._sections else _rooted(self._built, root)
            found = self._below[root] = tuple(self._as_changed(made))
        return found

    def like(self, root: str) -> list[Leaf]:
        """Return the keys whose paths begin with some letters, whatever their case."""
        names = self._sections.first_names() if self._sections else dict.fromkeys(leaf.path[0] for leaf in self._built)
        alike = [name for name in names if name[: len(root)].casefold() == root]
        found = [leaf for name in alike for leaf in self.below(name)]
        return sorted(found, key=_place) if len(alike) > 1 else found

    def get(self, flat: str | None) -> Leaf | None:
        """Return the key that has a flat name."""
        if not flat:
            return None
        root = self._root(first_flat(flat)) if self._sections else ""
        if root is None:
            return None
        if root not in self._flat:
            self._flat[root] = {leaf.flat: leaf for leaf in (self.below(root) if self._sections else self)}
        return self._flat[root].get(flat)

    def at(self, offset: int) -> Leaf | None:
        """Return the key that stands at an offset."""
        root = self._sections.root_at(offset) if self._sections else None
        among: Iterable[Leaf] = self if root is None else self.below(root)
        return next((leaf for leaf in among if leaf.key_span.start == offset), None)

    @property
    def marked(self) -> tuple[Leaf, ...]:
        """The keys whose values hold a ``$``."""
        if self._marked is None:
            found = [leaf for leaf in self._maybe_marked() if has_mark(leaf.data) and leaf.key_span not in self._changed]
            others = [other for other in self._changed.values() if other is not None and has_mark(other.data)]
            self._marked = tuple(sorted([*found, *others], key=_place) if others else found)
        return self._marked

    def _maybe_marked(self) -> Iterable[Leaf]:
        if self._sections is None:
            return self._built
        found = [leaf for leaf in _made(self._sections.top) if leaf.path[0] not in self._sections.odd]
        roots = set()
        for where in self._sections.marked():
            root = self._sections.root_of(where) if isinstance(where, int) else where
            if isinstance(where, int) and root not in self._below:
                found += _of_table(self._sections, where)
            else:
                roots.add(root)
        if roots:
            found += [leaf for root in roots for leaf in self.below(root)]
            found.sort(key=_place)
        return found

    def _plain(self, sections: Sections) -> Iterator[Leaf]:
        """Yield the keys of the tables that can be read one by one."""
        yield from (leaf for leaf in _made(sections.top) if leaf.path[0] not in sections.odd)
        for number in range(len(sections.starts)):
            if not sections.odd or sections.root_of(number) not in sections.odd:
                yield from _of_table(sections, number)

    def _as_changed(self, leaves: Iterable[Leaf]) -> Iterable[Leaf]:
        if not self._changed:
            return leaves
        both = ((leaf, self._changed.get(leaf.key_span, leaf)) for leaf in leaves)
        return (new for _, new in both if new is not None)

    def _root(self, part: str) -> str | None:
        """Return the first name that is written so in flat names."""
        assert self._sections is not None
        if part in self._sections.roots:
            return part
        return next((name for name in self._sections.first_names() if flat_key((name,)) == part), None)


def _of_root(sections: Sections, root: str) -> tuple[Leaf, ...]:
    items = list(sections.statements(root))
    return _made(items) if root in sections.odd else simple_leaves(items) or _made(items)


def _of_table(sections: Sections, number: int) -> tuple[Leaf, ...]:
    """Return the keys of a table that is not odd."""
    items = sections.table(number)
    return simple_leaves(items) or _made(items)


def _made(statements: Iterable[Header | KeyValue]) -> tuple[Leaf, ...]:
    return build_leaves(statements)[0]


def _rooted(leaves: Iterable[Leaf], root: str) -> Iterable[Leaf]:
    return (leaf for leaf in leaves if leaf.path[0] == root)


def _place(leaf: Leaf) -> Span:
    return leaf.key_span


def has_mark(data: object) -> bool:
    """Say whether a value may hold a placeholder."""
    if isinstance(data, str):
        return "$" in data
    if isinstance(data, dict):
        return any(map(has_mark, data.values()))
    return isinstance(data, list) and any(map(has_mark, data))
