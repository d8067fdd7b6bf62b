"""The guard itself: a test that is not marked `network` cannot open a socket, one that is marked can."""

from __future__ import annotations

import socket

import pytest


@pytest.mark.parametrize("action", ["connect", "connect_ex", "bind"])
def test_sockets_are_refused(action: str) -> None:
    with socket.socket() as peer, pytest.raises(BaseException, match="not marked `network`"):
        getattr(peer, action)(("127.0.0.1", 0))


@pytest.mark.network
def test_a_marked_test_may() -> None:
    with socket.socket() as peer:
        peer.bind(("127.0.0.1", 0))
        assert peer.getsockname()[1]
