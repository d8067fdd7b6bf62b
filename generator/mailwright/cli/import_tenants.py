"""The two ways of ``mailwright import`` that end in tenants: a server, and the files of the vendor's CLI."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..base.errors import ExitCode, InputError, UsageError, combine
from ..base.findings import Finding
from ..base.nodes import shown_key
from ..base.places import MAX_FILE, decode, read_bytes
from ..product.releases import Release
from ..spec.references import whole_reference
from ..validation.references import secret_paths

if TYPE_CHECKING:
    from ..adoption.tenants import ImportedTenant
    from ..operations.ready import Prepared

LINES = ".jsonl"
_SHOWN = 10
_KEYWORDS = "a value holds {{…}}: if that is a keyword of the vendor's CLI, put its value there (product/vendor-cli.md#keywords)"


@dataclass(frozen=True, slots=True)
class Made:
    """A spec made of senders.

    Attributes:
        text: The spec, or its tenants as JSON Lines.
        remarks: What is to be said about it.
        opaque: It holds values that no output shows: they can hold credentials of the user's own.
        code: The exit code.
    """

    text: str = field(repr=False)
    remarks: tuple[str, ...]
    opaque: bool
    code: int = int(ExitCode.OK)


def from_provider(file: str, tenants: tuple[str, ...], release: Release | None) -> Made:
    """Return the spec of a provider file that the vendor's CLI exported."""
    from ..adoption.tenants import Variables, holds_keywords, import_sender, read_provider

    if len(tenants) != 1:
        raise UsageError("a provider file does not say whose it is", hint="name its tenant with --tenant DOMAIN")
    document = read_provider(decode(read_bytes(file), file))
    made = _made([import_sender(tenants[0], document, "v2", Variables())], release, {})
    keywords = (_KEYWORDS,) if holds_keywords(document) else ()
    return replace(made, remarks=(*made.remarks, *keywords))


def from_server(prepared: Prepared, tenants: tuple[str, ...], output: str | None) -> Made:
    """Return the spec of what a server has; as JSON Lines where *output* ends so."""
    from ..operations.import_ import read_senders

    found = read_senders(prepared, tenants)
    failures = [(each.domain, each.failure) for each in found if each.failure]
    foreign = [domain for domain, failure in failures if failure.code == "authentication" and not tenants]
    failed = {domain: failure for domain, failure in failures if domain not in foreign}
    imported = [each.tenant for each in found if each.tenant]
    empty = len(found) - len(imported) - len(failures)
    lines = output is not None and output.lower().endswith(LINES)
    made = _made(imported, prepared.release, None if lines else _kept_parts(prepared.preparation.spec.document))
    said = [*made.remarks, *(f"{domain}: {failure.message}" for domain, failure in failed.items())]
    said += [f"tenants without a sender of their own: {empty}"] if empty else []
    said += [f"tenants that refuse these credentials and were not looked at: {len(foreign)}"] if foreign else []
    return replace(made, remarks=tuple(said), code=combine(int(failure.exit_code) for failure in failed.values()))


def _kept_parts(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of the credentials' spec that go into the new one: none with a literal secret."""
    api = document.get("api")
    for path in secret_paths():
        value: Any = {"api": api}
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if isinstance(value, str) and whole_reference(value) is None:
            return {}
    return {name: _plain(document[name]) for name in ("api", "allow_env") if name in document}


def _plain(value: Any) -> Any:
    """Return a part of a document without its places."""
    if isinstance(value, Mapping):
        return {name: _plain(child) for name, child in value.items()}
    return [_plain(child) for child in value] if isinstance(value, list | tuple) else value


def _made(tenants: list[ImportedTenant], release: Release | None, parts: Mapping[str, Any] | None) -> Made:
    """Return the spec of tenants; without *parts* their JSON Lines."""
    from ..adoption.deployments import spec_yaml
    from ..adoption.tenants import is_opaque, spec_document

    remarks = list(_remarks(tenants))
    opaque = any(map(is_opaque, tenants))
    if parts is None:
        lines = (json.dumps({"domain": tenant.domain, **tenant.sender}, ensure_ascii=False) for tenant in tenants)
        return Made("".join(f"{line}\n" for line in lines), tuple(remarks), opaque)
    document, owners = spec_document(tenants, release.version if release else None, parts)
    text = spec_yaml(document)
    return Made(text, (*remarks, *([owners] if owners else []), *_findings(text, release)), opaque)


def _remarks(tenants: list[ImportedTenant]) -> Iterator[str]:
    """Yield what the new spec's author has to do, and what gets lost."""
    variables = [f"{tenant.domain}: its secret is not here: set {name}" for tenant in tenants for name in tenant.variables]
    yield from variables[:_SHOWN]
    if len(variables) > _SHOWN:
        yield f"and {len(variables) - _SHOWN} secrets more: the variables that the spec names"
    for tenant in tenants:
        if tenant.ignored:
            names = ", ".join(map(shown_key, tenant.ignored[:_SHOWN]))
            yield f"{tenant.domain}: a spec cannot say {names}: applying it takes that away"
        for note in tenant.notes:
            yield f"{tenant.domain}: {note}"


def _findings(text: str, release: Release | None) -> Iterable[str]:
    """Return what the spec that was made lacks: the server takes senders that a spec does not."""
    if len(text.encode()) > MAX_FILE:
        return [f"the spec is larger than {MAX_FILE >> 20} MiB, which is not read: use -o FILE{LINES} and `tenants_from`"]
    from ..base.places import Source
    from ..spec.documents import parse_document
    from ..validation.specs import check_spec

    name = "spec.yaml"
    try:
        found = check_spec(name, parse_document(Source(name, text)), release=release)
    except InputError as error:
        return [f"the spec does not read: {error.message}"]
    more = [f"and {len(found) - _SHOWN} findings more: `mailwright validate` tells all"] if len(found) > _SHOWN else []
    return [*map(_line, found[:_SHOWN]), *more]


def _line(finding: Finding) -> str:
    some = f" [{', '.join(finding.releases)}]" if finding.releases else ""
    return f"{finding.path or 'the spec'}: {finding.message}{some}"
