"""How far a run is: lines in a pipeline, a bar on a terminal, and neither on stdout."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest
from tenant_specs import basic

from terminal import on_a_terminal

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
    code, out, seen = on_a_terminal(command, cwd=site.folder, env={**os.environ, **site.env})
    assert code == 0
    assert " of 40 tenants, 0 failed" in seen
    assert out.splitlines()[-1] == "40 created, 0 updated, 0 deleted, 0 unchanged, 0 failed"
    assert "\x1b" not in out
