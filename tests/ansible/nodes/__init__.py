"""Hosts for Ansible over real SSH: one sshd on the loopback network, an address of its own and a server home for each host."""

from __future__ import annotations

import getpass
import json
import os
import random
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from mailwright.operations.node import HEALTH, MANAGEMENT_PORT
from mailwright.sandbox.ca import Authority
from product_files import SOURCES, deployment_files

ROOT = Path(__file__).resolve().parents[3]
SERVER = Path(__file__).with_name("server.py")
SSHD = "/usr/sbin/sshd"
MAX_LISTEN = 16  # addresses of one sshd


class Nodes:
    """Run *count* hosts below *folder* until the block ends; ``inventory`` is for ``ansible-playbook -i``.

    *under* is a command that runs sshd; *inside* one that runs what is done to the servers by hand, where theirs is another PID namespace.
    """

    def __init__(self, folder: Path, count: int, under: Sequence[str] = (), inside: Sequence[str] = ()) -> None:
        self._under, self._inside = under, inside
        self.folder, self.names = folder, [f"node{number}" for number in range(1, count + 1)]
        self.addresses = {name: f"127.0.2.{number}" for number, name in enumerate(self.names, 1)}
        self.inventory = folder / "inventory.json"
        self.authority = folder / "hosts.pem"
        self.collections = folder / "collections"
        self.state = folder / "state"  # where backups go that may not lie in a git work tree
        self.offset = random.randrange(1000, 40000)
        self.control = Path(tempfile.mkdtemp(prefix="cm-"))  # short: a socket's path has 108 bytes
        self._sshds: list[subprocess.Popen[bytes]] = []

    def home(self, name: str) -> Path:
        """Return the server home of a host."""
        return self.folder / name / "wso2is"

    def file(self, name: str) -> Path:
        """Return the deployment.toml of a host."""
        return self.home(name) / "repository" / "conf" / "deployment.toml"

    def backups(self, name: str) -> list[Path]:
        """Return the backups beside the deployment.toml of a host, oldest first."""
        return sorted(self.file(name).parent.glob("*.bak"))

    def __enter__(self) -> Nodes:
        namespace = self.collections / "ansible_collections" / "mailwright"
        namespace.mkdir(parents=True)
        (namespace / "wso2is").symlink_to(ROOT / "ansible", target_is_directory=True)
        authority = Authority("the hosts' CA")
        self.authority.write_text(authority.ca_pem, encoding="ascii")
        certificate = authority.issue(list(self.addresses.values()))
        (self.folder / "server.pem").write_bytes(certificate.private_key_and_cert_chain_pem.bytes())
        for name in self.names:
            self._install(name)
        for key in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / key)], check=True)
        with socket.socket() as probe:
            probe.bind(("", 0))
            port = probe.getsockname()[1]
        lines = [
            f"Port {port}",
            f"HostKey {self.folder / 'host'}",
            f"AuthorizedKeysFile {self.folder / 'user.pub'}",
            "StrictModes no",
            "UsePAM no",
        ]
        lines += [
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "PermitRootLogin prohibit-password",
            "PidFile none",
            f"SetEnv XDG_STATE_HOME={self.state}",
        ]
        lines += ["MaxStartups 200", "MaxSessions 100", "Subsystem sftp internal-sftp"]
        config, known = self.folder / "sshd_config", self.folder / "known_hosts"
        config.write_text("\n".join(lines) + "\n", encoding="utf-8")
        addresses = list(self.addresses.values())
        public = (self.folder / "host.pub").read_text(encoding="utf-8")
        known.write_text("".join(f"[{address}]:{port} {public}" for address in self.addresses.values()), encoding="utf-8")
        if getpass.getuser() == "root":
            Path("/run/sshd").mkdir(exist_ok=True)
        for begin in range(0, len(addresses), MAX_LISTEN):
            listen = [word for address in addresses[begin : begin + MAX_LISTEN] for word in ("-o", f"ListenAddress {address}")]
            self._sshds.append(
                subprocess.Popen([*self._under, SSHD, "-D", "-f", str(config), "-E", str(self.folder / "sshd.log"), *listen])
            )
        try:
            self._wait(port)
        except BaseException:
            self.stop()
            raise
        shared = {
            "ansible_user": getpass.getuser(),
            "ansible_ssh_private_key_file": str(self.folder / "user"),
            "ansible_ssh_common_args": f"-F none -o UserKnownHostsFile={known} -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes"
            " -o ControlPersist=20 -o ControlPath={{ ansible_control_path | default('none') }}",
            "ansible_python_interpreter": sys.executable,
        }
        hosts = {name: self._variables(name, port) for name in self.names}
        self.inventory.write_text(json.dumps({"all": {"hosts": hosts, "vars": shared}}), encoding="utf-8")
        return self

    def _variables(self, name: str, port: int) -> dict[str, str | int]:
        return {
            "ansible_host": self.addresses[name],
            "ansible_port": port,
            "email_sender_home": str(self.home(name)),
            "email_sender_health_url": self.health_url(name),
            "email_sender_health_ca_file": str(self.authority),
        }

    def _install(self, name: str) -> None:
        """Lay out a server home with a deployment.toml as it is shipped.

        product/node.md#deployment-toml, product/node.md#version-files.
        """
        home, file = self.home(name), self.file(name)
        file.parent.mkdir(parents=True)
        (home / "bin").mkdir()
        (home / "bin" / "version.txt").write_text("WSO2 Identity Server v7.2.0\n", encoding="utf-8")
        text = deployment_files(SOURCES[-1])["7.2.0"].read_text(encoding="utf-8")
        file.write_text(text.replace("[server]\n", f"[server]\noffset = {self.offset}\n", 1), encoding="utf-8")
        script = home / "bin" / "wso2server.sh"
        start = [sys.executable, str(SERVER), str(home), self.addresses[name], str(self.folder / "server.pem")]
        script.write_text(
            f"""#!/bin/sh
pid=$(cat {home}/wso2carbon.pid 2>/dev/null || echo 0)
case "$1" in
  stop) [ "$pid" = 0 ] || kill "$pid" ;;
  restart) [ "$pid" = 0 ] || kill "$pid"; sleep 1; exec "$0" start ;;
  start) nohup {shlex.join(start)} >/dev/null 2>&1 </dev/null & ;;
esac
""",
            encoding="utf-8",
        )
        script.chmod(0o755)

    def start(self) -> None:
        """Start every server, and wait for the first lines of their logs."""
        for name in self.names:
            self._script(name, "start")
        for name in self.names:
            self.wait_for(name, 1)

    def restart(self, name: str) -> None:
        """Restart one by hand."""
        number = len(self.events(name))
        subprocess.run([str(self.home(name) / "bin" / "wso2server.sh"), "restart"], check=False)
        self.wait_for(name, number + 2)

    def kill(self, name: str) -> None:
        """Stop one by hand."""
        number = len(self.events(name))
        self._script(name, "stop")
        self.wait_for(name, number + 1)

    def _script(self, name: str, word: str) -> None:
        subprocess.run([*self._inside, str(self.home(name) / "bin" / "wso2server.sh"), word], check=True)

    def wait_for(self, name: str, number: int) -> None:
        """Wait until a host's server has done so many things."""
        deadline = time.monotonic() + 60
        while len(self.events(name)) < number:
            assert time.monotonic() < deadline, f"{name}: {self.events(name)}"
            time.sleep(0.05)

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return what a host's server did."""
        log = self.home(name) / "server.log"
        return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []

    def health_url(self, name: str) -> str:
        """Return a host's health page."""
        return f"https://{self.addresses[name]}:{MANAGEMENT_PORT + self.offset}{HEALTH}"

    def _wait(self, port: int) -> None:
        deadline = time.monotonic() + 60
        for address in self.addresses.values():
            while not _answers(address, port):
                if any(sshd.poll() is not None for sshd in self._sshds) or time.monotonic() > deadline:
                    raise RuntimeError("sshd did not start: " + (self.folder / "sshd.log").read_text(encoding="utf-8"))
                time.sleep(0.05)

    def stop(self) -> None:
        """End every server, and sshd."""
        for name in self.names:
            with suppress(OSError, ValueError):
                pid = int((self.home(name) / "wso2carbon.pid").read_text(encoding="utf-8"))
                if self._inside:
                    subprocess.run([*self._inside, "kill", "-9", str(pid)], capture_output=True)
                else:
                    os.kill(pid, signal.SIGKILL)
        for sshd in self._sshds:
            sshd.terminate()
            sshd.wait(60)
        self._sshds.clear()
        shutil.rmtree(self.control, ignore_errors=True)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def _answers(address: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0
