"""What plan and apply print: failures first and one cause once, changes in the order of the spec, unchanged tenants as a number."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailwright.base.errors import ExitCode, SpecError
from mailwright.report import planned_markdown, planned_text
from mailwright.report.formats import FORMATS, PlanPrinter, apply_printer, plan_printer
from mailwright.tenants.applying import TenantOutcome
from mailwright.tenants.planning import Action, Change, Failure, TenantPlan

if TYPE_CHECKING:
    from commands import Run

ADDRESS = "https://is.example.com:9443"
GONE = Failure("unanswered", "it | did *not* answer", "look `there`", None, ExitCode.UNREACHABLE)


def created(number: int) -> TenantPlan:
    return TenantPlan(f"t{number}.example", Action.CREATE, notes=("the password will be sent",), summary="EmailPublisher, h:587")


def updated(number: int) -> TenantPlan:
    change = Change("smtpServerHost", "relay1.example.com", "a|b\n<script>.example")
    return TenantPlan(f"t{number}.example", Action.UPDATE, (change, Change("port", 25, None)), ("! its password will be sent",))


def failed(number: int) -> TenantPlan:
    return TenantPlan(f"t{number}.example", Action.ERROR, failure=GONE)


def unchanged(number: int) -> TenantPlan:
    return TenantPlan(f"t{number}.example", Action.UNCHANGED)


def printed(
    printer: PlanPrinter, plans: Iterable[TenantPlan], *, environment: str | None = "prod", several: bool = False
) -> list[str]:
    counts: Counter[Action] = Counter()
    pieces = list(printer.begin(environment, ADDRESS, several=several))
    for plan in plans:
        counts[plan.action] += 1
        pieces += printer.add(plan, 12)
    pieces += [*printer.rest(), *printer.end(counts, 12), *printer.finish()]
    return "\n".join(pieces).split("\n")


MIXED = [created(0), unchanged(1), failed(2), updated(3), failed(4), created(5), *map(failed, range(6, 9)), unchanged(9)]


@pytest.mark.parametrize("in_memory", [1, 1 << 20])
def test_the_text_begins_with_what_is_wrong(in_memory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planned_text, "_IN_MEMORY", in_memory)
    monkeypatch.setattr(planned_text, "_AT_ONCE", in_memory)
    lines = printed(plan_printer("text"), MIXED, several=True)
    assert [line.split("  ")[0] if line[0] != " " else line[2:14].rstrip() for line in lines] == [
        f"prod: {ADDRESS}",
        *["! t2.example", "", "! t4.example", "", "! t6.example", ""],
        "! 2 tenants",
        *["+ t0.example", "~ t3.example", "", "+ t5.example"],
        "= 2 tenants",
        "2 to create, 1 to update, 0 to delete, 2 unchanged, 5 failed",
    ]


def test_a_plan_that_ends_early_shows_what_was_known() -> None:
    printer = plan_printer("text")
    assert list(printer.begin(None, ADDRESS, several=False)) == []
    assert list(printer.add(created(0), 12)) == []
    assert len(list(printer.add(failed(1), 12))) == 2
    assert [line[:14] for line in printer.rest()] == ["  + t0.example"]


def test_markdown() -> None:
    lines = printed(plan_printer("markdown"), MIXED)
    assert lines[:4] == [
        "### prod: https://is.example.com:9443",
        "",
        r"**2 to create, 1 to update, 0 to delete, 2 unchanged, 5 failed**",
        "",
    ]
    assert lines[4] == r"- **t2.example**: it \| did \*not\* answer<br>hint: look \`there\`"
    assert lines[7] == r"- 2 tenants more, for the same reason: it \| did \*not\* answer"
    assert lines[9:] == [
        "| tenant | action | what |",
        "| --- | --- | --- |",
        r"| t0.example | create | EmailPublisher, h:587<br>the password will be sent |",
        r"| t3.example | update | smtpServerHost relay1.example.com \-\> a\|b\\n\<script\>.example<br>port 25 \-\> \(none\)"
        r"<br>\! its password will be sent |",
        r"| t5.example | create | EmailPublisher, h:587<br>the password will be sent |",
        "",
    ]


def test_markdown_fits_into_a_comment() -> None:
    lines = printed(
        plan_printer("markdown"), [*map(created, range(10_000)), *map(failed, range(10_000, 20_000))], environment=None
    )
    assert lines[0] == "### https://is.example.com:9443"
    assert lines[-2] == f"{10_000 - planned_markdown.MOST} tenants more"
    assert len("\n".join(lines)) < 65_536


def test_an_environment_that_could_not_be_planned() -> None:
    error = SpecError("no | `plan`")
    for format_, wanted in (
        ("text", []),
        ("markdown", [f"### prod: {ADDRESS}\n", "**not planned**: no \\| \\`plan\\`\n"]),
    ):
        printer = plan_printer(format_)
        list(printer.begin("prod", ADDRESS, several=True))
        assert list(printer.failed(error)) == wanted
    printer = plan_printer("json")
    assert list(printer.begin("prod", ADDRESS, several=True)) == []
    (line,) = printer.failed(error)
    assert json.loads(line)["error"]["message"] == "no | `plan`"


def test_json_is_a_line_a_tenant_in_the_order_of_the_spec() -> None:
    lines = printed(plan_printer("json"), MIXED)
    assert [json.loads(line)["domain"] for line in lines] == [plan.domain for plan in MIXED]


@pytest.mark.parametrize("format_", FORMATS["apply"])
def test_apply(format_: str) -> None:
    printer = apply_printer(format_, "prod")
    outcomes = [TenantOutcome(plan, plan.failure is None, plan.failure, 201, 1.0) for plan in MIXED]
    lines = [line for outcome in outcomes for line in printer.add(outcome, 12)]
    lines += printer.end(Counter(done=3, unchanged=2, failed=5), Counter({Action.CREATE: 2, Action.UPDATE: 1}), 12)
    if format_ == "json":
        assert [json.loads(line)["outcome"] for line in lines][:4] == ["done", "unchanged", "failed", "done"]
    else:
        assert lines[0].startswith("  + t0.example    created")
        assert lines[-1] == "2 created, 1 updated, 0 deleted, 2 unchanged, 5 failed"
        assert lines[-3].startswith("  ! 2 tenants more, for the same reason")


@pytest.mark.parametrize("name", ["plan.html", "plan.md"])
def test_a_saved_plan_is_no_report(name: str, tmp_path: Path, run: Run) -> None:
    (tmp_path / "email.yaml").write_text("mailwright: 1\n", encoding="utf-8")
    result = run("plan", "email.yaml", "--format", "markdown", "-o", name, cwd=tmp_path)
    assert (result.code, [path.name for path in tmp_path.iterdir()]) == (2, ["email.yaml"])
    assert "hint: --format markdown > FILE" in result.stderr
