"""``plan`` and ``apply`` as operations: what they count, in which code they end, what a saved plan holds and does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from in_process import ADDRESS, ENV, SERVER, InProcess, Site, answer, sender

from mailwright.base.errors import ConnectionFailed, MailwrightError, NotWritten, UnsafeToWrite, UsageError
from mailwright.operations.apply import Applied, apply
from mailwright.operations.plan import Plan, plan
from mailwright.operations.ready import prepare
from mailwright.sandbox.identity import SandboxTenant
from mailwright.spec import load_spec
from mailwright.tenants import runs
from mailwright.tenants.applying import TenantOutcome
from mailwright.tenants.planfile import PlanHeader, SavedPlan
from mailwright.tenants.planning import Action

A, B, C, D, FOREIGN = (f"{name}.example" for name in ("a", "b", "c", "d", "foreign"))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A server with four tenants and somebody else's: of the spec's, *a* is to be created, *b* updated, *c* is as it shall be."""
    foreign = SandboxTenant(FOREIGN, client_id="other", client_secret="other")
    made = Site(tmp_path, A, B, C, D, foreign)
    for name, value in ENV.items():
        monkeypatch.setenv(name, value)

    def open_transport(*_: object) -> InProcess:
        made.transport = InProcess(made.server, made.limits, made.strike)
        return made.transport

    monkeypatch.setattr(runs, "Transport", open_transport)
    made.spec |= {"owner": "team", "tenants": {B: sender(1), C: sender(2), D: sender(3)}}
    assert apply(made.prepared()).exit_code == 0
    made.spec["tenants"] = {A: sender(0), B: sender(1, hostname="other.example"), C: sender(2)}
    return made


def planned(found: Plan) -> dict[str, str]:
    return {each.domain: each.action.value for each in found.tenants}


def failing(domain: str, status: int = 500) -> Callable[[str, str], Any]:
    return lambda method, path: answer(status) if f"/t/{domain}/api" in path else None


def test_what_a_plan_counts(site: Site) -> None:
    found = plan(site.prepared(with_secrets=False))
    assert planned(found) == {A: "create", B: "update", C: "unchanged"}
    assert (found.changes, found.exit_code, found.codes, found.not_looked_at, found.written) == (2, 0, frozenset(), 0, None)
    found = plan(site.prepared(with_secrets=False), prune=True)
    assert planned(found) == {A: "create", B: "update", C: "unchanged", D: "delete"}
    assert (found.changes, found.exit_code, found.not_looked_at) == (3, 0, 1)
    assert found.counts == {Action.CREATE: 1, Action.UPDATE: 1, Action.UNCHANGED: 1, Action.DELETE: 1}
    found = plan(site.prepared(with_secrets=False), update_secrets="always")
    assert (planned(found)[C], found.changes) == ("update", 3)
    taken: list[str] = []
    found = plan(site.prepared(with_secrets=False), each=lambda each: taken.append(each.domain))
    assert (found.tenants, taken, found.changes) == ((), [A, B, C], 2)


def test_a_plan_is_written_whole_or_not_at_all(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "email.plan"
    site.strike = failing(B)
    found = plan(site.prepared(with_secrets=False), output=str(file))
    assert planned(found) == {A: "create", B: "error", C: "unchanged"}
    assert (found.exit_code, found.codes, found.changes, found.written, file.exists()) == (6, {6}, 1, None, False)
    site.strike = None
    for prune, when, deletions in ((False, "on-version-change", 0), (True, "always", 1)):
        prepared = site.prepared(with_secrets=False)
        assert plan(prepared, output=str(file), prune=prune, update_secrets=when).written is not None
        saved = SavedPlan(str(file))
        assert saved.header == PlanHeader(prepared.digest, ADDRESS, "7.3.0", None, when, prune)
        assert saved.deletions == deletions


def done(applied: Applied) -> dict[str, tuple[str, str]]:
    return {each.plan.domain: (each.plan.action.value, each.word) for each in applied.outcomes}


def test_what_an_apply_counts(site: Site) -> None:
    applied = apply(site.prepared(), prune=True)
    assert done(applied) == {
        A: ("create", "done"),
        B: ("update", "done"),
        C: ("unchanged", "unchanged"),
        D: ("delete", "done"),
    }
    assert (applied.in_line, applied.exit_code, applied.codes) == (4, 0, set())
    assert (applied.unread, applied.not_looked_at, applied.stopped) == ([], 1, None)
    assert applied.actions == {Action.CREATE: 1, Action.UPDATE: 1, Action.DELETE: 1}
    assert set(site.server.stored()) == {A, B, C}


@pytest.mark.parametrize(
    ("tenants", "code", "in_line"),
    [((A, B, C), 7, 2), ((B, C), 7, 1), ((B,), 6, 0), ((C,), 0, 1)],
)
def test_one_that_fails(tenants: tuple[str, ...], code: int, in_line: int, site: Site) -> None:
    site.spec["tenants"] = {domain: site.spec["tenants"][domain] for domain in tenants}
    site.strike = failing(B)
    applied = apply(site.prepared())
    assert (applied.exit_code, applied.in_line, applied.counts["failed"]) == (code, in_line, int(B in tenants))


def test_what_a_prune_could_not_read(site: Site) -> None:
    site.spec["tenants"] = {C: sender(2)}
    site.strike = failing(D)
    applied = apply(site.prepared(), prune=True)
    assert [each.domain for each in applied.unread] == [D]
    assert (applied.exit_code, applied.codes, applied.not_looked_at) == (7, {6}, 1)
    assert applied.counts == {"done": 1, "unchanged": 1, "failed": 1}
    assert D in site.server.stored()


def test_where_an_apply_ends_early_what_is_finished_is_handed_over(site: Site) -> None:
    def finished(outcome: TenantOutcome) -> None:
        if outcome.plan.domain == B:
            raise NotWritten("the disk is full")

    applied, told = Applied(), list[str]()
    with pytest.raises(NotWritten):
        apply(site.prepared(), finished=finished, each=lambda one: told.append(f"{one.plan.domain} {one.word}"), applied=applied)
    assert told[:2] == [f"{A} done", f"{B} done"]
    assert (applied.actions[Action.CREATE], applied.actions[Action.UPDATE]) == (1, 1)


def test_one_cause_that_fails_everybody(site: Site) -> None:
    site.strike = lambda method, path: ConnectionFailed("gone") if "/api/server" in path else None
    site.spec["tenants"] |= {f"t{number}.example": sender(number) for number in range(2 * SERVER.limits.concurrency)}
    applied = apply(site.prepared())
    assert applied.stopped is not None
    assert (applied.exit_code, applied.codes, applied.in_line) == (3, {3}, 0)


def test_a_saved_plan_is_done_and_nothing_else(site: Site, tmp_path: Path) -> None:
    file = str(tmp_path / "email.plan")
    plan(site.prepared(with_secrets=False), output=file, prune=True)
    site.spec["tenants"][C]["hostname"] = "changed.example"
    with pytest.raises(UnsafeToWrite):
        apply(site.prepared(), plan_file=file)
    site.spec["tenants"][C]["hostname"] = "smtp.example.com"
    assert set(site.server.stored()) == {B, C, D}
    taken: list[str] = []
    applied = apply(site.prepared(), plan_file=file, each=lambda each: taken.append(each.plan.domain))
    assert (taken, applied.outcomes) == ([A, B, C, D], [])
    assert (applied.exit_code, set(site.server.stored()), site.host(B)) == (0, {A, B, C}, "other.example")
    again = apply(site.prepared(), plan_file=file)
    assert (again.exit_code, again.counts) == (0, {"unchanged": 4})


@pytest.mark.parametrize("count", [5, 6])
def test_many_deletions_are_asked_for(count: int, site: Site, tmp_path: Path) -> None:
    more = [f"t{number}.example" for number in range(count - 1)]
    for number, domain in enumerate(more):
        site.server.add_tenant(domain)
        site.spec["tenants"][domain] = sender(number)
    apply(site.prepared())
    for domain in more:
        del site.spec["tenants"][domain]
    file = str(tmp_path / "email.plan")
    plan(site.prepared(with_secrets=False), output=file, prune=True)
    for options in ({"prune": True}, {"plan_file": file}):
        if count > 5:
            with pytest.raises(UnsafeToWrite):
                apply(site.prepared(), **options)  # type: ignore[arg-type]
            assert len(site.server.stored()) == 3 + count
    assert apply(site.prepared(), plan_file=file, confirmed=count > 5).exit_code == 0
    assert set(site.server.stored()) == {A, B, C}


def test_whether_secrets_are_always_sent(site: Site, tmp_path: Path) -> None:
    file = str(tmp_path / "email.plan")
    assert done(apply(site.prepared(), update_secrets="always"))[C] == ("update", "done")
    assert plan(site.prepared(with_secrets=False), output=file, update_secrets="always").changes == 3
    assert done(apply(site.prepared(), plan_file=file)) == dict.fromkeys((A, B, C), ("update", "done"))


def test_what_a_spec_is_prepared_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    path = site.folder / "spec.json"
    site.prepared()
    assert prepare(load_spec(path), SERVER, product_version="7.3.0").release.version == "7.3.0"
    with pytest.raises(MailwrightError) as caught:
        prepare(load_spec(path), SERVER, product_version="7.1.0")
    assert str(caught.value.place).startswith(f"{path}:1:")
    path.write_text(path.read_text(encoding="utf-8").replace('"product": {"version": "7.3.0"}, ', ""), encoding="utf-8")
    assert prepare(load_spec(path), SERVER, product_version="7.2.0").release.version == "7.2.0"
    with pytest.raises(UsageError, match="the product version is needed"):
        prepare(load_spec(path), SERVER)
    monkeypatch.delenv("MAILWRIGHT_P")
    with pytest.raises(UnsafeToWrite):
        prepare(load_spec(path), SERVER, product_version="7.3.0")
    assert prepare(load_spec(path), SERVER, product_version="7.3.0", with_secrets=False).release.version == "7.3.0"
