"""Twenty hosts over SSH, ten forks: the role beside a plain role that templates the whole deployment.toml and restarts on change.

The hosts are real to Ansible (an sshd, an address and a server home each) and share this machine's cores; each has a server that reads its
deployment.toml. Both roles restart with the product's script; the first one also waits for health, the plain one does not.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "ansible"))

from nodes import Nodes  # noqa: E402

HOSTS, FORKS = int(os.environ.get("MAILWRIGHT_HOSTS", "20")), 10
SENDER = {
    "from_address": "no-reply@example.com",
    "hostname": "relay.example.com",
    "port": 587,
    "username": "mailer",
    "password": "a word of the benchmark",
    "signature": "Example",
}
PLAIN = """
- name: Write deployment.toml
  ansible.builtin.template:
    src: {source}
    dest: "{{{{ email_sender_home }}}}/repository/conf/deployment.toml"
    mode: "0600"
  notify: Restart
"""
RESTART = """
- name: Restart
  ansible.builtin.command:
    argv: ["{{ email_sender_home }}/bin/wso2server.sh", restart]
"""


def play(nodes: Nodes, playbook: Path, **variables: Any) -> tuple[float, float]:
    """Run a playbook; return the seconds and the tasks a host."""
    (nodes.folder / "variables.json").write_text(json.dumps(variables), encoding="utf-8")
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(nodes.folder / "collections"),
        "ANSIBLE_ROLES_PATH": str(nodes.folder / "roles"),
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_NOCOLOR": "1",
        "LC_ALL": "C.UTF-8",
    }
    program = str(Path(sys.executable).parent / "ansible-playbook")
    command = [program, "-f", str(FORKS), "-i", str(nodes.inventory), "-e", f"@{nodes.folder / 'variables.json'}", str(playbook)]
    started = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(done.stdout[-3000:] + done.stderr)
    return seconds, sum(map(int, re.findall(r"ok=(\d+)", done.stdout))) / HOSTS


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name, Nodes(Path(name), HOSTS) as nodes:
        folder = nodes.folder
        collection = folder / "collections" / "ansible_collections" / "mailwright"
        collection.mkdir(parents=True)
        (collection / "wso2is").symlink_to(ROOT / "ansible", target_is_directory=True)
        role = folder / "roles" / "plain"
        for part in ("tasks", "handlers", "templates"):
            (role / part).mkdir(parents=True)
        text = nodes.file(nodes.names[0]).read_text(encoding="utf-8")
        table = "".join(f"{key} = {json.dumps(value)}\n" for key, value in SENDER.items())
        (role / "templates" / "deployment.toml.j2").write_text(
            f"{{% raw %}}{text}\n[output_adapter.email]\n{table}{{% endraw %}}", encoding="utf-8"
        )
        (role / "tasks" / "main.yml").write_text(PLAIN.format(source="deployment.toml.j2"), encoding="utf-8")
        (role / "handlers" / "main.yml").write_text(RESTART, encoding="utf-8")
        books = {}
        for title, used in (("plain", "plain"), ("role", "mailwright.wso2is.email_sender")):
            books[title] = folder / f"{title}.yml"
            books[title].write_text(f"- hosts: all\n  gather_facts: false\n  roles: [{used}]\n", encoding="utf-8")
        before = {name: nodes.file(name).read_bytes() for name in nodes.names}
        nodes.start()
        rows = [(f"a template and a restart, {run} run", *play(nodes, books["plain"])) for run in ("first", "second")]
        for host, data in before.items():
            nodes.file(host).write_bytes(data)
        variables = {
            "email_sender_global": SENDER,
            "email_sender_product_version": "7.2.0",
            "email_sender_restart": "script",
            "email_sender_health_delay": 1,
            "email_sender_verify": False,
        }
        rows += [
            (f"mailwright.wso2is.email_sender, {run} run", *play(nodes, books["role"], **variables))
            for run in ("first", "second")
        ]
    print("| role | seconds | tasks a host | times the first |\n|---|---|---|---|")
    for title, seconds, tasks in rows:
        print(f"| {title} | {seconds:.1f} | {tasks:.1f} | {seconds / rows[0][1]:.1f} |")


if __name__ == "__main__":
    main()
