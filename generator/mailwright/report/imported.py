"""What is to be known of a spec that was made of what a server has, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from ..adoption.deployments import Imported, reference_for
from ..adoption.payloads import ImportedTenant
from ..adoption.tenant_spec import ImportedTenants
from ..base.errors import InputError
from ..base.findings import Finding
from ..base.places import Source
from ..base.reading import is_stream
from ..base.shown import shown_key
from ..spec.references import shown_name
from ..spec.yaml_reader import read_yaml
from ..validation.kinds import is_manifest_file
from .documents import SCHEMA_VERSION
from .planned import Failures

_SHOWN = 10
_KEYWORDS = "a value holds {{…}}: if that is a keyword of the vendor's CLI, put its value there (product/vendor-cli.md#keywords)"


def next_steps(imported: Imported, file: str, written: str | None, *, xml: bool) -> Iterator[str]:
    """Yield lines about the spec of a file.

    Args:
        imported: The spec.
        file: What it was made of.
        written: Where it was written; None where it was printed.
        xml: Whether the file is the output-event-adapters.xml of old releases.
    """
    yield from (f"{file}: unsure: {why}" for why in imported.unsure)
    for place, why in imported.left:
        yield f"{place}: not in the spec, and left as it is: {why}"
    for name in imported.replaced:
        reference, name = reference_for(name), shown_name(name)
        if not xml:
            yield f"`{name}` is in clear text: the spec says $keep{{}}, which leaves it in each file as it is"
            yield f"  to encrypt it: {name}: {reference} in the spec, and the alias's encrypted text as `secrets: {{{reference.name}: …}}`"
            yield f"  or to have it from the environment: {name}: $env{{NAME}}; docs/adoption.md goes through both"
        else:
            yield f"`{name}` is in clear text: the spec says {reference}; give the alias its encrypted text (docs/adoption.md)"
    if imported.missing:
        names = ", ".join(f"`{shown_name(name)}`" for name in imported.missing)
        yield f"not in the spec: {names}, which a sender needs; a merge leaves that as it is; `mailwright validate {file}` says what is wrong"
    if "global" not in imported.document and not imported.left:
        lacks = "has no [output_adapter.email]" if imported.unsure else "sets no email sender"
        yield f"{file} {lacks}: the spec has no `global`, and a merge changes nothing until it has one"
    elif written is not None:
        held = is_manifest_file(file)
        check = f"mailwright post-render --check {written} < {file}" if held else f"mailwright merge --check {written} {file}"
        yield f"next: mailwright validate {written}" + ("" if is_stream(file) else f"; {check}")


def import_json(file: str, written: str | None, spec: str, remarks: Iterable[str]) -> str:
    """Return the text of the document of ``import --format json``; what was written into a file stands there alone."""
    document = None if written is not None else read_yaml(Source(file, spec))
    return json.dumps(
        {"schema_version": SCHEMA_VERSION, "file": file, "written": written, "spec": document, "remarks": list(remarks)}, indent=2
    )


def tenants_remarks(made: ImportedTenants, owners: str | None, spec: str | None) -> Iterator[str]:
    """Yield lines about a spec of tenants.

    Args:
        made: The tenants.
        owners: What is to be said of their owners' marks.
        spec: The spec's text; None where only its tenants are written.
    """
    yield from _remarks(made.tenants)
    if owners:
        yield owners
    if spec is not None:
        yield from _findings(made, spec)
    if made.keywords:
        yield _KEYWORDS
    failures = Failures()
    for domain, failure in made.failures.items():
        if failures.is_shown(domain, failure):
            yield f"{domain}: {failure.message}"
            yield from [f"  hint: {failure.hint}"] if failure.hint else []
    yield from (line.removeprefix("  ! ") for line in failures.rest())
    if made.empty:
        yield f"tenants without a sender of their own: {made.empty}"
    if made.not_looked_at:
        yield f"tenants that refuse these credentials and were not looked at: {made.not_looked_at}"


def _remarks(tenants: tuple[ImportedTenant, ...]) -> Iterator[str]:
    """Yield what the new spec's author has to do, and what gets lost."""
    variables = [f"{tenant.domain}: its secret is not here: set {name}" for tenant in tenants for name in tenant.variables]
    yield from variables[:_SHOWN]
    if len(variables) > _SHOWN:
        yield f"and {len(variables) - _SHOWN} more secrets: the variables that the spec names"
    for tenant in tenants:
        if tenant.ignored:
            names = ", ".join(map(shown_key, tenant.ignored[:_SHOWN]))
            yield f"{tenant.domain}: a spec cannot say {names}: applying it takes that away"
        for note in tenant.notes:
            yield f"{tenant.domain}: {note}"


def _findings(made: ImportedTenants, spec: str) -> Iterator[str]:
    try:
        found = made.findings(spec)
    except InputError as error:
        yield error.message
        return
    yield from map(_line, found[:_SHOWN])
    if len(found) > _SHOWN:
        yield f"and {len(found) - _SHOWN} more findings: `mailwright validate` shows all"


def _line(finding: Finding) -> str:
    some = f" [{', '.join(finding.releases)}]" if finding.releases else ""
    return f"{finding.path or 'the spec'}: {finding.message}{some}"
