"""`mailwright verify` as a program, against the sandbox: the exit codes that pipelines go by."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailwright.sandbox.smtp import SandboxSmtp

if TYPE_CHECKING:
    from commands import Run

PASSWORD = "canary-94b1"
SPEC = """
mailwright: 1
product: {{version: "7.2.0"}}
global:
  from_address: a@example.com
  hostname: localhost
  port: {port}
  username: mailer
  password: $secret{{smtp}}
  custom_properties: {{mail.smtp.starttls.required: true}}
"""

CASES = {
    "verified": (["--ca-file", "ca.pem"], {"MAILWRIGHT_SECRET_SMTP": PASSWORD}, 0, "AUTH       LOGIN: 235"),
    "from a folder": (["--ca-file", "ca.pem", "--secrets-dir", "secrets"], {}, 0, "AUTH       LOGIN: 235"),
    "wrong password": (["--ca-file", "ca.pem"], {"MAILWRIGHT_SECRET_SMTP": "wrong"}, 4, "535"),
    "no secret": (["--ca-file", "ca.pem"], {}, 0, "AUTH skipped"),
    "no secret, required": (["--ca-file", "ca.pem", "--require-auth"], {}, 8, "AUTH was skipped although it is required"),
    "unknown CA": ([], {"MAILWRIGHT_SECRET_SMTP": PASSWORD}, 5, "--ca-file"),
}


@pytest.mark.network
@pytest.mark.parametrize(("options", "variables", "code", "expected"), CASES.values(), ids=list(CASES))
def test_verify(options: list[str], variables: dict[str, str], code: int, expected: str, tmp_path: Path, run: Run) -> None:
    with SandboxSmtp(username="mailer", password=PASSWORD) as server:
        (tmp_path / "email.yaml").write_text(SPEC.format(port=server.port), encoding="utf-8")
        (tmp_path / "ca.pem").write_text(server.ca_pem, encoding="ascii")
        (tmp_path / "secrets").mkdir()
        (tmp_path / "secrets" / "smtp").write_text(PASSWORD + "\n", encoding="utf-8")
        result = run("verify", "email.yaml", *options, env=variables, cwd=tmp_path)
    assert result.code == code, result.output
    assert expected in result.output
    assert PASSWORD not in result.output
