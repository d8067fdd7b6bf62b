"""No secret leaves: a server that echoes every request in its errors, the most verbose output, internal errors, saved plans and results."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from tenant_specs import basic

from mailwright.sandbox.identity import parse_faults
from mailwright.tenants.client import TenantApi

if TYPE_CHECKING:
    from sites import MakeSite, Site

pytestmark = pytest.mark.network

CANARIES = {"MAILWRIGHT_PASSWORD": 'canary-A1 "x" \\y/ é&<z>', "MAILWRIGHT_OWNER": "canary-B2-owner-word"}
PLANTED = "canary-C3-planted-on-the-server"
"""What somebody else stored: never sent by this run, but shown by v1 and by properties of unknown meaning."""


def forms(secret: str) -> set[str]:
    raw = secret.encode()
    return {secret, json.dumps(secret)[1:-1], quote(secret, safe=""), base64.b64encode(raw).decode(), raw.hex()}


def assert_none_in(text: str, site: Site) -> None:
    for secret in (*site.env.values(), PLANTED, "canary-A1", "canary-B2", "canary-C3"):
        for form in forms(secret):
            assert form not in text
    for name in ("admin", "mailwright"):
        for secret in (site.server.admin_password, site.server.client_secret):
            assert base64.b64encode(f"{name}:{secret}".encode()).decode() not in text
    assert "Bearer ey" not in text


def everything_written(folder: Path, *, but: set[str]) -> str:
    return "".join(path.read_text() for path in folder.iterdir() if path.is_file() and path.name not in but)


def planted(version: str) -> dict[str, Any]:
    properties = {
        "mail.smtp.signature": "Old",
        "mail.smtp.replyTo": "old@t0.example",
        "their.own": PLANTED,
        "http.headers": f"Authorization: Bearer {PLANTED}",
    }
    body: dict[str, Any] = {"name": "EmailPublisher", "smtpServerHost": "h", "smtpPort": 25, "fromAddress": "a@b"}
    if version == "v1":
        body |= {"userName": "old", "password": PLANTED}
    else:
        body["authType"] = "BASIC"
        properties |= {"userName": "old", "password": PLANTED}
    return {**body, "properties": [{"key": key, "value": value} for key, value in properties.items()]}


@pytest.mark.parametrize(("release", "version"), [("6.0.0", "v1"), ("7.2.0", "v1"), ("7.3.0", "v2")])
@pytest.mark.parametrize(
    "faults",
    ["500=0.5,echo", "429=0.4,retry-after=0,echo,seed=1", "502=0.3,504=0.3,reset=0.1,echo,seed=2", "failing=t0.example,echo"],
)
@pytest.mark.usefixtures("quick")
def test_a_server_that_echoes(make_site: MakeSite, release: str, version: str, faults: str) -> None:
    site = make_site(*(f"t{number}.example" for number in range(4)), product_version=release)
    site.env |= CANARIES
    create = {
        "owner": {
            "username": "o",
            "email": "o@x.example",
            "provisioning": "inline-password",
            "password": "$env{MAILWRIGHT_OWNER}",
        }
    }
    site.spec["tenants"] = {f"t{number}.example": basic(number) for number in range(4)} | {"new.example": basic(9, create=create)}
    site.server.put("t0.example", planted(version), version=version)
    site.server.set_faults(parse_faults(faults))
    outputs = [
        site(command, "-vvv", *arguments).output
        for command, arguments in (
            ("plan", ()),
            ("plan", ("--format", "json", "--out", "saved")),
            ("apply", ("--result", "result.jsonl")),
            ("apply", ("--format", "json", "--result", "again.jsonl")),
        )
    ]
    site.server.set_faults(parse_faults("echo"))
    outputs.append(site("plan", "-vvv", "--out", "saved").output)
    assert "HTTP" in "".join(outputs), "something did go wrong"
    assert_none_in("".join(outputs), site)
    assert_none_in(everything_written(site.folder, but={"spec.json", "ca.pem"}), site)


def test_what_is_on_the_server_is_shown_only_where_its_meaning_is_known(make_site: MakeSite) -> None:
    site = make_site("t0.example", product_version="7.3.0")
    site.spec["tenants"] = {"t0.example": basic(0)}
    site.server.put("t0.example", planted("v2"), version="v2")
    changes = {change["field"]: (change["before"], change["after"]) for change in site.plan()["t0.example"]["changes"]}
    assert changes["their.own"] == ("‹…>", None)
    assert changes["http.headers"] == ("‹…>", None)
    assert changes["userName"] == ("old", "user0")
    assert "password" not in changes


def test_credentials_in_a_url_on_the_server_are_not_shown(make_site: MakeSite) -> None:
    site = make_site("t0.example", product_version="7.3.0")
    url = f"https://planter:{PLANTED}@mail.example.net/send?team={PLANTED}"
    body = {
        "name": "EmailPublisher",
        "provider": "HTTP",
        "providerURL": url,
        "fromAddress": "a@t0.example",
        "authType": "NONE",
        "properties": [{"key": "body", "value": "{}"}],
    }
    site.server.put("t0.example", body, version="v2")
    site.spec["tenants"] = {"t0.example": basic(0)}
    plan = site("plan", "--format", "json")
    assert "mail.example.net" in plan.output
    assert_none_in(plan.output + site("plan", "-vvv").output, site)


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_an_internal_error_shows_no_value(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    site = make_site("t0.example")
    site.env |= CANARIES
    site.spec["tenants"] = {"t0.example": basic(0)}

    def broken(self: TenantApi, *arguments: Any, **_: Any) -> None:
        raise RuntimeError(f"a bug that quotes {CANARIES} and {arguments}")

    monkeypatch.setattr(TenantApi, "read", broken)
    result = site(command, "-vvv")
    assert result.code == 70
    assert "internal error: RuntimeError" in result.stderr
    assert_none_in(result.output, site)
