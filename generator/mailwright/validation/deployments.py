"""Findings about a deployment.toml: what the parser refuses, what the schema says about values, and what the rules say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ..adapter import TABLE, Adapter, load_adapter
from ..deployment import Deployment, Header, Leaf, Problem, Refusal
from ..findings import Finding, unite
from ..releases import ALL, Release
from ..rules import SCHEMA, UNREADABLE_TOML, Subject, rules_on
from ..rules.node import Node
from ..shown import excerpt
from ..source import Span


def check_deployment(
    deployment: Deployment,
    releases: Sequence[Release] = ALL,
    *,
    environment: Mapping[str, str] | None = None,
    resolve: bool = False,
) -> list[Finding]:
    """Return the findings about a deployment.toml for some releases, in the order of the file.

    Args:
        environment: The environment variables that are known here.
        resolve: Whether one that is not among them is undefined on the server.
    """
    adapter = load_adapter()
    always = [_problem(deployment, problem) for problem in deployment.problems]
    always += _schema(deployment, adapter)
    relevant = _relevant(deployment)
    by_line: dict[object, list[Finding]] = {}
    found: list[tuple[str, list[Finding]]] = []
    for release in releases:
        line = _line(release, adapter, relevant)
        if line not in by_line:
            by_line[line] = [*always, *_rules(Node(deployment, release, adapter, environment or {}, resolve))]
        found.append((release.version, by_line[line]))
    return unite(found)


_Difference = Callable[[Release], object]

_ALIAS = re.compile(r"[A-Za-z0-9_]+\Z")


def _relevant(deployment: Deployment) -> tuple[_Difference, ...]:
    """Return the differences between releases that this file can meet, the keys apart."""
    differences: list[_Difference] = [lambda release: release.unsure]
    tables = {leaf.path[0] for leaf in deployment.leaves}
    if "runtime_secrets" in tables:
        differences.append(lambda release: release.runtime_secrets)
    if "secrets" in tables:
        names = [leaf.path[1:] for leaf in deployment.leaves if leaf.path[0] == "secrets"]
        if any(len(name) != 1 or not _ALIAS.match(name[0]) for name in names):
            differences.append(lambda release: release.quoted_aliases)
    header = next((item for item in deployment.statements.items if isinstance(item, Header) and item.path == ("secrets",)), None)
    if header and any(mark in deployment.source.text[header.span.end :] for mark in "#["):
        differences.append(lambda release: release.cipher_tool)
    if any(isinstance(leaf.data, list) and any(isinstance(item, dict) for item in leaf.data) for leaf in deployment.leaves):
        differences.append(lambda release: release.placeholders_in_arrays)
    return tuple(differences)


def _line(release: Release, adapter: Adapter, differences: Sequence[_Difference]) -> object:
    """Return what a release has in common with those that do the same with this file."""
    return (adapter.known(release), *[difference(release) for difference in differences])


def _rules(node: Node) -> Iterator[Finding]:
    for rule, check in rules_on(Subject.NODE):
        for said in check(node):
            yield node.finding(rule, said)
    if node.deployment.problems or node.is_empty:
        return
    for rule, check in rules_on(Subject.SENDER, Subject.GLOBAL):
        for said in check(node.sender):
            yield node.sender.finding(rule, said)


def _problem(deployment: Deployment, problem: Problem) -> Finding:
    end = "mailwright does not read that (the server may)" if problem.refusal is Refusal.DEPTH else "the server does not start"
    return UNREADABLE_TOML.at(deployment.place(problem.span), f"{problem.message}: {end}", hint=problem.hint)


def _schema(deployment: Deployment, adapter: Adapter) -> Iterator[Finding]:
    """Check the values of the email table; unknown keys are said by release."""
    from .shapes import shape_checker

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
    for error in shape_checker("adapter").errors(instance):
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
