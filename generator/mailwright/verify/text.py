"""The report of a handshake as text: a tree of its phases, in ASCII."""

from __future__ import annotations

from ..errors import ExitCode
from ..handshake import Phase, Report

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
