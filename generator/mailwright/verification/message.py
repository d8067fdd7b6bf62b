"""The test message of ``--send-test-to``: what the adapter's own mail looks like, with a Message-ID that can be found again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..base.errors import UsageError
from ..base.patterns import pattern
from ..base.values import dataclass, field

if TYPE_CHECKING:
    from email.headerregistry import Address

_ADDRESS = pattern(r"[^\s<>()\[\],;:\"\\\x00-\x20\x7f]+@[^\s<>()\[\],;:\"\\\x00-\x20\x7f]+")
_PLAIN = pattern(r"[A-Za-z0-9.-]+")
_MAX_ADDRESS = 254

_HEADERS = ("mail.smtp.from", "mail.smtp.signature", "mail.smtp.replyTo")
SUBJECT = "Test message from mailwright verify"
TEXT = """This message was sent by `mailwright verify --send-test-to` with the sender's own settings.
Nothing has to be done; it can be deleted.
"""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its id with brackets, and its bytes with CRLF."""

    message_id: str
    content: bytes = field(repr=False)


def checked_address(address: str) -> str:
    """Return an address for RCPT TO.

    Raises:
        UsageError: it is no bare address.
    """
    if len(address) > _MAX_ADDRESS or not _ADDRESS.fullmatch(address) or not address.isprintable():
        raise UsageError("an address must be bare, like someone@example.com")
    return address


def make_message(properties: Mapping[str, str], recipient: str) -> Message:
    """Return a message to *recipient* with the headers that the adapter sets from these properties (product/adapter.md#headers).

    Addresses that are not ASCII stand in them in UTF-8 (product/mail-client.md#header-utf8).

    Raises:
        UsageError: the sender's own address or reply-to is none.
    """
    from email.message import EmailMessage
    from email.policy import SMTP
    from email.utils import formatdate

    sender, signature, reply_to = (properties.get(name, "") for name in _HEADERS)
    domain = sender.rpartition("@")[2]
    message_id = f"<mailwright.{uuid.uuid4().hex}@{domain if _PLAIN.fullmatch(domain) else 'mailwright.invalid'}>"
    message = EmailMessage(SMTP if f"{sender}{recipient}{reply_to}".isascii() else SMTP.clone(utf8=True))
    try:
        message["From"] = _address(sender, " ".join(signature.split()))
        message["To"] = _address(recipient)
        if reply_to:
            message["Reply-To"] = reply_to
    except Exception:  # the library raises more than it says for addresses that are none
        raise UsageError("the test message cannot be made: the sender's address or reply-to is no address") from None
    message["Subject"] = SUBJECT
    message["Date"] = formatdate()
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(TEXT)
    return Message(message_id, message.as_bytes())


def _address(text: str, name: str = "") -> Address:
    """Return an address for a header; the library parses none that is not ASCII."""
    from email.headerregistry import Address

    if text.isascii() or not _ADDRESS.fullmatch(text):
        return Address(name, addr_spec=text)
    local, _, domain = text.rpartition("@")
    return Address(name, username=local, domain=domain)
