"""Servers that somebody has already: docs/adoption.md tried with five files; and the way to an encrypted password."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mailwright.base.atomic import backup_paths
from mailwright.cli import run
from mailwright.deployment import read_deployment
from mailwright.engine.effective import Outcome, effective
from products import parse_release

CANARY = "R3lay-of-2019"
FILES = {
    "literal password": f"""\
[server]
hostname = "is.example.com"
node_ip = "127.0.0.1"

[super_admin]
username = "admin"
create_admin_account = true

[output_adapter.email]
from_address= "no-reply@example.com"
username= "relay"
password= "{CANARY}"    # asked mail-ops, 2019-04-02
hostname= "smtp.example.com"
port= 587
enable_start_tls= true
enable_authentication= true
signature= "Example Support"

[keystore.primary]
file_name = "wso2carbon.jks"
""",
    "CDATA": f"""\
[output_adapter.email]
from_address = "no-reply@example.com"
username = "relay"
password = "<![CDATA[{CANARY}&<more>]]>"
hostname = "smtp.example.com"
port = "587"
signature = "<![CDATA[Research & Development]]>"
reply_to = "support@example.com"

[output_adapter.email.custom_properties]
'mail.smtp.ssl.trust' = "smtp.example.com"
"mail.smtp.timeout" = "10000"
""",
    "five encrypted aliases": """\
[user_store]
type = "database_unique_id"
password = "$secret{userstore_password}"

[database.identity_db]
password = "$secret{identity_db_password}"

[database.shared_db]
password = "$secret{shared_db_password}"

[keystore.primary]
password = "$secret{keystore_password}"

[output_adapter.email]
from_address = "no-reply@example.com"
username = "relay"
password = "$secret{smtp_password}"
hostname = "smtp.example.com"
port = 587

[secrets]
userstore_password = "b1VzZXJzdG9yZQ=="
identity_db_password = "aWRlbnRpdHk="
shared_db_password = "c2hhcmVk"
keystore_password = "a2V5c3RvcmU="
smtp_password = "c210cA=="
""",
    "no table at all": """\
[server]
hostname = "is.example.com"

[tenant_mgt]
enable_email_domain = true
""",
    "table in another spelling": f"""\
title = "node 2"
output_adapter.email.from_address = "no-reply@example.com"
output_adapter.'email' . username = 'relay'
output_adapter.email."password" = '{CANARY}'
output_adapter.email.hostname = 'smtp.example.com'
output_adapter.email.custom_properties = {{ 'mail.smtp.starttls.required' = true,'mail.smtp.timeout'=5000 }}
output_adapter.email.host = 'left from 5.8'

[server]
hostname = "is.example.com"
""",
}
SENDING = [name for name in FILES if name != "no table at all"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAILWRIGHT_PRODUCT_VERSION", raising=False)
    return tmp_path


@pytest.mark.parametrize("name", FILES)
def test_what_is_adopted_changes_nothing(name: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = here / "deployment.toml"
    file.write_text(FILES[name], encoding="utf-8")
    assert run(["import", "deployment.toml", "--product-version", "7.2.0", "-o", "adopted.yaml"]) == 0
    capsys.readouterr()
    assert run(["merge", "--check", "adopted.yaml", "deployment.toml"]) == 0
    assert capsys.readouterr().out == "deployment.toml: in sync\n"
    assert run(["merge", "adopted.yaml", "deployment.toml"]) == 0
    assert file.read_text(encoding="utf-8") == FILES[name]
    assert CANARY not in (here / "adopted.yaml").read_text(encoding="utf-8")
    assert sorted(os.listdir(here)) == ["adopted.yaml", "deployment.toml"]


@pytest.mark.parametrize("name", SENDING)
def test_the_way_to_an_encrypted_password(name: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What `import` prints, done: the spec names an alias, the merge refuses until it has a text, and then the server starts."""
    file, spec = here / "deployment.toml", here / "adopted.yaml"
    file.write_text(FILES[name], encoding="utf-8")
    assert run(["import", "deployment.toml", "--product-version", "7.2.0", "-o", "adopted.yaml"]) == 0
    printed = capsys.readouterr().err
    literal = CANARY in FILES[name]
    assert ("password: $secret{smtp_password}" in printed) is literal
    assert CANARY not in printed
    text = spec.read_text(encoding="utf-8").replace("$keep{}", "$secret{smtp_password}")
    spec.write_text(text, encoding="utf-8")
    if literal:
        assert run(["merge", "adopted.yaml", "deployment.toml"]) == 8
        assert file.read_text(encoding="utf-8") == FILES[name]
        assert "smtp_password" in capsys.readouterr().err
    spec.write_text(text + 'secrets: {smtp_password: "QmFzZTY0IHRleHQ="}\n', encoding="utf-8")
    assert run(["merge", "adopted.yaml", "deployment.toml"]) == 0
    assert effective(read_deployment("deployment.toml"), parse_release("7.2.0")).outcome is Outcome.OK
    assert CANARY not in file.read_text(encoding="utf-8")
    (backup,) = backup_paths("deployment.toml")
    assert Path(backup).read_text(encoding="utf-8") == FILES[name]
    assert run(["merge", "--check", "adopted.yaml", "deployment.toml"]) == 0
