"""The role stops and starts by a service manager: a real script of System V, and systemd, the real one and a stand-in.

systemd has to be the first process: it is, of a PID namespace, with one unit of its own, where the kernel lets a test make one. Everywhere
else Ansible's own modules for it run with a stand-in for ``systemctl``, which keeps state and a log: what they ask is real, and what they are
told is what systemctl prints. The same test holds for the three.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from nodes import SSHD, Nodes
from nodes.plays import changed, play
from test_role_state import SENDER

from peers import require

pytestmark = [pytest.mark.network, pytest.mark.timeout(900)]

Begun = tuple[Nodes, Callable[[], None]]
"""A host with a service, and what starts its server: where a service goes by the pid file, by hand, before it knows of it."""

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
SYSTEMD = Path("/lib/systemd/systemd")
UNIT = """[Unit]
DefaultDependencies=no
[Service]
Type=forking
PIDFile={home}/wso2carbon.pid
ExecStart=/bin/sh -c 'echo start >> {home}/service.log; exec {home}/bin/wso2server.sh start'
ExecStop=/bin/sh -c '[ -z "$MAINPID" ] || echo stop >> {home}/service.log; exec {home}/bin/wso2server.sh stop'
"""
TARGET = """[Unit]
DefaultDependencies=no
AllowIsolate=yes
"""
BOOT = """
mount --make-rprivate / && mount -t tmpfs tmpfs /run && mkdir -p /run/sshd || exit 1
export container=test SYSTEMD_UNIT_PATH="$1"
exec {systemd} --system --unit=test.target --log-target=null --show-status=0
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
def _sysv(folder: Path) -> Iterator[Begun]:
    require("service")
    if Path("/run/systemd/system").exists() or not os.access(SCRIPTS, os.W_OK):
        pytest.skip("no script in /etc/init.d can be a service here")
    with Nodes(folder, 1) as nodes:
        script = SCRIPTS / _name(folder)
        try:
            _write(script, SCRIPT, nodes, folder)
            yield nodes, nodes.start
        finally:
            script.unlink()


@contextmanager
def _stand_in(folder: Path) -> Iterator[Begun]:
    if subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/run"], capture_output=True).returncode:
        pytest.skip("a file system cannot be mounted here")
    systemctl = folder / "systemctl"
    nodes = Nodes(folder, 1, under=["unshare", "--mount", "sh", "-c", UNDER_SYSTEMD, "sh", str(systemctl)])
    _write(systemctl, SYSTEMCTL, nodes, folder)
    with nodes:
        yield nodes, nodes.start


@contextmanager
def _real_systemd(folder: Path) -> Iterator[Begun]:
    require(SYSTEMD, "systemctl", "nsenter", "unshare", "setpriv")
    units, name = folder / "units", _name(folder)
    units.mkdir()
    (units / "test.target").write_text(TARGET, encoding="utf-8")
    with _booted(units, name) as first:
        inside = ["nsenter", "--target", str(first), "--mount", "--pid"]
        if subprocess.run([*inside, "systemctl", "start", "test.target"], capture_output=True).returncode:
            pytest.skip("systemd does not get far enough here to start a unit")
        nodes = Nodes(folder, 1, under=inside, inside=inside)
        home = nodes.home("node1")
        (units / f"{name}.service").write_text(UNIT.format(home=home), encoding="utf-8")
        subprocess.run([*inside, "systemctl", "daemon-reload"], check=True)
        with nodes:

            def begin() -> None:  # systemd takes no server as running that somebody else has started
                subprocess.run([*inside, "systemctl", "start", name], check=True)
                nodes.wait_for("node1", 1)
                (home / "service.log").unlink()

            yield nodes, begin


@contextmanager
def _booted(units: Path, name: str) -> Iterator[int]:
    """Run systemd as the first process of a namespace, in control groups of its own; yield its number out here."""
    roots = (root for root in (Path("/sys/fs/cgroup"), *Path("/sys/fs/cgroup").iterdir()) if (root / "cgroup.procs").exists())
    groups = [root / name for root in roots]
    try:
        for group in groups:
            group.mkdir()
            if (group / "cpuset.cpus").exists():  # nothing may run in one that has none
                for what in ("cpuset.cpus", "cpuset.mems"):
                    (group / what).write_text((group.parent / what).read_text(encoding="ascii"), encoding="ascii")
        join = " && ".join(f"echo $$ >{group}/cgroup.procs" for group in groups)
        spaces = "--pid --fork --kill-child --mount --mount-proc --cgroup --uts --ipc"
        words = [
            "sh",
            "-c",
            f'{join} && exec setpriv --pdeathsig KILL unshare {spaces} sh -c "$1" sh "$2"',
            "sh",
            BOOT.format(systemd=SYSTEMD),
            str(units),
        ]
        outer = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        first = None
        try:
            first = _first_below(outer)
            yield first
        finally:
            os.kill(first or outer.pid, signal.SIGKILL)
            outer.wait(60)
    except OSError as error:
        pytest.skip(f"no control group of its own for systemd: {error}")
    finally:
        for group in groups:
            for folder in sorted((each for each in group.rglob("*") if each.is_dir()), reverse=True):
                folder.rmdir()
            if group.exists():
                group.rmdir()


def _first_below(outer: subprocess.Popen[bytes]) -> int:
    """Wait until systemd has started below a process; return its number."""
    deadline, children = time.monotonic() + 60, Path(f"/proc/{outer.pid}/task/{outer.pid}/children")
    while outer.poll() is None and time.monotonic() < deadline:
        for child in children.read_text(encoding="ascii").split():
            ask = ["nsenter", "--target", child, "--mount", "--pid", "systemctl", "is-system-running"]
            if subprocess.run(ask, capture_output=True, text=True).stdout.strip() in ("running", "degraded"):
                return int(child)
        time.sleep(0.1)
    pytest.skip("systemd does not start here as the first process of a namespace")


@pytest.fixture(params=[_sysv, _stand_in, _real_systemd], ids=["System V", "stand-in for systemctl", "systemd"])
def service(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Nodes, str, Callable[[], None]]]:
    require(SSHD, "ssh", "ssh-keygen")
    with request.param(tmp_path) as (nodes, begin):
        yield nodes, _name(tmp_path), begin


def test_stopped_and_started_by_its_service(service: tuple[Nodes, str, Callable[[], None]]) -> None:
    nodes, name, begin = service
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

    begin()
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
