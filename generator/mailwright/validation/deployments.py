"""Findings about a deployment.toml: what the parser refuses, what the schema says about values, and what the rules say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from ..base.collecting import uncollected
from ..base.edits import Edit
from ..base.findings import Finding, Fix, unite
from ..base.places import Source, Span
from ..deployment import Deployment, Leaf, Problem, Refusal, parse_deployment
from ..deployment.values import toml_value
from ..engine.shown import excerpt, shown_path
from ..product.adapter import Adapter
from ..product.product import Product
from ..product.releases import Release, for_each
from ..rules.functions import rules_for
from ..rules.model import Subject
from ..rules.node import Common, Node
from ..rules.reading import SCHEMA, UNREADABLE_TOML, UNRENDERED
from .addresses import check_url
from .schemas import errors_in


def check_text(
    own: Source, releases: Sequence[Release], *, environment: Mapping[str, str] | None = None, resolve: bool = False
) -> list[Finding]:
    """Return the findings about the text of a deployment.toml, as ``check_deployment`` does; of a template that it is one."""
    deployment = parse_deployment(own.text, own.name)
    if "{{" in own.text or "{%" in own.text:
        from ..manifests.actions import template_of

        if (template := template_of(deployment)) is not None:
            return [UNRENDERED.at(own.place(template.offset), template.message, hint=template.hint)]
    return check_deployment(deployment, releases, environment=environment, resolve=resolve)


@uncollected()
def check_deployment(
    deployment: Deployment,
    releases: Sequence[Release],
    *,
    environment: Mapping[str, str] | None = None,
    resolve: bool = False,
) -> list[Finding]:
    """Return the findings about a deployment.toml for some releases, in the order of the file.

    Args:
        environment: The environment variables that are known here.
        resolve: Whether one that is not among them is undefined on the server.
    """
    adapter = releases[0].product.adapter
    variables = {} if environment is None else environment
    common = Common(deployment, adapter, variables)
    always = [*(_problem(deployment, problem) for problem in deployment.problems), *_urls(deployment, common.leaves, adapter)]
    names = dict.fromkeys([adapter.below(leaf.path)[0] for leaf in common.leaves if leaf.path != adapter.path])

    @cache  # several releases have the same keys
    def values(ignored: frozenset[str]) -> tuple[list[Finding], Deployment, Common]:
        meant: dict[tuple[str, ...], str] = {}
        found = list(_schema(deployment, common.leaves, releases[0].product, ignored, meant))
        # The rules look at what was meant: what follows from a misspelt value is no second mistake.
        if not meant:
            return found, deployment, common
        changes = [(leaf, leaf._replace(data=meant[leaf.path])) for leaf in common.leaves if leaf.path in meant]
        intended = replace(deployment, keys=deployment.keys.altered(changes))
        return found, intended, Common(intended, adapter, variables)

    def check(release: Release) -> list[Finding]:
        found, intended, shared = values(adapter.ignored(names, release))
        return [*always, *found, *_rules(Node(intended, release, adapter, shared, variables, resolve))]

    return unite(for_each(releases, check))


def _rules(node: Node) -> Iterator[Finding]:
    for rule, check in rules_for(node.present, Subject.NODE):
        for said in check(node):
            yield node.finding(rule, said)
    if node.deployment.problems or node.is_empty:
        return
    for rule, check in rules_for(node.sender.present, Subject.SENDER, Subject.GLOBAL):
        for said in check(node.sender):
            yield node.sender.finding(rule, said)


def _problem(deployment: Deployment, problem: Problem) -> Finding:
    end = "mailwright does not read that (the server may)" if problem.refusal is Refusal.DEPTH else "the server does not start"
    return UNREADABLE_TOML.at(deployment.place(problem.span), f"{problem.message}: {end}", hint=problem.hint)


def _urls(deployment: Deployment, leaves: Iterable[Leaf], adapter: Adapter) -> Iterator[Finding]:
    secrets = {(*adapter.path, key.name) for key in adapter.secrets}
    for leaf in leaves:
        if isinstance(leaf.data, str) and "://" in leaf.data and leaf.path not in secrets:
            line = excerpt(deployment, leaf, adapter, value=True)
            yield from check_url(leaf.data, deployment.place(leaf.value_span), shown_path(leaf.path, adapter), line)


def _schema(
    deployment: Deployment, leaves: Iterable[Leaf], product: Product, ignored: frozenset[str], meant: dict[tuple[str, ...], str]
) -> Iterator[Finding]:
    """Check the values of the email table but for *ignored* keys, and put into *meant* what misspelt ones mean.

    The rules say which keys are unknown, or ignored.
    """
    adapter = product.adapter
    instance: dict[str, Any] = {}
    spans: dict[tuple[str, ...], Leaf] = {}
    for leaf in leaves:
        parts = adapter.below(leaf.path)
        key = adapter.get(parts[0]) if parts else None
        if key is None or key.name in ignored or (len(parts) > 1 and not key.is_table) or len(parts) > 2:
            continue
        owner = instance.setdefault(key.name, {}) if len(parts) == 2 else instance
        if isinstance(owner, dict):
            owner[parts[-1]] = leaf.data
            spans[parts] = leaf
    for error in errors_in(product, "adapter", instance):
        path = tuple(map(str, error.path))
        if error.meant is not None:
            meant[(*adapter.path, *path)] = error.meant
        found = spans.get(path) or next((leaf for known, leaf in spans.items() if known[: len(path)] == path), None)
        if found and not path:  # something is missing: at the table's name
            span = found.header.span if found.header else found.key_span
        else:
            span = (found.key_span if error.at_key else found.value_span) if found else Span(0, 0)
        yield SCHEMA.at(
            deployment.place(span),
            error.sentence,
            hint=error.hint,
            path=".".join((*adapter.path, *path)),
            excerpt=excerpt(deployment, found, adapter, value=True) if found and path else None,
            fix=_meant(deployment, found, error.meant) if found and error.meant is not None else None,
        )


def _meant(deployment: Deployment, leaf: Leaf, meant: str) -> Fix:
    edit = Edit.of(deployment.source, leaf.value_span, toml_value(meant), public=True)
    return Fix(f"write `{meant}`", (edit,))
