"""The policy: hosts and domains by pattern, TLS, every kind of sender; and the schema of its file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mailwright.base.errors import InputError, UnsafeToWrite
from mailwright.base.places import Source
from mailwright.product.product import load_product
from mailwright.rendering.payloads import tenant_payload
from mailwright.spec import Tenant, make_spec
from mailwright.spec.json_reader import read_json
from mailwright.tenants.policy import Policy, load_policy
from products import parse_release

Write = Callable[[str, str], Path]

SMTP = {
    "from_address": "no-reply@acme.example",
    "hostname": "smtp.example.com",
    "port": 587,
    "username": "u",
    "password": "$env{MAILWRIGHT_X}",
    "signature": "Acme",
    "reply_to": "help@acme.example",
    "enable_start_tls": True,
}
OAUTH = {
    **SMTP,
    "auth_type": "CLIENT_CREDENTIAL",
    "client_id": "i",
    "client_secret": "$env{MAILWRIGHT_X}",
    "token_endpoint": "https://login.example.com/token",
    "scopes": "s",
}
HTTP: dict[str, Any] = {
    "provider": "HTTP",
    "from_address": "a@acme.example",
    "http": {"url": "https://mail.example.net:8443/send", "body": "b"},
}


def problems(policy: Policy, sender: dict[str, Any], domain: str = "acme.example") -> str:
    document = read_json(Source("spec", json.dumps({"mailwright": 1, "tenants": {domain: sender}})))
    tenant: Tenant = next(iter(make_spec("spec", document).tenants))
    try:
        policy.check(tenant, tenant_payload(tenant, parse_release("7.3.0")), load_product())
    except UnsafeToWrite as error:
        return error.message.partition(f"the sender of {domain}: ")[2]
    return ""


@pytest.mark.parametrize("sender", [SMTP, OAUTH, HTTP])
def test_no_policy_allows_everything(sender: dict[str, Any]) -> None:
    assert problems(Policy(), sender) == ""


@pytest.mark.parametrize(
    ("patterns", "host", "allowed"),
    [
        (("smtp.example.com",), "smtp.example.com", True),
        (("smtp.example.com",), "SMTP.Example.COM.", True),
        (("smtp.example.com",), "xsmtp.example.com", False),
        (("smtp.example.com",), "smtp.example.com.evil.example", False),
        (("*.example.com",), "smtp.example.com", True),
        (("*.example.com",), "a.b.example.com", True),
        (("*.example.com",), "example.com", False),
        (("*.example.com",), "evilexample.com", False),
        (("10.0.0.1",), "10.0.0.1", True),
        (("*.0.0.1",), "10.0.0.1", False),
        (("fd00::1",), "[fd00::1]", True),
        ((), "smtp.example.com", False),
    ],
)
def test_hosts(patterns: tuple[str, ...], host: str, allowed: bool) -> None:
    assert problems(Policy(relay_hosts=patterns), {**SMTP, "hostname": host}) == ("" if allowed else "the relay")


def test_a_sender_without_a_host_is_not_among_those_allowed() -> None:
    assert (
        problems(Policy(relay_hosts=("*.example.com",)), {name: SMTP[name] for name in SMTP if name != "hostname"}) == "the relay"
    )


def test_token_and_provider_hosts() -> None:
    policy = Policy(token_hosts=("login.example.com",), provider_hosts=("mail.example.net",))
    assert problems(policy, OAUTH) == problems(policy, HTTP) == problems(policy, SMTP) == ""
    other = {**OAUTH, "token_endpoint": "https://login.example.com@evil.example/token"}
    assert problems(policy, other) == "the token endpoint's host"
    assert problems(policy, {**OAUTH, "token_endpoint": "https://[x/"}) == "the token endpoint is not a URL"
    elsewhere = {**HTTP, "http": {**HTTP["http"], "url": "https://mail.example.net.evil.example/"}}
    assert problems(policy, elsewhere) == "the HTTP provider's host"
    with_token = {
        "type": "CLIENT_CREDENTIAL",
        "client_id": "i",
        "client_secret": "$env{MAILWRIGHT_X}",
        "token_endpoint": "https://e/",
    }
    assert problems(policy, {**HTTP, "http": {**HTTP["http"], "auth": with_token}}) == "the token endpoint's host"


def test_sender_domains() -> None:
    policy = Policy(sender_domains=("{domain}", "*.corp.example"))
    assert problems(policy, SMTP) == ""
    assert problems(policy, SMTP, "beta.example") == "the sender address's domain; the reply-to's domain"
    assert problems(policy, {**SMTP, "from_address": "x@mail.corp.example"}) == ""
    assert problems(policy, {**SMTP, "from_address": "acme.example@evil.example"}) == "the sender address's domain"
    assert problems(policy, SMTP, "acme.example/o/0b2c") == ""


def test_least_protection() -> None:
    policy = Policy(starttls=True)
    assert problems(policy, SMTP) == ""
    for value in (False, "false"):
        assert "STARTTLS is not switched on" in problems(policy, {**SMTP, "enable_start_tls": value})
    assert "STARTTLS" in problems(policy, {name: SMTP[name] for name in SMTP if name != "enable_start_tls"})
    assert (
        problems(policy, {**HTTP, "http": {**HTTP["http"], "url": "http://mail.example.net"}}) == "the HTTP provider is not https"
    )
    assert problems(policy, {**OAUTH, "token_endpoint": "http://l.example/t"}) == "the token endpoint is not https"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.yaml", "mailwright_policy: 1\nrelay_hosts: [A.example]\nminimum_tls: starttls\n"),
        ("p.toml", "mailwright_policy = 1\nrelay_hosts = ['A.example']\nminimum_tls = 'starttls'\n"),
        ("p.json", '{"mailwright_policy": 1, "relay_hosts": ["A.example"], "minimum_tls": "starttls"}'),
    ],
)
def test_every_format(write: Write, name: str, content: str) -> None:
    assert load_policy(str(write(name, content))) == Policy(relay_hosts=("a.example",), starttls=True)


@pytest.mark.parametrize(
    "content",
    [
        "{}",
        "mailwright_policy: 2",
        "mailwright_policy: 1\nrelay_host: [a]",
        "mailwright_policy: 1\nrelay_hosts: a",
        "mailwright_policy: 1\nrelay_hosts: ['a.*.b']",
        "mailwright_policy: 1\nminimum_tls: tls13",
        "- a",
    ],
)
def test_what_is_no_policy(write: Write, content: str) -> None:
    with pytest.raises(InputError, match="is not a policy"):
        load_policy(str(write("p.yaml", content)))
