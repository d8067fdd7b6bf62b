"""Killed at random moments of an apply of 2,000 tenants while one request in ten fails: run again, and all is in sync.

MAILWRIGHT_TENANT_KILLS raises the number of kills. No file that is left behind, whole or torn, holds a secret.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailwright.sandbox.identity import SandboxIs, parse_faults

if TYPE_CHECKING:
    from commands import Run

pytestmark = [pytest.mark.network, pytest.mark.timeout(900)]

COUNT = 2000
KILLS = int(os.environ.get("MAILWRIGHT_TENANT_KILLS", "2"))
CANARY = "canary-8c1f-{number}"
FAULTS = "429=0.02,500=0.01,502=0.02,503=0.01,504=0.02,reset=0.02,retry-after=0,echo,seed="


def spec_of(folder: Path, server: SandboxIs) -> dict[str, str]:
    rows = [
        f"t{number}.example,no-reply@t{number}.example,T{number},help@t{number}.example,user{number},$file{{{number}.key}}\n"
        for number in range(COUNT)
    ]
    (folder / "tenants.csv").write_text("domain,from_address,signature,reply_to,username,password\n" + "".join(rows))
    (folder / "keys").mkdir()
    for number in range(COUNT):
        (folder / "keys" / f"{number}.key").write_text(CANARY.format(number=number))
    spec = {
        "mailwright": 1,
        "product": {"version": "7.3.0"},
        "defaults": {"hostname": "smtp.example.com", "port": 587},
        "api": {"client_id": server.client_id, "client_secret": "$env{MAILWRIGHT_CS}"},
        "tenants_from": ["tenants.csv"],
    }
    (folder / "spec.json").write_text(json.dumps(spec))
    (folder / "ca.pem").write_text(server.ca_pem)
    return {"MAILWRIGHT_CS": server.client_secret}


def test_killed_and_run_again(tmp_path: Path, run_program: Run) -> None:
    chance = random.Random(os.environ.get("MAILWRIGHT_SEED", "4711"))
    with SandboxIs([f"t{number}.example" for number in range(COUNT)]) as server:
        env = spec_of(tmp_path, server)
        arguments = ["spec.json", "--server", server.url, "--ca-file", "ca.pem", "--secrets-dir", "keys", "--concurrency", "32"]
        held = 0
        for number in range(KILLS):
            server.set_faults(parse_faults(f"{FAULTS}{number}"))
            command = [sys.executable, "-m", "mailwright", "apply", *arguments, "-o", f"result-{number}.jsonl"]
            with (tmp_path / f"out-{number}").open("w") as out:
                killed = subprocess.Popen(command, cwd=tmp_path, env={**os.environ, **env}, stdout=out, stderr=subprocess.STDOUT)
            wanted = held + chance.randrange(50, COUNT // (KILLS + 1))
            while len(server.stored()) < wanted:
                assert killed.poll() is None, (tmp_path / f"out-{number}").read_text()[-2000:]
                time.sleep(0.02)
            killed.send_signal(signal.SIGKILL)
            assert killed.wait(60) == -signal.SIGKILL
            held = len(server.stored())
            assert 0 < held < COUNT
            lines = (tmp_path / f"result-{number}.jsonl").read_text().splitlines()[:-1]  # the last may be torn
            done = [json.loads(line) for line in lines]
            assert done, "results are written as they come"
            assert all(item["domain"] in server.stored() for item in done if item["outcome"] != "failed")
        faulty = run_program("apply", *arguments, env=env, cwd=tmp_path)
        assert faulty.code in (0, 7), faulty.stderr[-2000:]
        server.set_faults(None)
        last = run_program("apply", *arguments, "-o", "result.jsonl", env=env, cwd=tmp_path)
        assert last.code == 0, last.stderr[-2000:]
        assert len((tmp_path / "result.jsonl").read_text().splitlines()) == COUNT
        check = run_program("plan", *arguments, "--check", env=env, cwd=tmp_path)
        assert (check.code, check.stdout.splitlines()[-1]) == (0, f"0 to create, 0 to update, 0 to delete, {COUNT} unchanged")
        stored = server.stored()
        passwords = {domain: sender["EmailPublisher"]["properties"]["password"] for domain, sender in stored.items()}
        assert passwords == {f"t{number}.example": CANARY.format(number=number) for number in range(COUNT)}
    outputs = faulty.output + last.output + check.output
    assert "canary-8c1f" not in outputs
    assert env["MAILWRIGHT_CS"] not in outputs
    left = [path for path in tmp_path.rglob("*") if path.is_file() and "keys" not in path.parts]
    assert all("canary-8c1f" not in (content := path.read_text()) and env["MAILWRIGHT_CS"] not in content for path in left)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
