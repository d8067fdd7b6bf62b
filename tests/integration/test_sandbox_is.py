"""The stand-in over TLS: who may call, what is answered, tenants, and what goes wrong on request."""

from __future__ import annotations

import http.client
import itertools
import json
import re
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mailwright.base.errors import UsageError
from mailwright.sandbox.ca import Authority
from mailwright.sandbox.identity import Behaviour, SandboxIs, SandboxTenant, TenantSettings, parse_faults
from mailwright.sandbox.identity.refusals import Refused
from sandbox_requests import BASIC, CLIENT, HTTP, V1, Asker, basic, bearer, email, entries

pytestmark = pytest.mark.network

ACME, BETA = "acme.example", "beta.example"
NAME = "EmailPublisher"
AUTHORITY = Authority()
ALL_V7 = " ".join(f"internal_notification_senders_{verb}" for verb in ("view", "create", "update", "delete"))
RELEASES = ("6.0.0", "6.1.0", "7.0.0", "7.1.0", "7.2.0", "7.3.0")
VERSIONS = [(release, "v1") for release in RELEASES] + [(release, "v2") for release in RELEASES[-2:]]


def start(*tenants: str | SandboxTenant, **options: Any) -> SandboxIs:
    return SandboxIs(tenants or (ACME, BETA), authority=AUTHORITY, **options)


@pytest.fixture
def newest() -> Iterator[Asker]:
    with start() as server:
        yield Asker(server)


# Email senders


@pytest.mark.parametrize(("release", "version"), VERSIONS)
def test_the_life_of_a_sender(release: str, version: str) -> None:
    body = V1 if version == "v1" else BASIC
    with start(product_version=release) as server:
        ask, base = Asker(server), email(ACME, version)
        assert (ask("GET", base).status, ask("GET", base).json) == (200, [])
        created = ask("POST", base, {**body, "name": NAME})
        assert (created.status, created.headers["Location"]) == (201, f"{server.url}{base}/{NAME}")
        assert ask("GET", base).json == [created.json] == [ask("GET", f"{base}/{NAME}").json]
        assert ask("POST", base, body).code == "NSM-60002"
        assert ask("POST", base, body).status == 409
        moved = {**body, "smtpServerHost": "smtp2.example.com"}
        first, second = ask("PUT", f"{base}/{NAME}", moved), ask("PUT", f"{base}/{NAME}", moved)
        assert (first.status, first.json) == (200, second.json)
        assert first.json["smtpServerHost"] == "smtp2.example.com"
        assert ask("PATCH", f"{base}/{NAME}", moved).status == 405
        deleted = ask("DELETE", f"{base}/{NAME}")
        assert (deleted.status, deleted.body) == (204, b"")
        assert server.stored() == {}


@pytest.mark.parametrize(("release", "version"), VERSIONS)
def test_names_that_are_not_there(release: str, version: str) -> None:
    body = V1 if version == "v1" else BASIC
    with start(product_version=release) as server:
        ask, base = Asker(server), email(ACME, version)
        answers = [ask("GET", f"{base}/{NAME}"), ask("DELETE", f"{base}/{NAME}"), ask("PUT", f"{base}/{NAME}", body)]
        answers.append(ask("POST", base, {**body, "name": "a b"}))
        expected = [(404, "NSM-60006"), (404, "NSM-60006"), (400, "NSM-65010"), (404, "NSM-60001")]
        assert [(answer.status, answer.code) for answer in answers] == expected
        assert set(answers[0].json) == {"code", "message", "description", "traceId"}
        assert ask("POST", base, {**body, "name": "SMSPublisher"}).status == 201


def test_a_name_is_one_encoded_segment_and_needs_its_publisher() -> None:
    with start(settings=Behaviour(publishers=frozenset({"A/b c"}))) as server:
        ask = Asker(server)
        created = ask("POST", email(ACME, "v2"), {**BASIC, "name": "A/b c"})
        path = created.headers["Location"].removeprefix(server.url)
        assert path == f"{email(ACME, 'v2')}/A%2Fb%20c"
        assert ask("GET", path).json == ask("PUT", path, BASIC).json == created.json
        server.put(ACME, BASIC, version="v2")  # as if its publisher had been there then
        gone = ask("PUT", f"{email(ACME, 'v2')}/{NAME}", BASIC)
        assert (gone.status, gone.code) == (404, "NSM-60001")


def test_no_publisher_at_all_and_a_list_that_is_not_found() -> None:
    with start(settings=Behaviour(publishers=frozenset(), empty_list=404)) as server:
        ask = Asker(server)
        answer = ask("POST", email(ACME, "v2"), BASIC)
        assert (answer.status, answer.code) == (404, "NSM-65001")
        assert ask("GET", email(ACME, "v2")).status == 404


@pytest.mark.parametrize(("release", "version"), VERSIONS)
def test_the_super_tenant_gets_405_without_a_body(release: str, version: str) -> None:
    with start(product_version=release) as server:
        ask = Asker(server)
        for path in (email("carbon.super", version), f"/api/server/{version}/notification-senders/email"):
            for method, sent in (("GET", ""), ("POST", ""), ("GET", f"/{NAME}"), ("PUT", f"/{NAME}"), ("DELETE", f"/{NAME}")):
                answer = ask(method, path + sent, {} if method in ("POST", "PUT") else None)
                assert (answer.status, answer.body) == (405, b"")


def test_put_replaces_everything(newest: Asker) -> None:
    newest("POST", email(ACME, "v2"), {**BASIC, "properties": BASIC["properties"] + entries(extra="1")})
    newest("PUT", f"{email(ACME, 'v2')}/{NAME}", CLIENT)
    stored = newest.server.stored()[ACME][NAME]
    assert stored["authType"] == "CLIENT_CREDENTIAL"
    assert not {"extra", "userName", "password"} & set(stored["properties"])


def test_v1_and_v2_see_the_same_sender(newest: Asker) -> None:
    one, two = email(ACME, "v1"), email(ACME, "v2")
    newest("POST", two, BASIC)
    assert newest("GET", one).json[0]["password"] == "v2-pass"
    newest("PUT", f"{two}/{NAME}", CLIENT)
    assert newest("GET", two).json[0]["authType"] == "CLIENT_CREDENTIAL"
    newest("PUT", f"{one}/{NAME}", V1)
    again = newest("GET", two).json[0]
    assert again["authType"] == "BASIC"
    assert "clientId" not in {entry["key"] for entry in again["properties"]}
    assert newest.server.stored()[ACME][NAME]["authType"] is None


def test_v2_and_organizations_are_not_there_before_their_releases() -> None:
    with start(product_version="7.1.0") as server:
        assert Asker(server)("GET", email(ACME, "v2")).status == 404
    with start(product_version="6.1.0") as server:
        assert Asker(server)("GET", email(ACME, "v1", organization=True)).status == 404
    with pytest.raises(UsageError, match=r"5\.11\.0 has no API"):
        start(product_version="5.11.0")


def test_it_says_what_it_is(newest: Asker) -> None:
    for answer in (newest("GET", email(ACME, "v2")), newest("GET", "/nothing"), newest.token_answer(ACME)):
        assert "not WSO2" in answer.headers["X-Mailwright-Sandbox"]


def test_it_listens_on_the_loopback_interface_alone_and_with_tls(newest: Asker) -> None:
    assert newest.server.host == "127.0.0.1"
    plain = http.client.HTTPConnection("localhost", newest.server.port, timeout=60)
    plain.request("GET", "/")
    with pytest.raises((http.client.HTTPException, OSError)):
        plain.getresponse()
    plain.close()
    context = ssl.create_default_context(cadata=Authority().ca_pem)
    stranger = http.client.HTTPSConnection("localhost", newest.server.port, context=context)
    with pytest.raises(ssl.SSLCertVerificationError):
        stranger.connect()


# Who may call


def test_credentials_are_per_tenant(newest: Asker) -> None:
    path = email(ACME, "v2")
    assert newest("GET", path, headers=bearer(newest.token(ACME, ALL_V7))).status == 200
    word = newest.server.admin_password
    strangers = [
        {},
        bearer("made-up"),
        bearer(newest.token(BETA, ALL_V7)),
        bearer(newest.token("carbon.super", ALL_V7)),
        basic(f"admin@{BETA}", word),
        basic("admin", word),
        basic(f"admin@{ACME}", "wrong"),
        basic("admin@nowhere.example", word),
        {"Authorization": "Basic ***"},
        {"Authorization": "Digest x"},
    ]
    for headers in strangers:
        answer = newest("GET", path, headers=headers)
        assert (answer.status, answer.body) == (401, b"")
        assert answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("release", "scopes"),
    [
        ("6.1.0", [f"internal_config_mgt_{verb}" for verb in ("view", "add", "update", "delete")]),
        ("7.0.0", ALL_V7.split()),
        ("7.3.0", ALL_V7.split()),
    ],
)
def test_each_method_asks_for_its_scope(release: str, scopes: list[str]) -> None:
    with start(product_version=release) as server:
        ask, base = Asker(server), email(ACME, "v1")
        calls = [("GET", base, None), ("POST", base, V1), ("PUT", f"{base}/{NAME}", V1), ("DELETE", f"{base}/{NAME}", None)]
        for (method, path, body), scope in zip(calls, scopes, strict=True):
            lacking = bearer(ask.token(ACME, " ".join(other for other in scopes if other != scope)))
            refused = ask(method, path, body, headers=lacking)
            assert (refused.status, refused.body) == (403, b"")
            assert ask(method, path, body, headers=bearer(ask.token(ACME, scope))).status in (200, 201, 204)


def test_the_token_endpoint() -> None:
    limited = SandboxTenant(
        ACME, client_id="c:d", client_secret="s%+ e", scopes=frozenset({"internal_notification_senders_view"})
    )
    with start(limited, BETA) as server:
        ask = Asker(server)
        granted = ask.token_answer(ACME, ALL_V7, client=("c%3Ad", "s%25%2B+e"))
        assert granted.json["scope"] == "internal_notification_senders_view"
        assert (granted.json["token_type"], granted.json["expires_in"]) == ("Bearer", 3600)
        assert "scope" not in ask.token_answer(BETA).json
        form = b"grant_type=client_credentials&client_id=mailwright&client_secret=" + server.client_secret.encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        assert ask("POST", f"/t/{BETA}/oauth2/token", raw=form, headers=headers).status == 200
        assert ask("POST", "/oauth2/token", raw=form, headers=headers).status == 200
        for domain in (ACME, "nowhere.example"):
            stranger = ask.token_answer(domain)
            assert (stranger.status, stranger.json["error"]) == (401, "invalid_client")
        assert ask.token_answer(BETA, grant_type="password").json["error"] == "unsupported_grant_type"
        assert ask("POST", f"/t/{BETA}/oauth2/token", {}).json["error"] == "invalid_request"


def test_tokens_expire_and_are_revoked(monkeypatch: pytest.MonkeyPatch) -> None:
    with start(token_lifetime=900.0) as server:
        ask = Asker(server)
        headers = bearer(ask.token(ACME, ALL_V7))
        assert ask("GET", email(ACME, "v2"), headers=headers).status == 200
        later = time.monotonic() + 901
        monkeypatch.setattr("mailwright.sandbox.identity.registry.time", SimpleNamespace(monotonic=lambda: later))
        assert ask("GET", email(ACME, "v2"), headers=headers).status == 401
        monkeypatch.undo()
    with start() as server:
        ask = Asker(server)
        mine, other = bearer(ask.token(ACME, ALL_V7)), bearer(ask.token(BETA, ALL_V7))
        server.revoke_tokens(ACME)
        assert ask("GET", email(ACME, "v2"), headers=mine).status == 401
        assert ask("GET", email(BETA, "v2"), headers=other).status == 200


@pytest.mark.parametrize(("release", "version", "body"), [("7.0.0", "v1", V1), ("7.3.0", "v2", HTTP)])
def test_organizations_need_a_token_of_their_own(release: str, version: str, body: dict[str, Any]) -> None:
    org_scopes = ALL_V7.replace("internal_", "internal_org_")
    with start(SandboxTenant(ACME, organizations=("o-1", "o-2")), BETA, product_version=release) as server:
        ask, path = Asker(server), email(ACME, version, organization=True)
        tenant = ask.token(ACME, ALL_V7)
        switch = {"grant_type": "organization_switch", "token": tenant}
        token = ask.token(ACME, org_scopes, **switch, switching_organization="o-1")
        assert ask("POST", path, body, headers=bearer(token)).status == 201
        assert list(server.stored()) == [f"{ACME}/o/o-1"]
        second = ask.token(ACME, org_scopes, **switch, switching_organization="o-2")
        assert ask("GET", path, headers=bearer(second)).json == []
        assert ask("GET", path, headers=bearer(tenant)).status == 403
        assert ask("GET", email(BETA, version, organization=True), headers=bearer(token)).status == 403
        assert ask("GET", email(ACME, version), headers=bearer(token)).status == 401
        unscoped = ask.token(ACME, ALL_V7, **switch, switching_organization="o-1")
        assert ask("GET", path, headers=bearer(unscoped)).status == 403
        for wrong in ({"switching_organization": "o-3"}, {"switching_organization": "o-1", "token": "made-up"}):
            assert ask.token_answer(ACME, org_scopes, **{**switch, **wrong}).json["error"] == "invalid_grant"


# Tenants

TENANTS = "/api/server/v1/tenants"
OWNER = {"username": "kim", "email": "kim@new.example", "provisioningMethod": "inline-password", "password": "kim-pass"}


def new(domain: str = "new.example", **owner: Any) -> dict[str, Any]:
    return {"domain": domain, "owners": [{**OWNER, **owner}]}


def test_a_new_tenant_is_its_owners() -> None:
    with start() as server:
        ask = Asker(server)
        created = ask("POST", TENANTS, new())
        assert (created.status, created.body) == (201, b"")
        found = ask("GET", created.headers["Location"].removeprefix(server.url)).json
        assert found == ask("GET", f"{TENANTS}/domain/new.example").json
        assert (found["domain"], found["lifecycleStatus"]) == ("new.example", {"activated": True})
        assert ask("HEAD", f"{TENANTS}/domain/new.example").status == 200
        owner = basic("kim@new.example", "kim-pass")
        assert ask("POST", email("new.example", "v2"), BASIC, headers=owner).status == 201
        assert ask.token_answer("new.example").status == 401
        status = f"{TENANTS}/{found['id']}/lifecycle-status"
        assert ask("PUT", status, {"activated": False}).status == 200
        assert ask("GET", email("new.example", "v2"), headers=owner).status == 401
        assert ask("PUT", status, {"activated": True}).status == 200
        assert ask("GET", email("new.example", "v2"), headers=owner).status == 200
        assert ask("PUT", status, {}).code == "UE-10000"


def test_a_new_tenant_can_have_the_application_at_once() -> None:
    with start(new_tenants_have_client=True) as server:
        ask = Asker(server)
        ask("POST", TENANTS, new())
        assert ask("GET", email("new.example", "v2"), headers=bearer(ask.token("new.example", ALL_V7))).status == 200


REFUSED_TENANTS = [
    (new(ACME), "TM-60009"),
    (new(""), "TM-60004"),
    (new(".new.example"), "TM-60006"),
    (new("New.example"), "TM-60007"),
    (new("new.test"), "TM-60017"),
    ({"domain": "new.example"}, "TM-60012"),
    ({"domain": "new.example", "owners": []}, "TM-60012"),
    ({"domain": "new.example", "owners": ["kim"]}, "UE-10000"),
    (new(email=""), "TM-60000"),
    (new(email="kim"), "TM-60002"),
    (new(username=None), "TM-60013"),
    (new(provisioningMethod=None), "TM-60013"),
    (new(password=None), "TM-60013"),
]


def test_tenants_that_are_refused() -> None:
    with start(settings=Behaviour(tenants=TenantSettings(pattern=r".+\.example"))) as server:
        ask = Asker(server)
        for body, code in REFUSED_TENANTS:
            answer = ask("POST", TENANTS, body)
            assert (answer.status, answer.code) == (400, code)
        assert ask("POST", TENANTS, raw=b"{", headers=ask.admin("/")).code == "UE-10000"
        assert ask("POST", TENANTS, new(provisioningMethod="invite-via-email", password=None)).status == 201
        assert ask("HEAD", f"{TENANTS}/domain/free.example").status == 404
        assert ask("GET", f"{TENANTS}/domain/carbon.super").code == "TM-60015"
        missing = [ask("GET", f"{TENANTS}/domain/free.example"), ask("GET", f"{TENANTS}/no-id")]
        assert [(answer.status, answer.code) for answer in missing] == [(400, "TM-60015"), (400, "TM-60014")]
        assert server.domains == [ACME, BETA, "new.example"]


def test_the_limit_and_the_half_success_of_a_creation() -> None:
    partial = Behaviour(tenants=TenantSettings(limit=3, partial=True))
    with start(settings=partial, product_version="7.1.0") as server:
        ask = Asker(server)
        answer = ask("POST", TENANTS, new())
        assert (answer.status, answer.code) == (206, "TM-60021")
        assert "new.example" in server.domains
        full = ask("POST", TENANTS, new("more.example"))
        assert (full.status, full.code) == (403, "TM-60019")
    with start(settings=partial, product_version="7.0.0") as server:
        assert Asker(server)("POST", TENANTS, new()).status == 201
        assert Asker(server)("POST", TENANTS, {**new("named.example"), "name": "Named"}).code == "UE-10000"


def test_owners_and_deletion() -> None:
    with start(settings=Behaviour(tenants=TenantSettings(deletion=True))) as server:
        ask = Asker(server)
        ask("POST", TENANTS, new(firstname="Kim"))
        tenant = f"{TENANTS}/{ask('GET', f'{TENANTS}/domain/new.example').json['id']}"
        (owner,) = ask("GET", f"{tenant}/owners").json
        assert owner["username"] == "kim"
        path = f"{tenant}/owners/{owner['id']}"
        assert ask("PUT", path, {"email": "k@new.example", "firstname": "K", "lastname": "M", "password": "other"}).status == 200
        assert ask("GET", path).json == {**owner, "email": "k@new.example", "firstname": "K", "lastname": "M"}
        assert ask("GET", f"{tenant}/owners/other").code == "TM-60020"
        assert ask("GET", email("new.example", "v2"), headers=basic("kim@new.example", "other")).status == 200
        assert ask("DELETE", f"{tenant}/metadata").status == 204
        assert "new.example" not in server.domains
    with start(product_version="7.0.0") as server:
        ask = Asker(server)
        tenant = f"{TENANTS}/{ask('GET', f'{TENANTS}/domain/{ACME}').json['id']}"
        assert ask("GET", f"{tenant}/owners/{ask('GET', f'{tenant}/owners').json[0]['id']}").status == 404
        assert ask("DELETE", f"{tenant}/metadata").code == "TM-60016"


def test_lists_are_paged_and_filtered() -> None:
    with start(*(f"t{number:02}.example" for number in range(20)), "other.test") as server:
        ask = Asker(server)
        first = ask("GET", TENANTS).json
        assert (first["totalResults"], first["startIndex"], first["count"]) == (21, 1, 15)
        assert first["links"] == [{"href": f"{TENANTS}?offset=15&limit=15", "rel": "next"}]
        last = ask("GET", first["links"][0]["href"]).json
        assert [link["rel"] for link in last["links"]] == ["previous"]
        domains = [tenant["domain"] for tenant in first["tenants"] + last["tenants"]]
        assert domains == sorted(server.domains)
        assert ask("GET", f"{TENANTS}?sortOrder=desc&limit=1").json["tenants"][0]["domain"] == "t19.example"
        for text, count in (("sw+t0", 10), ("ew+test", 1), ("eq+t01.example", 1), ("co+.ex", 20)):
            assert ask("GET", f"{TENANTS}?filter=domainName+{text}").json["totalResults"] == count
        for query, code in (
            ("filter=domainName", "TM-60022"),
            ("filter=name+eq+x", "TM-60023"),
            ("filter=domainName+gt+x", "TM-60024"),
            ("limit=-1", "TM-60010"),
            ("offset=-1", "TM-60011"),
        ):
            answer = ask("GET", f"{TENANTS}?{query}")
            assert (answer.status, answer.code) == (400, code)
    with start(product_version="7.0.0") as server:
        answer = Asker(server)("GET", f"{TENANTS}?filter=domainName+eq+{ACME}")
        assert (answer.status, answer.code) == (501, "TM-65006")


def test_tenants_are_the_super_tenants_and_have_scopes(newest: Asker) -> None:
    assert newest("GET", TENANTS, headers=newest.admin(f"/t/{ACME}")).status == 401
    scoped = bearer(newest.token("carbon.super", "internal_list_tenants"))
    assert newest("GET", TENANTS, headers=scoped).status == 200
    assert newest("POST", TENANTS, new(), headers=scoped).status == 403
    maker = bearer(newest.token("carbon.super", "internal_create_tenants"))
    assert newest("POST", TENANTS, new(), headers=maker).status == 201


# What goes wrong on request


def test_errors_strike_before_or_after(newest: Asker) -> None:
    server, path = newest.server, email(ACME, "v2")
    for text, status, kept in (
        ("504=1,after=1", 504, True),
        ("504=1,after=0", 504, False),
        ("503=1,after=1,retry-after=7", 503, False),
        ("429=1", 429, False),
    ):
        server.set_faults(parse_faults(text))
        answer = newest("POST", path, BASIC)
        assert answer.status == status
        assert answer.headers.get("Retry-After") == {503: "7", 429: "1"}.get(status)
        server.set_faults()
        assert (ACME in server.stored()) is kept
        newest("DELETE", f"{path}/{NAME}")


@pytest.mark.parametrize(("after", "kept"), [("0", False), ("1", True)])
def test_connections_are_cut(newest: Asker, after: str, *, kept: bool) -> None:
    newest.server.set_faults(parse_faults(f"reset=1,after={after}"))
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError, ssl.SSLError)):
        newest("POST", email(ACME, "v2"), BASIC)
    assert (ACME in newest.server.stored()) is kept
    assert newest.server.requests[-1].status == 0


def test_slow_bodies_arrive_whole(newest: Asker) -> None:
    newest.server.put(ACME, BASIC, version="v2")
    newest.server.set_faults(parse_faults("slow=1,slow-seconds=0.2"))
    began = time.monotonic()
    answer = newest("GET", email(ACME, "v2"))
    assert answer.json == newest.server.shown(ACME, "v2")
    assert time.monotonic() - began >= 0.2


def test_one_tenant_fails_and_errors_echo_what_was_sent(newest: Asker) -> None:
    newest.server.set_faults(parse_faults(f"echo,failing={BETA}"))
    failed = newest("POST", email(BETA, "v2"), BASIC)
    assert failed.status == 500
    assert "v2-pass" in failed.json["description"]
    refused = newest("POST", email(ACME, "v2"), {**BASIC, "authType": "x"})
    assert (refused.code, "v2-pass" in refused.json["description"]) == ("NSM-65022", True)
    assert newest.admin(f"/t/{ACME}/")["Authorization"] in refused.json["description"]
    assert newest("GET", email(ACME, "v2")).status == 200


def test_latency_concurrency_and_the_log(newest: Asker) -> None:
    newest.server.set_latency(1.5)
    threads = [threading.Thread(target=newest, args=("GET", f"{email(ACME, 'v2')}?secret=canary")) for _ in range(5)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1.5 <= time.monotonic() - began < 1.5 * 5
    assert newest.server.at_once >= 2
    assert newest.server.counts() == {("GET", 200): 5}
    assert "canary" not in repr(newest.server.requests)
    newest.server.forget_requests()
    assert (newest.server.requests, newest.server.at_once) == ([], 0)


def test_senders_can_be_put_there(newest: Asker) -> None:
    newest.server.put(BETA, HTTP, version="v2")
    assert newest("GET", email(BETA, "v2")).json[0]["providerURL"] == HTTP["providerURL"]
    with pytest.raises(Refused):
        newest.server.put(BETA, {}, version="v2")


def test_a_defect_of_the_stand_in_fails_the_test_that_uses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    def use() -> None:
        with start() as server:
            server.put(ACME, BASIC, version="v2")
            monkeypatch.setattr("mailwright.sandbox.identity.application.represent", broken)
            assert Asker(server)("GET", email(ACME, "v2")).status == 500

    with pytest.raises(ZeroDivisionError):
        use()


# The command


def test_the_command(tmp_path: Path) -> None:
    secret, ca = tmp_path / "secret", tmp_path / "ca.pem"
    secret.write_text("canary-s3cret\n", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "mailwright",
        "sandbox",
        "is",
        "--secret-file",
        str(secret),
        "--ca-out",
        str(ca),
        "--port",
        "0",
    ]
    command += ["--tenant", f"{ACME}=o-1,o-2", "--tenants", "3", "--product-version", "7.2.0", "--empty-list-404", "--log"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    try:
        assert process.stdout is not None
        started = process.stdout.readline()
        found = re.search(r"Identity Server 7\.2\.0, not the product, on https://localhost:(\d+): 4 tenants", started)
        assert found, started
        context = ssl.create_default_context(cafile=ca)
        for domain, status in itertools.product(("t2.example", ACME), (404,)):
            connection = http.client.HTTPSConnection("localhost", int(found[1]), context=context, timeout=60)
            connection.request("GET", email(domain, "v2"), headers=basic(f"admin@{domain}", "canary-s3cret"))
            response = connection.getresponse()
            assert (response.status, json.loads(response.read())["code"]) == (status, "NSM-60006")
            connection.close()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=240)
    finally:
        process.kill()
    assert process.returncode == 130
    assert out.splitlines() == [f"GET {email(domain, 'v2')} 404" for domain in ("t2.example", ACME)]
    assert "2 requests, 1 at once at most" in err
    assert "canary" not in started + out + err


def test_what_the_command_refuses(run: Any, tmp_path: Path, newest: Asker) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s", encoding="utf-8")
    for arguments, text in (
        (["--secret-file", tmp_path / "none"], "--secret-file cannot be read"),
        (["--secret-file", secret, "--faults", "x"], "--faults"),
        (["--secret-file", secret, "--product-version", "5.10.0"], "5.10.0 has no API"),
        (["--secret-file", secret, "--port", newest.server.port], "cannot listen on port"),
        (["--secret-file", secret, "--port", 0, "--ca-out", tmp_path / "no" / "ca"], "--ca-out cannot be written"),
    ):
        result = run("sandbox", "is", *map(str, arguments))
        assert (result.code, text in result.stderr) == (2, True), result.stderr
