"""CLIENT_CREDENTIAL from the spec to the AUTH line: a token endpoint and a relay that takes XOAUTH2, both over TLS."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailwright.sandbox.ca import Authority

if TYPE_CHECKING:
    from commands import Result, Run

pytestmark = pytest.mark.network

HOST = "localhost"
SECRET, TOKEN = "canary-s3cret-of-client", "canary-t0ken-of-mail"
AUTHORITY = Authority("OAuth CA")


class Server:
    """Run *talk* for each connection in a thread of its own."""

    def __init__(self, talk: Callable[[socket.socket], None]) -> None:
        self._talk = talk
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.count = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.count += 1
            connection.settimeout(60)
            with connection, suppress(OSError):
                self._talk(connection)


class World:
    """The two servers, and what the relay was told."""

    def __init__(self) -> None:
        self.answer: dict[str, object] = {"access_token": TOKEN, "expires_in": 3600}
        self.auth = b"235 yes\r\n"
        self.said: list[bytes] = []
        context = AUTHORITY.server_context((HOST,))
        self.tokens = Server(lambda connection: self._token(context, connection))
        self.relay = Server(lambda connection: self._mail(context, connection))

    def close(self) -> None:
        self.tokens.close()
        self.relay.close()

    def _token(self, context: ssl.SSLContext, connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as tls:
            data = b""
            while b"grant_type=client_credentials" not in data:
                data += tls.recv(4096)
            body = json.dumps(self.answer).encode()
            tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    def _mail(self, context: ssl.SSLContext, connection: socket.socket) -> None:
        connection.sendall(b"220 relay\r\n")
        connection.recv(4096)
        connection.sendall(b"250-relay\r\n250 STARTTLS\r\n")
        connection.recv(4096)
        connection.sendall(b"220 go\r\n")
        with context.wrap_socket(connection, server_side=True) as tls, tls.makefile("rwb") as stream:
            for line in stream:
                self.said.append(line)
                word = line.split()[0].upper()
                answers = {b"EHLO": b"250-relay\r\n250 AUTH PLAIN XOAUTH2\r\n", b"AUTH": self.auth, b"QUIT": b"221 bye\r\n"}
                stream.write(answers.get(word, b"250 yes\r\n" if word in (b"MAIL", b"RSET") else b"535 5.7.3 no\r\n"))
                stream.flush()


@pytest.fixture
def world() -> Iterator[World]:
    found = World()
    yield found
    found.close()


def verify(world: World, folder: Path, run: Run, *options: str, secret: str | None = SECRET, scheme: str = "https") -> Result:
    (folder / "ca.pem").write_text(AUTHORITY.ca_pem, encoding="ascii")
    tenants = "".join(f"  {name}.example: {{from_address: no-reply@{name}.example}}\n" for name in ("a", "b"))
    (folder / "email.yaml").write_text(
        f"""mailwright: 1
product: {{version: "7.3.0"}}
defaults:
  hostname: {HOST}
  port: {world.relay.port}
  signature: S
  reply_to: r@example.com
  auth_type: client_credential
  client_id: the-id
  client_secret: $env{{MAILWRIGHT_CLIENT}}
  token_endpoint: {scheme}://{HOST}:{world.tokens.port}/token
  scopes: mail
tenants:
{tenants}""",
        encoding="utf-8",
    )
    env = {} if secret is None else {"MAILWRIGHT_CLIENT": secret}
    result = run("verify", "email.yaml", "--ca-file", "ca.pem", *options, env=env, cwd=folder)
    for trace in (SECRET, TOKEN, SECRET[::-1], TOKEN[::-1], base64.b64encode(TOKEN.encode()).decode()[:16]):
        assert trace not in result.output
    return result


def test_one_token_for_the_run_and_each_sender_logs_in_as_its_address(world: World, tmp_path: Path, run: Run) -> None:
    result = verify(world, tmp_path, run, "--format", "json")
    assert result.code == 0, result.output
    assert world.tokens.count == 1
    blobs = [base64.b64decode(line.split()[2]).decode() for line in world.said if line.startswith(b"AUTH XOAUTH2")]
    assert sorted(blobs) == [f"user=no-reply@{name}.example\x01auth=Bearer {TOKEN}\x01\x01" for name in ("a", "b")]
    for sender in result.json["senders"]:
        assert sender["phases"][0]["name"] == "token"
        assert (sender["client"]["outcome"], sender["client"]["mechanism"]) == ("connected", "XOAUTH2")
        assert "trust-any" in {finding["code"] for finding in sender["findings"]}


def test_a_refused_token_request_fails_the_sender_and_its_client(world: World, tmp_path: Path, run: Run) -> None:
    world.answer = {"error": "invalid_client", "error_description": f"no {SECRET}"}
    result = verify(world, tmp_path, run, "--tenant", "a.example", "--format", "json")
    (sender,) = result.json["senders"]
    assert (sender["exit_code"], result.code) == (4, 4)
    phases = {phase["name"]: phase["status"] for phase in sender["phases"]}
    assert (phases["token"], phases["TLS"], phases["AUTH"]) == ("failed", "ok", "skipped")
    assert sender["client"]["outcome"] == "failed"
    assert "no access token" in sender["client"]["error"]
    assert not any(line.startswith(b"AUTH") for line in world.said)


def test_a_relay_that_refuses_the_token_and_repeats_it(world: World, tmp_path: Path, run: Run) -> None:
    world.auth = b"535 5.7.3 " + TOKEN.encode() + b" " + base64.b64encode(TOKEN.encode()) + b"\r\n"
    assert verify(world, tmp_path, run).code == 4


def test_without_the_secret_nothing_is_asked(world: World, tmp_path: Path, run: Run) -> None:
    result = verify(world, tmp_path, run, "--require-auth", secret=None)
    assert result.code == 8
    assert world.tokens.count == 0
    assert "$env{MAILWRIGHT_CLIENT} is not resolved here" in result.stdout


def test_a_token_endpoint_without_tls(world: World, tmp_path: Path, run: Run) -> None:
    result = verify(world, tmp_path, run, "--tenant", "a.example", scheme="http")
    assert result.code == 5
    assert world.tokens.count == 0
    assert "[token-cleartext]" in result.stdout
