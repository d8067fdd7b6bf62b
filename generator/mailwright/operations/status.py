"""``status``: how every node, tenant and environment of a spec stands, by the files that are here and by saved results."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..base.errors import MailwrightError, SyntaxInput, UsageError
from ..base.findings import Finding, Severity
from ..base.places import Place
from ..base.reading import decode, read_bytes
from ..base.states import Check, Light, Row
from ..base.values import dataclass, field
from ..spec import Spec, make_spec, read_document
from ..validation import Check as Validate
from ..validation.specs import each_finding
from ..validation.suppressions import Silencer
from .merge import Merging, merging
from .specs import chosen_environments

CHECKS = ("valid", "in sync", "verified")
SOON = 30
"""Days: a certificate that ends sooner needs attention."""

GLOBAL = "global"
"""How a result of ``verify`` names the server's own sender."""

_Key = tuple[str | None, str]


@dataclass(slots=True)
class Results:
    """Saved results of ``plan``, ``apply`` and ``verify``, by environment and name; of several about one, the last holds."""

    plans: dict[_Key, Check] = field(default_factory=dict)
    handshakes: dict[_Key, tuple[Check, int | None]] = field(default_factory=dict)

    def read(self, path: str) -> None:
        """Take a file in: the JSON of ``verify``, or the JSON Lines of ``plan`` or ``apply``.

        Raises:
            InputError: it cannot be read, or is none of these.
        """
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
        if action == "error" or outcome == "failed":
            check = Check(Light.BAD, _code(entry) or "failed")
        elif action == "unchanged" or outcome is not None:
            check = Check(Light.GOOD)
        else:
            fields = [str(change["field"]) for change in entry.get("changes", ()) if isinstance(change, dict)]
            check = Check(Light.CARE, f"{action}: {', '.join(fields)}" if fields else action)
        self.plans[_environment(entry), name] = check

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


def _code(entry: Mapping[str, Any]) -> str:
    error = entry.get("error")
    return str(error.get("code", "")) if isinstance(error, dict) else ""


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


def status(
    path: str,
    *,
    environments: Sequence[str] = (),
    all_env: bool = False,
    nodes: Sequence[tuple[str | None, str, str]] = (),
    results: Iterable[str] = (),
    product_version: str | None = None,
) -> Iterator[Row]:
    """Yield how everything stands, environment by environment: the server's own sender, its nodes, the tenants in the spec's order.

    Args:
        path: The spec.
        environments: Some of its environments; none, without *all_env*: the spec without one.
        nodes: deployment.toml files: the environment (None for every one), the node's name, the path.
        results: Saved results.
        product_version: The product release; None takes the spec's.

    Raises:
        InputError: the spec or a result cannot be read.
        UsageError: an environment that it does not have.
    """
    saved = Results()
    for name in results:
        saved.read(name)
    document = read_document(path)
    specs = [make_spec(path, document, name) for name in chosen_environments(environments, document, all_env=all_env)]
    known = {spec.environment for spec in specs}
    for environment, name, _ in nodes:
        if environment is not None and environment not in known:
            raise UsageError(f"--node {name}: its environment is not looked at", hint="--env or --all-env names those that are")
    return (row for spec in specs for row in _rows(spec, nodes, saved, product_version))


def _rows(spec: Spec, nodes: Sequence[tuple[str | None, str, str]], saved: Results, version: str | None) -> Iterator[Row]:
    release = spec.product.releases.parse(version) if version else None
    silencer = Silencer(spec.path, decode(read_bytes(spec.path), spec.path).text)
    shared: list[Finding] = []
    bad: dict[str, list[Finding]] = {}
    for finding in each_finding(spec, release):
        if not silencer.silences(finding):
            (bad.setdefault(finding.tenant, []) if finding.tenant else shared).append(finding)
    if spec.sender is not None or shared:
        yield _row(spec, "spec", GLOBAL, _valid(shared), Check(), saved, findings=shared)
    merge: Merging | MailwrightError | None = None
    for environment, name, file in nodes:
        if environment in (None, spec.environment):
            merge = merge or _merging(spec, version)
            yield _node(spec, name, file, merge, saved, version)
    for tenant in spec.tenants:
        found = bad.get(tenant.domain, [])
        in_sync = saved.plans.get((spec.environment, tenant.domain), Check())
        secret_version = tenant.sender.get("secret_version")
        yield _row(
            spec,
            "tenant",
            tenant.domain,
            _valid(found),
            in_sync,
            saved,
            findings=found,
            secret_version=secret_version if isinstance(secret_version, int) else None,
        )


def _merging(spec: Spec, version: str | None) -> Merging | MailwrightError:
    try:
        return merging(spec, product_version=version)
    except MailwrightError as error:
        return error


def _node(spec: Spec, name: str, file: str, merge: Merging | MailwrightError, saved: Results, version: str | None) -> Row:
    try:
        data = read_bytes(file)
        found = Validate("deployment", product_version=version or spec.product_version)(file, data)
        if isinstance(merge, MailwrightError):
            in_sync = Check(Light.UNKNOWN, "the spec has errors")
        elif merge.is_empty:
            in_sync = Check()
        else:
            made = merge.into(file, data)
            keys = len(made.merged.changed)
            wrong = f"{keys} key{'s' if keys != 1 else ''} differ{'s' if keys == 1 else ''}" if keys else "does not start"
            in_sync = Check(Light.GOOD) if made.in_sync else Check(Light.CARE if keys else Light.BAD, wrong)
    except MailwrightError as error:
        return _row(spec, "node", name, Check(Light.BAD, error.message), Check(), saved)
    return _row(spec, "node", name, _valid(found), in_sync, saved, findings=found)


def _valid(findings: Sequence[Finding]) -> Check:
    errors, warnings = (
        sorted({finding.rule for finding in findings if finding.severity is severity})
        for severity in (Severity.ERROR, Severity.WARNING)
    )
    if not errors and not warnings:
        return Check(Light.GOOD)
    rules = errors or warnings
    return Check(Light.BAD if errors else Light.CARE, ", ".join(rules[:3]) + (" …" if len(rules) > 3 else ""))


def _row(
    spec: Spec,
    kind: str,
    name: str,
    valid: Check,
    in_sync: Check,
    saved: Results,
    *,
    findings: Sequence[Finding] = (),
    secret_version: int | None = None,
) -> Row:
    verified, days = saved.handshakes.get((spec.environment, name), (Check(), None))
    if days is not None and days < SOON and verified.light is Light.GOOD:
        verified = Check(Light.CARE, f"certificate ends in {days} days")
    return Row(
        spec.environment,
        kind,
        name,
        dict(zip(CHECKS, (valid, in_sync, verified), strict=True)),
        days,
        secret_version,
        tuple(findings),
    )
