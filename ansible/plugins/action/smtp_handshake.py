# SPDX-License-Identifier: Apache-2.0
"""Controller side of smtp_handshake: what is to be held, and the verdict; the node holds it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.mailwright.wso2is.plugins.plugin_utils.actions import NODE, LibraryAction

MODULE = "smtp_handshake"


class ActionModule(LibraryAction):
    """Check senders from the node; read only, so check mode does the same."""

    _requires_connection = True

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the action; see the module's documentation."""
        super().run(tmp, task_vars)
        options = self.options(
            {
                **NODE,
                "sender": {"type": "raw", "no_log": False},
                "overrides": {"type": "raw", "no_log": False},
                "tenants": {"type": "raw", "no_log": False},
                "defaults": {"type": "raw", "no_log": False},
                "path": {"type": "path"},
                "only": {"type": "list", "elements": "str", "default": []},
                "secrets": {"type": "raw", "no_log": True},
                "ca_file": {"type": "path"},
                "trust_store": {"type": "path"},
                "trust_store_password": {"type": "raw", "no_log": True},
                "java_home": {"type": "path"},
                "timeout": {"type": "float", "default": 10.0},
                "deadline": {"type": "float"},
                "allow_cleartext": {"type": "bool", "default": False},
                "allow_unverified": {"type": "bool", "default": False},
                "require_auth": {"type": "bool", "default": False},
                "send_test_to": {"type": "str"},
                "fail_on_error": {"type": "bool", "default": True},
            },
            mutually_exclusive=[("spec", "sender"), ("ca_file", "trust_store")],
            required_one_of=[("spec", "sender", "tenants", "path")],
        )
        result = self.with_library(lambda: self._checked(options, task_vars or {}))
        result["changed"] = False
        if result["exit_code"] and options["fail_on_error"]:
            result.update(failed=True, msg=_message(result))
        return result

    def _checked(self, options: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        from mailwright.base.errors import ExitCode, combine
        from mailwright.operations.specs import secrets_of_task
        from mailwright.operations.verify import Handshake, verify_from_node
        from mailwright.report.verified import document

        given, path, spec = options.pop("secrets"), options["path"], self.spec(options)
        results = verify_from_node(
            spec,
            lambda settings: self._held(settings, task_vars),
            deployment=(path, self.file_on_node(path, task_vars)[0]) if path else None,
            tenants=tuple(options["only"]),
            product_version=self.version_for(spec, options),
            secrets=secrets_of_task(spec, given, "secrets"),
            handshake=Handshake(
                self._trust_store(options, task_vars),
                options["timeout"],
                options["deadline"],
                options["allow_cleartext"],
                options["allow_unverified"],
                send_test_to=options["send_test_to"] or None,
            ),
        )
        codes = [int(result.exit_code) for result in results if hasattr(result, "exit_code")]
        if options["require_auth"] and any(getattr(result, "skipped_auth", "") for result in results):
            codes.append(int(ExitCode.UNSAFE))
        return {**document(results), "exit_code": combine(codes)}

    def _trust_store(self, options: dict[str, Any], task_vars: dict[str, Any]) -> Any:
        from mailwright.verification.truststores import load_trust_store, parse_trust_store

        if options["ca_file"]:
            return load_trust_store(self._find_needle("files", options["ca_file"]))
        if not options["trust_store"]:
            return None
        exported = {name: options[name] for name in ("trust_store", "trust_store_password", "java_home") if options[name]}
        pem = str(self.node(MODULE, exported, task_vars)["pem"])
        return parse_trust_store(pem.encode(), str(options["trust_store"]))

    def _held(self, settings: list[Any], task_vars: dict[str, Any]) -> list[Any]:
        from mailwright.verification.handshake import report_from_wire, settings_to_wire

        # One text: of a list Ansible would mask every value in the answer, the host's name too.
        wire = base64.b64encode(json.dumps([settings_to_wire(each) for each in settings]).encode()).decode("ascii")
        answer = self.node(MODULE, {"settings": wire, "ca_pem": settings[0].ca_pem}, task_vars)
        return [report_from_wire(report) for report in answer["reports"]]


def _message(result: Mapping[str, Any]) -> str:
    for sender in result["senders"]:
        if sender["exit_code"]:
            failed = next((phase for phase in sender["phases"] if phase["status"] in ("failed", "withheld")), None)
            why = f": {failed['name']}: {failed['detail'] or failed['reply']}" if failed else ""
            return f"{sender['name']}{why} (exit code {result['exit_code']})"
    error = next(iter(result.get("errors", [])), None)
    if error is None:
        return f"a secret is not known here, and AUTH is required (exit code {result['exit_code']})"
    where = ":".join(str(part) for part in (error["file"], error["line"], error["column"]) if part)
    hint = f"\n  hint: {error['hint']}" if error["hint"] else ""
    return (f"{where}: {error['message']}" if where else str(error["message"])) + hint
