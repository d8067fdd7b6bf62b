"""``mailwright``, and ``python -m mailwright``: whoever interrupts it while it loads sees no traceback, as later (exit codes 130, 143)."""

from __future__ import annotations

import os

signal = __import__("_signal")  # nothing more is loaded before it: what is around it makes enumerations first


def main() -> None:
    """Load the command line, and run it."""
    ends = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
    caught = {
        number: usual for number, usual in ends.items() if signal.getsignal(number) is usual
    }  # and not ignored, as in the background
    for number in caught:
        signal.signal(number, lambda number, _frame: os._exit(128 + number))  # nothing was begun yet
    from .cli import main as run

    for number, usual in caught.items():
        signal.signal(number, usual)
    run()


if __name__ == "__main__":
    main()
