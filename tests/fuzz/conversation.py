"""The engine's parser and machine against a peer that says arbitrary bytes, without a socket; what must hold then.

Shared by Hypothesis (``test_handshake_fuzz.py``) and by atheris (``handshake.py``).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mailwright.verification.handshake import (
    MAX_LINE,
    MAX_REPLY,
    NO_CODE,
    STATES,
    Cause,
    Event,
    HandshakeError,
    Machine,
    ProtocolError,
    Reply,
    ReplyParser,
    Report,
    Settings,
    Why,
    client_names,
    mask,
    matches_host,
    read_certificate,
)

PASSWORD, TOKEN = "canary-p4ssword", "canary-t0ken-of-a-bearer"
SECRETS = (PASSWORD, TOKEN, *(base64.b64encode(text.encode()).decode() for text in (PASSWORD, TOKEN)))
MAX_STEPS = 40
"""More than a conversation can have: no state comes twice but QUIT's, and the machine has half as many."""

OPENING = (b"220 relay\r\n", b"250-relay\r\n250-SMTPUTF8\r\n250 STARTTLS\r\n", b"220 go\r\n")
LOGIN = (b"250-relay\r\n250 AUTH LOGIN\r\n", b"334 x\r\n", b"334 y\r\n", b"235 2.7.0 yes\r\n")
SENDING = (b"250 2.1.0 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b"250 queued\r\n", b"221 bye\r\n")
SEEDS = (
    (*OPENING, *LOGIN, *SENDING),
    (
        *OPENING,
        b"250-a\r\n250 AUTH PLAIN XOAUTH2\r\n",
        b"334 eyJzdGF0dXMiOiI0MDEifQ==\r\n",
        b"535 canary-p4ssword\r\n",
        b"221 bye\r\n",
    ),
    (*OPENING[:2], b"454 4.7.0 later\r\n", b"221 bye\r\n"),
    (b"220 relay\r\n", b"502 what\r\n", b"250 relay\r\n", *SENDING),
    (b"220 relay\r\n", b"250-relay\r\n250 AUTH=LOGIN\r\n", b"530 5.7.0 TLS\r\n", b"220 go\r\n", b"421 bye\r\n"),
    (b"SSH-2.0-x\r\n",),
)
"""What relays say, a reply a part, for fuzzers to begin with."""

STATUSES = {"ok", "failed", "skipped", "withheld", "not-reached"}
TLS_FACTS = {"version": "TLSv1.3", "cipher": "c", "names": ("relay", PASSWORD, "re\x1blay")}


@dataclass(frozen=True)
class Case:
    """A peer: what it says in clear text and under TLS, how the bytes arrive, and what the client wants.

    Attributes:
        wire: All that it ever says.
        sizes: How many bytes arrive at a time, over and over.
        choices: Bits; each changes the settings or what comes of a step.
    """

    wire: bytes
    sizes: Sequence[int] = (4096,)
    choices: int = 0

    def chosen(self, bit: int) -> bool:
        return bool(self.choices >> bit & 1)

    def settings(self) -> Settings:
        """Return settings with every switch of the machine that a bit can set."""
        message = b"Subject: x\r\n\r\n.\r\n" if self.chosen(9) else b""
        return Settings(
            "relay",
            587,
            implicit_tls=self.chosen(0),
            ehlo=not self.chosen(1),
            starttls_enable=not self.chosen(2),
            starttls_required=self.chosen(3),
            authenticate=not self.chosen(4),
            username="mailer@example.com",
            password=PASSWORD,
            token=TOKEN,
            mechanisms=("XOAUTH2", "PLAIN") if self.chosen(5) else ("LOGIN", "PLAIN", "DIGEST-MD5"),
            allow_cleartext=self.chosen(6),
            allow_unverified=self.chosen(7),
            sender="<a@\r\nexample.com>" if self.chosen(8) else "",
            recipient="<b@exämple.com>" if self.chosen(10) or message else "",
            message=message,
            utf8=self.chosen(11),
            sasl=() if self.chosen(12) else None,
            client_trusts_host=self.chosen(13),
            client_checks_identity=self.chosen(14),
        )


def chunks(case: Case) -> Iterator[bytes]:
    at = turn = 0
    while at < len(case.wire):
        size = max(1, case.sizes[turn % len(case.sizes)]) if case.sizes else len(case.wire)
        yield case.wire[at : at + size]
        at, turn = at + size, turn + 1


def parse(case: Case) -> tuple[list[Reply], str]:
    """Return the replies, and the error that ended them; what is kept stays small."""
    parser, replies = ReplyParser(), []
    try:
        for chunk in chunks(case):
            parser.feed(chunk)
            while (reply := parser.next_reply()) is not None:
                replies.append(reply)
            assert parser.trailing <= MAX_REPLY + MAX_LINE + len(chunk)
        if (reply := parser.finish()) is not None:
            replies.append(reply)
    except HandshakeError as error:
        assert parser.trailing <= MAX_REPLY + MAX_LINE
        return replies, str(error)
    return replies, ""


class _Wire:
    """What the driver does with a socket, done with a case's bytes."""

    def __init__(self, case: Case) -> None:
        self._case, self._chunks, self._parser = case, chunks(case), ReplyParser()

    def perform(self, action: str) -> Event:
        try:
            return {"talk": self._talk, "tls": self._tls, "provoke": self._provoke}.get(action, Event)()
        except ProtocolError as error:
            return Event("garbled", Why(error.cause))

    def _talk(self) -> Event:
        while (reply := self._parser.next_reply()) is None:
            data = next(self._chunks, b"")
            if data:
                self._parser.feed(data)
            elif self._case.chosen(15):
                return Event("timeout", Why(Cause.TIMED_OUT), trailing=self._parser.trailing)
            else:
                reply = self._parser.finish()
                return Event(reply=reply) if reply else Event("lost", Why(Cause.CLOSED))
        return Event(reply=reply, trailing=self._parser.trailing)

    def _tls(self) -> Event:
        if self._case.chosen(16):
            return Event("chain", Why(Cause.CHAIN, ("unable to get local issuer certificate",)), chain_code=20)
        self._parser = ReplyParser()
        return Event(tls=dict(TLS_FACTS), names_host=not self._case.chosen(17), client_names_host=not self._case.chosen(18))

    def _provoke(self) -> Event:
        return Event(why=Why(Cause.NOT_SMTP_LATE, ("HTTP",)))


def converse(case: Case) -> Report:
    """Hold a conversation; whatever the peer says, it ends, and what is said and told keeps to the rules."""
    settings = case.settings()
    machine, wire = Machine(settings, chain_error="expired" if case.chosen(19) else ""), _Wire(case)
    for _ in range(MAX_STEPS):
        if machine.state == "end":
            break
        step = machine.step()
        assert step.phase == STATES[machine.state][0]
        if step.data and machine.state != "content":
            assert step.data.endswith(b"\r\n")
            assert not set(b"\r\n") & set(step.data[:-2]), "one command a line"
        if machine.state in ("auth-user", "auth-password", "auth-blob"):
            assert machine.tls is not None or settings.allow_cleartext, "credentials in clear text"
            assert machine.tls is None or machine.tls["verified"] or settings.allow_unverified, "credentials to a stranger"
        machine.receive(wire.perform(step.do))
    assert machine.state == "end", f"no end in sight: {machine.state}"
    report = machine.report("x")
    check_report(report)
    return report


def check_report(report: Report) -> None:
    document = json.dumps(report.to_json())
    told = document + json.dumps(report.to_json(), ensure_ascii=False) + repr(report)
    for secret in SECRETS:
        assert secret not in told, "a secret is told"
    assert report.exit_code in (0, 3, 4, 5, 6)
    assert report.client.outcome in ("connected", "failed")
    assert (report.client.error is not None) == (report.client.outcome == "failed")
    assert report.client.authenticated is not True or report.phase("AUTH").status == "ok"
    for phase in report.phases:
        assert phase.status in STATUSES
        assert phase.code is None or 200 <= phase.code <= 599
        assert phase.enhanced is None or phase.enhanced[0] == str(phase.code)[0]
        for text in (phase.reply, phase.detail):
            assert text.isprintable()
            assert len(text) <= 600
    for finding in report.findings:
        assert finding.message.isprintable()


def check_replies(replies: Sequence[Reply]) -> None:
    for reply in replies:
        assert reply.code == NO_CODE or 200 <= reply.code <= 599
        assert reply.lines
        assert all(line.isprintable() for line in reply.lines)


def check_chunking(case: Case) -> None:
    """However the bytes are cut, the replies and the error are the same."""
    whole = parse(replace(case, sizes=()))
    check_replies(whole[0])
    assert parse(case) == whole
    if len(case.wire) <= 1000:
        assert parse(replace(case, sizes=(1,))) == whole


def check_texts(data: bytes) -> None:
    """Names of a certificate, and masking: any bytes will do."""
    certificate = read_certificate(data)
    matches_host(certificate, "relay.example.com")
    client_names(certificate, "relay.example.com")
    text = data.decode("utf-8", "replace")[:400]
    for said in (text + PASSWORD + text, text + SECRETS[2] + text):
        shown = mask(said, SECRETS)
        assert not any(secret in shown for secret in SECRETS)
