"""Findings about a deployment.toml: what the parser refuses, keys that are ignored, values, and what the server makes of it all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from ..adapter import TABLE, Adapter, load_adapter
from ..deployment import Deployment, Leaf, Problem, Refusal
from ..findings import Excerpt, Finding, unite
from ..releases import ALL, Release
from ..rules import MALFORMED_XML, NEWER_KEY, NOT_STARTING, SCHEMA, UNKNOWN_KEY, UNREADABLE_TOML
from ..secret import HIDDEN
from ..shown import shown_value
from ..source import Place, Span
from ..view import Ignored, Outcome, effective, ignored_keys, shown_path


def check_deployment(deployment: Deployment, releases: Sequence[Release] = ALL) -> list[Finding]:
    """Return the findings about a deployment.toml for some releases, in the order of the file."""
    adapter = load_adapter()
    always = [_problem(deployment, problem) for problem in deployment.problems]
    always += _schema(deployment, adapter)
    return unite((release.version, [*always, *_for_release(deployment, release, adapter)]) for release in releases)


def _problem(deployment: Deployment, problem: Problem) -> Finding:
    end = "mailwright does not read that (the server may)" if problem.refusal is Refusal.DEPTH else "the server does not start"
    return UNREADABLE_TOML.at(deployment.place(problem.span), f"{problem.message}: {end}", hint=problem.hint)


def _for_release(deployment: Deployment, release: Release, adapter: Adapter) -> Iterator[Finding]:
    for ignored in ignored_keys(deployment, release, adapter):
        yield _ignored(deployment, ignored, release, adapter)
    if deployment.problems:
        return
    view = effective(deployment, release, adapter=adapter)
    if view.outcome is not Outcome.OK:
        rule = NOT_STARTING if view.outcome is Outcome.ABORT else MALFORMED_XML
        place = view.place or Place(deployment.source.name)
        leaf = next((leaf for leaf in deployment.leaves if deployment.place(leaf.key_span) == place), None)
        unsure = f" (unsure: {view.unsure[-1]})" if view.outcome is Outcome.ABORT and view.unsure else ""
        yield rule.at(
            place,
            f"{view.reason}{unsure}",
            hint=rule.remedy if rule is MALFORMED_XML else None,
            path=shown_path(leaf.path, adapter) if leaf else None,
            excerpt=excerpt(deployment, leaf, adapter, value=True) if leaf else None,
        )


def _ignored(deployment: Deployment, ignored: Ignored, release: Release, adapter: Adapter) -> Finding:
    leaf, place, path = ignored.leaf, ignored.place, ignored.path
    shown = excerpt(deployment, leaf, adapter)
    if leaf.path[: len(TABLE)] != TABLE:
        message = "this table is spelt so that the server does not see it: it mails with its defaults"
        return UNKNOWN_KEY.at(place, message, hint="write [output_adapter.email]", path=path, excerpt=shown)
    name = leaf.path[len(TABLE)]
    key = adapter.get(name)
    if key is not None and not key.known_to(release):
        message = f"`{name}` came with {key.since}: this release ignores it"
        return NEWER_KEY.at(place, message, path=path, excerpt=shown)
    if key is not None:
        return UNKNOWN_KEY.at(place, f"`{name}` holds no table: what stands below it is ignored", path=path, excerpt=shown)
    meant = adapter.meant(name)
    default = adapter[meant].default if meant else None
    instead = f" and takes {json.dumps(default)} for `{meant}`" if meant and default not in (None, "") else ""
    hint = f"did you mean `{meant}`?" if meant else None
    return UNKNOWN_KEY.at(
        place, f"unknown key `{_plain(name)}`: the server ignores it{instead}", hint=hint, path=path, excerpt=shown
    )


def _plain(name: str) -> str:
    return name if len(name) <= 100 and all(char.isprintable() for char in name) else HIDDEN


def excerpt(deployment: Deployment, leaf: Leaf, adapter: Adapter, *, value: bool = False) -> Excerpt:
    """Return the line of a key with its value hidden, unless the key is known and no secret."""
    place = deployment.place(leaf.key_span)
    written = deployment.source.text[leaf.key_span.start : leaf.key_span.end]
    shown = shown_value(deployment, leaf, adapter)
    if leaf.path[: len(TABLE)] == TABLE and HIDDEN in shown_path(leaf.path, adapter):
        written = ".".join(shown_path(leaf.path, adapter).split(".")[len(TABLE) :])
    if "\n" in written or leaf.key_span == leaf.value_span:
        written, shown = written.split("\n")[0], ""
    text = f"{written} = {shown}" if shown else written
    column = len(written) + 4 if value and shown else 1
    return Excerpt(place.line, text, column, len(shown) if value and shown else len(written))


def _schema(deployment: Deployment, adapter: Adapter) -> Iterator[Finding]:
    """Check the values of the email table; unknown keys are said by release."""
    from .schemas import schema_errors, validator

    instance: dict[str, Any] = {}
    spans: dict[tuple[str, ...], Leaf] = {}
    for leaf in deployment.leaves:
        parts = leaf.path[len(TABLE) :]
        if leaf.path[: len(TABLE)] != TABLE or not parts:
            continue
        key = adapter.get(parts[0])
        if key is None or (len(parts) > 1 and not key.is_table) or len(parts) > 2:
            continue
        owner = instance.setdefault(key.name, {}) if len(parts) == 2 else instance
        if isinstance(owner, dict):
            owner[parts[-1]] = leaf.data
            spans[parts] = leaf
    for error in schema_errors(validator("adapter"), instance):
        path = tuple(map(str, error.path))
        found = spans.get(path) or next((leaf for known, leaf in spans.items() if known[: len(path)] == path), None)
        if found and not path:  # something is missing: at the table's name
            span = found.header.span if found.header else found.key_span
        else:
            span = (found.key_span if error.at_key else found.value_span) if found else Span(0, 0)
        yield SCHEMA.at(
            deployment.place(span),
            error.sentence,
            hint=error.hint,
            path=".".join((*TABLE, *path)),
            excerpt=excerpt(deployment, found, adapter, value=True) if found and path else None,
        )
