"""What a kind of store is: a function that opens one, and something that can be read; for those here, and for anybody's.

A kind is an entry point of the group ``mailwright.stores``: a function that takes ``Settings`` and returns a ``Store``. It says what
goes wrong as a ``StoreError``, with the store's own words apart from its own; they are masked where they are told, once for all kinds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from ..base.extras import installing
from ..base.shown import shown_key
from ..base.values import dataclass, field

Content = str | Mapping[str, Any]
"""What lies at a path: one text, or values by the names of their fields, which may hold others."""


class Store(Protocol):
    """A store that is open. Several threads may read at once; a path is read once a run."""

    def read(self, path: str) -> Content:
        """Return what lies at a path.

        Raises:
            StoreError: it cannot be had.
        """
        ...


class Closing(Store, Protocol):
    """A store that has something to give back, a token of a login say."""

    def close(self) -> None:
        """Give it back: called once, when a run is over. What goes wrong with it is told to nobody."""
        ...


class StoreError(Exception):
    """A store does not give what it is asked for.

    Args:
        why: What went wrong, as a clause that goes on from the store's name: ``refuses the login``. It holds no value, and no words of
            others.
        said: The words of the store, or of its program or library, as they are.
        hint: What to do.
        temporary: Whether it may go better shortly after: nobody answers, or the store is busy.
    """

    def __init__(self, why: str, said: str = "", *, hint: str | None = None, temporary: bool = False) -> None:
        super().__init__(why)
        self.why, self.said, self.hint, self.temporary = why, said, hint, temporary


@dataclass(frozen=True, slots=True)
class Settings:
    """What a store is opened with.

    Attributes:
        name: Its name in the spec.
        values: What the spec says of it; a key that the kind does not know is the kind's to refuse.
        folder: The spec's.
        environment: The environment variables.
        timeout: Seconds that one answer may take.
    """

    name: str
    values: Mapping[str, Any]
    folder: Path
    environment: Mapping[str, str] = field(repr=False)
    timeout: float
    _hide: Callable[[str], object] = field(repr=False)

    def hide(self, *secrets: str) -> None:
        """Take note of what no words of the store may repeat."""
        for secret in filter(None, secrets):
            self._hide(secret)

    def text(self, key: str, default: str = "") -> str:
        """Return a text of the spec's, or the default."""
        value = self.values.get(key)
        return value if isinstance(value, str) else default

    def path(self, key: str) -> Path | None:
        """Return a path, which begins in the spec's folder; None where the spec names none."""
        text = self.text(key)
        return self.folder / text if text else None

    def secret(self, name: str, variable: str = "", file: str = "") -> str:
        """Return a secret that the login needs: from the file or the variable that ``NAME_file`` or ``NAME_env`` names.

        Args:
            name: What it is called in the spec.
            variable, file: The variable, else the file, that it comes from where the spec names none.

        Raises:
            StoreError: it is not there.
        """
        path = self.path(f"{name}_file")
        named = self.text(f"{name}_env")
        if path is None and not named and not self.environment.get(variable) and file:
            path = Path(file)
        if path is not None:
            try:
                found = path.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise StoreError(f"needs a file that cannot be read: `{name}_file`") from None
        else:
            found = self.environment.get(named or variable, "").strip()
        if not found:
            where = f"the variable {named or variable}" if named or variable else f"`{name}_env` or `{name}_file`"
            hint = f"set {where}" if path is None else "the file is empty"
            raise StoreError(f"needs {shown_key(name)} for the login, and there is none", hint=hint)
        self.hide(found)
        return found


def quiet(*loggers: str) -> None:
    """Have libraries log nothing: at their most verbose they would log requests and answers, whoever listens."""
    for name in loggers:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def untrusted(error: BaseException) -> bool:
    """Say whether an error comes of a certificate that does not verify, however libraries have wrapped it."""
    from ssl import SSLCertVerificationError

    seen, waiting = set[int](), [error]
    while waiting:
        each = waiting.pop()
        if isinstance(each, SSLCertVerificationError):
            return True
        if id(each) not in seen:
            seen.add(id(each))
            named = (getattr(each, name, None) for name in ("__cause__", "__context__", "reason", "inner_exception"))
            waiting += [inner for inner in (*named, *each.args) if isinstance(inner, BaseException)]
    return False


def missing(library: str, extra: str) -> StoreError:
    """Return the error for a library that is not installed."""
    return StoreError(f"needs {library}, which is not installed", hint=installing(extra))
