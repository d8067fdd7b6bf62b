"""Cut a play off at its task MAILWRIGHT_CUT_AT, a number or a name, in the way that MAILWRIGHT_CUT says; the tasks go to MAILWRIGHT_TASKS.

``controller``: kill -9 of ansible-playbook before the task. ``everything``: of it, its workers and its ssh, while the task runs.
``connection``: of the controller's ssh while the task runs; ``peer``: of the node's sshd alone. The play loses the node, or only
MAILWRIGHT_CUT_HOST. Addresses are the same in every run of the tests: its own ssh descends from this process, its own sshd has its port.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: cut
type: notification
short_description: Cut a play off
description: For tests.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "cut"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._way, self._at = os.environ.get("MAILWRIGHT_CUT"), os.environ.get("MAILWRIGHT_CUT_AT")
        self._names, self._number, self._here = os.environ.get("MAILWRIGHT_TASKS"), -1, False
        self._host = os.environ.get("MAILWRIGHT_CUT_HOST")
        self._delay = random.Random(self._at).uniform(0.05, 1.5)

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._number += 1
        if self._names:
            with open(self._names, "a", encoding="utf-8") as file:
                file.write(task.get_name() + "\n")
        self._here = self._at in (str(self._number), task.get_name().rpartition(" : ")[2])
        if self._here and self._way == "controller":
            os.kill(os.getpid(), signal.SIGKILL)

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        if not self._here or self._host not in (None, host.name):
            return
        if self._way == "everything":
            threading.Timer(self._delay, os.killpg, (os.getpgrp(), signal.SIGKILL)).start()
        elif self._way in ("connection", "peer"):
            find = partial(
                _clients if self._way == "connection" else _sshds, host.vars["ansible_host"], host.vars["ansible_port"]
            )
            threading.Thread(target=self._hang_up, args=(find,), daemon=True).start()

    def _hang_up(self, find: Callable[[], Iterator[int]]) -> None:
        """Kill the node's ssh for as long as the task runs, or every sshd of its for a while: one that has just done its work is no loss."""
        deadline, wait, killed = time.monotonic() + 20, self._delay / 3, False
        while time.monotonic() < deadline and (self._here or not killed):
            if next(find(), None):
                time.sleep(wait)
                wait /= 3
                for process in find():
                    with suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
                        killed = self._way == "connection"
            time.sleep(0.03)


def _clients(address: str, _: int) -> Iterator[int]:
    """Yield the processes of ssh below this one that talk to an address."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if os.path.basename(words[0]) == b"ssh" and address.encode() in words and os.getpid() in _ancestors(int(folder.name)):
                yield int(folder.name)


def _ancestors(process: int) -> Iterator[int]:
    """Yield a process's parent, its parent's parent and so on."""
    while process > 1:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        process = int(status.rpartition(")")[2].split()[1])  # after the name, which may hold anything
        yield process


def _sshds(address: str, port: int) -> Iterator[int]:
    """Yield the processes of sshd that have a connection open at an address and port: those of the connection, not the one that listens."""
    local = "".join(f"{int(part):02X}" for part in reversed(address.split("."))) + f":{port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1] == local and row[3] == "01"}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (folder / "comm").read_text(encoding="utf-8").startswith("sshd") and any(
                os.readlink(handle) in sockets for handle in (folder / "fd").iterdir()
            ):
                yield int(folder.name)
