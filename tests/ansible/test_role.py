"""The role with a real ansible-playbook: change, no change, check mode, a wrong spec, and no secret at -vvv."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from baoserver import BaoServer

from mailwright.sandbox.identity import SandboxIs
from mailwright.sandbox.smtp import SandboxSmtp

pytestmark = pytest.mark.timeout(900)

ROOT = Path(__file__).resolve().parents[2]
ANSIBLE_PLAYBOOK = Path(sys.executable).parent / "ansible-playbook"
CANARY = "canary-5d1e9"


class Play:
    """A scratch server home and a way to run the role against it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "wso2is"
        self.file = self.home / "repository" / "conf" / "deployment.toml"
        self.file.parent.mkdir(parents=True)
        shutil.copy(ROOT / "examples" / "demo" / "deployment.toml", self.file)
        collection = folder / "collections" / "ansible_collections" / "mailwright"
        collection.mkdir(parents=True)
        (collection / "wso2is").symlink_to(ROOT / "ansible", target_is_directory=True)
        (folder / "ansible.cfg").write_text("[defaults]\n", encoding="utf-8")
        (folder / "site.yml").write_text(
            "- hosts: all\n  gather_facts: false\n  roles:\n    - role: mailwright.wso2is.email_sender\n", encoding="utf-8"
        )

    def run(self, *options: str, program: Path = ANSIBLE_PLAYBOOK, **variables: Any) -> subprocess.CompletedProcess[str]:
        known = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, "email_sender_home": str(self.home)}
        known |= {"email_sender_verify": False}
        extra = self.folder / "variables.json"
        extra.write_text(json.dumps({**known, **variables}), encoding="utf-8")
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(self.folder / "collections"),
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "tmp"),
            "ANSIBLE_REMOTE_TEMP": str(self.folder / "tmp"),
            "ANSIBLE_NOCOLOR": "1",
            "LC_ALL": "C.UTF-8",
        }
        command = [
            str(program),
            "-i",
            "node1,",
            "-e",
            f"@{extra}",
            *options,
            str(self.folder / "site.yml"),
        ]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)


@pytest.fixture
def play(tmp_path: Path) -> Play:
    return Play(tmp_path)


SENDER = {
    "from_address": "no-reply@example.com",
    "hostname": "smtp.example.com",
    "port": 587,
    "username": "R&D",
    "password": CANARY,
    "custom_properties": {"mail.smtp.timeout": 10000},
}


def test_change_then_none_with_a_spec_file(play: Play) -> None:
    spec = play.folder / "email.yaml"
    spec.write_text((ROOT / "examples" / "demo" / "email.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    before = play.file.read_bytes()
    predicted = play.run("--check", email_sender_spec=str(spec))
    assert "changed=1" in predicted.stdout, predicted.stdout + predicted.stderr
    assert play.file.read_bytes() == before
    first = play.run(email_sender_spec=str(spec), email_sender_restart_command=["touch", str(play.folder / "restarted")])
    assert first.returncode == 0, first.stdout + first.stderr
    assert (play.folder / "restarted").exists()
    assert b"[output_adapter.email]" in play.file.read_bytes()
    (play.folder / "restarted").unlink()
    second = play.run(email_sender_spec=str(spec), email_sender_restart_command=["touch", str(play.folder / "restarted")])
    assert "changed=0" in second.stdout
    assert not (play.folder / "restarted").exists()


def test_no_secret_at_high_verbosity(play: Play) -> None:
    done = play.run("-vvv", "--diff", email_sender_global=SENDER)
    assert done.returncode == 0, done.stdout + done.stderr
    assert CANARY in play.file.read_text(encoding="utf-8")
    assert CANARY not in done.stdout + done.stderr
    wrong = play.run("-vvv", email_sender_global={**SENDER, "port": CANARY, "pasword": CANARY})
    assert wrong.returncode != 0
    assert "pasword" in wrong.stdout
    unread = play.run("-vvv", email_sender_global={**SENDER, "port": CANARY})
    assert "`port` must be an integer from 1 to 65535" in unread.stdout
    assert CANARY not in unread.stdout + unread.stderr
    assert CANARY not in wrong.stdout + wrong.stderr


def test_a_spec_with_errors_is_refused_and_nothing_written(play: Play) -> None:
    spec = play.folder / "email.yaml"
    spec.write_text("mailwright: 1\nglobal: {from_address: a@b, host: h}\n", encoding="utf-8")
    before = play.file.read_bytes()
    done = play.run(email_sender_spec=str(spec))
    assert done.returncode != 0
    assert "email.yaml:2:" in done.stdout
    assert play.file.read_bytes() == before


def test_a_node_without_the_file(play: Play) -> None:
    play.file.unlink()
    done = play.run(email_sender_global=SENDER)
    assert done.returncode != 0
    assert "No such file" in done.stdout


def test_a_tag_a_stage(play: Play) -> None:
    before, done = play.file.read_bytes(), play.folder / "done"
    commands = {f"email_sender_{word}_command": ["sh", "-c", f"echo {word} >> {done}"] for word in ("stop", "start")}
    variables = {"email_sender_global": SENDER, "email_sender_product_version": "7.2.0", **commands}
    for tags in ("validate", "restart", "health", "tenants"):
        run = play.run("--tags", tags, **variables)
        assert run.returncode == 0, (tags, run.stdout + run.stderr)
        assert play.file.read_bytes() == before
        assert not done.exists()
    assert play.run("--tags", "merge", **variables).returncode == 0
    assert play.file.read_bytes() != before
    assert not done.exists()
    play.file.write_bytes(before)
    assert play.run(**variables).returncode == 0
    assert done.read_text(encoding="utf-8").split() == ["stop", "start"]


@pytest.mark.network
def test_the_tenants_server_is_the_environments(play: Play) -> None:
    """It is taken from the spec; another one needs a word more, and without any nothing fails."""
    tenant = {**SENDER, "reply_to": "help@acme.example", "signature": "Acme"}
    tenant.pop("custom_properties")
    with SandboxIs(["acme.example"]) as prod, SandboxIs(["acme.example"]) as staging:
        for name, server in (("prod", prod), ("staging", staging)):
            (play.folder / f"{name}.pem").write_text(server.ca_pem, encoding="ascii")
        spec = {
            "mailwright": 1,
            "product": {"version": "7.3.0"},
            "tenants": {"acme.example": tenant},
            "environments": {"prod": {"server": prod.url, "ca_file": "prod.pem"}, "free": {}},
        }
        path = play.folder / "email.json"
        path.write_text(json.dumps(spec), encoding="utf-8")
        shared = {"email_sender_merge": False, "email_sender_spec": str(path)}

        def run(server: SandboxIs, environment: str, **more: Any) -> subprocess.CompletedProcess[str]:
            api = {"client_id": server.client_id, "client_secret": server.client_secret}
            done = play.run(**shared, email_sender_api=api, email_sender_environment=environment, **more)
            assert CANARY not in done.stdout + done.stderr
            return done

        done = run(prod, "prod")
        assert "changed=1" in done.stdout, done.stdout + done.stderr
        assert prod.stored()["acme.example"]
        other = {"email_sender_server": staging.url, "email_sender_server_ca_file": str(play.folder / "staging.pem")}
        refused = run(staging, "prod", **other)
        assert refused.returncode != 0
        assert "is for a different server than the one given" in refused.stdout
        assert staging.requests == []
        meant = run(staging, "prod", **other, email_sender_server_override=True)
        assert "changed=1" in meant.stdout, meant.stdout + meant.stderr
        assert staging.stored()["acme.example"]
        prod.forget_requests()
        nobody = run(prod, "free")
        assert nobody.returncode == 0, nobody.stdout + nobody.stderr
        assert "No tenant is provisioned: neither the spec's environment nor email_sender_server names a server." in nobody.stdout
        assert prod.requests == []
        path.write_text(json.dumps({**spec, "tenants": {}}), encoding="utf-8")
        nothing = run(prod, "prod")
        assert nothing.returncode == 0, nothing.stdout + nothing.stderr
        assert "No tenant is provisioned" not in nothing.stdout


@pytest.mark.network
def test_what_the_tenants_lack_is_told_before_any_node_is_changed(play: Play) -> None:
    """For the first batch and every node of it; no server is asked, and the others are not begun."""
    sender = {name: value for name, value in SENDER.items() if name != "custom_properties"}
    tenant = {**sender, "reply_to": "help@acme.example", "signature": "Acme", "password": "$store{team/mail#password}"}
    homes = {name: play.folder / name for name in ("node1", "node2", "node3")}
    for home in homes.values():
        shutil.copytree(play.home, home)
    files = [home / "repository" / "conf" / "deployment.toml" for home in homes.values()]
    before = play.file.read_bytes()
    store = play.folder / "store"
    (store / "mail").mkdir(parents=True)
    site = play.folder / "site.yml"
    with SandboxIs(["acme.example"]) as server:
        (play.folder / "is.pem").write_text(server.ca_pem, encoding="ascii")
        spec = {
            "mailwright": 1,
            "product": {"version": "7.3.0"},
            "stores": {"team": {"kind": "kubernetes", "folder": str(store)}},
            "global": SENDER,
            "tenants": {"acme.example": tenant},
        }
        (play.folder / "email.json").write_text(json.dumps(spec), encoding="utf-8")
        variables = {
            "email_sender_home": str(play.folder / "{{ inventory_hostname }}"),
            "email_sender_spec": str(play.folder / "email.json"),
            "email_sender_server": server.url,
            "email_sender_server_ca_file": str(play.folder / "is.pem"),
            "email_sender_api": {"client_id": server.client_id, "client_secret": server.client_secret},
        }
        role: dict[str, Any] = {"ansible.builtin.include_role": {"name": "mailwright.wso2is.email_sender"}}
        gone = {"ansible.builtin.fail": {"msg": "gone"}, "when": "inventory_hostname == 'node1'"}
        rescued = {"block": [role], "rescue": [{"ansible.builtin.debug": {"msg": "so what"}}]}

        def plays(*tasks: dict[str, Any], **words: Any) -> None:
            site.write_text(json.dumps([{"hosts": "all", "gather_facts": False, **words, "tasks": tasks}]), encoding="utf-8")

        for times, tasks, words in (
            (1, [role], {"serial": 1}),
            (1, [role], {"serial": 2, "any_errors_fatal": True}),
            (1, [role], {"serial": 1, "order": "reverse_inventory"}),
            (1, [gone, role], {}),
            (3, [rescued], {"serial": 1}),
        ):
            plays(*tasks, **words)
            refused = play.run("-i", "node2,node3,", **variables)
            assert (refused.returncode == 0) is (rescued in tasks)
            assert refused.stdout.count("FAILED! => ") == times + (gone in tasks), refused.stdout
            assert "password of acme.example cannot be resolved: $store{team/mail#password}" in refused.stdout
            assert [file.read_bytes() for file in files] == [before] * 3
            assert server.requests == []
        plays(role, serial=1)
        merged = play.run("-i", "node2,node3,", "--tags", "merge", "--limit", "node3", **variables)
        assert merged.returncode == 0, "a run without the tenants asks for nothing of theirs" + merged.stdout
        (store / "mail" / "password").write_text(CANARY, encoding="utf-8")
        unowned = play.run("-i", "node2,node3,", email_sender_tenants_prune=True, **variables)
        assert "--prune needs the spec's `owner`" in unowned.stdout
        assert [file.read_bytes() for file in files[:2]] == [before] * 2
        plays(role, role, serial=1)
        done = play.run("-i", "node2,node3,", **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        ran = re.findall(r"TASK \[.* : (Check the tenants|Bring the tenants.*)\] \*+\n(ok|changed|skipping)", done.stdout)
        check, bring = "Check the tenants", "Bring the tenants' senders in line"
        first, later = [(check, "ok"), (bring, "skipping")], [(check, "skipping"), (bring, "skipping")]
        last = [(check, "skipping"), (bring, "changed"), (check, "skipping"), (bring, "ok")]
        assert ran == [*first, *first, *later, *later, *last], "by the first batch, each time that the role is used"
        assert before not in [file.read_bytes() for file in files]
        assert server.stored().keys() == {"acme.example"}
        assert CANARY not in done.stdout + done.stderr
        alone = play.run("-i", "node2,node3,", email_sender_merge=False, **variables)
        assert not re.search(r"Check the tenants\] \*+\nok", alone.stdout), alone.stdout
        variables.pop("email_sender_server")
        nowhere = play.run("-i", "node2,node3,", **variables)
        assert nowhere.stdout.count("No tenant is provisioned") == 2, "by the last node, each time that the role is used"


def test_a_node_with_another_release_than_the_specs(play: Play) -> None:
    (play.home / "bin").mkdir()
    (play.home / "bin" / "version.txt").write_text("WSO2 Identity Server v7.1.0\n", encoding="utf-8")
    before, spec, site = play.file.read_bytes(), play.folder / "email.json", play.folder / "site.yml"
    spec.write_text(json.dumps({"mailwright": 1, "product": {"version": "7.3.0"}, "global": SENDER}), encoding="utf-8")
    whole = site.read_text(encoding="utf-8")
    for part in ("", "drift", "verify"):
        tasks = [{"ansible.builtin.include_role": {"name": "mailwright.wso2is.email_sender", "tasks_from": part}}]
        site.write_text(
            json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]) if part else whole, encoding="utf-8"
        )
        refused = play.run(email_sender_spec=str(spec), email_sender_product_version="", email_sender_verify=True)
        assert refused.returncode != 0
        assert "the spec is for 7.3.0, but 7.1.0 is installed on the node" in refused.stdout, (part, refused.stdout)
        assert "email_sender_product_version" in refused.stdout
        assert play.file.read_bytes() == before
    site.write_text(whole, encoding="utf-8")
    spec.write_text(json.dumps({"mailwright": 1, "global": SENDER}), encoding="utf-8")
    own = play.run("-v", "--check", email_sender_spec=str(spec))
    merged = re.search(r"Merge the sender into deployment.toml\] \*+\n.*", own.stdout)
    assert merged and '"product_version": "7.1.0"' in merged[0], own.stdout  # noqa: PT018
    spec.write_text(json.dumps({"mailwright": 1, "product": {"version": "7.3.0"}, "global": SENDER}), encoding="utf-8")
    meant = play.run(email_sender_spec=str(spec), email_sender_product_version="7.3.0")
    assert meant.returncode == 0, meant.stdout + meant.stderr
    assert play.file.read_bytes() != before


CIPHER_TOOL = """#!/bin/sh
grep -c '"\\[.*\\]"' "$(dirname "$0")/../repository/conf/deployment.toml" >> "$(dirname "$0")/given"
sed -i 's/= "\\[.*\\]"/= "RW5jcnlwdGVkIHRleHQ="/' "$(dirname "$0")/../repository/conf/deployment.toml"
"""


@pytest.mark.network
def test_secrets_from_a_store_of_the_controllers(play: Play, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A real OpenBao gives the cipher tool's, the handshake's, the tenant's and the API's; no secret is told, no login is left."""
    pytest.importorskip("hvac")
    tool = play.home / "bin" / "ciphertool.sh"
    tool.parent.mkdir()
    tool.write_text(CIPHER_TOOL, encoding="utf-8")
    tool.chmod(0o755)
    folder = tmp_path_factory.mktemp("bao")
    with (
        BaoServer(folder) as bao,
        SandboxSmtp(username="mailer", password=CANARY) as relay,
        SandboxIs(["acme.example"]) as server,
    ):
        store = bao.approle({"secret/data/mail": {"relay": CANARY, "api": server.client_secret}})
        (play.folder / "secret-id").write_text(store.pop("secret_id"), encoding="utf-8")
        (play.folder / "relay.pem").write_text(relay.ca_pem, encoding="ascii")
        (play.folder / "is.pem").write_text(server.ca_pem, encoding="ascii")
        sender = {**SENDER, "hostname": "localhost", "port": relay.port, "username": "mailer", "signature": "S"}
        tenant = {**sender, "domain": "acme.example", "reply_to": "help@acme.example", "password": "$store{team/mail#relay}"}
        tenant.pop("custom_properties")
        variables = {
            "email_sender_product_version": "7.3.0",
            "email_sender_stores": {"team": {**store, "secret_id_file": str(play.folder / "secret-id"), "retries": 0}},
            "email_sender_global": {**sender, "password": "$secret{smtp_password}"},
            "email_sender_cipher_tool": True,
            "email_sender_keystore_password": "wso2carbon",
            "email_sender_plain_secrets": {"smtp_password": "$store{team/mail#relay}"},
            "email_sender_secret_values": {"smtp_password": "$store{team/mail#relay}"},
            "email_sender_tenants": [tenant],
            "email_sender_server": server.url,
            "email_sender_server_ca_file": str(play.folder / "is.pem"),
            "email_sender_api": {"client_id": server.client_id, "client_secret": "$store{team/mail#api}"},
            "email_sender_verify": True,
            "email_sender_require_auth": True,
            "email_sender_ca_file": str(play.folder / "relay.pem"),
        }
        before = play.file.read_bytes()

        def told(*options: str, **more: Any) -> subprocess.CompletedProcess[str]:
            done = play.run("-vvv", "--diff", *options, **{**variables, **more})
            for secret in (CANARY, server.client_secret):
                assert secret not in done.stdout + done.stderr
            assert bao.logins() == 0
            return done

        for wrong in (
            {"email_sender_plain_secrets": {"smtp_password": "$store{team/mail#rely}"}},
            {"email_sender_stores": {"team": {**variables["email_sender_stores"]["team"], "role_id": "wrong"}}},  # type: ignore[index]
        ):
            refused = told(**wrong)
            assert refused.returncode != 0, refused.stdout
            assert ("has no field `rely` there" in refused.stdout) is ("email_sender_plain_secrets" in wrong)
            assert ("refuses the login" in refused.stdout) is ("email_sender_stores" in wrong)
            assert (play.file.read_bytes(), server.stored().get("acme.example")) == (before, None)
        predicted = told("--check")
        assert predicted.returncode == 0, predicted.stdout + predicted.stderr
        assert (play.file.read_bytes(), server.stored().get("acme.example")) == (before, None)
        done = told()
        assert done.returncode == 0, done.stdout + done.stderr
        assert (tool.parent / "given").read_text(encoding="utf-8").split() == ["1"]
        text = play.file.read_text(encoding="utf-8")
        assert ('smtp_password = "RW5jcnlwdGVkIHRleHQ="' in text, CANARY in text) == (True, False)
        assert CANARY in json.dumps(server.stored()["acme.example"])
        again = told()
        assert "changed=0" in again.stdout, again.stdout
        assert (tool.parent / "given").read_text(encoding="utf-8").split() == ["1"]
