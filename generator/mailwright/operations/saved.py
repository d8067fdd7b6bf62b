"""What is known of tenants and handshakes: from saved results of ``plan``, ``apply`` and ``verify``, and from plans that were made just now."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..base.errors import SyntaxInput
from ..base.places import Place
from ..base.reading import decode, read_bytes
from ..base.states import Check, Light
from ..base.values import dataclass, field
from ..tenants.planning import Action, TenantPlan

_Key = tuple[str | None, str]


@dataclass(slots=True)
class Results:
    """Results of ``plan``, ``apply`` and ``verify``, by environment and name; of several about one, the last holds.

    Attributes:
        plans, handshakes: What is known of a tenant, or of the server's own sender.
        unasked: What holds of the other tenants of an environment whose server was to be asked, and did not tell of all.
    """

    plans: dict[_Key, Check] = field(default_factory=dict)
    unasked: dict[str | None, Check] = field(default_factory=dict)
    handshakes: dict[_Key, tuple[Check, int | None]] = field(default_factory=dict)

    def read(self, path: str) -> None:
        """Take a file in: the JSON of ``verify``, or the JSON Lines of ``plan`` or ``apply``.

        Raises:
            InputError: it cannot be read, or is none of these.
        """
        if path.endswith(".toml"):
            raise SyntaxInput("is no saved result", place=Place(path), hint="a node's file goes with --node [ENV/]NAME=FILE")
        text = decode(read_bytes(path), path).text
        try:
            document = json.loads(text)
            documents = [document]
        except ValueError:
            documents = [_parsed(line, path, number) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        for document in documents:
            if not isinstance(document, dict):
                raise _none(path)
            if isinstance(document.get("senders"), list):
                self._take_verify(document["senders"], path)
            elif isinstance(document.get("action"), str):
                self._take_plan(document)
            else:
                raise _none(path)

    def _take_plan(self, entry: Mapping[str, Any]) -> None:
        name = entry.get("domain")
        if not isinstance(name, str):
            return
        action, outcome = entry["action"], entry.get("outcome")
        if action == Action.ERROR.value or outcome == "failed":
            check = Check(Light.BAD, _code(entry) or "failed")
        elif outcome is not None:
            check = Check(Light.GOOD)
        else:
            check = _to_do(action, [str(change["field"]) for change in entry.get("changes", ()) if isinstance(change, dict)])
        self.plans[_environment(entry), name] = check

    def in_sync(self, environment: str | None, domain: str) -> Check:
        """Return whether the server has a tenant's sender as the spec has it."""
        return self.plans.get((environment, domain)) or self.unasked.get(environment) or Check()

    def take(self, environment: str | None, plan: TenantPlan) -> None:
        """Take in what a server just said of a tenant."""
        failed = plan.failure
        self.plans[environment, plan.domain] = (
            Check(Light.BAD, _cause(failed.code, failed.status))
            if failed is not None
            else _to_do(plan.action.value, [change.field for change in plan.changes])
        )

    def _take_verify(self, senders: Sequence[Any], path: str) -> None:
        for sender in senders:
            if not isinstance(sender, dict) or not isinstance(sender.get("name"), str):
                raise _none(path)
            days = [
                certificate["days_left"]
                for certificate in _certificates(sender.get("tls"))
                if isinstance(certificate.get("days_left"), int)
            ]
            self.handshakes[_environment(sender), sender["name"]] = (_handshake(sender), min(days, default=None))


def _certificates(tls: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(tls, dict):
        yield from (item for item in (tls.get("certificate"), *(tls.get("chain") or ())) if isinstance(item, dict))


def _handshake(sender: Mapping[str, Any]) -> Check:
    if not sender.get("exit_code"):
        skipped = [phase["name"] for phase in sender.get("phases", ()) if phase.get("status") == "skipped"]
        return Check(Light.GOOD, f"{', '.join(skipped)} skipped" if skipped else "")
    failed = [phase for phase in sender.get("phases", ()) if phase.get("status") in ("failed", "withheld")]
    if not failed:
        return Check(Light.BAD, f"exit {sender['exit_code']}")
    code = failed[0].get("code")
    return Check(Light.BAD, f"{failed[0].get('name')} {code or failed[0].get('cause') or failed[0].get('status')}")


def _to_do(action: str, fields: Sequence[str]) -> Check:
    if action == Action.UNCHANGED.value:
        return Check(Light.GOOD)
    return Check(Light.CARE, f"{action}: {', '.join(fields)}" if fields else action)


def _code(entry: Mapping[str, Any]) -> str:
    error = entry.get("error")
    return _cause(str(error.get("code", "")), error.get("status")) if isinstance(error, dict) else ""


def _cause(code: str, status: object) -> str:
    return f"{code} {status}" if isinstance(status, int) else code


def _environment(entry: Mapping[str, Any]) -> str | None:
    value = entry.get("environment")
    return value if isinstance(value, str) else None


def _parsed(line: str, path: str, number: int) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        raise SyntaxInput("is not valid JSON", place=Place(path, number, 1)) from None


def _none(path: str) -> SyntaxInput:
    hint = "it takes what `verify --format json`, `plan --format json` and `apply -o FILE` write"
    return SyntaxInput("is no result of plan, apply or verify", place=Place(path), hint=hint)
