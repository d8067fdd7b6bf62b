"""A cache in a folder: short texts under the digests of what they were made from, for programs that may run at the same time.

A folder holds a key, and a file of lines for each *setting* (the options and the program that made the texts). A line is an entry; new ones
are put at the end in one write, so that nobody waits for anybody. A line that was cut, altered or made with another key is as if it were
not there; so is a folder that cannot be used, whatever the reason: a cache never is an error.

Digests are keyed, since that of a small file is as good as the password in it for who can guess (docs/decisions/cache.md). Nothing here
follows a link, and nobody but the owner may read what is written.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from .values import dataclass, field

FOLDER = ".mailwright_cache"
"""Its name beside a checkout's ``.git``."""

MAX_BYTES = 64 << 20
"""How large a file of entries may become before it is written anew, with what the run used and the newest of the others."""

MAX_DAYS = 30
"""For how long a file lies there that no run uses."""

_ID, _SEAL = 32, 16  # hexadecimal digits
_KEY = 32  # bytes
_DAY = 24 * 60 * 60  # seconds
_MARKS = {
    ".gitignore": b"# Made by mailwright.\n*\n",
    "CACHEDIR.TAG": b"Signature: 8a477f597d28d172789f06886806bc55\n# Made by mailwright: may be removed (https://bford.info/cachedir/).\n",
}
_OWN = os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0) if os.name == "posix" else 0


def cache_folder(asked: bool | None, folder: str | None, variables: Mapping[str, str]) -> Path | None:
    """Return the folder of the cache; None where none is wanted.

    Args:
        asked: What ``--cache`` or ``--no-cache`` says; None where neither is there: then only a checkout has one.
        folder: What ``--cache-dir`` says.
        variables: The environment: MAILWRIGHT_NO_CACHE and MAILWRIGHT_CACHE_DIR say the same.
    """
    if asked is False or (asked is None and folder is None and variables.get("MAILWRIGHT_NO_CACHE")):
        return None
    named = folder or variables.get("MAILWRIGHT_CACHE_DIR")
    if named:
        return Path(os.path.realpath(named))
    return _checkouts_folder() or (Path(FOLDER) if asked else None)


def _checkouts_folder() -> Path | None:
    """Return the folder beside the ``.git`` of the checkout that the current folder lies in; None where there is no checkout."""
    try:
        here = Path.cwd()
    except OSError:  # it was removed
        return None
    return next((each / FOLDER for each in (here, *here.parents) if os.path.lexists(each / ".git")), None)


@dataclass(frozen=True, slots=True)
class Digester:
    """Digests of contents, which nobody can make without the cache's key.

    Attributes:
        setting: What else an entry depends on: 16 bytes.
    """

    key: bytes = field(repr=False)
    setting: bytes = field(repr=False)

    def of(self, data: bytes) -> bytes:
        """Return the digest of some content, as hexadecimal digits."""
        from hashlib import blake2b

        return blake2b(data, digest_size=_ID // 2, key=self.key, person=self.setting).hexdigest().encode()


class Cache:
    """The entries of one setting; made by ``opened``.

    Attributes:
        digester: Makes what entries are found by.
    """

    def __init__(self, folder: int, digester: Digester) -> None:
        self.digester = digester
        self._folder = folder
        self._name = f"{digester.of(b'entries').decode()}.entries"
        text = _read(folder, self._name) or b""
        self._size = len(text)
        self._lines = {line[:_ID]: line for line in text.split(b"\n") if len(line) > _ID}
        self._new: dict[bytes, bytes] = {}
        self._used: set[bytes] = set()

    def __len__(self) -> int:
        return len(self._lines)

    def get(self, digest: bytes) -> bytes | None:
        """Return the text that was put there for a digest; None where there is none that is whole."""
        line = self._lines.get(digest)
        if line is None or line != self._line(digest, line[_ID + _SEAL :]):
            return None
        self._used.add(digest)
        return line[_ID + _SEAL :]

    def put(self, digest: bytes, text: bytes) -> None:
        """Keep a text of one line under a digest."""
        self._new[digest] = self._line(digest, text)

    def _line(self, digest: bytes, text: bytes) -> bytes:
        from hashlib import blake2b

        seal = blake2b(digest + text, digest_size=_SEAL // 2, key=self.digester.key, person=self.digester.setting)
        return digest + seal.hexdigest().encode() + text

    def close(self) -> None:
        """Write what is new, and remove what nobody needs any more."""
        try:
            with suppress(OSError):
                if self._new:
                    self._write()
                    _remove_old(self._folder)
                elif self._used:
                    os.utime(self._name, dir_fd=self._folder, follow_symlinks=False)
        finally:
            os.close(self._folder)

    def _write(self) -> None:
        added = b"\n" + b"\n".join(self._new.values()) + b"\n"  # the file may end in a line that was cut
        if self._size + len(added) > MAX_BYTES:
            _replace(self._folder, self._name, b"\n".join(self._kept()) + added)
            return
        entries = os.open(self._name, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _OWN, 0o600, dir_fd=self._folder)
        try:
            os.write(entries, added)
        finally:
            os.close(entries)

    def _kept(self) -> Iterator[bytes]:
        """Yield the old lines to keep: what the run used, and the newest of the others, half of what there may be."""
        room = MAX_BYTES // 2
        for digest, line in reversed(self._lines.items()):
            room -= len(line)
            if digest in self._used or room > 0:
                yield line


def opened(folder: Path, setting: Callable[[], bytes]) -> Cache | None:
    """Return the cache in a folder, which is made where it is not there; None where it cannot be used.

    Args:
        setting: Returns what entries depend on beside a content. Asked only where the folder can be used.
    """
    from hashlib import blake2b

    if os.open not in os.supports_dir_fd:
        return None
    try:
        descriptor = _open_folder(folder)
    except (OSError, ValueError):
        return None
    try:
        key = _read(descriptor, "key") or b""
        if len(key) != _KEY:
            key = _made(descriptor)
        return Cache(descriptor, Digester(key, blake2b(setting(), digest_size=16).digest()))
    except OSError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise


def _open_folder(folder: Path) -> int:
    """Open the folder; one that others may look into or write to is none of ours: what stands there may be made up.

    Raises:
        OSError: it cannot be used.
    """
    os.makedirs(folder, 0o700, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | _OWN)
    try:
        found = os.fstat(descriptor)
        if found.st_uid != os.geteuid():
            raise PermissionError
        if stat.S_IMODE(found.st_mode) & 0o077:
            if os.listdir(descriptor):
                raise PermissionError
            os.fchmod(descriptor, 0o700)  # somebody made it for us
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _made(folder: int) -> bytes:
    """Make the key and what marks the folder; return the key, which may be that of another run that came first."""
    for name, text in _MARKS.items():
        with suppress(FileExistsError):
            _create(folder, name, text)
    with suppress(FileNotFoundError):
        os.stat("key", dir_fd=folder, follow_symlinks=False)  # where there is none, another run may make it now
        if len(_read(folder, "key") or b"") != _KEY:
            os.unlink("key", dir_fd=folder)
    new = _temporary("key")
    _create(folder, new, os.urandom(_KEY))
    try:
        os.link(new, "key", src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except FileExistsError:
        os.unlink(new, dir_fd=folder)
    except OSError:  # a file system without links
        os.replace(new, "key", src_dir_fd=folder, dst_dir_fd=folder)
    else:
        os.unlink(new, dir_fd=folder)
    key = _read(folder, "key") or b""
    if len(key) != _KEY:
        raise OSError
    return key


def _temporary(name: str) -> str:
    return f"{name}.{os.urandom(8).hex()}.new"


def _create(folder: int, name: str, data: bytes) -> None:
    created = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OWN, 0o600, dir_fd=folder)
    try:
        if os.write(created, data) != len(data):
            raise OSError
    finally:
        os.close(created)


def _replace(folder: int, name: str, data: bytes) -> None:
    new = _temporary(name)
    try:
        _create(folder, new, data)
        os.replace(new, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        with suppress(OSError):
            os.unlink(new, dir_fd=folder)
        raise


def _read(folder: int, name: str) -> bytes | None:
    """Return a file of the folder; None where it is none, or somebody else's."""
    try:
        opened_file = os.open(name, os.O_RDONLY | os.O_NONBLOCK | _OWN, dir_fd=folder)
    except OSError:
        return None
    try:
        found = os.fstat(opened_file)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_size > 4 * MAX_BYTES:
            return None
        with os.fdopen(opened_file, "rb", closefd=False) as file:
            return file.read()
    except OSError:
        return None
    finally:
        os.close(opened_file)


def _remove_old(folder: int) -> None:
    """Remove the files that no run has used for long, and what runs left that were killed."""
    now = time.time()
    for name in os.listdir(folder):
        ending = os.path.splitext(name)[1]
        days = {".entries": MAX_DAYS, ".new": 1}.get(ending)
        if days is None:
            continue
        with suppress(OSError):
            if now - os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime > days * _DAY:
                os.unlink(name, dir_fd=folder)
