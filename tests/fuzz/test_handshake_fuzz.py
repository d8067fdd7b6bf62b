"""Arbitrary peers: the engine ends, tells no secret, and raises nothing but what it says. Hypothesis here, atheris where it installs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fuzz.conversation import (
    LOGIN,
    OPENING,
    PASSWORD,
    SECRETS,
    SEEDS,
    SENDING,
    Case,
    check_chunking,
    check_report,
    check_texts,
    converse,
)
from integration.hostile import HOST, Hostile, Peer
from mailwright.verification.handshake import probe

HERE = Path(__file__).resolve().parent
SECONDS = int(os.environ.get("MAILWRIGHT_FUZZ_SECONDS", "10"))

LINES = [
    *dict.fromkeys(part for seed in SEEDS for part in seed), b"".join((*OPENING, *LOGIN)), b"".join((*LOGIN, *SENDING)),
    b"250-relay\r\n250-STARTTLS\r\n250 AUTH LOGIN PLAIN XOAUTH2\r\n", b"* OK imap\r\n", b"<html>\r\n", b"\x15\x03\x03\0\2\2F",
    b"250-", b"250", b"\r", b"\n", b"\0\x1b[31m", b"\xff\xfe", b"999 x\r\n", "٢٥٠ x\r\n".encode(), b"2" * 20000, b"250-a\r\n" * 3000,
    *(b"550 5.1.0 you said " + secret.encode() + b"\r\n" for secret in SECRETS),
]  # fmt: skip
wires = st.lists(st.sampled_from(LINES) | st.binary(max_size=30), max_size=16).map(b"".join)
cases = st.builds(Case, wires, st.lists(st.integers(1, 5000), max_size=5), st.integers(0, 2**20 - 1))


@given(cases)
@example(Case(b"".join((*OPENING, *LOGIN[:3])) + b"235 " + PASSWORD.encode() + b"\r\n221 bye\r\n", (7,)))
@example(Case(b"".join(OPENING), (1,), 1 << 15))
@example(Case(b"", (), 1 << 15))
@example(Case(b"220 a\r\n" + b"".join(LOGIN), (), 1 << 2))  # AUTH in clear text, which is not allowed
@example(Case(b"220 a\r\n" + b"".join(LOGIN), (), 1 << 2 | 1 << 6))  # and where it is
@example(Case(b"".join((*OPENING, *LOGIN)), tuple(map(len, OPENING)), 1 << 17))  # to a host of another name
@example(Case(b"".join(SEEDS[1]).replace(b"334 eyJ", b"334 !!!"), tuple(map(len, SEEDS[1])), 1 << 5))
def test_any_conversation_ends_by_the_rules(case: Case) -> None:
    converse(case)


@given(cases)
@example(Case(b"250-" + b"a" * 16380 + b"\r\n250 b\r\n", (16384,)))
def test_how_bytes_arrive_changes_nothing(case: Case) -> None:
    check_chunking(case)


@given(st.binary(max_size=600))
def test_any_certificate_and_any_text(data: bytes) -> None:
    check_texts(data)


def test_a_sound_relay_reaches_every_phase() -> None:
    """Else what passes above says little."""
    report = converse(Case(b"".join(SEEDS[0]), tuple(map(len, SEEDS[0])), 1 << 8 | 1 << 9))
    assert {phase.status for phase in report.phases} == {"ok"}
    assert [phase.name for phase in report.phases][-4:] == ["MAIL FROM", "RCPT TO", "message", "QUIT"]


RECORDS = st.builds(
    lambda kind, size, body: bytes([kind, 3, 3]) + size.to_bytes(2, "big") + body, st.integers(20, 24), st.integers(0, 400), wires
)


@pytest.mark.network
@settings(max_examples=60)
@given(cases, st.lists(RECORDS, max_size=3).map(b"".join))
def test_the_driver_and_tls_too(case: Case, records: bytes) -> None:
    """The same over a socket, where the bytes are TLS's as well: any of them, cut anywhere."""

    def talk(peer: Peer) -> None:
        peer.say(records + case.wire if case.chosen(0) else case.wire + records)
        peer.socket.shutdown(socket.SHUT_WR)
        while peer.socket.recv(4096):
            pass

    with Hostile(talk) as server:
        started = time.monotonic()
        report = probe(case.settings()._replace(host=HOST, port=server.port, timeout=3, deadline=3))
        assert time.monotonic() - started < 30
    check_report(report)


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed; mailwright[fuzz] has it where it has wheels")
@pytest.mark.timeout(SECONDS + 120)
def test_atheris_finds_nothing(tmp_path: Path) -> None:
    limits = [f"-max_total_time={SECONDS}", f"-artifact_prefix={tmp_path}/"]
    done = subprocess.run(
        [sys.executable, HERE / "handshake.py", *limits], capture_output=True, encoding="utf-8", errors="replace"
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    executions = [line for line in done.stderr.splitlines() if line.startswith("Done ")]
    assert executions, done.stderr[-2000:]
    print(executions[-1])
