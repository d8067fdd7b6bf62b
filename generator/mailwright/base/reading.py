"""Reading a file whole: what cannot be read, or is not UTF-8, is an error with its place.

Standard input and pipes can be read once: what they held is kept under their name, and whoever reads that name again gets the same.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from .errors import UnreadableInput, UsageError
from .patterns import pattern
from .places import Place, Source

NOTHING: Mapping[str, bytes] = MappingProxyType({})
"""No contents of files."""

MAX_FILE = 10 << 20
"""Bytes in a file that is read as a whole."""


STDIN = "<stdin>"
"""What standard input is called where nobody names it."""

_streams: dict[str, bytes] = {}


def take_stdin(name: str = STDIN) -> str:
    """Read standard input as the content of a file of a name, whatever stands there; return the name.

    Raises:
        UnreadableInput: there is nothing in it, or too much.
    """
    source = getattr(sys.stdin, "buffer", None)
    try:
        data = source.read(MAX_FILE + 1) if source is not None else None
    except (OSError, ValueError):
        data = None
    if data is None:
        raise UnreadableInput("cannot be read: standard input is closed", place=Place(name))
    if not data:
        raise UnreadableInput("is empty", place=Place(name), hint="what should write into the pipe wrote nothing")
    _streams[name] = data
    return name


def is_stream(path: Path | str) -> bool:
    """Say whether a name stands for standard input or a pipe: read once, and never written."""
    if str(path) in _streams:
        return True
    try:
        return _is_pipe(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def forget_streams() -> None:
    """Forget what standard input and pipes held: another run begins."""
    _streams.clear()


def _is_pipe(mode: int) -> bool:
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def read_bytes(path: Path | str, *, limit: int = MAX_FILE, hint: str | None = None) -> bytes:
    """Read a file.

    Raises:
        UnreadableInput: it cannot be opened, is neither a regular file nor a pipe, or is larger than *limit* bytes.
    """
    place = Place(str(path))
    data = _streams.get(str(path))
    try:
        if data is None:
            mode = os.stat(path).st_mode
            if not (stat.S_ISREG(mode) or _is_pipe(mode)):  # a device could keep us waiting, or never end
                raise not_read(path)
            with open(path, "rb") as file:
                data = file.read(limit + 1)
            if _is_pipe(mode):
                _streams[str(path)] = data
    except OSError as error:
        raise not_read(path, error) from None
    except ValueError:
        raise UnreadableInput("cannot be read: the file name contains a NUL character", place=place) from None
    if len(data) > limit:
        raise UnreadableInput(f"is larger than {limit >> 20} MiB", place=place, hint=hint)
    return data


def not_read(path: Path | str, error: OSError | None = None) -> UnreadableInput:
    """Return the error for a file that cannot be read; without *error* because it is none."""
    if os.path.isdir(path):
        reason = "it is a folder, not a file"
    else:
        reason = (error.strerror or type(error).__name__) if error else "it is not a regular file"
    return UnreadableInput(f"cannot be read: {reason}", place=Place(str(path)))


def ensure_folder(path: str | None, option: str, *, made: bool = False) -> None:
    """Make sure that the value of an option is a folder; None is none.

    Args:
        made: It may be missing, and is made then.

    Raises:
        UsageError: it is no folder, or what it lies in is none.
    """
    if path is None or os.path.isdir(path):
        return
    if not made or os.path.lexists(path):
        missing = "" if os.path.lexists(path) else ": there is nothing of that name"
        raise UsageError(f"{option} is not a folder{missing}", place=Place(path), hint=f"name a folder{_OR_NONE if made else ''}")
    above = file_above(path)
    if above is not None:
        raise UsageError(f"{option} cannot be made: {above} is not a folder", place=Place(path), hint="name another place")


_OR_NONE = ", or one that is not there yet"


def file_above(path: Path | str) -> str | None:
    """Return what is on the way to a path and is no folder; None if nothing is."""
    above = os.path.dirname(str(path))
    while above and not os.path.isdir(above):
        if os.path.lexists(above):
            return above
        above = os.path.dirname(above)
    return None


def decode(data: bytes, name: str) -> Source:
    """Decode UTF-8 text as this project's own inputs must be written.

    Raises:
        UnreadableInput: a byte order mark, invalid UTF-8 or a NUL, each with its place.
    """
    for mark, encoding in ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"), (b"\xef\xbb\xbf", "UTF-8")):
        if data.startswith(mark):
            raise UnreadableInput(
                f"begins with a {encoding} byte order mark",
                place=Place(name, 1, 1),
                hint="save the file as UTF-8 without a byte order mark",
            )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        good = Source(name, data[: error.start].decode("utf-8"))
        raise UnreadableInput("is not valid UTF-8", place=good.place(len(good.text)), hint="save the file as UTF-8") from None
    nul = text.find("\0")
    if nul >= 0:
        raise UnreadableInput("contains a NUL character", place=Source(name, text).place(nul))
    return Source(name, text)


def ending(name: str, text: str) -> str:
    """Return how a file is written, as names end: ``.yaml``, ``.toml``, ``.json``; of a pipe, whose name says nothing, by its text."""
    own = Path(name).suffix.lower()
    if own in _DOCUMENTS or not is_stream(name):
        return own
    first = _FIRST.search(text)
    line = first[0] if first else ""
    if line.startswith("<"):
        return ".xml"
    if _JSON.match(line):
        return ".json"
    return ".toml" if _TOML.match(line) else ".yaml"


_DOCUMENTS = (".yaml", ".yml", ".toml", ".json")
_FIRST = pattern(r"^[ \t]*(?![ \t\r\n#%]|---)[^\r\n]+", re.MULTILINE)
"""The first line that is neither blank nor a comment, nor begins a document of YAML."""
_JSON = pattern(r"\s*\{\s*(?:[\"}]|\Z)")
_TOML = pattern(r"""\s*(?:\[|(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*\s*=)""")
