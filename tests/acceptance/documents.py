"""A page of the documentation, followed to the letter: its files are written and its commands run, in the order of the page, in a clean folder.

What a page may hold:

- A block after ``<!-- file: NAME -->`` is a file. The text before it names the file, for the comment is not shown.
- A ``sh`` block is commands, each of which has to succeed. They are run by bash, so that ``export`` and ``cd`` last.
- A ``console`` block has commands after ``$``, and below each what it prints: all of it, stdout and stderr. A line ``…`` stands for any lines.
- A command that ends in ``&`` is a server. The page goes on when it has printed what stands below it.
- A ``python`` block is code, and the ``text`` block below it what it prints. The blocks of a page share their names.
- A block after ``> **Not run by the tests:** why`` is not run.
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"<!-- file: (\S+) -->\s*\Z")
NOT_RUN = re.compile(r"^> \*\*Not run by the tests:\*\* (.*(?:\n> .*)*)\n*\Z", re.MULTILINE)
READER = "/home/you"
"""What a reader's home is called where a command prints it; the pages are followed in its folder ``mail``."""

ENDS = "\x1e"
SECONDS = 60.0


@dataclass(frozen=True)
class Block:
    """A fenced block of a page.

    Attributes:
        before: The page up to the block.
    """

    language: str
    text: str
    before: str

    @property
    def file(self) -> str | None:
        """The file that it is."""
        match = FILE.search(self.before)
        return match and match[1]

    @property
    def not_run(self) -> str | None:
        """Why it is not run."""
        match = NOT_RUN.search(self.before)
        return match and " ".join(match[1].replace("\n>", " ").split())


def blocks(text: str) -> list[Block]:
    """Return the fenced blocks of a page."""
    return [Block(match[1], match[2], text[: match.start()]) for match in BLOCK.finditer(text)]


def commands(block: Block) -> list[tuple[str, str | None]]:
    """Return the commands of a block, each with what it should print; None where the page does not say."""
    if block.language == "console":
        found = re.findall(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", block.text, re.MULTILINE)
        return [(command, printed) for command, printed in found]
    if block.language in ("sh", "bash"):
        lines = re.sub(r"\\\n\s*", "", block.text).splitlines()
        return [(line, None) for line in lines if line.strip() and not line.startswith("#")]
    return []


def follow(text: str, home: Path, elsewhere: dict[str, str] | None = None) -> Iterator[tuple[str, str, str]]:
    """Follow a page; yield each command that fails or prints something else, with what the page says and what it printed.

    Args:
        text: The page.
        home: A clean folder, which is the reader's home.
        elsewhere: Commands that are not run here, each with the reason.
    """
    ports = free_ports(served(text), other_than=re.findall(r"\b\d{4}\b", text))
    text = replaced(text, ports)
    back = {ours: theirs for theirs, ours in ports.items()}
    following = blocks(text)
    with _shell(home) as shell:
        python = _Python(shell)
        for block, after in zip(following, [*following[1:], None], strict=True):
            if block.file:
                shell.write(block.file, block.text)
            elif block.not_run:
                continue
            elif block.language == "python" and after is not None and after.language == "text":
                said = python.run(block.text)
                if not agree(after.text, said):
                    yield block.text, after.text, replaced(said, back)
            for command, expected in [] if block.file else commands(block):
                line = command.partition(" #")[0].strip()
                if any(line == each or line.startswith(f"{each} ONLY=") for each in elsewhere or {}):
                    continue
                code, said = shell.run(command, expected)
                if not agree(expected, said.replace(str(home), READER)) if expected is not None else code:
                    wanted = "exit code 0\n" if expected is None else expected
                    yield replaced(command, back), replaced(wanted, back), replaced(said.replace(str(home), READER), back)


def agree(expected: str, said: str) -> bool:
    """Tell whether a page says what was printed, but for times, days and what ``…`` leaves out."""
    parts = (re.escape(part) for part in re.split(r"^ *…\n", plain(expected), flags=re.MULTILINE))
    return re.fullmatch("(?:.*\n)*?".join(parts), plain(said)) is not None


def difference(expected: str, said: str) -> str:
    """Return both as a diff."""
    return "".join(difflib.unified_diff(expected.splitlines(True), said.splitlines(True), "the page", "the command"))


def plain(text: str) -> str:
    """Return a text without what differs from run to run: times, days, names of backups and messages."""
    text = re.sub(r" +\d+[ \xa0]ms$", "", text, flags=re.MULTILINE)
    text = re.sub(r" *\b\d+(\.\d+)? (ms|s|seconds)\b", r" N \2", text)
    text = re.sub(r"\b\d+ days?\b", "N days", text)
    text = re.sub(r"\bmailwright-\d{8}T\d{6}-\d{6}\b", "mailwright-STAMP", text)
    text = re.sub(r"\b20\d\d-\d\d-\d\d(T[\d:.]+Z?)?", "DATE", text)
    return re.sub(r"<mailwright\.[^>]+>", "<mailwright.ID>", re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE))


def served(text: str) -> list[str]:
    """Return the ports that a page's servers listen on."""
    return sorted(set(re.findall(r"sandbox (?:smtp|is)\b.*?--port (\d{4})\b", re.sub(r"\\\n\s*", "", text))))


def free_ports(asked: list[str], other_than: Collection[str] = ()) -> dict[str, str]:
    """Return for each port that a page's servers listen on one that is free here, as long, and none that the page means something by."""
    free: list[str] = []
    held = []
    for candidate in range(2000 + os.getpid() % 7000, 10_000):
        if len(free) == len(asked):
            break
        if str(candidate) in other_than:
            continue
        listener = socket.socket()
        try:
            listener.bind(("127.0.0.1", candidate))
        except OSError:
            listener.close()
            continue
        held.append(listener)
        free.append(str(candidate))
    for listener in held:
        listener.close()
    return dict(zip(asked, free, strict=True))


def replaced(text: str, ports: dict[str, str]) -> str:
    """Return a text with other ports."""
    return re.sub(r"\b\d{4}\b", lambda match: ports.get(match[0], match[0]), text)


@contextmanager
def _shell(home: Path) -> Iterator[_Shell]:
    with tempfile.TemporaryDirectory(prefix="mailwright-page-") as scratch:
        (home / "mail").mkdir()
        shell = _Shell(home, Path(scratch))
        try:
            yield shell
        finally:
            shell.close()


class _Shell:
    """A bash that runs one command after the other; what runs in the background ends with it."""

    LOOP = r"""while IFS= read -r -d '' -u 9 line; do eval "$line" </dev/null; printf '\036%s\036' "$?"; done"""

    def __init__(self, home: Path, scratch: Path) -> None:
        reading, self._writing = os.pipe()
        self.env = {
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        command = ["bash", "--noprofile", "--norc", "-c", f"exec 9<&{reading}; {self.LOOP}"]
        self.scratch = scratch
        self._process = subprocess.Popen(
            command,
            cwd=home / "mail",
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[reading],
            start_new_session=True,
        )
        os.close(reading)
        self._servers = 0

    def run(self, command: str, expected: str | None = None) -> tuple[int, str]:
        """Return the exit code and what was printed."""
        if re.search(r"(?<!&)&\s*\Z", command):
            return self._serve(command.rstrip(" &\n"), expected)
        os.write(self._writing, command.encode() + b"\0")
        return self._answer()

    def write(self, name: str, text: str) -> None:
        """Write a file, in the folder where the commands are run."""
        (self.scratch / "file").write_text(text, encoding="utf-8")
        code, said = self.run(
            f"mkdir -p {shlex.quote(os.path.dirname(name) or '.')} && cp {self.scratch}/file {shlex.quote(name)}"
        )
        assert code == 0, said

    def _answer(self) -> tuple[int, str]:
        assert self._process.stdout is not None
        said = bytearray()
        until = time.monotonic() + SECONDS
        os.set_blocking(self._process.stdout.fileno(), False)
        while said.count(ENDS.encode()) < 2:
            piece = self._process.stdout.read()
            said += piece or b""
            if not piece:
                if time.monotonic() > until or self._process.poll() is not None:
                    return -1, said.decode()
                time.sleep(0.005)
        text, code, _ = said.decode().split(ENDS)
        return int(code), text

    def _serve(self, command: str, expected: str | None) -> tuple[int, str]:
        self._servers += 1
        log = self.scratch / f"server{self._servers}"
        os.write(self._writing, f"{{ {command} ; }} >{log} 2>&1 &".encode() + b"\0")
        self._answer()
        until = time.monotonic() + SECONDS
        wanted = expected or ""
        said = ""
        while time.monotonic() < until and (said.count("\n") < max(1, wanted.count("\n"))):
            time.sleep(0.02)
            said = log.read_text(encoding="utf-8") if log.exists() else ""
        return 0 if said else -1, said if expected else ""

    def close(self) -> None:
        """End it, and all that it started."""
        os.close(self._writing)
        try:
            os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait(10)
        except ProcessLookupError:
            pass
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


class _Python:
    """A Python that runs the blocks of a page one after the other; it starts with the first, in the environment that the shell has then."""

    LOOP = (
        "import sys\nnames = {}\n"
        "for block in iter(lambda: sys.stdin.buffer.readline(), b''):\n"
        "    try:\n        exec(compile(eval(block), 'page', 'exec'), names)\n"
        "    except BaseException:\n        import traceback; traceback.print_exc()\n"
        f"    print({ENDS!r}, end='', flush=True)\n"
    )

    def __init__(self, shell: _Shell) -> None:
        self._shell = shell
        self._files: tuple[Path, Path] | None = None

    def run(self, code: str) -> str:
        """Return what a block prints."""
        scratch = self._shell.scratch
        asked, said = scratch / "asked", scratch / "said"
        if self._files is None:
            self._files = asked, said
            (scratch / "loop.py").write_text(self.LOOP, encoding="utf-8")
            os.mkfifo(asked)
            self._shell.run(f"python {scratch}/loop.py >{said} 2>&1 <{asked} & exec 8>{asked}")  # which waits until both are open
            self._read = 0
        with asked.open("wb") as pipe:
            pipe.write(repr(code).encode() + b"\n")
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            text = said.read_text(encoding="utf-8")[self._read :]
            if ENDS in text:
                self._read += text.index(ENDS) + 1
                return text.partition(ENDS)[0]
            time.sleep(0.01)
        return said.read_text(encoding="utf-8")[self._read :]


def rewritten(text: str, home: Path, elsewhere: dict[str, str] | None = None) -> str:
    """Return a page with what its commands really print."""
    written = 0  # up to where
    for command, expected, said in follow(text, home, elsewhere):
        for before in (f"$ {command}\n", f"```python\n{command}```\n\n```text\n"):
            at = text.find(before + expected, written)
            if at >= 0:
                text = text[:at] + before + said + text[at + len(before + expected) :]
                written = at + len(before + said)
    return text


if __name__ == "__main__":  # write into pages what their commands print
    import tempfile

    from test_pages import ELSEWHERE

    for name in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as place:
            page = Path(name)
            page.write_text(rewritten(page.read_text(encoding="utf-8"), Path(place), ELSEWHERE), encoding="utf-8")
