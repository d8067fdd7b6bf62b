# SPDX-License-Identifier: Apache-2.0
"""Replace a file in one step, keeping its mode, owner and symbolic link, with backups of what it was.

Runs on nodes too: standard library only, Python 3.8 syntax. What holds:

- Killed at any moment, or on a full disk, the file is the old one or the new one; what is left over, the next run removes.
- Writers of one file wait for each other (``flock`` on the file itself: nothing is left beside it), and what somebody else wrote since
  it was read, a person's editor too, is never overwritten: the two files change places, and change back if it was not the one expected.
- Backups hold old passwords: readable by their owner alone, complete or not there, and never inside a git work tree.

The collection has this file; mailwright/base/atomic.py is a copy that `make generate` writes.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import stat
import time
import uuid
from typing import Iterator, NamedTuple

try:
    import fcntl
except ImportError:  # no such locks on Windows; the comparisons are made all the same
    fcntl = None  # type: ignore[assignment]

__all__ = [
    "BackupRefused",
    "FileChanged",
    "Written",
    "back_up",
    "backup_folder",
    "backup_paths",
    "create_file",
    "digest_of",
    "every_backup",
    "new_folder",
    "remove_leftovers",
    "replace_file",
    "temporary_file",
]

WAIT = 30.0
"""Seconds to wait for another writer of the file."""

_STAMP = re.compile(r"\.mailwright-(\d{8}T\d{6})-(\d{6})\.bak\Z")
_TEMPORARY = re.compile(r"\.mailwright-[0-9a-f]{32}\.tmp\Z")
_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2)
_HERE = -100  # AT_FDCWD
_KEPT = "another run keeps it locked"
_TAKEN = "other runs remove what this one makes"
_TRIES = 100
_NEVER = frozenset((errno.ENOSYS, errno.EINVAL, errno.EPERM, errno.ENOTSUP))


class FileChanged(Exception):
    """The file is not what it was when it was read: it is as somebody else left it."""


class BackupRefused(OSError):
    """A backup would lie where git takes it."""


class Written(NamedTuple):
    """A file that was written.

    Attributes:
        backup: The path of the old content, None if there was nothing to keep or no backup is wanted.
        warnings: What could not be made sure although the file is the new one.
    """

    backup: str | None = None
    warnings: tuple[str, ...] = ()


def digest_of(data: bytes) -> str:
    """Return what stands for a content in ``replace_file(expected=…)``."""
    import hashlib  # late, as what few runs need: most commands write nothing

    return hashlib.sha256(data).hexdigest()


def backup_folder(path: str, chosen: str | None = None) -> str:
    """Return the folder of a file's backups: its own; one in the user's state folder where it lies in a git work tree; one below *chosen*.

    Raises:
        BackupRefused: that would lie in a git work tree.
    """
    real = os.path.realpath(path)
    folder, name = os.path.split(real)
    if chosen is None and not _in_git(folder):
        return folder
    state = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    base = os.path.realpath(os.path.join(state, "mailwright", "backups") if chosen is None else chosen)
    if _in_git(base):
        what = "the folder for backups is inside a git work tree: `git add` would take the old passwords; name another one"
        raise BackupRefused(errno.EPERM, what)
    return os.path.join(base, "%s-%s" % (name, digest_of(os.fsencode(real))[:12]))


def _in_git(folder: str) -> bool:
    while True:
        if os.path.lexists(os.path.join(folder, ".git")):
            return True
        parent = os.path.dirname(folder)
        if parent == folder:
            return False
        folder = parent


def backup_paths(path: str, chosen: str | None = None) -> list[str]:
    """Return the backups of a file, oldest first; *chosen* as for ``backup_folder``."""
    return _backups_in(backup_folder(path, chosen), path)


def every_backup(path: str, chosen: str | None = None) -> list[str]:
    """Return the backups of a file, oldest first, in every folder where a run with other options may have put them too."""
    folders = {os.path.dirname(os.path.realpath(path))}
    for option in (None, chosen):
        with contextlib.suppress(BackupRefused):
            folders.add(backup_folder(path, option))
    return sorted((name for folder in sorted(folders) for name in _backups_in(folder, path)), key=os.path.basename)


def back_up(path: str, chosen: str | None = None) -> str:
    """Keep what a file holds now, before another program works on it; return the backup's path.

    Raises:
        OSError: it cannot be read or kept.
    """
    real = os.path.realpath(path)
    with open(real, "rb") as file:
        return _back_up(real, file.read(), chosen)[0]


def _backups_in(folder: str, path: str) -> list[str]:
    start = os.path.join(folder, os.path.basename(os.path.realpath(path)))
    import glob

    return sorted(name for name in glob.glob(glob.escape(start) + ".mailwright-*.bak") if _STAMP.search(name))


def create_file(path: str, data: bytes, mode: int = 0o600, sync: bool = True) -> Written:
    """Write a file that is not there yet, whole or not at all.

    Raises:
        FileExistsError: it is there.
        OSError: it cannot be written; there is none.
    """
    folder = os.path.dirname(os.path.abspath(path))
    with temporary_file(folder, data, mode, sync) as temporary:
        _link(temporary, path)
    return Written(None, _sync_folder(folder) if sync else ())


def replace_file(
    path: str,
    data: bytes,
    backups: int = 3,
    sync: bool = True,
    expected: str | None = None,
    backup_dir: str | None = None,
    mode: int = 0o644,
) -> Written:
    """Write *data* to *path*, which may be there already.

    Args:
        path: The file; a symbolic link is followed, and stays one.
        data: The new content.
        backups: How many backups are kept (mode 0600); 0 makes none.
        sync: Wait until the disk has it; not worth its time for files that can be made again.
        expected: ``digest_of`` the content that *data* was made from; None takes what is there now.
        backup_dir: Where the backups go; None as ``backup_folder`` says.
        mode: For a file that is new.

    Raises:
        FileChanged: the content is not the expected one; nothing was written.
        OSError: it cannot be written; the file is as it was.
    """
    real = os.path.realpath(path)
    folder = os.path.dirname(real)
    if sync:
        remove_leftovers(folder)
    handle = _locked(real)
    if handle is None:
        if expected is not None:
            raise FileChanged("it is not there any more")
        try:
            return create_file(real, data, mode, sync)
        except FileExistsError:
            raise FileChanged("somebody else made it") from None
    try:
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        old = _read(handle)
        if expected is not None and digest_of(old) != expected:
            raise FileChanged("it was changed in the meantime")
        with temporary_file(folder, data, stat.S_IMODE(before.st_mode), sync, before) as temporary:
            backup, made = _back_up(real, old, backup_dir) if backups > 0 else (None, False)
            try:
                _swap(temporary, real, old, data)
            except BaseException:
                if made and backup:
                    _remove(backup)
                raise
    finally:
        os.close(handle)
    warnings = _sync_folder(folder) if sync else ()
    if before.st_nlink > 1:
        warnings += ("the file had another name, too (a hard link): that one still has the old content",)
    for surplus in backup_paths(real, backup_dir)[:-backups] if backups > 0 else []:
        _remove(surplus)
    return Written(backup, warnings)


# -- locks and leftovers


def _locked(real: str) -> int | None:
    """Open and lock the file that a path names now; None where there is none.

    Raises:
        OSError: it cannot be opened, or another writer keeps it.
    """
    deadline = time.monotonic() + WAIT
    while time.monotonic() <= deadline:
        try:
            handle = os.open(real, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        except FileNotFoundError:
            return None
        try:
            while not _lock(handle):
                if time.monotonic() > deadline:
                    raise OSError(errno.EAGAIN, _KEPT)
                time.sleep(0.02)
            # Who held the lock may have put another file in its place.
            if os.path.samestat(os.fstat(handle), os.stat(real)):
                return handle
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
    raise OSError(errno.EAGAIN, _KEPT)


def _lock(handle: int) -> bool:
    """Say whether nobody else has the lock; a file system without locks counts as nobody."""
    if fcntl is not None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return error.errno not in (errno.EAGAIN, errno.EACCES, errno.EINTR)
    return True


def remove_leftovers(folder: str) -> None:
    """Remove what killed runs left in a folder: temporary files and folders that nobody holds."""
    with contextlib.suppress(OSError):
        for name in filter(_TEMPORARY.match, os.listdir(folder)):
            path = os.path.join(folder, name)
            with contextlib.suppress(OSError):
                handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
                try:
                    if fcntl is not None:
                        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        if stat.S_ISDIR(os.fstat(handle).st_mode):
                            shutil.rmtree(path)
                        else:
                            os.unlink(path)
                finally:
                    os.close(handle)


# -- writing


def new_folder(parent: str) -> tuple[str, int]:
    """Make a folder that only this run knows; return its path, and the handle that holds it until it is closed."""
    for _ in range(_TRIES):
        path = _unknown(parent)
        os.mkdir(path)
        with contextlib.suppress(FileNotFoundError):
            handle = os.open(path, os.O_RDONLY)
            if _is_ours(path, handle):
                return path, handle
    raise OSError(errno.EAGAIN, _TAKEN)


def _new_file(folder: str, mode: int) -> tuple[str, int]:
    for _ in range(_TRIES):
        path = _unknown(folder)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
        if _is_ours(path, handle):
            return path, handle
    raise OSError(errno.EAGAIN, _TAKEN)


def _is_ours(path: str, handle: int) -> bool:
    """Lock what was just made; False where another run took it for a leftover before that, and has removed it or is about to."""
    ours = False
    try:
        ours = _lock(handle) and os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        pass
    finally:
        if not ours:
            os.close(handle)
    return ours


def _unknown(folder: str) -> str:
    return os.path.join(folder, ".mailwright-%s.tmp" % uuid.uuid4().hex)


@contextlib.contextmanager
def temporary_file(folder: str, data: bytes, mode: int, sync: bool, owner: os.stat_result | None = None) -> Iterator[str]:
    """Write a file that only this run knows; its name is gone at the end, its lock is held until then."""
    path, handle = _new_file(folder, mode if owner is None else 0o600)
    try:
        _write(handle, data)
        if owner is not None and hasattr(os, "fchown"):
            mine = os.fstat(handle)
            if (mine.st_uid, mine.st_gid) != (owner.st_uid, owner.st_gid):
                _give(handle, mine, owner)
            os.fchmod(handle, mode)
        if sync:
            os.fsync(handle)
        yield path
    finally:
        _remove(path)
        os.close(handle)


def _give(handle: int, mine: os.stat_result, owner: os.stat_result) -> None:
    """Give a new file the owner and the group of the one whose place it takes; an error says which is refused, and what to do."""
    try:
        os.fchown(handle, owner.st_uid, owner.st_gid)
    except PermissionError:
        text = "its owner (%d) could not be kept: run this as its owner, or as root" % owner.st_uid
        if mine.st_uid == owner.st_uid:
            text = (
                "its group (%d) could not be kept: run this as a member of it or as root, or `chgrp` the file to a group of yours"
                % owner.st_gid
            )
        raise PermissionError(errno.EPERM, text) from None


def _write(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _read(handle: int) -> bytes:
    pieces: list[bytes] = []
    os.lseek(handle, 0, os.SEEK_SET)
    while True:
        piece = os.read(handle, 1 << 20)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)


def _holds(path: str, data: bytes) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read() == data
    except FileNotFoundError:
        return False


def _swap(temporary: str, real: str, old: bytes, new: bytes) -> None:
    """Put the new file in the place of the old one, if that is still the old one.

    Raises:
        FileChanged: it is not; it is as somebody else left it.
    """
    if not _holds(real, old):
        raise FileChanged("it was changed in the meantime")
    if not _exchange(temporary, real):
        os.replace(temporary, real)  # this system cannot do better: what is written between the two lines is lost
    elif not _holds(temporary, old):
        try:
            _exchange(temporary, real)
            if not _holds(temporary, new):  # changed once more, behind the first exchange: the last word is theirs
                _exchange(temporary, real)
        except FileChanged:
            os.replace(temporary, real)
        raise FileChanged("it was changed in the meantime")


def _exchange(one: str, other: str) -> bool:
    """Let two files change places in one step; False where the system cannot.

    Raises:
        FileChanged: one of them is gone.
        OSError: anything else.
    """
    import ctypes

    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    if call(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code == errno.ENOENT:
        raise FileChanged("it is not there any more")
    if code in _NEVER:
        return False
    raise OSError(code, os.strerror(code))


def _link(temporary: str, path: str) -> None:
    """Give a finished file its name, which must be free."""
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EMLINK):
            raise
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # no links here: take the name, then fill it
        os.replace(temporary, path)


def _back_up(real: str, data: bytes, chosen: str | None) -> tuple[str, bool]:
    """Keep a file's content, readable by its owner alone; return the path, and whether it is new."""
    folder, paths = backup_folder(real, chosen), backup_paths(real, chosen)
    if paths and _holds(paths[-1], data):  # a run that was killed got as far as this
        return paths[-1], False
    if not os.path.isdir(folder):
        os.makedirs(folder, 0o700)
    remove_leftovers(folder)
    stamp, number = time.strftime("%Y%m%dT%H%M%S", time.gmtime()), 0
    last = _STAMP.search((paths or [""])[-1])
    if last and last.group(1) >= stamp:  # the newest name sorts last, even if the clock went back
        stamp, number = last.group(1), int(last.group(2)) + 1
    with temporary_file(folder, data, 0o600, True) as temporary:
        for attempt in range(number, number + 1000):
            name = "%s.mailwright-%s-%06d.bak" % (os.path.basename(real), stamp, attempt)
            with contextlib.suppress(FileExistsError):
                _link(temporary, os.path.join(folder, name))
                _sync_folder(folder)
                return os.path.join(folder, name), True
    raise FileExistsError(errno.EEXIST, "no free name for a backup")


def _sync_folder(folder: str) -> tuple[str, ...]:
    """Have a folder written to the disk; return what to say where that fails: the file itself is the new one."""
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return ("the file is the new one, but its folder could not be synced (%s): a power failure may undo that" % reason,)
    return ()


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)
