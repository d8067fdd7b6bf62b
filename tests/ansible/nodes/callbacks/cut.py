"""Cut a play off at its task MAILWRIGHT_CUT_AT, a number or a name, in the way that MAILWRIGHT_CUT says; the tasks go to MAILWRIGHT_TASKS.

``controller``: kill -9 of ansible-playbook before the task. ``everything``: of it, its workers and its ssh, while the task runs.
``connection``: of the node's ssh, on both sides, while the task runs; the play loses the node.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from contextlib import suppress
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
        if not self._here:
            return
        if self._way == "everything":
            threading.Timer(self._delay, os.killpg, (os.getpgrp(), signal.SIGKILL)).start()
        elif self._way == "connection":
            threading.Thread(target=self._hang_up, args=(host.vars["ansible_host"],), daemon=True).start()

    def _hang_up(self, address: str) -> None:
        """Wait for the node's ssh, and kill it."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for folder in Path("/proc").glob("[0-9]*"):
                with suppress(OSError):
                    words = (folder / "cmdline").read_bytes().split(b"\0")
                    if os.path.basename(words[0]) == b"ssh" and address.encode() in words:
                        time.sleep(self._delay / 3)
                        os.kill(int(folder.name), signal.SIGKILL)
                        return
            time.sleep(0.01)
