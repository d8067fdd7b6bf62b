"""A spec is held to what its output is held to: what is found in its fragment or a payload is found in the spec, where the spec says it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwright.base.errors import MailwrightError
from mailwright.base.findings import Severity
from mailwright.base.places import Source
from mailwright.deployment import parse_deployment
from mailwright.rendering.fragment import render_fragment
from mailwright.rendering.payloads import tenant_payload
from mailwright.spec import make_spec
from mailwright.spec.json_reader import read_json
from mailwright.validation.deployments import check_deployment
from mailwright.validation.payloads import check_payload
from mailwright.validation.specs import check_spec, ensure_valid
from products import load_adapter, parse_release

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from commands import Run

    Write = Callable[[str, str], Path]

RELEASES = ("6.0.0", "7.1.0", "7.2.0", "7.3.0")
VALUES: dict[str, Any] = {
    "from_address": st.sampled_from(["no-reply@a.example", "A <a@a.example>", "$env{MAIL_FROM}"]),
    "hostname": st.sampled_from(["smtp.a.example", "smtp.gmail.com", "smtp.office365.com", "email-smtp.eu-west-1.amazonaws.com"]),
    "port": st.sampled_from([25, 465, 587, "587"]),
    "username": st.sampled_from(["a", "a@a.example", "x&y"]),
    "password": st.sampled_from(["$secret{smtp_password}", "$env{SMTP_PASSWORD}", "R&D"]),
    "signature": st.sampled_from(["A", "R&D <x>", "{{team}}"]),
    "reply_to": st.sampled_from(["help@a.example"]),
    "enable_start_tls": st.booleans(),
    "enable_authentication": st.booleans(),
    "custom_properties": st.sampled_from(
        [
            {"mail.smtp.starttls.required": True},
            {"mail.smtp.connection.timeout": 10},
            {"mail.imap.host": "h"},
            {"mail.smtp.timeout": "x"},
        ]
    ),
}
TENANT: dict[str, Any] = {
    **{name: values for name, values in VALUES.items() if name not in ("from_address", "password", "custom_properties")},
    "from_address": st.sampled_from(["no-reply@a.example"]),
    "password": st.sampled_from(["$env{MAILWRIGHT_A}"]),
    "auth_type": st.sampled_from(["BASIC", "CLIENT_CREDENTIAL"]),
    "client_id": st.just("id"),
    "client_secret": st.just("$env{MAILWRIGHT_B}"),
    "token_endpoint": st.just("https://login.a.example/token"),
    "scopes": st.just("smtp"),
}


def placed(document: dict[str, Any], name: str = "spec.json") -> Any:
    return read_json(Source(name, json.dumps(document)))


def optional(values: dict[str, Any]) -> Any:
    known = {name for name in values if name in load_adapter()}
    return st.fixed_dictionaries({}, optional={name: values[name] for name in sorted(known)})


@settings(max_examples=150)
@given(release=st.sampled_from(RELEASES), sender=optional(VALUES))
def test_the_findings_of_a_fragment_are_findings_of_the_spec(release: str, sender: dict[str, Any]) -> None:
    document = placed({"mailwright": 1, "product": {"version": release}, "global": sender})
    found = check_spec("spec.json", document)
    told = [(finding.rule, finding.message, (finding.path or "").replace("'", "")) for finding in found]
    assert len(told) == len(set(told)), "nothing is told twice"
    own = {(rule, path) for rule, _, path in told}
    try:
        spec = make_spec("spec.json", document)
        known = ensure_valid(spec)
        text = render_fragment(spec, known)
    except MailwrightError:
        return  # there is no fragment
    text += "" if "$secret" not in text else '\n[secrets]\nsmtp_password = "QmFzZTY0IHRleHQ="\n'
    table = "output_adapter.email"
    for finding in check_deployment(parse_deployment(text), (parse_release(release),)):
        path = (finding.path or "").replace(table, "global", 1).replace("'", "")
        assert (finding.rule, path) in own, finding


@settings(max_examples=150)
@given(release=st.sampled_from(RELEASES), sender=optional(TENANT), logged=st.booleans())
def test_the_findings_of_a_payload_are_findings_of_the_spec(release: str, sender: dict[str, Any], logged: bool) -> None:
    own = {**sender, **({"allow_logged_secrets": True} if logged else {})}
    document = placed({"mailwright": 1, "product": {"version": release}, "tenants": {"a.example": own}})
    found = check_spec("spec.json", document)
    bad = [finding for finding in found if finding.severity is Severity.ERROR]
    try:
        payload = tenant_payload(next(iter(make_spec("spec.json", document).tenants)), parse_release(release))
    except MailwrightError:
        return
    body = placed(payload.complete(dict.fromkeys(payload.secrets, "x")), "payload.json")
    refused = [
        finding
        for finding in check_payload("payload.json", body, payload.version, (parse_release(release),))
        if finding.severity is Severity.ERROR and finding.rule == "MW002"
    ]
    assert bad or not refused, refused


@pytest.mark.parametrize("missing", ["username", "password", "hostname", "port", "signature", "reply_to"])
def test_what_the_server_needs_is_missed_under_the_specs_own_name(write: Write, run: Run, missing: str) -> None:
    sender = {
        "from_address": "no-reply@a.example",
        "hostname": "smtp.a.example",
        "port": 587,
        "username": "a",
        "password": "$env{MAILWRIGHT_A}",
        "signature": "A",
        "reply_to": "help@a.example",
    }
    whole = {"mailwright": 1, "product": {"version": "7.3.0"}, "tenants": {"a.example": sender}}
    assert run("validate", write("whole.json", json.dumps(whole))).code == 0
    del sender[missing]
    (finding,) = [
        item
        for item in run("validate", write("less.json", json.dumps(whole)), "--format", "json").json["files"][0]["findings"]
        if item["severity"] == "error"
    ]
    assert finding["message"].startswith(f"`{missing}` is missing")


def test_a_missing_signature_is_told_at_the_specs_line(write: Write, run: Run) -> None:
    sender = "  from_address: a@a.example\n  hostname: h.example\n  username: a\n  password: $secret{x}\n"
    text = f'mailwright: 1\nproduct: {{version: "7.3.0"}}\nglobal:\n{sender}'
    found = run("validate", write("email.yaml", text), "--format", "json").json["files"][0]["findings"]
    trap = [item for item in found if item["rule"] == "MW110" and "`signature`" in item["message"]]
    assert [(item["line"], item["path"], item["fixable"]) for item in trap] == [(3, "global", False)]


def test_a_value_that_the_node_keeps_is_not_missed(write: Write, run: Run) -> None:
    sender = "{from_address: a@a.example, hostname: h.example, username: a, signature: A, password: '$keep{}'}"
    spec = write("email.yaml", f'mailwright: 1\nproduct: {{version: "7.3.0"}}\nglobal: {sender}\n')
    found = run("validate", spec, "--format", "json").json["files"][0]["findings"]
    assert "MW110" not in {item["rule"] for item in found}


@pytest.mark.parametrize("value", ["{}", "[]", "{a: 1}", "1.5", "[[1]]"])
@pytest.mark.parametrize("version", ["5.9.0", "7.1.0", "7.3.0", None])
def test_a_key_of_the_wrong_type_is_not_rendered_though_the_release_ignores_it(
    run: Run, tmp_path: Path, value: str, version: str | None
) -> None:
    path = tmp_path / "email.yaml"
    text = """mailwright: 1
global: {from_address: a@b.example, hostname: h, port: 587, username: u, password: "$secret{p}", signature: S, reply_to: a@b.example}
"""
    text += f'product: {{version: "{version}"}}\n' if version else ""
    path.write_text(text.replace("port:", f"scopes: {value}, port:"), encoding="utf-8")
    result = run("validate", path)
    assert result.code == 1, result.stderr
    assert "`scopes`" in result.stdout
