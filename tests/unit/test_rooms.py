"""Who may import whom: the contracts in pyproject.toml refuse what they are there to refuse, and what is imported late has a reason."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "generator" / "mailwright"

LATE = {
    ("__main__.py", ".cli"): "who interrupts it while it loads is to see no traceback",
    ("generate/writing.py", ".files"): "it imports the copies, which are mended first",
    ("spec/documents.py", ".yaml_reader"): "PyYAML takes long to load, and most files are no YAML",
    ("operations/effective.py", "..validation.manifests"): "PyYAML takes long to load, and most files are no manifests",
    ("operations/verify.py", "..verification.message"): "most runs send no message",
    ("operations/verify.py", "..tenants.policy"): "few runs have a policy",
    ("stores/__init__.py", ".reading"): "most specs name no stores",
    ("validation/__init__.py", ".checking"): "findings that are known already need none of it",
    ("validation/checking.py", ".deployments"): "what a file is decides which half of the room is loaded",
    ("validation/checking.py", ".payloads"): "what a file is decides which half of the room is loaded",
    ("validation/checking.py", ".specs"): "what a file is decides which half of the room is loaded",
    ("validation/checking.py", ".helm_values"): "PyYAML takes long to load, and few files are a chart's values",
    ("validation/checking.py", ".manifests"): "PyYAML takes long to load, and most files are no manifests",
    ("validation/kept.py", ".fixing"): "few files have misspelt words",
    ("validation/deployments.py", "..manifests.actions"): "most files hold no braces",
    ("validation/targets.py", "..manifests.actions"): "PyYAML takes long to load, and most files are no manifests",
    ("validation/targets.py", ".manifests"): "PyYAML takes long to load, and most files are no manifests",
    ("verification/inputs.py", "..validation.manifests"): "specs need none of it",
    ("tenants/connections.py", "..base.extras"): "only a hint names what is missing",
    ("verification/check.py", "..base.extras"): "only a hint names what is missing",
    ("verification/truststores.py", "..base.extras"): "only a hint names what is missing",
    ("verification/check.py", ".certificates"): "what reads certificates takes long to load, and most chains need no words",
    ("verification/check.py", ".message"): "most runs send no message",
    ("verification/check.py", ".tokens"): "most senders fetch no token",
}
"""Imports of this package within functions. The commands may do that, for start-up's sake; every other one needs a reason."""


def late_imports(path: Path) -> Iterator[str]:
    """Yield what the functions of a module import of this package."""
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom) and (node.level or str(node.module).startswith("mailwright")):
                    yield "." * node.level + (node.module or "")
                elif isinstance(node, ast.Import):
                    yield from (alias.name for alias in node.names if alias.name.startswith("mailwright"))


def test_only_commands_import_late() -> None:
    found = {
        (path.relative_to(PACKAGE).as_posix(), name)
        for path in PACKAGE.rglob("*.py")
        if "cli" not in path.relative_to(PACKAGE).parts
        for name in late_imports(path)
    }
    assert found == set(LATE)


def test_rooms_take_nothing_from_the_package_itself_but_its_version() -> None:
    taken = [
        (path.relative_to(PACKAGE).as_posix(), alias.name)
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level == len(path.relative_to(PACKAGE).parts) and node.module is None
        for alias in node.names
        if not (PACKAGE / alias.name).is_dir()
    ]
    assert {name for _, name in taken} == {"__version__"}


@pytest.mark.parametrize("room", sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py")))
def test_a_room_says_what_it_holds_and_what_it_may_know(room: str) -> None:
    said = ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8"))) or ""
    first, _, more = said.partition("\n\n")
    assert re.fullmatch(r".+\.", first), "one line says what it holds"
    assert re.search(r"\bmay know\b", more)
    assert re.search(r"\b(no|nothing|not|never)\b", more)
    modules = {path.stem for path in PACKAGE.joinpath(room).iterdir()} | {path.name for path in PACKAGE.iterdir()}
    assert set(re.findall(r"``([a-z]+)``", said)) - {"inputs", "mwnnn"} <= modules


REFUSED = {
    ("base/versions.py", "from ..spec import load_spec"): "mailwright.base is not allowed to import mailwright.spec:",
    (
        "rules/model.py",
        "def later() -> None:\n    from ..validation import validate",
    ): "- mailwright.rules.model -> mailwright.validation (",
    (
        "engine/xml.py",
        "if TYPE_CHECKING:\n    from ..report import sarif",
    ): "- mailwright.engine.xml -> mailwright.report.sarif (",
    ("sandbox/ca.py", "from ..generate import writing"): "- mailwright.sandbox.ca -> mailwright.generate.writing (",
    (
        "operations/krm.py",
        "from ..report.merged import merge_summary",
    ): "- mailwright.operations.krm -> mailwright.report.merged (",
    ("cli/target.py", "from ..generate import writing"): "- mailwright.cli.target -> mailwright.generate.writing (",
    ("helpers/__init__.py", ""): "- mailwright.helpers\n",
    ("base/places.py", "if TYPE_CHECKING:\n    from .errors import MailwrightError"): "No cycles are allowed in mailwright.base.",
    ("sandbox/smtp/faults.py", "from .server import SandboxSmtp"): "No cycles are allowed in mailwright.sandbox.smtp.",
    ("operations/specs.py", "def later() -> None:\n    import click"): "- mailwright.operations.specs -> click (",
    ("operations/node.py", "from ansible.errors import AnsibleError"): "-   mailwright.operations.node -> ansible (",
    ("tenants/client.py", "import aiosmtpd.controller"): "- mailwright.tenants.client -> aiosmtpd (",
    (
        "sandbox/ca.py",
        "from ..verification import certificates",
    ): "-   mailwright.sandbox.ca -> mailwright.verification.certificates (",
    ("verification/tokens.py", "import aiohttp"): "- mailwright.verification.tokens -> aiohttp (",
    ("tenants/policy.py", "import hvac"): "- mailwright.tenants.policy -> hvac (",
    ("operations/ready.py", "from lsprotocol import types"): "- mailwright.operations.ready -> lsprotocol (",
}
"""Lines that no module may have, and what the linter says of each."""


def linted(folder: Path, changes: Iterable[tuple[str, str]]) -> str:
    """Return what the linter says of the package with lines added to some modules."""
    package = shutil.copytree(PACKAGE, folder / "mailwright", ignore=shutil.ignore_patterns("__pycache__"))
    for module, lines in changes:
        (package / module).parent.mkdir(exist_ok=True)
        with (package / module).open("a", encoding="utf-8") as file:
            file.write(f"\nfrom typing import TYPE_CHECKING\n{lines}\n")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo", str(ROOT / "pyproject.toml")]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240).stdout


def test_contracts(tmp_path: Path) -> None:
    pytest.importorskip("importlinter", reason="for make check alone: the extra lint")
    assert linted(tmp_path / "kept", ()).rstrip().endswith(" 0 broken.")
    said = linted(tmp_path / "broken", REFUSED)
    assert [sentence for sentence in REFUSED.values() if sentence not in said] == []
    assert " 0 kept, " in said
