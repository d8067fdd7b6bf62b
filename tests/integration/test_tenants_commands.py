"""`plan` and `apply` against the stand-in: what they print, what they write, what they refuse before any request."""

from __future__ import annotations

import json
import stat
import time
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from tenant_specs import HTTP, OAUTH, SECRET, basic

from mailwright.sandbox.identity import Behaviour, SandboxIs, SandboxTenant, TenantSettings, parse_faults
from products import inlined

if TYPE_CHECKING:
    from sites import MakeSite, Site

pytestmark = pytest.mark.network

PLAN, RESULT = (Draft202012Validator(inlined("report", f"/$defs/{name}")) for name in ("plan", "apply"))


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """Four tenants; three of them in the spec, one of these without a sender, one with an older one."""
    made = make_site(*(f"t{number}.example" for number in range(4)), product_version="7.3.0")
    made.spec["tenants"] = {f"t{number}.example": basic(number, secret_version=2) for number in range(3)}
    assert made("apply").code == 0
    made.spec["tenants"]["t3.example"] = basic(3)
    made.spec["tenants"]["t1.example"] |= {"hostname": "relay2.example.com"}
    made.spec["tenants"]["t2.example"] |= {"secret_version": 3}
    made.server.forget_requests()
    return made


def test_the_text_of_a_plan(site: Site) -> None:
    result = site("plan")
    assert result.stdout == (
        "  ~ t1.example  update     smtpServerHost smtp.example.com -> relay2.example.com   ! its password will be sent to a new host\n"
        "  ~ t2.example  update     secret_version 2 -> 3   the password will be sent\n"
        "  + t3.example  create     EmailPublisher, smtp.example.com:587 as user3   the password will be sent\n"
        "  = 1 tenant    unchanged\n"
        "1 to create, 2 to update, 0 to delete, 1 unchanged\n"
    )
    assert (result.code, site("plan", "--check").code, site.wrote()) == (0, 1, [])


def test_apply_does_what_plan_says_and_then_there_is_nothing_left(site: Site) -> None:
    result = site("apply", "--result", "result.jsonl")
    assert result.stdout.splitlines()[-1] == "1 created, 2 updated, 0 deleted, 1 unchanged, 0 failed"
    assert sorted(site.wrote()) == [("POST", "t3.example"), ("PUT", "t1.example"), ("PUT", "t2.example")]
    lines = [json.loads(line) for line in (site.folder / "result.jsonl").read_text().splitlines()]
    for line in lines:
        RESULT.validate(line)
    assert {line["domain"]: (line["action"], line["outcome"], line["status"]) for line in lines} == {
        "t0.example": ("unchanged", "unchanged", None),
        "t1.example": ("update", "done", 200),
        "t2.example": ("update", "done", 200),
        "t3.example": ("create", "done", 201),
    }
    assert stat.S_IMODE((site.folder / "result.jsonl").stat().st_mode) == 0o600
    assert all(site.stored(f"t{number}.example")["properties"]["password"] == SECRET for number in range(4))
    site.server.forget_requests()
    again = site("apply")
    assert (again.code, again.stdout) == (
        0,
        "  = 4 tenants   unchanged\n0 created, 0 updated, 0 deleted, 4 unchanged, 0 failed\n",
    )
    assert (site.wrote(), site("plan", "--check").code) == ([], 0)


def test_json_of_both_commands_is_as_its_schema_says(site: Site) -> None:
    site.spec["tenants"]["nobody.example"] = basic(9)
    for document in site.plan().values():
        PLAN.validate(document)
    found = site.plan()
    assert [found[domain]["action"] for domain in found] == ["unchanged", "update", "update", "create", "error"]
    assert found["t1.example"]["changes"] == [
        {"field": "smtpServerHost", "before": "smtp.example.com", "after": "relay2.example.com"}
    ]
    assert found["nobody.example"]["error"] == {
        "code": "refused",
        "message": "the tenant does not exist",
        "hint": "`create` in the spec makes mailwright create it (product/tenant-management.md#create)",
        "status": 404,
    }
    applied = site("apply", "--format", "json")
    assert applied.code == 7
    for line in applied.stdout.splitlines():
        RESULT.validate(json.loads(line))


def test_update_secrets_always(site: Site) -> None:
    assert site("apply").code == 0
    found = site.plan("--update-secrets", "always")
    assert {item["action"] for item in found.values()} == {"update"}
    assert found["t0.example"]["notes"] == ["the password will be sent"]
    site.server.forget_requests()
    assert site("apply", "--update-secrets", "always", env={"MAILWRIGHT_PASSWORD": "another-one"}).code == 0
    assert len(site.wrote()) == 4
    assert site.stored("t0.example")["properties"]["password"] == "another-one"


KINDS = {"basic": basic(), "oauth": OAUTH, "http": HTTP}


@pytest.mark.parametrize(("before", "after"), [(one, other) for one in KINDS for other in KINDS if one != other])
def test_another_kind_of_sender_is_one_put(make_site: MakeSite, before: str, after: str) -> None:
    site = make_site("t0.example")
    site.spec["tenants"] = {"t0.example": KINDS[before]}
    assert site("apply").code == 0
    site.spec["tenants"] = {"t0.example": KINDS[after]}
    site.server.forget_requests()
    plan = site.plan()["t0.example"]
    assert plan["action"] == "update"
    assert any("authentication type changes, by one PUT" in note for note in plan["notes"])
    moves = any("will be sent to a new host" in note for note in plan["notes"])
    assert moves is ((before, after) != ("oauth", "basic")), "the relay is the same, and no token endpoint is asked"
    assert "key=abc" not in json.dumps(plan)
    assert site("apply").code == 0
    assert site.wrote() == [("PUT", "t0.example")]
    assert site("plan", "--check").code == 0


# -- a saved plan


@pytest.mark.parametrize("option", ["-o", "--output", "--out"])
def test_a_saved_plan_is_applied(site: Site, option: str) -> None:
    assert site("plan", option, "saved").code == 0
    saved = (site.folder / "saved").read_text()
    assert stat.S_IMODE((site.folder / "saved").stat().st_mode) == 0o600
    assert SECRET not in saved
    assert "relay2" not in saved
    assert site("apply", "--plan", "saved").code == 0
    assert site("plan", "--check").code == 0


def test_a_saved_plan_is_refused_when_the_spec_moved_on(site: Site) -> None:
    site("plan", "-o", "saved")
    site.spec["tenants"]["t0.example"]["signature"] = "Another"
    site.server.forget_requests()
    result = site("apply", "--plan", "saved")
    assert (result.code, site.server.requests) == (8, [])
    assert "the spec changed since the plan was made" in result.stderr


def test_a_saved_plan_is_refused_when_the_server_moved_on(site: Site) -> None:
    site("plan", "-o", "saved")
    properties = {"mail.smtp.signature": "By hand", "mail.smtp.replyTo": "a@b.example", "userName": "u", "password": "p-p-p-p"}
    body = {
        "name": "EmailPublisher",
        "smtpServerHost": "by-hand.example.com",
        "smtpPort": 25,
        "fromAddress": "a@b.example",
        "authType": "BASIC",
        "properties": [{"key": key, "value": value} for key, value in properties.items()],
    }
    site.server.put("t0.example", body, version="v2")
    site.server.forget_requests()
    result = site("apply", "--plan", "saved")
    assert (result.code, site.wrote()) == (8, [])
    assert "t0.example changed" in result.stderr


def test_a_saved_plan_that_was_applied_in_part_is_finished(site: Site) -> None:
    site("plan", "-o", "saved")
    site.server.set_faults(parse_faults("failing=t2.example"))
    first = site("apply", "--plan", "saved")
    assert (first.code, site.wrote()) == (8, []), "a tenant that cannot be read blocks everything"
    site.server.set_faults(None)
    tenants = dict(site.spec["tenants"])
    site.spec["tenants"] = {"t1.example": tenants["t1.example"]}
    assert site("apply").code == 0
    site.spec["tenants"] = tenants
    site.server.forget_requests()
    assert site("apply", "--plan", "saved").code == 0
    assert sorted(site.wrote()) == [("POST", "t3.example"), ("PUT", "t2.example")]


def test_what_is_no_plan(site: Site) -> None:
    site("plan", "-o", "saved")
    lines = (site.folder / "saved").read_text().splitlines(keepends=True)
    for content in (
        "",
        "{}\n",
        "".join(lines[:-1]),
        "".join(lines[:2] + lines[3:]),
        "".join(lines).replace("update", "upset"),
        "\0",
    ):
        (site.folder / "saved").write_text(content)
        assert site("apply", "--plan", "saved").code == 2
    assert site("apply", "--plan", "missing").code == 2
    assert site("apply", "--plan", "saved", "--prune").code == 2
    assert site.wrote() == []


def test_no_plan_is_saved_when_a_tenant_cannot_be_read(site: Site) -> None:
    site.server.set_faults(parse_faults("failing=t0.example"))
    assert site("plan", "-o", "saved").code == 6
    assert not (site.folder / "saved").exists()
    assert [path.name for path in site.folder.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("target", [".", "missing/saved"])
def test_where_no_plan_can_be_saved_is_said_before_any_request(site: Site, target: str) -> None:
    site.server.forget_requests()
    result = site("plan", "-o", target)
    assert (result.code, site.server.requests) == (2, [])
    assert "cannot be written: " in result.stderr


@pytest.mark.parametrize(("command", "before"), [("plan", "--out"), ("apply", "--result")])
def test_no_help_names_an_option_as_it_was_called_before(site: Site, command: str, before: str) -> None:
    help_ = site(command, "--help").stdout
    assert "-o, --output FILE" in help_
    assert f"{before} " not in help_


# -- refused before any request


@pytest.mark.parametrize(
    "value", ["********", "•••••", "xxxx", "<secret>", "<password>", "{{SMTP_PASSWORD}}", "${PASSWORD}", " ", "CHANGE_ME", "‹…>"]
)
@pytest.mark.parametrize("where", ["literal", "environment", "api"])
def test_masks_and_placeholders_are_refused_before_any_request(site: Site, value: str, where: str) -> None:
    if where == "literal":
        site.spec["tenants"]["t2.example"]["password"] = value
    env = {"literal": {}, "environment": {"MAILWRIGHT_PASSWORD": value}, "api": {"MAILWRIGHT_CLIENT_SECRET": value}}[where]
    result = site("apply", env=env)
    assert (result.code, site.server.requests) == (8, []), result.output


@pytest.mark.parametrize("name", ["MAILWRIGHT_PASSWORD", "MAILWRIGHT_CLIENT_SECRET", "MAILWRIGHT_ADMIN"])
def test_unresolved_secrets_are_refused_before_any_request(site: Site, name: str) -> None:
    del site.env[name]
    result = site("apply")
    assert (result.code, site.server.requests) == (8, [])
    assert f"$env{{{name}}}" in result.stderr


def test_plan_does_not_look_at_the_senders_own_secrets(site: Site) -> None:
    del site.env["MAILWRIGHT_PASSWORD"]
    assert site("plan").code == 0


def test_a_spec_with_one_bad_tenant_is_refused_before_any_request(site: Site) -> None:
    site.spec["tenants"]["t3.example"]["port"] = 70000
    assert (site("apply").code, site.server.requests) == (2, [])
    del site.spec["tenants"]["t3.example"]["port"]  # the spec's schema lets it pass, the release does not
    result = site("apply")
    assert (result.code, site.server.requests) == (2, [])
    assert "`port` is missing: the server does not accept such a sender without it" in result.stderr


def test_the_policy_is_held_before_any_request(site: Site) -> None:
    policy = site.folder / "policy.yaml"
    policy.write_text("mailwright_policy: 1\nrelay_hosts: [smtp.example.com]\n")
    result = site("apply", "--policy", "policy.yaml")
    assert (result.code, site.server.requests) == (8, [])
    assert "the policy forbids the sender of t1.example: the relay" in result.stderr
    policy.write_text("mailwright_policy: 1\nrelay_hosts: [smtp.example.com, '*.example.com']\nsender_domains: ['{domain}']\n")
    assert site("apply", "--policy", "policy.yaml").code == 0
    policy.write_text("mailwright_policy: 1\nrelays: []\n")
    assert site("plan", "--policy", "policy.yaml").code == 2


# -- prune


def owned(make_site: MakeSite, count: int, **options: Any) -> Site:
    site = make_site(*(f"t{number}.example" for number in range(count)), **options)
    site.spec |= {"owner": "platform", "tenants": {f"t{number}.example": basic(number) for number in range(count)}}
    assert site("apply").code == 0
    site.server.forget_requests()
    return site


def test_prune_deletes_only_what_carries_the_owners_mark(make_site: MakeSite) -> None:
    site = owned(make_site, 4)
    site.spec |= {"owner": "others", "tenants": {"t3.example": basic(3)}}
    assert site("apply").code == 0
    site.spec |= {"owner": "platform", "tenants": {"t0.example": basic(0)}}
    site.server.forget_requests()
    assert site.plan().keys() == {"t0.example"}
    found = site.plan("--prune")
    assert {domain: item["action"] for domain, item in found.items()} == {
        "t0.example": "unchanged",
        "t1.example": "delete",
        "t2.example": "delete",
    }
    assert site("apply", "--prune").code == 0
    assert sorted(site.wrote()) == [("DELETE", "t1.example"), ("DELETE", "t2.example")]
    assert set(site.server.stored()) == {"t0.example", "t3.example"}
    assert site("plan", "--prune", "--check").code == 0


def test_many_deletions_need_a_yes(make_site: MakeSite) -> None:
    site = owned(make_site, 7)
    site.spec["tenants"] = {"t0.example": basic(0, signature="New")}
    result = site("apply", "--prune")
    assert (result.code, site.wrote()) == (8, [])
    assert "6 senders would be deleted; nothing was written" in result.stderr
    assert site("plan", "--prune", "-o", "saved").code == 0
    assert (site("apply", "--plan", "saved").code, site.wrote()) == (8, [])
    assert site("apply", "--plan", "saved", "--yes").code == 0
    assert set(site.server.stored()) == {"t0.example"}


def test_prune_leaves_tenants_alone_that_are_somebody_elses(make_site: MakeSite) -> None:
    site = owned(make_site, 2)
    site.server.add_tenant(SandboxTenant("foreign.example", client_secret="another-secret-of-theirs"))
    site.spec["tenants"] = {"t0.example": basic(0)}
    result = site("apply", "--prune")
    assert (result.code, set(site.server.stored())) == (0, {"t0.example"})
    assert "1 tenants that are not in the spec refuse its credentials" in result.stderr


def test_prune_needs_an_owner_and_the_super_tenant(make_site: MakeSite) -> None:
    site = make_site("t0.example")
    site.spec["tenants"] = {"t0.example": basic()}
    assert (site("apply", "--prune").code, site.wrote()) == (2, [])
    site.spec["owner"] = "platform"
    del site.spec["api"]["super"]
    assert (site("apply", "--prune").code, site.wrote()) == (2, [])


# -- tenants that do not exist

CREATE = {
    "name": "New",
    "owner": {
        "username": "root",
        "email": "root@new.example",
        "provisioning": "inline-password",
        "password": "$env{MAILWRIGHT_PASSWORD}",
    },
}


@pytest.mark.parametrize("partial", [False, True])
def test_a_tenant_is_created_where_the_spec_says_so(make_site: MakeSite, *, partial: bool) -> None:
    site = make_site(
        "t0.example",
        new_tenants_have_client=True,
        settings=Behaviour(tenants=TenantSettings(partial=partial)),
        product_version="7.3.0",
    )
    site.spec["tenants"] = {
        "new.example": basic(1, create=CREATE),
        "gone.example": basic(2),
        "t0.example": basic(0, create=CREATE),
    }
    plan = site.plan()
    assert [plan[domain]["action"] for domain in plan] == ["create", "error", "create"]
    assert plan["new.example"]["notes"] == ["the tenant will be created", "the password will be sent"]
    assert plan["t0.example"]["notes"] == ["the password will be sent"]
    result = site("apply", "--format", "json")
    lines = {line["domain"]: line for line in map(json.loads, result.stdout.splitlines())}
    assert (result.code, lines["gone.example"]["error"]) == (7, "the tenant does not exist")
    assert (lines["new.example"]["outcome"], "206" in lines["new.example"].get("note", "")) == ("done", partial)
    assert set(site.server.domains) == {"t0.example", "new.example"}
    assert set(site.server.stored()) == {"t0.example", "new.example"}


def test_a_new_tenant_that_cannot_log_in_yet_says_how_to_go_on(make_site: MakeSite) -> None:
    site = make_site()
    site.spec["tenants"] = {"new.example": basic(1, create=CREATE)}
    result = site("apply")
    assert (result.code, site.server.domains) == (4, ["new.example"])
    assert "the tenant was created, but its sender was not" in result.stdout
    assert "register one" in result.stdout
    site.spec["tenants"]["new.example"]["api"] = {"user": "root@{domain}", "password": "$env{MAILWRIGHT_PASSWORD}"}
    assert site("apply").code == 0
    assert site.wrote().count(("POST", "carbon.super")) == 1


def test_creating_needs_the_super_tenant(make_site: MakeSite) -> None:
    site = make_site()
    site.spec["tenants"] = {"new.example": basic(1, create=CREATE)}
    del site.spec["api"]["super"]
    result = site("apply")
    assert (result.code, site.wrote()) == (4, [])
    assert "`api.super` is needed" in result.stdout


# -- who may call


def test_a_sub_organization(make_site: MakeSite) -> None:
    site = make_site(SandboxTenant("t0.example", organizations=("0b2c",)))
    site.spec["tenants"] = {"t0.example": basic(0), "t0.example/o/0b2c": basic(1)}
    assert site("apply").code == 0
    assert set(site.server.stored()) == {"t0.example", "t0.example/o/0b2c"}
    assert site.stored("t0.example/o/0b2c")["fromAddress"] == "no-reply@t1.example"
    assert site("plan", "--check").code == 0


@pytest.mark.parametrize("release", ["6.0.0", "7.0.0", "7.3.0"])
def test_no_more_scopes_are_asked_for_than_it_takes(make_site: MakeSite, release: str) -> None:
    prefix = "internal_notification_senders_" if release != "6.0.0" else "internal_config_mgt_"
    view = frozenset({f"{prefix}view"})
    create = frozenset({f"{prefix}{'create' if release != '6.0.0' else 'add'}"})
    site = make_site(
        SandboxTenant("t0.example", scopes=view), SandboxTenant("t1.example", scopes=view | create), product_version=release
    )
    site.spec["tenants"] = {"t0.example": basic(0), "t1.example": basic(1)}
    assert site("plan").code == 0
    result = site("apply")
    assert (result.code, set(site.server.stored())) == (7, {"t1.example"})
    assert "HTTP 403" in result.stdout
    assert "the application lacks a scope" in result.stdout


def test_credentials_of_each_tenant(make_site: MakeSite) -> None:
    site = make_site(SandboxTenant("t0.example", client_id="own", client_secret="own-secret-of-t0"), "t1.example")
    site.env["MAILWRIGHT_OWN"] = "own-secret-of-t0"
    site.spec["tenants"] = {
        "t0.example": basic(0, api={"client_id": "own", "client_secret": "$env{MAILWRIGHT_OWN}"}),
        "t1.example": basic(1, api={"user": "admin@{domain}", "password": "$env{MAILWRIGHT_ADMIN}"}),
    }
    assert site("apply").code == 0
    del site.spec["tenants"]["t0.example"]["api"]
    result = site("plan")
    assert result.code == 4
    assert "invalid_client" in result.stdout
    assert "credentials are per tenant" in result.stdout


# -- failures and their codes


def test_a_tenants_failure_stops_that_tenant_only(site: Site) -> None:
    site.server.set_faults(parse_faults("failing=t1.example"))
    result = site("apply", "--result", "result.jsonl")
    assert (result.code, result.stdout.splitlines()[-1]) == (7, "1 created, 1 updated, 0 deleted, 1 unchanged, 1 failed")
    site.server.set_faults(None)
    assert site("apply").code == 0
    assert site("plan", "--check").code == 0


def test_every_kind_of_failure_has_its_code(site: Site) -> None:
    (site.folder / "other.pem").write_text(SandboxIs().ca_pem)
    assert site("plan", "--ca-file", "other.pem").code == 5
    other = site("apply", "--ca-file", "other.pem")
    assert (other.code, "unable to get local issuer certificate" in other.stderr) == (5, True)
    assert site("plan", server=site.server.url.replace("localhost", "[::1]")).code in (3, 5)
    site.server.set_faults(parse_faults("failing=t0.example"))
    site.spec["tenants"] = {"t0.example": basic(0)}
    assert (site("plan").code, site("apply").code) == (6, 6)
    wrong = {"client_id": "wrong", "client_secret": "$env{MAILWRIGHT_CLIENT_SECRET}"}
    site.spec["tenants"]["t1.example"] = basic(1, api=wrong)
    assert (site("plan").code, site("apply").code) == (9, 9)
    del site.spec["tenants"]["t0.example"]
    assert (site("plan").code, site("apply").code) == (4, 4)


def test_an_unverified_server_only_with_a_loud_flag(site: Site) -> None:
    (site.folder / "other.pem").write_text(SandboxIs().ca_pem)
    result = site("plan", "--ca-file", "other.pem", "--allow-unverified")
    assert result.code == 0
    assert result.stderr.startswith("WARNING: --allow-unverified: the server's certificate is NOT checked")


@pytest.mark.parametrize(
    "url",
    ["http://localhost:1", "localhost:9443", "https://", "https://user:pw@localhost", "https://localhost?x=1", "https://h:99999"],
)
def test_what_is_no_server(site: Site, url: str) -> None:
    assert site("plan", server=url).code == 2


def test_the_super_tenant_and_releases_without_the_api_are_refused(site: Site) -> None:
    site.spec["tenants"] = {"carbon.super": basic()}
    assert (site("apply").code, site.server.requests) == (2, [])
    site.spec |= {"tenants": {"t0.example": basic()}, "product": {"version": "5.11.0"}}
    assert (site("apply").code, site.server.requests) == (2, [])
    del site.spec["product"]
    result = site("apply")
    assert (result.code, "the product version is needed" in result.stderr) == (2, True)


def test_another_release_than_the_servers_is_told(make_site: MakeSite) -> None:
    site = make_site("t0.example", product_version="7.0.0")
    site.spec |= {"product": {"version": "7.3.0"}, "tenants": {"t0.example": basic()}}
    result = site("plan")
    assert (result.code, "are the URL and the product version right?" in result.stdout) == (6, True)


def test_a_rate_is_kept(site: Site) -> None:
    started = time.monotonic()
    assert site("plan", "--rate", "20").code == 0
    spent = time.monotonic() - started
    assert (len(site.server.requests), spent >= 7 / 20) == (8, True)
