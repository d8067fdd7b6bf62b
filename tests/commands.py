"""A run of the command line: how tests start one, and what it ended in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True)
class Result:
    """What a run of the command line ended in."""

    code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        return self.stdout + self.stderr

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


class Run(Protocol):
    """Runs ``mailwright ARGUMENTS``."""

    def __call__(
        self, *arguments: str | Path, stdin: str | None = None, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> Result: ...
