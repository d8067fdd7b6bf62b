"""Many files: processes share them out; order, findings, errors and exit code are those of one process, and it stays fast."""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from mailwright.base.errors import MailwrightError
from mailwright.base.findings import Finding
from mailwright.base.reading import read_bytes
from mailwright.operations.fix import fix_all
from mailwright.operations.validate import Choice
from mailwright.validation import Check
from mailwright.validation.many import ENOUGH, each_of, one_by_one

ROOT = Path(__file__).resolve().parents[2]
COUNT = 4 * ENOUGH


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    _benchmark().write_files(folder, COUNT)
    return folder


def _benchmark() -> ModuleType:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        spec = importlib.util.spec_from_file_location("benchmark_validate", ROOT / "benchmarks" / "validate.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))


def _check(name: str, *, killer: int | None = None, check: Check) -> list[Finding]:
    if killer is not None and os.getpid() != killer and name.endswith("01/50/deployment.toml"):
        os.kill(os.getpid(), signal.SIGKILL)
    return check(name, read_bytes(name))


def _shown(result: list[Finding] | MailwrightError) -> object:
    return str(result) if isinstance(result, MailwrightError) else result


@pytest.fixture
def names(folder: Path) -> list[str]:
    names = sorted(map(str, folder.glob("nodes/**/deployment.toml")))
    names.insert(70, str(folder / "missing.toml"))
    return names


def test_processes_say_what_one_process_says(names: list[str]) -> None:
    check = partial(_check, check=Check(product_version="7.2.0"))
    alone = [(name, _shown(result)) for name, result in one_by_one(names, check)]
    shared = [(name, _shown(result)) for name, result in each_of(names, check)]
    assert shared == alone
    assert sum(len(found) for _, found in alone if isinstance(found, list)) > 20
    assert "missing.toml: cannot be read" in str(alone[70][1])


def test_nothing_is_left_to_end_with_the_program() -> None:
    before = threading.enumerate()
    assert len(list(each_of([str(number) for number in range(COUNT)], len))) == COUNT
    assert [thread for thread in threading.enumerate() if thread not in before] == []
    assert multiprocessing.active_children() == []


def test_what_a_killed_process_leaves_is_checked_all_the_same(names: list[str]) -> None:
    check = partial(_check, killer=os.getpid(), check=Check(product_version="7.2.0"))
    shared = [(name, _shown(result)) for name, result in each_of(names, check)]
    assert shared == [(name, _shown(result)) for name, result in one_by_one(names, check)]


def test_processes_mend_what_one_process_mends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Same files, same reports, in the same order; specs that share a file of tenants too."""
    said = []
    for processors in (1, 4):
        folder = tmp_path / str(processors)
        _write_bad(folder, 3 * ENOUGH)
        monkeypatch.chdir(folder)
        monkeypatch.setattr("mailwright.validation.many._processors", lambda count=processors: count)
        names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*"))
        names.remove("tenants.csv")
        results = list(fix_all(names, Check(product_version="7.3.0"), Choice(), write=True))
        said.append([(name, result if isinstance(result, tuple) else str(result)) for name, result in results])
    assert said[0] == said[1]
    one, many = ({path.name: path.read_bytes() for path in (tmp_path / each).rglob("*.*")} for each in "14")
    assert one == many
    assert b"usernme" not in b"".join(many.values())
    assert sum(len(result[0].mended) for _, result in said[1] if isinstance(result, tuple)) == 3 * 3 * ENOUGH + 1


def _write_bad(folder: Path, count: int) -> None:
    """Write nodes with two misspelt keys and a value that breaks the XML, and specs that all name one file of tenants with one."""
    folder.mkdir()
    for number in range(count):
        text = f"[output_adapter.email]\nhost = 'h{number}.example'\nusernme = 'ü&{number}'\n"
        (folder / f"{number:03}.toml").write_text(text, encoding="utf-8")
    for number in range(5):
        text = 'mailwright: 1\nproduct: {version: "7.3.0"}\ntenants_from: [tenants.csv]\n'
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")
    (folder / "tenants.csv").write_text(
        "domain,from_address,signature,reply_to,hostname,port,usernme,password\n"
        "a.example,a@a.example,A,r@a.example,h.example,587,u,$env{MAILWRIGHT_A}\n",
        encoding="utf-8",
    )


@pytest.mark.parametrize("_", range(5))
def test_interrupting_ends_it_and_its_processes(folder: Path, _: int) -> None:
    """Several times: what is still ending when the program does fails now and then only."""
    program = subprocess.Popen(
        [sys.executable, "-m", "mailwright", "validate", str(folder / "nodes")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert program.stdout is not None
    assert program.stdout.readline()  # it reports while it goes on
    os.killpg(program.pid, signal.SIGINT)
    _, said = program.communicate(timeout=240)
    assert program.returncode in (130, 1, -signal.SIGINT)  # 1: it was through already; the signal: it was ending
    assert "Traceback" not in said
    deadline = time.monotonic() + 60
    while _lives(program.pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


SLOW = """
import sys, time
from mailwright.validation.many import ENOUGH, each_of

def work(name):
    print(name, file=sys.stderr, flush=True)
    time.sleep(600)

list(each_of([f"{number}.toml" for number in range(4 * ENOUGH)], work))
"""


def test_an_interrupt_waits_for_no_file() -> None:
    program = subprocess.Popen([sys.executable, "-c", SLOW], stderr=subprocess.PIPE, text=True, start_new_session=True)
    assert program.stderr is not None
    try:
        assert program.stderr.readline()
        program.send_signal(signal.SIGINT)  # it alone is told
        assert program.wait(timeout=240) != 0
    finally:
        with suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        program.stderr.close()


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_keeps_up_with_a_schema_alone(folder: Path) -> None:
    """The figures are in benchmarks/README.md; this guards against losing them: medians of three runs, on a noisy machine."""
    benchmark = _benchmark()
    figures = dict(benchmark.figures(folder, runs=3))
    schema, cold, warm = (
        figures[name].seconds
        for name in ("check-jsonschema, the schema", f"{benchmark.ONE}, {benchmark.COLD}", f"{benchmark.ONE}, {benchmark.WARM}")
    )
    assert cold < 2.5 * schema, figures
    assert warm < cold, figures
