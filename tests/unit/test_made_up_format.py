"""A format that does not exist: a function and an entry in report/formats.py, and the command has it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from types import ModuleType
from mailwright.cli import run
from mailwright.report.formats import FORMATS

module = sys.modules["mailwright.report.names"] = ModuleType("names")
module.validated = lambda results: (name for name, _ in results)
module.verified = lambda run: (result.name for result in run)
FORMATS["validate"]["names"], FORMATS["verify"]["names"] = "names:validated", "names:verified"
sys.exit(run(sys.argv[1:]))
"""
SPEC = """\
mailwright: 1
product: {version: "7.3.0"}
tenants:
  a.example: {provider: HTTP, from_address: a@a.example, signature: A, reply_to: a@a.example, http: {url: "https://a.example/send", body: "{}"}}
"""


@pytest.mark.parametrize(("command", "printed"), [("validate", "email.yaml\n"), ("verify", "a.example\n")])
def test_a_format_that_does_not_exist(command: str, printed: str, tmp_path: Path) -> None:
    (tmp_path / "email.yaml").write_text(SPEC, encoding="utf-8")
    arguments = [command, "email.yaml", "--format", "names"]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False
    )
    assert (done.stdout, done.stderr) == (printed, "")
