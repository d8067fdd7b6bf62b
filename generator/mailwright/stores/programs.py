"""Programs that give secrets: run without a shell, with a time limit and a limit for what they say, and with a stated environment."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from ..base.patterns import pattern
from ..base.shown import shown_key
from .interface import Settings, StoreError

MAX_OUTPUT = 1 << 20
"""Bytes of an output that are taken, and of a program's complaints."""

COMMON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "USER")
"""The variables that every program gets."""

_SECRET = pattern(r"KEY|SECRET|TOKEN|PASS|CRED|JWT|AUTH")
_WHERE = ("_FILE", "_PATH", "_DIR", "_CMD", "_URL", "_ADDR")


def environment(settings: Settings, prefixes: Iterable[str] = (), names: Iterable[str] = ()) -> dict[str, str]:
    """Return what a program gets of the environment; what may be a secret in it is hidden in the program's words.

    Args:
        prefixes, names: What it gets beside ``COMMON`` and what the spec names in ``env``.
    """
    own, begins = settings.values.get("env"), tuple(prefixes)
    asked = {*names, *(own if isinstance(own, list) else ())}
    found = {
        name: value
        for name, value in settings.environment.items()
        if name in asked or name in COMMON or (begins and name.startswith(begins))
    }
    for name, value in found.items():
        if name not in COMMON and not name.endswith(_WHERE) and (name in asked or _SECRET.search(name)):
            settings.hide(value)
    return found


def run(settings: Settings, argv: Sequence[str], variables: Mapping[str, str], folder: Path) -> str:
    """Return what a program prints.

    Raises:
        StoreError: it is not there, fails, takes too long or says too much, or what it prints is no UTF-8 text.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - the spec names the program; no shell reads it
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(variables),
            cwd=folder,
            start_new_session=True,
        )
    except FileNotFoundError:
        raise StoreError(f"needs the program {shown_key(Path(argv[0]).name)}, which is not there") from None
    except (OSError, ValueError):
        raise StoreError(f"cannot run its program {shown_key(Path(argv[0]).name)}") from None
    try:
        output, complaint = _outputs(process, settings.timeout)
        code = process.wait(max(0.1, settings.timeout))
    except BaseException as error:
        _end(process)
        if isinstance(error, subprocess.TimeoutExpired):
            raise StoreError(f"does not answer within {settings.timeout:g} s", temporary=True) from None
        raise
    finally:
        for stream in filter(None, (process.stdout, process.stderr)):
            stream.close()
    text, said = output.decode("utf-8", "replace"), complaint.decode("utf-8", "replace")
    if code:
        settings.hide(*text.split("\n"))  # what it printed before it failed may be the secret
        how = f"ended with {code}" if code > 0 else f"was ended by signal {-code}"
        raise StoreError(f"cannot be read: its program {how}", said)
    if "\ufffd" in text:
        raise StoreError("gives something that is no UTF-8 text")
    return text


def _outputs(process: subprocess.Popen[bytes], seconds: float) -> tuple[bytes, bytes]:
    """Read both outputs of a program to their ends.

    Raises:
        StoreError: they are too long. TimeoutExpired: that takes too long.
    """
    assert process.stdout is not None
    assert process.stderr is not None
    taken: dict[IO[bytes], bytearray] = {process.stdout: bytearray(), process.stderr: bytearray()}
    until = time.monotonic() + seconds
    with selectors.DefaultSelector() as waiting:
        for stream in taken:
            waiting.register(stream, selectors.EVENT_READ)
        while waiting.get_map():
            left = until - time.monotonic()
            ready = waiting.select(left) if left > 0 else []
            if not ready:
                raise subprocess.TimeoutExpired(process.args, seconds)
            for key, _ in ready:
                stream = key.fileobj  # type: ignore[assignment]
                data = os.read(key.fd, 1 << 16)
                taken[stream] += data
                if not data:
                    waiting.unregister(stream)
                if len(taken[stream]) > MAX_OUTPUT:
                    raise StoreError(f"says more than {MAX_OUTPUT >> 20} MiB")
    return bytes(taken[process.stdout]), bytes(taken[process.stderr])


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program with all that it started: what holds its output open may be another one."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
