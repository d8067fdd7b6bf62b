"""Handshakes that a node holds: settings out, replies in, the verdict from the same code as the command's."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..base.errors import InputError, MailwrightError, combine
from ..base.nodes import PlacedMap
from ..deployment import parse_deployment
from ..report.verified import document
from ..spec import Spec
from ..spec.resolving import SecretStore
from ..verification.check import Checked, Checker, Job, Options
from ..verification.handshake import Report, Settings
from ..verification.message import checked_address
from ..verification.senders import Inputs, NotApplicable, Sender, has_tenants, iter_senders
from ..verification.truststores import parse_trust_store
from .specs import checked

Hold = Callable[[list[Settings]], list[Report]]


@dataclass(frozen=True)
class TaskCheck:
    """What is checked, and how; the names are those of the command's options.

    Attributes:
        deployment: The node's deployment.toml, as name and bytes; its sender is the global one then.
        trust_store: The server's trust store as PEM, as name and text.
        secrets: The values of ``$secret{}``.
    """

    tenants: tuple[str, ...] = ()
    deployment: tuple[str, bytes] | None = field(default=None, repr=False)
    trust_store: tuple[str, str] | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float = 10.0
    deadline: float | None = None
    allow_cleartext: bool = False
    allow_unverified: bool = False
    require_auth: bool = False
    send_test_to: str = ""


def hold_all(loaded: Spec, product_version: str | None, check: TaskCheck, hold: Hold) -> dict[str, Any]:
    """Check senders; return the document of ``verify --format json`` with an ``exit_code``.

    Args:
        loaded: Whose senders.
        product_version: The product release; None takes the spec's.
        check: What holds for all.
        hold: Holds handshakes, all in one call, in their order.

    Raises:
        MailwrightError: there is nothing to check, or the options cannot be used.
    """
    release = checked(loaded, product_version)
    inputs = Inputs((loaded,), (), release)
    if check.deployment is not None:  # what the server loads is there, and the tenants go over that
        name, data = check.deployment
        tenants_alone = replace(loaded, document=_without_global(loaded.document))
        specs = (tenants_alone,) if has_tenants(loaded) else ()
        inputs = Inputs(specs, (parse_deployment(data.decode("utf-8", "surrogateescape"), name),), release)
    senders = iter_senders(inputs, check.tenants)
    recipient = checked_address(check.send_test_to) if check.send_test_to else ""
    store = parse_trust_store(check.trust_store[1].encode(), check.trust_store[0]) if check.trust_store else None
    known = {f"MAILWRIGHT_SECRET_{alias.upper()}": value for alias, value in check.secrets.items()}
    reports: list[Report] = []
    checker = Checker(
        Options(check.timeout, check.deadline, check.allow_cleartext, check.allow_unverified, recipient, bool(recipient)),
        store,
        SecretStore(environment={**os.environ, **known}),
        keystore=inputs.trust_store,
        hold=lambda _: reports.pop(0),
    )
    results: list[Checked | NotApplicable | MailwrightError | Job] = []
    first: dict[tuple[object, ...], Job] = {}
    for sender in senders:
        if not isinstance(sender, Sender):
            results.append(sender)
            continue
        try:
            job = checker.job(sender)
        except MailwrightError as error:
            results.append(error)
            continue
        first.setdefault(job.key, job)
        results.append(job)
    if not results:
        raise InputError("there is no sender to check")
    reports += hold([checker.begin(job)[0] for job in first.values()]) if first else []
    done = [checker.check(result) if isinstance(result, Job) else result for result in results]
    codes = [result.exit_code for result in done if not isinstance(result, NotApplicable)]
    if check.require_auth and any(isinstance(result, Checked) and result.skipped_auth for result in done):
        codes.append(8)
    return {**document(done), "exit_code": combine(map(int, codes))}


def _without_global(whole: PlacedMap) -> PlacedMap:
    return PlacedMap({name: part for name, part in whole.items() if name != "global"}, place=whole.place, origin=whole.origin)
