# SPDX-License-Identifier: Apache-2.0
"""tenant_email_sender: plan and apply tenants' senders from the controller."""

from __future__ import annotations

from typing import Any

from ansible_collections.mailwright.wso2is.plugins.plugin_utils.actions import SERVER, SPEC, LibraryAction


class ActionModule(LibraryAction):
    """Plan; apply unless it is check mode."""

    _supports_diff = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the action; see the module's documentation."""
        super().run(tmp, task_vars)
        options = self.options(
            {
                **SPEC,
                **SERVER,
                "tenants": {"type": "raw", "no_log": False},
                "defaults": {"type": "raw", "no_log": False},
                "allow_env": {"type": "raw"},
                "update_secrets": {"type": "str", "choices": ["on-version-change", "always"], "default": "on-version-change"},
                "prune": {"type": "bool", "default": False},
                "confirm_deletions": {"type": "bool", "default": False},
                "policy": {"type": "path"},
                "secrets_dir": {"type": "path"},
            },
            required_one_of=[("spec", "tenants")],
        )
        result = self.with_library(lambda: self._provisioned(options))
        code, failed = result["exit_code"], result.pop("failed_tenants")
        if unsure := result.pop("unsure"):
            result["warnings"] = [f"unsure: {text}" for text in unsure]
        if self._play_context.diff:
            result["diff"] = [_diff(tenant) for tenant in result["tenants"] if tenant.get("changes")]
        if code:
            result.update(
                failed=True, msg=f"{failed} of {len(result['tenants'])} tenants failed: {_first_error(result['tenants'])}"
            )
        return dict(result)

    def _provisioned(self, options: dict[str, Any]) -> dict[str, Any]:
        from mailwright.operations.tenants import TaskRun, TaskServer, provision

        server = TaskServer(
            options["server"],
            options["ca_file"],
            options["allow_unverified"],
            options["timeout"],
            options["concurrency"],
            options["rate"],
            options["server_override"],
        )
        run = TaskRun(
            options["update_secrets"],
            options["prune"],
            options["confirm_deletions"],
            options["policy"],
            options["secrets_dir"],
            check=bool(self._task.check_mode),
        )
        return provision(self.task_spec(options), server, run)


def _diff(tenant: dict[str, Any]) -> dict[str, str]:
    before, after = (
        "".join(f"{change['field']} = {change[side]}\n" for change in tenant["changes"] if change[side] is not None)
        for side in ("before", "after")
    )
    return {"before": before, "after": after, "before_header": tenant["domain"], "after_header": tenant["domain"]}


def _first_error(tenants: list[dict[str, Any]]) -> str:
    return next((f"{tenant['domain']}: {tenant['error']}" for tenant in tenants if tenant.get("error")), "see `tenants`")
