"""verify against Postfix with Dovecot's SASL: what a relay of the real world says to it, phase by phase."""

from __future__ import annotations

import json

import pytest
from mailserver import ADDRESS, ELSEWHERE, HOST, PASSWORD, RECIPIENT, UNKNOWN, USER, MailServer

from mailwright.sandbox.ca import Authority
from mailwright.verification.client import client_settings
from mailwright.verification.handshake import Report, probe
from products import ALL

pytestmark = pytest.mark.network


def held(
    relay: MailServer,
    authority: Authority,
    service: str,
    *,
    recipient: str = "",
    message: bytes = b"",
    cleartext: bool = False,
    seconds: float = 60,
    **changes: str,
) -> Report:
    """Hold the handshake with a service; a keyword's underscores stand for dots behind ``mail.smtp.``."""
    properties = {
        "host": HOST,
        "port": str(relay.ports[service]),
        "auth": "true",
        "starttls.enable": "true",
        "user": USER,
        "password": PASSWORD,
        "from": ADDRESS,
        **{name.replace("_", "."): text for name, text in changes.items()},
    }
    named = {f"mail.smtp.{name}": text for name, text in properties.items()}
    settings = client_settings(named, ALL.newest, ca_pem=authority.ca_pem, timeout=seconds, allow_cleartext=cleartext)
    report = probe(settings._replace(recipient=recipient, message=message), name=service)
    assert PASSWORD not in json.dumps(report.to_json())
    return report


def outcome(report: Report) -> tuple[int, str, bool | None, str]:
    client = report.client
    assert client.basis == "observed"
    return report.exit_code, client.outcome, client.authenticated, str(client.mechanism)


@pytest.mark.parametrize(("service", "changes"), [("submission", {}), ("encrypt", {}), ("smtps", {"ssl_enable": "true"})])
def test_authenticates(relay: MailServer, relay_authority: Authority, service: str, changes: dict[str, str]) -> None:
    report = held(relay, relay_authority, service, recipient=RECIPIENT, **changes)
    assert outcome(report) == (0, "connected", True, "LOGIN")
    assert {phase.status for phase in report.phases} == {"ok"}
    assert [phase.name for phase in report.phases][-5:] == ["AUTH", "MAIL FROM", "RCPT TO", "RSET", "QUIT"]
    assert report.phase("banner").reply.startswith("relay.example.com ESMTP Postfix")
    assert (report.phase("AUTH").code, report.phase("AUTH").reply) == (235, "2.7.0 Authentication successful")
    assert report.tls is not None
    assert report.tls["verified"] is True


def test_wrong_password(relay: MailServer, relay_authority: Authority) -> None:
    report = held(relay, relay_authority, "submission", password="wrong")
    assert outcome(report) == (4, "failed", False, "LOGIN")
    assert (report.phase("AUTH").code, report.phase("MAIL FROM").status) == (535, "not-reached")
    assert "535 5.7.8" in str(report.client.error)


def test_tls_is_required_before_anything(relay: MailServer, relay_authority: Authority) -> None:
    report = held(relay, relay_authority, "encrypt", starttls_enable="false")
    assert (report.exit_code, report.client.outcome, report.client.cleartext_credentials) == (5, "failed", False)
    assert report.phase("AUTH").detail == "not offered before STARTTLS"
    assert report.phase("MAIL FROM").code == 530
    assert "530 5.7.0 Must issue a STARTTLS command first" in str(report.client.error)


def test_without_tls_the_client_sends_the_password_in_clear(relay: MailServer, relay_authority: Authority) -> None:
    report = held(relay, relay_authority, "no-tls")
    assert (report.exit_code, report.phase("AUTH").status) == (5, "withheld")
    assert (report.client.outcome, report.client.cleartext_credentials, report.client.basis) == ("connected", True, "predicted")
    report = held(relay, relay_authority, "no-tls", cleartext=True)
    assert (*outcome(report), report.client.cleartext_credentials) == (0, "connected", True, "LOGIN", True)


def test_plain_client_on_the_tls_port(relay: MailServer, relay_authority: Authority) -> None:
    report = held(relay, relay_authority, "smtps", seconds=2, timeout="500")
    assert (report.exit_code, report.client.outcome) == (3, "failed")
    assert report.phase("banner").status == "failed"


def test_unknown_authority(relay: MailServer) -> None:
    report = held(relay, Authority("another"), "submission")
    assert (report.exit_code, report.client.outcome, report.phase("AUTH").status) == (5, "failed", "withheld")


@pytest.mark.parametrize(
    ("recipient", "sender", "code", "words"),
    [
        (ELSEWHERE, ADDRESS, 554, "Relay access denied"),
        (UNKNOWN, ADDRESS, 550, "User unknown"),
        (RECIPIENT, "else@example.com", 553, "not owned by user"),
    ],
    ids=["relay refused", "no such user", "sender not owned"],
)
def test_relay_refuses(relay: MailServer, relay_authority: Authority, recipient: str, sender: str, code: int, words: str) -> None:
    report = held(relay, relay_authority, "submission", recipient=recipient, **{"from": sender})
    assert outcome(report) == (6, "failed", True, "LOGIN")
    refused = report.phase("RCPT TO")
    assert (refused.status, refused.code) == ("failed", code)
    assert words in refused.reply
    assert str(code) in str(report.client.error)
    assert report.phase("QUIT").status == "ok"


def test_sender_with_a_display_name_is_refused(relay: MailServer, relay_authority: Authority) -> None:
    report = held(relay, relay_authority, "submission", **{"from": f"Me <{ADDRESS}>"})
    assert outcome(report)[:2] == (6, "failed")
    assert report.phase("MAIL FROM").code == 555


def test_message_arrives(relay: MailServer, relay_authority: Authority) -> None:
    text = b"Message-ID: <mailwright-canary@example.com>\r\nSubject: test\r\n\r\n.one dot\r\n..\r\nend\r\n"
    report = held(relay, relay_authority, "submission", recipient=RECIPIENT, message=text)
    assert outcome(report) == (0, "connected", True, "LOGIN")
    assert [phase.name for phase in report.phases][-5:] == ["AUTH", "MAIL FROM", "RCPT TO", "message", "QUIT"]
    (mail,) = relay.mails()
    head, _, body = mail.partition(b"\n\n")
    assert b"Return-Path: <no-reply@example.com>\n" in head
    assert b"Message-ID: <mailwright-canary@example.com>\n" in head
    assert body == b".one dot\n..\nend\n"
