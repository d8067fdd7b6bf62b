"""Where accepted mail stays: a list in memory, or a Maildir that every mail reader opens (``mutt -f FOLDER``)."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from ...base.errors import UnreadableInput
from ...base.places import Place
from ...base.values import dataclass, field


@dataclass(frozen=True)
class Mail:
    """Hold one accepted mail: its envelope, and its bytes."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """Return a header's text, empty if there is none."""
        message = message_from_bytes(self.content, policy=policy.default)
        return str(message.get(name, ""))


class MailFolder:
    """A Maildir. The envelope stands in the headers Return-Path and Delivered-To.

    Args:
        path: The folder; created (mode 0700) when mail is to be added.

    Raises:
        UnreadableInput: it is no Maildir, or cannot be created.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        if not create and not all((path / name).is_dir() for name in ("cur", "new", "tmp")):
            raise UnreadableInput("there is no mailbox (Maildir) here", place=Place(str(path)))
        try:
            self._box = mailbox.Maildir(path, create=create)
            if create:
                for name in ("cur", "new", "tmp"):
                    (path / name).mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise UnreadableInput(f"no mailbox can be made here: {error.strerror}", place=Place(str(path))) from None

    def add(self, mail: Mail) -> None:
        """Keep a mail."""
        to = b"".join(b"Delivered-To: %s\r\n" % one.encode("utf-8", "surrogateescape") for one in mail.recipients)
        self._box.add(b"Return-Path: <%s>\r\n%s%s" % (mail.sender.encode("utf-8", "surrogateescape"), to, mail.content))

    def mails(self) -> Iterator[Mail]:
        """Yield what is there, oldest first."""
        keys = sorted(self._box.iterkeys(), key=lambda key: (self._box.get_message(key).get_date(), key))
        for key in keys:
            content = self._box.get_bytes(key)
            message = message_from_bytes(content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            sender = str(message.get("Return-Path", "")).strip("<> ")
            yield Mail(sender, tuple(map(str, message.get_all("Delivered-To", []))), content)
