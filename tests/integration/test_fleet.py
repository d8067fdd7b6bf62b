"""`mailwright verify` for many senders: each endpoint once, results as they come, formats, interrupts, and no secret anywhere."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator

from mailwright.sandbox.ca import Authority
from mailwright.sandbox.smtp import HOST, SandboxSmtp
from terminal import on_a_terminal

if TYPE_CHECKING:
    from commands import Run

pytestmark = pytest.mark.network

PASSWORD = "canary-fl33t-password/+="
AUTHORITY = Authority("Fleet CA")
REPORT = json.loads((Path(__file__).resolve().parents[2] / "schema" / "report.schema.json").read_text(encoding="utf-8"))


class Counting:
    """Speak enough SMTP in clear, count the connections, and repeat what clients say."""

    def __init__(self, *, pause: float = 0.0) -> None:
        self._listener = socket.create_server((HOST, 0))
        self.port = self._listener.getsockname()[1]
        self.connections = 0
        self.said = b""
        self._pause = pause
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(60)
        with connection, suppress(OSError), connection.makefile("rwb") as stream:
            time.sleep(self._pause)
            stream.write(b"220 counting\r\n")
            stream.flush()
            for line in stream:
                self.said += line
                word = line.split()[0].upper() if line.split() else b""
                echo = line.strip()
                with suppress(ValueError):
                    echo += b" " + base64.b64decode(echo.split()[-1] if echo else b"")
                answer = {b"EHLO": b"250-counting\r\n250 AUTH PLAIN\r\n", b"QUIT": b"221 bye\r\n"}.get(word)
                reply = b" ".join([echo, echo[::-1], base64.b64encode(echo)]).replace(b"\n", b" ").replace(b"\r", b" ")
                stream.write(answer or b"535 you said " + reply + b"\r\n")
                stream.flush()


@pytest.fixture
def counting() -> Iterator[Counting]:
    server = Counting()
    yield server
    server.close()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxSmtp]:
    with SandboxSmtp(username="mailer", password=PASSWORD, authority=AUTHORITY) as server:
        yield server


def spec(folder: Path, port: int, rows: list[str], *, stream: bool = False) -> None:
    head = (
        f'mailwright: 1\nproduct: {{version: "7.3.0"}}\n'
        f"defaults: {{hostname: {HOST}, port: {port}, signature: S, reply_to: r@example.com, from_address: a@example.com,"
        ' username: mailer, password: "$env{MAILWRIGHT_PASSWORD}"}\n'
    )
    (folder / "ca.pem").write_text(AUTHORITY.ca_pem, encoding="ascii")
    if stream:
        (folder / "t.csv").write_text("domain,username\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        (folder / "email.yaml").write_text(head + "tenants_from: [t.csv]\n", encoding="utf-8")
    else:
        tenants = "".join(f"  {row.partition(',')[0]}: {{username: {row.partition(',')[2] or 'mailer'}}}\n" for row in rows)
        (folder / "email.yaml").write_text(head + "tenants:\n" + tenants, encoding="utf-8")


ENV = {"MAILWRIGHT_PASSWORD": PASSWORD}


def assert_silent(text: str) -> None:
    for trace in (PASSWORD, PASSWORD[::-1], base64.b64encode(PASSWORD.encode()).decode()[:16], "fl33t", "t33lf"):
        assert trace not in text


def test_each_endpoint_is_checked_once(tmp_path: Path, run: Run, counting: Counting) -> None:
    spec(tmp_path, counting.port, [f"t{number}.example,u{number % 3}" for number in range(12)])
    result = run("verify", "email.yaml", "--allow-cleartext", "--format", "json", env=ENV, cwd=tmp_path)
    assert counting.connections == 3, "three user names, three checks"
    senders = result.json["senders"]
    assert [sender["name"] for sender in senders] == [f"t{number}.example" for number in range(12)]
    assert {sender["exit_code"] for sender in senders} == {4}
    assert result.code == 4
    Draft202012Validator(REPORT).validate(result.json)
    assert (
        base64.b64encode(f"\0u1\0{PASSWORD}".encode()) in counting.said
        or base64.b64encode(f"u1\0u1\0{PASSWORD}".encode()) in counting.said
    )
    assert_silent(result.output)


@pytest.mark.parametrize("format_", ["text", "json", "junit"])
@pytest.mark.parametrize("options", [[], ["-v"], ["-vvv"]], ids=["plain", "v", "vvv"])
def test_a_password_that_is_echoed_is_in_no_output(
    format_: str, options: list[str], tmp_path: Path, run: Run, counting: Counting
) -> None:
    spec(tmp_path, counting.port, ["a.example"])
    result = run("verify", "email.yaml", "--allow-cleartext", "--format", format_, *options, env=ENV, cwd=tmp_path)
    assert result.code == 4
    assert "<sent>" in result.output or "&lt;sent&gt;" in result.output
    assert_silent(result.output)


def test_streamed_tenants_give_json_lines(tmp_path: Path, run: Run, sandbox: SandboxSmtp) -> None:
    spec(tmp_path, sandbox.port, [f"t{number}.example," for number in range(30)], stream=True)
    result = run("verify", "email.yaml", "--ca-file", "ca.pem", "--format", "json", env=ENV, cwd=tmp_path)
    assert result.code == 0, result.output
    documents = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(documents) == 30
    for document in documents:
        Draft202012Validator(REPORT).validate(document)
    assert {document["senders"][0]["name"] for document in documents} == {f"t{number}.example" for number in range(30)}


def test_text_ends_with_a_summary(tmp_path: Path, run: Run, sandbox: SandboxSmtp) -> None:
    spec(tmp_path, sandbox.port, ["a.example", "b.example", "c.example,wrong", "d.example"])
    result = run("verify", "email.yaml", "--ca-file", "ca.pem", "--all", env=ENV, cwd=tmp_path)
    assert result.code == 4
    lines = result.stdout.splitlines()
    assert lines[-1] == "3 of 4 senders verified, 1 failed (exit 4)"
    assert result.stdout.isascii()
    assert "\x1b" not in result.output
    assert sum("[no-timeout]" in line for line in lines) == 1, "what several have is told once"
    assert sum(line.startswith("  as above: ") for line in lines) == 3


def test_one_wrong_password_among_forty_fits_on_a_screen(tmp_path: Path, run: Run, sandbox: SandboxSmtp) -> None:
    domains = [f"t{number}.example,{'wrong' if number == 17 else ''}" for number in range(40)]
    spec(tmp_path, sandbox.port, domains, stream=True)
    result = run("verify", "email.yaml", "--ca-file", "ca.pem", env=ENV, cwd=tmp_path)
    assert result.code == 4, result.output
    lines = result.stdout.splitlines()
    assert len(lines) <= 30
    assert lines[0].startswith("t17.example: ")
    assert "39 senders in order: t0.example, t1.example, t2.example and 36 more" in lines
    assert lines[-1] == "39 of 40 senders verified, 1 failed (exit 4)"
    assert_silent(result.output)
    everything = run("verify", "email.yaml", "--ca-file", "ca.pem", "--all", env=ENV, cwd=tmp_path).stdout.splitlines()
    heads = [line.partition(":")[0] for line in everything if line.startswith("t")]
    assert heads == [f"t{number}.example" for number in range(40)]
    documents = run("verify", "email.yaml", "--ca-file", "ca.pem", "--format", "json", env=ENV, cwd=tmp_path).stdout.splitlines()
    assert [json.loads(line)["senders"][0]["name"] for line in documents] == heads
    markdown = run("verify", "email.yaml", "--ca-file", "ca.pem", "--format", "markdown", env=ENV, cwd=tmp_path)
    assert markdown.stdout.startswith("### mailwright verify: 39 of 40 senders verified, 1 failed (exit 4)\n")
    assert_silent(markdown.output)


def test_junit(tmp_path: Path, run: Run, sandbox: SandboxSmtp) -> None:
    spec(tmp_path, sandbox.port, ["a.example", "b.example,wrong"])
    result = run("verify", "email.yaml", "--ca-file", "ca.pem", "--format", "junit", env=ENV, cwd=tmp_path)
    suite = ET.fromstring(result.stdout).find("testsuite")
    assert suite is not None
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "2",
        "failures": "1",
        "errors": "0",
        "skipped": "0",
    }
    good, bad = suite.findall("testcase")
    assert (good.get("name"), good.find("failure")) == ("a.example", None)
    failure = bad.find("failure")
    assert failure is not None
    assert (failure.get("message"), failure.get("type")) == ("FAILED: AUTH", "exit-4")
    assert "535" in str(failure.text)


def test_several_kinds_of_failure(tmp_path: Path, run: Run, sandbox: SandboxSmtp) -> None:
    spec(tmp_path, sandbox.port, ["a.example", "b.example,wrong"])
    text = (tmp_path / "email.yaml").read_text(encoding="utf-8")
    (tmp_path / "email.yaml").write_text(text + "  c.example: {hostname: nonexistent.invalid}\n", encoding="utf-8")
    result = run("verify", "email.yaml", "--ca-file", "ca.pem", env=ENV, cwd=tmp_path)
    assert result.code == 9
    assert result.stdout.splitlines()[-1] == "1 of 3 senders verified, 2 failed (exit 9)"


def test_a_secret_that_is_not_there(tmp_path: Path, run: Run, sandbox: SandboxSmtp) -> None:
    spec(tmp_path, sandbox.port, ["a.example"])
    result = run("verify", "email.yaml", "--ca-file", "ca.pem", cwd=tmp_path)
    assert result.code == 0, result.output
    assert "AUTH skipped for 1" in result.stdout
    assert "[auth-skipped]" in result.stdout
    assert run("verify", "email.yaml", "--ca-file", "ca.pem", "--require-auth", cwd=tmp_path).code == 8


def test_an_interrupt_leaves_what_was_finished(tmp_path: Path, sandbox: SandboxSmtp) -> None:
    slow = Counting(pause=30)
    spec(tmp_path, sandbox.port, ["a.example"])
    text = (tmp_path / "email.yaml").read_text(encoding="utf-8")
    (tmp_path / "email.yaml").write_text(f"{text}  b.example: {{port: {slow.port}}}\n", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "mailwright",
        "verify",
        "email.yaml",
        "--ca-file",
        "ca.pem",
        "--concurrency",
        "1",
        "--format",
        "json",
    ]
    for format_, how, code in (("json", signal.SIGINT, 130), ("text", signal.SIGINT, 130), ("text", signal.SIGTERM, 143)):
        process = subprocess.Popen(
            [*command[:-1], format_],
            cwd=tmp_path,
            env={**os.environ, **ENV},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        ends = time.monotonic() + 60
        while slow.connections == 0 and time.monotonic() < ends:
            time.sleep(0.05)
        time.sleep(0.7)
        slow.connections = 0
        started = time.monotonic()
        process.send_signal(how)
        out, err = process.communicate(timeout=240)
        assert time.monotonic() - started < 20
        assert process.returncode == code, err
        assert "interrupted: 1 finished" in err
        if format_ == "json":
            assert [sender["name"] for sender in json.loads(out)["senders"]] == ["a.example"]
        else:
            assert out.startswith("a.example: ")
    slow.close()


@pytest.mark.parametrize(
    "options",
    [
        ["--timeout", "nan"],
        ["--timeout", "0"],
        ["--deadline", "-1"],
        ["--rate", "inf"],
        ["--concurrency", "0"],
        ["--ca-file", "ca.pem", "--trust-store", "ca.pem"],
        ["--ca-file", "missing.pem"],
        ["--ca-file", "email.yaml"],
        ["--trust-store-password-file", "ca.pem"],
        ["--secrets-dir", "missing"],
        ["--tenant", "nobody.example"],
    ],
    ids=" ".join,
)
def test_usage(options: list[str], tmp_path: Path, run: Run) -> None:
    spec(tmp_path, 1, ["a.example"])
    result = run("verify", "email.yaml", *options, cwd=tmp_path)
    assert result.code == 2, result.output
    assert "internal error" not in result.output


def test_one_real_message_a_sender(tmp_path: Path, run: Run) -> None:
    with SandboxSmtp(username="mailer", password=PASSWORD, authority=AUTHORITY) as server:
        spec(tmp_path, server.port, ["a.example", "b.example"])
        told = ["verify", "email.yaml", "--ca-file", "ca.pem", "--concurrency", "1", "--format", "json"]
        result = run(*told, "--send-test-to", "someone@example.com", env=ENV, cwd=tmp_path)
        assert result.code == 0, result.output
        assert run(*told, "--rcpt", "someone@example.com", env=ENV, cwd=tmp_path).code == 0
        mails = list(server.mailbox)
    assert len(mails) == 2
    Draft202012Validator(REPORT).validate(result.json)
    sent = {sender["message_id"] for sender in result.json["senders"]}
    assert len(sent) == 2
    for mail in mails:
        assert (mail.sender, mail.recipients) == ("a@example.com", ("someone@example.com",))
        assert any(f"Message-ID: {message_id}".encode() in mail.content for message_id in sent)
        assert b"From: S <a@example.com>\r\n" in mail.content
        assert b"Reply-To: r@example.com\r\n" in mail.content


@pytest.mark.parametrize("address", ["", "x", "a@b\r\nDATA", "<a@b>", "a@b c@d", "a@" + "b" * 300])
def test_addresses_that_are_none(address: str, tmp_path: Path, run: Run) -> None:
    spec(tmp_path, 1, ["a.example"])
    assert run("verify", "email.yaml", "--send-test-to", address, cwd=tmp_path).code == 2


def test_progress_is_for_terminals(tmp_path: Path, sandbox: SandboxSmtp) -> None:
    slow = Counting(pause=5.0)  # so that the others are finished before it on a busy machine too
    spec(tmp_path, sandbox.port, ["a.example", "c.example,wrong"])
    text = (tmp_path / "email.yaml").read_text(encoding="utf-8")
    (tmp_path / "email.yaml").write_text(f"{text}  b.example: {{port: {slow.port}}}\n", encoding="utf-8")
    command = [sys.executable, "-m", "mailwright", "verify", "email.yaml", "--ca-file", "ca.pem", "--allow-cleartext"]
    try:
        code, out, shown = on_a_terminal(command, cwd=tmp_path, env={**os.environ, **ENV, "COLUMNS": "100"})
    finally:
        slow.close()
    assert code == 4
    assert "2 of 3 senders, 1 failed" in shown
    assert out.isascii()
    assert "\x1b" not in out
    assert "1 of 3 senders verified, 2 failed (exit 4)" in out
    assert_silent(shown + out)


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("options", [[], ["--all"]], ids=["in short", "all"])
def test_progress_leaves_nothing_on_the_terminal(options: list[str], columns: int, tmp_path: Path, sandbox: SandboxSmtp) -> None:
    pyte = pytest.importorskip("pyte")
    spec(tmp_path, sandbox.port, ["a.example", "b.example,wrong", "c.example", "d.example", "e.example"])
    command = [sys.executable, "-m", "mailwright", "verify", "email.yaml", "--ca-file", "ca.pem", "--concurrency", "2", *options]
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "NO_COLOR", "COLUMNS", "LINES")}
    pictures, sent = [], []
    for quiet in ([], ["--quiet"]):
        _, _, text = on_a_terminal(
            [*command, *quiet],
            cwd=tmp_path,
            env={**environment, **ENV, "PYTHONIOENCODING": "utf-8"},
            stdout=True,
            columns=columns,
        )
        screen = pyte.Screen(columns, 200)
        pyte.Stream(screen).feed(text)
        lines = "\n".join(line.rstrip() for line in screen.display).rstrip("\n")
        pictures.append(re.sub(r"\s+\d+ ms$", "", lines, flags=re.MULTILINE).split("\n"))
        sent.append("of 5 senders, " in text or "more to come" in text)
    shown, alone = pictures
    assert sent == [True, False], "there was progress to be seen"
    assert shown == alone, "what is to be seen in the end is what was printed"
    assert shown[0].startswith("a.example: " if options else "b.example: ")
    assert any("4 of 5 senders verified" in line for line in shown)
    assert max(map(len, shown)) <= columns
    assert_silent("\n".join(shown))


def test_what_has_no_handshake_is_told(tmp_path: Path, run: Run, sandbox: SandboxSmtp) -> None:
    spec(tmp_path, sandbox.port, ["a.example"])
    text = (tmp_path / "email.yaml").read_text(encoding="utf-8")
    http = '{provider: HTTP, from_address: a@b.example, http: {url: "https://x.example", body: b, auth: {type: NONE}}}'
    (tmp_path / "email.yaml").write_text(f"{text}  http.example: {http}\n", encoding="utf-8")
    result = run("verify", "email.yaml", "--ca-file", "ca.pem", "--format", "json", env=ENV, cwd=tmp_path)
    assert result.code == 0
    Draft202012Validator(REPORT).validate(result.json)
    assert [sender["name"] for sender in result.json["senders"]] == ["a.example"]
    assert result.json["not_applicable"] == [{"name": "http.example", "reason": "it sends by HTTP, not SMTP"}]
    text = run("verify", "email.yaml", "--ca-file", "ca.pem", env=ENV, cwd=tmp_path).stdout
    assert "http.example: not applicable: it sends by HTTP, not SMTP" in text
    assert text.endswith("1 of 1 sender verified, 1 not applicable\n")


@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
@pytest.mark.parametrize("other", ["broken.yaml", "missing.yaml", "missing.toml", "dead.toml", "empty.yaml"])
def test_every_file_is_checked_before_anybody_is_contacted(other: str, first: bool, tmp_path: Path, run: Run) -> None:
    counting = Counting()
    spec(tmp_path, counting.port, ["a.example"])
    (tmp_path / "broken.yaml").write_text("mailwright: 2\n", encoding="utf-8")
    (tmp_path / "empty.yaml").write_text("mailwright: 1\nproduct: {version: 7.3.0}\n", encoding="utf-8")
    (tmp_path / "dead.toml").write_text('[output_adapter.email]\nhostname = "$secret{nobody}"\n', encoding="utf-8")
    files = (other, "email.yaml") if first else ("email.yaml", other)
    result = run("verify", *files, "--product-version", "7.3.0", "--format", "json", env=ENV, cwd=tmp_path)
    counting.close()
    assert (result.code != 0, counting.connections) == (True, 0), result.output
    assert result.json["senders"] == []
    assert [error["file"] for error in result.json["errors"]] == [other]


def test_a_tenant_that_is_not_there_contacts_nobody(tmp_path: Path, run: Run) -> None:
    counting = Counting()
    spec(tmp_path, counting.port, ["a.example"])
    result = run("verify", "email.yaml", "--tenant", "a.example", "--tenant", "b.example", env=ENV, cwd=tmp_path)
    counting.close()
    assert (result.code, counting.connections) == (2, 0), result.output
    assert "1 of the domains given with --tenant stand in no file" in result.stderr


@pytest.mark.parametrize("kind", ["obsolete", "no TLS"])
def test_a_tls_that_fails_is_told_in_words(kind: str, tmp_path: Path, run: Run) -> None:
    context = AUTHORITY.server_context((HOST,))
    if kind == "obsolete":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    connection.settimeout(60)
                    for answer in (b"220 relay\r\n", b"250-relay\r\n250 STARTTLS\r\n", b"220 go\r\n"):
                        connection.sendall(answer)
                        if not answer.startswith(b"220 go"):
                            connection.recv(4096)
                    if kind == "obsolete":
                        context.wrap_socket(connection, server_side=True).close()
                    else:
                        connection.recv(4096)
                        connection.sendall(b"500 what is this\r\n")

    listener = socket.create_server((HOST, 0))
    thread = threading.Thread(target=serve, args=(listener,), daemon=True)
    thread.start()
    spec(tmp_path, listener.getsockname()[1], ["a.example"])
    result = run("verify", "email.yaml", "--ca-file", "ca.pem", env=ENV, cwd=tmp_path)
    listener.close()
    assert result.code == 5, result.output
    assert f"[{'tls-obsolete' if kind == 'obsolete' else 'tls-not-spoken'}]" in result.stdout


def test_without_the_extra_it_works_and_says_what_is_missing(
    tmp_path: Path, run: Run, sandbox: SandboxSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec(tmp_path, sandbox.port, ["a.example"])
    for name in ("cryptography.x509", "cryptography.hazmat.primitives.serialization"):
        monkeypatch.setitem(sys.modules, name, None)
    result = run("verify", "email.yaml", "--ca-file", "ca.pem", env=ENV, cwd=tmp_path)
    assert result.code == 0, result.output
    assert "[certificates-unread]" in result.stdout
