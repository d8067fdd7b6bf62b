"""The engine without a socket: reply parser, masking, host names, the machine, and the client's reading of properties."""

from __future__ import annotations

import ast
import json
import re
import sys
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwright.base.errors import ExitCode
from mailwright.base.secret import Secret
from mailwright.verification import handshake
from mailwright.verification.client import client_settings
from mailwright.verification.handshake import (
    CLIENT_PREFERENCE,
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
    Settings,
    Why,
    mask,
    matches_host,
)
from products import ALL

ROOT = Path(__file__).resolve().parents[2]
ENGINE = ROOT / "ansible" / "plugins" / "module_utils" / "smtp_handshake.py"

PIECES = [b"220 ok\r\n", b"250-a\r\n", b"250 b\n", b"250", b"-", b" ", b"\r", b"\n", b"\x00\x1b[31m", b"\xff\xfe", b"999 x\r\n"]
wires = st.lists(st.sampled_from(PIECES) | st.binary(max_size=20), max_size=30).map(b"".join)


def parse(chunks: list[bytes]) -> tuple[list[Reply], str]:
    """Feed chunk by chunk; return the replies, and the error that ended it if one did."""
    parser, replies = ReplyParser(), []
    try:
        for chunk in chunks:
            parser.feed(chunk)
            while (reply := parser.next_reply()) is not None:
                replies.append(reply)
    except HandshakeError as error:
        return replies, str(error)
    return replies, ""


# the file


def test_file_is_python_3_8_and_needs_the_standard_library_only() -> None:
    text = ENGINE.read_text(encoding="utf-8")
    assert text.startswith("# SPDX-License-Identifier: Apache-2.0\n")
    tree = ast.parse(text, feature_version=(3, 8))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names


def test_exit_codes_are_those_of_the_command() -> None:
    own = (handshake.UNREACHABLE, handshake.AUTHENTICATION, handshake.TLS_FAILED, handshake.REFUSED)
    assert own == (ExitCode.UNREACHABLE, ExitCode.AUTHENTICATION, ExitCode.TLS, ExitCode.REFUSED)


# replies


@pytest.mark.parametrize(
    ("wire", "replies"),
    [
        (b"220 relay ESMTP\r\n", [Reply(220, ("relay ESMTP",))]),
        (b"250\r\n", [Reply(250, ("",))]),
        (b"250-a\r\n250-b\r\n250 c\r\n", [Reply(250, ("a", "b", "c"))]),
        (b"250-a\n250 b\n", [Reply(250, ("a", "b"))]),
        (b"250 a\r\n550 b\r\n", [Reply(250, ("a",)), Reply(550, ("b",))]),
        (b"250-a\r\n250 b", []),
        (b"250x\r\n", [Reply(250, ("",), Why(Cause.TEXT_BEHIND_CODE))]),
        (b"250-a\r\n251 b\r\n", [Reply(250, ("a", "b"), Why(Cause.CODE_CHANGED))]),
        (b"250-a\r\n250 AUTH LOGIN\tPLAIN\r\n", [Reply(250, ("a", "AUTH LOGIN PLAIN"))]),
        (b"220 a\x1b[31m\x00\xe2\x80\xaeb\tc\r\n", [Reply(220, ("a[31mbc",))]),
    ],
)
def test_reply(wire: bytes, replies: list[Reply]) -> None:
    assert parse([wire]) == (replies, "")


@pytest.mark.parametrize(
    ("wire", "words"),
    [
        (b"2" * MAX_LINE, "line without end"),
        (b"220-" + b"a" * MAX_LINE + b"\r\n", "line without end"),
        (b"220-spam\r\n" * (MAX_REPLY // 10 + 1), "reply without end"),
    ],
)
def test_refuses(wire: bytes, words: str) -> None:
    replies, error = parse([wire])
    assert replies == []
    assert words in error


@pytest.mark.parametrize(
    ("line", "odd"),
    [
        ("SSH-2.0-OpenSSH_9.6", Why(Cause.NOT_SMTP, ("SSH",))),
        ("* OK [CAPABILITY IMAP4rev1] ready", Why(Cause.NOT_SMTP, ("IMAP",))),
        ("+OK POP3 ready", Why(Cause.NOT_SMTP, ("POP3",))),
        ("HTTP/1.1 400 Bad Request", Why(Cause.NOT_SMTP, ("HTTP",))),
        ("\x15\x03\x03\x00\x02\x02\x46", Why(Cause.NOT_SMTP, ("TLS",))),
        ("", Why(Cause.NO_REPLY)),
        ("٢٥٠ ok", Why(Cause.NO_REPLY)),
        ("120 early", Why(Cause.NO_REPLY)),
    ],
)
def test_line_without_a_code_is_a_reply_of_its_own(line: str, odd: Why) -> None:
    replies, error = parse([line.encode() + b"\r\n220 ok\r\n"])
    assert error == ""
    assert replies == [Reply(NO_CODE, (handshake.printable(line),), odd), Reply(220, ("ok",))]


def test_broken_stays_broken() -> None:
    parser = ReplyParser()
    parser.feed(b"2" * MAX_LINE)
    for more in (b"\r\n220 ok\r\n", b""):
        with pytest.raises(ProtocolError):
            parser.next_reply()
        parser.feed(more)
    assert parser.trailing == 0


def test_counts_what_trails() -> None:
    parser = ReplyParser()
    parser.feed(b"220 go\r\n250-x\r\n25")
    assert parser.next_reply() == Reply(220, ("go",))
    assert parser.trailing == 9
    assert parser.next_reply() is None
    assert parser.trailing == 9


@given(wires, st.lists(st.integers(0, 600), max_size=20))
def test_chunking_changes_nothing(wire: bytes, cuts: list[int]) -> None:
    ends = sorted({min(cut, len(wire)) for cut in cuts} | {len(wire)})
    starts = [0, *ends[:-1]]
    chunks = [wire[start:end] for start, end in zip(starts, ends, strict=True)]
    whole = parse([wire])
    assert parse(chunks) == whole
    assert parse([wire[at : at + 1] for at in range(len(wire))]) == whole
    assert all(line.isprintable() for reply in whole[0] for line in reply.lines)


# what a peer may not echo


@given(st.text("ABC019", min_size=4, max_size=30), st.text("abc <>", max_size=20), st.text("abc <>", max_size=20))
def test_a_text_with_the_secret_is_hidden_as_a_whole(secret: str, before: str, after: str) -> None:
    assert mask(before + secret + after, [secret]) == "<sent>"


@pytest.mark.parametrize(("secret", "text"), [("a", "you said: a"), ("7", "no <7>"), ("ok", "ok?"), ("a.b", "is a.b yours?")])
def test_of_a_short_secret_a_word_is_an_echo(secret: str, text: str) -> None:
    assert mask(text, [secret]) == "<sent>"


@pytest.mark.parametrize(("secret", "text"), [("a", "220 relay ready"), ("7", "535 5.7.18 no"), ("ok", "the token is wrong")])
def test_a_short_secret_leaves_no_gap_in_words(secret: str, text: str) -> None:
    assert mask(text, [secret]) == text


@pytest.mark.parametrize(
    "echo",
    [
        "Can ary Sec ret Pas swo rd",
        "Cana|rySe|cret|Pass|word",
        "CANARYSECRETPASSWORD",
        "drowssaPterceSyranaC",
        b64encode(b"x" + b"CanarySecretPassword").decode(),
        b64encode(b"xx" + b"CanarySecretPassword").decode(),
        b"CanarySecretPassword".hex(),
    ],
    ids=["blanks", "bars", "upper case", "reversed", "base64 at 1", "base64 at 2", "hex"],
)
def test_mask_knows_other_ways_of_saying_it(echo: str) -> None:
    assert mask(f"5.7.8 no: {echo}", ["CanarySecretPassword"]) == "<sent>"
    assert mask("5.7.8 Error: authentication failed", ["CanarySecretPassword"]) == "5.7.8 Error: authentication failed"


def test_mask_knows_parts() -> None:
    blob = b64encode(b"\0user\0correct horse battery").decode()
    assert mask(f"500 unrecognised: {blob[:20]}...", [blob]) == "<sent>"
    assert mask("nothing of it", [blob, ""]) == "nothing of it"
    assert mask("canary", ["can\x00ary"]) == "<sent>"


# names of certificates


@pytest.mark.parametrize(
    ("names", "host", "matches"),
    [
        ((("DNS", "smtp.example.com"),), "SMTP.example.com.", True),
        ((("DNS", "*.example.com"),), "smtp.example.com", True),
        ((("DNS", "*.example.com"),), "a.smtp.example.com", False),
        ((("DNS", "*.example.com"),), "example.com", False),
        ((("DNS", "*.com"),), "example.com", False),
        ((("DNS", "s*.example.com"),), "smtp.example.com", False),
        ((("DNS", "smtp.*.com"),), "smtp.example.com", False),
        ((("DNS", "xn--bcher-kva.example"),), "bücher.example", True),
        ((("IP Address", "127.0.0.1"),), "127.0.0.1", True),
        ((("IP Address", "0:0:0:0:0:0:0:1"),), "::1", True),
        ((("DNS", "127.0.0.1"),), "127.0.0.1", False),
        ((("email", "smtp.example.com"),), "smtp.example.com", False),
        ((("DNS", "a"),), "a..b", False),
        ((), "smtp.example.com", False),
    ],
)
def test_matches_host(names: tuple[tuple[str, str], ...], host: str, matches: bool) -> None:
    assert matches_host({"subjectAltName": names}, host) is matches


# the machine


def test_table_is_closed_and_every_state_reachable() -> None:
    following = {state: set(row[4].values()) for state, row in STATES.items()}
    assert set().union(*following.values()) <= set(STATES)
    reached, todo = {"resolve"}, ["resolve"]
    while todo:
        new = following[todo.pop()] - reached
        reached |= new
        todo += new
    assert reached == set(STATES)


def drive(machine: Machine, *events: Event) -> list[bytes]:
    """Hand events to the machine, QUIT's answer included; return what it said."""
    said = []
    for event in (*events, Event(reply=Reply(221, ("bye",)))):
        said.append(machine.step().data)
        machine.receive(event)
    assert machine.state == "end"
    return [line for line in said if line]


def reply(code: int, *lines: str) -> Event:
    return Event(reply=Reply(code, lines or ("x",)))


TLS = Event(tls={"version": "TLSv1.3", "cipher": "c", "names": ("relay",)}, names_host=True)
OPENING = (Event(), Event(), reply(220), reply(250, "relay", "STARTTLS"), reply(220), TLS)
HOSTILE_TLS = Event(
    tls={"version": "TLSv1.3", "cipher": "c", "names": ("re\x1b[2Jlay", "can\u202eary-password")}, names_host=True
)


def settings(**changes: object) -> Settings:
    values = {"starttls_enable": True, "authenticate": True, "username": "no-reply", "password": "canary-password", "ca_pem": ""}
    return Settings("relay", 587, **{**values, **changes})  # type: ignore[arg-type]


def test_machine_holds_a_whole_conversation() -> None:
    machine = Machine(settings(local_hostname="node\r\nMAIL FROM:<x>"))
    more = (reply(250, "relay", "AUTH PLAIN LOGIN"), reply(334), reply(334), reply(235))
    said = drive(machine, *OPENING, *more)
    user, password = b64encode(b"no-reply"), b64encode(b"canary-password")
    hello = b"EHLO nodeMAILFROM:x\r\n"
    assert said == [hello, b"STARTTLS\r\n", hello, b"AUTH LOGIN\r\n", user + b"\r\n", password + b"\r\n", b"QUIT\r\n"]
    report = machine.report("global")
    assert (report.exit_code, report.client.outcome, report.client.basis) == (0, "connected", "observed")
    assert report.offered == ("STARTTLS",)
    assert report.offered_tls == ("AUTH PLAIN LOGIN",)


@pytest.mark.parametrize(
    ("offer", "mechanisms", "command"),
    [
        ("AUTH PLAIN", CLIENT_PREFERENCE, b"AUTH PLAIN "),
        ("AUTH=PLAIN", CLIENT_PREFERENCE, b"QUIT"),
        ("AUTH XOAUTH2 PLAIN", CLIENT_PREFERENCE, b"AUTH PLAIN "),
        ("AUTH XOAUTH2 PLAIN", ("XOAUTH2",), b"AUTH XOAUTH2 "),
        ("AUTH LOGIN PLAIN", ("PLAIN", "LOGIN"), b"AUTH PLAIN "),
    ],
)
def test_machine_chooses_as_the_client_does(offer: str, mechanisms: tuple[str, ...], command: bytes) -> None:
    machine = Machine(settings(mechanisms=mechanisms, token="canary-token"))
    said = drive(machine, *OPENING, reply(250, "relay", offer), *[reply(235)] * (command != b"QUIT"))
    assert said[3].startswith(command)
    assert machine.report("x").exit_code == 0


def test_xoauth2_answers_the_challenge_before_it_quits() -> None:
    machine = Machine(settings(mechanisms=("XOAUTH2",), token="canary-token"))
    said = drive(machine, *OPENING, reply(250, "relay", "AUTH XOAUTH2"), reply(334, "eyJzdGF0dXMiOiI0MDEifQ=="), reply(535))
    assert said[-2:] == [b"\r\n", b"QUIT\r\n"]
    assert machine.report("x").exit_code == ExitCode.AUTHENTICATION


@pytest.mark.parametrize(
    ("utf8", "offered", "command"),
    [
        (True, "SMTPUTF8", "MAIL FROM:<bücher@example.com> SMTPUTF8\r\n".encode()),
        (True, "SIZE", "MAIL FROM:<bücher@example.com>\r\n".encode()),
        (False, "SMTPUTF8", "MAIL FROM:<bücher@example.com>\r\n".encode("latin-1")),
    ],
)
def test_addresses_in_utf8(utf8: bool, offered: str, command: bytes) -> None:
    machine = Machine(settings(authenticate=False, sender="<bücher@example.com>", recipient="<ß@example.com>", utf8=utf8))
    said = drive(machine, *OPENING, reply(250, "relay", offered), reply(250), reply(250), reply(250))
    assert command in said
    assert "RCPT TO:<ß@example.com>\r\n".encode("utf-8" if utf8 else "latin-1") in said
    assert machine.report("x").exit_code == 0


@pytest.mark.parametrize(
    ("sender", "sent"),
    [
        ("<\U0001f600@example.com>", b"<=\x00@example.com>"),
        ("<a\xa0b\u202e@example.com>", b"<a\xa0b.@example.com>"),
        ("<a\r\nQUIT\x7f@example.com>", b"<aQUIT@example.com>"),
    ],
)
def test_what_is_not_ascii_goes_out_as_the_client_writes_it(sender: str, sent: bytes) -> None:
    machine = Machine(settings(authenticate=False, sender=sender))
    assert b"MAIL FROM:" + sent + b"\r\n" in drive(machine, *OPENING, reply(250, "relay"), reply(250), reply(250))


@pytest.mark.parametrize(
    ("code", "text", "enhanced"),
    [
        (535, "5.7.8 no", "5.7.8"),
        (235, "2.7.0", "2.7.0"),
        (451, "4.7.650 later", "4.7.650"),
        (535, "4.7.8 no", None),
        (535, "no 5.7.8", None),
        (535, "5.7.8no", None),
        (535, "5.7.8000 no", None),
        (334, "3.7.8 no", None),
    ],
)
def test_enhanced_status_codes(code: int, text: str, enhanced: str | None) -> None:
    assert Reply(code, (text,)).enhanced == enhanced
    machine = Machine(settings(mechanisms=("PLAIN",)))
    if code != 334:
        drive(machine, *OPENING, reply(250, "relay", "AUTH PLAIN"), reply(code, text))
        assert machine.report("x").phase("AUTH").enhanced == enhanced
        assert machine.report("x").phase("EHLO").enhanced is None


def test_mechanism_that_is_not_spoken_here_is_skipped() -> None:
    machine = Machine(settings())
    drive(machine, *OPENING, reply(250, "relay", "AUTH DIGEST-MD5"))
    report = machine.report("x")
    assert report.phase("AUTH").status == "skipped"
    assert (report.client.mechanism, report.client.basis) == ("DIGEST-MD5", "predicted")


def test_nothing_shows_a_secret() -> None:
    machine = Machine(settings(token="canary-token"))
    for event in (*OPENING, reply(250, "relay", "AUTH LOGIN"), reply(334), reply(334)):
        machine.receive(event)
    assert b64encode(b"canary-password") in machine.step().data
    shown = repr((machine, machine.step(), machine.settings, vars(machine)["settings"]))
    assert "canary" not in shown
    assert b64encode(b"canary-password").decode() not in shown


def test_names_of_a_certificate_are_cleaned() -> None:
    machine = Machine(settings())
    drive(machine, *OPENING[:-1], HOSTILE_TLS, reply(502))
    report = machine.report("x")
    assert report.tls is not None
    assert report.tls["names"] == ("re[2Jlay", "<sent>")
    assert (report.exit_code, report.client.outcome) == (0, "connected")


# the client's properties

PROPERTIES = {
    "mail.smtp.host": "relay",
    "mail.smtp.port": "587",
    "mail.smtp.auth": "true",
    "mail.smtp.starttls.enable": "TRUE",
    "mail.smtp.user": "no-reply",
    "mail.smtp.password": "canary-password",
}


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({}, "port", 587),
        ({"mail.smtp.port": "587.0"}, "port", 25),
        ({"mail.smtp.port": " 587"}, "port", 25),
        ({"mail.smtp.port": "null"}, "port", 25),
        ({"mail.smtp.host": ""}, "host", "localhost"),
        ({}, "starttls_enable", True),
        ({"mail.smtp.starttls.enable": "yes"}, "starttls_enable", False),
        ({"mail.smtp.starttls.required": "true"}, "starttls_required", True),
        ({"mail.smtp.ssl.enable": "true"}, "implicit_tls", True),
        ({"mail.smtp.ssl.checkserveridentity": "true"}, "client_checks_identity", True),
        ({"mail.smtp.ssl.trust": "*"}, "client_trusts_host", True),
        ({"mail.smtp.ssl.trust": "other relay"}, "client_trusts_host", True),
        ({"mail.smtp.ssl.trust": "other"}, "client_trusts_host", False),
        ({"mail.smtp.auth.mechanisms": "xoauth2 PLAIN"}, "mechanisms", ("XOAUTH2", "PLAIN")),
        ({"mail.smtp.auth": "True "}, "authenticate", False),
        ({"mail.smtp.localhost": "node.example"}, "local_hostname", "node.example"),
        ({}, "unresolved", ""),
        ({"mail.smtp.password": "$secret{smtp}"}, "unresolved", "$secret{smtp} is not resolved here"),
        ({"mail.smtp.authType": "client_credential", "mail.smtp.from": "a@b.example"}, "username", "a@b.example"),
        ({"mail.smtp.authType": "client_credential"}, "mechanisms", ("XOAUTH2",)),
        ({"mail.smtp.authType": "client_credential"}, "client_trusts_host", True),
    ],
)
def test_client_reads_properties(changes: dict[str, str], field: str, value: object) -> None:
    assert getattr(client_settings({**PROPERTIES, **changes}, ALL.newest), field) == value


def test_client_resolves_references() -> None:
    asked = []

    def resolve(reference: str) -> Secret | None:
        asked.append(reference)
        return Secret("canary-password", reference) if reference == "$env{P}" else None

    changed = {**PROPERTIES, "mail.smtp.password": "$env{P}"}
    read = client_settings(changed, ALL.newest, resolve_secret=resolve)
    assert (read.password, read.unresolved) == ("canary-password", "")
    assert "canary" not in repr(read)
    read = client_settings({**changed, "mail.smtp.user": "$secret{user}"}, ALL.newest, resolve_secret=resolve)
    assert read.unresolved == "$secret{user} is not resolved here"
    assert asked == ["$env{P}", "$secret{user}", "$env{P}"]


# causes


def test_causes_are_the_schema_s() -> None:
    schema = json.loads((ROOT / "schema" / "report.schema.json").read_text(encoding="utf-8"))
    causes = [cause.value for cause in Cause]
    assert schema["$defs"]["phase"]["properties"]["cause"]["enum"] == causes
    assert len(set(causes)) == len(causes)
    assert all(re.fullmatch(r"[a-z0-9-]*", cause) for cause in causes)


def test_nothing_is_compared_with_a_sentence() -> None:
    """Texts for people are made, and never asked."""
    for path in (ENGINE, *(ROOT / "generator" / "mailwright" / "verify").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare):
                sides = [node.left, *node.comparators]
                words = [side.attr for side in sides if isinstance(side, ast.Attribute)]
                assert not {"detail", "reply", "message", "error"} & set(words) or "None" in ast.unparse(node), ast.unparse(node)
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("startswith", "endswith")
            ):
                assert not re.search(r"\b(detail|reply|message|sentence)$", ast.unparse(node.func.value)), ast.unparse(node)


PASSWORD = Settings("relay", 587, starttls_enable=True, authenticate=True, username="u", password="injected")


def test_an_injection_is_told_whatever_the_password_is() -> None:
    machine = Machine(PASSWORD)
    injected = Event(reply=Reply(220, ("injected, says the peer",)), trailing=3)
    for event in (*OPENING[:4], injected):
        machine.receive(event)
    report = machine.report("x")
    phase = report.phase("STARTTLS")
    assert (phase.cause, phase.detail, phase.reply) == ("injected", Cause.INJECTED.sentence, "<sent>")
    assert [finding.code for finding in report.findings][:1] == ["starttls-injected"]
    assert handshake.report_from_wire(json.loads(json.dumps(handshake.report_to_wire(report)))) == report


@pytest.mark.parametrize(
    ("sender", "utf8", "offers", "severity"),
    [
        ("<a@example.com>", False, "", None),
        ("<a@example.com>", True, "", None),
        ("<\u00fc@example.com>", False, "", "error"),
        ("<\u00fc@example.com>", False, "SMTPUTF8", "error"),
        ("<\u00fc@example.com>", True, "", "warning"),
        ("<\u00fc@example.com>", True, "SMTPUTF8", None),
    ],
)
def test_a_sender_that_is_not_ascii(sender: str, utf8: bool, offers: str, severity: str | None) -> None:
    machine = Machine(Settings("relay", 25, sender=sender, utf8=utf8))
    lines = ("relay", *filter(None, [offers]))
    drive(machine, Event(), Event(), reply(220), reply(250, *lines), reply(250), reply(250))
    found = [finding.severity for finding in machine.report("x").findings if finding.code == "address-not-ascii"]
    assert found == ([severity] if severity else [])


@pytest.mark.parametrize(("trusts", "basis"), [(False, "predicted"), (True, "observed")])
def test_a_demanded_certificate_may_be_in_the_jvm_s_key_store(trusts: bool, basis: str) -> None:
    machine = Machine(Settings("relay", 587, starttls_enable=True, client_trusts_host=trusts, ca_pem="x"))
    for event in (*OPENING, Event("tls", Why(Cause.CLIENT_CERTIFICATE, ("certificate required",)))):
        machine.receive(event)
    report = machine.report("x")
    assert (report.exit_code, report.client.outcome, report.client.basis) == (5, "failed", basis)
    assert "client-certificate" in [finding.code for finding in report.findings]
