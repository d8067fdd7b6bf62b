"""A checkout with other data, which runs in processes of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("schema", "templates", "docs", "ansible", "generator", "examples")


class Copy:
    """The checkout."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def python(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(self.root / "generator"), "NO_COLOR": "1"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a score of processes would compile everything
        command = [sys.executable, "-P", *arguments]
        return subprocess.run(command, cwd=cwd or self.root, env=environment, capture_output=True, text=True, timeout=240)

    def mailwright(self, *arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
        return self.python("-m", "mailwright", *map(str, arguments), cwd=cwd)

    def read(self, name: str) -> str:
        return (self.root / name).read_text(encoding="utf-8")

    def findings(self, path: Path, *options: str) -> list[dict[str, Any]]:
        """Return what ``validate`` finds in a file."""
        run = self.mailwright("validate", path.name, "--format", "json", *options, cwd=path.parent)
        assert run.returncode in (0, 1), run.stderr
        found: list[dict[str, Any]] = json.loads(run.stdout)["files"][0]["findings"]
        return found


def copied(root: Path, edit: Callable[[Path], None]) -> tuple[Copy, set[str]]:
    """Return a checkout below *root* whose schemas *edit* has changed, generated anew; and what was written for it, but for tests/data."""
    shutil.copy(ROOT / "pyproject.toml", root)
    for name in COPIED:
        half_written = shutil.ignore_patterns("*.pyc.*")  # by a program that runs beside this one, and gone in a moment
        shutil.copytree(ROOT / name, root / name, symlinks=True, ignore=half_written)
    edit(root / "schema")
    made = Copy(root)
    run = made.python("-m", "mailwright.generate")
    assert run.returncode == 0, run.stderr
    written = {line.removeprefix("wrote ") for line in run.stdout.splitlines()}
    assert made.python("-m", "mailwright.generate", "--check").returncode == 0
    return made, {name for name in written if not name.startswith("tests/data/")}
