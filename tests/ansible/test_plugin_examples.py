"""The examples on every plugin's page run as they stand; the server's home and its address are those of the test."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from test_role import ROOT, Play

from mailwright.sandbox.identity import SandboxIs
from mailwright.sandbox.smtp import SandboxSmtp
from peers import require

pytestmark = pytest.mark.network

PLUGINS = sorted((ROOT / "ansible" / "plugins" / "modules").glob("*.py"), key=lambda path: path.stem)
SECRET = "of the stand-ins"
CHANGED = {"deployment_toml": 3, "tenant_email_sender": 1}  # a merge, its handler, and the way back; a tenant
SPEC = """\
mailwright: 1
product: {{version: "7.2.0"}}
global:
  from_address: no-reply@example.com
  hostname: localhost
  port: {port}
  username: mailer
  password: $secret{{smtp_password}}
  signature: Example
  reply_to: support@example.com
environments: {{prod: {{server: "{server}", ca_file: is.pem}}}}
defaults: {{hostname: localhost, port: {port}, username: mailer, password: "$env{{MAILWRIGHT_ACME}}"}}
tenants:
  acme.example: {{from_address: a@acme.example, signature: A, reply_to: b@acme.example}}
"""
FILE = """\
[output_adapter.email]
from_address = "no-reply@example.com"
hostname = "localhost"
port = {port}
username = "mailer"
password = "$secret{{smtp_password}}"

[secrets]
smtp_password = "QmFzZTY0IHRleHQ="
"""


def examples(module: Path) -> str:
    (text,) = re.findall(r'^EXAMPLES = r"""\n(.*?)^"""', module.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return str(text)


@pytest.mark.parametrize("module", PLUGINS, ids=lambda path: path.stem)
def test_the_examples_run(module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require("keytool")
    monkeypatch.setenv("MAILWRIGHT_ACME", SECRET)
    version = "7.3.0" if "7.3.0" in examples(module) else "7.2.0"
    play = Play(tmp_path)
    with (
        SandboxIs(["acme.example"], product_version=version, client_secret=SECRET) as server,
        SandboxSmtp(username="mailer", password=SECRET) as relay,
    ):
        (tmp_path / "email.yaml").write_text(SPEC.format(port=relay.port, server=server.url), encoding="utf-8")
        (tmp_path / "is.pem").write_text(server.ca_pem, encoding="ascii")
        (tmp_path / "mail.pem").write_text(relay.ca_pem, encoding="ascii")
        (play.home / "bin").mkdir()
        (play.home / "bin" / "version.txt").write_text(f"WSO2 Identity Server v{version}\n", encoding="utf-8")
        play.file.write_text(FILE.format(port=relay.port), encoding="utf-8")
        store = play.home / "repository" / "resources" / "security" / "client-truststore.p12"
        store.parent.mkdir(parents=True)
        keytool = ["keytool", "-importcert", "-noprompt", "-alias", "relay", "-file", str(tmp_path / "mail.pem")]
        written = ["-keystore", str(store), "-storetype", "PKCS12", "-storepass", "wso2carbon"]
        subprocess.run([*keytool, *written], check=True, capture_output=True)
        theirs = examples(module)
        text = theirs.replace("/opt/wso2is", str(play.home)).replace("https://is.example.com:9443", server.url)
        handler = {"name": "Restart the server", "ansible.builtin.command": "true"}
        ca = {"group/mailwright.wso2is.wso2is": {"ca_file": str(tmp_path / "is.pem")}} if "server:" in theirs else {}
        site = {
            "hosts": "all",
            "gather_facts": False,
            "module_defaults": ca,
            "tasks": yaml.safe_load(text),
            "handlers": [handler],
        }
        (tmp_path / "site.yml").write_text(json.dumps([site]), encoding="utf-8")
        vault = {"vault_client_secret": SECRET, "vault_smtp_password": SECRET, "relay_of_this_site": "relay.example.com"}
        done = play.run("--diff", **vault)
    assert done.returncode == 0, done.stdout + done.stderr
    tasks = len(yaml.safe_load(theirs))
    recap = {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", done.stdout.rsplit("PLAY RECAP", 1)[1])}
    assert recap["ok"] + recap["skipped"] == tasks + (module.stem == "deployment_toml")
    assert recap["changed"] == CHANGED.get(module.stem, 0)
