"""Plan and apply against the stand-in, in process: what is written, what is read again, what stops a run."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from in_process import ENV, SECRET, After, Site, Strike, answer, sender

from mailwright.base.errors import ConnectionFailed, ExitCode, MailwrightError, PeerRefused, SpecError, TlsFailed, UnsafeToWrite
from mailwright.operations.apply import Applied
from mailwright.operations.ready import Prepared
from mailwright.sandbox.identity import SandboxTenant
from mailwright.tenants.applying import Applier, TenantOutcome
from mailwright.tenants.client import TenantApi
from mailwright.tenants.credentials import Task
from mailwright.tenants.planfile import PlanHeader, PlanWriter, SavedPlan
from mailwright.tenants.planner import Planner
from mailwright.tenants.planning import Action, UpdateSecrets
from mailwright.tenants.runs import (
    Stopped,
    Target,
    apply_all,
    check_deletions,
    check_saved,
    find_removals,
    plan_all,
    saved_targets,
    spec_targets,
)
from mailwright.tenants.transport import Answer, Limits, Unanswered

OWNER = {"username": "root", "email": "root@new.example", "provisioning": "inline-password", "password": "$env{MAILWRIGHT_P}"}
UPDATED = "somebody-else.example"


@pytest.fixture(autouse=True)
def _env(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENV.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path, "t0.example", "t1.example", "t2.example")
    made.spec["tenants"] = {"t0.example": sender(0), "t1.example": sender(1)}
    return made


def words(outcomes: list[TenantOutcome]) -> dict[str, str]:
    return {outcome.plan.domain: f"{outcome.plan.action.value} {outcome.word} {outcome.status}" for outcome in outcomes}


def once(method: str, what: Any, *, path: str = "notification-senders", times: int = 1) -> Strike:
    """Return a strike that comes so often, at requests with this method and path."""
    left = itertools.count(1)

    def strike(asked: str, of: str) -> Any:
        return what if asked == method and path in of and next(left) <= times else None

    return strike


# what is done


def test_a_creation_an_update_and_nothing(site: Site) -> None:
    assert {domain: plan.action.value for domain, plan in site.plan().items()} == {"t0.example": "create", "t1.example": "create"}
    assert words(site.apply()) == {"t0.example": "create done 201", "t1.example": "create done 201"}
    assert site.finished[0].ms > 0
    assert words(site.apply()) == {"t0.example": "unchanged unchanged None", "t1.example": "unchanged unchanged None"}
    site.spec["tenants"]["t1.example"]["hostname"] = "other.example.com"
    assert words(site.apply()) == {"t0.example": "unchanged unchanged None", "t1.example": "update done 200"}
    assert site.host("t1.example") == "other.example.com"
    assert words(site.apply(update=UpdateSecrets.ALWAYS)) == {"t0.example": "update done 200", "t1.example": "update done 200"}
    assert SECRET not in repr(site.apply())


def test_a_tenant_that_is_not_there(site: Site) -> None:
    site.spec["tenants"] = {"gone.example": sender(0)}
    failure = site.plan()["gone.example"].failure
    assert failure is not None
    hint = "`create` in the spec makes mailwright create it (product/tenant-management.md#create)"
    assert (failure.message, failure.hint, failure.status) == ("the tenant does not exist", hint, 404)


def test_a_tenant_that_is_created(site: Site) -> None:
    site.spec["tenants"] = {
        "new.example": sender(
            0, create={"name": "New", "owner": OWNER}, api={"user": "root@{domain}", "password": "$env{MAILWRIGHT_P}"}
        )
    }
    plan = site.plan()["new.example"]
    assert (plan.action, plan.new_tenant) == (Action.CREATE, True)
    assert words(site.apply()) == {"new.example": "create done 201"}
    assert site.server.stored()["new.example"]["EmailPublisher"]["fromAddress"] == "no-reply@t0.example"
    assert words(site.apply()) == {"new.example": "unchanged unchanged None"}


def test_a_new_tenant_without_an_application_of_its_own(site: Site) -> None:
    site.spec["tenants"] = {"new.example": sender(0, create={"owner": OWNER})}
    (outcome,) = site.apply()
    assert outcome.failure is not None
    assert outcome.failure.message.startswith("the tenant was created, but its sender was not: ")
    assert outcome.failure.hint == (
        "a new tenant has its owner and no OAuth2 application yet: register one, or let `api` of this tenant name the owner "
        "(`user: owner@{domain}`), then apply again"
    )
    assert "new.example" in site.server.domains


@pytest.mark.parametrize(
    ("created", "said"),
    [
        (
            After(answer(206, {"code": "TM-60021", "message": "in part"})),
            "POST of the tenant: HTTP 206: the server says: TM-60021: in part",
        ),
        (None, None),
    ],
)
def test_a_creation_in_part_is_told(site: Site, created: Any, said: str | None) -> None:
    site.spec["tenants"] = {
        "new.example": sender(0, create={"owner": OWNER}, api={"user": "root@{domain}", "password": "$env{MAILWRIGHT_P}"})
    }
    site.strike = once("POST", created, path="/tenants")
    (outcome,) = site.apply()
    assert (outcome.word, outcome.said is None) == ("done", said is None)
    assert said is None or "206" in str(outcome.said)


@pytest.mark.parametrize("struck", [answer(503), After(answer(502)), Unanswered("no answer"), answer(400, {"code": "TM-60009"})])
def test_a_creation_that_is_not_known_of_is_looked_at_again(site: Site, struck: Any) -> None:
    site.spec["tenants"] = {
        "new.example": sender(0, create={"owner": OWNER}, api={"user": "root@{domain}", "password": "$env{MAILWRIGHT_P}"})
    }
    site.strike = once("POST", struck, path="/tenants")
    assert words(site.apply()) == {"new.example": "create done 201"}


def test_a_creation_that_is_refused(site: Site) -> None:
    site.spec["tenants"] = {"new.example": sender(0, create={"owner": OWNER})}
    site.strike = once("POST", answer(400, {"code": "TM-60019", "message": "full"}), path="/tenants")
    failure = site.apply()[0].failure
    assert failure is not None
    assert (failure.message, failure.hint) == (
        "POST of the tenant: HTTP 400: the server says: TM-60019: full",
        "the server's limit of tenants is reached",
    )


def test_without_the_super_tenant_nobody_knows_whether_a_tenant_exists(site: Site) -> None:
    del site.spec["api"]["super"]
    site.spec["tenants"] = {"new.example": sender(0, create={"owner": OWNER}), "gone.example": sender(1)}
    found = site.plan()
    for domain, more in (("new.example", True), ("gone.example", False)):
        failure = found[domain].failure
        assert failure is not None
        assert (failure.code, failure.status) == ("authentication", 401)
        assert str(failure.hint).endswith("; `api.super` is needed to see whether the tenant exists, and to create it") is more


def test_the_super_tenant_must_be_known_to_create(site: Site) -> None:
    site.spec["tenants"] = {"new.example": sender(0, create={"owner": OWNER})}

    async def work(applier: Applier, planner: Planner) -> TenantOutcome:
        (job,) = planner.preparation.jobs()
        before = planner.read

        async def read(asked: Any) -> Any:
            found = await before(asked)
            planner.super_credentials = None
            return found

        planner.read = read  # type: ignore[method-assign]
        return await applier.apply(job)

    outcome = site.applier(work)
    assert outcome.failure.message == "creating tenants needs `api.super`"


def test_an_application_that_may_not_see_senders_is_no_missing_tenant(site: Site) -> None:
    site.strike = once("GET", answer(403, {"code": "x", "message": "scope"}))
    failure = site.plan()["t0.example"].failure
    assert failure is not None
    assert (failure.code, failure.status, failure.exit_code) == ("authentication", 403, ExitCode.AUTHENTICATION)


@pytest.mark.parametrize("status", [405, 500])
def test_other_answers_are_told_as_they_are(site: Site, status: int) -> None:
    site.strike = once("GET", answer(status), times=2)
    del site.spec["tenants"]["t1.example"]
    failure = site.plan()["t0.example"].failure
    assert failure is not None
    assert failure.message == f"GET of the sender: HTTP {status}"


# what becomes of a write is not always known


@pytest.mark.parametrize(
    ("method", "struck", "outcome", "said"),
    [
        ("POST", answer(503), "create done 201", None),
        ("POST", After(answer(504)), "create done 504", None),
        ("POST", Unanswered("no answer"), "create done 201", None),
        ("POST", After(Unanswered("no answer")), "create done None", None),
        ("POST", answer(409, {"code": "NSM-60002"}), "create done 201", "somebody else made the sender meanwhile"),
        ("POST", After(answer(201, {"x": 1})), "create done None", None),
        ("POST", After(answer(201, {"name": "AnotherPublisher"})), "create done None", None),
        ("PUT", answer(503), "update done 200", None),
        ("PUT", Unanswered("no answer"), "update done 200", None),
        ("PUT", answer(400, {"code": "NSM-65010"}), "update done 200", "somebody else removed the sender meanwhile"),
        ("PUT", answer(429), "update done 200", None),
        ("POST", answer(429), "create done 201", None),
    ],
)
def test_a_write_is_made_good(site: Site, method: str, struck: Any, outcome: str, said: str | None) -> None:
    site.spec["tenants"] = {"t0.example": sender(0)}
    if method == "PUT":
        site.apply()
        site.spec["tenants"] = {"t0.example": sender(0, hostname="new.example.com")}
    site.strike = once(method, struck)
    found = site.apply()
    assert words(found) == {"t0.example": outcome}
    assert found[0].said == said
    assert site.plan()["t0.example"].action is Action.UNCHANGED


def strike_writes(site: Site, method: str, struck: Any) -> None:
    """Have one tenant to create, or with PUT to update, and strike each attempt."""
    site.spec["tenants"] = {"t0.example": sender(0)}
    if method == "PUT":
        site.apply()
        site.spec["tenants"] = {"t0.example": sender(0, hostname="new.example.com")}
    site.strike = once(method, struck, times=100)


@pytest.mark.parametrize(
    ("method", "struck", "message", "status"),
    [
        (
            "POST",
            answer(400, {"code": "NSM-65022", "message": "bad"}),
            "POST of the sender: HTTP 400: the server says: NSM-65022: bad",
            400,
        ),
        ("POST", answer(503), "POST of the sender: HTTP 503", 503),
        ("POST", Unanswered("no answer"), "no answer", None),
        ("PUT", answer(418), "PUT of the sender: HTTP 418", 418),
        ("PUT", Unanswered("no answer"), "no answer", None),
        ("PUT", answer(200, {"name": "AnotherPublisher"}), "the server's answer is another sender", None),
        ("POST", answer(201), "the server's answer is not a sender", None),
    ],
)
def test_a_write_that_fails_for_good(site: Site, method: str, struck: Any, message: str, status: int | None) -> None:
    strike_writes(site, method, struck)
    (outcome,) = site.apply()
    assert outcome.failure is not None
    assert (outcome.word, outcome.failure.message, outcome.status) == ("failed", message, status)


@pytest.mark.parametrize(
    ("method", "struck", "outcome"),
    [
        ("POST", After(answer(500)), "create done 500"),
        ("POST", After(PeerRefused("too large")), "create done None"),
        ("PUT", After(answer(500)), "update done 500"),
        ("PUT", After(Unanswered("no answer")), "update done None"),
    ],
)
def test_a_write_that_ends_in_an_error_and_is_done_all_the_same(site: Site, method: str, struck: Any, outcome: str) -> None:
    strike_writes(site, method, struck)
    (found,) = site.apply()
    assert words([found]) == {"t0.example": outcome}
    assert str(found.said).endswith("; the server has it all the same")
    assert site.plan()["t0.example"].action is Action.UNCHANGED


@pytest.mark.parametrize(
    ("method", "struck"), [("POST", answer(409, {"code": "NSM-60002"})), ("PUT", answer(400, {"code": "NSM-65010"}))]
)
def test_a_server_that_contradicts_itself(site: Site, method: str, struck: Any) -> None:
    strike_writes(site, method, struck)
    (outcome,) = site.apply()
    assert outcome.failure is not None
    assert str(outcome.failure.hint).startswith("so it says when it is written to, and the opposite when it is read")


def test_of_secrets_alone_nobody_can_read_whether_they_were_written(site: Site) -> None:
    site.spec["tenants"] = {"t0.example": sender(0)}
    site.apply()
    site.strike = once("PUT", After(answer(500)), times=100)
    assert words(site.apply(update=UpdateSecrets.ALWAYS)) == {"t0.example": "update failed 500"}


def test_what_became_of_a_write_cannot_always_be_read(site: Site) -> None:
    site.spec["tenants"] = {"t0.example": sender(0)}
    written: list[str] = []

    def strike(method: str, path: str) -> Any:
        if method == "POST" and path.endswith("/email"):
            written.append(path)
            return After(answer(500))
        return PeerRefused("broken") if written and method == "GET" else None

    site.strike = strike
    (found,) = site.apply()
    assert found.failure is not None
    assert found.failure.message == "POST of the sender: HTTP 500; what became of it is not known: broken"


@pytest.mark.parametrize(
    ("step", "told"), [("read", ""), ("create", "create"), ("replace", "update"), ("delete", "delete"), ("read again", "create")]
)
def test_a_run_that_ends_in_the_middle_of_a_write_says_so(
    site: Site, step: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write on its way, or one whose answer was lost, may have been carried out; a read changes nothing."""
    site.spec["owner"] = "us"
    site.spec["tenants"] = {"t0.example": sender(0)}
    if step in ("replace", "delete"):
        site.apply()
        site.spec["tenants"] = {"t0.example": sender(0, hostname="new.example.com")} if step == "replace" else {}
    site.strike = once("POST", After(answer(504))) if step == "read again" else None
    finished: list[TenantOutcome] = []
    method, original = step.partition(" ")[0], TenantApi.read

    async def work(planner: Planner, prepared: Prepared) -> None:
        begun = asyncio.Event()

        async def hang(*arguments: Any) -> Any:
            if step == "read again" and not site.server.stored():
                return await original(*arguments)
            begun.set()
            return await asyncio.Event().wait()

        async def drain() -> None:
            targets = spec_targets(prepared.preparation.jobs(), ["t0.example"] if step == "delete" else [])
            async for _ in apply_all(planner, targets, finished.append):
                pass

        monkeypatch.setattr(TenantApi, method, hang)
        task = asyncio.create_task(drain())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    site.run(work, Task.PRUNE)
    assert [(one.plan.action.value, one.word, one.cut_off) for one in finished] == ([(told, "failed", True)] if told else [])


def test_the_secret_is_in_no_error(site: Site) -> None:
    site.spec["tenants"] = {"t0.example": sender(0)}
    site.strike = once("POST", answer(400, {"code": "NSM-65022", "description": f"no {SECRET} here"}))
    (outcome,) = site.apply()
    assert outcome.failure is not None
    assert SECRET not in repr(outcome)
    assert outcome.failure.message == "POST of the sender: HTTP 400: the server says: <sent>"


def test_a_token_that_is_worth_nothing_any_more_is_bought_anew(site: Site) -> None:
    site.spec["tenants"] = {"t0.example": sender(0)}
    site.strike = once("POST", answer(401))
    assert words(site.apply()) == {"t0.example": "create done 201"}
    site.strike = once("GET", answer(401), times=9)
    assert words(site.apply()) == {"t0.example": "error failed 401"}
    assert site.transport is not None
    assert [path for _, path in site.transport.sent].count("/t/t0.example/oauth2/token") == 2


def test_what_was_overwritten_meanwhile_is_told(site: Site) -> None:
    site.spec["tenants"] = {"t0.example": sender(0), "t1.example": sender(1)}
    reads = itertools.count(1)

    def strike(method: str, path: str) -> Any:
        if method == "GET" and path.startswith("/t/t0.example") and next(reads) == 2:
            site.server.put("t0.example", {**BODY, "smtpServerHost": UPDATED}, version="v2")
        return None

    site.strike = strike
    found = site.apply()
    assert words(found[:2]) == {"t0.example": "create done 201", "t1.example": "create done 201"}
    assert [outcome.plan.domain for outcome in found[2:]] == ["t0.example"]
    failure = found[2].failure
    assert failure is not None
    assert (failure.code, failure.exit_code) == ("overwritten", ExitCode.PARTIAL)
    assert failure.message.startswith("was written, and is not as it was written: ")
    assert "smtpServerHost" in failure.message
    assert site.finished[-1] == found[2]
    applied = Applied()
    for outcome in found:
        applied.finished(outcome)
    assert (dict(applied.counts), applied.actions[Action.CREATE]) == ({"done": 1, "failed": 1}, 1)
    assert applied.exit_code == ExitCode.PARTIAL


@pytest.mark.parametrize(
    ("third", "message"),
    [
        (answer(404, {"code": "NSM-60006"}), "was written, and is not as it was written: it is gone"),
        (PeerRefused("broken"), "was written, and cannot be read to see whether it is as it was written: broken"),
    ],
)
def test_what_cannot_be_confirmed_is_told(site: Site, third: Any, message: str) -> None:
    site.spec["tenants"] = {"t0.example": sender(0)}
    reads = itertools.count(1)
    site.strike = lambda method, path: third if method == "GET" and next(reads) == 2 else None
    found = site.apply()
    failure = found[1].failure
    assert failure is not None
    assert failure.message == message
    applied = Applied()
    for outcome in found:
        applied.finished(outcome)
    assert (+applied.counts, +applied.actions) == ({"failed": 1}, {}), "one tenant, one outcome"


BODY = {
    "name": "EmailPublisher",
    "provider": "SMTP",
    "fromAddress": "no-reply@t0.example",
    "smtpServerHost": "smtp.example.com",
    "smtpPort": 587,
    "authType": "BASIC",
    "properties": [
        {"key": "userName", "value": "user0"},
        {"key": "password", "value": "x"},
        {"key": "mail.smtp.replyTo", "value": "help@t0.example"},
        {"key": "mail.smtp.signature", "value": "Tenant 0"},
    ],
}


# removals


@pytest.fixture
def pruned(site: Site) -> Site:
    site.spec["owner"] = "us"
    site.spec["tenants"] = {f"t{number}.example": sender(number) for number in range(3)}
    site.apply()
    site.server.add_tenant(SandboxTenant("strange.example", client_id="another"))
    site.spec["tenants"] = {"t1.example": sender(1)}
    return site


def test_removals(pruned: Site) -> None:
    found = pruned.plan(prune=True)
    assert {domain: plan.action.value for domain, plan in found.items()} == {
        "t1.example": "unchanged",
        "t0.example": "delete",
        "t2.example": "delete",
        "strange.example": "error",
    }
    assert words(pruned.apply(prune=True)) == {
        "t1.example": "unchanged unchanged None",
        "t0.example": "delete done 204",
        "t2.example": "delete done 204",
    }
    assert list(pruned.server.stored()) == ["t1.example"]
    assert "t0.example" not in pruned.plan(prune=True)


def test_one_cause_that_fails_every_removal_ends_the_run(pruned: Site) -> None:
    for number in range(30):
        pruned.server.add_tenant(f"p{number:03}.example")
    gone = 0

    def strike(method: str, path: str) -> Any:
        nonlocal gone
        if method == "GET" and "/t/p" in path:
            gone += 1
            return ConnectionFailed("nobody answers")
        return None

    pruned.strike = strike
    pruned.limits = Limits(concurrency=2, attempts=1)
    for run in (pruned.plan, pruned.apply):
        gone = 0
        with pytest.raises(Stopped) as caught:
            run(prune=True)
        assert "4 tenants in a row failed alike" in caught.value.message
        assert caught.value.exit_code is ExitCode.UNREACHABLE
        assert gone < 60
    assert set(pruned.server.stored()) == {"t0.example", "t1.example", "t2.example"}, "nothing was written"


def test_tenants_of_others_end_no_run(tmp_path: Path) -> None:
    others = (SandboxTenant(f"p{number:03}.example", client_id="another") for number in range(30))
    site = Site(tmp_path, "t1.example", *others)
    site.spec |= {"owner": "us", "tenants": {"t1.example": sender(1)}}
    assert sum(plan.foreign for plan in site.plan(prune=True).values()) == 30
    assert words(site.apply(prune=True)) == {"t1.example": "create done 201"}


@pytest.mark.parametrize(
    ("struck", "outcome"),
    [(answer(404, {"code": "NSM-60006"}), "delete done 404"), (answer(400, {"code": "NSM-60008"}), "delete failed 400")],
)
def test_a_removal_that_is_answered_otherwise(pruned: Site, struck: Any, outcome: str) -> None:
    pruned.strike = once("DELETE", struck)
    assert words(pruned.apply(prune=True))["t0.example"] == outcome


def test_only_what_the_plan_saw_is_removed(pruned: Site) -> None:
    async def work(applier: Applier, planner: Planner) -> TenantOutcome:
        return await applier.remove("t0.example", "another state")

    outcome = pruned.applier(work)
    assert outcome.failure.message == "the tenant's sender changed since it was planned"
    assert outcome.failure.exit_code is ExitCode.UNSAFE
    assert "t0.example" in pruned.server.stored()


@pytest.mark.parametrize(
    ("missing", "message"), [("owner", "--prune needs the spec's `owner`"), ("super", "--prune needs `api.super`")]
)
def test_what_a_prune_needs(pruned: Site, missing: str, message: str) -> None:
    (pruned.spec if missing == "owner" else pruned.spec["api"]).pop(missing)
    with pytest.raises(SpecError) as caught:
        pruned.plan(prune=True)
    assert caught.value.message == message


def test_the_list_of_tenants_comes_in_pages(site: Site) -> None:
    for number in range(230):
        site.server.add_tenant(f"p{number:03}.example")

    async def work(planner: Planner, _: Prepared) -> list[str]:
        assert planner.super_credentials is not None
        return [domain async for domain in planner.api.iter_tenants(planner.super_credentials)]

    assert len(set(site.run(work))) == 233
    assert site.transport is not None
    assert [path for _, path in site.transport.sent] == [f"/api/server/v1/tenants?limit=100&offset={at}" for at in (0, 100, 200)]


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        (answer(200, []), "the server's answer is not a list of tenants"),
        (answer(200, {"tenants": "x"}), "the server's answer is not a list of tenants"),
        (answer(403), "GET of the list of tenants: HTTP 403"),
        (answer(404), "GET of the list of tenants: HTTP 404"),
    ],
)
def test_a_list_that_is_none(pruned: Site, listed: Answer, message: str) -> None:
    pruned.strike = lambda method, path: listed if "/tenants?" in path else None
    with pytest.raises(MailwrightError) as caught:
        pruned.plan(prune=True)
    assert caught.value.message == message
    hint = "tenants are the super tenant's: `api.super` names who may manage them (product/tenant-management.md#base)"
    assert (caught.value.hint == hint) is (listed.status == 403)


@pytest.mark.parametrize(
    "listed",
    [{}, {"tenants": None}, {"tenants": [{"domain": 7}, "x"], "totalResults": 2}, {"tenants": [{"domain": "t1.example"}]}],
)
def test_a_list_with_nobody_in_it(pruned: Site, listed: dict[str, Any]) -> None:
    pruned.strike = lambda method, path: answer(200, listed) if "/tenants?" in path else None
    assert list(pruned.plan(prune=True)) == ["t1.example"]


def test_many_deletions_are_asked_for_twice() -> None:
    check_deletions(5, confirmed=False)
    check_deletions(6, confirmed=True)
    with pytest.raises(UnsafeToWrite) as caught:
        check_deletions(6, confirmed=False)
    assert (caught.value.message, caught.value.hint) == (
        "6 senders would be deleted; nothing was written",
        "--yes, if that is meant",
    )


# saved plans

HEADER = PlanHeader("digest", "https://is.example.com:443", "7.3.0", None, "on-version-change", prune=False)


def saved(site: Site, *, prune: bool = False, path: str = "plan.jsonl") -> SavedPlan:
    writer = PlanWriter(str(site.folder / path))
    for plan in site.plan(prune=prune).values():
        if plan.action is not Action.ERROR:
            writer.add(plan)
    writer.finish(HEADER)
    return SavedPlan(str(site.folder / path))


def check(site: Site, plan: SavedPlan) -> None:
    async def work(planner: Planner, _: Prepared) -> None:
        await check_saved(planner, plan)

    site.run(work)


def apply_saved(site: Site, plan: SavedPlan) -> list[TenantOutcome]:
    async def work(planner: Planner, _: Prepared) -> list[TenantOutcome]:
        targets = saved_targets(planner.preparation.jobs(), plan)
        return [outcome async for outcome in apply_all(planner, targets, lambda _: None)]

    return site.run(work, Task.PRUNE)


def test_a_saved_plan_is_applied(pruned: Site) -> None:
    pruned.spec["tenants"]["t1.example"]["port"] = 25
    plan = saved(pruned, prune=True)
    assert [(line.domain, line.action.value) for line in plan.lines()] == [
        ("t1.example", "update"),
        ("t0.example", "delete"),
        ("t2.example", "delete"),
    ]
    assert plan.deletions == 2
    check(pruned, plan)
    assert sorted(words(apply_saved(pruned, plan)).values()) == ["delete done 204", "delete done 204", "update done 200"]
    check(pruned, plan)  # all is where the plan leads


def test_a_tenant_that_a_saved_plan_leaves_alone_is_not_touched(site: Site) -> None:
    site.apply()
    plan = saved(site)
    site.server.put("t0.example", {**BODY, "smtpServerHost": UPDATED}, version="v2")
    assert words(apply_saved(site, plan)) == {"t0.example": "unchanged unchanged None", "t1.example": "unchanged unchanged None"}
    assert site.host("t0.example") == UPDATED


def test_what_changed_since_the_plan_is_not_written(site: Site) -> None:
    plan = saved(site)
    site.server.put("t0.example", {**BODY, "smtpServerHost": UPDATED}, version="v2")
    with pytest.raises(UnsafeToWrite) as caught:
        check(site, plan)
    assert caught.value.message == "the server is not as it was when the plan was made: t0.example changed"
    assert caught.value.hint == "plan again; nothing was written"
    outcomes = apply_saved(site, plan)
    assert words(outcomes)["t0.example"] == "error failed None"
    assert outcomes[0].failure is not None
    assert outcomes[0].failure.message == "the tenant's sender changed since it was planned"


def test_many_tenants_that_changed_are_told_in_short(tmp_path: Path) -> None:
    site = Site(tmp_path, *(f"t{number}.example" for number in range(8)))
    site.spec["tenants"] = {f"t{number}.example": sender(number) for number in range(8)}
    plan = saved(site)
    site.strike = lambda method, path: answer(500) if method == "GET" else None
    with pytest.raises(UnsafeToWrite) as caught:
        check(site, plan)
    read = [f"t{number}.example cannot be read: GET of the sender: HTTP 500" for number in range(5)]
    assert caught.value.message == f"the server is not as it was when the plan was made: {'; '.join(read)} and 3 more"


@pytest.mark.parametrize("tenants", [("t1.example", "t0.example"), ("t0.example",), ("t0.example", "t1.example", "t2.example")])
def test_a_saved_plan_of_other_tenants(site: Site, tenants: tuple[str, ...]) -> None:
    plan = saved(site)
    site.spec["tenants"] = {domain: sender(int(domain[1])) for domain in tenants}
    with pytest.raises(UnsafeToWrite, match="the plan's tenants are not the spec's"):
        apply_saved(site, plan)


# one cause fails everybody


def many(folder: Path, count: int) -> Site:
    site = Site(folder, *(f"t{number}.example" for number in range(count)))
    site.spec["tenants"] = {f"t{number}.example": sender(number) for number in range(count)}
    return site


@pytest.mark.parametrize(("count", "stops"), [(3, False), (4, True), (9, True)])
def test_a_run_stops_where_one_cause_fails_everybody(tmp_path: Path, count: int, stops: bool) -> None:
    site = many(tmp_path, count)
    site.strike = lambda method, path: answer(403, {"message": "no"}) if method == "GET" else None
    if not stops:
        assert len(site.apply()) == len(site.plan()) == count
        return
    for work, word in ((site.plan, "planned"), (site.apply, "touched")):
        with pytest.raises(Stopped) as caught:
            work()
        assert caught.value.message == (
            f"4 tenants in a row failed alike, the rest was not {word}: GET of the sender: HTTP 403: the server says: no"
        )
        assert (caught.value.exit_code, caught.value.status) == (ExitCode.AUTHENTICATION, 403)


def test_where_everybody_fails_nobody_further_is_begun_and_who_is_in_work_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = many(tmp_path, 9)
    enough, asked, read = asyncio.Event(), list[str](), TenantApi.read

    async def struck(self: TenantApi, domain: str, *arguments: Any) -> Any:
        asked.append(domain)
        if domain == "t0.example":
            await enough.wait()
            return await read(self, domain, *arguments)
        if len(asked) > 4:
            enough.set()
        raise ConnectionFailed("gone")

    monkeypatch.setattr(TenantApi, "read", struck)
    outcomes: list[TenantOutcome] = []

    async def work(planner: Planner, prepared: Prepared) -> None:
        async for outcome in apply_all(planner, spec_targets(prepared.preparation.jobs(), []), lambda _: None):
            outcomes.append(outcome)

    with pytest.raises(Stopped, match="4 tenants in a row failed alike, the rest was not touched"):
        site.run(work)
    assert asked == [f"t{number}.example" for number in range(5)]
    assert [(one.plan.domain, one.word) for one in outcomes] == [
        ("t0.example", "done"),
        *((f"t{number}.example", "failed") for number in range(1, 5)),
    ]
    assert list(site.server.stored()) == ["t0.example"]


def _after(count: int, error: Any) -> Strike:
    """Return a strike at every read but those of the first tenants."""
    return lambda method, path: error if method == "GET" and int(path.split("/t/t")[1].partition(".")[0]) >= count else None


@pytest.mark.parametrize(
    ("error", "stops"),
    [(answer(403), False), (ConnectionFailed("gone"), True), (TlsFailed("gone"), True), (Unanswered("gone"), True)],
)
def test_after_a_success_only_a_server_that_is_gone_stops_a_run(tmp_path: Path, error: Any, stops: bool) -> None:
    site = many(tmp_path, 9)
    site.strike = _after(1, error)
    if not stops:
        assert len(site.plan()) == 9
        return
    with pytest.raises(Stopped, match="4 tenants in a row failed alike, the rest was not planned: gone"):
        site.plan()


def test_different_failures_stop_nothing(tmp_path: Path) -> None:
    site = many(tmp_path, 9)
    codes = itertools.cycle([403, 418])
    site.strike = lambda method, path: answer(next(codes)) if method == "GET" else None
    site.limits = Limits(concurrency=1, attempts=1)
    assert len(site.plan()) == 9


# streams


def test_nothing_is_written_of_a_source_that_changes(site: Site) -> None:
    async def work(planner: Planner, prepared: Prepared) -> list[TenantOutcome]:
        def targets() -> Iterator[Target]:
            for job in planner.preparation.jobs():
                yield Target(job, job.domain, None, None)
                raise UnsafeToWrite("the spec's files changed while they were worked on")

        return [outcome async for outcome in apply_all(planner, targets(), lambda _: None)]

    with pytest.raises(UnsafeToWrite):
        site.run(work)


def test_a_stopped_run_leaves_no_request_behind(site: Site) -> None:
    async def work(planner: Planner, prepared: Prepared) -> int:
        plans = plan_all(planner, prune=False)
        async for _ in plans:
            break
        await plans.aclose()
        return len(asyncio.all_tasks())

    assert site.run(work) == 1


def test_domains_to_prune_are_those_that_the_spec_lacks(pruned: Site) -> None:
    async def work(planner: Planner, prepared: Prepared) -> Any:
        return await find_removals(planner)

    domains, errors = pruned.run(work)
    assert sorted(domains) == ["t0.example", "t2.example"]
    assert [plan.domain for plan in errors] == ["strange.example"]
