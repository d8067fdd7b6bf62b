"""``status``: how every node, tenant and environment of a spec stands, by files, by saved results, and by what servers say now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ..base.errors import MailwrightError, UsageError
from ..base.findings import Finding, Severity
from ..base.reading import decode, read_bytes
from ..base.states import Check, Light, Row
from ..spec import Spec, make_spec, read_document
from ..validation import Check as Validate
from ..validation.specs import each_finding
from ..validation.suppressions import Silencer
from .merge import Merging, merging
from .saved import Results
from .specs import chosen_environments

if TYPE_CHECKING:
    from .live import Live

CHECKS = ("valid", "in sync", "verified")
SOON = 30
"""Days: a certificate that ends sooner needs attention."""

GLOBAL = "global"
"""How a result of ``verify`` names the server's own sender."""


def status(
    path: str,
    *,
    environments: Sequence[str] = (),
    all_env: bool = False,
    nodes: Sequence[tuple[str | None, str, str]] = (),
    results: Iterable[str] = (),
    product_version: str | None = None,
    live: Live | None = None,
) -> Iterator[Row]:
    """Yield how everything stands, environment by environment: the server's own sender, its nodes, the tenants in the spec's order.

    Args:
        path: The spec.
        environments: Some of its environments; none, without *all_env*: the spec without one.
        nodes: deployment.toml files: the environment (None for every one), the node's name, the path.
        results: Saved results.
        product_version: The product release; None takes the spec's.
        live: Asks the servers how their tenants are now, which goes before what was saved; None asks nobody.

    Raises:
        InputError: the spec or a result cannot be read.
        UsageError: an environment that it does not have. And what *live* raises.
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
    if live is not None:
        live.look(specs, saved)
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
        in_sync = saved.in_sync(spec.environment, tenant.domain)
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
