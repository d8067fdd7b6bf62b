"""An SMTP server as relays should be, with the usual faults on request; it listens on the loopback interface alone.

``server`` is aiosmtpd's protocol in a thread of its own, ``faults`` what can go wrong, ``mailbox`` where mail stays, ``tokens`` the
endpoint that hands out what XOAUTH2 takes.
"""

from __future__ import annotations

from .faults import Fault, parse_faults
from .mailbox import Mail, MailFolder
from .server import HOST, Login, SandboxSmtp
from .tokens import TokenEndpoint

__all__ = ["HOST", "Fault", "Login", "Mail", "MailFolder", "SandboxSmtp", "TokenEndpoint", "parse_faults"]
