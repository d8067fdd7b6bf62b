"""The files of folders and patterns: what is taken, what is left out as git does, and what is said of the rest."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailwright.base.errors import UsageError
from mailwright.validation.ignoring import Ignoring
from mailwright.validation.kinds import is_named_like_a_spec
from mailwright.validation.targets import find_targets

if TYPE_CHECKING:
    from commands import Run

Write = Callable[[str, str], Path]
SPEC = 'mailwright: 1\nproduct: {version: "7.3.0"}\n'


def taken(folder: Path, *exclude: str, name: str = ".") -> list[str]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        return find_targets([name], exclude).names
    finally:
        os.chdir(before)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("mailwright.yaml", True),
        ("Mailwright.YML", True),
        ("a/prod.mailwright.json", True),
        ("prod.mailwright.toml", True),
        ("mailwright-report.json", False),
        ("email.yaml", False),
        ("mailwright.md", False),
        ("mailwright.schema.json", False),
        ("notmailwright.yaml", False),
    ],
)
def test_names_that_say_that_a_file_is_a_spec(name: str, is_one: bool) -> None:
    assert is_named_like_a_spec(name) is is_one


@pytest.mark.parametrize("name", ["mailwright.yaml", "prod.mailwright.json", "prod.mailwright.toml", "mailwright.yml"])
@pytest.mark.parametrize("text", ["", "x = 1", "{}", "name: something else\n"])
def test_a_file_that_is_called_a_spec_and_is_none_is_an_error(write: Write, run: Run, name: str, text: str) -> None:
    write("email.yaml", SPEC)
    folder = write(f"deep/{name}", text).parents[1]
    result = run("validate", folder, "--format", "json")
    errors = {Path(file["file"]).name: file.get("error") for file in result.json["files"]}
    assert (result.code, errors["email.yaml"], bool(errors[name])) == (2, None, True)


def test_a_spec_without_its_first_line_is_told_what_is_missing(write: Write, run: Run) -> None:
    result = run("validate", write("email.yaml", "global: {port: 587}\n").parent)
    assert result.code == 2
    assert "the line `mailwright: 1` is missing: a spec begins with it" in result.output


@pytest.mark.parametrize(
    ("name", "text", "is_taken"),
    [
        ("a.yaml", SPEC, True),
        ("a.yaml", "product: {version: '7.3.0'}\nmailwright: 1\n", True),
        ("a.json", '{"product": {}, "mailwright": 1}', True),
        ("a.toml", "product.version = '7.3.0'\nmailwright = 1\n", True),
        ("a.yaml", "vars:\n  mailwright: 1\n", False),
        ("a.yaml", "name: x\nmailwright: {home: /x}\n", False),
        ("a.toml", "[output_adapter.email]\n", True),
        ("a.toml", "[tool]\n", False),
        ("deployment.toml", "", True),
        ("a.txt", SPEC, False),
        ("email.yaml", "global: {port: 587}\n", True),  # the first line is missing
        ("email.yml", "x: 1\n'tenants':\n  a.example: {}\n", True),
        ("email.yaml", "name: x\nother: {global: 1}\n", False),
        ("values.yaml", "global: {port: 587}\n", False),  # as charts have it
    ],
)
def test_what_a_folder_gives(write: Write, name: str, text: str, is_taken: bool) -> None:
    write("other.yaml", SPEC)
    folder = write(name, text).parent
    assert taken(folder) == sorted(["other.yaml", *([name] if is_taken else [])])


def test_what_was_passed_over_is_counted_and_named(write: Write, run: Run) -> None:
    folder = write("email.yaml", SPEC).parent
    assert run("validate", folder).stderr == ""
    write("values.yaml", "a: 1\n")
    write("deep/package.json", "{}")
    write("README.md", "no document that could be one")
    assert run("validate", folder).stderr == "mailwright: skipped in folders and patterns: 2 files (-v names them)\n"
    said = run("validate", folder, "-v").stderr.splitlines()
    assert [line.rpartition("/")[2] for line in said] == [
        "values.yaml: is neither a spec nor a deployment.toml",
        "package.json: is neither a spec nor a deployment.toml",
    ]
    write(".deploy/email.yaml", SPEC)
    write(".git/email.yaml", SPEC)
    assert "/.deploy: is hidden" in (hidden := run("validate", folder, "-v").stderr)
    assert ".git:" not in hidden
    (folder / "unreadable.yaml").mkfifo() if hasattr(Path, "mkfifo") else os.mkfifo(folder / "unreadable.yaml")
    assert "unreadable.yaml: cannot be read: it is not a regular file" in run("validate", folder, "-v").stderr


def test_a_pattern_passes_folders_over(write: Write, run: Run) -> None:
    folder = write("a.yaml", SPEC).parent
    write("b.yaml/c.yaml", SPEC)
    result = run("validate", f"{folder}/*.yaml", "-v", "--format", "json")
    assert len(result.json["files"]) == 1
    assert result.stderr == f"mailwright: skipped: {folder}/b.yaml: is not a file\n"


def test_exclude(write: Write, run: Run) -> None:
    for name in ("a.yaml", "b.yaml", "old/a.yaml", "old/keep.yaml", "x/old/b.yaml"):
        folder = write(name, SPEC)
    folder = folder.parents[2]
    assert taken(folder, "old/") == ["a.yaml", "b.yaml"]
    assert taken(folder, "/old/*", "!keep.yaml") == ["a.yaml", "b.yaml", "old/keep.yaml", "x/old/b.yaml"]
    assert taken(folder, "a.yaml") == ["b.yaml", "old/keep.yaml", "x/old/b.yaml"]
    assert taken(folder, "b.yaml", name="*.yaml") == ["a.yaml"]
    assert taken(folder, "a.yaml", name="a.yaml") == ["a.yaml"], "a file that is named is taken"
    with pytest.raises(UsageError, match="contains no spec"):
        taken(folder, "*")
    with pytest.raises(UsageError, match="matches no file"):
        taken(folder, "*", name="*.yaml")
    assert run("validate", folder, "--exclude", "old/", "--exclude", "b.yaml", "--format", "json").json["files"][0][
        "file"
    ] == str(folder / "a.yaml")


TREE = [
    "a.yaml",
    "b.yaml",
    "build/a.yaml",
    "build/keep/a.yaml",
    "conf/a.yaml",
    "conf/b.yaml",
    "conf/deep/a.yaml",
    "conf/deep/b.yaml",
    "conf/deep/tmp/x.yaml",
    "conf/ü.yaml",
    "private/a.yaml",
    "trailing .yaml",
]
IGNORES = {
    ".gitignore": "# a comment\nbuild/\n/b.yaml\n*.tmp\ntmp\nconf/**/b.yaml\n!conf/deep/b.yaml\n[\n\\#x\ntrailing\\ .yaml\n",
    "conf/.gitignore": "a.yaml\n!/a.yaml\nü.yaml\n",
    "conf/deep/.gitignore": "!a.yaml\n",
    "build/.gitignore": "!keep/\n!a.yaml\n",
}


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("start", [".", "conf", "conf/deep"])
def test_the_same_is_left_out_as_by_git(write: Write, tmp_path: Path, start: str) -> None:
    for name in TREE:
        write(name, SPEC)
    for name, text in IGNORES.items():
        write(name, text)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / ".git" / "info").mkdir(exist_ok=True)
    (tmp_path / ".git" / "info" / "exclude").write_text("private/\n")
    listed = subprocess.run(
        ["git", "-c", "core.excludesFile=", "ls-files", "-z", "--others", "--exclude-standard", "--", "*.yaml"],
        cwd=tmp_path / start,
        check=True,
        capture_output=True,
    ).stdout.decode()
    assert taken(tmp_path / start) == sorted(name for name in listed.split("\0") if name)


def test_a_folder_that_is_ignored_itself_was_asked_for(write: Write, tmp_path: Path) -> None:
    write(".gitignore", "build/\n")
    (tmp_path / ".git").mkdir()
    write("build/.gitignore", "b.yaml\n")
    for name in ("build/a.yaml", "build/b.yaml"):
        write(name, SPEC)
    assert taken(tmp_path, name="build") == ["build/a.yaml"]


def test_without_a_repository_the_folders_own_patterns_hold(write: Write, tmp_path: Path) -> None:
    write(".gitignore", "c.yaml\n")
    write("sub/.gitignore", "b.yaml\n")
    for name in ("sub/a.yaml", "sub/b.yaml", "sub/c.yaml"):
        write(name, SPEC)
    assert taken(tmp_path, name="sub") == ["sub/a.yaml", "sub/c.yaml"]
    assert not Ignoring(str(tmp_path / "sub")).leaves_out(str(tmp_path / "sub" / "c.yaml"), directory=False)


def test_nothing_is_mended_before_every_file_can_be_read(write: Write, run: Run) -> None:
    bad = '[output_adapter.email]\nhost = "smtp.example.com"\n'
    first = write("a/deployment.toml", bad)
    result = run("validate", "--fix", first, first.parents[1] / "missing.toml")
    assert (result.code in (2, 9), first.read_text()) == (True, bad)
    assert "nothing was fixed" in result.stderr
    run("validate", "--fix", first)
    assert "hostname" in first.read_text()


CANNOT_BE_OPENED: dict[str, Callable[[Path], object]] = {
    "folder": Path.mkdir,
    "link": lambda path: path.symlink_to("nowhere"),
    "link to itself": lambda path: path.symlink_to(path.name),
    "link to a folder": lambda path: path.symlink_to("deep", target_is_directory=True),
}


@pytest.mark.parametrize("what", CANNOT_BE_OPENED)
@pytest.mark.parametrize("name", ["email.yaml", "deployment.toml", "mailwright.yaml", "prod.mailwright.json", "Email.YML"])
@pytest.mark.parametrize("argument", ["", "/*"])
def test_what_has_a_specs_name_and_cannot_be_opened_is_an_error(
    write: Write, run: Run, what: str, name: str, argument: str
) -> None:
    folder = write("a.yaml", SPEC + "global: {port: 0}\n").parent
    write("deep/values.yaml", "a: 1\n")
    CANNOT_BE_OPENED[what](folder / name)
    result = run("validate", f"{folder}{argument}", "--format", "json")
    found = {
        Path(file["file"]).name: (bool(file["findings"]), file.get("error", {}).get("code")) for file in result.json["files"]
    }
    assert (result.code, found) == (9, {"a.yaml": (True, None), name: (False, "unreadable")})


@pytest.mark.parametrize("argument", ["", "/*"])
def test_a_pipe_that_was_not_named_is_never_waited_for(write: Write, run: Run, argument: str) -> None:
    folder = write("a.yaml", SPEC).parent
    os.mkfifo(folder / "email.yaml")
    result = run("validate", f"{folder}{argument}", "-v")
    assert (result.code, "email.yaml: " in result.stderr) == (0, True)


def test_a_link_that_leads_nowhere_matches_a_pattern(write: Write, run: Run) -> None:
    folder = write("a.yaml", SPEC).parent
    (folder / "b.yaml").symlink_to("gone.yaml")
    result = run("validate", f"{folder}/*.yaml")
    assert (result.code, "b.yaml: cannot be read: No such file or directory" in result.output) == (2, True)


@pytest.mark.parametrize("other", ["empty", "*.nothing", "missing.yaml"])
@pytest.mark.parametrize("first", [True, False])
def test_what_gives_no_file_hides_nothing_of_the_others(write: Write, run: Run, tmp_path: Path, other: str, first: bool) -> None:
    bad = '[output_adapter.email]\nhost = "smtp.example.com"\n'
    file = write("deployment.toml", bad)
    (tmp_path / "empty").mkdir()
    names = [str(tmp_path / other), str(file)][:: 1 if first else -1]
    result = run("validate", *names, "--format", "json")
    found = {Path(each["file"]).name: bool(each.get("error")) for each in result.json["files"]}
    assert (result.code, found) == (9, {other: True, "deployment.toml": False})
    assert "nothing was fixed" in run("validate", "--fix", *names).stderr
    assert file.read_text() == bad


@pytest.mark.skipif(os.name != "posix", reason="another system's permissions")
def test_what_may_not_be_read_is_said(run: Run) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        texts = {"a.yaml": SPEC, "email.yaml": SPEC, "values.yaml": SPEC, "deep/a.yaml": SPEC, "shut/a.yaml": SPEC}
        for path, text in texts.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        run("validate", folder)  # somebody without rights may not be able to read this Python
        for path in ("email.yaml", "values.yaml", "shut"):
            (folder / path).chmod(0)
        with somebody_without_rights():
            result = run("validate", folder, "-v")
            alone = run("validate", folder / "shut")
        (folder / "shut").chmod(0o700)
    assert (result.code, alone.code) == (2, 2)
    assert f"{folder}/email.yaml: cannot be read: Permission denied" in result.stdout
    assert "1 not readable in 3 files" in result.stdout
    assert [line.rpartition("/")[2] for line in result.stderr.splitlines()] == [
        "values.yaml: cannot be read: Permission denied",
        "shut: cannot be read: Permission denied",
    ]
    assert alone.stderr.startswith(f"mailwright: {folder}/shut: cannot be read: Permission denied")


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
