"""For any two specs A and B of one API family, pruned: apply A, apply B, and plan B is empty and the server holds exactly B.

Every example begins with what the one before left, so that what is applied first meets a server in any state that a spec can make. A
secret that differs has another `secret_version`, since no version of the API tells whether it does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailwright.rendering.payloads import tenant_payload
from mailwright.sandbox.identity import SandboxIs
from mailwright.sandbox.identity.senders import read_sender
from mailwright.spec import load_spec
from products import parse_release

if TYPE_CHECKING:
    from commands import Run

pytestmark = pytest.mark.network

DOMAINS = ["a.example", "b-2.example", "c_3.example", "d.sub.example"]
SECRETS = {"MAILWRIGHT_NONE": "zeroth", "MAILWRIGHT_1": 'first "word" & <more>', "MAILWRIGHT_2": "second/word\\+%41"}
EXAMPLES = int(os.environ.get("MAILWRIGHT_EXAMPLES", "20"))

text = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="$"), min_size=1, max_size=20)
full_text = text.filter(lambda value: value.strip() != "")
secret = st.just("$env{MAILWRIGHT_NONE}")
flag = st.sampled_from([True, False, "true", "False"])
addresses = {"from_address": st.sampled_from(["a@x.example", "b@y.example"])}
common = {**addresses, "signature": full_text, "reply_to": st.sampled_from(["help@x.example", "team@y.example"])}
options = {"secret_version": st.integers(1, 2)}
smtp = {
    **common,
    "hostname": st.sampled_from(["relay1.example.com", "relay2.example.com"]),
    "port": st.sampled_from([25, 587, "2587"]),
}
switches = {**options, "enable_start_tls": flag, "enable_authentication": flag}
login = {"username": full_text, "password": secret}
client = {
    "auth_type": st.sampled_from(["CLIENT_CREDENTIAL"]),
    "client_id": full_text,
    "client_secret": secret,
    "token_endpoint": st.sampled_from(["https://login.example.com/token", "https://other.example.com/t?x=1"]),
    "scopes": full_text,
}
basic = st.fixed_dictionaries({**smtp, **login}, optional=switches)
old_basic = st.fixed_dictionaries(smtp, optional={**switches, **login})
oauth = st.fixed_dictionaries({**smtp, **client}, optional=switches)
logged = st.fixed_dictionaries({**smtp, **client, "allow_logged_secrets": st.just(True)}, optional=switches)
auth = st.one_of(
    st.fixed_dictionaries({"type": st.just("NONE")}),
    st.fixed_dictionaries({"type": st.just("BASIC"), **login}),
    st.fixed_dictionaries({"type": st.just("BEARER"), "access_token": secret}),
    st.fixed_dictionaries({"type": st.just("API_KEY"), "api_key_header": full_text, "api_key_value": secret}),
    st.fixed_dictionaries(
        {"type": st.just("CLIENT_CREDENTIAL"), **{name: client[name] for name in client if name not in ("auth_type", "scopes")}},
        optional={"scopes": full_text},
    ),
)
provider = st.fixed_dictionaries(
    {"url": st.sampled_from(["https://mail.example.net/send", "http://127.0.0.1:8025/x?key=1"]), "body": full_text},
    optional={
        "method": st.sampled_from(["POST", "PUT"]),
        "content_type": st.sampled_from(["JSON", "FORM"]),
        "headers": text,
        "auth": auth,
    },
)
http = st.fixed_dictionaries({"provider": st.just("HTTP"), **addresses, "http": provider}, optional=options)

FAMILIES = {
    "6.0.0": old_basic,
    "7.1.0": old_basic,
    "7.2.0-v1": basic,
    "7.2.0-v2": logged,
    "7.3.0-v2": st.one_of(basic, oauth, http),
}


def versioned(sender: dict[str, Any]) -> dict[str, Any]:
    """Give a sender the secret of its version."""
    version = sender.get("secret_version", "NONE")
    rewritten: dict[str, Any] = json.loads(json.dumps(sender).replace("MAILWRIGHT_NONE", f"MAILWRIGHT_{version}"))
    return rewritten


def kind_of(sender: dict[str, Any]) -> tuple[object, ...]:
    return sender.get("provider"), sender.get("auth_type"), "username" in sender


@st.composite
def two_specs(draw: st.DrawFn, senders: st.SearchStrategy[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two specs that have much in common: in the second, a tenant is as it was, another one, gone, or changed in one or two keys."""
    first = draw(st.dictionaries(st.sampled_from(DOMAINS), senders, max_size=4))
    second = {}
    for domain in DOMAINS:
        fresh = draw(senders)
        old = first.get(domain, fresh)
        match draw(st.sampled_from(["changed", "same", "fresh", "gone"])):
            case "changed" if kind_of(old) == kind_of(fresh):
                part, new = (old, fresh) if "http" not in old else (old["http"], fresh["http"])
                keys = draw(st.lists(st.sampled_from(sorted({*part, *new} - {"http"})), min_size=1, max_size=2))
                kept = {name: value for name, value in part.items() if name not in keys}
                changed = {**kept, **{name: new[name] for name in keys if name in new}}
                second[domain] = changed if part is old else {**old, "http": changed}
            case "same" if domain in first:
                second[domain] = old
            case "fresh" | "changed":
                second[domain] = fresh
    versions = [{domain: versioned(sender) for domain, sender in tenants.items()} for tenants in (first, second)]
    return versions[0], versions[1]


@pytest.fixture(scope="module", params=FAMILIES)
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def server(family: str) -> Iterator[SandboxIs]:
    with SandboxIs(DOMAINS, product_version=family.partition("-")[0]) as running:
        yield running


def expected(path: Path, release: str, owner: str | None) -> dict[str, Any]:
    """What the server has to hold: every payload as the server itself reads it."""
    parsed, held = parse_release(release), {}
    for tenant in load_spec(path).tenants:
        payload = tenant_payload(tenant, parsed, owner=owner)
        values = {place: SECRETS[reference[5:-1]] for place, reference in payload.secrets.items()}
        raw = json.dumps(payload.complete(values)).encode()
        stored = read_sender(raw, payload.version, parsed, name=None, ignore_unknown=False)
        held[tenant.domain] = {
            "EmailPublisher": {name: getattr(stored, name) for name in stored.__slots__} | {"properties": dict(stored.properties)}
        }
    return held


def test_the_second_spec_is_what_is_there(
    family: str, server: SandboxIs, run: Run, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp(family)
    (folder / "ca.pem").write_text(server.ca_pem, encoding="ascii")
    release = family.partition("-")[0]
    env = {**SECRETS, "MAILWRIGHT_CS": server.client_secret, "MAILWRIGHT_SUPER": server.admin_password}
    login = {"client_id": server.client_id, "client_secret": "$env{MAILWRIGHT_CS}"}
    head = {
        "mailwright": 1,
        "product": {"version": release},
        "owner": "team",
        "api": {**login, "super": {"user": "admin", "password": "$env{MAILWRIGHT_SUPER}"}},
    }
    arguments = ("spec.json", "--server", server.url, "--ca-file", "ca.pem", "--prune")

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(two_specs(FAMILIES[family]))
    def check(specs: tuple[dict[str, Any], dict[str, Any]]) -> None:
        for tenants in specs:
            (folder / "spec.json").write_text(json.dumps({**head, "tenants": tenants}), encoding="utf-8")
            applied = run("apply", *arguments, env=env, cwd=folder)
            assert applied.code == 0, applied.output
        planned = run("plan", *arguments, "--check", env=env, cwd=folder)
        assert planned.code == 0, planned.output
        assert server.stored() == expected(folder / "spec.json", release, "team")

    check()
