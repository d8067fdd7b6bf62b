"""What a merge refuses: a file with which the server would not start, and one that loses the only copy of a secret.

What was broken before, outside of what the merge speaks of, is a warning; exit 70 is for bugs.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from mailwright.base.atomic import backup_folder, backup_paths
from mailwright.cli import run

SENDER = {"from_address": "a@example.com", "hostname": "h", "username": "u", "password": "p"}
CANARY = "canary-5d1e"


class Folder:
    """A spec and a file, merged by the command."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path, self.capsys = path, capsys
        self.file = path / "deployment.toml"

    def merge(self, text: str, *options: str, **spec: Any) -> tuple[int, str, str]:
        """Return the exit code, and what stands in the two outputs."""
        (self.path / "email.json").write_text(json.dumps({"mailwright": 1, **spec}), encoding="utf-8")
        self.file.write_text(text, encoding="utf-8")
        code = run(["merge", *options, str(self.path / "email.json"), str(self.file)])
        captured = self.capsys.readouterr()
        return code, captured.out, captured.err

    @property
    def text(self) -> str:
        return self.file.read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.delenv("MAILWRIGHT_PRODUCT_VERSION", raising=False)
    return Folder(tmp_path, capsys)


ALIAS = {**SENDER, "password": "$secret{smtp}"}
REFUSED: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "no alias": ("", {"global": ALIAS}, ["$secret{smtp} is used", "`secrets` in the spec"]),
    "another alias: the model is unsure": ("[secrets]\nother = 'QUJD'\n", {"global": ALIAS}, ["$secret{smtp} is used"]),
    "an alias in brackets": (
        "[secrets]\nsmtp = '[plain]'\n",
        {"global": ALIAS},
        ["not encrypted yet", "bin/ciphertool.sh -Dconfigure"],
    ),
    "in sync, and no alias": (
        '[output_adapter.email]\nfrom_address = "a@example.com"\nhostname = "h"\nusername = "u"\npassword = "$secret{smtp}"\n',
        {"global": ALIAS},
        ["nor does it with the file as it is"],
    ),
    "a key that the spec does not have is needed elsewhere": (
        "[z]\nq = '$ref{output_adapter.email.extra}'\n[output_adapter.email]\nextra = 1\n",
        {"global": SENDER},
        ["there is no such key"],
    ),
    "a foreign fault does not hide ours": ("[x]\ny = '$secret{nope}'\n", {"global": ALIAS}, ["$secret{smtp} is used"]),
}


@pytest.mark.parametrize(("text", "spec", "said"), REFUSED.values(), ids=list(REFUSED))
def test_what_will_not_start_is_not_written(folder: Folder, text: str, spec: dict[str, Any], said: list[str]) -> None:
    for options in ((), ("--check",), ("--product-version", "7.2.0")):
        code, out, err = folder.merge(text, *options, **spec)
        assert code == 8, err
        assert "in sync\n" not in out
        assert folder.text == text
        assert os.listdir(folder.path).count("deployment.toml") == 1
        assert not backup_paths(str(folder.file))
        assert all(part in err for part in (*said, "--allow-unstartable")), err
    code, _, err = folder.merge(text, "--allow-unstartable", **spec)
    assert code == 0
    assert "start" in err


def test_it_is_as_sure_where_nothing_is_merged_as_in_its_warning(folder: Folder) -> None:
    sender = "[output_adapter.email]\n" + "".join(f'{name} = "{value}"\n' for name, value in SENDER.items())
    wrong = "[x]\ny = '$secret{nope}'\n"
    for text, may in ((wrong, "does not"), (wrong + "z = '$secret{good}'\n[secrets]\ngood = 'QUJD'\n", "may not")):
        code, out, err = folder.merge(sender + text, **{"global": SENDER})
        assert code == 0
        assert out.endswith(f"nothing to merge, but the server {may} start with it\n")
        assert f"the server {may} start with this file, before and after" in err


def test_a_release_narrows(folder: Folder) -> None:
    """[runtime_secrets] came with 6.0.0: before it, the alias is not defined."""
    text = '[runtime_secrets]\nenable = "true"\n'
    code, _, err = folder.merge(text, **{"global": ALIAS})
    assert code == 8
    assert "5.9.0, 5.10.0, 5.11.0" in err
    assert "--product-version" in err
    assert folder.merge(text, "--product-version", "6.0.0", **{"global": ALIAS})[0] == 0
    assert folder.merge(text, product={"version": "7.2.0"}, **{"global": ALIAS})[0] == 0
    assert folder.merge(text, product={"version": "5.11.0"}, **{"global": ALIAS})[0] == 8


def test_an_update_level_is_as_sure_as_its_release(folder: Folder) -> None:
    assert folder.merge("", "--product-version", "7.2.0.15", **{"global": ALIAS})[0] == 8


BROKEN = {
    "an alias that is no text": "[x]\ny = '$secret{n}'\n[secrets]\nn = 5\n",
    "markup": "[output_adapter.email]\npassword = 'R&D'\n",
    "a foreign alias": "[x]\ny = '$secret{nope}'\n",
    "no number": "[x]\ny = nan\nz = [nan, nan]\n",
    "a table of tables": "[[output_adapter.email]]\nport = 1\n",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=list(BROKEN))
def test_what_was_broken_before_is_merged_and_said(folder: Folder, text: str) -> None:
    code, out, err = folder.merge(text, tenant_loading={"idle_minutes": 5})
    assert code == 0, err
    assert folder.text.startswith(text.partition("[secrets]")[0])
    assert "tenant_idle_timeout = 5" in folder.text
    starts = text in (BROKEN["no number"], BROKEN["a table of tables"])
    assert ("before and after" in err) is not starts
    code, out, _ = folder.merge(folder.text, "--check", tenant_loading={"idle_minutes": 5})
    assert (code, "in sync" in out) == ((0, True) if starts else (1, False))


def test_a_key_that_may_be_a_default_of_the_product_is_no_fault(folder: Folder) -> None:
    sender = {**SENDER, "signature": "$ref{server.some_name}"}
    code, out, err = folder.merge("", **{"global": sender})
    assert (code, "may not start with this file: " in err) == (0, True)
    code, out, err = folder.merge(folder.text, "--check", **{"global": sender})
    assert (code, out) == (0, f"{folder.file}: in sync\n")


def test_what_stays_may_be_broken_and_may_not_override(folder: Folder) -> None:
    code, _, err = folder.merge("[output_adapter.email]\nsignature = 'R&D'\n", "--keep-unmanaged", **{"global": SENDER})
    assert (code, "before and after" in err) == (0, True)
    text = "[output_adapter.email.custom_properties]\n'mail.smtp.host' = 'x'\n"
    code, _, err = folder.merge(text, "--keep-unmanaged", **{"global": SENDER})
    assert (code, folder.text) == (8, text)
    assert "overrides" in err
    assert ":2:1" in err


@pytest.mark.parametrize(
    "text",
    [
        "[output_adapter.email]\npassword = {{ x = 1 }}\nhost = 'x'\n",
        "[output_adapter.email]\nhost = 'x'\n[output_adapter.email.password]\nx = 1\n",
        "[output_adapter]\nemail = {{ password = {{ x = 1 }}, host = 'x' }}\n",
        "[output_adapter]\nemail.password.x = 1\nemail.host = 'x'\n",
    ],
)
def test_a_table_where_a_value_belongs(folder: Folder, text: str) -> None:
    for options in (("--keep-unmanaged",), ()):
        assert folder.merge(text.format(), *options, **{"global": SENDER})[0] == 0
        assert ("host = 'x'" in folder.text) is (options != ())
        assert 'password = "p"' in folder.text
        assert folder.merge(folder.text, "--check", *options, **{"global": SENDER})[0] == 0


def test_siblings_in_an_inline_table_keep_their_blanks(folder: Folder) -> None:
    text = "output_adapter = {a=1,  email  =  {host='x',hostname = 'y' ,port=1}  ,b = 2,c={ } }  # c\n"
    assert folder.merge(text, **{"global": SENDER})[0] == 0
    expected = (
        'output_adapter = {a=1,  email  =  {hostname = "h", from_address = "a@example.com", username = "u", password = "p"}'
        "  ,b = 2,c={ } }  # c\n"
    )
    assert folder.text == expected


EMPTY = {
    "stays": ("T\nfoo = {}\nbar = { baz = { } }\nK", "T\nfoo = {}\nbar = { baz = { } }\nK"),
    "emptied, so it goes": ("T\nfoo = { x = 1 }\nK", "T\nK"),
    "a header stays": ("T\nK[output_adapter.email.foo]\n", "T\nK[output_adapter.email.foo]\n"),
    "a header that is emptied goes": ("T\nK[output_adapter.email.foo]\nx = 1\n", "T\nK"),
}


@pytest.mark.parametrize(("before", "after"), EMPTY.values(), ids=list(EMPTY))
def test_one_rule_for_empty_tables(folder: Folder, before: str, after: str) -> None:
    lines = "".join(f'{name} = "{value}"\n' for name, value in SENDER.items())
    before, after = (text.replace("K", lines).replace("T", "[output_adapter.email]") for text in (before, after))
    assert folder.merge(before, **{"global": SENDER})[0] == 0
    assert folder.text == after


# -- secrets


LITERAL = f"[output_adapter.email]\nfrom_address = 'a@example.com'\nhostname = 'h'\nusername = 'u'\npassword = '{CANARY}' # why\n"


def test_the_only_copy_of_a_secret_stays(folder: Folder) -> None:
    """An alias that nothing defines does not replace it; a reference does, with a backup, and that is said."""
    code, out, err = folder.merge(LITERAL, **{"global": ALIAS})
    assert (code, folder.text) == (8, LITERAL)
    environment = {**SENDER, "password": "$env{SMTP_PASSWORD}"}
    for spec in (environment, {"from_address": "a@example.com", "hostname": "h", "enable_authentication": False}):
        code, out, err = folder.merge(LITERAL, "--backup", "0", **{"global": spec})
        assert (code, folder.text) == (8, LITERAL)
        assert "only copy" in err
        code, out, err = folder.merge(LITERAL, **{"global": spec})
        assert code == 0
        (backup,) = backup_paths(str(folder.file))
        assert backup in err.replace("\n", "")
        assert CANARY in Path(backup).read_text(encoding="utf-8")
        assert CANARY not in out + err
        os.unlink(backup)
    assert folder.merge(LITERAL, "--backup", "0", **{"global": {**SENDER, "password": "new"}})[0] == 0


KEPT = {**SENDER, "password": "$keep{}"}


def test_a_secret_that_stays_what_the_file_has(folder: Folder) -> None:
    code, out, _ = folder.merge(LITERAL, "--check", **{"global": KEPT})
    assert (code, out) == (0, f"{folder.file}: in sync\n")
    code, _, _ = folder.merge(LITERAL, **{"global": {**KEPT, "hostname": "other"}})
    assert code == 0
    assert folder.text == LITERAL.replace("'h'", '"other"')
    code, _, err = folder.merge("[server]\nx = 1\n", **{"global": KEPT})
    assert code == 8
    assert "the file has none" in err
    assert "email.json:1:" in err
    twice = LITERAL + "password = 'x'\n"
    assert folder.merge(twice, **{"global": KEPT})[0] == 8
    assert folder.text == twice


def test_where_the_mark_may_stand(folder: Folder) -> None:
    assert folder.merge(LITERAL, **{"global": {**SENDER, "hostname": "$keep{}"}})[0] == 2
    for sender in ({**SENDER, "password": "x$keep{}"}, {**SENDER, "password": "$keep{x}"}):
        code, _, err = folder.merge(LITERAL, **{"global": sender})
        assert (code, "MW401" in err) == (2, True)


def test_a_fragment_does_not_have_what_stays(folder: Folder) -> None:
    spec = folder.path / "email.json"
    spec.write_text(json.dumps({"mailwright": 1, "global": KEPT}), encoding="utf-8")
    assert run(["render", str(spec)]) == 0
    out = folder.capsys.readouterr().out
    assert "# `password` is not here: the spec leaves it as each file has it.\n" in out
    assert "\npassword" not in out


# -- backups


def test_no_backup_in_a_git_work_tree(
    folder: Folder, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    (folder.path / ".git").mkdir()
    code, _, err = folder.merge(LITERAL, **{"global": {**SENDER, "password": "new"}})
    assert code == 0
    assert not [name for name in os.listdir(folder.path) if "bak" in name]
    (backup,) = backup_paths(str(folder.file))
    assert Path(backup).is_relative_to(state)
    assert backup in err
    assert CANARY in Path(backup).read_text(encoding="utf-8")
    assert Path(backup).stat().st_mode & 0o777 == 0o600
    assert Path(backup).parent.stat().st_mode & 0o777 == 0o700
    code, _, err = folder.merge(LITERAL, "--backup-dir", str(folder.path / "old"), **{"global": SENDER})
    assert (code, folder.text) == (8, LITERAL)
    assert "git add" in err
    chosen = tmp_path_factory.mktemp("chosen")
    assert folder.merge(LITERAL, "--backup-dir", str(chosen), **{"global": SENDER})[0] == 0
    assert len(list(chosen.glob("deployment.toml-*/*.bak"))) == 1
    (state / ".git").mkdir()
    assert folder.merge(LITERAL, **{"global": SENDER})[0] == 8


def test_two_files_of_one_name_have_their_own_backups(tmp_path: Path) -> None:
    assert backup_folder(str(tmp_path / "a" / "x.toml"), str(tmp_path)) != backup_folder(
        str(tmp_path / "b" / "x.toml"), str(tmp_path)
    )


def test_without_a_folder_for_backups_it_is_said_what_to_do(
    folder: Folder, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container whose user has no home."""
    (folder.path / ".git").mkdir()
    state = tmp_path_factory.mktemp("state") / "file"
    state.touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    code, _, err = folder.merge(LITERAL, **{"global": {**SENDER, "password": "new"}})
    assert (code, folder.text) == (2, LITERAL)
    assert "deployment.toml: cannot be written: no backup can be made: Not a directory; the file is as it was" in err
    assert "hint: name a folder for --backup-dir that can be written to" in err
