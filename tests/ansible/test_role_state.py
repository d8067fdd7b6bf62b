"""The role goes by what a server's state is: every state is predicted by check mode, made good by one run, and left alone by the next."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nodes import SSHD, Nodes
from nodes.plays import begin, changed, end, play

from peers import require

pytestmark = [pytest.mark.network, pytest.mark.timeout(900)]

SENDER = {
    "from_address": "no-reply@example.com",
    "hostname": "relay.example.com",
    "port": 587,
    "username": "mailer",
    "password": "canary-51b2e",
    "signature": "Example",
}
VARIABLES: dict[str, Any] = {
    "email_sender_product_version": "7.2.0",
    "email_sender_global": SENDER,
    "email_sender_verify": False,
    "email_sender_serial": "100%",
    "email_sender_health_timeout": 30,
}
BALANCER = """
- name: {word}
  ansible.builtin.lineinfile:
    path: {folder}/{{{{ inventory_hostname }}}}.balancer
    line: "{word}{{{{ ' ' ~ (email_sender_node_is_up | string) if '{word}' == 'undrain' else '' }}}}"
    create: true
    mode: "0600"
  delegate_to: localhost
"""


@pytest.fixture
def count() -> int:
    return 1


@pytest.fixture
def nodes(tmp_path: Path, count: int) -> Iterator[Nodes]:
    require(SSHD, "ssh", "ssh-keygen")
    with Nodes(tmp_path, count) as nodes:
        nodes.start()
        for word in ("drain", "undrain"):
            (tmp_path / f"{word}.yml").write_text(BALANCER.format(word=word, folder=tmp_path), encoding="utf-8")
        yield nodes


def _happened(nodes: Nodes) -> dict[str, list[str]]:
    return {name: [event["event"] for event in nodes.events(name)] for name in nodes.names}


def _balancer(nodes: Nodes, name: str) -> list[str]:
    log = nodes.folder / f"{name}.balancer"
    return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


def _hooks(nodes: Nodes) -> dict[str, str]:
    tasks = {"before": "drain", "after": "undrain"}
    return {f"email_sender_{word}_node": str(nodes.folder / f"{task}.yml") for word, task in tasks.items()}


def _assert_up_with_its_file(nodes: Nodes, name: str) -> None:
    last = nodes.events(name)[-1]
    assert last["event"] == "started", name
    assert last["digest"] == hashlib.sha256(nodes.file(name).read_bytes()).hexdigest(), name


@pytest.mark.parametrize("count", [9])
def test_every_state_converges_and_is_predicted(nodes: Nodes) -> None:
    reference, up, edited, stopped, left, left_old, merged, reused, restarted = nodes.names
    stays = {"email_sender_start_stopped": False}
    (nodes.folder / "host_vars").mkdir()
    for name, variables in {left: stays, left_old: stays, restarted: {"email_sender_order": "write-restart"}}.items():
        lines = [f"{key}: {str(value).lower()}\n" for key, value in variables.items()]
        (nodes.folder / "host_vars" / f"{name}.yml").write_text("".join(lines), encoding="utf-8")
    first = play(nodes, "site", "--limit", reference, **VARIABLES)
    assert first.returncode == 0, first.stdout + first.stderr
    wanted = nodes.file(reference).read_bytes()
    old = nodes.file(left_old).read_bytes()
    assert wanted != old
    for name in (up, edited, stopped, left, reused, restarted):
        nodes.file(name).write_bytes(wanted)
    nodes.restart(up)
    for name in (stopped, left, left_old, reused):
        nodes.kill(name)
    only = play(nodes, "site", "--limit", merged, "--tags", "merge", **VARIABLES)
    assert only.returncode == 0, only.stdout + only.stderr
    assert nodes.file(merged).read_bytes() == wanted
    assert _happened(nodes)[merged] == ["started"]
    with subprocess.Popen(["sleep", "600"], cwd="/") as stranger:
        (nodes.home(reused) / "wso2carbon.pid").write_text(str(stranger.pid), encoding="ascii")
        os.utime(nodes.home(reused) / "wso2carbon.pid", (1, 1))
        before = _happened(nodes)
        predicted = play(nodes, "site", "--check", "-f", "4", **VARIABLES)
        assert predicted.returncode == 0, predicted.stdout + predicted.stderr
        assert _happened(nodes) == before
        assert nodes.file(left_old).read_bytes() == old
        done = play(nodes, "site", "-f", "4", **VARIABLES)
        assert done.returncode == 0, done.stdout + done.stderr
        stranger.kill()
    happened = {name: events[len(before[name]) :] for name, events in _happened(nodes).items()}
    both = ["stopped", "started"]
    assert happened == {
        reference: [],
        up: [],
        edited: both,
        stopped: ["started"],
        left: [],
        left_old: [],
        merged: both,
        reused: ["started"],
        restarted: both,
    }
    assert changed(done) == changed(predicted)
    assert changed(done) == {
        reference: 0,
        up: 0,
        edited: 2,
        stopped: 1,
        left: 0,
        left_old: 1,
        merged: 2,
        reused: 1,
        restarted: 1,
    }
    for name in nodes.names:
        assert nodes.file(name).read_bytes() == wanted
        if name not in (left, left_old):
            _assert_up_with_its_file(nodes, name)
    assert "stays stopped (email_sender_start_stopped)" in done.stdout
    again = play(nodes, "site", "-f", "4", **VARIABLES)
    assert set(changed(again).values()) == {0}, again.stdout
    assert {name: events[len(before[name]) :] for name, events in _happened(nodes).items()} == happened


def test_a_node_that_fails_is_given_back_to_its_load_balancer(nodes: Nodes) -> None:
    hooks = _hooks(nodes)
    before = nodes.file("node1").read_bytes()
    (nodes.home("node1") / "sick-host").write_text("relay.example.com", encoding="utf-8")
    failed = play(nodes, "site", **{**VARIABLES, **hooks, "email_sender_health_timeout": 3})
    assert failed.returncode != 0
    assert "The previous deployment.toml is back, and the server was restarted with it." in failed.stdout
    assert nodes.file("node1").read_bytes() == before
    _assert_up_with_its_file(nodes, "node1")
    assert _balancer(nodes, "node1") == ["drain", "undrain True"]
    events = _happened(nodes)
    (nodes.folder / "node1.balancer").unlink()
    (nodes.folder / "drain.yml").write_text("- name: Fail\n  ansible.builtin.fail:\n    msg: no balancer\n", encoding="utf-8")
    refused = play(nodes, "site", **VARIABLES, **hooks)
    assert refused.returncode != 0
    assert "no balancer" in refused.stdout
    assert _happened(nodes) == events
    assert nodes.file("node1").read_bytes() == before
    assert _balancer(nodes, "node1") == ["undrain True"]


def test_a_node_that_is_not_up_is_given_back_again_by_the_next_run(nodes: Nodes) -> None:
    hooks = _hooks(nodes)
    assert play(nodes, "site", **VARIABLES).returncode == 0
    nodes.kill("node1")
    ill = play(nodes, "site", **{**VARIABLES, **hooks, "email_sender_health_timeout": 2, "email_sender_health_status": [299]})
    assert ill.returncode != 0
    _assert_up_with_its_file(nodes, "node1")
    assert _balancer(nodes, "node1") == ["drain", "undrain False"]
    events = _happened(nodes)
    for _ in range(2):  # the first gives it back; for the other there is nothing to do
        well = play(nodes, "site", **VARIABLES, **hooks)
        assert well.returncode == 0, well.stdout + well.stderr
        assert _balancer(nodes, "node1") == ["drain", "undrain False", "undrain True"]
        assert _happened(nodes) == events


def test_a_full_disk_stops_nothing(nodes: Nodes) -> None:
    file = nodes.file("node1")
    before = file.read_bytes()
    aside = file.parent.with_name("aside")
    file.parent.rename(aside)
    file.parent.mkdir()
    size = 4096 * (len(before) // 4096 + 12)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(file.parent)], capture_output=True)
    if mounted.returncode:
        pytest.skip("a file system cannot be mounted here")
    try:
        shutil.copytree(aside, file.parent, dirs_exist_ok=True)
        nodes.restart("node1")
        events, listed = _happened(nodes), sorted(os.listdir(file.parent))
        full = play(nodes, "site", **VARIABLES)
        assert full.returncode != 0
        assert "No space left on device; nothing was stopped, and deployment.toml is as it was" in full.stdout
        assert file.read_bytes() == before
        assert _happened(nodes) == events
        assert [name for name in sorted(os.listdir(file.parent)) if not name.endswith("node.json")] == listed
        subprocess.run(["mount", "-o", f"remount,size={size + 2**20}", str(file.parent)], check=True)
        done = play(nodes, "site", **VARIABLES)
        assert done.returncode == 0, done.stdout + done.stderr
        _assert_up_with_its_file(nodes, "node1")
    finally:
        nodes.stop()
        subprocess.run(["umount", "-l", str(file.parent)], check=True)


def test_two_runs_at_once_are_one_behind_the_other(nodes: Nodes) -> None:
    for number in range(3):
        relays = {f"relay{number}.example.com", f"other{number}.example.com"}
        playing = [begin(nodes, "site", **VARIABLES, email_sender_overrides={"hostname": relay}) for relay in sorted(relays)]
        done = [end(each) for each in playing]
        for each in done:
            assert each.returncode == 0, each.stdout + each.stderr
            assert "is back" not in each.stdout
        # Each stopped what was there, and started its own; neither took back what the other did.
        assert _happened(nodes)["node1"][-4:] == ["stopped", "started"] * 2
        assert {nodes.events("node1")[at]["relay"] for at in (-3, -1)} == relays
        _assert_up_with_its_file(nodes, "node1")


HELD = """
- name: Begin
  ansible.builtin.file:
    path: {folder}/held
    state: touch
    mode: "0600"
  delegate_to: localhost
- name: Wait
  ansible.builtin.wait_for:
    path: {folder}/go-on
  delegate_to: localhost
"""


def _record(nodes: Nodes, **run: Any) -> str:
    """Change what the node's record says of the run that has it; return its name for people."""
    path = nodes.file("node1").with_name("deployment.toml.mailwright-node.json")
    record = json.loads(path.read_text(encoding="utf-8"))
    record["run"].update(run)
    path.write_text(json.dumps(record), encoding="utf-8")
    return str(record["run"]["who"])


def test_a_run_that_meets_another_waits_for_a_while(nodes: Nodes) -> None:
    before, events = nodes.file("node1").read_bytes(), _happened(nodes)
    (nodes.folder / "drain.yml").write_text(HELD.format(folder=nodes.folder), encoding="utf-8")
    variables, soon = {**VARIABLES, **_hooks(nodes)}, {"email_sender_lock_timeout": 2}
    first = begin(nodes, "site", **variables)
    try:
        deadline = time.monotonic() + 120
        while not (nodes.folder / "held").exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        who = _record(nodes)
        assert who.endswith(f"process {first.pid}")
        refused = play(nodes, "site", **VARIABLES, **soon)
        assert refused.returncode != 0
        assert f"another run changes this node: {who}, since 20" in refused.stdout
        assert "this run changed nothing here" in refused.stdout
        assert changed(refused) == {"node1": 0}
        predicted = play(nodes, "site", "--check", **VARIABLES)
        assert predicted.returncode == 0, predicted.stdout + predicted.stderr
        assert f"another run changes this node: {who}, since 20" in predicted.stdout + predicted.stderr
        _record(nodes, id="another controller/1/1")  # as if the first had slept for longer than its lease
    finally:
        (nodes.folder / "go-on").touch()
        done = end(first)
    assert done.returncode != 0
    assert "this run lost the node to another one" in done.stdout
    assert nodes.file("node1").read_bytes() == before
    assert _happened(nodes) == events
    assert _balancer(nodes, "node1") == []
    assert "another run changes this node" in play(nodes, "rollback", **VARIABLES, **soon).stdout
    _record(nodes, until=0)  # that one does nothing any more
    healed = play(nodes, "site", **variables, **soon)
    assert healed.returncode == 0, healed.stdout + healed.stderr
    _assert_up_with_its_file(nodes, "node1")
    assert nodes.events("node1")[-1]["relay"] == "relay.example.com"
    assert _balancer(nodes, "node1") == ["undrain True"]


def test_a_run_that_fails_lets_others_in(nodes: Nodes) -> None:
    wrong = play(nodes, "site", **{**VARIABLES, "email_sender_global": {**SENDER, "port": "none"}})
    assert wrong.returncode != 0
    path = nodes.file("node1").with_name("deployment.toml.mailwright-node.json")
    assert "run" not in json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("count", [3])
def test_a_node_that_is_lost_before_the_change_ends_the_play(nodes: Nodes) -> None:
    """Its batch is left as it was, and no further one is begun: the next run finds everything as it stood."""
    at = "Validate the spec and plan the change of deployment.toml"
    env = {"MAILWRIGHT_CUT": "peer", "MAILWRIGHT_CUT_AT": at, "MAILWRIGHT_CUT_HOST": "node1"}
    done = end(begin(nodes, "site", env=env, **{**VARIABLES, **_hooks(nodes), "email_sender_serial": 2}))
    assert done.returncode != 0
    assert "unreachable=1" in done.stdout
    assert "node1: the run did not come to its end there. No further node is begun; run it again." in done.stdout
    assert set(changed(done).values()) == {0}
    for name in nodes.names:
        assert _happened(nodes)[name] == ["started"]
        assert _balancer(nodes, name) == []
    record = nodes.file("node2").with_name("deployment.toml.mailwright-node.json").read_text(encoding="utf-8")
    assert "run" not in json.loads(record)


@pytest.mark.parametrize("count", [3])
@pytest.mark.parametrize("how", ["lost", "failed"])
def test_a_node_of_a_batch_takes_no_other_with_it(nodes: Nodes, how: str) -> None:
    env = {"MAILWRIGHT_CUT": "peer", "MAILWRIGHT_CUT_AT": "Merge the sender into deployment.toml", "MAILWRIGHT_CUT_HOST": "node1"}
    variables = {**VARIABLES, **_hooks(nodes), "email_sender_serial": 2}
    before = nodes.file("node1").read_bytes()
    if how == "failed":
        env = {}
        variables["email_sender_health_timeout"] = 3
        (nodes.home("node1") / "sick-host").write_text("relay.example.com", encoding="utf-8")
    done = end(begin(nodes, "site", env=env, **variables))
    assert done.returncode != 0
    assert ("unreachable=1" in done.stdout) is (how == "lost"), done.stdout
    assert _happened(nodes)["node2"] == ["started", "stopped", "started"]
    _assert_up_with_its_file(nodes, "node2")
    assert nodes.events("node2")[-1]["relay"] == "relay.example.com"
    assert _balancer(nodes, "node2") == ["drain", "undrain True"]
    assert _happened(nodes)["node3"] == ["started"]
    if how == "failed":
        assert nodes.file("node1").read_bytes() == before
        _assert_up_with_its_file(nodes, "node1")
        assert _balancer(nodes, "node1") == ["drain", "undrain True"]


def test_from_a_literal_password_to_the_environment(nodes: Nodes) -> None:
    script, password = nodes.home("node1") / "bin" / "wso2server.sh", SENDER["password"]
    with nodes.file("node1").open("a", encoding="utf-8") as file:
        file.write(f'\n[output_adapter.email]\nhostname = "old.example.com"\npassword = "{password}"\n')
    before = nodes.file("node1").read_bytes()
    variables = {
        **VARIABLES,
        "email_sender_global": {**SENDER, "password": "$env{SMTP_PASSWORD}"},
        "email_sender_health_timeout": 3,
    }
    unset = play(nodes, "site", **variables)
    assert unset.returncode != 0
    assert nodes.file("node1").read_bytes() == before
    assert "refused" in _happened(nodes)["node1"]
    _assert_up_with_its_file(nodes, "node1")
    text = script.read_text(encoding="utf-8")
    script.write_text(text.replace("\n", f"\nexport SMTP_PASSWORD={password}\n", 1), encoding="utf-8")
    done = play(nodes, "site", "--diff", "-vvv", **{**variables, "email_sender_health_timeout": 30})
    assert done.returncode == 0, done.stdout + done.stderr
    assert password.encode() not in nodes.file("node1").read_bytes()
    assert nodes.backups("node1")[-1].read_bytes() == before
    _assert_up_with_its_file(nodes, "node1")
    assert nodes.events("node1")[-1]["relay"] == "relay.example.com"
    again = play(nodes, "site", **variables)
    assert changed(again) == {"node1": 0}
    for each in (unset, done, again):
        assert password not in each.stdout + each.stderr


@pytest.mark.parametrize("count", [3])
def test_backups_that_are_not_beside_the_file(nodes: Nodes) -> None:
    """The way back and `rollback` find them; where they would be in a git work tree, nothing is stopped."""
    before = {name: nodes.file(name).read_bytes() for name in nodes.names}
    work_tree = nodes.folder / "work-tree"
    for folder in (nodes.home("node2"), work_tree):
        (folder / ".git").mkdir(parents=True)
    (nodes.folder / "host_vars").mkdir()
    for name, folder in (("node1", nodes.folder / "chosen"), ("node3", work_tree)):
        (nodes.folder / "host_vars" / f"{name}.yml").write_text(f"email_sender_backup_dir: {folder}\n", encoding="utf-8")
    variables = {**VARIABLES, "email_sender_health_timeout": 3}
    refused = play(nodes, "site", **variables)
    assert refused.returncode != 0
    assert "git work tree" in refused.stdout
    assert "nothing was stopped, and deployment.toml is as it was" in refused.stdout
    assert _happened(nodes)["node3"] == ["started"]
    assert nodes.file("node3").read_bytes() == before["node3"]
    well = ("--limit", "node1,node2")
    for name in ("node1", "node2"):
        assert nodes.events(name)[-1]["relay"] == "relay.example.com"
    back = play(nodes, "rollback", *well, **variables)
    assert back.returncode == 0, back.stdout + back.stderr
    for name in ("node1", "node2"):
        assert nodes.file(name).read_bytes() == before[name]
        _assert_up_with_its_file(nodes, name)
        (nodes.home(name) / "sick-host").write_text("relay.example.com", encoding="utf-8")
    sick = play(nodes, "site", *well, **variables)
    assert sick.stdout.count("The previous deployment.toml is back, and the server was restarted with it.") >= 2
    for name in nodes.names:
        assert nodes.file(name).read_bytes() == before[name]
        assert nodes.backups(name) == []
        _assert_up_with_its_file(nodes, name)
    assert {path.parent.parent for path in nodes.folder.rglob("*.bak")} == {
        nodes.folder / "chosen",
        nodes.state / "mailwright" / "backups",
    }
