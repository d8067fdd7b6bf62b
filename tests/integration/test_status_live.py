"""``status`` that asks the servers: the same requests as ``plan``, beside files and saved results; one server that is gone hides nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from tenant_specs import basic

from mailwright.sandbox.identity import SandboxIs
from products import inlined

if TYPE_CHECKING:
    from pathlib import Path

    from sites import MakeSite, Site

    from commands import Result

pytestmark = pytest.mark.network

STATUS = Draft202012Validator(inlined("report", "/$defs/status"))
DOMAINS = tuple(f"t{number}.example" for number in range(4))


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """Four tenants: one as the spec has it, one that differs, one without a sender, one whose credentials are refused."""
    made = make_site(*DOMAINS, product_version="7.3.0")
    made.spec["tenants"] = {domain: basic(number) for number, domain in enumerate(DOMAINS[:2])}
    assert made("apply").code == 0
    made.spec["tenants"] = {domain: basic(number) for number, domain in enumerate(DOMAINS)}
    made.spec["tenants"]["t1.example"]["port"] = 2587
    made.spec["tenants"]["t3.example"]["api"] = {"client_id": "another"}
    made.server.forget_requests()
    return made


def in_sync(result: Result) -> dict[str, dict[str, str]]:
    STATUS.validate(result.json)
    return {row["name"]: row["checks"]["in sync"] for row in result.json["rows"]}


def test_what_the_server_says_now_stands_in_the_table(site: Site) -> None:
    result = site("status", "--format", "json")
    assert in_sync(result) == {
        "t0.example": {"light": "good", "words": ""},
        "t1.example": {"light": "care", "words": "update: smtpPort"},
        "t2.example": {"light": "care", "words": "create"},
        "t3.example": {"light": "bad", "words": "authentication 401"},
    }
    assert result.code == 4  # as plan has it
    assert "t3.example" in result.stderr
    assert "hint" in result.stderr
    assert site.wrote() == []


def test_it_asks_what_plan_asks(site: Site) -> None:
    def asked(command: str) -> list[tuple[str, str, str]]:
        site.server.forget_requests()
        site(command)
        return sorted((request.method, request.tenant, request.path) for request in site.server.requests)

    assert asked("status") == asked("plan") != []


def test_what_the_server_says_goes_before_what_was_saved(site: Site) -> None:
    old = [{"domain": domain, "action": "delete", "changes": []} for domain in DOMAINS]
    (site.folder / "plan.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in old), encoding="utf-8")
    site.spec["tenants"].pop("t3.example")
    result = site("status", "plan.jsonl", "--format", "json")
    assert [check["words"] for check in in_sync(result).values()] == ["", "update: smtpPort", "create"]
    assert (result.code, result.stderr) == (1, "")
    assert site("apply").code == 0
    assert site("status").code == 0


def with_environments(site: Site, **other: Any) -> None:
    site.spec["tenants"].pop("t3.example")
    site.spec["environments"] = {"prod": {"server": site.server.url, "ca_file": "ca.pem"}, "other": other}


def run_all(site: Site, *arguments: str) -> Result:
    (site.folder / "spec.json").write_text(json.dumps(site.spec), encoding="utf-8")
    return site._run("status", "spec.json", *arguments, env=site.env, cwd=site.folder)


def test_nobody_is_asked_unless_it_is_said(site: Site) -> None:
    with_environments(site, server="https://127.0.0.1:9")
    site.env["MAILWRIGHT_SERVER"] = site.server.url
    found = in_sync(run_all(site, "--env", "prod", "--format", "json"))
    assert {check["light"] for check in found.values()} == {"unknown"}
    assert site.server.requests == []
    refused = run_all(site, "--env", "prod", "--allow-unverified")
    assert (refused.code, "--live" in refused.stderr) == (2, True)


def test_a_server_that_is_gone_hides_nothing(site: Site) -> None:
    with_environments(site, server="https://127.0.0.1:9")
    result = run_all(site, "--all-env", "--live", "--all", "--format", "json")
    rows = {(row["environment"], row["name"]): row["checks"]["in sync"] for row in result.json["rows"]}
    assert rows["prod", "t1.example"]["words"] == "update: smtpPort"
    assert rows["other", "t1.example"]["light"] == "bad"
    assert result.code == 3
    assert "other" in result.stderr


def test_each_environment_is_asked_at_its_own_server(site: Site) -> None:
    with SandboxIs(DOMAINS) as other:
        (site.folder / "other.pem").write_text(other.ca_pem, encoding="ascii")
        site.env["MAILWRIGHT_OTHER"] = other.client_secret
        with_environments(
            site, server=other.url, ca_file="other.pem", api={"client_secret": "$env{MAILWRIGHT_OTHER}", "super": None}
        )
        result = run_all(site, "--all-env", "--live", "--format", "json")
        rows = {(row["environment"], row["name"]): row["checks"]["in sync"]["words"] for row in result.json["rows"]}
        assert [rows["prod", domain] for domain in DOMAINS[:3]] == ["", "update: smtpPort", "create"]
        assert [rows["other", domain] for domain in DOMAINS[:3]] == ["create"] * 3
        assert result.code == 1
        both = run_all(site, "--all-env", "--server", other.url)
        assert (both.code, "--live" in both.stderr) == (2, True)


def test_a_spec_with_errors_is_not_asked_for(site: Site) -> None:
    site.spec["tenants"]["t1.example"]["port"] = "x"
    result = site("status", "--format", "json")
    assert {check["words"] for check in in_sync(result).values()} == {"the spec has errors"}
    assert result.code == 2
    assert site.server.requests == []


def test_a_server_that_is_gone_fails_as_plan_does(site: Site, tmp_path: Path) -> None:
    site.server.forget_requests()
    text = site("status", server="https://127.0.0.1:9")
    assert text.code == site("plan", server="https://127.0.0.1:9").code == 3
    assert "not asked" in text.stdout or "unreachable" in text.stdout
