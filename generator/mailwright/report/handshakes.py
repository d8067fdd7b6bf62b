"""The report of one sender as text: a tree of its phases, the verdict of the server's own client, findings, the next step."""

from __future__ import annotations

from collections.abc import Iterator

from ..base.errors import ExitCode
from ..base.findings import Severity
from ..verification.check import Checked
from ..verification.findings import Observation, united
from ..verification.handshake import Phase, Report
from .text import PLAIN, Mark, Style, Tone

_TONES = {Severity.ERROR: Tone.BAD, Severity.WARNING: Tone.CARE, Severity.INFO: Tone.FAINT}
_NAME = 11
_REMEMBERED = 1000


class TextRenderer:
    """Render sender after sender; a finding that several have is told once.

    Args:
        style: What the output takes.
        findings: Whether to tell each sender's findings.
    """

    def __init__(self, style: Style = PLAIN, *, findings: bool = True) -> None:
        self._style, self._with_findings = style, findings
        self._told: set[tuple[str, str]] = set()

    def render(self, checked: Checked) -> str:
        """Return the text for one sender; no value of it is a secret."""
        lines = [self.head(checked), *(self._phase(checked, phase) for phase in checked.report.phases)]
        lines += self._verdict(checked.report)
        lines += self._findings(checked) if self._with_findings else ()
        if checked.exit_code:
            lines += [self._style.fold(f"  next: {step}", 8) for step in next_steps(checked)]
        return "".join(line.rstrip() + "\n" for line in lines)

    def head(self, checked: Checked) -> str:
        """Return the line that says whose sender it is, and how it went."""
        report, style = checked.report, self._style
        where = address(report)
        head = style.plain(f"{report.name}: {checked.address} via {where}" if checked.address else f"{report.name}: {where}")
        state = headline(checked)
        tone = Tone.BAD if checked.exit_code else Tone.CARE if _auth_skipped(checked) else Tone.GOOD
        line = style.fold(f"{head:<{style.columns - len(state) - 2}}  {state}", 4)
        return line.removesuffix(state) + style.paint(state, tone) if line.endswith(state) else line

    def _phase(self, checked: Checked, phase: Phase) -> str:
        style, name = self._style, phase.name
        mark = Mark[phase.status.replace("-", "_").upper()]
        sign = style.sign(mark)
        if name == "TLS" and checked.report.tls:
            name = str(checked.report.tls.get("version", "TLS")).replace("TLSv", "TLS ")
        elif name == "EHLO again":
            name = "EHLO"
        text = style.plain(phase_text(checked, phase))
        line = f"  {sign} {name:<{_NAME}}{text}"
        time = f"{phase.ms:.0f}\xa0ms" if phase.ms else ""  # which stays together
        width = style.columns - 10
        if time and len(line) <= width:
            line = f"{line:<{width}}{time:>10}"
        elif time:
            line = f"{line}  {time}"
        return style.fold(line, _NAME + 4).replace("\xa0", " ").replace(sign, style.paint(sign, mark.tone), 1)

    def _verdict(self, report: Report) -> Iterator[str]:
        style = self._style
        said = style.plain(client_words(report))
        yield style.fold(f"  the server's own client: {said}", 4)
        if difference := verdicts_differ(report):
            yield style.paint(style.fold(f"  ! {style.plain(difference)}", 4), Tone.CARE)

    def _findings(self, checked: Checked) -> Iterator[str]:
        style, again = self._style, []
        told = set(next_steps(checked)) if checked.exit_code else set()
        for finding in checked.findings:
            key = (finding.code, finding.message)
            if key in self._told:
                again.append(finding.code)
                continue
            if len(self._told) < _REMEMBERED:
                self._told.add(key)
            yield finding_line(finding, style)
            if finding.remedy and finding.remedy not in told:  # that is the next step
                yield style.fold(f"    fix: {style.plain(finding.remedy)}", 6)
        if again:
            yield style.fold(f"  as above: {', '.join(dict.fromkeys(again))}", 4)


def finding_line(finding: Observation, style: Style, whose: str = "") -> str:
    """Return a finding's line, *whose* it is before its message."""
    label = finding.severity.value
    line = style.fold(f"  {label}: {style.plain(whose + finding.message)} [{finding.code}]", 4)
    return line.replace(label, style.paint(label, _TONES[finding.severity]), 1)


def render_text(result: Report | Checked, style: Style = PLAIN) -> str:
    """Render one sender by itself."""
    checked = result if isinstance(result, Checked) else Checked(result, findings=united(result.findings, ()))
    return TextRenderer(style).render(checked)


def address(report: Report) -> str:
    """Return where the sender connects to, as people write it: ``smtp.example.com:587``, ``[2001:db8::1]:587``."""
    host = f"[{report.host}]" if ":" in report.host and not report.host.startswith("[") else report.host
    return f"{host}:{report.port}"


def stopped_at(checked: Checked) -> Phase | None:
    """Return the phase that failed, or was withheld, if the sender is not verified."""
    phases = [phase for phase in checked.report.phases if phase.name != "QUIT" and checked.exit_code]
    return next((phase for status in ("failed", "withheld") for phase in phases if phase.status == status), None)


def failure(checked: Checked) -> tuple[object, ...] | None:
    """Return what senders that fail for one cause have in common: a chain's reason, else the relay and what it did; None for one that is ok."""
    if not checked.exit_code:
        return None
    phase, report = stopped_at(checked), checked.report
    told = (phase.name, phase.status, phase.cause, phase.code, phase.enhanced) if phase else ()
    chain = checked.chain.reason if checked.chain and phase and phase.name == "TLS" else ""
    return (checked.exit_code, *told, chain or (report.host.casefold(), report.port))


def headline(checked: Checked) -> str:
    """Return how it went, in a few words."""
    phase = stopped_at(checked)
    if phase is not None:
        return f"{phase.status.upper()}: {phase.name}"
    if checked.exit_code:
        return "FAILED"
    return "ok, AUTH skipped" if _auth_skipped(checked) else "ok"


def _auth_skipped(checked: Checked) -> bool:
    return checked.report.phase("AUTH").status == "skipped" and bool(checked.report.client.mechanism)


def phase_text(checked: Checked, phase: Phase) -> str:
    """Return how a phase went, in words."""
    said = f"{phase.code or ''} {phase.reply}".strip()
    detail = phase.detail
    if phase.name == "message" and phase.status == "ok":
        detail = checked.message_id
    if phase.name == "TLS" and phase.status == "failed" and checked.chain and checked.chain.reason:
        detail = checked.chain.reason
    text = detail if phase.name.startswith("EHLO") and phase.status == "ok" else said
    if detail and detail != text:
        text = f"{detail}: {text}" if text else detail
    if phase.status not in ("ok", "failed"):
        text = phase.status.replace("-", " ") + (f": {text}" if text else "")
    return text


def client_words(report: Report) -> str:
    """Return the outcome of the server's own client in words."""
    client = report.client
    if client.outcome == "failed":
        text = f'fails, "{client.error}"'
    elif client.authenticated:
        text = f"connects and authenticates with {client.mechanism}"
    elif client.mechanism:
        text = f"connects and goes on to authenticate with {client.mechanism}"
    elif client.authenticated is None:
        text = "goes on where this check stops"
    else:
        text = "connects, and does not authenticate"
    if client.cleartext_credentials:
        text += "; it sends the credentials in clear text"
    elif client.outcome == "failed" and not client.authenticated and report.phase("AUTH").status not in ("ok", "failed"):
        text += "; no credentials crossed the wire"
    return f"{text} ({client.basis})"


def verdicts_differ(report: Report) -> str:
    """Return what stands out where this check and the server's own client come to different ends, else an empty text."""
    client = report.client
    if report.exit_code and client.outcome == "connected":
        what = "sends the credentials in clear text" if client.cleartext_credentials else "would not stop here"
        return f"the verdicts differ: this check stops, and the server's own client {what}"
    if not report.exit_code and client.outcome == "failed":
        return "the verdicts differ: this check finds nothing wrong with the relay, but the server's own client cannot use it"
    return ""


def next_steps(checked: Checked) -> Iterator[str]:
    """Yield what to do next, the line to run first."""
    report, chain = checked.report, checked.chain
    if chain and chain.to_import and report.phase("TLS").status == "failed":
        yield chain.to_import.command
        if chain.to_import.pem:
            yield "ca.pem is what --format json has in tls.import.pem; compare its fingerprint with its owner first"
        else:
            yield f'ca.pem is the certificate of "{chain.to_import.title}"; its operator has it'
        return
    yield next((item.remedy for item in checked.findings if item.code in _TELLING and item.remedy), _next_step(report))


_TELLING = ("temporary", "client-certificate", "starttls-injected", "tls-first-port", "not-smtp", "tls-not-spoken")
"""Findings that say why the handshake failed: what helps against them is the next step."""


def _next_step(report: Report) -> str:
    token = report.phase("token").status
    if token == "withheld":
        return "use an https:// token endpoint; --allow-cleartext tries this one anyway"
    if token == "failed":
        return "check the token endpoint, client id, client secret and scopes; the endpoint's own words are above"
    if report.exit_code == ExitCode.UNREACHABLE:
        return "check the name, the port and the firewall, from a machine that sees the relay as the server does"
    if report.exit_code == ExitCode.AUTHENTICATION:
        return "check user name, password and mechanisms against the relay"
    if report.phase("MAIL FROM").status == "failed":
        return "let the relay accept this sender's address from this user, or set a `from_address` that it accepts"
    if report.phase("RCPT TO").status == "failed":
        return "change the relay's rules: they do not allow mail from this sender to this recipient"
    if report.exit_code == ExitCode.REFUSED:
        return "the relay's log says why it refused"
    if report.client.cleartext_credentials:
        return "let the relay offer STARTTLS, and set 'mail.smtp.starttls.required' = true; --allow-cleartext tests AUTH"
    if report.phase("TLS").status == "failed" and report.tls is None and not report.chain_error:
        return "check the port, and what the relay's log says about TLS"
    if report.phase("TLS").status == "failed":
        return "give the server's trust store with --trust-store or --ca-file, or put the relay's CA into it; --allow-unverified tests AUTH"
    if report.phase("AUTH").status == "failed":
        return "set 'mail.smtp.starttls.enable' = true: the relay offers STARTTLS, and no AUTH before it"
    return "let the relay offer STARTTLS, or use its TLS port with 'mail.smtp.ssl.enable' = true"
