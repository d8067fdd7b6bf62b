"""The role stops and starts by a service manager: System V scripts, which need no systemd as the first process."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nodes import SSHD, Nodes
from nodes.plays import changed, play
from test_role_state import SENDER

from peers import require

pytestmark = [pytest.mark.network, pytest.mark.timeout(900)]

SCRIPTS = Path("/etc/init.d")
SCRIPT = """#!/bin/sh
### BEGIN INIT INFO
# Provides: {name}
# Default-Start:
# Default-Stop:
### END INIT INFO
# Not `kill -0`: a process that ended counts for that until somebody asks how, and so does another one with its number.
runs() {{ grep -qs {home} "/proc/$(cat {home}/wso2carbon.pid 2>/dev/null || echo none)/cmdline"; }}
echo "$1" >> {home}/service.log
case "$1" in
  start)
    runs && exit 0
    {home}/bin/wso2server.sh start
    for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do runs && exit 0; sleep 0.5; done
    exit 1 ;;
  stop)
    {home}/bin/wso2server.sh stop
    for try in 1 2 3 4 5 6 7 8 9 10; do runs || break; sleep 0.2; done
    rm -f {home}/wso2carbon.pid ;;
  status)
    if runs; then echo "{name} is running"; else echo "{name} is stopped"; exit 3; fi ;;
  restart) "$0" stop; "$0" start ;;
esac
"""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[tuple[Nodes, str]]:
    require(SSHD, "ssh", "ssh-keygen", "service")
    if Path("/run/systemd/system").exists() or not os.access(SCRIPTS, os.W_OK):
        pytest.skip("no script in /etc/init.d can be a service here")
    with Nodes(tmp_path, 1) as nodes:
        name = f"mailwright-{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:8]}"
        script = SCRIPTS / name
        try:
            script.write_text(SCRIPT.format(name=name, home=nodes.home("node1")), encoding="utf-8")
            script.chmod(0o755)
            yield nodes, name
        finally:
            script.unlink()


def test_stopped_and_started_by_its_service(service: tuple[Nodes, str]) -> None:
    nodes, name = service
    variables: dict[str, Any] = {
        "email_sender_product_version": "7.2.0",
        "email_sender_global": SENDER,
        "email_sender_verify": False,
        "email_sender_health_timeout": 30,
        "email_sender_restart": "service",
        "email_sender_service": name,
    }

    def asked() -> list[str]:
        log = nodes.home("node1") / "service.log"
        lines = log.read_text(encoding="utf-8").split() if log.exists() else []
        return [line for line in lines if line != "status"]

    nodes.start()  # before the service knows of it: by hand, with the pid file that the service goes by
    predicted = play(nodes, "site", "--check", **variables)
    assert predicted.returncode == 0, predicted.stdout + predicted.stderr
    assert asked() == []
    done = play(nodes, "site", **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert changed(done) == changed(predicted)
    assert asked() == ["stop", "start"]
    assert [event["event"] for event in nodes.events("node1")] == ["started", "stopped", "started"]
    again = play(nodes, "site", **variables)
    assert set(changed(again).values()) == {0}, again.stdout
    nodes.kill("node1")
    started = play(nodes, "site", **variables)
    assert started.returncode == 0, started.stdout + started.stderr
    assert asked() == ["stop", "start", "start"]
    restarted = play(
        nodes, "site", **variables, email_sender_order="write-restart", email_sender_overrides={"hostname": "other.example.com"}
    )
    assert restarted.returncode == 0, restarted.stdout + restarted.stderr
    assert nodes.events("node1")[-1]["relay"] == "other.example.com"
    assert asked()[3:] in (["restart", "stop", "start"], ["stop", "start"])
    events = nodes.events("node1")
    unknown = play(nodes, "site", **{**variables, "email_sender_service": f"{name}-2"})
    assert unknown.returncode != 0
    assert f"{name}-2" in unknown.stdout
    assert nodes.events("node1") == events
