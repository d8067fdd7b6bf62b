"""Completion in the real shells: a line is typed on a terminal, Tab is pressed, and the shell says what stands there then."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from peers import require

SPEC = """\
mailwright: 1
tenants: {acme.example: {}, beta.example: {}}
tenants_from: [more.csv]
environments: {prod: {}, staging: {}}
"""
LINES = {
    "mailwright valid": ["validate"],
    "mailwright sandbox sm": ["sandbox", "smtp"],
    "mailwright validate --per-fi --sele": ["validate", "--per-fi", "--select"],
    "mailwright validate --format sa": ["validate", "--format", "sarif"],
    "mailwright validate --select mw111": ["validate", "--select", "MW111"],
    "mailwright validate --ignore MW302,mw111": ["validate", "--ignore", "MW302,MW111"],
    "mailwright plan email.yaml --env pr": ["plan", "email.yaml", "--env", "prod"],
    "mailwright verify email.yaml --env prod --tenant ac": ["verify", "email.yaml", "--env", "prod", "--tenant", "acme.example"],
    "mailwright verify email.yaml --tenant gam": ["verify", "email.yaml", "--tenant", "gamma.example"],
    "mailwright effective --product-version 5.10": ["effective", "--product-version", "5.10.0"],
    "mailwright explain signat": ["explain", "signature"],
    "mailwright schema sett": ["schema", "settings"],
    "mailwright completion fi": ["completion", "fish"],
    "mailwright effective depl": ["effective", "deployment-node.toml"],
    "mailwright plan em": ["plan", "email.yaml"],
    "mailwright verify --trust-store stores/t": ["verify", "--trust-store", "stores/trust.p12"],
    "mailwright init --preset relay-": ["init", "--preset", "relay-without-auth"],
    "mailwright init --from prod=depl": ["init", "--from", "prod=deployment-node.toml"],
    "mailwright status email.yaml --node prod/is-1=stores/t": ["status", "email.yaml", "--node", "prod/is-1=stores/trust.p12"],
    "mailwright status email.yaml depl": ["status", "email.yaml", "deployment-node.toml"],
    "mailwright sandbox smtp --fault wrong": ["sandbox", "smtp", "--fault", "wrong-name"],
    "mailwright sandbox smtp --password-file depl": ["sandbox", "smtp", "--password-file", "deployment-node.toml"],
    "mailwright render email.yaml -o rend": ["render", "email.yaml", "-o", "rendered"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("completion")
    (folder / "email.yaml").write_text(SPEC, encoding="utf-8")
    (folder / "more.csv").write_text("domain,hostname\ngamma.example,h\n", encoding="utf-8")
    (folder / "deployment-node.toml").write_text("", encoding="utf-8")
    for name in ("stores/trust.p12", "rendered/x"):
        (folder / name).parent.mkdir()
        (folder / name).write_text("", encoding="utf-8")
    return folder


def _environment(folder: Path) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    return {"PATH": path, "HOME": str(folder), "TERM": "xterm", "LC_ALL": "C.UTF-8", "COLUMNS": "400"}


class Shell:
    """A shell on a terminal."""

    def __init__(self, command: list[str], folder: Path, setup: str) -> None:
        self._ours, theirs = os.openpty()
        self._sent = bytearray()
        self._shell = subprocess.Popen(
            ["setsid", "--ctty", *command],
            cwd=folder,
            env=_environment(folder),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()
        self.type(f"stty columns 400; {setup}; echo REA''DY\n")
        self.wait(r"READY\r")

    def _listen(self) -> None:
        try:
            while sent := os.read(self._ours, 65536):
                self._sent.extend(sent)
        except OSError:  # the shell has ended
            return

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def wait(self, pattern: str, seconds: float = 60) -> str:
        """Wait for a text; what was sent before is forgotten."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = re.search(pattern, self._sent.decode(errors="replace"))
            if found:
                self._sent.clear()
                return found[0]
            time.sleep(0.02)
        raise AssertionError(f"{pattern} did not come: {self._sent.decode(errors='replace')!r}")

    def completed(self, line: str) -> list[str]:
        """Type a line and press Tab; return the words that stand there then, without the first."""
        self.type(f"{line}\t")
        self.type("\x01printf '<%s>' \x05\n")  # to the line's beginning and back to its end
        # What stands behind the words says that they are all there: a read may end anywhere.
        words = re.findall(r"<([^<>]*)>", self.wait(r"<mailwright>(<[^<>]*>)*(?=[^<])"))[1:]
        return [word.rstrip("/") for word in words]  # zsh takes the stroke behind a folder away again

    def close(self) -> None:
        self.type("\x15exit\n")
        try:
            self._shell.wait(20)
        finally:
            self._shell.kill()
            os.close(self._ours)


@pytest.fixture(scope="module")
def bash(folder: Path) -> Iterator[Shell]:
    require("bash", "setsid")
    shell = Shell(["bash", "--norc", "--noprofile", "-i"], folder, "source <(mailwright completion bash)")
    yield shell
    shell.close()


@pytest.fixture(scope="module")
def zsh(folder: Path) -> Iterator[Shell]:
    require("zsh", "setsid")
    setup = "autoload -Uz compinit && compinit -u -D; source <(mailwright completion zsh)"
    shell = Shell(["zsh", "-f", "-i"], folder, setup)
    yield shell
    shell.close()


@pytest.mark.parametrize("line", LINES)
def test_bash(line: str, bash: Shell) -> None:
    assert bash.completed(line) == LINES[line]


def test_bash_takes_an_equals_sign_for_a_word(bash: Shell) -> None:
    assert bash.completed("mailwright plan email.yaml --env=pr") == ["plan", "email.yaml", "--env=prod"]
    assert bash.completed("mailwright validate --format=sa") == ["validate", "--format=sarif"]


@pytest.mark.parametrize("line", LINES)
def test_zsh(line: str, zsh: Shell) -> None:
    assert zsh.completed(line) == LINES[line]


@pytest.mark.parametrize("line", LINES)
def test_fish(line: str, folder: Path) -> None:
    require("fish")
    script = f"mailwright completion fish | source; complete --do-complete '{line}'"
    done = subprocess.run(
        ["fish", "--no-config", "-c", script], cwd=folder, env=_environment(folder), capture_output=True, text=True, timeout=240
    )
    offered = [each.partition("\t")[0].rstrip("/") for each in done.stdout.splitlines()]
    assert offered == [LINES[line][-1]], done.stderr


def test_fish_says_what_a_rule_is_about(folder: Path) -> None:
    require("fish")
    script = "mailwright completion fish | source; complete --do-complete 'mailwright validate --select MW30'"
    done = subprocess.run(
        ["fish", "--no-config", "-c", script], cwd=folder, env=_environment(folder), capture_output=True, text=True, timeout=240
    )
    assert "MW305\tNo time-outs" in done.stdout.splitlines()
