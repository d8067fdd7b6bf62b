"""A stand-in of the server with a spec beside it, and the commands run against both; one mail server for all tests."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from mailserver import MailServer
from sites import MakeSite, Site

from commands import Run
from mailwright.sandbox.ca import Authority
from mailwright.sandbox.identity import SandboxIs


@pytest.fixture
def make_site(tmp_path: Path, run: Run) -> Iterator[MakeSite]:
    """Return a function that starts a stand-in; its arguments are the stand-in's."""
    with ExitStack() as stack:

        def start(*tenants: Any, **options: Any) -> Site:
            return Site(stack.enter_context(SandboxIs(tenants, **options)), tmp_path, run)

        yield start


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a moment only before a request is repeated."""
    from mailwright.tenants.transport import Transport

    monkeypatch.setattr(Transport, "pause", lambda *_: 0.002)


CANARY = "canary-c0ffee"
"""How what a store holds in these tests begins."""


@pytest.fixture
def no_trace(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Make sure that nothing of a store is printed, logged by whatever library, or written, into a temporary file or beside the spec."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", None)
    caplog.set_level(1)
    for name in tuple(logging.root.manager.loggerDict):  # an earlier test may have had them quiet
        logging.getLogger(name).setLevel(logging.NOTSET)
    yield
    said = capfd.readouterr()
    logged = [f"{record.getMessage()} {record.exc_info}" for record in caplog.get_records("call")]
    for text in (*logged, said.out, said.err):
        assert CANARY not in text
    holding = {path.name for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()}
    assert holding <= {"plain.yaml"}, "written by the test itself"


@pytest.fixture(scope="session")
def relay_authority() -> Authority:
    return Authority("Postfix test CA")


@pytest.fixture(scope="session")
def relay(relay_authority: Authority) -> Iterator[MailServer]:
    issued = relay_authority.issue(["localhost", "127.0.0.1"])
    with MailServer(issued.private_key_and_cert_chain_pem.bytes()) as server:
        yield server
