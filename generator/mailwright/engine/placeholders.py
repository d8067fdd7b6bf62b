"""Phase 5: ``$secret{}`` is checked, then ``$sys{}``, ``$env{}`` and ``$ref{}`` are replaced.

product/placeholders.md#forms, product/placeholders.md#secrets-table.

The order and the texts between the marks are those of config-mapper's ReferenceResolver (1.0.2 to 1.0.22).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ..base.values import dataclass, field
from ..deployment.java import java_text
from ..deployment.keys import has_mark
from ..deployment.syntax import TimeText
from ..product.adapter import Adapter
from ..product.releases import Release
from ..spec.references import SERVER_KINDS, Reference, mentioned, references_in, shown_name
from . import Abort, Doubt
from .context import ALIAS_TABLES, Cell, Context

MAX_TEXT = 1 << 20
"""Characters in a value after its placeholders are replaced."""


@dataclass(slots=True)
class Surroundings:
    """What the placeholders are resolved with.

    Attributes:
        environment: The environment variables, or None to leave ``$env{}`` and ``$sys{}`` as they are.
        system: The Java system properties.
        partial: Whether the text is only a part of a file: what it refers to may stand in the rest.
    """

    environment: Mapping[str, str] | None = field(default=None, repr=False)
    system: Mapping[str, str] = field(default_factory=dict, repr=False)
    partial: bool = False


def resolve(context: Context, surroundings: Surroundings, release: Release) -> list[str]:
    """Replace the placeholders in *context*; return what is not sure about the result.

    Raises:
        Abort: the server does not start.
    """
    unsure: list[str] = []
    marked = {flat: cell for flat, cell in context.items() if has_mark(cell.data)}  # most values have no placeholder
    for cell in marked.values():
        cell.referenced = any(references_in(text, SERVER_KINDS) for text in _texts(cell.data, release))
    if not surroundings.partial:
        _check_secrets(marked, _aliases(context, release), release, unsure)
    if surroundings.environment is not None:
        _replace(marked, "sys", lambda name: surroundings.system.get(name) or None, release)
        _replace(marked, "env", surroundings.environment.get, release)
    _resolve_references(context, marked, unsure, release.product.adapter, partial=surroundings.partial)
    return unsure


def _holding(kind: str, marked: Mapping[str, Cell]) -> list[tuple[str, Cell]]:
    """Return the cells that may hold a placeholder of a kind: most texts have one of another kind, and are not looked at again."""
    mark = f"${kind}{{"
    return [(flat, cell) for flat, cell in marked.items() if not isinstance(cell.data, str) or mark in cell.data]


def _texts(data: object, release: Release) -> Iterator[str]:
    """Yield the texts in which placeholders are looked for: not those in lists inside lists."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, list):
        for item in data:
            if isinstance(item, str) or (isinstance(item, dict) and release.placeholders_in_arrays):
                yield from _texts(item, release)
    elif isinstance(data, dict):
        for item in data.values():
            yield from _texts(item, release)


def _map_texts(data: object, change: Callable[[str], str], release: Release) -> object:
    if isinstance(data, str):
        return change(data)
    if isinstance(data, list):
        return [
            _map_texts(item, change, release)
            if isinstance(item, str) or (isinstance(item, dict) and release.placeholders_in_arrays)
            else item
            for item in data
        ]
    if isinstance(data, dict):
        return {key: _map_texts(item, change, release) for key, item in data.items()}
    return data


# -- $secret{}


def is_bracketed(text: str) -> bool:
    """Say whether the text of a secret is not encrypted yet (product/placeholders.md#not-encrypted-yet)."""
    return "]" in text.partition("[")[2]


def _check_secrets(marked: Mapping[str, Cell], aliases: Mapping[str, str], release: Release, unsure: list[str]) -> None:
    runtime = "enable" in aliases and str(aliases["enable"]).lower() == "true" and release.runtime_secrets
    good = 0
    problems: list[tuple[str, str]] = []
    for flat, cell in _holding("secret", marked):
        for text in _secret_texts(cell.data, release):
            for alias in mentioned(text, "secret"):
                value = aliases.get(alias, "" if runtime else None)
                if value is None:
                    problems.append(
                        (f"{Reference('secret', alias).shown} is used, but [secrets] does not define the alias", flat)
                    )
                elif is_bracketed(value):
                    reason = f"the secret {shown_name(alias)} is not encrypted yet: its text in [secrets] is in square brackets"
                    problems.append((reason, flat))
                else:
                    good += 1
    if problems:
        # config-mapper stops looking once it has met one good alias, in the order of a hash map.
        reason, flat = problems[0]
        raise Abort(reason, doubt=Doubt.OTHER_ALIAS if good else None, at=flat)


def _secret_texts(data: object, release: Release) -> Iterator[str]:
    """Yield the texts in which ``$secret{}`` is looked for: not those in lists inside tables inside lists."""
    for item in data if isinstance(data, list) else [data]:
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict) and release.placeholders_in_arrays:
            yield from (value for value in item.values() if isinstance(value, str))


def _aliases(context: Context, release: Release) -> dict[str, str]:
    aliases: dict[str, str] = {}
    for table in ALIAS_TABLES:
        held = [flat for flat in context if flat == table or flat.startswith(f"{table}.")]
        if not held or (table == "runtime_secrets" and not release.runtime_secrets):
            continue
        if table in context:
            raise Abort(f"`{table}` must be a table", at=table)
        for flat in held:
            cell = context[flat]
            if not isinstance(cell.data, str | None) or isinstance(cell.data, TimeText):
                raise Abort(f"every value in [{table}] must be a text", at=flat)
            alias = flat[len(table) + 1 :].replace("'", '"')
            if table == "secrets" and len(alias) > 1 and alias[0] == alias[-1] == '"' and release.quoted_aliases:
                alias = alias[1:-1]
            aliases[alias] = cell.data or ""
    return aliases


# -- $sys{} and $env{}


def _replace(marked: Mapping[str, Cell], kind: str, lookup: Callable[[str], str | None], release: Release) -> None:
    def change(text: str) -> str:
        for name in mentioned(text, kind):
            value = lookup(name)
            if value is None:
                what = "environment variable" if kind == "env" else "system property"
                raise Abort(f"the {what} {shown_name(name)} is not defined")
            mark = str(Reference(kind, name))
            if mark in text:
                text = _put(text, mark, java_replacement(value, mark))
        return text

    for flat, cell in _holding(kind, marked):
        try:
            cell.data = _map_texts(cell.data, change, release)
        except Abort as abort:
            abort.at = flat
            raise


def _put(text: str, mark: str, inserted: str) -> str:
    """Replace a placeholder; values that insert each other could grow without bounds."""
    if len(text) + text.count(mark) * (len(inserted) - len(mark)) > MAX_TEXT:
        raise Abort("the placeholders expand beyond all bounds", doubt=Doubt.MEMORY)
    return text.replace(mark, inserted)


def java_replacement(value: str, matched: str) -> str:
    """Return what ``String.replaceAll`` inserts for an unquoted replacement text: ``$0`` is the match, ``\\x`` is ``x``.

    Raises:
        Abort: any other ``$``, or a ``\\`` at the end: Java throws, the server does not start
        (product/placeholders.md#dollar-in-environment).
    """
    out, at = [], 0
    while at < len(value):
        char = value[at]
        if char == "\\":
            if at + 1 == len(value):
                raise Abort("the value of an environment variable or system property ends in `\\`")
            out.append(value[at + 1])
            at += 2
        elif char == "$":
            if value[at + 1 : at + 2] != "0":
                raise Abort("the value of an environment variable or system property contains `$`")
            out.append(matched)
            at += 2
        else:
            out.append(char)
            at += 1
    return "".join(out)


# -- $ref{}


def _resolve_references(
    context: Context, marked: Mapping[str, Cell], unsure: list[str], adapter: Adapter, *, partial: bool
) -> None:
    def is_ours(flat: str) -> bool:
        return flat.startswith(f"{adapter.flat}.")

    pending: dict[str, set[str]] = {}
    unknown: set[str] = set()
    for flat, cell in _holding("ref", marked):
        texts = [cell.data] if isinstance(cell.data, str) else cell.data if isinstance(cell.data, list) else []
        names = {name for text in texts if isinstance(text, str) for name in mentioned(text, "ref")}
        if names:
            pending[flat] = names
    for flat in [flat for flat in pending if partial or not is_ours(flat)]:
        missing = [name for name in pending[flat] if context.find(name) is None]
        if missing and (partial or not any(map(is_ours, missing))):
            # A foreign table may refer to one of the product's own defaults, which are not known here; those of the adapter are.
            del pending[flat]
            unknown.add(flat)
    dependents: dict[str, list[str]] = {}
    blocked = {flat: names & pending.keys() for flat, names in pending.items()}
    for flat, names in blocked.items():
        for name in names:
            dependents.setdefault(name, []).append(flat)
    ready = [flat for flat, names in blocked.items() if not names]
    for flat in ready:  # grows on the way
        for name in sorted(pending.pop(flat)):
            _insert(context, flat, name, unsure, adapter)
            if name in unknown:
                unknown.add(flat)
                if is_ours(flat) and not partial:
                    unsure.append(f"{shown_name(flat)} depends on a default of the product's own, which is not known here")
        for dependent in dependents.get(flat, ()):
            blocked[dependent].discard(flat)
            if not blocked[dependent]:
                ready.append(dependent)
    if pending:
        reason = "references form a circle: " + ", ".join(sorted(map(shown_name, pending))[:20])
        raise Abort(reason, at=min(pending, key=lambda flat: not is_ours(flat)))


def _insert(context: Context, flat: str, name: str, unsure: list[str], adapter: Adapter) -> None:
    cell, target = context[flat], context.find(name)
    if target is None or target.data is None:
        raise Abort(
            f"{Reference('ref', name).shown}: there is no such key",
            doubt=None if name.split(".")[0] == adapter.path[0] else Doubt.PRODUCT_DEFAULT,
            at=flat,
        )
    mark = str(Reference("ref", name))
    cell.public = cell.public and target.public
    if isinstance(target.data, (bool, list)):
        if cell.data != mark:
            unsure.append(
                f"{shown_name(flat)}: a reference to a {'truth value' if isinstance(target.data, bool) else 'list'} replaces the whole value"
            )
        cell.data = target.data
    elif isinstance(cell.data, str):
        cell.data = _put(cell.data, mark, java_text(target.data))
    elif isinstance(cell.data, list):
        text = java_text(target.data)
        cell.data = [_put(item, mark, text) if isinstance(item, str) else item for item in cell.data]
