# SPDX-License-Identifier: Apache-2.0
"""Controller side of deployment_toml: validate and merge with the library, so that a node needs nothing but Python."""

from __future__ import annotations

import base64
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible_collections.mailwright.wso2is.plugins.plugin_utils.actions import NODE, LibraryAction

MODULE = "deployment_toml"

ATTEMPTS = 10
"""How often a file is merged into anew because somebody else wrote it meanwhile."""


class ActionModule(LibraryAction):
    """Read the node's file, merge, write it back; check mode stops before the write."""

    _requires_connection = True
    _supports_diff = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the action; see the module's documentation."""
        super().run(tmp, task_vars)
        options = self.options(
            {
                **NODE,
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
                "backup_dir": {"type": "path"},
            },
            mutually_exclusive=[("spec", "sender")],
            required_if=[("state", "restored", ["backup"])],
        )
        if options["state"] == "restored":
            return self._restored(options, task_vars or {})
        for _ in range(ATTEMPTS):
            result = self._written(options, task_vars or {})
            if result is not None:
                return result
        raise AnsibleActionFail(f"{options['path']}: others keep writing it; nothing was merged")

    def _written(self, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any] | None:
        """Merge once; None where somebody else wrote the file meanwhile."""
        data, digest = self.file_on_node(options["path"], task_vars)
        found, state = self.with_library(lambda: self._merged(options, data))
        merged = found.merged
        problem, sure = merged.problem, all(fault.certain for fault in merged.faults)
        result: dict[str, Any] = {
            "changed": bool(merged.changed),
            "changed_keys": list(merged.changed),
            "starts": problem is None or (False if sure else None),
            "reason": problem,
            "refused": merged.refusal is not None and not options["allow_unstartable"],
            **state,
        }
        if problem is not None:
            what = f"the server {'will' if sure else 'may'} not start with {options['path']}: {problem}"
            if result["refused"]:
                also = ", and the server does not start with that either" if merged.before_starts is False else ""
                old = f"the file is as it was{also}"
                hint = f"\n  hint: {'; '.join(found.remedies)}" if found.remedies else ""
                raise AnsibleActionFail(f"{what}; {old}{hint}", result={**result, "changed": False})
            result["warnings"] = [
                f"{what} (nor did it before, and this merge does not change that)" if merged.broken_before else what
            ]
        if merged.secrets_lost:
            what = f"{options['path']}: the clear text of `{merged.secrets_lost[0]}`"
            if not options["backups"]:
                raise AnsibleActionFail(f"{what} would be gone for good; a backup is needed", result={**result, "changed": False})
            result["warnings"] = [*result.get("warnings", []), f"{what} is in the backup only"]
        if self._play_context.diff and merged.changed:
            before, after = ("".join(f"{line}\n" for line in lines) for lines in found.lines())
            headers = {"before_header": options["path"], "after_header": options["path"]}
            result["diff"] = [{"before": before, "after": after, **headers}]
        if merged.changed and not self._task.check_mode:
            return self._write(options, found.content, digest, result, task_vars)
        return result

    def _write(
        self, options: dict[str, Any], content: bytes, digest: str, result: dict[str, Any], task_vars: dict[str, Any]
    ) -> dict[str, Any] | None:
        """Write the file on the node; None where it is not what it was when it was read."""
        answer = self.node(
            MODULE,
            {
                "path": options["path"],
                "state": "written",
                "content": base64.b64encode(content).decode("ascii"),
                "digest": digest,
                "backups": options["backups"],
                "backup_dir": options["backup_dir"],
            },
            task_vars,
        )
        if answer.get("stale"):
            return None
        warnings = [*result.get("warnings", []), *answer.get("warnings", [])]
        return {**result, "backup": answer["backup"], **({"warnings": warnings} if warnings else {})}

    def _restored(self, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        data, digest = self.file_on_node(options["path"], task_vars)
        old, _ = self.file_on_node(options["backup"], task_vars)
        result: dict[str, Any] = {"changed": data != old, "changed_keys": []}
        if data == old or self._task.check_mode:
            return result
        written = self._write(options, old, digest, result, task_vars)
        if written is None:
            raise AnsibleActionFail(f"{options['path']}: somebody else wrote it just now; nothing was restored")
        return written

    def _merged(self, options: dict[str, Any], data: bytes) -> tuple[Any, dict[str, Any]]:
        """Return what becomes of the file, and what holds for it then."""
        from mailwright.deployment import parse_deployment
        from mailwright.operations.merge import merging
        from mailwright.operations.node import secrets_state
        from mailwright.operations.specs import secrets_of_task

        spec = self.spec(options)
        made = merging(
            spec,
            product_version=self.version_for(spec, options),
            keep_unmanaged=options["keep_unmanaged"],
            plain_secrets=secrets_of_task(spec, options["plain_secrets"], "plain_secrets"),
        )
        found = made.into(options["path"], data)
        deployment = parse_deployment(found.merged.text, options["path"])
        return found, {"product_version": made.release.version, **secrets_state(deployment)}
