"""The JDK's own key store format, as far as a trust store needs it: certificates and the digest over the whole.

No library that is kept up reads it, and the format is small and frozen: a magic number, a version, a count, entries of an alias, a time
and certificates, and at the end SHA-1 over the password, a fixed phrase and everything before. Private keys are passed over, unread.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from ..base.errors import InputError
from ..base.places import Place
from ..base.secret import Secret

JKS_MAGIC = b"\xfe\xed\xfe\xed"

_DIGEST = 20
_PHRASE = b"Mighty Aphrodite"
_KEY, _CERTIFICATE = 1, 2


class _Damaged(Exception):
    """The bytes end, or say what the format does not know."""


class _Bytes:
    """A JKS file's bytes, read from front to back."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        found = self._data[self._at : self._at + count]
        if len(found) != count:
            raise _Damaged
        self._at += count
        return found

    def number(self) -> int:
        """Return the next four bytes as a number."""
        return int(struct.unpack(">I", self.take(4))[0])

    def text(self) -> str:
        """Return a text with its length of two bytes before it."""
        return self.take(struct.unpack(">H", self.take(2))[0]).decode("utf-8", "replace")


def read_jks(data: bytes, path: str, password: Secret) -> Iterator[tuple[str, bytes]]:
    """Yield alias and DER bytes of each trusted certificate, and of the first certificate of each key.

    Raises:
        InputError: the password is wrong, or the file is damaged.
    """
    import hashlib
    import hmac

    digest = hashlib.sha1(password.reveal().encode("utf-16-be") + _PHRASE + data[:-_DIGEST], usedforsecurity=False).digest()
    if not hmac.compare_digest(digest, data[-_DIGEST:]):
        raise InputError(
            "the password is wrong, or the file is damaged",
            place=Place(path),
            hint="--trust-store-password-file names a file that holds the password",
        )
    try:
        yield from _entries(_Bytes(data[len(JKS_MAGIC) : -_DIGEST]))
    except _Damaged:
        raise InputError("is no JKS store as the JDK writes it", place=Place(path)) from None


def _entries(data: _Bytes) -> Iterator[tuple[str, bytes]]:
    version = data.number()
    if version not in (1, 2):
        raise _Damaged
    for _ in range(data.number()):
        kind, alias = data.number(), data.text()
        data.take(8)  # when it was made
        if kind == _CERTIFICATE:
            yield alias, _certificate(data, version)
        elif kind == _KEY:
            data.take(data.number())
            chain = [_certificate(data, version) for _ in range(data.number())]
            yield from [(alias, der) for der in chain[:1]]
        else:
            raise _Damaged


def _certificate(data: _Bytes, version: int) -> bytes:
    if version > 1:
        data.text()  # its type, X.509
    return data.take(data.number())
