"""docs/api.md, carried out: each example prints what stands below it, and every public name has one."""

from __future__ import annotations

import os
import re
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from documents import write_files

import mailwright
from mailwright.sandbox.identity import SandboxIs
from mailwright.sandbox.smtp import SandboxSmtp

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
EXAMPLE = re.compile(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```", re.DOTALL | re.MULTILINE)
PASSWORD = "a word of the page"


def printed(page: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """Run the page's examples, one after the other; return each with what it should print, and what it prints."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("SMTP_PASSWORD", PASSWORD)
    found, names = [], dict[str, Any]()
    with (
        SandboxSmtp(username="mailer", password=PASSWORD) as relay,
        SandboxIs(["acme.example"], product_version="7.3.0") as server,
    ):
        monkeypatch.setenv("MAILWRIGHT_CLIENT_SECRET", server.client_secret)
        (folder / "ca.pem").write_text(relay.ca_pem, encoding="ascii")
        (folder / "is.pem").write_text(server.ca_pem, encoding="ascii")
        write_files(page.replace("2525", str(relay.port)).replace("https://localhost:9443", server.url), folder)
        for code, expected in EXAMPLE.findall(page):
            out = StringIO()
            with redirect_stdout(out):
                exec(compile(code, "docs/api.md", "exec"), names)
            found.append((code, expected, out.getvalue().replace(str(relay.port), "2525")))
    return found


@pytest.mark.network
def test_the_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = PAGE.read_text(encoding="utf-8")
    examples = printed(page, tmp_path, monkeypatch)
    assert examples
    assert page.count("```python\n") == len(examples), "an example has the text that it prints right below it"
    for code, expected, found in examples:
        assert found == expected, code


def test_type_checkers_take_the_examples(tmp_path: Path) -> None:
    api = pytest.importorskip("mypy.api")
    code = "\n".join(code for code, _ in EXAMPLE.findall(PAGE.read_text(encoding="utf-8")))
    (tmp_path / "examples.py").write_text(code, encoding="utf-8")
    said, errors, status = api.run(["--strict", f"--config-file={os.devnull}", str(tmp_path / "examples.py")])
    assert status == 0, said + errors


@pytest.mark.parametrize("name", mailwright.__all__)
def test_every_name_has_an_example(name: str) -> None:
    code = "".join(code for code, _ in EXAMPLE.findall(PAGE.read_text(encoding="utf-8")))
    assert re.search(rf"\bmailwright\.{name}\b", code)


if __name__ == "__main__":  # write what the examples print into the page
    import tempfile

    text = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        for code, expected, found in printed(text, Path(name), patch):
            old, new = (f"```python\n{code}```\n\n```text\n{text}```" for text in (expected, found))
            assert old in text, code
            text = text.replace(old, new)
    PAGE.write_text(text, encoding="utf-8")
    sys.exit(0)
