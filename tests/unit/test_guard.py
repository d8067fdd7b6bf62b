"""What stands between tests and the machine: no socket for those that are not marked `network`, nothing of the caller's environment."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
CALLERS = {
    "CI": "true",
    "NO_COLOR": "1",
    "FORCE_COLOR": "1",
    "TERM": "dumb",
    "COLUMNS": "40",
    "ANSIBLE_NOCOLOR": "1",
    "LC_ALL": "C",
}
LOOK = f"""
import os
def test_look(tmp_path):
    assert sorted({set(CALLERS) - {"LC_ALL"}!r} & os.environ.keys()) == []
    assert os.environ["LC_ALL"] == "C.UTF-8"
    (tmp_path / "file").touch()
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o644
"""


@pytest.mark.parametrize("action", ["connect", "connect_ex", "bind"])
def test_sockets_are_refused(action: str) -> None:
    with socket.socket() as peer, pytest.raises(BaseException, match="not marked `network`"):
        getattr(peer, action)(("127.0.0.1", 0))


@pytest.mark.network
def test_a_marked_test_may() -> None:
    with socket.socket() as peer:
        peer.bind(("127.0.0.1", 0))
        assert peer.getsockname()[1]


@pytest.mark.skipif(os.name != "posix", reason="another system's permissions")
def test_nothing_of_the_callers_is_seen(tmp_path: Path) -> None:
    for name in ("conftest.py", "commands.py", "peers.py"):
        shutil.copy(TESTS / name, tmp_path)
    (tmp_path / "test_look.py").write_text(LOOK, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    environment = {**os.environ, **CALLERS}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, umask=0o077, timeout=240)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("workers", ["0", "1"])
def test_in_a_pipeline_examples_are_the_same_each_time(workers: str, tmp_path: Path) -> None:
    """Those of xdist's workers too, which are started once nothing of CI is left in the environment."""
    for name in ("conftest.py", "commands.py", "peers.py"):
        shutil.copy(TESTS / name, tmp_path)
    look = "from hypothesis import settings\ndef test_look():\n    assert settings.default.derandomize\n"
    (tmp_path / "test_look.py").write_text(look, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-n", workers, "-p", "no:cacheprovider", str(tmp_path)]
    own = {name: value for name, value in os.environ.items() if not name.startswith(("HYPOTHESIS_", "PYTEST_"))}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env={**own, "CI": "true"}, timeout=240)
    assert done.returncode == 0, done.stdout
