"""The collection's playbooks against the hosts, with a real ansible-playbook."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import Nodes

CALLBACKS = Path(__file__).with_name("callbacks")
COMMON = {
    "email_sender_hosts": "all",
    "email_sender_restart": "script",
    "email_sender_health_delay": 1,
    "email_sender_stop_timeout": 20,
}


def begin(
    nodes: Nodes,
    playbook: str,
    *options: str,
    env: Mapping[str, str] | None = None,
    program: Path = Path(sys.executable).parent / "ansible-playbook",
    **variables: Any,
) -> subprocess.Popen[str]:
    """Begin a playbook of the collection, in a process group of its own; its connections last, if it is not to lose them."""
    folder = nodes.folder
    with tempfile.NamedTemporaryFile("w", dir=folder, suffix=".json", delete=False, encoding="utf-8") as extra:
        json.dump({**COMMON, **variables}, extra)
    shared = (
        [] if (env or {}).get("MAILWRIGHT_CUT") in ("connection", "peer") else ["-e", f"ansible_control_path={nodes.control}/%C"]
    )
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(nodes.collections),
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
        "ANSIBLE_CALLBACKS_ENABLED": "cut",
        "LC_ALL": "C.UTF-8",
        **(env or {}),
    }
    command = [
        str(program),
        "-i",
        str(nodes.inventory),
        "-e",
        f"@{extra.name}",
        *shared,
        *options,
        f"mailwright.wso2is.{playbook}",
    ]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def end(playing: subprocess.Popen[str], timeout: float = 800) -> subprocess.CompletedProcess[str]:
    """Wait for it; it does not outlive the test."""
    try:
        out, err = playing.communicate(timeout=timeout)
    except BaseException:
        os.killpg(playing.pid, signal.SIGKILL)
        playing.communicate()
        raise
    return subprocess.CompletedProcess(playing.args, playing.returncode, out, err)


def play(nodes: Nodes, playbook: str, *options: str, **variables: Any) -> subprocess.CompletedProcess[str]:
    """Run a playbook of the collection."""
    return end(begin(nodes, playbook, *options, **variables))


def changed(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """Return how many tasks changed something, by host."""
    return {name: int(count) for name, count in re.findall(r"^(node\d+) .*changed=(\d+)", done.stdout, re.MULTILINE)}
