"""The collection's plugins in real tasks: change and none, check mode, diffs, failures; against the stand-ins; and no secret at -vvv."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_role import Play

from mailwright.sandbox.identity import SandboxIs
from mailwright.sandbox.smtp import SandboxSmtp
from peers import require

pytestmark = [pytest.mark.network, pytest.mark.timeout(900)]

CANARY = "canary-77b1c"
SENDER = {
    "from_address": "no-reply@example.com",
    "hostname": "localhost",
    "port": 2525,
    "username": "mailer",
    "password": "$secret{smtp_password}",
    "signature": "Example",
    "custom_properties": {"mail.smtp.starttls.required": True},
}


class Tasks(Play):
    """Run tasks, and return what they registered."""

    def tasks(self, tasks: list[dict[str, Any]], *options: str) -> tuple[list[dict[str, Any]], subprocess.CompletedProcess[str]]:
        """Run tasks; return the result of each (a failed one is a result too), and the run."""
        shown = self.folder / "results.json"
        shown.unlink(missing_ok=True)
        named = [{**task, "register": f"result{number}", "ignore_errors": True} for number, task in enumerate(tasks)]
        results = "{{ [" + ", ".join(f"result{number}" for number in range(len(tasks))) + "] | to_json }}"
        last = {
            "ansible.builtin.copy": {"content": results, "dest": str(shown), "mode": "0600"},
            "check_mode": False,
            "diff": False,
        }
        play = [{"hosts": "all", "gather_facts": False, "tasks": [*named, last]}]
        (self.folder / "site.yml").write_text(json.dumps(play), encoding="utf-8")
        done = self.run(*options)
        assert shown.exists(), done.stdout + done.stderr
        return json.loads(shown.read_text(encoding="utf-8")), done


@pytest.fixture
def tasks(tmp_path: Path) -> Tasks:
    play = Tasks(tmp_path)
    (play.home / "bin").mkdir()
    (play.home / "bin" / "version.txt").write_text("WSO2 Identity Server v7.2.0\n", encoding="utf-8")
    return play


@pytest.fixture
def relay() -> Iterator[SandboxSmtp]:
    with SandboxSmtp(username="mailer", password=CANARY) as server:
        yield server


def _merge(tasks: Tasks, **options: Any) -> dict[str, Any]:
    sender = {**SENDER, "password": "$env{SMTP_PASSWORD}"}
    return {"mailwright.wso2is.deployment_toml": {"path": str(tasks.file), "sender": sender, **options}}


def test_merging_restoring_and_what_will_not_start(tasks: Tasks) -> None:
    before = b'[server]\nhostname = "is.example.com"\n'
    tasks.file.write_bytes(before)
    unstartable = {"sender": {**SENDER, "password": "$secret{another}"}}
    predicted, shown = tasks.tasks(
        [_merge(tasks, overrides={"hostname": "relay.site.example"}, product_version="7.2.0")], "--check", "--diff"
    )
    assert predicted[0]["changed"]
    assert tasks.file.read_bytes() == before
    results, done = tasks.tasks(
        [
            _merge(tasks, overrides={"hostname": "relay.site.example"}, product_version="7.2.0"),
            _merge(tasks, overrides={"hostname": "relay.site.example"}, product_version="7.2.0"),
            _merge(tasks, **unstartable),
            _merge(tasks, **unstartable, allow_unstartable=True),
            _merge(tasks, **unstartable, secrets={"another": "QmFzZTY0IHRleHQ="}),
        ],
        "--diff",
    )
    first, second, refused, allowed, mended = results
    assert first["changed"]
    assert first["changed_keys"] == predicted[0]["changed_keys"]
    assert first["starts"] and first["secrets_last"] and first["product_version"] == "7.2.0"  # noqa: PT018
    assert not second["changed"]
    assert refused["failed"] and not refused["changed"], refused  # noqa: PT018
    assert "the file is as it was" in refused["msg"]
    assert "another" in refused["msg"]
    assert allowed["changed"] and not allowed["starts"]  # noqa: PT018
    assert mended["changed"] and mended["starts"]  # noqa: PT018
    assert "+output_adapter.email.hostname" in done.stdout
    assert "+output_adapter.email.hostname" in shown.stdout
    restored, _ = tasks.tasks(
        [{"mailwright.wso2is.deployment_toml": {"path": str(tasks.file), "state": "restored", "backup": first["backup"]}}] * 2
    )
    assert [result["changed"] for result in restored] == [True, False]
    assert tasks.file.read_bytes() == before


def test_what_is_not_certain_is_refused_too(tasks: Tasks) -> None:
    """The file has another alias: which one the server looks at is open (product/placeholders.md#secrets-table)."""
    before = tasks.file.read_bytes()
    merge = {"sender": {**SENDER, "password": "$secret{another}"}}
    (predicted,), _ = tasks.tasks([_merge(tasks, **merge)], "--check")
    refused, allowed = tasks.tasks([_merge(tasks, **merge), _merge(tasks, **merge, allow_unstartable=True)])[0]
    for result in (predicted, refused):
        assert result["failed"]
        assert result["refused"]
        assert result["starts"] is None
        assert "another" in result["reason"]
    assert allowed["changed"]
    assert allowed["refused"] is False
    assert tasks.file.read_bytes() != before


def test_a_secret_in_brackets_names_the_cipher_tool_as_merge_does(tasks: Tasks) -> None:
    tasks.file.write_text('[secrets]\nanother = "[in clear]"\n', encoding="utf-8")
    sender = {**SENDER, "password": "$secret{another}"}
    (refused,), _ = tasks.tasks([_merge(tasks, sender=sender, product_version="7.2.0")])
    spec = tasks.folder / "email.json"
    spec.write_text(json.dumps({"mailwright": 1, "product": {"version": "7.2.0"}, "global": sender}), encoding="utf-8")
    command = [sys.executable, "-m", "mailwright", "merge", str(spec), str(tasks.file)]
    said = subprocess.run(command, capture_output=True, text=True)
    assert said.returncode == 8, said.stdout + said.stderr
    hint = "`bin/ciphertool.sh -Dconfigure` on the server encrypts the secret another: run it, then merge"
    assert hint in " ".join(refused["msg"].split())
    assert hint in " ".join((said.stdout + said.stderr).split())


def test_what_was_broken_before_is_a_warning(tasks: Tasks) -> None:
    tasks.file.write_text('[x]\ny = "$secret{nope}"\n', encoding="utf-8")
    loading = {"mailwright.wso2is.deployment_toml": {"path": str(tasks.file), "tenant_loading": {"idle_minutes": 5}}}
    (merged, again), _ = tasks.tasks([loading, loading])
    assert (merged["changed"], again["changed"]) == (True, False)
    assert merged["starts"] is False
    assert not merged["refused"]
    assert "nor did it before" in merged["warnings"][0]


def test_a_spec_for_another_release_than_the_nodes(tasks: Tasks, relay: SandboxSmtp) -> None:
    (tasks.folder / "ca.pem").write_text(relay.ca_pem, encoding="ascii")
    sender, spec = {**SENDER, "port": relay.port, "password": "$env{SMTP_PASSWORD}"}, tasks.folder / "email.json"
    spec.write_text(json.dumps({"mailwright": 1, "product": {"version": "7.3.0"}, "global": sender}), encoding="utf-8")
    before = tasks.file.read_bytes()
    merge, check = "mailwright.wso2is.deployment_toml", "mailwright.wso2is.smtp_handshake"
    named, theirs = {"spec": str(spec), "installed_version": "7.2.0"}, {"sender": sender, "installed_version": "7.1.0"}
    (refused, unheld), _ = tasks.tasks([{merge: {"path": str(tasks.file), **named}}, {check: named}])
    for result in (refused, unheld):
        assert result["failed"]
        assert "email.json:1:" in result["msg"]
        assert "the spec is for 7.3.0, but 7.2.0 is installed on the node" in result["msg"]
    assert tasks.file.read_bytes() == before
    meant, own, held = tasks.tasks(
        [
            {merge: {"path": str(tasks.file), **named, "product_version": "7.3.0"}},
            {merge: {"path": str(tasks.file), **theirs}},
            {check: {**theirs, "ca_file": str(tasks.folder / "ca.pem")}},
        ]
    )[0]
    assert (meant["changed"], meant["product_version"], own["product_version"]) == (True, "7.3.0", "7.1.0")
    assert held["senders"][0]["client"]


def test_three_tasks_at_once_on_one_file(tasks: Tasks) -> None:
    """The node compares what is there with what was read; the action then merges again, and nothing is lost."""
    options = {
        "node1": {"sender": {**SENDER, "password": "$env{SMTP_PASSWORD}"}},
        "node2": {"tenant_loading": {"idle_minutes": 5}},
        "node3": {"secrets": {"another": "QUJD"}},
    }
    names = {
        name: f"{{{{ options[inventory_hostname].{name} | default(omit) }}}}" for name in ("sender", "tenant_loading", "secrets")
    }
    merge = {"mailwright.wso2is.deployment_toml": {"path": str(tasks.file), **names}}
    play = [{"hosts": "all", "gather_facts": False, "strategy": "free", "vars": {"options": options}, "tasks": [merge]}]
    (tasks.folder / "site.yml").write_text(json.dumps(play), encoding="utf-8")
    for _ in range(3):
        tasks.file.write_text("[server]\nx = 1\n", encoding="utf-8")
        done = tasks.run("-i", "node2,node3,")
        assert done.returncode == 0, done.stdout + done.stderr
        text = tasks.file.read_text(encoding="utf-8")
        assert all(part in text for part in ("hostname", "tenant_idle_timeout", "another", "x = 1")), text


def test_handshakes_from_the_node(tasks: Tasks, relay: SandboxSmtp) -> None:
    (tasks.folder / "ca.pem").write_text(relay.ca_pem, encoding="ascii")
    sender = {**SENDER, "port": relay.port}
    tenants = [
        {"domain": "acme.example", "from_address": "no-reply@acme.example", "signature": "Acme", "reply_to": "help@acme.example"}
    ]
    check = {
        "sender": sender,
        "product_version": "7.2.0",
        "ca_file": str(tasks.folder / "ca.pem"),
        "secrets": {"smtp_password": CANARY},
    }
    merge = _merge(tasks, sender=sender, secrets={"smtp_password": "QmFzZTY0IHRleHQ="}, product_version="7.2.0")
    name = "mailwright.wso2is.smtp_handshake"
    (merged, info, own, theirs, wrong, skipped, unknown, unverified), done = tasks.tasks(
        [
            merge,
            {"mailwright.wso2is.wso2is_info": {"home": str(tasks.home)}},
            {name: {**check, "tenants": tenants}},
            {name: {**check, "sender": None, "path": str(tasks.file), "tenants": tenants, "only": ["acme.example"]}},
            {name: {**check, "secrets": {"smtp_password": f"not-{CANARY}"}}},
            {name: {**check, "secrets": {}, "require_auth": True}},
            {name: {**check, "colour": "red"}},
            {name: {**check, "ca_file": None}},
        ],
        "-vvv",
    )
    assert merged["changed"]
    assert info["product_version"] == "7.2.0"
    assert info["running"] is False
    assert info["health_url"].endswith("/api/health-check/v1.0/health")
    assert info["effective"]["properties"]["mail.smtp.host"] == "localhost"
    assert info["trust_store"]["path"].startswith(str(tasks.home / "repository" / "resources" / "security"))
    assert [sender["name"] for sender in own["senders"]] == ["acme.example", "global"] or own["exit_code"] == 0
    assert own["exit_code"] == 0
    assert own["senders"][0]["client"]["authenticated"]
    assert [sender["name"] for sender in theirs["senders"]] == ["acme.example"]
    assert not theirs["failed"]
    assert wrong["failed"] and wrong["exit_code"] == 4  # noqa: PT018
    assert "AUTH" in wrong["msg"]
    assert skipped["exit_code"] == 8
    assert "colour" in unknown["msg"]
    assert unverified["exit_code"] == 5
    assert CANARY not in done.stdout + done.stderr


def test_tenants_over_the_api(tasks: Tasks) -> None:
    with SandboxIs(["acme.example", "beta.example"]) as server:
        (tasks.folder / "is.pem").write_text(server.ca_pem, encoding="ascii")
        where = {
            "server": server.url,
            "ca_file": str(tasks.folder / "is.pem"),
            "product_version": "7.3.0",
            "api": {"client_id": "mailwright", "client_secret": server.client_secret},
        }
        tenants = [
            {"domain": domain, **SENDER, "reply_to": "help@example.com", "password": CANARY}
            for domain in ("acme.example", "beta.example")
        ]
        for tenant in tenants:
            tenant.pop("custom_properties")
        missing = [*tenants, {**tenants[0], "domain": "gone.example"}]
        changed = [{**tenants[0], "port": 465}, tenants[1]]
        write, read = "mailwright.wso2is.tenant_email_sender", "mailwright.wso2is.tenant_email_sender_info"
        refusing = {**where, "api": {"client_id": "mailwright", "client_secret": "another"}, "concurrency": 2}
        many = [{**tenants[0], "domain": f"t{number}.example"} for number in range(30)]
        predicted, _ = tasks.tasks([{write: {**where, "tenants": tenants}}], "--check", "--diff")
        (first, second, update, found, partly, refused, wrong, stopped, unread), done = tasks.tasks(
            [
                {write: {**where, "tenants": tenants}},
                {write: {**where, "tenants": tenants}},
                {write: {**where, "tenants": changed}},
                {read: {**where, "domains": ["acme.example"]}},
                {write: {**where, "tenants": missing}},
                {write: {**where, "tenants": [{**tenants[0], "password": "***"}]}},
                {write: {**where, "tenants": [{**tenants[0], "port": {CANARY: CANARY}}]}},
                {write: {**refusing, "tenants": many}},
                {read: {**refusing, "domains": ["acme.example", "beta.example"]}},
            ],
            "-vvv",
            "--diff",
        )
    assert [tenant["action"] for tenant in predicted[0]["tenants"]] == ["create", "create"]
    assert first["changed"]
    assert [tenant["outcome"] for tenant in first["tenants"]] == ["done", "done"]
    assert not second["changed"]
    assert update["tenants"][0]["changes"][0]["field"] == "smtpPort"
    assert found["tenants"][0]["sender"]["port"] in (465, "465")
    assert partly["failed"]
    assert partly["changed"]
    assert "gone.example" in partly["msg"]
    assert refused["failed"]
    assert wrong["failed"]
    assert stopped["msg"].startswith("4 tenants in a row failed alike, the rest was not touched: the token endpoint refuses")
    assert unread["msg"].startswith("2 of 2 tenants could not be read: acme.example: the token endpoint refuses the application")
    for result in (stopped, unread):
        assert result["failed"]
        assert "\n  hint: credentials are per tenant" in result["msg"]
        assert result["tenants"][0]["hint"].startswith("credentials are per tenant")
    assert CANARY not in done.stdout + done.stderr
    assert server.client_secret not in done.stdout + done.stderr


def test_tenants_are_checked_without_their_server(tasks: Tasks) -> None:
    tenant = {"domain": "acme.example", **SENDER, "reply_to": "help@example.com", "password": "$store{team/mail#password}"}
    tenant.pop("custom_properties")
    (tasks.folder / "policy.yaml").write_text("mailwright_policy: 1\nrelay_hosts: [relay.example.com]\n", encoding="utf-8")
    (tasks.folder / "store" / "mail").mkdir(parents=True)
    (tasks.folder / "store" / "mail" / "password").write_text(CANARY, encoding="utf-8")
    with SandboxIs(["acme.example"]) as server:
        where = {
            "state": "checked",
            "server": server.url,
            "product_version": "7.3.0",
            "api": {"client_id": "mailwright", "client_secret": server.client_secret},
            "stores": {"team": {"kind": "kubernetes", "folder": str(tasks.folder / "store")}},
            "tenants": [tenant],
        }
        write = "mailwright.wso2is.tenant_email_sender"
        (right, unwanted, unread, nowhere, left_out), done = tasks.tasks(
            [
                {write: where},
                {write: {**where, "policy": str(tasks.folder / "policy.yaml")}},
                {write: {**where, "tenants": [{**tenant, "password": "$store{team/mail#pasword}"}]}},
                {write: {**where, "server": None}},
                {write: {**where, "server": None, "server_required": False}},
            ],
            "-vvv",
        )
        assert server.requests == []
    assert not right.get("failed"), right
    assert (right["changed"], right["tenants"]) == (False, [])
    assert unwanted["failed"]
    assert "the policy forbids the sender of acme.example: the relay" in unwanted["msg"]
    assert unread["failed"]
    assert "$store{team/mail#pasword}" in unread["msg"]
    assert nowhere["failed"]
    assert left_out["without_server"]
    assert CANARY not in done.stdout + done.stderr


def test_the_servers_own_trust_store(tasks: Tasks, relay: SandboxSmtp) -> None:
    require("keytool")
    store = tasks.home / "repository" / "resources" / "security" / "client-truststore.p12"
    store.parent.mkdir(parents=True)
    (tasks.folder / "ca.pem").write_text(relay.ca_pem, encoding="ascii")
    keytool = [
        "keytool",
        "-importcert",
        "-noprompt",
        "-alias",
        "relay",
        "-file",
        str(tasks.folder / "ca.pem"),
        "-keystore",
        str(store),
    ]
    subprocess.run([*keytool, "-storetype", "PKCS12", "-storepass", "wso2carbon"], check=True, capture_output=True)
    tasks.file.write_text('[server]\nhostname = "is.example.com"\n', encoding="utf-8")
    sender = {**SENDER, "port": relay.port, "password": CANARY}
    known = {"email_sender_global": sender, "email_sender_verify": True, "email_sender_trust_store": str(store)}
    verified = tasks.run("-vvv", **known)  # the version is what bin/version.txt says
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert '"AUTH"' in verified.stdout
    wrong = tasks.run("-vvv", **known, email_sender_trust_store_password=f"not-{CANARY}")
    assert wrong.returncode != 0
    assert "keytool cannot read this trust store" in wrong.stdout
    assert CANARY not in verified.stdout + verified.stderr + wrong.stdout + wrong.stderr


CIPHER_TOOL = """#!/bin/sh
# What the tool does to the file; `truncate` beside it makes it do what those of 5.9.0 to 7.2.0 do to some files.
[ "$1" = -Dconfigure ] && [ "$2" = -Dpassword=key-%s ] || exit 1
file=$(dirname "$0")/../repository/conf/deployment.toml
sed -i 's/= "\\[.*\\]"/= "RW5jcnlwdGVkIHRleHQ="/' "$file"
if [ -e "$(dirname "$0")/truncate" ]; then head -5 "$file" > "$file.new"; mv "$file.new" "$file"; fi
"""


def test_secrets_for_the_cipher_tool(tasks: Tasks) -> None:
    tool = tasks.home / "bin" / "ciphertool.sh"
    tool.write_text(CIPHER_TOOL % CANARY, encoding="utf-8")
    tool.chmod(0o755)
    before = tasks.file.read_bytes()
    variables = {
        "email_sender_global": SENDER,
        "email_sender_product_version": "7.2.0",
        "email_sender_cipher_tool": True,
        "email_sender_plain_secrets": {"smtp_password": CANARY},
        "email_sender_keystore_password": f"key-{CANARY}",
    }
    (tasks.home / "bin" / "truncate").touch()
    truncated = tasks.run("-vvv", "--diff", **variables)
    assert truncated.returncode != 0
    assert "The previous deployment.toml is back." in truncated.stdout
    assert tasks.file.read_bytes() == before
    (tasks.home / "bin" / "truncate").unlink()
    predicted = tasks.run("--check", **variables)
    assert "changed=2" in predicted.stdout
    first = tasks.run("-vvv", "--diff", **variables)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "changed=2" in first.stdout
    assert b'smtp_password = "RW5jcnlwdGVkIHRleHQ="' in tasks.file.read_bytes()
    second = tasks.run("-vvv", **variables)
    assert "changed=0" in second.stdout
    bracketed = tasks.file.read_bytes().replace(b'"RW5jcnlwdGVkIHRleHQ="', f'"[{CANARY}]"'.encode())
    tasks.file.write_bytes(bracketed)
    for backup in tasks.file.parent.glob("*.bak"):
        backup.unlink()
    (tasks.home / "bin" / "truncate").touch()
    damaged = tasks.run("-vvv", **variables)  # the merge has nothing to write, and made no backup
    assert damaged.returncode != 0
    assert "The previous deployment.toml is back." in damaged.stdout
    assert tasks.file.read_bytes() == bracketed
    tasks.file.write_bytes(before + b"# a comment\n")
    refused = tasks.run("-vvv", **variables)
    assert refused.returncode != 0
    assert "would truncate the file" in refused.stdout
    assert tasks.file.read_bytes() == before + b"# a comment\n"
    assert "Nothing was stopped or written." in refused.stdout
    assert "Merge the sender into deployment.toml" not in refused.stdout
    for done in (truncated, first, second, damaged, refused):
        assert CANARY not in done.stdout + done.stderr


def test_secrets_from_stores_on_the_controller(tasks: Tasks, relay: SandboxSmtp) -> None:
    """A tenant's, the handshake's and the cipher tool's; in check mode too, and shown by no task, whether the store gives them or not."""
    held = tasks.folder / "held"
    held.mkdir()
    (held / "relay").write_text(f"{CANARY}\n", encoding="utf-8")
    (tasks.folder / "ca.pem").write_text(relay.ca_pem, encoding="ascii")
    script = "import pathlib, sys; print(pathlib.Path(sys.argv[1]).read_text(), end='')"
    failing = f"import sys; print('{CANARY}'); sys.exit('the store is shut, {CANARY}')"
    stores = {
        "team": {"kind": "command", "command": [sys.executable, "-c", script, "{path}"], "folder": str(held), "timeout": 60},
        "shut": {"kind": "command", "command": [sys.executable, "-c", failing], "retries": 0, "timeout": 60},
    }
    password = {"smtp_password": "$store{team/relay}"}
    sender = {**SENDER, "port": relay.port}
    check = {"sender": sender, "stores": stores, "ca_file": str(tasks.folder / "ca.pem"), "product_version": "7.2.0"}
    merge = {"path": str(tasks.file), "sender": SENDER, "stores": stores, "product_version": "7.2.0"}
    with SandboxIs(["acme.example"]) as server:
        (tasks.folder / "is.pem").write_text(server.ca_pem, encoding="ascii")
        where = {
            "server": server.url,
            "ca_file": str(tasks.folder / "is.pem"),
            "product_version": "7.3.0",
            "api": {"client_id": "mailwright", "client_secret": server.client_secret},
            "stores": stores,
        }
        tenant = {"domain": "acme.example", **SENDER, "reply_to": "help@example.com", "password": "$store{team/relay}"}
        tenant.pop("custom_properties")
        write = "mailwright.wso2is.tenant_email_sender"
        run = [
            {write: {**where, "tenants": [tenant]}},
            {write: {**where, "tenants": [{**tenant, "password": "$store{shut/relay}"}]}},
            {write: {**where, "tenants": [{**tenant, "password": "$store{other/relay}"}]}},
            {"mailwright.wso2is.smtp_handshake": {**check, "secrets": password, "require_auth": True}},
            {"mailwright.wso2is.smtp_handshake": {**check, "secrets": {"smtp_password": "$store{shut/relay}"}}},
            {"mailwright.wso2is.deployment_toml": {**merge, "plain_secrets": password}},
            {"mailwright.wso2is.deployment_toml": {**merge, "plain_secrets": {"smtp_password": "$store{team/none}"}}},
            {"mailwright.wso2is.smtp_handshake": {"spec": str(tasks.folder / "email.json")}},
        ]
        spec = {
            "mailwright": 1,
            "product": {"version": "7.2.0"},
            "stores": stores,
            "global": {**sender, "reply_to": "a@b.example"},
        }
        spec["verify_secrets"] = {"smtp_password": "$store{shut/relay}"}
        (tasks.folder / "email.json").write_text(json.dumps(spec), encoding="utf-8")
        tasks.file.write_bytes(b"")
        predicted, checking = tasks.tasks(run, "--check", "--diff", "-vvv")
        assert tasks.file.read_bytes() == b""
        assert not server.stored().get("acme.example")
        results, done = tasks.tasks(run, "--diff", "-vvv")
        stored = json.dumps(server.stored()["acme.example"])
    assert CANARY in stored
    assert f'smtp_password = "[{CANARY}]"' in tasks.file.read_text(encoding="utf-8")
    for told in (predicted, results):
        assert [bool(result.get("failed")) for result in told] == [False, True, True, False, True, False, True, True]
        assert "the store `shut` cannot be read: its program ended with 1; its words would repeat a secret" in told[1]["msg"]
        assert "the spec has no store `other`" in told[2]["msg"]
        assert told[3]["senders"][0]["client"]["authenticated"] is True
        assert "secrets: the secret `smtp_password` cannot be resolved: $store{shut/relay}: the store `shut`" in told[4]["msg"]
        assert "plain_secrets: the secret `smtp_password` cannot be resolved: $store{team/none}" in told[6]["msg"]
        assert told[7]["msg"].startswith(f"{tasks.folder / 'email.json'}:1:")
        assert "a secret cannot be resolved: $store{shut/relay}: the store `shut`" in told[7]["msg"]
    for run_done in (checking, done):
        assert CANARY not in run_done.stdout + run_done.stderr
