"""A file of API Manager is told by every command that reads it: what it does is not known, not that it does nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import Run

FILE = '[server]\nhostname = "h"\n[apim.notification]\nfrom_address = "a@example.com"\nhostname = "localhost"\npassword = "canary-apim"\n'
SPEC = """\
mailwright: 1
product: {version: "7.2.0"}
global: {from_address: a@b.example, hostname: h, username: u, password: "$env{P}", signature: s, reply_to: a@b.example}
"""
SAID = "unsure: this is a file of API Manager, which sets the email adapter in `[apim.notification]`: what that does is not known here"
VERSION = ("--product-version", "7.2.0")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deployment.toml").write_text(FILE, encoding="utf-8")
    (tmp_path / "email.yaml").write_text(SPEC, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        ("validate", "deployment.toml", *VERSION),
        ("effective", "deployment.toml", *VERSION),
        ("effective", "--format", "json", "deployment.toml", *VERSION),
        ("import", "deployment.toml", *VERSION),
        ("merge", "--check", "email.yaml", "deployment.toml"),
        ("merge", "email.yaml", "deployment.toml"),
        ("merge", "--format", "json", "email.yaml", "deployment.toml"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_every_command_tells_it(command: tuple[str, ...], folder: Path, run: Run) -> None:
    result = run(*command, cwd=folder)
    said = result.stdout + result.stderr
    assert said.count(SAID.removeprefix("unsure: ")) == 1
    assert "no email sender" not in said
    assert "canary" not in said


@pytest.mark.network
def test_verify_tells_it(folder: Path, run: Run) -> None:
    text = FILE + '[output_adapter.email]\nhostname = "127.0.0.1"\nport = 9\n'
    (folder / "deployment.toml").write_text(text, encoding="utf-8")
    result = run("verify", "--format", "json", "deployment.toml", *VERSION, cwd=folder)
    (sender,) = json.loads(result.stdout)["senders"]
    assert SAID in [finding["message"] for finding in sender["findings"]]


def test_a_word_in_a_comment_is_no_table(folder: Path, run: Run) -> None:
    (folder / "deployment.toml").write_text("# as in apim\n" + FILE.replace("apim.", "other."), encoding="utf-8")
    for command in (("effective", "deployment.toml", *VERSION), ("merge", "email.yaml", "deployment.toml")):
        assert "API Manager" not in run(*command, cwd=folder).output
