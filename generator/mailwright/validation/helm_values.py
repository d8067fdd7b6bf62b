"""Findings about values of the vendor's Helm chart: what it will write of them, by the same rules as a deployment.toml.

schema/helm-values.json says which values there are, and what the chart writes (product/kubernetes.md#values).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from ..base.findings import Finding
from ..base.places import Source
from ..base.shown import shown_dotted, shown_key
from ..deployment.values import toml_value
from ..manifests.nodes import Mapping, Scalar, read_stream
from ..product.product import Product
from ..rules.reading import SCHEMA
from ..spec.references import Reference

Find = Callable[[Source], list[Finding]]
_WORDS = {"string": "a text", "integer": "a whole number", "boolean": "true or false"}
_ENCRYPTED = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}\Z")
_OTHERWISE = "`mailwright post-render` writes what the chart's values cannot say"


def check_helm_values(source: Source, product: Product, find: Find) -> list[Finding]:
    """Return the findings about a values.yaml.

    Args:
        find: Says what is wrong with the text of a deployment.toml.

    Raises:
        SyntaxInput: it is no YAML, with the place.
    """
    table = product.data("helm-values")
    documents = [each for each in read_stream(source) if isinstance(each, Mapping)]
    whole = documents[0] if documents else None
    values = whole.get(*table["path"]) if whole else None
    if whole is None or not isinstance(values, Mapping):
        path = shown_dotted(*table["path"])
        place = source.place(values.start if values else 0)
        return [SCHEMA.at(place, f"the values say nothing of the email adapter: there is no mapping at `{path}`", path=path)]
    found = list(_shape(source, table, values))
    if values.text(table["switch"]) != "true":
        place = source.place(values.start)
        message = f"the chart writes nothing of this: `{table['switch']}` is not true"
        return sorted([*found, SCHEMA.at(place, message, path=shown_dotted(*table["path"], table["switch"]))], key=_order)
    bad = {finding.path for finding in found}
    encrypted = whole.text(*table["secret_store"]["path"]) == "true"
    lines, places, misspelt = _written(table, values, product, bad, encrypted=encrypted)
    for finding in find(Source(source.name, "".join(lines))):
        scalar = places.get(finding.place.line)
        place = source.place(scalar.start if scalar is not None else values.start)
        shown = replace(finding.excerpt, line=place.line) if finding.excerpt else None
        hint = f"{finding.hint}; {_OTHERWISE}" if finding.hint and scalar is None else finding.hint
        if finding.place.line in misspelt:
            hint = f"it is the chart that misspells it; {_OTHERWISE}"
        found.append(replace(finding, place=place, excerpt=shown, hint=hint, fix=None, fixable=False, also=()))
    found += _secret(source, table, whole, values)
    return sorted(dict.fromkeys(found), key=_order)


def _order(finding: Finding) -> tuple[object, ...]:
    return finding.order


def _shape(source: Source, table: dict[str, Any], values: Mapping) -> Iterator[Finding]:
    names = [table["switch"], *table["values"]]
    for key, value in values.entries:
        name = key.value if isinstance(key, Scalar) else ""
        path = shown_dotted(*table["path"], name)
        if name not in names:
            close = get_close_matches(name, names, n=1)
            hint = f"did you mean `{close[0]}`?" if close else f"the chart has {', '.join(names)}; {_OTHERWISE}"
            yield SCHEMA.at(
                source.place(key.start), f"the chart has no value {shown_key(name)}: it is ignored", hint=hint, path=path
            )
            continue
        kind = table["values"][name]["type"] if name in table["values"] else "boolean"
        if not isinstance(value, Scalar) or not _is(value, kind):
            yield SCHEMA.at(source.place(value.start), f"`{name}` must be {_WORDS[kind]}", path=path)


def _is(value: Scalar, kind: str) -> bool:
    if kind == "string":
        return value.is_text or value.value.isdecimal()
    if value.style:
        return False
    return value.value in ("true", "false") if kind == "boolean" else re.fullmatch(r"[0-9]+", value.value) is not None


def _written(
    table: dict[str, Any], values: Mapping, product: Product, bad: set[str | None], *, encrypted: bool
) -> tuple[list[str], dict[int, Scalar], set[int]]:
    """Return the lines that the chart writes, the values that they come from, and the lines whose key it misspells."""
    lines, places, misspelt = [f"[{'.'.join(product.table)}]\n"], dict[int, Scalar](), set[int]()
    store = table["secret_store"]
    for name, entry in table["values"].items():
        value = values.own(name)
        if isinstance(value, Scalar) and shown_dotted(*table["path"], name) not in bad:
            text = toml_value(value.value) if entry["type"] == "string" else value.value
            if encrypted and name == store["value"]:
                text = toml_value(str(Reference("secret", store["alias"])))
            lines.append(f"{entry.get('written', entry['key'])} = {text}\n")
            places[len(lines)] = value
            misspelt |= {len(lines)} if "written" in entry else set()
    secret = values.own(store["value"])
    if encrypted and isinstance(secret, Scalar):
        lines += ["[secrets]\n", f"{store['alias']} = {toml_value(secret.value)}\n"]
        places[len(lines)] = secret
    return lines, places, misspelt


def _secret(source: Source, table: dict[str, Any], whole: Mapping, values: Mapping) -> Iterator[Finding]:
    """Say where the chart writes a plain text as an encrypted one (product/kubernetes.md#secret-store)."""
    store, value = table["secret_store"], values.own(table["secret_store"]["value"])
    if whole.text(*store["path"]) == "true" and isinstance(value, Scalar) and not _ENCRYPTED.match(value.value):
        where = shown_dotted(*store["path"])
        yield SCHEMA.at(
            source.place(value.start),
            f"`{where}` is on: the chart writes `{store['value']}` into [secrets] as it is, so it must be the encrypted text",
            hint="encrypt it with the cipher tool first (product/kubernetes.md#secret-store)",
            path=shown_dotted(*table["path"], store["value"]),
        )
