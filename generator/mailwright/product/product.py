"""A product as a value: everything that a folder of schemas says of it, read when it is asked for and kept with the value.

A release knows its product (``release.product``), and so do a spec and a checked file: nothing below the commands and the public
functions asks for the product that ships.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from ..base import resources
from ..base.values import dataclass
from .adapter import Adapter, Key, PayloadPlace
from .auth_types import Catalogue, read_catalogue
from .mail_properties import MailProperties
from .payloads import Names, Part, iter_parts, payload_names
from .providers import Providers
from .releases import Releases
from .schemas import Schemas


@dataclass(frozen=True, eq=False)
class Product:
    """A product whose email adapter is configured.

    Two values of one folder are one only where ``load_product`` made them: what is cached for a product goes by its identity.

    Attributes:
        folder: Its schemas: the files of schema/, by their names there.
        name: Its name, for messages.
        table: The adapter's table in deployment.toml.
        pool: The properties of every adapter's threads, which no key sets: its template writes them last.
    """

    folder: Path
    name: str
    table: tuple[str, ...]
    pool: Mapping[str, str]

    @cached_property
    def schemas(self) -> Schemas:
        """The JSON Schemas: of the adapter, of a spec, of payloads."""
        return Schemas(self.folder)

    @cached_property
    def auth_types(self) -> Catalogue:
        """How a tenant's sender authenticates."""
        return read_catalogue(self.data("auth-types"))

    @cached_property
    def adapter(self) -> Adapter:
        """The keys of the adapter's table."""
        return Adapter(self.schemas.document("adapter"), self.table, self.auth_types)

    @cached_property
    def releases(self) -> Releases:
        """Its releases."""
        return Releases(self, self.data("releases"))

    @cached_property
    def mail_properties(self) -> MailProperties:
        """The properties of its mail client."""
        return MailProperties(self.data("mail-properties"), self.adapter.by_xml)

    @cached_property
    def http_parts(self) -> tuple[Part, ...]:
        """What the ``http`` part of a tenant's sender can hold."""
        return tuple(iter_parts(self.schemas.inlined("spec", "/$defs/http-provider")))

    @cached_property
    def shared_fields(self) -> tuple[tuple[Key, PayloadPlace], ...]:
        """The fields of a v2 payload that an HTTP sender has as an SMTP sender does, with their keys."""
        own = {*(part.place.name for part in self.http_parts), *self.payload_names.smtp_only}
        fields = ((key, key.v2) for key in self.adapter.scalars if key.v2 and not key.v2.is_property)
        return tuple((key, place) for key, place in fields if place.name not in own)

    @cached_property
    def payload_names(self) -> Names:
        """The names in the payloads of tenants' senders."""
        return payload_names(self)

    @cached_property
    def providers(self) -> Providers:
        """The well-known relays."""
        return Providers(self.data("providers")["providers"])

    def data(self, name: str) -> dict[str, Any]:
        """Return one of its data files, e.g. ``releases``, parsed."""
        document: dict[str, Any] = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
        return document

    def __reduce__(self) -> tuple[Callable[[Path], Product], tuple[Path]]:
        return load_product, (self.folder,)


def load_product(folder: Path | None = None) -> Product:
    """Return the product that a folder of schemas describes; None for the one that ships.

    Raises:
        FileNotFoundError: the folder has no product.json.
    """
    return _load(folder or resources.path("schema"))


def read_product(folder: Path) -> Product:
    """Return the same anew: as the files are now."""
    document = json.loads((folder / "product.json").read_text(encoding="utf-8"))
    return Product(folder, document["name"], tuple(document["table"].split(".")), document["pool"])


_load = cache(read_product)
