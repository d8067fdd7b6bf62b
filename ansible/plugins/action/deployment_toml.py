# SPDX-License-Identifier: Apache-2.0
"""Controller side of deployment_toml: validate and merge with the library, so that a node needs nothing but Python."""

from __future__ import annotations

import base64
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible_collections.mailwright.wso2is.plugins.plugin_utils.actions import SPEC, LibraryAction

MODULE = "deployment_toml"


class ActionModule(LibraryAction):
    """Read the node's file, merge, write it back; check mode stops before the write."""

    _requires_connection = True
    _supports_diff = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the action; see the module's documentation."""
        super().run(tmp, task_vars)
        options = self.options(
            {
                **SPEC,
                "path": {"type": "path", "required": True},
                "state": {"type": "str", "choices": ["merged", "restored"], "default": "merged"},
                "sender": {"type": "raw", "no_log": False},
                "overrides": {"type": "raw", "no_log": False},
                "tenant_loading": {"type": "raw"},
                "secrets": {"type": "raw", "no_log": True},
                "plain_secrets": {"type": "raw", "no_log": True},
                "keep_unmanaged": {"type": "bool", "default": False},
                "allow_unstartable": {"type": "bool", "default": False},
                "backup": {"type": "path"},
                "backups": {"type": "int", "default": 3},
            },
            mutually_exclusive=[("spec", "sender")],
            required_if=[("state", "restored", ["backup"])],
        )
        if options["state"] == "restored":
            return self._restored(options, task_vars or {})
        data, digest = self.file_on_node(options["path"], task_vars or {})
        merged = self.with_library(lambda: self._merged(options, data))
        result: dict[str, Any] = {
            "changed": bool(merged.changed_keys),
            "changed_keys": list(merged.changed_keys),
            "starts": merged.problem is None if merged.sure else None,
            "reason": merged.problem,
            **merged.state,
        }
        if merged.problem is not None:
            what = f"the server {'will' if merged.sure else 'may'} not start with {options['path']}: {merged.problem}"
            if merged.sure and merged.changed_keys and not options["allow_unstartable"]:
                old = "the file is as it was" + (
                    "" if merged.started_before else ", and the server does not start with that either"
                )
                raise AnsibleActionFail(f"{what}; {old}", result=result)
            result["warnings"] = [what]
        if self._play_context.diff and merged.changed_keys:
            result["diff"] = [
                {
                    "before": merged.before,
                    "after": merged.after,
                    "before_header": options["path"],
                    "after_header": options["path"],
                }
            ]
        if merged.changed_keys and not self._task.check_mode:
            content = base64.b64encode(merged.content).decode("ascii")
            written = {"path": options["path"], "state": "written", "content": content, "digest": digest}
            result["backup"] = self.node(MODULE, {**written, "backups": options["backups"]}, task_vars or {})["backup"]
        return result

    def _restored(self, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        data, digest = self.file_on_node(options["path"], task_vars)
        old, _ = self.file_on_node(options["backup"], task_vars)
        result: dict[str, Any] = {"changed": data != old, "changed_keys": []}
        if data != old and not self._task.check_mode:
            content = base64.b64encode(old).decode("ascii")
            written = {"path": options["path"], "state": "written", "content": content, "digest": digest}
            result["backup"] = self.node(MODULE, {**written, "backups": options["backups"]}, task_vars)["backup"]
        return result

    def _merged(self, options: dict[str, Any], data: bytes) -> Any:
        from mailwright.collection.nodes import merge_node
        from mailwright.collection.specs import plain

        secrets = plain(options.pop("plain_secrets") or {})
        if not isinstance(secrets, dict):
            raise AnsibleActionFail("plain_secrets: a mapping of alias to value is needed")
        return merge_node(
            self.task_spec(options),
            data,
            options["path"],
            keep_unmanaged=options["keep_unmanaged"],
            plain_secrets={alias: str(value) for alias, value in secrets.items()},
        )
