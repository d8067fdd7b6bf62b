"""``status``: every row of a fleet by what is known of it, from files and from saved results; nothing is claimed that nobody looked at."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from commands import Run

ROOT = Path(__file__).resolve().parents[2]
REPORT = Draft202012Validator(json.loads((ROOT / "schema" / "report.schema.json").read_text(encoding="utf-8")))
CANARY = "R3lay-of-2019"

SPEC = """mailwright: 1
product: {version: "7.2.0"}
global:
  from_address: no-reply@example.com
  hostname: relay.example.com
  port: 587
  username: relay
  password: $env{RELAY}
  signature: Example
  reply_to: help@example.com
  custom_properties:
    mail.smtp.starttls.required: true
    mail.smtp.ssl.checkserveridentity: true
    mail.smtp.connectiontimeout: 10000
    mail.smtp.timeout: 10000
    mail.smtp.writetimeout: 10000
defaults: {hostname: relay.example.com, port: 587, username: u, password: "$env{MAILWRIGHT_P}", reply_to: help@example.com}
tenants:
"""


@pytest.fixture
def folder(tmp_path: Path, run: Run) -> Path:
    tenants = [
        f"  t{number}.example: {{from_address: x@t.example, signature: T, secret_version: {number + 2}}}\n" for number in range(6)
    ]
    tenants.append("  bad.example: {from_address: x@t.example, signature: T, port: x}\n")
    environments = (
        "environments:\n  prod: {server: 'https://is.example.com', global: {hostname: relay.prod.example.com}}\n  staging: {}\n"
    )
    (tmp_path / "email.yaml").write_text(SPEC + "".join(tenants) + environments, encoding="utf-8")
    (tmp_path / "is-1").mkdir()
    (tmp_path / "is-1" / "deployment.toml").write_text('[server]\nhostname = "x"\n', encoding="utf-8")
    good = (SPEC + environments).replace("tenants:\n", "")
    (tmp_path / "good.yaml").write_text(good, encoding="utf-8")
    assert run("merge", "good.yaml", "--env", "prod", "is-1/deployment.toml", cwd=tmp_path).code == 0
    (tmp_path / "is-2").mkdir()
    (tmp_path / "is-2" / "deployment.toml").write_text(
        (tmp_path / "is-1" / "deployment.toml").read_text(encoding="utf-8").replace("587", "25"), encoding="utf-8"
    )
    return tmp_path


def sender(name: str, code: int = 0, days: int = 90, environment: str | None = "prod") -> dict[str, Any]:
    phases = [{"name": "connect", "status": "ok", "ms": 3, "code": None}]
    phases += [{"name": "AUTH", "status": "failed", "ms": 9, "code": 535}] if code else []
    where = {"environment": environment} if environment else {}
    return {**where, "name": name, "exit_code": code, "phases": phases, "tls": {"certificate": {"days_left": days}, "chain": []}}


def rows(folder: Path, run: Run, *arguments: str, spec: str = "email.yaml") -> dict[str, dict[str, Any]]:
    result = run("status", spec, *arguments, "--format", "json", cwd=folder)
    REPORT.validate(result.json)
    found = {row["name"]: row for row in result.json["rows"]}
    good = all(check["light"] in ("good", "unknown") for row in found.values() for check in row["checks"].values())
    assert result.code == (0 if good else 1)
    return found


def lights(row: dict[str, Any]) -> list[str]:
    return [check["light"] for check in row["checks"].values()]


def test_what_nobody_looked_at_is_unknown(folder: Path, run: Run) -> None:
    found = rows(folder, run, "--env", "prod")
    assert lights(found["global"]) == ["good", "unknown", "unknown"]
    assert lights(found["t0.example"]) == ["good", "unknown", "unknown"]
    assert found["bad.example"]["checks"]["valid"] == {"light": "bad", "words": "MW002"}
    assert [finding["rule"] for finding in found["bad.example"]["findings"]] == ["MW002"]
    assert found["t0.example"]["secret_version"] == 2
    assert list(found) == ["global", *(f"t{number}.example" for number in range(6)), "bad.example"]


def test_a_node_is_held_against_its_environment(folder: Path, run: Run) -> None:
    nodes = ["--node", "prod/is-1=is-1/deployment.toml", "--node", "is-2/deployment.toml"]
    found = rows(folder, run, "--env", "prod", *nodes)
    assert lights(found["is-1"])[:2] == ["good", "unknown"]  # the spec has an error: what it says is not known
    found = rows(folder, run, "--env", "prod", *nodes, spec="good.yaml")
    assert lights(found["is-1"])[:2] == ["good", "good"]
    assert found["is-2"]["checks"]["in sync"] == {"light": "care", "words": "1 key differs"}
    missing = rows(folder, run, "--env", "prod", "--node", "prod/gone=gone.toml", spec="good.yaml")
    assert missing["gone"]["checks"]["valid"]["light"] == "bad"


def test_one_node_of_another_environment_is_refused(folder: Path, run: Run) -> None:
    result = run("status", "good.yaml", "--env", "staging", "--node", "prod/is-1=is-1/deployment.toml", cwd=folder)
    assert result.code == 2
    assert "--all-env" in result.stderr
    assert run("status", "good.yaml", "--node", "prod/=x", cwd=folder).code == 2


def test_saved_results_are_taken_in(folder: Path, run: Run) -> None:
    plan = [
        {"environment": "prod", "domain": "t0.example", "action": "unchanged", "changes": []},
        {"environment": "prod", "domain": "t1.example", "action": "update", "changes": [{"field": "smtpPort"}]},
        {"environment": "prod", "domain": "t2.example", "action": "error", "changes": [], "error": {"code": "authentication"}},
        {"environment": "staging", "domain": "t3.example", "action": "error", "changes": []},
    ]
    (folder / "plan.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in plan), encoding="utf-8")
    applied = {"environment": "prod", "domain": "t1.example", "action": "update", "outcome": "done"}
    (folder / "result.jsonl").write_text(json.dumps(applied) + "\n", encoding="utf-8")
    seen = [
        sender("global"),
        sender("t0.example", days=29),
        sender("t1.example", 4),
        sender("t2.example", days=-1, environment="staging"),
    ]
    (folder / "verify.json").write_text(json.dumps({"schema_version": 1, "senders": seen}), encoding="utf-8")
    found = rows(folder, run, "--env", "prod", "plan.jsonl", "verify.json")
    assert found["t0.example"]["checks"]["in sync"]["light"] == "good"
    assert found["t1.example"]["checks"]["in sync"] == {"light": "care", "words": "update: smtpPort"}
    assert found["t2.example"]["checks"]["in sync"] == {"light": "bad", "words": "authentication"}
    assert found["t3.example"]["checks"]["in sync"]["light"] == "unknown"
    assert found["global"]["checks"]["verified"]["light"] == "good"
    assert found["t0.example"]["checks"]["verified"] == {"light": "care", "words": "certificate ends in 29 days"}
    assert found["t1.example"]["checks"]["verified"] == {"light": "bad", "words": "AUTH 535"}
    assert found["t2.example"]["days_left"] is None
    later = rows(folder, run, "--env", "prod", "plan.jsonl", "result.jsonl")
    assert later["t1.example"]["checks"]["in sync"]["light"] == "good"


@pytest.mark.parametrize("content", ["{}", "[1]", "nothing", '{"senders": [1]}', '{"a": 1}\n{"b": 2}', "\xff"])
def test_what_is_no_result_is_refused(content: str, folder: Path, run: Run) -> None:
    (folder / "x.json").write_bytes(content.encode("latin-1"))
    result = run("status", "good.yaml", "x.json", cwd=folder)
    assert result.code == 2
    assert result.stderr.startswith("mailwright: x.json")


def test_the_table_has_a_row_for_what_needs_attention_and_one_for_the_rest(folder: Path, run: Run) -> None:
    text = run("status", "email.yaml", "--all-env", cwd=folder).stdout
    lines = [line.split() for line in text.splitlines()]
    assert ["bad.example", "x", "MW002", ".", "."] in lines
    assert sum("6 tenants" in line for line in text.splitlines()) == 2
    assert text.splitlines()[-1] == "2 of 16 need attention; 16 are not fully known"
    every = run("status", "email.yaml", "--all-env", "--all", cwd=folder).stdout
    assert len(every.splitlines()) == 1 + 16 + 1
    assert "t3.example" in every


def test_one_cause_among_forty_tenants_is_one_row(folder: Path, run: Run) -> None:
    (folder / "forty.csv").write_text(
        "domain,from_address,signature,reply_to,port\n"
        + "".join(f"f{number}.example,x@f.example,F,r@f.example,{'x' if number % 2 else 25}\n" for number in range(40)),
        encoding="utf-8",
    )
    text = (folder / "good.yaml").read_text(encoding="utf-8")
    (folder / "forty.yaml").write_text(text + "tenants_from: [forty.csv]\n", encoding="utf-8")
    lines = run("status", "forty.yaml", "--env", "prod", cwd=folder).stdout.splitlines()
    (row,) = (line for line in lines if "MW002" in line)
    assert row.split() == ["f1.example", "and", "19", "more", "x", "MW002", ".", "."]
    assert lines[-2].startswith("20 of ")
    assert lines[-1] == "--all shows each tenant"
    shown = run("status", "forty.yaml", "--env", "prod", "--format", "markdown", cwd=folder).stdout
    assert shown.count("MW002") == 1
    every = run("status", "forty.yaml", "--env", "prod", "--all", cwd=folder).stdout
    assert every.count("MW002") == 20
    assert "--all" not in every


def test_a_nodes_file_among_the_results_is_told_where_it_goes(folder: Path, run: Run) -> None:
    result = run("status", "email.yaml", "--env", "prod", "is-1/deployment.toml", cwd=folder)
    said = "mailwright: is-1/deployment.toml: is no saved result\n  hint: a node's file goes with --node [ENV/]NAME=FILE\n"
    assert (result.code, result.stdout, result.stderr) == (2, "", said)


def test_a_silenced_finding_needs_no_attention(folder: Path, run: Run) -> None:
    text = (folder / "email.yaml").read_text(encoding="utf-8").replace("port: x}", "port: x}  # mailwright: ignore[MW002]")
    (folder / "email.yaml").write_text(text, encoding="utf-8")
    assert lights(rows(folder, run, "--env", "prod")["bad.example"])[0] == "good"


@pytest.mark.parametrize("format_", ["text", "json", "markdown", "html"])
def test_no_secret_and_no_markup_gets_out(format_: str, folder: Path, run: Run) -> None:
    text = (folder / "email.yaml").read_text(encoding="utf-8")
    hostile = (
        '"x<script>alert(1)</script>|*_[a](b).example": {from_address: x@t.example, signature: T, password: R3lay-of-2019}\n'
    )
    (folder / "email.yaml").write_text(text.replace("  bad.example", f"  {hostile}  bad.example"), encoding="utf-8")
    deployment = (folder / "is-1" / "deployment.toml").read_text(encoding="utf-8").replace("$env{RELAY}", CANARY)
    (folder / "is-1" / "deployment.toml").write_text(deployment, encoding="utf-8")
    evil = {**sender("t0.example", 4), "phases": [{"name": "<b>AUTH</b>", "status": "failed", "code": "<i>535", "ms": 1}]}
    (folder / "verify.json").write_text(json.dumps({"senders": [evil]}), encoding="utf-8")
    result = run(
        "status", "email.yaml", "--env", "prod", "--node", "is-1/deployment.toml", "verify.json", "--format", format_, cwd=folder
    )
    assert result.code == 1
    assert CANARY not in result.stdout + result.stderr
    if format_ == "html":
        assert tags(result.stdout) <= KNOWN_TAGS
        assert "<script>alert" not in result.stdout
    if format_ == "markdown":
        assert "`<b>AUTH</b> <i>535`" in result.stdout


KNOWN_TAGS = set(
    re.findall(
        r"[a-z0-9]+",
        """
    html head meta title style body header h1 h2 h3 p main section ol li div span b pre code table thead tbody tr th td label input script
    svg text rect details summary
""",
    )
)


def tags(text: str) -> set[str]:
    """Return the elements of a page."""
    found: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.add(tag)
            assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs)

    Reader().feed(text)
    return found
