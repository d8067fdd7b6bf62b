"""What is found in a file's content, by what it is: its content tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..base.errors import SpecError
from ..base.findings import Finding
from ..base.nodes import Json, PlacedMap
from ..base.places import Place, Source
from ..base.reading import decode, ending, is_stream, read_bytes
from ..deployment import KeyValue, read_statements
from ..product.releases import Release
from ..spec import parse_document
from . import Check
from .kinds import is_manifest, is_named_like_a_spec, way_of_others
from .misspellings import mendable
from .suppressions import Silencer


def findings_about(check: Check, name: str, data: bytes, contents: Mapping[str, bytes]) -> list[Finding]:
    """Return the findings about a file's content, as ``Check`` does."""
    if _is_manifest(check.kind, name, data):
        from .manifests import check_manifest

        return check_manifest(name, data, lambda own: _node_findings(check, own), contents)
    if check.kind == "helm-values":
        from .helm_values import check_helm_values

        return check_helm_values(decode(data, name), check.product, lambda own: _node_findings(check, own))
    silencer = Silencer(name, data.decode("utf-8", "replace"))
    found = silencer.unsilenced(_findings(check, name, data, silencer.silences, contents))
    return mendable(found, {**contents, name: data}) if any(finding.misspelt for finding in found) else found


def _findings(
    check: Check, name: str, data: bytes, silenced: Callable[[Finding], bool], contents: Mapping[str, bytes]
) -> list[Finding]:
    if is_deployment(check.kind, name, data):
        return _node_findings(check, Source(name, data.decode("utf-8", "surrogateescape")))
    release = _release(check)
    releases = (release,) if release else check.product.releases
    document = parse_document(decode(data, name))
    if isinstance(document, PlacedMap) and "mailwright" not in document and (hint := way_of_others(data)):
        raise SpecError("is not a spec", place=Place(name, 1, 1), hint=hint)
    if check.kind in ("tenant-sender-v1", "tenant-sender-v2"):
        from .payloads import check_payload

        return check_payload(name, document, check.kind.rpartition("-")[2], releases)
    from .specs import check_spec

    environments = chosen(check.environments, document, all_env=check.all_env)
    return check_spec(
        name,
        document,
        environments=environments,
        release=release,
        silenced=silenced,
        product=check.product,
        contents=contents,
    )


def _release(check: Check) -> Release | None:
    return check.product.releases.parse(check.product_version) if check.product_version else None


def _node_findings(check: Check, own: Source) -> list[Finding]:
    """Return what is found in the text of a deployment.toml; of a template that it is one."""
    from .deployments import check_text

    release = _release(check)
    releases = (release,) if release else check.product.releases
    return check_text(own, releases, environment=check.variables, resolve=check.resolve)


def _is_manifest(kind: str | None, name: str, data: bytes) -> bool:
    return kind == "manifest" or (kind is None and is_manifest(name, data))


def is_deployment(kind: str | None, name: str, data: bytes) -> bool:
    """Say whether a file is checked as a deployment.toml; *kind* is what it is said to be."""
    return kind == "deployment" or (kind is None and not is_spec_file(name, data))


def chosen(environments: Sequence[str], document: Json, *, all_env: bool) -> Sequence[str] | None:
    """Return the environments of a spec to check; None for the base and all of them."""
    named = document.get("environments") if isinstance(document, PlacedMap) else None
    if all_env and isinstance(named, PlacedMap) and named:
        return tuple(named)
    return tuple(dict.fromkeys(environments)) or None


def is_spec_file(path: str, data: bytes | None = None) -> bool:
    """Say whether a file is to be read as a spec: every document but a .toml file that does not begin like one.

    Args:
        data: Its content; None reads it where that decides.

    Raises:
        UnreadableInput: the file cannot be read.
    """
    if is_named_like_a_spec(path) or not (path.lower().endswith(".toml") or is_stream(path)):
        return True
    if data is None:
        data = read_bytes(path)
    return ending(path, data.decode("utf-8", "replace")) != ".toml" or _mentions_spec(data)


def _mentions_spec(data: bytes) -> bool:
    """A TOML file is a spec if ``mailwright = …`` stands among its first keys; else it is a deployment.toml."""
    if b"mailwright" not in data and b"\\" not in data:  # nor spelt with escapes
        return False
    for item in read_statements(data.decode("utf-8", "replace")).items:
        if not isinstance(item, KeyValue):
            return False
        if item.path == ("mailwright",):
            return True
    return False
