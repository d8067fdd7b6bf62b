"""What a tenant's sender has of its own, and what it takes from the server's (product/adapter.md#merge).

The one model of it: the rules ask it of texts as they are written, ``verify`` of texts as they are sent. What a tenant has no place for
in its payload is dropped (product/adapter.md#dropped-properties).
"""

from __future__ import annotations

from collections.abc import Container

from ..product.adapter import Adapter, Key
from ..product.releases import Release

_USER, _PORT = "mail.smtp.user", "mail.smtp.port"


def names_user(own: Container[str], adapter: Adapter) -> bool:
    """Say whether a tenant whose *own* keys are these names a user to log in as."""
    return adapter.by_xml[_USER].name in own


def has_null_port(own: Container[str], version: str, release: Release) -> bool:
    """Say whether a tenant's sender gets the text ``null`` for a port, which nobody measured (product/api.md#port-null).

    Args:
        own: The tenant's keys.
        version: The version of the API that makes the sender.
    """
    return version == "v1" and release.v1_null_port and release.product.adapter.by_xml[_PORT].name not in own


def tenant_text(key: Key, own: str | None, version: str, release: Release, *, user: bool) -> str | None:
    """Return the text that a tenant's sender has for a key, whatever the server's own is; None where it takes that.

    product/adapter.md#overridable, product/adapter.md#v1-makes-basic, product/api.md#port-null, product/api.md#properties.

    Args:
        own: The tenant's text for the key, None for none.
        version: The version of the API that made the sender.
        user: Whether it names a user: see ``names_user``.
    """
    if not (release.tenant_overrides and key.known_to(release)):
        return None
    place = key.place(version)
    if version == "v1" and user and release.v1_means_basic and key.v2 is not None and key.v2.implied is not None:
        return key.v2.implied
    if key.xml == _PORT and has_null_port(() if own is None else (key.name,), version, release):
        return "null"
    if place is None or own is None:
        return place.implied if place is not None else None
    return own if version == "v1" or own.strip() or not place.is_property else None
