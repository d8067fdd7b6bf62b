"""The check of a spec beside the requests: what is read meanwhile, what is written (nothing), and what goes first where both go wrong."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from in_process import CLIENT_SECRET, ENV, SERVER, InProcess, Site, sender

from mailwright.base.errors import ConnectionFailed, MailwrightError, SpecError, UnsafeToWrite
from mailwright.operations.apply import Applied, apply
from mailwright.operations.plan import plan
from mailwright.operations.ready import Prepared, prepare
from mailwright.spec import load_spec
from mailwright.tenants import preparing, runs
from mailwright.tenants.planning import Action
from mailwright.tenants.window import beside, held_back

AT_ONCE = 16
COUNT = 80
WRITES = ("POST", "PUT", "DELETE")


class Big(Site):
    """More tenants than are checked at once, as a stream; each request takes one turn of the loop."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, *[f"t{number}.example" for number in range(COUNT)])
        self.rows = [{"domain": f"t{number}.example", **sender(number)} for number in range(COUNT)]
        self.spec |= {"tenants": {}, "tenants_from": "t.jsonl"}
        self.write()

    def write(self) -> None:
        (self.folder / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in self.rows), encoding="utf-8")

    def ahead(self, *, with_secrets: bool) -> Prepared:
        path = self.folder / "spec.json"
        path.write_text(json.dumps(self.spec), encoding="utf-8")
        return prepare(load_spec(path), SERVER, with_secrets=with_secrets, ahead=True)

    @property
    def requests(self) -> list[tuple[str, str]]:
        return self.transport.sent if self.transport else []

    @property
    def writes(self) -> list[tuple[str, str]]:
        return [(method, path) for method, path in self.requests if method in WRITES and not path.endswith("/token")]


@pytest.fixture
def big(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Big:
    site = Big(tmp_path)
    for name, value in ENV.items():
        monkeypatch.setenv(name, value)

    class Slower(InProcess):
        async def _once(self, *asked: Any) -> Any:
            await asyncio.sleep(0)
            return await super()._once(*asked)

    def open_transport(*_: object) -> InProcess:
        site.transport = Slower(site.server, site.limits, site.strike)
        return site.transport

    monkeypatch.setattr(runs, "Transport", open_transport)
    monkeypatch.setattr(preparing, "AT_ONCE", AT_ONCE)
    monkeypatch.setattr(preparing, "_BREATH", 1)  # so that requests come to their end while the check goes on
    return site


def spoil_the_last(site: Big) -> None:
    del site.rows[-1]["signature"]
    site.write()


def test_a_plan_reads_while_the_spec_is_checked(big: Big) -> None:
    prepared, order, checked = big.ahead(with_secrets=False), [], []

    def strike(method: str, path: str) -> None:
        checked.append(prepared.preparation.checked)

    big.strike = strike
    found = plan(prepared, each=lambda tenant: order.append((tenant.domain, prepared.preparation.checked)))
    assert order == [(f"t{number}.example", True) for number in range(COUNT)], (
        "in the order of the spec, none before all is checked"
    )
    assert (checked[0], checked[-1]) == (False, True)
    assert found.counts == {Action.CREATE: COUNT}


def test_of_a_spec_whose_last_tenant_is_wrong_no_plan_is_told(big: Big) -> None:
    spoil_the_last(big)
    told: list[Any] = []
    with pytest.raises(SpecError) as caught:
        plan(big.ahead(with_secrets=False), each=told.append)
    assert "`signature` is missing" in caught.value.message
    assert big.requests, "something was read meanwhile"
    assert (told, big.writes) == ([], [])


def test_of_a_spec_whose_last_tenant_is_wrong_nothing_is_written(big: Big) -> None:
    spoil_the_last(big)
    applied = Applied()
    with pytest.raises(SpecError, match="`signature` is missing"):
        apply(big.ahead(with_secrets=True), applied=applied)
    assert big.requests, "tokens were bought meanwhile"
    assert (big.writes, big.server.stored(), applied.in_line) == ([], {}, 0)


def test_a_small_spec_is_checked_before_the_first_request(big: Big) -> None:
    big.rows = big.rows[:5]
    spoil_the_last(big)
    with pytest.raises(SpecError):
        plan(big.ahead(with_secrets=False))
    assert big.requests == []


@pytest.mark.parametrize("reference", ["$env{MAILWRIGHT_NOWHERE}", "********"])
def test_a_secret_that_is_none_is_told_although_the_server_is_gone(big: Big, reference: str) -> None:
    big.rows[-1]["password"] = reference
    big.write()
    big.strike = lambda method, path: ConnectionFailed("gone")
    with pytest.raises(UnsafeToWrite) as caught:
        apply(big.ahead(with_secrets=True))
    assert f"password of t{COUNT - 1}.example" in caught.value.message


def test_a_server_that_is_gone_is_told_once_the_spec_is_checked(big: Big) -> None:
    big.strike = lambda method, path: ConnectionFailed("gone")
    with pytest.raises(runs.Stopped, match="gone"):
        plan(big.ahead(with_secrets=False), each=lambda _: None)
    spoil_the_last(big)
    with pytest.raises(SpecError, match="`signature` is missing"):
        plan(big.ahead(with_secrets=False))


@pytest.mark.parametrize("task", [plan, apply])
@pytest.mark.parametrize("when", [0, COUNT // 2, COUNT - 2])
def test_a_source_that_changes_meanwhile_is_refused(big: Big, task: Callable[[Prepared], Any], when: int) -> None:
    prepared = big.ahead(with_secrets=task is apply)
    prepared.preparation.check()
    big.rows[when]["port"] = 2525
    big.write()
    with pytest.raises(UnsafeToWrite, match="changed while they were worked on"):
        task(prepared)
    assert f"t{when}.example" not in big.server.stored()


@pytest.mark.parametrize("ahead", [False, True])
def test_the_token_of_each_tenant_is_bought_once_in_a_run(big: Big, ahead: bool) -> None:
    prepared = big.ahead(with_secrets=True)
    if not ahead:
        prepared.preparation.check()
    assert apply(prepared).actions == {Action.CREATE: COUNT}
    bought = Counter(path for method, path in big.requests if path.endswith("/oauth2/token"))
    assert bought == {f"/t/t{number}.example/oauth2/token": 1 for number in range(COUNT)}
    reads = Counter(method for method, path in big.requests if not path.endswith("/token"))
    assert reads == {"GET": 2 * COUNT, "POST": COUNT}


def test_a_token_that_the_server_forgot_is_bought_anew(big: Big) -> None:
    big.rows = big.rows[:3]
    big.write()

    def strike(method: str, path: str) -> None:
        if method == "POST" and path.endswith("/email"):
            big.strike = None
            big.transport.strike = None  # type: ignore[union-attr]
            big.server.revoke_tokens("t1.example")

    big.strike = strike
    assert apply(big.ahead(with_secrets=True)).exit_code == 0
    assert Counter(path for _, path in big.requests)["/t/t1.example/oauth2/token"] == 2


def test_a_refused_token_ends_the_buying_ahead_and_not_the_run(big: Big) -> None:
    big.server.add_tenant(f"t{COUNT}.example")
    refused = {"t0.example", "t7.example"}
    big.strike = lambda method, path: (
        runs.UnsafeToWrite("x") if path.split("/")[2] in refused and path.endswith("/token") else None
    )
    done = apply(big.ahead(with_secrets=True))
    assert done.counts == {"done": COUNT - 2, "failed": 2}


def test_what_is_interrupted_while_the_spec_is_checked_wrote_nothing(big: Big) -> None:
    def strike(method: str, path: str) -> None:
        raise KeyboardInterrupt

    big.strike = strike
    applied = Applied()
    with pytest.raises(KeyboardInterrupt):
        apply(big.ahead(with_secrets=True), applied=applied)
    assert (big.server.stored(), applied.in_line) == ({}, 0)


def test_who_only_looks_again_takes_no_secrets_along(big: Big) -> None:
    prepared = big.ahead(with_secrets=True)
    prepared.preparation.check()
    assert all(job.secrets for job in prepared.preparation.jobs())
    assert not any(job.secrets for job in prepared.preparation.jobs(to_write=False))


# the pieces


async def _numbers(count: int, error: Exception | None = None) -> AsyncIterator[int]:
    for number in range(count):
        yield number
    if error is not None:
        raise error


@pytest.mark.parametrize("error", [None, SpecError("x")])
@pytest.mark.parametrize("most", [2, 100])
def test_items_are_held_back(error: Exception | None, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailwright.tenants.window.MOST_HELD", most)
    event = asyncio.Event()
    taken: list[int] = []

    async def counted() -> AsyncIterator[int]:
        async for number in _numbers(10, error):
            taken.append(number)
            yield number

    async def main() -> tuple[list[int], int]:
        seen: list[int] = []

        async def consume() -> None:
            async for number in held_back(counted(), event.wait, event.is_set):
                seen.append(number)

        consuming = asyncio.create_task(consume())
        for _ in range(30):
            await asyncio.sleep(0)
        before = len(taken)
        assert seen == []
        event.set()
        (failed,) = await asyncio.gather(consuming, return_exceptions=True)
        assert failed is error
        return seen, before

    assert asyncio.run(main()) == (list(range(10)), min(most, 10))


def test_the_check_begins_first_and_its_error_goes_first() -> None:
    order: list[str] = []

    async def check(error: MailwrightError | None) -> None:
        order.append("check")
        await asyncio.sleep(0.01)
        if error is not None:
            raise error

    async def work(error: MailwrightError | None) -> str:
        order.append("work")
        try:
            if error is not None:
                raise error
            await asyncio.sleep(0.02)
        finally:
            order.append("ended")
        return "done"

    assert asyncio.run(beside(check(None), work(None))) == "done"
    with pytest.raises(SpecError, match="spec"):
        asyncio.run(beside(check(SpecError("spec")), work(ConnectionFailed("gone"))))
    with pytest.raises(SpecError, match="spec"):
        asyncio.run(beside(check(SpecError("spec")), work(None)))
    with pytest.raises(ConnectionFailed, match="gone"):
        asyncio.run(beside(check(None), work(ConnectionFailed("gone"))))
    assert order == ["check", "work", "ended"] * 4


def test_the_secret_of_the_api_is_in_no_error(big: Big) -> None:
    spoil_the_last(big)
    with pytest.raises(SpecError) as caught:
        apply(big.ahead(with_secrets=True))
    assert CLIENT_SECRET not in f"{caught.value}{caught.value!r}"
