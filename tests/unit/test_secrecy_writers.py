"""The canary again, for the commands that write files or talk to a mail server: it is in the files that must hold it, and in no output."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from commands import Run

CANARY = "canary-c0ffee"

SPEC = f"""
mailwright: 1
product: {{version: "7.3.0"}}
global:
  from_address: a@example.com
  hostname: localhost
  port: 1
  username: u
  password: {CANARY}
secrets: {{smtp: {CANARY.replace("-", "")}}}
defaults: {{hostname: smtp.example.com, port: 587, from_address: a@example.com, signature: S, reply_to: r@example.com}}
api: {{client_id: i, client_secret: {CANARY}}}
tenants:
  a.example: {{username: a, password: {CANARY}}}
  b.example:
    provider: HTTP
    http: {{url: "https://x.example", body: b, auth: {{type: BEARER, access_token: {CANARY}}}}}
"""

DEPLOYMENT = f"""
[database]
password = "{CANARY}"
[output_adapter.email]
password = "{CANARY}-old"
pasword = "{CANARY}"
pasword_table.{CANARY} = 1
[output_adapter.email.custom_properties]
'mail.smtp.unlisted' = "{CANARY}"
[secrets]
other = "{CANARY}"
"""

COMMANDS = [
    ["validate", "email.yaml"],
    ["render", "email.yaml"],
    ["render", "email.yaml", "-o", "out"],
    ["render", "email.yaml", "-o", "out", "--check"],
    ["render", "email.yaml", "-o", "out", "--with-secrets"],
    ["render", "email.yaml", "-o", "out", "--with-secrets", "--check"],
    ["merge", "email.yaml", "deployment.toml", "--check", "--diff"],
    ["merge", "email.yaml", "deployment.toml", "--diff"],
    ["merge", "email.yaml", "deployment.toml"],
    ["import", "deployment.toml"],
    ["import", "deployment.toml", "-o", "adopted.yaml", "--keep-secrets"],
    ["effective", "deployment.toml", "--product-version", "7.3.0", "--format", "json"],
    ["verify", "email.yaml", "deployment.toml", "--product-version", "7.3.0", "--timeout", "1"],
    ["verify", "email.yaml", "--timeout", "1", "--format", "json", "--allow-cleartext", "--allow-unverified"],
]


@pytest.mark.network
def test_no_command_prints_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.chdir(tmp_path)
    Path("email.yaml").write_text(SPEC, encoding="utf-8")
    Path("deployment.toml").write_text(DEPLOYMENT, encoding="utf-8")
    Path("deployment.toml").chmod(0o600)
    for command in COMMANDS:
        result = run(*command, "-vvv")
        printed = (result.stdout + result.stderr).lower()
        assert CANARY not in printed, command
        assert CANARY.replace("-", "") not in printed, command
        assert result.code not in (2, 70), (command, result.output)
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name != "email.yaml" and CANARY.encode() in path.read_bytes():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_the_canary_is_where_it_belongs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.chdir(tmp_path)
    Path("email.yaml").write_text(SPEC, encoding="utf-8")
    Path("deployment.toml").write_text(DEPLOYMENT, encoding="utf-8")
    assert run("merge", "email.yaml", "deployment.toml").code == 0
    assert f'password = "{CANARY}"' in Path("deployment.toml").read_text(encoding="utf-8")
    assert run("render", "email.yaml", "-o", "out", "--with-secrets").code == 0
    assert CANARY in Path("out/tenants/a.example.v2.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", [["render", "email.yaml"], ["import", "deployment.toml"]], ids=lambda command: command[0])
def test_unlisted_properties_are_not_printed(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("email.yaml").write_text(
        f"mailwright: 1\nglobal: {{from_address: a@b, hostname: h, username: u, password: '$secret{{x}}',"
        f" custom_properties: {{mail.smtp.unlisted: {CANARY}}}}}\n",
        encoding="utf-8",
    )
    Path("deployment.toml").write_text(
        f"[output_adapter.email.custom_properties]\n'mail.smtp.unlisted' = '{CANARY}'\n", encoding="utf-8"
    )
    result = run(*command)
    assert result.code == 8
    assert CANARY not in result.output
    assert run(*command, "-o", "out").code == 0


def test_a_check_prints_no_secret_that_lies_in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.chdir(tmp_path)
    Path("email.yaml").write_text(SPEC, encoding="utf-8")
    assert run("render", "email.yaml", "-o", "out", "--with-secrets").code == 0
    Path("out/tenants/b.example.v2.secrets.json").write_text(f'{{"accessToken": "{CANARY}"}}', encoding="utf-8")
    harmless = SPEC.replace(CANARY, "$env{MAILWRIGHT_X}").replace("port: 587", "port: 2587")
    quoted = harmless.replace("$env{MAILWRIGHT_X}", '"$env{MAILWRIGHT_X}"').replace(CANARY.replace("-", ""), "QUJD")
    for text in (SPEC.replace("port: 587", "port: 2587"), quoted):
        Path("email.yaml").write_text(text, encoding="utf-8")
        result = run("render", "email.yaml", "-o", "out", "--check", "-vvv")
        assert result.code == 1, result.output
        assert "smtpPort: 2587" in result.output
        assert CANARY not in result.output
        assert CANARY.replace("-", "") not in result.output


def test_the_texts_of_secrets_are_not_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.chdir(tmp_path)
    Path("email.yaml").write_text(f"mailwright: 1\nsecrets: {{smtp: {CANARY.replace('-', '')}}}\n", encoding="utf-8")
    result = run("render", "email.yaml")
    assert result.code == 8
    assert CANARY.replace("-", "") not in result.output
