"""The schemas as they are, in other people's tools: check-jsonschema with a spec, taplo and tombi with a deployment.toml, all offline."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from commands import Run

Write = Callable[[str, str], Path]
FOLDER = Path(__file__).resolve().parents[2] / "schema"
BIN = Path(sys.executable).parent

GOOD_SPEC = """\
mailwright: 1
product: {version: "7.3.0"}
global:
  from_address: no-reply@example.com
  hostname: smtp.example.com
  port: 587
  username: no-reply
  password: $secret{smtp_password}
  custom_properties: {mail.smtp.timeout: 10000}
tenants:
  acme.example: {from_address: a@acme.example, signature: Acme, reply_to: a@acme.example}
"""
BAD_SPECS = {
    "unknown-key": GOOD_SPEC.replace("hostname", "host"),
    "wrong-type": GOOD_SPEC.replace("587", "[587]"),
    "tenant-with-custom-properties": GOOD_SPEC.replace("signature: Acme", "custom_properties: {a: b}"),
    "other-format": GOOD_SPEC.replace("mailwright: 1", "mailwright: 2"),
}


@pytest.fixture(params=["folder", "printed"])
def spec_schema(request: pytest.FixtureRequest, run: Run, write: Write) -> Path:
    """The spec's schema as it lies in the folder, and as `mailwright schema spec` prints it."""
    return FOLDER / "spec.schema.json" if request.param == "folder" else write("printed.json", run("schema", "spec").stdout)


def check_jsonschema(schema: Path, document: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", "-m", "check_jsonschema", "--no-cache", "--schemafile", str(schema), str(document)]
    return subprocess.run(command, capture_output=True, text=True, timeout=240)


def test_check_jsonschema_takes_a_good_spec(spec_schema: Path, write: Write) -> None:
    done = check_jsonschema(spec_schema, write("spec.yaml", GOOD_SPEC))
    assert (done.returncode, done.stdout.strip()) == (0, "ok -- validation done"), done.stderr


def test_check_jsonschema_refuses_bad_specs(spec_schema: Path, write: Write) -> None:
    """One run for all of them: it takes a third of a second to start."""
    paths = [write(f"{name}.yaml", text) for name, text in BAD_SPECS.items()]
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "check_jsonschema",
        "--no-cache",
        "--schemafile",
        str(spec_schema),
        *map(str, paths),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 1
    for name in BAD_SPECS:
        assert f"{name}.yaml" in done.stdout


# -- TOML tools

GOOD_TOML = """\
[output_adapter.email]
from_address = "no-reply@example.com"
hostname = "smtp.example.com"
port = 587
password = "$secret{smtp_password}"

[output_adapter.email.custom_properties]
'mail.smtp.timeout' = 10000

[tenant_mgt]
tenant_idle_timeout = 60

[unknown.table]
x = [1, 2]
"""
BAD_TOML = {
    "unknown-key": GOOD_TOML.replace("hostname", "host"),
    "wrong-type": GOOD_TOML.replace("587", "true"),
    "too-large": GOOD_TOML.replace("587", "65536"),
}
HERMETIC = {
    "NO_COLOR": "1",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "ALL_PROXY": "http://127.0.0.1:9",
}


def taplo(schema: Path, document: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(BIN / "taplo"), "check", "--schema", schema.as_uri(), "--no-auto-config", str(document)]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=folder, env={**os.environ, **HERMETIC})


def tombi(schema: Path, document: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "tombi.toml").write_text(
        f'toml-version = "v1.0.0"\n[schema]\nenabled = true\n[[schemas]]\npath = "{schema}"\ninclude = ["*.toml"]\n',
        encoding="utf-8",
    )
    command = [str(BIN / "tombi"), "lint", "--offline", str(document)]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=folder, env={**os.environ, **HERMETIC})


Tool = Callable[[Path, Path, Path], subprocess.CompletedProcess[str]]
TOOLS = {
    "taplo-folder": (taplo, False),
    "taplo-printed": (taplo, True),
    "tombi-folder": (tombi, False),
    "tombi-printed": (tombi, True),
}


@pytest.mark.parametrize(("tool", "printed"), TOOLS.values(), ids=TOOLS.keys())
def test_toml_tools(tool: Tool, printed: bool, run: Run, write: Write, tmp_path: Path) -> None:
    if not (BIN / tool.__name__).exists():
        pytest.skip(f"{tool.__name__} is not installed")
    schema = write("printed.json", run("schema", "deployment").stdout) if printed else FOLDER / "deployment.schema.json"
    good = tool(schema, write("deployment.toml", GOOD_TOML), tmp_path)
    assert good.returncode == 0, good.stderr
    for name, text in BAD_TOML.items():
        bad = tool(schema, write("deployment.toml", text), tmp_path)
        assert bad.returncode != 0, name
