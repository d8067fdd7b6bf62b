"""The demo: the main job from end to end, with a real ansible-playbook and a real SMTP dialogue, nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.network
def test_the_demo(tmp_path: Path) -> None:
    settings_of_the_caller = {"MAILWRIGHT_FORMAT": "json"}
    environment = {**os.environ, **settings_of_the_caller, "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "mailwright", "demo"], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
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
    ):
        assert expected in done.stdout
    assert list(tmp_path.iterdir()) == []
