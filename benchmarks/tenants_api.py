"""Plan and apply 10,000 tenants over the API at 20 ms an answer, beside bare aiohttp requests, and curl with one process a request.

The API (`identity.py`) runs in a process of its own on the same machine, and does as little as can be, so that it is not what limits the
client: two processors are needed. What can be reached at all is concurrency / latency requests a second. aiohttp (`bare_aiohttp.py`) makes
as many requests as there are tenants, twice, and does nothing else; its processor time a request is the measure for that of mailwright,
which holds its start, the check of the spec, the comparing and the printing too. `bare_bytes.py` is no client: it says what can be reached
here. curl asks the same for 200 tenants one after the other, as a shell script does: a token, the sender, the write; scaled. An argument is
another number of tenants, a second one the number of rounds.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

from measure import Figures, goal, measure

HERE = Path(__file__).parent
COUNT, CURL_COUNT, LATENCY = int(os.environ.get("MAILWRIGHT_API_TENANTS", "10000")), 200, 0.020
SECRET = "benchmark-only-secret"
BYTES = "bare bytes, concurrency 64"


@contextmanager
def stand_in(folder: Path) -> Iterator[tuple[int, list[int]]]:
    """Run the API; yield its port, and a list that gets the number of requests once it has ended."""
    command = [sys.executable, str(HERE / "identity.py"), str(folder), str(LATENCY)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    port = int(process.stdout.readline())
    requests: list[int] = []
    try:
        yield port, requests
    finally:
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=30)
        requests.append(int(said))


def spec_of(folder: Path, count: int) -> None:
    """Write a spec with *count* tenants."""
    with (folder / "tenants.csv").open("w", encoding="utf-8") as file:
        file.write("domain,from_address,signature,reply_to,username,password\n")
        for number in range(count):
            name = f"t{number}.example"
            file.write(f"{name},no-reply@{name},Tenant {number},help@{name},user{number},$env{{MAILWRIGHT_PASSWORD}}\n")
    spec = {
        "mailwright": 1,
        "product": {"version": "7.3.0"},
        "defaults": {"hostname": "smtp.example.com", "port": 587},
        "api": {"client_id": "mailwright", "client_secret": "$env{MAILWRIGHT_CLIENT_SECRET}"},
        "tenants_from": ["tenants.csv"],
    }
    (folder / "spec.json").write_text(json.dumps(spec), encoding="utf-8")


class Run(NamedTuple):
    """What a client took."""

    figures: Figures
    requests: int
    concurrency: int

    @property
    def share(self) -> float:
        """Requests a second, of those that concurrency and latency allow."""
        return self.requests / self.seconds / (self.concurrency / LATENCY)

    @property
    def seconds(self) -> float:
        """The whole process, from its start to its end."""
        return self.figures.seconds

    @property
    def microseconds(self) -> float:
        """The processor's time a request, in user mode."""
        return self.figures.user / self.requests * 1e6


def mailwright(folder: Path, command: str, concurrency: int) -> Run:
    """Run a command against an API that has no senders yet."""
    with stand_in(folder) as (port, requests):
        arguments = [
            "spec.json",
            "--server",
            f"https://localhost:{port}",
            "--ca-file",
            "ca.pem",
            "--concurrency",
            str(concurrency),
        ]
        figures = measure([sys.executable, "-m", "mailwright", command, *arguments], runs=1, cwd=str(folder))
    return Run(figures, requests[0], concurrency)


def bare(script: str, folder: Path, count: int, concurrency: int) -> Run:
    """Make as many bare requests."""
    with stand_in(folder) as (port, requests):
        arguments = [str(HERE / script), str(port), str(count), str(concurrency)]
        figures = measure([sys.executable, *arguments], runs=1, cwd=str(folder))
    return Run(figures, requests[0], concurrency)


def curl(folder: Path, count: int) -> float:
    """Apply some tenants with one curl a request; return the seconds for *count* tenants, scaled."""
    sender = "api/server/v2/notification-senders/email"
    with stand_in(folder) as (port, _):
        common = ["curl", "-sS", "--cacert", "ca.pem", "-o", "answer"]
        started = time.perf_counter()
        for number in range(CURL_COUNT):
            tenant = f"https://localhost:{port}/t/t{number}.example"
            form = ["-u", f"mailwright:{SECRET}", "-d", f"grant_type=client_credentials&scope={SCOPES}"]
            subprocess.run([*common, *form, f"{tenant}/oauth2/token"], cwd=folder, check=True)
            token = json.loads((folder / "answer").read_text())["access_token"]
            bearer = ["-H", f"Authorization: Bearer {token}"]
            subprocess.run([*common, *bearer, f"{tenant}/{sender}/EmailPublisher"], cwd=folder, check=True)
            body = ["-H", "Content-Type: application/json", "-d", json.dumps(payload(number))]
            subprocess.run([*common, *bearer, *body, f"{tenant}/{sender}"], cwd=folder, check=True)
            assert json.loads((folder / "answer").read_text())["fromAddress"]
        seconds = time.perf_counter() - started
    return seconds * count / CURL_COUNT


SCOPES = "+".join(f"internal_notification_senders_{verb}" for verb in ("view", "create", "update"))


def payload(number: int) -> dict[str, object]:
    """Return what mailwright sends for the same tenant."""
    name = f"t{number}.example"
    properties = {
        "userName": f"user{number}",
        "mail.smtp.signature": f"Tenant {number}",
        "mail.smtp.replyTo": f"help@{name}",
        "password": SECRET,
    }
    entries = [{"key": key, "value": value} for key, value in properties.items()]
    fields = {"fromAddress": f"no-reply@{name}", "smtpServerHost": "smtp.example.com", "smtpPort": 587, "authType": "BASIC"}
    return {"name": "EmailPublisher", "provider": "SMTP", **fields, "properties": entries}


def rounds(folder: Path, count: int, times: int, concurrencies: Sequence[int] = (64, 16)) -> Iterator[tuple[str, list[Run]]]:
    """Yield the runs of each client, which took turns: what slows the machine for a while, slows all."""
    clients: dict[str, Callable[[], Run]] = {
        "bare aiohttp requests, concurrency 64": partial(bare, "bare_aiohttp.py", folder, 2 * count, 64),
        BYTES: partial(bare, "bare_bytes.py", folder, 2 * count, 64),
        **{
            f"mailwright {command}, concurrency {number}": partial(mailwright, folder, command, number)
            for command in ("plan", "apply")
            for number in concurrencies
        },
    }
    found: dict[str, list[Run]] = {name: [] for name in clients}
    for _ in range(times):
        for name, run in clients.items():
            found[name].append(run())
    yield from found.items()


def goals(found: Mapping[str, list[Run]]) -> None:
    """Print the figures that have a goal, and beside them what no client can exceed here."""
    share = median(run.share for run in found["mailwright plan, concurrency 64"])
    goal("plan 10,000 tenants at 20 ms, concurrency 64: share of concurrency / latency", share)
    goal("the same for a client that only passes bytes", median(run.share for run in found[BYTES]))
    applied = zip(found["mailwright apply, concurrency 64"], found["bare aiohttp requests, concurrency 64"], strict=True)
    goal(
        "client CPU a request in apply / a bare aiohttp request",
        median(run.microseconds / other.microseconds for run, other in applied),
    )


def main(count: int = COUNT, times: int = 3) -> None:
    """Print the tables; with ``--goals`` one round of what has a goal."""
    os.environ |= {"MAILWRIGHT_PASSWORD": SECRET, "MAILWRIGHT_CLIENT_SECRET": SECRET}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spec_of(folder, count)
        if "--goals" in sys.argv:
            goals(dict(rounds(folder, count, 1, (64,))))
            return
        (first, bare_runs), *own = rounds(folder, count, times)
        slow = curl(folder, count)
    print(
        f"| {count:,} tenants, {LATENCY * 1000:.0f} ms | seconds | MiB | of concurrency / latency | µs a request | times aiohttp | times curl |"
    )
    print("|---|---|---|---|---|---|---|")
    for label, runs in ((first, bare_runs), *own):
        seconds, share, each = (median(getattr(run, what) for run in runs) for what in ("seconds", "share", "microseconds"))
        ratio = median(run.microseconds / other.microseconds for run, other in zip(runs, bare_runs, strict=True))
        memory, faster = max(run.figures.mebibytes for run in runs), slow / seconds if label.startswith("mailwright") else 0
        print(
            f"| {label} | {seconds:.1f} | {memory:.0f} | {share:.2f} | {each:.0f} | {ratio:.2f} | {f'{faster:.1f}' if faster else ''} |"
        )
    print(f"| curl, one process a request ({CURL_COUNT} tenants, scaled) | {slow:.0f} | | | | | 1.0 |")
    goals({first: bare_runs, **dict(own)})


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:] if word.isdecimal()))
