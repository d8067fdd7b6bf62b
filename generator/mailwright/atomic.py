# SPDX-License-Identifier: Apache-2.0
"""Replace a file in one step, keeping its mode, owner and symbolic link, with backups beside it.

Runs on nodes too: standard library only, Python 3.8 syntax. Killed at any moment, the file is the old one or the new one.
The collection has this file; mailwright/atomic.py is a copy that `make generate` writes.
"""

from __future__ import annotations

import contextlib
import glob
import os
import re
import stat
import tempfile
import time

__all__ = ["backup_paths", "replace_file"]

_STAMP = re.compile(r"\.mailwright-(\d{8}T\d{6})-(\d{6})\.bak$")


def backup_paths(path: str) -> list[str]:
    """Return the backups of a file, oldest first."""
    real = os.path.realpath(path)
    return sorted(name for name in glob.glob(glob.escape(real) + ".mailwright-*.bak") if _STAMP.search(name))


def replace_file(path: str, data: bytes, backups: int = 3, sync: bool = True) -> str | None:
    """Write *data* to *path*; return the path of the backup that was made, None if there was nothing to keep or none is wanted.

    Args:
        path: The file; a symbolic link is followed, and stays one.
        data: The new content.
        backups: How many backups are kept (mode 0600); 0 makes none.
        sync: Wait until the disk has it; not worth its time for files that can be made again.

    Raises:
        OSError: the folder or the file cannot be written; the file is as it was.
    """
    real = os.path.realpath(path)
    folder = os.path.dirname(real)
    try:
        before = os.stat(real)
    except FileNotFoundError:
        before = None
    backup = _back_up(real) if before is not None and backups > 0 else None
    handle, temporary = tempfile.mkstemp(prefix=".mailwright-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if before is not None:
                _take_after(file.fileno(), before)
            if sync:
                os.fsync(file.fileno())
        os.replace(temporary, real)
    except BaseException:
        _remove(temporary)
        raise
    if sync:
        _sync_folder(folder)
    for old in backup_paths(real)[: -backups or None] if backups > 0 else []:
        _remove(old)
    return backup


def _take_after(handle: int, before: os.stat_result) -> None:
    """Give a new file the mode and the owner of the old one."""
    mine = os.fstat(handle)
    if (mine.st_uid, mine.st_gid) != (before.st_uid, before.st_gid):
        os.fchown(handle, before.st_uid, before.st_gid)
    os.fchmod(handle, stat.S_IMODE(before.st_mode))


def _back_up(real: str) -> str:
    """Copy a file beside itself, readable by its owner alone."""
    with open(real, "rb") as file:
        data = file.read()
    stamp, number = time.strftime("%Y%m%dT%H%M%S", time.gmtime()), 0
    last = _STAMP.search((backup_paths(real) or [""])[-1])
    if last and last.group(1) >= stamp:  # the newest name sorts last, even if the clock went back
        stamp, number = last.group(1), int(last.group(2)) + 1
    for attempt in range(number, number + 1000):
        backup = "%s.mailwright-%s-%06d.bak" % (real, stamp, attempt)
        try:
            handle = os.open(backup, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return backup
    raise FileExistsError("no free name for a backup beside %s" % real)


def _sync_folder(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)
