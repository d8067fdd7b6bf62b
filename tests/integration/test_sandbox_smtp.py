"""`mailwright sandbox smtp`: each fault as `mailwright verify` meets it, mail that comes through, and the command itself."""

from __future__ import annotations

import json
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mailwright.base.errors import UsageError
from mailwright.sandbox.ca import Authority
from mailwright.sandbox.smtp import HOST, Fault, SandboxSmtp, TokenEndpoint, parse_faults

if TYPE_CHECKING:
    from commands import Result, Run

pytestmark = pytest.mark.network

PASSWORD, SECRET = "canary-p4ss-71", "canary-s3cret-72"
AUTHORITY = Authority()
BASIC = "username: mailer\n  password: $secret{smtp}"
CLIENT = "auth_type: CLIENT_CREDENTIAL\n  client_id: the-id\n  client_secret: $secret{client}\n  scopes: mail\n  token_endpoint: "

# Exit code, the phase that is not passed and its status, the code of a finding, what the server's own client ends in.
MET = {
    Fault.NO_STARTTLS: (5, "AUTH", "withheld", "cleartext-credentials", "connected"),
    Fault.NO_AUTH: (6, "MAIL FROM", "failed", None, "failed"),
    Fault.CLEARTEXT_AUTH: (0, None, None, "starttls-opportunistic", "connected"),
    Fault.STARTTLS_REFUSED: (5, "STARTTLS", "failed", None, "failed"),
    Fault.CLIENT_CERTIFICATE: (5, "EHLO again", "failed", "client-certificate", "failed"),
    Fault.WRONG_NAME: (5, "TLS", "failed", None, "failed"),
    Fault.EXPIRED: (5, "TLS", "failed", "certificate-expired", "failed"),
    Fault.NOT_YET_VALID: (5, "TLS", "failed", "certificate-not-yet-valid", "failed"),
    Fault.UNKNOWN_CA: (5, "TLS", "failed", "unknown-ca", "failed"),
    Fault.INCOMPLETE_CHAIN: (5, "TLS", "failed", "incomplete-chain", "failed"),
    Fault.OLD_TLS: (5, "TLS", "failed", None, "failed"),  # asyncio closes without an alert; test_handshake_sandbox.py has one
    Fault.ONLY_TLS13: (0, None, None, None, "connected"),
    Fault.AUTH_REFUSED: (4, "AUTH", "failed", None, "failed"),
    Fault.TOKEN_REFUSED: (4, "AUTH", "failed", None, "failed"),
    Fault.SENDER_REFUSED: (6, "MAIL FROM", "failed", None, "failed"),
    Fault.RELAY_REFUSED: (6, "RCPT TO", "failed", None, "failed"),
    Fault.GREYLISTED: (6, "RCPT TO", "failed", None, "failed"),
    Fault.TOO_BIG: (6, "message", "failed", None, "failed"),
    Fault.MESSAGE_REFUSED: (6, "message", "failed", None, "failed"),
    Fault.NO_SMTPUTF8: (0, None, None, None, "connected"),
    Fault.EHLO_BUSY: (3, "EHLO", "failed", "temporary", "failed"),
    Fault.BUSY: (6, "banner", "failed", "temporary", "failed"),
    Fault.CLOSES: (3, "banner", "failed", None, "failed"),
    Fault.SILENT: (3, "banner", "failed", None, "failed"),
}
UTF8 = ", mail.mime.allowutf8: true"


@contextmanager
def tokens() -> Iterator[TokenEndpoint]:
    with TokenEndpoint("the-id", SECRET, AUTHORITY.server_context(("localhost", HOST)), HOST) as endpoint:
        yield endpoint


def verify(
    run: Run,
    folder: Path,
    server: SandboxSmtp,
    login: str = BASIC,
    more: str = "",
    address: str = "no-reply@example.com",
    timeout: int = 60,
) -> Result:
    (folder / "ca.pem").write_text(server.ca_pem, encoding="ascii")
    (folder / "email.yaml").write_text(
        f"""mailwright: 1
product: {{version: "7.2.0"}}
global:
  from_address: {address}
  hostname: localhost
  port: {server.port}
  signature: Research & Development
  reply_to: help@example.com
  {login}
  custom_properties: {{mail.smtp.ssl.checkserveridentity: true{more}}}
""",
        encoding="utf-8",
    )
    env = {"MAILWRIGHT_SECRET_SMTP": PASSWORD, "MAILWRIGHT_SECRET_CLIENT": SECRET}
    options = ("--ca-file", "ca.pem", "--timeout", str(timeout), "--send-test-to", "ops@example.com", "--format", "json")
    result = run("verify", "email.yaml", *options, env=env, cwd=folder)
    assert not {PASSWORD, SECRET} & set(result.output.split())
    return result


@pytest.mark.parametrize(("faults", "more", "code"), [([], "", 0), ([Fault.NO_SMTPUTF8], "", 6), ([Fault.NO_SMTPUTF8], UTF8, 6)])
def test_a_relay_that_does_not_read_the_senders_address(
    faults: list[Fault], more: str, code: int, tmp_path: Path, run: Run
) -> None:
    """It answers MAIL FROM with 500, as to a command that it does not know: no mail goes out."""
    with SandboxSmtp(username="mailer", password=PASSWORD, authority=AUTHORITY, faults=faults) as server:
        result = verify(run, tmp_path, server, more=more, address="j\u00fcrgen@example.com")
    assert result.code == code, result.output
    (sender,) = result.json["senders"]
    assert sender["client"]["outcome"] == ("failed" if code else "connected")
    assert "address-not-ascii" in [entry["code"] for entry in sender["findings"]]


def test_every_fault_is_in_the_table() -> None:
    assert list(MET) == list(Fault)


@pytest.mark.parametrize("fault", Fault, ids=lambda fault: fault.word)
def test_a_fault(fault: Fault, tmp_path: Path, run: Run) -> None:
    code, phase, status, finding, outcome = MET[fault]
    with (
        tokens() as endpoint,
        SandboxSmtp(
            username="mailer", password=PASSWORD, takes_token=endpoint.takes, authority=AUTHORITY, faults=[fault]
        ) as server,
    ):
        login = CLIENT + endpoint.url if fault is Fault.TOKEN_REFUSED else BASIC
        result = verify(run, tmp_path, server, login, timeout=1 if fault is Fault.SILENT else 60)
    (sender,) = result.json["senders"]
    assert (result.code, sender["client"]["outcome"]) == (code, outcome), result.output
    problems = [(entry["name"], entry["status"]) for entry in sender["phases"] if entry["status"] in ("failed", "withheld")]
    assert problems[:1] == ([(phase, status)] if phase else [])
    assert finding is None or finding in [entry["code"] for entry in sender["findings"]]
    assert len(server.mailbox) == (0 if phase else 1)


@pytest.mark.parametrize("implicit", [False, True], ids=["STARTTLS", "implicit TLS"])
@pytest.mark.parametrize("oauth", [False, True], ids=["BASIC", "CLIENT_CREDENTIAL"])
def test_mail_comes_through(implicit: bool, oauth: bool, tmp_path: Path, run: Run) -> None:
    with (
        tokens() as endpoint,
        SandboxSmtp(
            username="mailer", password=PASSWORD, takes_token=endpoint.takes, authority=AUTHORITY, implicit_tls=implicit
        ) as server,
    ):
        login = CLIENT + endpoint.url if oauth else BASIC
        result = verify(run, tmp_path, server, login, ", mail.smtp.ssl.enable: true" if implicit else "")
    assert result.code == 0, result.output
    (sender,) = result.json["senders"]
    assert sender["client"]["mechanism"] == ("XOAUTH2" if oauth else "LOGIN")
    (mail,) = server.mailbox
    assert (mail.sender, mail.recipients) == ("no-reply@example.com", ("ops@example.com",))
    assert mail.header("From") == "Research & Development <no-reply@example.com>"
    assert mail.header("Reply-To") == "help@example.com"
    assert mail.header("Message-ID") == sender["message_id"]


def test_another_client_secret_gets_no_token(tmp_path: Path, run: Run) -> None:
    with (
        TokenEndpoint("the-id", "another", AUTHORITY.server_context(("localhost", HOST)), HOST) as endpoint,
        SandboxSmtp(username="mailer", password=PASSWORD, takes_token=endpoint.takes, authority=AUTHORITY) as server,
    ):
        result = verify(run, tmp_path, server, CLIENT + endpoint.url)
    assert result.code == 4, result.output
    assert "invalid_client" in result.output


@pytest.mark.parametrize(
    ("words", "said"), [(["expired", "not-yet-valid"], "exclude each other"), (["rain"], "there is no such fault")]
)
def test_faults_that_cannot_be(words: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_faults(words)


def test_the_command(tmp_path: Path, run: Run) -> None:
    (tmp_path / "pw").write_text(PASSWORD + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "mailwright", "sandbox", "smtp", "--password-file", "pw", "--ca-out", "ca.pem"]
    process = subprocess.Popen(
        [*command, "--mailbox", "mail", "--delay", "0.01", "--fault", "only-tls13"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        assert process.stdout is not None
        port = re.search(r"SMTP with STARTTLS on 127\.0\.0\.1:(\d+), AUTH as mailer", process.stdout.readline())
        assert port
        assert process.stdout.readline() == "fault only-tls13: TLS 1.3 at least\n"
        server = Known(int(port[1]), (tmp_path / "ca.pem").read_text(encoding="ascii"))
        result = verify(run, tmp_path, server)  # type: ignore[arg-type]
        assert result.code == 0, result.output
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=240)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, PASSWORD in out + err) == (130, False)
    message_id = result.json["senders"][0]["message_id"]
    assert out.startswith("no-reply@example.com -> ops@example.com: ")
    assert message_id in out
    assert stat.S_IMODE((tmp_path / "mail").stat().st_mode) == 0o700
    listed = run("sandbox", "mailbox", "mail", cwd=tmp_path)
    assert (listed.code, listed.stdout) == (0, out)
    (found,) = map(json.loads, run("sandbox", "mailbox", "mail", "--format", "json", cwd=tmp_path).stdout.splitlines())
    expected: dict[str, Any] = {"sender": "no-reply@example.com", "recipients": ["ops@example.com"], "message_id": message_id}
    assert expected.items() <= found.items()


class Known:
    """A server that runs elsewhere."""

    def __init__(self, port: int, ca_pem: str) -> None:
        self.port, self.ca_pem = port, ca_pem


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mailbox", "."], "there is no mailbox (Maildir) here"),
        (["smtp", "--password-file", "none"], "--password-file cannot be read\n  hint: name a file that holds the secret"),
        (["smtp", "--password-file", "empty"], "--password-file is empty"),
        (["smtp", "--password-file", "pw", "--fault", "x"], "one of no-starttls, no-auth"),
        (["smtp", "--password-file", "pw", "--mailbox", "pw"], "no mailbox can be made here"),
    ],
)
def test_bad_use(arguments: list[str], said: str, tmp_path: Path, run: Run) -> None:
    (tmp_path / "pw").write_text("x", encoding="utf-8")
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    result = run("sandbox", *arguments, cwd=tmp_path)
    assert result.code == 2
    assert said in result.stderr


def test_a_port_that_is_taken(tmp_path: Path, run: Run) -> None:
    (tmp_path / "pw").write_text("x", encoding="utf-8")
    with SandboxSmtp(username="mailer", password="x") as server:
        result = run("sandbox", "smtp", "--password-file", "pw", "--port", str(server.port), cwd=tmp_path)
    assert result.code == 2
    assert f"port {server.port} cannot be listened on" in result.stderr
