"""The documents of merge, import and explain: what the report's schema says, and nothing else on standard output."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from mailwright.rules.catalogue import CATALOGUE
from products import load_schema

if TYPE_CHECKING:
    from commands import Run

Write = Callable[[str, str], Path]
DEPLOYMENT = (
    "[output_adapter.email]\nfrom_address = 'a@b.example'\nhostname = 'h'\nport = 25\nusername = 'u'\npassword = 'canary'\n"
)
SPEC = "mailwright: 1\nglobal: {from_address: a@b.example, hostname: new, port: 25, username: u, password: '$env{P}'}\n"


def held(name: str, document: Any) -> Any:
    """Return a document that is what the schema says."""
    schema = load_schema("report")
    Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]}).validate(document)
    Draft202012Validator(schema).validate(document)
    return document


# -- merge


def test_merge(run: Run, write: Write, tmp_path: Path) -> None:
    spec, one, two = write("email.yaml", SPEC), write("one.toml", DEPLOYMENT), write("two.toml", DEPLOYMENT)
    result = run("merge", spec, one, two, "--format", "json", "--diff")
    document = held("merge", result.json)
    assert (result.code, document["exit_code"], result.stderr) == (0, 0, "")
    assert [Path(file["file"]).name for file in document["files"]] == ["one.toml", "two.toml"]
    for file in document["files"]:
        assert file["outcome"] == "changed"
        assert file["changed"] == ["output_adapter.email.password", "output_adapter.email.hostname"]
        assert Path(file["backup"]).read_text(encoding="utf-8") == DEPLOYMENT
        assert file["warnings"] == [f"the clear text of `password` is now in the backup only: {file['backup']}"]
        assert '+output_adapter.email.hostname = "new"' in file["diff"]
    assert "canary" not in result.output
    again = held("merge", run("merge", spec, one, "--format", "json").json)
    assert [(file["outcome"], file["changed"], file["backup"]) for file in again["files"]] == [("in sync", [], None)]
    assert "diff" not in again["files"][0]


def test_merge_check(run: Run, write: Write) -> None:
    spec, node = write("email.yaml", SPEC), write("deployment.toml", DEPLOYMENT)
    result = run("merge", spec, node, "--check", env={"MAILWRIGHT_FORMAT": "json"})
    document = held("merge", result.json)
    assert (result.code, document["exit_code"], document["files"][0]["outcome"]) == (1, 1, "differs")
    assert node.read_text(encoding="utf-8") == DEPLOYMENT
    piped = run("merge", spec, "-", "--check", "--format", "json", stdin=DEPLOYMENT)
    assert held("merge", piped.json)["files"][0]["file"] == "<stdin>"


def test_merge_tells_what_failed(run: Run, write: Write, tmp_path: Path) -> None:
    spec = write("email.yaml", SPEC.replace("$env{P}", "$secret{none}"))
    result = run("merge", spec, write("one.toml", DEPLOYMENT), tmp_path / "gone.toml", "--format", "json")
    document = held("merge", result.json)
    assert (result.code, document["exit_code"]) == (9, 9)
    assert [(file["outcome"], file["error"]["code"], file["starts"]) for file in document["files"]] == [
        ("failed", "unsafe", None),
        ("failed", "unreadable", None),
    ]


def test_the_merged_text_and_a_document_do_not_go_to_one_place(run: Run, write: Write) -> None:
    result = run("merge", write("email.yaml", SPEC), "-", "--format", "json", stdin=DEPLOYMENT)
    assert (result.code, result.stdout, "standard output is for the merged text" in result.stderr) == (2, "", True)


# -- import


def test_import(run: Run, write: Write, tmp_path: Path) -> None:
    node = write("deployment.toml", DEPLOYMENT)
    result = run("import", node, "--format", "json")
    document = held("import", result.json)
    assert (result.code, result.stderr, document["written"]) == (0, "", None)
    assert document["spec"]["global"]["hostname"] == "h"
    assert document["spec"]["global"]["password"] == "$keep{}"
    assert any("is in clear text" in remark for remark in document["remarks"])
    assert "canary" not in result.output
    spec = write("again.json", json.dumps(document["spec"]))
    assert run("merge", "--check", spec, node).code == 0
    written = run("import", node, "--format", "json", "-o", tmp_path / "email.yaml")
    document = held("import", written.json)
    assert (document["written"], document["spec"]) == (str(tmp_path / "email.yaml"), None)
    assert document["remarks"][-1].startswith("next: mailwright validate")
    assert run("merge", "--check", tmp_path / "email.yaml", node).code == 0


# -- explain


def test_every_rule(run: Run) -> None:
    document = held("explain", run("explain", "--all", "--format", "json").json)
    assert [rule["id"] for rule in document["rules"]] == list(CATALOGUE)
    for rule in document["rules"]:
        known = CATALOGUE[rule["id"]]
        assert (rule["title"], rule["severity"], rule["fixable"]) == (known.title, known.severity.value, known.fixable)
        assert rule["page"].endswith(f"/docs/rules/{rule['id']}.md")
    listed = run("explain", "--all").stdout.splitlines()
    assert [line.split()[0] for line in listed] == list(CATALOGUE)
    assert "MW101  error    fixable  An unknown key" in listed


def test_one_rule(run: Run) -> None:
    (rule,) = held("explain", run("explain", "mw501", "--format", "json").json)["rules"]
    assert (rule["id"], rule["security"], rule["about"]) == ("MW501", 7.5, "senders")


@pytest.mark.parametrize(
    "arguments", [[], ["hostname", "--all"], ["hostname", "--format", "json"], ["--format", "json"]], ids=str
)
def test_what_explain_does_not_take(arguments: list[str], run: Run) -> None:
    result = run("explain", *arguments)
    assert (result.code, result.stdout) == (2, "")
