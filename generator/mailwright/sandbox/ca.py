"""A certificate authority to throw away: its key lives in memory, and ends with it.

trustme issues the certificates. It has no word for when one is good, and serves a chain whole: that is here. Nothing of it is good for more
than a server on the loopback interface.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum

from trustme import CA, LeafCert

LIFETIME = timedelta(days=90)
CLOCK_SKEW = timedelta(minutes=5)


class Validity(Enum):
    """When a certificate is good; the value is how far that lies from now."""

    NOW = timedelta()
    EXPIRED = -LIFETIME - timedelta(days=1)
    FUTURE = timedelta(days=1)


class Authority:
    """Issue certificates that only those trust who are handed ``ca_pem``.

    Args:
        name: What it is called, to tell one authority from another in messages.
        issuer: Who vouches for it, of the same organization; None for a root, which is an organization of its own.

    Attributes:
        ca_pem: What a client must trust: the root's certificate.
    """

    def __init__(self, name: str = "mailwright sandbox CA", *, issuer: Authority | None = None) -> None:
        self._organization: str = issuer._organization if issuer else name
        self._ca: CA = CA(issuer._ca if issuer else None, organization_name=self._organization, organization_unit_name=name)
        self.ca_pem: str = issuer.ca_pem if issuer else self._ca.cert_pem.bytes().decode("ascii")

    def issue(self, names: Sequence[str], validity: Validity = Validity.NOW) -> LeafCert:
        """Issue a certificate for host names and IP addresses."""
        now = datetime.now(UTC) + validity.value
        return self._ca.issue_cert(*names, common_name=names[0], not_before=now - CLOCK_SKEW, not_after=now + LIFETIME)

    def server_context(self, names: Sequence[str], validity: Validity = Validity.NOW) -> ssl.SSLContext:
        """Return a server's TLS context with a new certificate for *names*, which is sent without the authorities between it and the root."""
        issued = self.issue(names, validity)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        with issued.private_key_pem.tempfile() as key, issued.cert_chain_pems[0].tempfile() as certificate:
            context.load_cert_chain(certificate, key)
        return context
