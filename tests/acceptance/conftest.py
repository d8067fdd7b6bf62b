"""What the acceptance tests share: programs from npm, as tests/acceptance/npm locks them, installed once into pytest's cache folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from peers import installed

MANIFEST = Path(__file__).parent / "npm"


@pytest.fixture(scope="session")
def node_modules(pytestconfig: pytest.Config) -> Path:
    """A folder with the packages' node_modules; node itself comes from a wheel."""
    assert pytestconfig.cache is not None
    return installed(MANIFEST, pytestconfig.cache.mkdir("npm"))
