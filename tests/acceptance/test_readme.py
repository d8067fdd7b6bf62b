"""The README and the pages behind it: every command in it runs, and prints what stands there; its exit codes are the program's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from documents import ROOT, blocks, run_consoles, write_files

from mailwright.base.errors import ExitCode
from mailwright.cli import run
from mailwright.sandbox.identity import SandboxIs
from mailwright.sandbox.smtp import SandboxSmtp
from mailwright.spec import load_spec
from mailwright.stores import Secrets, reading
from mailwright.tenants.policy import load_policy

README = (ROOT / "README.md").read_text(encoding="utf-8")

SHELL = {
    "pip install .": "tests/acceptance/test_packaging.py installs the wheel",
    "pip install '.[demo]'": "the Makefile installs the extra; tests/acceptance/test_demo.py runs what it is for",
    "python3 -m venv venv && . venv/bin/activate": "what the Makefile does too",
    "ansible-galaxy collection install ./ansible": "tests/acceptance/test_packaging.py installs the built collection",
    "make demo": "tests/acceptance/test_demo.py runs the command behind it",
    "make test": "is what runs this test",
    "make long": "runs two tests of make test with more examples",
    "make unit": "runs a part of what runs this test",
    "make test-newest": "runs these tests; .ci/run calls it for the unit tests",
    "make test-lowest": "runs these tests; .ci/run calls it for the unit tests",
    "make lock": "asks the package index; tests/unit/test_locks.py holds what it writes",
    "make mutants": "changes the code and runs the unit tests, an hour long; tests/unit/test_mutation_run.py holds what it works on",
    "make coverage": "runs unit tests of the tenants; .ci/run calls it",
    "make check": "tests/unit checks the generated files; .ci/run calls the target",
    "make generate": "tests/unit/test_made_up_key.py runs the module behind it",
    "make bench": "writes figures, checks nothing",
}


def test_the_consoles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    write_files(README, tmp_path)
    assert run_consoles(README, capsys) >= 8


def test_the_page_on_the_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "status.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    write_files(text, tmp_path)
    assert run_consoles(text, capsys) == 3


def test_the_page_on_upgrades(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "upgrade.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    write_files(text, tmp_path)
    assert run_consoles(text, capsys) == 1


def test_the_page_on_the_first_spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "first-spec.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    write_files(text, tmp_path)
    assert run_consoles(text, capsys) == 5


def test_the_page_on_stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "stores.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    write_files(text, tmp_path)
    assert run_consoles(text, capsys) == 1
    for block in blocks(text, "yaml"):
        policy = block.startswith("mailwright_policy")
        path = tmp_path / "block.yaml"
        path.write_text(block if block.startswith("mailwright") else f"mailwright: 1\n{block}", encoding="utf-8")
        if policy:
            load_policy(str(path))
        else:
            assert run(["validate", str(path)]) == 0, capsys.readouterr()
    (code,) = blocks(text, "python")
    names: dict[str, Any] = {}
    exec(code, names)
    (tmp_path / "block.yaml").write_text('mailwright: 1\nstores: {mine: {kind: "acme.shelf"}}\n', encoding="utf-8")
    monkeypatch.setattr(reading, "load_kind", {"acme.shelf": names["open_shelf"]}.__getitem__)
    secret = Secrets(environment={}).of(load_spec(tmp_path / "block.yaml"))("$store{mine/mail/acme#password}")
    assert secret is not None
    assert secret.reveal() == "correct horse"


@pytest.mark.network
def test_the_page_on_tenants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "tenants.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with SandboxIs(["acme.example", "beta.example"]) as server:
        text = text.replace("https://localhost:9443", server.url)
        write_files(text, tmp_path)
        (tmp_path / "ca.pem").write_text(server.ca_pem, encoding="ascii")
        secrets = {"CLIENT_SECRET": server.client_secret, "ACME": "first", "BETA": "second"}
        for name, value in secrets.items():
            monkeypatch.setenv(f"MAILWRIGHT_{name}", value)
        assert run_consoles(text, capsys) == 5


@pytest.mark.network
def test_the_page_on_verification(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "verify.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "smtp_password").write_text("a word of the page", encoding="utf-8")
    with SandboxSmtp(username="mailer", password="a word of the page") as server:
        (tmp_path / "ca.pem").write_text(server.ca_pem, encoding="ascii")
        text = text.replace("2525", str(server.port))
        write_files(text, tmp_path)
        assert run_consoles(text, capsys) == 3
    assert [mail.recipients for mail in server.mailbox] == [("ops@example.com",)]


@pytest.mark.parametrize("page", ["tenants.md", "verify.md"])
def test_a_page_names_the_secrets_that_its_commands_take(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    around = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    for name in re.findall(r"\$env\{(MAILWRIGHT_\w+)\}", text):
        assert f"`{name}`" in around
    for file in re.findall(r"`mailwright sandbox [^`]*--(?:secret|password)-file (\S+)", text):
        assert f"file `{file}` is yours" in around


def test_the_environment_that_is_made_in_a_checkout_is_no_part_of_it() -> None:
    folder = re.findall(r"python3 -m venv (\w+)", README)[0]
    assert f"/{folder}/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_shell_commands_are_accounted_for() -> None:
    lines = [line.partition(" #")[0].strip() for block in blocks(README, "sh") for line in block.splitlines() if line.strip()]
    assert sorted(set(lines)) == sorted(SHELL)
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {line.split()[1] for line in lines if line.startswith("make ")} <= targets


def test_the_exit_codes() -> None:
    rows = re.findall(r"^\| (\d+) \| ([A-Z]+) \|", README, re.MULTILINE)
    assert [(int(code), name) for code, name in rows] == [(int(code), code.name) for code in ExitCode]


def test_the_inline_commands_exist() -> None:
    from mailwright.cli import program

    names = set(re.findall(r"`mailwright ([a-z]+)", README))
    assert names <= set(program.commands) | set(program.list_commands(None))  # type: ignore[arg-type,attr-defined]
