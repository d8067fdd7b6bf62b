"""Live verification: the effective properties of a sender in, the report of a handshake out.

The command's run is: ``senders`` (files to properties), ``client`` (properties to the engine's settings), ``check`` (with ``tokens``,
``certificates`` and ``findings``), ``fleet`` (many at once).
"""

from __future__ import annotations

from collections.abc import Mapping

from ..base.errors import UsageError
from .client import SecretResolver, client_settings
from .handshake import HandshakeError, Report, probe

__all__ = ["SecretResolver", "client_settings", "verify_sender"]


def verify_sender(
    name: str,
    properties: Mapping[str, str],
    *,
    ca_pem: str | None = None,
    timeout: float = 10.0,
    allow_cleartext: bool = False,
    allow_unverified: bool = False,
    resolve_secret: SecretResolver | None = None,
) -> Report:
    """Hold the handshake for one sender, and say what the server's own mail client does.

    Args:
        name: How the sender is called in the report, e.g. ``global`` or a tenant's domain.
        properties: Its effective properties: XML property to text, as the server loads them.
        ca_pem: The server's trust store as PEM; None for this machine's, which makes verdicts on TLS predictions.
        timeout: Seconds for each phase.
        allow_cleartext: Authenticate without TLS.
        allow_unverified: Authenticate though chain or name do not verify.
        resolve_secret: Resolves the references in user name and password; without it AUTH is skipped for them.

    Raises:
        UsageError: *ca_pem* holds no usable certificate.
    """
    settings = client_settings(
        properties,
        ca_pem=ca_pem,
        timeout=timeout,
        allow_cleartext=allow_cleartext,
        allow_unverified=allow_unverified,
        resolve_secret=resolve_secret,
    )
    try:
        return probe(settings, name=name)
    except HandshakeError as error:
        raise UsageError(str(error), hint="give the server's trust store as PEM") from None
