"""The engine under atheris: ``make fuzz``, or ``python tests/fuzz/handshake.py -max_total_time=300``; libFuzzer's options work.

The first bytes choose the client's settings and how the rest arrives; the rest is what the peer says. What is found is written to a file
that is given back as the argument: ``python tests/fuzz/handshake.py crash-…``.
"""

from __future__ import annotations

import sys
import tempfile
from functools import lru_cache
from pathlib import Path

import atheris

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "generator")]

with atheris.instrument_imports(include=["mailwright.verification.handshake"]):
    from mailwright.verification import handshake

from fuzz.conversation import SEEDS, Case, check_chunking, check_texts, converse  # noqa: E402

HEAD = 6
"""Bytes before the wire's: twenty bits of choices, and three sizes."""

HEADS = [bytes((*choices.to_bytes(3, "little"), 255, 16, 40)) for choices in (0, 1, 1 << 5, 0x0740, 1 << 10 | 1 << 8, 1 << 15)]


def one(data: bytes) -> None:
    """Try one input; what is raised is a finding."""
    head, wire = data[:HEAD].ljust(HEAD, b"\0"), data[HEAD:]
    case = Case(wire, tuple(head[3:]), int.from_bytes(head[:3], "little"))
    converse(case)
    check_chunking(case)
    check_texts(wire[:600])


def main() -> None:
    handshake._echoes = lru_cache(handshake._echoes)  # the secrets are always the same here
    arguments = [sys.argv[0], f"-dict={HERE / 'smtp.dict'}", "-max_len=1500", "-len_control=0", *sys.argv[1:]]
    with tempfile.TemporaryDirectory() as corpus:
        if all(argument.startswith("-") for argument in sys.argv[1:]):
            arguments.append(corpus)
            for number, (head, wire) in enumerate((head, b"".join(seed)) for seed in SEEDS for head in HEADS):
                Path(corpus, str(number)).write_bytes(head + wire)
        atheris.Setup(arguments, one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
