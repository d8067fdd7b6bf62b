"""The settings: where they are found, what goes before what, what a wrong one is told, and that no option is left out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from jsonschema import Draft202012Validator

from mailwright.base.errors import InputError, SpecError
from mailwright.base.upwards import find_upwards
from mailwright.cli import program
from mailwright.cli.configured import Setting
from mailwright.operations.settings import read_settings
from products import load_schema

if TYPE_CHECKING:
    from commands import Run

Write = Callable[[str, str], Path]
DEPLOYMENT = "[output_adapter.email]\nfrom_address = 'a@b.example'\nhostname = 'h'\nport = 25\n"
SPEC = "mailwright: 1\nglobal: {from_address: a@b.example, hostname: h, port: 25, username: u, password: '$env{P}'}\n"


def options_of_commands() -> Iterator[tuple[str, Setting]]:
    ctx = click.Context(program)
    for name in program.list_commands(ctx):
        command = program.get_command(ctx, name)
        assert command is not None
        yield from ((name, option) for option in command.params if isinstance(option, Setting))


# -- the schema and the options are one list


def test_every_setting_of_a_command_stands_in_the_schema() -> None:
    properties = load_schema("settings")["properties"]
    for command, option in options_of_commands():
        if option.in_file:
            assert option.key in properties
            assert command not in properties or option.key in properties[command]["properties"], (command, option.key)


def test_every_setting_of_the_schema_is_an_option() -> None:
    properties = load_schema("settings")["properties"]
    options = {(command, option.key) for command, option in options_of_commands()}
    for command, table in properties.items():
        for key in table.get("properties", ()):
            assert (command, key) in options
    keys, commands = {key for _, key in options}, {command for command, _ in options}
    assert set(properties) - commands == (keys - {"env", "server"}) | {"per-file-ignores"}


def test_help_names_the_variable(run: Run) -> None:
    for command in sorted({command for command, _ in options_of_commands()}):
        said = "".join(run(command, "--help").stdout.split())
        for name, option in options_of_commands():
            if name == command:
                assert f"envvar:{option.envvar}" in said


def test_what_is_dangerous_is_said_on_the_command_line_alone() -> None:
    for _, option in options_of_commands():
        assert not option.key.startswith(("allow-", "show-", "server-override"))
        assert option.key not in ("fix", "prune", "yes", "send-test-to")


# -- where the file is


def test_the_nearest_file_counts(run: Run, write: Write, tmp_path: Path) -> None:
    write("deployment.toml", DEPLOYMENT)
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    write(".mailwright.toml", "format = 'junit'\n")
    assert run("validate", tmp_path / "deployment.toml", cwd=deep).stdout.startswith("<?xml")
    (tmp_path / "a" / ".mailwright.toml").write_text("strict = true\n", encoding="utf-8")
    result = run("validate", tmp_path / "deployment.toml", cwd=deep)
    assert (result.code, "0 errors" not in result.stdout, "<?xml" not in result.stdout) == (1, True, True)


def test_a_file_can_be_named_and_left_out(run: Run, write: Write, tmp_path: Path) -> None:
    write("deployment.toml", DEPLOYMENT)
    write(".mailwright.toml", "nonsense = 1\n")
    other = write("other.toml", "format = 'json'\n")
    assert run("validate", "deployment.toml", cwd=tmp_path).code == 2
    assert run("validate", "deployment.toml", cwd=tmp_path, env={"MAILWRIGHT_SETTINGS": ""}).code == 0
    assert run("validate", "deployment.toml", cwd=tmp_path, env={"MAILWRIGHT_SETTINGS": str(other)}).json["files"]
    missing = run("validate", "deployment.toml", cwd=tmp_path, env={"MAILWRIGHT_SETTINGS": "nowhere.toml"})
    assert (missing.code, missing.stderr) == (2, "mailwright: nowhere.toml: cannot be read: No such file or directory\n")


def test_a_file_of_somebody_else_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, folder = tmp_path / "x.toml", tmp_path / "mine"
    file.write_text("", encoding="utf-8")
    folder.mkdir()
    owners = {str(file): 4711, str(folder): 1000}
    stat = os.stat

    def owned(path: object, **options: object) -> os.stat_result:
        found = list(stat(path, **options))  # type: ignore[call-overload]
        found[4] = owners.get(str(path), found[4])
        return os.stat_result(found)

    monkeypatch.setattr(os, "getuid", lambda: 1000)
    monkeypatch.setattr(os, "stat", owned)
    assert find_upwards("x.toml", str(folder)) == (None, (str(file),))
    for owner in (1000, 0):
        owners[str(file)] = owner
        assert find_upwards("x.toml", str(folder)) == (str(file), ())
    owners.update({str(file): 2000, str(folder): 2000})  # a checkout that somebody else made, whole
    assert find_upwards("x.toml", str(folder)) == (str(file), ())


def test_help_does_not_read_the_file(run: Run, write: Write, tmp_path: Path) -> None:
    write(".mailwright.toml", "nonsense = 1\n")
    for arguments in (["validate", "--help"], ["verify", "--help"], ["--help"], ["schema", "settings"], ["explain", "MW101"]):
        assert run(*arguments, cwd=tmp_path).code == 0


def test_without_a_file_nothing_is_imported_for_it(tmp_path: Path) -> None:
    from test_startup import modules_of

    path = tmp_path / "deployment.toml"
    path.write_text(DEPLOYMENT, encoding="utf-8")
    assert modules_of("validate", str(path)) & {"mailwright.operations.settings", "mailwright.operations.baseline"} == set()


# -- what goes before what


def test_the_command_line_the_environment_the_file(run: Run, write: Write, tmp_path: Path) -> None:
    write("deployment.toml", DEPLOYMENT)
    write(".mailwright.toml", "format = 'json'\n[validate]\nformat = 'github'\n")

    def first(*arguments: str, **env: str) -> str:
        return run("validate", "deployment.toml", *arguments, cwd=tmp_path, env=env).stdout[:9]

    assert first().startswith("::warning")
    assert first(MAILWRIGHT_FORMAT="sarif").startswith("{")
    assert first("--format", "junit", MAILWRIGHT_FORMAT="sarif").startswith("<?xml")
    write(".mailwright.toml", "format = 'json'\n")
    assert first().startswith("{")


def test_product_version(run: Run, write: Write, tmp_path: Path) -> None:
    write("deployment.toml", DEPLOYMENT)
    write("spec.yaml", f"{SPEC}product: {{version: 7.3.0}}\n")
    write(".mailwright.toml", "product-version = '7.2.0'\n")
    assert run("effective", "deployment.toml", "--format", "json", cwd=tmp_path).json["release"] == "7.2.0"
    for version in (["--product-version", "7.3.0"], []):
        env = {} if version else {"MAILWRIGHT_PRODUCT_VERSION": "7.3.0"}
        assert run("effective", "deployment.toml", "--format", "json", *version, cwd=tmp_path, env=env).json["release"] == "7.3.0"
    assert run("validate", "spec.yaml", cwd=tmp_path).code == 2


def test_a_format_of_other_commands_is_passed_over(run: Run, write: Write, tmp_path: Path) -> None:
    write("deployment.toml", DEPLOYMENT)
    version = ("--product-version", "7.2.0")
    write(".mailwright.toml", "format = 'sarif'\n")
    assert run("effective", "deployment.toml", *version, cwd=tmp_path).stdout.startswith("mail.smtp.")
    write(".mailwright.toml", "")
    env = {"MAILWRIGHT_FORMAT": "sarif"}
    assert run("effective", "deployment.toml", *version, cwd=tmp_path, env=env).stdout.startswith("mail.smtp.")
    wrong = run("effective", "deployment.toml", *version, cwd=tmp_path, env={"MAILWRIGHT_FORMAT": "xml"})
    assert (wrong.code, "Invalid value for MAILWRIGHT_FORMAT: 'xml'" in wrong.stderr) == (2, True)
    write(".mailwright.toml", "\nformat = 'xml'\n")
    wrong = run("effective", "deployment.toml", *version, cwd=tmp_path)
    assert (wrong.code, ".mailwright.toml:2:1: `format` for effective: 'xml' is not one of" in wrong.stderr) == (2, True)


def test_all_environments_go_before_the_one_of_the_environment(run: Run, write: Write) -> None:
    path = write("spec.yaml", f"{SPEC}environments: {{good: {{}}, bad: {{owner: ''}}}}\n")
    assert run("validate", path, "--env", "good").code == 0
    assert run("validate", path, env={"MAILWRIGHT_ENV": "good"}).code == 0
    assert run("validate", path, "--all-env", env={"MAILWRIGHT_ENV": "good"}).code == 1
    assert run("validate", path, "--all-env", "--env", "good").code == 2


def test_of_two_trust_stores_the_nearer_is_meant(run: Run, write: Write, tmp_path: Path) -> None:
    write("deployment.toml", DEPLOYMENT)

    def told(*arguments: str, **env: str) -> str:
        return run("verify", "deployment.toml", "--product-version", "7.2.0", *arguments, cwd=tmp_path, env=env).stderr

    write(".mailwright.toml", "ca-file = 'ca.pem'\n")
    assert "ca.pem: cannot be read" in told()
    assert "store.p12: cannot be read" in told("--trust-store", "store.p12")
    assert "store.p12: cannot be read" in told(MAILWRIGHT_TRUST_STORE="store.p12")
    assert "other.pem: cannot be read" in told("--ca-file", "other.pem", MAILWRIGHT_TRUST_STORE="store.p12")
    assert "name two trust stores" in told("--ca-file", "other.pem", "--trust-store", "store.p12")
    write(".mailwright.toml", "ca-file = 'ca.pem'\n[verify]\ntrust-store = 'store.p12'\ntrust-store-password-file = 'pw'\n")
    assert "pw: cannot be read" in told()
    assert "other.pem: cannot be read" in told("--ca-file", "other.pem")
    write(".mailwright.toml", "ca-file = 'ca.pem'\ntrust-store = 'store.p12'\n")
    assert "name two trust stores" in told()


# -- what validate takes


def test_rules(run: Run, write: Write, tmp_path: Path) -> None:
    write("deployment.toml", DEPLOYMENT)

    def found(*arguments: str, **env: str) -> set[str]:
        (file,) = run("validate", "deployment.toml", "--format", "json", *arguments, cwd=tmp_path, env=env).json["files"]
        return {finding["rule"] for finding in file["findings"]}

    everything = found()
    assert {"MW303", "MW304", "MW305"} & everything
    write(".mailwright.toml", "select = ['mw3']\nignore = ['MW305']\n")
    assert found() == {rule for rule in everything if rule.startswith("MW3")} - {"MW305"}
    assert found("--ignore", "MW304") == {rule for rule in everything if rule.startswith("MW3")} - {"MW304"}
    assert found(MAILWRIGHT_SELECT="MW304 MW305", MAILWRIGHT_IGNORE="MW7,MW305") == {"MW304"}
    assert found("--ignore", "MW1", MAILWRIGHT_SELECT="MW305 MW304") == {"MW305", "MW304"}


def test_rules_of_some_files(run: Run, write: Write, tmp_path: Path) -> None:
    for folder in ("old", "new"):
        (tmp_path / "nodes" / folder).mkdir(parents=True)
        (tmp_path / "nodes" / folder / "deployment.toml").write_text(DEPLOYMENT, encoding="utf-8")
    write(".mailwright.toml", "[per-file-ignores]\n'nodes/old/' = ['MW305']\n'*.yaml' = ['MW3']\n")

    def having(cwd: Path, *names: str) -> set[str]:
        files = run("validate", *names, "--format", "json", cwd=cwd).json["files"]
        return {file["file"] for file in files if "MW305" in {finding["rule"] for finding in file["findings"]}}

    assert having(tmp_path, ".") == {"nodes/new/deployment.toml"}
    assert having(tmp_path / "nodes" / "old", "deployment.toml") == set()
    assert having(tmp_path / "nodes", "old/deployment.toml", "new/deployment.toml") == {"new/deployment.toml"}


def test_what_is_left_out_is_so_from_the_folder_of_the_settings(run: Run, write: Write, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / "nodes" / folder).mkdir(parents=True)
        (tmp_path / "nodes" / folder / "deployment.toml").write_text(DEPLOYMENT, encoding="utf-8")
    write(".mailwright.toml", "exclude = ['/nodes/a']\n")

    def checked(cwd: Path, *names: str) -> list[str]:
        return [file["file"] for file in run("validate", *names, "--format", "json", cwd=cwd).json["files"]]

    assert checked(tmp_path, ".") == ["nodes/b/deployment.toml"]
    assert checked(tmp_path / "nodes", ".") == ["b/deployment.toml"]
    assert checked(tmp_path, "nodes") == ["nodes/b/deployment.toml"]
    assert checked(tmp_path, "nodes/*/deployment.toml") == ["nodes/b/deployment.toml"]
    assert checked(tmp_path, ".", "--exclude", "b") == ["nodes/a/deployment.toml"]
    assert checked(tmp_path, "nodes/a/deployment.toml") == ["nodes/a/deployment.toml"]


def test_the_file_is_no_spec(run: Run, write: Write, tmp_path: Path) -> None:
    write("deployment.toml", DEPLOYMENT)
    write(".mailwright.toml", "format = 'json'\n")
    write("policy.json", '{"mailwright_policy": 1}\n')
    assert [file["file"] for file in run("validate", ".", cwd=tmp_path).json["files"]] == ["deployment.toml"]


# -- what is wrong


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prodct-version = '7'", "1:1: unknown key `prodct-version`\n  hint: did you mean `product-version`?"),
        ("ca_file = 'x'", "1:1: unknown key `ca_file`\n  hint: did you mean `ca-file`?"),
        ("\n[verify]\ntimout = 3", "3:1: unknown key `timout` in verify\n  hint: did you mean `timeout`?"),
        ("[verify]\nselect = []", "2:1: unknown key `select` in verify"),
        ("[verfy]\ntimeout = 3", "1:2: unknown key `verfy`\n  hint: did you mean `verify`?"),
        ("hostname = 'x'", "1:1: unknown key `hostname`\n  hint: known here: product-version,"),
        ("timeout = 'x'", "1:11: `timeout` must be a number, not a string"),
        ("concurrency = 0", "1:15: `concurrency` must be from 1 to 512"),
        ("strict = 'true'", "1:10: `strict` must be true or false, not a string\n  hint: write it without quotation marks"),
        ("ignore = 'MW101'", "1:10: `ignore` must be a list, not a string"),
        ("ignore = ['MW101', 'W1']", "1:20: entry 2 must be the id of a rule, or how it begins: MW302, MW3 in ignore"),
        ("ignore = ['MW101', 'MW032']", "1:20: there is no rule MW032\n  hint: `mailwright explain --all` lists the rules"),
        ("[validate]\nselect = ['MW8']", "2:11: there is no rule MW8"),
        ("[per-file-ignores]\na = ['MW8']", "2:6: there is no rule MW8"),
        ("strict = tru", "1:10: is not valid TOML"),
        ("strict = true\nstrict = true", "2:14: is not valid TOML: a key is defined twice"),
    ],
)
def test_a_wrong_setting(text: str, said: str, write: Write) -> None:
    path = write(".mailwright.toml", f"{text}\n")
    with pytest.raises(InputError) as caught:
        read_settings(str(path))
    assert f"{path}:{said}" in str(caught.value)


def test_a_number_that_another_command_takes(run: Run, write: Write, tmp_path: Path) -> None:
    write("spec.yaml", SPEC)
    write(".mailwright.toml", "# tenants\nconcurrency = 300\n")
    result = run("plan", "spec.yaml", "--server", "https://localhost:1", cwd=tmp_path)
    assert (result.code, ".mailwright.toml:2:1: `concurrency` for plan: 300 is not in the range" in result.stderr) == (2, True)


def test_paths_are_those_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    path = tmp_path / "conf" / ".mailwright.toml"
    path.write_text("ca-file = 'pki/ca.pem'\nbackup-dir = '/var/b'\nformat = 'json'\n", encoding="utf-8")
    settings = read_settings(str(path))
    values = {name: found.value for name, found in settings}
    assert values == {"ca-file": str(tmp_path / "conf" / "pki" / "ca.pem"), "backup-dir": "/var/b", "format": "json"}


def test_no_value_of_the_file_is_told(write: Write) -> None:
    path = write(".mailwright.toml", "timeout = 'canary-secret'\n")
    with pytest.raises(SpecError) as caught:
        read_settings(str(path))
    assert "canary" not in str(caught.value)


# -- what holds, and from where


def test_what_is_set(run: Run, write: Write, tmp_path: Path) -> None:
    write(".mailwright.toml", "product-version = '7.2.0'\nignore = ['MW304']\ntimeout = 3\n[verify]\nca-file = 'ca.pem'\n")
    env = {"MAILWRIGHT_TIMEOUT": "5", "MAILWRIGHT_SERVER": "https://user:canary@is.example:9443"}
    lines = run("settings", cwd=tmp_path, env=env).stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["settings:", ".mailwright.toml"],
        ["server", "https://‹…>@is.example:9443", "MAILWRIGHT_SERVER"],
        ["timeout", "5", "MAILWRIGHT_TIMEOUT"],
        ["product-version", "7.2.0", ".mailwright.toml:1:1"],
        ["ignore", "MW304", ".mailwright.toml:2:1"],
        ["verify.ca-file", "ca.pem", ".mailwright.toml:5:1"],
    ]
    assert {line.rindex(" ") for line in lines[1:3]} == {lines[4].rindex(" ")}
    Draft202012Validator(load_schema("report")).validate(run("settings", "--format", "json", cwd=tmp_path, env=env).json)


def test_what_holds_for_a_command(run: Run, write: Write, tmp_path: Path) -> None:
    write(".mailwright.toml", "timeout = 3\n[verify]\ntimeout = 4\n")
    document = run("settings", "verify", "--format", "json", cwd=tmp_path, env={"MAILWRIGHT_RATE": "7"}).json
    held = {each["name"]: (each["value"], each["source"]) for each in document["settings"]}
    assert held["timeout"] == (4, "file")
    assert held["rate"] == ("7", "environment")
    assert held["concurrency"] == (16, "default")
    assert held["require-auth"] == (False, "default")
    others = run("settings", "plan", "--format", "json", cwd=tmp_path).json["settings"]
    assert {each["name"]: each["value"] for each in others}["timeout"] == 3
    write(".mailwright.toml", "[per-file-ignores]\n'old/' = ['MW305']\n")
    assert "per-file-ignores  old/: MW305  .mailwright.toml:1:2" in run("settings", "validate", cwd=tmp_path).stdout
    assert "per-file" not in run("settings", "plan", cwd=tmp_path).stdout
    unknown = run("settings", "verfy", cwd=tmp_path)
    assert (unknown.code, "these have: init, validate," in unknown.stderr) == (2, True)


def test_nothing_is_set(run: Run, tmp_path: Path) -> None:
    assert run("settings", cwd=tmp_path, env={"MAILWRIGHT_SETTINGS": ""}).stdout == (
        "settings: no settings file here or above\nnothing is set: every option has its own default\n"
    )


# -- what is misspelt


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["valdate", "x"], "No such command 'valdate'. Did you mean 'validate'?"),
        (["xyz"], "No such command 'xyz'.\n"),
        (["validate", "--formt", "json", "x"], "--format"),
        (["verify", "--trust-stor", "x"], "--trust-store"),
    ],
)
def test_what_was_meant(arguments: list[str], said: str, run: Run) -> None:
    result = run(*arguments)
    assert (result.code, said in result.stderr) == (2, True)


# -- render: what -o names, its command line alone says


def test_render_prints_the_format_of_the_file_and_writes_what_its_command_line_says(
    run: Run, write: Write, tmp_path: Path
) -> None:
    write("email.yaml", SPEC)
    write(".mailwright.toml", "format = 'json'\nproduct-version = '7.2.0'\nsecrets-dir = 'secrets'\n")
    (tmp_path / "secrets").mkdir()
    assert "fragment" in run("render", "email.yaml", cwd=tmp_path).stdout
    assert run("render", "email.yaml", "--format", "text", cwd=tmp_path).stdout.startswith("# Written")
    assert run("render", "email.yaml", "-o", "out", cwd=tmp_path).code == 0
    assert (tmp_path / "out").is_dir()
    assert run("render", "email.yaml", "-o", "out", "--check", cwd=tmp_path, env={"MAILWRIGHT_FORMAT": "jsonl"}).code == 0
    assert run("render", "email.yaml", "-o", "one.json", "--format", "json", cwd=tmp_path).code == 0
    assert (tmp_path / "one.json").is_file()
    refused = run("render", "email.yaml", "--secrets-dir", "secrets", cwd=tmp_path)
    assert (refused.code, "go with -o" in refused.stderr) == (2, True)
