# SPDX-License-Identifier: Apache-2.0
"""tenant_email_sender_info: what a server has for tenants, without secrets."""

from __future__ import annotations

from typing import Any

from ansible_collections.mailwright.wso2is.plugins.plugin_utils.actions import SERVER, SPEC, LibraryAction, first_why, why


class ActionModule(LibraryAction):
    """Read; nothing is ever written."""

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the action; see the module's documentation."""
        super().run(tmp, task_vars)
        options = self.options({**SPEC, **SERVER, "domains": {"type": "list", "elements": "str", "default": []}})
        tenants = self.with_library(lambda: self._found(options))
        failed = [tenant for tenant in tenants if tenant.get("error")]
        result: dict[str, Any] = {"changed": False, "tenants": tenants}
        if failed:
            result.update(failed=True, msg=f"{len(failed)} of {len(tenants)} tenants could not be read: {first_why(failed)}")
        return result

    def _found(self, options: dict[str, Any]) -> list[dict[str, Any]]:
        from mailwright.operations.import_ import read_senders

        found: list[dict[str, Any]] = []
        for each in read_senders(self.prepared(options, with_secrets=False), tuple(options["domains"])):
            sender = dict(each.tenant.sender) if each.tenant else None
            found.append({"domain": each.domain, "sender": sender, **(why(each.failure) if each.failure else {})})
        return found
