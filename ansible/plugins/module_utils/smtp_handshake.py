# SPDX-License-Identifier: Apache-2.0
"""Talk SMTP as the server's own mail client does; say how each phase went, and what that client would do.

The rule of this file: one file, standard library only, Python 3.8 syntax, since it runs on nodes. The core has no
socket: ``ReplyParser`` turns bytes into replies, ``Machine`` says what to do next and takes what came of it, by
the table ``STATES``; ``probe`` drives it over a connection, and nothing outlives its deadline. Of a peer's bytes
no more than ``MAX_LINE``, ``MAX_REPLY`` and a few times ``MAX_SHOWN`` is kept. Credentials go out
over TLS whose chain and name verify, or where the caller lifted just that check. What goes wrong is a ``Cause``, and
decisions are made by that. Sentences are made once, in the report; a peer's words lose control characters there, and
whatever was sent to the peer. Other words of a sentence are the engine's own, whatever the password is.

The collection has this file; mailwright/verification/handshake.py is a copy that `make generate` writes.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import re
import socket
import ssl
import threading
import time
from collections import namedtuple
from contextlib import suppress
from enum import Enum
from functools import lru_cache
from typing import (
    TYPE_CHECKING,
    Any,
    Callable,
    Dict,
    FrozenSet,
    Iterable,
    Iterator,
    List,
    Mapping,
    Optional,
    Pattern,
    Sequence,
    Set,
    Tuple,
)
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from typing import NamedTuple
else:

    class _Named(type):
        """Make of a class the named tuple that ``typing.NamedTuple`` makes, and compile no annotation: that took most of the import."""

        def __new__(mcs, name, bases, body):
            if not bases:
                return super().__new__(mcs, name, bases, body)
            fields = body.get("__annotations__", {})
            defaults = [body[field] for field in fields if field in body]
            made = namedtuple(name, fields, defaults=defaults, module=body["__module__"])
            for each in body.keys() - fields.keys():
                setattr(made, each, body[each])
            return made

    class NamedTuple(metaclass=_Named):
        """The base of the values here."""


__all__ = ["Cause", "HandshakeError", "Machine", "ProtocolError", "ReplyParser", "Report", "Settings", "probe"]

MAX_LINE, MAX_REPLY = 16384, 1 << 20  # bytes; the client knows no limit
MAX_SHOWN, MAX_OFFERED = 500, 100  # characters of a reply, lines of EHLO's: what is kept of them
SENT = "<sent>"
CLIENT_PREFERENCE = ("LOGIN", "PLAIN", "DIGEST-MD5", "NTLM")  # XOAUTH2 only where the settings name it
PATIENCE = 1.0  # seconds for a peer that did not greet to answer when it is spoken to
SPOKEN = ("LOGIN", "PLAIN", "XOAUTH2")
SASL = ("PLAIN", "CRAM-MD5", "DIGEST-MD5", "EXTERNAL", "NTLM", "XOAUTH2")  # what the client's SASL library knows
UNREACHABLE, AUTHENTICATION, TLS_FAILED, REFUSED = 3, 4, 5, 6
UPGRADE = ("STARTTLS", "TLS", "EHLO again")
SENDING = ("MAIL FROM", "RCPT TO", "message", "RSET")
TEMPORARY = ("banner", "EHLO", "EHLO again", "HELO", "STARTTLS", "AUTH", "MAIL FROM", "RCPT TO", "message")
EXTENDED = ("STARTTLS", "AUTH", *SENDING, "QUIT")  # whose replies have enhanced status codes
CLOSING = 421  # the peer closes the connection behind it
NO_CODE = -1  # what the client makes of a line that begins with no code
CHECK_PORT = "check the host name and the port"


class Cause(str, Enum):
    """Why a phase went as it did: a stable code, and its sentence, whose gaps the words of the case fill; without one the words are it."""

    sentence: str

    def __new__(cls, code: str, sentence: str) -> "Cause":
        """Make a member that is its code as a text."""
        made = str.__new__(cls, code)
        made._value_, made.sentence = code, sentence
        return made

    NONE = "", ""
    # the connection
    UNRESOLVED = "name-not-resolved", "{}"
    UNUSABLE = "unusable-address", "not a usable host name or port"
    CONNECTION_REFUSED = "connection-refused", "{}"
    LOST = "connection-lost", "{}"
    CLOSED = "connection-closed", "the peer closed the connection"
    TIMED_OUT = "timed-out", "timed out"
    DEADLINE = "deadline", "timed out: the time for the whole check is over"
    MID_REPLY = "timed-out-mid-reply", "timed out in the middle of a reply"
    SILENT = (
        "silent",
        "timed out: the peer says nothing; a port that speaks TLS first is silent too, "
        "and the client waits without limit by default",
    )
    SLOW_TO_GREET = "slow-to-greet", "timed out: it is slow to greet"
    TLS_FIRST = "tls-first", "timed out: the port speaks TLS first, and the client waits without limit by default"
    # replies
    REFUSED = "refused", ""
    COMMAND_REFUSED = "command-refused", "{} refused: {} {}"
    NOT_SMTP = "not-smtp", "the peer speaks {}, not SMTP"
    NOT_SMTP_LATE = "not-smtp-late", "timed out: the peer speaks {}, not SMTP"
    NO_REPLY = "no-reply", "the peer sent a line that is no SMTP reply"
    NO_REPLY_LATE = "no-reply-late", "timed out: the peer sent a line that is no SMTP reply"
    ENDLESS_LINE = "endless-line", "the peer sent a line without end"
    ENDLESS_REPLY = "endless-reply", "the peer sent a reply without end"
    CODE_CHANGED = "code-changed", "the peer changed the code within one reply"
    TEXT_BEHIND_CODE = "text-behind-code", "the peer sent text right behind the code"
    UNASKED = "unasked", "the peer sent a reply before it was asked"
    HELO_INSTEAD = "ehlo-refused", "{}: the client says HELO"
    AS_BEFORE_TLS = "ehlo-again-refused", "{}: the client goes by what was offered before TLS"
    # TLS
    STARTTLS_MISSING = "starttls-not-offered", "STARTTLS is required but host does not support STARTTLS"
    CLEAR_TEXT = "clear-text", "not offered: the client goes on in clear text"
    INJECTED = "injected", "bytes were injected behind the reply to STARTTLS"
    NO_TLS_HERE = "no-tls-here", "the peer does not speak TLS here: it says {}"
    GREETS_IN_CLEAR = "greets-in-clear", "the peer does not speak TLS here: it says {}"
    TLS_GARBLED = "tls-garbled", "the peer does not speak TLS as it should: {}"
    TLS_VERSION = "tls-version", "{}"
    TLS_ALERT = "tls-alert", "{}"
    TLS_BROKEN = "tls-broken", "{}"
    CLIENT_CERTIFICATE = "client-certificate", "the peer wants a certificate of the client: {}"
    CHAIN = "chain", "{}"
    UNVERIFIED = "unverified", "not verified: {}"
    OTHER_HOST = "other-host", "the certificate is for {}, not for {}"
    CLIENT_REFUSES = "client-refuses-tls", "{}"
    # AUTH
    AUTH_OFF = "auth-off", "the client is told not to authenticate"
    NO_CREDENTIALS = "no-credentials", "the user name or the password is empty"
    AUTH_AFTER_STARTTLS = "auth-after-starttls", "not offered before STARTTLS"
    AUTH_NOT_OFFERED = "auth-not-offered", "not offered: the client goes on without authenticating"
    NO_MECHANISM = "no-mechanism", "no mechanism offered that the client uses"
    NOT_SPOKEN = "mechanism-not-spoken", "{} is not spoken here"
    SECRET_UNKNOWN = "secret-unknown", "{}"
    IN_CLEAR = "withheld-in-clear", "the connection is in clear text"
    NOT_TRUSTED = "withheld-unverified", "the certificate does not verify"
    CHAIN_NOT_TRUSTED = "withheld-chain", "the certificate's chain does not verify"
    AUTH_REFUSED = "auth-refused", "{}{}"


class Said(str):
    """A peer's words: in a report they lose what was sent to it."""

    __slots__ = ()


class Why(NamedTuple):
    """Hold a cause and the words of the case: the engine's own, or a peer's as ``Said``."""

    cause: Cause
    words: Tuple[str, ...] = ()

    def text(self, clean: Callable[[str], str] = str) -> str:
        """Return the sentence; *clean* makes what may be shown of a peer's words."""
        words = [clean(word) if isinstance(word, Said) else word for word in self.words]
        return self.cause.sentence.format(*words) if self.cause.sentence else "".join(words)


NOTHING = Why(Cause.NONE)


class HandshakeError(Exception):
    """Say why no handshake can be held; the message holds no value of the peer or of the settings."""


class ProtocolError(HandshakeError):
    """Say that the peer sent what is no SMTP reply, and why it is none."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.sentence)
        self.cause = cause


class Settings(NamedTuple):
    """Hold what to verify, in neutral terms; ``mailwright.verification`` makes it from the client's properties."""

    host: str
    port: int
    implicit_tls: bool = False
    ehlo: bool = True
    starttls_enable: bool = False
    starttls_required: bool = False
    authenticate: bool = False
    username: str = ""
    password: Optional[str] = None
    token: Optional[str] = None
    unresolved: str = ""  # why the credentials are not known here: AUTH is skipped
    authzid: Optional[str] = None  # for PLAIN; None: the user name
    mechanisms: Tuple[str, ...] = CLIENT_PREFERENCE  # all that the client considers, best first
    sasl: Optional[Tuple[str, ...]] = None  # mechanisms of its SASL library, tried before those; empty: in the server's order
    ca_pem: Optional[str] = None  # None: the system's store, not the server's
    check_hostname: bool = True
    client_checks_identity: bool = False
    client_trusts_host: bool = False  # the client takes any chain of this host
    client_error: str = ""  # why the client fails before it opens a connection
    client_tls_error: str = ""  # why the client fails in any TLS handshake
    client_connect_timeout: Optional[float] = None  # seconds; None for no limit
    client_read_timeout: Optional[float] = None  # seconds that the client waits for bytes
    tls_minimum: str = "TLSv1.2"
    tls_maximum: str = "TLSv1.3"
    ciphers: str = ""  # OpenSSL's names, for TLS 1.2; empty: OpenSSL's choice
    fallback: Optional[Mapping[str, Any]] = None  # what the client changes to try again, where it cannot connect or TLS fails
    unmodelled: Tuple[str, ...] = ()  # settings that change what the client does, and that are not followed here
    timeout: float = 10.0  # seconds for each phase
    deadline: float = 40.0  # seconds for everything
    allow_cleartext: bool = False
    allow_unverified: bool = False
    local_hostname: str = "localhost"
    sender: str = ""  # what MAIL FROM says, brackets included; empty: AUTH is the last phase
    utf8: bool = False  # addresses in UTF-8 where the peer offers that
    recipient: str = ""  # what RCPT TO says, brackets included; empty: nobody
    message: bytes = b""  # the test message for the recipient, with CRLF; empty: none is sent

    def __repr__(self) -> str:
        """Say where it goes: the rest holds secrets."""
        return "Settings(%r, %r, ...)" % (self.host, self.port)

    @property
    def starttls(self) -> bool:
        """Whether the client uses STARTTLS where it is offered."""
        return not self.implicit_tls and (self.starttls_enable or self.starttls_required)

    @property
    def has_credentials(self) -> bool:
        """Whether there is something to authenticate with, known here or not."""
        secret = self.token if "XOAUTH2" in self.mechanisms else self.password
        return bool(self.unresolved) or bool(self.username and secret)


class Phase(NamedTuple):
    """Hold how one phase went: ``ok``, ``failed``, ``skipped``, ``withheld`` or ``not-reached``."""

    name: str
    status: str = "not-reached"
    code: Optional[int] = None
    reply: str = ""
    ms: float = 0.0
    detail: str = ""
    enhanced: Optional[str] = None  # the enhanced status code of the reply (RFC 3463), where it has one
    cause: str = ""  # a ``Cause``: what programs go by; ``detail`` is for people


class Client(NamedTuple):
    """Hold what the server's own mail client does with these settings."""

    outcome: str
    error: Optional[str] = None
    authenticated: Optional[bool] = None
    mechanism: Optional[str] = None
    cleartext_credentials: bool = False
    basis: str = "observed"


class Finding(NamedTuple):
    """Hold what is worth knowing beside the verdict: a stable code, ``error``, ``warning`` or ``info``, the words, and what helps."""

    code: str
    severity: str
    message: str
    remedy: Optional[str] = None


class Report(NamedTuple):
    """Hold the result for one sender; no field ever holds a secret."""

    name: str
    host: str
    port: int
    vantage: str
    phases: Tuple[Phase, ...]
    tls: Optional[Dict[str, Any]]
    offered: Tuple[str, ...]
    offered_tls: Tuple[str, ...]
    client: Client
    findings: Tuple[Finding, ...]
    exit_code: int
    chain: Tuple[bytes, ...] = ()  # DER, as the peer sent it, its own certificate first
    chain_error: str = ""  # why the chain does not verify
    chain_code: int = 0  # the same as OpenSSL's number

    def __repr__(self) -> str:
        """Leave out the chain: its names are the peer's words."""
        return "Report(%s)" % ", ".join("%s=%r" % each for each in self._asdict().items() if each[0] != "chain")

    def phase(self, name: str) -> Phase:
        """Return a phase by its name; one that these settings do not have is ``skipped``."""
        return next((phase for phase in self.phases if phase.name == name), Phase(name, "skipped"))

    def to_json(self) -> Dict[str, Any]:
        """Return the object for this sender in ``verify --format json``."""
        fields = {**self._asdict(), "findings": [finding._asdict() for finding in self.findings], "client": self.client._asdict()}
        fields["phases"] = [phase._asdict() for phase in self.phases]
        fields["tls"] = self.tls and {**self.tls, "names": list(self.tls["names"])}
        return {name: value for name, value in fields.items() if not name.startswith(("offered", "chain"))}


def settings_to_wire(settings: Settings) -> Dict[str, Any]:
    """Return settings as JSON can carry them to a node; they hold secrets. The trust store travels apart."""
    return {**settings._asdict(), "message": base64.b64encode(settings.message).decode("ascii"), "ca_pem": None}


def settings_from_wire(wire: Mapping[str, Any], ca_pem: Optional[str]) -> Settings:
    """Return the settings that ``settings_to_wire`` made JSON of."""
    fields = _tuples(wire)
    fallback = fields["fallback"] and _tuples(fields["fallback"])
    return Settings(**{**fields, "message": base64.b64decode(fields["message"]), "ca_pem": ca_pem, "fallback": fallback})


def _tuples(wire: Mapping[str, Any]) -> Dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in wire.items()}


def report_to_wire(report: Report) -> Dict[str, Any]:
    """Return a report as JSON can carry it back; it holds no secret."""
    chain = [base64.b64encode(der).decode("ascii") for der in report.chain]
    phases = [phase._asdict() for phase in report.phases]
    return {**report._asdict(), "phases": phases, "client": report.client._asdict(), "chain": chain}


def report_from_wire(wire: Mapping[str, Any]) -> Report:
    """Return the report that ``report_to_wire`` made JSON of."""
    made = {
        "phases": tuple(Phase(**phase) for phase in wire["phases"]),
        "client": Client(**wire["client"]),
        "findings": tuple(Finding(*finding) for finding in wire["findings"]),
        "chain": tuple(base64.b64decode(der) for der in wire["chain"]),
        "offered": tuple(wire["offered"]),
        "offered_tls": tuple(wire["offered_tls"]),
    }
    return Report(**{**wire, **made})


# replies


class Reply(NamedTuple):
    """Hold one complete reply: its code or ``NO_CODE``, its lines without control characters, and what is wrong with it, if anything."""

    code: int
    lines: Tuple[str, ...]
    odd: Optional[Why] = None

    @property
    def enhanced(self) -> Optional[str]:
        """The enhanced status code (RFC 2034), offered or not; its class is the code's."""
        match = re.match(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |\Z)", self.lines[0], re.ASCII)
        return match.group(1) if match and match.group(1)[0] == str(self.code)[0] else None


class ReplyParser:
    """Turn bytes into replies, however they are cut into pieces; memory stays bounded.

    What counts is what the client reads: the first line gives the code, and a line is not the last where a hyphen is its fourth character.
    """

    _CODE = re.compile(r"[2-5][0-9]{2}", re.ASCII)

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._lines: List[str] = []
        self._code = 0
        self._size = 0
        self._odd: Optional[Why] = None
        self._broken: Optional[Cause] = None

    @property
    def trailing(self) -> int:
        """How many bytes were fed that no complete reply has used."""
        return len(self._buffer) + self._size

    def feed(self, data: bytes) -> None:
        """Take bytes from the peer; after an error they are dropped."""
        if not self._broken:
            self._buffer += data

    def next_reply(self) -> Optional[Reply]:
        """Return the next complete reply, or None when more bytes are needed.

        Raises:
            ProtocolError: the bytes are no SMTP reply, or too many; from then on always.
        """
        while not self._broken:
            end = self._buffer.find(b"\n", 0, MAX_LINE)
            if end < 0:
                if len(self._buffer) < MAX_LINE:
                    return None
                self._broken = Cause.ENDLESS_LINE
                break
            line = self._buffer[:end].decode("utf-8", "replace")
            del self._buffer[: end + 1]
            self._size += end + 1
            reply = self._take(line[:-1] if line.endswith("\r") else line)
            if reply is not None:
                return reply
        self._buffer.clear()
        self._lines.clear()
        raise ProtocolError(self._broken)

    def finish(self) -> Optional[Reply]:
        """Return the reply whose last line has no end, now that the peer has closed the connection."""
        self.feed(b"\n" if self._buffer else b"")
        return self.next_reply()

    def _take(self, line: str) -> Optional[Reply]:
        if not self._lines:
            match = self._CODE.match(line)
            self._code, self._odd = (int(match.group()), None) if match else (NO_CODE, spoken_instead(line))
        elif self._code != NO_CODE and line[:3] != str(self._code):
            self._odd = Why(Cause.CODE_CHANGED)
        if self._code != NO_CODE and line[:3] == str(self._code) and line[3:4] not in ("", " ", "-"):
            self._odd = Why(Cause.TEXT_BEHIND_CODE)
        name, blank, words = (line[4:] if self._code != NO_CODE else line).partition(" ")
        self._lines.append(printable(name + blank + words.replace("\t", " ")))  # the client tells words apart by tabs too
        if self._size > MAX_REPLY:
            self._broken = Cause.ENDLESS_REPLY
        if self._broken or (line[3:4] == "-" and not (self._odd and self._odd.cause is Cause.NOT_SMTP)):
            return None
        reply = Reply(self._code, tuple(self._lines), self._odd)
        self._lines, self._size = [], 0
        return reply


OTHERS = (
    ("SSH-", "SSH"), ("* OK", "IMAP"), ("* BYE", "IMAP"), ("* PREAUTH", "IMAP"), ("+OK", "POP3"), ("-ERR", "POP3"),
    ("HTTP/", "HTTP"), ("<", "HTTP"), ("RFB ", "VNC"), ("\x15\x03", "TLS"), ("\x16\x03", "TLS"),
)  # fmt: skip
"""How servers of other protocols begin, and what they speak."""


def spoken_instead(said: str) -> Why:
    """Say what a peer speaks, by the beginning of what it *said*, which is no SMTP reply."""
    name = next((name for begin, name in OTHERS if said.startswith(begin)), "")
    return Why(Cause.NOT_SMTP, (name,)) if name else Why(Cause.NO_REPLY)


def printable(text: str) -> str:
    """Return *text* without control, format and other characters that do not print."""
    return text if text.isprintable() else "".join(character for character in text if character.isprintable())


# what a peer may not echo


class Echoes(NamedTuple):
    """Hold how an echo of what was sent is known: as a word where it is short, whole, by pieces as it is, by pieces of letters and digits."""

    words: Tuple[Pattern[str], ...]
    wholes: Tuple[str, ...]
    exact: Mapping[int, FrozenSet[str]]
    folded: Mapping[int, FrozenSet[str]]


CUT, ECHO, SHORT_ECHO, SHORT = 8, 6, 4, 4
"""How long a piece is: as it is (peers cut long lines), folded, and folded of a short secret that is encoded; shorter is short."""


def mask(text: str, secrets: Iterable[str], known: Optional[Dict[Tuple[str, ...], Echoes]] = None) -> str:
    """Hide a peer's text with an echo of what was sent: as it is, in pieces, in another case, reversed, escaped or encoded.

    It is hidden as a whole, since a gap in words that everybody knows would tell the secret. Of a short secret only a word by
    itself is an echo: a gap in every word with an "a" would tell it too. *known* keeps the pieces between calls: working them
    out takes far longer than looking for them.
    """
    sent = tuple(secrets)
    echoes = (known or {}).get(sent)
    if echoes is None:
        echoes = _echoes(sent)
        if known is not None:
            known[sent] = echoes
    if not text:
        return text
    if _has_piece(text, echoes.exact) or _has_piece(_folded(text), echoes.folded):
        return SENT
    squeezed = "".join(text.casefold().split()) if echoes.wholes else ""
    for whole in echoes.wholes:
        if whole in squeezed:
            return SENT
    for word in echoes.words:
        if word.search(text):
            return SENT
    return text


def _has_piece(text: str, pieces_by_size: Mapping[int, FrozenSet[str]]) -> bool:
    return any(not pieces.isdisjoint(_pieces(text, size)) for size, pieces in pieces_by_size.items())


def _pieces(text: str, size: int) -> List[str]:
    return [text[at : at + size] for at in range(len(text) - size + 1)]


def _all_pieces(texts: Iterable[Tuple[str, int, int]]) -> Mapping[int, FrozenSet[str]]:
    """Return the pieces of texts by their size: at most the first number, and none of a text that is shorter than the second."""
    found: Dict[int, Set[str]] = {}
    for text, most, least in texts:
        size = min(most, len(text))
        if size >= least:
            found.setdefault(size, set()).update(_pieces(text, size))
    return {size: frozenset(pieces) for size, pieces in found.items()}


def _echoes(sent: Iterable[str]) -> Echoes:
    """Return how an echo of any of these is known, however it is said; what does not print is no secret."""
    words: List[Pattern[str]] = []
    wholes: List[str] = []
    exact: List[Tuple[str, int, int]] = []
    loose: List[Tuple[str, int, int]] = []
    for text in filter(printable, dict.fromkeys(sent)):
        secret, (plain, escaped, encoded) = printable(text), _spellings(text)
        if len(secret) < SHORT:
            word = "|".join(map(re.escape, [*plain, _base64(text).rstrip("=")]))
            words.append(re.compile(r"(?<!\w)(?<!\w\.)(?:" + word + r")(?!\.?\w)"))
        else:
            exact += [(form, CUT, 0) for form in plain]
        same = "".join(secret.casefold().split())
        wholes += [same, same[::-1]] if len(same) >= ECHO else []
        loose += [(_folded(form), ECHO, ECHO) for form in (secret, secret[::-1], *escaped)]
        loose += [(_folded(form), ECHO, SHORT_ECHO) for form in encoded]
    return Echoes(tuple(words), tuple(wholes), _all_pieces(exact), _all_pieces(loose))


def _spellings(sent: str) -> Tuple[List[str], List[str], List[str]]:
    """Return how a secret is said: as it is or escaped, escaped, and encoded."""
    secret, raw = printable(sent), sent.encode("utf-8", "surrogateescape")
    padded = [base64.b64encode(b"\0" * offset + raw).decode("ascii") for offset in range(3)]
    encoded = [text[-(-offset * 4 // 3) : (offset + len(raw)) * 4 // 3] for offset, text in enumerate(padded)]
    encoded += [raw.hex(), "".join(map("{:03o}".format, raw))]
    encoded += ["".join(map(form.format, map(ord, sent))) for form in ("{:d}", "x{:x}", "u{:04x}")]
    escaped = [sent]
    if not (sent.isascii() and sent.isalnum()):  # those are never escaped
        quoted = [json.dumps(sent, ensure_ascii=in_ascii)[1:-1] for in_ascii in (True, False)]
        quoted += [json.dumps(text, ensure_ascii=in_ascii)[1:-1] for text in quoted for in_ascii in (True, False)]
        spelt = (quote(raw, safe=""), quote_plus(raw), sent.translate(_ESCAPED), *quoted)
        escaped = [text for text in dict.fromkeys(spelt) if text.isprintable()]
    return sorted({secret, secret.strip() or secret, *escaped}), escaped, encoded


_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
"""As the standard library's ``html.escape`` does, which takes long to load."""


def _folded(text: str) -> str:
    folded = text.casefold()
    return folded if folded.isalnum() else "".join(filter(str.isalnum, folded))


# names of hosts and certificates


def matches_host(certificate: Mapping[str, Any], host: str) -> bool:
    """Tell whether a certificate is for *host*; ``*`` stands for one whole leftmost label (RFC 6125)."""
    names = certificate.get("subjectAltName", ())
    address = _address(host)
    if address is not None:
        return any(kind == "IP Address" and _address(name) == address for kind, name in names)
    try:
        wanted = host.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return False
    parent = wanted.partition(".")[2]
    accepted = {wanted, "*." + parent} if "." in parent else {wanted}
    return any(kind == "DNS" and name.lower() in accepted for kind, name in names)


def client_names(certificate: Mapping[str, Any], host: str) -> bool:
    """Tell whether the client takes a certificate for *host*: its own rule, which knows neither addresses nor labels.

    Names of hosts count, or where there are none the subject's common name; ``*.`` stands for any number of labels.
    """
    names = [name for kind, name in certificate.get("subjectAltName", ()) if kind == "DNS"]
    common = [value for part in certificate.get("subject", ()) for name, value in part if name == "commonName"]
    host = host.lower()
    accepted = [name.lower() for name in names or common[-1:]]
    return any(len(name) > 2 and host.endswith(name[1:]) if name.startswith("*.") else host == name for name in accepted)


@lru_cache(maxsize=128)  # many senders, few relays
def read_certificate(der: bytes) -> Dict[str, Any]:
    """Return names of a certificate in the shape of ``getpeercert()``, which tells nothing of one that was not verified."""
    subject: List[Tuple[Tuple[str, str], ...]] = []
    names: List[Tuple[str, str]] = []
    try:
        fields = [item for item in der_elements(next(der_elements(next(der_elements(der))[1]))[1]) if item[0] != 0xA0]
        for _, part in der_elements(fields[4][1]):
            pairs = [[value for _, value in der_elements(pair)] for _, pair in der_elements(part)]
            subject += [(("commonName", value.decode("utf-8", "replace")),) for oid, value in pairs if oid == b"\x55\x04\x03"]
        for _, wrapped in (item for item in fields if item[0] == 0xA3):
            for _, extension in der_elements(next(der_elements(wrapped))[1]):
                values = [value for _, value in der_elements(extension)]
                if values[0] == b"\x55\x1d\x11":
                    names += _general_names(next(der_elements(values[-1]))[1])
    except (StopIteration, IndexError, ValueError):
        return {}
    return {"subject": tuple(subject), "subjectAltName": tuple(names)}


def _general_names(data: bytes) -> Iterator[Tuple[str, str]]:
    for tag, value in der_elements(data):
        if tag == 0x82:
            yield "DNS", value.decode("latin-1")
        elif tag == 0x87:
            yield "IP Address", str(ipaddress.ip_address(value))


def der_elements(data: bytes) -> Iterator[Tuple[int, bytes]]:
    """Yield the tag and the content of each element."""
    at = 0
    while at < len(data):
        tag, size, at = data[at], data[at + 1], at + 2
        if size > 0x80:
            more = size - 0x80
            size, at = int.from_bytes(data[at : at + more], "big"), at + more
        yield tag, data[at : at + size]
        at += size


def _bare(host: str) -> str:
    """Return a host without the brackets that an IPv6 address may stand in, as the client takes it."""
    inner = host[1:-1]
    return inner if host[:1] + host[-1:] == "[]" and ":" in inner and _address(inner) is not None else host


@lru_cache(maxsize=128)
def _address(text: str) -> Any:
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None


# the machine


class Step(NamedTuple):
    """Hold what the driver does: ``resolve``, ``connect``, ``tls``, ``talk`` (send *data*, if any, and read), ``provoke``, ``close``."""

    phase: str
    do: str
    data: bytes = b""

    def __repr__(self) -> str:
        """Leave out the data: it may hold credentials."""
        return "Step({!r}, {!r})".format(self.phase, self.do)


class ClientEnd(NamedTuple):
    """Hold where the client gives up: in which phase and why, and what it had sent by then."""

    phase: str
    error: str
    sent_clear: bool
    mechanism: Optional[str]
    timed_out: bool


class Note(NamedTuple):
    """Hold how a phase went, before anything is masked; *reply* is a peer's words."""

    status: str = "not-reached"
    why: Why = NOTHING
    code: Optional[int] = None
    reply: str = ""
    ms: float = 0.0
    enhanced: Optional[str] = None


class Event(NamedTuple):
    """Hold what came of a step. *failure*: ``timeout``, ``lost``, ``garbled``, ``tls``, ``chain``, or empty."""

    failure: str = ""
    why: Why = NOTHING
    reply: Optional[Reply] = None
    trailing: int = 0  # how many bytes the peer sent behind its reply, or of one that it did not finish
    tls: Optional[Dict[str, Any]] = None  # version, cipher, names
    chain: Tuple[bytes, ...] = ()
    chain_code: int = 0  # OpenSSL's number of what is wrong with the chain
    names_host: Optional[bool] = None  # None where the certificate was not read
    client_names_host: Optional[bool] = None  # the same by the client's own rule
    ms: float = 0.0
    waited: float = 0.0  # the longest single wait for the peer, in seconds
    more_addresses: int = 0  # that the name has beside the first


# fmt: off
AFTER_EHLO = {"login": "auth-login", "blob": "auth-blob", "mail": "mail", "done": "quit"}
AUTH_REPLIES = {"mail": "mail", "done": "quit", "upgrade": "auth-starttls", "refused": "quit"}

# state: (phase, what the driver does, command, awaited code, {outcome: next state})
# Outcomes: "ok" for what was awaited, where it is not named otherwise; "refused" for another code; and "lost" for a
# connection that is of no more use, which always leads to "end".
STATES: Dict[str, Tuple[str, str, str, int, Dict[str, str]]] = {
    "resolve":       ("resolve",    "resolve", "",           0,   {"ok": "connect"}),
    "connect":       ("connect",    "connect", "",           0,   {"ok": "banner", "implicit": "tls"}),
    "banner":        ("banner",     "talk",    "",           220, {"ok": "ehlo", "helo": "helo", "refused": "quit", "silent": "stranger"}),
    "stranger":      ("banner",     "provoke", "",           0,   {"ok": "end"}),  # who says nothing may speak when spoken to
    "ehlo":          ("EHLO",       "talk",    "EHLO",       250, {"upgrade": "starttls", "helo": "helo", **AFTER_EHLO}),
    "helo":          ("HELO",       "talk",    "HELO",       250, {"refused": "quit", **AFTER_EHLO}),
    "starttls":      ("STARTTLS",   "talk",    "STARTTLS",   220, {"ok": "tls", "refused": "quit"}),
    "tls":           ("TLS",        "tls",     "",           0,   {"ok": "ehlo-again", "implicit": "banner"}),
    "ehlo-again":    ("EHLO again", "talk",    "EHLO",       250, AFTER_EHLO),  # what was said in clear is forgotten
    "auth-login":    ("AUTH",       "talk",    "AUTH LOGIN", 334, {"ok": "auth-user", **AUTH_REPLIES}),
    "auth-user":     ("AUTH",       "talk",    "",           334, {"ok": "auth-password", **AUTH_REPLIES}),
    "auth-password": ("AUTH",       "talk",    "",           235, AUTH_REPLIES),
    "auth-blob":     ("AUTH",       "talk",    "AUTH",       235, {"challenged": "auth-cancel", **AUTH_REPLIES}),
    "auth-cancel":   ("AUTH",       "talk",    "",           0,   AUTH_REPLIES),  # XOAUTH2's error is a challenge
    "auth-starttls": ("STARTTLS",   "talk",    "STARTTLS",   220, {"ok": "auth-tls", "refused": "quit"}),  # AUTH was answered with 530
    "auth-tls":      ("TLS",        "tls",     "",           0,   AFTER_EHLO),
    "mail":          ("MAIL FROM",  "talk",    "MAIL FROM:", 250, {"ok": "rset", "rcpt": "rcpt", "refused": "rset"}),
    "rcpt":          ("RCPT TO",    "talk",    "RCPT TO:",   250, {"ok": "rset", "data": "data", "refused": "rset"}),
    "data":          ("message",    "talk",    "DATA",       354, {"ok": "content", "refused": "rset"}),
    "content":       ("message",    "talk",    "",           250, {"ok": "quit", "refused": "quit"}),
    "rset":          ("RSET",       "talk",    "RSET",       250, {"ok": "quit", "refused": "quit"}),
    "quit":          ("QUIT",       "talk",    "QUIT",       221, {"ok": "end", "refused": "end"}),
    "end":           ("",           "close",   "",           0,   {}),
}
# fmt: on


class Machine:
    """Decide what comes next, without a socket: ask ``step()``, do it, hand the ``Event`` to ``receive()``.

    Args:
        settings: What to verify.
        chain_error, chain_code: Why the chain does not verify, where an earlier connection found that out.
    """

    def __init__(self, settings: Settings, *, chain_error: str = "", chain_code: int = 0) -> None:
        self.settings = settings
        self.state = "resolve"
        self.chain_error, self.chain_code = chain_error, chain_code
        self.tls: Optional[Dict[str, Any]] = None
        self.chain: Tuple[bytes, ...] = ()
        self.seen_tls: Optional[Dict[str, Any]] = None  # what a connection found that went no further
        self.names_host: Optional[bool] = None
        self.offered: Tuple[Said, ...] = ()
        self.offered_tls: Tuple[Said, ...] = ()
        self.extensions: Dict[str, str] = {}  # in force, as the client reads them
        self.mechanism: Optional[str] = None
        self.sent_clear = False  # whether credentials went out in clear text
        self.stopped: Optional[Why] = None  # why the conversation ended, for the client too
        self.client_end: Optional[ClientEnd] = None  # where the client's conversation ended, although this one went on
        self.timed_out = False  # in the last phase
        self.fell_back = False
        self.odd: Set[Why] = set()  # what was wrong with replies that the client takes all the same
        self.exit_code = 0
        self._secrets = [text for text in (settings.password, settings.token) if text]
        self._secrets += [_base64(text) for text in self._secrets]
        self._echoes: Dict[Tuple[str, ...], Echoes] = {}
        self._sent_user = ""
        self._challenge = Said()  # XOAUTH2's error in words
        self._sasl = False  # whether the mechanism is that of the SASL library
        self.more_addresses = 0
        first = ("resolve", "connect", "TLS") if settings.implicit_tls else ("resolve", "connect")
        self._order = tuple(dict.fromkeys((*first, "banner", "EHLO", "HELO", *UPGRADE, "AUTH", *SENDING, "QUIT")))
        upgrade = UPGRADE if settings.starttls else ()
        greeting = "EHLO" if settings.ehlo else "HELO"
        self.notes = {name: Note() for name in (*first, "banner", greeting, *upgrade, "AUTH", *self._sending(), "QUIT")}
        self._ms: Dict[str, float] = {}

    def step(self) -> Step:
        """Return what the driver does next; where it talks, one reply is awaited."""
        phase, action, command, _, _ = STATES[self.state]
        silent = action != "talk" or self.state == "banner"
        words = [command] if command else []
        if command in ("EHLO", "HELO"):
            words.append(re.sub(r"[^A-Za-z0-9.:\[\]_-]", "", self.settings.local_hostname) or "localhost")
        elif self.state in ("auth-user", "auth-password"):
            words.append(self._credentials(self.state))
        elif self.state == "auth-blob":
            words += [str(self.mechanism), self._credentials(str(self.mechanism))]
        if self.state in ("mail", "rcpt"):
            return Step(phase, action, self._envelope(command))
        if self.state == "content":
            return Step(phase, action, re.sub(rb"(?m)^\.", b"..", self.settings.message) + b".\r\n")
        return Step(phase, action, b"" if silent else " ".join(words).encode("ascii") + b"\r\n")

    def _sending(self) -> Tuple[str, ...]:
        settings = self.settings
        asked = [("MAIL FROM", settings.sender), ("RCPT TO", settings.recipient), ("message", settings.message)]
        names = [name for name, text in asked if settings.sender and text]
        return (*names, "RSET") if names and not settings.message else tuple(names)

    def _envelope(self, command: str) -> bytes:
        """Return the command as the client writes it: of a UTF-16 unit that is not ASCII the low byte, unless both sides speak UTF-8."""
        settings = self.settings
        given = settings.sender if command == "MAIL FROM:" else settings.recipient
        one_line = (character for character in given if character >= " " and character != "\x7f")
        address = "".join(one_line)
        if settings.utf8:
            more = " SMTPUTF8" if command == "MAIL FROM:" and "SMTPUTF8" in self.extensions else ""
            return (command + address + more + "\r\n").encode("utf-8", "replace")
        return command.encode("ascii") + address.encode("utf-16-le", "replace")[::2] + b"\r\n"

    def receive(self, event: Event) -> None:
        """Take what came of the step, and move on by the table."""
        phase, _, _, awaited, following = STATES[self.state]
        self._ms[phase] = self._ms.get(phase, 0.0) + event.ms
        if self.state == "stranger":
            self._judge_stranger(event)
            self.state = "end"
            return
        self._note_time(phase, event)
        event = self._note_oddities(phase, event)
        code = event.reply.code if event.reply else awaited
        outcome = "ok"
        if event.reply and code != awaited and phase in ("EHLO", "EHLO again"):
            outcome = self._judge_refused_ehlo(phase, event)
        elif phase == "AUTH" and event.reply and not event.failure:
            outcome = self._judge_auth(event, code)
        elif event.failure or (code != awaited and (phase, code) != ("RCPT TO", 251)):
            outcome = self._fail(phase, event)
        elif phase == "STARTTLS" and event.trailing:
            outcome = self._judge_injection(event)
        elif phase == "TLS":
            outcome = self._judge_tls(event)
        elif phase in ("EHLO", "HELO", "EHLO again"):
            outcome = self._judge_ehlo(phase, event)
        else:
            self._record(phase, "ok", event)
            self.more_addresses += event.more_addresses
            if phase == "connect" and self.settings.implicit_tls:
                outcome = "implicit"
            elif phase == "banner" and not self.settings.ehlo:
                outcome = "helo"
            elif phase == "MAIL FROM" and self.settings.recipient:
                outcome = "rcpt"
            elif phase == "RCPT TO" and self.settings.message:
                outcome = "data"
        self.state = "end" if outcome == "lost" else following[outcome]

    @property
    def falls_back(self) -> bool:
        """Whether the client tries again: it could not connect, or TLS on a port that begins with it failed in time."""
        notes, end = self.notes, self.client_end
        if end is not None and end.phase == "connect":
            return True
        if "failed" in (notes["resolve"].status, notes["connect"].status):
            return True
        if not self.settings.implicit_tls or (end is not None and end.timed_out):
            return False
        return (end is not None and end.phase == "TLS") or (notes["TLS"].status == "failed" and not self.timed_out)

    def _note_time(self, phase: str, event: Event) -> None:
        limit, waited = self.settings.client_read_timeout, event.waited
        self.timed_out = event.failure == "timeout"
        if phase == "connect":
            limit, waited = self.settings.client_connect_timeout, event.ms / 1000
        if limit is not None and waited > limit and phase not in ("resolve", "QUIT"):
            what = "Connect" if phase == "connect" else "Read"
            self._client_ends(
                phase, "the client's own time-out ends {}: {} timed out".format(phase, what), timed_out=phase != "connect"
            )

    def _note_oddities(self, phase: str, event: Event) -> Event:
        """Note what is wrong with a reply; what is none at all is a failure, but for the client's EHLO."""
        if event.reply is None:
            return event
        if event.reply.code == NO_CODE:
            odd = event.reply.odd or NOTHING
            return event if phase in ("EHLO", "EHLO again") else event._replace(failure="garbled", why=odd)
        self.odd.update(filter(None, [event.reply.odd]))
        if event.trailing and phase not in ("STARTTLS", "QUIT"):
            self.odd.add(Why(Cause.UNASKED))
        return event

    def _judge_stranger(self, event: Event) -> None:
        """Say what a peer speaks that did not greet, now that it was spoken to."""
        if event.why is not NOTHING and not event.failure:
            self._record("banner", "failed", Event(), event.why, UNREACHABLE)
            self.stopped = event.why

    def _client_ends(self, phase: str, error: str, *, timed_out: bool = False) -> None:
        self.client_end = self.client_end or ClientEnd(phase, error, self.sent_clear, self.mechanism, timed_out)

    def _client_refuses(self, client_names_host: Optional[bool]) -> str:
        """Return the client's error where it does not take this TLS connection, else an empty text."""
        if self.settings.client_tls_error:
            return self.settings.client_tls_error
        if self.chain_error and not self.settings.client_trusts_host:
            return "could not convert socket to TLS: " + self.chain_error
        if client_names_host is False and self.settings.client_checks_identity:
            return "can't verify identity of server"
        return ""

    def _credentials(self, what: str) -> str:
        user, password = self.settings.username, self.settings.password or ""
        clear = {
            "auth-user": user,
            "auth-password": password,
            "PLAIN": "{}\0{}\0{}".format(user if self.settings.authzid is None else self.settings.authzid, user, password),
            "XOAUTH2": "user={}\x01auth=Bearer {}\x01\x01".format(user, self.settings.token or ""),
        }
        blob = _base64(clear[what])
        self._secrets.append(blob)
        self._sent_user = user
        self.sent_clear = self.sent_clear or (self.tls is None and what != "auth-user")
        return blob

    def _record(self, phase: str, status: str, event: Event, why: Optional[Why] = None, exit_code: int = 0) -> None:
        code, reply, enhanced = None, "", None
        if event.reply:
            code, reply = event.reply.code if event.reply.code != NO_CODE else None, _head(" ".join(event.reply.lines))
            enhanced = event.reply.enhanced if phase in EXTENDED else None
        self.notes[phase] = Note(status, why or event.why, code, reply, round(self._ms.get(phase, 0.0), 1), enhanced)
        self.exit_code = self.exit_code or exit_code

    def _fail(self, phase: str, event: Event, why: Optional[Why] = None) -> str:
        """Record a failure; unless it is the reply to AUTH or to QUIT, it ends the client's conversation too."""
        refused, code = not event.failure and not why, event.reply.code if event.reply else 0
        why = why or (Why(Cause.REFUSED) if refused else event.why)
        silent = phase == "banner" and event.failure == "timeout" and not event.trailing
        if silent:
            why = Why(Cause.SILENT)
        elif why.cause is Cause.TIMED_OUT and event.trailing:
            why = Why(Cause.MID_REPLY)
        exit_code = UNREACHABLE if event.failure in ("timeout", "lost") else REFUSED
        if event.failure in ("tls", "chain") or (phase == "STARTTLS" and not event.failure):
            exit_code = TLS_FAILED
        elif phase == "AUTH" and refused:
            exit_code, why = AUTHENTICATION, Why(Cause.AUTH_REFUSED, (str(self.mechanism), self._challenge))
        unjudged = phase in ("QUIT", "RSET")
        self._record(phase, "failed", event, why, 0 if unjudged else exit_code)
        if not unjudged and exit_code != AUTHENTICATION:
            said = (phase, str(code), Said(self.notes[phase].reply))
            self.stopped = Why(Cause.COMMAND_REFUSED, said) if why.cause is Cause.REFUSED else why
        if event.failure == "chain":
            self.chain_error, self.chain_code = why.text(), event.chain_code
            if not self.settings.client_trusts_host:
                self._client_ends(phase, self._client_refuses(None))
            if self.settings.authenticate and self.settings.has_credentials:
                self._record("AUTH", "withheld", Event(), Why(Cause.CHAIN_NOT_TRUSTED))
        if refused and code != CLOSING:
            return "refused"
        return "silent" if silent else "lost"

    def _judge_tls(self, event: Event) -> str:
        settings, self.names_host, self.chain = self.settings, event.names_host, event.chain
        names = tuple(map(Said, (event.tls or {}).get("names", ())))
        named = bool(self.names_host) or not settings.check_hostname
        self.tls = {**(event.tls or {}), "names": names, "verified": named and not self.chain_error}
        listed = Said(", ".join(names)) if names else "no host"
        problem = Why(Cause.UNVERIFIED, (self.chain_error,)) if self.chain_error else None
        if self.names_host is False and (settings.check_hostname or settings.client_checks_identity):
            problem = Why(Cause.OTHER_HOST, (listed, settings.host))
        refused = self._client_refuses(event.client_names_host)
        if refused:
            self._client_ends("TLS", refused)
            problem = problem or Why(Cause.CLIENT_REFUSES, (refused,))
        failed = problem and (refused or not settings.allow_unverified)
        why = problem or Why(Cause.NONE, ("the certificate is for ", listed))
        self._record("TLS", "failed" if failed else "ok", event, why, TLS_FAILED if failed else 0)
        if self.state == "auth-tls":
            return self._start_auth()
        return "implicit" if settings.implicit_tls else "ok"

    def _judge_injection(self, event: Event) -> str:
        """The client drops what came along with the reply, and goes on; this does so only if told that it may."""
        if not self.settings.allow_unverified:
            return self._fail("STARTTLS", event, Why(Cause.INJECTED))
        self._record("STARTTLS", "failed", event, Why(Cause.INJECTED), TLS_FAILED)
        return "ok"

    def _judge_refused_ehlo(self, phase: str, event: Event) -> str:
        """The client says HELO instead; under TLS it goes by what was offered in clear text."""
        odd = event.reply.odd if event.reply and event.reply.code == NO_CODE else None
        words = (odd.text() if odd else "refused",)
        if phase == "EHLO":
            self._record(phase, "failed", event, Why(Cause.HELO_INSTEAD, words))
            return "helo"
        self._record(phase, "failed", event, Why(Cause.AS_BEFORE_TLS, words))
        return self._plan_auth()

    def _judge_ehlo(self, phase: str, event: Event) -> str:
        lines = event.reply.lines[1:] if event.reply and phase != "HELO" else ()
        offered = tuple(Said(_head(line)) for line in lines[:MAX_OFFERED])
        self.extensions = _extensions(lines)
        listed = [word for line in offered for word in (", ", line)]
        self._record(phase, "ok", event, Why(Cause.NONE, tuple(listed[1:])))
        if self.tls is not None:
            self.offered_tls = offered
            return self._plan_auth()
        self.offered = offered
        if self.settings.starttls and "STARTTLS" in self.extensions:
            return "upgrade"
        if self.settings.starttls and self.settings.starttls_required:
            self.stopped = Why(Cause.STARTTLS_MISSING)
            self._record("STARTTLS", "failed", Event(), self.stopped, TLS_FAILED)
            return "done"
        for name in UPGRADE if self.settings.starttls else ():
            self._record(name, "skipped", Event(), Why(Cause.CLEAR_TEXT))
        return self._plan_auth()

    def _judge_auth(self, event: Event, code: int) -> str:
        """235 is success at any step, but for a client that gave up; 530 lets it issue STARTTLS, whatever it was told.

        product/mail-client.md#measured-challenge, product/mail-client.md#measured-challenge-sasl.
        """
        gave_up = self.state == "auth-cancel" and not self._sasl
        if code == 235 and gave_up:
            self._client_ends("AUTH", "{} asked for more".format("OAUTH2" if self.mechanism == "XOAUTH2" else self.mechanism))
        elif code == 235:
            self._record("AUTH", "ok", event, Why(Cause.NONE, (str(self.mechanism),)))
            return self._go_on()
        if code == 334 and self.state in ("auth-login", "auth-user"):
            return "ok"
        if code == 334 and self.state == "auth-blob":
            self._challenge = _challenge_words(event.reply.lines[0] if event.reply else "")
            return "challenged"
        if code == 530 and self.state in ("auth-login", "auth-blob") and self.tls is None:
            return "upgrade"
        return self._fail("AUTH", event)

    def _offers(self, mechanism: str) -> bool:
        words = self.extensions.get("AUTH")
        if words is None:
            return False
        return mechanism in words.upper().split() or (mechanism == "LOGIN" and "AUTH=LOGIN" in self.extensions)

    def _choose_mechanism(self) -> Optional[str]:
        settings = self.settings
        if settings.sasl is not None:
            named = [name for name in settings.sasl if self._offers(name.upper())]
            known = (
                name
                for name in (named if settings.sasl else self.extensions.get("AUTH", "").split())
                if name in (*SASL, "GSSAPI")
            )
            first = next(known, "GSSAPI")  # which the library cannot start: then it is left alone
            self._sasl = first != "GSSAPI"
            if self._sasl:
                if settings.authzid == "":  # the library does not start either, and that ends the client
                    self._client_ends("AUTH", "java.lang.IllegalArgumentException")
                return first
        return next((name for name in settings.mechanisms if self._offers(name)), None)

    def _plan_auth(self) -> str:
        settings, extensions = self.settings, self.extensions
        status, cause, exit_code = "skipped", Cause.NONE, 0
        offered = "AUTH" in extensions or "AUTH=LOGIN" in extensions
        self.mechanism = self._choose_mechanism() if settings.authenticate else None
        if not settings.authenticate:
            cause = Cause.AUTH_OFF
        elif not settings.has_credentials:
            status, cause, exit_code = "failed", Cause.NO_CREDENTIALS, AUTHENTICATION
        elif not offered and self.tls is None and "STARTTLS" in extensions:
            status, cause, exit_code = "failed", Cause.AUTH_AFTER_STARTTLS, TLS_FAILED
        elif not offered:
            cause = Cause.AUTH_NOT_OFFERED
        elif self.mechanism is None:
            status, cause, exit_code = "failed", Cause.NO_MECHANISM, AUTHENTICATION
        else:
            return self._start_auth()
        self._record("AUTH", status, Event(), Why(cause), exit_code)
        goes_on = not settings.authenticate or (not offered and settings.has_credentials)
        return self._go_on() if goes_on else "done"

    def _go_on(self) -> str:
        """The client says MAIL FROM next; so does this, as long as it is where the client would be."""
        return "mail" if self.settings.sender else "done"

    def _start_auth(self) -> str:
        settings, status, exit_code = self.settings, "withheld", TLS_FAILED
        if self.tls is None and not settings.allow_cleartext:
            why = Why(Cause.IN_CLEAR)
        elif self.tls and not (self.tls["verified"] or settings.allow_unverified):
            why = Why(Cause.NOT_TRUSTED)
        elif settings.unresolved or self.mechanism not in SPOKEN:
            status, exit_code = "skipped", 0
            why = Why(Cause.SECRET_UNKNOWN, (settings.unresolved,))
            if not settings.unresolved:
                why = Why(Cause.NOT_SPOKEN, (str(self.mechanism),))
        else:
            return "login" if self.mechanism == "LOGIN" else "blob"
        self._record("AUTH", status, Event(), why, exit_code)
        return "done"

    def text(self, why: Why) -> str:
        """Return a sentence with a peer's words masked."""
        return why.text(self._clean)

    def _clean(self, text: str) -> str:
        text = mask(printable(_head(text)), self._secrets, self._echoes)
        if len(self._sent_user) >= SHORT:  # no secret: a short one would tear words apart
            text = text.replace(self._sent_user, SENT)
        return _cut(text)

    def _phase(self, name: str) -> Phase:
        note = self.notes[name]
        detail = _cut(self.text(note.why))
        cause = str(note.why.cause.value)
        return Phase(name, note.status, note.code, self._clean(note.reply), note.ms, detail, note.enhanced, cause)

    def _shown_tls(self) -> Optional[Dict[str, Any]]:
        tls = self.tls or self.seen_tls
        return tls and {**tls, "names": tuple(map(self._clean, tls["names"]))}

    def report(self, name: str) -> Report:
        """Return the report; call it when the machine has reached ``end``. What a peer said is masked here, and nowhere else."""
        client, at = _client(self), self.settings
        phases = tuple(self._phase(phase) for phase in self._order if phase in self.notes)
        offered, offered_tls = tuple(map(self._clean, self.offered)), tuple(map(self._clean, self.offered_tls))
        found = tuple(_findings(self, client))
        seen = (phases, self._shown_tls(), offered, offered_tls, client, found, self.exit_code)
        return Report(name, at.host, at.port, "local", *seen, self.chain, self.chain_error, self.chain_code)


def _head(text: str) -> str:
    """Return as much of a peer's text as is looked at; what is shown is shorter."""
    return text[: 4 * MAX_SHOWN]


def _cut(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "..."


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii")


def _challenge_words(challenge: str) -> Said:
    """Return the error that XOAUTH2 hides in a challenge, JSON behind Base64, in words; nothing if it is none."""
    try:
        error = json.loads(base64.b64decode(challenge[:MAX_LINE], validate=True))
    except (ValueError, RecursionError):
        return Said()
    if not isinstance(error, dict):
        return Said()
    words = ["{} {}".format(name, value) for name, value in error.items() if isinstance(value, (str, int)) and value != ""]
    return Said(": " + ", ".join(words) if words else "")


def _extensions(lines: Sequence[str]) -> Dict[str, str]:
    """Return the extensions of an EHLO reply as the client reads them: of two lines of one name the last counts."""
    extensions = {}
    for line in lines:
        name, _, words = line.partition(" ") if not line.startswith(" ") else (line, "", "")
        extensions[name.upper()] = words
    return extensions


# the verdict


def _client(machine: Machine) -> Client:
    """Return what the server's client does; where it would do other than was done here, it is predicted."""
    settings, notes, mechanism, end = machine.settings, machine.notes, machine.mechanism, machine.client_end
    auth = notes["AUTH"]
    if settings.client_error or (settings.authenticate and not settings.has_credentials):
        return Client("failed", settings.client_error or "failed to connect, no password specified?", False, basis="predicted")
    other_store = settings.ca_pem is None and not settings.client_trusts_host and bool(machine.tls or machine.chain_error)
    injected = notes.get("STARTTLS", Note()).why.cause is Cause.INJECTED
    doubtful = injected
    if machine.stopped and machine.stopped.cause is Cause.CLIENT_CERTIFICATE:
        doubtful = not settings.client_trusts_host  # its JVM may have one, which the factory for trusted hosts never sends
    basis = "predicted" if other_store or doubtful or settings.unmodelled else "observed"
    authenticated = auth.status == "ok"
    if end is not None:
        return Client("failed", end.error, authenticated and end.phase in SENDING, end.mechanism, end.sent_clear, basis)
    if injected and machine.stopped and machine.stopped.cause is Cause.INJECTED:
        return Client("connected", None, None if settings.authenticate else False, basis="predicted")
    if machine.stopped:
        return Client("failed", _cut(machine.text(machine.stopped)), authenticated, mechanism, machine.sent_clear, basis)
    # Of AUTH that is offered after STARTTLS only, the client never hears: it goes on, and the reply to MAIL FROM decides.
    if auth.status == "failed" and notes.get("MAIL FROM", Note()).status != "ok":
        error = "{} {}".format(auth.code, machine._clean(auth.reply)) if auth.code else machine.text(auth.why)
        return Client("failed", error, False, mechanism, machine.sent_clear, basis if auth.code else "predicted")
    if mechanism is None or authenticated:
        return Client("connected", None, authenticated, mechanism, machine.sent_clear, basis)
    clear = machine.sent_clear or (mechanism in SPOKEN and machine.tls is None)
    return Client("connected", None, None, mechanism, clear, "predicted")


def _findings(machine: Machine, client: Client) -> Iterable[Finding]:
    settings = machine.settings
    if client.cleartext_credentials:
        required = "'mail.smtp.starttls.required' = true"
        yield Finding("cleartext-credentials", "error", "the client sends the credentials in clear text", required)
    if machine.fell_back:
        yield Finding("fell-back", "warning", "the client's socket factory fails, and the client tries again without it")
    yield from _faults(machine)
    if machine.more_addresses and machine.notes["connect"].status == "failed":
        number = machine.more_addresses
        message = "the name has {} more address{}, and the client tries the first alone".format(
            number, "es" if number > 1 else ""
        )
        yield Finding(
            "first-address-only", "warning", message, "give the relay a name with one address, or put a balancer before it"
        )
    for oddity in sorted(machine.odd):
        yield Finding("odd-reply", "warning", oddity.text() + ", and the client takes it")
    for name in settings.unmodelled:
        yield Finding("unsure", "info", "unsure: {} changes what the client does, and is not followed here".format(name))
    if machine.names_host is False and not settings.client_checks_identity:
        identity = "'mail.smtp.ssl.checkserveridentity' = true"
        yield Finding(
            "name-mismatch", "error", "the certificate is not for this host, and the client does not check that", identity
        )
    if machine.chain_error and settings.client_trusts_host:
        message = "the chain does not verify, and the client is told to take any certificate of this host"
        yield Finding("chain-unverified", "error", message, "import the relay's CA into the server's trust store")
    if not settings.sender.isascii() and not settings.utf8:
        message = "of each character of the sender's address that is not ASCII, the client sends one byte: to the relay it is another address"
        yield Finding("address-not-ascii", "error", message, "an address in ASCII, or 'mail.mime.allowutf8' = true")
    elif not settings.sender.isascii() and machine.notes["AUTH"].status != "not-reached" and "SMTPUTF8" not in machine.extensions:
        message = "the client sends the sender's address in UTF-8, and the relay does not offer SMTPUTF8"
        yield Finding("address-not-ascii", "warning", message, "an address in ASCII, or a relay that offers SMTPUTF8")
    if settings.authenticate and client.outcome == "connected" and client.authenticated is False:
        message = "AUTH is not offered: the client mails without authenticating, and raises no error"
        yield Finding("auth-not-offered", "warning", message, "switch authentication off, if that is meant")
    if settings.ca_pem is None and (machine.tls or machine.chain_error):
        message = "the chain was checked against this machine's trust store, not the server's"
        yield Finding("other-trust-store", "info", message, "--trust-store client-truststore.p12")


def _faults(machine: Machine) -> Iterable[Finding]:
    """Yield what is behind a failed phase, as far as it shows, and what helps."""
    busy: Optional[Tuple[str, str]] = None
    for name, note in machine.notes.items():
        cause = note.why.cause
        if note.status != "failed":
            continue
        if note.code is not None and 400 <= note.code < 500 and name in TEMPORARY:
            busy = (name, "{} {}".format(note.code, note.enhanced or "").strip())
        if cause in _FAULTS:
            yield _FAULTS[cause]
        elif cause in (Cause.NO_TLS_HERE, Cause.GREETS_IN_CLEAR):
            remedy = "'mail.smtp.ssl.enable' = false: the port begins in clear text"
            remedy = remedy if cause is Cause.GREETS_IN_CLEAR else CHECK_PORT
            yield _NO_TLS._replace(remedy=remedy) if machine.settings.implicit_tls else _CLEAR_BEHIND_STARTTLS
    if busy is not None:
        yield Finding("temporary", "info", "{}: the relay says that this is temporary ({})".format(*busy), "try again later")


_NO_TLS = Finding("tls-not-spoken", "error", "what answers on this port does not speak TLS", CHECK_PORT)
_CLEAR_BEHIND_STARTTLS = Finding(
    "tls-not-spoken",
    "error",
    "clear text follows where TLS should begin",
    "find out who sends it: the relay, or a proxy before it",
)
_NOT_SMTP = Finding("not-smtp", "error", "what answers on this port is no mail server", CHECK_PORT)
_FAULTS = {
    Cause.INJECTED: Finding(
        "starttls-injected",
        "error",
        "clear text came along with the reply to STARTTLS: somebody on the way may speak in the relay's place",
        "find out who sends it: the relay, a proxy before it, or an attacker",
    ),
    Cause.TLS_FIRST: Finding(
        "tls-first-port",
        "error",
        "the port speaks TLS from the first byte, and the client begins in clear text",
        "'mail.smtp.ssl.enable' = true",
    ),
    Cause.NOT_SMTP: _NOT_SMTP,
    Cause.NOT_SMTP_LATE: _NOT_SMTP,
    Cause.CLIENT_CERTIFICATE: Finding(
        "client-certificate",
        "error",
        "the relay demands a certificate of the client; this check has none, and neither has the server's client, "
        "unless its JVM is told of a key store",
        "let the relay take this sender by user name and password alone, or set -Djavax.net.ssl.keyStore for the server's JVM",
    ),
}


# the wire


@lru_cache(maxsize=64)
def tls_context(
    ca_pem: Optional[str], *, verify: bool, minimum: str = "TLSv1.2", maximum: str = "TLSv1.3", ciphers: str = ""
) -> ssl.SSLContext:
    """Return a context that checks the chain, and leaves the name to ``matches_host``.

    Raises:
        HandshakeError: *ca_pem* holds no usable certificate.
    """
    context: Any = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.minimum_version = ssl.TLSVersion[minimum.replace(".", "_")]
    context.maximum_version = ssl.TLSVersion[maximum.replace(".", "_")]
    if ciphers:
        context.set_ciphers(ciphers + ":@SECLEVEL=0")  # what the client refuses is for its own settings to say
    # Java takes every certificate of its trust store as an anchor, not self-signed ones alone.
    context.verify_flags |= getattr(ssl, "VERIFY_X509_PARTIAL_CHAIN", 0x80000)
    _watch(context)
    if not verify:
        context.verify_mode = ssl.CERT_NONE
    elif ca_pem is None:
        context.load_default_certs()
    else:
        blocks = re.findall(r"-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----", ca_pem)
        try:
            context.load_verify_locations(cadata="\n".join(blocks))
        except (ssl.SSLError, ValueError):
            raise HandshakeError("the trust store holds no usable PEM certificate") from None
    made: ssl.SSLContext = context
    return made


def peer_chain(tls: ssl.SSLObject) -> Tuple[bytes, ...]:
    """Return what the peer sent, DER, its own certificate first; before Python 3.10 that one alone."""
    inner: Any = getattr(tls, "_sslobj", None)
    read = getattr(inner, "get_unverified_chain", None)
    if read is not None:
        try:
            return tuple(bytes(item if isinstance(item, bytes) else item.public_bytes(2)) for item in read() or ())  # 2: DER
        except (AttributeError, TypeError, ValueError, ssl.SSLError):
            pass  # no public interface before 3.13
    own = tls.getpeercert(True)
    return (own,) if own else ()


_ALERT = re.compile(r"(?:sslv3|tlsv1|tlsv13|ssl/tls) alert (.+)")
_NO_VERSION = ("unsupported protocol", "protocol version", "version too low", "no protocols available")
_GARBLED = ("wrong version number", "record layer failure", "packet length too long", "http request", "unexpected message")
_WANTS_CERTIFICATE = ("certificate required", "handshake failure", "bad certificate", "no certificate", "certificate unknown")
CERTIFICATE_REQUEST = 13  # a handshake message's number


def _tls_why(error: ssl.SSLError, *, certificate_wanted: bool) -> Why:
    """Return the cause by OpenSSL's own name of it, which stays in the words: it helps to search."""
    reason = (error.reason or "").replace("_", " ").lower()
    alert = _ALERT.fullmatch(reason)
    name = alert.group(1) if alert else reason
    words = "the peer ends TLS with an alert: " + name if alert else reason or "TLS failed"
    if alert and (name == _WANTS_CERTIFICATE[0] or (certificate_wanted and name in _WANTS_CERTIFICATE)):
        return Why(Cause.CLIENT_CERTIFICATE, (name,))
    if name.endswith(_NO_VERSION):
        return Why(Cause.TLS_VERSION, (words,))
    if not alert and reason in _GARBLED:
        return Why(Cause.TLS_GARBLED, (reason,))
    return Why(Cause.TLS_ALERT if alert else Cause.TLS_BROKEN, (words,))


def _watch(context: Any) -> None:
    """Have each message of TLS looked at: no public interface tells that the peer asks for a certificate.

    ``ssl`` makes enumerations of each message's numbers first, which takes as long as a fifth of the handshake: they are left out.
    """
    try:
        super(ssl.SSLContext, ssl.SSLContext)._msg_callback.__set__(context, _watch_for_request)  # type: ignore[misc]
    except AttributeError:
        context._msg_callback = _watch_for_request


def _watch_for_request(
    peer: Any, direction: str, version: int, content_type: int, message: int, data: bytes
) -> None:  # as ``ssl`` calls it
    if direction == "read" and content_type == 22 and message == CERTIFICATE_REQUEST:
        peer.certificate_wanted = True


def _lost_why(error: Exception) -> Why:
    words = (getattr(error, "strerror", None) or "",)
    if not words[0]:
        return Why(Cause.UNUSABLE)
    if isinstance(error, PeerClosed):
        return Why(Cause.CLOSED)
    if isinstance(error, socket.gaierror):
        return Why(Cause.UNRESOLVED, words)
    return Why(Cause.CONNECTION_REFUSED if isinstance(error, ConnectionRefusedError) else Cause.LOST, words)


class PeerClosed(ConnectionResetError):
    """Say that the peer ended the connection in good order."""

    def __init__(self) -> None:
        super().__init__(0, Cause.CLOSED.sentence)


def _first_line(data: bytes) -> str:
    line = data[:100].decode("utf-8", "replace").splitlines()[0]
    return printable(line) or "something else"


_LATE = {Cause.NOT_SMTP: Cause.NOT_SMTP_LATE, Cause.NO_REPLY: Cause.NO_REPLY_LATE}


class _Wire:
    """Own the socket: do one step after the other, each phase within its time, all within the deadline."""

    def __init__(self, settings: Settings, context: ssl.SSLContext, ends: float) -> None:
        self._settings = settings
        self._context = context
        self._ends = ends
        self._until = 0.0
        self._phase = ""
        self._address = ""
        self._begun: Optional[ssl.SSLObject] = None  # TLS until the peer's first reply in it
        self._tls_object: Optional[ssl.SSLObject] = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()  # what crosses the wire under TLS
        self._socket: Optional[socket.socket] = None
        self._waited = 0.0
        self._parser = ReplyParser()

    def perform(self, step: Step) -> Event:
        """Do a step and return what came of it; what a peer or a network does is no exception."""
        started, self._waited = time.monotonic(), 0.0
        if step.phase != self._phase:
            self._phase, self._until = step.phase, min(started + self._settings.timeout, self._ends)
        try:
            event: Event = getattr(self, "_" + step.do)(step)
        except socket.timeout:
            cause = Cause.DEADLINE if self._until == self._ends else Cause.TIMED_OUT
            event = Event("timeout", Why(cause), trailing=self._parser.trailing)
        except ssl.SSLCertVerificationError as error:
            event = Event("chain", Why(Cause.CHAIN, (error.verify_message,)), chain_code=error.verify_code)
        except ssl.SSLError as error:
            event = Event("tls", _tls_why(error, certificate_wanted=self._certificate_wanted))
        except ProtocolError as error:
            event = Event("garbled", Why(error.cause))
        except (OSError, ValueError, OverflowError) as error:
            event = Event("tls" if step.do == "tls" else "lost", _lost_why(error))
        if event.why.cause in (Cause.CLOSED, Cause.LOST) and self._certificate_wanted:
            event = event._replace(failure="tls", why=Why(Cause.CLIENT_CERTIFICATE, ("it closes the connection without one",)))
        took = time.monotonic() - started
        return event._replace(ms=took * 1000, waited=took if step.do == "tls" else self._waited)

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    @property
    def _certificate_wanted(self) -> bool:
        """Whether the peer asked for a certificate in TLS, and said nothing since."""
        return bool(getattr(self._begun, "certificate_wanted", False))

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise socket.timeout
        return left

    def _timed(self) -> socket.socket:
        if self._socket is None:
            raise PeerClosed
        self._socket.settimeout(self._left())
        return self._socket

    def _resolve(self, step: Step) -> Event:
        """Resolve a name in a thread of its own: the resolver knows no time-out."""
        host, answers = _bare(self._settings.host), []  # type: str, List[Any]

        def ask() -> None:
            try:
                answers.append(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
            except (OSError, ValueError) as error:
                answers.append(error)

        if _address(host) is not None:
            ask()  # an address is nobody asked for
        else:
            thread = threading.Thread(target=ask, daemon=True)
            thread.start()
            thread.join(self._left())
        if not answers:
            raise socket.timeout
        if isinstance(answers[0], Exception):
            raise answers[0]
        found = sorted(answers[0], key=lambda answer: bool(answer[0] != socket.AF_INET))
        addresses = tuple(dict.fromkeys(str(answer[4][0]) for answer in found))
        self._address = addresses[0]  # the client tries no other
        first = addresses[0] if len(addresses) == 1 else "{}, the first of {}".format(addresses[0], len(addresses))
        return Event(why=Why(Cause.NONE, (first,)), more_addresses=len(addresses) - 1)

    def _connect(self, step: Step) -> Event:
        self._socket = socket.create_connection((self._address, self._settings.port), self._left())
        self._socket.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
        )  # EHLO need not wait until TLS's last words are acknowledged
        return Event()

    def _tls(self, step: Step) -> Event:
        host = self._settings.host
        # As the client does: no name indication for addresses, and for names without a dot.
        named = "." in host.strip(".") and not host.endswith(".") and _address(_bare(host)) is None
        tls = self._context.wrap_bio(self._incoming, self._outgoing, server_hostname=host if named else None)
        self._parser, self._begun, heard = ReplyParser(), tls, b""
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._flush()
            except ssl.SSLError:
                with suppress(OSError):
                    self._flush()  # the alert
                if self._incoming.eof:
                    return Event("tls", Why(Cause.CLOSED))
                raise
            data = self._read_for_tls()
            if not heard and data[:1] not in (b"", b"\x15", b"\x16"):
                cause = Cause.GREETS_IN_CLEAR if data.startswith(b"220") else Cause.NO_TLS_HERE
                return Event("tls", Why(cause, (Said(_first_line(data)),)))
            heard = heard or data
        self._flush()
        self._tls_object = tls
        chain = peer_chain(tls)
        certificate = read_certificate(chain[0] if chain else b"")
        names = tuple(str(name) for _, name in certificate.get("subjectAltName", ()))
        facts = {"version": tls.version(), "cipher": (tls.cipher() or ("",))[0], "names": names}
        named_host = matches_host(certificate, _bare(host).rstrip("."))
        return Event(tls=facts, chain=chain, names_host=named_host, client_names_host=client_names(certificate, host))

    def _talk(self, step: Step) -> Event:
        if step.data:
            with suppress(ConnectionError):  # what a peer said before it closed the connection is there to be read
                self._send(step.data)
        while True:
            reply = self._parser.next_reply()
            if reply is not None:
                self._begun = None
                return Event(reply=reply, trailing=self._parser.trailing)
            data = self._receive()
            if not data:
                reply = self._parser.finish()
                if reply is not None:
                    return Event(reply=reply)
                raise PeerClosed
            self._parser.feed(data)

    def _provoke(self, step: Step) -> Event:
        """Begin TLS, and an empty HTTP request, with a peer that says nothing; name what it speaks."""
        self._until = min(time.monotonic() + PATIENCE, self._ends)
        with suppress(ssl.SSLWantReadError):
            self._context.wrap_bio(self._incoming, self._outgoing).do_handshake()
        self._send(self._outgoing.read() + b"\r\n\r\n")
        said = self._receive().decode("latin-1")
        if not said:
            return Event()
        if said.startswith(tuple("2345")):
            return Event(why=Why(Cause.SLOW_TO_GREET))
        spoken = spoken_instead(said)
        if spoken.words == ("TLS",):
            return Event(why=Why(Cause.TLS_FIRST))
        return Event(why=spoken._replace(cause=_LATE[spoken.cause]))

    def _send(self, data: bytes) -> None:
        if self._tls_object is None:
            self._timed().sendall(data)
        else:
            self._tls_object.write(data)
            self._flush()

    def _receive(self) -> bytes:
        """Return some bytes of the peer, none at the end."""
        if self._tls_object is None:
            return self._read()
        while True:
            try:
                return self._tls_object.read(4096)
            except ssl.SSLWantReadError:
                self._flush()
                self._read_for_tls()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._timed().sendall(self._outgoing.read())

    def _read(self) -> bytes:
        peer, started = self._timed(), time.monotonic()
        try:
            return peer.recv(4096)
        finally:
            self._waited = max(self._waited, time.monotonic() - started)

    def _read_for_tls(self) -> bytes:
        data = self._read()
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()
        return data


def _drive(machine: Machine, ends: float, *, no_further: bool = False) -> Machine:
    settings = machine.settings
    versions = {"minimum": settings.tls_minimum, "maximum": settings.tls_maximum}
    context = tls_context(settings.ca_pem, verify=not machine.chain_error, ciphers=settings.ciphers, **versions)
    wire = _Wire(settings, context, ends)
    try:
        while machine.state != "end" and not (no_further and (machine.tls or machine.state == "stranger")):
            machine.receive(wire.perform(machine.step()))
    finally:
        wire.close()
    return machine


def probe(settings: Settings, *, name: str = "") -> Report:
    """Hold the handshake and return the report, within ``settings.deadline`` seconds.

    Where the chain does not verify, and the client or the caller does not mind, a second connection goes on
    without the check; what the first one found stays in the report.

    Raises:
        HandshakeError: the settings cannot be used.
    """
    ends = time.monotonic() + settings.deadline
    machine = _hold(settings, ends)
    if settings.fallback is not None and machine.falls_back:
        machine = _hold(settings._replace(**{**settings.fallback, "fallback": None}), ends)
        machine.fell_back = True
    return machine.report(name)


def _hold(settings: Settings, ends: float) -> Machine:
    machine = _drive(Machine(settings), ends)
    if machine.chain_error and (settings.allow_unverified or settings.client_trusts_host):
        again = _drive(Machine(settings, chain_error=machine.chain_error, chain_code=machine.chain_code), ends)
        return again if again.tls or settings.client_trusts_host else machine  # which says more than one that got no further
    if machine.chain_error:  # what is wrong with the certificate, its verification does not say
        bare = settings._replace(authenticate=False, password=None, token=None, fallback=None)
        fetched = _drive(Machine(bare, chain_error=machine.chain_error), ends, no_further=True)
        machine.chain = fetched.chain
        if fetched.tls:
            machine.seen_tls = fetched.tls
    return machine
