"""The role stops and starts by a service manager: a real script of System V, and systemd.

systemd would have to be the first process. So Ansible's own modules for it run here with a stand-in for ``systemctl``, which keeps state and
a log. What they ask is real, and what they are told is what systemctl prints. That systemd itself does what it is asked is not shown.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from nodes import SSHD, Nodes
from nodes.plays import changed, play
from test_role_state import SENDER

from peers import require

pytestmark = [pytest.mark.network, pytest.mark.timeout(900)]

SCRIPTS = Path("/etc/init.d")
FUNCTIONS = """# Not `kill -0`: a process that ended counts for that until somebody asks how, and so does another one with its number.
runs() {{ grep -qs {home} "/proc/$(cat {home}/wso2carbon.pid 2>/dev/null || echo none)/cmdline"; }}
start() {{
  runs && return 0
  {home}/bin/wso2server.sh start
  for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do runs && return 0; sleep 0.5; done
  return 1
}}
stop() {{
  {home}/bin/wso2server.sh stop
  for try in 1 2 3 4 5 6 7 8 9 10; do runs || break; sleep 0.2; done
  rm -f {home}/wso2carbon.pid
}}"""
SYSTEMCTL = """#!/bin/sh
{functions}
verb=$1
shift
case " $* " in *{name}.service\\ *|*{name}\\ *) known=yes ;; *) known=no ;; esac
if runs; then active=active sub=running; else active=inactive sub=dead; fi
case "$verb" in
  list-units) echo "{name}.service loaded $active $sub The server" ;;
  list-unit-files) echo "{name}.service enabled enabled" ;;
  show)
    [ $known = yes ] || {{ printf 'LoadState=not-found\\nActiveState=inactive\\n'; exit 0; }}
    printf 'Id={name}.service\\nLoadState=loaded\\nActiveState=%s\\nSubState=%s\\n' $active $sub ;;
  start|stop|restart)
    [ $known = yes ] || {{ echo "Failed to $verb $*: Unit $* not found." >&2; exit 5; }}
    echo "$verb" >> {home}/service.log
    [ "$verb" = start ] || stop
    [ "$verb" = stop ] || start ;;
  *) echo "Unknown command verb $verb." >&2; exit 1 ;;
esac
"""
# In a file system of its own, where systemd looks as if it ran.
UNDER_SYSTEMD = """
mount -t tmpfs tmpfs /run && mkdir -p /run/sshd /run/systemd/system && echo systemd > /run/comm && mount --bind /run/comm /proc/1/comm &&
mount -t tmpfs tmpfs /usr/local/sbin && cp "$1" /usr/local/sbin/systemctl || exit 1
[ ! -e /usr/bin/systemctl ] || mount --bind "$1" /usr/bin/systemctl || exit 1
shift
exec "$@"
"""
SCRIPT = """#!/bin/sh
### BEGIN INIT INFO
# Provides: {name}
# Default-Start:
# Default-Stop:
### END INIT INFO
{functions}
echo "$1" >> {home}/service.log
case "$1" in
  start) start ;;
  stop) stop ;;
  status)
    if runs; then echo "{name} is running"; else echo "{name} is stopped"; exit 3; fi ;;
  restart) "$0" stop; "$0" start ;;
esac
"""


def _name(folder: Path) -> str:
    return f"mailwright-{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}"


def _write(path: Path, text: str, nodes: Nodes, folder: Path) -> None:
    home = nodes.home("node1")
    path.write_text(text.format(name=_name(folder), home=home, functions=FUNCTIONS.format(home=home)), encoding="utf-8")
    path.chmod(0o755)


@contextmanager
def _sysv(folder: Path) -> Iterator[Nodes]:
    require("service")
    if Path("/run/systemd/system").exists() or not os.access(SCRIPTS, os.W_OK):
        pytest.skip("no script in /etc/init.d can be a service here")
    with Nodes(folder, 1) as nodes:
        script = SCRIPTS / _name(folder)
        try:
            _write(script, SCRIPT, nodes, folder)
            yield nodes
        finally:
            script.unlink()


@contextmanager
def _systemd(folder: Path) -> Iterator[Nodes]:
    if subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/run"], capture_output=True).returncode:
        pytest.skip("a file system cannot be mounted here")
    systemctl = folder / "systemctl"
    nodes = Nodes(folder, 1, under=["unshare", "--mount", "sh", "-c", UNDER_SYSTEMD, "sh", str(systemctl)])
    _write(systemctl, SYSTEMCTL, nodes, folder)
    with nodes:
        yield nodes


@pytest.fixture(params=[_sysv, _systemd], ids=["System V", "systemd"])
def service(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Nodes, str]]:
    require(SSHD, "ssh", "ssh-keygen")
    with request.param(tmp_path) as nodes:
        yield nodes, _name(tmp_path)


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
    assert asked()[3:] in (["restart", "stop", "start"], ["stop", "start"], ["restart"])
    events = nodes.events("node1")
    unknown = play(nodes, "site", **{**variables, "email_sender_service": f"{name}-2"})
    assert unknown.returncode != 0
    assert f"{name}-2" in unknown.stdout
    assert nodes.events("node1") == events
