"""Write a user's file: the one way, with the errors that a user sees.

Whole or not at all, and never over what somebody else wrote since it was read; see ``atomic``.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from .atomic import BackupRefused, FileChanged, Written, backup_folder, create_file, digest_of, replace_file, temporary_file
from .errors import NotWritten, UnsafeToWrite
from .places import Place
from .reading import file_above

__all__ = ["FileChanged", "Written", "ensure_apart", "ensure_writable", "not_written", "write_again", "write_new", "write_over"]


def ensure_writable(path: str, *, new: bool = False) -> None:
    """Make sure that a file can be written, before the work that leads to it.

    Args:
        new: It must not be there.

    Raises:
        NotWritten: it is a folder, or there, or its folder does not let it.
    """
    folder = os.path.dirname(os.path.abspath(path))
    try:
        if not stat.S_ISDIR(os.stat(folder).st_mode):
            raise NotADirectoryError
        if new and os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, "it exists")
        if os.path.isdir(path):
            raise IsADirectoryError
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise not_written(path, error) from None


def ensure_apart(path: str | None, inputs: Iterable[Path | str | None]) -> None:
    """Make sure that what is written is no file that the same run reads, nor in a folder of secrets that it reads.

    Args:
        path: What is written over; None for nothing.
        inputs: Files and folders; None among them is none.

    Raises:
        NotWritten: it is one of them, whatever both are called.
    """
    if path is None or not os.path.isfile(path):
        return
    above = os.path.dirname(os.path.realpath(path))
    for each in (one for one in inputs if one is not None):
        with suppress(OSError):
            if os.path.samefile(path, each) or (os.path.isdir(each) and os.path.samefile(above, each)):
                raise NotWritten(
                    "cannot be written: this run reads it, and it would be lost", place=Place(path), hint="name another file"
                )


def write_new(path: Path | str, data: bytes, *, mode: int = 0o600) -> Written:
    """Write a file that must not be there.

    Raises:
        NotWritten: it is there, or cannot be written; then there is none.
    """
    try:
        return create_file(str(path), data, mode)
    except OSError as error:
        raise not_written(path, error) from None


def write_again(path: str, old: bytes, new: bytes, *, backups: int = 0, backup_dir: str | None = None) -> Written:
    """Write a file that was read as *old*.

    Args:
        backups: How many are kept; 0 makes none. *backup_dir*: where, None as ``backup_folder`` says.

    Raises:
        FileChanged: it does not hold *old* any more.
        UnsafeToWrite: the backup would lie where git takes it.
        NotWritten: it cannot be written. Whichever it is, the file is as it was.
    """
    try:
        return replace_file(path, new, backups, expected=digest_of(old), backup_dir=backup_dir)
    except BackupRefused as error:
        raise UnsafeToWrite(str(error.strerror), place=Place(path), hint="--backup-dir DIR, outside of the work tree") from None
    except OSError as error:
        if _is_about_backups(error, path, backup_dir):
            message = f"cannot be written: no backup can be made: {error.strerror}; the file is as it was"
            raise NotWritten(message, place=Place(path), hint="name a folder for --backup-dir that can be written to") from None
        raise not_written(path, error, kept=True) from None


def _is_about_backups(error: OSError, path: str, chosen: str | None) -> bool:
    """Say whether an error is about the folder of a file's backups, where that is not the file's own."""
    with suppress(BackupRefused):
        folder, where = backup_folder(path, chosen), os.path.realpath(str(error.filename or os.devnull))
        return folder != os.path.dirname(os.path.realpath(path)) and os.path.commonpath((folder, where)) in (folder, where)
    return False


def write_over(path: str, data: bytes, *, mode: int = 0o600) -> Written:
    """Write a file that can be made again, whatever stands there; nobody whom *mode* leaves out can read it.

    Raises:
        NotWritten: it cannot be written; what stands there is as it was.
        UnsafeToWrite: somebody else writes it.
    """
    try:
        with suppress(FileNotFoundError):
            if stat.S_ISREG((there := os.stat(path)).st_mode) and stat.S_IMODE(there.st_mode) & ~mode:
                os.chmod(path, mode)
        return replace_file(path, data, 0, mode=mode)
    except FileChanged:
        raise UnsafeToWrite("was changed while it was being written", place=Place(path), hint="run it again") from None
    except OSError as error:
        raise not_written(path, error) from None


@contextmanager
def open_whole(path: str, *, mode: int = 0o600) -> Iterator[BinaryIO]:
    """Open a file that can be made again, to write it piece by piece; nobody whom *mode* leaves out can read it.

    Until the end, and when an error ends it, whatever stands there is as it was.

    Raises:
        NotWritten: it cannot be written.
    """
    real = os.path.realpath(path)
    try:
        there = os.stat(real) if os.path.lexists(real) else None
        if there is not None and not stat.S_ISREG(there.st_mode):
            raise OSError(errno.EINVAL, "it is a folder" if stat.S_ISDIR(there.st_mode) else "it is not a regular file")
        kept = mode if there is None else mode & stat.S_IMODE(there.st_mode)
        with temporary_file(os.path.dirname(real), b"", kept, False, there) as temporary:
            with open(temporary, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, real)
    except OSError as error:
        raise not_written(path, error) from None


@contextmanager
def open_stream(path: str) -> Iterator[FileIO]:
    """Open a file for results that are written as they come: a line that was written is there, whatever happens to this process.

    Raises:
        NotWritten: it cannot be written.
    """
    try:
        file = open(path, "wb", buffering=0, opener=lambda name, flags: os.open(name, flags, 0o600))  # noqa: SIM115
    except OSError as error:
        raise not_written(path, error) from None
    with file:
        yield file


def write_line(file: FileIO, line: str) -> None:
    """Write a line to such a file; raises as ``open_stream`` does."""
    try:
        file.write(line.encode() + b"\n")
    except OSError as error:
        raise not_written(str(file.name), error) from None


def not_written(path: Path | str, error: OSError, *, kept: bool = False) -> NotWritten:
    """Return the error for a file that could not be written; *kept*: it is as it was."""
    above, hint = file_above(path), None
    if above is not None:
        reason, hint = f"{above} is not a folder", "name another place"
    elif os.path.isdir(path):
        reason, hint = "it is a folder, not a file", "name a file"
    elif isinstance(error, FileNotFoundError) and not os.path.lexists(os.path.dirname(os.path.abspath(path))):
        reason, hint = "its folder is not there", "make the folder, or name another place"
    elif isinstance(error, FileExistsError) and not kept:
        reason, hint = "it is there already", "name a file that does not exist"
    else:
        reason = error.strerror or type(error).__name__
    return NotWritten(
        f"cannot be written: {reason}{'; the file is as it was' if kept else ''}", place=Place(str(path)), hint=hint
    )
