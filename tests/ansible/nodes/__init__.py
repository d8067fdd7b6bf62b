"""Hosts for Ansible over real SSH: one sshd on the loopback network, an address of its own and a server home for each host."""

from __future__ import annotations

import getpass
import json
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parents[3]
SSHD = "/usr/sbin/sshd"


class Nodes:
    """Run *count* hosts below *folder* until the block ends; ``inventory`` is for ``ansible-playbook -i``."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder, self.names = folder, [f"node{number}" for number in range(1, count + 1)]
        self.addresses = {name: f"127.0.2.{number}" for number, name in enumerate(self.names, 1)}
        self.inventory = folder / "inventory.json"
        self._sshd: subprocess.Popen[bytes] | None = None

    def home(self, name: str) -> Path:
        """Return the server home of a host."""
        return self.folder / name / "wso2is"

    def file(self, name: str) -> Path:
        """Return the deployment.toml of a host."""
        return self.home(name) / "repository" / "conf" / "deployment.toml"

    def __enter__(self) -> Nodes:
        for name in self.names:
            self.file(name).parent.mkdir(parents=True)
            shutil.copy(ROOT / "examples" / "demo" / "deployment.toml", self.file(name))
        for key in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / key)], check=True)
        with socket.socket() as probe:
            probe.bind(("", 0))
            port = probe.getsockname()[1]
        lines = [f"Port {port}", *(f"ListenAddress {address}" for address in self.addresses.values())]
        lines += [
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
        ]
        lines += ["MaxStartups 200", "MaxSessions 100", "Subsystem sftp internal-sftp"]
        config, known = self.folder / "sshd_config", self.folder / "known_hosts"
        config.write_text("\n".join(lines) + "\n", encoding="utf-8")
        public = (self.folder / "host.pub").read_text(encoding="utf-8")
        known.write_text("".join(f"[{address}]:{port} {public}" for address in self.addresses.values()), encoding="utf-8")
        if getpass.getuser() == "root":
            Path("/run/sshd").mkdir(exist_ok=True)
        self._sshd = subprocess.Popen([SSHD, "-D", "-f", str(config), "-E", str(self.folder / "sshd.log")])
        try:
            self._wait(port)
        except BaseException:
            self.stop()
            raise
        shared = {
            "ansible_port": port,
            "ansible_user": getpass.getuser(),
            "ansible_ssh_private_key_file": str(self.folder / "user"),
            "ansible_ssh_common_args": f"-F none -o UserKnownHostsFile={known} -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes"
            " -o ControlMaster=no -o ControlPath=none",
            "ansible_python_interpreter": sys.executable,
        }
        hosts = {name: {"ansible_host": self.addresses[name], "email_sender_home": str(self.home(name))} for name in self.names}
        self.inventory.write_text(json.dumps({"all": {"hosts": hosts, "vars": shared}}), encoding="utf-8")
        return self

    def _wait(self, port: int) -> None:
        deadline = time.monotonic() + 10
        for address in self.addresses.values():
            while not _answers(address, port):
                if self._sshd is None or self._sshd.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("sshd did not start: " + (self.folder / "sshd.log").read_text(encoding="utf-8"))
                time.sleep(0.05)

    def stop(self) -> None:
        """End sshd."""
        if self._sshd is not None:
            self._sshd.terminate()
            self._sshd.wait(10)
            self._sshd = None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def _answers(address: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0
