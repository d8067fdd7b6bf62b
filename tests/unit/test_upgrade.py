"""``upgrade``: what another release makes of the same files; a spec is written for it, and nothing else of it changes."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from mailwright.adoption.upgrades import Node, Tenants, Upgrade, Value, node_of_file, node_of_spec, tenants_of
from mailwright.base.findings import Finding, Severity
from mailwright.base.places import Place
from mailwright.deployment import parse_deployment
from mailwright.engine.effective import Outcome, effective
from mailwright.operations.upgrade import upgrade
from mailwright.product.changes import changes
from mailwright.product.product import load_product
from mailwright.spec import load_spec
from mailwright.validation.fixing import Fixed
from products import parse_release

if TYPE_CHECKING:
    from commands import Run

ROOT = Path(__file__).resolve().parents[2]
REPORT = Draft202012Validator(json.loads((ROOT / "schema" / "report.schema.json").read_text(encoding="utf-8")))
CASES: dict[str, Any] = json.loads((ROOT / "tests" / "data" / "effective-cases.json").read_text(encoding="utf-8"))
RELEASES = tuple(load_product().releases)
CANARY = "R3lay-of-2019"

NODE = f"""[output_adapter.email]
from_address = "no-reply@example.com"
hostname = "relay.example.com"
username = "relay"
password = "{CANARY}"
signature = "Example"
reply_to = "help@example.com"

[output_adapter.email.custom_properties]
'mail.smtp.timeout' = 10000
"""

SPEC = """# a comment that stays
mailwright: 1
product: {version: "6.1.0"}   # and this
global:
  from_address: no-reply@example.com
  hostname: relay.example.com
  username: relay
  password: $secret{smtp_password}
  signature: Example
  reply_to: help@example.com
defaults: {hostname: relay.example.com, port: 587, username: u, password: "$env{MAILWRIGHT_P}", reply_to: help@example.com}
tenants:
  a.example: {from_address: x@a.example, signature: A}
  b.example: {from_address: x@b.example, signature: B}
environments:
  prod: {global: {hostname: relay.prod.example.com}}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "email.yaml"
    path.write_text(SPEC, encoding="utf-8")
    return path


@pytest.mark.parametrize(("before", "after"), list(combinations(RELEASES, 2)), ids=str)
def test_what_is_told_of_two_releases_is_what_they_differ_in(before: Any, after: Any) -> None:
    told = list(changes(before, after))
    assert all(change.before != change.after for change in told)
    keys = {key.name for key in load_product().adapter.values() if key.known_to(after) and not key.known_to(before)}
    assert {change.title.removeprefix("Key ") for change in told if change.title.startswith("Key ")} == keys
    lines = load_product().releases.lines
    traits = [name for name in lines[before.version] if name in lines[after.version] and name not in ("version", "preview")]
    differing = [name for name in traits if lines[before.version][name] != lines[after.version][name]]
    assert len(told) - len(keys) == len(set(differing) - {"payload_lines", "tenant_api"})


@pytest.mark.parametrize(("before", "after"), [(RELEASES[0], RELEASES[-1]), (RELEASES[3], RELEASES[5])], ids=str)
def test_a_node_is_what_each_release_makes_of_it(before: Any, after: Any) -> None:
    texts = {case["toml"] for case in CASES["cases"].values() if "toml" in case}
    assert len(texts) > 20
    for text in texts:
        deployment = parse_deployment(text, "deployment.toml")
        one, other = effective(deployment, before), effective(deployment, after)
        node = node_of_file(deployment, before, after)
        assert (node.before, node.after) == (one.outcome, other.outcome)
        same = [(item.name, item.text) for item in one.properties] == [(item.name, item.text) for item in other.properties]
        assert bool(node.values) == (not same and one.outcome.value == other.outcome.value == "ok")


BEGUN = (Value("mail.smtp.signature", None, "Example"), Value("mail.smtp.replyTo", None, "help@example.com"))


@pytest.mark.parametrize(
    ("text", "before", "after", "values"),
    [
        (NODE, "5.9.0", "5.10.0", (*BEGUN, Value("mail.smtp.timeout", None, "10000"))),
        (NODE, "5.10.0", "5.11.0", ()),
        (
            NODE.replace('signature = "Example"', 'signature = "R&D"'),
            "5.9.0",
            "5.10.0",
            (),
        ),  # with this one the newer does not start
        (NODE.replace('hostname = "', 'hostname = "a&'), "5.9.0", "5.10.0", ()),  # with this one neither does
    ],
)
def test_the_values_of_a_node(text: str, before: str, after: str, values: tuple[Value, ...]) -> None:
    node = node_of_file(parse_deployment(text, "deployment.toml"), parse_release(before), parse_release(after))
    assert node.values == values
    assert (node.reason is None) == (node.after is Outcome.OK)
    assert CANARY not in str(node)


@pytest.mark.parametrize("environment", [None, "prod"])
def test_the_node_of_a_spec_is_the_one_of_its_environment(environment: str | None, spec: Path) -> None:
    node = node_of_spec(load_spec(spec, environment), parse_release("5.9.0"), parse_release("5.10.0"))
    assert node == Node(environment, BEGUN, Outcome.OK, Outcome.OK)


V1_TO_V2 = {("v1", "v2"): 2}


@pytest.mark.parametrize(
    ("before", "after", "environment", "told"),
    [
        ("6.1.0", "7.3.0", None, Tenants(None, 2, V1_TO_V2, {"provider": 2, "authType": 2})),
        ("6.1.0", "7.3.0", "prod", Tenants("prod", 2, V1_TO_V2, {"provider": 2, "authType": 2})),
        ("6.0.0", "6.1.0", None, Tenants(None, 2, {("v1", "v1"): 2}, {})),
        ("5.11.0", "6.0.0", None, Tenants(None, 1, impossible="5.11.0 has no API for tenants' senders")),
    ],
)
def test_what_becomes_of_tenants(before: str, after: str, environment: str | None, told: Tenants, spec: Path) -> None:
    assert tenants_of(load_spec(spec, environment), parse_release(before), parse_release(after)) == told


OK, STOPS, BREAKS = Outcome.OK, Outcome.ABORT, Outcome.MALFORMED


@pytest.mark.parametrize(
    ("nodes", "severities", "ready"),
    [
        ([], [], True),
        ([(OK, OK)], [], True),
        ([(OK, STOPS)], [], False),
        ([(OK, BREAKS)], [], False),
        ([(STOPS, OK)], [], True),
        ([(STOPS, BREAKS)], [], True),  # it did not start before either
        ([(OK, OK), (OK, STOPS)], [], False),
        ([(OK, OK)], [Severity.WARNING, Severity.INFO], True),
        ([(OK, OK)], [Severity.WARNING, Severity.ERROR], False),
        ([(OK, STOPS)], [Severity.WARNING], False),
    ],
)
def test_what_is_ready(nodes: list[tuple[Outcome, Outcome]], severities: list[Severity], ready: bool) -> None:
    new = tuple(Finding("MW101", severity, "said", Place("email.yaml")) for severity in severities)
    made = tuple(Node(None, (), *outcomes) for outcomes in nodes)
    assert Upgrade("email.yaml", made, (), new, {}, Fixed({}, {}, (), (), ())).is_ready is ready


def test_values_that_a_release_begins_to_read(tmp_path: Path, run: Run) -> None:
    (tmp_path / "deployment.toml").write_text(NODE, encoding="utf-8")
    result = run("upgrade", "--from", "5.9.0", "--to", "5.10.0", "deployment.toml", cwd=tmp_path)
    assert result.code == 0
    assert "  mail.smtp.timeout  (not there) -> 10000\n" in result.stdout
    assert "  Key custom_properties  ignored -> read" in result.stdout
    assert "no longer found: " in result.stdout
    same = run("upgrade", "--from", "5.10.0", "--to", "5.11.0", "deployment.toml", cwd=tmp_path)
    assert "  the server reads the same values\n  ready\n" in same.stdout


def test_a_server_that_starts_no_longer_is_not_ready(tmp_path: Path, run: Run) -> None:
    (tmp_path / "deployment.toml").write_text(NODE + "\n[output_adapter]\nx = 1\nx = 2\n", encoding="utf-8")
    both = run("upgrade", "--from", "6.1.0", "--to", "7.2.0", "deployment.toml", cwd=tmp_path)
    assert "the server does not start, nor did it before: " in both.stdout
    assert both.stdout.endswith("  no worse than before\n")
    assert both.code == 0


def test_a_spec_is_written_for_the_new_release_and_keeps_every_other_byte(spec: Path, run: Run) -> None:
    shown = run("upgrade", "--to", "7.3.0", "email.yaml", cwd=spec.parent)
    assert shown.code == 0
    assert spec.read_text(encoding="utf-8") == SPEC
    assert "  2 tenants: 2 from API v1 to v2; otherwise: provider (2), authType (2)\n" in shown.stdout
    assert "  prod: 2 tenants: 2 from API v1 to v2" in shown.stdout
    done = run("upgrade", "--to", "7.3.0", "email.yaml", "--fix", cwd=spec.parent)
    assert done.code == 0
    assert spec.read_text(encoding="utf-8") == SPEC.replace("6.1.0", "7.3.0")
    assert run("upgrade", "--to", "7.3.0", "email.yaml", cwd=spec.parent).code == 2


def test_a_port_that_the_newer_release_makes_a_text_of_is_a_new_error(spec: Path, run: Run) -> None:
    spec.write_text(SPEC.replace("port: 587, ", ""), encoding="utf-8")
    result = run("upgrade", "--to", "7.3.0", "email.yaml", cwd=spec.parent)
    assert result.code == 1
    assert result.stdout.endswith("not ready: 2 new errors\n")


@pytest.mark.parametrize("written", ["'6.1.0'", "6.1.0", '"6.1.0"'])
def test_the_release_is_written_as_it_was(written: str, spec: Path, run: Run) -> None:
    spec.write_text(SPEC.replace('"6.1.0"', written), encoding="utf-8")
    assert run("upgrade", "--to", "7.2.0", "email.yaml", "--fix", cwd=spec.parent).code in (0, 1)
    assert spec.read_text(encoding="utf-8") == SPEC.replace('"6.1.0"', written.replace("6.1.0", "7.2.0"))


def test_a_release_that_does_not_stand_there_plainly_is_left_alone(spec: Path, run: Run) -> None:
    text = SPEC.replace('{version: "6.1.0"}', '{version: "6\\x2e1.0"}')
    spec.write_text(text, encoding="utf-8")
    result = run("upgrade", "--to", "7.2.0", "email.yaml", "--fix", cwd=spec.parent)
    assert result.code == 2
    assert "email.yaml:3:20: product.version is not a plain text here" in result.stderr
    assert spec.read_text(encoding="utf-8") == text


def test_what_the_newer_release_finds_wrong_is_new_and_mended_where_it_can_be(tmp_path: Path, run: Run) -> None:
    text = NODE.replace("username", 'auth_typ = "BASIC"\nusername')
    (tmp_path / "deployment.toml").write_text(text, encoding="utf-8")
    result = run("upgrade", "--from", "6.1.0", "--to", "7.2.0", "deployment.toml", "--fix", cwd=tmp_path)
    assert "fixed deployment.toml:4:1" in result.stdout
    assert "auth_type = " in (tmp_path / "deployment.toml").read_text(encoding="utf-8")


def test_one_file_that_cannot_be_read_stops_the_mending(spec: Path, run: Run) -> None:
    result = run("upgrade", "--to", "7.3.0", "email.yaml", "missing.toml", "--fix", cwd=spec.parent)
    assert result.code == 2
    assert "nothing was fixed" in result.stderr
    assert spec.read_text(encoding="utf-8") == SPEC


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--from", "7.2.0", "--to", "6.1.0"], "not newer"),
        (["--from", "7.2.0", "--to", "7.2.0"], "not newer"),
        (["--to", "7.2.0"], "--from V"),
        (["--from", "4.0.0", "--to", "7.2.0"], "before 5.9.0"),
    ],
)
def test_releases_that_make_no_upgrade(options: list[str], said: str, tmp_path: Path, run: Run) -> None:
    (tmp_path / "deployment.toml").write_text(NODE, encoding="utf-8")
    result = run("upgrade", *options, "deployment.toml", cwd=tmp_path)
    assert result.code == 2
    assert said in result.stderr


def test_a_preview_is_unsure(spec: Path, run: Run) -> None:
    assert "unsure: 7.4.0 is a preview" in run("upgrade", "--to", "7.4.0", "email.yaml", cwd=spec.parent).stdout


@pytest.mark.parametrize(("before", "after"), list(combinations([release.version for release in RELEASES], 2)))
def test_the_document_is_the_one_of_the_schema_and_holds_no_secret(before: str, after: str, tmp_path: Path, run: Run) -> None:
    (tmp_path / "deployment.toml").write_text(NODE.replace(CANARY, f"{CANARY}$"), encoding="utf-8")
    result = run("upgrade", "--from", before, "--to", after, "deployment.toml", "--format", "json", cwd=tmp_path)
    REPORT.validate(result.json)
    text = run("upgrade", "--from", before, "--to", after, "deployment.toml", cwd=tmp_path).stdout
    assert CANARY not in result.stdout + result.stderr + text


def test_a_release_without_the_tenants_api_is_told(spec: Path) -> None:
    spec.write_text(SPEC.replace("6.1.0", "5.11.0").replace("tenants:\n", "# \n").partition("  a.example")[0], encoding="utf-8")
    result = upgrade(str(spec), parse_release("5.11.0"), parse_release("6.0.0"))
    assert result.tenants == ()


def test_standard_input_is_a_file(spec: Path, tmp_path: Path, run: Run) -> None:
    alone = run("upgrade", "--to", "7.2.0", "email.yaml", cwd=tmp_path)
    piped = run("upgrade", "--to", "7.2.0", "-", "--stdin-filename", "email.yaml", stdin=SPEC, cwd=tmp_path)
    assert (piped.code, piped.stdout) == (alone.code, alone.stdout)
    node = run("upgrade", "--from", "6.1.0", "--to", "7.2.0", "-", stdin=NODE)
    assert "<stdin>:\n" in node.stdout
    both = run("upgrade", "--to", "7.2.0", "-", "-", stdin=SPEC)
    assert (both.code, "standard input" in both.stderr) == (2, True)


def test_what_came_by_standard_input_goes_back_mended(spec: Path, tmp_path: Path, run: Run) -> None:
    piped = run("upgrade", "--to", "7.2.0", "--fix", "-", "--stdin-filename", "email.yaml", stdin=SPEC, cwd=tmp_path)
    assert spec.read_text(encoding="utf-8") == SPEC
    assert "From 6.1.0 to 7.2.0:" in piped.stderr
    assert run("upgrade", "--to", "7.2.0", "--fix", "email.yaml", cwd=tmp_path).code == piped.code
    assert piped.stdout == spec.read_text(encoding="utf-8") != SPEC
    untouched = run("upgrade", "--to", "7.2.0", "--fix", "-", "gone.yaml", stdin=SPEC, cwd=tmp_path)
    assert (untouched.code, untouched.stdout) == (2, SPEC)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("gone.yaml", None, "gone.yaml: "),
        ("email.yaml", "mailwright: [\n", "email.yaml:"),
        ("email.yaml", "mailwright: 1\na: b: c\n", "email.yaml:2:"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_why(name: str, text: str | None, said: str, tmp_path: Path, run: Run) -> None:
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    result = run("upgrade", "--to", "7.2.0", name, cwd=tmp_path)
    assert result.code == 2
    assert result.stderr.startswith(f"mailwright: {said}")
    assert "which release" not in result.output
    (tmp_path / "good.yaml").write_text(SPEC, encoding="utf-8")
    both = run("upgrade", "--to", "7.2.0", name, "good.yaml", cwd=tmp_path)
    assert both.stderr.startswith(f"mailwright: {said}")
    assert "good.yaml:" in both.stdout
