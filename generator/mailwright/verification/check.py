"""One sender from its properties to its report: the token, the handshake, what the certificates say, the findings.

The same settings are checked once a run, whoever has them; settings that differ in anything, a password say, are another check.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ..base.errors import Unresolved, UsageError
from ..base.findings import Severity
from ..base.nodes import place_of_text
from ..base.once import Once
from ..base.values import dataclass, field
from ..product.auth_types import AUTH_TYPE
from ..product.product import Product
from ..spec import Spec
from ..spec.resolving import Resolver
from .chains import is_unremarkable
from .client import SecretResolver, client_settings
from .findings import Observation, chain_findings, handshake_findings, sender_findings, united
from .handshake import Client, HandshakeError, Phase, Report, Settings, probe
from .inputs import EffectiveSender
from .truststores import TrustStore

if TYPE_CHECKING:
    from .certificates import Chain, Explainer
    from .tokens import TokenRequest, TokenResult, TokenSource


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of one sender; nothing in it is a secret.

    Attributes:
        report: The engine's report, the token's phase in front of the others.
        chain: What the peer's certificates say, if there are any that can be read, and unless only what is notable was asked for.
        findings: The engine's and this package's.
        skipped_auth: Why AUTH was skipped although the client authenticates: a secret is not known here.
        address: Whom the mail comes from.
        message_id: That of the test message, if one was to be sent.
        environment: The spec's environment, if one was asked for.
    """

    report: Report
    chain: Chain | None = None
    findings: tuple[Observation, ...] = ()
    skipped_auth: str = ""
    address: str = ""
    message_id: str = ""
    when: datetime = field(default_factory=lambda: datetime.now(UTC))
    environment: str | None = None

    @property
    def exit_code(self) -> int:
        """The sender's exit code."""
        return self.report.exit_code

    @property
    def expires(self) -> datetime | None:
        """When the first certificate of the peer's chain ends; None where none was read."""
        return min(facts.not_after for facts in self.chain.sent) if self.chain is not None else None

    def to_json(self) -> dict[str, Any]:
        """Return the sender's object in ``verify --format json``."""
        found = self.report.to_json()
        tls = dict(found["tls"] or {})
        if self.chain is not None:
            tls["certificate"] = self.chain.sent[0].to_json(self.when)
            tls["chain"] = [facts.to_json(self.when) for facts in self.chain.sent[1:]]
            tls["anchor"] = self.chain.anchor
            tls["reason"] = self.chain.reason or None
            wanted = self.chain.to_import
            tls["import"] = {"alias": wanted.alias, "command": wanted.command, "pem": wanted.pem} if wanted else None
        sent = {"message_id": self.message_id} if self.message_id else {}
        where = {"environment": self.environment} if self.environment else {}
        return {**where, **found, "tls": tls or None, "findings": [finding.to_json() for finding in self.findings], **sent}


@dataclass(frozen=True, slots=True)
class Options:
    """What holds for every check of a run; the names are those of the command's options."""

    timeout: float = 10.0
    deadline: float | None = None
    allow_cleartext: bool = False
    allow_unverified: bool = False
    recipient: str = ""  # RCPT TO asks for it
    send_test: bool = False  # and it gets a message
    describe: bool = True  # say what certificates say, also where that is not notable


@dataclass(frozen=True, slots=True)
class Handshaking:
    """A sender ready to be checked."""

    settings: Settings
    request: TokenRequest | None
    sender: EffectiveSender
    message_id: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What decides about the result: jobs with equal keys, whatever their senders are called, are one check."""
        flat = (tuple(sorted(value.items())) if isinstance(value, Mapping) else value for value in self.settings)
        return (*flat, self.request)

    @property
    def host(self) -> str:
        """The host that the mail goes to, in lower case."""
        return self.settings.host.casefold()


class Checker:
    """Check senders; made once a run, called from many threads.

    Args:
        options: What holds for every check.
        store: The server's trust store; None for this machine's.
        secrets: Returns what resolves the references of a spec, or of a file that is none.
        keystore: The name of the server's trust store, for the keytool line, where *store* is PEM.
        hold: Holds one handshake, from here or from somewhere else.

    Raises:
        UsageError: the trust store cannot be used.
    """

    def __init__(
        self,
        options: Options,
        store: TrustStore | None = None,
        secrets: Callable[[Spec | None], SecretResolver] | None = None,
        *,
        keystore: str = "client-truststore.p12",
        hold: Callable[[Settings], Report] | None = None,
    ) -> None:
        self._probe = hold or probe_here
        self._options, self._secrets = options, secrets or (lambda _: Resolver(environment={}))
        self._store, self._keystore = store, keystore
        self._pem = store.pem() if store else None
        self._known: Once[tuple[object, ...], Checked] = Once()

    @cached_property
    def _explainer(self) -> Explainer:
        from .certificates import Explainer

        return Explainer(self._store, keystore=self._keystore)

    @cached_property
    def _can_read(self) -> bool:
        """Whether what reads certificates is installed; it is not loaded for that."""
        try:
            return find_spec("cryptography.x509") is not None
        except ImportError:
            return False

    @cached_property
    def _tokens(self) -> TokenSource:
        from .tokens import TokenSource

        return TokenSource(self._pem, timeout=self._options.timeout, allow_cleartext=self._options.allow_cleartext)

    def job(self, sender: EffectiveSender) -> Handshaking:
        """Return the job for a sender, its secrets resolved.

        Raises:
            UnreadableInput: a secret's file cannot be read.
            Unresolved: a store does not give a secret.
        """
        try:
            return self._job(sender)
        except Unresolved as error:
            place = error.place or place_of_text(sender.written, error.reference) or sender.place
            raise error.at(place, f"a secret cannot be resolved: {error.reference}: {error.message}") from None

    def _job(self, sender: EffectiveSender) -> Handshaking:
        settings, request = self._settings(sender), None
        if sender.release.fetches_token(sender.properties.get(AUTH_TYPE)):
            from .tokens import token_request

            request, unresolved = token_request(sender.properties, self._resolver(sender))
            if unresolved:
                request, settings = None, settings._replace(unresolved=f"{unresolved} is not resolved here")
        message_id = ""
        if self._options.send_test:
            from .message import make_message

            message = make_message(sender.properties, self._options.recipient)
            message_id, settings = message.message_id, settings._replace(message=message.content)
        return Handshaking(settings, request, sender, message_id)

    def check(self, job: Handshaking) -> Checked:
        """Do a job, unless an equal one is or was done: then its result is this one's too."""
        checked, sender = self._known.get(job.key, lambda: self._check(job)), job.sender
        own = sender_findings(sender.properties, job.settings, sender.release)
        unsure = (Observation("unsure", Severity.INFO, f"unsure: {text}") for text in sender.unsure)
        findings = united(checked.findings, [*own, *unsure])
        return replace(
            checked,
            report=checked.report._replace(name=sender.name),
            findings=findings,
            address=sender.address,
            message_id=job.message_id,
            environment=sender.environment,
        )

    def _resolver(self, sender: EffectiveSender) -> SecretResolver:
        return self._secrets(sender.spec)

    def _settings(self, sender: EffectiveSender) -> Settings:
        options = self._options
        settings = client_settings(
            sender.properties,
            sender.release,
            ca_pem=self._pem,
            timeout=options.timeout,
            allow_cleartext=options.allow_cleartext,
            allow_unverified=options.allow_unverified,
            resolve_secret=self._resolver(sender),
        )
        if options.deadline is not None:
            settings = settings._replace(deadline=options.deadline)
        return settings._replace(recipient=f"<{options.recipient}>") if options.recipient else settings

    def _check(self, job: Handshaking) -> Checked:
        settings, fetched = self.begin(job)
        return self._concluded(self._probe(settings), settings, fetched, job.sender.release.product)

    def begin(self, job: Handshaking) -> tuple[Settings, TokenResult | None]:
        """Return what the handshake of a job is held with: the token, if it needs one, is fetched now."""
        if job.request is None:
            return job.settings, None
        started = time.monotonic()
        fetched = self._tokens.fetch(job.request)
        left = max(0.0, job.settings.deadline - (time.monotonic() - started))
        token = fetched.token
        why = "" if token else f"there is no access token: {fetched.phase.detail}"
        return job.settings._replace(token=token.reveal() if token else None, unresolved=why, deadline=left), fetched

    def _concluded(self, report: Report, settings: Settings, fetched: TokenResult | None, product: Product) -> Checked:
        if fetched is not None:
            report = _with_token(report, fetched, settings)
        sent = [text for text in (settings.password, settings.token) if text]
        when = datetime.now(UTC)
        plain = not (self._options.describe or report.chain_error) and is_unremarkable(report.chain, when)
        chain = None
        if not plain and report.chain:
            chain = self._explainer.explain(report.chain, report.chain_error, sent, chain_code=report.chain_code, now=when)
        own = list(handshake_findings(report, settings, product))
        if chain is not None:
            own += chain_findings(chain, when)
        elif report.chain and not (plain and self._can_read):
            own.append(_unread())
        if fetched is not None:
            own += _token_findings(fetched, product)
        findings = united(report.findings, own)
        return Checked(report, chain, findings, _skipped(report, settings), when=when)


def probe_here(settings: Settings) -> Report:
    """Hold the handshake from this machine.

    Raises:
        UsageError: the settings cannot be used.
    """
    try:
        return probe(settings)
    except HandshakeError as error:
        raise UsageError(str(error), hint="give the server's trust store with --trust-store, or as PEM with --ca-file") from None


def _unread() -> Observation:
    from ..base.extras import installing

    return Observation(
        "certificates-unread",
        Severity.INFO,
        "the peer's certificates are not told in words: they cannot be read here",
        f"{installing('verify')}, if it is not installed",
    )


def _skipped(report: Report, settings: Settings) -> str:
    return settings.unresolved if report.phase("AUTH").status == "skipped" else ""


def _with_token(report: Report, fetched: TokenResult, settings: Settings) -> Report:
    """Put the token's phase in front; without a token the server's client does not even connect.

    product/adapter.md#token-failure.
    """
    phases = (fetched.phase, *report.phases)
    code = fetched.exit_code or report.exit_code
    if not fetched.client_fails:
        basis = "predicted" if fetched.token is None else report.client.basis
        return report._replace(phases=phases, exit_code=code, client=report.client._replace(basis=basis))
    error = f"no access token: {fetched.phase.detail}"
    client = Client(
        "failed", error, None, "XOAUTH2", cleartext_credentials=False, basis="observed" if fetched.phase.ms else "predicted"
    )
    return report._replace(phases=phases, exit_code=code, client=client)


def _token_findings(fetched: TokenResult, product: Product) -> list[Observation]:
    phase: Phase = fetched.phase
    endpoint = product.adapter.by_xml.get("mail.smtp.tokenEndpoint")
    found = []
    if phase.status == "withheld":
        found.append(
            Observation("token-cleartext", Severity.ERROR, phase.detail, f'{endpoint.name} = "https://…"' if endpoint else None)
        )
    elif phase.status == "ok" and phase.code is not None and phase.code >= 400:
        found.append(
            Observation(
                "token-status-ignored",
                Severity.WARNING,
                f"the token endpoint answers {phase.code} with a token; the server accepts it anyway",
                "ask the endpoint's operator",
            )
        )
    return found
