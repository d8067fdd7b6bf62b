"""What a handshake costs: one beside swaks, 300 beside a plain script of smtplib, and 1,000 senders at once beside one after another.

The servers are local: one process, 50 addresses of the loopback network, STARTTLS and AUTH LOGIN. For the fleet every answer comes 50 ms
late, as if the relay were that far away. One after another is measured for fewer senders and scaled, and the output says so.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from measure import Figures, goal, in_pairs, measure, table

from mailwright.sandbox.ca import Authority

HOSTS = [f"127.0.1.{number}" for number in range(1, 51)]
LATENCY = 0.05
SAMPLE, FEW, MANY, MORE, ABREAST = 30, 100, 1000, 3000, 300
CONCURRENCY = 128
USER, PASSWORD = "mailer", "benchmark"
ONE_GOAL, MANY_GOAL = 2.0, 2.5
"""What one sender may take in times of swaks, and many in times of a plain script (user CPU)."""

PEER = Path(__file__).with_name("smtplib_peer.py")
MAILWRIGHT = [sys.executable, "-m", "mailwright", "verify"]


async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, context: object, latency: float) -> None:
    """Speak to one client: STARTTLS, any LOGIN, and a yes to everything else."""
    encrypted, prompts = False, 0
    answer = b"220 relay ESMTP\r\n"
    try:
        while answer:
            await asyncio.sleep(latency)
            writer.write(answer)
            await writer.drain()
            if answer.startswith(b"221"):
                break
            line = await reader.readline()
            word = line.split()[0].upper() if line.split() else b""
            if word == b"EHLO":
                answer = b"250-relay\r\n" + (b"250 AUTH LOGIN\r\n" if encrypted else b"250 STARTTLS\r\n")
            elif word == b"STARTTLS":
                await asyncio.sleep(latency)
                writer.write(b"220 go\r\n")
                await writer.start_tls(context)  # type: ignore[arg-type]
                encrypted, line = True, await reader.readline()
                answer = b"250-relay\r\n250 AUTH LOGIN\r\n"
            elif word == b"AUTH" or prompts == 1:
                answer, prompts = b"334 VXNlcm5hbWU6\r\n", prompts + 1
            elif prompts == 2:
                answer, prompts = b"235 yes\r\n", 3
            else:
                answer = {b"QUIT": b"221 bye\r\n", b"": b""}.get(word, b"250 yes\r\n")
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def serve(folder: Path, latency: float) -> None:
    """Serve until killed; the port and the CA's certificate go into *folder*."""
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # clients that go without a goodbye
    authority = Authority("benchmark CA")
    port = 0
    servers = []
    for host in HOSTS:
        server = await asyncio.start_server(
            partial(talk, context=authority.server_context([host]), latency=latency), host, port, backlog=512
        )
        port = server.sockets[0].getsockname()[1]
        servers.append(server)
    (folder / "ca.pem").write_text(authority.ca_pem, encoding="ascii")
    (folder / "port.part").write_text(str(port), encoding="ascii")
    (folder / "port.part").rename(folder / "port")
    await asyncio.Event().wait()


@contextmanager
def servers(folder: Path, latency: float) -> Iterator[int]:
    """Run the servers in a process of their own; yield their port."""
    (folder / "port").unlink(missing_ok=True)
    process = subprocess.Popen([sys.executable, __file__, "--serve", str(folder), str(latency)])
    try:
        while not (folder / "port").exists():
            if process.poll() is not None:
                raise SystemExit("the servers did not start: they need the whole loopback network 127.0.0.0/8, as Linux has it")
            os.sched_yield()
        yield int((folder / "port").read_text(encoding="ascii"))
    finally:
        process.terminate()
        process.wait()


def write(folder: Path, port: int, count: int) -> str:
    """Write a spec with *count* tenants, each with credentials of its own; return its path."""
    rows = "".join(
        f"t{number}.example,{HOSTS[number % len(HOSTS)]},{port},{USER}{number},$env{{MAILWRIGHT_BENCHMARK}}\n"
        for number in range(count)
    )
    (folder / f"t{count}.csv").write_text("domain,hostname,port,username,password\n" + rows, encoding="utf-8")
    spec = folder / f"email{count}.yaml"
    spec.write_text(
        'mailwright: 1\nproduct: {version: "7.3.0"}\n'
        "defaults: {from_address: a@example.com, signature: S, reply_to: r@example.com}\n"
        f"tenants_from: [t{count}.csv]\n",
        encoding="utf-8",
    )
    return str(spec)


def check(command: list[str]) -> None:
    """Make sure that a command does what is measured."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        raise SystemExit(f"{command[0]} exits {done.returncode}: {(done.stdout + done.stderr)[-600:]}")


def swaks(folder: Path, port: int) -> list[str]:
    """Return swaks' command for the same handshake.

    Raises:
        SystemExit: it is not installed.
    """
    if (program := shutil.which("swaks")) is None:
        raise SystemExit("swaks is not installed: without it there is nothing to compare with (apt-get install swaks)")
    where = ["--server", HOSTS[0], "--port", str(port), "--tls", "--tls-verify", "--tls-ca-path", str(folder / "ca.pem")]
    login = ["--auth", "LOGIN", "--auth-user", USER, "--auth-password", PASSWORD, "--quit-after", "AUTH"]
    return [program, *where, *login]


def goals(folder: Path) -> None:
    """Print the two figures that have a goal, each beside its peer in the same run."""
    with servers(folder, 0.0) as port:
        ca_file = str(folder / "ca.pem")
        one = [*MAILWRIGHT, write(folder, port, 1), "--ca-file", ca_file]
        many = [*MAILWRIGHT, write(folder, port, ABREAST), "--ca-file", ca_file]
        threaded = [sys.executable, str(PEER), str(folder / f"t{ABREAST}.csv"), ca_file, "16"]
        for command in (one, many, threaded, swaks(folder, port)):
            check(command)
        single, abreast = in_pairs(one, swaks(folder, port), runs=11), in_pairs(many, threaded, runs=5)
    print("| | mailwright | peer | ratio | goal |\n|---|---|---|---|---|")
    walls = f"{single.first.seconds:.3f} s | {single.second.seconds:.3f} s | {single.wall:.2f}"
    print(f"| one sender / swaks, the same handshake: wall | {walls} | {ONE_GOAL} |")
    users = f"{abreast.first.user:.2f} s | {abreast.second.user:.2f} s | {abreast.user:.2f}"
    print(f"| {ABREAST} senders / {ABREAST} threaded smtplib handshakes: user CPU | {users} | {MANY_GOAL} |")
    goal("verify one sender / swaks", single.wall)
    goal("verify 300 senders: user CPU / 300 handshakes of smtplib in threads", abreast.user)


def fleet(folder: Path) -> None:
    """Print what 1,000 senders cost, at once and one after another."""
    at_once = ["--concurrency", str(CONCURRENCY), "--per-host", "8", "--ca-file", str(folder / "ca.pem"), "--format", "json"]
    alone = ["--concurrency", "1", "--ca-file", str(folder / "ca.pem"), "--format", "json"]
    with servers(folder, LATENCY) as port:
        check([*MAILWRIGHT, write(folder, port, SAMPLE), *at_once])
        few = measure([*MAILWRIGHT, write(folder, port, FEW), *at_once], runs=1)
        many = measure([*MAILWRIGHT, write(folder, port, MANY), *at_once], runs=1)
        more = measure([*MAILWRIGHT, write(folder, port, MORE), *at_once], runs=1)
        sample = measure([*MAILWRIGHT, write(folder, port, SAMPLE), *alone], runs=1)
        start = measure([*MAILWRIGHT, write(folder, port, 1), *alone], runs=3)
    each = (sample.seconds - start.seconds) / (SAMPLE - 1)
    scaled = Figures(start.seconds + each * (MANY - 1), sample.mebibytes)
    rows = [
        (f"{MANY:,} senders, {CONCURRENCY} at once", many),
        (f"{FEW:,} senders, {CONCURRENCY} at once", few),
        (f"{MORE:,} senders, {CONCURRENCY} at once", more),
        (f"{SAMPLE} senders, one after another", sample),
        (f"{MANY:,} senders, one after another (scaled from {SAMPLE})", scaled),
    ]
    print(table(rows))
    grown = f"{many.mebibytes - few.mebibytes:+.1f} MiB from {FEW} to {MANY:,} senders, {more.mebibytes - many.mebibytes:+.1f} MiB to {MORE:,}"
    print(f"\n{scaled.seconds / many.seconds:.1f} times faster; {grown}")


def main() -> None:
    """Print both tables; with --goals the first alone."""
    os.environ["MAILWRIGHT_BENCHMARK"] = PASSWORD
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as installed packages are
    with tempfile.TemporaryDirectory() as name:
        goals(Path(name))
        if "--goals" not in sys.argv:
            print()
            fleet(Path(name))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        asyncio.run(serve(Path(sys.argv[2]), float(sys.argv[3])))
    else:
        main()
