"""What ``post-render`` did, as a KRM function says it: the results of a ``ResourceList``."""

from __future__ import annotations

from collections.abc import Iterable

from ..base.places import Source
from ..manifests.edits import Draft, Value
from ..manifests.embedded import Embedded
from ..manifests.nodes import RESOURCE_LIST, Mapping, read_stream
from .merged import MergedFile, merge_summary


def with_results(text: str, files: Iterable[tuple[Embedded, MergedFile]], warnings: Iterable[str]) -> str:
    """Return a stream; of a ResourceList with what became of its files as its results, where it has none yet."""
    if RESOURCE_LIST not in text:
        return text
    source = Source("", text)
    documents = read_stream(source)
    results: list[Value] = [_result(*file) for file in files]
    results += [{"message": said, "severity": "warning"} for said in warnings]
    draft = Draft(source, documents)
    for item in documents:
        if isinstance(item, Mapping) and item.text("kind") == RESOURCE_LIST and item.get("results") is None:
            draft.put(item, "results", results)
    return draft.finished()


def _result(embedded: Embedded, found: MergedFile) -> Value:
    resource: dict[str, Value] = {"apiVersion": "v1", "kind": embedded.kind, "name": embedded.name}
    if embedded.namespace:
        resource["namespace"] = embedded.namespace
    message = f"{embedded.key}: {merge_summary(found.merged, check=False)}"
    return {"message": message, "severity": "info", "resourceRef": resource}
