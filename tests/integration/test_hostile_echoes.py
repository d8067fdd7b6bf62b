"""Relays that say what was sent to them, or know it already: a secret is in no output, however it is said, wherever, in each format."""

from __future__ import annotations

import base64
import html
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

import pytest
from cryptography import x509
from hostile import HOST, SOUND, Hostile, relay
from trustme import LeafCert

from mailwright.report.handshakes import render_text
from mailwright.sandbox.ca import Authority
from mailwright.verification.handshake import Report, Settings, probe

if TYPE_CHECKING:
    from commands import Run

pytestmark = pytest.mark.network

PASSWORD = "canary-p4ss/+=wörd&9"
TOKEN = "canary-eyJhbGciOiJSUzI1NiJ9.c0ffee+/="
USER = "mailer@example.com"
SPEC = """
mailwright: 1
product: {{version: "7.2.0"}}
global:
  from_address: a@example.com
  hostname: 127.0.0.1
  port: {port}
  username: mailer@example.com
  password: $secret{{smtp}}
"""


def forms(secret: str) -> dict[str, str]:
    raw = secret.encode()
    return {
        "as it is": secret,
        "upper case": secret.upper(),
        "reversed": secret[::-1],
        "Base64": base64.b64encode(raw).decode(),
        "Base64 for URLs": base64.urlsafe_b64encode(raw).decode(),
        "AUTH PLAIN": base64.b64encode(f"\0{USER}\0{secret}".encode()).decode(),
        "AUTH XOAUTH2": base64.b64encode(f"user={USER}\x01auth=Bearer {secret}\x01\x01".encode()).decode(),
        "for URLs": quote(secret, safe=""),
        "in a form": quote_plus(secret),
        "HTML": html.escape(secret),
        "JSON": json.dumps(secret)[1:-1],
        "hexadecimal": raw.hex(),
        "quoted-printable": "".join(f"={byte:02X}" for byte in raw),
        "spaced out": " ".join(secret),
        "with control characters": "\0".join(secret),
        "cut off": base64.b64encode(raw).decode()[:-9],
    }


def over_lines(code: bytes, text: str) -> bytes:
    """Return a reply that says a text in pieces, a line each."""
    pieces = [text[at : at + 5].encode() for at in range(0, len(text), 5)]
    return b"".join(code + b"-" + piece + b"\r\n" for piece in pieces) + code + b" done\r\n"


def traces(form: str) -> list[str]:
    """Return what gives a form away: whole, its begin, its end; and as JSON writes it."""
    told = "".join(character for character in form if character.isprintable())
    begin = told[:10] if not told.startswith("dXNlcj") else told  # user=: no secret
    parts = [told, begin, told[-10:]]
    return [*parts, *(json.dumps(part)[1:-1] for part in parts)]


def assert_silent(output: str, form: str) -> None:
    for trace in (*traces(form), "canary", "p4ss"):
        assert trace not in output


CA = Authority("echoing relays' CA")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ca.pem").write_text(CA.ca_pem, encoding="ascii")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "smtp").write_text(PASSWORD, encoding="utf-8")
    return tmp_path


FORMS = forms(PASSWORD)


MONITORING = {"text": ("prometheus",), "json": ("nagios",), "junit": ()}
"""Formats that have nothing of a relay's words, each looked at beside one that has them."""


@pytest.mark.parametrize("format_", ["text", "json", "junit"])
@pytest.mark.parametrize("code", [b"535", b"235", b"334"], ids=bytes.decode)
@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_every_reply_says_the_password(form: str, code: bytes, format_: str, folder: Path, run: Run) -> None:
    echo = b"you said " + form.encode() + b"; "
    said = {name: reply[:4] + echo + reply[4:] for name, reply in SOUND.items() if name not in ("EHLO", "EHLO again")}
    said["EHLO"] = b"250-" + echo + b"\r\n250-X " + form.encode() + b"\r\n250 STARTTLS\r\n"
    said["EHLO again"] = b"250-X" + form.encode() + b"\r\n250 AUTH LOGIN\r\n"
    said["password"] = code + b"-" + echo + b"\r\n" + over_lines(code, form)
    context = CA.server_context((HOST,))
    with Hostile(relay(context, **{name.replace(" ", "_"): reply for name, reply in said.items()})) as server:
        (folder / "email.yaml").write_text(SPEC.format(port=server.port), encoding="utf-8")
        options = ("--ca-file", "ca.pem", "--secrets-dir", "secrets", "--timeout", "60", "--rcpt", "x@example.com")
        result = run("verify", "email.yaml", *options, "--format", format_, cwd=folder)
        monitored = [run("verify", "email.yaml", *options, "--format", each, cwd=folder) for each in MONITORING[format_]]
    assert result.code == (0 if code == b"235" else 4), result.output
    assert "<sent>" in result.output or "&lt;sent&gt;" in result.output
    assert_silent(result.output, form)
    for each in monitored:
        assert each.stdout.startswith(("# HELP mailwright_", "MAILWRIGHT "))
        assert_silent(each.output, form)


class Named(Authority):
    """Issues certificates with a text in each of their names."""

    def issue(self, names: object, *arguments: Any) -> LeafCert:  # type: ignore[override]
        text = "canary-p4ss.example"
        issued = super().issue([text, f"www.{text}", HOST], *arguments)
        assert text in str(x509.load_pem_x509_certificate(issued.cert_chain_pems[0].bytes()).subject)
        return issued


@pytest.mark.parametrize("format_", ["text", "json", "junit", "prometheus", "nagios"])
@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "not trusted"])
def test_a_certificate_says_the_password(trusted: bool, format_: str, folder: Path, run: Run) -> None:
    authority = Named("canary-p4ss CA")
    (folder / "secrets" / "smtp").write_text("canary-p4ss", encoding="utf-8")
    if trusted:
        (folder / "ca.pem").write_text(authority.ca_pem, encoding="ascii")
    with Hostile(relay(authority.server_context((HOST,)))) as server:
        (folder / "email.yaml").write_text(SPEC.format(port=server.port), encoding="utf-8")
        options = ("--ca-file", "ca.pem", "--secrets-dir", "secrets", "--timeout", "60")
        result = run("verify", "email.yaml", *options, "--format", format_, cwd=folder)
    assert result.code == (0 if trusted else 2 if format_ == "nagios" else 5), result.output
    assert_silent(result.output, "canary-p4ss")


def told(report: Report) -> str:
    document = report.to_json()
    return repr(report) + json.dumps(document) + json.dumps(document, ensure_ascii=False) + render_text(report)


def with_token(port: int) -> Settings:
    common = {"starttls_enable": True, "authenticate": True, "ca_pem": CA.ca_pem, "timeout": 60.0}
    return Settings(HOST, port, username=USER, token=TOKEN, mechanisms=("XOAUTH2",), **common)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", forms(TOKEN).values(), ids=list(forms(TOKEN)))
def test_an_error_of_xoauth2_says_the_token(form: str) -> None:
    error = json.dumps({"status": "401", "schemes": "bearer", "scope": "https://mail.example/", "token": form}).encode()
    said = {"EHLO_again": b"250-relay\r\n250 AUTH XOAUTH2\r\n", "AUTH": b"334 " + base64.b64encode(error) + b"\r\n"}
    last = b"535 5.7.8 not " + form.encode() + b"\r\n"
    with Hostile(relay(CA.server_context((HOST,)), **said, user=last)) as server:
        report = probe(with_token(server.port))
    auth = report.phase("AUTH")
    assert (report.exit_code, auth.status, auth.code, auth.enhanced) == (4, "failed", 535, "5.7.8")
    assert_silent(told(report), form)


def test_an_error_of_xoauth2_is_told_in_words() -> None:
    error = b'{"status":"401","schemes":"bearer mac","scope":"https://mail.example/"}'
    said = {"EHLO_again": b"250-relay\r\n250 AUTH XOAUTH2\r\n", "AUTH": b"334 " + base64.b64encode(error) + b"\r\n"}
    with Hostile(relay(CA.server_context((HOST,)), **said, user=b"535 5.7.8 no\r\n")) as server:
        report = probe(with_token(server.port))
    assert report.phase("AUTH").detail == "XOAUTH2: status 401, schemes bearer mac, scope https://mail.example/"
    assert "x AUTH       XOAUTH2: status 401, schemes bearer mac, scope https://mail.example/: 535 5.7.8 no" in render_text(
        report
    )
