"""plan and apply take as much memory for many tenants as for few: nothing is kept of a tenant but what tells it from another.

The API is the least that the benchmarks have, in a process of its own. `make long` does it with ten times as many.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.peers import ROOT

FEW = int(os.environ.get("MAILWRIGHT_TENANTS", "3000")) // 10
MANY = 10 * FEW
A_TENANT = 300
"""Bytes that one may leave: a digest, and a token, of which the last few thousand are kept."""

WAVER = 2 << 20
"""Bytes by which two runs of the same may differ."""

PEAK = """
import resource, sys
from pathlib import Path
from mailwright.cli import main
try:
    main(sys.argv[1:])
except SystemExit as done:
    assert not done.code, done.code
status = Path("/proc/self/status")  # the other figure holds what the process was before it ran this, too
lines = status.read_text().splitlines() if status.exists() else []
kibibytes = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
print(kibibytes[0] if kibibytes else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


@contextmanager
def api(folder: Path) -> Iterator[str]:
    """Serve the API; yield its address."""
    command = [sys.executable, str(ROOT / "benchmarks" / "identity.py"), str(folder), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"https://localhost:{int(process.stdout.readline())}"
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=240)


def write(folder: Path, count: int) -> str:
    """Write a spec with *count* tenants; return its path."""
    rows = "".join(f"t{number}.example,a@t{number}.example,u{number},$env{{MAILWRIGHT_PASSWORD}}\n" for number in range(count))
    (folder / f"t{count}.csv").write_text("domain,from_address,username,password\n" + rows, encoding="utf-8")
    spec = {
        "mailwright": 1,
        "product": {"version": "7.3.0"},
        "defaults": {"hostname": "smtp.example.com", "port": 587, "signature": "S", "reply_to": "r@example.com"},
        "api": {"client_id": "mailwright", "client_secret": "$env{MAILWRIGHT_PASSWORD}"},
        "tenants_from": [f"t{count}.csv"],
    }
    path = folder / f"spec{count}.json"
    path.write_text(json.dumps(spec), encoding="utf-8")
    return str(path)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("command", [("plan", "--format", "json"), ("apply",)], ids=["plan", "apply"])
def test_memory_is_flat(command: tuple[str, ...], tmp_path: Path) -> None:
    own = {**os.environ, "MAILWRIGHT_PASSWORD": "not-a-secret-of-anybody"}

    def peak(count: int) -> int:
        spec = write(tmp_path, count)
        with api(tmp_path) as server:
            words = [*command, spec, "--server", server, "--ca-file", str(tmp_path / "ca.pem"), "--concurrency", "16"]
            done = subprocess.run([sys.executable, "-c", PEAK, *words], capture_output=True, text=True, env=own, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        assert f"t{count - 1}.example" in done.stdout or command[0] == "apply", done.stdout[-500:]
        return int(done.stderr.split()[-1]) << 10

    few, many = peak(FEW), peak(MANY)
    assert many - few < WAVER + A_TENANT * (MANY - FEW), f"{few >> 20} MiB for {FEW} tenants, {many >> 20} for {MANY}"
