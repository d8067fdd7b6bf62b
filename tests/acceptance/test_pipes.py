"""What shells put in the place of a file: pipes, here-documents, process substitution; in a real shell, with the real program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SENDER = "from_address = 'a@b.example'\nhostname = 'h'\nport = 25\n"
SPEC = "mailwright: 1\nglobal: {from_address: a@b.example, hostname: new, port: 25, username: u, password: '$env{P}'}\n"


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("cat deployment.toml | mailwright effective - --product-version 7.2.0", 0, "<stdin>:3"),
        ("mailwright effective - --product-version 7.2.0 < deployment.toml", 0, "<stdin>:3"),
        ("mailwright effective <(cat deployment.toml) --product-version 7.2.0", 0, "63:3"),
        ("cat deployment.toml | mailwright effective /dev/stdin --product-version 7.2.0", 0, "stdin:3"),
        ("mailwright validate - <<< 'mailwright: [1'", 2, "<stdin>:2:1"),
        ("mailwright validate --fix <(printf \"[output_adapter.email]\\nhost = 'x'\\n\")", 0, "hostname = 'x'"),
        ("cat deployment.toml | mailwright merge <(cat email.yaml) -", 0, 'hostname = "new"'),
        ("mailwright merge email.yaml <(cat deployment.toml) | mailwright merge --check email.yaml -", 0, "<stdin>: in sync"),
        ("mailwright render - < email.yaml", 0, 'hostname = "new"'),
        ("cat no-such-file | mailwright effective - --product-version 7.2.0", 2, "<stdin>: is empty"),
        ("cat deployment.toml | mailwright import - | mailwright validate - --ignore MW", 0, "nothing to report"),
    ],
)
def test_in_a_shell(command: str, code: int, said: str, tmp_path: Path) -> None:
    (tmp_path / "deployment.toml").write_text(f"[output_adapter.email]\n{SENDER}", encoding="utf-8")
    (tmp_path / "email.yaml").write_text(SPEC, encoding="utf-8")
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240)
    assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done.stdout + done.stderr
