"""No command writes its result over what it reads: a spec, a table of tenants, a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands import Run
from mailwright.sandbox.ca import Authority

SPEC = """\
mailwright: 1
product: {version: "7.2.0"}
api: {client_id: c, client_secret: "$file{secrets/client}"}
tenants_from: [tenants.csv]
"""
TENANTS = """\
domain,from_address,hostname,port,username,password,signature,reply_to
a.example,a@a.example,127.0.0.1,9,u,$file{secrets/a},A,a@a.example
"""
CA = Authority().ca_pem
SERVER = ("--server", "https://127.0.0.1:9")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secrets").mkdir()
    for name, text in (
        ("email.yaml", SPEC),
        ("tenants.csv", TENANTS),
        ("secrets/client", "c"),
        ("secrets/a", "a"),
        ("ca.pem", CA),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "link").symlink_to("tenants.csv")
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("target", ["email.yaml", "./email.yaml", "tenants.csv", "link", "secrets/a"])
@pytest.mark.parametrize(
    "command",
    [
        ("plan", "email.yaml", *SERVER, "--ca-file", "ca.pem", "--secrets-dir", "secrets", "-o"),
        ("apply", "email.yaml", *SERVER, "--ca-file", "ca.pem", "--secrets-dir", "secrets", "-o"),
        ("verify", "email.yaml", "--ca-file", "ca.pem", "--secrets-dir", "secrets", "-o"),
        ("verify", "email.yaml", "--ca-file", "ca.pem", "--secrets-dir", "secrets", "--summary-file"),
        ("render", "email.yaml", "--format", "jsonl", "--with-secrets", "--secrets-dir", "secrets", "-o"),
    ],
    ids=["plan", "apply", "verify", "summary", "render"],
)
def test_what_is_read_is_not_written_over(command: tuple[str, ...], target: str, folder: Path, run: Run) -> None:
    before = contents(folder)
    result = run(*command, target, cwd=folder)
    assert result.code == 2
    assert f"{target}: cannot be written: this run reads it, and it would be lost" in result.stderr
    assert contents(folder) == before


def test_nor_is_what_is_no_spec(folder: Path, run: Run) -> None:
    """Trust stores, and a plan that is carried out."""
    (folder / "email.plan").write_text("{}\n", encoding="utf-8")
    before = contents(folder)
    for command in (
        ("plan", "email.yaml", *SERVER, "--ca-file", "ca.pem", "-o", "ca.pem"),
        ("apply", "email.yaml", *SERVER, "--plan", "email.plan", "-o", "email.plan"),
        ("verify", "email.yaml", "--ca-file", "ca.pem", "-o", "ca.pem"),
        ("verify", "email.yaml", "--trust-store", "ca.pem", "--summary-file", "ca.pem"),
    ):
        result = run(*command, cwd=folder)
        assert (result.code, "this run reads it" in result.stderr) == (2, True), command
    assert contents(folder) == before


@pytest.mark.network
def test_the_sandboxs_certificate_takes_no_other_files_place(folder: Path, run: Run) -> None:
    before = contents(folder)
    result = run("sandbox", "smtp", "--password-file", "secrets/a", "--ca-out", "email.yaml", cwd=folder)
    assert (result.code, "--ca-out is there already, and is no certificate" in result.stderr) == (2, True)
    assert contents(folder) == before
