"""Postfix with Dovecot's SASL, on loopback ports, in folders of their own: the relay that most platform teams have."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from peers import find, require

HOST = "127.0.0.1"
USER, PASSWORD, ADDRESS = "mailer", "canary-postf1x", "no-reply@example.com"
RECIPIENT, UNKNOWN, ELSEWHERE = "<someone@example.com>", "<nobody@example.com>", "<someone@elsewhere.example>"
SERVICES: Mapping[str, Mapping[str, str]] = {
    "submission": {"smtpd_tls_security_level": "may"},
    "smtps": {"smtpd_tls_wrappermode": "yes"},
    "encrypt": {"smtpd_tls_security_level": "encrypt"},
    "no-tls": {"smtpd_tls_security_level": "none", "smtpd_tls_auth_only": "no"},
}
MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = /dev/stdout
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = relay.example.com
mydestination =
mynetworks =
alias_maps =
virtual_mailbox_domains = example.com
virtual_mailbox_maps = inline:{{ someone@example.com=someone/ }}
virtual_mailbox_base = {folder}/mail
virtual_minimum_uid = 1
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_tls_chain_files = {folder}/relay.pem
smtpd_tls_auth_only = yes
smtpd_error_sleep_time = 0
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_sender_login_maps = inline:{{ {address}={user} }}
smtpd_sender_restrictions = reject_sender_login_mismatch
smtpd_relay_restrictions = reject_unauth_destination
"""
MASTER = """
{services}
postlog   unix-dgram n -   n       -       1       postlogd
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
proxymap  unix  -       -       n       -       -       proxymap
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
smtp      unix  -       -       n       -       -       smtp
virtual   unix  -       n       n       -       -       virtual
anvil     unix  -       -       n       -       1       anvil
"""
DOVECOT = """
base_dir = {folder}/dovecot
log_path = {folder}/dovecot.log
protocols =
ssl = no
auth_mechanisms = plain login
disable_plaintext_auth = no
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={folder}/mail
}}
service auth {{
  unix_listener {folder}/queue/private/auth {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""


@dataclass
class MailServer:
    """Start both, and stop both; ``ports`` are those of ``SERVICES``.

    Args:
        chain: The relay's key and certificates as PEM.
    """

    chain: bytes = field(repr=False)
    ports: dict[str, int] = field(default_factory=dict)
    folder: Path = field(init=False)
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __enter__(self) -> Self:
        require("postfix", "dovecot")
        if os.geteuid() != 0:
            pytest.skip("postfix starts as root only")
        self.folder = Path(tempfile.mkdtemp(prefix="mailwright-postfix-"))
        self.folder.chmod(0o755)  # the servers give up root
        try:
            self._configure()
            self._start("dovecot", "-F", "-c", str(self.folder / "dovecot.conf"))
            self._await((self.folder / "queue/private/auth").exists)
            self._start("postfix", "-c", str(self.folder / "config"), "start-fg")
            self._await(lambda: all(_answers(port) for port in self.ports.values()))
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)

    def mails(self, seconds: float = 60) -> list[bytes]:
        """Return the mails that were delivered, at the latest after *seconds*."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = sorted((self.folder / "mail/someone/new").glob("*"))
            if found:
                return [file.read_bytes() for file in found]
            time.sleep(0.05)
        return []

    def log(self) -> str:
        """Return what both servers logged."""
        return "".join(file.read_text(encoding="utf-8", errors="replace") for file in sorted(self.folder.glob("*.log")))

    def _configure(self) -> None:
        folder = self.folder
        for name in ("config", "queue/private", "data", "mail", "dovecot"):
            (folder / name).mkdir(parents=True)
        shutil.chown(folder / "data", "postfix")
        shutil.chown(folder / "mail", 65534, 65534)
        shutil.chown(folder / "queue/private", "postfix")
        (folder / "queue/private").chmod(0o700)
        self.ports = {name: _free_port() for name in SERVICES}
        services = [line for name, options in SERVICES.items() for line in _service(self.ports[name], options)]
        texts = {
            "config/main.cf": MAIN.format(folder=folder, address=ADDRESS, user=USER),
            "config/master.cf": MASTER.format(services="\n".join(services)),
            "dovecot.conf": DOVECOT.format(folder=folder),
            "users": f"{USER}:{{PLAIN}}{PASSWORD}\n",
        }
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        (folder / "relay.pem").touch(mode=0o600)
        (folder / "relay.pem").write_bytes(self.chain)

    def _start(self, command: str, *arguments: str) -> None:
        with (self.folder / f"{command}-output.log").open("wb") as log:
            self._processes.append(subprocess.Popen([str(find(command)), *arguments], stdout=log, stderr=subprocess.STDOUT))

    def _await(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while not condition():
            assert all(process.poll() is None for process in self._processes), self.log()
            assert time.monotonic() < until, self.log()
            time.sleep(0.05)


def _service(port: int, options: Mapping[str, str]) -> Sequence[str]:
    return [f"{HOST}:{port} inet n - n - - smtpd", *(f"  -o {name}={value}" for name, value in options.items())]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), 1).close()
    except OSError:
        return False
    return True
