"""Findings about a tenant's payload for the REST API, as the server's code accepts it.

product/api.md#fields, product/api.md#validation, product/api.md#malformed-json.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..adapter import load_adapter
from ..errors import SpecError
from ..findings import Finding, unite
from ..releases import ALL, Release, for_each
from ..rules import SCHEMA, TENANT_RELEASE
from ..rules.sender import Kind
from ..source import Place
from ..spec import Json, PlacedMap
from ..spec.nodes import PlacedList, place_of, shown_dotted
from .addresses import check_url
from .schemas import schema_errors, validator
from .senders import payload_settings, said_of


def line_of(version: str, release: Release) -> str | None:
    """Return the ``$defs`` entry of a payload schema that covers a release, or None if the release lacks that API version."""
    return release.payload_lines.get(version)


def check_payload(path: str, document: Json, version: str, release: Release | None) -> list[Finding]:
    """Return the findings about a payload of API version ``v1`` or ``v2``.

    Raises:
        SpecError: the document is no JSON object.
    """
    if not isinstance(document, PlacedMap):
        raise SpecError("is no payload: it must be an object", place=Place(path, 1, 1))
    releases: Sequence[Release] = (release,) if release else ALL
    settings = payload_settings(document, version)

    def check(release: Release) -> list[Finding]:
        """Of a release without this version of the API only that is said."""
        found = _shape(document, version, release)
        if release.includes("payloads", version):
            found += said_of(settings, Kind.TENANT, release, payload=version)
            found += _urls(document)
        return found

    return unite(for_each(releases, check))


def _urls(document: PlacedMap) -> Iterator[Finding]:
    """Check the URLs of a payload, but for those in its secrets and in templates of the user's own."""
    from ..rendering.payloads import http_parts

    adapter = load_adapter()
    places = (place for key in adapter.secrets for place in (key.v1, key.v2) if place)
    apart = {place.name for place in places} | {part.place.name for part in http_parts() if part.secret or part.opaque}
    for name, value in document.items():
        if isinstance(value, str) and name not in apart:
            yield from check_url(value, document.value_place(name), shown_dotted(name))
    entries = document.get("properties")
    for entry in entries if isinstance(entries, PlacedList) else ():
        if isinstance(entry, PlacedMap):
            key, text = entry.get("key"), entry.get("value")
            if isinstance(key, str) and isinstance(text, str) and key not in apart:
                yield from check_url(text, entry.value_place("value"), shown_dotted("properties", key))


def _shape(document: PlacedMap, version: str, release: Release) -> list[Finding]:
    line = line_of(version, release)
    if line is None:
        return [TENANT_RELEASE.at(document.place, f"the release has no {version} of the notification-sender API")]
    found = []
    for error in schema_errors(validator(f"tenant-sender.{version}", f"/$defs/{line}"), document):
        place = place_of(document, error.path, key=error.at_key) or document.place
        found.append(SCHEMA.at(place, error.sentence, hint=error.hint, path=shown_dotted(*error.path) or None))
    return found
