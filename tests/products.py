"""The product that ships, for tests that are about nothing else."""

from __future__ import annotations

from mailwright.product.adapter import Adapter
from mailwright.product.auth_types import Catalogue
from mailwright.product.mail_properties import MailProperties
from mailwright.product.product import load_product

ALL = load_product().releases
KNOWN, PREVIEWS, NEWEST = ALL.versions, ALL.previews, ALL.newest
TABLE = load_product().table

parse_release, first_with = ALL.parse, ALL.first_with
auth_type, fetches_token = load_product().auth_types.named, load_product().auth_types.fetches_token
load_schema, inlined = load_product().schemas.document, load_product().schemas.inlined


def load_adapter() -> Adapter:
    """Return its keys."""
    return load_product().adapter


def load_catalogue() -> Catalogue:
    """Return its kinds of authentication."""
    return load_product().auth_types


def load_mail_properties() -> MailProperties:
    """Return the properties of its mail client."""
    return load_product().mail_properties
