"""What a path is not is said in words, with what to do: a file where a folder belongs, a folder where a file does."""

from __future__ import annotations

import errno
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from commands import Run
from mailwright.base import writing

SPEC = """mailwright: 1
product: {version: "7.3.0"}
api: {user: u, password: "$env{MAILWRIGHT_P}"}
global: {from_address: a@b.example, hostname: h, port: 587, username: u, password: "$env{P}", signature: S, reply_to: a@b.example}
tenants:
  a.example:
    {from_address: a@a.example, signature: A, reply_to: a@a.example, hostname: h, port: 587, username: u, password: "$file{p}"}
"""
NODE = '[output_adapter.email]\nhostname = "h"\nfrom_address = "a@b.example"\nusername = "u"\npassword = "$env{P}"\nsignature = "S"\n'
SERVER = ("email.yaml", "--server", "https://127.0.0.1:1")
RAW = re.compile(r"File exists|Not a directory|Is a directory|Errno|Traceback|internal error")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name, text in {"email.yaml": SPEC, "node.toml": NODE, "plain": "x", "p": "x"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("render", "email.yaml", "-o", "plain"), "plain: -o is not a folder"),
        (("render", "email.yaml", "-o", "plain/x"), "plain/x: -o cannot be made: plain is not a folder"),
        (("render", "email.yaml", "-o", "plain", "--check"), "plain: -o is not a folder"),
        (("render", "email.yaml", "-o", "o", "--with-secrets", "--secrets-dir", "plain"), "plain: --secrets-dir is not a folder"),
        (
            ("render", "email.yaml", "-o", "o", "--with-secrets", "--secrets-dir", "gone"),
            "gone: --secrets-dir is not a folder: there is nothing of that name",
        ),
        (("merge", "email.yaml", "node.toml", "--backup-dir", "plain"), "plain: --backup-dir is not a folder"),
        (
            ("merge", "email.yaml", "node.toml", "--backup-dir", "plain/a/b"),
            "plain/a/b: --backup-dir cannot be made: plain is not a folder",
        ),
        (("merge", "email.yaml", "folder"), "folder: cannot be read: it is a folder, not a file"),
        (("merge", "folder", "node.toml"), "folder: cannot be read: it is a folder, not a file"),
        (("effective", "folder", "--product-version", "7.3.0"), "folder: cannot be read: it is a folder, not a file"),
        (("import", "folder"), "folder: cannot be read: it is a folder, not a file"),
        (("import", "node.toml", "--product-version", "7.3.0", "-o", "folder"), "folder: cannot be written: it is a folder"),
        (("import", "node.toml", "--product-version", "7.3.0", "-o", "plain"), "plain: cannot be written: it is there already"),
        (
            ("import", "node.toml", "--product-version", "7.3.0", "-o", "plain/x"),
            "plain/x: cannot be written: plain is not a folder",
        ),
        (("verify", "email.yaml", "--ca-file", "folder"), "folder: cannot be read: it is a folder, not a file"),
        (("verify", "email.yaml", "--trust-store", "folder"), "folder: cannot be read: it is a folder, not a file"),
        (
            ("verify", "email.yaml", "--trust-store", "plain", "--trust-store-password-file", "folder"),
            "folder: cannot be read: it is a folder, not a file",
        ),
        (("verify", "email.yaml", "--secrets-dir", "plain"), "plain: --secrets-dir is not a folder"),
        (("plan", *SERVER, "--secrets-dir", "plain"), "plain: --secrets-dir is not a folder"),
        (("plan", *SERVER, "--ca-file", "folder"), "folder: cannot be read: it is a folder, not a file"),
        (("plan", *SERVER, "--policy", "folder"), "folder: cannot be read: it is a folder, not a file"),
        (("plan", *SERVER, "-o", "folder"), "folder: cannot be written: it is a folder, not a file"),
        (("plan", *SERVER, "-o", "plain/x"), "plain/x: cannot be written: plain is not a folder"),
        (("plan", *SERVER, "-o", "gone/x"), "gone/x: cannot be written: its folder is not there"),
        (
            ("import", "node.toml", "--product-version", "7.3.0", "-o", "gone/x"),
            "gone/x: cannot be written: its folder is not there",
        ),
        (("apply", *SERVER, "--plan", "folder"), "folder: cannot be read: it is a folder, not a file"),
        (("apply", *SERVER, "-o", "folder"), "folder: cannot be written: it is a folder, not a file"),
        (("apply", *SERVER, "-o", "plain/x"), "plain/x: cannot be written: plain is not a folder"),
        (("validate", "email.yaml", "--write-baseline", "folder"), "folder: cannot be written: it is a folder, not a file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_the_wrong_kind_of_place_is_said(run: Run, place: Path, arguments: tuple[str, ...], said: str) -> None:
    before = sorted(place.rglob("*"))
    result = run(*arguments, cwd=place, env={"MAILWRIGHT_P": "x"})
    assert said in result.output
    assert not RAW.search(result.output)
    assert result.code == 2
    assert sorted(place.rglob("*")) == before


def test_a_full_disk_is_no_reason_to_name_another_file(run: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> object:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(writing, "create_file", full)
    result = run("import", "node.toml", "--product-version", "7.3.0", "-o", "new.yaml", cwd=place)
    assert (result.code, "new.yaml: cannot be written: No space left on device\n" in result.stderr) == (2, True)
    assert "hint: name" not in result.stderr


@pytest.mark.skipif(os.name != "posix", reason="another system's permissions")
def test_a_secret_that_may_not_be_read_is_said(run: Run) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "email.yaml").write_text(SPEC, encoding="utf-8")
        (folder / "shut").mkdir()
        (folder / "p").write_text("x", encoding="utf-8")
        (folder / "o").mkdir(0o777)
        command = ("render", "email.yaml", "-o", "o", "--with-secrets", "--secrets-dir", "shut")
        assert run(*command, cwd=folder).code == 0  # somebody without rights may not be able to read this Python
        (folder / "shut").chmod(0)
        with somebody_without_rights():
            result = run(*command, cwd=folder)
        (folder / "shut").chmod(0o700)
    assert (result.code, "shut/p: this secret cannot be read: Permission denied" in result.output) == (2, True)


@pytest.mark.skipif(os.name != "posix", reason="another system's permissions")
def test_what_may_not_be_written_is_said(run: Run) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        (folder / "email.yaml").write_text(SPEC, encoding="utf-8")
        (folder / "node.toml").write_text(NODE, encoding="utf-8")
        if os.geteuid() == 0:
            os.chown(folder / "node.toml", 65534, -1)
        (folder / "shut").mkdir()
        (folder / "warm.toml").write_text(NODE, encoding="utf-8")
        commands = {
            ("render", "email.yaml", "-o", "shut/o"): "shut/o/deployment.fragment.toml: cannot be written: Permission denied",
            ("render", "email.yaml", "-o", "shut", "--check"): "shut/deployment.fragment.toml: cannot be read: Permission denied",
            (
                "merge",
                "email.yaml",
                "node.toml",
                "--backup-dir",
                "shut/b",
            ): "node.toml: cannot be written: no backup can be made: Permission",
        }
        run("merge", "email.yaml", "warm.toml", cwd=folder)  # somebody without rights may not be able to read this Python
        run("render", "email.yaml", "-o", "warm", cwd=folder)
        run("render", "email.yaml", "-o", "warm", "--check", cwd=folder)
        (folder / "shut").chmod(0)
        with somebody_without_rights():
            said = {command: run(*command, cwd=folder) for command in commands}
        (folder / "shut").chmod(0o700)
        assert (folder / "node.toml").read_text(encoding="utf-8") == NODE
    for command, words in commands.items():
        assert (said[command].code, words in said[command].output) == (2, True), said[command].output


@contextmanager
def somebody_without_rights() -> Iterator[None]:
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
