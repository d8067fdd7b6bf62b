"""Writing a folder of many files: each of them whole or not at all, whenever the run ends.

Where there is no folder yet, its files are written without further ado into one that nobody knows, which gets its name at the end: half the
work of the file system. Otherwise a file at a time is written and put in its place; what is the same already is left alone.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from ..base.atomic import FileChanged, create_file, new_folder, remove_leftovers, replace_file
from ..base.errors import UnsafeToWrite
from ..base.places import Place
from ..base.writing import not_written
from .folder import TENANTS, Rendered


class FolderWriter:
    """Writes files into a folder, and into the one below it for tenants; a context: at its end everything has its name.

    Raises:
        UnreadableInput: the folder or a file cannot be written.
        UnsafeToWrite: somebody else writes it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._tenants = str(folder), str(folder / TENANTS)
        self._begun = False
        self._unnamed: tuple[str, int] | None = None
        self._new = True

    def __enter__(self) -> FolderWriter:
        for each in (self._folder, self._tenants):
            remove_leftovers(each)  # of a run that was killed
        return self

    def write(self, file: Rendered) -> bool:
        """Write one file; say whether it changed. A private one is 0600 before anything is in it; raises as the class does."""
        path, data, mode = f"{self._folder}/{file.name}", file.text.encode(), 0o600 if file.private else 0o644
        try:
            of_tenant = file.name.startswith(f"{TENANTS}/")
            if of_tenant and not self._begun:
                self._begin()
            if of_tenant and self._unnamed is not None:
                return _write_new(file.name[len(TENANTS) + 1 :], data, mode, self._unnamed)
            if not self._begun:
                os.makedirs(self._folder, exist_ok=True)
            self._new = (self._new or not os.path.lexists(path)) and _create(path, data, mode)
            return self._new or _replace(path, data, mode)
        except OSError as error:
            raise not_written(path, error) from None
        except FileChanged:
            raise _changed(path) from None

    def _begin(self) -> None:
        os.makedirs(self._folder, exist_ok=True)
        if os.open in os.supports_dir_fd and not os.path.lexists(self._tenants):
            self._unnamed = new_folder(self._folder)
        self._begun = True

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._unnamed is None:
            return
        path, handle = self._unnamed
        try:
            if kind is None:
                os.rename(path, self._tenants)
        except OSError as failed:
            if os.path.lexists(self._tenants):
                raise _changed(self._tenants) from None
            raise not_written(self._tenants, failed) from None
        finally:
            shutil.rmtree(path, ignore_errors=True)
            os.close(handle)


def _changed(path: str) -> UnsafeToWrite:
    return UnsafeToWrite("was changed while it was being written", place=Place(path), hint="run it again")


def _write_new(name: str, data: bytes, mode: int, folder: tuple[str, int]) -> bool:
    """Write a file into a folder that nobody knows yet."""
    try:
        handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode, dir_fd=folder[1])
    except FileExistsError:  # names that differ in case only, where that makes no difference
        return _replace(os.path.join(folder[0], name), data, mode)
    try:
        while data:
            data = data[os.write(handle, data) :]
    finally:
        os.close(handle)
    return True


def _create(path: str, data: bytes, mode: int) -> bool:
    """Write a file that is not there; say whether it was not."""
    with suppress(FileExistsError):
        create_file(path, data, mode, sync=False)
        return True
    return False


def _replace(path: str, data: bytes, mode: int) -> bool:
    """Write a file that is there, unless it is the same already; say whether it was not."""
    if not mode & 0o077 and os.stat(path).st_mode & 0o077:
        os.chmod(path, mode)
    else:
        with open(path, "rb") as there:
            if there.read() == data:
                return False
    replace_file(path, data, 0, sync=False)
    return True
