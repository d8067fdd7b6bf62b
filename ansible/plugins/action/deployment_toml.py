# SPDX-License-Identifier: Apache-2.0
"""Controller side of deployment_toml: validate and merge with the library, so that a node needs nothing but Python."""

from __future__ import annotations

import base64
import json
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

MODULE = "mailwright.wso2is.deployment_toml"


class ActionModule(ActionBase):
    """Read the node's file, merge, write it back; check mode stops before the write."""

    _supports_check_mode = True
    _supports_diff = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the action; see the module's documentation."""
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        _, options = self.validate_argument_spec(
            argument_spec={
                "path": {"type": "path", "required": True},
                "spec": {"type": "path"},
                "sender": {"type": "raw", "no_log": False},
                "environment": {"type": "str"},
                "product_version": {"type": "str"},
                "backups": {"type": "int", "default": 3},
            },
            required_one_of=[("spec", "sender")],
            mutually_exclusive=[("spec", "sender")],
        )
        read = self._node({"path": options["path"], "state": "read"}, task_vars)
        merged = self._merged(options, base64.b64decode(read["content"]))
        result: dict[str, Any] = {"changed": bool(merged.changed), "changed_keys": list(merged.changed)}
        if merged.warning:
            result["warnings"] = [f"the server will not start with {options['path']}: {merged.warning}"]
        if merged.changed and not self._task.check_mode:
            content = base64.b64encode(merged.text.encode("utf-8", "surrogateescape")).decode("ascii")
            written = {"path": options["path"], "state": "written", "content": content, "digest": read["digest"]}
            result["backup"] = self._node({**written, "backups": options["backups"]}, task_vars)["backup"]
        return result

    def _node(self, arguments: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self._execute_module(module_name=MODULE, module_args=arguments, task_vars=task_vars)
        if answer.get("failed"):
            raise AnsibleActionFail(str(answer.get("msg", "the node's part of the module failed")))
        return answer

    def _merged(self, options: dict[str, Any], data: bytes) -> Any:
        try:
            from mailwright.deployment import parse_deployment
            from mailwright.errors import MailwrightError
            from mailwright.merge import merge
            from mailwright.releases import NEWEST
        except ImportError:
            raise AnsibleActionFail("the controller needs the Python package mailwright: pip install mailwright") from None
        try:
            wanted, release = self._wanted(options)
            return merge(parse_deployment(data.decode("utf-8", "surrogateescape"), options["path"]), wanted, release or NEWEST)
        except MailwrightError as error:
            raise AnsibleActionFail(str(error)) from None

    def _wanted(self, options: dict[str, Any]) -> tuple[Any, Any]:
        from mailwright.releases import parse_release
        from mailwright.rendering.fragment import node_settings
        from mailwright.source import Source
        from mailwright.spec import read_document
        from mailwright.spec.jsondoc import read_json
        from mailwright.validation.specs import validated_spec

        asked = parse_release(options["product_version"]) if options.get("product_version") else None
        if options.get("spec"):
            path = self._find_needle("files", options["spec"])
            document = read_document(path)
        else:
            path = "sender"
            document = read_json(Source(path, json.dumps({"mailwright": 1, "global": options["sender"]})))
        spec, release = validated_spec(path, document, options.get("environment"), asked)
        return node_settings(spec), release
