"""The demo: the main job from end to end, with a real ansible-playbook and a real SMTP dialogue, nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from commands import Run
from mailwright.cli import demo

PATIENCE = 2 * demo.PATIENCE + 120
"""Seconds: two runs of ansible-playbook, and the rest."""


@pytest.mark.network
@pytest.mark.timeout(PATIENCE + 60)
def test_the_demo(tmp_path: Path) -> None:
    scratch, said = tmp_path / "scratch", tmp_path / "said"
    scratch.mkdir()
    environment = {**os.environ, "MAILWRIGHT_FORMAT": "json", "TMPDIR": str(scratch)}  # a setting of the caller's
    with said.open("wb") as file:
        command = [sys.executable, "-m", "mailwright", "demo"]
        code: int | str
        try:
            code = subprocess.run(command, env=environment, stdout=file, stderr=subprocess.STDOUT, timeout=PATIENCE).returncode
        except subprocess.TimeoutExpired:
            code = "not done in time"
    output = said.read_text(encoding="utf-8")
    assert code == 0, output
    missing = [
        expected
        for expected in (
            "1 file: nothing to report",
            'signature = "Research &#38; Development &#123;&#123;team&#125;&#125;"',
            "changed: [node1]",
            "changed: [node2]",
            "changed=0",
            "Research & Development {{team}}",
            "AUTH       LOGIN: 235",
            "the server's own client: connects and authenticates with LOGIN (observed)",
            "4 of 4 senders verified",
            "node2/wso2is/repository/conf/deployment.toml: of 217 lines every one stayed",
        )
        if expected not in output
    ]
    assert missing == [], output
    assert [path.name for path in scratch.rglob("*")] == [], output


@pytest.mark.network
def test_a_playbook_that_does_not_end(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(command: list[str], **options: float) -> None:
        raise subprocess.TimeoutExpired(command, options["timeout"], output=b"TASK [one] ****\nchanged: [node1]\n")

    monkeypatch.setattr(demo.subprocess, "run", hang)
    result = run("demo")
    assert result.code == 1
    assert result.stdout.endswith("TASK [one]\nchanged: [node1]\n")
    assert result.stderr.splitlines() == [
        f"ansible-playbook was not done after {demo.PATIENCE} s, and was ended",
        "",
        "the demo failed in step 3 (exit 1)",
    ]
