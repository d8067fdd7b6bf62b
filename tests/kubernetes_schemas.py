"""Kubernetes' own JSON schemas, in their strict form, which takes no key that it does not know: what they say of manifests."""

from __future__ import annotations

from typing import Any

import kubernetes_validate
import yaml

RELEASES = ("1.29", kubernetes_validate.latest_version().rpartition(".")[0])
"""What manifests are held against: an old release that clusters still run, and the newest that the package knows; of the lowest lock 1.33."""


def wrong(manifests: str, releases: tuple[str, ...] = RELEASES) -> list[str]:
    """Return what is wrong with a stream of manifests: ``KIND NAME, RELEASE: PATH: MESSAGE``.

    Args:
        manifests: YAML documents, or JSON; a ``List`` counts as its items. There must be one at least.
        releases: The releases of Kubernetes.
    """
    objects = [each for document in yaml.safe_load_all(manifests) if document is not None for each in _items(document)]
    assert objects, "no manifest"
    return [f"{_title(each)}, {release}: {said}" for each in objects for release in releases for said in _said(each, release)]


def _items(document: Any) -> list[Any]:
    listed = isinstance(document, dict) and str(document.get("kind")).endswith("List") and isinstance(document.get("items"), list)
    return list(document["items"]) if listed else [document]


def _title(each: Any) -> str:
    return f"{each.get('kind')} {(each.get('metadata') or {}).get('name')}" if isinstance(each, dict) else "?"


def _said(each: Any, release: str) -> list[str]:
    if not isinstance(each, dict) or not isinstance(each.get("kind"), str) or not isinstance(each.get("apiVersion"), str):
        return ["is no object of Kubernetes"]
    try:
        kubernetes_validate.validate(each, release, strict=True)
    except kubernetes_validate.ValidationError as error:
        return [f"{'.'.join(map(str, error.path))}: {error.message}"]
    except kubernetes_validate.SchemaNotFoundError:
        return ["there is no such kind"]
    return []
