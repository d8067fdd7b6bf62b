"""The oldest ansible-core that this Python takes: the role does its work, and no secret is in what it says, on failing runs too."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from nodes import SSHD, Nodes
from nodes.plays import begin, changed, end
from test_role import CANARY, SENDER, Play

from peers import ROOT, fetch, locked, pip, require

pytestmark = pytest.mark.timeout(900)

LOCK = ROOT / "requirements" / "ansible-oldest.txt"
(OLDEST,) = (pin for pin in locked(LOCK.stem) if pin.name == "ansible-core")


@pytest.fixture(scope="module")
def oldest(package_index: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds it, beside what is installed."""
    folder = tmp_path_factory.mktemp("ansible")
    install = pip("install", "--target", folder, "--require-hashes", "--requirement", LOCK)
    fetch(str(OLDEST), install, seconds=240, cwd=folder)
    return folder


@pytest.fixture
def run(oldest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., subprocess.CompletedProcess[str]]:
    play = Play(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(oldest))

    def run_it(*options: str, **variables: Any) -> subprocess.CompletedProcess[str]:
        return play.run("-vvv", "--diff", *options, program=oldest / "bin" / "ansible-playbook", **variables)

    return run_it


def test_it_is_the_oldest(oldest: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(oldest)}
    said = subprocess.run([str(oldest / "bin" / "ansible"), "--version"], env=environment, capture_output=True, text=True)
    assert f"[core {str(OLDEST.specifier).removeprefix('==')}]" in said.stdout


@pytest.mark.parametrize(
    ("sender", "said"),
    [
        (SENDER, "changed=1"),
        ({**SENDER, "port": CANARY}, "`port` must be an integer from 1 to 65535"),
        ({**SENDER, "auth_type": [CANARY]}, "failed=1"),
        ({**SENDER, "pasword": CANARY}, "pasword"),
        ({**SENDER, "custom_properties": CANARY}, "failed=1"),
        (CANARY, "failed=1"),
    ],
    ids=["good", "wrong-value", "wrong-type", "unknown-key", "no-table", "no-mapping"],
)
@pytest.mark.parametrize("newest", [False, True], ids=["oldest", "newest"])
def test_no_secret_is_said(
    run: Callable[..., subprocess.CompletedProcess[str]],
    tmp_path: Path,
    sender: Any,
    said: str,
    newest: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if newest:
        monkeypatch.delenv("PYTHONPATH")
        done = Play(tmp_path / "newest").run("-vvv", "--diff", email_sender_global=sender)
    else:
        done = run(email_sender_global=sender)
    assert said in done.stdout, done.stdout + done.stderr
    assert CANARY not in done.stdout + done.stderr


@pytest.mark.network
def test_a_state_is_predicted_and_made_good(oldest: Path, tmp_path: Path) -> None:
    require(SSHD, "ssh", "ssh-keygen")
    known = {"email_sender_global": SENDER, "email_sender_product_version": "7.2.0", "email_sender_verify": False}
    with Nodes(tmp_path, 2) as nodes:
        nodes.start()
        for word in ("drain", "undrain"):
            task = f"- name: Say it\n  ansible.builtin.debug:\n    msg: {word} now\n"
            (tmp_path / f"{word}.yml").write_text(task, encoding="utf-8")
        hooks = {
            "email_sender_before_node": str(tmp_path / "drain.yml"),
            "email_sender_after_node": str(tmp_path / "undrain.yml"),
        }

        def run(
            *options: str, hosts: str = "node1", cut: Mapping[str, str] | None = None, **variables: Any
        ) -> subprocess.CompletedProcess[str]:
            env, program = {"PYTHONPATH": str(oldest), **(cut or {})}, oldest / "bin" / "ansible-playbook"
            done = end(begin(nodes, "site", "--limit", hosts, *options, env=env, program=program, **known, **variables))
            assert CANARY not in done.stdout + done.stderr
            return done

        assert run("--tags", "merge").returncode == 0
        predicted, done = run("--check", **hooks), run(**hooks)
        assert done.returncode == 0, done.stdout + done.stderr
        assert changed(predicted) == changed(done) == {"node1": 2}
        assert done.stdout.index("drain now") < done.stdout.index("undrain now")
        assert [event["event"] for event in nodes.events("node1")] == ["started", "stopped", "started"]
        assert changed(run(**hooks)) == {"node1": 0}
        nodes.home("node1").joinpath("sick-host").write_text("other.example.com", encoding="utf-8")
        sick = run(email_sender_overrides={"hostname": "other.example.com"}, email_sender_health_timeout=2)
        assert "The previous deployment.toml is back, and the server was restarted with it." in sick.stdout
        assert nodes.events("node1")[-1]["relay"] == "smtp.example.com"
        lost = {
            "MAILWRIGHT_CUT": "peer",
            "MAILWRIGHT_CUT_AT": "Merge the sender into deployment.toml",
            "MAILWRIGHT_CUT_HOST": "node1",
        }
        batch = {"email_sender_serial": 2, "email_sender_overrides": {"hostname": "third.example.com"}}
        done = run(hosts="all", cut=lost, **batch, **hooks)
        assert "unreachable=1" in done.stdout
        assert nodes.events("node2")[-1]["relay"] == "third.example.com"
        assert done.stdout.index("drain now") < done.stdout.index("undrain now")
        nodes.file("node1").write_text("[server\n", encoding="utf-8")
        before = nodes.events("node2")
        refused = run(hosts="all")  # one node at a time
        assert refused.returncode != 0
        assert "the server's parser refuses this file" in refused.stdout
        assert nodes.events("node2") == before
        record = nodes.file("node1").with_name("deployment.toml.mailwright-node.json").read_text(encoding="utf-8")
        assert "run" not in json.loads(record), "the node was not given up"
