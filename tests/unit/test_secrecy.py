"""No secret in any output: a canary in every place that can hold one, through every command that reads files, format and verbosity."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mailwright.base.errors import MailwrightError
from mailwright.base.findings import Finding
from mailwright.base.secret import Secret
from mailwright.deployment import parse_deployment
from mailwright.engine.effective import effective
from mailwright.operations.validate import validate
from mailwright.product.product import load_product
from mailwright.spec import load_spec
from mailwright.validation.references import secret_paths
from products import NEWEST

if TYPE_CHECKING:
    from commands import Run

Write = Callable[[str, str], Path]
CANARY = "cAnary4711"


def nested(path: tuple[str, ...], value: object) -> dict[str, Any]:
    for part in reversed(path):
        value = {part: value}
    return value  # type: ignore[return-value]


def spec_with(tenant: dict[str, Any] | None = None, **more: Any) -> str:
    base = {"from_address": "a@a.example", "signature": "A", "reply_to": "a@a.example"}
    return json.dumps({"mailwright": 1, "tenants": {"a.example": {**base, **(tenant or {})}}, **more})


# Each value is written well-formed, then so that it is refused: both paths must be silent.
SPECS: dict[str, str] = {}
for where in sorted(secret_paths(load_product())):
    name = ".".join(where)
    SPECS[f"tenant-{name}"] = spec_with(nested(where, CANARY))
    SPECS[f"tenant-{name}-list"] = spec_with(nested(where, [CANARY]))
    SPECS[f"tenant-{name}-reference"] = spec_with(nested(where, f"$secret{{{CANARY} x}}$env{{"))
    SPECS[f"defaults-{name}"] = spec_with(defaults=nested(where, CANARY))
    SPECS[f"environment-{name}"] = spec_with(environments={"e": {"tenants": {"a.example": nested(where, [CANARY])}}})
    if where[0] == "api":
        SPECS[f"top-{name}"] = spec_with(**nested(where, [CANARY]))
    if len(where) == 1:
        SPECS[f"global-{name}"] = spec_with(**{"global": {where[0]: CANARY}})
        SPECS[f"global-{name}-table"] = spec_with(**{"global": {where[0]: {"x": CANARY}}})
        SPECS[f"global-{name}-control-character"] = spec_with(**{"global": {where[0]: f"{CANARY}\x01"}})
SPECS |= {
    "secrets": spec_with(secrets={"a": CANARY}),
    "secrets-refused": spec_with(secrets={"a": f"[{CANARY}]"}),
    "secrets-no-table": spec_with(secrets=CANARY),
    "misspelt-key": spec_with({"passwrod": CANARY}),
    "misspelt-section": spec_with(globl={"password": CANARY}),
    "value-as-key": spec_with({f"{CANARY} x": 1}),
    "custom-property": spec_with(
        **{"global": {"custom_properties": {"my.token": CANARY, "mail.smtp.proxy.password": f"x{CANARY}"}}}
    ),
    "wrong-type-everywhere": json.dumps(
        {"mailwright": 1, **dict.fromkeys(("product", "global", "api", "tenants", "defaults"), CANARY)}
    ),
    "no-spec": json.dumps({"password": CANARY}),
    "other-format": json.dumps({"mailwright": CANARY}),
    "version": spec_with(product={"version": CANARY}),
}
TEXTS = {
    "unclosed.yaml": f'mailwright: 1\nglobal: {{password: "{CANARY}\n',
    "unclosed-brace.yaml": f"mailwright: 1\nglobal: {{password: {CANARY}\n",
    "tag.yaml": f"mailwright: 1\nglobal: {{password: !{CANARY} x}}\n",
    "alias.yaml": f"mailwright: 1\nglobal: {{password: *{CANARY}}}\n",
    "twice.yaml": f"mailwright: 1\nglobal: {{password: {CANARY}, password: {CANARY}}}\n",
    "value-as-key-twice.yaml": f"mailwright: 1\nglobal: {{'{CANARY} x': 1, '{CANARY} x': 2}}\n",
    "colon.yaml": f"mailwright: 1\nglobal: password: {CANARY}\n",
    "percent.yaml": f"%{CANARY}\n---\nmailwright: 1\n",
    "unclosed.json": f'{{"mailwright": 1, "global": {{"password": "{CANARY}',
    "unquoted.json": f'{{"mailwright": 1, "global": {{"password": {CANARY}}}}}',
    "unclosed.toml": f'mailwright = 1\n[global]\npassword = "{CANARY}\n',
    "unquoted.toml": f"mailwright = 1\n[global]\npassword = {CANARY}\n",
    "twice.toml": f"mailwright = 1\n[global]\npassword = '{CANARY}'\npassword = '{CANARY}'\n",
    "table-twice.toml": f"mailwright = 1\n[global.'a) {CANARY} \"']\n[global.'a) {CANARY} \"']\n",
    "control.toml": f"mailwright = 1\n[global]\npassword = '{CANARY}\x01'\n",
}
TENANT_FILES = {
    "t.csv": f"domain,password,nope\na.example,{CANARY},{CANARY}\n",
    "cells.csv": f"domain,password\na.example,{CANARY},{CANARY}\n",
    "quote.csv": f'domain,password\na.example,"{CANARY}"x\n',
    "header.csv": f"domain,{CANARY} x,{CANARY} x\n",
    "nul.csv": f"domain,password\na.example,{CANARY}\0\n",
    "t.jsonl": f'{{"domain": "a.example", "password": ["{CANARY}"], "nope": "{CANARY}"}}\n',
    "unclosed.jsonl": f'{{"domain": "a.example", "password": "{CANARY}\n',
    "twice.jsonl": f'{{"domain": "a.example", "{CANARY} x": 1, "{CANARY} x": 2}}\n',
    "domain.jsonl": f'{{"domain": "{CANARY} x"}}\n{{"domain": "{CANARY} x"}}\n',
    "t.yaml": f"a.example: {CANARY}\n",
}
EMAIL = "[output_adapter.email]\n"
DEPLOYMENTS = {
    "password": f"{EMAIL}password = '{CANARY}'\n",
    "client-secret": f"{EMAIL}client_secret = '{CANARY}'\n",
    "multi-line": f"{EMAIL}password = '''\n{CANARY}'''\n",
    "list": f"{EMAIL}password = ['{CANARY}']\n",
    "table": f"{EMAIL}password = {{ x = '{CANARY}' }}\n",
    "key-below-a-secret": f"{EMAIL}password.{CANARY} = 1\n",
    "malformed": f"{EMAIL}password = '{CANARY}&'\n",
    "template": f"{EMAIL}password = '{CANARY}{{{{1+1}}}}'\n",
    "env": f"{EMAIL}password = '{CANARY}$env{{NOPE}}'\n",
    "odd-placeholder": f"{EMAIL}password = '$env{{{CANARY} x}}$secret{{{CANARY} x}}'\n",
    "misspelt": f"{EMAIL}passwrod = '{CANARY}'\nPassword = '{CANARY}'\n",
    "custom-property": f"{EMAIL}[output_adapter.email.custom_properties]\n'x.token' = '{CANARY}<'\n'mail.smtp.password' = '{CANARY}'\n",
    "foreign-table": f"[keystore]\npassword = '{CANARY}'\n[a.b]\nc = ['{CANARY}', '$env{{NOPE}}']\n",
    "foreign-reference": f"[keystore]\npassword = '{CANARY}'\n{EMAIL}hostname = 'x<$ref{{keystore.password}}'\n",
    "secrets": f"{EMAIL}password = '$secret{{a}}'\n[secrets]\na = '[{CANARY}]'\n",
    "secrets-no-text": f"[secrets]\na = ['{CANARY}']\n",
    "unquoted": f"{EMAIL}password = {CANARY}\n",
    "unclosed": f"{EMAIL}password = '{CANARY}\n",
    "escape": f'{EMAIL}password = "{CANARY}\\x41"\n',
    "behind-the-value": f"{EMAIL}password = 'x' {CANARY}\n",
    "no-equals": f"{EMAIL}password {CANARY}\n",
    "twice": f"{EMAIL}password = '{CANARY}'\npassword = '{CANARY}'\n",
    "array-of-tables": f"[[output_adapter.email]]\npassword = '{CANARY}'\n",
    "whole-table-as-value": f"[output_adapter]\nemail = '{CANARY}'\n",
    "two-types": f"{EMAIL}password = ['{CANARY}', 1]\n",
}

COMMANDS = [
    ["validate"],
    ["validate", "--format", "json", "-vvv"],
    ["validate", "--product-version", "7.2.0", "-vvv"],
]
DEPLOYMENT_COMMANDS = [
    *COMMANDS,
    ["validate", "--as", "deployment"],
    ["effective", "--product-version", "5.11.0", "-vvv"],
    ["effective", "--product-version", "7.3.0", "--format", "json"],
    ["effective", "--product-version", "7.3.0", "--resolve-env", "-vvv"],
]


def assert_silent(run: Run, path: Path, commands: list[list[str]]) -> None:
    for command in commands:
        result = run(command[0], path, *command[1:], env={"SOME_SECRET": CANARY})
        assert CANARY not in result.output, command
        assert "Traceback" not in result.output
        assert result.code in (0, 1, 2)
        assert result.output


@pytest.mark.parametrize("text", SPECS.values(), ids=SPECS.keys())
def test_specs(text: str, run: Run, write: Write) -> None:
    assert_silent(run, write("spec.json", text), COMMANDS)


@pytest.mark.parametrize(("name", "text"), TEXTS.items(), ids=TEXTS.keys())
def test_texts_that_do_not_parse(name: str, text: str, run: Run, write: Write) -> None:
    assert_silent(run, write(name, text), [*COMMANDS, ["validate", "--as", "spec"]])


@pytest.mark.parametrize(("name", "text"), TENANT_FILES.items(), ids=TENANT_FILES.keys())
def test_tenant_files(name: str, text: str, run: Run, write: Write) -> None:
    write(name, text)
    assert_silent(run, write("spec.yaml", f"mailwright: 1\ntenants_from: [{name}]\n"), COMMANDS)


@pytest.mark.parametrize("text", DEPLOYMENTS.values(), ids=DEPLOYMENTS.keys())
def test_deployments(text: str, run: Run, write: Write) -> None:
    assert_silent(run, write("deployment.toml", text), DEPLOYMENT_COMMANDS)


@pytest.mark.parametrize("kind", ["tenant-sender-v1", "tenant-sender-v2"])
def test_payloads(kind: str, run: Run, write: Write) -> None:
    pairs = [{"key": "password", "value": CANARY}, {"key": "clientSecret", "value": [CANARY]}, {"key": f"{CANARY} x", "value": 1}]
    path = write("payload.json", json.dumps({"password": CANARY, "smtpPort": CANARY, "properties": pairs, "nope": CANARY}))
    assert_silent(run, path, [[*command, "--as", kind] for command in COMMANDS])


def test_the_canary_would_be_seen(run: Run, write: Write) -> None:
    """A test that cannot fail is a defect: where the secret may be printed, it is."""
    path = write("deployment.toml", DEPLOYMENTS["password"])
    result = run("effective", path, "--product-version", "7.3.0", "--show-secrets")
    assert CANARY in result.stdout
    assert "clear text" in result.stderr
    assert CANARY not in result.stderr


def test_show_secrets_is_an_option_of_effective_alone(run: Run) -> None:
    for command in ("validate", "render", "merge", "explain", "schema", "import", "verify"):
        assert "--show-secrets" not in run(command, "--help").stdout


# -- internal errors


def fail(*_: object, **__: object) -> object:
    password = CANARY
    try:
        raise KeyError(password)
    except KeyError as error:
        raise RuntimeError(f"cannot use {password}") from error


@pytest.mark.parametrize("options", [[], ["-v"], ["-vvv"]], ids=["plain", "v", "vvv"])
@pytest.mark.parametrize("command", ["validate", "effective"])
def test_an_internal_error_tells_its_type_and_place_only(
    command: str, options: list[str], run: Run, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mailwright.cli import effective as effective_command
    from mailwright.cli import validate as validate_command

    monkeypatch.setattr(effective_command, "effective_in", fail)
    monkeypatch.setattr(validate_command, "Check", fail)
    path = write("deployment.toml", DEPLOYMENTS["password"])
    result = run(command, path, "--product-version", "7.3.0", *options)
    assert (result.code, result.stdout) == (70, "")
    assert "internal error: RuntimeError" in result.stderr
    assert f"{Path(__file__).name}:" in result.stderr
    assert CANARY not in result.output
    assert len(result.stderr.splitlines()) == 2 or options == ["-vvv"]


# -- objects


def test_reprs_hold_no_value(write: Write) -> None:
    spec_path = write(
        "spec.json", spec_with({"password": CANARY}, **{"global": {"password": CANARY}, "api": {"password": CANARY}})
    )
    spec = load_spec(spec_path)
    deployment = parse_deployment(DEPLOYMENTS["password"] + f"[x]\ny = {{ z = ['{CANARY}'] }}\n")
    view = effective(deployment, NEWEST, environment={"X": CANARY})
    things: list[object] = [
        spec,
        spec.document,
        spec.tenants,
        *spec.tenants,
        deployment,
        deployment.source,
        deployment.statements,
    ]
    things += [*deployment.leaves, *deployment.problems, view, *view.properties, *validate(spec_path)]
    for thing in things:
        for text in (repr(thing), str(thing), f"{thing}"):
            assert CANARY not in text


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_exceptions_hold_no_value(text: str, write: Write, request: pytest.FixtureRequest) -> None:
    found: list[Finding] | MailwrightError
    try:
        found = validate(write(request.node.callspec.id, text), kind="spec")
    except MailwrightError as error:
        found = error
        chain = [error.__cause__, None if error.__suppress_context__ else error.__context__]
        assert all(CANARY not in repr(link) for link in chain)
    assert CANARY not in repr(found)
    assert CANARY not in str(found)


def test_the_secret_type() -> None:
    secret = Secret(CANARY, "$env{A}")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>20}", repr([secret]), repr({"a": secret})]
    assert [text for text in shown if CANARY in text] == []
    assert secret.reveal() == CANARY
    assert secret.reference == "$env{A}"
    assert str(Secret(CANARY)) == "<secret>"
    assert secret == Secret(CANARY)
    assert secret != CANARY
    assert hash(secret) == hash(Secret(CANARY))
    assert not Secret("")
    with pytest.raises(TypeError):
        json.dumps(secret)
    with pytest.raises(TypeError):
        pickle.dumps(secret)
