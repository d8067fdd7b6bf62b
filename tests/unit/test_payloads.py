"""Payloads and the folder that `render -o` writes: what goes where, secrets apart, stable, checked for drift."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mailwright.base.errors import SpecError
from mailwright.base.places import Source
from mailwright.cli import run
from mailwright.rendering.payloads import api_version, tenant_payload
from mailwright.spec import make_spec
from mailwright.spec.json_reader import read_json
from mailwright.validation.payloads import line_of
from products import load_schema, parse_release

BASIC = {
    "from_address": "a@acme.example",
    "hostname": "smtp.example.com",
    "port": 587,
    "username": "acme",
    "password": "$env{MAILWRIGHT_ACME}",
    "signature": "Acme",
    "reply_to": "help@acme.example",
    "enable_start_tls": True,
    "secret_version": 3,
}
OAUTH = {
    **{key: value for key, value in BASIC.items() if key not in ("username", "password")},
    "auth_type": "CLIENT_CREDENTIAL",
    "client_id": "i",
    "client_secret": "$env{MAILWRIGHT_ACME}",
    "token_endpoint": "https://login.example.com/token",
    "scopes": "a b",
    "allow_logged_secrets": True,
}
HTTP: dict[str, Any] = {
    "provider": "HTTP",
    "from_address": "a@acme.example",
    "http": {"url": "https://x.example/send", "body": "{{body}} & <b>"},
}
AUTHS: list[dict[str, Any]] = [
    {"type": "NONE"},
    {"type": "BASIC", "username": "u", "password": "$env{MAILWRIGHT_ACME}"},
    {"type": "BEARER", "access_token": "$env{MAILWRIGHT_ACME}"},
    {"type": "API_KEY", "api_key_header": "X-Key", "api_key_value": "$env{MAILWRIGHT_ACME}"},
    {
        "type": "CLIENT_CREDENTIAL",
        "client_id": "i",
        "client_secret": "$env{MAILWRIGHT_ACME}",
        "token_endpoint": "https://x.example/t",
        "scopes": "s",
    },
]


def payload(sender: dict[str, Any], version: str) -> Any:
    document = read_json(Source("spec", json.dumps({"mailwright": 1, "tenants": {"acme.example": sender}})))
    tenant = next(iter(make_spec("spec", document).tenants))
    return tenant_payload(tenant, parse_release(version), owner="platform-team")


@pytest.mark.parametrize(
    ("sender", "release", "version"),
    [
        (BASIC, "6.0.0", "v1"),
        (BASIC, "7.1.0", "v1"),
        (BASIC, "7.2.0", "v1"),
        (OAUTH, "7.2.0", "v2"),
        (BASIC, "7.3.0", "v2"),
        ({**BASIC, "api_version": "v1"}, "7.3.0", "v1"),
        ({**BASIC, "api_version": "v2"}, "7.2.0", "v2"),
        (HTTP, "7.3.0", "v2"),
    ],
)
def test_the_api_version(sender: dict[str, Any], release: str, version: str) -> None:
    assert api_version(sender, parse_release(release)) == version


RELEASES = ["6.0.0", "6.1.0", "7.0.0", "7.1.0", "7.2.0", "7.3.0"]
ACCEPTED = [
    *(pytest.param(BASIC, release, id=f"basic {release}") for release in RELEASES),
    *(pytest.param(OAUTH, release, id=f"oauth {release}") for release in RELEASES if parse_release(release).has("7.2.0")),
    *(pytest.param({**HTTP, "http": {**HTTP["http"], "auth": auth}}, "7.3.0", id=f"http {auth['type']}") for auth in AUTHS),
]


@pytest.mark.parametrize(("sender", "release"), ACCEPTED)
def test_the_server_accepts_what_is_made(sender: dict[str, Any], release: str) -> None:
    made = payload(sender, release)
    line = line_of(made.version, parse_release(release))
    schema = load_schema(f"tenant-sender.{made.version}") | {"$ref": f"#/$defs/{line}"}
    assert list(Draft202012Validator(schema).iter_errors(made.complete(dict.fromkeys(made.secrets, "s3cret")))) == []
    assert "MAILWRIGHT_ACME" not in json.dumps(made.body)


def test_what_goes_where_in_v1() -> None:
    made = payload(BASIC, "7.2.0")
    assert made.body == {
        "name": "EmailPublisher",
        "fromAddress": "a@acme.example",
        "userName": "acme",
        "smtpServerHost": "smtp.example.com",
        "smtpPort": 587,
        "properties": [
            {"key": "mail.smtp.starttls.enable", "value": "true"},
            {"key": "mail.smtp.signature", "value": "Acme"},
            {"key": "mail.smtp.replyTo", "value": "help@acme.example"},
            {"key": "mailwright.owner", "value": "platform-team"},
            {"key": "mailwright.secretVersion", "value": "3"},
        ],
    }
    assert {place.name: text for place, text in made.secrets.items()} == {"password": "$env{MAILWRIGHT_ACME}"}


def test_values_are_not_escaped_and_http_goes_into_properties() -> None:
    made = payload(HTTP, "7.3.0")
    assert {"key": "body", "value": "{{body}} & <b>"} in made.body["properties"]
    assert (made.body["authType"], made.body["providerURL"]) == ("NONE", "https://x.example/send")


OWNED = {"mailwright.owner": "platform-team"}


@pytest.mark.parametrize(
    ("sender", "fields", "entries", "secrets"),
    [
        (
            {**BASIC, "provider": "smtp", "port": "587"},
            {"provider": "SMTP", "smtpServerHost": "smtp.example.com", "smtpPort": 587, "authType": "BASIC"},
            {
                "userName": "acme",
                "mail.smtp.starttls.enable": "true",
                "mail.smtp.signature": "Acme",
                "mail.smtp.replyTo": "help@acme.example",
                **OWNED,
                "mailwright.secretVersion": "3",
            },
            ["password"],
        ),
        (
            {**BASIC, "port": " 587", "signature": " ", "reply_to": "", "enable_start_tls": False, "secret_version": " "},
            {"provider": "SMTP", "smtpServerHost": "smtp.example.com", "smtpPort": " 587", "authType": "BASIC"},
            {"userName": "acme", "mail.smtp.starttls.enable": "false", **OWNED},
            ["password"],
        ),
        (
            {**HTTP, "http": {**HTTP["http"], "method": "put", "auth": AUTHS[4]}},
            {"provider": "HTTP", "providerURL": "https://x.example/send", "authType": "CLIENT_CREDENTIAL"},
            {
                "body": "{{body}} & <b>",
                "http.client.method": "PUT",
                "clientId": "i",
                "tokenEndpoint": "https://x.example/t",
                "scopes": "s",
                **OWNED,
            },
            ["clientSecret"],
        ),
        (
            {**HTTP, "provider": "http", "http": {**HTTP["http"], "auth": "none"}},
            {"provider": "HTTP", "providerURL": "https://x.example/send"},
            {"body": "{{body}} & <b>", **OWNED},
            [],
        ),
    ],
)
def test_what_goes_where_in_v2(
    sender: dict[str, Any], fields: dict[str, Any], entries: dict[str, str], secrets: list[str]
) -> None:
    made = payload(sender, "7.3.0")
    assert made.version == "v2"
    assert {entry["key"]: entry["value"] for entry in made.body.pop("properties")} == entries
    assert made.body == {"name": "EmailPublisher", "fromAddress": "a@acme.example", **fields}
    assert [(place.name, place.is_property) for place in made.secrets] == [(name, True) for name in secrets]
    assert set(made.secrets.values()) <= {"$env{MAILWRIGHT_ACME}"}


def test_a_release_without_an_api() -> None:
    with pytest.raises(SpecError) as caught:
        payload(BASIC, "5.11.0")
    assert caught.value.message == "5.11.0 has no API for tenants' senders"
    assert caught.value.place is not None
    assert (caught.value.place.file, caught.value.place.line, caught.value.place.column) == ("spec", 1, 31)


SPEC = """
mailwright: 1
product: {version: "7.3.0"}
global: {from_address: a@example.com, hostname: h, username: u, password: "$secret{x}"}
defaults: {hostname: smtp.example.com, port: 587, from_address: a@example.com, signature: S, reply_to: r@example.com}
tenants:
  b.example: {username: b, password: "$env{MAILWRIGHT_B}"}
  a.example/o/0b2c: {username: a, password: "$file{a.token}"}
"""


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "email.yaml"
    path.write_text(SPEC, encoding="utf-8")
    return path


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_folder_is_stable_and_checked(spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert run(["render", str(spec), "-o", str(out)]) == 0
    first = snapshot(out)
    assert sorted(first) == [
        "deployment.fragment.toml",
        "tenants/a.example@o@0b2c.v2.json",
        "tenants/a.example@o@0b2c.v2.secrets.json",
        "tenants/b.example.v2.json",
        "tenants/b.example.v2.secrets.json",
    ]
    assert json.loads(first["tenants/b.example.v2.secrets.json"]) == {"password": "$env{MAILWRIGHT_B}"}
    assert run(["render", str(spec), "-o", str(out)]) == 0
    assert snapshot(out) == first
    assert run(["render", str(spec), "-o", str(out), "--check"]) == 0
    spec.write_text(SPEC.replace("port: 587", "port: 2587").replace("  a.example", "  c.example"), encoding="utf-8")
    capsys.readouterr()
    assert run(["render", str(spec), "-o", str(out), "--check"]) == 1
    printed = capsys.readouterr().out
    assert "-smtpPort: 587" in printed
    assert "+smtpPort: 2587" in printed
    assert "tenants/c.example@o@0b2c.v2.json: is missing" in printed
    assert "tenants/a.example@o@0b2c.v2.json: differs" in printed
    assert snapshot(out) == first


def test_secrets_only_where_they_are_asked_for(
    spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    monkeypatch.setenv("MAILWRIGHT_B", "canary-b")
    assert run(["render", str(spec), "-o", str(out), "--with-secrets"]) == 8
    assert not out.exists()
    (tmp_path / "a.token").write_text("canary-a\n", encoding="utf-8")
    assert run(["render", str(spec), "-o", str(out), "--with-secrets"]) == 0
    for name in ("a.example@o@0b2c", "b.example"):
        file = out / "tenants" / f"{name}.v2.json"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert {"key": "password", "value": f"canary-{name[0]}"} in json.loads(file.read_bytes())["properties"]
    captured = capsys.readouterr()
    assert "canary" not in captured.out + captured.err
