# SPDX-License-Identifier: Apache-2.0
"""Controller side of server_state: which run this is, whether another one of this controller still lives, and the wait for it."""

from __future__ import annotations

import getpass
import os
import socket
import time
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.mailwright.wso2is.plugins.module_utils.server_state import lives, process_of

PAUSE = 2.0
"""Seconds between two looks at a node that another run has."""


class ActionModule(ActionBase):  # type: ignore[misc]
    """Look, for a run that may have the node to itself."""

    _supports_check_mode = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the action; see the module's documentation."""
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        try:
            deadline = time.monotonic() + float(arguments.pop("wait", 0))
        except (TypeError, ValueError):
            raise AnsibleActionFail("wait: a number of seconds is needed") from None
        if arguments.get("lease"):
            arguments["run"] = {"id": _identity(os.getppid()), "who": _who(os.getppid())}
        while True:
            answer = self._execute_module("mailwright.wso2is.server_state", arguments, task_vars=task_vars)
            held = answer.get("held")
            if not held:
                return dict(answer)
            if _is_gone(held["id"]):
                arguments["gone"] = held["id"]
                continue
            since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(held["since"]))
            what = f"another run changes this node: {held['who']}, since {since}"
            if self._task.check_mode:
                return {**answer, "warnings": [f"{what}; what is predicted here may change"]}
            if time.monotonic() >= deadline:
                return {**answer, "failed": True, "msg": f"{what}; this run changed nothing here"}
            time.sleep(PAUSE)


def _who(pid: int) -> str:
    return f"{getpass.getuser()}@{socket.gethostname()}, process {pid}"


def _identity(pid: int) -> str:
    """Return what no other run has: a process of this controller, and in which of its containers it is."""
    process = process_of(pid)
    if process is None:
        return f"{socket.gethostname()}//{pid}/"
    return f"{process.boot}/{os.readlink('/proc/self/ns/pid')}/{pid}/{process.start}"


def _is_gone(identity: str) -> bool:
    """Say whether a run is known to be over: a process that would be seen here, and is not. Of another controller nothing is known."""
    *place, pid, _ = identity.split("/")
    return _identity(os.getpid()).split("/")[:-2] == place and (not lives(int(pid)) or _identity(int(pid)) != identity)
