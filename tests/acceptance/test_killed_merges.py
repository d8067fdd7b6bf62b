"""Killed at any moment of a merge, the file is the old one or the new one, with its mode, its owner and its link.

Its backups are whole, and what the killed run left is gone after the next one.

``make test`` kills 50 merges, ``make long`` (MAILWRIGHT_KILLS) 1000. They are forked from a process that has merged before: nearly every
moment is one of the merge itself, not of its imports.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = r"""
import os, random, signal, stat, sys, time
from mailwright.cli import run
import mailwright.base.atomic, mailwright.operations.merge, mailwright.cli.merge
folder, kills = sys.argv[1], int(sys.argv[2])
spec, real, link = f"{folder}/email.yaml", f"{folder}/real.toml", f"{folder}/deployment.toml"
old = open(real, "rb").read()
os.symlink("real.toml", link)
os.chmod(real, 0o640)
os.chown(real, 1234, 1234) if os.geteuid() == 0 else None
owner = os.stat(real)
devnull = os.open(os.devnull, os.O_WRONLY)

def merge():
    os.dup2(devnull, 1)
    os._exit(run(["merge", spec, link]))

def attempt(delay):
    open(real, "r+b").truncate(0)
    with open(real, "r+b") as file:
        file.write(old)
    child = os.fork()
    if child == 0:
        merge()
    if delay is not None:
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return open(real, "rb").read()

out = os.dup(1)
os.dup2(devnull, 1)
open(f"{folder}/warm.toml", "w").write("[server]\n")
assert run(["merge", "--backup", "0", spec, f"{folder}/warm.toml"]) == 0
os.dup2(out, 1)

new = attempt(None)
assert new != old
random.seed(7)
killed = killed_before = 0
while killed < kills or killed < 20 * kills and killed_before in (0, killed):
    if killed % 10 == 0:  # how long one takes now: a disk or a processor may be busy for a while
        started = time.perf_counter()
        assert attempt(None) == new
        span = time.perf_counter() - started
    data = attempt(random.uniform(0, span * 2))
    killed += 1
    assert data in (old, new), "half-written"
    killed_before += data == old
    now = os.stat(real)
    assert os.path.islink(link) and stat.S_IMODE(now.st_mode) == 0o640
    assert (now.st_uid, now.st_gid) == (owner.st_uid, owner.st_gid)
    backups = [name for name in os.listdir(folder) if name.endswith(".bak")]
    assert len(backups) <= 3 + 1, backups  # the last one is pruned after the file was written
    assert all(open(f"{folder}/{name}", "rb").read() == old for name in backups), "a broken backup"
assert attempt(None) == new
assert not [name for name in os.listdir(folder) if name.endswith(".tmp")], "left over"
print(killed, killed_before)
"""


def test_killed_merges(tmp_path: Path) -> None:
    kills = int(os.environ.get("MAILWRIGHT_KILLS", "50"))
    (tmp_path / "email.yaml").write_text(
        "mailwright: 1\nglobal: {from_address: a@example.com, hostname: h, username: u, password: p}\n", encoding="utf-8"
    )
    (tmp_path / "real.toml").write_text("[server]\nhostname = 'x'\n" * 1 + "# filling\n" * 20_000, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), str(kills)], capture_output=True, text=True, timeout=3600
    )
    assert done.returncode == 0, done.stderr
    total, before = map(int, done.stdout.split())
    assert total >= kills
    assert 0 < before < total
