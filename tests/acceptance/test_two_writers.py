"""Two writers of one file, and disks that are full: nothing that anybody wrote is lost, and no good backup gives way to a broken one.

``make test`` takes fifty runs of each, ``make long`` (MAILWRIGHT_RACES) a thousand. Renames are delayed by a seam: the place of the
system call is known, and another program writes right before it. Writers are processes, forked from one that has merged before and
so has imported and compiled what a merge needs; each twentieth pair is two command lines.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = int(os.environ.get("MAILWRIGHT_RACES", "50"))

SENDER = "mailwright: 1\nglobal: {from_address: a@example.com, hostname: h, username: u, password: p}\n"
LOADING = "mailwright: 1\ntenant_loading: {idle_minutes: 5}\n"

START = r"""
import os, random, resource, signal, subprocess, sys
from mailwright.base import atomic
from mailwright.cli import run
import mailwright.operations.merge, mailwright.operations.fix, mailwright.cli.merge, mailwright.cli.validate
folder, runs = sys.argv[1], int(sys.argv[2])
file = f"{folder}/deployment.toml"
devnull = os.open(os.devnull, os.O_WRONLY)
random.seed(7)

def child(work):
    pid = os.fork()
    if pid == 0:
        try:
            os.dup2(devnull, 1)
            os._exit(work())
        except BaseException:
            import traceback
            traceback.print_exc()
        os._exit(99)
    return pid

def code(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

def merge(spec, *options):
    return lambda: run(["merge", *options, f"{folder}/{spec}", file])

def write(text):
    with open(file, "w") as out:
        out.write(text)

def names():
    return sorted(os.listdir(folder))

def warm():
    write("[server]\nx = 1\n")
    for spec in ("sender.yaml", "loading.yaml"):
        run(["merge", "--check", f"{folder}/{spec}", file])
        assert run(["merge", "--backup", "0", f"{folder}/{spec}", file]) == 0
    os.unlink(file)

out = os.dup(1)
os.dup2(devnull, 1)
warm()
os.dup2(out, 1)
"""

PAIRS = (
    START
    + r"""
for number in range(runs):
    write("# begin\n[server]\nx = 1\n")
    ready, go = os.pipe()
    def waiting(spec):
        def work():
            os.read(ready, 1)
            return merge(spec)()
        return work
    if number % 20 == 0:
        command = [sys.executable, "-m", "mailwright", "merge"]
        both = [subprocess.Popen([*command, f"{folder}/{spec}", file], stdout=devnull) for spec in ("sender.yaml", "loading.yaml")]
        assert [each.wait() for each in both] == [0, 0]
    else:
        pids = [child(waiting("sender.yaml")), child(waiting("loading.yaml"))]
        os.write(go, b"12")
        assert [code(pid) for pid in pids] == [0, 0]
    os.close(ready), os.close(go)
    text = open(file).read()
    assert "hostname" in text and "tenant_idle_timeout = 5" in text, (number, text)
    assert not [name for name in names() if name.endswith(".tmp")]
"""
)

EDITS = (
    START
    + r"""
real_exchange, real_swap = atomic._exchange, atomic._swap

def in_place():
    with open(file, "a") as out:
        out.write("# by hand\n")

def as_editors_do():
    text = open(file).read() + "# by hand\n"
    with open(f"{folder}/edited", "w") as out:
        out.write(text)
    os.rename(f"{folder}/edited", file)

for number in range(runs):
    write("# begin\n[server]\nx = 1\n")
    edit, late, left = [(edit, late) for edit in (in_place, as_editors_do) for late in (True, False)][number % 4] + ([1],)
    def exchange(one, other):
        if late and left and left.pop():
            edit()
        return real_exchange(one, other)
    def swap(*arguments):
        if not late and left and left.pop():
            edit()
        return real_swap(*arguments)
    def work():
        atomic._exchange, atomic._swap = exchange, swap
        return merge("sender.yaml")()
    assert code(child(work)) == 0
    text = open(file).read()
    assert "hostname" in text and "# by hand" in text, (number, edit, late, text)
    assert not [name for name in names() if name.endswith(".tmp")]
"""
)

FULL = (
    START
    + r"""
old = "# filling\n" * 3000 + "[server]\nx = 1\n"
write(old)
assert code(child(merge("sender.yaml"))) == 0
good = {name: open(f"{folder}/{name}").read() for name in names() if name.endswith(".bak")}
assert list(good.values()) == [old]
now = open(file).read()
failed = 0
limited = len(sys.argv) > 3

def short_of_room(size):
    def work():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        return merge("loading.yaml")()
    return work

for number in range(runs):
    stat = os.statvfs(folder)
    with open(f"{folder}/ballast", "wb") as ballast:
        room = stat.f_bavail * stat.f_frsize
        try:
            limited or os.posix_fallocate(ballast.fileno(), 0, max(room - random.randrange(0, 100_000), 1))
        except OSError:
            pass
    result = code(child(short_of_room(random.randrange(0, 2 * len(now))) if limited else merge("loading.yaml")))
    failed += result != 0
    assert result in (0, 2), result
    text = open(file).read()
    assert (text != now) == (result == 0), number
    backups = {name: open(f"{folder}/{name}").read() for name in names() if name.endswith(".bak")}
    assert not [name for name in names() if name.endswith(".tmp")]
    assert all(backups.get(name) == content for name, content in good.items()), number
    assert set(backups.values()) <= {old, now}
    os.unlink(f"{folder}/ballast")
    write(now)
    for name in backups:
        if name not in good:
            os.unlink(f"{folder}/{name}")
assert 0 < failed < runs, failed
"""
)


def run_program(program: str, folder: Path, *arguments: str) -> None:
    for name, text in (("sender.yaml", SENDER), ("loading.yaml", LOADING)):
        (folder / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-c", program, str(folder), str(RUNS), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3600)
    assert done.returncode == 0, done.stderr


def test_two_merges_at_once_both_stay(tmp_path: Path) -> None:
    run_program(PAIRS, tmp_path)


def test_an_edit_by_hand_right_before_the_rename_stays(tmp_path: Path) -> None:
    run_program(EDITS, tmp_path)


def test_a_full_disk(tmp_path: Path) -> None:
    """A tmpfs of 256 KiB; where none can be mounted, a limit of the system on the size of a file, which fails writes half-way too."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode != 0:
        run_program(FULL, folder, "limited")
        return
    try:
        run_program(FULL, folder)
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_write_that_fails_half_way(tmp_path: Path) -> None:
    run_program(FULL, tmp_path, "limited")


def test_a_folder_that_cannot_be_synced() -> None:
    """A folder of mode 0300, as somebody who is not root: the file is the new one, and a warning says what is not sure."""
    program = (
        START
        + r"""
# Everything was imported before: the user without rights may not be able to read this Python.
write("[server]\nx = 1\n")
if os.geteuid() == 0:
    os.chown(folder, 65534, 65534), os.chown(file, 65534, 65534)
os.chmod(folder, 0o300)
def work():
    if os.geteuid() == 0:
        os.setgid(65534), os.setuid(65534)
    return merge("loading.yaml")()
assert code(child(work)) == 0
os.chmod(folder, 0o700)
assert "tenant_idle_timeout" in open(file).read()
assert [open(f"{folder}/{name}").read() for name in names() if name.endswith(".bak")] == ["[server]\nx = 1\n"]
"""
    )
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        folder = Path(name) / "conf"
        folder.mkdir()
        for spec, text in (("sender.yaml", SENDER), ("loading.yaml", LOADING)):
            (folder / spec).write_text(text, encoding="utf-8")
        done = subprocess.run([sys.executable, "-c", program, str(folder), "1"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "the file is the new one, but its folder could not be synced" in done.stderr
