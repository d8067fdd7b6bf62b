"""The model of the server's mail client: JavaMail's properties in, the report of a live handshake out.

Property names of the client stand here and nowhere else. What they do is measured: ``reference/javamail-behaviour.md``
(JavaMail 1.6) and the sections 2.2 to 2.5 of the facts about the product.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Mapping

from .errors import ExitCode, UsageError
from .handshake import HandshakeError, Phase, Report, Settings, probe
from .secret import Secret

SecretResolver = Callable[[str], Secret | None]
"""Takes a whole reference, e.g. ``$secret{smtp_password}``; None where it cannot be resolved."""

PHASES_IN_TIME = 4
"""How many phases may take their whole time-out before the deadline ends the handshake."""

_REFERENCE = re.compile(r"\$(?:secret|env|sys|ref)\{[^{}]*\}")
_INTEGER = re.compile(r"[+-]?[0-9]{1,10}")


def verify_sender(
    name: str,
    properties: Mapping[str, str],
    *,
    ca_pem: str | None = None,
    timeout: float = 10.0,
    allow_cleartext: bool = False,
    allow_unverified: bool = False,
    resolve_secret: SecretResolver | None = None,
) -> Report:
    """Hold the handshake for one sender, and say what the server's own mail client does.

    Args:
        name: How the sender is called in the report, e.g. ``global`` or a tenant's domain.
        properties: Its effective properties: XML property to text, as the server loads them.
        ca_pem: The server's trust store as PEM; None for this machine's, which makes verdicts on TLS predictions.
        timeout: Seconds for each phase.
        allow_cleartext: Authenticate without TLS.
        allow_unverified: Authenticate though chain or name do not verify.
        resolve_secret: Resolves the references in user name and password; without it AUTH is skipped for them.

    Raises:
        UsageError: *ca_pem* holds no usable certificate.
    """
    settings = client_settings(
        properties,
        ca_pem=ca_pem,
        timeout=timeout,
        allow_cleartext=allow_cleartext,
        allow_unverified=allow_unverified,
        resolve_secret=resolve_secret,
    )
    try:
        return probe(settings, name=name)
    except HandshakeError as error:
        raise UsageError(str(error), hint="give the server's trust store as PEM") from None


def client_settings(
    properties: Mapping[str, str],
    *,
    ca_pem: str | None = None,
    timeout: float = 10.0,
    allow_cleartext: bool = False,
    allow_unverified: bool = False,
    resolve_secret: SecretResolver | None = None,
) -> Settings:
    """Read the properties as JavaMail does; the arguments are those of ``verify_sender``."""
    host = properties.get("mail.smtp.host") or "localhost"
    username, password = properties.get("mail.smtp.user", ""), properties.get("mail.smtp.password", "")
    mechanisms = tuple(properties.get("mail.smtp.auth.mechanisms", "").upper().split())
    trusted = properties.get("mail.smtp.ssl.trust", "")
    trusts_host = trusted == "*" or host in trusted.split()
    fetches_token = properties.get("mail.smtp.authType", "").upper() == "CLIENT_CREDENTIAL"
    if fetches_token:
        username, password = properties.get("mail.smtp.from", ""), ""
        mechanisms, trusts_host = ("XOAUTH2",), True
    username, password, unresolved = _resolved(username, password, resolve_secret)
    if fetches_token:
        unresolved = "the client fetches an access token first, which is not done here yet"
    return Settings(
        host=host,
        port=_port(properties.get("mail.smtp.port", "")),
        implicit_tls=_true(properties, "mail.smtp.ssl.enable"),
        starttls_enable=_true(properties, "mail.smtp.starttls.enable"),
        starttls_required=_true(properties, "mail.smtp.starttls.required"),
        authenticate=_true(properties, "mail.smtp.auth"),
        username=username,
        password=password or None,
        token=password or None,
        unresolved=unresolved,
        mechanisms=mechanisms,
        ca_pem=ca_pem,
        client_checks_identity=_true(properties, "mail.smtp.ssl.checkserveridentity"),
        client_trusts_host=trusts_host,
        timeout=timeout,
        deadline=PHASES_IN_TIME * timeout,
        allow_cleartext=allow_cleartext,
        allow_unverified=allow_unverified,
        local_hostname=properties.get("mail.smtp.localhost") or socket.gethostname(),
    )


def _true(properties: Mapping[str, str], name: str) -> bool:
    return properties.get(name, "").lower() == "true"


def _port(text: str) -> int:
    return int(text) if _INTEGER.fullmatch(text) else 25


def _resolved(username: str, password: str, resolve: SecretResolver | None) -> tuple[str, str, str]:
    """Resolve the references in both; the third text says which one is left, if one is."""
    missing: list[str] = []

    def replaced(match: re.Match[str]) -> str:
        secret = resolve(match.group()) if resolve else None
        if secret is None:
            missing.append(match.group())
        return secret.reveal() if secret else ""

    texts = [_REFERENCE.sub(replaced, text) for text in (username, password)]
    return texts[0], texts[1], f"{missing[0]} is not resolved here" if missing else ""


_MARKS = {"ok": "+", "failed": "x", "withheld": "!", "skipped": "-", "not-reached": "."}
_WIDTH = 72


def render_text(report: Report) -> str:
    """Render a report as the tree of its phases, in ASCII; no value of it is a secret."""
    head = f"{report.name}: {report.host}:{report.port}"
    lines = [f"{head:<{_WIDTH}}  {_headline(report)}", *(_phase_line(report, phase) for phase in report.phases)]
    lines.append(f"  the server's own client: {_client_line(report)}")
    lines += [f"  finding: {finding}" for finding in report.findings]
    if report.exit_code:
        lines.append(f"  next: {_next_step(report)}")
    text = "".join(line.rstrip() + "\n" for line in lines)
    return text.encode("ascii", "backslashreplace").decode("ascii")


def _headline(report: Report) -> str:
    for status in ("failed", "withheld"):
        names = [phase.name for phase in report.phases if phase.status == status and phase.name != "QUIT"]
        if names:
            return f"{status.upper()}: {names[0]}"
    return "ok, AUTH skipped" if report.phase("AUTH").status == "skipped" else "ok"


def _phase_line(report: Report, phase: Phase) -> str:
    name = phase.name
    if name == "TLS" and report.tls:
        name = str(report.tls["version"]).replace("TLSv", "TLS ")
    said = f"{phase.code} {phase.reply}".strip() if phase.code else ""
    text = phase.detail if phase.name.startswith("EHLO") and phase.status == "ok" else said
    if phase.detail and phase.detail not in text:
        text = f"{phase.detail}: {text}" if text else phase.detail
    if phase.status not in ("ok", "failed"):
        text = phase.status.replace("-", " ") + (f": {text}" if text else "")
    line = f"  {_MARKS[phase.status]} {name:<10} {text}"
    return f"{line:<{_WIDTH}}  {phase.ms:4.0f} ms" if phase.ms else line


def _client_line(report: Report) -> str:
    client = report.client
    if client.outcome == "failed":
        text = f'fails, "{client.error}"'
    elif client.authenticated:
        text = f"connects and authenticates with {client.mechanism}"
    elif client.mechanism:
        text = f"connects and goes on to authenticate with {client.mechanism}"
    else:
        text = "connects, and does not authenticate"
    if client.cleartext_credentials:
        text += "; it sends the credentials in clear text"
    return f"{text} ({client.basis})"


def _next_step(report: Report) -> str:
    if report.exit_code == ExitCode.UNREACHABLE:
        return "check the name, the port and the firewall, from a machine that sees the relay as the server does"
    if report.exit_code == ExitCode.AUTHENTICATION:
        return "check user name, password and mechanisms against the relay"
    if report.exit_code == ExitCode.REFUSED:
        return "the relay's log says why it refused"
    if report.client.cleartext_credentials:
        return "let the relay offer STARTTLS, and set 'mail.smtp.starttls.required' = true; --allow-cleartext tests AUTH"
    if report.phase("TLS").status == "failed":
        return "give the server's trust store with --ca-file, or put the relay's CA into it; --allow-unverified tests AUTH all the same"
    if report.phase("AUTH").status == "failed":
        return "set 'mail.smtp.starttls.enable' = true: the relay offers STARTTLS, and no AUTH before it"
    return "let the relay offer STARTTLS, or use its TLS port with 'mail.smtp.ssl.enable' = true"
