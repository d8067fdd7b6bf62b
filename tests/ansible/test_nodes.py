"""The role over real SSH: check mode predicts, the first run changes every host, the second none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from nodes import ROOT, SSHD, Nodes

pytestmark = pytest.mark.network


def test_three_hosts(tmp_path: Path) -> None:
    if not Path(SSHD).exists() and not os.environ.get("MAILWRIGHT_REQUIRE_PEERS"):
        pytest.skip(f"not installed: {SSHD}")
    collection = tmp_path / "collections" / "ansible_collections" / "mailwright"
    collection.mkdir(parents=True)
    (collection / "wso2is").symlink_to(ROOT / "ansible", target_is_directory=True)
    site = tmp_path / "site.yml"
    site.write_text("- hosts: all\n  gather_facts: false\n  roles: [mailwright.wso2is.email_sender]\n", encoding="utf-8")
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "collections"), "LC_ALL": "C.UTF-8"}
    with Nodes(tmp_path, 3) as nodes:
        spec = ROOT / "examples" / "demo" / "email.yaml"
        command = [
            str(Path(sys.executable).parent / "ansible-playbook"),
            "-i",
            str(nodes.inventory),
            "-e",
            f"email_sender_spec={spec}",
        ]
        before = [nodes.file(name).read_bytes() for name in nodes.names]
        for options, changed in ((["--check"], 3), ([], 3), ([], 0)):
            done = subprocess.run(
                [*command, *options, str(site)], env=environment, capture_output=True, text=True, timeout=120, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr
            assert done.stdout.count("changed=1") == changed
            if options:
                assert [nodes.file(name).read_bytes() for name in nodes.names] == before
        assert all(b"[output_adapter.email]" in nodes.file(name).read_bytes() for name in nodes.names)
