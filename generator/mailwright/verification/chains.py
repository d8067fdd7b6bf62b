"""A quick look that tells the chains of which nothing needs to be said.

Most chains verify, end far from now, and have keys and signatures of the usual kinds: for them nothing has to be put into words, and
``certificates`` with its library is not loaded. The look knows good signs only, by their bytes: whatever else it meets is left to be
explained.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from .handshake import der_elements

SOON_DAYS = 30
"""An end nearer than this is a finding."""

RSA_BITS = 2048
"""RSA keys below are weak."""

_RSA = bytes.fromhex("2a864886f70d010101")
_SOUND_SIGNATURES = {
    *(bytes.fromhex(f"2a864886f70d0101{last}") for last in ("0b", "0c", "0d")),  # SHA-256, -384 and -512 with RSA
    *(bytes.fromhex(f"2a8648ce3d0403{last}") for last in ("02", "03", "04")),  # the same with ECDSA
}
_SOUND_CURVES = {bytes.fromhex(f"2a8648ce3d0201{curve}") for curve in ("2a8648ce3d030107", "2b81040022", "2b81040023")}
"""P-256, P-384 and P-521, behind the kind of key."""


def is_unremarkable(chain: Sequence[bytes], now: datetime) -> bool:
    """Say whether nothing is to be said of a chain that verifies: no end within SOON_DAYS, no weak key, no weak signature.

    Args:
        chain: DER bytes.
        now: The time to judge by, UTC.
    """
    soon = f"{now + timedelta(days=SOON_DAYS + 1):%Y%m%d%H%M%S}Z"
    return bool(chain) and all(_sound_until(der) >= soon for der in chain)


@lru_cache(maxsize=128)
def _sound_until(der: bytes) -> str:
    """Return when a certificate ends; nothing for one of which something is to be said whatever the time is."""
    try:
        signed, algorithm, _ = _elements(_first(der))
        fields = [value for tag, value in der_elements(signed) if tag != 0xA0]  # without the version
        begins, ends = (_time(*moment) for moment in der_elements(fields[3]))
        kind, key = _elements(fields[5])
        named = _elements(kind)
        if named[0] == _RSA:
            modulus, _ = _elements(_first(key[1:]))
            sound = int.from_bytes(modulus, "big").bit_length() >= RSA_BITS
        else:
            sound = b"".join(named) in _SOUND_CURVES
        return ends if sound and _first(algorithm) in _SOUND_SIGNATURES and begins <= ends else ""
    except (IndexError, ValueError):
        return ""


def _elements(data: bytes) -> list[bytes]:
    return [value for _, value in der_elements(data)]


def _first(data: bytes) -> bytes:
    return _elements(data)[0]


def _time(tag: int, text: bytes) -> str:
    """Return a UTCTime with its century (RFC 5280, 4.1.2.5.1), a GeneralizedTime as it is: both sort as texts."""
    said = text.decode("ascii")
    if tag == 0x17:
        said = ("19" if said >= "5" else "20") + said
    if len(said) != 15 or not said[:-1].isdecimal() or said[-1] != "Z":
        raise ValueError
    return said
