"""Standard input and pipes: every command that reads a file reads them, once, by a name of their own; and writes none."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailwright.base.errors import UnreadableInput
from mailwright.base.reading import read_bytes

if TYPE_CHECKING:
    from commands import Run

Write = Callable[[str, str], Path]
SENDER = "from_address = 'a@b.example'\nhostname = 'h'\nport = 25\nusername = 'u'\npassword = '$env{P}'\n"
DEPLOYMENT = f"[output_adapter.email]\n{SENDER}"
SPEC = "mailwright: 1\nglobal: {from_address: a@b.example, hostname: h, port: 25, username: u, password: '$env{P}'}\n"
SPEC_JSON = '{\n  "mailwright": 1,\n  "global": {"from_address": "a@b.example", "hostnam": "h"}\n}\n'
SPEC_TOML = "# a spec\nmailwright = 1\n[global]\nfrom_address = 'a@b.example'\nhostnam = 'h'\n"
VERSION = ("--product-version", "7.2.0")


# -- what it is, its text tells


@pytest.mark.parametrize(
    ("text", "rule", "place"),
    [
        (f"{DEPLOYMENT}hostnam = 'x'\n", "MW101", "<stdin>:7:1"),
        ("# c\n\noutput_adapter.email.prot = 25\n", "MW101", "<stdin>:3:1"),
        ("'output_adapter'.email.prot = 25\n", "MW101", "<stdin>:1:1"),
        (SPEC_TOML, "MW002", "<stdin>:5:1"),
        (SPEC_JSON, "MW002", "<stdin>:3:45"),
        ("# c\n---\nmailwright: 1\nglobl: {}\n", "MW002", "<stdin>:4:1"),
        ("{mailwright: 1, globl: {}}\n", "MW002", "<stdin>:1:17"),
        ("mailwright: 1\nglobal:\n  hostnam: h\n", "MW002", "<stdin>:3:3"),
    ],
    ids=["table", "dotted", "quoted", "toml", "json", "yaml", "flow", "block"],
)
def test_validate(text: str, rule: str, place: str, run: Run) -> None:
    result = run("validate", "-", stdin=text)
    assert (result.code, f"{place}: {rule} error" in result.stdout) == (1, True), result.output


def test_a_name_says_what_it_is(run: Run) -> None:
    result = run("validate", "-", "--stdin-filename", "conf/a.toml", stdin="mailwright: 1\n")
    assert "conf/a.toml:1:11: MW001" in result.stdout
    assert "<stdin>" not in result.output
    assert run("validate", "--stdin-filename", "conf/deployment.toml", "-", stdin=DEPLOYMENT).code == 0


def test_what_stands_under_that_name_is_not_read(run: Run, write: Write, tmp_path: Path) -> None:
    path = write("deployment.toml", DEPLOYMENT)
    result = run("validate", "-", "--stdin-filename", path, stdin="[output_adapter.email]\nhost = 'x'\n")
    assert (result.code, f"{path}:2:1: MW101" in result.stdout) == (1, True)
    fixed = run("validate", "-", "--fix", "--stdin-filename", path, stdin="[output_adapter.email]\nhost = 'x'\n")
    assert fixed.stdout == "[output_adapter.email]\nhostname = 'x'\n"
    assert path.read_text(encoding="utf-8") == DEPLOYMENT


def test_the_folder_of_the_name_counts(run: Run, write: Write, tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "tenants.yaml").write_text("a.example: {port: x}\n", encoding="utf-8")
    spec = "mailwright: 1\ntenants_from: [tenants.yaml]\n"
    assert "conf/tenants.yaml:1:" in run("validate", "-", "--stdin-filename", "conf/email.yaml", stdin=spec, cwd=tmp_path).stdout
    assert "<stdin>:2:16: MW003" in run("validate", "-", stdin=spec, cwd=tmp_path).stdout


def test_comments_silence(run: Run) -> None:
    text = "[output_adapter.email]\nhost = 'x'  # mailwright: ignore[MW101]\n"
    assert "MW101" not in run("validate", "-", stdin=text).stdout
    assert "MW002" not in run("validate", "-", stdin="mailwright: 1\nglobl: {}  # mailwright: ignore\n").stdout


@pytest.mark.parametrize("command", [["validate"], ["effective", *VERSION], ["import"], ["render"], ["verify"]], ids=str)
def test_nothing_is_told_from_an_empty_file(command: list[str], run: Run) -> None:
    result = run(*command, "-", stdin="")
    assert (result.code, result.stderr) == (
        2,
        "mailwright: <stdin>: is empty\n  hint: what should write into the pipe wrote nothing\n",
    )


@pytest.mark.parametrize("data", ["\ufeffmailwright: 1\n", "mailwright: 1\0\n"])
def test_what_is_no_text(data: str, run: Run) -> None:
    result = run("validate", "-", stdin=data)
    assert (result.code, "<stdin>:1:1" in result.output) == (2, True)


def test_it_can_be_one_of_the_files(run: Run, write: Write) -> None:
    path = write("deployment.toml", DEPLOYMENT)
    assert run("validate", path, "-", "--ignore", "MW1", stdin=SPEC).code == 0
    for twice in (["validate", "-", "-"], ["merge", "-", "-"]):
        result = run(*twice, stdin=SPEC)
        assert (result.code, "only one of the files can be standard input" in result.stderr) == (2, True)


@pytest.mark.parametrize("format_", ["json", "sarif", "github", "gitlab", "junit"])
def test_every_format_names_it(format_: str, run: Run) -> None:
    said = run("validate", "-", "--format", format_, stdin="mailwright: 1\nglobl: {}\n").stdout
    assert "stdin" in said
    assert "conf/email.yaml" in run(
        "validate", "-", "--format", format_, "--stdin-filename", "conf/email.yaml", stdin="mailwright: 1\nglobl: {}\n"
    ).stdout.replace("\\/", "/")


# -- what is mended goes to standard output


def test_the_mended_text(run: Run) -> None:
    result = run("validate", "--fix", "-", stdin="# é\r\n[output_adapter.email]\r\nhost = 'x'\r\n")
    assert result.stdout == "# é\r\n[output_adapter.email]\r\nhostname = 'x'\r\n"
    assert "fixed <stdin>:3:1: MW101" in result.stderr
    assert "warnings in 1 file" in result.stderr


@pytest.mark.parametrize("text", [DEPLOYMENT, "mailwright: [\n", "mailwright: 1\nglobal: {nonsense: 1}\n", SPEC])
def test_a_text_that_is_not_mended_comes_back(text: str, run: Run) -> None:
    result = run("validate", "--fix", "-", stdin=text)
    assert result.stdout == text
    assert "<stdin>" in result.stderr or "nothing to report" in result.stderr


def test_a_misspelt_key_of_a_spec_is_mended(run: Run) -> None:
    assert "hostname: h" in run("validate", "--fix", "-", stdin="mailwright: 1\nglobal:\n  hostnam: h\n").stdout
    assert '"hostname": "h"' in run("validate", "--fix", "-", stdin=SPEC_JSON).stdout
    assert "hostname = 'h'" in run("validate", "--fix", "-", stdin=SPEC_TOML).stdout


def test_other_files_are_not_mended_with_it(run: Run, write: Write, tmp_path: Path) -> None:
    path = write("tenants.yaml", "a.example: {hostnam: x}\n")
    spec = "mailwright: 1\ntenants_from: [tenants.yaml]\nglobal: {hostnam: h}\n"
    result = run("validate", "--fix", "-", stdin=spec, cwd=tmp_path)
    assert result.stdout == spec.replace("hostnam:", "hostname:")
    assert path.read_text(encoding="utf-8") == "a.example: {hostnam: x}\n"


def test_a_diff_writes_nothing(run: Run) -> None:
    result = run("validate", "--diff", "-", stdin="[output_adapter.email]\nhost = 'x'\n")
    assert "would fix <stdin>:2:1" in result.stderr
    assert "hostname = 'x'" not in result.stdout


# -- the other commands


def test_effective(run: Run) -> None:
    result = run("effective", "-", *VERSION, "--format", "json", stdin=DEPLOYMENT)
    assert (result.code, result.json["file"], result.json["properties"]["mail.smtp.host"]) == (0, "<stdin>", "h")
    assert "reads deployment.toml files" in run("effective", "-", *VERSION, stdin=SPEC).stderr
    named = run("effective", "-", *VERSION, "--stdin-filename", "node1.toml", "--format", "json", stdin=DEPLOYMENT)
    assert named.json["file"] == "node1.toml"


def test_import(run: Run, tmp_path: Path) -> None:
    spec = run("import", "-", *VERSION, stdin=DEPLOYMENT)
    assert (spec.code, "hostname: h" in spec.stdout) == (0, True)
    adapters = "<outputEventAdaptersConfig><adapterConfig type='email'>" + "".join(
        f"<property name='mail.smtp.{key}'>{value}</property>"
        for key, value in (("from", "a@b.example"), ("user", "u"), ("host", "relay.example"), ("port", "25"))
    )
    adapters += "<property name='mail.smtp.password'>canary</property></adapterConfig></outputEventAdaptersConfig>\n"
    for number, (name, text) in enumerate((([], f"\n{adapters}"), (["--stdin-filename", "old.xml"], adapters))):
        made = run("import", "-", *name, "-o", tmp_path / f"{number}.yaml", stdin=text)
        assert "hostname: relay.example" in (tmp_path / f"{number}.yaml").read_text(encoding="utf-8")
        assert "`password` is in clear text: the spec says $secret{" in made.stderr
        assert "canary" not in made.output
    broken = run("import", "-", stdin="[output_adapter.email\n")
    assert (broken.code, "<stdin>:1:" in broken.stderr) == (2, True)


def test_render(run: Run) -> None:
    assert "hostname = " in run("render", "-", stdin=SPEC).stdout


def test_merge_from_standard_input(run: Run, write: Write) -> None:
    spec = write("email.yaml", SPEC.replace("hostname: h", "hostname: new"))
    result = run("merge", spec, "-", stdin=f"[server]\nx = 1\n{DEPLOYMENT}")
    assert result.code == 0
    assert 'hostname = "new"' in result.stdout
    assert result.stdout.startswith("[server]\nx = 1\n")
    assert result.stderr == "<stdin>: changed: hostname\n"
    again = run("merge", spec, "-", stdin=result.stdout)
    assert (again.stdout, again.stderr) == (result.stdout, "<stdin>: in sync\n")
    check = run("merge", spec, "-", "--check", stdin=DEPLOYMENT)
    assert (check.code, check.stdout.startswith("<stdin>: differs: hostname")) == (1, True)
    diff = run("merge", spec, "-", "--diff", stdin=DEPLOYMENT)
    assert diff.stdout.startswith("[output_adapter.email]")
    assert "-output_adapter.email.hostname" in diff.stderr


def test_merge_hands_nothing_on_that_would_not_start(run: Run, write: Write) -> None:
    result = run("merge", write("email.yaml", SPEC.replace("$env{P}", "$secret{none}")), "-", stdin=DEPLOYMENT)
    assert (result.code, result.stdout) == (8, "")
    assert run("merge", write("email.yaml", SPEC), "-", stdin="[[output_adapter.email]]\n[a\n").stdout == ""


def test_merge_says_that_a_clear_text_is_gone(run: Run, write: Write) -> None:
    text = DEPLOYMENT.replace("$env{P}", "canary")
    result = run("merge", write("email.yaml", SPEC), "-", "--backup", "0", stdin=text)
    assert "<stdin>: warning: the clear text of `password` is not in what was written: keep the old file" in result.stderr
    assert "canary" not in result.output


def test_a_spec_from_standard_input(run: Run, write: Write) -> None:
    path = write("deployment.toml", DEPLOYMENT)
    assert run("merge", "-", path, stdin=SPEC.replace("hostname: h", "hostname: new")).code == 0
    assert 'hostname = "new"' in path.read_text(encoding="utf-8")
    assert run("plan", "-", "--server", "https://localhost:1", stdin=f"{SPEC}nonsense: 1\n").stderr.startswith(
        "mailwright: <stdin>:3:1: "
    )


def test_two_pipes_are_not_written_into_each_other(run: Run, write: Write, tmp_path: Path) -> None:
    pipes = [_pipe(tmp_path / f"p{number}", DEPLOYMENT) for number in range(2)]
    result = run("merge", write("email.yaml", SPEC), *pipes)
    assert (result.code, "only one of the files can come through a pipe" in result.stderr) == (2, True)
    for pipe in pipes:  # whoever writes into them is let go
        assert pipe.read_text(encoding="utf-8") == DEPLOYMENT


# -- pipes


def _pipe(path: Path, text: str) -> Path:
    os.mkfifo(path)
    threading.Thread(target=lambda: path.write_text(text, encoding="utf-8"), daemon=True).start()
    return path


@pytest.mark.parametrize("name", ["pipe", "deployment.toml", "x.toml"])
def test_a_named_pipe(name: str, run: Run, tmp_path: Path) -> None:
    pipe = _pipe(tmp_path / name, "[output_adapter.email]\nhost = 'x'\n")
    result = run("validate", pipe)
    assert (result.code, f"{pipe}:2:1: MW101" in result.stdout) == (1, True)


def test_a_pipe_is_read_once_however_often_it_is_needed(run: Run, tmp_path: Path) -> None:
    pipe = _pipe(tmp_path / "pipe", "mailwright: 1\nglobal: {hostnam: h}\n")
    assert run("validate", "--fix", pipe).stdout == "mailwright: 1\nglobal: {hostname: h}\n"


def test_many_files_and_a_pipe(run: Run, tmp_path: Path) -> None:
    for number in range(80):
        (tmp_path / f"{number}.toml").write_text(DEPLOYMENT, encoding="utf-8")
    pipe = _pipe(tmp_path / "pipe", "[output_adapter.email]\nhost = 'x'\n")
    result = run("validate", "--fix", pipe, *(tmp_path / f"{number}.toml" for number in range(80)))
    assert result.stdout == "[output_adapter.email]\nhostname = 'x'\n"


def test_a_folder_reads_no_pipe(run: Run, tmp_path: Path) -> None:
    for name in ("deployment.toml", "mailwright.yaml"):
        os.mkfifo(tmp_path / name)
    (tmp_path / "email.yaml").write_text(SPEC, encoding="utf-8")
    result = run("validate", tmp_path, "-v")
    assert result.code == 0
    assert result.stderr.count("cannot be read: it is not a regular file") == 2


def test_the_next_run_reads_anew(run: Run, tmp_path: Path) -> None:
    assert run("validate", "-", "--stdin-filename", "a.yaml", stdin=SPEC, cwd=tmp_path).code == 0
    assert run("validate", "a.yaml", cwd=tmp_path).code == 2


def test_a_device_is_not_read() -> None:
    with pytest.raises(UnreadableInput, match="not a regular file"):
        read_bytes("/dev/zero")
