"""The role, cut off at every task of a change and run again: the server ends up with the wanted file, and drained exactly while it is down.

``make test`` cuts once at each kind of boundary, ``make long`` (MAILWRIGHT_ROLE_CUTS=all) at every task.
"""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nodes import SSHD, Nodes
from nodes.plays import begin, changed, end, play

from mailwright.sandbox.identity import SandboxIs
from mailwright.sandbox.smtp import SandboxSmtp
from peers import require

pytestmark = [pytest.mark.network, pytest.mark.timeout(3600)]

EVERY = os.environ.get("MAILWRIGHT_ROLE_CUTS") == "all"
AT_ONCE, BATCH = 3, 16
CANARY = "canary-c4711"
CIPHER_TOOL = """#!/bin/sh
sed -i 's/= "\\[.*\\]"/= "RW5jcnlwdGVkIHRleHQ="/' "$(dirname "$0")/../repository/conf/deployment.toml"
"""
BALANCER = """
- name: {word}
  ansible.builtin.shell: echo "$(date +%s.%N) {word} {{{{ email_sender_node_is_up }}}}" >> {folder}/{{{{ inventory_hostname }}}}.balancer
  delegate_to: localhost
  changed_when: true
"""
CUTS = (
    {"drain": "controller", "Merge the sender into deployment.toml": "peer", "Wait until the health page answers": "everything"},
    {"Stop the server with its script": "everything", "Run the cipher tool": "connection", "undrain": "controller"},
    {
        "See what the cipher tool left": "controller",
        "Bring the tenants' senders in line": "everything",
        "Make the SMTP handshakes": "connection",
    },
)
"""A node after the other: where, and how, the plays of each are cut off one behind the other; each kind of boundary once."""

BACK = {"Put the previous deployment.toml back": "connection", "Wait for the server's health again": "controller"}
ROLLED = {"Put the backup back": "peer", "Wait until the health page answers": "controller"}
HOOKS = {"before": "drain", "after": "undrain"}


@dataclass(frozen=True)
class Cut:
    """Where, and how, a play ends."""

    way: str
    at: int | None
    name: str


@contextmanager
def _nodes(folder: Path, count: int) -> Iterator[Nodes]:
    require(SSHD, "ssh", "ssh-keygen")
    folder.mkdir()
    with Nodes(folder, count) as nodes:
        for name in nodes.names:
            tool = nodes.home(name) / "bin" / "ciphertool.sh"
            tool.write_text(CIPHER_TOOL, encoding="utf-8")
            tool.chmod(0o755)
            with nodes.file(name).open("a", encoding="utf-8") as file:
                file.write(f'\n[output_adapter.email]\nhostname = "old.example.com"\npassword = "{CANARY}"\n')
        nodes.start()
        for word in ("drain", "undrain"):
            (folder / f"{word}.yml").write_text(BALANCER.format(word=word, folder=folder), encoding="utf-8")
        yield nodes


def _variables(nodes: Nodes, port: int) -> dict[str, Any]:
    return {
        "email_sender_product_version": "7.2.0",
        "email_sender_global": {
            "from_address": "no-reply@example.com",
            "hostname": "localhost",
            "port": port,
            "username": "mailer",
            "password": "$secret{smtp_password}",
            "signature": "Example",
            "custom_properties": {"mail.smtp.starttls.required": True},
        },
        "email_sender_cipher_tool": True,
        "email_sender_plain_secrets": {"smtp_password": CANARY},
        "email_sender_keystore_password": "wso2carbon",
        "email_sender_secret_values": {"smtp_password": CANARY},
        "email_sender_before_node": str(nodes.folder / "drain.yml"),
        "email_sender_after_node": str(nodes.folder / "undrain.yml"),
        "email_sender_serial": "100%",
        "email_sender_health_timeout": 20,
    }


def _digest(nodes: Nodes, name: str) -> str:
    return hashlib.sha256(nodes.file(name).read_bytes()).hexdigest()


def _balancer(nodes: Nodes, name: str) -> list[tuple[float, str, str]]:
    """Return when the balancer's tasks ran, which, and whether they were told that the node is up."""
    log = nodes.folder / f"{name}.balancer"
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return [(float(moment), word, up) for moment, word, up in map(str.split, lines)]


def _assert_drained_exactly_while_down(nodes: Nodes, name: str, *, stranded: bool = False) -> None:
    """The node is away from its balancer while its server is down; a *stranded* one's tasks may run if they are told that it is not up."""
    events, turns = nodes.events(name), _balancer(nodes, name)
    assert turns[-1][1:] == ("undrain", "True")
    for number, event in enumerate(events):
        if event["event"] != "stopped":
            continue
        back = next(later["time"] for later in events[number:] if later["event"] == "started")
        before = [word for moment, word, _ in turns if moment < event["time"]]
        assert before, name
        assert before[-1] == "drain", name
        given = [up for moment, word, up in turns if event["time"] < moment < back and word == "undrain"]
        assert not given or (stranded and set(given) == {"False"}), name


def _assert_up(nodes: Nodes, name: str, relay: str) -> None:
    """The server runs, with the file that is there, and that names the relay."""
    last = nodes.events(name)[-1]
    assert last["event"] == "started", name
    assert (last["digest"], last["relay"]) == (_digest(nodes, name), relay), name
    os.kill(int((nodes.home(name) / "wso2carbon.pid").read_text(encoding="utf-8")), 0)


def _tasks(nodes: Nodes, name: str, variables: dict[str, Any]) -> list[str]:
    """Run the play on a host of its own; return the names of its tasks."""
    listed = nodes.folder / "tasks"
    done = end(begin(nodes, "site", "--limit", name, env={"MAILWRIGHT_TASKS": str(listed)}, **variables))
    assert CANARY not in done.stdout + done.stderr
    return [line.rpartition(" : ")[2] for line in listed.read_text(encoding="utf-8").splitlines()]


def _everywhere(names: list[str], ways: tuple[str, ...], begins: int = 0) -> list[list[Cut]]:
    """Return a cut at every task, in one way after the other; a node each."""
    return [[Cut(ways[at % len(ways)], at, name)] for at, name in enumerate(names) if at >= begins]


def _some(*nodes: dict[str, str]) -> list[list[Cut]]:
    return [[Cut(way, None, name) for name, way in cuts.items()] for cuts in nodes]


def _batches(folder: Path, cuts: list[list[Cut]]) -> Iterator[tuple[Nodes, dict[str, list[Cut]]]]:
    """Yield hosts, and where to cut the plays of each; not more at once than this machine can have servers."""
    for begins in range(0, len(cuts), BATCH):
        batch = cuts[begins : begins + BATCH]
        with _nodes(folder / f"cut{begins}", len(batch)) as nodes:
            yield nodes, dict(zip(nodes.names, batch, strict=True))


def _cut_off(nodes: Nodes, cuts: dict[str, list[Cut]], playbook: str = "site", **variables: Any) -> None:
    """Cut the plays off on each host, one behind the other, on some hosts at once."""

    def cut_off(name: str) -> None:
        for cut in cuts[name]:
            env = {"MAILWRIGHT_CUT": cut.way, "MAILWRIGHT_CUT_AT": str(cut.at) if cut.at is not None else cut.name}
            done = end(begin(nodes, playbook, "--limit", name, env=env, **variables))
            assert done.returncode or EVERY, (name, cut, done.stdout)
            assert done.returncode == -signal.SIGKILL or cut.way != "controller", (name, cut, done.stdout)
            if (cut.way, cut.name) == ("controller", "See what the cipher tool left"):  # as if the node went down in its midst
                os.truncate(nodes.file(name), nodes.file(name).stat().st_size // 2)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(cut_off, cuts))


@pytest.fixture
def peers() -> Iterator[tuple[SandboxSmtp, SandboxIs]]:
    with SandboxSmtp(username="mailer", password=CANARY) as relay, SandboxIs(["acme.example"], product_version="7.2.0") as server:
        yield relay, server


def test_cut_off_anywhere(tmp_path: Path, peers: tuple[SandboxSmtp, SandboxIs]) -> None:
    relay, server = peers
    for name, pem in (("relay.pem", relay.ca_pem), ("is.pem", server.ca_pem)):
        (tmp_path / name).write_text(pem, encoding="ascii")
    more = {
        "email_sender_ca_file": str(tmp_path / "relay.pem"),
        "email_sender_server": server.url,
        "email_sender_server_ca_file": str(tmp_path / "is.pem"),
        "email_sender_api": {"client_id": server.client_id, "client_secret": server.client_secret},
        "email_sender_defaults": {"hostname": "localhost", "port": relay.port},
        "email_sender_tenants": [
            {
                "domain": "acme.example",
                "from_address": "mail@acme.example",
                "signature": "Acme",
                "reply_to": "help@acme.example",
                "username": "mailer",
                "password": CANARY,
            }
        ],
    }
    cuts = _some(*CUTS)
    if EVERY:
        with _nodes(tmp_path / "first", 1) as nodes:
            names = _tasks(nodes, "node1", {**_variables(nodes, relay.port), **more})
        assert {cut.name for each in cuts for cut in each} <= set(names)
        cuts = _everywhere(names, ("everything", "connection", "controller", "peer"))
    for nodes, places in _batches(tmp_path, cuts):
        variables = {**_variables(nodes, relay.port), **more}
        _cut_off(nodes, places, **variables)
        again = play(nodes, "site", "-f", "4", **variables)
        assert again.returncode == 0, again.stdout + again.stderr
        assert CANARY not in again.stdout + again.stderr
        (wanted,) = {nodes.file(name).read_bytes() for name in nodes.names}
        assert CANARY.encode() not in wanted
        assert b'smtp_password = "RW5jcnlwdGVkIHRleHQ="' in wanted
        for name, cut in places.items():
            print(name, cut)
            _assert_up(nodes, name, "localhost")
            _assert_drained_exactly_while_down(nodes, name)
        events = {name: (nodes.events(name), _balancer(nodes, name)) for name in nodes.names}
        some = nodes.names if EVERY else nodes.names[:1]
        third = play(nodes, "site", "-f", "4", "--limit", ",".join(some), **variables)
        assert third.returncode == 0, third.stdout + third.stderr
        assert set(changed(third).values()) == {0}
        assert {name: (nodes.events(name), _balancer(nodes, name)) for name in nodes.names} == events
        if places.get("node1") == cuts[0]:
            _roll_back(nodes, variables)


def _roll_back(nodes: Nodes, variables: dict[str, Any]) -> None:
    """Cut `rollback` off: the next one finishes it, and one more does not go forward again."""
    places = dict(zip(nodes.names, _some(*({name: way} for name, way in ROLLED.items())), strict=False))
    _cut_off(nodes, places, "rollback", **variables)
    for changes in (True, False):
        done = play(nodes, "rollback", "-f", "4", "--limit", ",".join(places), **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        assert changes or set(changed(done).values()) == {0}
        assert CANARY not in done.stdout + done.stderr
        for name in places:
            _assert_up(nodes, name, "old.example.com")
            _assert_drained_exactly_while_down(nodes, name)


def test_cut_off_on_the_way_back(tmp_path: Path) -> None:
    variables: dict[str, Any] = {"email_sender_verify": False, "email_sender_health_timeout": 3}
    cuts = _some(*({name: way} for name, way in BACK.items()))
    if EVERY:
        with _nodes(tmp_path / "first", 1) as nodes:
            nodes.home("node1").joinpath("sick-host").write_text("localhost", encoding="utf-8")
            names = _tasks(nodes, "node1", {**_variables(nodes, 587), **variables})
        cuts = _everywhere(names, ("controller", "connection"), names.index("Remember what failed"))
    for nodes, places in _batches(tmp_path, cuts):
        variables = {**_variables(nodes, 587), **variables}
        variables |= {f"email_sender_{when}_node": str(nodes.folder / f"{word}.yml") for when, word in HOOKS.items()}
        before = {name: nodes.file(name).read_bytes() for name in nodes.names}
        for name in nodes.names:
            nodes.home(name).joinpath("sick-host").write_text("localhost", encoding="utf-8")
        _cut_off(nodes, places, **variables)
        sick = play(nodes, "site", "-f", "4", **variables)
        assert sick.returncode != 0
        for name, (cut,) in places.items():
            print(name, cut)
            assert nodes.file(name).read_bytes() == before[name]
            _assert_up(nodes, name, "old.example.com")
            _assert_drained_exactly_while_down(nodes, name, stranded=cut.way == "connection")
            nodes.home(name).joinpath("sick-host").unlink()
        healed = play(nodes, "site", "-f", "4", **variables)
        assert healed.returncode == 0, healed.stdout + healed.stderr
        for name, (cut,) in places.items():
            _assert_up(nodes, name, "localhost")
            _assert_drained_exactly_while_down(nodes, name, stranded=cut.way == "connection")
