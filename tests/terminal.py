"""A program whose standard error is a real terminal: what it printed, and what the terminal was sent."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Thread


def on_a_terminal(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    typed: str | None = None,
    stdout: bool = False,
    columns: int = 80,
    seconds: float = 60,
) -> tuple[int, str, str]:
    """Exit code, standard output, and all that the terminal was sent.

    The terminal is read while the program runs, and is open until all of it is read: what a program says last is never lost.

    Args:
        typed: What somebody types; then standard input is the terminal too. None: nobody is there.
        stdout: Whether standard output is the terminal too.
        columns: How wide it is.
    """
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
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
            stdout=theirs if stdout else subprocess.PIPE,
            stderr=theirs,
            timeout=seconds,
        )
    finally:
        os.write(theirs, b"\0")
        listener.join(seconds)
        os.close(theirs)
        os.close(ours)
    return done.returncode, (done.stdout or b"").decode(), bytes(sent[:-1]).decode()
