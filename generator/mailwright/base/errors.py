"""What can go wrong, and the exit code it ends in.

A *finding* (``findings``) is a value: something about the user's files that is reported. An *error* here means that
the work cannot go on. Each class has a code, which never changes, and an exit code:

::

    MailwrightError                      70  internal: a bug in mailwright
    ├── UsageError                        2  the command line, or an option's value
    ├── InputError                        2  an input that cannot be opened, or is not what it should be
    │   ├── UnreadableInput               2  missing, not permitted, too large, not UTF-8
    │   │   ├── NotWritten                2  the same of a file that is to be written
    │   │   └── PartlyRead                2  the same of files that a file names; with findings about the others (findings)
    │   ├── SyntaxInput                   2  not YAML, TOML, JSON or CSV as this project reads them
    │   └── SpecError                     2  readable, but no spec
    ├── ConnectionFailed                  3  a name, a refusal, a time-out
    │   └── Unanswered                    3  a request that went out and got no answer (tenants.transport)
    ├── AuthenticationRefused             4  the peer refused the credentials
    ├── TlsFailed                         5  not offered although required, chain, host name, version
    ├── PeerRefused                       6  the peer refused a well-formed request
    ├── Overwritten                       7  a tenant is not as it was written (tenants.applying)
    ├── CutOff                          130  the run ended while a tenant was written (tenants.applying)
    ├── Stopped                           *  one cause fails everybody: the code of that cause (tenants.runs)
    └── UnsafeToWrite                     8  blocked before any write: mask, placeholder, policy
        └── Unresolved                    8  a secret that cannot be resolved

Messages say what happened, where, and what to do next. They never hold a value of the user's files.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from .places import Place


class ExitCode(IntEnum):
    """Every exit code of the command; generate/reference.py says what each means."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    UNREACHABLE = 3
    AUTHENTICATION = 4
    TLS = 5
    REFUSED = 6
    PARTIAL = 7
    UNSAFE = 8
    SEVERAL = 9
    INTERNAL = 70
    INTERRUPTED = 130
    TERMINATED = 143


def combine(codes: Iterable[int]) -> int:
    """Return the exit code of a run whose parts ended in *codes*: one kind of failure keeps its own, several give 9."""
    failures = {code for code in codes if code != ExitCode.OK}
    if not failures:
        return int(ExitCode.OK)
    return failures.pop() if len(failures) == 1 else int(ExitCode.SEVERAL)


class MailwrightError(Exception):
    """The root of the tree.

    Args:
        message: What happened; never a value from the user's files.
        place: Where, if it is in a file.
        hint: What to do next.

    Attributes:
        status: The HTTP status that it came with, if any.
    """

    code = "internal"
    exit_code = ExitCode.INTERNAL
    status: int | None = None

    def __init__(self, message: str, *, place: Place | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.hint = hint

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        hint = f"\n  hint: {self.hint}" if self.hint else ""
        return f"{where}{self.message}{hint}"


class UsageError(MailwrightError):
    """The command line, or the value of an option, is wrong."""

    code = "usage"
    exit_code = ExitCode.USAGE


class InputError(MailwrightError):
    """An input cannot be used."""

    code = "input"
    exit_code = ExitCode.USAGE


class UnreadableInput(InputError):
    """A file is missing, not permitted, too large or not UTF-8."""

    code = "unreadable"


class NotWritten(UnreadableInput):
    """A file cannot be written; what stood there before still does."""


class SyntaxInput(InputError):
    """A file is not YAML, TOML, JSON, CSV or JSON Lines as this project reads them."""

    code = "syntax"


class SpecError(InputError):
    """A file is readable but is no spec: the place and the reason are in the message."""

    code = "spec"


class ConnectionFailed(MailwrightError):
    """A name does not resolve, or a peer refuses the connection or does not answer in time."""

    code = "unreachable"
    exit_code = ExitCode.UNREACHABLE


class AuthenticationRefused(MailwrightError):
    """The peer refused the credentials."""

    code = "authentication"
    exit_code = ExitCode.AUTHENTICATION


class TlsFailed(MailwrightError):
    """TLS is not offered although required, or the chain, the host name or the version is not acceptable."""

    code = "tls"
    exit_code = ExitCode.TLS


class PeerRefused(MailwrightError):
    """The peer refused a well-formed request; its own words are in ``peer_said``."""

    code = "refused"
    exit_code = ExitCode.REFUSED

    def __init__(self, message: str, *, peer_said: str = "", place: Place | None = None, hint: str | None = None) -> None:
        super().__init__(message, place=place, hint=hint)
        self.peer_said = peer_said


class UnsafeToWrite(MailwrightError):
    """Blocked before any write: a mask, a placeholder, an unresolved secret, or a policy."""

    code = "unsafe"
    exit_code = ExitCode.UNSAFE


class Unresolved(UnsafeToWrite):
    """A secret that cannot be resolved.

    Attributes:
        reference: What refers to it.
        cause: What is the same for all that fail for the same reason.
    """

    code = "unresolved-secret"

    def __init__(
        self, message: str, reference: str, *, cause: object = None, place: Place | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, place=place, hint=hint)
        self.reference, self.cause = reference, cause or reference

    def at(self, place: Place | None, message: str | None = None) -> Unresolved:
        """Return the same, told of a place, and in other words."""
        return Unresolved(message or self.message, self.reference, cause=self.cause, place=place, hint=self.hint)
