"""swaks and OpenSSL's client see the same relay as verify does: capabilities, TLS version, cipher and chain."""

from __future__ import annotations

import re
import subprocess

import pytest
from mailserver import ADDRESS, HOST, PASSWORD, RECIPIENT, USER, MailServer

from mailwright.sandbox.ca import Authority
from mailwright.verification.client import client_settings
from mailwright.verification.handshake import Report, probe
from peers import find, require
from products import ALL

pytestmark = pytest.mark.network


def verified(relay: MailServer, authority: Authority, service: str, **changes: str) -> Report:
    properties = {"host": HOST, "port": str(relay.ports[service]), "auth": "true", "starttls.enable": "true", "user": USER}
    properties |= {"password": PASSWORD, "from": ADDRESS} | {name.replace("_", "."): text for name, text in changes.items()}
    named = {f"mail.smtp.{name}": text for name, text in properties.items()}
    settings = client_settings(named, ALL.newest, ca_pem=authority.ca_pem, timeout=60)
    return probe(settings._replace(recipient=RECIPIENT), name=service)


def ran(command: str, *arguments: str) -> tuple[int, str]:
    """Run a command without input; return its exit code and all that it says."""
    done = subprocess.run([str(find(command)), *arguments], input="QUIT\r\n", capture_output=True, text=True, timeout=240)
    return done.returncode, done.stdout + done.stderr


def capabilities(said: str, mark: str) -> list[tuple[str, ...]]:
    """Return what each reply to EHLO offers in the output of swaks, whose lines of the server begin with *mark*."""
    replies: list[tuple[str, ...]] = []
    lines: list[str] = []
    for line in re.findall(rf"^{re.escape(mark)} +250([- ].*)$", said, re.M):
        lines.append(line[1:])
        if line[0] == " ":
            replies.append(tuple(lines[1:]))
            lines = []
    return [reply for reply in replies if reply]


@pytest.mark.parametrize(("service", "options"), [("submission", ("--tls",)), ("smtps", ("--tlsc",))])
def test_swaks_agrees(relay: MailServer, relay_authority: Authority, service: str, options: tuple[str, ...]) -> None:
    require("swaks", "perl")
    if ran("perl", "-MNet::SSLeay", "-e", "1")[0]:
        pytest.skip("not installed: Net::SSLeay, without which swaks has no TLS")
    where = ("--server", HOST, "--port", str(relay.ports[service]), "--helo", "node.example.com")
    who = ("--auth", "LOGIN", "--auth-user", USER, "--auth-password", PASSWORD, "--from", ADDRESS, "--to", RECIPIENT.strip("<>"))
    code, said = ran("swaks", *where, *who, *options, "--quit-after", "RCPT")
    assert code == 0, said
    report = verified(relay, relay_authority, service, **({"ssl_enable": "true"} if service == "smtps" else {}))
    assert (report.exit_code, report.client.outcome) == (0, "connected")
    clear, hidden = capabilities(said, "<-"), capabilities(said, "<~")
    assert ([report.offered] if service == "submission" else []) == clear
    assert [report.offered_tls] == hidden
    tls = re.search(r"TLS started with cipher (\S+?):(\S+?):", said)
    assert tls is not None
    assert report.tls is not None
    assert (report.tls["version"], report.tls["cipher"]) == tls.groups()
    assert report.phase("AUTH").code == 235
    assert "<~  235" in said


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
@pytest.mark.parametrize("service", ["submission", "smtps"])
def test_openssl_agrees(relay: MailServer, relay_authority: Authority, service: str, version: str) -> None:
    require("openssl")
    authorities = relay.folder / "authorities.pem"
    authorities.write_text(relay_authority.ca_pem, encoding="ascii")
    where = ("-connect", f"{HOST}:{relay.ports[service]}", "-CAfile", str(authorities), "-verify_ip", HOST)
    how = ("-starttls", "smtp") if service == "submission" else ()
    _, said = ran("openssl", "s_client", *where, *how, "-showcerts", "-" + version.lower().replace(".", "_").replace("v", ""))
    report = verified(
        relay, relay_authority, service, ssl_protocols=version, **({"ssl_enable": "true"} if service == "smtps" else {})
    )
    tls = re.search(r"^New, (\S+), Cipher is (\S+)$", said, re.M)
    assert tls is not None, said
    assert report.tls is not None
    assert (report.tls["version"], report.tls["cipher"]) == tls.groups()
    assert ("Verify return code: 0 (ok)" in said) is report.tls["verified"] is True
    chain = re.findall("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", said, re.S)
    assert [pem_of(der) for der in report.chain] == chain


@pytest.mark.parametrize("trusted", [True, False])
def test_openssl_agrees_on_an_unknown_authority(relay: MailServer, relay_authority: Authority, *, trusted: bool) -> None:
    require("openssl")
    authority = relay_authority if trusted else Authority("another")
    authorities = relay.folder / f"authorities-{trusted}.pem"
    authorities.write_text(authority.ca_pem, encoding="ascii")
    where = ("-connect", f"{HOST}:{relay.ports['submission']}", "-starttls", "smtp", "-CAfile", str(authorities))
    _, said = ran("openssl", "s_client", *where, "-verify_return_error")
    report = verified(relay, authority, "submission")
    assert ("Verify return code: 0 (ok)" in said) is trusted
    assert (report.exit_code == 0) is trusted
    assert (report.phase("TLS").status == "ok") is trusted


def pem_of(der: bytes) -> str:
    import ssl

    return ssl.DER_cert_to_PEM_cert(der).strip()
