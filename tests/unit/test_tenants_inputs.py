"""What a run is given: a saved plan, a policy and secrets by name, the server of an environment; and what of it is refused."""

from __future__ import annotations

import asyncio
import json
import math
import ssl
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from in_process import ADDRESS, CLIENT_SECRET, ENV, InProcess, Site, sender

from mailwright.base import atomic
from mailwright.base.errors import MailwrightError, SpecError, SyntaxInput, UnreadableInput, UnsafeToWrite, UsageError
from mailwright.operations.servers import Connection, names_server
from mailwright.spec import load_spec
from mailwright.tenants import runs
from mailwright.tenants.credentials import Task
from mailwright.tenants.planfile import Line, PlanHeader, PlanWriter, SavedPlan
from mailwright.tenants.planning import Action, TenantPlan
from mailwright.tenants.runs import Server, open_api
from mailwright.tenants.transport import Limits, tls_context

Write = Callable[[str, str], Path]


@pytest.fixture(autouse=True)
def _env(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENV.items():
        monkeypatch.setenv(name, value)


# saved plans

HEADER = PlanHeader("digest", ADDRESS, "7.3.0", "prod", "on-version-change", prune=True)
FIRST = {
    "mailwright_plan": 1,
    "spec": "digest",
    "server": ADDRESS,
    "release": "7.3.0",
    "environment": "prod",
    "update_secrets": "always",
}
HEAD = {**FIRST, "prune": False}
ONE = {"domain": "a.example", "action": "create", "state": "absent"}


def lines(*documents: Any) -> str:
    return "".join(f"{document if isinstance(document, str) else json.dumps(document)}\n" for document in documents)


def test_a_plan_is_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / "plan"
    writer = PlanWriter(str(path))
    writer.add(TenantPlan("a.example", Action.UPDATE, state="x"))
    writer.add(TenantPlan("b.example", Action.DELETE, state="y"))
    assert not path.exists()
    writer.finish(HEADER)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    saved = SavedPlan(str(path))
    assert (saved.header, saved.deletions) == (HEADER, 1)
    wanted = [Line("a.example", Action.UPDATE, "x"), Line("b.example", Action.DELETE, "y")]
    assert list(saved.lines()) == list(saved.lines()) == wanted
    assert list(tmp_path.iterdir()) == [path]


def test_a_plan_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    writer = PlanWriter(str(tmp_path / "plan"))
    writer.add(TenantPlan("a.example", Action.UPDATE))
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_goes_and_a_plan_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path, left = tmp_path / "plan", tmp_path / f".mailwright-{'0' * 32}.tmp"
    path.write_text("old")
    path.chmod(0o644)
    left.touch()
    PlanWriter(str(path)).finish(HEADER)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert SavedPlan(str(path)).header == HEADER
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("at", ["open", "write"])
def test_a_plan_that_cannot_be_written(tmp_path: Path, at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / ("no/plan" if at == "open" else "plan")

    def write() -> None:
        writer = PlanWriter(str(path))
        monkeypatch.setattr(atomic, "_write", fail)
        writer.finish(HEADER)

    with pytest.raises(UnreadableInput) as caught:
        write()
    why = "its folder is not there" if at == "open" else "No space left on device"
    assert caught.value.message == f"cannot be written: {why}"
    assert str(caught.value.place) == str(path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (lines({k: v for k, v in HEAD.items() if k != "server"}, {"end": 0}), 1),
        (lines({**HEAD, "more": 1}, {"end": 0}), 1),
        (lines(HEAD), 2),
        (lines(HEAD, ONE), 3),
        (lines(HEAD, ONE, {"end": 0}), 3),
        (lines(HEAD, ONE, {"end": 2}), 3),
        (lines(HEAD, {"end": 0}, ONE), 3),
        (lines(HEAD, {**ONE, "action": "burn"}, {"end": 1}), 2),
        (lines(HEAD, ONE, {"domain": "b"}, {"end": 2}), 3),
        (lines(HEAD, [1], {"end": 1}), 2),
        (lines(HEAD, "{", {"end": 1}), 0),
        (lines(HEAD, {**ONE, "state": "x" * 5000}, {"end": 1}), 0),
        (lines(HEAD, "[" * 4000, {"end": 1}), 0),
    ],
)
def test_a_plan_that_is_not_complete(write: Write, text: str, line: int) -> None:
    path = write("plan", text)
    with pytest.raises(SyntaxInput) as caught:
        SavedPlan(str(path))
    assert (caught.value.message, caught.value.hint) == ("is not a complete plan", "plan again")
    assert caught.value.place is not None
    assert (caught.value.place.line, caught.value.place.column) == (line, 1 if line else 0)


@pytest.mark.parametrize("text", ["", lines({**HEAD, "mailwright_plan": 2}), lines({"end": 0})])
def test_a_plan_of_another_version(write: Write, text: str) -> None:
    with pytest.raises(SyntaxInput) as caught:
        SavedPlan(str(write("plan", text)))
    assert (caught.value.message, caught.value.hint) == (
        "is not a plan of this version of mailwright",
        "`mailwright plan -o FILE`",
    )


def test_a_plan_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="cannot be read: No such file or directory"):
        SavedPlan(str(tmp_path / "plan"))


def test_an_empty_plan(write: Write) -> None:
    saved = SavedPlan(str(write("plan", lines(HEAD, {"end": 0}))))
    assert (list(saved.lines()), saved.deletions) == ([], 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, None),
        ({"prune": True}, None),
        ({"update_secrets": "on-version-change"}, None),
        ({"spec": "other"}, "the spec changed"),
        ({"server": "https://b:443"}, "--server names another server"),
        ({"release": "7.2.0"}, "the product version is another"),
        ({"environment": None}, "the environment is another"),
        ({"spec": "other", "release": "7.2.0"}, "the spec changed and the product version is another"),
    ],
)
def test_a_plan_is_for_what_it_was_made_for(write: Write, change: dict[str, Any], message: str | None) -> None:
    saved = SavedPlan(str(write("plan", lines(HEAD, {"end": 0}))))
    values = {**{name: value for name, value in HEAD.items() if name != "mailwright_plan"}, **change}
    if message is None:
        saved.check(PlanHeader(**values))
        return
    with pytest.raises(UnsafeToWrite) as caught:
        saved.check(PlanHeader(**values))
    assert (caught.value.message, caught.value.hint) == (f"{message} since the plan was made", "plan again; nothing was sent")


# the server of an environment

SPEC = """
mailwright: 1
product: {version: "7.3.0"}
environments:
  prod: {server: "https://prod.example.com:9443", ca_file: prod.pem}
  test: {server: "https://test.example.com"}
  own: {ca_file: own.pem}
  bare: {}
"""
PROD, TEST, OTHER = "https://prod.example.com:9443", "https://test.example.com:443", "https://other.example.com:443"


@pytest.mark.parametrize(
    ("environment", "given", "ca_file", "override", "server"),
    [
        ("prod", None, None, False, (PROD, "prod.pem")),
        ("prod", None, "mine.pem", False, (PROD, "mine.pem")),
        ("prod", PROD, None, False, (PROD, "prod.pem")),
        ("prod", "https://prod.example.com:9443/", None, False, (PROD, "prod.pem")),
        ("prod", OTHER, None, True, (OTHER, "prod.pem")),
        ("prod", TEST, None, True, (TEST, "prod.pem")),
        ("own", OTHER, None, False, (OTHER, "own.pem")),
        ("own", PROD, None, True, (PROD, "own.pem")),
        ("bare", OTHER, None, False, (OTHER, None)),
        (None, OTHER, "mine.pem", False, (OTHER, "mine.pem")),
        (None, TEST, None, True, (TEST, None)),
    ],
)
def test_the_server(
    write: Write, environment: str | None, given: str | None, ca_file: str | None, override: bool, server: tuple[str, str | None]
) -> None:
    spec = load_spec(str(write("spec.yaml", SPEC)), environment)
    bound = Connection(given, override, ca_file).bound_to(spec)
    assert (bound.server, bound.ca_file and Path(bound.ca_file).name) == server


LEAVE_OUT = "leave --server out: the spec names it; --server-override if the other one is meant"
ANOTHER = "the environment `{}` is for a different server than the one given"
THEIRS, CHOOSE = (
    "this server is the environment `{}`'s, and {} is to be worked on",
    "--env {} if that is meant, --server-override if not",
)
NOWHERE = "--server URL, or `server` of the environment: environments: {{{}: {{server: https://is.example.com:9443}}}}"


@pytest.mark.parametrize(
    ("environment", "given", "kind", "message", "hint"),
    [
        ("prod", OTHER, UnsafeToWrite, ANOTHER.format("prod"), LEAVE_OUT),
        ("prod", TEST, UnsafeToWrite, ANOTHER.format("prod"), LEAVE_OUT),
        ("own", PROD, UnsafeToWrite, THEIRS.format("prod", "the environment `own`"), CHOOSE.format("prod")),
        ("bare", TEST, UnsafeToWrite, THEIRS.format("test", "the environment `bare`"), CHOOSE.format("test")),
        (None, TEST, UnsafeToWrite, THEIRS.format("test", "the spec without an environment"), CHOOSE.format("test")),
        (None, None, UsageError, "no server is named", "--env takes it from the spec, which has one for: `prod`, `test`"),
        ("own", None, UsageError, "no server is named for the environment `own`", NOWHERE.format("own")),
        ("bare", None, UsageError, "no server is named for the environment `bare`", NOWHERE.format("bare")),
    ],
)
def test_no_server_by_mistake(
    write: Write, environment: str | None, given: str | None, kind: type[MailwrightError], message: str, hint: str
) -> None:
    spec = load_spec(str(write("spec.yaml", SPEC)), environment)
    with pytest.raises(MailwrightError) as caught:
        Connection(given).bound_to(spec)
    assert (type(caught.value), caught.value.message, caught.value.hint) == (kind, message, hint)
    place = caught.value.place
    named = [name for name, each in spec.bindings.items() if each.place == place]
    assert named == [name for name in spec.bindings if f"environment `{name}`" in message.partition(",")[0]]
    assert place is not None


NUMBERS, RATE = "timeout is at most 600 seconds, concurrency 1 to 256", "rate is a number above 0"


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"timeout": 0.001}, None),
        ({"timeout": 600}, None),
        ({"timeout": 0}, NUMBERS),
        ({"timeout": 600.1}, NUMBERS),
        ({"timeout": math.nan}, NUMBERS),
        ({"concurrency": 1}, None),
        ({"concurrency": 256}, None),
        ({"concurrency": 0}, NUMBERS),
        ({"concurrency": 257}, NUMBERS),
        ({"rate": 0.001}, None),
        ({"rate": 0}, RATE),
        ({"rate": math.inf}, RATE),
    ],
)
@pytest.mark.parametrize("allow_unverified", [False, True])
def test_how_a_server_is_reached(numbers: dict[str, float], said: str | None, allow_unverified: bool, write: Write) -> None:
    spec = load_spec(str(write("spec.yaml", "mailwright: 1\n")))
    connection = replace(Connection(OTHER, allow_unverified=allow_unverified), **numbers)  # type: ignore[arg-type]
    if said is not None:
        with pytest.raises(UsageError) as caught:
            connection.reach(spec)
        assert caught.value.message == said
        return
    server = connection.reach(spec)
    limits = {"timeout": 30.0, "concurrency": 16, "rate": None, **numbers}
    assert (server.address, server.limits) == (OTHER, Limits(**limits))  # type: ignore[arg-type]
    assert server.context.verify_mode is (ssl.CERT_NONE if allow_unverified else ssl.CERT_REQUIRED)


@pytest.mark.parametrize(("environment", "has"), [("prod", True), ("own", False), ("bare", False), (None, False)])
def test_which_environment_names_a_server(environment: str | None, has: bool, write: Write) -> None:
    assert names_server(load_spec(str(write("spec.yaml", SPEC)), environment)) is has


def test_a_spec_without_environments_needs_the_option(write: Write) -> None:
    with pytest.raises(UsageError) as caught:
        Connection().bound_to(load_spec(str(write("spec.yaml", "mailwright: 1\n"))))
    assert (
        caught.value.hint
        == "--server URL, or `server` of the environment: environments: {prod: {server: https://is.example.com:9443}}"
    )


# a spec made ready


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path, "t0.example")
    made.spec["tenants"] = {"t0.example": sender(0)}
    return made


def test_ready(site: Site) -> None:
    prepared = site.prepared()
    assert (prepared.preparation.count, prepared.width, prepared.release.version) == (1, 10, "7.3.0")
    assert prepared.digest == site.prepared(with_secrets=False).digest
    site.spec["tenants"] = {f"{'x' * 50}.example": sender(0), "t1.example": sender(1)}
    assert site.prepared().width == 40


def test_the_folder_of_secrets(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    with pytest.raises(UsageError, match="--secrets-dir is not a folder"):
        site.prepared(secrets_dir=str(folder))
    folder.mkdir()
    (folder / "mail").write_text("from-the-file\n", encoding="utf-8")
    site.spec["tenants"]["t0.example"]["password"] = "$file{mail}"
    (job,) = site.prepared(secrets_dir=str(folder)).preparation.jobs()
    assert [secret.reveal() for secret in job.secrets.values()] == ["from-the-file"]


def test_a_policy(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("mailwright_policy: 1\nrelay_hosts: [smtp.example.com]\n", encoding="utf-8")
    site.prepared(policy=str(path))
    path.write_text("mailwright_policy: 1\nrelay_hosts: [other.example.com]\n", encoding="utf-8")
    with pytest.raises(UnsafeToWrite, match=r"the policy forbids the sender of t0\.example: the relay"):
        site.prepared(policy=str(path))


def test_the_product_version_is_needed(site: Site) -> None:
    del site.spec["product"]
    with pytest.raises(UsageError) as caught:
        site.prepared()
    assert caught.value.message == "the product version is needed: it says which API there is"
    assert caught.value.hint == 'write `product: {version: "7.3.0"}` into the spec, or use --product-version V'


OWNER = {"username": "u", "email": "u@x.example", "provisioning": "inline-password", "password": "changeme"}


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"password": "********"}, UnsafeToWrite, "the secret password of t0.example is a mask: <secret>"),
        (
            {"password": "$env{MAILWRIGHT_NO}"},
            UnsafeToWrite,
            "the secret password of t0.example cannot be resolved: $env{MAILWRIGHT_NO}",
        ),
        (
            {"create": {"owner": OWNER}},
            UnsafeToWrite,
            "the secret create.owner.password of t0.example is a placeholder: <secret>",
        ),
        ({"api": {"user": "u"}}, SpecError, "`api.user` goes with `api.password`, which is missing"),
    ],
)
def test_what_no_request_is_made_for(site: Site, change: dict[str, Any], kind: type[MailwrightError], message: str) -> None:
    site.spec["tenants"]["t0.example"].update(change)
    with pytest.raises(MailwrightError) as caught:
        site.prepared()
    assert message in caught.value.message
    assert isinstance(caught.value, kind)
    assert CLIENT_SECRET not in str(caught.value)


def test_sub_organizations_need_a_release_that_has_them(tmp_path: Path) -> None:
    for release, there in (("7.3.0", True), ("6.1.0", False)):
        site = Site(tmp_path, "t0.example", release=release)
        site.spec["tenants"] = {"t0.example/o/0b2c": sender(0)}
        if there:
            assert site.prepared().preparation.count == 1
            continue
        with pytest.raises(SpecError, match=r"6\.1\.0 has no API for sub-organizations"):
            site.prepared()


def test_an_api_is_opened_once_the_server_is_there(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    class There(InProcess):
        def __init__(self, address: str, context: Any, limits: Limits) -> None:
            assert address == ADDRESS
            super().__init__(site.server, limits)

        async def reach(self) -> None:
            order.append("reached")

    monkeypatch.setattr(runs, "Transport", There)

    async def work() -> Any:
        async with open_api(Server(ADDRESS, tls_context(None), Limits()), site.release, Task.READ) as api:
            order.append("opened")
            (job,) = site.prepared().preparation.jobs()
            return await api.read("t0.example", "v2", job.credentials)

    assert asyncio.run(work()) is None
    assert order == ["reached", "opened"]
