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

import click

from .. import _resources
from ..errors import ExitCode, MailwrightError, UsageError

ROLE = "mailwright.wso2is.email_sender"
USERNAME = "no-reply@example.com"


@click.command()
def command() -> int:
    """Show the whole job on this machine.

    Validates, renders, applies with Ansible to a scratch server home, verifies live, cleans up.

    \b
    Example:
      mailwright demo
    """
    playbook = Path(sys.executable).parent / "ansible-playbook"
    try:
        from ..sandbox.smtp import SandboxSmtp
    except ImportError:
        raise UsageError("the demo needs more packages", hint="pip install 'mailwright[demo]'") from None
    if not playbook.is_file():
        raise UsageError("the demo needs ansible-core", hint="pip install 'mailwright[demo]'")
    password = secrets.token_urlsafe(16)
    with (
        tempfile.TemporaryDirectory(prefix="mailwright-demo-") as folder,
        SandboxSmtp(username=USERNAME, password=password) as server,
    ):
        variables = {"MAILWRIGHT_DEMO_PORT": str(server.port), "MAILWRIGHT_DEMO_PASSWORD": password}
        with _environment(variables):
            return _Demo(Path(folder), playbook, server.ca_pem).run()


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


class _Demo:
    def __init__(self, folder: Path, playbook: Path, ca_pem: str) -> None:
        self.folder, self.playbook = folder, playbook
        self.spec, self.home, self.authority = folder / "email.yaml", folder / "wso2is", folder / "ca.pem"
        self.deployment = self.home / "repository" / "conf" / "deployment.toml"
        self.deployment.parent.mkdir(parents=True)
        shutil.copy(_resources.path("examples", "demo", "email.yaml"), self.spec)
        shutil.copy(_resources.path("examples", "demo", "deployment.toml"), self.deployment)
        self.authority.write_text(ca_pem, encoding="ascii")
        collection = folder / "collections" / "ansible_collections" / "mailwright"
        collection.mkdir(parents=True)
        (collection / "wso2is").symlink_to(_resources.path("ansible"), target_is_directory=True)

    def run(self) -> int:
        """Run the steps; the first that fails ends the demo with its exit code."""
        started = time.monotonic()
        before = self.deployment.read_text(encoding="utf-8")
        steps: tuple[tuple[str, Callable[[], int]], ...] = (
            ("validate the spec", lambda: self._mailwright("validate", self.spec)),
            ("render the fragment", lambda: self._mailwright("render", self.spec)),
            ("apply it with Ansible", lambda: self._ansible(expect_change=True)),
            ("apply it again: nothing changes", lambda: self._ansible(expect_change=False)),
            ("what the server will load", lambda: self._mailwright("effective", self.deployment, "--product-version", "7.2.0")),
            ("a live handshake", lambda: self._mailwright("verify", self.spec, "--ca-file", self.authority)),
        )
        for number, (title, step) in enumerate(steps, 1):
            click.echo(f"\n== {number}. {title}")
            code = step()
            if code != ExitCode.OK:
                click.echo(f"\nthe demo failed in step {number} (exit {code})", err=True)
                return code
        self._foreign_bytes(before)
        click.echo(f"\ndone in {time.monotonic() - started:.1f} s; the scratch server home is removed")
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
                    "email_sender_home": str(self.home),
                    "email_sender_spec": str(self.spec),
                    "email_sender_restart_command": [sys.executable, "-c", "pass"],
                }
            ),
            encoding="utf-8",
        )
        configuration.write_text("[defaults]\n", encoding="utf-8")
        command = [str(self.playbook), "-i", "node1,", "-e", f"@{variables}", str(play)]
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
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603
        recap = [
            line
            for line in done.stdout.splitlines()
            if line.startswith(("TASK", "RUNNING", "changed:", "ok:", "fatal:", "node1 "))
        ]
        click.echo("\n".join(recap))
        if done.returncode != 0:
            click.echo(done.stderr, err=True)
            return int(ExitCode.FINDINGS)
        changed = "changed=0" not in done.stdout
        return int(ExitCode.OK if changed is expect_change else ExitCode.FINDINGS)

    def _foreign_bytes(self, before: str) -> None:
        after = self.deployment.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = before.splitlines(keepends=True)
        rest = iter(after)
        if not all(line in rest for line in kept):
            raise MailwrightError("the merge lost a line of the scratch deployment.toml")
        click.echo(f"\nof deployment.toml's {len(kept)} lines every one stayed; {len(after) - len(kept)} were added")
