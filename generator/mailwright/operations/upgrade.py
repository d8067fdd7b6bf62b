"""``upgrade``: what another release of the product makes of the same files, and what has to be done about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from ..adoption.upgrades import Node, Tenants, Upgrade, node_of_file, node_of_spec, tenants_of
from ..base.edits import Edit, edited
from ..base.errors import UsageError
from ..base.findings import Finding
from ..base.nodes import PlacedMap
from ..base.places import Place, Span
from ..base.reading import decode, read_bytes
from ..deployment import parse_deployment
from ..manifests.actions import template_of
from ..product.product import load_product
from ..product.releases import Release
from ..spec import Spec, make_spec
from ..spec.documents import parse_document
from ..validation import Check
from ..validation.checking import is_spec_file
from ..validation.fixing import fix_file


def own_release(name: str) -> Release | None:
    """Return the release that a spec names; None for another file, and where it names none.

    Raises:
        InputError: it cannot be read.
    """
    data = read_bytes(name)
    spec = make_spec(name, parse_document(decode(data, name))) if is_spec_file(name, data) else None
    version = spec.product_version if spec else None
    return load_product().releases.parse(version) if version else None


def upgrade(name: str, before: Release, after: Release) -> Upgrade:
    """Return what an upgrade means for a spec or a deployment.toml; nothing is written.

    Raises:
        InputError: it cannot be read, or is a template.
        UsageError: the newer release is not newer.
    """
    if not before < after:
        raise UsageError(f"{after.version} is not newer than {before.version}", hint="--from names the older one, --to the newer")
    data = read_bytes(name)
    deployment = None if is_spec_file(name, data) else parse_deployment(data.decode("utf-8", "surrogateescape"), name)
    if deployment is not None and (template := template_of(deployment)) is not None:
        raise template.error(deployment.source)
    fixed = fix_file(name, lambda files: _findings(name, files[name], after, files), lambda content: _for(name, content, after))
    old, new = _findings(name, _for(name, data, before), before, {}), list(fixed.found)
    nodes: tuple[Node, ...]
    tenants: tuple[Tenants, ...] = ()
    if deployment is None:
        specs = list(_specs(name, data))
        nodes = tuple(node_of_spec(spec, before, after) for spec in specs if spec.sender is not None)
        tenants = tuple(found for spec in specs if (found := tenants_of(spec, before, after)).count)
    else:
        nodes = (node_of_file(deployment, before, after),)
    gone = Counter(map(_about, old)) - Counter(map(_about, new))
    known = Counter(map(_about, old))
    return Upgrade(
        name,
        nodes,
        tenants,
        tuple(finding for finding in new if not known[_about(finding)]),
        Counter({rule: sum(count for (other, *_), count in gone.items() if other == rule) for rule, *_ in gone}),
        fixed,
    )


def _about(finding: Finding) -> tuple[str, str, Place]:
    return (finding.rule, finding.message, finding.place)


def _findings(name: str, data: bytes, release: Release, contents: Mapping[str, bytes]) -> list[Finding]:
    return Check(product_version=release.version)(name, data, contents)


def _for(name: str, data: bytes, release: Release) -> bytes:
    """Return a file as one for a release: a spec that names one names this."""
    if not is_spec_file(name, data):
        return data
    document = parse_document(decode(data, name))
    product = document.get("product") if isinstance(document, PlacedMap) else None
    if not isinstance(product, PlacedMap) or not isinstance(product.get("version"), str):
        return data
    source, written = decode(data, name), str(product["version"])
    at = source.find(place := product.value_place("version"))
    start = (at or 0) + (source.text[at or 0 : (at or 0) + 1] in ("'", '"'))
    if at is None or not source.text.startswith(written, start):
        raise UsageError("product.version is not a plain text here", place=place, hint=f"write {release.version} yourself")
    return edited(source, [Edit.of(source, Span(start, start + len(written)), release.version, public=True)]).encode()


def _specs(name: str, data: bytes) -> Iterator[Spec]:
    document = parse_document(decode(data, name))
    base = make_spec(name, document)
    yield base
    for environment in base.environments:
        yield make_spec(name, document, environment)
