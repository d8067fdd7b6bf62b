"""The mail server of these tests: one for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from mailserver import MailServer

from mailwright.sandbox.ca import Authority


@pytest.fixture(scope="session")
def relay_authority() -> Authority:
    return Authority("Postfix test CA")


@pytest.fixture(scope="session")
def relay(relay_authority: Authority) -> Iterator[MailServer]:
    issued = relay_authority.issue(["localhost", "127.0.0.1"])
    with MailServer(issued.key_pem + issued.certificate_pem) as server:
        yield server
