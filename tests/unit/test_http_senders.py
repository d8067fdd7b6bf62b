"""HTTP senders: words in any case, blanks refused, every kind of authentication from one file; and the preview that has one more.

product/api.md#letter-case; the sandbox, which follows the product's own rules, contradicts what is planned where that is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mailwright.product.auth_types import AuthType, Smtp, is_http
from mailwright.product.product import load_product
from mailwright.rendering.payloads import tenant_payload
from mailwright.sandbox.identity.refusals import Refused
from mailwright.sandbox.identity.senders import read_sender
from mailwright.spec import load_spec
from mailwright.tenants.comparable import observed
from mailwright.tenants.planning import Action, plan_sender
from products import ALL, KNOWN, NEWEST, PREVIEWS, auth_type, fetches_token, load_catalogue, parse_release

if TYPE_CHECKING:
    from commands import Run

Write = Callable[[str, str], Path]
KINDS = list(load_catalogue().types.values())
VERSIONS = ("7.3.0", *PREVIEWS)


def spec(write: Write, auth: dict[str, str], provider: str = "http", **http: str) -> Path:
    part = {"url": "https://mail.example.net/send", "body": "{}", "auth": auth, **http}
    tenant = {"provider": provider, "from_address": "a@a.example", "http": part}
    return write("email.json", json.dumps({"mailwright": 1, "tenants": {"a.example": tenant}}))


def credentials(kind: AuthType) -> dict[str, str]:
    held = load_catalogue().credentials
    return {held[name].spec: "$env{MAILWRIGHT_S}" if held[name].secret else held[name].example for name in kind.needs}


def errors(run: Run, path: Path, *options: str) -> list[dict[str, Any]]:
    result = run("validate", path, "--format", "json", *options)
    return [finding for finding in result.json["files"][0]["findings"] if finding["severity"] == "error"]


def taken(body: dict[str, Any], version: str = "7.3.0") -> bool:
    """What the stand-in for the server says."""
    try:
        read_sender(json.dumps(body).encode(), "v2", parse_release(version), name=None, ignore_unknown=False)
    except Refused:
        return False
    return True


@pytest.mark.parametrize("release", VERSIONS)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_from_the_spec_to_the_server(kind: AuthType, release: str, run: Run, write: Write) -> None:
    """What validates is taken by the server, and what the release does not know is an error: with every credential left out in turn."""
    known = kind.name in parse_release(release).auth_types
    path = spec(write, {"type": kind.name.title(), **credentials(kind)}, method="put", content_type="Form")
    found = errors(run, path, "--product-version", release)
    assert [finding["rule"] for finding in found] == ([] if known else ["MW402"])
    (tenant,) = load_spec(path).tenants
    payload = tenant_payload(tenant, parse_release(release))
    body = payload.complete(dict.fromkeys(payload.secrets, "s"))
    properties = {entry["key"]: entry["value"] for entry in body["properties"]}
    assert (body["provider"], body["authType"]) == ("HTTP", kind.name)
    assert (properties["http.client.method"], properties["contentType"]) == ("PUT", "FORM")
    assert taken(body, release) is known
    for name in kind.needs:
        without = {**body, "properties": [entry for entry in body["properties"] if entry["key"] != name]}
        assert not taken(without, release)
        part = load_catalogue().credentials[name].spec
        auth = {key: value for key, value in credentials(kind).items() if key != part}
        lacking = errors(run, spec(write, {"type": kind.name.lower(), **auth}), "--product-version", release)
        assert f"`{part}` is missing" in {error["message"] for error in lacking}


@pytest.mark.parametrize(
    ("name", "good"), [("method", "pOsT"), ("method", "put"), ("content_type", "json"), ("content_type", "Form")]
)
def test_words_in_any_case(name: str, good: str, run: Run, write: Write) -> None:
    assert errors(run, spec(write, {"type": "none"}, **{name: good}), "--product-version", "7.3.0") == []
    for bad in (" ", "", f"{good} ", f"{good}\n", good[:-1]):
        (error,) = errors(run, spec(write, {"type": "none"}, **{name: bad}), "--product-version", "7.3.0")
        assert (error["rule"], error["path"]) == ("MW002", f"tenants.a.example.http.{name}")


@pytest.mark.parametrize("name", ["url", "body"])
def test_blanks_are_no_value(name: str, run: Run, write: Write) -> None:
    (error,) = errors(run, spec(write, {"type": "NONE"}, **{name: " \t"}), "--product-version", "7.3.0")
    assert error["message"] == f"`{name}` must not be blank"


HTTP = {"provider": "HTTP", "providerURL": "https://x.example", "authType": "NONE", "fromAddress": "a@a.example"}


@pytest.mark.parametrize(
    ("key", "value", "good"),
    [
        *(("http.client.method", word, True) for word in ("POST", "post", "Put", "")),
        *(("http.client.method", word, False) for word in (" ", "\t", "GET", "POST ", "PO ST")),
        *(("contentType", word, True) for word in ("JSON", "json", "fORM", "")),
        *(("contentType", word, False) for word in (" ", "XML", "application/json")),
        *(("body", word, False) for word in ("", " ")),
    ],
)
def test_payload_and_server_agree(key: str, value: str, good: bool, run: Run, write: Write) -> None:
    entries = {"body": "x", key: value}
    body = {**HTTP, "provider": "http", "authType": "none", "properties": [{"key": k, "value": v} for k, v in entries.items()]}
    assert taken(body) is good
    path = write("payload.json", json.dumps(body))
    found = errors(run, path, "--as", "tenant-sender-v2", "--product-version", "7.3.0")
    assert (found == []) is good
    for error in found:
        assert (error["path"], f"the property `{key}` must" in error["message"]) == (f"properties.{key}", True)
        assert "POST" not in key or "POST" in error["message"]


def test_messages_for_properties_show_no_secret(run: Run, write: Write) -> None:
    entries = [{"key": "http.client.method", "value": "gett"}, {"key": "accessToken", "value": 5}, {"key": "body", "value": " "}]
    path = write("payload.json", json.dumps({**HTTP, "authType": "bearer", "properties": entries}))
    said = [error["message"] for error in errors(run, path, "--as", "tenant-sender-v2", "--product-version", "7.3.0")]
    assert 'the property `http.client.method` must be "POST" or "PUT", not "gett"' in said
    assert "the property `body` must not be blank" in said
    assert any(text.startswith("the property `accessToken` must be") and "5" not in text for text in said)


def test_letter_case_on_the_server_is_no_difference(write: Write) -> None:
    (tenant,) = load_spec(spec(write, {"type": "none"}, method="post")).tenants
    payload, names = tenant_payload(tenant, NEWEST), load_product().payload_names
    shown = json.loads(
        json.dumps(payload.body).replace('"POST"', '"post"').replace('"HTTP"', '"http"').replace('"NONE"', '"None"')
    )
    shown["properties"].append({"key": "contentType", "value": "json"})
    plan = plan_sender(payload, observed(shown, "v2", names), names=names, release=NEWEST)
    assert plan.action is Action.UNCHANGED


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_with_smtp(kind: AuthType, run: Run, write: Write) -> None:
    """MW405 for what the adapter takes for BASIC; what the API refuses is an error of the schema."""
    properties = dict.fromkeys((*kind.needs, *kind.optional), "$env{MAILWRIGHT_S}")
    properties |= {"mail.smtp.signature": "A", "mail.smtp.replyTo": "a@a.example", "tokenEndpoint": "https://l.example/token"}
    body = {"fromAddress": "a@a.example", "smtpServerHost": "smtp.office365.com", "smtpPort": 587, "authType": kind.name.lower()}
    body["properties"] = [{"key": key, "value": value} for key, value in properties.items()]
    path = write("payload.json", json.dumps(body))
    for release in VERSIONS:
        rules = {error["rule"] for error in errors(run, path, "--as", "tenant-sender-v2", "--product-version", release)}
        known = kind.name in parse_release(release).auth_types
        refused = not known or kind.smtp is Smtp.REFUSED
        assert ("MW002" in rules) is refused
        assert ("MW405" in rules) is (kind.smtp is Smtp.AS_BASIC)
        assert taken(body, release) is not refused


def test_one_place_decides() -> None:
    assert (fetches_token("client_credential"), fetches_token("PASSWORD_CREDENTIAL"), fetches_token(""), fetches_token(None)) == (
        True,
        False,
        False,
        False,
    )
    assert (is_http("http"), is_http("HTTPS"), is_http(None), auth_type("Bearer "), auth_type(1)) == (
        True,
        False,
        False,
        None,
        None,
    )


def test_a_preview_is_asked_for_by_name(run: Run, write: Write) -> None:
    assert PREVIEWS == ("7.4.0",)
    assert not {*PREVIEWS} & {*KNOWN, *(release.version for release in ALL), NEWEST.version}
    assert parse_release("7.5.0").version == parse_release("99.0.0").version == NEWEST.version == KNOWN[-1]
    assert "preview, not released" in str(parse_release("7.4.0").unsure)
    path = write("deployment.toml", "[output_adapter.email]\nfrom_address = 'a@b.example'\n")
    view = run("effective", path, "--product-version", "7.4.0", "--format", "json").json
    assert "7.4.0 is a preview, not released: what is known of it may change" in view["unsure"]
    assert "unsure: 7.4.0 is a preview" in run("validate", path, "--product-version", "7.4.0").stderr
    assert "7.4.0" not in run("validate", path, "--format", "json").stdout
