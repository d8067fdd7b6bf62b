#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0
"""Say whether a server runs with the deployment.toml that is there, and keep what is known about it beside the file."""

from __future__ import absolute_import, annotations, division, print_function

DOCUMENTATION = r"""
module: server_state
short_description: Say whether a WSO2 Identity Server runs with the deployment.toml that is there
description:
  - Looks at the server's process and at its C(deployment.toml), and says whether the process has loaded that file.
  - Keeps a record beside the file, so that the answer does not depend on clocks. The record holds no secret.
  - The record does not count as a change of the node, so RV(ignore:changed) is always false. In check mode no record is written.
version_added: 0.1.0
author:
  - The mailwright authors (@mailwright)
extends_documentation_fragment:
  - mailwright.wso2is.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: It only reports.
seealso:
  - module: mailwright.wso2is.deployment_toml
  - module: mailwright.wso2is.wso2is_info
  - name: The collection's README
    description: The role and the playbooks that call this.
    link: https://github.com/mailwright/mailwright/blob/main/ansible/README.md
options:
  home:
    description: The server's home on the node.
    type: path
    required: true
  pid_file:
    description: The file with the server's process number. The default is C(wso2carbon.pid) in its home. With an empty text, no file is read.
    type: str
  pid_file_needed:
    description: Whether a missing pid file means that the server does not run. If V(false), nothing is known about such a server.
    type: bool
    default: false
  service_running:
    description: Whether the service runs, according to the node's service manager, if that was asked.
    type: bool
  state:
    description:
      - V(seen) only looks. V(changing) is recorded before a change, V(written) when the file is there, and V(settled) when the server is up
        with it. V(settled) fails if the server is not. V(undrained) is recorded when a load balancer has the node back.
      - V(taken) keeps other runs away from the node, and V(released) lets them in again. If another run has the node, V(taken) waits for
        O(wait) seconds at most. Then it fails, and says which run that is and since when. In check mode it takes nothing and only warns.
    type: str
    choices: [seen, changing, written, settled, undrained, taken, released]
    default: seen
  writes:
    description: With O(state=changing), the file will be written next. The task fails if the disk has no room for it.
    type: bool
    default: false
  starts:
    description: With O(state=changing), the server will be stopped and started, or restarted, next.
    type: bool
    default: false
  drains:
    description: With O(state=changing), the node will be taken out of its load balancer next.
    type: bool
    default: false
  encrypts:
    description:
      - With O(state=changing), the file will hold clear text until the server's cipher tool has replaced it.
      - The file as it is now is backed up, because the tool may damage it. The task fails if there can be no backup.
    type: bool
    default: false
  target:
    description: The backup that is to become the file again. It is recorded with O(state=changing).
    type: path
  lease:
    description:
      - For how many seconds this run keeps the node if it does nothing more. Every task with this option starts the time again, and fails if
        the node no longer belongs to this run. A node that is rebooted is free at once.
      - The node is also free at once if the run that had it was on this controller and its process is gone.
    type: float
  wait:
    description: With O(state=taken), how many seconds to wait for another run.
    type: float
    default: 0
  run:
    description: For internal use.
    type: dict
  gone:
    description: For internal use.
    type: str
  backup_dir:
    description: The folder on the node for the backups, like C(backup_dir) of M(mailwright.wso2is.deployment_toml).
    type: path
"""

EXAMPLES = r"""
- name: See whether the server has loaded its configuration
  mailwright.wso2is.server_state:
    home: /opt/wso2is
  register: state

- name: Say so
  ansible.builtin.debug:
    msg: "{{ state.problem }}"
  when: state.problem is not none
"""

RETURN = r"""
taken:
  description: Whether the node belongs to this run; false in check mode, and if the disk is too full for the record.
  returned: with O(state=taken)
  type: bool
held:
  description:
    - The run that has the node. C(who) says which it is, and C(since) since when, in seconds since 1970.
    - Null if there is no other run.
  returned: with O(state=taken)
  type: dict
lost:
  description: Whether the task failed because the node now belongs to another run, or to none. Then leave the node alone.
  returned: with O(lease), on failure
  type: bool
running:
  description: Whether the server runs; null if that is not known.
  returned: success
  type: bool
pid:
  description: The server's process.
  returned: success
  type: int
loaded:
  description: Whether that process has loaded the file that is there; null if that is not known.
  returned: success
  type: bool
evidence:
  description: How that is known - V(record) or V(clock).
  returned: success
  type: str
problem:
  description: Why the server is not up with the file that is there; null if it is, or if nothing is known.
  returned: success
  type: str
up_to_date:
  description: Whether no problem is known and, if the state is not known, no change is unfinished.
  returned: success
  type: bool
owed:
  description: Whether a change was begun but not completed.
  returned: success
  type: bool
start_owed:
  description: Whether that change included a start of the server.
  returned: success
  type: bool
drained:
  description: Whether the node was taken out of its load balancer and not given back.
  returned: success
  type: bool
encrypting:
  description: Whether a run ended before the cipher tool had done its work.
  returned: success
  type: bool
foreign:
  description: Whether a server process runs that the service manager does not know about.
  returned: success
  type: bool
digest:
  description: The file's SHA-256.
  returned: success
  type: str
product_version:
  description: The version in C(bin/version.txt); null if there is none.
  returned: success
  type: str
way_back:
  description: The backup of the file from before the unfinished change; null if there is none, or if the file is the same.
  returned: success
  type: str
target:
  description:
    - The backup that is to become the file again. That is O(target), or the target of an unfinished O(state=changing).
    - The file itself if that backup has already been put back, also by a change that is complete.
  returned: success
  type: str
at_target:
  description: Whether the file is already the target; true if nothing is to be put back.
  returned: success
  type: bool
newest_backup:
  description: The newest backup of the file; null if there is none.
  returned: success
  type: str
"""

import os
import tempfile
from typing import Any, Callable, NamedTuple

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mailwright.wso2is.plugins.module_utils import server_state
from ansible_collections.mailwright.wso2is.plugins.module_utils.atomic_write import (
    back_up,
    backup_folder,
    every_backup,
)

ROOM = 65536  # bytes beside two copies of the file: the new one and the backup


class Look(NamedTuple):
    """What there is, and the record that is to be kept."""

    now: server_state.Now
    loaded: bool | None
    evidence: str
    problem: str | None
    backups: list[str]
    record: dict[str, Any]


def main() -> None:
    """Look, say, and keep."""
    module = AnsibleModule(
        argument_spec={
            "home": {"type": "path", "required": True},
            "pid_file": {"type": "str"},
            "pid_file_needed": {"type": "bool", "default": False},
            "service_running": {"type": "bool"},
            "state": {
                "type": "str",
                "choices": ["seen", "changing", "written", "settled", "undrained", "taken", "released"],
                "default": "seen",
            },
            "writes": {"type": "bool", "default": False},
            "starts": {"type": "bool", "default": False},
            "drains": {"type": "bool", "default": False},
            "encrypts": {"type": "bool", "default": False},
            "target": {"type": "path"},
            "lease": {"type": "float"},
            "run": {"type": "dict"},
            "gone": {"type": "str"},
            "backup_dir": {"type": "path"},
        },
        required_together=[("lease", "run")],
        required_if=[("state", "taken", ["lease"]), ("state", "released", ["lease"])],
        supports_check_mode=True,
    )
    asked = module.params
    path = os.path.join(asked["home"], "repository", "conf", "deployment.toml")
    if asked["state"] in ("taken", "released"):
        module.exit_json(changed=False, **_hand_over(module, path))
    looks: list[Look] = []

    def change(record: dict[str, Any]) -> dict[str, Any]:
        looks.append(_look(module, path, record))
        return record if module.check_mode else looks[-1].record

    _keep(module, path, change)
    now, loaded, evidence, problem, backups, after = looks[-1]
    owed, uncertain = bool(after.get("owed")), now.running is None or loaded is None
    target = server_state.digest_of(asked["target"]) if asked["target"] else after.get("target") or after.get("restored")
    module.exit_json(
        changed=False,
        running=now.running,
        pid=now.process.pid if now.process else None,
        loaded=loaded,
        evidence=evidence,
        problem=problem,
        up_to_date=problem is None and not (owed and uncertain),
        owed=owed,
        start_owed=bool(after.get("starts")),
        drained=bool(after.get("drained")),
        encrypting=bool(after.get("encrypting")),
        foreign=asked["service_running"] is False and bool(now.running),
        digest=now.digest,
        product_version=server_state.product_version(asked["home"]),
        way_back=_find(backups, after.get("good")) if after.get("good") != now.digest else None,
        target=path if target == now.digest else asked["target"] or _find(backups, after.get("target")),
        at_target=target in (None, now.digest),
        newest_backup=backups[-1] if backups else None,
    )


def _hand_over(module: AnsibleModule, path: str) -> dict[str, Any]:
    """Take the node for a run, or let others in; return what is said about it."""
    asked, said = module.params, {"taken": False, "held": None}

    def change(record: dict[str, Any]) -> dict[str, Any]:
        now, mine = server_state.moment(), (record.get("run") or {}).get("id") == asked["run"]["id"]
        if asked["state"] == "released":
            return {name: value for name, value in record.items() if name != "run" or not mine}
        said["held"] = None if mine else server_state.holder(record, now, asked["gone"])
        if said["held"] or module.check_mode:
            return record
        return server_state.take(record, now, asked["run"], asked["lease"])

    kept = _keep(module, path, change)
    said["taken"] = kept and not said["held"] and asked["state"] == "taken" and not module.check_mode
    return said


def _look(module: AnsibleModule, path: str, record: dict[str, Any]) -> Look:
    """Look at the node; it is a failure if another run has it, or the server is not up where that is to be noted."""
    asked = module.params
    if asked["lease"]:
        if (record.get("run") or {}).get("id") != asked["run"]["id"]:
            module.fail_json(
                msg="this run lost the node to another one, or its record was deleted; it does nothing more here", lost=True
            )
        record = server_state.take(record, server_state.moment(), asked["run"], asked["lease"])
    pid_file = os.path.join(asked["home"], "wso2carbon.pid") if asked["pid_file"] is None else asked["pid_file"]
    now = server_state.observe(asked["home"], path, pid_file, asked["service_running"], asked["pid_file_needed"], record)
    loaded, evidence = server_state.has_loaded(record, now)
    problem = problem_of(now, loaded)
    if asked["state"] == "settled" and problem is not None:
        module.fail_json(msg=problem)
    backups = every_backup(path, asked["backup_dir"])
    return Look(now, loaded, evidence, problem, backups, _next(record, now, loaded, asked, backups))


def problem_of(now: server_state.Now, loaded: bool | None) -> str | None:
    """Say why a server is not up with the file that is there; None if it is, or if nothing is known."""
    if now.running is False:
        return "the server does not run"
    if now.running and loaded is False:
        return "the server has not loaded the deployment.toml that is there (process %d)" % (
            now.process.pid if now.process else 0
        )
    return None


def _next(
    record: dict[str, Any], now: server_state.Now, loaded: bool | None, asked: dict[str, Any], backups: list[str]
) -> dict[str, Any]:
    """Return the record that is to be kept."""
    if asked["state"] == "changing":
        before = record.get("good") if record.get("owed") else None
        after = server_state.begin(record, now, loaded, before if before == now.digest or _find(backups, before) else now.digest)
        after["starts"] = bool(record.get("starts") or asked["starts"])
        after["drained"] = bool(record.get("drained") or asked["drains"])
        after["encrypting"] = bool(record.get("encrypting") or asked["encrypts"])
        after["target"] = server_state.digest_of(asked["target"]) if asked["target"] else None
        if asked["writes"]:
            after.pop("restored", None)
        return after
    after = (server_state.settle if asked["state"] == "settled" else server_state.learn)(record, now, loaded)
    if asked["state"] in ("written", "undrained"):
        after.pop("encrypting" if asked["state"] == "written" else "drained", None)
    return after


def _keep(module: AnsibleModule, path: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> bool:
    """Keep what *change* makes of the record, and say whether that worked.

    Where the file is written next, a disk that is full ends the task, before anything is stopped.
    """
    writes, backup_dir = module.params["writes"] or module.params["encrypts"], module.params["backup_dir"]
    try:
        if writes and not module.check_mode:
            _find_room(path, backup_dir)
        if module.params["encrypts"] and not module.check_mode:
            back_up(path, backup_dir)
        server_state.update_record(path, change)
        return True
    except (IOError, OSError) as error:
        reason = "%s: %s" % (os.path.dirname(path), error.strerror or type(error).__name__)
        if writes:
            module.fail_json(msg="%s; nothing was stopped, and deployment.toml is as it was" % reason)
        if os.path.isdir(os.path.dirname(path)):
            module.warn("the record about the server cannot be written: %s" % reason)
        return False


def _find_room(path: str, backup_dir: str | None) -> None:
    """Write as much as the change will, and take it away.

    Raises:
        OSError: there is no room, or a folder cannot be written, or the backups would be in a git work tree.
    """
    backups = backup_folder(path, backup_dir)
    if not os.path.isdir(backups):
        os.makedirs(backups, 0o700)
    for folder in {os.path.dirname(os.path.realpath(path)), backups}:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0" * (2 * os.path.getsize(path) + ROOM))
            file.flush()
            os.fsync(file.fileno())


def _find(backups: list[str], digest: str | None) -> str | None:
    """Return the newest backup with a digest."""
    found = (name for name in reversed(backups) if digest and server_state.digest_of(name) == digest)
    return next(found, None)


if __name__ == "__main__":
    main()
