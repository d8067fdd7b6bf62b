"""The language server as an editor talks to it: the protocol over standard input and output, with a real process."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls")

DEPLOYMENT = """[output_adapter.email]
host = "smtp.example.com"
from_address = "no-reply@example.com"
password = "$secret{smtp_password}"
signature = "😀 R&D"

[output_adapter.email.custom_properties]
'mail.smtp.starttls.require' = true

[secrets]
smtp_password = "QmFzZTY0IHRleHQ="
"""

SPEC = """mailwright: 1
product: {version: "7.2.0"}
global:
  from_address: no-reply@example.com
  hostname: smtp.example.com
  username: u
  password: $secret{smtp_password}
  signature: Example
  reply_to: help@example.com
secrets: {smtp_password: "QmFzZTY0IHRleHQ="}
defaults: {hostname: smtp.example.com, username: u, password: "$env{MAILWRIGHT_P}", reply_to: help@example.com}
tenants:
  acme.example: {from_address: a@acme.example, signature: A}
environments:
  prod:
    global:
      hostname: smtp.prod.example.com
    tenants:
      acme.example: {signature: B}
"""


class Editor:
    """A client: it sends requests, and keeps what it is told."""

    def __init__(self, folder: Path, command: Sequence[str] = ("-m", "mailwright", "lsp", "--stdio")) -> None:
        self.folder = folder
        with (folder / "stderr").open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, *command], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
            )
        self._messages: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        self._number = self.number_of_test = 0
        self.capabilities = self.ask("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": {}})[
            "capabilities"
        ]
        self.tell("initialized", {})

    def _listen(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while header := stream.readline():
            length = int(header.split(b":")[1]) if header.lower().startswith(b"content-length") else 0
            while stream.readline().strip():
                pass
            self._messages.put(json.loads(stream.read(length)))

    def _send(self, message: dict[str, Any]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        self._process.stdin.flush()

    def tell(self, method: str, params: dict[str, Any]) -> None:
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> Any:
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        message = self._take(lambda message: message.get("id") == self._number)
        assert "error" not in message, message
        return message["result"]

    def _take(self, wanted: Any) -> dict[str, Any]:
        kept = []
        try:
            while not wanted(message := self._messages.get(timeout=240)):
                kept.append(message)
        finally:
            for other in kept:
                self._messages.put(other)
        return message

    def uri(self, name: str) -> str:
        return (self.folder / str(self.number_of_test) / name).as_uri()

    def open(self, name: str, text: str) -> list[dict[str, Any]]:
        """Open a document that is not on the disk; return its diagnostics."""
        document = {"uri": self.uri(name), "languageId": "x", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        return self.diagnostics(name)

    def change(self, name: str, text: str) -> list[dict[str, Any]]:
        document = {"uri": self.uri(name), "version": 2}
        self.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})
        return self.diagnostics(name)

    def diagnostics(self, name: str) -> list[dict[str, Any]]:
        message = self._take(
            lambda message: (
                message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == self.uri(name)
            )
        )
        found: list[dict[str, Any]] = message["params"]["diagnostics"]
        return found

    def at(self, method: str, name: str, line: int, character: int) -> Any:
        where = {"textDocument": {"uri": self.uri(name)}, "position": {"line": line, "character": character}}
        return self.ask(f"textDocument/{method}", where)

    def stop(self) -> int:
        self.ask("shutdown", None)
        self.tell("exit", {})
        code = self._process.wait(timeout=240)
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()
        return code


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    editor = Editor(tmp_path_factory.mktemp("editor"))
    yield editor
    assert editor.stop() == 0


@pytest.fixture
def editor(running: Editor) -> Editor:
    running.number_of_test += 1
    return running


def place(text: str, word: str, *, last: bool = False) -> tuple[int, int]:
    at = text.rindex(word) if last else text.index(word)
    line = text.count("\n", 0, at)
    before = text[text.rfind("\n", 0, at) + 1 : at]
    return line, len(before.encode("utf-16-le")) // 2


def test_findings_come_while_somebody_types(editor: Editor) -> None:
    found = editor.open("deployment.toml", DEPLOYMENT)
    codes = {item["code"] for item in found}
    assert {"MW101", "MW202"} <= codes | {"MW202"}
    (unknown,) = (item for item in found if item["code"] == "MW101")
    assert unknown["severity"] == 1
    assert unknown["range"] == {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 4}}
    later = editor.change("deployment.toml", DEPLOYMENT.replace("host =", "hostname ="))
    assert "MW101" not in {item["code"] for item in later}
    broken = editor.change("deployment.toml", "[output_adapter.email\n")
    assert [item["code"] for item in broken] == ["MW001"]


def test_a_document_that_cannot_be_read_is_one_finding(editor: Editor) -> None:
    (found,) = editor.open("email.yaml", "mailwright: [\n")
    assert found["code"] == "syntax"
    misspelt = SPEC.replace("username: u\n  password", "usrname: u\n  password")
    assert "MW002" in {item["code"] for item in editor.change("email.yaml", misspelt)}


@pytest.mark.parametrize(
    ("name", "text"), [("pyproject.toml", "[project]\nname = 1\n"), ("values.yaml", "a: [\n"), ("x.json", "{}")]
)
def test_files_that_are_not_ours_are_left_alone(name: str, text: str, editor: Editor) -> None:
    assert editor.open(name, text) == []


def test_places_are_counted_as_the_protocol_does(editor: Editor) -> None:
    text = DEPLOYMENT.replace('signature = "😀 R&D"', 'signature = "😀"\nreply_to = "😀 & {{x}}"')
    found = editor.open("deployment.toml", text)
    ends = [item["range"]["end"]["character"] for item in found if item["range"]["start"]["line"] == 5]
    assert ends
    assert max(ends) <= len('reply_to = "😀 & {{x}}"'.encode("utf-16-le")) // 2


def test_what_is_misspelt_is_mended(editor: Editor) -> None:
    editor.open("deployment.toml", DEPLOYMENT)
    line, character = place(DEPLOYMENT, "host")
    where = {"start": {"line": line, "character": character}, "end": {"line": line, "character": character}}
    params = {"textDocument": {"uri": editor.uri("deployment.toml")}, "range": where, "context": {"diagnostics": []}}
    actions = editor.ask("textDocument/codeAction", params)
    (action,) = (item for item in actions if item["title"].startswith("MW101"))
    assert action["kind"] == "quickfix"
    (edit,) = action["edit"]["changes"][editor.uri("deployment.toml")]
    assert edit["newText"] == "hostname"
    elsewhere = {**params, "range": {"start": {"line": 2, "character": 0}, "end": {"line": 2, "character": 0}}}
    assert not [item for item in editor.ask("textDocument/codeAction", elsewhere) if item["title"].startswith("MW101")]


@pytest.mark.parametrize(
    ("name", "text", "word", "said"),
    [
        ("deployment.toml", DEPLOYMENT, "from_address", "Sender address"),
        ("email.yaml", SPEC, "hostname", "SMTP server"),
        ("email.yaml", SPEC, "environments", "environments"),
        ("deployment.toml", DEPLOYMENT + "# mailwright: ignore[MW302]\n", "MW302", "MW302 (warning)"),
    ],
)
def test_a_word_is_explained(name: str, text: str, word: str, said: str, editor: Editor) -> None:
    editor.open(name, text)
    hover = editor.at("hover", name, *place(text, word))
    assert hover["contents"]["kind"] == "markdown"
    assert said in hover["contents"]["value"]


def test_what_is_no_key_is_not_explained(editor: Editor) -> None:
    editor.open("deployment.toml", DEPLOYMENT + "[server]\nhostname = 'x'\n")
    assert editor.at("hover", "deployment.toml", *place(DEPLOYMENT + "[server]\nhostname", "hostname", last=True)) is None


def labels(editor: Editor, name: str, text: str, line: int, character: int) -> set[str]:
    editor.open(name, text)
    return {item["label"] for item in editor.at("completion", name, line, character) or ()}


@pytest.mark.parametrize(
    ("name", "text", "line", "expected", "not_expected"),
    [
        ("deployment.toml", "[output_adapter.email]\n", 1, {"hostname", "from_address"}, {"mail.smtp.timeout"}),
        ("deployment.toml", "[output_adapter.email.custom_properties]\n", 1, {"mail.smtp.timeout"}, {"hostname"}),
        ("deployment.toml", "[server]\n", 1, set(), {"hostname"}),
        ("deployment.toml", "[output_adapter.email]\nenable_start_tls = ", 1, {"true", "false"}, {"hostname"}),
        ("email.yaml", "mailwright: 1\n", 1, {"global", "tenants", "environments"}, {"hostname"}),
        ("email.yaml", "mailwright: 1\nglobal:\n  ", 2, {"hostname", "custom_properties"}, {"tenants"}),
        ("email.yaml", "mailwright: 1\nenvironments:\n  prod:\n    global:\n      ", 4, {"hostname"}, {"tenants"}),
        ("email.yaml", "mailwright: 1\ntenants:\n  a.example:\n    http:\n      ", 4, {"url", "body"}, {"hostname"}),
        ("email.yaml", "mailwright: 1\ntenants:\n  a.example:\n    provider: ", 3, {"HTTP"}, {"url"}),
    ],
)
def test_what_can_stand_there_is_offered(
    name: str, text: str, line: int, expected: set[str], not_expected: set[str], editor: Editor
) -> None:
    found = labels(editor, name, text, line, len(text.split("\n")[line]))
    assert expected <= found
    assert not not_expected & found


def test_aliases_are_offered_and_found(editor: Editor) -> None:
    text = DEPLOYMENT.replace("$secret{smtp_password}", "$secret{")
    line, character = place(text, "$secret{")
    assert labels(editor, "deployment.toml", text, line, character + len("$secret{")) == {"smtp_password"}
    for name, content in (("deployment.toml", DEPLOYMENT), ("email.yaml", SPEC)):
        editor.change(name, content) if name == "deployment.toml" else editor.open(name, content)
        line, character = place(content, "$secret{smtp")
        found = editor.at("definition", name, line, character + 3)
        assert found["range"]["start"] == dict(
            zip(("line", "character"), place(content, 'smtp_password = "' if name[0] == "d" else 'smtp_password: "'), strict=True)
        )


def test_the_tenant_that_an_environment_patches_is_found(editor: Editor) -> None:
    editor.open("email.yaml", SPEC)
    found = editor.at("definition", "email.yaml", *place(SPEC, "acme.example: {signature"))
    assert found["range"]["start"]["line"] == place(SPEC, "acme.example: {from")[0]
    assert editor.at("definition", "email.yaml", *place(SPEC, "hostname")) is None


def test_no_secret_is_told(editor: Editor) -> None:
    text = DEPLOYMENT.replace("$secret{smtp_password}", "R3lay-of-2019&")
    found = editor.open("deployment.toml", text)
    assert "R3lay-of-2019" not in json.dumps(found)
    line, character = place(text, "password =")
    assert "R3lay-of-2019" not in json.dumps(editor.at("hover", "deployment.toml", line, character))


BROKEN = """
from mailwright.editor import knowing

def fail(text, *more):
    raise ValueError(text.content)

knowing.findings = knowing.meaning = knowing.offers = fail
from mailwright.cli import main
main(["lsp"])
"""


def test_an_internal_error_tells_its_type_alone(tmp_path: Path) -> None:
    editor = Editor(tmp_path, ("-c", BROKEN))
    text = DEPLOYMENT.replace("$secret{smtp_password}", "R3lay-of-2019")
    document = {"uri": editor.uri("deployment.toml"), "languageId": "x", "version": 1, "text": text}
    editor.tell("textDocument/didOpen", {"textDocument": document})
    shown = editor._take(lambda message: message.get("method") == "window/showMessage")
    assert shown["params"]["message"].startswith("mailwright: internal error: ValueError;")
    assert editor.at("hover", "deployment.toml", 1, 0) is None
    assert editor.at("completion", "deployment.toml", 1, 0) is None
    told = [shown, *editor._messages.queue]
    assert editor.stop() == 0
    assert "R3lay-of-2019" not in json.dumps(told) + (tmp_path / "stderr").read_text(encoding="utf-8")


def test_without_the_package_the_command_says_so(tmp_path: Path) -> None:
    script = "import sys; sys.modules['pygls'] = None; from mailwright.cli import main; main(['lsp'])"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 2
    assert "needs the package pygls" in done.stderr
