"""Ctrl-C and kill -9 in each phase of an apply: what is told is true, nothing is half-known, and the next run finishes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailwright.sandbox.identity import SandboxIs

if TYPE_CHECKING:
    from commands import Run

pytestmark = pytest.mark.network

COUNT = 400
"""More than are checked before the first request."""

PATIENCE = 120.0


def spec_of(folder: Path, server: SandboxIs) -> dict[str, str]:
    lines = [
        f"t{number}.example,no-reply@t{number}.example,T{number},help@t{number}.example,user{number},$env{{MAILWRIGHT_P}}\n"
        for number in range(COUNT)
    ]
    (folder / "tenants.csv").write_text("domain,from_address,signature,reply_to,username,password\n" + "".join(lines))
    spec = {
        "mailwright": 1,
        "product": {"version": "7.3.0"},
        "defaults": {"hostname": "smtp.example.com", "port": 587},
        "api": {"client_id": server.client_id, "client_secret": "$env{MAILWRIGHT_CS}"},
        "tenants_from": ["tenants.csv"],
    }
    (folder / "spec.json").write_text(json.dumps(spec))
    (folder / "ca.pem").write_text(server.ca_pem)
    return {"MAILWRIGHT_CS": server.client_secret, "MAILWRIGHT_P": "canary-2f-mail-password"}


def reads(server: SandboxIs) -> int:
    return sum(count for (method, status), count in server.counts().items() if (method, status) == ("GET", 200))


PHASES: dict[str, Callable[[SandboxIs], bool]] = {
    "logging in": lambda server: bool(server.requests),
    "writing": lambda server: len(server.stored()) >= 40,
    "writing on": lambda server: len(server.stored()) >= 200,
    "looking again": lambda server: len(server.stored()) == COUNT and reads(server) > 0,
}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_in_each_phase(how: signal.Signals, tmp_path: Path, run_program: Run) -> None:
    with SandboxIs([f"t{number}.example" for number in range(COUNT)], latency=0.01) as server:
        env = spec_of(tmp_path, server)
        arguments = ["spec.json", "--server", server.url, "--ca-file", "ca.pem", "--concurrency", "16"]
        for phase, reached in PHASES.items():
            server.forget_requests()
            stood = set(server.stored())
            command = [sys.executable, "-m", "mailwright", "apply", *arguments, "-o", "result.jsonl"]
            with (tmp_path / "out").open("w") as out, (tmp_path / "err").open("w") as err:
                process = subprocess.Popen(command, cwd=tmp_path, env={**os.environ, **env}, stdout=out, stderr=err)
                started = time.monotonic()
                while not reached(server):
                    assert process.poll() is None or reached(server), (phase, (tmp_path / "err").read_text()[-2000:])
                    assert time.monotonic() - started < PATIENCE, phase
                    time.sleep(0.005)
                process.send_signal(how)
                code = process.wait(240)
            said, stored = (tmp_path / "err").read_text(), server.stored()
            done = [json.loads(line) for line in (tmp_path / "result.jsonl").read_text().splitlines() if line.endswith("}")]
            in_line = sum(item["outcome"] != "failed" for item in done)
            assert all(item["domain"] in stored for item in done if item["outcome"] != "failed"), "what is told was done"
            if code == 0:
                assert phase == "looking again", "it may have ended by then"
            elif how is signal.SIGKILL:
                assert code == -signal.SIGKILL
            else:
                assert code == 130, (phase, said)
                assert "Traceback" not in said
                told = (f"interrupted: {in_line} of {COUNT} tenants are in line, 0 failed", "interrupted: nothing was written")
                wanted = ("interrupted",) if phase == "looking again" else told  # it may be printing by then
                assert said.splitlines()[-1].startswith(wanted), (phase, said)
                named = {line.split()[1] for line in (tmp_path / "out").read_text().splitlines() if line[:4] in ("  + ", "  ! ")}
                assert stored.keys() - stood <= named, "each that may have been written is named"
            if phase == "logging in":
                assert len(stored) < COUNT
            assert all(sender["EmailPublisher"]["properties"]["password"] == env["MAILWRIGHT_P"] for sender in stored.values())
        last = run_program("apply", *arguments, env=env, cwd=tmp_path)
        assert last.code == 0, last.stderr[-2000:]
        check = run_program("plan", *arguments, "--check", "--format", "json", env=env, cwd=tmp_path)
        assert check.code == 0
        order = [json.loads(line)["domain"] for line in check.stdout.splitlines()]
        assert order == [f"t{number}.example" for number in range(COUNT)], "the order is the spec's"
    files = {path.name for path in tmp_path.iterdir()}
    assert files == {"tenants.csv", "spec.json", "ca.pem", "out", "err", "result.jsonl"}, "nothing is left behind"
    for name in ("out", "err", "result.jsonl"):
        text = (tmp_path / name).read_text()
        assert env["MAILWRIGHT_P"] not in text
        assert env["MAILWRIGHT_CS"] not in text


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("command", ["plan", "apply", "verify"])
def test_interrupted_while_a_store_is_silent(how: signal.Signals, command: str, tmp_path: Path) -> None:
    """At once, and what the store runs ends too: nobody waits for its time limit, and for its retries."""
    # It says that it runs a moment after it was started: by then, whoever started it waits for it.
    lasting = "import os, pathlib, time; time.sleep(0.5); pathlib.Path('asked').write_text(str(os.getpid())); time.sleep(600)"
    store = {"kind": "command", "command": [sys.executable, "-c", lasting], "timeout": 300}
    with SandboxIs(["acme.example"]) as server:
        env = spec_of(tmp_path, server)
        spec = json.loads((tmp_path / "spec.json").read_text()) | {"stores": {"team": store}}
        spec["defaults"]["password"] = spec["api"]["client_secret"] = "$store{team/mail}"
        sender = {"from_address": "a@acme.example", "signature": "A", "reply_to": "h@acme.example", "username": "u"}
        spec |= {"tenants_from": [], "tenants": {"acme.example": sender}}
        (tmp_path / "spec.json").write_text(json.dumps(spec))
        where = [] if command == "verify" else ["--server", server.url, "--ca-file", "ca.pem"]
        process = subprocess.Popen(
            [sys.executable, "-m", "mailwright", command, "spec.json", *where],
            cwd=tmp_path,
            env={**os.environ, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        asked, started = tmp_path / "asked", time.monotonic()
        while not (asked.exists() and asked.read_text()):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() - started < PATIENCE
            time.sleep(0.01)
        process.send_signal(how)
        said = process.communicate(timeout=PATIENCE)[1]
        assert process.returncode == (130 if how is signal.SIGINT else 143), said
        assert said.splitlines()[-1].startswith("interrupted: ")
        assert "Traceback" not in said
        assert not server.stored()
        with pytest.raises(ProcessLookupError):
            os.kill(int(asked.read_text()), 0)


def test_an_interrupted_plan_shows_nothing_out_of_order(tmp_path: Path) -> None:
    with SandboxIs([f"t{number}.example" for number in range(COUNT)], latency=0.02) as server:
        env = spec_of(tmp_path, server)
        command = ["plan", "spec.json", "--server", server.url, "--ca-file", "ca.pem", "--format", "json"]
        process = subprocess.Popen(
            [sys.executable, "-m", "mailwright", *command],
            cwd=tmp_path,
            env={**os.environ, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started = time.monotonic()
        while sum(server.counts().values()) < 200:
            assert process.poll() is None
            assert time.monotonic() - started < PATIENCE
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=240)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    domains = [json.loads(line)["domain"] for line in out.splitlines()]
    assert domains == [f"t{number}.example" for number in range(len(domains))]
    assert len(domains) < COUNT


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
@pytest.mark.parametrize("what", ["results", "output"])
def test_a_full_disk_in_the_middle_is_told_with_what_was_done(what: str, tmp_path: Path) -> None:
    with SandboxIs([f"t{number}.example" for number in range(COUNT)]) as server:
        env = {**os.environ, **spec_of(tmp_path, server)}
        command = [sys.executable, "-m", "mailwright", "apply", "spec.json", "--server", server.url, "--ca-file", "ca.pem"]
        with open("/dev/full" if what == "output" else tmp_path / "out", "w") as out:
            into = ["-o", "/dev/full"] if what == "results" else []
            done = subprocess.run(
                [*command, *into], cwd=tmp_path, env=env, stdout=out, stderr=subprocess.PIPE, text=True, timeout=240
            )
        assert done.returncode == 2, done.stderr
        assert "No space left on device" in done.stderr
        told = rf" of {COUNT} tenants are in line, 0 failed(, \d+ cut off)?; run it again: it goes on with the others\n"
        assert re.search(told, done.stderr), done.stderr
        assert server.stored()
        last = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=240)
        assert last.returncode == 0, last.stderr
        assert len(server.stored()) == COUNT
