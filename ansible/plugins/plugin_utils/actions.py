# SPDX-License-Identifier: Apache-2.0
"""What the actions share: their options, the library's errors as Ansible's, and the node's part."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, TypeVar

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

T = TypeVar("T")

# Raw, so that no error of Ansible's own quotes what stands there; the library checks, and never quotes a secret.
SPEC = {
    "spec": {"type": "path"},
    "environment": {"type": "raw"},
    "product_version": {"type": "raw"},
    "stores": {"type": "raw", "no_log": False},
}
CONNECTION = {
    "server": {"type": "str"},
    "server_override": {"type": "bool", "default": False},
    "ca_file": {"type": "path"},
    "allow_unverified": {"type": "bool", "default": False},
    "timeout": {"type": "float", "default": 30.0},
    "concurrency": {"type": "int", "default": 16},
    "rate": {"type": "float"},
}
NODE = {**SPEC, "installed_version": {"type": "raw"}}
SERVER = {
    **CONNECTION,
    "api": {"type": "raw", "no_log": True},
    "owner": {"type": "raw"},
}


def why(failure: Any) -> dict[str, str]:
    """Return what a result says of a tenant's failure."""
    return {"error": failure.message, **({"hint": failure.hint} if failure.hint else {})}


def first_why(tenants: list[dict[str, Any]]) -> str:
    """Return the first failure of a result in words, with what helps."""
    first = next((tenant for tenant in tenants if tenant.get("error")), None)
    if first is None:
        return "see `tenants`"
    return f"{first['domain']}: {first['error']}" + (f"\n  hint: {first['hint']}" if first.get("hint") else "")


def version_of(options: dict[str, Any], option: str = "product_version") -> str | None:
    """Return the product version that the options name."""
    return str(options[option]) if options.get(option) else None


class LibraryAction(ActionBase):  # type: ignore[misc]
    """An action that runs on the controller with the Python package ``mailwright``."""

    _supports_check_mode = True
    _supports_diff = False
    _requires_connection = False

    def options(self, argument_spec: dict[str, Any], **rules: Any) -> dict[str, Any]:
        """Return the task's options; an unknown one, or a missing one, ends the task."""
        _, options = self.validate_argument_spec(argument_spec=argument_spec, **rules)
        return dict(options)

    def with_library(self, work: Callable[[], T]) -> T:
        """Do *work* with the library; its errors end the task, without a traceback and without a value of the user's."""
        try:
            from mailwright.base.errors import MailwrightError
            from mailwright.report.text import one_line_error
        except ImportError:
            raise AnsibleActionFail(
                "the Python that runs ansible-playbook has no mailwright: install the wheel of the collection's release beside ansible-core"
            ) from None
        try:
            return work()
        except MailwrightError as error:
            raise AnsibleActionFail(one_line_error(error)) from None
        except ImportError as error:
            raise AnsibleActionFail(
                f"the Python that runs ansible-playbook has no {error.name}: install it beside ansible-core"
            ) from None

    def spec(self, options: dict[str, Any]) -> Any:
        """Return the spec that the options mean, read from a file or made of them; call it within ``with_library``."""
        from mailwright.operations.specs import spec_of_task

        path = options.get("spec")
        return spec_of_task(options, self._find_needle("files", path) if path else None)

    def prepared(self, options: dict[str, Any], *, with_secrets: bool) -> Any:
        """Return that spec, checked for the server that the options name; no request is made."""
        from mailwright.operations.ready import prepare
        from mailwright.operations.servers import Connection

        return prepare(
            self.spec(options),
            Connection(**{name: options[name] for name in CONNECTION}),
            product_version=version_of(options),
            policy=options.get("policy"),
            secrets_dir=options.get("secrets_dir"),
            with_secrets=with_secrets,
        )

    def version_for(self, spec: Any, options: dict[str, Any]) -> str | None:
        """Return the product version that a node's task goes by; call it within ``with_library``."""
        from mailwright.operations.node import version_for

        return version_for(spec, version_of(options), version_of(options, "installed_version"))

    def node(self, module: str, arguments: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """Run the node's part of the module and return its answer; a failure there ends the task."""
        answer: dict[str, Any] = self._execute_module(
            module_name=f"mailwright.wso2is.{module}", module_args=arguments, task_vars=task_vars
        )
        if answer.get("failed"):
            raise AnsibleActionFail(str(answer.get("msg", "the node's part of the module failed")))
        return answer

    def file_on_node(self, path: str, task_vars: dict[str, Any]) -> tuple[bytes, str]:
        """Return a file's bytes and their digest; it may hold secrets."""
        read = self.node("deployment_toml", {"path": path, "state": "read"}, task_vars)
        return base64.b64decode(read["content"]), str(read["digest"])
