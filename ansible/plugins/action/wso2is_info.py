# SPDX-License-Identifier: Apache-2.0
"""Controller side of wso2is_info: the node says what is there, the library what the server makes of it."""

from __future__ import annotations

import base64
import os
from typing import Any

from ansible_collections.mailwright.wso2is.plugins.plugin_utils.actions import LibraryAction


class ActionModule(LibraryAction):
    """Read; nothing is ever written."""

    _requires_connection = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the action; see the module's documentation."""
        super().run(tmp, task_vars)
        options = self.options({"home": {"type": "path", "required": True}, "product_version": {"type": "raw"}})
        found = self.node("wso2is_info", {"home": options["home"]}, task_vars or {})
        content = found.pop("content")
        version = options["product_version"] or found["product_version"]
        details = self.with_library(lambda: _details(found, content, str(version) if version else None))
        security, stores = found.pop("security"), found.pop("stores")
        name = details["trust_store"].pop("name")
        details["trust_store"].update(path=os.path.join(security, name), exists=name in stores)
        found.pop("invocation", None)
        return {**found, **details, "changed": False}


def _details(found: dict[str, Any], content: str | None, version: str | None) -> dict[str, Any]:
    from mailwright.operations.node import node_details
    from mailwright.report.effective import effective_json

    details = node_details(base64.b64decode(content) if content else None, str(found["deployment_toml"]), version)
    return {**details, "effective": effective_json(details["effective"])} if "effective" in details else details
