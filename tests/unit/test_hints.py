"""Hints name a key where the user would write it; the line that a finding is about is shown, with no secret in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailwright.base.findings import Finding
from mailwright.base.hints import Hint
from mailwright.operations.validate import validate

SPEC = """\
mailwright: 1
product: {version: "7.3.0"}
global:
  from_address: no-reply@example.com
  hostname: smtp.example.com
  port: 587
  username: no-reply@example.com
  password: $secret{smtp_password}
  signature: Example
  reply_to: support@example.com
  custom_properties:
    mail.smtp.ssl.checkserveridentity: true
    mail.smtp.starttls.required: true
    mail.smtp.connectiontimeout: 10000
    mail.smtp.timeout: 10000
    mail.smtp.writetimeout: 10000
defaults:
  hostname: smtp.example.com
  port: 587
"""
TENANT = """\
  acme.example:
    from_address: no-reply@acme.example
    signature: Acme
    reply_to: help@acme.example
    username: acme
    password: $env{MAILWRIGHT_ACME}
"""


def found(folder: Path, text: str, name: str = "email.yaml", **options: str) -> list[Finding]:
    (folder / name).write_text(text, encoding="utf-8")
    return validate(folder / name, **options)  # type: ignore[arg-type]


def hints(findings: list[Finding]) -> set[str | None]:
    return {finding.hint for finding in findings}


def test_of_the_base(tmp_path: Path) -> None:
    said = found(tmp_path, SPEC.replace("  hostname: smtp.example.com\n", "", 1).replace("    mail.smtp.timeout: 10000\n", ""))
    assert 'set `global.hostname`: SMTP server, e.g. "smtp.example.com"' in hints(said)
    assert "set mail.smtp.timeout: 10000 in global.custom_properties (ms)" in hints(said)


ENVIRONMENTS = {
    "one": ("{prod: {global: {hostname: null}}}", "set `environments.prod.global.hostname`:"),
    "a-property": (
        "{prod: {global: {custom_properties: {mail.smtp.timeout: null}}}}",
        "set mail.smtp.timeout: 10000 in environments.prod.global.custom_properties (ms)",
    ),
    "two": (
        "{prod: {global: {enable_start_tls: false}}, dev: {global: {enable_start_tls: false}}}",
        "set `environments.prod.global.enable_start_tls: true` (likewise in dev)",
    ),
    "dotted": ("{eu.prod: {global: {hostname: null}}}", 'set `environments."eu.prod".global.hostname`:'),
}


@pytest.mark.parametrize("case", ENVIRONMENTS)
def test_of_an_environment(tmp_path: Path, case: str) -> None:
    patch, wanted = ENVIRONMENTS[case]
    said = found(tmp_path, f"{SPEC}environments: {patch}\n")
    assert any((hint or "").startswith(wanted) for hint in hints(said)), hints(said)
    assert not any((hint or "").startswith("set `global.") for hint in hints(said))


def test_of_one_environment_alone(tmp_path: Path) -> None:
    """What the environment itself removes is set there; what the base lacks, in the base."""
    text = SPEC.replace("    mail.smtp.timeout: 10000\n", "") + "environments: {prod: {global: {hostname: null}}}\n"
    said = hints(found(tmp_path, text, environment="prod"))
    assert any((hint or "").startswith("set `environments.prod.global.hostname`") for hint in said)
    assert "set mail.smtp.timeout: 10000 in global.custom_properties (ms)" in said


def test_of_a_spec_in_toml(tmp_path: Path) -> None:
    text = 'mailwright = 1\n[product]\nversion = "7.3.0"\n[global]\nenable_start_tls = false\nhostname = "h"\n'
    said = hints(found(tmp_path, text, "email.toml"))
    assert "set `global.enable_start_tls = true`" in said
    assert "set 'mail.smtp.timeout' = 10000 in global.custom_properties (ms)" in {
        Hint("set {} (ms)", ("custom_properties", "mail.smtp.timeout"), 10000, ("global",), "email.toml").text()
    }


@pytest.mark.parametrize(
    ("name", "row", "wanted"),
    [
        ("", "", 'set `tenants."acme.example".signature`:'),
        (
            "t.csv",
            "domain,from_address,reply_to,username,password\nb.example,a@b.c,a@b.c,u,$env{MAILWRIGHT_B}\n",
            "set the column `signature`:",
        ),
        (
            "t.jsonl",
            '{"domain": "b.example", "username": "u", "from_address": "a@b.c", "reply_to": "a@b.c"}\n',
            "set `signature`:",
        ),
        ("t.yaml", "b.example: {username: u, from_address: a@b.c, reply_to: a@b.c}\n", 'set `tenants."b.example".signature`:'),
    ],
    ids=["inline", "csv", "json-lines", "yaml"],
)
def test_of_a_tenant(tmp_path: Path, name: str, row: str, wanted: str) -> None:
    if name:
        (tmp_path / name).write_text(row, encoding="utf-8")
    tenants = f"tenants_from: {name}\n" if name else "tenants:\n" + TENANT.replace("    signature: Acme\n", "")
    said = found(tmp_path, SPEC + tenants)
    about = [finding for finding in said if finding.message.startswith("`signature`")]
    assert [(finding.hint or "").startswith(wanted) for finding in about] == [True], hints(said)
    domain = "b.example" if name else "acme.example"
    assert about[0].excerpt is not None
    assert about[0].excerpt.text == (domain if name in ("t.csv", "t.jsonl") else f"{domain}:")


def test_of_a_tenant_in_an_environment(tmp_path: Path) -> None:
    said = found(tmp_path, f"{SPEC}tenants:\n{TENANT}environments: {{dev: {{tenants: {{acme.example: {{signature: null}}}}}}}}\n")
    assert any((hint or "").startswith('set `environments.dev.tenants."acme.example".signature`') for hint in hints(said))


def test_what_many_tenants_lack_belongs_into_their_defaults(tmp_path: Path) -> None:
    rows = "".join(f"t{number}.example,a@b.c,u,$env{{MAILWRIGHT_B}},S\n" for number in range(9))
    (tmp_path / "t.csv").write_text(f"domain,from_address,username,password,signature\n{rows}", encoding="utf-8")
    said = found(tmp_path, f"{SPEC}tenants_from: t.csv\n")
    about = [finding for finding in said if finding.message.startswith("`reply_to`")]
    assert [(finding.tenants, (finding.hint or "").split(":")[0]) for finding in about] == [(9, "set `defaults.reply_to`")]


def test_a_missing_secret_of_a_tenant_is_no_reference_of_the_server(tmp_path: Path) -> None:
    said = found(tmp_path, f"{SPEC}tenants:\n" + TENANT.replace("    password: $env{MAILWRIGHT_ACME}\n", ""))
    assert not any("$secret" in (hint or "") for hint in hints(said))


def test_a_blank_at_the_end_of_a_value_is_seen(tmp_path: Path) -> None:
    said = found(tmp_path, SPEC.replace("port: 587\n  username", 'port: "587 "\n  username'))
    assert [finding.excerpt.text for finding in said if finding.excerpt] == ['port: "587 "']


def test_the_line_of_a_sender_as_a_whole(tmp_path: Path) -> None:
    said = found(tmp_path, SPEC.replace("    mail.smtp.timeout: 10000\n", ""))
    assert [(finding.excerpt.line, finding.excerpt.text) for finding in said if finding.excerpt] == [(3, "global:")]
    said = found(tmp_path, "[output_adapter.email]\nfrom_address = 'a@b.c'\n", "deployment.toml")
    assert {finding.excerpt.text for finding in said if finding.rule == "MW110" and finding.excerpt} == {"[output_adapter.email]"}


PAYLOAD = """\
{
  "name": "EmailPublisher",
  "provider": "SMTP",
  "smtpServerHost": "smtp.acme.example",
  "smtpPort": "hunter2 zq",
  "fromAddress": "no-reply@acme.example",
  "authType": "BEARER",
  "unheard": "zq-unheard",
  "properties": [
    {"key": "userName", "value": "no-reply@acme.example"},
    {"key": "password", "value": "zq-secret"},
    {"key": "mail.smtp.zq", "value": "zq-value"},
    {"key": "accessToken", "value": ""},
    {"key": "mail.smtp.replyTo", "value": "help@acme.example"}
  ]
}
"""


def test_the_lines_of_a_payload(tmp_path: Path) -> None:
    said = found(tmp_path, PAYLOAD, "sender.json", kind="tenant-sender-v2", product_version="7.3.0")
    shown = {finding.excerpt.text for finding in said if finding.excerpt}
    assert {
        '"smtpPort": ‹…>',
        '"unheard": ‹…>',
        '{"key": "mail.smtp.zq", "value": ‹…>}',
        '{"key": "accessToken", "value": <secret>}',
        '"authType": "BEARER"',
    } <= shown
    for finding in said:
        assert "zq" not in f"{finding.message} {finding.hint} {finding.excerpt}".replace("mail.smtp.zq", "")
        assert (finding.excerpt is not None) or (finding.place.line, finding.place.column) == (1, 1), finding
        if finding.excerpt:
            assert finding.excerpt.line == finding.place.line
            marked = finding.excerpt.text[finding.excerpt.column - 1 :][: finding.excerpt.length]
            assert len(marked) == finding.excerpt.length


@pytest.mark.parametrize("value", ["text", "5", "[1]", "true"])
@pytest.mark.parametrize(
    "name", ["global", "product", "tenant_loading", "secrets", "defaults", "api", "tenants", "owner", "allow_env"]
)
def test_a_wrong_shape_in_an_environment_is_told_once(tmp_path: Path, name: str, value: str) -> None:
    said = found(tmp_path, f"{SPEC}environments:\n  prod:\n    {name}: {value}\n")
    at = [finding for finding in said if finding.place.line == SPEC.count("\n") + 3]
    assert len(at) == (0 if (name, value) == ("owner", "text") else 1), at
