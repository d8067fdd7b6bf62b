"""What is missing makes a test skip at once and say why; where nothing may be missing, a skip is a failure."""

from __future__ import annotations

import socket
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from peers import ALLOWED, fetch, judged, locked, npm, pip, require, require_free

SKIP = ("tests/unit/test_x.py", 3, "Skipped: not installed: java")


def report(test: str, **more: object) -> SimpleNamespace:
    return SimpleNamespace(nodeid=test, skipped=True, outcome="skipped", longrepr=SKIP, **more)


def test_a_skip_is_a_failure_where_nothing_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAILWRIGHT_REQUIRE_PEERS", raising=False)
    assert judged(report("tests/unit/test_x.py::test_y")).outcome == "skipped"
    monkeypatch.setenv("MAILWRIGHT_REQUIRE_PEERS", "1")
    verdict = judged(report("tests/unit/test_x.py::test_y"))
    assert (verdict.outcome, "not installed: java" in verdict.longrepr) == ("failed", True)
    assert judged(report("tests/unit/test_x.py::test_y", wasxfail="known")).outcome == "skipped"


@pytest.mark.parametrize("test", ALLOWED)
def test_what_may_skip_exists_and_has_a_reason(test: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILWRIGHT_REQUIRE_PEERS", "1")
    file, _, name = test.partition("::")
    path = Path(__file__).resolve().parents[2] / file
    assert path.exists()
    assert not name or f"def {name.partition('[')[0]}" in path.read_text(encoding="utf-8")
    assert ALLOWED[test]
    assert judged(report(test)).outcome == "skipped"


def test_a_skip_in_a_run_of_its_own_is_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hooks are really there: in a fixture, in a test, and when a file is collected."""
    import subprocess

    tests = Path(__file__).resolve().parents[1]
    for name in ("conftest.py", "commands.py", "peers.py"):
        (tmp_path / name).write_text((tests / name).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "test_file.py").write_text("import pytest\npytest.importorskip('mailwright_of_the_moon')\n")
    (tmp_path / "test_each.py").write_text(
        "import pytest\n@pytest.fixture\ndef java(): pytest.skip('no java')\n"
        "def test_a(java): pass\ndef test_b(): pytest.skip('no npm')\ndef test_c(): pass\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    for required, ended in (("", "1 passed, 3 skipped"), ("1", "1 passed, 3 errors|1 failed, 1 passed, 2 errors")):
        monkeypatch.setenv("MAILWRIGHT_REQUIRE_PEERS", required)
        done = subprocess.run(
            [*command, "--continue-on-collection-errors"], capture_output=True, text=True, cwd=tmp_path, timeout=240
        )
        assert any(each in done.stdout for each in ended.split("|")), done.stdout
        assert done.returncode == (1 if required else 0)


def test_what_fails_or_hangs_is_skipped_in_time(tmp_path: Path) -> None:
    begin = time.monotonic()
    with pytest.raises(pytest.skip.Exception, match="no moon: nothing came within 1 seconds"):
        fetch("moon", [sys.executable, "-c", "import time; time.sleep(60)"], seconds=1, cwd=tmp_path)
    assert time.monotonic() - begin < 30
    with pytest.raises(pytest.skip.Exception, match="no moon: npm error code E503"):
        fetch("moon", [sys.executable, "-c", "import sys; sys.exit('x\\nnpm error code E503\\ny')"], seconds=30, cwd=tmp_path)
    with pytest.raises(pytest.skip.Exception, match="not installed: no-such-program, /no/such/file"):
        require("no-such-program", Path("/no/such/file"), sys.executable)


def test_the_clients_of_registries_do_not_wait() -> None:
    assert {"--timeout=10", "--retries=1"} <= set(pip("install"))
    assert {"--fetch-timeout=10000", "--fetch-retries=0"} <= set(npm("ci"))


def test_a_lock_is_read_for_this_python() -> None:
    names = [pin.name for pin in locked("dev")]
    assert len(names) == len(set(names)) > 50


@pytest.mark.network
def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(pytest.skip.Exception, match=f"taken on this machine: port {port}$"):
            require_free(port)
    require_free(port)
