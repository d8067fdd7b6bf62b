"""The container, where nothing builds one: it is linted, its steps are run by hand into a folder, and what comes of it runs as the image would.

.github/workflows/ci.yml builds it and runs it. Here the paths of its steps lead into a folder, and the Python is one of this machine; the
program runs with the image's environment and packages alone, and writes nowhere.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from mailwright import __version__
from peers import fetch, pip, require

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".venv-release" / "bin"
CONTAINERFILE = ROOT / "Containerfile"
ENVIRONMENT = ROOT / "ansible" / "execution-environment.yml"


def steps(text: str) -> Iterator[tuple[str, str]]:
    """Yield the instructions of a Containerfile, continued lines as one."""
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if line and not line.startswith("#"):
            instruction, _, rest = line.partition(" ")
            yield instruction, rest


STEPS = list(steps(CONTAINERFILE.read_text(encoding="utf-8")))


def only(instruction: str, text: list[tuple[str, str]]) -> str:
    (found,) = [rest for name, rest in text if name == instruction]
    return found


@pytest.mark.parametrize(
    ("edit", "code"), [(("", ""), 0), (("USER 65532:65532", "USER root"), 1), (("@sha256:8d", ":latest@sha256:8d"), 0)]
)
def test_hadolint(edit: tuple[str, str], code: int, tmp_path: Path) -> None:
    require(TOOLS / "hadolint")
    (tmp_path / "Containerfile").write_text(CONTAINERFILE.read_text(encoding="utf-8").replace(*edit), encoding="utf-8")
    done = subprocess.run([TOOLS / "hadolint", "--no-color", tmp_path / "Containerfile"], capture_output=True, text=True)
    assert (done.returncode, done.stdout == "") == (code, not code), done.stdout


def test_it_is_what_it_says() -> None:
    """Bases by digest, two stages, a user by number, the command as entry point, and no shell in what runs."""
    bases = [rest for name, rest in STEPS if name == "FROM"]
    assert len(bases) == 2
    assert all(re.fullmatch(r"\S+@sha256:[0-9a-f]{64}( AS \w+)?", base) for base in bases)
    last = STEPS[STEPS.index(("FROM", bases[1])) :]
    assert "distroless" in bases[1]
    assert [name for name, _ in last] == ["FROM", "COPY", "ENV", "USER", "WORKDIR", "ENTRYPOINT", "CMD"]
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", only("USER", last))
    assert json.loads(only("ENTRYPOINT", last))[-2:] == ["-m", "mailwright"]
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert (ignored[0], "!*.whl" in ignored) == ("*", True)


@pytest.mark.network
@pytest.mark.usefixtures("package_index")
def test_its_steps_by_hand(dist: Path, tmp_path: Path) -> None:
    packages, work = tmp_path / "mailwright", tmp_path / "work"
    script = only("RUN", STEPS).replace("/release", str(dist)).replace("/opt/mailwright", str(packages))
    ours = " ".join(str(word) for word in pip())
    assert script.startswith("python -m pip ")
    fetch("packages that the image holds", ["sh", "-ec", script.replace("python -m pip", ours, 1)], seconds=120, cwd=tmp_path)
    work.mkdir()
    shutil.copy(ROOT / "examples" / "demo" / "email.yaml", work)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    environment = dict(word.split("=") for word in only("ENV", STEPS).split())
    assert environment.pop("PYTHONPATH") == "/opt/mailwright"
    entry = [sys.executable, "-S", *json.loads(only("ENTRYPOINT", STEPS))[1:]]  # nothing of this environment
    for words, said in (
        ([*json.loads(only("CMD", STEPS))], "Usage: "),
        (["--version"], __version__),
        (["validate", "email.yaml"], ""),
    ):
        command, alone = [*entry, *words], {**environment, "PYTHONPATH": str(packages)}
        done = subprocess.run(command, cwd=work, env=alone, capture_output=True, text=True)
        assert (done.returncode, said in done.stdout) == (0, True), done.stdout + done.stderr
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before, "it writes into the image"


def test_ansible_builder_takes_the_execution_environment(dist: Path, tmp_path: Path) -> None:
    require(TOOLS / "ansible-builder")
    shutil.copytree(dist, tmp_path / "release")
    shutil.copy(ENVIRONMENT, tmp_path)
    command = [TOOLS / "ansible-builder", "create", "--output-filename", "Containerfile"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    made = (tmp_path / "context" / "Containerfile").read_text(encoding="utf-8")
    wanted = yaml.safe_load(ENVIRONMENT.read_text(encoding="utf-8"))
    assert re.search(r"@sha256:[0-9a-f]{64}$", wanted["images"]["base_image"]["name"])
    assert all(step in made for step in wanted["additional_build_steps"]["append_final"])
    assert "--require-hashes" in made
    copied = {path.name for path in (tmp_path / "context" / "_build" / "release").iterdir()}
    assert copied == {path.name for path in dist.iterdir()}
