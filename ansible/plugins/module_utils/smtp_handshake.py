# SPDX-License-Identifier: Apache-2.0
"""Talk SMTP as far as AUTH; say how each phase went, and what the server's own mail client would do.

The rule of this file: one file, standard library only, Python 3.8 syntax, since it runs on nodes. The core has no
socket: ``ReplyParser`` turns bytes into replies, ``Machine`` says what to do next and takes what came of it, by
the table ``STATES``; ``probe`` drives it over a connection, and nothing outlives its deadline. Credentials go out
over TLS whose chain and name verify, or where the caller lifted just that check. What a peer says loses control
characters and whatever was sent to it before anything keeps it.
"""

from __future__ import annotations

import base64
import ipaddress
import re
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field, replace
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

__all__ = ["HandshakeError", "Machine", "ProtocolError", "ReplyParser", "Report", "Settings", "probe"]

MAX_LINE, MAX_REPLY, MAX_SHOWN = 4096, 65536, 500
SENT = "<sent>"
CLIENT_PREFERENCE = ("LOGIN", "PLAIN", "DIGEST-MD5", "NTLM")  # XOAUTH2 only where the settings name it
SPOKEN = ("LOGIN", "PLAIN", "XOAUTH2")
UNREACHABLE, AUTHENTICATION, TLS_FAILED, REFUSED = 3, 4, 5, 6
UPGRADE = ("STARTTLS", "TLS", "EHLO again")


class HandshakeError(Exception):
    """Say why no handshake can be held; the message holds no value of the peer or of the settings."""


class ProtocolError(HandshakeError):
    """Say that the peer sent what is no SMTP reply."""


@dataclass(frozen=True)
class Settings:
    """Hold what to verify, in neutral terms; ``mailwright.verify`` makes it from the client's properties."""

    host: str
    port: int
    implicit_tls: bool = False
    starttls_enable: bool = False
    starttls_required: bool = False
    authenticate: bool = False
    username: str = ""
    password: Optional[str] = field(default=None, repr=False)
    token: Optional[str] = field(default=None, repr=False)
    unresolved: str = ""  # why the credentials are not known here: AUTH is skipped
    mechanisms: Tuple[str, ...] = ()  # best first; empty for the client's own order
    ca_pem: Optional[str] = field(default=None, repr=False)  # None: the system's store, not the server's
    check_hostname: bool = True
    client_checks_identity: bool = False
    client_trusts_host: bool = False  # the client takes any chain of this host
    timeout: float = 10.0  # seconds for each phase
    deadline: float = 40.0  # seconds for everything
    allow_cleartext: bool = False
    allow_unverified: bool = False
    local_hostname: str = "localhost"

    @property
    def starttls(self) -> bool:
        """Whether the client uses STARTTLS where it is offered."""
        return not self.implicit_tls and (self.starttls_enable or self.starttls_required)

    @property
    def has_credentials(self) -> bool:
        """Whether there is something to authenticate with, known here or not."""
        secret = self.token if "XOAUTH2" in self.mechanisms else self.password
        return bool(self.unresolved) or bool(self.username and secret)


@dataclass(frozen=True)
class Phase:
    """Hold how one phase went: ``ok``, ``failed``, ``skipped``, ``withheld`` or ``not-reached``."""

    name: str
    status: str = "not-reached"
    code: Optional[int] = None
    reply: str = ""
    ms: float = 0.0
    detail: str = ""


@dataclass(frozen=True)
class Client:
    """Hold what the server's own mail client does with these settings."""

    outcome: str
    error: Optional[str] = None
    authenticated: Optional[bool] = None
    mechanism: Optional[str] = None
    cleartext_credentials: bool = False
    basis: str = "observed"


@dataclass(frozen=True)
class Report:
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
    findings: Tuple[str, ...]
    exit_code: int

    def phase(self, name: str) -> Phase:
        """Return a phase by its name; one that these settings do not have is ``skipped``."""
        return next((phase for phase in self.phases if phase.name == name), Phase(name, "skipped"))

    def to_json(self) -> Dict[str, Any]:
        """Return the object for this sender in ``verify --format json``."""
        fields = {**vars(self), "findings": list(self.findings), "client": dict(vars(self.client))}
        fields["phases"] = [dict(vars(phase)) for phase in self.phases]
        fields["tls"] = self.tls and {**self.tls, "names": list(self.tls["names"])}
        return {name: value for name, value in fields.items() if not name.startswith("offered")}


class Reply(NamedTuple):
    """Hold one complete reply: its code, and its lines without control characters."""

    code: int
    lines: Tuple[str, ...]


class ReplyParser:
    """Turn bytes into replies, however they are cut into pieces; memory stays bounded."""

    _LINE = re.compile(r"([2-5][0-9]{2})(?:([ -])(.*))?", re.ASCII | re.DOTALL)

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._lines: List[str] = []
        self._code = 0
        self._size = 0
        self._broken = ""

    @property
    def trailing(self) -> int:
        """How many bytes were fed that no complete reply has used."""
        return len(self._buffer) + self._size

    def feed(self, data: bytes) -> None:
        """Take bytes from the peer."""
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
                self._broken = "the peer sent a line without end"
                break
            line = self._buffer[:end].decode("utf-8", "replace")
            del self._buffer[: end + 1]
            self._size += end + 1
            reply = self._take(line[:-1] if line.endswith("\r") else line)
            if reply is not None:
                return reply
        raise ProtocolError(self._broken)

    def _take(self, line: str) -> Optional[Reply]:
        match = self._LINE.fullmatch(line)
        if not match:
            self._broken = "the peer sent a line that is no SMTP reply"
            return None
        code, more, text = int(match.group(1)), match.group(2) == "-", printable(match.group(3) or "")
        if self._lines and code != self._code:
            self._broken = "the peer changed the code within one reply"
        elif self._size > MAX_REPLY:
            self._broken = "the peer sent a reply without end"
        self._lines.append(text)
        self._code = code
        if more or self._broken:
            return None
        reply = Reply(code, tuple(self._lines))
        self._lines, self._size = [], 0
        return reply


def printable(text: str) -> str:
    """Return *text* without control, format and other characters that do not print."""
    return "".join(character for character in text if character.isprintable())


def mask(text: str, secrets: Iterable[str]) -> str:
    """Replace what was sent, also any eight characters in a row of it: peers that echo cut long lines.

    A peer can also echo it in pieces, in another case, reversed or encoded; a text with such an echo is hidden as a whole.
    """
    sent = list(filter(None, map(printable, secrets)))
    hidden: Set[int] = set()
    for secret in sent:
        size = min(len(secret), 8)
        pieces = {secret[at : at + size] for at in range(len(secret) - size + 1)}
        for at in range(len(text) - size + 1):
            if text[at : at + size] in pieces:
                hidden.update(range(at, at + size))
    shown = "".join(text[at] if at not in hidden else "" if at - 1 in hidden else SENT for at in range(len(text)))
    return SENT if any(_echoes(shown, secret) for secret in sent) else shown


ECHO = 6
"""Letters and digits in a row, separators and case aside, that count as an echo of a secret."""


def _echoes(text: str, secret: str) -> bool:
    folded = _folded(text.replace(SENT, ""))
    raw = secret.encode("utf-8")
    encoded = [
        base64.b64encode(b"\0" * offset + raw).decode("ascii")[2 * bool(offset) + offset : -4 or None] for offset in range(3)
    ]
    for variant in (secret, secret[::-1], raw.hex(), *encoded):
        wanted = _folded(variant)
        windows = {wanted[at : at + ECHO] for at in range(len(wanted) - ECHO + 1)}
        if any(folded[at : at + ECHO] in windows for at in range(len(folded) - ECHO + 1)):
            return True
    return False


def _folded(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


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


def _address(text: str) -> Any:
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None


@dataclass(frozen=True)
class Step:
    """Hold what the driver does: ``resolve``, ``connect``, ``tls``, ``talk`` (send *data*, if any, and read), ``close``."""

    phase: str
    do: str
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Event:
    """Hold what came of a step. *failure*: ``timeout``, ``lost``, ``garbled``, ``tls``, ``chain``, or empty."""

    failure: str = ""
    detail: str = ""
    reply: Optional[Reply] = None
    trailing: int = 0  # how many bytes the peer sent behind its reply
    tls: Optional[Dict[str, Any]] = None  # version, cipher, names
    names_host: Optional[bool] = None  # None where the certificate was not read
    ms: float = 0.0


# fmt: off
AFTER_EHLO = {"login": "auth-login", "blob": "auth-blob", "done": "quit", "refused": "quit"}

# state: (phase, what the driver does, command, awaited code, {outcome: next state})
# Outcomes: "ok" for what was awaited, where it is not named otherwise; "refused" for another code; and "lost" for a
# connection that is of no more use, which always leads to "end".
STATES: Dict[str, Tuple[str, str, str, int, Dict[str, str]]] = {
    "resolve":       ("resolve",    "resolve", "",           0,   {"ok": "connect"}),
    "connect":       ("connect",    "connect", "",           0,   {"ok": "banner", "implicit": "tls"}),
    "banner":        ("banner",     "talk",    "",           220, {"ok": "ehlo", "refused": "quit"}),
    "ehlo":          ("EHLO",       "talk",    "EHLO",       250, {"upgrade": "starttls", **AFTER_EHLO}),
    "starttls":      ("STARTTLS",   "talk",    "STARTTLS",   220, {"ok": "tls", "refused": "quit"}),
    "tls":           ("TLS",        "tls",     "",           0,   {"ok": "ehlo-again", "implicit": "banner"}),
    "ehlo-again":    ("EHLO again", "talk",    "EHLO",       250, AFTER_EHLO),  # what was said in clear is forgotten
    "auth-login":    ("AUTH",       "talk",    "AUTH LOGIN", 334, {"ok": "auth-user", "refused": "quit"}),
    "auth-user":     ("AUTH",       "talk",    "",           334, {"ok": "auth-password", "refused": "quit"}),
    "auth-password": ("AUTH",       "talk",    "",           235, {"ok": "quit", "refused": "quit"}),
    "auth-blob":     ("AUTH",       "talk",    "AUTH",       235, {"ok": "quit", "challenged": "auth-cancel", "refused": "quit"}),
    "auth-cancel":   ("AUTH",       "talk",    "",           0,   {"refused": "quit"}),  # XOAUTH2's error is a challenge
    "quit":          ("QUIT",       "talk",    "QUIT",       221, {"ok": "end", "refused": "end"}),
    "end":           ("",           "close",   "",           0,   {}),
}
# fmt: on


class Machine:
    """Decide what comes next, without a socket: ask ``step()``, do it, hand the ``Event`` to ``receive()``.

    Args:
        settings: What to verify.
        chain_error: Why the chain does not verify, where an earlier connection found that out.
    """

    def __init__(self, settings: Settings, *, chain_error: str = "") -> None:
        self.settings = settings
        self.state = "resolve"
        self.chain_error = chain_error
        self.tls: Optional[Dict[str, Any]] = None
        self.names_host: Optional[bool] = None
        self.offered: Tuple[str, ...] = ()
        self.offered_tls: Tuple[str, ...] = ()
        self.mechanism: Optional[str] = None
        self.stopped = ""  # why the conversation ended, for the client too
        self.exit_code = 0
        self._secrets = [text for text in (settings.password, settings.token) if text]
        self._secrets += [_base64(text) for text in self._secrets]
        self._sent_user = ""
        first = ("resolve", "connect", "TLS") if settings.implicit_tls else ("resolve", "connect")
        upgrade = UPGRADE if settings.starttls else ()
        self.phases = {name: Phase(name) for name in (*first, "banner", "EHLO", *upgrade, "AUTH", "QUIT")}
        self._ms: Dict[str, float] = {}

    def step(self) -> Step:
        """Return what the driver does next; where it talks, one reply is awaited."""
        phase, action, command, _, _ = STATES[self.state]
        silent = action != "talk" or self.state == "banner"
        words = [command] if command else []
        if command == "EHLO":
            words.append(re.sub(r"[^A-Za-z0-9.:\[\]_-]", "", self.settings.local_hostname) or "localhost")
        elif self.state in ("auth-user", "auth-password"):
            words.append(self._credentials(self.state))
        elif self.state == "auth-blob":
            words += [str(self.mechanism), self._credentials(str(self.mechanism))]
        return Step(phase, action, b"" if silent else " ".join(words).encode("ascii") + b"\r\n")

    def receive(self, event: Event) -> None:
        """Take what came of the step, and move on by the table."""
        phase, _, _, awaited, following = STATES[self.state]
        self._ms[phase] = self._ms.get(phase, 0.0) + event.ms
        outcome = "ok"
        if event.reply and event.reply.code == 334 and "challenged" in following:
            outcome = "challenged"
        elif event.failure or (event.reply and event.reply.code != awaited):
            outcome = self._fail(phase, event)
        elif phase == "STARTTLS" and event.trailing:
            outcome = self._fail(phase, event, "bytes were injected behind the reply to STARTTLS")
        elif phase == "TLS":
            outcome = self._judge_tls(event)
        elif awaited == 250:
            outcome = self._judge_ehlo(phase, event)
        elif awaited != 334:
            self._record(phase, "ok", event, str(self.mechanism) if phase == "AUTH" else "")
            outcome = "implicit" if phase == "connect" and self.settings.implicit_tls else "ok"
        self.state = "end" if outcome == "lost" else following[outcome]

    @property
    def client_refuses_certificate(self) -> str:
        """The client's error where it does not take this certificate, else an empty text."""
        if self.chain_error and not self.settings.client_trusts_host:
            return "could not convert socket to TLS: " + self.chain_error
        if self.names_host is False and self.settings.client_checks_identity:
            return "can't verify identity of server"
        return ""

    def _credentials(self, what: str) -> str:
        user, password = self.settings.username, self.settings.password or ""
        clear = {
            "auth-user": user,
            "auth-password": password,
            "PLAIN": "\0{}\0{}".format(user, password),
            "XOAUTH2": "user={}\x01auth=Bearer {}\x01\x01".format(user, self.settings.token or ""),
        }
        blob = _base64(clear[what])
        self._secrets.append(blob)
        self._sent_user = user
        return blob

    def _clean(self, text: str) -> str:
        text = mask(printable(text), self._secrets)
        if len(self._sent_user) > 3:  # no secret: a short one would tear words apart
            text = text.replace(self._sent_user, SENT)
        return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "..."

    def _record(self, phase: str, status: str, event: Event, detail: str = "", exit_code: int = 0) -> None:
        code, reply = (event.reply.code, " ".join(event.reply.lines)) if event.reply else (None, "")
        ms, detail = round(self._ms.get(phase, 0.0), 1), self._clean(detail or event.detail)
        self.phases[phase] = Phase(phase, status, code, self._clean(reply), ms, detail)
        self.exit_code = self.exit_code or exit_code

    def _fail(self, phase: str, event: Event, detail: str = "") -> str:
        """Record a failure; unless it is the reply to AUTH or to QUIT, it ends the client's conversation too."""
        refused = not event.failure and not detail
        detail = detail or event.detail
        if phase == "banner" and event.failure == "timeout":
            detail += "; a port that speaks TLS first is silent, and the client waits without limit by default"
        exit_code = UNREACHABLE if event.failure in ("timeout", "lost") else REFUSED
        if event.failure in ("tls", "chain") or (phase == "STARTTLS" and not event.failure):
            exit_code = TLS_FAILED
        elif phase == "AUTH" and refused:
            exit_code, detail = AUTHENTICATION, str(self.mechanism)
        self._record(phase, "failed", event, detail, 0 if phase == "QUIT" else exit_code)
        if phase != "QUIT" and exit_code != AUTHENTICATION:
            failed = self.phases[phase]
            self.stopped = failed.detail or "{} refused: {} {}".format(phase, failed.code, failed.reply)
        if event.failure == "chain":
            self.chain_error = detail
            if self.settings.authenticate and self.settings.has_credentials:
                self._record("AUTH", "withheld", Event(), "the certificate's chain does not verify")
        return "refused" if refused else "lost"

    def _judge_tls(self, event: Event) -> str:
        settings, self.names_host = self.settings, event.names_host
        names = tuple(self._clean(name) for name in (event.tls or {}).get("names", ()))
        named = bool(self.names_host) or not settings.check_hostname
        self.tls = {**(event.tls or {}), "names": names, "verified": named and not self.chain_error}
        issued = "the certificate is for " + (", ".join(names) or "no host")
        problem = "not verified: " + self.chain_error if self.chain_error else ""
        if self.names_host is False and (settings.check_hostname or settings.client_checks_identity):
            problem = "{}, not for {}".format(issued, settings.host)
        failed = problem and (self.client_refuses_certificate or not settings.allow_unverified)
        self._record("TLS", "failed" if failed else "ok", event, problem or issued, TLS_FAILED if failed else 0)
        return "implicit" if settings.implicit_tls else "ok"

    def _judge_ehlo(self, phase: str, event: Event) -> str:
        offered = tuple(self._clean(line) for line in event.reply.lines[1:]) if event.reply else ()
        self._record(phase, "ok", event, ", ".join(offered))
        if self.tls is not None:
            self.offered_tls = offered
            return self._plan_auth(offered)
        self.offered = offered
        if self.settings.starttls and "STARTTLS" in _upper(offered):
            return "upgrade"
        if self.settings.starttls and self.settings.starttls_required:
            self.stopped = "STARTTLS is required but host does not support STARTTLS"
            self._record("STARTTLS", "failed", Event(), self.stopped, TLS_FAILED)
            return "done"
        for name in UPGRADE if self.settings.starttls else ():
            self._record(name, "skipped", Event(), "not offered: the client goes on in clear text")
        return self._plan_auth(offered)

    def _plan_auth(self, lines: Sequence[str]) -> str:
        settings, status, detail, exit_code = self.settings, "skipped", "", 0
        offered = _auth_offer(lines)
        if settings.authenticate:
            named = [name for name in settings.mechanisms if name in (*CLIENT_PREFERENCE, "XOAUTH2")]
            order = named if settings.mechanisms else CLIENT_PREFERENCE
            self.mechanism = next((name for name in order if name in offered), None)
        if not settings.authenticate:
            detail = "the client is told not to authenticate"
        elif not settings.has_credentials:
            status, detail, exit_code = "failed", "the user name or the password is empty", AUTHENTICATION
        elif not offered and self.tls is None and "STARTTLS" in _upper(lines):
            status, detail, exit_code = "failed", "not offered before STARTTLS", TLS_FAILED
        elif not offered:
            detail = "not offered: the client goes on without authenticating"
        elif self.mechanism is None:
            status, detail, exit_code = "failed", "no mechanism offered that the client uses", AUTHENTICATION
        elif self.tls is None and not settings.allow_cleartext:
            status, detail, exit_code = "withheld", "the connection is in clear text", TLS_FAILED
        elif self.tls and not (self.tls["verified"] or settings.allow_unverified):
            status, detail, exit_code = "withheld", "the certificate does not verify", TLS_FAILED
        elif settings.unresolved or self.mechanism not in SPOKEN:
            detail = settings.unresolved or "{} is not spoken here".format(self.mechanism)
        else:
            return "login" if self.mechanism == "LOGIN" else "blob"
        self._record("AUTH", status, Event(), detail, exit_code)
        return "done"

    def report(self, name: str) -> Report:
        """Return the report; call it when the machine has reached ``end``."""
        client, phases, at = _client(self), tuple(self.phases.values()), self.settings
        seen = (phases, self.tls, self.offered, self.offered_tls)
        return Report(name, at.host, at.port, "local", *seen, client, tuple(_findings(self, client)), self.exit_code)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii")


def _upper(lines: Sequence[str]) -> List[str]:
    return [line.upper().strip() for line in lines]


def _auth_offer(lines: Sequence[str]) -> List[str]:
    """Return the mechanisms of an EHLO reply; ``AUTH=`` is an old spelling."""
    offers = [line.replace("=", " ", 1).split() for line in _upper(lines)]
    return [word for offer in offers if offer[:1] == ["AUTH"] for word in offer[1:]]


def _client(machine: Machine) -> Client:
    """Return what the server's client does; where it would do other than was done here, it is predicted."""
    settings, auth, mechanism = machine.settings, machine.phases["AUTH"], machine.mechanism
    if settings.authenticate and not settings.has_credentials:
        return Client("failed", "failed to connect, no password specified?", False, basis="predicted")
    other_store = settings.ca_pem is None and not settings.client_trusts_host
    unread = settings.client_checks_identity and machine.tls is not None and machine.names_host is None
    unsure = bool(machine.tls or machine.chain_error) and (other_store or unread)
    greeted = [machine.phases[name] for name in ("EHLO", *UPGRADE) if name in machine.phases]
    unmeasured = any(phase.status == "failed" and phase.code for phase in greeted)  # a refusal, or injected bytes
    basis = "predicted" if unsure or unmeasured else "observed"
    if machine.client_refuses_certificate:
        return Client("failed", machine.client_refuses_certificate, basis=basis)
    clear = mechanism in SPOKEN and machine.tls is None
    if machine.stopped:
        return Client("failed", machine.stopped, None, mechanism, clear, basis)
    if auth.status == "failed":
        error = "{} {}".format(auth.code, auth.reply) if auth.code else auth.detail
        return Client("failed", error, False, mechanism, clear, basis if auth.code else "predicted")
    if mechanism is None or auth.status == "ok":
        return Client("connected", None, mechanism is not None, mechanism, clear, basis)
    return Client("connected", None, None, mechanism, clear, "predicted")


def _findings(machine: Machine, client: Client) -> Iterable[str]:
    settings = machine.settings
    if client.cleartext_credentials:
        yield "the client sends the credentials in clear text"
    if machine.names_host is False and not settings.client_checks_identity:
        yield "the certificate is not for this host, and the client does not check that"
    if machine.chain_error and settings.client_trusts_host:
        yield "the chain does not verify, and the client is told to take any certificate of this host"
    if settings.authenticate and client.outcome == "connected" and client.authenticated is False:
        yield "AUTH is not offered: the client mails without authenticating, and raises no error"
    if settings.ca_pem is None and (machine.tls or machine.chain_error):
        yield "the chain was checked against this machine's trust store, not the server's"


def tls_context(ca_pem: Optional[str], *, verify: bool) -> ssl.SSLContext:
    """Return a context that checks the chain, and leaves the name to ``matches_host``.

    Raises:
        HandshakeError: *ca_pem* holds no usable certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Java takes every certificate of its trust store as an anchor, not self-signed ones alone.
    context.verify_flags |= getattr(ssl, "VERIFY_X509_PARTIAL_CHAIN", 0x80000)
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
    return context


class _Wire:
    """Own the socket: do one step after the other, each phase within its time, all within the deadline."""

    def __init__(self, settings: Settings, context: ssl.SSLContext, ends: float) -> None:
        self._settings = settings
        self._context = context
        self._ends = ends
        self._until = 0.0
        self._phase = ""
        self._address: Tuple[Any, ...] = ()
        self._socket: Optional[socket.socket] = None
        self._parser = ReplyParser()

    def perform(self, step: Step) -> Event:
        """Do a step and return what came of it; what a peer or a network does is no exception."""
        started = time.monotonic()
        if step.phase != self._phase:
            self._phase, self._until = step.phase, min(started + self._settings.timeout, self._ends)
        try:
            event: Event = getattr(self, "_" + step.do)(step)
        except socket.timeout:
            event = Event("timeout", "timed out")
        except ssl.SSLCertVerificationError as error:
            event = Event("chain", error.verify_message)
        except ssl.SSLError as error:
            event = Event("tls", (error.reason or "TLS failed").replace("_", " ").lower())
        except ProtocolError as error:
            event = Event("garbled", str(error))
        except (OSError, ValueError, OverflowError) as error:
            why = getattr(error, "strerror", None) or "not a usable host name or port"
            event = Event("tls" if step.do == "tls" else "lost", why)
        return replace(event, ms=(time.monotonic() - started) * 1000)

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise socket.timeout
        return left

    def _timed(self) -> socket.socket:
        if self._socket is None:
            raise ConnectionResetError(0, "the connection is closed")
        self._socket.settimeout(self._left())
        return self._socket

    def _resolve(self, step: Step) -> Event:
        """Resolve in a thread of its own: the resolver knows no time-out."""
        answers: List[Any] = []

        def ask() -> None:
            try:
                answers.append(socket.getaddrinfo(self._settings.host, None, type=socket.SOCK_STREAM))
            except (OSError, ValueError) as error:
                answers.append(error)

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(self._left())
        if not answers:
            raise socket.timeout
        if isinstance(answers[0], Exception):
            raise answers[0]
        found = sorted(answers[0], key=lambda answer: bool(answer[0] != socket.AF_INET))
        self._address = found[0][4]
        return Event(detail=str(self._address[0]))

    def _connect(self, step: Step) -> Event:
        self._socket = socket.create_connection((self._address[0], self._settings.port), self._left())
        return Event()

    def _tls(self, step: Step) -> Event:
        host = self._settings.host.rstrip(".")
        tls = self._context.wrap_socket(self._timed(), server_hostname=host, do_handshake_on_connect=False)
        self._socket, self._parser = tls, ReplyParser()
        self._timed()
        tls.do_handshake()
        certificate: Mapping[str, Any] = tls.getpeercert() or {}
        names = tuple(str(name) for _, name in certificate.get("subjectAltName", ()))
        facts = {"version": tls.version(), "cipher": (tls.cipher() or ("",))[0], "names": names}
        return Event(tls=facts, names_host=matches_host(certificate, host) if certificate else None)

    def _talk(self, step: Step) -> Event:
        if step.data:
            self._timed().sendall(step.data)
        while True:
            reply = self._parser.next_reply()
            if reply is not None:
                return Event(reply=reply, trailing=self._parser.trailing)
            data = self._timed().recv(4096)
            if not data:
                raise ConnectionResetError(0, "the peer closed the connection")
            self._parser.feed(data)


def _drive(machine: Machine, ends: float) -> Machine:
    settings = machine.settings
    wire = _Wire(settings, tls_context(settings.ca_pem, verify=not machine.chain_error), ends)
    try:
        while machine.state != "end":
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
    machine = _drive(Machine(settings), ends)
    if machine.chain_error and (settings.allow_unverified or settings.client_trusts_host):
        machine = _drive(Machine(settings, chain_error=machine.chain_error), ends)
    return machine.report(name)
