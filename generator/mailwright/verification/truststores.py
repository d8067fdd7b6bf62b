"""Trust stores in, anchors out: PEM, PKCS#12, JKS or one DER certificate; the content tells which, not the file's name.

Java takes every certificate of its store as an anchor, and so does this. A certificate that cannot be used is left out and named; the
others stay. PKCS#12 needs the extra ``verify`` (``cryptography``), or the JDK's keytool; the other kinds need nothing.
"""

from __future__ import annotations

import base64
import binascii
import re
import ssl
import warnings
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path

from ..base.errors import InputError, UnreadableInput, UsageError
from ..base.patterns import pattern
from ..base.places import Place
from ..base.reading import read_bytes
from ..base.secret import Secret
from ..base.values import dataclass, field
from .jks import JKS_MAGIC, read_jks

DEFAULT_PASSWORD = "wso2carbon"

KEYTOOL_SECONDS = 60
_MAX_ALIAS = 200
_JCEKS_MAGIC = b"\xce\xce\xce\xce"
_BLOCK = pattern(r"-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----")
_ALIAS = pattern(r"^Alias name: (.*)$", re.MULTILINE)
_AS_PEM = "make it PEM: keytool -list -rfc -keystore STORE > ca.pem, then --ca-file ca.pem"


class StoreKind(Enum):
    """What a trust store is by its content."""

    PEM = "PEM"
    PKCS12 = "PKCS#12"
    JKS = "JKS"
    DER = "DER"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A certificate of the store: its alias (or its number), and its DER bytes."""

    alias: str
    der: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class TrustStore:
    """What the server's client trusts.

    Attributes:
        name: The file's name, for messages.
        anchors: The certificates that can be used.
        unusable: The aliases of those that cannot, with the reason.
    """

    name: str
    kind: StoreKind
    anchors: tuple[Anchor, ...]
    unusable: tuple[tuple[str, str], ...]

    def pem(self) -> str:
        """Return the anchors as PEM."""
        return "".join(ssl.DER_cert_to_PEM_cert(anchor.der) for anchor in self.anchors)


def load_trust_store(path: str, password: Secret | None = None) -> TrustStore:
    """Read a trust store.

    Args:
        path: The file; up to 10 MiB.
        password: Its password; None for the product's default.

    Raises:
        UnreadableInput: the file cannot be read.
        InputError: it is no trust store, the password is wrong, or no certificate of it can be used.
        UsageError: PKCS#12, and there is nothing to read it with.
    """
    return parse_trust_store(read_bytes(path), path, password)


def parse_trust_store(data: bytes, path: str, password: Secret | None = None) -> TrustStore:
    """Read the bytes of a trust store; *path* is its file, which keytool may be given. Raises as ``load_trust_store`` does."""
    kind = store_kind(data)
    place = Place(path)
    if kind is None:
        hint = _AS_PEM if data.startswith(_JCEKS_MAGIC) else "it must be PEM, PKCS#12 or JKS"
        raise InputError("is no trust store that can be read here", place=place, hint=hint)
    secret = password or Secret(DEFAULT_PASSWORD)
    anchors, unusable = _usable(_READERS[kind](data, path, secret))
    if not anchors:
        raise InputError("holds no usable certificate", place=place, hint="give the server's trust store, with its CAs")
    return TrustStore(Path(path).name, kind, anchors, unusable)


def store_kind(data: bytes) -> StoreKind | None:
    """Tell what a file is by its content, None for nothing that is read here."""
    if data.startswith(JKS_MAGIC):
        return StoreKind.JKS
    if data.startswith(b"\x30"):
        # A PFX begins with the number of its version, a certificate with what is signed.
        after = 2 if len(data) < 2 or data[1] <= 0x80 else 2 + (data[1] & 0x7F)
        return {b"\x02": StoreKind.PKCS12, b"\x30": StoreKind.DER}.get(data[after : after + 1])
    return StoreKind.PEM if b"-----BEGIN CERTIFICATE-----" in data else None


def _usable(found: Iterator[tuple[str, bytes]]) -> tuple[tuple[Anchor, ...], tuple[tuple[str, str], ...]]:
    """Keep what OpenSSL takes: it refuses a whole bundle for one certificate that it does not."""
    anchors: list[Anchor] = []
    unusable: list[tuple[str, str]] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for alias, der in found:
        shown = "".join(char for char in alias if char.isprintable())[:_MAX_ALIAS]
        try:
            context.load_verify_locations(cadata=der)
        except (ssl.SSLError, ValueError, MemoryError):
            unusable.append((shown, "OpenSSL cannot read it"))
        else:
            anchors.append(Anchor(shown, der))
    return tuple(anchors), tuple(unusable)


def _read_pem(data: bytes, path: str, password: Secret) -> Iterator[tuple[str, bytes]]:
    """Yield what stands in PEM blocks; the aliases are those that ``keytool -list -rfc`` prints before them, or numbers."""
    text = data.decode("utf-8", "replace")
    end = 0
    for number, match in enumerate(_BLOCK.finditer(text), 1):
        named = _ALIAS.findall(text, end, match.start())
        end = match.end()
        try:
            der = base64.b64decode("".join(match[1].split()), validate=True)
        except (binascii.Error, ValueError):
            der = b""
        yield (named[-1].strip() if named else f"certificate {number}"), der


def _read_der(data: bytes, path: str, password: Secret) -> Iterator[tuple[str, bytes]]:
    yield "certificate 1", data


def _read_jks(data: bytes, path: str, password: Secret) -> Iterator[tuple[str, bytes]]:
    return read_jks(data, path, password)


def _read_pkcs12(data: bytes, path: str, password: Secret) -> Iterator[tuple[str, bytes]]:
    """Yield a PKCS#12's certificates: through ``cryptography``, or keytool where that is missing or stumbles over one of them."""
    try:
        from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
    except ImportError:
        yield from _read_with_keytool(path, password, why="PKCS#12 needs more packages")
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a serial number that is not positive, say: the server takes it too
            store = pkcs12.load_pkcs12(data, password.reveal().encode("utf-8"))
            found = [store.cert, *store.additional_certs]
            certificates = [
                (_name(item.friendly_name, number), item.certificate.public_bytes(Encoding.DER))
                for number, item in enumerate(filter(None, found), 1)
            ]
    except Exception:  # ValueError for a wrong password and for what it does not take alike: only keytool tells them apart
        if _keytool() is None:
            raise InputError(
                "the password is wrong, the file is damaged, or it holds what the library for PKCS#12 does not take",
                place=Place(path),
                hint=f"--trust-store-password-file names a file that holds the password; or {_AS_PEM}",
            ) from None
        certificates = list(_read_with_keytool(path, password, why="PKCS#12 needs keytool here"))
    yield from certificates


def _name(alias: bytes | None, number: int) -> str:
    return alias.decode("utf-8", "replace") if alias else f"certificate {number}"


def _keytool() -> str | None:
    from shutil import which

    return which("keytool")


def _read_with_keytool(path: str, password: Secret, *, why: str) -> Iterator[tuple[str, bytes]]:
    import subprocess
    import tempfile

    keytool = _keytool()
    if keytool is None:
        from ..base.extras import installing

        raise UsageError(why, place=Place(path), hint=f"{installing('verify')}, or {_AS_PEM}")
    with tempfile.NamedTemporaryFile("w", prefix="mailwright-", encoding="utf-8") as secret:  # mode 0600
        secret.write(password.reveal())
        secret.flush()
        command = [keytool, "-J-Duser.language=en", "-list", "-rfc", "-keystore", path, "-storepass:file", secret.name]
        try:
            done = subprocess.run(  # noqa: S603 -- a program of the JDK, arguments of our own
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=KEYTOOL_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            raise UnreadableInput("keytool could not be run for it", place=Place(path), hint=_AS_PEM) from None
    if done.returncode:
        raise InputError(
            "keytool cannot read it: the password is wrong, or the file is damaged",
            place=Place(path),
            hint="--trust-store-password-file names a file that holds the password",
        )
    return _read_pem(done.stdout, path, password)


_READERS: dict[StoreKind, Callable[[bytes, str, Secret], Iterator[tuple[str, bytes]]]] = {
    StoreKind.PEM: _read_pem,
    StoreKind.DER: _read_der,
    StoreKind.JKS: _read_jks,
    StoreKind.PKCS12: _read_pkcs12,
}
