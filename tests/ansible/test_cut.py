"""What cuts plays off finds the ssh and the sshd of its own run, and none of another that has the same addresses meanwhile."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from nodes import SSHD, Nodes
from nodes.callbacks.cut import _clients, _sshds

from peers import require

pytestmark = pytest.mark.network
ADDRESS = "127.0.2.1"


@contextmanager
def _session(folder: Path, before: str = "exec") -> Iterator[tuple[int, int]]:
    """Begin a session on a host; yield the process of its ssh, and the port."""
    folder.mkdir()
    with Nodes(folder, 1) as nodes:
        known = json.loads(nodes.inventory.read_text(encoding="utf-8"))["all"]
        shared, port = known["vars"], known["hosts"]["node1"]["ansible_port"]
        options = (
            f"-i {shared['ansible_ssh_private_key_file']} {shared['ansible_ssh_common_args'].partition(' -o ControlPersist')[0]}"
        )
        remote = f"echo $$ >{folder}/there; exec sleep 60"
        ssh = f"ssh {options} -p {port} -l {shared['ansible_user']} {ADDRESS} '{remote}'"
        began = subprocess.Popen(
            ["sh", "-c", f"{before} sh -c 'echo $$ >{folder}/here; exec \"$@\"' - {ssh}"], start_new_session=True
        )
        deadline = time.monotonic() + 60
        while not (folder / "there").exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process = int((folder / "here").read_text(encoding="utf-8"))
        try:
            yield process, port
        finally:
            os.kill(process, signal.SIGKILL)
            began.wait(60)


def test_two_runs_side_by_side(tmp_path: Path) -> None:
    require(SSHD, "ssh", "ssh-keygen")
    # The other's parent ends at once: no process of ours is above it.
    with _session(tmp_path / "own") as (own, port), _session(tmp_path / "other", "setsid -f") as (other, others):
        assert port != others
        assert [*_clients(ADDRESS, port)] == [own] != [other]
        ours, theirs = {*_sshds(ADDRESS, port)}, {*_sshds(ADDRESS, others)}
        assert ours
        assert theirs
        assert ours.isdisjoint(theirs)
