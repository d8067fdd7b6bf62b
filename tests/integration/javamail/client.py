"""JavaMail in a process of its own: one JVM with one trust store, many connections at once."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from peers import ACTIVATION, JAVAMAIL, find

SOURCE = Path(__file__).with_name("MailClient.java")
STORE_PASSWORD = "changeit"


@dataclass(frozen=True)
class Answer:
    """What JavaMail itself says: ``connected``, ``failed`` or ``hung``, and its exceptions, one a line."""

    outcome: str
    ms: int
    error: str


class JavaMail:
    """Compile and start the client; the trust store is the JVM's own, as on a server. *names* have these addresses; *options* are the JVM's."""

    def __init__(self, folder: Path, anchors: Mapping[str, bytes], names: Mapping[str, Sequence[str]], *options: str) -> None:
        classes = f"{JAVAMAIL}:{ACTIVATION}"
        _run("javac", "-cp", classes, "-d", str(folder), str(SOURCE))
        store = folder / "truststore.jks"
        for alias, pem in anchors.items():
            (folder / f"{alias}.pem").write_bytes(pem)
            where = ("-storetype", "JKS", "-keystore", str(store), "-storepass", STORE_PASSWORD)
            _run("keytool", "-importcert", "-noprompt", "-alias", alias, "-file", str(folder / f"{alias}.pem"), *where)
        hosts = folder / "hosts"
        hosts.write_text(
            "".join(f"{address} {name}\n" for name, addresses in names.items() for address in addresses), encoding="ascii"
        )
        self._process = subprocess.Popen(
            [
                str(find("java")),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                f"-Djdk.net.hosts.file={hosts}",
                f"-Djavax.net.ssl.trustStore={store}",
                f"-Djavax.net.ssl.trustStorePassword={STORE_PASSWORD}",
                *options,
                "-cp",
                f"{folder}:{classes}",
                "MailClient",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        self._lock, self._asked = threading.Lock(), 0
        self._waiting: dict[int, threading.Event] = {}
        self._answers: dict[int, Answer] = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.kill()
        self._process.wait(60)
        self._reader.join(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def connect(self, properties: Mapping[str, str], token: str, seconds: float) -> Answer:
        """Connect with *properties*; the answer is ``hung`` when it takes longer than *seconds*."""
        texts = [token, *(text for pair in properties.items() for text in pair)]
        event = threading.Event()
        with self._lock:
            self._asked += 1
            number = self._asked
            self._waiting[number] = event
            assert self._process.stdin is not None
            fields = [str(number), str(seconds), *(base64.b64encode(text.encode()).decode() for text in texts)]
            self._process.stdin.write("\t".join(fields).encode() + b"\n")
            self._process.stdin.flush()
        assert event.wait(seconds + 30), "JavaMail's process does not answer"
        return self._answers.pop(number)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            number, outcome, ms, error = line.decode().rstrip("\n").split("\t")
            self._answers[int(number)] = Answer(outcome, int(ms), base64.b64decode(error).decode())
            self._waiting.pop(int(number)).set()


def _run(command: str, *arguments: str) -> None:
    done = subprocess.run([str(find(command)), *arguments], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
