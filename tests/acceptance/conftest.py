"""What the acceptance tests share: programs from npm, as tests/acceptance/npm locks them, installed once into pytest's cache folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from peers import fetch, node, npm

MANIFEST = Path(__file__).parent / "npm"


@pytest.fixture(scope="session")
def node_modules(pytestconfig: pytest.Config) -> Path:
    """A folder with the packages' node_modules; node itself comes from a wheel."""
    assert pytestconfig.cache is not None
    folder = pytestconfig.cache.mkdir("npm")
    lock = (MANIFEST / "package-lock.json").read_text(encoding="utf-8")
    done = folder / "installed.json"
    if not done.is_file() or done.read_text(encoding="utf-8") != lock:
        shutil.rmtree(folder)
        shutil.copytree(MANIFEST, folder)
        environment = {"PATH": str(node().parent), "npm_config_cache": str(folder / "cache")}
        fetch("npm registry", npm("view", "codeclimate-types", "version"), seconds=20, cwd=folder, env=environment)
        install = npm("ci", "--ignore-scripts", "--legacy-peer-deps")
        fetch("npm packages", install, seconds=120, cwd=folder, env=environment)
        shutil.rmtree(folder / "cache", ignore_errors=True)
        done.write_text(lock, encoding="utf-8")
    return folder
