"""The catalogue of rules. Each module holds a family: functions with their pages; ``model`` says what a rule is.

MW0xx what cannot be read, MW1xx keys, MW2xx values on their way through the server's start, MW3xx what the mail client does, MW4xx specs
and tenants, MW5xx secrets, MW6xx providers, MW7xx tenant loading. Ids never change and are never used again.
"""

from __future__ import annotations

from . import authentication, client, engine, keys, loading, providers, reading, secrets, tenants
from .keys import NEWER_KEY, UNKNOWN_KEY
from .model import CATALOGUE, Rule, Said, Subject, rules_on
from .reading import (
    MISPLACED_REFERENCE,
    SCHEMA,
    SHARED_SERVER,
    TENANT_DOMAIN,
    TENANT_RELEASE,
    TENANT_TWICE,
    UNFIT_JAVA,
    UNKNOWN_RELEASE,
    UNKNOWN_SUPPRESSION,
    UNREADABLE_TOML,
    XML_CHARACTER,
)
from .secrets import LOGIN_IN_URL, SECRET_IN_URL

__all__ = [
    "CATALOGUE",
    "LOGIN_IN_URL",
    "MISPLACED_REFERENCE",
    "NEWER_KEY",
    "SCHEMA",
    "SECRET_IN_URL",
    "SHARED_SERVER",
    "TENANT_DOMAIN",
    "TENANT_RELEASE",
    "TENANT_TWICE",
    "UNFIT_JAVA",
    "UNKNOWN_KEY",
    "UNKNOWN_RELEASE",
    "UNKNOWN_SUPPRESSION",
    "UNREADABLE_TOML",
    "XML_CHARACTER",
    "Rule",
    "Said",
    "Subject",
    "rules_on",
]

_FAMILIES = (reading, keys, engine, client, authentication, tenants, secrets, providers, loading)

for _id in sorted(CATALOGUE):
    CATALOGUE[_id] = CATALOGUE.pop(_id)
