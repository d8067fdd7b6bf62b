"""What all tests share: the socket guard, the command line in this process and in one of its own."""

from __future__ import annotations

import io
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import wraps
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings

from commands import Result, Run
from peers import fetch, judged, locked, pip

ROOT = Path(__file__).resolve().parents[1]

settings.register_profile("quick", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("quick"), max_examples=100, derandomize=True)
settings.register_profile("long", settings.get_profile("quick"), max_examples=20_000)
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=5000)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a shell's background job, which its children would inherit
    signal.signal(signal.SIGINT, signal.default_int_handler)

PROFILE = os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "quick")
settings.load_profile(PROFILE)
os.environ["HYPOTHESIS_PROFILE"] = PROFILE  # for the workers of xdist, which see nothing of CI any more

# What a pipeline or a person's shell sets changes what programs print: a test that wants it sets it.
CALLERS = re.compile(
    r"CI|GITHUB_ACTIONS|GITLAB_CI|NO_COLOR|CLICOLOR.*|FORCE_COLOR|PY_COLORS|TTY_.*|TERM|COLUMNS|LINES|ANSIBLE_.*|GIT_(?!SSL).*"
    r"|LC_.*|LANG|LANGUAGE"
)
for _name in filter(CALLERS.fullmatch, tuple(os.environ)):
    del os.environ[_name]
os.environ["LC_ALL"] = "C.UTF-8"  # Ansible wants it
os.environ["MAILWRIGHT_SETTINGS"] = ""  # no file above the checkout or the temporary folder is a test's
os.umask(0o022)  # what one user writes, some tests read as another


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    return judged((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    return judged((yield))


@pytest.fixture(scope="session")
def package_index(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip where pip cannot fetch a package, or hangs."""
    folder = tmp_path_factory.mktemp("index")
    (small,) = (pin for pin in locked("dev") if pin.name == "iniconfig")
    fetch("package index", pip("download", "--no-deps", "--no-cache-dir", "--dest", folder, str(small)), seconds=30, cwd=folder)


class NetworkUse(BaseException):
    """A test that is not marked ``network`` touched a socket; no `except Exception` swallows this."""


class _Guard:
    """Stands before the methods of a socket that reach the network: once for all tests, which come by the thousand."""

    refused: str | None = None
    """The test that may not."""

    def __init__(self) -> None:
        for name in ("connect", "connect_ex", "bind"):
            setattr(socket.socket, name, self._guarded(getattr(socket.socket, name)))

    def _guarded(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def guarded(*arguments: Any) -> Any:
            if self.refused is not None:
                raise NetworkUse(f"{self.refused} is not marked `network`")
            return method(*arguments)

        return guarded


_GUARD = _Guard()


@pytest.fixture(autouse=True)
def socket_guard(request: pytest.FixtureRequest) -> Iterator[None]:
    """Keep every test off the network that is not marked ``network``."""
    if request.node.get_closest_marker("network") is None:
        _GUARD.refused = request.node.nodeid
    yield
    _GUARD.refused = None


def _environment(env: Mapping[str, str] | None) -> dict[str, str]:
    """This environment without what would change a result, and *env*."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MAILWRIGHT_", "MW_"))}
    own["MAILWRIGHT_NO_CACHE"] = "1"  # the checkout that the tests run in has a cache of its own
    return {**own, **(env or {})}


@pytest.fixture(scope="session")
def run() -> Run:
    """Run the command line in this process."""
    from mailwright.cli import run as run_cli

    def run_here(
        *arguments: str | Path, stdin: str | None = None, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> Result:
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
        source = io.TextIOWrapper(io.BytesIO((stdin or "").encode()), encoding="utf-8")
        before = Path.cwd()
        try:
            os.chdir(cwd or before)
            with (
                mock.patch.dict(os.environ, _environment(env), clear=True),
                mock.patch.object(sys, "stdin", source),
                redirect_stdout(out),
                redirect_stderr(err),
            ):
                code = run_cli([str(argument) for argument in arguments])
        finally:
            os.chdir(before)
        texts = [stream.buffer.getvalue().decode() for stream in (out, err)]  # type: ignore[attr-defined]
        return Result(code, *texts)

    return run_here


@pytest.fixture(scope="session")
def run_program() -> Run:
    """Run the command line as a program of its own."""

    def run_there(
        *arguments: str | Path, stdin: str | None = None, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> Result:
        command: Sequence[str] = [sys.executable, "-m", "mailwright", *map(str, arguments)]
        done = subprocess.run(
            command, input=stdin or "", capture_output=True, encoding="utf-8", env=_environment(env), cwd=cwd, timeout=240
        )
        return Result(done.returncode, done.stdout, done.stderr)

    return run_there


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file below the test's folder and return its path."""

    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file
