"""Resolve references to secrets, in memory, for the commands that need them: ``verify``, ``apply``, ``render --with-secrets``.

``$env{NAME}`` comes from this process's environment; ``$secret{alias}`` from the file ``alias`` in ``--secrets-dir``, else from
``MAILWRIGHT_SECRET_<ALIAS>``; ``$file{name}`` from ``--secrets-dir``, else from the spec's folder; ``$store{NAME/path#field}`` from what
reads stores, where that is given. What cannot be resolved is None, never an empty text.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from ..base.errors import UnreadableInput, Unresolved
from ..base.places import Place
from ..base.secret import Secret
from .references import Reference, shown_name, whole_reference

MAX_SECRET = 64 * 1024
"""Bytes in a secret's file."""


class Resolver:
    """Where secrets come from.

    Args:
        folder: ``--secrets-dir``: a file an alias; None for none.
        environment: The environment variables.
        spec_folder: Where the spec lies, for ``$file{}``.
        stores: Reads what a ``$store{}`` means; None where stores are not read.
        aliases: Returns what the spec says of an alias that neither folder nor environment has.
    """

    def __init__(
        self,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        spec_folder: Path | None = None,
        stores: Callable[[Reference], Secret] | None = None,
        aliases: Callable[[str], Secret | None] | None = None,
    ) -> None:
        self.folder, self.spec_folder, self._stores, self._aliases = folder, spec_folder, stores, aliases
        self.environment = os.environ if environment is None else environment

    def __call__(self, reference: str) -> Secret | None:
        """Return the secret behind a whole reference, or None.

        Raises:
            UnreadableInput: its file cannot be read, is too large or leads out of the folder.
            Unresolved: its store does not give it; or stores are not read.
        """
        found = whole_reference(reference, ("secret", "env", "file", "store"))
        if found is None or not found.name:
            return None
        kind, name = found
        if kind == "store":
            if self._stores is None:
                raise Unresolved("stores are read by `apply`, `plan` and `verify` alone, and written nowhere", found.shown)
            return self._stores(found)
        if kind == "env":
            value = self.environment.get(name)
        elif kind == "file":
            value = _read(self.folder, name) or _read(self.spec_folder, name)
        else:
            value = _read(self.folder, name) or self.environment.get(f"MAILWRIGHT_SECRET_{name.upper()}")
            if not value and self._aliases is not None:
                return self._aliases(name)
        return Secret(value, reference) if value else None


def _read(folder: Path | None, name: str) -> str | None:
    """Return the text of a secret's file, one line end at its end dropped; None if there is no such file."""
    if folder is None or name.startswith("/") or ".." in name.split("/"):
        return None
    path, place = folder / name, Place(str(folder / shown_name(name)))
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UnreadableInput(f"this secret cannot be read: {error.strerror}", place=place) from None
    if not path.resolve().is_relative_to(folder.resolve()):
        raise UnreadableInput("leads out of the secrets folder", place=place)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_SECRET + 1)
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        raise UnreadableInput("this secret cannot be read as UTF-8 text", place=place) from None
    if len(data) > MAX_SECRET:
        raise UnreadableInput("this secret is larger than 64 KiB", place=place)
    return text.removesuffix("\n").removesuffix("\r")
