"""The files of a release as this commit makes them, made once."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from peers import require

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".venv-release" / "bin"


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require("git", ROOT / ".git", TOOLS / "twine")
    folder = tmp_path_factory.mktemp("dist")
    command = [TOOLS / "python", ROOT / "tools" / "release", "build", "--draft", "-o", folder]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder
