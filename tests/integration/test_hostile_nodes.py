"""The engine's one file as a node has it: by itself, on each Python that this machine has, against sound and hostile servers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hostile import HOST, Hostile, Peer, relay

from mailwright.sandbox.ca import Authority

pytestmark = pytest.mark.network

ENGINE = Path(__file__).resolve().parents[2] / "ansible" / "plugins" / "module_utils"
CA, OTHER = Authority("a node's relay CA"), Authority("another CA")
SOUND = CA.server_context((HOST,))
CODE = """
import json, sys
sys.path.insert(0, sys.argv[1])
from smtp_handshake import Settings, probe
report = probe(Settings(**json.loads(sys.argv[2])))
json.dump([report.to_json(), len(report.chain)], sys.stdout)
"""


def pythons() -> list[str]:
    """Return this interpreter and those of other releases that there are."""
    found = [shutil.which(f"python3.{minor}") for minor in range(8, 16)]
    works = [
        path for path in found if path and not subprocess.run([path, "-I", "-c", "import ssl"], capture_output=True).returncode
    ]
    return [sys.executable, *works]


def drip(peer: Peer) -> None:
    peer.drip(b"\x16\x03\x03\x40\x00" + b"\x02" * 999)


def close(peer: Peer) -> None:
    peer.socket.recv(4096)
    peer.close()


CASES: dict[str, tuple[Any, int, str, str]] = {
    "sound": (relay(SOUND), 0, "QUIT", ""),
    "TLS first": (
        relay(SOUND, implicit=True),
        3,
        "banner",
        "timed out: the port speaks TLS first, and the client waits without limit by default",
    ),
    "unknown CA": (relay(OTHER.server_context((HOST,))), 5, "TLS", "unable to get local issuer certificate"),
    "injected": (
        relay(SOUND, STARTTLS=b"220 go\r\n250 x\r\n"),
        5,
        "STARTTLS",
        "bytes were injected behind the reply to STARTTLS",
    ),
    "a byte at a time": (relay(SOUND, at="TLS", fault=drip), 3, "TLS", "timed out"),
    "closed in TLS": (relay(SOUND, at="TLS", fault=close), 5, "TLS", "the peer closed the connection"),
    "closed under TLS": (relay(SOUND, at="EHLO again", fault=Peer.close), 3, "EHLO again", "the peer closed the connection"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
@pytest.mark.parametrize("python", pythons(), ids=lambda path: Path(path).name)
def test_on_a_node(python: str, case: tuple[Any, int, str, str]) -> None:
    talk, code, phase, detail = case
    with Hostile(talk) as server:
        settings = {
            "host": HOST,
            "port": server.port,
            "starttls_enable": True,
            "ca_pem": CA.ca_pem,
            "sender": "<a@example.com>",
            "authenticate": True,
            "username": "mailer",
            "password": "canary-node",
            "timeout": 1.0 if detail.startswith("timed out") else 60.0,
        }
        command = [python, "-I", "-c", CODE, str(ENGINE), json.dumps(settings)]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=240)
    assert done.returncode == 0, done.stderr
    report, chain = json.loads(done.stdout)
    found = {each["name"]: each for each in report["phases"]}[phase]
    assert (report["exit_code"], found["detail"]) == (code, detail)
    assert found["status"] == ("failed" if code else "ok")
    assert chain == (phase in ("QUIT", "EHLO again") or "issuer" in detail)
    assert "canary" not in done.stdout + done.stderr
