"""Mutate the code that decides, and count what the unit tests notice: `make mutants`.

`ONLY='rules/client.py rendering/*'` takes a part of it; `FEW=2` two in ten of the mutants, always the same ones, enough for a figure;
`TESTS='tests/unit/test_merge*.py'` asks those tests alone.

mutmut imports from ``src/`` and leaves decorated functions alone; so it works on a copy of the checkout below ``.mutants/``, one for each
choice of modules, where the package lies in ``src/`` and what decorates a function stands behind it.
"""

from __future__ import annotations

import ast
import fcntl
import json
import os
import re
import resource
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from glob import glob
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGETS = (
    "rules/*.py",
    "rendering/*.py",
    "base/edits.py",
    "deployment/editing.py",
    "engine/encoding.py",
    "engine/inheritance.py",
    "spec/fingerprints.py",
    "spec/references.py",
    "validation/fixing.py",
    "validation/kept.py",
    "validation/misspellings.py",
    "verification/client.py",
    "verification/handshake.py",
    "manifests/*.py",
    "stores/__init__.py",
    "stores/interface.py",
    "stores/programs.py",
    "stores/reading.py",
    "tenants/planning.py",
    "adoption/upgrades.py",
    "operations/*.py",
)
NOT_MUTATED = ("rules/__init__.py", "rules/catalogue.py", "rules/model.py", "rules/reading.py")
"""Declarations: what they say is data."""
GOAL = 85.0
SLOW = ("tests/unit/test_startup.py", "tests/unit/test_made_up_key.py", "tests/unit/test_guard.py", "tests/unit/test_rooms.py")
"""They run programs of their own, in which nothing is mutated."""
OF_OTHERS = (
    "tests/unit/test_spec_documents.py::test_what_is_refused",
    "tests/unit/test_cache.py::test_no_rule_is_loaded_where_nothing_changed",
    "tests/unit/test_cache.py::test_fifty_at_once",
    "tests/unit/test_render_streams.py::test_many_tenants_take_no_more_memory_than_few",
    "tests/unit/test_render_streams.py::test_a_run_that_is_killed_leaves_nothing_that_is_not_whole",
)
"""Single tests that do so, or that say what a process has loaded."""
SECONDS = 60
"""How long a test may take; a mutant that makes it longer is noticed. One that takes longer as it is ends mutmut: this machine may be busy."""
MEMORY = 3 << 30
"""Bytes that a process may have: a mutant that never ends with a list that grows would otherwise take all, and mutmut along."""
DECORATORS = ("property", "cached_property", "cache", "lru_cache", "needs", "uncollected")
"""What is taken apart for mutmut; it takes static and class methods as they are."""
NOTICED = ("killed", "timeout", "segfault")
LEFT_OUT = ("not checked", "skipped")


def undecorated(text: str) -> str:
    """Return a module whose functions are decorated behind their bodies."""
    lines = text.splitlines(keepends=True)
    for node in reversed(list(_functions(ast.parse(text)))):
        (decorator,) = node.decorator_list
        called = ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator)
        if called.removeprefix("functools.") not in DECORATORS:
            continue
        indent = " " * node.col_offset
        declared = ast.get_source_segment(text, decorator)
        body = lines[node.lineno - 1 : node.end_lineno]
        hidden = f"plain_{node.name.lower().lstrip('_')}"
        body[0] = body[0].replace(f"def {node.name}(", f"def {hidden}(", 1)
        lines[decorator.lineno - 1 : node.end_lineno] = [*body, f"\n{indent}{node.name} = {declared}({hidden})\n"]
    return "".join(lines)


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Yield the functions and methods with one decorator, in their order."""
    for top in tree.body:
        for node in top.body if isinstance(top, ast.ClassDef) else [top]:
            if isinstance(node, ast.FunctionDef) and len(node.decorator_list) == 1:
                yield node


def lay_out(copy: Path) -> None:
    """Copy what git knows, the package to ``src/``; what is the same stays as it is."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, encoding="utf-8").stdout
    wanted = set()
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if not path.is_file():
            continue
        content = path.read_bytes()
        wanted |= {write(copy / name, content)}
        if name.startswith("generator/"):
            if name.endswith(".py"):
                content = undecorated(content.decode()).encode()
            wanted |= {write(copy / "src" / name.removeprefix("generator/"), content)}
    for folder in ("src", "generator", "tests", "schema"):
        for path in (copy / folder).rglob("*"):
            if path.is_file() and path not in wanted and "__pycache__" not in path.parts:
                path.unlink()


def write(path: Path, content: bytes) -> Path:
    if not path.is_file() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return path


def configure(copy: Path, patterns: tuple[str, ...], tests: list[str]) -> None:
    """Append mutmut's settings to the copy's pyproject.toml."""
    own = ("src", "tests", "mutants", ".hypothesis", ".git", ".lock")
    ignored = [*(f"--ignore={name}" for name in SLOW if name not in tests), *(f"--deselect={name}" for name in OF_OTHERS)]
    settings = {
        "source_paths": ["src"],
        "only_mutate": [f"src/mailwright/{pattern}" for pattern in patterns],
        "do_not_mutate": [f"src/mailwright/{name}" for name in NOT_MUTATED],
        "also_copy": sorted(path.name for path in copy.iterdir() if path.name not in own),
        "pytest_add_cli_args_test_selection": tests or ["tests/unit"],
        "process_isolation": "forkserver",  # a mutant shall not meet what the tests left in a cache when nothing was mutated
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-o", f"timeout={SECONDS}", *ignored],
    }
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    table = "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
    (copy / "pyproject.toml").write_text(f"{text}\n[tool.mutmut]\n{table}", encoding="utf-8")


def outcomes(copy: Path) -> dict[str, dict[str, str]]:
    """Return what became of each mutant, by module."""
    from mutmut.stats import status_by_exit_code

    source = copy / "mutants" / "src" / "mailwright"
    found = {}
    for path in sorted(source.rglob("*.py.meta")):
        codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        judged = {name: str(status_by_exit_code[code]) for name, code in codes.items()}
        asked = {name: status for name, status in judged.items() if status not in LEFT_OUT}
        if asked:
            found[str(path.relative_to(source)).removesuffix(".meta")] = asked
    return found


def tell(found: dict[str, dict[str, str]]) -> bool:
    """Print who survived and a figure for each module; say whether all of them reach the goal."""
    reached = bool(found)
    for statuses in found.values():
        for name, status in statuses.items():
            if status not in NOTICED:
                print(f"{status}: {name}")
    for module, statuses in found.items():
        counts = Counter(statuses.values())
        noticed = sum(counts[status] for status in NOTICED)
        share = 100 * noticed / len(statuses)
        reached = reached and share >= GOAL
        print(f"{share:5.1f} % noticed of {len(statuses):5} mutants: {module}")
    return reached


def main() -> int:
    patterns = tuple(sys.argv[1:]) or TARGETS
    few = int(os.environ.get("FEW") or 10)
    asked = [pattern.partition("::") for pattern in os.environ.get("TESTS", "").split()]
    tests = sorted(name + colons + test for files, colons, test in asked for name in glob(files, root_dir=ROOT))
    copy = ROOT / ".mutants" / (re.sub(r"[^a-z]+", "-", " ".join(sys.argv[1:])).strip("-") or "all")
    copy.mkdir(parents=True, exist_ok=True)
    with (copy / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs over one copy would tread on each other
        shutil.rmtree(copy / "mutants", ignore_errors=True)  # mutmut would not ask a changed test again
        lay_out(copy)
        configure(copy, patterns, tests)
        environment = {**os.environ, "HYPOTHESIS_PROFILE": "ci", "PYTHONPATH": str(copy / "mutants" / "src")}
        environment.pop("TESTS", None)
        tool = str(Path(sys.executable).parent / "mutmut")
        names = [] if few >= 10 else [f"*__mutmut_*{digit}" for digit in range(1, few + 1)]
        (copy / "mutants" / "src").mkdir(parents=True)  # Python never looks again into a folder of its path that was not there
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
        ended = subprocess.run([tool, "run", *names], cwd=copy, env=environment).returncode
        reached = tell(outcomes(copy)) and not ended
        if ended:
            print(f"mutmut itself ended with {ended}: it did not ask all of them.")
    print(f"The goal is {GOAL:.0f} % of each; `mutmut show NAME` in {copy.relative_to(ROOT)} shows a mutant.")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
