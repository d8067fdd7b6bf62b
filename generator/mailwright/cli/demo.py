"""``mailwright demo``: the main job from end to end, on this machine, with nothing left behind."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..base import resources
from ..base.errors import ExitCode, MailwrightError, UsageError
from ..base.extras import installing

if TYPE_CHECKING:
    from ..sandbox.identity import SandboxIs
    from ..sandbox.smtp import SandboxSmtp

ROLE = "mailwright.wso2is.email_sender"
USERNAME = "no-reply@example.com"
NODES = ("node1", "node2")
PATIENCE = 240
"""Seconds for a run of ansible-playbook, which takes ten on a machine that has nothing else to do."""
TENANTS = ("acme.example", "beta.example", "gamma.example")


@click.command()
def command() -> int:
    """Show the whole job on this machine.

    Validates and renders a spec, applies it with Ansible to two scratch server homes and to the API of a stand-in, verifies every sender
    live, cleans up.

    \b
    Example:
      mailwright demo
    """
    playbook = Path(sys.executable).parent / "ansible-playbook"
    try:
        from ..sandbox.identity import SandboxIs
        from ..sandbox.smtp import SandboxSmtp
    except ImportError:
        raise UsageError("the demo needs more packages", hint=installing("demo")) from None
    if not playbook.is_file():
        raise UsageError("the demo needs ansible-core", hint=installing("demo"))
    password = secrets.token_urlsafe(16)
    with (
        tempfile.TemporaryDirectory(prefix="mailwright-demo-") as folder,
        SandboxSmtp(username=USERNAME, password=password) as relay,
        SandboxIs(TENANTS, product_version="7.2.0") as server,
    ):
        variables = {"MAILWRIGHT_DEMO_PASSWORD": password, "MAILWRIGHT_DEMO_CLIENT_SECRET": server.client_secret}
        with _environment({**variables, "MAILWRIGHT_SETTINGS": ""}):
            return _Demo(Path(folder), playbook, relay, server).run()


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Set variables, and none of the caller's settings: everybody sees the same demo."""
    before = dict(os.environ)
    for name in before:
        if name.startswith("MAILWRIGHT_"):
            del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


class _Demo:
    def __init__(self, folder: Path, playbook: Path, relay: SandboxSmtp, server: SandboxIs) -> None:
        self.folder, self.playbook, self.server = folder, playbook, server
        self.spec, self.authority, self.server_authority = folder / "email.yaml", folder / "ca.pem", folder / "is.pem"
        self.homes = {name: folder / name / "wso2is" for name in NODES}
        self.deployments = [home / "repository" / "conf" / "deployment.toml" for home in self.homes.values()]
        spec = resources.path("examples", "demo", "email.yaml").read_text(encoding="utf-8")
        self.spec.write_text(spec.replace("port: 2525", f"port: {relay.port}"), encoding="utf-8")
        for deployment in self.deployments:
            deployment.parent.mkdir(parents=True)
            shutil.copy(resources.path("examples", "demo", "deployment.toml"), deployment)
        self.authority.write_text(relay.ca_pem, encoding="ascii")
        self.server_authority.write_text(server.ca_pem, encoding="ascii")
        collection = folder / "collections" / "ansible_collections" / "mailwright"
        collection.mkdir(parents=True)
        (collection / "wso2is").symlink_to(resources.path("ansible"), target_is_directory=True)

    def run(self) -> int:
        """Run the steps; the first that fails ends the demo with its exit code."""
        started = time.monotonic()
        before = self.deployments[0].read_text(encoding="utf-8")
        steps: tuple[tuple[str, Callable[[], int]], ...] = (
            ("validate the spec", lambda: self._mailwright("validate", self.spec)),
            ("render the fragment", lambda: self._mailwright("render", self.spec)),
            ("two nodes and three tenants, with Ansible", lambda: self._ansible(expect_change=True)),
            ("once more: nothing changes", lambda: self._ansible(expect_change=False)),
            (
                "what the servers will load",
                lambda: self._mailwright("effective", self.deployments[0], "--product-version", "7.2.0"),
            ),
            ("every sender, live", lambda: self._mailwright("verify", self.spec, "--ca-file", self.authority)),
        )
        for number, (title, step) in enumerate(steps, 1):
            click.echo(f"\n== {number}. {title}")
            code = step()
            if code != ExitCode.OK:
                click.echo(f"\nthe demo failed in step {number} (exit {code})", err=True)
                return code
        for deployment in self.deployments:
            self._foreign_bytes(before, deployment)
        click.echo(f"\ndone in {time.monotonic() - started:.1f} s; the scratch server homes are removed")
        return int(ExitCode.OK)

    def _mailwright(self, *arguments: object) -> int:
        from . import run

        shown = " ".join(argument.name if isinstance(argument, Path) else str(argument) for argument in arguments)
        click.echo(f"$ mailwright {shown}")
        return run([str(argument) for argument in arguments])

    def _ansible(self, *, expect_change: bool) -> int:
        play = self.folder / "site.yml"
        play.write_text(f"- hosts: all\n  gather_facts: false\n  roles:\n    - role: {ROLE}\n", encoding="utf-8")
        variables, configuration = self.folder / "variables.json", self.folder / "ansible.cfg"
        variables.write_text(
            json.dumps(
                {
                    "ansible_connection": "local",
                    "ansible_python_interpreter": sys.executable,
                    "email_sender_home": f"{self.folder}/{{{{ inventory_hostname }}}}/wso2is",
                    "email_sender_spec": str(self.spec),
                    "email_sender_restart_command": [sys.executable, "-c", "pass"],
                    "email_sender_server": self.server.url,
                    "email_sender_server_ca_file": str(self.server_authority),
                    "email_sender_ca_file": str(self.authority),
                }
            ),
            encoding="utf-8",
        )
        configuration.write_text("[defaults]\n", encoding="utf-8")
        command = [str(self.playbook), "-i", f"{','.join(NODES)},", "-e", f"@{variables}", str(play)]
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(configuration),
            "ANSIBLE_COLLECTIONS_PATH": str(self.folder / "collections"),
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "tmp"),
            "ANSIBLE_REMOTE_TEMP": str(self.folder / "tmp"),
            "ANSIBLE_NOCOLOR": "1",
            "LC_ALL": "C.UTF-8",
        }
        click.echo(f"$ ansible-playbook site.yml   # role {ROLE}")
        try:
            done = subprocess.run(  # noqa: S603
                command, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=PATIENCE
            )
        except subprocess.TimeoutExpired as late:
            click.echo("\n".join(_told((late.stdout or b"").decode("utf-8", "replace"))))
            click.echo(f"ansible-playbook was not done after {PATIENCE} s, and was ended", err=True)
            return int(ExitCode.FINDINGS)
        click.echo("\n".join(_told(done.stdout)))
        if done.returncode != 0:
            click.echo(done.stderr, err=True)
            return int(ExitCode.FINDINGS)
        changed = done.stdout.count("changed=0") < len(NODES)
        return int(ExitCode.OK if changed is expect_change else ExitCode.FINDINGS)

    def _foreign_bytes(self, before: str, deployment: Path) -> None:
        after = deployment.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = before.splitlines(keepends=True)
        rest = iter(after)
        if not all(line in rest for line in kept):
            raise MailwrightError("the merge lost a line of the scratch deployment.toml")
        where = deployment.relative_to(self.folder)
        click.echo(f"\n{where}: of {len(kept)} lines every one stayed; {len(after) - len(kept)} were added")


def _told(output: str) -> Iterator[str]:
    """Yield what changed or failed, each below its task, and the recap."""
    task = ""
    for line in output.splitlines():
        if line.startswith("TASK"):
            task = line.rstrip(" *")
        elif line.startswith(("changed:", "fatal:")):
            if task:
                yield task
            task = ""
            yield line
        elif line.startswith(tuple(f"{name} " for name in NODES)):
            yield line.rstrip()
