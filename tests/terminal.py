"""A program whose standard error is a real terminal: what it printed, and what the terminal was sent."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Thread


def on_a_terminal(
    command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str], typed: str | None = None, seconds: float = 60
) -> tuple[int, str, str]:
    """Exit code, standard output, and all that the terminal was sent.

    The terminal is read while the program runs, and is open until all of it is read: what a program says last is never lost.

    Args:
        typed: What somebody types; then standard input is the terminal too. None: nobody is there.
    """
    ours, theirs = os.openpty()
    sent = bytearray()

    def listen() -> None:
        while not sent.endswith(b"\0"):
            sent.extend(os.read(ours, 65536))

    listener = Thread(target=listen, daemon=True)
    listener.start()
    if typed is not None:
        os.write(ours, typed.encode())
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env={**env, "TERM": "xterm"},
            stdin=subprocess.DEVNULL if typed is None else theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
            timeout=seconds,
        )
    finally:
        os.write(theirs, b"\0")
        listener.join(seconds)
        os.close(theirs)
        os.close(ours)
    return done.returncode, done.stdout.decode(), bytes(sent[:-1]).decode()
