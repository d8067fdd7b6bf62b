"""What other people's tools say of the files of a release."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

BIN = Path(sys.executable).parent
IMPORTER = """\
[galaxy-importer]
CHECK_REQUIRED_TAGS = True
CHECK_CHANGELOG = True
RUN_ANSIBLE_DOC = True
RUN_ANSIBLE_LINT = False
RUN_ANSIBLE_TEST = False
RUN_FLAKE8 = False
"""
"""galaxy-importer's settings: those of Galaxy, but for what other tests do (ansible-lint, style) and for what fetches containers."""


def problems(root: Path, output: Path) -> list[str]:
    """Return what is wrong with a release's files, a text a tool; the one that takes long is asked when the others are content."""
    packages = [str(path) for path in sorted(output.iterdir()) if path.suffix == ".whl" or path.match("mailwright-[0-9]*.tar.gz")]
    (collection,) = output.glob("mailwright-wso2is-*.tar.gz")
    said = [
        _sums(output),
        _said("twine", "check", "--strict", *packages),
        _said("check-wheel-contents", *(name for name in packages if name.endswith(".whl")), folder=root),
        _said("pyroma", "--min=10", str(root)),
        _said("antsibull-changelog", "lint", folder=root / "ansible"),
    ]
    return [text for text in said if text] or [text for text in [_imported(collection)] if text]


def _said(program: str, *arguments: str, folder: Path | None = None) -> str:
    """Return what a tool says, if it is not content."""
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "NO_COLOR": "1"}
    command = [str(BIN / program), *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return f"{program}:\n{done.stdout}" if done.returncode else ""


def _imported(collection: Path) -> str:
    """Return what galaxy-importer has against a collection: errors, and warnings too."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "galaxy-importer.cfg"
        settings.write_text(IMPORTER, encoding="utf-8")
        environment = {
            **os.environ,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "GALAXY_IMPORTER_CONFIG": str(settings),
            "ANSIBLE_HOME": folder,
            "HOME": folder,
            "LC_ALL": "C.UTF-8",
        }
        command = [sys.executable, "-m", "galaxy_importer.main", str(collection)]
        done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    bad = [line for line in done.stdout.splitlines() if line.startswith(("ERROR", "WARNING"))]
    return "galaxy-importer:\n" + ("\n".join(bad) or done.stdout) if bad or done.returncode else ""


def _sums(output: Path) -> str:
    listed = [line.split("  ") for line in (output / "SHA256SUMS").read_text(encoding="utf-8").splitlines()]
    wrong = [name for digest, name in listed if hashlib.sha256((output / name).read_bytes()).hexdigest() != digest]
    missing = {path.name for path in output.iterdir()} - {name for _, name in listed} - {"SHA256SUMS"}
    return f"SHA256SUMS: {', '.join([*wrong, *sorted(missing)])}" if wrong or missing else ""
