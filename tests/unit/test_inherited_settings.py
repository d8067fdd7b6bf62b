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
from mailwright.engine.inheritance import tenant_text
from mailwright.product.adapter import Key
from mailwright.product.releases import Release
from mailwright.rendering.payloads import api_version, tenant_payload
from mailwright.rules.sender import SenderKind
from mailwright.spec import Spec, make_spec
from mailwright.spec.documents import parse_document
from mailwright.validation import Check
from mailwright.validation.settings import SenderSettings
from mailwright.verification.inputs import tenant_properties
from products import KNOWN, load_adapter, parse_release

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


def _values(key: Key) -> list[Any]:
    """Return two values that the schema takes, and for a text an empty one."""
    if "boolean" in key.types:
        return [True, False]
    return [25, 465] if "integer" in key.types else ["a", "b", "", " "]


ADAPTER = load_adapter()
VALUES = {key.name: _values(key) for key in ADAPTER.scalars if key.xml}
SENDERS = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in VALUES.items()})
CUSTOM = st.dictionaries(st.sampled_from(["mail.smtp.host", "mail.smtp.from", "mail.smtp.timeout"]), st.just("custom"))


def spec_of(server: dict[str, Any], tenant: dict[str, Any]) -> Spec:
    text = json.dumps({"mailwright": 1, "global": server, "tenants": {"a.example": tenant}})
    return make_spec("email.json", parse_document(Source("email.json", text)))


TENANTS = st.builds(lambda sender, made: {**sender, **made}, SENDERS, st.sampled_from([{}, {"api_version": "v1"}]))


def both(spec: Spec, release: Release) -> tuple[dict[str, str | None], dict[str, str]]:
    """Return what the rules see of a tenant, and what `verify` gives to the mail client, but for what the payload has no place for."""
    (only,) = spec.tenants
    assert spec.sender is not None
    base = SenderSettings(spec.sender, ("global",), spec.product).sender(SenderKind.GLOBAL, release)
    seen = SenderSettings(only.sender, ("tenants",), spec.product).sender(SenderKind.TENANT, release, base)
    names = {*ADAPTER.by_xml, *base.properties}
    merged = tenant_properties({name: base.mail(name) or "" for name in names}, only.sender, release)
    version = api_version(only.sender, release)
    names -= {str(key.xml) for key in ADAPTER.scalars if key.name in only.sender and key.place(version) is None}
    return {name: seen.mail(name) for name in names}, {name: text for name, text in merged.items() if name in names}


@pytest.mark.parametrize("version", KNOWN)
@given(SENDERS, CUSTOM, TENANTS)
def test_rules_and_verify_agree(version: str, server: dict[str, Any], custom: dict[str, str], tenant: dict[str, Any]) -> None:
    release = parse_release(version)
    spec = spec_of({**server, "custom_properties": custom}, tenant)
    rules, verify = both(spec, release)
    assert rules == verify
    (only,) = spec.tenants
    if release.tenant_api and api_version(only.sender, release) == "v2":
        assert tenant_payload(only, release).body["authType"] == verify["mail.smtp.authType"]


@pytest.mark.parametrize("made", [{}, {"api_version": "v1"}], ids=["by default", "v1"])
@pytest.mark.parametrize("version", KNOWN)
@pytest.mark.parametrize("name", VALUES)
def test_every_key_is_the_tenants_own_where_its_payload_has_a_place(name: str, version: str, made: dict[str, str]) -> None:
    release, key = parse_release(version), ADAPTER[name]
    server, own, *_ = _values(key)
    rules, verify = both(spec_of({name: server}, {name: own, **made}), release)
    assert rules == verify
    told = [str(value).lower() if isinstance(value, bool) else str(value) for value in (server, own)]
    api = api_version({**made, name: own}, release)
    if key.place(api) is None:
        assert tenant_text(key, told[1], api, release, user=False) is None
    else:
        text = "" if not key.known_to(release) else told[release.tenant_overrides]
        assert verify[str(key.xml)] == text


@pytest.mark.parametrize(
    ("version", "server", "tenant", "property_", "text"),
    [
        ("7.1.0", {"auth_type": "CLIENT_CREDENTIAL"}, {"username": "u"}, "mail.smtp.authType", ""),
        ("7.2.0", {"auth_type": "CLIENT_CREDENTIAL"}, {"username": "u"}, "mail.smtp.authType", "BASIC"),
        ("7.2.0", {"auth_type": "CLIENT_CREDENTIAL"}, {}, "mail.smtp.authType", "CLIENT_CREDENTIAL"),
        ("7.3.0", {"auth_type": "CLIENT_CREDENTIAL"}, {}, "mail.smtp.authType", "BASIC"),
        ("7.2.0", {"port": 25}, {"api_version": "v1"}, "mail.smtp.port", "25"),
        ("7.3.0", {"port": 25}, {"api_version": "v1"}, "mail.smtp.port", "null"),
        ("7.3.0", {"port": 25}, {}, "mail.smtp.port", "25"),
        ("7.3.0", {"username": "server"}, {"username": " "}, "mail.smtp.user", "server"),
        ("7.1.0", {"username": "server"}, {"username": ""}, "mail.smtp.user", ""),
    ],
)
def test_what_a_release_makes_of_what_is_left_out(
    version: str, server: dict[str, Any], tenant: dict[str, Any], property_: str, text: str
) -> None:
    rules, verify = both(spec_of(server, tenant), parse_release(version))
    assert rules[property_] == verify[property_] == text
