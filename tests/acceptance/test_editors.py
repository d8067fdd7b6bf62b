"""The editor set-up of docs/editors.md: its commands, its files, and the programs that editors start, on good and bad files."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from mailwright.product.product import load_product

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
EXAMPLES = ROOT / "examples" / "editors"
DOCUMENT = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")

OFFLINE = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
GOOD_TOML = """\
[server]
hostname = "is.example.com"

[output_adapter.email]
from_address = "no-reply@example.com"
hostname = "smtp.example.com"
port = 587
"""
BAD_TOML = GOOD_TOML.replace('hostname = "smtp', 'host = "smtp')
GOOD_SPEC = """\
mailwright: 1
product: {version: "7.3.0"}
global:
  from_address: no-reply@example.com
  hostname: smtp.example.com
  port: 587
  username: no-reply
  password: $secret{smtp_password}
"""
BAD_SPEC = GOOD_SPEC.replace("hostname", "host").replace("587", "[587]")
MODELINE = "# yaml-language-server: $schema=.schemas/spec.schema.json\n"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that is set up as the page says: the example files, and the schemas that its commands print."""
    folder = tmp_path_factory.mktemp("workspace")
    shutil.copytree(EXAMPLES, folder, dirs_exist_ok=True)
    (script,) = re.findall(r"^```sh\n(.*?)^```", DOCUMENT, re.DOTALL | re.MULTILINE)
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(["bash", "-euc", script], cwd=folder, env=environment, check=True, timeout=240)
    (folder / "nodes").mkdir()
    return folder


def test_the_page_shows_the_files() -> None:
    shown = dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)^```", DOCUMENT, re.DOTALL | re.MULTILINE))
    files = {str(path.relative_to(EXAMPLES)) for path in EXAMPLES.rglob("*") if path.is_file()}
    assert shown == {name: (EXAMPLES / name).read_text(encoding="utf-8") for name in files}


@pytest.mark.parametrize("command", [("tombi", "lint", "--offline"), ("taplo", "check")], ids=["tombi", "taplo"])
def test_toml_tools_find_their_configuration(command: tuple[str, ...], workspace: Path) -> None:
    """Nothing but the file in the folder tells them of the schema; a file of another name is not measured by it."""

    def check(name: str, text: str) -> int:
        (workspace / name).write_text(text, encoding="utf-8")
        whole = [BIN / command[0], *command[1:], name]
        return subprocess.run(whole, cwd=workspace, env={**os.environ, **OFFLINE}, capture_output=True, timeout=240).returncode

    for name in ("deployment.toml", "nodes/deployment.toml", "deployment.node1.toml"):
        assert check(name, GOOD_TOML) == 0, name
        assert check(name, BAD_TOML) == 1, name
        (workspace / name).unlink()
    assert check("other.toml", BAD_TOML) == 0
    assert check(".mailwright.toml", 'product-version = "7.2.0"\n[verify]\ntimeout = 5\n') == 0
    assert check(".mailwright.toml", 'product-versio = "7.2.0"\n') == 1
    (workspace / ".mailwright.toml").unlink()


def test_check_jsonschema_with_the_printed_schema(workspace: Path) -> None:
    paths = [workspace / name for name in ("good.yaml", "bad.yaml")]
    for path, text in zip(paths, (GOOD_SPEC, BAD_SPEC), strict=True):
        path.write_text(text, encoding="utf-8")
    schema = workspace / ".schemas" / "spec.schema.json"
    command = [sys.executable, "-W", "ignore", "-m", "check_jsonschema", "--no-cache", "--schemafile", schema]
    codes = [subprocess.run([*command, path], capture_output=True, timeout=240).returncode for path in paths]
    assert codes == [0, 1]


class LanguageServer:
    """The YAML language server over its standard streams, answered as VS Code does with a workspace's settings."""

    def __init__(self, command: list[str | Path], workspace: Path, settings: Mapping[str, Any]) -> None:
        self.workspace, self.settings = workspace, settings
        self.diagnostics: dict[str, list[dict[str, Any]]] = {}
        environment = {**os.environ, **OFFLINE}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self.number = 0
        folder = {"uri": workspace.as_uri(), "name": "workspace"}
        capabilities = {"workspace": {"configuration": True, "workspaceFolders": True}}
        self.ask("initialize", processId=None, rootUri=folder["uri"], workspaceFolders=[folder], capabilities=capabilities)
        self.send({"method": "initialized", "params": {}})
        self.send({"method": "workspace/didChangeConfiguration", "params": {"settings": {}}})

    def send(self, message: Mapping[str, Any]) -> None:
        assert self.process.stdin
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(data), data))
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        """Return the next message; what the server wants to know meanwhile is answered."""
        assert self.process.stdout
        length = 0
        while line := self.process.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        assert length, "the server ended"
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif message.get("method") == "workspace/configuration":
            sections = [item["section"] for item in message["params"]["items"]]
            self.send({"id": message["id"], "result": [self.section(name) for name in sections]})
        elif "method" in message and "id" in message:
            self.send({"id": message["id"], "result": None})
        return message

    def section(self, name: str) -> dict[str, Any] | None:
        """Return a section of the settings: their dotted names are nested."""
        nested: dict[str, Any] = {}
        for dotted, value in self.settings.items():
            *parents, last = dotted.split(".")
            at = nested
            for parent in parents:
                at = at.setdefault(parent, {})
            at[last] = value
        found: dict[str, Any] | None = nested.get(name)
        return found

    def ask(self, method: str, **params: Any) -> Any:
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        while (message := self.receive()).get("id") != self.number or "method" in message:
            pass
        return message["result"]

    def check(self, name: str, text: str) -> list[tuple[int, str]]:
        """Open a file; return its diagnostics as lines (from 1) and messages."""
        uri = (self.workspace / name).as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        while uri not in self.diagnostics:
            self.receive()
        return sorted((each["range"]["start"]["line"] + 1, each["message"]) for each in self.diagnostics[uri])

    def stop(self) -> None:
        try:
            self.ask("shutdown")
            self.send({"method": "exit"})
            assert self.process.wait(240) == 0
        finally:
            self.process.kill()
            self.process.communicate()


@pytest.fixture(scope="module")
def server(workspace: Path, node_modules: Path) -> Iterator[LanguageServer]:
    settings = json.loads((workspace / ".vscode" / "settings.json").read_text(encoding="utf-8"))
    script = node_modules / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    running = LanguageServer([BIN / "node", script, "--stdio"], workspace, settings)
    yield running
    running.stop()


def test_the_yaml_language_server(server: LanguageServer) -> None:
    """By file name as the settings say, by the first line of a file, and not at all."""
    assert server.check("email.yaml", GOOD_SPEC) == []
    found = server.check("senders/email-prod.yaml", BAD_SPEC)
    assert {line for line, _ in found} >= {5, 6}, found
    assert any("host is not allowed" in message for _, message in found), found
    shifted = server.check("whatever.yaml", MODELINE + BAD_SPEC)
    assert [line for line, _ in shifted] == [line + 1 for line, _ in found]
    assert server.check("other.yaml", BAD_SPEC) == []


def test_the_editor_explains_and_completes(server: LanguageServer) -> None:
    server.check("mailwright.yaml", "mailwright: 1\nglobal:\n  hostname: smtp.example.com\n  \n")
    document = {"uri": (server.workspace / "mailwright.yaml").as_uri()}
    hover = server.ask("textDocument/hover", textDocument=document, position={"line": 2, "character": 4})
    assert "SMTP server" in json.dumps(hover)
    completion = server.ask("textDocument/completion", textDocument=document, position={"line": 3, "character": 2})
    assert {"from_address", "port", "signature"} <= {item["label"] for item in completion["items"]}


def test_the_editor_offers_every_release(server: LanguageServer) -> None:
    server.check("email-new.yaml", "mailwright: 1\nproduct:\n  version: \n")
    document = {"uri": (server.workspace / "email-new.yaml").as_uri()}
    offered = server.ask("textDocument/completion", textDocument=document, position={"line": 2, "character": 11})
    labels = {item["label"].strip('"') for item in offered["items"]}
    assert set(load_product().releases.versions) <= labels


def test_the_editor_shows_words_and_no_regular_expression(server: LanguageServer) -> None:
    wrong = 'mailwright: 1\nproduct: {version: "seven"}\nglobal: {port: "abc", hostname: "a b"}\nallow_env: ["a b"]\n'
    found = server.check("email-wrong.yaml", wrong)
    messages = [message for _, message in found]
    assert 'must be a version such as "7.3.0", in quotation marks' in messages
    assert not [message for message in messages if re.search(r"[\\^]|pattern", message)], messages
