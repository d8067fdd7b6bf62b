"""Apply and plan 10,000 tenants over the API at 20 ms an answer, beside curl with one process a request.

The stand-in (`mailwright sandbox is`) runs in a process of its own on the same machine. What can be reached at all is concurrency / latency
requests a second. curl asks the same for 200 tenants one after the other, as a shell script does: a token, the sender, the write; scaled.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measure import Figures, measure

COUNT, CURL_COUNT, LATENCY = 10_000, 200, 0.020
SECRET = "benchmark-only-secret"


@contextmanager
def stand_in(folder: Path) -> Iterator[tuple[str, list[int]]]:
    """Run the stand-in; yield its URL, and a list that gets the number of requests once it has ended."""
    (folder / "secret").write_text(SECRET)
    options = ["--secret-file", "secret", "--tenants", str(COUNT), "--latency", str(LATENCY * 1000), "--port", "0"]
    command = [sys.executable, "-m", "mailwright", "sandbox", "is", *options, "--ca-out", "ca.pem"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = re.search(r"https://\S+?:\d+", process.stdout.readline())
    assert url is not None
    requests: list[int] = []
    try:
        yield url.group(), requests
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        requests.append(int(said.split()[0]))


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


def mailwright(folder: Path, command: str, concurrency: int) -> tuple[Figures, int]:
    """Run a command against a stand-in of its own; return its figures and the number of requests."""
    with stand_in(folder) as (url, requests):
        arguments = ["spec.json", "--server", url, "--ca-file", "ca.pem", "--concurrency", str(concurrency)]
        figures = measure([sys.executable, "-m", "mailwright", command, *arguments], runs=1, cwd=str(folder))
    return figures, requests[0]


def curl(folder: Path) -> tuple[float, int]:
    """Apply some tenants with one curl a request; return the seconds for all of them, scaled, and the requests a tenant."""
    sender = "api/server/v2/notification-senders/email"
    with stand_in(folder) as (url, requests):
        common = ["curl", "-sS", "--cacert", "ca.pem", "-o", "answer"]
        started = time.perf_counter()
        for number in range(CURL_COUNT):
            tenant = f"{url}/t/t{number}.example"
            form = ["-u", f"mailwright:{SECRET}", "-d", f"grant_type=client_credentials&scope={SCOPES}"]
            subprocess.run([*common, *form, f"{tenant}/oauth2/token"], cwd=folder, check=True)
            token = json.loads((folder / "answer").read_text())["access_token"]
            bearer = ["-H", f"Authorization: Bearer {token}"]
            subprocess.run([*common, *bearer, f"{tenant}/{sender}/EmailPublisher"], cwd=folder, check=True)
            body = ["-H", "Content-Type: application/json", "-d", json.dumps(payload(number))]
            subprocess.run([*common, *bearer, *body, f"{tenant}/{sender}"], cwd=folder, check=True)
            assert json.loads((folder / "answer").read_text())["fromAddress"]
        seconds = time.perf_counter() - started
    return seconds * COUNT / CURL_COUNT, requests[0] // CURL_COUNT


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


def main() -> None:
    """Print the table."""
    os.environ |= {"MAILWRIGHT_PASSWORD": SECRET, "MAILWRIGHT_CLIENT_SECRET": SECRET}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spec_of(folder, COUNT)
        check = measure([sys.executable, "-m", "mailwright", "validate", "spec.json"], runs=1, cwd=name)
        rows = [(f"{command}, concurrency {number}", number, *mailwright(folder, command, number)) for command, number in RUNS]
        slow, each = curl(folder)
    print(f"| {COUNT:,} tenants, {LATENCY * 1000:.0f} ms | seconds | MiB | requests/s | of concurrency / latency | times curl |")
    print("|---|---|---|---|---|---|")
    for label, number, figures, requests in rows:
        rate = requests / figures.seconds
        share = rate / (number / LATENCY)
        print(
            f"| mailwright {label} | {figures.seconds:.1f} | {figures.mebibytes:.0f} | {rate:.0f} | {share:.2f} "
            f"| {slow / figures.seconds:.1f} |"
        )
    print(f"| curl, one process a request ({CURL_COUNT} tenants, scaled) | {slow:.0f} | | {each * COUNT / slow:.0f} | | 1.0 |")
    print(f"\nvalidate alone takes {check.seconds:.1f} s of each: the whole spec is checked before the first request.")


RUNS = (("apply", 16), ("apply", 64), ("plan", 16), ("plan", 64))

if __name__ == "__main__":
    main()
