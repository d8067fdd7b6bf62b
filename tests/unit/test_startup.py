"""Start-up: `validate` and `effective` on one file import nothing heavy; importing the package imports nothing at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

FORBIDDEN = {
    "jinja2",
    "tomlkit",
    "aiohttp",
    "httptools",
    "httpx",
    "requests",
    "urllib3",
    "http.client",
    "ansible",
    "cryptography",
    "asyncio",
    "mailwright.product.facts",
    "mailwright.rules.pages",
}
SCRIPT = """
import io, json, sys
from contextlib import redirect_stdout
from mailwright.cli import run
with redirect_stdout(io.StringIO()):
    code = run(sys.argv[1:])
print(json.dumps([code, sorted(sys.modules)]))
"""


LIBRARIES = "import json, sys, click, jsonschema; print(json.dumps([0, sorted(sys.modules)]))"


def _modules(*arguments: str) -> set[str]:
    own = {**os.environ, "MAILWRIGHT_NO_CACHE": "1"}  # what was found before is not looked for again
    done = subprocess.run([sys.executable, "-c", *arguments], capture_output=True, text=True, check=True, timeout=240, env=own)
    code, modules = json.loads(done.stdout)
    assert code in (0, 1), done.stderr
    return set(modules)


@cache
def of_libraries() -> set[str]:
    """What click and jsonschema import by themselves: older releases of jsonschema import http.client."""
    return _modules(LIBRARIES) - {"click", "jsonschema"}


def modules_of(*arguments: str) -> set[str]:
    return _modules(SCRIPT, *arguments) - of_libraries()


@pytest.fixture
def deployment(tmp_path: Path) -> str:
    path = tmp_path / "deployment.toml"
    path.write_text("[output_adapter.email]\nhostname = 'h'\nport = 'x'\n", encoding="utf-8")
    return str(path)


def test_validate_of_a_deployment(deployment: str) -> None:
    modules = modules_of("validate", deployment)
    assert modules & FORBIDDEN == set()
    assert "yaml" not in modules
    assert "mailwright.engine.effective" in modules


def test_validate_of_a_spec(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text("mailwright: 1\ntenants: {a.example: {port: x}}\n", encoding="utf-8")
    assert modules_of("validate", str(path)) & FORBIDDEN == set()


@pytest.mark.parametrize("good", ["deployment.toml", "spec.yaml"])
def test_what_is_valid_is_not_explained(tmp_path: Path, good: str) -> None:
    path = tmp_path / good
    path.write_text(
        "[output_adapter.email]\nfrom_address = 'a@b.example'\nhostname = 'h'\nport = 25\n"
        if good.endswith(".toml")
        else "mailwright: 1\nglobal: {from_address: a@b.example, hostname: h, port: 25, username: u, password: '$env{P}'}\n",
        encoding="utf-8",
    )
    assert "jsonschema" not in _modules(SCRIPT, "validate", str(path))


@pytest.mark.parametrize("command", ["validate", "effective"])
def test_a_good_deployment_loads_nothing_that_few_runs_need(tmp_path: Path, command: str) -> None:
    path = tmp_path / "deployment.toml"
    path.write_text("[output_adapter.email]\nfrom_address = 'a@b.example'\nhostname = 'h'\nport = 25\n", encoding="utf-8")
    modules = _modules(SCRIPT, command, str(path), "--product-version", "7.3.0")
    assert modules & {"ctypes", "tomllib", "csv", "difflib", "decimal", "hashlib", "shutil", "signal", "bz2"} == set()


def test_effective(deployment: str) -> None:
    modules = modules_of("effective", deployment, "--product-version", "7.3.0")
    assert modules & (FORBIDDEN | {"yaml", "jsonschema"}) == set()


def test_importing_the_package_imports_none_of_its_modules() -> None:
    script = "import sys, mailwright; print(*(name for name in sys.modules if name.startswith('mailwright')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=240)
    assert done.stdout.split() == ["mailwright"]


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_help_imports_no_command(option: str) -> None:
    taken = {name for name in modules_of(option) if name.startswith(("mailwright.cli.", "mailwright.validation"))}
    helping = {"mailwright.cli.helping"} if option == "--help" else set()
    assert taken == {"mailwright.cli.choices", "mailwright.cli.manner", *helping}


def test_the_list_of_commands_says_what_they_say_themselves() -> None:
    from click import Context

    from mailwright.cli import program

    listed = program.get_help(Context(program, info_name="mailwright", terminal_width=80))
    names = program.list_commands(Context(program))
    width = max(map(len, names))
    for name in names:
        command = program.get_command(Context(program), name)
        said = f"  {name.ljust(width)}  {command.get_short_help_str(200)}"
        assert said in listed.replace("\n" + " " * (width + 4), " "), name


@pytest.mark.parametrize(
    ("line", "forbidden"),
    [
        ("mailwright va", "mailwright.cli.validate"),
        ("mailwright validate --sel", "mailwright.rules.pages"),
        ("mailwright validate deploy", "mailwright.spec.yaml_reader"),
        ("mailwright verify --product-version 7", "cryptography"),
    ],
)
def test_what_a_shell_asks_is_answered_at_once(line: str, forbidden: str) -> None:
    asked = {"_MAILWRIGHT_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - 1)}
    script = "import json, sys; from mailwright.cli import run; run([]); print(json.dumps([*sys.modules]), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=240, env={**os.environ, **asked}
    )
    assert done.stdout
    assert set(json.loads(done.stderr)) & (FORBIDDEN | {"yaml", "jsonschema", forbidden}) == set()


VERIFY = """
import io, json, sys
from contextlib import redirect_stdout
from pathlib import Path
from mailwright.cli import run
from mailwright.verification import check
from mailwright.verification.handshake import Client, Phase, Report
der, error, *arguments = sys.argv[1:]
phases = (Phase("TLS", "failed" if error else "ok"), Phase("AUTH", "ok"))
report = Report("", "h", 25, "local", phases, None, (), (), Client("connected"), (), 5 if error else 0, (Path(der).read_bytes(),), error)
check.probe_here = lambda settings: report
with redirect_stdout(io.StringIO()):
    code = run(arguments)
assert code == report.exit_code, code
print(json.dumps([0, sorted(sys.modules)]))
"""


@pytest.mark.parametrize("error", ["", "unable to get local issuer certificate"])
def test_verify_of_one_sender(error: str, tmp_path: Path) -> None:
    """A handshake that somebody else held: what is loaded beside it. A chain that does not verify is put into words."""
    from ssl import PEM_cert_to_DER_cert

    from mailwright.sandbox.ca import Authority

    pem = Authority("startup CA").issue(["h"]).cert_chain_pems[0].bytes().decode("ascii")
    (tmp_path / "der").write_bytes(PEM_cert_to_DER_cert(pem))
    spec = tmp_path / "email.yaml"
    spec.write_text(
        'mailwright: 1\nproduct: {version: "7.3.0"}\ntenants:\n'
        "  a.example: {from_address: a@b.example, signature: S, reply_to: a@b.example, hostname: h, port: 25}\n",
        encoding="utf-8",
    )
    modules = _modules(VERIFY, str(tmp_path / "der"), error, "verify", str(spec))
    forbidden = {
        "asyncio",
        "jsonschema",
        "rich",
        "aiohttp",
        "httptools",
        "jinja2",
        "tomlkit",
        "http.client",
        "html",
        "email",
        "bz2",
    }
    assert modules & (forbidden - {"email", "bz2"} if error else forbidden) == set()
    own = {
        "mailwright.verification.tokens",
        "mailwright.verification.message",
        "mailwright.report.junit",
        "mailwright.report.html",
    }
    assert modules & own == set()
    assert ("cryptography.x509" in modules) is bool(error)
    assert len({name for name in modules if name.startswith("mailwright.")}) <= 126, "more than it was: is all of it needed?"


CLIENTS = {"hvac", "boto3", "botocore", "azure", "google.cloud", "keyring", "requests", "urllib3"}


def test_a_store_that_nothing_refers_to_is_not_loaded(tmp_path: Path) -> None:
    """Nor is one that `validate` and `render` meet: they read none."""
    sender = "from_address: a@b.example, signature: S, reply_to: a@b.example, hostname: h, port: 25, username: u"
    path = tmp_path / "email.yaml"
    spec = 'mailwright: 1\nproduct: {version: "7.3.0"}\nstores: {team: {kind: vault, address: "https://v.example"}}\n'
    path.write_text(spec + f'tenants: {{a.example: {{{sender}, password: "$store{{team/a#b}}"}}}}\n', encoding="utf-8")
    kinds = {"mailwright.stores.reading", "mailwright.stores.interface", "importlib.metadata"}
    for command in (["validate", str(path)], ["render", str(path), "-o", str(tmp_path / "out")]):
        assert _modules(SCRIPT, *command) & (CLIENTS | kinds) - of_libraries() == set()
    path.write_text(spec + f"tenants: {{a.example: {{{sender}, password: a-literal-one}}}}\n", encoding="utf-8")
    script = SCRIPT.replace("code = run", "from mailwright.verification import check; check.probe_here = None; code = run")
    script = script.replace("print(json.dumps([code,", "print(json.dumps([0,")
    assert _modules(script, "verify", str(path)) & (CLIENTS | kinds) - of_libraries() == set()
