"""The handshake over real sockets: against the sandbox server, and against servers that are wrong or hostile."""

from __future__ import annotations

import base64
import json
import smtplib
import socket
import ssl
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

import pytest

from mailwright.base.errors import UsageError
from mailwright.base.secret import Secret
from mailwright.report.handshakes import render_text
from mailwright.sandbox.ca import Authority
from mailwright.sandbox.smtp import HOST, Fault, SandboxSmtp
from mailwright.verification.check import probe_here
from mailwright.verification.client import client_settings
from mailwright.verification.handshake import Report, Settings, probe
from products import ALL

pytestmark = pytest.mark.network

USER, PASSWORD = "no-reply@acme.example", "canary-p4ssword/+=\u00e4"
BASE64 = base64.b64encode(PASSWORD.encode())


def properties(port: int, **changes: str) -> dict[str, str]:
    """Return the properties that all tests begin with; a keyword's underscores stand for dots."""
    own = {
        "mail.smtp.host": HOST,
        "mail.smtp.port": str(port),
        "mail.smtp.auth": "true",
        "mail.smtp.starttls.enable": "true",
        "mail.smtp.user": USER,
        "mail.smtp.password": PASSWORD,
    }
    return {**own, **{f"mail.smtp.{name.replace('_', '.')}": value for name, value in changes.items()}}


def verify_sender(name: str, properties: Mapping[str, str], **options: Any) -> Report:
    """Hold the handshake for a sender's effective properties; the options are those of ``client_settings``."""
    return probe_here(client_settings(properties, ALL.newest, **options))._replace(name=name)


def statuses(report: Report) -> dict[str, str]:
    return {phase.name: phase.status for phase in report.phases}


def assert_silent(report: Report) -> None:
    """Assert that no output of a report holds the password, in clear or in base64, whole or in its main part."""
    outputs = [repr(report), json.dumps(report.to_json()), json.dumps(report.to_json(), ensure_ascii=False), render_text(report)]
    for output in outputs:
        for trace in ("canary", "p4ssword", BASE64.decode()[:12], BASE64.decode()[-12:]):
            assert trace not in output


class RawServer:
    """Run *talk* for each connection, one after the other, and keep every line that clients send in clear."""

    def __init__(self, talk: Callable[[RawServer, socket.socket], None]) -> None:
        self._talk = talk
        self._listener = socket.create_server((HOST, 0))
        self.port = self._listener.getsockname()[1]
        self.lines: list[bytes] = []
        self.over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(61)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        while not self.over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.settimeout(60)
                self._talk(self, connection)

    def dialogue(self, stream: BinaryIO, answers: dict[bytes, bytes], *, greet: bool = True) -> bytes:
        """Answer commands by their first word until one has no answer; return that one."""
        if greet:
            stream.write(b"220 raw relay\r\n")
        while True:
            stream.flush()
            line = stream.readline()
            self.lines.append(line)
            answer = answers.get(line.split(b" ")[0].strip().upper())
            if answer is None:
                return line
            stream.write(answer)


def plain(answers: dict[bytes, bytes]) -> RawServer:
    """Return a server without TLS that answers commands by their first word."""

    def talk(server: RawServer, connection: socket.socket) -> None:
        with connection.makefile("rwb") as stream:
            server.dialogue(cast(BinaryIO, stream), {b"QUIT": b"221 bye\r\n", **answers})

    return RawServer(talk)


def with_tls(
    authority: Authority, answers: dict[bytes, bytes], *, implicit: bool = False, names: tuple[str, ...] = (HOST,)
) -> RawServer:
    """Return a server that answers behind STARTTLS, or on a port that speaks TLS first."""
    context = authority.server_context(names)

    def talk(server: RawServer, connection: socket.socket) -> None:
        if not implicit:
            with connection.makefile("rwb") as stream:
                server.dialogue(cast(BinaryIO, stream), {b"EHLO": b"250-raw\r\n250 STARTTLS\r\n"})
                stream.write(b"220 go\r\n")
        with context.wrap_socket(connection, server_side=True) as tls, tls.makefile("rwb") as stream:
            server.dialogue(cast(BinaryIO, stream), {b"QUIT": b"221 bye\r\n", **answers}, greet=implicit)

    return RawServer(talk)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def sandbox(authority: Authority) -> Iterator[SandboxSmtp]:
    with SandboxSmtp(username=USER, password=PASSWORD, authority=authority) as server:
        yield server


# the sandbox itself


def test_sandbox_takes_mail_after_starttls_and_auth(sandbox: SandboxSmtp) -> None:
    context = ssl.create_default_context(cadata=sandbox.ca_pem)
    with smtplib.SMTP(sandbox.host, sandbox.port, local_hostname="test") as client:
        client.ehlo()
        assert client.docmd("MAIL", "FROM:<a@b.example>")[0] == 530
        assert client.docmd("AUTH", "LOGIN")[0] == 530
        client.starttls(context=context)
        client.ehlo()
        assert client.docmd("MAIL", "FROM:<a@b.example>")[0] == 530
        client.user, client.password = USER, "wrong"
        assert client.docmd("AUTH", "PLAIN " + base64.b64encode(b"\0u\0wrong").decode())[0] == 535
        client.docmd("AUTH", "PLAIN " + base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode())
        client.sendmail("a@b.example", ["c@d.example"], "Subject: hello\r\n\r\nbody\r\n")
    mail = sandbox.mailbox.pop()
    assert (mail.sender, mail.recipients) == ("a@b.example", ("c@d.example",))
    assert b"Subject: hello" in mail.content
    assert sandbox.host == "127.0.0.1"


def test_sandbox_closes_what_clients_leave_open() -> None:
    before = set(threading.enumerate())
    with SandboxSmtp(username=USER, password=PASSWORD) as server:
        idle, handshaking = (socket.create_connection((server.host, server.port), 60) for _ in range(2))
        for client in (idle, handshaking):
            assert client.recv(100).startswith(b"220 ")
        handshaking.sendall(b"EHLO x\r\nSTARTTLS\r\n")
        while b"220 " not in handshaking.recv(1000):
            pass
        started = time.monotonic()
    assert time.monotonic() - started < 20
    assert set(threading.enumerate()) <= before, "those of other tests may end meanwhile"
    for client in (idle, handshaking):
        with client, suppress(ConnectionResetError):
            assert client.recv(1) == b""
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((server.host, server.port), 60)


# what goes well


def test_authenticates_over_verified_tls(sandbox: SandboxSmtp) -> None:
    report = verify_sender("global", properties(sandbox.port), ca_pem=sandbox.ca_pem)
    assert report.exit_code == 0
    assert set(statuses(report).values()) == {"ok"}
    names = ["resolve", "connect", "banner", "EHLO", "STARTTLS", "TLS", "EHLO again", "AUTH", "QUIT"]
    assert list(statuses(report)) == names
    client = report.client
    assert (client.outcome, client.authenticated, client.mechanism) == ("connected", True, "LOGIN")
    assert (client.cleartext_credentials, client.basis) == (False, "observed")
    assert report.tls is not None
    assert report.tls["verified"] is True
    assert report.tls["version"] in ("TLSv1.2", "TLSv1.3")
    assert "STARTTLS" in report.offered
    assert any(line.startswith("AUTH") for line in report.offered_tls)
    assert report.findings == ()
    assert_silent(report)


def test_json_has_the_agreed_shape(sandbox: SandboxSmtp) -> None:
    document = json.loads(json.dumps(verify_sender("global", properties(sandbox.port), ca_pem=sandbox.ca_pem).to_json()))
    assert list(document) == ["name", "host", "port", "vantage", "phases", "tls", "client", "findings", "exit_code"]
    assert all(
        list(phase) == ["name", "status", "code", "reply", "ms", "detail", "enhanced", "cause"] for phase in document["phases"]
    )
    client = ["outcome", "error", "authenticated", "mechanism", "cleartext_credentials", "basis"]
    assert list(document["client"]) == client
    assert list(document["tls"]) == ["version", "cipher", "names", "verified"]


def test_text_is_ascii_and_names_each_phase(sandbox: SandboxSmtp) -> None:
    report = verify_sender("b\u00fccher.example", properties(sandbox.port), ca_pem=sandbox.ca_pem)
    text = render_text(report)
    assert text.isascii()
    lines = text.splitlines()
    assert lines[0].startswith(f"b\\xfccher.example: 127.0.0.1:{sandbox.port}")
    assert lines[0].endswith("ok")
    names = ["resolve", "connect", "banner", "EHLO", "STARTTLS", "TLS", "EHLO", "AUTH", "QUIT"]
    assert [line.split()[1] for line in lines[1:10]] == names
    assert lines[10] == "  the server's own client: connects and authenticates with LOGIN (observed)"


def test_references_are_resolved_or_auth_is_skipped(sandbox: SandboxSmtp) -> None:
    own = properties(sandbox.port, password="$secret{smtp}")
    report = verify_sender("x", own, ca_pem=sandbox.ca_pem)
    assert (report.exit_code, report.phase("AUTH").status) == (0, "skipped")
    assert report.phase("AUTH").detail == "$secret{smtp} is not resolved here"
    assert (report.client.outcome, report.client.authenticated, report.client.basis) == ("connected", None, "predicted")
    report = verify_sender("x", own, ca_pem=sandbox.ca_pem, resolve_secret=lambda text: Secret(PASSWORD, text))
    assert (report.exit_code, report.phase("AUTH").status) == (0, "ok")
    assert_silent(report)


def test_implicit_tls(authority: Authority) -> None:
    answers = {b"EHLO": b"250-raw\r\n250 AUTH PLAIN\r\n", b"AUTH": b"235 yes\r\n"}
    with with_tls(authority, answers, implicit=True) as server:
        report = verify_sender("x", properties(server.port, ssl_enable="true"), ca_pem=authority.ca_pem)
    assert report.exit_code == 0
    assert list(statuses(report)) == ["resolve", "connect", "TLS", "banner", "EHLO", "AUTH", "QUIT"]
    assert (report.client.outcome, report.client.mechanism, report.client.basis) == ("connected", "PLAIN", "observed")


# what goes wrong


def test_wrong_password(sandbox: SandboxSmtp) -> None:
    report = verify_sender("x", properties(sandbox.port, password="canary-wrong-one"), ca_pem=sandbox.ca_pem)
    assert report.exit_code == 4
    assert (report.phase("AUTH").status, report.phase("AUTH").code) == ("failed", 535)
    assert (report.client.outcome, report.client.authenticated, report.client.basis) == ("failed", False, "observed")
    assert "535" in str(report.client.error)
    assert_silent(report)


def test_unknown_ca(sandbox: SandboxSmtp) -> None:
    report = verify_sender("x", properties(sandbox.port), ca_pem=Authority("another").ca_pem)
    assert report.exit_code == 5
    assert (report.phase("TLS").status, report.phase("AUTH").status) == ("failed", "withheld")
    assert (report.client.outcome, report.client.basis) == ("failed", "observed")
    assert "could not convert socket to TLS" in str(report.client.error)


def test_unknown_ca_of_the_system_is_a_prediction(sandbox: SandboxSmtp) -> None:
    report = verify_sender("x", properties(sandbox.port))
    assert (report.exit_code, report.client.outcome, report.client.basis) == (5, "failed", "predicted")


def test_client_that_trusts_the_host_takes_any_chain(sandbox: SandboxSmtp) -> None:
    other = Authority("another").ca_pem
    report = verify_sender("x", properties(sandbox.port, ssl_trust=HOST), ca_pem=other)
    assert report.exit_code == 5
    assert (report.phase("TLS").status, report.phase("AUTH").status) == ("failed", "withheld")
    assert (report.client.outcome, report.client.mechanism, report.client.basis) == ("connected", "LOGIN", "predicted")
    report = verify_sender("x", properties(sandbox.port, ssl_trust="*"), ca_pem=other, allow_unverified=True)
    assert (report.exit_code, report.phase("AUTH").status) == (0, "ok")
    assert report.tls is not None
    assert report.tls["verified"] is False


def test_allow_unverified_does_not_make_the_client_trust(sandbox: SandboxSmtp) -> None:
    report = verify_sender("x", properties(sandbox.port), ca_pem=Authority("another").ca_pem, allow_unverified=True)
    assert (report.exit_code, report.phase("TLS").status, report.phase("AUTH").status) == (5, "failed", "ok")
    assert report.client.outcome == "failed"
    own = properties(sandbox.port, password="canary-wrong-one")
    report = verify_sender("x", own, ca_pem=Authority("another").ca_pem, allow_unverified=True)
    assert (report.exit_code, report.phase("AUTH").status) == (5, "failed")


def test_wrong_host_name(authority: Authority) -> None:
    with SandboxSmtp(username=USER, password=PASSWORD, names=("relay.example",), authority=authority) as server:
        report = verify_sender("x", properties(server.port), ca_pem=server.ca_pem)
        assert report.exit_code == 5
        assert report.phase("TLS").detail == "the certificate is for relay.example, not for 127.0.0.1"
        assert (report.phase("TLS").status, report.phase("AUTH").status) == ("failed", "withheld")
        assert (report.client.outcome, report.client.authenticated, report.client.basis) == ("connected", None, "predicted")
        assert any("not for this host" in finding.message for finding in report.findings)

        report = verify_sender("x", properties(server.port, ssl_checkserveridentity="true"), ca_pem=server.ca_pem)
        assert (report.exit_code, report.client.outcome) == (5, "failed")
        assert report.client.error == "can't verify identity of server"

        report = verify_sender("x", properties(server.port), ca_pem=server.ca_pem, allow_unverified=True)
        assert (report.exit_code, report.phase("AUTH").status) == (0, "ok")


def test_expired_certificate(authority: Authority) -> None:
    with SandboxSmtp(username=USER, password=PASSWORD, authority=authority, faults=[Fault.EXPIRED]) as server:
        report = verify_sender("x", properties(server.port), ca_pem=authority.ca_pem)
    assert (report.exit_code, report.client.outcome, report.phase("AUTH").status) == (5, "failed", "withheld")
    assert "expired" in report.phase("TLS").detail


def test_obsolete_tls(authority: Authority) -> None:
    context = authority.server_context((HOST,))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")

    def talk(server: RawServer, connection: socket.socket) -> None:
        context.wrap_socket(connection, server_side=True).close()

    with RawServer(talk) as server:
        report = verify_sender("x", properties(server.port, ssl_enable="true"), ca_pem=authority.ca_pem)
    assert (report.exit_code, report.client.outcome, report.phase("TLS").status) == (5, "failed", "failed")


CLEAR = {b"EHLO": b"250-raw\r\n250 AUTH LOGIN PLAIN\r\n", b"AUTH": b"334 VXNlcg==\r\n"}


def test_no_starttls_withholds_and_predicts_clear_text() -> None:
    with plain(CLEAR) as server:
        report = verify_sender("x", properties(server.port))
    assert report.exit_code == 5
    assert (report.phase("STARTTLS").status, report.phase("AUTH").status) == ("skipped", "withheld")
    client = report.client
    assert (client.outcome, client.mechanism, client.cleartext_credentials) == ("connected", "LOGIN", True)
    assert (client.authenticated, client.basis) == (None, "predicted")
    assert not any(line.startswith(b"AUTH") for line in server.lines)
    assert "clear text" in render_text(report)


def test_no_starttls_though_required() -> None:
    with plain(CLEAR) as server:
        report = verify_sender("x", properties(server.port, starttls_required="true"), allow_cleartext=True)
    assert (report.exit_code, report.phase("STARTTLS").status, report.phase("AUTH").status) == (5, "failed", "not-reached")
    assert (report.client.outcome, report.client.cleartext_credentials, report.client.basis) == ("failed", False, "observed")
    assert not any(line.startswith(b"AUTH") for line in server.lines)


def test_clear_text_where_it_is_allowed() -> None:
    user, password = base64.b64encode(USER.encode()), BASE64
    answers = {**CLEAR, user.upper(): b"334 UGFzcw==\r\n", password.upper(): b"235 welcome\r\n"}
    with plain(answers) as server:
        report = verify_sender("x", properties(server.port), allow_cleartext=True)
    assert (report.exit_code, report.phase("AUTH").status) == (0, "ok")
    client = report.client
    assert (client.authenticated, client.cleartext_credentials, client.basis) == (True, True, "observed")
    assert password + b"\r\n" in server.lines


@pytest.mark.parametrize(
    ("changes", "authenticated", "exit_code", "outcome"),
    [
        ({}, False, 0, "connected"),
        ({"auth": "false"}, False, 0, "connected"),
        ({"user": "", "password": ""}, False, 4, "failed"),
        ({"starttls_required": "true"}, False, 5, "failed"),
    ],
)
def test_relay_without_auth(changes: dict[str, str], authenticated: bool | None, exit_code: int, outcome: str) -> None:
    with plain({b"EHLO": b"250-raw\r\n250 SIZE\r\n"}) as server:
        report = verify_sender("x", properties(server.port, **changes))
    assert (report.client.authenticated, report.exit_code, report.client.outcome) == (authenticated, exit_code, outcome)


def test_relay_that_wants_starttls_while_the_client_has_it_off(sandbox: SandboxSmtp) -> None:
    report = verify_sender("x", properties(sandbox.port, starttls_enable="false"), ca_pem=sandbox.ca_pem)
    assert (report.exit_code, report.client.outcome, report.client.basis) == (5, "failed", "predicted")


@pytest.mark.parametrize("answer", [b"454 4.7.0 TLS not available\r\n", b"220 go\r\n250 injected\r\n", b"220 go\r\n2"])
def test_starttls_refused_or_injected(answer: bytes) -> None:
    with plain({**CLEAR, b"EHLO": b"250-raw\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n", b"STARTTLS": answer}) as server:
        report = verify_sender("x", properties(server.port), timeout=60, allow_cleartext=True, allow_unverified=True)
    starttls = report.phase("STARTTLS")
    assert (report.exit_code, starttls.status, report.phase("AUTH").status) == (5, "failed", "not-reached")
    assert (starttls.code, report.client.outcome) == (int(answer[:3]), "failed")
    assert report.client.basis == ("predicted" if answer.startswith(b"220") else "observed")
    assert ("injected" in starttls.detail) is answer.startswith(b"220")
    assert not any(line.startswith(b"AUTH") for line in server.lines)


def test_injected_bytes_end_the_handshake_but_not_the_client() -> None:
    with plain({**CLEAR, b"EHLO": b"250-raw\r\n250 STARTTLS\r\n", b"STARTTLS": b"220 go\r\n250 injected\r\n"}) as server:
        report = verify_sender("x", properties(server.port))
    assert (report.exit_code, report.phase("STARTTLS").status, report.phase("TLS").status) == (5, "failed", "not-reached")
    assert (report.client.outcome, report.client.authenticated, report.client.basis) == ("connected", None, "predicted")


@pytest.mark.parametrize(("banner", "code"), [(b"554 go away\r\n", 6), (b"SSH-2.0-x\r\n", 6), (b"", 3), (b"220-a\r\n", 3)])
def test_banner_that_is_no_greeting(banner: bytes, code: int) -> None:
    def talk(server: RawServer, connection: socket.socket) -> None:
        connection.sendall(banner)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(100)

    with RawServer(talk) as server:
        report = verify_sender("x", properties(server.port))
    assert (report.exit_code, report.phase("banner").status, report.client.outcome) == (code, "failed", "failed")


def test_port_that_speaks_tls_first_looks_silent(authority: Authority) -> None:
    with with_tls(authority, {}, implicit=True) as server:
        report = verify_sender("x", properties(server.port), ca_pem=authority.ca_pem, timeout=1)
    assert (report.exit_code, report.client.outcome) == (3, "failed")
    assert "speaks TLS first" in report.phase("banner").detail


# what must not hang


def drip(server: RawServer, connection: socket.socket) -> None:
    while not server.over.wait(0.05):
        connection.sendall(b"2")


def flood(server: RawServer, connection: socket.socket) -> None:
    while not server.over.is_set():
        connection.sendall(b"220-welcome\r\n" * 100)


def flood_without_line(server: RawServer, connection: socket.socket) -> None:
    while not server.over.is_set():
        connection.sendall(b"220 " + b"a" * 1000)


def slow_lines(server: RawServer, connection: socket.socket) -> None:
    while not server.over.wait(0.05):
        connection.sendall(b"220-welcome\r\n")


@pytest.mark.parametrize("talk", [drip, flood, flood_without_line, slow_lines])
def test_endless_banner_ends(talk: Callable[[RawServer, socket.socket], None]) -> None:
    with RawServer(talk) as server:
        started = time.monotonic()
        report = verify_sender("x", properties(server.port), timeout=0.5)
        took = time.monotonic() - started
    assert took < 20
    assert report.phase("banner").status == "failed"
    assert report.exit_code in (3, 6)


def test_deadline_ends_what_each_phase_survives() -> None:
    def slow(server: RawServer, connection: socket.socket) -> None:
        with connection.makefile("rwb") as stream:
            for wait, answer in ((1, b"220 a\r\n"), (60, b"250 b\r\n"), (0, b"221 c\r\n")):
                server.over.wait(wait)
                stream.write(answer)
                stream.flush()
                stream.readline()

    own = Settings(HOST, 0, timeout=60, deadline=4)
    with RawServer(slow) as server:
        started = time.monotonic()
        report = probe(own._replace(port=server.port))
        took = time.monotonic() - started
    assert took < 30
    assert (report.exit_code, statuses(report)["banner"], statuses(report)["EHLO"]) == (3, "ok", "failed")


def test_time_out_is_for_a_phase_and_not_for_each_of_its_replies() -> None:
    def slow(server: RawServer, connection: socket.socket) -> None:
        with connection.makefile("rwb") as stream:
            for answer in (b"220 a\r\n", b"250-b\r\n250 AUTH LOGIN\r\n", b"334 \r\n", b"334 \r\n", b"235 c\r\n"):
                server.over.wait(1.2 if answer.startswith((b"3", b"235")) else 0)
                stream.write(answer)
                stream.flush()
                stream.readline()

    with RawServer(slow) as server:
        report = verify_sender("x", properties(server.port), timeout=3, allow_cleartext=True)
    assert (report.exit_code, report.phase("AUTH").status, report.phase("AUTH").detail) == (3, "failed", "timed out")
    assert (report.client.outcome, report.client.cleartext_credentials) == ("failed", True)


# what cannot be reached


def test_refused_port() -> None:
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
    report = verify_sender("x", properties(port))
    assert (report.exit_code, statuses(report)["connect"], statuses(report)["AUTH"]) == (3, "failed", "not-reached")
    assert "refused" in report.phase("connect").detail.lower()


@pytest.mark.parametrize("host", ["nonexistent.invalid", "a..b", "x" * 300, ".", "a\x00b", "$env{SMTP_HOST}"])
def test_no_such_name(host: str) -> None:
    report = verify_sender("x", {**properties(25), "mail.smtp.host": host}, timeout=5)
    assert (report.exit_code, statuses(report)["resolve"], report.client.outcome) == (3, "failed", "failed")
    assert render_text(report).isascii()


@pytest.mark.parametrize("port", ["70000", "-2", "0"])
def test_no_such_port(port: str) -> None:
    report = verify_sender("x", {**properties(25), "mail.smtp.port": port})
    assert (report.exit_code, statuses(report)["connect"]) == (3, "failed")


@pytest.mark.parametrize("pem", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_trust_store_without_a_certificate(pem: str) -> None:
    with pytest.raises(UsageError, match="no usable PEM certificate"):
        verify_sender("x", properties(25), ca_pem=pem)


def test_trust_store_with_comments_in_any_script(sandbox: SandboxSmtp) -> None:
    pem = f"# Aussteller: B\u00fccher\n{sandbox.ca_pem}\ntrailing - words\n"
    assert verify_sender("x", properties(sandbox.port), ca_pem=pem).exit_code == 0


# what a hostile peer may try


def echoes() -> list[bytes]:
    clear, blob = PASSWORD.encode(), base64.b64encode(f"\0{USER}\0{PASSWORD}".encode())
    return [clear, BASE64, blob, blob[:-9], b"\x00".join(clear[at : at + 1] for at in range(15)), b"<" + clear + b">" + clear]


@pytest.mark.parametrize("echo", echoes())
@pytest.mark.parametrize("code", [b"535", b"235", b"334"])
def test_password_echoed_appears_nowhere(authority: Authority, echo: bytes, code: bytes) -> None:
    hostile = code + b"-you said " + echo + b"\r\n" + code + b" yes " + echo + b"\r\n"
    answers = {b"EHLO": b"250-" + echo + b"\r\n250-X " + echo + b"\r\n250 AUTH PLAIN\r\n", b"AUTH": hostile, b"": hostile}
    answers[b"QUIT"] = b"221 " + echo + b"\r\n"
    with with_tls(authority, answers) as server:
        report = verify_sender("x", properties(server.port), ca_pem=authority.ca_pem)
    assert (report.phase("AUTH").status == "ok") is (code == b"235")
    assert "<sent>" in report.phase("AUTH").reply
    assert_silent(report)


def test_names_of_a_certificate_are_masked_too(authority: Authority) -> None:
    with SandboxSmtp(username=USER, password="x", names=("canary-p4ssword.example",), authority=authority) as server:
        report = verify_sender("x", properties(server.port, password="canary-p4ssword"), ca_pem=server.ca_pem)
    assert report.phase("TLS").status == "failed"
    assert_silent(report)
