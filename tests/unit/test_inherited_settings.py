"""What the rules take a tenant's sender to have from the server's own is what `verify` takes it to have, and what the server does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwright.base.places import Source
from mailwright.product.adapter import load_adapter
from mailwright.product.releases import parse_release
from mailwright.rendering.payloads import api_version, tenant_payload
from mailwright.rules.sender import Kind
from mailwright.spec import Spec, make_spec
from mailwright.spec.documents import parse_document
from mailwright.validation import Check
from mailwright.validation.senders import Settings
from mailwright.verification.senders import tenant_properties

Write = Callable[[str, str], Path]
GLOBAL = {
    "from_address": "g@example.com",
    "hostname": "smtp.example.com",
    "auth_type": "CLIENT_CREDENTIAL",
    "client_id": "x",
    "client_secret": "$secret{x}",
    "token_endpoint": "https://login.example.com/token",
    "scopes": "s",
    "signature": "A",
    "reply_to": "g@example.com",
    "enable_start_tls": False,
}
BASIC = {
    "from_address": "a@a.example",
    "signature": "A",
    "reply_to": "a@a.example",
    "hostname": "smtp.office365.com",
    "port": 587,
    "username": "a@a.example",
    "password": "$env{MAILWRIGHT_A}",
}
HTTP = {"provider": "Http", "from_address": "a@a.example", "http": {"url": "https://m.example", "body": "{}"}}


def rules_about_the_tenant(server: dict[str, Any], tenant: dict[str, Any]) -> set[str]:
    spec = {"mailwright": 1, "product": {"version": "7.3.0"}, "global": server, "tenants": {"a.example": tenant}}
    found = Check(None)("email.json", json.dumps(spec).encode())
    return {finding.rule for finding in found if (finding.path or "").startswith("tenants")}


def test_a_login_with_a_token_is_not_inherited() -> None:
    """The payload says BASIC where the spec says nothing; `password` is what it logs in with."""
    assert rules_about_the_tenant(GLOBAL, BASIC) == {"MW607"}
    assert {"MW323", "MW605"} <= rules_about_the_tenant(GLOBAL, {**BASIC, "auth_type": "CLIENT_CREDENTIAL"})


def test_a_sender_by_http_inherits_nothing_of_smtp() -> None:
    server = {**GLOBAL, "auth_type": "BASIC", "hostname": "smtp.gmail.com", "port": 2465}
    assert rules_about_the_tenant(server, HTTP) == set()
    own = {name: value for name, value in BASIC.items() if name != "hostname"}
    assert "MW602" in rules_about_the_tenant(server, {**own, "port": 2465})
    assert "MW606" in rules_about_the_tenant(GLOBAL, {**BASIC, "auth_type": "CLIENT_CREDENTIAL", "hostname": "smtp.gmail.com"})


VALUES: dict[str, list[Any]] = {
    "from_address": ["a@example.com", "b@example.com"],
    "hostname": ["a.example", "b.example"],
    "port": [25, 465],
    "enable_start_tls": [True, False],
    "enable_authentication": [True, False],
    "username": ["a", "b"],
    "signature": ["A", "B"],
    "reply_to": ["a@example.com", "b@example.com"],
    "auth_type": ["BASIC", "CLIENT_CREDENTIAL"],
    "client_id": ["a", "b"],
    "token_endpoint": ["https://a.example", "https://b.example"],
    "scopes": ["a", "b"],
}
SENDERS = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in VALUES.items()})
CUSTOM = st.dictionaries(st.sampled_from(["mail.smtp.host", "mail.smtp.from", "mail.smtp.timeout"]), st.just("custom"))


def spec_of(server: dict[str, Any], tenant: dict[str, Any]) -> Spec:
    text = json.dumps({"mailwright": 1, "global": server, "tenants": {"a.example": tenant}})
    return make_spec("email.json", parse_document(Source("email.json", text)))


# What v1 has no place for is told by itself.
V1 = {name: values for name, values in VALUES.items() if load_adapter()[name].v1 is not None}
BY_V1 = st.fixed_dictionaries(
    {"api_version": st.just("v1")}, optional={name: st.sampled_from(values) for name, values in V1.items()}
)


@pytest.mark.parametrize("version", ["7.1.0", "7.2.0", "7.3.0"])
@given(SENDERS, CUSTOM, SENDERS | BY_V1)
def test_rules_and_verify_agree(version: str, server: dict[str, Any], custom: dict[str, str], tenant: dict[str, Any]) -> None:
    spec, release = spec_of({**server, "custom_properties": custom}, tenant), parse_release(version)
    (only,) = spec.tenants
    assert spec.sender is not None
    base = Settings(spec.sender, ("global",)).sender(Kind.GLOBAL, release)
    seen = Settings(only.sender, ("tenants",)).sender(Kind.TENANT, release, base)
    names = {*(key.xml for key in load_adapter().scalars if key.xml), *custom}
    merged = tenant_properties({name: base.mail(name) or "" for name in names}, only.sender, release)
    if not V1.keys() >= tenant.keys() - {"api_version"} and api_version(tenant, release) == "v1":
        return
    if merged["mail.smtp.port"] == "null":  # what v1 makes of no port on some releases: a rule of its own tells it
        merged["mail.smtp.port"] = str(seen.mail("mail.smtp.port"))
    assert {name: seen.mail(name) for name in names} == merged
    if api_version(only.sender, release) == "v2":
        assert tenant_payload(only, release).body["authType"] == merged["mail.smtp.authType"]
