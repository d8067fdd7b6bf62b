"""``mailwright``, and ``python -m mailwright``: whoever interrupts it while it loads sees no traceback, as later (exit code 130)."""

from __future__ import annotations

import os
import signal


def main() -> None:
    """Load the command line, and run it."""
    caught = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # and not ignored, as in a shell's background job
    if caught:
        signal.signal(signal.SIGINT, lambda _number, _frame: os._exit(130))  # nothing was begun yet
    from .cli import main as run

    if caught:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


if __name__ == "__main__":
    main()
