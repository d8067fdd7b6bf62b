"""``status``: what each line of a saved result comes to, on both sides of every boundary."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mailwright.base.errors import SyntaxInput, UsageError
from mailwright.base.findings import Finding, Severity
from mailwright.base.places import Place
from mailwright.base.states import Check, Light, Row
from mailwright.operations.status import Results, _valid, status

GLOBAL = """mailwright: 1
product: {version: "7.2.0"}
global: {from_address: a@example.com, hostname: relay.example.com, username: u, password: "$env{P}", signature: S, reply_to: b@example.com}
"""
TENANTS = """mailwright: 1
product: {version: "7.2.0"}
defaults: {hostname: relay.example.com, port: 587, username: u, password: "$env{MAILWRIGHT_P}", reply_to: b@example.com, signature: S}
tenants:
  a.example: {from_address: x@a.example, secret_version: 7}
  b.example: {from_address: x@b.example, secret_version: x}
environments: {prod: {}, staging: {}}
"""
EMPTY = Check()
GOOD = Check(Light.GOOD)


def bad(words: str) -> Check:
    return Check(Light.BAD, words)


def care(words: str) -> Check:
    return Check(Light.CARE, words)


def taken(tmp_path: Path, text: str) -> Results:
    path = tmp_path / "saved"
    path.write_text(text, encoding="utf-8")
    results = Results()
    results.read(str(path))
    return results


@pytest.mark.parametrize(
    ("entry", "check"),
    [
        ({"action": "unchanged"}, GOOD),
        ({"action": "unchanged", "outcome": "failed"}, bad("failed")),
        ({"action": "create"}, care("create")),
        ({"action": "create", "changes": []}, care("create")),
        ({"action": "update", "changes": [{"field": "smtpPort"}]}, care("update: smtpPort")),
        ({"action": "update", "changes": [{"field": "smtpPort"}, 3, {"field": "userName"}]}, care("update: smtpPort, userName")),
        ({"action": "update", "changes": [{"field": "smtpPort"}], "outcome": "done"}, GOOD),
        ({"action": "delete", "outcome": "unchanged"}, GOOD),
        ({"action": "update", "outcome": "failed"}, bad("failed")),
        ({"action": "update", "outcome": "failed", "error": {"code": "conflict"}}, bad("conflict")),
        ({"action": "error"}, bad("failed")),
        ({"action": "error", "error": {}}, bad("failed")),
        ({"action": "error", "error": "refused"}, bad("failed")),
        ({"action": "error", "outcome": "done", "error": {"code": "authentication"}}, bad("authentication")),
    ],
)
def test_a_line_of_a_plan(entry: dict[str, Any], check: Check, tmp_path: Path) -> None:
    found = taken(tmp_path, json.dumps({"domain": "a.example", "environment": "prod", **entry}))
    assert (found.plans, found.handshakes) == ({("prod", "a.example"): check}, {})


@pytest.mark.parametrize(("environment", "key"), [("prod", "prod"), (None, None), (7, None)])
def test_whose_a_result_is(environment: object, key: str | None, tmp_path: Path) -> None:
    line = {"domain": "a.example", "action": "unchanged", "environment": environment}
    sender = {"name": "a.example", "environment": environment}
    assert list(taken(tmp_path, json.dumps(line)).plans) == [(key, "a.example")]
    assert list(taken(tmp_path, json.dumps({"senders": [sender]})).handshakes) == [(key, "a.example")]


def test_of_several_results_about_one_the_last_holds_and_lines_about_nobody_are_passed_over(tmp_path: Path) -> None:
    lines = [
        {"domain": "a.example", "action": "create"},
        {"action": "delete"},
        {"domain": 3, "action": "delete"},
        {"domain": "a.example", "action": "unchanged"},
        {"domain": "b.example", "action": "create"},
    ]
    text = "\n\n  \n".join(map(json.dumps, lines))
    assert taken(tmp_path, text).plans == {(None, "a.example"): GOOD, (None, "b.example"): care("create")}


FAILED = {"name": "TLS", "status": "failed"}


@pytest.mark.parametrize(
    ("sender", "check"),
    [
        ({}, GOOD),
        ({"exit_code": 0}, GOOD),
        ({"exit_code": 0, "phases": [{"name": "AUTH", "status": "ok"}]}, GOOD),
        ({"exit_code": 0, "phases": [{"name": "AUTH", "status": "skipped"}]}, Check(Light.GOOD, "AUTH skipped")),
        (
            {"phases": [{"name": "AUTH", "status": "skipped"}, {"name": "RCPT", "status": "skipped"}]},
            Check(Light.GOOD, "AUTH, RCPT skipped"),
        ),
        ({"exit_code": 5}, bad("exit 5")),
        ({"exit_code": 5, "phases": [{"name": "AUTH", "status": "ok"}]}, bad("exit 5")),
        ({"exit_code": 5, "phases": [{**FAILED, "code": 535, "cause": "refused"}]}, bad("TLS 535")),
        ({"exit_code": 5, "phases": [{**FAILED, "code": None, "cause": "refused"}]}, bad("TLS refused")),
        ({"exit_code": 5, "phases": [FAILED, {"name": "AUTH", "status": "failed"}]}, bad("TLS failed")),
        ({"exit_code": 5, "phases": [{"name": "AUTH", "status": "withheld"}]}, bad("AUTH withheld")),
    ],
)
def test_a_sender_of_verify(sender: dict[str, Any], check: Check, tmp_path: Path) -> None:
    found = taken(tmp_path, json.dumps({"senders": [{"name": "a.example", **sender}]}))
    assert (found.plans, found.handshakes) == ({}, {(None, "a.example"): (check, None)})


@pytest.mark.parametrize(
    ("tls", "days"),
    [
        (None, None),
        ("x", None),
        ({}, None),
        ({"certificate": {"days_left": 40}}, 40),
        ({"certificate": {"days_left": None}, "chain": None}, None),
        ({"certificate": {"days_left": 40}, "chain": [{"days_left": 50}, {"days_left": 9}, "x"]}, 9),
        ({"certificate": "x", "chain": [{"days_left": -3}]}, -3),
    ],
)
def test_the_first_certificate_that_ends(tls: object, days: int | None, tmp_path: Path) -> None:
    found = taken(tmp_path, json.dumps({"senders": [{"name": "a.example", "tls": tls}]}))
    assert found.handshakes == {(None, "a.example"): (GOOD, days)}


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("{}", "", "is no result of plan, apply or verify"),
        ('{"senders": {}}', "", "is no result of plan, apply or verify"),
        ('{"senders": ["a"]}', "", "is no result of plan, apply or verify"),
        ('{"senders": [{"name": 1}]}', "", "is no result of plan, apply or verify"),
        ('{"action": 1}', "", "is no result of plan, apply or verify"),
        ("3", "", "is no result of plan, apply or verify"),
        ('{"action": "create"}\n[]', "", "is no result of plan, apply or verify"),
        ('{"action": "create"}\n\n{"action"', ":3:1", "is not valid JSON"),
    ],
)
def test_what_is_none(text: str, place: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(SyntaxInput) as caught:
        taken(tmp_path, text)
    assert (caught.value.message, str(caught.value.place)) == (said, f"{tmp_path / 'saved'}{place}")
    hint = "it takes what `verify --format json`, `plan --format json` and `apply -o FILE` write"
    assert caught.value.hint == (None if place else hint)


E, W, N = Severity.ERROR, Severity.WARNING, Severity.INFO


@pytest.mark.parametrize(
    ("rules", "check"),
    [
        ([], GOOD),
        ([("MW9", N)], GOOD),
        ([("MW2", W), ("MW1", W), ("MW2", W)], care("MW1, MW2")),
        ([("MW1", W), ("MW2", E)], bad("MW2")),
        ([("MW3", W), ("MW2", W), ("MW1", W)], care("MW1, MW2, MW3")),
        ([("MW3", E), ("MW2", E), ("MW1", E), ("MW4", E)], bad("MW1, MW2, MW3 …")),
    ],
)
def test_findings_in_a_few_words(rules: list[tuple[str, Severity]], check: Check) -> None:
    assert _valid([Finding(rule, severity, "said", Place("email.yaml")) for rule, severity in rules]) == check


def rows(tmp_path: Path, text: str, result: dict[str, Any] | None = None, **options: Any) -> dict[str, Row]:
    (tmp_path / "email.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "saved").write_text(json.dumps(result or {"senders": []}), encoding="utf-8")
    found = status(str(tmp_path / "email.yaml"), results=[str(tmp_path / "saved")], **options)
    return {f"{row.environment}/{row.name}": row for row in found}


@pytest.mark.parametrize(
    ("days", "exit_code", "check"),
    [
        (30, 0, GOOD),
        (29, 0, care("certificate ends in 29 days")),
        (-1, 0, care("certificate ends in -1 days")),
        (29, 5, bad("exit 5")),
    ],
)
def test_a_certificate_that_ends_soon(days: int, exit_code: int, check: Check, tmp_path: Path) -> None:
    sender = {"name": "a.example", "environment": "prod", "exit_code": exit_code, "tls": {"certificate": {"days_left": days}}}
    found = rows(tmp_path, TENANTS, {"senders": [sender]}, environments=["prod", "staging"])
    assert list(found) == ["prod/a.example", "prod/b.example", "staging/a.example", "staging/b.example"]
    of_prod, of_staging = found["prod/a.example"], found["staging/a.example"]
    assert (of_prod.checks["verified"], of_prod.days_left, of_prod.kind) == (check, days, "tenant")
    assert (of_staging.checks["verified"], of_staging.days_left) == (EMPTY, None)
    assert (of_prod.secret_version, found["prod/b.example"].secret_version) == (7, None)


def test_rows_of_a_spec_without_tenants_or_without_a_sender(tmp_path: Path) -> None:
    assert [(row.kind, row.name) for row in rows(tmp_path, GLOBAL).values()] == [("spec", "global")]
    wrong = rows(tmp_path, TENANTS.replace("environments:", "ownr: me\nenvironments:"))
    assert [(row.kind, row.name) for row in wrong.values()] == [
        ("spec", "global"),
        ("tenant", "a.example"),
        ("tenant", "b.example"),
    ]
    assert wrong["None/global"].checks["valid"].light is Light.BAD
    assert len(wrong["None/global"].findings) == 1


WRITTEN = """from_address = "a@example.com"
hostname = "relay.example.com"
username = "u"
password = "$env{P}"
signature = "S"
reply_to = "b@example.com"
"""


@pytest.mark.parametrize(
    ("spec", "node", "check"),
    [
        (TENANTS, WRITTEN, EMPTY),
        (GLOBAL, WRITTEN, GOOD),
        (GLOBAL, WRITTEN.replace('"S"', '"T"'), care("1 key differs")),
        (GLOBAL, WRITTEN.replace('"S"', '"T"').replace('"u"', '"v"'), care("2 keys differ")),
        (GLOBAL, "", care("6 keys differ")),
        (GLOBAL.replace("$env{P}", "$secret{p}"), WRITTEN.replace("$env{P}", "$secret{p}"), bad("does not start")),
        (GLOBAL + "ownr: me\n", WRITTEN, Check(Light.UNKNOWN, "the spec has errors")),
    ],
    ids=["nothing to hold against it", "in sync", "a key", "two keys", "all", "no start", "errors"],
)
def test_a_node(spec: str, node: str, check: Check, tmp_path: Path) -> None:
    file = tmp_path / "deployment.toml"
    file.write_text(f"[output_adapter.email]\n{node}", encoding="utf-8")
    spec = spec.replace(", secret_version: x", "")
    row = rows(tmp_path, spec, nodes=[(None, "is-1", str(file))])["None/is-1"]
    assert (row.kind, row.checks["in sync"]) == ("node", check)
    assert row.checks["valid"].light is not Light.UNKNOWN


@pytest.mark.parametrize(
    ("keep", "check"),
    [("", care("1 key differs")), ("keep_unmanaged: false\n", care("1 key differs")), ("keep_unmanaged: true\n", GOOD)],
)
def test_a_spec_that_keeps_what_it_does_not_manage(keep: str, check: Check, tmp_path: Path) -> None:
    file = tmp_path / "deployment.toml"
    file.write_text(f"[output_adapter.email]\n{WRITTEN}port = 587\n", encoding="utf-8")
    row = rows(tmp_path, GLOBAL + keep, nodes=[(None, "is-1", str(file))])["None/is-1"]
    assert row.checks["in sync"] == check


@pytest.mark.parametrize(("release", "rules"), [("5.9.0", ["MW102", "MW102"]), ("7.2.0", ["MW302", "MW304", "MW305"])])
def test_a_spec_is_held_against_the_release_that_is_asked_for(release: str, rules: list[str], tmp_path: Path) -> None:
    text = GLOBAL.replace('product: {version: "7.2.0"}\n', "")
    row = rows(tmp_path, text, product_version=release)["None/global"]
    assert [finding.rule for finding in row.findings] == rules


@pytest.mark.parametrize("environment", ["prod", "staging"])
def test_a_node_is_looked_at_in_its_environment(environment: str, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.toml")
    nodes = [(environment, "own", missing), (None, "everywhere", missing)]
    found = rows(tmp_path, TENANTS, nodes=nodes, all_env=True)
    of_nodes = [name for name, row in found.items() if row.kind == "node"]
    assert of_nodes == [
        f"{each}/{name}" for each in ("prod", "staging") for name in ("own", "everywhere") if name != "own" or each == environment
    ]
    assert all(
        row.checks["valid"].light is Light.BAD and row.checks["valid"].words for row in found.values() if row.kind == "node"
    )
    with pytest.raises(UsageError) as caught:
        rows(tmp_path, TENANTS, nodes=nodes)
    assert caught.value.message == "--node own: its environment is not looked at"
    assert caught.value.hint == "--env or --all-env names those that are"
