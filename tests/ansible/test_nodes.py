"""The collection over real SSH: several hosts, each with a server that reads its deployment.toml; real SMTP and API peers."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nodes import SSHD, Nodes
from nodes.plays import changed, play

from mailwright.sandbox.identity import SandboxIs
from mailwright.sandbox.smtp import SandboxSmtp
from peers import require

pytestmark = [pytest.mark.network, pytest.mark.timeout(900)]

CANARY = "canary-9e02f"
TENANT = {
    "from_address": "mail@acme.example",
    "signature": "Acme",
    "reply_to": "help@acme.example",
    "username": "mailer",
    "password": CANARY,
}


@pytest.fixture
def count() -> int:
    return 1


@pytest.fixture
def nodes(tmp_path: Path, count: int) -> Iterator[Nodes]:
    require(SSHD, "ssh", "ssh-keygen")
    with Nodes(tmp_path, count) as nodes:
        nodes.start()
        yield nodes


def _diffs(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stdout.splitlines() if re.match(r"[-+]output_adapter", line)]


def _sender(port: int, host: str = "localhost") -> dict[str, Any]:
    return {
        "from_address": "no-reply@example.com",
        "hostname": host,
        "port": port,
        "username": "mailer",
        "password": CANARY,
        "signature": "Example",
        "custom_properties": {"mail.smtp.starttls.required": True},
    }


@pytest.mark.parametrize("count", [2])
def test_the_whole_story(nodes: Nodes) -> None:
    with SandboxSmtp(username="mailer", password=CANARY) as relay, SandboxIs(["acme.example"], product_version="7.2.0") as server:
        for name, pem in (("relay.pem", relay.ca_pem), ("is.pem", server.ca_pem)):
            (nodes.folder / name).write_text(pem, encoding="ascii")
        variables = {
            "email_sender_product_version": "7.2.0",
            "email_sender_global": _sender(relay.port),
            "email_sender_defaults": {"hostname": "localhost", "port": relay.port},
            "email_sender_tenants": [{"domain": "acme.example", **TENANT}],
            "email_sender_server": server.url,
            "email_sender_server_ca_file": str(nodes.folder / "is.pem"),
            "email_sender_api": {"client_id": server.client_id, "client_secret": server.client_secret},
            "email_sender_ca_file": str(nodes.folder / "relay.pem"),
            "email_sender_serial": 2,
        }
        before = {name: nodes.file(name).read_bytes() for name in nodes.names}
        predicted = play(nodes, "site", "--check", "--diff", **variables)
        assert predicted.returncode == 0, predicted.stdout + predicted.stderr
        assert {name: nodes.file(name).read_bytes() for name in nodes.names} == before
        drift = play(nodes, "drift", **variables)
        assert drift.returncode != 0
        assert "Drift: output_adapter.email." in drift.stdout
        first = play(nodes, "site", "--diff", "-vvv", **variables)
        assert first.returncode == 0, first.stdout + first.stderr
        assert CANARY not in first.stdout + first.stderr
        assert server.client_secret not in first.stdout + first.stderr
        assert changed(first) == changed(predicted) == {"node1": 3, "node2": 4}
        assert sorted(_diffs(first)) == sorted(_diffs(predicted))
        assert len(_diffs(first)) >= 2 * 6
        for name in nodes.names:
            old, stopped, new = nodes.events(name)
            assert [old["event"], stopped["event"], new["event"]] == ["started", "stopped", "started"]
            assert new["relay"] == "localhost"
            assert stopped["time"] < nodes.file(name).stat().st_mtime < new["time"]
        second = play(nodes, "site", **variables)
        assert second.returncode == 0, second.stdout + second.stderr
        assert set(changed(second).values()) == {0}
        assert [len(nodes.events(name)) for name in nodes.names] == [3, 3]
        assert play(nodes, "drift", **variables).returncode == 0
        verified = play(nodes, "verify", **variables)
        assert verified.returncode == 0, verified.stdout + verified.stderr


@pytest.mark.parametrize("count", [3])
def test_a_node_that_does_not_come_up_gets_its_old_file_back(nodes: Nodes) -> None:
    before = {name: nodes.file(name).read_bytes() for name in nodes.names}
    (nodes.home("node2") / "sick-host").write_text("relay.example.com", encoding="utf-8")
    variables = {
        "email_sender_product_version": "7.2.0",
        "email_sender_global": _sender(587, "relay.example.com"),
        "email_sender_verify": False,
        "email_sender_health_timeout": 3,
    }
    done = play(nodes, "site", **variables)
    assert done.returncode != 0
    assert "Wait until the health page answers" in done.stdout
    assert "The previous deployment.toml is back, and the server was restarted with it." in done.stdout
    assert nodes.file("node1").read_bytes() != before["node1"]
    assert nodes.file("node2").read_bytes() == before["node2"]
    assert nodes.file("node3").read_bytes() == before["node3"]
    relays = [event["relay"] for event in nodes.events("node2") if event["event"] == "started"]
    assert len(relays) == 3
    assert relays[0] == relays[2] != "relay.example.com"
    assert [event["event"] for event in nodes.events("node3")] == ["started"]
    back = play(nodes, "rollback", "--limit", "node1", **variables)
    assert back.returncode == 0, back.stdout + back.stderr
    assert nodes.file("node1").read_bytes() == before["node1"]
    assert nodes.events("node1")[-1]["relay"] == relays[0]


def test_a_file_with_which_the_server_would_not_start_is_not_written(nodes: Nodes) -> None:
    before = {name: nodes.file(name).read_bytes() for name in nodes.names}
    sender = {**_sender(587), "password": "$secret{nobody_knows}"}
    done = play(nodes, "site", email_sender_product_version="7.2.0", email_sender_global=sender, email_sender_verify=False)
    assert done.returncode != 0
    assert "nobody_knows" in done.stdout
    assert {name: nodes.file(name).read_bytes() for name in nodes.names} == before
    assert [len(nodes.events(name)) for name in nodes.names] == [1]
