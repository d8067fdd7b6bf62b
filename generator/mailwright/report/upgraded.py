"""What an upgrade means, as ``upgrade`` prints it: text for people, and the JSON of schema/report.schema.json."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..adoption.upgrades import Node, Tenants, Upgrade
from ..base.findings import Severity
from ..engine.effective import Outcome
from ..product.changes import Change
from ..product.releases import Release
from .documents import SCHEMA_VERSION
from .findings import finding_lines
from .text import counted, one_line
from .validated import finding_json


def changes_text(before: Release, after: Release, changes: Sequence[Change]) -> Iterator[str]:
    """Yield what differs between two releases."""
    yield f"From {before.version} to {after.version}:"
    width = max((len(change.title) for change in changes), default=0)
    for change in changes:
        yield f"  {change.title:<{width}}  {change.before} -> {change.after}  ({change.source})"
    for release in (before, after):
        if release.unsure:
            yield f"  unsure: {release.unsure}"


def upgrade_text(result: Upgrade, *, written: bool) -> Iterator[str]:
    """Yield what an upgrade means for a file."""
    yield one_line(f"{result.file}:")
    for node in result.nodes:
        yield from _node_text(node)
    for tenants in result.tenants:
        yield from _tenants_text(tenants)
    for line in result.fixed.told():
        yield one_line(f"  {'fixed' if written else 'would fix'} {line}")
    if result.gone:
        yield "  no longer found: " + ", ".join(f"{rule} ({count})" for rule, count in sorted(result.gone.items()))
    if result.new:
        yield f"  new: {counted(len(result.new), 'finding')}"
        for finding in result.new:
            yield from (f"  {line}" for line in finding_lines(finding))
    errors = sum(finding.severity is Severity.ERROR for finding in result.new)
    if result.is_ready:
        ready = "ready" if all(node.after is Outcome.OK for node in result.nodes) else "no worse than before"
        yield f"  {ready}; read what is new" if result.new else f"  {ready}"
    else:
        yield f"  not ready: {counted(errors, 'new error')}" if errors else "  not ready: the server does not start"


def _where(environment: str | None) -> str:
    return one_line(f"{environment}: ") if environment else ""


def _node_text(node: Node) -> Iterator[str]:
    where = _where(node.environment)
    if node.after is not Outcome.OK:
        same = ", nor did it before" if node.before is node.after else ""
        yield one_line(f"  {where}the server does not start{same}: {node.reason}")
    elif node.before is not Outcome.OK:
        yield f"  {where}the server starts, which it did not before"
    elif not node.values:
        yield f"  {where}the server reads the same values"
    came_empty = [value.name for value in node.values if (value.before, value.after) == (None, "")]
    if came_empty:
        yield one_line(f"  {where}new properties, without a value: {', '.join(came_empty)}")
    for value in node.values:
        if value.name in came_empty:
            continue
        yield one_line(f"  {where}{value.name}  {_shown(value.before)} -> {_shown(value.after)}")


def _shown(text: str | None) -> str:
    return "(not there)" if text is None else text or "(empty)"


def _tenants_text(tenants: Tenants) -> Iterator[str]:
    where, count = _where(tenants.environment), counted(tenants.count, "tenant")
    if tenants.impossible:
        yield one_line(f"  {where}tenants: {tenants.impossible}")
        return
    moves = [f"{number} from API {old} to {new}" for (old, new), number in tenants.versions.items() if old != new]
    fields = [f"{name} ({number})" for name, number in tenants.fields.items()]
    if not moves and not fields:
        yield f"  {where}{count}: the same payloads"
        return
    yield one_line(
        f"  {where}{count}: {', '.join(moves) or 'the same API'}{'; otherwise: ' if fields else ''}{', '.join(fields)}"
    )


def upgrade_json(before: Release, after: Release, changes: Sequence[Change], results: Sequence[Upgrade]) -> dict[str, Any]:
    """Return the document of ``upgrade --format json``."""
    return {
        "schema_version": SCHEMA_VERSION,
        "from": before.version,
        "to": after.version,
        "changes": [change._asdict() for change in changes],
        "files": [_file_json(result) for result in results],
    }


def _file_json(result: Upgrade) -> dict[str, Any]:
    return {
        "file": result.file,
        "ready": result.is_ready,
        "nodes": [
            {
                "environment": node.environment,
                "before": node.before.value,
                "after": node.after.value,
                "reason": node.reason,
                "values": [{"name": value.name, "before": value.before, "after": value.after} for value in node.values],
            }
            for node in result.nodes
        ],
        "tenants": [
            {
                "environment": tenants.environment,
                "count": tenants.count,
                "impossible": tenants.impossible,
                "versions": [{"before": old, "after": new, "count": count} for (old, new), count in tenants.versions.items()],
                "fields": dict(tenants.fields),
            }
            for tenants in result.tenants
        ],
        "fixed": [finding_json(finding) for finding in result.fixed.mended],
        "new": [finding_json(finding) for finding in result.new],
        "gone": dict(sorted(result.gone.items())),
    }
