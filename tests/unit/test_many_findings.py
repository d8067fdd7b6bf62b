"""More findings than a screen holds: each cause once, the rest as places and counts, a table at the end; nothing that is told is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from commands import Run
from mailwright.base.findings import Finding, Severity
from mailwright.base.places import Place
from mailwright.report.findings import by_cause
from mailwright.report.formats import validate_lines

Write = Callable[[str, str], Path]

SPEC = """\
mailwright: 1
product: {version: "7.2.0"}
defaults: {hostname: smtp.example.com, port: 587, reply_to: help@example.com}
tenants_from: [tenants.csv]
"""
NODE = """\
[output_adapter.email]
from_address = "no-reply@example.com"
host = "smtp.example.com"
username = "mailer"
password = "R&D"
"""


@pytest.fixture
def tenants(write: Write) -> Path:
    """Forty tenants with one mistake in common, in other words each; and one with another."""
    rows = ["domain,from_address,signature,username,password"]
    rows += [f"t{number}.example,x@t{number}.example,T,u,$env{{SMTP_T{number}}}" for number in range(40)]
    rows.append("odd.example,no address,T,u,$env{MAILWRIGHT_P}")
    write("tenants.csv", "\n".join(rows) + "\n")
    return write("email.yaml", SPEC)


def test_one_cause_among_forty_tenants_fits_on_a_screen(tenants: Path, run: Run) -> None:
    result = run("validate", tenants, "--select", "MW0,MW4", cwd=tenants.parent)
    lines = result.stdout.splitlines()
    assert result.code == 1
    assert len(lines) < 15
    assert sum("MW401 error:" in line for line in lines) == 1
    assert "      39 more like it: 3:29, 4:29, 5:29, …" in lines
    assert any("tenants.csv:42:13: MW002 error" in line for line in lines)  # the other one is not lost among them
    table = lines[lines.index("rule    severity  findings   files") + 1 :]
    assert [line.split() for line in table[:2]] == [["MW401", "error", "40", "1"], ["MW002", "error", "1", "1"]]
    assert table[2].startswith("41 errors in 1 file.")
    assert table[-1] == "--all shows each finding in full"


def test_all_tells_all(tenants: Path, run: Run) -> None:
    lines = run("validate", tenants, "--select", "MW4", "--all", cwd=tenants.parent).stdout.splitlines()
    assert sum("MW401 error:" in line for line in lines) == 40
    assert not any("more like it" in line or "--all" in line or line.startswith("rule ") for line in lines)


def test_what_fits_on_a_screen_is_told_in_full(write: Write, run: Run) -> None:
    paths = [write(f"is-{number}/deployment.toml", NODE) for number in range(2)]
    lines = run("validate", *paths, "--product-version", "7.2.0", "--select", "MW1,MW2").stdout.splitlines()
    assert sum("MW101 error:" in line for line in lines) == 2
    assert not any(line.startswith("rule ") for line in lines)


def test_each_node_is_named_and_one_with_a_fault_of_its_own_tells_it(write: Write, run: Run) -> None:
    paths = [write(f"is-{number:02}/deployment.toml", NODE) for number in range(19)]
    paths.append(write("is-19/deployment.toml", NODE.replace("username", "user_nam")))
    lines = run("validate", *paths, "--product-version", "7.2.0").stdout.splitlines()
    assert len(lines) < 90
    assert all(any(str(path) in line for line in lines) for path in paths)
    (own,) = (line for line in lines if "user_nam" in line and "MW101" in line)
    assert own.startswith(f"{paths[-1]}:4:1: ")
    above = next(line for line in lines if line.startswith(f"{paths[18]}: "))
    assert "findings as above: MW101 at 3:1; MW202 at 5:12" in above
    assert next(line.split() for line in lines if line.startswith("MW202 "))[1:] == ["error", "20", "20"]


def test_a_cause_is_the_rule_the_key_and_the_way_out() -> None:
    def finding(
        message: str, *, rule: str = "MW401", severity: Severity = Severity.ERROR, path: str = "p", hint: str = "h"
    ) -> Finding:
        return Finding(rule, severity, message, Place("a.toml", 1, 1), hint=hint, path=path)

    one, like = finding("A is not allowed", path="tenants.a.p"), finding("B is not allowed", path="tenants.b.p")
    others = [finding("A", rule="MW402"), finding("A", path="q"), finding("A", hint="g"), finding("A", severity=Severity.WARNING)]
    assert by_cause([others[3], one, *others[:3], like]) == [[one, like], *([other] for other in others)]


def test_markdown_says_each_cause_once_the_worst_first(tenants: Path, write: Write, run: Run) -> None:
    node = write("deployment.toml", NODE)
    result = run("validate", node, tenants, write("none.yaml", "a: 1\n"), "--format", "markdown", "--product-version", "7.2.0")
    lines = result.stdout.splitlines()
    assert lines[0].startswith("### mailwright validate: ")
    assert lines[0].endswith("1 not readable in 3 files")
    rows = [line.split(" | ") for line in lines if line.startswith(("| error", "| warning"))]
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    (row,) = (row for row in rows if row[1] == "`MW401`")
    assert row[2].endswith("tenants.csv:2:29` and 39 more")
    assert "`allow_env`" in row[4]
    assert any("none.yaml" in line for line in lines[lines.index("Not checked:") :])


def test_markdown_of_more_causes_than_a_comment_holds() -> None:
    found = [Finding("MW001", Severity.ERROR, f"wrong `{number}` | <b>", Place("a|b.toml", number, 1)) for number in range(1, 61)]
    lines = list(validate_lines("markdown", [("a|b.toml", found), ("c.toml", [])]))
    assert lines[0] == "### mailwright validate: 60 errors in 2 files"
    assert sum(line.startswith("| error") for line in lines) == 50
    assert lines[-1] == "10 more errors of other causes."
    assert r"`a\|b.toml:1:1`" in lines[4]
