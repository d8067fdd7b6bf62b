"""The command line: what is printed where, exit codes, versions, several files, streams that go away."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from mailwright import __version__
from mailwright.base.errors import ExitCode
from mailwright.cli import _COMMANDS
from mailwright.rules.catalogue import CATALOGUE
from products import load_adapter

if TYPE_CHECKING:
    from commands import Run

Write = Callable[[str, str | bytes], Path]
GOOD = "[output_adapter.email]  # mailwright: ignore\nfrom_address = 'a@b.example'\nhostname = 'h'\n"


# -- validate


def test_nothing_to_report(run: Run, write: Write) -> None:
    result = run("validate", write("deployment.toml", GOOD))
    assert (result.code, result.stdout, result.stderr) == (0, "1 file: nothing to report\n", "")


def test_findings_as_text(run: Run, write: Write) -> None:
    path = write("deployment.toml", "[output_adapter.email]\nfrom_address = 'a@b.example'\nhost = 'h'\npassword = 'a&b'\n")
    result = run("validate", path, "--product-version", "7.2.0", "--select", "MW101,MW202")
    assert result.code == 1
    assert result.stdout == (
        f'{path}:3:1: MW101 error: unknown key `host`: the server ignores it and uses "smtp.gmail.com" as `hostname`\n'
        "    3 | host = ‹…>\n"
        "      | ^^^^ did you mean `hostname`?  (fixable)\n"
        f"{path}:4:12: MW202 error: `password`: output-event-adapters.xml and axis2.xml are not well-formed (invalid token)\n"
        "    4 | password = <secret>\n"
        "      |            ^^^^^^^^ wrap the value in <![CDATA[…]]>, or write & as &amp; and < as &lt;  (fixable)\n"
        "2 errors in 1 file; 2 fixable with --fix. `mailwright explain MW101` (or MW202) says more.\n"
    )


def test_one_unreadable_file_hides_nothing(run: Run, write: Write, tmp_path: Path) -> None:
    bad = write("bad.toml", "[output_adapter.email]\nhost = 'h'\n")
    broken = write("broken.yaml", "a: [\n")
    result = run("validate", tmp_path / "missing.toml", bad, broken, "--product-version", "7.2.0", "--select", "MW101")
    assert result.code == ExitCode.SEVERAL
    assert "missing.toml: cannot be read: No such file or directory" in result.stdout
    assert "bad.toml:2:1: MW101" in result.stdout
    assert "broken.yaml:2:1: is not valid YAML" in result.stdout
    assert "1 error, 2 not readable in 3 files; 1 fixable with --fix." in result.stdout


@pytest.mark.parametrize(
    ("names", "code"),
    [(["bad"], 1), (["missing"], 2), (["good", "bad"], 1), (["bad", "bad"], 1), (["bad", "missing"], 9)],
    ids=str,
)
def test_exit_codes_of_several_files(names: list[str], code: int, run: Run, write: Write, tmp_path: Path) -> None:
    write("good.toml", GOOD)
    write("bad.toml", "[output_adapter.email]\nhost = 'h'\n")
    assert run("validate", *(tmp_path / f"{name}.toml" for name in names)).code == code


def test_what_the_servers_parser_refuses_is_a_finding(run: Run, write: Write) -> None:
    path = write("deployment.toml", b"\xff\xfe\x00[[[")
    assert run("validate", path).code == 1
    result = run("effective", path, "--product-version", "7.2.0")
    assert (result.code, "abort" in result.stdout) == (1, True)


def test_a_toml_file_is_a_spec_if_it_begins_like_one(run: Run, write: Write) -> None:
    assert "MW002" in run("validate", write("a.toml", "mailwright = 1\nnope = 1\n")).stdout
    assert run("validate", write("b.toml", "# c\nx = 1\nmailwright = 1\n[y]\n")).code == 1
    assert run("validate", write("c.toml", "[x]\nmailwright = 1\n")).code == 0
    assert run("validate", write("d.toml", "[x]\n"), "--as", "spec").code == 2


@pytest.mark.parametrize("name", ["email.yml", "email.YAML", "email.json", "email.toml"])
def test_endings(name: str, run: Run, write: Write) -> None:
    text = {"json": '{"mailwright": 1}', "toml": "mailwright = 1\n"}.get(name.rpartition(".")[2], "mailwright: 1\n")
    assert run("validate", write(name, text)).code == 0


def test_odd_names_and_bytes_in_names(run: Run, write: Write, tmp_path: Path) -> None:
    """Control characters and bytes that are no UTF-8 are printed as escapes, in text and in JSON."""
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/a\nb\xff\x1b[31m.toml")
    Path(odd).write_text('[output_adapter.email]\nhost = "h"\n"\\ud800" = 1\n', encoding="utf-8")
    effective = ["effective", "--product-version", "7.3.0"]
    for command in (["validate"], ["validate", "--format", "json"], [*effective, "--format", "json"], [*effective, odd]):
        result = run(*command, odd)
        assert result.code in (0, 1)
        assert "\x1b" not in result.output
        assert "\\udcff" in result.output


# -- versions


def test_the_version_of_the_option_and_the_environment(run: Run, write: Write) -> None:
    path = write("deployment.toml", "[output_adapter.email]\nauth_type = 'BASIC'\n")
    assert run("validate", path).code == 0  # only older releases lack the key: a warning
    assert run("validate", path, "--product-version", "7.1.0").code == 1
    assert run("validate", path, "--product-version", "7.2.0").code == 0
    assert run("validate", path, env={"MAILWRIGHT_PRODUCT_VERSION": "7.2.0"}).code == 0
    assert run("validate", path, "--product-version", "7.2", env={"MAILWRIGHT_PRODUCT_VERSION": "7.2.0"}).code == 0
    differ = run("validate", path, "--product-version", "7.2.0", env={"MAILWRIGHT_PRODUCT_VERSION": "7.3.0"})
    assert (differ.code, "MAILWRIGHT_PRODUCT_VERSION says 7.3.0" in differ.stderr) == (2, True)


def test_the_version_of_the_spec(run: Run, write: Write) -> None:
    path = write("spec.yaml", 'mailwright: 1\nproduct: {version: "7.2.0"}\n')
    assert run("validate", path, "--product-version", "7.2.0").code == 0
    differ = run("validate", path, "--product-version", "7.3.0")
    assert differ.code == 2
    assert f"{path}:2:20: the product version is 7.3.0 by the option" in differ.stdout


@pytest.mark.parametrize(("version", "words"), [("5.8.0", "before 5.9.0"), ("x", "no version number")])
def test_versions_that_cannot_be(version: str, words: str, run: Run, write: Write) -> None:
    for command in ("validate", "effective"):
        result = run(command, write("deployment.toml", GOOD), "--product-version", version)
        assert (result.code, words in result.stderr) == (2, True)
    result = run("validate", write("spec.yaml", f"mailwright: 1\nproduct: {{version: '{version}'}}\n"))
    assert (result.code, words in result.stdout) == (2, True)
    assert "spec.yaml:2:20" in result.stdout


def test_effective_needs_a_version(run: Run, write: Write) -> None:
    result = run("effective", write("deployment.toml", GOOD))
    assert (result.code, "--product-version" in result.stderr) == (2, True)


def test_environments(run: Run, write: Write) -> None:
    path = write("spec.yaml", "mailwright: 1\nenvironments: {good: {}, bad: {owner: ''}}\n")
    assert run("validate", path).code == 1
    assert "environment bad" in run("validate", path).stdout or "`owner` must not be empty" in run("validate", path).stdout
    unknown = run("validate", path, "--env", "nope")
    assert (unknown.code, "no environment `nope`" in unknown.stdout) == (2, True)


# -- effective


def test_effective_as_text(run: Run, write: Write) -> None:
    path = write("deployment.toml", "[output_adapter.email]\nport = 25\nhost = 'x'\nusername = '$env{U}'\npassword = 's3cret'\n")
    result = run("effective", path, "--product-version", "5.10.0")
    lines = {" ".join(line.split()) for line in result.stdout.splitlines()}
    assert result.code == 0
    assert {
        "mail.smtp.host smtp.gmail.com default: `hostname` is not set",
        "mail.smtp.port 25 deployment.toml:2",
        "mail.smtp.password <secret> deployment.toml:5",
        "minThread 8 fixed: no key sets it",
        "ignored: output_adapter.email.host (line 3)",
        "not resolved: $env{U} (--resolve-env takes it from the environment)",
    } <= lines


def test_effective_resolves(run: Run, write: Write) -> None:
    path = write("deployment.toml", "[output_adapter.email]\nhostname = '$env{MAILWRIGHT_HOST}$sys{x}'\n")
    options = ["--product-version", "7.3.0", "--resolve-env", "--format", "json"]
    view = run("effective", path, *options, "--sys", "x=.example=1", env={"MAILWRIGHT_HOST": "h"}).json
    assert (view["outcome"], view["properties"]["mail.smtp.host"], view["unresolved"]) == ("ok", "h.example=1", [])
    assert view["origins"]["mail.smtp.host"] == "reference"
    missing = run("effective", path, *options, env={"MAILWRIGHT_HOST": "h"})
    assert (missing.code, missing.json["outcome"], missing.json["line"]) == (1, "abort", 2)


@pytest.mark.parametrize("pair", ["x", "=x"])
def test_effective_wants_names_and_values(pair: str, run: Run, write: Write) -> None:
    assert run("effective", write("deployment.toml", GOOD), "--product-version", "7.3.0", "--sys", pair).code == 2


def test_effective_of_a_missing_file_goes_on(run: Run, write: Write, tmp_path: Path) -> None:
    result = run("effective", tmp_path / "missing.toml", write("deployment.toml", GOOD), "--product-version", "7.3.0")
    assert (result.code, "cannot be read" in result.stderr, "mail.smtp.host" in result.stdout) == (2, True, True)


# -- explain and schema


def test_explain_knows_every_key_property_and_rule(run: Run) -> None:
    adapter = load_adapter()
    for name in [*adapter, *adapter.listed, *CATALOGUE]:
        result = run("explain", name)
        assert (result.code, result.stdout.startswith(name)) == (0, True)
    assert run("explain", "mw101").code == 0
    assert run("explain", "output_adapter.email.custom_properties.'mail.smtp.timeout'").code == 0
    assert run("explain", "output_adapter.email.port").stdout == run("explain", "port").stdout


def test_explain_suggests(run: Run) -> None:
    assert "hostname: SMTP server" in run("explain", "host").output
    result = run("explain", "zzz")
    assert (result.code, "keys: from_address" in result.stderr) == (2, True)


def test_explain_tells_facts_with_their_source(run: Run) -> None:
    text = run("explain", "hostname").stdout
    for part in ("smtp.gmail.com", "mail.smtp.host, also in axis2.xml", "field smtpServerHost", "product/keys.md#hostname"):
        assert part in text


def test_schema_refuses_other_names(run: Run) -> None:
    assert run("schema", "nope").code == 2


# -- the program around the commands


def test_help_and_version(run: Run) -> None:
    assert run("--version").stdout == f"mailwright, version {__version__}\n"
    listing = run("--help")
    assert listing.code == 0
    for command in ("validate", "effective", "explain", "schema"):
        assert command in listing.stdout
        assert "Examples:" in run(command, "--help").stdout


@pytest.mark.parametrize(
    "arguments", [["nope"], ["validate"], ["validate", "--nope", "x"], ["effective", "x", "--format", "xml"]], ids=str
)
def test_usage_errors(arguments: list[str], run: Run) -> None:
    result = run(*arguments)
    assert (result.code, result.stdout) == (2, "")
    assert result.stderr


def test_as_a_program(run_program: Run, run: Run, write: Write) -> None:
    path = write("deployment.toml", "[output_adapter.email]\nhost = 'ä'\n")
    assert run_program("validate", path) == run("validate", path)


def unread(*arguments: str | Path) -> tuple[int, bytes]:
    """Run the command line for a reader that goes away; return the exit code and what it says on standard error."""
    command = [sys.executable, "-m", "mailwright", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert isinstance(process.stdout, io.BufferedReader)
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr is not None
        said = process.stderr.read()
        return process.wait(timeout=240), said


def test_a_reader_that_goes_away_changes_no_exit_code(write: Write) -> None:
    """``set -o pipefail; mailwright validate … | head`` is no way to a pipeline that is green."""
    bad = write("bad/deployment.toml", "".join(f"[output_adapter.email.x{number}]\na = 1\n" for number in range(3000)))
    good = write("deployment.toml", GOOD)
    assert unread("validate", bad) == (1, b"")
    assert unread("effective", good, "--product-version", "7.2.0") == (0, b"")


def test_a_reader_that_goes_away_stops_no_work(write: Write) -> None:
    """Each file was merged, not those before the pipe broke; ``--fix`` the same."""
    spec = write(
        "email.yaml",
        "mailwright: 1\nproduct: {version: '7.2.0'}\ntenant_loading: {idle_minutes: 5}\n",
    )
    text = "[output_adapter.email]\nhost = 'h'\n" + "# filling\n" * 100
    files = [write(f"{number}/deployment.toml", text) for number in range(30)]
    assert unread("merge", spec, *files) == (0, b"")
    assert [file for file in files if "tenant_idle_timeout = 5" not in file.read_text()] == []
    code, _ = unread("validate", "--fix", *files)
    assert code == 0
    assert [file for file in files if "\nhostname = " not in file.read_text()] == []


def test_an_interrupt_ends_in_its_own_code(run: Run, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    from mailwright.cli import validate as validate_command

    def interrupt(*_: object, **__: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(validate_command, "Check", interrupt)
    result = run("validate", write("deployment.toml", GOOD))
    assert (result.code, result.stderr.strip()) == (130, "interrupted: nothing was changed")
    assert run("validate", "--fix", write("deployment.toml", GOOD)).stderr.strip() == "interrupted"


def test_an_interrupt_ends_in_its_own_code_wherever_it_is_met(tmp_path: Path) -> None:
    """``python -m`` ends by the signal, whoever catches the interrupt, where it came in an ``exec()``, as dataclasses are made with."""
    code = "from mailwright import cli\ncli.program.main = lambda **_: exec('raise KeyboardInterrupt')\ncli.main([])\n"
    (tmp_path / "interrupted.py").write_text(code)
    command = [sys.executable, "-m", "interrupted"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240)
    assert (done.returncode, done.stderr.strip()) == (130, "interrupted")


ENDING = """
import asyncio, os, signal, time
from mailwright import cli

def ask():
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(60)

def ask_twice():  # as `timeout` does
    try:
        ask()
    except KeyboardInterrupt:
        os.kill(os.getpid(), signal.SIGTERM)
        print("told", flush=True)
        raise

async def in_a_loop():
    try:
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)
        await asyncio.sleep(60)
    finally:
        print("let go", flush=True)

def in_a_child():
    child = os.fork()
    if not child:
        ask()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)

"""


@pytest.mark.parametrize(
    ("before", "work", "code", "out", "err"),
    [
        ("", "ask()", 143, "", "interrupted\n"),
        ("", "exec('ask()')", 143, "", "interrupted\n"),
        ("", "ask_twice()", 143, "told\n", "interrupted\n"),
        ("", "asyncio.run(in_a_loop())", 143, "let go\n", "interrupted\n"),
        ("", "in_a_child()", 0, "-15\n", ""),
        ("signal.signal(signal.SIGINT, signal.SIG_IGN)", "ask()", 143, "", "interrupted\n"),
        ("signal.signal(signal.SIGTERM, signal.SIG_IGN)", "print('on')", 0, "on\n", ""),
        ("signal.signal(signal.SIGTERM, lambda *_: os._exit(9))", "ask()", 9, "", ""),
        ("", "os.kill(os.getpid(), signal.SIGINT)", 130, "", "interrupted\n"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_sigterm_ends_a_run_as_an_interrupt_does(tmp_path: Path, before: str, work: str, code: int, out: str, err: str) -> None:
    """The first process of a container would not be ended by it at all without a handler."""
    script = tmp_path / "ending.py"
    script.write_text(f"{ENDING}{before}\ncli.program.main = lambda **_: {work}\ncli.main([])\n")
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=50)
    assert (done.returncode, done.stdout, done.stderr) == (code, out, err)


def test_output_survives_a_narrow_encoding(write: Write) -> None:
    """A pipe in the C locale takes no `‹…>`: it must not end in an internal error."""
    path = write("deployment.toml", "[output_adapter.email]\nhost = 'h'\n")
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-m", "mailwright", "validate", str(path)], capture_output=True, env=env, timeout=240)
    assert (done.returncode, b"internal" in done.stderr) == (1, False)


@pytest.mark.parametrize("columns", [60, 80, 200])
@pytest.mark.parametrize("command", [(), *((name,) for name in _COMMANDS), ("sandbox", "smtp"), ("sandbox", "is")])
def test_help_breaks_no_word_and_fits(command: tuple[str, ...], columns: int, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left out of a line that says what a command does; what is wider is a list of words, or what a user copies."""
    monkeypatch.setattr(click.formatting, "FORCED_WIDTH", 1000)
    whole = set(run(*command, "--help").stdout.split())
    monkeypatch.setattr(click.formatting, "FORCED_WIDTH", columns - 2)
    lines = run(*command, "--help").stdout.splitlines()
    assert set(" ".join(lines).split()) - whole <= {"\\"}
    assert [
        line for line in lines if len(line) > columns and not re.match(r" +(--\w+ \[|--format |ssh node1 |source <)", line)
    ] == []
    assert not any(re.search(r"[a-z]\.\.\.$", line) for line in lines)


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize(("how", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_an_interrupt_while_it_loads_shows_no_traceback(tmp_path: Path, how: str, code: int) -> None:
    """What it imports first interrupts it: nothing was begun, and nothing is said."""
    text = f"import os, signal, time\nos.kill(os.getpid(), signal.{how})\ntime.sleep(30)\n"
    (tmp_path / "click.py").write_text(text, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "mailwright", "--version"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


def test_an_interrupt_that_python_wraps_is_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def main(**_: object) -> None:
        raise RuntimeError("Error calling __set_name__") from KeyboardInterrupt()

    monkeypatch.setattr("mailwright.cli.program.main", main)
    result = run("explain", "hostname")
    assert (result.code, result.stdout, result.stderr) == (130, "", "interrupted\n")
