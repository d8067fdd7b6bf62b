"""Several environments at once, where no server is asked: validate, render, verify."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from mailwright.base.errors import UsageError
from mailwright.operations.servers import Connection
from mailwright.operations.specs import chosen_environments
from mailwright.spec import load_spec
from mailwright.verification.inputs import EffectiveSender, iter_senders, read_inputs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from commands import Result, Run

    Write = Callable[[str, str], Path]

SPEC = """\
mailwright: 1
product: {version: "7.3.0"}
global:
  from_address: no-reply@example.com
  hostname: smtp.example.com
  port: 587
  username: mailer
  password: $secret{smtp_password}
  signature: Example
  reply_to: help@example.com
  custom_properties: {mail.smtp.starttls.required: true}
tenants:
  a.example:
    {from_address: no-reply@a.example, signature: A, reply_to: help@a.example, hostname: smtp.a.example, port: 587,
     username: a, password: "$env{MAILWRIGHT_P}"}
environments:
  prod: {global: {hostname: smtp.prod.example.com}}
  staging: {global: {hostname: smtp.staging.example.com, custom_properties: null}}
  test: {global: {custom_properties: null}}
"""


@pytest.fixture
def spec(write: Write) -> Path:
    return write("email.yaml", SPEC)


def unencrypted(result: Result) -> list[list[str] | None]:
    found = result.json["files"][0]["findings"]
    return [item.get("environments") for item in found if item["rule"] == "MW302" and item["path"] == "global"]


@pytest.mark.parametrize(
    ("options", "holds"),
    [
        ([], [["staging", "test"]]),
        (["--env", "prod"], []),
        (["--env", "staging"], [None]),
        (["--env", "prod", "--env", "staging"], [["staging"]]),
        (["--env", "test", "--env", "staging"], [None]),
        (["--all-env"], [["staging", "test"]]),
    ],
)
def test_a_finding_names_the_environments_that_it_holds_for(
    spec: Path, run: Run, options: list[str], holds: list[list[str] | None]
) -> None:
    assert unencrypted(run("validate", spec, *options, "--format", "json")) == holds


def test_the_names_stand_in_every_format(spec: Path, run: Run) -> None:
    for format_ in ("text", "sarif", "github", "gitlab", "junit"):
        assert "environments staging, test: " in run("validate", spec, "--format", format_).stdout.replace("%3A", ":")


def test_files_that_are_no_specs_are_checked_once(spec: Path, write: Write, run: Run) -> None:
    write("deployment.toml", "[output_adapter.email]\nhost = 1\n")
    files = run("validate", spec.parent, "--all-env", "--format", "json").json["files"]
    assert [file["file"].rpartition("/")[2] for file in files] == ["deployment.toml", "email.yaml"]


def test_render_writes_a_folder_for_each(spec: Path, run: Run) -> None:
    folder = spec.parent / "out"
    result = run("render", spec, "--env", "prod", "--env", "test", "-o", folder)
    assert (result.code, [line.partition(":")[0] for line in result.stdout.splitlines()]) == (0, ["prod", "test"])
    assert sorted(path.name for path in folder.iterdir()) == ["prod", "test"]
    assert "smtp.prod.example.com" in (folder / "prod" / "deployment.fragment.toml").read_text()
    assert "smtp.example.com" in (folder / "test" / "deployment.fragment.toml").read_text()
    assert run("render", spec, "--env", "prod", "--env", "test", "-o", folder, "--check").code == 0
    drifted = run("render", spec, "--all-env", "-o", folder, "--check")
    assert (drifted.code, "staging: deployment.fragment.toml: is missing" in drifted.stdout) == (1, True)


def test_render_of_all_environments_is_a_folder_each_where_there_is_one(write: Write, run: Run) -> None:
    spec = write("one.yaml", SPEC.partition("  staging:")[0])
    assert run("render", spec, "--all-env", "-o", spec.parent / "out").code == 0
    assert (spec.parent / "out" / "prod" / "deployment.fragment.toml").is_file()


def test_render_checks_all_before_it_writes_one(write: Write, run: Run) -> None:
    spec = write("broken.yaml", SPEC.replace("test: {global: {custom_properties: null}}", "test: {global: {port: x}}"))
    result = run("render", spec, "--all-env", "-o", spec.parent / "out")
    assert (result.code, (spec.parent / "out").exists()) == (2, False)


@pytest.mark.parametrize(
    "arguments",
    [["render", "--env", "prod", "--env", "test"], ["render", "--all-env"], ["validate", "--all-env", "--env", "prod"]],
)
def test_what_does_not_go_together(spec: Path, run: Run, arguments: list[str]) -> None:
    command, *options = arguments
    assert run(command, spec, *options).code == 2


def test_verify_has_the_senders_of_each(spec: Path) -> None:
    inputs = read_inputs([str(spec)], partial(chosen_environments, ("prod", "staging"), all_env=False), None)
    senders = [sender for sender in iter_senders(inputs) if isinstance(sender, EffectiveSender)]
    assert [(sender.name, sender.environment) for sender in senders] == [
        ("prod global", "prod"),
        ("prod a.example", "prod"),
        ("staging global", "staging"),
        ("staging a.example", "staging"),
    ]
    assert senders[2].properties["mail.smtp.host"] == "smtp.staging.example.com"
    (one, _) = iter_senders(read_inputs([str(spec)], partial(chosen_environments, ("prod",), all_env=False), None))
    assert isinstance(one, EffectiveSender)
    assert (one.name, one.environment) == ("global", "prod")


@pytest.mark.parametrize(("given", "ca_file"), [(None, None), ("https://IS.example.com:443/", None), (None, "other.pem")])
def test_the_environments_server_and_certificates(write: Write, given: str | None, ca_file: str | None) -> None:
    path = write("bound.yaml", SPEC.replace("prod: {", "prod: {server: 'https://is.example.com', ca_file: ca/prod.pem, "))
    bound = Connection(given, ca_file=ca_file).bound_to(load_spec(path, "prod"))
    assert (bound.server, bound.ca_file) == ("https://is.example.com:443", ca_file or str(path.parent / "ca" / "prod.pem"))
    with pytest.raises(UsageError, match="no server is named"):
        Connection().bound_to(load_spec(path, "test"))


@pytest.mark.parametrize("command", [["merge"], ["apply"], ["import", "--api"]])
def test_a_command_for_one_environment_refuses_two(spec: Path, write: Write, run: Run, command: list[str]) -> None:
    file = write("deployment.toml", "[a]\nx = 1\n")
    given = [*command, str(spec), *([str(file)] if command == ["merge"] else [])]
    refused = run(*given, "--env", "prod", "--env", "staging")
    assert (refused.code, refused.stdout) == (2, "")
    assert "works on one environment" in refused.stderr
    assert file.read_text() == "[a]\nx = 1\n"


@pytest.mark.parametrize(
    ("one", "other", "is_told"),
    [
        ("server: https://a.example", "server: https://A.example/", False),  # the same senders
        ("server: https://a.example, defaults: {port: 25}", "server: https://A.example/, defaults: {port: 587}", True),
        ("server: https://a.example, tenants: {a.example: null}", "server: https://a.example", True),
        ("server: https://a.example, global: {port: 25}", "server: https://a.example, global: {port: 587}", False),
        ("server: https://a.example, defaults: {port: 25}", "server: https://b.example, defaults: {port: 587}", False),
        ("defaults: {port: 25}", "defaults: {port: 587}", False),
    ],
)
def test_two_environments_with_one_server(one: str, other: str, is_told: bool, write: Write, run: Run) -> None:
    spec = write("email.yaml", f"mailwright: 1\nenvironments:\n  one: {{{one}}}\n  other: {{{other}}}\n")
    found = run("validate", spec, "--select", "MW007", "--format", "json").json["files"][0]["findings"]
    assert [(finding["rule"], finding["line"]) for finding in found] == ([("MW007", 4)] if is_told else [])
