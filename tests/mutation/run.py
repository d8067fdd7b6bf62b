"""Mutate the code that decides, and count what the unit tests notice: `make mutants`, or a part: `make mutants ONLY='rules/client.py merge/*'`.

mutmut imports from ``src/`` and leaves decorated functions alone; so it works on a copy of the checkout in ``.mutants/``, where the package
lies in ``src/`` and a rule is declared behind its function.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPY = ROOT / ".mutants"
TARGETS = ("rules/*.py", "merge/*.py", "encoding.py", "verify/client.py", "tenants/planning.py", "handshake.py")
NOT_MUTATED = ("rules/__init__.py", "rules/model.py", "rules/reading.py")
"""Declarations: what they say is data."""
GOAL = 85.0
SLOW = ("tests/unit/test_startup.py", "tests/unit/test_made_up_key.py", "tests/unit/test_guard.py")
"""They run programs of their own, in which nothing is mutated."""


def undecorated(text: str) -> str:
    """Return a module whose rules are declared behind their functions."""
    lines = text.splitlines(keepends=True)
    for node in reversed(ast.parse(text).body):
        if not isinstance(node, ast.FunctionDef):
            continue
        decorator = next((item for item in node.decorator_list if isinstance(item, ast.Call)), None)
        if decorator is None or ast.unparse(decorator.func) != "rule":
            continue
        declared = "".join(lines[decorator.lineno - 1 : decorator.end_lineno]).removeprefix("@").rstrip("\n")
        body = lines[node.lineno - 1 : node.end_lineno]
        hidden = f"check_{node.name.lower()}"
        body[0] = body[0].replace(f"def {node.name}(", f"def {hidden}(", 1)
        lines[decorator.lineno - 1 : node.end_lineno] = [*body, f"\n\n{node.name} = {declared}({hidden})\n"]
    return "".join(lines)


def lay_out() -> None:
    """Copy what git knows, the package to ``src/``; what is the same stays as it is."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, encoding="utf-8").stdout
    wanted = set()
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if not path.is_file():
            continue
        content = path.read_bytes()
        wanted |= {write(COPY / name, content)}
        if name.startswith("generator/"):
            if fnmatch(name, "generator/mailwright/rules/*.py"):
                content = undecorated(content.decode()).encode()
            wanted |= {write(COPY / "src" / name.removeprefix("generator/"), content)}
    for folder in ("src", "generator", "tests", "schema"):
        for path in (COPY / folder).rglob("*"):
            if path.is_file() and path not in wanted and "__pycache__" not in path.parts:
                path.unlink()


def write(path: Path, content: bytes) -> Path:
    if not path.is_file() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return path


def configure(patterns: tuple[str, ...]) -> None:
    """Append mutmut's settings to the copy's pyproject.toml."""
    folders = sorted(path.name for path in COPY.iterdir() if path.name not in ("src", "tests", "mutants", ".hypothesis", ".git"))
    settings = {
        "source_paths": ["src"],
        "only_mutate": [f"src/mailwright/{pattern}" for pattern in patterns],
        "do_not_mutate": [f"src/mailwright/{name}" for name in NOT_MUTATED],
        "also_copy": folders,
        "pytest_add_cli_args_test_selection": ["tests/unit"],
        "pytest_add_cli_args": [
            "-p",
            "no:cacheprovider",
            "-o",
            "timeout=60",
            *(f"--ignore={name}" for name in SLOW),
            "--deselect=tests/unit/test_spec_documents.py::test_what_is_refused",
        ],
    }
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    table = "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
    (COPY / "pyproject.toml").write_text(f"{text}\n[tool.mutmut]\n{table}", encoding="utf-8")


def main() -> int:
    patterns = tuple(sys.argv[1:]) or TARGETS
    shutil.rmtree(COPY / "mutants", ignore_errors=True)  # mutmut would not ask a changed test again
    lay_out()
    configure(patterns)
    environment = {**os.environ, "HYPOTHESIS_PROFILE": "ci", "PYTHONPATH": str(COPY / "mutants" / "src")}
    tool = str(Path(sys.executable).parent / "mutmut")
    subprocess.run([tool, "run"], cwd=COPY, env=environment, check=True)
    found = subprocess.run([tool, "results"], cwd=COPY, env=environment, check=True, capture_output=True, encoding="utf-8").stdout
    subprocess.run([tool, "export-cicd-stats"], cwd=COPY, env=environment, check=True, stdout=subprocess.DEVNULL)
    counts = json.loads((COPY / "mutants" / "mutmut-cicd-stats.json").read_text(encoding="utf-8"))
    noticed = counts["killed"] + counts["timeout"] + counts["segfault"]
    share = 100 * noticed / max(1, counts["total"] - counts["skipped"])
    print(found, end="")
    print(
        f"{noticed} of {counts['total']} mutants noticed: {share:.1f} % (goal {GOAL:.0f} %); `mutmut show NAME` in .mutants shows one"
    )
    return 0 if share >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
