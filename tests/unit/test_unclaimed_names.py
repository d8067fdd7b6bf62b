"""No file makes anybody install this project by its bare name from an index: until it is published, that name is whoever's who takes it."""

from __future__ import annotations

import re
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAME = r"mailwright(?:\[[\w,-]+\])?"
INSTALLS = re.compile(
    r"\b(?:pip3? (?:install|download)|pipx (?:install|run)|uvx|uv (?:tool (?:install|run)|add|run))\b([^\n`#|;&]*)"
)
BARE = {
    "a version": re.compile(rf"{NAME}\s*[=~<>]=\s*\d"),
    "a line of requirements": re.compile(rf"^\s*(?:-\s+)?{NAME}\s*$", re.MULTILINE),
    "Galaxy": re.compile(r"\bcollection install(?: -\S+)* mailwright\.wso2is\b"),
    "requirements of Galaxy": re.compile(r"^\s*- name: mailwright\.wso2is\s*$(?!\n\s+(?:source|type): )", re.MULTILINE),
    "a registry of images": re.compile(
        r"\b(?:ghcr\.io|docker\.io|quay\.io)/mailwright\b|\b(?:docker|podman) (?:run|pull)[^\n]* mailwright/"
    ),
}
OURS = {
    "CHANGELOG.md": "tells history",
    "pyproject.toml": "its extras name each other",
    "tools/release/artifacts.py": "writes the line with its hash",
    "tests/": "what is not shipped",
}


def files() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("no checkout of git")
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    return [name for name in names if not name.startswith(tuple(OURS)) and not name.endswith((".png", ".svg"))]


def bare(text: str) -> list[str]:
    """Return what would install this project by its name; with an address behind the name, or a file, it is not the index that decides."""
    found = [f"{kind}: {match[0].strip()}" for kind, pattern in BARE.items() for match in pattern.finditer(text)]
    for match in INSTALLS.finditer(text):
        words = [word.strip("'\",.()") for word in match[1].split()] + [""]
        named = [word for word, after in pairwise(words) if re.fullmatch(rf"{NAME}(?:[=~<>]=.*)?", word) and after != "@"]
        found += [f"an installer: {match[0].strip()}"] if named else []
    return found


def test_no_file_names_an_unclaimed_package() -> None:
    names = files()
    assert {".pre-commit-hooks.yaml", "README.md", "ansible/execution-environment.yml", "templates/init/github.yaml.j2"} <= set(
        names
    )
    found = {name: said for name in names if (said := bare((ROOT / name).read_bytes().decode("utf-8", "replace")))}
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "pip install mailwright",
        "python -m pip install --quiet 'mailwright[tenants,verify]'",
        "hint=\"pip install 'mailwright[verify]', or\"",
        "run `pip install mailwright`.",
        "pipx install mailwright==0.1.0",
        "uv tool install mailwright",
        "uvx mailwright validate",
        "uv run --with mailwright mailwright",
        "mailwright[tenants,verify]==0.1.0",
        "additional_dependencies:\n  - mailwright\n",
        "mailwright[tenants,verify]\n",
        "ansible-galaxy collection install mailwright.wso2is",
        "collections:\n  - name: mailwright.wso2is\n",
        "docker run --rm ghcr.io/mailwright/mailwright",
    ],
)
def test_the_check_finds(text: str) -> None:
    assert bare(text)


@pytest.mark.parametrize(
    "text",
    [
        "pip install .",
        "pip install '.[tenants]' # what mailwright plan needs",
        'pip install "mailwright[tenants,verify] @ git+https://git.example.com/mailwright.git@v0.1.0"',
        'pip install "git+https://git.example.com/mailwright.git@v0.1.0"',
        "pip install --require-hashes --find-links . --requirement mailwright-*.requirements.txt",
        "pip install ./mailwright-0.1.0-py3-none-any.whl",
        "collections:\n  - name: release/mailwright-wso2is.tar.gz\n    type: file\n",
        "- role: mailwright.wso2is.email_sender",
        "ansible-galaxy collection install ./ansible",
        "with pip, mailwright is installed",
    ],
)
def test_the_check_leaves_alone(text: str) -> None:
    assert bare(text) == []
