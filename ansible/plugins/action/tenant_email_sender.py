# SPDX-License-Identifier: Apache-2.0
"""tenant_email_sender: plan and apply tenants' senders from the controller."""

from __future__ import annotations

from typing import Any

from ansible_collections.mailwright.wso2is.plugins.plugin_utils.actions import SERVER, SPEC, LibraryAction, first_why, why


class ActionModule(LibraryAction):
    """Plan; apply unless it is check mode, or the spec alone is to be checked."""

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
                "server_required": {"type": "bool", "default": True},
                "state": {"type": "str", "choices": ["applied", "checked"], "default": "applied"},
                "prune": {"type": "bool", "default": False},
                "confirm_deletions": {"type": "bool", "default": False},
                "policy": {"type": "path"},
                "secrets_dir": {"type": "path"},
            },
            required_one_of=[("spec", "tenants")],
        )
        if not options["server_required"] and (left_out := self.with_library(lambda: self._left_out(options))):
            return left_out
        if options["state"] == "checked":
            return self.with_library(lambda: self._checked(options))
        result = self.with_library(lambda: self._planned(options) if self._task.check_mode else self._applied(options))
        tenants = result["tenants"]
        if self._play_context.diff:
            result["diff"] = [_diff(tenant) for tenant in tenants if tenant.get("changes")]
        failed, stopped = result.pop("failed_tenants"), result.pop("stopped")
        if result["exit_code"]:
            msg = stopped or f"{failed} of {len(tenants)} tenants failed: {first_why(tenants)}"
            result.update(failed=True, msg=msg)
        return dict(result)

    def _left_out(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return what is said where there is nothing to do, or no server to do it on."""
        from mailwright.operations.servers import names_server

        spec = self.spec(options)
        named, tenants = options["server"] or names_server(spec), any(True for _ in spec.tenants)
        if named and (tenants or options["prune"]):
            return {}
        return {"changed": False, "skipped": True, "tenants": [], "exit_code": 0, "without_server": tenants and not named}

    def _checked(self, options: dict[str, Any]) -> dict[str, Any]:
        prepared = self.prepared(options, with_secrets=True)
        with prepared.secrets:
            if options["prune"]:
                prepared.preparation.prune_credentials()
            return _result(prepared, [], [], 0, 0, 0)

    def _planned(self, options: dict[str, Any]) -> dict[str, Any]:
        from mailwright.operations.plan import plan
        from mailwright.tenants.planning import Action

        prepared = self.prepared(options, with_secrets=True)
        found = plan(prepared, update_secrets=options["update_secrets"], prune=options["prune"])
        tenants = [_entry(each) for each in found.tenants]
        failed = found.counts[Action.ERROR]
        return _result(prepared, tenants, found.codes, found.changes, failed, found.not_looked_at)

    def _applied(self, options: dict[str, Any]) -> dict[str, Any]:
        from mailwright.operations.apply import apply
        from mailwright.report.planned import outcome_json
        from mailwright.report.text import one_line_error

        prepared = self.prepared(options, with_secrets=True)
        done = apply(
            prepared,
            update_secrets=options["update_secrets"],
            prune=options["prune"],
            confirmed=options["confirm_deletions"],
        )
        tenants = [_entry(each) for each in done.unread]
        for outcome in done.outcomes:
            told = outcome_json(outcome)
            said = {name: told.get(name) for name in ("outcome", "status", "note") if told.get(name) is not None}
            tenants.append({**_entry(outcome.plan), **said, **(why(outcome.failure) if outcome.failure else {})})
        if done.stopped is not None:
            tenants.append({"domain": None, "action": "error", "error": done.stopped.message})
        changes = sum(outcome.word == "done" for outcome in done.outcomes)
        result = _result(prepared, tenants, done.codes, changes, done.counts["failed"], done.not_looked_at)
        return {**result, "stopped": one_line_error(done.stopped)} if done.stopped is not None else result


def _entry(plan: Any) -> dict[str, Any]:
    from mailwright.report.planned import plan_json

    entry = {name: value for name, value in plan_json(plan).items() if name != "schema_version"}
    return entry if plan.failure is None else {**entry, **why(plan.failure)}


def _result(prepared: Any, tenants: list[dict[str, Any]], codes: Any, changes: int, failed: int, foreign: int) -> dict[str, Any]:
    from mailwright.base.errors import combine

    return {
        "changed": bool(changes),
        "tenants": tenants,
        "exit_code": combine(codes),
        "failed_tenants": failed,
        "stopped": None,
        "not_looked_at": foreign,
        **({"warnings": [f"unsure: {prepared.release.unsure}"]} if prepared.release.unsure else {}),
    }


def _diff(tenant: dict[str, Any]) -> dict[str, str]:
    before, after = (
        "".join(f"{change['field']} = {change[side]}\n" for change in tenant["changes"] if change[side] is not None)
        for side in ("before", "after")
    )
    return {"before": before, "after": after, "before_header": tenant["domain"], "after_header": tenant["domain"]}
