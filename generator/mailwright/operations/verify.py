"""``verify``: a live SMTP handshake for each sender, held from here or from a node, and what the server's own client would do."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..base.errors import InputError, MailwrightError, UsageError
from ..base.nodes import PlacedMap
from ..base.reading import ensure_folder, read_bytes
from ..base.secret import Secret
from ..base.values import dataclass
from ..deployment import parse_deployment
from ..spec import Spec
from ..spec.resolving import Resolver
from ..stores import Secrets
from ..verification.check import Checked, Checker, Handshaking, Options
from ..verification.fleet import Fleet, FleetLimits
from ..verification.handshake import Report, Settings
from ..verification.inputs import EffectiveSender, Inputs, NotApplicable, has_tenants, iter_senders, read_inputs
from ..verification.truststores import TrustStore, load_trust_store
from .specs import asked_release, checked, chosen_environments

Result = Checked | NotApplicable | MailwrightError
Hold = Callable[[list[Settings]], list[Report]]

MAX_NUMBER = 3600
"""Seconds, and checks a second."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """How handshakes are held; the names are those of the command's options.

    Attributes:
        trust_store: The server's, or its file, which needs no password of its own; None for this machine's, which makes verdicts on TLS
            predictions.
        timeout: Seconds for each phase; *deadline*: for a whole check, None for four times as many. At most 3600.
        allow_cleartext: Whether to authenticate without TLS; *allow_unverified*: though the certificate does not verify.
        rcpt: The recipient to ask for, without sending; *send_test_to*: the one that gets a real message.
        describe: Whether to say what certificates say also where nothing of it is notable; that takes longer.
    """

    trust_store: TrustStore | str | None = None
    timeout: float = 10.0
    deadline: float | None = None
    allow_cleartext: bool = False
    allow_unverified: bool = False
    rcpt: str | None = None
    send_test_to: str | None = None
    describe: bool = True

    def store(self) -> TrustStore | None:
        """Return the trust store, read.

        Raises:
            InputError, UsageError: it cannot be used.
        """
        return load_trust_store(self.trust_store) if isinstance(self.trust_store, str) else self.trust_store

    def options(self) -> Options:
        """Return the same for a checker.

        Raises:
            UsageError: a number, or an address, is none.
        """
        check_numbers(timeout=self.timeout, deadline=self.deadline)
        if self.rcpt is not None and self.send_test_to is not None:
            raise UsageError("--send-test-to asks for its recipient already", hint="leave --rcpt out")
        recipient, send = "", self.send_test_to is not None
        if (asked := self.send_test_to if send else self.rcpt) is not None:
            from ..verification.message import checked_address

            recipient = checked_address(asked)
        lifted = (self.allow_cleartext, self.allow_unverified)
        return Options(self.timeout, self.deadline, *lifted, recipient, send, self.describe)


def check_numbers(**numbers: float | None) -> None:
    """Make sure that options are numbers above 0.

    Raises:
        UsageError: one is not.
    """
    for name, value in numbers.items():
        if value is not None and not (math.isfinite(value) and 0 < value <= MAX_NUMBER):
            raise UsageError(f"--{name} must be a number above 0, up to {MAX_NUMBER}")


def read_trust_store(path: str, password_file: str | None = None) -> TrustStore:
    """Read the server's trust store: PKCS#12, JKS or PEM.

    Args:
        path: Its file.
        password_file: A file with its password; None takes the product's default.

    Raises:
        InputError, UsageError: it, or the password, cannot be used.
    """
    if password_file is None:
        return load_trust_store(path)
    try:
        text = read_bytes(password_file, limit=4096).decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError("--trust-store-password-file is not UTF-8 text") from None
    return load_trust_store(path, Secret(text.removesuffix("\n").removesuffix("\r")))


class Verification:
    """Checks of senders: iterate over it for the results as they come, each with its place in the order of the files.

    Args:
        checker: Checks one.
        limits: How many at once.
        inputs: The files.
        secrets: What the checker's references are resolved by: a context, a run long.
        tenants: The domains to check; empty for every sender.

    Attributes:
        total: How many senders there are, None until the last is read.
        streamed: Whether there may be more than memory holds.
        several: Whether there may be more than one.
    """

    def __init__(
        self, checker: Checker, limits: FleetLimits, inputs: Inputs, secrets: Secrets, tenants: Sequence[str] = ()
    ) -> None:
        self._checker, self._limits, self._senders, self._secrets = checker, limits, iter_senders(inputs, tenants), secrets
        self._inputs = inputs
        self.total: int | None = None
        self.streamed, self.several = inputs.streamed, inputs.several

    def __iter__(self) -> Iterator[tuple[int, Result]]:
        with self._secrets:
            yield from Fleet(self._check, self._host, self._limits).run(self.jobs())

    def files(self) -> list[str]:
        """Return the specs and their tenants' files, without those of a spec that names none that is there."""
        found: list[str] = []
        for spec in self._inputs.specs:
            with suppress(InputError):
                found += spec.files()
        return found

    def jobs(self) -> Iterator[tuple[int, Handshaking | Result]]:
        """Yield what is to be checked, and what stands in the way of it."""
        number = 0
        for number, sender in enumerate(self._senders, 1):
            try:
                yield number, self._checker.job(sender) if isinstance(sender, EffectiveSender) else sender
            except MailwrightError as error:
                yield number, error
        self.total = number

    def _host(self, item: tuple[int, Handshaking | Result]) -> str | None:
        return item[1].host if isinstance(item[1], Handshaking) else None

    def _check(self, item: tuple[int, Handshaking | Result]) -> tuple[int, Result]:
        number, job = item
        try:
            return number, self._checker.check(job) if isinstance(job, Handshaking) else job
        except MailwrightError as error:
            return number, error


def verify(
    files: Sequence[str],
    *,
    environments: Sequence[str] = (),
    all_env: bool = False,
    tenants: Sequence[str] = (),
    product_version: str | None = None,
    secrets_dir: str | None = None,
    policy: str | None = None,
    handshake: Handshake | None = None,
    limits: FleetLimits | None = None,
) -> Verification:
    """Check every sender of some files. All of them are read before the first connection is made, by iterating over the result.

    Args:
        files: Specs, deployment.toml files, or both: then the tenants' values go over those of the deployment.toml.
        environments: Those of the specs; *all_env*: every one that they have.
        tenants: The domains to check; empty for every sender, ``carbon.super`` for the global one.
        product_version: The product release; a deployment.toml needs it.
        secrets_dir: Has a file an alias for ``$secret{alias}``, and a file a name for ``$file{name}``.
        policy: A file that says which stores secrets may come from.
        handshake: How the handshakes are held.
        limits: How many at once.

    Raises:
        UsageError: an option, or what the files are together.
        InputError: the trust store cannot be used.
    """
    handshake = handshake or Handshake()
    options, store = handshake.options(), handshake.store()
    if limits is not None:
        check_numbers(rate=limits.rate)
    ensure_folder(secrets_dir, "--secrets-dir")
    chosen = partial(chosen_environments, environments, all_env=all_env)
    inputs = read_inputs(files, chosen, asked_release(product_version))
    forbids = None
    if policy is not None:
        from ..tenants.policy import load_policy  # few have one

        forbids = load_policy(policy).forbids
    resolving = Secrets(Path(secrets_dir) if secrets_dir else None, forbids=forbids)
    resolver = partial(_resolver, resolving, inputs.specs[0] if inputs.specs else None)
    checker = Checker(options, store, resolver, keystore=inputs.trust_store)
    return Verification(checker, limits or FleetLimits(), inputs, resolving, tenants)


def verify_from_node(
    spec: Spec,
    hold: Hold,
    *,
    deployment: tuple[str, bytes] | None = None,
    tenants: Sequence[str] = (),
    product_version: str | None = None,
    secrets: Mapping[str, str] | None = None,
    handshake: Handshake | None = None,
) -> list[Result]:
    """Check senders whose handshakes somebody else holds; the verdict is from the same code as the command's.

    Args:
        spec: Whose senders.
        hold: Holds handshakes, all in one call, in their order.
        deployment: The node's deployment.toml, as name and bytes; its sender is the global one then.
        tenants, product_version, handshake: As for ``verify``.
        secrets: The values of ``$secret{}``.

    Raises:
        MailwrightError: there is nothing to check, or the options cannot be used.
    """
    handshake = handshake or Handshake()
    release = checked(spec, product_version)
    inputs = Inputs((spec,), (), release, product=spec.product)
    if deployment is not None:  # what the server loads is there, and the tenants go over that
        name, data = deployment
        tenants_alone = replace(spec, document=_without_global(spec.document))
        specs = (tenants_alone,) if has_tenants(spec) else ()
        inputs = Inputs(specs, (parse_deployment(data.decode("utf-8", "surrogateescape"), name),), release, product=spec.product)
    known = {f"MAILWRIGHT_SECRET_{alias.upper()}": value for alias, value in (secrets or {}).items()}
    reports: list[Report] = []
    with Secrets(environment={**os.environ, **known}) as resolving:
        checker = Checker(
            handshake.options(),
            handshake.store(),
            partial(_resolver, resolving, spec),
            keystore=inputs.trust_store,
            hold=lambda _: reports.pop(0),
        )
        jobs = [job for _, job in Verification(checker, FleetLimits(), inputs, resolving, tenants).jobs()]
        if not jobs:
            raise InputError("there is no sender to check")
        first = {job.key: job for job in reversed(jobs) if isinstance(job, Handshaking)}
        wanted = [job for job in jobs if isinstance(job, Handshaking) and first[job.key] is job]
        reports += hold([checker.begin(job)[0] for job in wanted]) if wanted else []
        return [checker.check(job) if isinstance(job, Handshaking) else job for job in jobs]


def _resolver(secrets: Secrets, first: Spec | None, spec: Spec | None) -> Resolver:
    """Return what resolves the references of a spec; of a deployment.toml beside it, what the first spec says of aliases."""
    return secrets.of(spec, spec or first)


def _without_global(whole: PlacedMap) -> PlacedMap:
    return PlacedMap({name: part for name, part in whole.items() if name != "global"}, place=whole.place, origin=whole.origin)
