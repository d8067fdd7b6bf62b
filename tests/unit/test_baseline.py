"""A baseline: what is known is not reported, what is new is, whatever moves; and nothing that may be secret is written down."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from mailwright.report.formats import FORMATS
from products import load_schema

if TYPE_CHECKING:
    from commands import Result, Run

Write = Callable[[str, str], Path]
DEPLOYMENT = (
    "[output_adapter.email]\nfrom_address = 'a@b.example'\nhostname = 'h'\nport = 25\nhost = 'x'\npassword = 'canary-1'\n"
)
TENANT = "{{from_address: a@{0}, hostname: h, port: 587, username: u, password: canary-{1}, signature: S, reply_to: r@{0}}}"


class Team:
    """A folder with a baseline."""

    def __init__(self, run: Run, folder: Path) -> None:
        self.run, self.folder = run, folder

    def file(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")

    def spec(self, *domains: str, extra: str = "") -> None:
        tenants = "".join(f"  {name}: {TENANT.format(name, number)}\n" for number, name in enumerate(domains))
        self.file("email.yaml", f"mailwright: 1\nproduct: {{version: '7.3.0'}}\n{extra}tenants:\n{tenants}")

    def write(self, *arguments: str) -> Result:
        return self.run("validate", "--write-baseline", "known.json", *(arguments or (".",)), cwd=self.folder)

    def check(self, *arguments: str, **env: str) -> Result:
        return self.run("validate", "--baseline", "known.json", *(arguments or (".",)), cwd=self.folder, env=env)

    def new(self, *arguments: str) -> list[tuple[str, str]]:
        files = self.check("--format", "json", *(arguments or (".",))).json["files"]
        return [(finding["rule"], finding["path"]) for file in files for finding in file["findings"]]

    @property
    def document(self) -> Any:
        return json.loads((self.folder / "known.json").read_text(encoding="utf-8"))


@pytest.fixture
def team(run: Run, tmp_path: Path) -> Team:
    team = Team(run, tmp_path)
    team.file("deployment.toml", DEPLOYMENT)
    return team


def test_old_findings_are_known_and_new_ones_fail(team: Team) -> None:
    assert team.run("validate", ".", cwd=team.folder).code == 1
    written = team.write()
    assert (written.code, written.stdout) == (0, "1 file: nothing to report\n")
    assert written.stderr.startswith("wrote known.json: ")
    known = team.check()
    assert (known.code, known.stdout) == (0, "1 file: nothing to report\n")
    assert "findings known from known.json" in known.stderr
    team.file("deployment.toml", f"{DEPLOYMENT}prot = 25\n")
    assert team.check().code == 1
    assert team.new() == [("MW101", "output_adapter.email.prot")]


def test_lines_may_move(team: Team) -> None:
    team.write()
    lines = DEPLOYMENT.splitlines()
    team.file("deployment.toml", "\n".join(["# a comment", "", lines[0], "", *reversed(lines[1:])]) + "\n")
    assert (team.check().code, team.new()) == (0, [])


@pytest.mark.parametrize("format_", FORMATS["validate"])
def test_every_format(format_: str, team: Team) -> None:
    team.write()
    assert "MW305" in team.run("validate", ".", "--format", format_, cwd=team.folder).stdout
    known = team.check(".", "--format", format_)
    assert known.code == 0
    assert '"ruleId": "MW305"' not in known.stdout.split('"results"')[-1]
    assert "No time-outs" not in known.stdout.split('"results"')[-1]


def test_strict(team: Team) -> None:
    team.write()
    assert team.check("--strict", ".").code == 0
    team.file("deployment.toml", DEPLOYMENT.replace("port = 25", "port = 465"))
    assert team.check("--strict", ".").code == 1


def test_no_value_is_written_down(team: Team) -> None:
    team.spec("a.example", "b.example", extra="global: {from_address: a@b.example, hostname: h, canary-key: canary-value}\n")
    team.file("deployment.toml", DEPLOYMENT + "'canary key with blanks' = 'canary-2'\n")
    team.write()
    text = (team.folder / "known.json").read_text(encoding="utf-8")
    assert "canary-1" not in text
    assert "canary-2" not in text
    assert "canary-value" not in text
    assert "with blanks" not in text
    Draft202012Validator(load_schema("baseline")).validate(team.document)


def test_what_is_not_found_any_more_is_said_and_taken_out(team: Team) -> None:
    team.write()
    before = len(team.document["files"]["deployment.toml"])
    team.file("deployment.toml", DEPLOYMENT.replace("host = 'x'\n", ""))
    stale = team.check()
    assert (stale.code, "known.json: 1 entry not found any more; --write-baseline known.json takes them out" in stale.stderr) == (
        0,
        True,
    )
    assert "not found any more" not in team.check("--select", "MW3", ".").stderr
    team.write()
    assert len(team.document["files"]["deployment.toml"]) == before - 1
    assert "not found any more" not in team.check().stderr
    team.file("deployment.toml", DEPLOYMENT)
    assert team.new() == [("MW101", "output_adapter.email.host")]


def test_a_key_that_is_missing_is_not_another_one(team: Team) -> None:
    spec = "mailwright: 1\ntenants:\n  a.example: {{hostname: h, port: 25, signature: s, {}}}\n"
    team.file("email.yaml", spec.format("from_address: a@a.example"))
    team.write()
    team.file("email.yaml", spec.format("reply_to: a@a.example"))
    assert [(rule, path) for rule, path in team.new() if rule == "MW002"] == [("MW002", "tenants.a.example")]


def test_tenants_by_name_and_by_number(team: Team) -> None:
    (team.folder / "deployment.toml").unlink()
    team.spec("a.example", "b.example")
    team.write()
    team.spec("b.example", "c.example")
    assert team.new() == [("MW501", "tenants.c.example.password")]  # a's does not stand for it
    team.spec("a.example", "b.example", "c.example", "d.example", "e.example")  # one finding for all of them now
    assert [rule for rule, _ in team.new()] == ["MW501"]
    team.write()
    assert {"rule": "MW501", "tenant": "*", "path": "password", "count": 5} in team.document["files"]["email.yaml"]
    for fewer in (("a.example", "b.example", "c.example", "e.example"), ("e.example", "d.example")):
        team.spec(*fewer)
        assert team.new() == []
        assert f"{5 - len(fewer)} entr" in team.check().stderr
    team.spec("a.example", "b.example", "c.example", "d.example", "e.example", "f.example")
    assert [rule for rule, _ in team.new()] == ["MW501"]


def test_singles_become_one_for_many(team: Team) -> None:
    (team.folder / "deployment.toml").unlink()
    team.spec("a.example", "b.example", "c.example", extra="defaults: {}\n")
    team.write()
    text = (team.folder / "known.json").read_text(encoding="utf-8")
    more = [{"rule": "MW501", "tenant": f"{name}.example", "path": "password", "count": 1} for name in "de"]
    document = json.loads(text)
    document["files"]["email.yaml"] += more
    team.file("known.json", json.dumps(document))
    team.spec("a.example", "b.example", "c.example", "d.example", "e.example")
    assert team.new() == []


def test_tenants_of_a_file_of_their_own(team: Team) -> None:
    (team.folder / "deployment.toml").unlink()
    rows = "a.example,a@a.example,h,25,s,r@a.example,u,canary-pw"
    team.file("tenants.csv", f"domain,from_address,hostname,port,signature,reply_to,username,password\n{rows}\n")
    team.file("email.yaml", "mailwright: 1\nproduct: {version: '7.3.0'}\ntenants_from: [tenants.csv]\n")
    team.write()
    assert {each.get("file") for each in team.document["files"]["email.yaml"]} == {"tenants.csv"}
    assert team.new() == []


def test_files_in_folders_and_from_elsewhere(team: Team) -> None:
    team.file("nodes/one/deployment.toml", DEPLOYMENT)
    team.write()
    assert set(team.document["files"]) == {"deployment.toml", "nodes/one/deployment.toml"}
    elsewhere = team.run("validate", "deployment.toml", "--baseline", "../../known.json", cwd=team.folder / "nodes" / "one")
    assert elsewhere.code == 0
    assert "not found any more" not in elsewhere.stderr  # the other files were not looked at


def test_what_was_not_checked_stays_known(team: Team) -> None:
    team.file("nodes/one/deployment.toml", DEPLOYMENT)
    team.write()
    before = team.document
    team.write("deployment.toml")
    assert team.document == before
    team.write("--select", "MW3", ".")
    assert team.document == before
    (team.folder / "nodes" / "one" / "deployment.toml").unlink()
    team.write("deployment.toml")
    assert set(team.document["files"]) == {"deployment.toml"}


def test_the_file_of_the_settings(team: Team) -> None:
    team.write()
    team.file(".mailwright.toml", "baseline = 'known.json'\n")
    assert team.run("validate", "deployment.toml", cwd=team.folder).code == 0
    (team.folder / "deep").mkdir()
    assert team.run("validate", "../deployment.toml", cwd=team.folder / "deep").code == 0
    assert team.run("validate", "deployment.toml", cwd=team.folder, env={"MAILWRIGHT_BASELINE": "no.json"}).code == 2
    assert team.write().code == 0


def test_what_cannot_be_read_is_never_known(team: Team) -> None:
    team.file("broken.mailwright.yaml", "mailwright: [\n")
    assert team.write().code == 2
    assert team.check().code == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "known.json:1:1: is not valid JSON"),
        ("<<<<<<< ours\n", "known.json:1:1: is not valid JSON"),
        ('{"mailwright": 1}', "known.json:1:1: is not a baseline: `mailwright_baseline` is missing"),
        ('{"mailwright_baseline": 2, "files": {}}', "known.json:1:25: is not a baseline: `mailwright_baseline` must be 1"),
        (
            '{"mailwright_baseline": 1, "files": {"a": [{"rule": "X", "path": "", "count": 1}]}}',
            "known.json:1:53: is not a baseline: `rule` must be the id of a rule",
        ),
    ],
)
def test_a_file_that_is_none_is_told_and_kept(text: str, said: str, team: Team) -> None:
    team.file("known.json", text)
    for result in (team.check("deployment.toml"), team.write("deployment.toml")):
        assert (result.code, said in result.stderr) == (2, True)
    assert (team.folder / "known.json").read_text(encoding="utf-8") == text


def test_a_file_that_is_missing(team: Team) -> None:
    missing = team.check("deployment.toml")
    assert (missing.code, "known.json: cannot be read: No such file" in missing.stderr) == (2, True)


def test_two_runs_write_the_same(team: Team) -> None:
    team.spec("b.example", "a.example")
    team.write(".")
    first = (team.folder / "known.json").read_bytes()
    team.write("email.yaml", "deployment.toml")
    assert (team.folder / "known.json").read_bytes() == first


def test_what_is_known_is_mended_all_the_same(team: Team) -> None:
    team.file("deployment.toml", DEPLOYMENT.replace("hostname = 'h'\n", ""))
    team.write()
    fixed = team.check("--fix", "deployment.toml")
    assert (fixed.code, "fixed deployment.toml:4:1: MW101" in fixed.stderr) == (0, True)
    assert "hostname = 'x'" in (team.folder / "deployment.toml").read_text(encoding="utf-8")


# -- SARIF says how each finding stands


def states(result: Result) -> list[tuple[str, str | None]]:
    return [(item["ruleId"], item.get("baselineState")) for item in result.json["runs"][0]["results"]]


def test_sarif_says_what_is_new_known_and_gone(team: Team) -> None:
    without = team.run("validate", ".", "--format", "sarif", cwd=team.folder)
    assert {state for _, state in states(without)} == {None}
    team.write()
    team.file("deployment.toml", DEPLOYMENT.replace("host = 'x'\n", "prot = 25\n"))
    new = team.check("--format", "sarif", ".")
    assert states(new) == [("MW101", "new")]
    every = team.check("--format", "sarif", "--with-known", ".")
    assert every.code == new.code == 1
    told = states(every)
    assert [state for rule, state in told if rule == "MW101"] == ["new", "absent"]
    assert {state for rule, state in told if rule != "MW101"} == {"unchanged"}
    assert len(told) == len(states(without)) + 1
    marks = [item["partialFingerprints"]["mailwright/v1"] for item in every.json["runs"][0]["results"]]
    assert len(set(marks)) == len(marks)
    assert "canary" not in every.stdout
    assert "1 entry not found any more" in every.stderr


def test_what_is_known_does_not_count(team: Team) -> None:
    team.write()
    every = team.check("--format", "sarif", "--with-known", "--strict", ".")
    assert every.code == 0
    assert {state for _, state in states(every)} == {"unchanged"}


def test_other_formats_tell_only_what_is_new(team: Team) -> None:
    team.write()
    refused = team.check("--with-known", ".")
    assert (refused.code, "--format sarif" in refused.stderr) == (2, True)
    assert team.run("validate", ".", "--format", "sarif", "--with-known", cwd=team.folder).code == 2
