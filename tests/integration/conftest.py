"""A stand-in of the server with a spec beside it, and the commands run against both; one mail server for all tests."""

from __future__ import annotations

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


@pytest.fixture(scope="session")
def relay_authority() -> Authority:
    return Authority("Postfix test CA")


@pytest.fixture(scope="session")
def relay(relay_authority: Authority) -> Iterator[MailServer]:
    issued = relay_authority.issue(["localhost", "127.0.0.1"])
    with MailServer(issued.private_key_and_cert_chain_pem.bytes()) as server:
        yield server
