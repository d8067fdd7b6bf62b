# SPDX-License-Identifier: Apache-2.0
"""Whether a server runs, and whether it has loaded the deployment.toml that is there: from its state, not from what a run has done.

Runs on nodes: standard library only, Python 3.8 syntax. What is known is kept in a record beside the file. Three witnesses, best first:

1. *The record knows the process.* A process is its boot, its number and its start in ticks since that boot: neither a reused number nor a
   stepped clock makes two of them equal. It has loaded what the record says it loaded.
2. *The record saw the file before the process began.* The same file (inode, change time, digest) was there at a moment that is given in ticks
   since a boot; a process of a later moment, or of a later boot, has read it. Change times are only compared for equality here.
3. *The clock.* For a file that somebody else wrote, and a process that somebody else started, since the last look. The process must have begun
   after the file's last change by the clock of today, and its pid file must be newer too: a clock that was set in one direction does not
   make an old process look new. Where a change by this role is not finished, the clock is not asked: the answer is no.

A wrong "no" is one restart too many; a wrong "yes" is a server without its change.

The record also says which run changes the node now, so that two do not at once. That is a lease: it counts in the boot in which it was taken,
on the clock of that boot, and for no longer than it says. So a run that died, or a node that was rebooted, keeps nobody out for good.
Who lost it finds out at its next step, and does nothing more.
"""

from __future__ import annotations

import errno
import json
import os
import re
import time
from typing import Any, Callable, NamedTuple

from ansible_collections.mailwright.wso2is.plugins.module_utils.atomic_write import FileChanged, create_file, replace_file
from ansible_collections.mailwright.wso2is.plugins.module_utils.atomic_write import digest_of as sha256

__all__ = [
    "RECORD",
    "Now",
    "Process",
    "begin",
    "digest_of",
    "has_loaded",
    "holder",
    "learn",
    "lives",
    "moment",
    "observe",
    "process_of",
    "product_version",
    "read_file",
    "read_record",
    "settle",
    "take",
    "update_record",
]

RECORD = ".mailwright-node.json"
"""Behind the path of deployment.toml."""

ATTEMPTS = 50
"""How often a record is worked out anew because another run wrote it meanwhile."""

_STARTED_LATE = 60.0  # seconds between a pid file and its process, above which they do not belong together


class Process(NamedTuple):
    """A process, and no other one that ever had its number."""

    boot: str
    pid: int
    start: int  # ticks since that boot


class Now(NamedTuple):
    """What a look at the node found.

    Attributes:
        digest: SHA-256 of deployment.toml, None where there is none.
        identity: Its inode and change time in ns.
        changed: Its change time, in seconds since 1970.
        boot, ticks: When that was read, after it was read; None where the system does not say.
        running: None where nothing says so.
        process: The server's process, None where it does not run or cannot be told.
        started: When it began by the clock of today, in seconds since 1970.
        pid_file_written: When its pid file was.
    """

    digest: str | None
    identity: str
    changed: float
    boot: str | None
    ticks: int | None
    running: bool | None
    process: Process | None
    started: float = 0.0
    pid_file_written: float = 0.0


def has_loaded(record: dict[str, Any], now: Now) -> tuple[bool | None, str]:
    """Say whether the process has loaded the file that is there, and what says so; None where nothing does."""
    process = now.process
    if process is None:
        return None, "nothing says which process it is"
    if record.get("process") == list(process):
        return record.get("loaded") == now.digest, "record"
    seen = record.get("seen") or {}
    same = (seen.get("digest"), seen.get("identity")) == (now.digest, now.identity)
    if same and (seen.get("boot") != process.boot or seen.get("ticks", process.start) < process.start):
        return True, "record"
    if record.get("owed"):
        return False, "record"
    return now.changed < min(now.started, now.pid_file_written), "clock"


def learn(record: dict[str, Any], now: Now, loaded: bool | None) -> dict[str, Any]:
    """Return the record with what a look found: when the file was first seen, and what the process has loaded."""
    known = dict(record)
    seen = record.get("seen") or {}
    if now.boot is not None and (seen.get("digest"), seen.get("identity")) != (now.digest, now.identity):
        known["seen"] = {"digest": now.digest, "identity": now.identity, "boot": now.boot, "ticks": now.ticks}
    if now.process is not None and loaded:
        known.update(process=list(now.process), loaded=now.digest)
    return known


def begin(record: dict[str, Any], now: Now, loaded: bool | None, good: str | None) -> dict[str, Any]:
    """Return the record before a change, with the digest of the file to go back to."""
    return dict(learn(record, now, loaded), owed=True, good=good)


def settle(record: dict[str, Any], now: Now, loaded: bool | None) -> dict[str, Any]:
    """Return the record after a change: the server is up with the file that is there."""
    known = learn(record, now, loaded)
    if record.get("target") and record["target"] == now.digest:
        known["restored"] = now.digest
    return {name: value for name, value in known.items() if name not in ("owed", "starts", "good", "target", "encrypting")}


def moment() -> tuple[str, float]:
    """Return the boot, and the seconds since then that no clock setting moves; where the system does not say, the seconds since 1970."""
    boot = (read_file("/proc/sys/kernel/random/boot_id") or b"").decode("ascii", "replace").strip()
    if boot and hasattr(time, "CLOCK_BOOTTIME"):
        return boot, time.clock_gettime(time.CLOCK_BOOTTIME)
    return "", time.time()


def holder(record: dict[str, Any], now: tuple[str, float], gone: str | None = None) -> dict[str, Any] | None:
    """Return the run that changes the node, as ``take`` noted it; None where there is none, its lease is over, or it is known to be *gone*."""
    run = record.get("run")
    if not isinstance(run, dict) or run.get("id") == gone or run.get("boot") != now[0]:
        return None
    left = run.get("until", 0.0) - now[1]
    return run if 0.0 < left <= run.get("lease", 0.0) else None


def take(record: dict[str, Any], now: tuple[str, float], run: dict[str, Any], lease: float) -> dict[str, Any]:
    """Return the record with the node in the hands of a run (``id``, and ``who`` for people), for *lease* seconds from *now* on."""
    had = record.get("run") or {}
    since = had["since"] if had.get("id") == run["id"] else time.time()
    return dict(record, run=dict(run, since=since, boot=now[0], until=now[1] + lease, lease=lease))


def read_record(path: str) -> dict[str, Any]:
    """Return what is known of the server whose deployment.toml is *path*; nothing where there is no record, or none to be read."""
    return _parsed(read_file(path + RECORD))


def _parsed(data: bytes | None) -> dict[str, Any]:
    try:
        known = json.loads(data or b"{}")
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def update_record(path: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Keep what *change* makes of the record, where it is another one; it is asked again where another run wrote the record meanwhile.

    Raises:
        OSError: it cannot be written; the old one is still there.
    """
    for _ in range(ATTEMPTS):
        data = read_file(path + RECORD)
        record = _parsed(data)
        after = change(record)
        if after == record:
            return
        new = (json.dumps(after, sort_keys=True) + "\n").encode("ascii")
        try:
            if data is None:
                create_file(path + RECORD, new)
            else:
                replace_file(path + RECORD, new, backups=0, expected=sha256(data))
            return
        except (FileChanged, FileExistsError):
            continue
    raise OSError(errno.EAGAIN, "others keep writing %s" % RECORD)


def digest_of(path: str) -> str | None:
    """Return a file's SHA-256, None where it cannot be read."""
    data = read_file(path)
    return sha256(data) if data is not None else None


def observe(home: str, path: str, pid_file: str | None, service: bool | None, needed: bool, record: dict[str, Any]) -> Now:
    """Look at a node.

    Args:
        home: The server's home, to tell its process from one that has the number of a dead one.
        path: Its deployment.toml.
        pid_file: Where its number is; None or nothing to look at none.
        service: What a service manager says, None where none was asked.
        needed: A server without a pid file does not run.
        record: What is known.
    """
    try:
        found = os.stat(path)
        identity, changed = "%d:%d" % (found.st_ino, found.st_ctime_ns), found.st_ctime
    except OSError:
        identity, changed = "", 0.0
    digest = digest_of(path)
    boot, seconds = moment()
    hertz = os.sysconf("SC_CLK_TCK")
    look = Now(digest, identity, changed, boot or None, int(seconds * hertz) + 1 if boot else None, None, None)
    text = read_file(pid_file) if pid_file else None
    if text is None:
        return look._replace(running=service if service is not None else False if needed else None)
    written = text.strip()
    if not written.isdigit() or not lives(int(written)):
        return look._replace(running=bool(service))
    process = process_of(int(written))
    if process is None:
        return look._replace(running=True)
    began = time.time() - (seconds - process.start / hertz)
    try:
        noted = os.stat(str(pid_file)).st_mtime
    except OSError:
        return look._replace(running=bool(service))  # it is just going down
    if list(process) != record.get("process") and began > noted + _STARTED_LATE and not _belongs(process.pid, home):
        return look._replace(running=bool(service))  # somebody else's, with the number of a dead one
    return look._replace(running=True, process=process, started=began, pid_file_written=noted)


def lives(pid: int) -> bool:
    """Say whether a process lives; one that ended, and nobody has asked how, does not."""
    state = (read_file("/proc/%d/stat" % pid) or b"").rpartition(b")")[2].split()
    if state[:1] == [b"Z"]:
        return False
    try:
        os.kill(pid, 0)
    except OSError as error:
        return type(error).__name__ == "PermissionError"  # somebody else's
    return True


def process_of(pid: int) -> Process | None:
    """Return the process that has a number now; None where there is none, or the system does not say."""
    boot, fields = moment()[0], (read_file("/proc/%d/stat" % pid) or b"").rpartition(b")")[2].split()
    return Process(boot, pid, int(fields[19])) if boot and len(fields) > 19 else None


def _belongs(pid: int, home: str) -> bool:
    """Say whether a process names a server's home in its command, or works there."""
    command = (read_file("/proc/%d/cmdline" % pid) or b"").decode("utf-8", "surrogateescape")
    try:
        folder = os.readlink("/proc/%d/cwd" % pid)
    except OSError:
        folder = ""
    homes = {os.path.normpath(home), os.path.realpath(home)}
    return any(name in command or folder == name for name in homes)


def product_version(home: str) -> str | None:
    """Return the version that a server's home names, without its update level; None where it names none (product/node.md#version-files)."""
    named = read_file(os.path.join(home, "bin", "version.txt")) or b""
    found = re.search(r"\bv([0-9]+\.[0-9]+\.[0-9]+)", named.decode("utf-8", "replace"))
    return found.group(1) if found else None


def read_file(path: str) -> bytes | None:
    """Return a file's bytes, None where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except (IOError, OSError):
        return None
