"""The reference page of the releases, as data for its template (``make generate``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..product.changes import trait_words
from ..product.product import Product

_SMTP = {"as BASIC": "taken for BASIC, with the server's own user name and password", "refused": "refused by the API"}


def release_page(product: Product) -> dict[str, Any]:
    """Return what the template of the page asks for."""
    lines, catalogue = product.releases.lines, product.auth_types
    schema = product.schemas.document("releases")
    named = {name: node for name, node in schema["$defs"]["release"]["properties"].items() if name not in ("version", "preview")}
    return {
        "versions": product.releases.versions,
        "previews": product.releases.previews,
        "traits": [
            {
                "title": node["title"],
                "description": node["description"],
                "source": node["x-source"],
                "spans": list(_spans({version: traits[name] for version, traits in lines.items()})),
            }
            for name, node in named.items()
        ],
        "kinds": [
            {
                "name": kind.name,
                "title": kind.title,
                "releases": ", ".join(version for version, traits in lines.items() if kind.name in traits["auth_types"]),
                "needs": kind.needs,
                "optional": kind.optional,
                "smtp": _SMTP.get(kind.smtp.value, kind.smtp.value),
                "source": kind.source,
            }
            for kind in catalogue.types.values()
        ],
    }


def _spans(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield each value once for the releases in a row that have it."""
    versions = list(values)
    first = 0
    for index, version in enumerate(versions):
        if index + 1 == len(versions) or values[versions[index + 1]] != values[version]:
            span = versions[first] if first == index else f"{versions[first]} to {version}"
            yield f"{span}: {trait_words(values[version])}"
            first = index + 1
