"""What the server, something before it, or somebody else does wrong: what is repeated, what is refused, what is said, and when a run stops."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tenant_specs import basic

from mailwright.rendering.payloads import tenant_payload
from mailwright.sandbox.ca import Authority
from mailwright.sandbox.identity import parse_faults
from mailwright.sandbox.identity.application import RIVAL
from mailwright.spec import load_spec
from mailwright.tenants.client import TenantApi
from products import parse_release

if TYPE_CHECKING:
    from collections.abc import Callable

    from sites import MakeSite, Site

pytestmark = [pytest.mark.network, pytest.mark.usefixtures("quick")]


def fleet(make_site: MakeSite, count: int, **options: Any) -> Site:
    domains = [f"t{number}.example" for number in range(count)]
    site = make_site(*domains, **options)
    site.spec["tenants"] = {domain: basic(number) for number, domain in enumerate(domains)}
    return site


def results(site: Site) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (site.folder / "result.jsonl").read_text().splitlines()]


def test_a_server_that_breaks_now_and_then_is_asked_again(make_site: MakeSite) -> None:
    site = fleet(make_site, 20)
    assert site("apply").code == 0
    site.spec["tenants"] = {domain: {**sender, "port": 2587} for domain, sender in site.spec["tenants"].items()}
    site.server.set_faults(parse_faults("500=0.3,after=0.5,seed=3"))
    site.server.forget_requests()
    assert site("apply").code == 0, "only GET, PUT and the token request: all may be repeated"
    assert site.server.counts()["PUT", 500] > 0
    assert site.server.counts()["GET", 500] > 0
    assert site.server.counts()["POST", 500] > 0, "the token request"


@pytest.mark.parametrize("fault", ["html=1.0", "other=1.0"])
def test_an_answer_that_is_none_of_the_api_is_never_taken_for_a_sender(make_site: MakeSite, fault: str) -> None:
    site = fleet(make_site, 2)
    assert site("apply").code == 0
    site.server.set_faults(parse_faults(f"{fault},after=1.0"))
    site.server.forget_requests()
    for command in ("plan", "apply"):
        result = site(command)
        assert result.code == 6
        assert "is not a sender" in result.stdout or "is another sender" in result.stdout or "without a token" in result.stdout
    assert site.wrote() == [], "what cannot be read is not written"


@pytest.mark.parametrize("fault", ["html=0.25", "other=0.25"])
def test_a_write_whose_answer_is_made_up_is_looked_at_again(make_site: MakeSite, fault: str) -> None:
    site = fleet(make_site, 30, faults=parse_faults(f"{fault},after=0.5,seed=5"))
    assert site("apply", "-o", "result.jsonl").code in (0, 7)
    stored = site.server.stored()
    assert all(line["domain"] in stored for line in results(site) if line["outcome"] == "done")
    site.server.set_faults(None)
    assert site("apply").code == 0
    assert site("plan", "--check").code == 0


def test_a_changed_authority_is_one_message_and_stops_early(make_site: MakeSite) -> None:
    site = fleet(make_site, 60)
    (site.folder / "ca.pem").write_text(Authority("another").ca_pem)
    for command in ("plan", "apply"):
        result = site(command)
        assert (result.code, site.server.requests, result.stdout) == (5, [], "")
        assert result.stderr.count("TLS with https://localhost:") == 1


def test_a_refused_client_is_one_message_and_stops_early(make_site: MakeSite) -> None:
    site = fleet(make_site, 100)
    result = site("plan", "--concurrency", "4", env={"MAILWRIGHT_CLIENT_SECRET": "another"})
    assert result.code == 4
    assert "8 tenants in a row failed alike, the rest was not planned" in result.stderr
    assert len([line for line in result.stdout.splitlines() if "  ! t" in line]) == 3
    assert "  ! 5 tenants more, for the same reason: " in result.stdout
    assert len({request.tenant for request in site.server.requests}) < 100
    applied = site("apply", "--concurrency", "4", env={"MAILWRIGHT_CLIENT_SECRET": "another"})
    assert (applied.code, site.wrote()) == (4, [])


def test_another_host_is_one_message_and_stops_early(make_site: MakeSite) -> None:
    site = fleet(make_site, 100)
    result = site("plan", "--concurrency", "4", server=f"{site.server.url}/elsewhere")
    assert result.code == 6
    assert "8 tenants in a row failed alike" in result.stderr


def test_one_tenants_own_trouble_stops_nobody(make_site: MakeSite) -> None:
    site = fleet(make_site, 40)
    for number in range(10, 40):
        site.spec["tenants"][f"t{number}.example"]["api"] = {"client_secret": "$env{MAILWRIGHT_PASSWORD}"}
    result = site("apply", "--concurrency", "2", "-o", "result.jsonl")
    assert (result.code, len(results(site))) == (7, 40)
    assert "10 created, 0 updated, 0 deleted, 0 unchanged, 30 failed" in result.stdout
    assert "  ! 27 tenants more, for the same reason: " in result.stdout


@pytest.mark.parametrize(
    ("url", "shown"), [("https://localhost:1", "https://localhost:1 "), ("https://no.invalid", "https://no.invalid ")]
)
def test_addresses_are_shown_as_people_write_them(make_site: MakeSite, url: str, shown: str) -> None:
    result = fleet(make_site, 1)("plan", server=url)
    assert (result.code, f"{shown}is not reachable" in result.stderr) == (3, True)


# -- two at once


def test_what_somebody_else_writes_at_the_same_time_is_said(make_site: MakeSite) -> None:
    site = fleet(make_site, 12, faults=parse_faults("rival=0.5,seed=1"))
    result = site("apply", "-o", "result.jsonl")
    rivals = sorted(domain for domain, held in site.server.stored().items() if held["EmailPublisher"]["smtpServerHost"] == RIVAL)
    assert 0 < len(rivals) < 12
    assert result.code == 7
    failed = [line for line in results(site) if line["outcome"] == "failed"]
    assert sorted(line["domain"] for line in failed) == rivals
    assert {line["error"] for line in failed} == {"was written, and is not as it was written: smtpServerHost"}
    assert f"{12 - len(rivals)} created, 0 updated, 0 deleted, 0 unchanged, {len(rivals)} failed" in result.stdout
    site.server.set_faults(None)
    assert site("apply").code == 0


def test_secrets_that_are_always_sent_are_no_difference_afterwards(make_site: MakeSite) -> None:
    site = fleet(make_site, 2)
    assert site("apply").code == 0
    assert site("apply", "--update-secrets", "always").code == 0


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Return a function that lets something happen right after the *count*-th read of a tenant."""

    def arrange(happens: Callable[[], None], count: int = 1) -> None:
        original, reads = TenantApi.read, [0]

        async def read(self: TenantApi, *arguments: Any) -> Any:
            sender = await original(self, *arguments)
            reads[0] += 1
            if reads[0] == count:
                happens()
            return sender

        monkeypatch.setattr(TenantApi, "read", read)

    return arrange


def body_of(site: Site, **changes: Any) -> dict[str, Any]:
    path = site.folder / "other.json"
    path.write_text(json.dumps({"mailwright": 1, "tenants": {"t0.example": basic(0, **changes)}}))
    payload = tenant_payload(next(iter(load_spec(path).tenants)), parse_release("7.3.0"))
    return payload.complete(dict.fromkeys(payload.secrets, "written-by-somebody-else"))


@pytest.mark.parametrize(
    ("changes", "summary", "wrote"),
    [({}, "0 created, 0 updated, 0 deleted, 1 unchanged", 1), ({"port": 25}, "0 created, 1 updated, 0 deleted, 0 unchanged", 2)],
)
def test_a_sender_that_somebody_else_made_is_not_counted_as_made(
    make_site: MakeSite, meanwhile: Any, changes: dict[str, Any], summary: str, wrote: int
) -> None:
    site = fleet(make_site, 1)
    meanwhile(lambda: site.server.put("t0.example", body_of(site, **changes), version="v2"))
    result = site("apply", "-o", "result.jsonl")
    assert (result.code, len(site.wrote())) == (0, wrote)
    assert summary in result.stdout
    assert results(site)[0]["note"] == "somebody else made the sender meanwhile"


def test_a_saved_plan_does_not_write_over_what_somebody_else_made(make_site: MakeSite, meanwhile: Any) -> None:
    site = fleet(make_site, 1)
    assert site("plan", "-o", "saved.plan").code == 0
    meanwhile(lambda: site.server.put("t0.example", body_of(site, port=25), version="v2"), 2)
    result = site("apply", "--plan", "saved.plan")
    assert result.code == 8
    assert "changed since it was planned" in result.stdout
    assert site.wrote() == [("POST", "t0.example")], "refused by the server: there is one already"
    assert site.stored("t0.example")["smtpPort"] == 25
