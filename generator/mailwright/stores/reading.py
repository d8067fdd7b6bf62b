"""The stores of a run: each is opened once, each path is read once, whoever asks and however often; so is what fails.

This is where a store's words are made safe: without control characters, and hidden where they repeat a secret that is known here.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from ..base.errors import Unresolved
from ..base.hints import nearest
from ..base.once import Once
from ..base.patterns import pattern
from ..base.secret import Secret
from ..base.shown import shown_key
from ..base.values import dataclass
from ..spec.references import StorePath
from ..verification.handshake import mask
from .interface import Content, Settings, Store, StoreError
from .waiting import ended_by_ctrl_c, limited, unheard

GROUP = "mailwright.stores"
"""The group of entry points that kinds of stores are in."""

MAX_SECRET = 64 * 1024
"""Characters of a secret."""

TIMEOUT, RETRIES, PAUSE = 10, 2, 0.2
"""What holds where the spec says nothing: seconds, times; and seconds before the first retry, twice as many before the next."""

CLOSING = 5
"""Seconds that a store has to give back what it got."""

_TOKEN = pattern(r"(?i:\bbearer\s+[\w.~+/-]{20})|\beyJ[\w-]{6,}\.[\w-]{6}|\bya29\.[\w-]{6}")
"""How a token looks that a library got from a login of its own: a bearer's, a JWT (RFC 7519), one of Google's."""

_LONGEST = 300
_DEEPEST = 8
_MOST_KNOWN = 200
_NOTHING = object()

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Definition:
    """What a spec says of a store, as JSON; *folder* is the spec's. Equal ones are one store."""

    name: str
    values: str
    folder: Path


class Reader:
    """Reads the stores of a run; called from many threads.

    Args:
        environment: The environment variables.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._known: dict[str, None] = {}
        self._begin()

    def _begin(self) -> None:
        self._stores: list[tuple[Store, float]] = []
        self._opened: Once[Definition, Store | StoreError] = Once(sys.maxsize)
        self._contents: Once[tuple[Definition, str], Content | StoreError] = Once(sys.maxsize)

    def __call__(self, path: StorePath, values: Mapping[str, Any], folder: Path) -> Secret:
        """Return a secret.

        Args:
            path: The store's name in the spec, the path in it, the field.
            values: What the spec says of the store; *folder*: where it lies.

        Raises:
            Unresolved: it cannot be had.
        """
        definition = Definition(path.store, json.dumps(values, sort_keys=True), folder)
        reference = str(path)
        store = self._opened.get(definition, lambda: self._open(definition))
        if isinstance(store, StoreError):
            raise self._error(store, definition, reference, cause=definition)
        key = (definition, path.path)
        content = self._contents.get(key, lambda: self._read(definition, store, path.path))
        if not isinstance(content, StoreError):
            value = picked(content, path.field)
            if isinstance(value, str):
                self._hide(value)
                return Secret(value, reference)
            raise self._error(value, definition, reference, cause=(key, path.field))
        raise self._error(content, definition, reference, cause=definition if content.temporary else key)

    def close(self) -> None:
        """Have the stores give back what they got by opening them; what is read after that opens them anew."""
        stores = self._stores
        self._begin()
        for store, timeout in stores:
            close = getattr(store, "close", None)
            if callable(close):
                with suppress(BaseException):  # the run is over: what it was for was done, or was told not to be
                    limited(unheard(close), min(timeout, CLOSING))

    def _hide(self, secret: str) -> None:
        self._known[secret] = None

    def _open(self, definition: Definition) -> Store | StoreError:
        values = json.loads(definition.values)

        seconds = float(_number(values, "timeout", TIMEOUT))

        def work() -> Store:
            settings = Settings(definition.name, values, definition.folder, self._environment, seconds, self._hide)
            store: Store = load_kind(str(values.get("kind")))(settings)
            self._stores.append((store, seconds))
            return store

        return _patiently(work, values)

    def _read(self, definition: Definition, store: Store, path: str) -> Content | StoreError:
        return _patiently(lambda: _plain(store.read(path)), json.loads(definition.values))

    def _error(self, failed: StoreError, definition: Definition, reference: str, *, cause: object) -> Unresolved:
        words = f"{failed.why}{self._safe(failed.said)}"
        return Unresolved(f"the store {shown_key(definition.name)} {words}", reference, cause=cause, hint=failed.hint)

    def _safe(self, said: str) -> str:
        """Return how an error goes on with a store's words; without them where so much is known that looking for it takes too long."""
        known, text = list(self._known), " ".join("".join(each if each.isprintable() else " " for each in said).split())
        if not text or len(known) > _MOST_KNOWN:
            return ""
        if mask(text, known) != text or _TOKEN.search(text):
            return "; its words would repeat a secret"
        return f": it says: {text}" if len(text) <= _LONGEST else f": it says: {text[:_LONGEST]}…"


def load_kind(name: str) -> Callable[[Settings], Store]:
    """Return what opens stores of a kind.

    Raises:
        StoreError: no installed package brings it.
    """
    from importlib.metadata import entry_points

    for point in entry_points(group=GROUP, name=name):
        kind: Callable[[Settings], Store] = point.load()
        return kind
    raise StoreError(f"is of the kind {shown_key(name)}, which no installed package brings", hint="install what brings it")


def picked(content: Content, field: str) -> str | StoreError:
    """Return the value of a field, or of the whole where none is named, as of a file without one line end at its end; or why there is none.

    A name with dots is that of a field, or else the way to one. A text that is a JSON object has fields.
    """
    value: Any = content
    if isinstance(content, str):
        fields = _fields(content)
        if field and fields is None:
            return StoreError("has one text there, without fields", hint="leave #field out")
        value = fields if field or fields else content
    if isinstance(value, Mapping) and not field:
        return StoreError("has fields there: one must be named", hint="write #field at the end of the reference")
    if field and isinstance(value, Mapping):
        found = _below(value, field)
        if found is _NOTHING:
            near = nearest(field, _ways(value), 0.7)
            hint = f"did you mean #{near}?" if near and near.isprintable() and len(near) < 64 else None
            return StoreError(f"has no field {shown_key(field)} there", hint=hint)
        value = found
    elif field:
        value = None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return StoreError("has something there that is no text")
    value = value.removesuffix("\n").removesuffix("\r")
    if not value.strip():
        return StoreError("has an empty text there")
    if len(value) > MAX_SECRET:
        return StoreError(f"has a text there that is larger than {MAX_SECRET >> 10} KiB")
    return StoreError("has something there that is no text") if any(map(_is_half, value)) else value


def _fields(text: str) -> dict[str, Any] | None:
    """Return the fields of a text that is a JSON object; None of any other one."""
    try:
        value = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_half(character: str) -> bool:
    """Say whether a character is half of one, as JSON can say it: no encoding has it."""
    return "\ud800" <= character <= "\udfff"


def _below(values: Mapping[str, Any], field: str) -> Any:
    if field in values:
        return values[field]
    name, _, rest = field.partition(".")
    inner = values.get(name)
    return _below(inner, rest) if rest and isinstance(inner, Mapping) else _NOTHING


def _ways(values: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """Yield the names of fields, and the ways to those that others hold."""
    for name, value in values.items():
        way = f"{before}{name}"
        yield way
        if isinstance(value, Mapping) and way.count(".") < _DEEPEST:
            yield from _ways(value, f"{way}.")


def _number(values: Mapping[str, Any], key: str, default: int) -> int:
    value = values.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def _plain(content: Any) -> Any:
    """Return what lies at a path, with mappings of any make as dictionaries: one that fails when it is looked at fails here."""
    return {name: _plain(inner) for name, inner in content.items()} if isinstance(content, Mapping) else content


def _patiently(work: Callable[[], T], values: Mapping[str, Any]) -> T | StoreError:
    """Return what comes of *work*, or what went wrong the last time; what may go better is tried again.

    A kind that another package brings prints to nobody, and need not keep the time itself.

    Args:
        work: What asks the store.
        values: What the spec says of it.
    """
    retries, attempt = _number(values, "retries", RETRIES), 0
    if "." in str(values.get("kind")):
        work = partial(limited, unheard(work), float(_number(values, "timeout", TIMEOUT)))
    with ended_by_ctrl_c():
        while True:
            failed = _tried(work)
            if not isinstance(failed, StoreError) or not failed.temporary or attempt >= retries:
                return failed
            time.sleep(PAUSE * 2**attempt)
            attempt += 1


def _tried(work: Callable[[], T]) -> T | StoreError:
    """Do it once; of an exception that nobody expected only the type is kept, for its text may hold anything."""
    try:
        return work()
    except StoreError as error:
        said = error.said if isinstance(error.said, str) else ""
        return StoreError(str(error.why), said, hint=error.hint, temporary=error.temporary)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also a kind that would end the process, as if all were well
        return StoreError(f"cannot be read: its kind fails with {type(error).__name__}")
