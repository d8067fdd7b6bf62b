"""How far a run is: lines in a pipeline, a bar on a terminal, and neither on stdout."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tenant_specs import basic

if TYPE_CHECKING:
    from sites import MakeSite

pytestmark = pytest.mark.network


def test_lines_in_a_pipeline(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    from mailwright.report import progress

    site = make_site("t0.example", "t1.example")
    site.spec["tenants"] = {f"t{number}.example": basic(number) for number in range(3)}
    assert site("apply").stderr == ""
    monkeypatch.setattr(progress, "EVERY", 0.0)
    result = site("apply")
    assert result.stderr.splitlines()[-1] == "3 of 3 tenants, 1 failed"
    assert "of 3 tenants" not in result.stdout


def test_a_bar_on_a_terminal(make_site: MakeSite) -> None:
    site = make_site(*(f"t{number}.example" for number in range(40)), latency=0.05)
    site.spec["tenants"] = {f"t{number}.example": basic(number) for number in range(40)}
    (site.folder / "spec.json").write_text(json.dumps(site.spec))
    command = [sys.executable, "-m", "mailwright", "apply", "spec.json", "--server", site.server.url, "--ca-file", "ca.pem"]
    env = {name: value for name, value in os.environ.items() if name not in ("CI", "NO_COLOR")} | site.env | {"TERM": "xterm"}
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, cwd=site.folder, env=env, stdout=subprocess.PIPE, stderr=theirs, text=True) as process:
        os.close(theirs)
        seen = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            seen += piece
        assert process.stdout is not None
        out = process.stdout.read()
    os.close(ours)
    assert process.returncode == 0
    assert b" of 40 tenants, 0 failed" in seen
    assert out.splitlines()[-1] == "40 created, 0 updated, 0 deleted, 0 unchanged, 0 failed"
    assert "\x1b" not in out
