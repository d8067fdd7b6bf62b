"""Senders of files: what the adapter really uses for tenants, what is resolved, what stands in the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mailwright.base.errors import MailwrightError, UsageError
from mailwright.base.findings import Severity
from mailwright.base.nodes import PlacedMap
from mailwright.base.places import Place
from mailwright.verification.check import Checker, Options
from mailwright.verification.findings import sender_findings
from mailwright.verification.inputs import NULL_PORT, EffectiveSender, NotApplicable, iter_senders, read_inputs, tenant_properties
from products import KNOWN, parse_release

Write = Callable[[str, str | bytes], Path]

BASE = {
    "mail.smtp.from": "global@example.com",
    "mail.smtp.user": "global",
    "mail.smtp.password": "$secret{global}",
    "mail.smtp.host": "smtp.example.com",
    "mail.smtp.port": "587",
    "mail.smtp.starttls.enable": "true",
    "mail.smtp.auth": "true",
    "mail.smtp.signature": "Global",
    "mail.smtp.replyTo": "global@example.com",
    "mail.smtp.timeout": "5000",
}
OAUTH = {
    "mail.smtp.authType": "",
    "mail.smtp.clientId": "",
    "mail.smtp.clientSecret": "",
    "mail.smtp.tokenEndpoint": "",
    "mail.smtp.scopes": "",
}


def changed(release: str, base: dict[str, str] = BASE, **sender: object) -> dict[str, str]:
    """Return what differs from the global properties for a tenant with these keys."""
    placed = PlacedMap(sender, place=Place("x"))  # type: ignore[arg-type]
    merged = tenant_properties(base, placed, parse_release(release))
    assert set(base) <= set(merged)
    return {name: value for name, value in merged.items() if base.get(name) != value}


def test_5_9_0_merges_nothing() -> None:
    assert changed("5.9.0", hostname="own.example", username="own") == {}


@pytest.mark.parametrize("release", KNOWN[1:])
def test_own_values_go_over_the_global_ones(release: str) -> None:
    base = {**BASE, **OAUTH} if parse_release(release).has("7.2.0") else BASE
    found = changed(release, base, hostname="own.example", port=2587, username="own", password="$env{P}", enable_start_tls=False)
    assert found.pop("mail.smtp.authType", "BASIC") == "BASIC"
    assert found == {
        "mail.smtp.host": "own.example",
        "mail.smtp.port": "2587",
        "mail.smtp.user": "own",
        "mail.smtp.password": "$env{P}",
        "mail.smtp.starttls.enable": "false",
    }


def test_keys_that_are_no_global_property_are_not_added() -> None:
    assert changed("7.1.0", auth_type="CLIENT_CREDENTIAL", client_id="x") == {}


def test_a_v1_sender_with_a_user_name_is_basic_whatever_the_global_one_is() -> None:
    base = {**BASE, **OAUTH, "mail.smtp.authType": "CLIENT_CREDENTIAL"}
    assert changed("7.2.0", base, username="own")["mail.smtp.authType"] == "BASIC"
    assert "mail.smtp.authType" not in changed("7.2.0", base, hostname="own.example")


def test_a_v2_sender_says_its_kind() -> None:
    base = {**BASE, **OAUTH, "mail.smtp.authType": "CLIENT_CREDENTIAL"}
    assert changed("7.3.0", base, hostname="own.example")["mail.smtp.authType"] == "BASIC"
    found = changed(
        "7.3.0", {**BASE, **OAUTH}, auth_type="CLIENT_CREDENTIAL", client_id="id", token_endpoint="https://t", scopes=" "
    )
    assert found == {
        "mail.smtp.authType": "CLIENT_CREDENTIAL",
        "mail.smtp.clientId": "id",
        "mail.smtp.tokenEndpoint": "https://t",
    }


def test_v1_of_7_3_0_without_a_port() -> None:
    assert changed("7.3.0", {**BASE, **OAUTH}, api_version="v1", hostname="h")["mail.smtp.port"] == "null"
    assert "mail.smtp.port" not in changed("7.3.0", {**BASE, **OAUTH}, api_version="v1", port=587)


# files

SPEC = """
mailwright: 1
product: {version: "7.3.0"}
global:
  from_address: a@example.com
  hostname: smtp.example.com
  port: 587
  username: "$env{SMTP_USER}"
  password: $secret{smtp}
  signature: S
  custom_properties: {mail.smtp.timeout: 10000}
defaults: {signature: S, reply_to: r@example.com, hostname: smtp.example.com, port: 2525}
tenants:
  acme.example: {from_address: a@acme.example, username: acme, password: "$file{acme}"}
  http.example:
    provider: HTTP
    from_address: a@b.example
    http: {url: "https://x.example", body: b, auth: {type: NONE}}
"""
DEPLOYMENT = """
[output_adapter.email]
from_address = "node@example.com"
hostname = "node.example.com"
username = "node"
password = "$secret{node}"
[output_adapter.email.custom_properties]
'mail.smtp.ssl.enable' = true
[secrets]
node = "QmFzZTY0"
"""


def senders(*files: Path, tenants: tuple[str, ...] = ()) -> dict[str, EffectiveSender | NotApplicable | MailwrightError]:
    inputs = read_inputs([str(file) for file in files], lambda _: (None,), None)
    found = list(iter_senders(inputs, tenants))
    return {item.name if not isinstance(item, MailwrightError) else type(item).__name__: item for item in found}


def properties(item: object) -> dict[str, str]:
    assert isinstance(item, EffectiveSender), item
    return dict(item.properties)


def test_a_spec(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SMTP_USER", raising=False)
    found = senders(write("email.yaml", SPEC))
    assert list(found) == ["global", "acme.example", "http.example"]
    assert properties(found["global"])["mail.smtp.user"] == "$env{SMTP_USER}"
    own = properties(found["acme.example"])
    assert (own["mail.smtp.host"], own["mail.smtp.port"], own["mail.smtp.timeout"]) == ("smtp.example.com", "2525", "10000")
    assert own["mail.smtp.password"] == "$file{acme}"
    assert found["http.example"] == NotApplicable("http.example", "it sends by HTTP, not SMTP")
    monkeypatch.setenv("SMTP_USER", "u")
    assert properties(senders(write("email.yaml", SPEC))["global"])["mail.smtp.user"] == "u"


def test_tenants_go_over_the_deployment_that_is_given(write: Write) -> None:
    spec, deployment = write("email.yaml", SPEC), write("deployment.toml", DEPLOYMENT)
    found = senders(spec, deployment)
    assert set(found) == {f"{spec} global", f"{deployment} global", "acme.example", "http.example"}
    own = properties(found["acme.example"])
    assert own["mail.smtp.ssl.enable"] == "true"
    assert "mail.smtp.timeout" not in own


def test_tenants_alone_go_over_the_products_defaults(write: Write) -> None:
    text = SPEC[: SPEC.index("global:")] + SPEC[SPEC.index("defaults:") :].replace("hostname: smtp.example.com, ", "")
    found = senders(
        write("email.yaml", text.replace("7.3.0", "7.0.0").replace("  http.example:", "  x.example: null").partition("  x")[0])
    )
    assert list(found) == ["acme.example"]
    assert properties(found["acme.example"])["mail.smtp.host"] == "smtp.gmail.com"


def test_tenants_can_be_chosen(write: Write) -> None:
    spec = write("email.yaml", SPEC)
    assert list(senders(spec, tenants=("acme.example",))) == ["acme.example"]
    assert list(senders(spec, tenants=("carbon.super",))) == ["global"]
    assert isinstance(senders(spec, tenants=("acme.exmaple",))["UsageError"], UsageError)


def test_two_deployments_and_tenants_are_ambiguous(write: Write) -> None:
    with pytest.raises(UsageError, match="merged over one"):
        senders(write("email.yaml", SPEC), write("a.toml", DEPLOYMENT), write("b.toml", DEPLOYMENT))


def test_a_broken_deployment_leaves_the_tenants_unchecked(write: Write) -> None:
    found = senders(write("email.yaml", SPEC), write("deployment.toml", "[output_adapter.email]\npassword = 'a&b'\n"))
    assert "InputError" in found
    assert "acme.example" not in found


def test_what_decides_where_mail_goes_must_be_known(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SMTP_HOST", raising=False)
    item = senders(write("email.yaml", SPEC.replace("hostname: smtp.example.com\n", "hostname: $env{SMTP_HOST}\n")))["InputError"]
    assert "the environment variable SMTP_HOST is not defined here" in str(item)


def test_tenants_are_a_stream(write: Write) -> None:
    rows = "".join(f"t{number}.example,a@b.example,u,$env{{MAILWRIGHT_P}}\n" for number in range(2000))
    write("tenants.csv", "domain,from_address,username,password\n" + rows)
    text = SPEC.partition("tenants:\n")[0] + "tenants_from: [tenants.csv]\n"
    inputs = read_inputs([str(write("email.yaml", text))], lambda _: (None,), None)
    assert inputs.streamed
    stream = iter_senders(inputs)
    assert [getattr(next(stream), "name", "") for _ in range(3)] == ["global", "t0.example", "t1.example"]
    assert sum(1 for _ in stream) == 1998


def test_without_a_product_version_it_is_not_sure(write: Write) -> None:
    found = senders(write("email.yaml", SPEC.replace('product: {version: "7.3.0"}\n', "")))["global"]
    assert isinstance(found, EffectiveSender)
    assert found.unsure == (f"no product version is given: assumed to behave like {KNOWN[-1]}",)


TOKEN = """
[output_adapter.email]
from_address = "node@example.com"
hostname = "node.example.com"
username = "node"
password = "$secret{node}"
[output_adapter.email.custom_properties]
'mail.smtp.authType' = "CLIENT_CREDENTIAL"
'mail.smtp.auth.mechanisms' = "XOAUTH2 LOGIN"
'mail.smtp.ssl.trust' = "*"
[secrets]
node = "QmFzZTY0"
"""


@pytest.mark.parametrize("release", KNOWN[1:])
def test_a_login_with_a_token_is_one_only_where_the_release_knows_it(release: str, write: Write) -> None:
    """In an older release the property is one that nobody reads: user name and password go, and what is trusted is what is written."""
    inputs = read_inputs([str(write("deployment.toml", TOKEN))], lambda _: (None,), parse_release(release))
    (sender,) = iter_senders(inputs)
    assert isinstance(sender, EffectiveSender)
    job = Checker(Options()).job(sender)
    (trust,) = (found for found in sender_findings(sender.properties, job.settings, sender.release) if found.code == "trust-any")
    if parse_release(release).includes("auth_types", "CLIENT_CREDENTIAL"):
        assert (job.settings.mechanisms, job.settings.username) == (("XOAUTH2",), "node@example.com")
        assert job.request is not None
        assert (trust.severity, trust.message.partition(" the")[0]) == (Severity.WARNING, "with CLIENT_CREDENTIAL")
    else:
        assert (job.settings.mechanisms, job.settings.username) == (("XOAUTH2", "LOGIN"), "node")
        assert job.request is None
        assert trust.severity is Severity.ERROR


def test_what_v1_makes_of_a_sender_without_a_port_is_not_sure(write: Write) -> None:
    text = SPEC.replace("port: 2525", "api_version: v1").replace("provider: HTTP", "port: 25").partition("    http:")[0]
    for release, unsure in (("7.3.0", (NULL_PORT,)), ("7.2.0", ())):
        found = senders(write("email.yaml", text.replace("7.3.0", release)))
        without, with_port = found["acme.example"], found["http.example"]
        assert isinstance(without, EffectiveSender)
        assert isinstance(with_port, EffectiveSender)
        assert (without.unsure, with_port.unsure) == (unsure, ())
