"""The faults that relays have, by name: one enum, from which come the command's help, the documentation and the tests."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from ...base.errors import UsageError
from ...base.hints import did_you_mean


class Fault(Enum):
    """One thing that goes wrong; the value says what a client meets."""

    NO_STARTTLS = "STARTTLS is not offered; AUTH is, in clear text"
    NO_AUTH = "AUTH is not offered, but mail is not taken without"
    CLEARTEXT_AUTH = "AUTH is offered before STARTTLS too"
    STARTTLS_REFUSED = "STARTTLS is answered with 454"
    CLIENT_CERTIFICATE = "TLS demands a certificate of the client"
    WRONG_NAME = "the certificate is for another host"
    EXPIRED = "the certificate has expired"
    NOT_YET_VALID = "the certificate is not valid yet"
    UNKNOWN_CA = "the certificate is of another CA than --ca-out's"
    INCOMPLETE_CHAIN = "an intermediate CA issued the certificate, and its own is not sent"
    OLD_TLS = "TLS 1.1 at most"
    ONLY_TLS13 = "TLS 1.3 at least"
    AUTH_REFUSED = "AUTH is answered with 535, whatever the password"
    TOKEN_REFUSED = "XOAUTH2 is answered as for a token that has expired"
    SENDER_REFUSED = "MAIL FROM is answered with 553"
    RELAY_REFUSED = "RCPT TO is answered with 550"
    GREYLISTED = "RCPT TO is answered with 451"
    TOO_BIG = "messages may have 100 bytes at most"
    MESSAGE_REFUSED = "the message is answered with 554"
    NO_SMTPUTF8 = "SMTPUTF8 is not offered"
    EHLO_BUSY = "EHLO is answered with 421, and the connection is closed"
    BUSY = "421 instead of a greeting"
    CLOSES = "the connection is closed before a greeting"
    SILENT = "nothing is ever said"

    @property
    def word(self) -> str:
        """How the command line spells it."""
        return self.name.lower().replace("_", "-")


EXCLUSIVE = (
    (Fault.NO_STARTTLS, Fault.STARTTLS_REFUSED),
    (Fault.EXPIRED, Fault.NOT_YET_VALID),
    (Fault.UNKNOWN_CA, Fault.INCOMPLETE_CHAIN),
    (Fault.OLD_TLS, Fault.ONLY_TLS13),
    (Fault.RELAY_REFUSED, Fault.GREYLISTED),
    (Fault.EHLO_BUSY, Fault.BUSY, Fault.CLOSES, Fault.SILENT),
)
"""Of each, one at a time: they answer the same question."""


def parse_faults(words: Iterable[str]) -> frozenset[Fault]:
    """Return the faults that *words* name.

    Raises:
        UsageError: two of them exclude each other, or a word names none.
    """
    known, words = {fault.word: fault for fault in Fault}, tuple(words)
    try:
        faults = frozenset(known[word] for word in words)
    except KeyError:
        unknown = next(word for word in words if word not in known)
        raise UsageError("there is no such fault", hint=did_you_mean(unknown, known, f"one of {', '.join(known)}")) from None
    for group in EXCLUSIVE:
        both = [fault.word for fault in group if fault in faults]
        if len(both) > 1:
            raise UsageError(f"{' and '.join(both)} exclude each other", hint="leave one of them out")
    return faults
