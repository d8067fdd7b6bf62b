"""One scenario through both: JavaMail and the handshake, each against the same server, and what the server saw of them."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from javamail.client import JavaMail
from javamail.relay import HOST, Account, Relay, Seen, Server, leaks

from mailwright.product.product import load_product
from mailwright.verification.client import client_settings
from mailwright.verification.handshake import SPOKEN, Report, probe

ACCOUNT = Account("no-reply@example.com", "canary-p4ssword")
DEAD = "127.0.0.9"
"""An address of this machine where nobody listens."""

NAMES = {
    **dict.fromkeys(("localhost", "relay.example.com", "deep.relay.example.com"), (HOST,)),
    "first-dead.example.com": (DEAD, HOST),
    "second-dead.example.com": (HOST, DEAD),
    "all-dead.example.com": (DEAD, "127.0.0.10"),
    "six-first.example.com": ("::1", HOST),
    "six-alone.example.com": ("::1",),
}
"""The host names and their addresses, for both sides."""

BASE = {
    "mail.smtp.from": "no-reply@example.com",
    "mail.smtp.user": ACCOUNT.user,
    "mail.smtp.password": ACCOUNT.password,
    "mail.smtp.host": "localhost",
    "mail.smtp.starttls.enable": "true",
    "mail.smtp.auth": "true",
}


@dataclass(frozen=True)
class Scenario:
    """A server's behaviour and the client's properties: ``BASE`` with *changes*, where None removes one.

    ``{port}`` in a value is the server's port, ``{closed}`` one where nobody listens. With a *recipient* JavaMail sends a message, and what
    MAIL FROM and RCPT TO say is compared too.
    """

    name: str
    relay: Relay = field(default_factory=Relay)
    changes: Mapping[str, str | None] = field(default_factory=dict)
    account: Account = ACCOUNT
    patience: float = 2.5
    recipient: str = ""

    def properties(self, port: int, closed: int = 1) -> dict[str, str]:
        own = {
            **BASE,
            "mail.smtp.port": "{port}",
            "mail.smtp.user": self.account.user,
            "mail.smtp.password": self.account.password,
        }
        texts = {name: text for name, text in {**own, **self.changes}.items() if text is not None}
        return {name: text.replace("{port}", str(port)).replace("{closed}", str(closed)) for name, text in texts.items()}


@dataclass(frozen=True)
class Verdict:
    """What a client did: the three fields that both sides must agree on. ``connected``: as far as MAIL FROM, which was taken."""

    outcome: str
    authenticated: bool | None
    cleartext_credentials: bool

    def __str__(self) -> str:
        known = {True: "authenticated", False: "-", None: "?"}[self.authenticated]
        return f"{self.outcome:9} {known:13} {'CLEAR' if self.cleartext_credentials else '-':5}"


@dataclass(frozen=True)
class Comparison:
    """Both verdicts on one scenario."""

    scenario: Scenario
    javamail: Verdict
    handshake: Verdict
    seen: Seen
    error: str
    report: Report
    seen_of_handshake: Seen

    @property
    def problem(self) -> str:
        """Why they do not agree, or an empty text."""
        ours, theirs, client = self.handshake, self.javamail, self.report.client
        if client.basis == "predicted" and client.mechanism not in (None, *SPOKEN):  # not tried: only the peer knows
            return "" if ours.authenticated is None and not theirs.cleartext_credentials else "tried after all, or in clear text"
        if ours != theirs:
            return f"JavaMail {theirs} / handshake {ours}"
        if self.scenario.recipient and self.seen.envelope != self.seen_of_handshake.envelope:
            return f"JavaMail says {self.seen.envelope}, handshake {self.seen_of_handshake.envelope}"
        if theirs.outcome == "connected" and self.seen.mechanism != client.mechanism:
            return f"JavaMail uses {self.seen.mechanism}, handshake {client.mechanism}"
        return ""

    def __str__(self) -> str:
        client = self.report.client
        return (
            f"{'!!' if self.problem else '  '} {self.scenario.name:52.52} {self.javamail} | {self.handshake} {client.basis:9} "
            f"{client.mechanism or '-':10} {(client.error or '')[:60]}"
        )


class Bench:
    """Runs scenarios: knows JavaMail, the trust store of both sides, and the servers' TLS contexts."""

    def __init__(self, javamail: JavaMail, trusted: str, context: Callable[[Relay], ssl.SSLContext]) -> None:
        self._javamail, self._trusted, self._context = javamail, trusted, context

    def compare(self, scenario: Scenario, closed: int = 1) -> Comparison:
        """Run *scenario* through both; *closed* is a port where nobody listens."""
        with Server(scenario.relay, scenario.account, self._context) as server:
            properties = scenario.properties(server.port, closed)
            recipient = {"recipient": scenario.recipient} if scenario.recipient else {}
            answer = self._javamail.connect({**properties, **recipient}, scenario.account.token, scenario.patience)
            seen = server.take()
            report = self._probe(scenario, properties)
            ours_seen = server.take()
        clear = leaks(seen.clear, properties.get("mail.smtp.password", ""), scenario.account.token)
        connected = answer.outcome == "connected"
        said = {command.rpartition(" ")[2] for command in seen.commands}
        theirs = Verdict("connected" if connected else "failed", seen.authenticated and (connected or "MAIL" in said), clear)
        client = report.client
        ours = Verdict(client.outcome, client.authenticated, client.cleartext_credentials)
        return Comparison(scenario, theirs, ours, seen, answer.error or answer.outcome, report, ours_seen)

    def _probe(self, scenario: Scenario, properties: Mapping[str, str]) -> Report:
        settings = client_settings(
            properties,
            load_product().releases.newest,
            ca_pem=self._trusted,
            timeout=scenario.patience,
            allow_cleartext=True,
            allow_unverified=True,
        )
        if properties.get("mail.smtp.authType", "").upper() == "CLIENT_CREDENTIAL":
            settings = settings._replace(token=scenario.account.token, unresolved="")
        if scenario.recipient:
            settings = settings._replace(recipient=f"<{scenario.recipient}>")
        return probe(settings, name=scenario.name)
