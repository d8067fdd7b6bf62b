"""Validation as an operation: which findings count and how much, what a program asks for, and what goes into a cache."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands import Run
from mailwright.base.cache import Cache, opened
from mailwright.base.errors import MailwrightError, UnreadableInput, UsageError
from mailwright.base.findings import Finding, Severity
from mailwright.base.places import Place
from mailwright.operations.validate import Choice, all_readable, exit_code, validate, validate_all
from mailwright.validation import Check
from mailwright.validation.ignoring import PerFile
from mailwright.validation.kept import Kept

Write = Callable[[str, str], Path]

SEVERITIES = {"MW101": Severity.ERROR, "MW102": Severity.WARNING, "MW204": Severity.INFO, "MW301": Severity.WARNING}


def found(*files: str) -> list[Finding]:
    return [
        Finding(rule, severity, "said", Place(file)) for file in files or ("a.toml",) for rule, severity in SEVERITIES.items()
    ]


@pytest.mark.parametrize(
    ("options", "rules"),
    [
        ({}, ["MW101", "MW102", "MW204", "MW301"]),
        ({"select": ["MW1"]}, ["MW101", "MW102"]),
        ({"select": [" mw101 , MW3", "MW2,"]}, ["MW101", "MW204", "MW301"]),
        ({"ignore": ["MW1,mw301"]}, ["MW204"]),
        ({"select": ["MW1"], "ignore": ["MW102"]}, ["MW101"]),
        ({"select": ["MW102"], "ignore": ["MW1"]}, []),
        ({"select": [","]}, ["MW101", "MW102", "MW204", "MW301"]),
        ({"per_file": PerFile({"*.toml": ("MW1",)})}, ["MW204", "MW301"]),
        ({"per_file": PerFile({"*.yaml": ("MW1",)})}, ["MW101", "MW102", "MW204", "MW301"]),
    ],
)
@pytest.mark.parametrize("strict", [False, True])
def test_which_findings_count(options: dict[str, Any], rules: list[str], strict: bool) -> None:
    choice = Choice.of(options.get("select", ()), options.get("ignore", ()), strict=strict, per_file=options.get("per_file"))
    counted = choice(found())
    assert [finding.rule for finding in counted] == rules
    for finding in counted:
        own = SEVERITIES[finding.rule]
        assert finding.severity is (Severity.ERROR if strict and own is Severity.WARNING else own)
    if "per_file" not in options:
        assert [rule for rule in SEVERITIES if choice.has(rule)] == rules


def test_warnings_are_warnings_where_nobody_says_otherwise() -> None:
    assert Choice.of((), ()) == Choice()
    assert Choice()(found()) == found()


LISTED = "e.g. MW101 or MW3; `mailwright explain --all` lists them"


@pytest.mark.parametrize(
    ("name", "hint"), [("XX1", LISTED), ("MW1010", "did you mean `MW101`?"), ("101", "did you mean `MW101`?"), ("9", LISTED)]
)
def test_a_rule_that_there_is_not(name: str, hint: str) -> None:
    for select, ignore in (([name], []), ([], ["MW1", f"MW2,{name}"])):
        with pytest.raises(UsageError) as caught:
            Choice.of(select, ignore)
        assert (caught.value.message, caught.value.hint) == (
            f"--select and --ignore take ids of rules, or how they begin: {name} is none",
            hint,
        )


@pytest.mark.parametrize(
    ("result", "code"),
    [
        ([], 0),
        ([found()[1], found()[2]], 0),
        ([found()[1], found()[0]], 1),
        (UnreadableInput("x"), 2),
    ],
)
def test_what_a_result_means_for_the_run(result: list[Finding] | MailwrightError, code: int) -> None:
    assert exit_code(result) == code


# -- what a program asks for

NODE = '[output_adapter.email]\nhostname = "h"\nusername = "$env{MAIL_USER}"\nsignature = "S"\n'
SPEC = """mailwright: 1
product: {version: "7.3.0"}
global: {hostname: h, port: 587, custom_properties: {mail.smtp.starttls.required: true}}
environments: {prod: {global: {custom_properties: null}}, test: {}}
"""


@pytest.mark.parametrize(
    ("options", "rules"),
    [
        ({}, {"MW204": False}),
        ({"variables": {"MAIL_USER": "a$b"}}, {"MW204": True}),
        ({"variables": {"MAIL_USER": "ab"}}, {"MW204": False}),
        ({"resolve": True}, {"MW204": True}),
        ({"resolve": True, "variables": {"MAIL_USER": "ab"}}, {"MW204": False}),
        ({"product_version": "5.9.0"}, {"MW102": True}),
        ({"product_version": "7.2.0"}, {"MW102": False}),
    ],
)
def test_a_deployment_toml(options: dict[str, Any], rules: dict[str, bool], write: Write) -> None:
    seen = {finding.rule for finding in validate(write("deployment.toml", NODE), **options)}
    assert {rule: rule in seen for rule in rules} == rules


@pytest.mark.parametrize(
    ("environment", "wrong"),
    [(None, True), ("prod", True), ("test", False), (["test"], False), (["test", "prod"], True), ([], True)],
)
def test_the_environments_of_a_spec(environment: Any, wrong: bool, write: Write) -> None:
    assert any(item.rule == "MW302" for item in validate(str(write("email.yaml", SPEC)), environment=environment)) is wrong


def test_a_kind_that_the_content_does_not_tell(write: Write) -> None:
    path = write("x.json", '{"name": 1}')
    assert {finding.rule for finding in validate(path, kind="tenant-sender-v1")} >= {"MW410"}


# -- many files, and what is known of them


def cache(folder: Path) -> Cache:
    made = opened(folder, lambda: b"the setting")
    assert made is not None
    return made


def told(results: list[tuple[str, Any]]) -> list[tuple[str, list[str]]]:
    return [
        (name, [f"{each.place} {each.rule}" for each in result] if isinstance(result, list) else [str(result)])
        for name, result in results
    ]


def test_what_is_kept_and_what_is_known(write: Write, tmp_path: Path) -> None:
    """Of files that have not changed nothing is asked again; the order is that of the files, and unreadable ones have their place."""
    names = [str(write(f"{number}.toml", NODE.replace("S", f"S{number}"))) for number in range(3)]
    names.insert(1, str(tmp_path / "missing.toml"))
    check, choice = Check(), Choice(ignore=("MW3",))
    plain = list(validate_all(names, check, choice))
    assert [name for name, _ in plain] == names
    assert isinstance(plain[1][1], UnreadableInput)
    assert not any(finding.rule.startswith("MW3") for _, result in plain if isinstance(result, list) for finding in result)
    for hits, changed in ((0, None), (3, None), (2, names[2])):
        if changed:
            Path(changed).write_text(NODE.replace("S", "another"), encoding="utf-8")
        store = cache(tmp_path / "cache")
        kept = Kept(store, check)
        again = list(validate_all(names, check, choice, kept))
        store.close()
        assert (kept.hits, len(store)) == (hits, 3 if hits else 0)
        assert told(again) == told(plain)


def test_whether_all_can_be_worked_on(write: Write, tmp_path: Path) -> None:
    good, broken = str(write("a.toml", NODE)), str(write("b.toml", NODE.replace("port", "prot")))
    assert all_readable([good, broken], Check())
    assert all_readable([], Check())
    assert not all_readable([good, str(tmp_path / "missing.toml")], Check())


# -- mending what came through a pipe


@pytest.mark.parametrize("key", ["port", "prot"])
def test_a_pipe_does_not_mend_other_files(key: str, run: Run, write: Write, tmp_path: Path) -> None:
    """What came through a pipe goes back alone: what a file beside it needs is told, and stays as it is."""
    own = "from_address: a@a.example, signature: A, reply_to: b@a.example, hostname: h, username: u, password: $env{P}".replace(
        "$env{P}", '"$env{MAILWRIGHT_P}"'
    )
    tenants = f"a.example: {{{own}, prot: 587}}\n"
    beside = write("tenants.yaml", tenants)
    spec = f'mailwright: 1\nproduct: {{version: "7.3.0"}}\ntenants_from: [tenants.yaml]\ndefaults: {{{key}: 587}}\n'
    result = run("validate", "-", "--fix", "--stdin-filename", "email.yaml", stdin=spec, cwd=tmp_path)
    assert result.stdout == spec.replace("prot", "port")
    assert beside.read_text() == tenants
    write("email.yaml", spec)
    assert run("validate", "--fix", "email.yaml", cwd=tmp_path).code in (0, 1)
    assert (beside.read_text(), (tmp_path / "email.yaml").read_text()) == (
        tenants.replace("prot", "port"),
        spec.replace("prot", "port"),
    )
