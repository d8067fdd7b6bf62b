"""What many tenants or environments have in common is one finding; one cause is told once and where it is."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mailwright.base.findings import Finding
from mailwright.base.places import Place
from mailwright.rules.reading import SCHEMA
from mailwright.validation.gathering import MOST_SINGLE, Gathering

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from commands import Run

    Write = Callable[[str, str], Path]


def about(tenant: int, *, line: int | None = None, message: str = "wrong") -> Finding:

    place = Place("tenants.csv", tenant + 2 if line is None else line, 1)
    return replace(SCHEMA.at(place, message, path=f"tenants.t{tenant}.example.port"), tenant=f"t{tenant}.example")


def gathered(*environments: list[Finding], silenced: Callable[[Finding], bool] | None = None) -> list[Finding]:
    gathering = Gathering(silenced)
    for number, findings in enumerate(environments):
        gathering.add(f"e{number}" if number else None, findings)
    return gathering.findings()


def test_a_few_tenants_have_a_finding_each() -> None:
    found = gathered([about(number) for number in range(MOST_SINGLE)])
    assert [(finding.place.line, finding.tenants, finding.also) for finding in found] == [(2, 1, ()), (3, 1, ()), (4, 1, ())]


def test_many_tenants_have_one() -> None:
    (found,) = gathered([about(number) for number in range(MOST_SINGLE + 1)])
    assert (found.place.line, found.tenants, found.path) == (2, MOST_SINGLE + 1, "tenants.t0.example.port")
    assert found.words == "wrong (4 tenants; also at 3:1, 4:1, 5:1)"
    (found,) = gathered([about(number) for number in range(40)])
    assert found.words == "wrong (40 tenants; also at 3:1, 4:1, 5:1, …)"


def test_what_tenants_inherit_is_told_once_where_it_stands() -> None:
    (found,) = gathered([about(number, line=7) for number in range(40)])
    assert (found.place.line, found.words) == (7, "wrong (40 tenants)")


def test_two_things_to_say_are_two() -> None:
    found = gathered([about(number, message=message) for number in range(9) for message in ("wrong", "worse")])
    assert sorted((finding.message, finding.tenants) for finding in found) == [("worse", 9), ("wrong", 9)]


def test_environments_are_not_counted_twice() -> None:
    tenants = [about(number) for number in range(9)]
    (found,) = gathered(tenants, tenants, tenants)
    assert (found.tenants, found.environments) == (9, ())
    (found,) = gathered([], tenants, tenants, [])
    assert (found.tenants, found.environments, found.message) == (9, ("e1", "e2"), "environments e1, e2: wrong")


def test_what_is_silenced_does_not_count() -> None:
    tenants = [about(number) for number in range(MOST_SINGLE + 1)]
    found = gathered(tenants, silenced=lambda finding: finding.place.line == 2)
    assert [finding.place.line for finding in found] == [3, 4, 5]


def test_the_same_at_two_places_of_one_environment_is_two() -> None:
    findings = [SCHEMA.at(Place("a.yaml", line, 1), "wrong", path="global") for line in (1, 2)]
    assert len(gathered(findings)) == 2
    assert len(gathered(findings, findings)) == 2


def test_memory_does_not_grow_with_the_tenants() -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        (found,) = gathered(about(number) for number in range(count))  # type: ignore[arg-type]
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert found.tenants == count
        return size

    few = min(peak(200) for _ in range(4))  # the first times, what Python keeps for good is made too
    assert peak(20_000) < few + 20_000, "less than a byte for each"


ROW = "{domain},no-reply@{domain},smtp.example.com,{domain},help@{domain}\n"


@pytest.mark.parametrize("count", [2, 40])
def test_a_misspelt_csv_header_is_told_once_at_the_header(write: Write, run: Run, count: int) -> None:
    rows = "".join(ROW.format(domain=f"t{number}.example") for number in range(count))
    write("tenants.csv", "domain,from_address,hostnam,signature,reply_to\n" + rows)
    spec = write("email.yaml", 'mailwright: 1\nproduct: {version: "7.3.0"}\ntenants_from: tenants.csv\n')
    findings: list[dict[str, Any]] = run("validate", spec, "--format", "json").json["files"][0]["findings"]
    (header,) = [finding for finding in findings if "hostnam" in finding["message"]]
    assert (header["line"], header["column"], header["hint"]) == (1, 21, "did you mean `hostname`?")
    assert header.get("tenants", 1) == (count if count > MOST_SINGLE else 1)
    assert len(run("validate", spec).stdout.splitlines()) < 14


def test_reports_have_the_count_and_the_places(write: Write, run: Run) -> None:
    lines = [json.dumps({"domain": f"t{number}.example", "port": 0}) for number in range(40)]
    write("tenants.jsonl", "\n".join(lines))
    spec = write("email.yaml", 'mailwright: 1\nproduct: {version: "7.3.0"}\ntenants_from: tenants.jsonl\n')
    findings = run("validate", spec, "--format", "json").json["files"][0]["findings"]
    (port,) = [finding for finding in findings if finding["path"] == "tenants.t0.example.port" and finding["severity"] == "error"]
    assert (port["tenants"], [place["line"] for place in port["also"]]) == (40, list(range(2, 11)))
    for format_ in ("text", "github", "gitlab", "junit", "sarif"):
        assert "(40 tenants; also at 2:" in run("validate", spec, "--format", format_).stdout.replace("%3A", ":")
