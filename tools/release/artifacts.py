"""Every file of a release, the same to the byte wherever and whenever it is built from a commit.

They are built from the commit, not from the folder: what lies there besides gets into no file. Times are the commit's, or those of
SOURCE_DATE_EPOCH; owners, modes and orders are always the same.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from versions import Refused

BIN = Path(sys.executable).parent
LOCK = "requirements/runtime.txt"


def build(root: Path, version: str, output: Path) -> None:
    """Write wheel, source distribution, collection, requirements, bill of materials and checksums into a folder, which is made anew."""
    output.mkdir(parents=True, exist_ok=True)
    for old in output.iterdir():
        old.unlink()
    epoch = os.environ.get("SOURCE_DATE_EPOCH") or _git(root, "log", "-1", "--format=%ct").decode().strip()
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        with tarfile.open(fileobj=io.BytesIO(_git(root, "archive", "--format=tar", "HEAD"))) as tar:
            tar.extractall(tree, filter="data")
        fixed = {"SOURCE_DATE_EPOCH": epoch, "PYTHONHASHSEED": "0", "PYTHONPATH": "", "LC_ALL": "C.UTF-8", "ANSIBLE_HOME": folder}
        environment = {**os.environ, **fixed}
        _run([sys.executable, "-m", "hatchling", "build", "-d", str(output)], tree, environment)
        made = Path(folder) / "collection"
        _run([BIN / "ansible-galaxy", "collection", "build", "ansible", "--output-path", made], tree, environment)
        for archive in made.iterdir():
            (output / archive.name).write_bytes(_settled(archive, int(epoch)))
        _write_requirements(tree, output, version)
        bill = output / f"mailwright-{version}.cdx.json"
        options = ["--pyproject", "pyproject.toml", "--output-reproducible", "--spec-version", "1.6", "--output-file", bill]
        _run([BIN / "cyclonedx-py", "requirements", LOCK, *options], tree, environment)
        _settle_bill(bill, version, int(epoch))
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(output.iterdir())]
    (output / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


def _write_requirements(tree: Path, output: Path, version: str) -> None:
    """Write what ``pip install --require-hashes`` takes: the wheel, and the lock of all that it needs, with hashes."""
    (wheel,) = output.glob("*.whl")
    (output / f"mailwright-{version}.requirements.txt").write_text(
        f"# mailwright {version} with what plan, apply and verify need; docs/release.md says how it is installed and mirrored.\n"
        f"mailwright=={version} \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
        + (tree / LOCK).read_text(encoding="utf-8"),
        encoding="utf-8",
    )


def _settle_bill(bill: Path, version: str, epoch: int) -> None:
    """Give a bill of materials its version, which stands in no line of pyproject.toml, and its time; leave out how the lock spells a line."""
    document = json.loads(bill.read_text(encoding="utf-8"))
    document["metadata"]["timestamp"] = datetime.fromtimestamp(epoch, UTC).isoformat()
    document["metadata"]["component"]["version"] = version
    for part in document["components"]:
        del part["description"]
    bill.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _settled(archive: Path, epoch: int) -> bytes:
    """Return a collection's archive with its files in order, and with neither times nor owners of the machine that built it."""
    with tarfile.open(archive) as tar:
        members = {member.name: (member, (tar.extractfile(member) or io.BytesIO()).read()) for member in _files(tar)}
    listed: dict[str, Any] = json.loads(members["FILES.json"][1])
    listed["files"].sort(key=lambda entry: str(entry["name"]))
    files = json.dumps(listed, indent=True).encode()
    manifest: dict[str, Any] = json.loads(members["MANIFEST.json"][1])
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(files).hexdigest()
    texts = {"FILES.json": files, "MANIFEST.json": json.dumps(manifest, indent=True).encode()}
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=epoch) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name, (member, data) in sorted(members.items()):
            text = texts.get(name, data)
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime, entry.type = len(text), epoch, member.type
            entry.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            tar.addfile(entry, io.BytesIO(text) if member.isfile() else None)
    return packed.getvalue()


def _files(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    for member in tar:
        if not (member.isfile() or member.isdir()):
            raise Refused(f"{member.name}: neither a file nor a folder")
        yield member


def _git(root: Path, *words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=root, capture_output=True, check=True).stdout


def _run(command: list[str | Path], folder: Path, environment: dict[str, str]) -> None:
    """Run a tool.

    Raises:
        Refused: it failed; with what it said.
    """
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise Refused(f"{Path(command[0]).name} failed:\n{done.stdout}")
